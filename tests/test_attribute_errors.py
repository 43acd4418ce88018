"""Errors of a machine by who speaks: differences, their intervals, and what must not be charted."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from conftest import rounds
from hypothesis import given, settings
from hypothesis import strategies as st

from research_lib.coding.assisted.attribute_errors import attribute_errors
from research_lib.coding.assisted.clustered_differences import clustered_means
from research_lib.coding.codings import as_codings
from research_lib.errors import CodingError, UnfitDataError

SHARES = {"fear": 0.3, "work": 0.15, "debt": 0.1}


def interviews(seed, *, bias, documents=80, sentences=25, men=0.5):
    """Interviews with men and women, coded by people and by a machine that finds 80 % of `fear`, less among women."""
    draw = np.random.default_rng(seed)
    of_document = np.repeat(np.arange(documents), sentences)
    is_woman = of_document >= documents * men
    start = np.tile(np.arange(sentences) * 10, documents)
    units = pd.DataFrame({"document": of_document.astype(str), "start": start, "end": start + 9})
    units["gender"] = np.where(is_woman, "woman", "man")
    rows = []
    for code, share in SHARES.items():
        shares = np.clip(draw.normal(share, 0.05, documents), 0.02, 0.9)[of_document]
        carries = draw.random(len(units)) < shares
        found = np.clip(draw.normal(0.8, 0.08, documents), 0, 1)[of_document] - bias * (is_woman & (code == "fear"))
        said = draw.random(len(units)) < np.where(carries, found, 0.04)
        rows += [units[carries].assign(code=code, coder="people"), units[said].assign(code=code, coder="machine")]
    return as_codings(pd.concat(rows).drop(columns="gender")), units


def compared(codings, units, **options):
    return attribute_errors(codings, units, machine="machine", people="people", attributes=["gender"], **options)


def barred(count, *, bias):
    return sum("gender" in compared(*interviews(seed, bias=bias)).must_not_chart for seed in range(count))


@pytest.mark.slow
def test_a_planted_bias_is_found_and_none_is_seen_where_there_is_none():
    """80 interviews of 25 sentences; the machine finds 80 % of what men say about fear, and 50 % of what women say.

    At night 100 of each.
    """
    count = rounds(20, nightly=100)
    assert barred(count, bias=0.3) >= 0.95 * count
    assert barred(count, bias=0.0) <= 0.05 * count


@pytest.mark.nightly
def test_false_alarms_are_rare_in_many_simulations():
    assert barred(1000, bias=0.0) <= 50


def test_the_table_says_what_the_machine_misses_and_of_whom():
    found = compared(*interviews(1, bias=0.5))
    row = found.differences.query("value == 'woman' and code == 'fear'").iloc[0]
    assert row["error"] < -0.1 and row["low"] < row["difference"] < row["high"] < 0
    assert (row["units"], row["documents"]) == (1000, 40)
    assert found.must_not_chart == {"gender": "the machine's error differs"}
    one = compared(*interviews(1, bias=0.5), codes=["fear"])
    assert one.verdicts["p"].iloc[0] == one.tests["p"].iloc[0] == one.tests["p"].iloc[1]


def test_what_cannot_be_tested_is_not_charted_and_says_why():
    codings, units = interviews(1, bias=0.0)
    few = units.assign(gender=units["gender"].where(units["document"].astype(int) > 2, "nobody said"))
    assert compared(codings, few).must_not_chart == {"gender": "nobody said stands in 3 documents, of 5 needed"}
    same = units.assign(gender="woman")
    assert compared(codings, same).must_not_chart == {"gender": "the units have fewer than two values of it"}
    with pytest.raises(CodingError, match="no column 'age'"):
        attribute_errors(codings, units, machine="machine", people="people", attributes=["age"])
    with pytest.raises(UnfitDataError, match="no document in common"):
        attribute_errors(codings, units, machine="nobody", people="people", attributes=["gender"])


def test_a_machine_that_is_always_right_may_be_charted():
    codings, units = interviews(1, bias=0.0)
    people = codings[codings["coder"] == "people"].drop(columns="id")
    both = as_codings(pd.concat([people, people.assign(coder="machine")]))
    found = compared(both, units)
    assert found.must_not_chart == {} and (found.differences["difference"] == 0).all()


def test_an_error_that_never_varies_within_a_group_is_still_a_difference():
    units = pd.DataFrame({"document": [str(at) for at in range(12)], "start": 0, "end": 5})
    units["gender"] = ["man", "woman"] * 6
    women = units["gender"] == "woman"
    people = units.assign(code="fear", coder="people")
    codings = as_codings(pd.concat([people, people[~women].assign(coder="machine")]).drop(columns="gender"))
    readers = pd.concat([units[["document"]].assign(coder=name) for name in ("people", "machine")])
    assert "gender" in compared(codings, units, readers=readers).must_not_chart


@settings(max_examples=rounds(20, nightly=1000), deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_the_variance_is_that_of_statsmodels(seed, is_shared):
    """For groups of the same number of documents, and for speakers of both groups in one document."""
    draw = np.random.default_rng(seed)
    documents = np.repeat(np.arange(20), 6)
    groups = np.tile([0, 1], 60) if is_shared else documents % 2
    values = draw.normal(size=20)[documents] + draw.normal(size=120)
    means = clustered_means(pd.DataFrame({"x": values}), pd.Series(groups), pd.Series(documents))
    model = sm.OLS(values, sm.add_constant(groups.astype(float)))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": documents, "use_correction": False})
    count = 20 if is_shared else 10
    assert means.joint_test([0]).within == pytest.approx(19) if is_shared else 9 <= means.joint_test([0]).within <= 18
    found = means.joint_test([0])
    assert found.f == pytest.approx(float(fit.tvalues[1]) ** 2 * (count - 1) / count)
    value, low, high = means.difference(1, 0)
    assert value == pytest.approx(fit.params[1]) and (low + high) / 2 == pytest.approx(value)


def test_the_joint_test_of_two_groups_is_hotellings_where_their_covariances_are_equal():
    """T² of two samples of 15 with the same scatter: F = T² (n1 + n2 - p - 1) / (p (n1 + n2 - 2))."""
    one = np.random.default_rng(5).normal(size=(15, 3))
    values = np.vstack([one, one + np.array([0.5, 0.2, 0.0])])
    groups = pd.Series(np.repeat(["a", "b"], 15))
    found = clustered_means(pd.DataFrame(values), groups, pd.Series(range(30))).joint_test(range(3))
    difference, pooled = values[:15].mean(0) - values[15:].mean(0), np.cov(one.T)
    squared = difference @ np.linalg.inv(pooled * (2 / 15)) @ difference
    assert (found.between, found.within) == (3, pytest.approx(26))
    assert found.f == pytest.approx(squared * 26 / (3 * 28))


def test_groups_that_cannot_be_compared_are_refused():
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0]})
    with pytest.raises(UnfitDataError, match="one group only"):
        clustered_means(table, pd.Series(["a"] * 3), pd.Series(range(3)))
    with pytest.raises(UnfitDataError, match="'b' has one document only"):
        clustered_means(table, pd.Series(["a", "a", "b"]), pd.Series(range(3)))
