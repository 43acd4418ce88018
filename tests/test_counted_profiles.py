"""Profiles as they are counted: cross-tables, standardised shares, and both from tables that were rounded and hidden.

Published values: Fleiss's table of Down's syndrome, with the gamma intervals of Fay and Feuer as two R packages print
them; Newcombe's intervals of one share and of a difference; Das Gupta's household headship rates. The rest holds by
reasoning: the same relabelled, split or permuted, and released ranges that must hold the true value.
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
    cross_tabulate,
    cross_tabulate_released,
    decompose,
    differences,
    standardise,
    standardise_released,
)
from research_lib.methods.standardisation.direct_standardisation import mover
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.missing_answers import MISSING

DATA = Path(__file__).resolve().parents[1] / "data"

# Down's syndrome by maternal age (down) and birth order (across: cases, births), Michigan 1950-1964: Fleiss (1981),
# Statistical Methods for Rates and Proportions, table 14.4, after Stark and Mantel (1966).
DOWN = """
age       1          2          3          4          5
under_20  107 230061 25 72202   3 15050    1 2293     0 327
20_24     141 329449 150 326701 71 175702  26 68800   8 30666
25_29     60 114920  110 208667 114 207081 64 132424  63 123419
30_34     40 39487   84 83228   103 117300 89 98301   112 149919
35_39     39 14208   82 28466   108 45026  137 46075  262 104088
40_plus   25 3052    39 5375    75 8660    96 9834    295 34392
"""

# Crude, standardised, low, high: README of R's tidyrates 0.0.1, where all births are the standard, as printed.
DOWN_PRINTED = """
1 0.000563 0.000923 0.000804 0.00106
2 0.000676 0.000912 0.000824 0.00101
3 0.000833 0.000851 0.000772 0.000942
4 0.00115  0.000927 0.000800 0.00115
5 0.00167  0.000755 0.000677 0.00188
"""

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

# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: count, base, low, high.
ONE_SHARE = """
81 263 0.2553 0.3662
15 148 0.0624 0.1605
0  20  0.0000 0.1611
1  29  0.0061 0.1718
"""

# Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10: two counts and bases, low, high.
TWO_SHARES = """
56 70 48 80 0.0524  0.3339
9  10 3  10 0.1705  0.8090
6  7  2  7  0.0582  0.8062
5  56 0  29 -0.0381 0.1926
0  10 0  20 -0.1611 0.2775
0  10 0  10 -0.2775 0.2775
10 10 0  20 0.6791  1.0000
10 10 0  10 0.6075  1.0000
"""


def numbers(text: str) -> list[list[float]]:
    return [[float(cell) for cell in line.split()] for line in text.strip().splitlines()]


def cells(entries: dict[tuple[str, str], tuple[float, float]]) -> pd.DataFrame:
    """Counts of yes and no from (group, stratum): (yes, all)."""
    rows = [
        (group, stratum, said, number)
        for (group, stratum), (yes, base) in entries.items()
        for said, number in (("yes", yes), ("no", base - yes))
    ]
    return pd.DataFrame(rows, columns=["group", "stratum", "said", "n"])


SAID = {"groups": "group", "strata": "stratum", "outcome": "said", "answer": "yes", "count": "n"}


def down() -> pd.DataFrame:
    _, *rows = (line.split() for line in DOWN.strip().splitlines())
    return cells(
        {
            (str(order), age): (int(row[2 * order - 2]), int(row[2 * order - 1]))
            for age, *row in rows
            for order in range(1, 6)
        }
    )


def to_digits(value: float, printed: str) -> bool:
    return f"{value:.{len(printed.partition('.')[2])}f}" == printed


def test_down_syndrome_is_standardised_as_fay_and_feuer_have_it():
    found = standardise(down(), **SAID, method="gamma").groups.set_index("group")
    for line in DOWN_PRINTED.strip().splitlines():
        order, *printed = line.split()
        for name, text in zip(("crude", "standardised", "low", "high"), printed, strict=True):
            assert to_digits(found.loc[order, name], text), (order, name)


def test_down_syndrome_after_four_births_has_the_interval_that_dsrtest_prints():
    # Vignette of R's dsrTest 1.0.0: gamma method, birth order 5, per 100,000.
    fifth = standardise(down(), **SAID, method="gamma").groups.set_index("group").loc["5"] * 1e5
    assert [round(fifth[name], 5) for name in ("standardised", "low", "high")] == [75.52901, 67.70212, 188.30017]


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


def test_the_interval_of_a_share_is_as_printed():
    for yes, base, low, high in numbers(ONE_SHARE):
        table = cross_tabulate(
            cells({("a", "s"): (yes, base)}), rows="group", columns="said", count="n", choices=["yes", "no"]
        )
        assert table.cells.loc[0, ["low", "high"]].astype(float).round(4).tolist() == [low, high]


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


def test_the_interval_of_a_difference_is_as_printed():
    for one, size, two, other, low, high in numbers(TWO_SHARES):
        table = pd.concat(
            [cells({("a", "s"): (one, size)}), cells({("b", "s"): (two, other)}), cells({("c", "s"): (1, 2)})]
        )
        row = differences(standardise(table, **SAID)).iloc[0]
        assert (row["first"], row["second"]) == ("a", "b")
        for ends in (("crude_low", "crude_high"), ("low", "high")):
            assert row[list(ends)].astype(float).round(4).tolist() == [low, high]


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
    for method in ("mover", "gamma"):
        before, after = (standardise(cells(each), **SAID, method=method).groups for each in (entries, halves))
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


def test_records_and_counts_give_the_same():
    frame = study()[["country_code", "practice"]].fillna("not_known")
    counted = frame.value_counts().rename("n").reset_index()
    one, two = (
        cross_tabulate(frame, rows="country_code", columns="practice"),
        cross_tabulate(counted, rows="country_code", columns="practice", count="n"),
    )
    pd.testing.assert_frame_equal(one.cells, two.cells)
    pd.testing.assert_frame_equal(one.missing, two.missing)


def test_what_is_missing_is_counted_by_kind_and_not_in_the_base():
    frame = pd.DataFrame(
        {"c": [*"AAAAABB", None], "q": ["yes", "no", "yes", "refused", None, "refused", "not_asked", "yes"]}
    )
    table = cross_tabulate(frame, rows="c", columns="q", choices=["yes", "perhaps", "no"])
    assert table.left_out == 1
    assert table.missing.set_index("c").to_dict("index") == {
        "A": {"records": 5, "answered": 3, "not_asked": 0, "refused": 1, "no_answer": 1},
        "B": {"records": 2, "answered": 0, "not_asked": 1, "refused": 1, "no_answer": 0},
    }
    assert table.wide("count").loc["A"].tolist() == [2, 0, 1]
    assert table.wide().loc["A"].tolist() == pytest.approx([2 / 3, 0, 1 / 3])
    assert table.wide("high").loc["B"].isna().all()


@cache
def demonstration() -> Cases:
    return demonstration_cases()


@cache
def release() -> Released:
    return open_release(DATA / "released/synthetic-demonstration")


def study() -> pd.DataFrame:
    return answers(demonstration(), ["practice", "age_band"], keep_missing=True)


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
        exact = cross_tabulate(true_counts(table).astype({"true": int}), rows=rows, columns=column, count="true").cells
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
    exact = cross_tabulate(
        true_counts(table).astype({"true": int}), rows="practice", columns="country_code", count="true"
    ).cells
    found = cross_tabulate_released(table, rows="practice", columns="country_code", **RULES, others=others)
    both = found.merge(exact, on=["practice", "country_code"])
    assert len(both) == 6
    assert holds(both, "share_low", "share_high", both["share"])


@pytest.mark.parametrize(
    "standard", ["pooled", pytest.param("FRA", marks=pytest.mark.nightly), {"chain": 2, "pioneer": 1, "both": 1}]
)
def test_the_released_standardised_share_holds_that_of_the_study(standard):
    question = {
        "groups": "country_code",
        "strata": "migration_kind",
        "outcome": "debt_on_arrival",
        "answer": "yes",
        "standard": standard,
    }
    table = release().tables["migration_kind-by-debt_on_arrival"]
    exact = standardise(true_counts(table).astype({"true": int}), count="true", **question).groups
    widths = []
    for others in ([], list(release().tables.values())):
        found = standardise_released(table, **RULES, others=others, **question)
        assert found["country_code"].tolist() == exact["country_code"].tolist()
        assert holds(found, "crude_low", "crude_high", exact["crude"])
        assert holds(found, "standardised_low", "standardised_high", exact["standardised"])
        assert holds(found, "low", "high", exact["low"])
        assert holds(found, "low", "high", exact["high"])
        widths.append((found["standardised_high"] - found["standardised_low"]).sum())
    assert widths[1] < widths[0]
    assert widths[1] < 1.5  # of both countries together


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
    exact = cross_tabulate(true, rows=["group", "stratum"], columns="said", count="true").cells
    found = cross_tabulate_released(table, rows=["group", "stratum"], columns="said", rounding=base, others=others)
    both = found.merge(exact, on=["group", "stratum", "said"], suffixes=("_found", ""))
    assert len(both) == 8
    assert holds(both, "share_low", "share_high", both["share"])
    question = {"groups": "group", "strata": "stratum", "outcome": "said", "answer": "yes"}
    for standard in ("pooled", "a", {"s": 1, "t": 3}):
        whole = standardise(true, **question, count="true", standard=standard).groups
        ends = standardise_released(table, **question, rounding=base, others=others, standard=standard)
        for low, high, value in (
            ("crude_low", "crude_high", "crude"),
            ("standardised_low", "standardised_high", "standardised"),
            ("low", "high", "low"),
            ("low", "high", "high"),
        ):
            assert holds(ends, low, high, whole[value])


def test_the_ends_of_a_released_standardised_share_are_reached():
    entries = {("a", "s"): (10, 25), ("a", "t"): (10, 20), ("b", "s"): (20, 30), ("b", "t"): (10, 30)}
    true = cells(entries).rename(columns={"n": "true"})
    table = protect(true, [False] * 8, 5)
    question = {"groups": "group", "strata": "stratum", "outcome": "said", "answer": "yes", "standard": "b"}
    found = standardise_released(table, **question, rounding=5).set_index("group").loc["a"]
    corners = np.array(np.meshgrid(*[(-2, 2)] * 8)).reshape(8, -1).T
    values = []
    for shift in corners:
        (a_s, a_sn, a_t, a_tn, b_s, b_sn, b_t, b_tn) = true["true"].to_numpy() + shift
        weights = np.array([b_s + b_sn, b_t + b_tn])
        values.append(weights @ [a_s / (a_s + a_sn), a_t / (a_t + a_tn)] / weights.sum())
    assert [found["standardised_low"], found["standardised_high"]] == pytest.approx([min(values), max(values)])


def test_exact_released_counts_give_what_records_give():
    table = protect(
        cells({("a", "s"): (3, 9), ("a", "t"): (4, 6), ("b", "s"): (2, 8), ("b", "t"): (5, 6)}).rename(
            columns={"n": "true"}
        ),
        [False] * 8,
        1,
    )
    question = {"groups": "group", "strata": "stratum", "outcome": "said", "answer": "yes"}
    exact, found = (
        standardise(table, **question, count="count").groups,
        standardise_released(table, **question, rounding=1),
    )
    for one, other in (
        ("crude_low", "crude"),
        ("crude_high", "crude"),
        ("standardised_low", "standardised"),
        ("standardised_high", "standardised"),
        ("low", "low"),
        ("high", "high"),
    ):
        assert found[one].tolist() == pytest.approx(exact[other].tolist())


def test_a_stratum_that_a_group_lacks_is_refused_with_a_sentence():
    table = cells({("a", "s"): (1, 2), ("a", "t"): (1, 2), ("b", "s"): (1, 2)})
    with pytest.raises(UnfitDataError, match=r"stratum: b has no case in 't' who answered.*bring strata together"):
        standardise(table, **SAID)
    with pytest.raises(UnfitDataError, match="b has no case in 't'"):
        decompose(table, **SAID, between=("a", "b"))
    assert standardise(table, **SAID, standard="b").groups["standardised"].tolist() == [0.5, 0.5]
    released = protect(
        cells({("a", "s"): (1, 2), ("a", "t"): (1, 2), ("b", "s"): (1, 2), ("b", "t"): (0, 0)}).rename(
            columns={"n": "true"}
        ),
        [False] * 8,
        1,
    )
    with pytest.raises(UnfitDataError, match="b has no case in 't'"):
        standardise_released(released, groups="group", strata="stratum", outcome="said", answer="yes", rounding=1)


TWO = cells({("a", "s"): (1, 2), ("a", "t"): (1, 2), ("b", "s"): (1, 2), ("b", "t"): (1, 3)})
ASKED = {name: part for name, part in SAID.items() if name != "count"}


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
        ({"method": "exact"}, "method 'exact' is unknown; use one of mover, gamma"),
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
    if "standard" in options:
        with pytest.raises(UnfitDataError, match=sentence):
            standardise_released(shown(TWO), **ASKED, **options, rounding=1)


def test_weights_may_be_a_series():
    weights = pd.Series({"s": 1, "t": 3})
    one, other = (standardise(TWO, **SAID, standard=standard) for standard in (weights, weights.to_dict()))
    assert (one.standard, one.groups.equals(other.groups)) == ("weights", True)
    found = standardise_released(shown(TWO), **ASKED, rounding=1, standard=weights)
    assert found["standardised_low"].tolist() == pytest.approx(one.groups["standardised"].tolist())


@pytest.mark.parametrize("between", [("a", "b", "c"), ("a",), ("a", "a"), "ab", None, ("a", ["b"])])
def test_a_difference_is_of_two_groups(between):
    three = pd.concat([TWO, TWO[TWO["group"] == "b"].assign(group="c")])
    with pytest.raises(UnfitDataError, match=r"between is .*; name two different groups of a, b, c"):
        decompose(three, **SAID, between=between)


def test_numbers_stay_the_names_of_groups():
    found = differences(standardise(TWO.assign(group=TWO["group"].map({"a": 2019, "b": 2020})), **SAID))
    assert found.loc[0, ["first", "second"]].map(str).tolist() == ["2019", "2020"]


@pytest.mark.parametrize("column", ["group", "stratum", "said"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_text_is_no_answer_and_no_group(column, blank):
    blanks = TWO.assign(**{column: [blank, *TWO[column][1:]]})
    released = shown(blanks)
    table = {"rows": ["group", "stratum"], "columns": "said"}
    for counted in (
        lambda: cross_tabulate(blanks, **table, count="n"),
        lambda: standardise(blanks, **SAID),
        lambda: decompose(blanks, **SAID, between=("a", "b")),
        lambda: cross_tabulate_released(released, **table, rounding=1),
        lambda: standardise_released(released, **ASKED, rounding=1),
        lambda: count_ranges(released, rounding=1),
    ):
        with pytest.raises(UnfitDataError, match=f"{column}: some cells are blank text; write None"):
            counted()
    assert cross_tabulate(blanks.replace(blank, None), **table, count="n").cells["count"].sum() == 8


def test_unfit_counts_are_refused():
    with pytest.raises(UnfitDataError, match=r"n: 0.5 is not a count"):
        cross_tabulate(TWO.assign(n=0.5), rows="group", columns="said", count="n")
    with pytest.raises(UnfitDataError, match=r"count: row 0 has an empty count.*function for released tables"):
        cross_tabulate(release().tables["age_band"], rows="country_code", columns="age_band", count="count")
    with pytest.raises(UnfitDataError, match="the table is empty"):
        cross_tabulate(TWO.head(0), rows="group", columns="said")
    with pytest.raises(UnfitDataError, match="said: nobody answered"):
        cross_tabulate(TWO.assign(said="refused"), rows="group", columns="said")
    with pytest.raises(UnfitDataError, match="the answer 'no' is not among the choices yes"):
        cross_tabulate(TWO, rows="group", columns="said", choices=["yes"])
    with pytest.raises(UnfitDataError, match="one group only"):
        differences(standardise(TWO[TWO["group"] == "a"], **SAID))


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
    released = PLACES.assign(status="shown")
    pd.testing.assert_frame_equal(*(standardise_released(released, **each, rounding=1) for each in (PLACED, alone)))


def test_weights_of_strata_of_several_columns_are_named_by_their_own_values():
    numbered = PLACES.assign(one=[1, 1, 2, 2] * 2, two=7, status="shown")
    standard = {(1, 7): 1, (2, 7): 3}
    exact = standardise(numbered, **PLACED, count="count", standard=standard).groups["standardised"]
    assert exact.tolist() == pytest.approx([3 / 40 + 27 / 64, 7 / 56 + 39 / 80])
    found = standardise_released(numbered, **PLACED, rounding=1, standard=standard)
    assert found["standardised_low"].tolist() == pytest.approx(exact.tolist())
    with pytest.raises(UnfitDataError, match=r"one / two: the standard has no weight for \(1, 7\)"):
        standardise(numbered, **PLACED, count="count", standard={"1 / 7": 1})


@pytest.mark.parametrize("name", ["count", "base", "share", "low", "high", "crude", "weight", "missing", "records"])
def test_names_that_the_result_needs_are_refused(name):
    sentence = f"the result has its own column '{name}'; rename it"
    groups, said, strata = (TWO.rename(columns={column: name}) for column in ("group", "said", "stratum"))
    for question in ({"rows": name, "columns": "said"}, {"rows": ["stratum", name], "columns": "said"}):
        with pytest.raises(UnfitDataError, match=sentence):
            cross_tabulate(groups, **question)
    with pytest.raises(UnfitDataError, match=sentence):
        cross_tabulate(said, rows="group", columns=name)
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
    table = counted.rename(columns={"said": name})
    assert set(cross_tabulate(table, rows="group", columns=name, count="number").cells[name]) == {"yes", "no"}


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
        cross_tabulate(table, rows=strata if strata == [] else groups, columns=outcome)
    with pytest.raises(UnfitDataError, match=sentence):
        standardise(table, **question)
    with pytest.raises(UnfitDataError, match=sentence):
        decompose(table, **question, between=("a", "b"))
    with pytest.raises(UnfitDataError, match=sentence):
        standardise_released(table.assign(count=1, status="shown"), **question, rounding=1)


@pytest.mark.parametrize("kind", [bool, int, float])
def test_an_answer_may_be_true_or_a_number(kind):
    table = TWO.assign(said=(TWO["said"] == "yes").astype(kind))
    found = standardise(table, **{**SAID, "answer": kind(1)}).groups
    pd.testing.assert_frame_equal(found, standardise(TWO, **SAID).groups)


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ([1], "the answer 'no' is not among the choices 1; add"),
        ("yes or no", "the answer 'no' is not among the choices yes or no;"),
        (["yes", "no", "yes"], "said: 'yes' stands twice among the choices"),
        (["yes", "no", "refused"], "'refused' is a kind of missing, not an answer"),
    ],
)
def test_unfit_choices_are_refused(choices, sentence):
    with pytest.raises(UnfitDataError, match=sentence):
        cross_tabulate(TWO, rows="group", columns="said", choices=choices)


def test_counts_too_large_to_be_added_are_refused():
    for large in (2**60, 2**62, 2**70):
        with pytest.raises(UnfitDataError, match="n: the counts add up to more than"):
            cross_tabulate(TWO.assign(n=large), rows="group", columns="said", count="n")
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
