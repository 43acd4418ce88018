"""Coefficients of agreement against values that others have published or computed."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.coding import agreement, unitizing
from research_lib.errors import UnfitDataError

NONE = np.nan
# Krippendorff (2004), Content Analysis, 2nd ed., p. 230: twelve units, four coders.
FOUR_CODERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
).T
# Fourteen raters, ten subjects, five categories; the worked example of Fleiss' kappa that encyclopedias give (.210).
FOURTEEN = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def pairs(table):
    """Two coders' ratings from their cross-table."""
    return [(i, j) for i, row in enumerate(table) for j, times in enumerate(row) for _ in range(times)]


ABSTRACTORS = pairs([[13, 0, 0], [0, 20, 7], [0, 4, 56]])  # Gwet (2014), three categories, two of the abstractors
TWO_BY_TWO = pairs([[20, 10], [20, 50]])  # Artstein and Poesio (2008), table 5


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff_s_own_example(level, value):
    result = agreement.krippendorff_alpha(FOUR_CODERS, level=level)
    assert result.value == pytest.approx(value, abs=5e-4)
    assert result.low < result.value <= result.high
    assert (result.units, result.coders, result.level, result.unit) == (11, 4, level, "segment")


@pytest.mark.parametrize(
    ("coefficient", "value", "error"),
    [
        (agreement.cohen_kappa, 0.79641, 0.05891),
        (agreement.gwet_ac, 0.84933, None),
        (agreement.brennan_prediger, 0.835, None),
        (agreement.percent_agreement, 0.89, None),
    ],
)
def test_gwet_s_abstractors(coefficient, value, error):
    result = coefficient(ABSTRACTORS)
    assert result.value == pytest.approx(value, abs=5e-6)
    assert error is None or result.error == pytest.approx(error, abs=5e-6)


def test_artstein_and_poesio():
    assert agreement.scott_pi(TWO_BY_TWO).value == pytest.approx(0.341, abs=5e-4)
    assert agreement.cohen_kappa(TWO_BY_TWO).value == pytest.approx(0.348, abs=5e-4)


@pytest.mark.parametrize(
    ("table", "value"),
    [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)],
)
def test_two_by_two_tables_of_the_textbooks(table, value):
    assert agreement.cohen_kappa(pairs(table)).value == pytest.approx(value, abs=5e-5)


def test_fourteen_raters():
    ratings = [[code for code, times in enumerate(row) for _ in range(times)] for row in FOURTEEN]
    assert agreement.fleiss_kappa(ratings).value == pytest.approx(0.210, abs=5e-4)


# Computed with irrCAC 0.4.4.
@pytest.mark.parametrize(
    ("coefficient", "weights", "value", "error"),
    [
        (agreement.conger_kappa, None, 0.76207, 0.15011),
        (agreement.fleiss_kappa, None, 0.76117, 0.15302),
        (agreement.gwet_ac, None, 0.77544, 0.14295),
        (agreement.brennan_prediger, None, 0.77273, 0.14472),
        (agreement.conger_kappa, "quadratic", 0.85717, 0.14436),
        (agreement.fleiss_kappa, "quadratic", 0.86494, 0.14603),
        (agreement.gwet_ac, "quadratic", 0.91400, 0.10396),
        (agreement.brennan_prediger, "quadratic", 0.90152, 0.11089),
    ],
)
def test_four_coders_with_gaps_against_another_implementation(coefficient, weights, value, error):
    result = coefficient(FOUR_CODERS, weights=weights)
    assert result.value == pytest.approx(value, abs=5e-6)
    assert result.error == pytest.approx(error, abs=5e-6)


def test_words_are_as_good_as_numbers():
    words = [["no", "yes"][code] + "" for pair in TWO_BY_TWO for code in pair]
    ratings = np.array(words, dtype=object).reshape(-1, 2)
    assert agreement.cohen_kappa(ratings).value == pytest.approx(agreement.cohen_kappa(TWO_BY_TWO).value)
    assert agreement.krippendorff_alpha(ratings, resamples=0).value == pytest.approx(
        agreement.krippendorff_alpha(TWO_BY_TWO, resamples=0).value
    )


def by_definition(codes):
    """Nominal alpha for two coders without gaps, written out: 1 - observed / expected."""
    values = [value for pair in codes for value in pair]
    observed = np.mean([a != b for a, b in codes])
    total = len(values)
    same = sum(values.count(value) * (values.count(value) - 1) for value in set(values))
    expected = 1 - same / (total * (total - 1))
    return 1 - observed / expected if expected else float("nan")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_nominal_alpha_is_its_definition(codes):
    value = agreement.krippendorff_alpha(codes, resamples=0).value
    assert value == pytest.approx(by_definition(codes), nan_ok=True)


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=3, max_size=20), st.randoms())
def test_the_order_of_units_and_coders_does_not_matter(codes, random):
    ratings = np.array(codes)
    turned = ratings[random.sample(range(len(codes)), len(codes))][:, [2, 0, 1]]
    for coefficient in (agreement.fleiss_kappa, agreement.conger_kappa, agreement.gwet_ac):
        assert coefficient(ratings).value == pytest.approx(coefficient(turned).value, nan_ok=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: agreement.cohen_kappa([[1, 2, 3]]), "compares two coders, and there are 3; use conger_kappa"),
        (lambda: agreement.fleiss_kappa([[1], [2]]), "needs two coders or more"),
        (lambda: agreement.fleiss_kappa([[1, NONE], [NONE, 2]]), "no unit was coded by two coders"),
        (lambda: agreement.krippendorff_alpha([[1, 2]], level="cardinal"), "nominal, ordinal, interval or ratio"),
        (lambda: agreement.gwet_ac([[1, 2]], weights="cubic"), "'linear', 'quadratic' or a matrix"),
        (lambda: agreement.gwet_ac([[1, 2]], weights=np.eye(3)), "shape"),
        (lambda: agreement.gwet_ac([[NONE, NONE]]), "nothing is coded"),
        (lambda: agreement.fleiss_kappa("words"), "ratings are a table, rows units and columns coders, not 'words'"),
        (lambda: agreement.cohen_kappa(5), "ratings are a table"),
        (lambda: agreement.fleiss_kappa([[{}, 1]]), "a rating is a number or a word"),
        (lambda: agreement.fleiss_kappa([[1, 2]], categories=[1, 1, 2]), "stands twice in `categories`"),
        (lambda: agreement.gwet_ac([[1, 2]], weights=[["a", "b"]] * 2), "weights are numbers; give a matrix of 2 × 2"),
        (lambda: agreement.krippendorff_alpha([[1, 2], [1, 1]], clusters="a"), "name one for each unit"),
    ],
)
def test_what_cannot_be_computed_is_said(call, message):
    with pytest.raises(UnfitDataError, match=message):
        call()


# Krippendorff (2004), p. 254: a continuum from 150 to 450, two coders, two codes.
STRETCHES = pd.DataFrame(
    [
        ("i", "c", 225, 295),
        ("i", "c", 370, 400),
        ("i", "k", 180, 240),
        ("i", "k", 300, 350),
        ("j", "c", 220, 300),
        ("j", "c", 355, 375),
        ("j", "c", 400, 420),
        ("j", "k", 180, 240),
        ("j", "k", 300, 350),
    ],
    columns=["coder", "code", "start", "end"],
)


def test_unitizing_is_krippendorff_s():
    result = unitizing.unitizing_alpha(STRETCHES, start=150, end=450)
    assert result.by_code["c"] == pytest.approx(0.7286, abs=5e-5)
    assert result.by_code["k"] == 1.0
    assert result.definition == "Krippendorff 1995, 2004"


def test_unitizing_of_all_codes_is_the_book_s_up_to_its_rounding():
    """The book sums disagreements rounded to four places: .0144 / (.0532 + .0490) gives .8591; unrounded, .8587."""
    result = unitizing.unitizing_alpha(STRETCHES, start=150, end=450)
    parts = [unitizing._disagreement(rows, ["i", "j"], 150, 450) for _, rows in STRETCHES.groupby("code")]
    rounded = [[round(number, 4) for number in part] for part in parts]
    observed, expected = (sum(column) for column in zip(*rounded, strict=True))
    assert 1 - observed / expected == pytest.approx(0.8591, abs=5e-5)
    assert result.value == pytest.approx(0.8587, abs=5e-5)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("i", "c", 0, 9), ("j", "c", 5, 30)], "does not lie in the continuum"),
        ([("i", "c", 0, 9), ("i", "c", 8, 12), ("j", "c", 0, 9)], "overlaps another"),
        ([("i", "c", 0, 9)], "two coders or more"),
    ],
)
def test_unitizing_refuses_what_it_cannot_use(rows, message):
    frame = pd.DataFrame(rows, columns=["coder", "code", "start", "end"])
    with pytest.raises(UnfitDataError, match=message):
        unitizing.unitizing_alpha(frame, start=0, end=20)


def test_unitizing_needs_its_columns_and_a_segment():
    with pytest.raises(UnfitDataError, match="there is no column 'start'; a segment has coder, code, start, end"):
        unitizing.unitizing_alpha(STRETCHES[["coder", "code"]], start=150, end=450)
    with pytest.raises(UnfitDataError, match="nobody marked anything"):
        unitizing.unitizing_alpha(STRETCHES[:0], start=150, end=450, coders=["i", "j"])


def test_weights_may_differ_by_direction_between_two_coders():
    """Cohen (1968): disagreement weights that differ above and below the diagonal give .353."""
    ratings = pairs([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    disagreement = np.array([[0, 1, 4], [1, 0, 6], [2, 2, 0]])
    assert round(agreement.cohen_kappa(ratings, weights=1 - disagreement / 6).value, 3) == 0.353
    with pytest.raises(UnfitDataError, match="compare two coders only"):
        agreement.fleiss_kappa([(0, 1, 2), (0, 1, 1)], weights=1 - disagreement / 6)


def test_a_category_that_nobody_gave_still_counts_by_chance():
    ratings = [("a", "a"), ("b", "b"), ("a", "b"), ("b", "b")]
    assert agreement.brennan_prediger(ratings).value == pytest.approx((3 / 4 - 1 / 2) / (1 / 2))
    assert agreement.brennan_prediger(ratings, categories="abc").value == pytest.approx((3 / 4 - 1 / 3) / (2 / 3))
    with pytest.raises(UnfitDataError, match="'b' is not one of the categories"):
        agreement.brennan_prediger(ratings, categories=["a", "c"])


def test_ordinal_words_need_their_order():
    words = np.array(["little", "some", "much", "most"], dtype=object)
    ratings = np.array([[0, 1], [1, 1], [2, 3], [3, 3], [0, 0], [2, 1]])
    numbers = agreement.krippendorff_alpha(ratings, level="ordinal", resamples=0).value
    assert agreement.krippendorff_alpha(
        words[ratings], level="ordinal", categories=words, resamples=0
    ).value == pytest.approx(numbers)
    with pytest.raises(UnfitDataError, match="name them in `categories`"):
        agreement.krippendorff_alpha(words[ratings], level="ordinal")
    with pytest.raises(UnfitDataError, match="interval needs numbers"):
        agreement.krippendorff_alpha(words[ratings], level="interval")
    with pytest.raises(UnfitDataError, match="linear needs numbers"):
        agreement.cohen_kappa(words[ratings], weights="linear")


def test_units_that_depend_on_each_other_are_drawn_together():
    """Ten copies of each unit tell no more than one: the interval is that of the clusters, not of the copies."""
    draw = np.random.default_rng(3)
    once = np.column_stack([draw.integers(0, 2, 40)] * 2)
    once[:8, 1] = 1 - once[:8, 0]
    copies, names = once.repeat(10, axis=0), np.arange(40).repeat(10)
    width = {
        "once": agreement.krippendorff_alpha(once),
        "copies": agreement.krippendorff_alpha(copies),
        "clustered": agreement.krippendorff_alpha(copies, clusters=names),
    }
    reach = {name: found.high - found.low for name, found in width.items()}
    assert reach["clustered"] == pytest.approx(reach["once"], rel=0.1)
    assert reach["copies"] < 0.5 * reach["once"]


def test_an_interval_is_given_only_where_there_is_enough_to_draw_from():
    """One unit of a hundred carries the code: a third of the draws have no variation, and nothing is known."""
    ratings = np.zeros((100, 2))
    ratings[3] = 1
    found = agreement.krippendorff_alpha(ratings)
    assert (found.value, math.isnan(found.low), math.isnan(found.high)) == (1.0, True, True)


def test_a_coder_who_marked_nothing_counts():
    rows = pd.DataFrame([("i", "c", 0, 10), ("j", "c", 0, 10)], columns=["coder", "code", "start", "end"])
    both = unitizing.unitizing_alpha(rows, start=0, end=100)
    three = unitizing.unitizing_alpha(rows, start=0, end=100, coders=["i", "j", "k"])
    assert (both.value, both.coders, three.coders) == (1.0, 2, 3)
    assert three.value < 0.7


def test_unitizing_of_many_stretches_is_what_comparing_all_pairs_gives():
    draw = np.random.default_rng(5)
    cuts = [np.sort(draw.choice(2_000, 400, replace=False)) for _ in range(2)]
    rows = [(coder, "c", *edges) for coder, cut in zip("ij", cuts, strict=True) for edges in cut.reshape(-1, 2)]
    frame = pd.DataFrame(rows, columns=["coder", "code", "start", "end"])
    first, second = (unitizing._sections(frame[frame["coder"] == coder], 0, 2_000) for coder in "ij")
    total = 0.0
    for begin, end, marked in first:
        for begun, over, there in second:
            if max(begin, begun) >= min(end, over):
                continue
            if marked and there:
                total += (begin - begun) ** 2 + (end - over) ** 2
            elif marked and begun <= begin and end <= over:
                total += (end - begin) ** 2
            elif there and begin <= begun and over <= end:
                total += (over - begun) ** 2
    assert unitizing._distance(first, second) == pytest.approx(total)


def test_what_qualcoder_reported_rises_with_what_is_marked_though_coders_do_not_read():
    tossed = np.random.default_rng(1).random((20_000, 2))
    found = {share: agreement.qualcoder_kappa((tossed < share).astype(int)).value for share in (0.1, 0.5, 0.9)}
    assert found[0.1] < 0.01 and found[0.5] > 0.25 and found[0.9] > 0.8


def test_what_qualcoder_reported_is_computed_as_its_source_has_it():
    # 2 of 4 marked units by both, 3 and 3 by each: (1/2 - 9/16 * 1/16) / (1 - 9/16 * 1/16)
    found = agreement.qualcoder_kappa([[1, 1], [1, 1], [1, 0], [0, 1], [0, 0]])
    assert found.value == pytest.approx((1 / 2 - 9 / 256) / (1 - 9 / 256)) and found.units == 4
    with pytest.raises(UnfitDataError, match="nobody marked anything"):
        agreement.qualcoder_kappa([[0, 0]])
