"""Codes by interviews: what is printed, what was worked out by hand, what trying all choices gives, and refusals.

The worked example of Guest, Namey and Chen (2020) could not be read where this was written; their method stands on the
example worked out by hand below.
"""

import io
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_lib.errors import UnfitDataError
from research_lib.methods.saturation import (
    accumulation,
    coverage,
    incidence,
    saturation,
    unseen,
)

BARRO = Path(__file__).resolve().parents[2] / "shared/reference/methods/BCI_50x225_counts.csv"

# Six codes in 6, 3, 2, 1, 1, 1 of six interviews.
SIX = pd.read_csv(
    io.StringIO("""
       a b c d e f
    i1 1 1 0 0 0 0
    i2 1 0 1 0 0 0
    i3 1 1 0 1 0 0
    i4 1 0 1 0 1 0
    i5 1 1 0 0 0 0
    i6 1 0 0 0 0 1
    """),
    sep=r"\s+",
    index_col=0,
)

tables = st.lists(
    st.lists(st.booleans(), min_size=5, max_size=5).map(tuple), min_size=3, max_size=6
).map(lambda rows: pd.DataFrame(rows).astype(int))  # fmt: skip
tables = tables.map(lambda table: table.loc[:, table.any()]).filter(lambda table: table.shape[1] > 0)


def totals(interviews, **options):
    return unseen(interviews, **options).set_index("estimator")


@pytest.mark.skipif(not BARRO.exists(), reason="the folder with the larger published tables is not here")
def test_the_trees_of_barro_colorado_come_out_as_vegan_prints_them():
    trees = pd.read_csv(BARRO)
    found, curve = totals(trees), accumulation(trees).set_index("interviews")
    assert f"{found.at['chao2', 'total']:.6f} {found.at['chao2', 'se']:.6f}" == "236.373158 6.543610"
    assert f"{curve.at[1, 'codes']:.2f} {curve.at[10, 'codes']:.6f}" == "90.78 182.560444"


def test_six_interviews_worked_out_by_hand():
    found = totals(SIX)
    assert found["total"].to_dict() == pytest.approx({"chao2": 6 + 5 / 6 * 9 / 2})
    assert found.at["chao2", "se"] ** 2 == pytest.approx(36.5625)  # 3.75 + 18.75 + 14.0625
    # exp(1.959964 * sqrt(ln 3.6)) = 9.1913, and 6 + 3.75 divided and multiplied by it
    assert found.loc["chao2", ["total_low", "total_high"]].tolist() == pytest.approx([6.40799, 40.4673], rel=1e-4)
    assert coverage(SIX).loc[0, ["codes", "once", "twice"]].tolist() == [6, 3, 1]
    assert coverage(SIX).at[0, "coverage"] == pytest.approx(1 - 3 / 14 * 15 / 17)


def test_without_a_code_in_two_interviews_the_bias_corrected_form_is_taken():
    table = SIX[["a", "b", "d", "e", "f"]]
    found = totals(table).loc["chao2"]
    assert found["total"] == pytest.approx(5 + 5 / 6 * 3 * 2 / 2)
    assert found["se"] ** 2 == pytest.approx(5 / 6 * 3 + 25 / 36 * 3 * 25 / 4 - 25 / 36 * 81 / (4 * 7.5))


def test_the_median_over_all_orders_is_that_of_the_drawn_ones():
    orders = pd.Series(
        saturation(SIX.iloc[list(order)], bases=[2], runs=[1], thresholds=[0.0], draws=1).at[0, "as_held"]
        for order in product(range(6), repeat=6)
        if len(set(order)) == 6
    )
    found = saturation(SIX, bases=[2], runs=[1], thresholds=[0.0], draws=4000, seed=3).iloc[0]
    assert found["reached"] == pytest.approx(orders.notna().mean(), abs=0.02)
    worst = orders.fillna(np.inf)
    expected = [np.percentile(worst, q, method="inverted_cdf") for q in (5, 50, 95)]
    assert [*found[["low", "median", "high"]].fillna(np.inf)] == expected


@given(tables)
def test_the_curve_is_what_trying_all_choices_gives(table):
    curve = accumulation(table)
    for drawn in range(1, len(table) + 1):
        seen = [table.iloc[list(rows)].any().sum() for rows in combinations(range(len(table)), drawn)]
        row = curve.loc[drawn - 1]
        assert (row["codes"], row["sd"]) == pytest.approx((np.mean(seen), np.std(seen)), abs=1e-6)


@given(tables, st.randoms(use_true_random=False))
def test_order_of_interviews_and_codes_does_not_matter(table, random):
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows), random.shuffle(columns)
    mixed = table.loc[rows, columns] * 3
    for method in (unseen, coverage, accumulation):
        pd.testing.assert_frame_equal(method(mixed), method(table), check_exact=True)


@given(tables)
def test_interviews_held_twice_leave_nothing_unseen(table):
    twice = pd.concat([table, table], ignore_index=True)
    found = totals(twice)
    assert found.at["chao2", "unseen"] == 0
    assert found.at["chao2", "total_low"] >= table.shape[1] and np.isfinite(found.at["chao2", "total_high"])
    assert coverage(twice).at[0, "coverage"] == 1
    assert accumulation(twice, further=4)["codes"].iloc[-5:].tolist() == pytest.approx([table.shape[1]] * 5)


@given(tables)
def test_the_curve_rises_ever_less_and_ends_at_what_was_observed_and_then_at_chao2(table):
    curve = accumulation(table, further=4000)
    steps = np.diff(curve["codes"])
    assert (steps > -1e-9).all() and (np.diff(steps[: len(table) - 1]) < 1e-9).all()
    end = curve.loc[curve["kind"] == "all"].iloc[0]
    assert (end["interviews"], end["codes"], end["sd"]) == (len(table), table.shape[1], 0)
    assert curve["codes"].iloc[-1] == pytest.approx(totals(table).at["chao2", "total"], abs=1e-3)


def test_countries_are_what_each_gives_alone():
    country = {name: "FRA" if name < "i4" else "ITA" for name in SIX.index}
    for method in (unseen, coverage, accumulation):
        found = method(SIX, by=country)
        for name, part in {
            "FRA": SIX.loc["i1":"i3", ["a", "b", "c", "d"]],
            "ITA": SIX.loc["i4":].drop(columns="d"),
        }.items():
            alone = method(part).drop(columns="group")
            mine = found[found["group"] == name].drop(columns="group").reset_index(drop=True)
            pd.testing.assert_frame_equal(mine, alone)


@given(tables)
@settings(max_examples=20, deadline=None)
def test_a_stricter_threshold_and_a_longer_run_come_later_and_a_seed_repeats(table):
    options = {"bases": [1], "runs": [1, 2], "thresholds": [0.3, 0.0], "draws": 50, "seed": 7}
    if not table.iloc[0].any():
        return
    found = saturation(table, **options)
    pd.testing.assert_frame_equal(found, saturation(table, **options))
    for name in ("as_held", "low", "median", "high"):
        at = found.set_index(["run", "threshold"])[name].fillna(np.inf)
        assert at[1, 0.3] <= at[1, 0.0] <= at[2, 0.0] and at[1, 0.3] <= at[2, 0.3]


def test_codings_become_a_table_with_the_interviews_that_have_no_code():
    codings = pd.DataFrame(
        {
            "document": ["p", "p", "q", "p"],
            "code": ["debt", "debt", "debt", "kin"],
            "country": ["FRA", "FRA", "ITA", "FRA"],
        }
    )
    table = incidence(codings, documents=["q", "r", "p"])
    assert table.to_dict("index") == {
        "q": {"debt": 1, "kin": 0},
        "r": {"debt": 0, "kin": 0},
        "p": {"debt": 1, "kin": 1},
    }
    assert coverage(table).at[0, "interviews"] == 3
    assert list(incidence(codings).index) == ["p", "q"]
    with pytest.raises(UnfitDataError, match="lacks; add it there"):
        incidence(codings, documents=["p"])
    with pytest.raises(UnfitDataError, match="the document 'p' stands there twice"):
        incidence(codings, documents=["p", "q", "p"])
    with pytest.raises(UnfitDataError, match="column 'code' is missing; the columns are document"):
        incidence(codings.drop(columns="code"))
    with pytest.raises(UnfitDataError, match="row 1 of the codings: its code is empty; fill it in"):
        incidence(codings.assign(code=["debt", None, "kin", "kin"]))
    with pytest.raises(UnfitDataError, match="two columns are named 'code'; rename one"):
        incidence(pd.concat([codings, codings[["code"]]], axis=1))


@pytest.mark.parametrize(
    ("column", "ask"),
    [
        ("document", incidence),
        ("code", incidence),
    ],
)
def test_blank_text_in_codings_is_refused(column, ask):
    codings = pd.DataFrame({"document": ["p", "q"], "code": ["debt", "kin"], "country": ["FRA", "ITA"]})
    with pytest.raises(
        UnfitDataError, match=f"column '{column}' of the codings: some cells are blank text; write None"
    ):
        ask(codings.assign(**{column: ["p", " "]}))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (SIX.iloc[:0], "the table is empty"),
        (SIX.assign(g=0), "no interview has the code 'g'; leave it out"),
        (SIX.loc[["i1"], ["a", "b"]], "one interview; at least two"),
        (SIX.replace(0, -1), "interview 'i1', code 'c': .*-1.* is not a count; give how often"),
        (SIX * 0.5, "interview 'i1', code 'a': .*0.5.* is not a count"),
        (SIX.astype(object).replace(0, "no"), "code 'c': 'no' is not a count; give 0 where"),
        (SIX.replace(0, np.nan), "code 'c': .*nan.* is not a count; give 0 where"),
        (pd.concat([SIX, SIX.iloc[:1]]), "the interview 'i1' stands there twice"),
        (pd.concat([SIX, SIX[["b"]]], axis=1), "the code 'b' stands there twice"),
    ],
)
def test_a_table_that_cannot_be_counted_is_refused_with_its_place(table, says):
    for method in (unseen, coverage, accumulation, saturation):
        with pytest.raises(UnfitDataError, match=says):
            method(table)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: saturation(SIX), "'all' has 6 interviews; a base of 4 and a run of 3 need 7"),
        (lambda: saturation(SIX, bases=[2], thresholds=[5]), "5 in a hundred is 0.05"),
        (lambda: saturation(SIX, bases=[2], draws=0), "draws is 0; write a whole number from 1"),
        (lambda: saturation(SIX, bases=4), "bases is 4; write a list"),
        (lambda: saturation(SIX, bases=()), r"bases is empty; write a list"),
        (lambda: saturation(SIX, bases=[True]), "base is True; write a whole number from 1"),
        (lambda: saturation(SIX, bases=[2], thresholds=["few"]), "the threshold 'few' is not a share"),
        (lambda: saturation(SIX, bases=[2], seed=-1), "seed is -1; write a whole number from 0"),
        (lambda: saturation(SIX, bases=[2], seed="a"), "seed is 'a'"),
        (lambda: unseen(SIX, level="a"), "level is 'a'; write a share"),
        (lambda: accumulation(SIX, further=1.5), "further is 1.5"),
        (lambda: coverage(SIX, by=list("FFFIII")), "`by` must say which interview is in which group"),
        (lambda: unseen(SIX, level=95), "such as 0.95"),
        (lambda: accumulation(SIX, further=-1), "further is -1"),
        (lambda: unseen(SIX, by={"i1": "FRA"}), "no group for the interview 'i2'; add it"),
        (lambda: unseen(SIX, by=dict(zip(SIX.index, [1, 1, 1, "1", "1", "1"], strict=True))), "two groups that are both written '1'; rename one"),
        (lambda: unseen(SIX, by=dict(zip(SIX.index, ["F", "F", "F", " ", " ", " "], strict=True))), "`by`: some cells are blank text"),
        (lambda: unseen(SIX, by=dict.fromkeys(SIX.index, "FRA") | {"i1": "ITA"}), "'ITA' has one interview"),
        (lambda: coverage(SIX.assign(a=[0, 0, 1, 1, 1, 1])[["a"]], by=dict(zip(SIX.index, "FFIIII", strict=True))), "of the group 'F' has a code"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(ask, says):
    with pytest.raises(UnfitDataError, match=says):
        ask()


def test_groups_are_matched_by_the_name_of_the_interview_and_not_by_place():
    by = pd.Series(list("FFFIII"), index=SIX.index)
    pd.testing.assert_frame_equal(coverage(SIX, by=by[::-1]), coverage(SIX, by=by))
