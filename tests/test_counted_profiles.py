"""Profiles as they are counted: cross-tables, standardised shares, and what rounded and hidden tables leave open.

Published values: Das Gupta's household headship rates. The rest holds by reasoning: the same relabelled, split or
permuted, and released ranges that must hold the true value.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import rounds, sample_of_today
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from research_lib.compare.profiles import contrast
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.released import Released, open_release
from research_lib.errors import UnfitDataError
from research_lib.interviews.answer_table import answers, group_answers
from research_lib.interviews.cases import Cases, for_release
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION
from research_lib.methods.standardisation import (
    count_ranges,
    cross_tabulate_released,
    decompose,
    standardise,
)
from research_lib.methods.standardisation.direct_standardisation import mover
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.missing_answers import MISSING, UNANSWERED

DATA = Path(__file__).resolve().parents[1] / "data"

# Household headship in the United States, 1970 and 1985, percent of the population and rate per 100: Das Gupta (1993),
# Standardization and Decomposition of Rates, table 5.1; the results as the README of R's DasGuptR 2.1.0 prints them.
HEADSHIP = """
15-19 12.9 1.9  10.1 2.2
20-24 10.9 25.8 11.2 24.3
25-29 9.5  45.7 11.6 45.8
30-34 8.0  49.6 10.9 52.5
35-39 7.8  51.2 9.4  56.1
40-44 8.4  51.6 7.7  55.6
45-49 8.6  51.8 6.3  56.0
50-54 7.8  54.9 6.0  57.4
55-59 7.0  58.7 6.3  57.2
60-64 5.9  60.4 5.9  61.2
65-69 4.7  62.8 5.1  63.9
70-74 3.6  66.6 4.0  68.6
75+   4.9  66.8 5.5  72.2
"""


def cells(entries: dict[tuple[str, str], tuple[float, float]]) -> pd.DataFrame:
    """Counts of yes and no from (group, stratum): (yes, all)."""
    rows = [
        (group, stratum, said, number)
        for (group, stratum), (yes, base) in entries.items()
        for said, number in (("yes", yes), ("no", base - yes))
    ]
    return pd.DataFrame(rows, columns=["group", "stratum", "said", "n"])


SAID = {"groups": "group", "strata": "stratum", "outcome": "said", "answer": "yes", "count": "n"}


def exact_shares(frame: pd.DataFrame, rows: list[str] | str, columns: str, count: str) -> pd.DataFrame:
    """The count, base, share and Wilson's interval of each answer within groups, by pandas and statsmodels."""
    sides = [rows] if isinstance(rows, str) else rows
    known = frame[~frame[[*sides, columns]].isin(UNANSWERED).any(axis=1)]
    cells = known.groupby([*sides, columns], as_index=False)[count].sum().rename(columns={count: "count"})
    cells["base"] = cells.groupby(sides)["count"].transform("sum")
    low, high = proportion_confint(cells["count"], cells["base"].clip(lower=1), method="wilson")
    return cells.assign(share=cells["count"] / cells["base"], low=low, high=high)


def test_household_headship_is_decomposed_as_printed():
    entries = {}
    for line in HEADSHIP.strip().splitlines():
        age, *row = line.split()
        for year, size, rate in (("1970", *row[:2]), ("1985", *row[2:])):
            entries[year, age] = (round(float(size) * float(rate) * 100), round(float(size) * 10_000))
    found = decompose(cells(entries), **SAID, between=("1985", "1970"))
    parts = (found.composition, found.rates, found.difference)
    assert [round(100 * part, 4) for part in parts] == [1.2269, 1.7403, 2.9672]
    crude = standardise(cells(entries), **SAID).groups["crude"]
    assert [round(100 * share, 4) for share in crude] == [44.7268, 47.6940]


def test_the_interval_of_a_share_is_that_of_statsmodels():
    bases = np.arange(1, 60)
    for share in (0, 0.2, 0.5, 1):
        counts = np.rint(share * bases)
        for level in (0.9, 0.95):
            for mine, theirs in zip(
                wilson_interval(counts, bases, level),
                proportion_confint(counts, bases, 1 - level, "wilson"),
                strict=True,
            ):
                assert mine == pytest.approx(theirs)


bases = st.integers(1, 40)
strata_of_two = st.lists(st.tuples(bases, bases, st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=5)


def drawn(rows: list[tuple[int, int, float, float]]) -> dict[tuple[str, str], tuple[float, float]]:
    entries: dict[tuple[str, str], tuple[float, float]] = {("a", "s0"): (1, 2), ("b", "s0"): (1, 2)}
    for place, (one, two, p, q) in enumerate(rows, 1):
        entries |= {("a", f"s{place}"): (round(one * p), one), ("b", f"s{place}"): (round(two * q), two)}
    return entries


@settings(deadline=None, max_examples=15)
@given(strata_of_two)
def test_the_own_composition_as_standard_gives_the_crude_share(rows):
    for group in ("a", "b"):
        row = standardise(cells(drawn(rows)), **SAID, standard=group).groups.set_index("group").loc[group]
        assert row["standardised"] == pytest.approx(row["crude"])
        assert 0 <= row["low"] <= row["standardised"] <= row["high"] <= 1


@settings(deadline=None, max_examples=15)
@given(strata_of_two, st.randoms(use_true_random=False))
def test_relabelled_and_permuted_strata_change_nothing(rows, random):
    entries = drawn(rows)
    names = sorted({stratum for _, stratum in entries})
    others = dict(zip(names, random.sample(names, len(names)), strict=True))
    moved = cells({(group, f"x{others[stratum]}"): said for (group, stratum), said in entries.items()})
    before, after = (
        standardise(table, **SAID).groups for table in (cells(entries), moved.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(strata_of_two)
def test_a_stratum_split_in_two_equal_halves_changes_nothing(rows):
    entries = {place: (2 * yes, 2 * base) for place, (yes, base) in drawn(rows).items()}
    halves = {key: said for key, said in entries.items() if key[1] != "s1"}
    halves |= {(group, f"s1{half}"): tuple(n // 2 for n in entries[group, "s1"]) for group in "ab" for half in "xy"}
    before, after = (standardise(cells(each), **SAID).groups for each in (entries, halves))
    assert after["standardised"].tolist() == pytest.approx(before["standardised"].tolist())
    whole, split = (decompose(cells(each), **SAID, between=("a", "b")) for each in (entries, halves))
    assert (split.composition, split.rates) == pytest.approx((whole.composition, whole.rates))


@settings(deadline=None, max_examples=15)
@given(strata_of_two)
def test_the_two_parts_of_a_difference_add_up_to_it_and_turn_round_with_it(rows):
    table = cells(drawn(rows))
    found, turned = (decompose(table, **SAID, between=pair) for pair in (("a", "b"), ("b", "a")))
    assert found.composition + found.rates == pytest.approx(found.difference)
    assert (turned.composition, turned.rates) == pytest.approx((-found.composition, -found.rates))
    assert found.strata[["composition", "rates"]].sum().tolist() == pytest.approx([found.composition, found.rates])


def test_the_interval_of_a_standardised_share_covers_the_truth():
    rng = np.random.default_rng(6)
    sizes, shares, weights = (
        np.array([8, 12, 20, 40, 9]),
        np.array([0.1, 0.3, 0.5, 0.2, 0.05]),
        np.array([0.3, 0.2, 0.2, 0.1, 0.2]),
    )
    ends = np.array([mover(weights, rng.binomial(sizes, shares), sizes, 0.95) for _ in range(2000)])
    truth = weights @ shares
    assert np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])) >= 0.94


@cache
def demonstration() -> Cases:
    return demonstration_cases()


@cache
def release() -> Released:
    return open_release(DATA / "released/synthetic-demonstration")


def test_answers_have_a_column_a_question_and_one_a_choice_of_many():
    frame = answers(demonstration(), ["practice", "third_party", "reason__debt"], also=["country_code", "person_id"])
    assert frame.columns[:3].tolist() == ["country_code", "person_id", "practice"]
    assert frame.columns[-1] == "reason__debt"
    assert len(frame) == 600
    assert set(frame["third_party__none"].dropna()) == {"yes", "no"}
    assert not frame.isin(MISSING).any().any()
    kept = answers(
        demonstration(),
        ["practice", "third_party", "reason__debt"],
        also=["country_code", "person_id"],
        keep_missing=True,
    )
    assert not kept.isna().any().any()
    assert (kept.isin(MISSING) == frame.isna()).all().all()


def test_questions_that_do_not_exist_are_refused_with_those_that_do():
    with pytest.raises(UnfitDataError, match=r"no question 'aeg_band'.*age_band, origin_province"):
        answers(demonstration(), ["aeg_band"])
    with pytest.raises(UnfitDataError, match=r"'practice' is not noted beside the answers.*site"):
        answers(demonstration(), ["age_band"], also=["practice"])


def test_an_answer_that_the_form_does_not_have_is_refused_with_its_case():
    spoilt = demonstration().frame.copy()
    spoilt.loc[3, "practice"] = "sometimes"
    with pytest.raises(
        UnfitDataError, match=r"practice of case synthetic_dongbei_0004: 'sometimes' is not one of now, past, never"
    ):
        answers(Cases(spoilt, demonstration().variables, is_synthetic=True), "practice")


@cache
def allowed() -> pd.DataFrame:
    """The answers that may be published, one row a person: those of the person's last record."""
    frame = for_release(demonstration()).frame
    year = frame["interview_year"].where(~frame["interview_year"].isin(MISSING), "")
    last = frame.assign(year=year).sort_values(["year", "case_id"])
    return last.drop_duplicates("person_id", keep="last").drop(columns="year")


def true_counts(table: pd.DataFrame) -> pd.DataFrame:
    """What a released table would be if nothing were rounded or hidden."""
    names = [name for name in table if name not in ("count", "status", "is_synthetic", "low", "high")]
    frame = allowed()[names]
    apart = set(table[names[-1]]) & set(MISSING)
    together = frame.apply(
        lambda column: (
            column if apart and column.name == names[-1] else column.where(~column.isin(MISSING), "no_answer")
        )
    )
    counted = together.value_counts().rename("true").reset_index()
    return table.merge(counted, how="left", on=names).fillna({"true": 0})


RULES = {"rounding": 5, "fewest": 10}


@cache
def crossed() -> list[pd.DataFrame]:
    """Ten tables of the release that bound others: those of three variables, and two of a country and a question."""
    return [table for name, table in release().tables.items() if "-by-" in name or name in ("reason--debt", "practice")]


def tables_of_today() -> list[tuple[str, pd.DataFrame]]:
    """The tables of the release; by day some of three variables and some others."""
    return sample_of_today(release().tables.items(), 2, kind=lambda table: "-by-" in table[0])


@pytest.mark.slow
def test_the_ranges_of_the_release_hold_the_true_counts():
    for name, table in tables_of_today():
        truth, alone = true_counts(table)["true"], count_ranges(table, **RULES)
        together = count_ranges(table, **RULES, others=release().tables.values() if "-by-" in name else crossed())
        assert np.isinf(alone["high"]).equals(table["status"] == "hidden")
        for found in (alone, together):
            assert truth.between(found["low"], found["high"]).all(), name


def holds(found: pd.DataFrame, low: str, high: str, truth: pd.Series) -> bool:
    return bool(((found[low] <= truth + 1e-12) & (truth - 1e-12 <= found[high])).all())


@pytest.mark.slow
def test_the_released_shares_hold_the_true_shares():
    for name, table in tables_of_today():
        variables = [each for each in table if each not in ("count", "status", "is_synthetic")]
        *rows, column = variables if "-by-" not in name else variables[::-1]
        exact = exact_shares(true_counts(table), rows, column, "true")
        for others in ([], crossed()) if "-by-" in name else ([],):
            found = cross_tabulate_released(table, rows=rows, columns=column, **RULES, others=others)
            both = found.merge(exact, on=[*rows, column], suffixes=("_found", ""))
            both = both[both["base"] > 0]
            assert holds(both, "count_low", "count_high", both["count"]), name
            assert holds(both, "base_low", "base_high", both["base"]), name
            assert holds(both, "share_low", "share_high", both["share"]), name
            assert holds(both, "low_found", "high_found", both["low"]), name
            assert holds(both, "low_found", "high_found", both["high"]), name


def test_answers_are_put_into_wider_groups_and_missing_ones_stay_missing():
    told = pd.DataFrame({"age": ["18_19", "20_24", "refused", None, "50_54"], "kin": ["yes"] * 5})
    groups = pd.DataFrame(
        [["age", "18_19", "under 30"], ["age", "20_24", "under 30"], ["age", "50_54", "over"], ["place", "x", "y"]],
        columns=["variable", "answer", "group"],
    )
    wider = group_answers(told, groups)
    assert wider["age"].fillna("").tolist() == ["under 30", "under 30", "refused", "", "over"]
    assert wider["kin"].eq("yes").all() and "place" not in wider
    with pytest.raises(UnfitDataError, match="age: '50_54' has no group; add a row for it"):
        group_answers(told, groups.iloc[:2])
    with pytest.raises(UnfitDataError, match="age: '18_19' is in two rows of the groups"):
        group_answers(told, pd.concat([groups, groups.iloc[:1]]))


def test_the_demonstration_has_a_group_for_every_answer_that_it_groups():
    groups = pd.read_csv(DEMONSTRATION / "answer_groups.csv")
    choices = {(question.name, answer) for question in demonstration().variables for answer in question.choices}
    given = list(zip(groups["variable"], groups["answer"], strict=True))
    grouped = {pair for pair in choices if pair[0] in set(groups["variable"])}
    assert set(given) == grouped and len(given) == len(grouped)


def test_a_released_table_may_be_turned_round():
    table, others = release().tables["practice"], crossed()
    exact = exact_shares(true_counts(table), "practice", "country_code", "true")
    found = cross_tabulate_released(table, rows="practice", columns="country_code", **RULES, others=others)
    both = found.merge(exact, on=["practice", "country_code"])
    assert len(both) == 6
    assert holds(both, "share_low", "share_high", both["share"])


counts = st.lists(st.integers(0, 30), min_size=12, max_size=12)


def protect(true: pd.DataFrame, hidden: list[bool], base: int) -> pd.DataFrame:
    status = np.select([hidden, true["true"] == 0], ["hidden", "zero"], "shown")
    shown = ((true["true"] + base // 2) // base * base).astype("Int64").mask(np.array(hidden))
    return true.drop(columns="true").assign(count=shown, status=status)


@pytest.mark.slow
@settings(max_examples=rounds(10, nightly=300))
@given(counts, st.lists(st.booleans(), min_size=12, max_size=12), st.integers(1, 10), st.booleans())
def test_any_rounding_and_hiding_leaves_the_truth_within_the_range(numbers, hidden, base, with_margin):
    index = pd.MultiIndex.from_product(
        [["a", "b"], ["s", "t"], ["yes", "no", "no_answer"]], names=["group", "stratum", "said"]
    )
    true = pd.Series(
        [number + 1 if place[2] == "yes" else number for place, number in zip(index, numbers, strict=True)],
        index,
        name="true",
    ).reset_index()
    margin = true.groupby(["group", "said"], as_index=False)["true"].sum()
    table, others = protect(true, hidden, base), [protect(margin, [False] * 6, base)] if with_margin else []
    ranges = count_ranges(table, rounding=base, others=others)
    assert true["true"].between(ranges["low"], ranges["high"]).all()
    exact = exact_shares(true, ["group", "stratum"], "said", "true")
    found = cross_tabulate_released(table, rows=["group", "stratum"], columns="said", rounding=base, others=others)
    both = found.merge(exact, on=["group", "stratum", "said"], suffixes=("_found", ""))
    assert len(both) == 8
    assert holds(both, "share_low", "share_high", both["share"])


def test_a_stratum_that_a_group_lacks_is_refused_with_a_sentence():
    table = cells({("a", "s"): (1, 2), ("a", "t"): (1, 2), ("b", "s"): (1, 2)})
    with pytest.raises(UnfitDataError, match=r"stratum: b has no case in 't' who answered.*bring strata together"):
        standardise(table, **SAID)
    with pytest.raises(UnfitDataError, match="b has no case in 't'"):
        decompose(table, **SAID, between=("a", "b"))
    assert standardise(table, **SAID, standard="b").groups["standardised"].tolist() == [0.5, 0.5]


TWO = cells({("a", "s"): (1, 2), ("a", "t"): (1, 2), ("b", "s"): (1, 2), ("b", "t"): (1, 3)})


def shown(table):
    """Exact counts as a released table that hides none."""
    return table.rename(columns={"n": "count"}).assign(status="shown")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"answer": "maybe"}, "said: no case has the answer 'maybe'; there are no, yes"),
        ({"answer": ["yes", "no"]}, "not of none or all"),
        ({"standard": "c"}, "group 'c' is unknown and cannot be the standard.*pooled.*a, b"),
        ({"standard": {"s": 1}}, "no weight for 't'"),
        ({"standard": {"s": 1, "t": 1, "u": 1}}, "gives weight to 'u', which has no case"),
        ({"standard": {"s": -1, "t": 1}}, "weights must be numbers from 0 up"),
        ({"strata": "age"}, "column 'age' is missing; the columns are group, stratum, said, n"),
        ({"strata": "group"}, "column 'group' is named twice"),
        ({"level": 95}, "level is 95; write a share"),
        ({"standard": {"s": "two", "t": 1}}, "stratum: the weight of 's' is 'two'; weights must be numbers from 0 up"),
        ({"standard": {"s": pd.NA, "t": 1}}, "stratum: the weight of 's' is <NA>"),
        ({"standard": {"s": 0, "t": 0.0}}, "stratum: one of the weights must be more than 0"),
        ({"standard": pd.Series([1, 2, 3], list("sst"))}, "the standard has 's' twice; give each stratum one weight"),
        ({"standard": [1, 2]}, "a list is not a standard; take 'pooled', a group, or weights by stratum"),
        ({"standard": pd.DataFrame({"s": [1]})}, "a DataFrame is not a standard"),
    ],
)
def test_unfit_questions_are_refused(options, sentence):
    with pytest.raises(UnfitDataError, match=sentence):
        standardise(TWO, **{**SAID, **options})


def test_weights_may_be_a_series():
    weights = pd.Series({"s": 1, "t": 3})
    one, other = (standardise(TWO, **SAID, standard=standard) for standard in (weights, weights.to_dict()))
    assert (one.standard, one.groups.equals(other.groups)) == ("weights", True)


@pytest.mark.parametrize("between", [("a", "b", "c"), ("a",), ("a", "a"), "ab", None, ("a", ["b"])])
def test_a_difference_is_of_two_groups(between):
    three = pd.concat([TWO, TWO[TWO["group"] == "b"].assign(group="c")])
    with pytest.raises(UnfitDataError, match=r"between is .*; name two different groups of a, b, c"):
        decompose(three, **SAID, between=between)


@pytest.mark.parametrize("column", ["group", "stratum", "said"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_text_is_no_answer_and_no_group(column, blank):
    blanks = TWO.assign(**{column: [blank, *TWO[column][1:]]})
    released = shown(blanks)
    table = {"rows": ["group", "stratum"], "columns": "said"}
    for counted in (
        lambda: standardise(blanks, **SAID),
        lambda: decompose(blanks, **SAID, between=("a", "b")),
        lambda: cross_tabulate_released(released, **table, rounding=1),
        lambda: count_ranges(released, rounding=1),
    ):
        with pytest.raises(UnfitDataError, match=f"{column}: some cells are blank text; write None"):
            counted()


def test_unfit_counts_are_refused():
    with pytest.raises(UnfitDataError, match=r"n: 0.5 is not a count"):
        standardise(TWO.assign(n=0.5), **SAID)
    with pytest.raises(UnfitDataError, match=r"n: row 0 has an empty count.*function for released tables"):
        standardise(TWO.assign(n=[None, *TWO["n"][1:]]), **SAID)
    with pytest.raises(UnfitDataError, match="the table is empty"):
        standardise(TWO.head(0), **SAID)
    with pytest.raises(UnfitDataError, match="said: nobody answered"):
        standardise(TWO.assign(said="refused"), **SAID)


PLACES = pd.DataFrame(
    [
        (group, *stratum, said, number)
        for group, more in (("a", 0), ("b", 4))
        for stratum, yes in ((("s", "t / u"), 3), (("s / t", "u"), 9))
        for said, number in (("yes", yes + more), ("no", 7))
    ],
    columns=["group", "one", "two", "said", "count"],
)
PLACED = {"groups": "group", "strata": ["one", "two"], "outcome": "said", "answer": "yes"}


def test_strata_of_several_columns_stay_apart_whatever_their_values_are_called():
    alone = {**PLACED, "strata": "one"}
    exact, single = (standardise(PLACES, **each, count="count") for each in (PLACED, alone))
    pd.testing.assert_frame_equal(exact.groups, single.groups)
    assert exact.strata[["one", "two"]].values.tolist() == [["s", "t / u"], ["s / t", "u"]] * 2
    parts = decompose(PLACES, **PLACED, count="count", between=("a", "b"))
    assert parts.strata.columns.tolist() == ["one", "two", "composition", "rates"]
    assert parts.strata["two"].tolist() == ["t / u", "u"]


def test_weights_of_strata_of_several_columns_are_named_by_their_own_values():
    numbered = PLACES.assign(one=[1, 1, 2, 2] * 2, two=7, status="shown")
    standard = {(1, 7): 1, (2, 7): 3}
    exact = standardise(numbered, **PLACED, count="count", standard=standard).groups["standardised"]
    assert exact.tolist() == pytest.approx([3 / 40 + 27 / 64, 7 / 56 + 39 / 80])
    with pytest.raises(UnfitDataError, match=r"one / two: the standard has no weight for \(1, 7\)"):
        standardise(numbered, **PLACED, count="count", standard={"1 / 7": 1})


@pytest.mark.parametrize("name", ["count", "base", "share", "low", "high", "crude", "weight", "missing", "records"])
def test_names_that_the_result_needs_are_refused(name):
    sentence = f"the result has its own column '{name}'; rename it"
    groups, said, strata = (TWO.rename(columns={column: name}) for column in ("group", "said", "stratum"))
    for table, part in ((groups, "groups"), (strata, "strata")):
        with pytest.raises(UnfitDataError, match=sentence):
            standardise(table, **{**SAID, part: name})
    assert standardise(said, **{**SAID, "outcome": name}).groups.equals(standardise(TWO, **SAID).groups)


def test_columns_that_are_called_as_the_ranges_of_a_release_are_refused():
    table = PLACES.assign(status="shown").rename(columns={"group": "low", "one": "share_low"})
    with pytest.raises(UnfitDataError, match="its own column 'low'"):
        count_ranges(table, rounding=1)
    with pytest.raises(UnfitDataError, match="its own column 'share_low'"):
        cross_tabulate_released(table, rows="share_low", columns="said", rounding=1)


@pytest.mark.parametrize("name", ["n", "stratum"])
def test_any_other_name_of_a_column_changes_nothing(name):
    counted, usual = TWO.rename(columns={"n": "number", "stratum": "age"}), {**SAID, "count": "number", "strata": "age"}
    before = standardise(counted, **usual)
    for part in ("groups", "strata", "outcome"):
        table = counted.rename(columns={usual[part]: name})
        after = standardise(table, **{**usual, part: name})
        pd.testing.assert_frame_equal(after.groups.rename(columns={name: "group"}), before.groups)


TWICE = TWO.set_axis(["group", "group", "said", "n"], axis=1)
NUMBERED = TWO.set_axis(range(4), axis=1)
SEVERAL = TWO.assign(said=[["yes"], ["no"]] * 4)


@pytest.mark.parametrize(
    ("table", "names", "sentence"),
    [
        (TWICE, ("group", "n", "said"), "two columns are named 'group'; rename"),
        (NUMBERED, (0, 1, 2), "0 is not a name of a column; a name is text"),
        (SEVERAL, ("group", "stratum", "said"), r"said: row 0 has a list in its cell, \['yes'\]"),
        (TWO, ("group", [], "said"), "a list of columns or answers is empty"),
    ],
)
def test_tables_that_cannot_be_read_are_refused_with_a_sentence(table, names, sentence):
    groups, strata, outcome = names
    question = {"groups": groups, "strata": strata, "outcome": outcome, "answer": "yes"}
    with pytest.raises(UnfitDataError, match=sentence):
        standardise(table, **question)
    with pytest.raises(UnfitDataError, match=sentence):
        decompose(table, **question, between=("a", "b"))


@pytest.mark.parametrize("kind", [bool, int, float])
def test_an_answer_may_be_true_or_a_number(kind):
    table = TWO.assign(said=(TWO["said"] == "yes").astype(kind))
    found = standardise(table, **{**SAID, "answer": kind(1)}).groups
    pd.testing.assert_frame_equal(found, standardise(TWO, **SAID).groups)


def test_counts_too_large_to_be_added_are_refused():
    for large in (2**60, 2**62, 2**70):
        with pytest.raises(UnfitDataError, match="n: the counts add up to more than"):
            standardise(TWO.assign(n=large), **SAID)
    with pytest.raises(UnfitDataError, match="count: the counts add up to more than"):
        count_ranges(PLACES.assign(count=2**62, status="shown"), rounding=1)


@pytest.mark.parametrize("kind", [str, "category", object, "Int64"])
def test_released_counts_may_be_of_any_kind(kind):
    plain = shown(TWO).assign(count=[10, 20] * 4, status=["shown", "hidden"] * 4)
    other = plain.astype({"count": str if kind == "category" else kind}).astype({"count": kind})
    for give in (
        lambda table: count_ranges(table, rounding=5)[["low", "high"]],
        lambda table: cross_tabulate_released(table, rows="group", columns="said", rounding=5),
    ):
        pd.testing.assert_frame_equal(give(other), give(plain))
    with pytest.raises(UnfitDataError, match="count: row 2 has 'some', which is not a number"):
        count_ranges(plain.assign(count=["10", "20", "some", "20"] * 2), rounding=5)


@pytest.mark.parametrize("profile", [("dongbei", "FRAN"), ("dongbie", "FRA"), ("dongbei",), "dongbei"])
def test_a_profile_that_is_not_there_is_refused(study, profile):
    for pair in ((profile, ("dongbei", "FRA")), (("dongbei", "FRA"), profile)):
        with pytest.raises(
            UnfitDataError, match=r"profile .* is unknown; name a group of .*dongbei.* and a country of FRA, ITA"
        ):
            contrast(study, *pair)


def test_released_tables_that_contradict_their_rules_are_refused():
    table = release().tables["practice"]
    with pytest.raises(UnfitDataError, match="is not a multiple of 7"):
        count_ranges(table, rounding=7)
    with pytest.raises(UnfitDataError, match="none below 90 should be"):
        count_ranges(table, rounding=5, fewest=90)
    with pytest.raises(UnfitDataError, match="status: 'gone' is not one of shown, hidden, zero"):
        count_ranges(table.assign(status="gone"), rounding=5)
    with pytest.raises(UnfitDataError, match="has the status shown, but no count"):
        count_ranges(table.assign(status="shown"), rounding=5)
    with pytest.raises(UnfitDataError, match="column 'status' is missing"):
        count_ranges(table.drop(columns="status"), rounding=5)
    with pytest.raises(UnfitDataError, match="FRA, now stands twice"):
        count_ranges(pd.concat([table, table], ignore_index=True), rounding=5)
    with pytest.raises(UnfitDataError, match="fits all tables"):
        count_ranges(table, rounding=5, others=[table.assign(count=table["count"] * 3)])
