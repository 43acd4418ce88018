"""How many are never seen: estimates against those in print, relations that must hold, and what is refused."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from research_lib.errors import UnfitDataError
from research_lib.methods import multiple_systems
from research_lib.methods.multiple_systems.log_linear_models import NO_MAXIMUM, UNIDENTIFIED, fit_many, no_maximum
from research_lib.methods.multiple_systems.overlapping_lists import read_histories

SHARED = Path(__file__).resolve().parents[2] / "shared/reference/methods"

# United Kingdom 2013, potential victims known to local authorities, NGOs, police, government, the public and the
# National Crime Agency: Bales, Hesketh and Silverman (2015), as UKdat of R's SparseMSE. Lists and how many people.
UK = """
LA 54           PF+GO 69          LA+NG 15         NG+PF+GO 4
NG 463          PF+GP 10          LA+PF 19         NG+PF+NCA 3
PF 907          PF+NCA 31         LA+GO 3          PF+GO+NCA 1
GO 695          GO+GP 8           NG+PF 56         LA+NG+PF+GO 1
GP 316          GO+NCA 6          NG+GO 19         LA+NG+PF 1
NCA 57          GP+NCA 1          NG+GP 1          LA+NG+GO 1
NG+NCA 3
"""
UK_LISTS = ("LA", "NG", "PF", "GO", "GP", "NCA")

# Greater New Orleans, eight lists: Bales, Murphy and Silverman (2020), as NewOrl of R's SparseMSE (185 people; the
# later package MultipleSystemsEstimation has 186, and other estimates).
NEW_ORLEANS = """
A 25   A+C 1   A+D 2   A+E 1   A+C+G 1   A+D+E 1   B 5   B+F 1   C 70   C+D 1
C+E 1  C+G 1   D 33    D+E 2   E 6       E+H 1     F 6   G 6     H 21
"""

# Korea, three lists, and six models: estimate and BIC. User guide of R's MultipleSystemsEstimation, "BIC model
# selection" (models [12,23] and so on, lists b, c and d); stepwise 268.7778 there too.
KOREA = "d 41  c 5  b 5  b+c 54  b+d 6  b+c+d 12"
KOREA_MODELS = """
b*c + c*d      157.1667   57.14081
b*c            268.7778   58.96860
b*d + c*d      123.4630   91.89711
c*d            126.1944  138.06368
b*d            126.9394  155.16018
main effects   141.9926  184.14431
"""

# Chan, Silverman and Vincent (2021), table 2; what fails is said of it in table 3 and in SparseMSE, Artificial_3.
ARTIFICIAL = "A 40  B 30  C 20  A+B 6"
ARTIFICIAL_REFUSED = {
    "A*B": NO_MAXIMUM,
    "A*B + A*C": NO_MAXIMUM,
    "A*B + B*C": NO_MAXIMUM,
    "A*B + A*C + B*C": UNIDENTIFIED,
}


def read(text: str, lists: tuple[str, ...] | None = None) -> pd.DataFrame:
    words = text.split()
    known = [set(word.split("+")) for word in words[::2]]
    names = lists or tuple(sorted(set().union(*known)))
    rows = [[*(int(name in pattern) for name in names), int(n)] for pattern, n in zip(known, words[1::2], strict=True)]
    return pd.DataFrame(rows, columns=[*names, "count"])


def told(found: multiple_systems.Estimate) -> tuple[str, str, str]:
    return f"{found.total:.2f}", f"{found.low:.1f}", f"{found.high:.1f}"


def test_the_tables_typed_here_are_those_of_the_shared_folder():
    if not SHARED.exists():
        pytest.skip("the folder of published examples is not beside this checkout")
    for text, file, lists in [(UK, "UKdat.csv", UK_LISTS), (NEW_ORLEANS, "NewOrl.csv", None)]:
        printed = pd.read_csv(SHARED / file).set_axis(read(text, lists).columns, axis=1)
        names = list(printed.columns)
        pd.testing.assert_frame_equal(
            read(text, lists).sort_values(names, ignore_index=True), printed.sort_values(names, ignore_index=True)
        )


@pytest.mark.parametrize(
    ("text", "model", "printed"),
    [
        (UK, "main effects", ("12214.00", "10988.8", "13621.3")),
        (UK, "stepwise", ("11417.99", "9977.3", "13145.7")),
        (NEW_ORLEANS, "main effects", ("996.66", "644.9", "1617.5")),
    ],
)
def test_published_estimates_with_their_intervals(text, model, printed):
    """Those of SparseMSE; main effects of the UK to three decimals below."""
    lists = UK_LISTS if text is UK else None
    assert told(multiple_systems.estimate(read(text, lists), model=model, interval="mean")) == printed


def test_published_estimates_to_more_digits():
    """SparseMSE; the UK with police and NCA as one list: README of MSETools (Binette and Steorts 2021)."""
    uk = read(UK, UK_LISTS)
    assert f"{multiple_systems.estimate(uk).total:.3f}" == "12213.995"
    joined = uk.assign(PF=uk[["PF", "NCA"]].max(axis=1)).groupby(list(UK_LISTS[:5]))["count"].sum().reset_index()
    assert f"{multiple_systems.estimate(joined).total:.2f}" == "13444.13"
    assert f"{multiple_systems.estimate(joined, model='stepwise').total:.3f}" == "11312.990"


def test_stepwise_of_new_orleans_takes_one_pair():
    """Chan, Silverman and Vincent (2021), section 4.1: D and E, 1184; at .01 or less main effects, 997."""
    frame = read(NEW_ORLEANS)
    steps = multiple_systems.stepwise(frame)
    assert list(zip(steps["first"], steps["second"], strict=True)) == [("", ""), ("D", "E")]
    assert [round(value) for value in steps["total"]] == [997, 1184]
    assert multiple_systems.estimate(frame, model="stepwise", threshold=0.01) == multiple_systems.estimate(frame)


def test_five_lists_of_new_orleans_need_no_pair():
    """As above: the four smallest lists joined, nothing significant at 5 %, 1034."""
    frame = read(NEW_ORLEANS)
    frame["rest"] = frame[["B", "E", "F", "G"]].max(axis=1)
    joined = frame.groupby(["A", "C", "D", "H", "rest"])["count"].sum().reset_index()
    found = multiple_systems.estimate(joined, model="stepwise", threshold=0.05)
    assert (round(found.total), found.model) == (1034, "main effects")


def test_every_model_of_korea():
    """Two models are not in the printed list: the fit would need numbers without end, and they are refused."""
    models = multiple_systems.span(read(KOREA)).models
    rows = [line.rsplit(maxsplit=2) for line in KOREA_MODELS.strip().splitlines()]
    found = models[models["refused"] == ""].sort_values("bic")
    assert [[row.model, f"{row.total:.4f}", f"{row.bic:.5f}"] for row in found.itertuples()] == [
        [name.strip(), total, bic] for name, total, bic in rows
    ]
    assert set(models["model"][models["refused"] == NO_MAXIMUM]) == {"b*c + b*d", "b*c + b*d + c*d"}
    assert models["chosen"][models["model"] == "b*c"].item() == "stepwise"
    best = multiple_systems.estimate(read(KOREA), model=[("c", "b")])
    assert (f"{best.aic:.5f}", f"{best.deviance:.6f}", best.df) == ("44.90767", "8.566946", 2)


def test_models_that_do_not_exist_or_are_not_identified():
    models = multiple_systems.span(read(ARTIFICIAL)).models.set_index("model")["refused"]
    assert models[models != ""].to_dict() == ARTIFICIAL_REFUSED
    with pytest.raises(UnfitDataError, match=r"A\*B cannot be estimated: the likelihood has no maximum"):
        multiple_systems.estimate(read(ARTIFICIAL), model=[("A", "B")])


def test_a_pair_that_shares_nobody_gets_minus_infinity():
    """By hand: with A*C and B*C, C is cut off from both; A and B alone give 46 × 36 / 6, and C adds its 20."""
    found = multiple_systems.estimate(read(ARTIFICIAL), model=[("A", "C"), ("B", "C")])
    assert found.apart == (("A", "C"), ("B", "C"))
    assert found.total == pytest.approx(46 * 36 / 6 + 20)


def test_no_model_of_new_orleans_is_refused():
    """Chan, Silverman and Vincent (2021), section 2.7, for all models; here those with up to three pairs."""
    found = multiple_systems.span(read(NEW_ORLEANS), most=3)
    assert (found.refused, found.tried) == (0, 1 + 28 + 378 + 3276)


@pytest.mark.slow
def test_the_range_for_the_united_kingdom_doubles():
    """All 2^15 models with pairs, no outside figures: within 10 of the best AIC the highest is twice the lowest."""
    found = multiple_systems.span(read(UK, UK_LISTS))
    assert (found.tried, found.refused, found.seen) == (2**15, 0, 2744)
    assert (round(found.lowest), round(found.highest)) == (9376, 20738)
    assert found.low < found.lowest < found.highest < found.high
    chosen = found.models[found.models["chosen"] != ""]
    assert set(chosen["chosen"]) == {"main effects", "stepwise"}
    assert chosen["is_defensible"].all()
    assert len(found.criticism) >= 5


def test_a_narrower_range_still_holds_main_effects_and_the_stepwise_choice():
    found = multiple_systems.span(read(UK, UK_LISTS), most=2, within=0, criterion="bic")
    assert {"main effects", "stepwise"} <= set(found.models["chosen"][found.models["is_defensible"]])
    assert found.defensible <= 3


POPULATIONS = [
    (2000, (0.2, 0.15, 0.1, 0.05)),
    (500, (0.25, 0.2, 0.15, 0.1)),
    (300, (0.6, 0.5, 0.4)),
    (60, (0.6, 0.5, 0.5)),
    (500, (0.9, 0.8)),
    (100, (0.9, 0.9, 0.8)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "chances"), POPULATIONS)
def test_intervals_cover_a_known_number(size, chances):
    """400 populations of known size and independent lists each: the interval of the number holds it in ≥ 94 %."""
    patterns = np.array(list(product((0, 1), repeat=len(chances))))
    shares = np.where(patterns, chances, 1 - np.array(chances)).prod(axis=1)
    draws = np.random.default_rng(2).multinomial(size, shares, size=400)
    frame = pd.DataFrame(patterns[1:], columns=list("ABCD")[: len(chances)])
    covered = []
    for draw in draws:
        found = multiple_systems.estimate(frame.assign(count=draw[1:]))
        covered.append(found.low <= size <= found.high)
    assert np.mean(covered) >= 0.94


def some_lists(most: int = 40) -> st.SearchStrategy[pd.DataFrame]:
    """Three or four lists, each pair of which shares somebody."""

    def build(size: int, counts: list[int]) -> pd.DataFrame:
        patterns = [row for row in product((0, 1), repeat=size) if any(row)]
        frame = pd.DataFrame(patterns, columns=list("abcd")[:size])
        return frame.assign(count=counts[: len(patterns)])

    return st.builds(build, st.integers(2, 4), st.lists(st.integers(1, most), min_size=15, max_size=15))


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500))
def test_two_lists_give_lincoln_and_petersen(first, second, both):
    found = multiple_systems.estimate(pd.DataFrame({"a": [1, 0, 1], "b": [0, 1, 1], "count": [first, second, both]}))
    assert found.total == pytest.approx((first + both) * (second + both) / both)


@given(some_lists(), st.randoms(use_true_random=False))
def test_the_order_of_lists_and_rows_changes_nothing(frame, random):
    names = random.sample(list(frame.columns), len(frame.columns))
    rows = random.sample(range(len(frame)), len(frame))
    for model in ("main effects", "stepwise"):
        found = multiple_systems.estimate(frame, model=model)
        other = multiple_systems.estimate(frame[names].iloc[rows], model=model)
        assert {frozenset(pair) for pair in found.terms} == {frozenset(pair) for pair in other.terms}
        assert (found.total, found.low, found.aic) == pytest.approx((other.total, other.low, other.aic))


@given(some_lists(), st.integers(2, 50))
def test_as_many_times_the_people_give_as_many_times_the_estimate(frame, times):
    found, more = (
        multiple_systems.estimate(frame),
        multiple_systems.estimate(frame.assign(count=frame["count"] * times)),
    )
    assert more.total == pytest.approx(times * found.total)
    assert more.high / more.total < found.high / found.total


@given(st.lists(st.sampled_from([0, 0, 1, 3, 20]), min_size=15, max_size=15))
def test_a_fit_comes_to_rest_just_where_the_linear_programme_finds_a_maximum(counts):
    patterns = [row for row in product((0, 1), repeat=4) if any(row)]
    try:
        histories = read_histories(pd.DataFrame(patterns, columns=list("abcd")).assign(count=counts))
    except UnfitDataError:
        return
    models = [(), histories.pairs[:1], histories.pairs[1:4], histories.pairs]
    for terms, found in zip(models, fit_many(histories, models), strict=True):
        apart = [histories.on_both(pair) for pair in terms if not histories.counts[histories.on_both(pair)].any()]
        kept = ~np.any([np.zeros(15, bool), *apart], axis=0)
        columns = [histories.on_both(pair) for pair in terms if histories.counts[histories.on_both(pair)].any()]
        design = np.column_stack([np.ones(15), histories.patterns, *columns])[kept]
        if np.linalg.matrix_rank(design) < design.shape[1]:
            assert found.refused == UNIDENTIFIED
        else:
            assert (found.refused == NO_MAXIMUM) == no_maximum(design, histories.counts[kept])
            if not found.refused:
                oracle = GLM(histories.counts[kept], design, family=Poisson()).fit(tol=1e-12)
                assert found.log_unseen == pytest.approx(oracle.params[0], rel=1e-5, abs=1e-5)
                assert found.error == pytest.approx(oracle.bse[0], rel=1e-4)


def test_people_are_counted_by_their_pattern_of_lists():
    people = pd.DataFrame({"ngo": [True, True, False], "police": [False, True, True]})
    table = pd.DataFrame({"ngo": [0, 1, 1], "police": [1, 0, 1], "count": [1, 1, 1]})
    pd.testing.assert_frame_equal(multiple_systems.collapse_people(people), table)
    assert multiple_systems.overlaps(table).to_dict("records") == [{"first": "ngo", "second": "police", "both": 1}]


def test_the_criticism_has_author_year_objection_and_source():
    table = multiple_systems.published_criticism()
    assert list(table.columns) == ["authors", "year", "objection", "source"]
    assert (table["year"].between(1990, 2030)).all()
    assert (table != "").to_numpy().all()


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("a b count | 1 0 5 | 0 1 4", {}, "these lists never overlap"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 -2", {}, r"column count holds .*-2.*whole number"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2.5", {}, r"2\.5.*whole number of people"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 nan", {}, "column count is empty in row 3"),
        ("a b count | 1 0 5 | 0 nan 4 | 1 1 2", {}, "column b is empty in row 2"),
        ("a b count | 1 0 5 | 0 2 4 | 1 1 2", {}, "column b holds .*a list has 1 for people on it"),
        ("a b count | 1 0 5 | 0 0 4 | 1 1 2", {}, "the pattern in row 2 is on no list"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2 | 1 0 1", {}, "the pattern a stands in row 1 and in row 4; add the two up"),
        ("a b c count | 1 0 0 5 | 0 1 0 4 | 1 1 0 2", {}, "list c has nobody on it"),
        ("a b count | 1 0 5 | 1 1 2", {}, "list a has everybody on it"),
        ("a count | 1 5", {}, "one list does not show"),
        ("a b n | 1 0 5", {}, "column 'count' is missing; the columns are a, b, n"),
        (
            "a b count | 1 0 5 | 0 1 4 | 1 1 2",
            {"lists": ["a", "z"]},
            "column 'z' is missing; the columns are a, b, count",
        ),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"lists": ["a", "a"]}, "'a' is named twice"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"lists": ["a", "count"]}, "cannot be a list as well"),
        ("a b count", {}, "the table is empty"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": "best"}, "model 'best' is unknown"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": [("a", "z")]}, "list z is unknown; the lists are a, b"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": [("a", "a")]}, "is not a pair of lists"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": [("a", "b")]}, r"a\*b cannot be estimated: the counts do not"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"level": 95}, "level is 95; write a share"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"level": "a"}, "level is 'a'; write a share"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"lists": "ab"}, "lists is 'ab'; write a list"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": 3}, "model is 3; give pairs of lists"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": [3]}, "3 is not a pair of lists"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": "stepwise", "threshold": "a"}, "threshold is 'a'"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"interval": "exact"}, "interval 'exact' is unknown"),
        ("a b count | 1 0 5 | 0 1 4 | 1 1 2", {"model": "stepwise", "threshold": 2}, "threshold is 2"),
    ],
)
def test_unfit_data_are_refused_with_a_sentence(text, options, sentence):
    head, *rows = [line.split() for line in text.split("|")]
    with pytest.raises(UnfitDataError, match=sentence):
        multiple_systems.estimate(
            pd.DataFrame([[float(value) for value in row] for row in rows], columns=head), **options
        )


def test_blank_text_is_not_a_list():
    with pytest.raises(UnfitDataError, match="column a: some cells are blank text"):
        multiple_systems.collapse_people(pd.DataFrame({"a": [1, ""], "b": [1, 1]}))


def test_a_person_on_no_list_is_refused():
    with pytest.raises(UnfitDataError, match="person in row 2 is on no list"):
        multiple_systems.collapse_people(pd.DataFrame({"ngo": [1, 0], "police": [1, 0]}))


def test_a_range_over_too_many_models_is_refused():
    with pytest.raises(UnfitDataError, match=r"most is 9, which makes .* at most 33,000"):
        multiple_systems.span(read(NEW_ORLEANS), most=9)
    for most in (-1, 1.5, True, "a"):
        with pytest.raises(UnfitDataError, match=f"most is {most!r}; write a whole number from 0"):
            multiple_systems.span(read(KOREA), most=most)
    with pytest.raises(UnfitDataError, match="criterion is 'r2'"):
        multiple_systems.span(read(KOREA), criterion="r2")


def test_the_british_lists_are_those_in_print():
    given, typed = multiple_systems.british_lists(), read(UK, UK_LISTS)
    assert given.columns.tolist()[::6] == ["local authorities", "count"] and given["count"].sum() == 2744
    same = given.set_axis(typed.columns, axis=1).sort_values(typed.columns.tolist(), ignore_index=True)
    pd.testing.assert_frame_equal(same, typed.sort_values(typed.columns.tolist(), ignore_index=True))


def test_lists_may_be_named_by_numbers_such_as_years():
    named, years = read(KOREA), {"b": 2001, "c": 2002, "d": 2003}
    numbered = named.rename(columns=years)
    for model, same in (("main effects",) * 2, ("stepwise",) * 2, ([("b", "c")], [(2001, 2002)])):
        assert (
            multiple_systems.estimate(numbered, model=same).total == multiple_systems.estimate(named, model=model).total
        )
    assert multiple_systems.estimate(numbered, model="stepwise").model == "2001*2002"
    assert multiple_systems.span(numbered).highest == multiple_systems.span(named).highest
    assert multiple_systems.overlaps(numbered)["first"].tolist() == [2001, 2001, 2002]
    people = pd.DataFrame({2001: [1, 1, 0], 2002: [0, 1, 1]})
    table = pd.DataFrame({2001: [0, 1, 1], 2002: [1, 0, 1], "count": [1, 1, 1]})
    pd.testing.assert_frame_equal(multiple_systems.collapse_people(people), table)


def test_a_list_named_like_the_counts_is_refused():
    people = pd.DataFrame({"count": [1, 1, 0], "ngo": [0, 1, 1]})
    with pytest.raises(UnfitDataError, match="a list is named 'count', like the counts; rename it"):
        multiple_systems.collapse_people(people)
    assert multiple_systems.collapse_people(people, count="people")["people"].tolist() == [1, 1, 1]
