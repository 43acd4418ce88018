"""Several informants on one quantity: intervals kept as said, never averaged."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib import open_study
from research_lib.compare.informants import combine_informants, informants
from research_lib.errors import UnfitDataError

BY = ("definition", "place", "period")
SAID = pd.read_csv(
    io.StringIO("""
    definition place period informant    value low high unit
    women      paris 2006   police       600   -   -    women
    women      paris 2006   ngo          -     500 700  women
    women      paris 2006   mediator     -     550 -    women
    women      paris 2007   police       400   -   -    women
    women      paris 2007   ngo          -     -   300  women
    persons    paris 2006   police       -     900 1100 persons
    women      turin 2006   ngo          50    -   -    women
    women      turin 2006   police       50    -   -    women
    women      milan 2006   ngo;police   -     -   -    women
    """),
    sep=r"\s+",
    na_values="-",
)


def test_statements_stand_as_intervals():
    table = informants(SAID, by=BY)
    assert table["stated"].tolist()[:5] == ["value", "range", "at least", "value", "at most"]
    assert table[["lowest", "highest"]].to_numpy()[:5].tolist() == [
        [600, 600], [500, 700], [550, np.inf], [400, 400], [-np.inf, 300]
    ]  # fmt: skip
    assert table["stated"].iloc[-1] == "no number" and len(table) == len(SAID)


def test_only_the_same_definition_place_and_period_are_put_together():
    found = combine_informants(SAID, by=BY).set_index(list(BY))
    assert found["verdict"].tolist() == ["overlap", "contradict", "alone", "same", "no number"]
    first, second = found.iloc[0], found.iloc[1]
    assert first[["overlap_low", "overlap_high", "span_low", "span_high"]].tolist() == [600, 600, 500, np.inf]
    assert first["statements"] == 3 and first["informants"] == "mediator;ngo;police"
    assert second[["overlap_low", "overlap_high"]].isna().all()
    assert second[["span_low", "span_high"]].tolist() == [-np.inf, 400]


def test_what_is_approximate_may_be_off_by_a_share_that_is_named():
    said = SAID[SAID["period"] == 2007].assign(is_approximate=[True, pd.NA])
    assert combine_informants(said, by=BY).at[0, "verdict"] == "contradict"
    wide = combine_informants(said, by=BY, about=0.25).iloc[0]
    assert wide["verdict"] == "overlap" and wide[["overlap_low", "overlap_high"]].tolist() == [300, 300]


def test_an_approximate_balance_may_be_off_both_ways_above_and_below_zero():
    said = pd.DataFrame({"what": list("abc"), "value": [200, -200, 0], "is_approximate": True})
    found = informants(said.assign(unit="persons", informant="ngo"), by=["what"], about=0.1)
    assert found[["lowest", "highest"]].to_numpy().tolist() == [[180, 220], [-220, -180], [0, 0]]


def test_the_study_s_own_figures():
    figures = open_study()["figures"]
    found = combine_informants(figures)
    assert len(informants(figures)) == len(figures)
    arrests = found[found["indicator"].str.startswith("street arrests")].set_index("period")
    assert arrests["span_low"].to_dict() == {"2005": 183, "2006": 86}
    assert arrests["verdict"].tolist() == ["alone", "alone"]
    paris = found[
        found["indicator"].str.contains("women in prostitution from China as estimated|people in prostitution in Paris")
    ]
    assert sorted(zip(paris["span_low"], paris["span_high"], paris["verdict"], strict=True)) == [
        (600, 600, "alone"),
        (15000, 18000, "alone"),
    ]
    flows = found[(found["indicator"] == "female flow from China over five years") & (found["period"] == "1990/1995")]
    france = flows.set_index("country_code").loc["FRA"]
    assert france[["statements", "span_low", "span_high", "verdict"]].tolist() == [6, 1096, 18069, "contradict"]
    stay = found[found["indicator"].str.startswith("length of stay in Italy")]
    assert stay["verdict"].tolist() == ["alone"] * 3 and (stay["unsaid"] == "period").all()
    assert found["verdict"].eq("no number").sum() > 0


ranges = st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9)), min_size=1, max_size=6)


def of(drawn):
    rows = [("women", "ngo", low, low + width) for low, width in drawn]
    return pd.DataFrame(rows, columns=["unit", "informant", "low", "high"]).assign(what="one")


@pytest.mark.slow
@given(ranges, st.randoms(use_true_random=False))
def test_order_and_repetition_of_statements_do_not_matter(drawn, random):
    columns = ["overlap_low", "overlap_high", "span_low", "span_high"]
    first = combine_informants(of(drawn), by=["what"])[columns]
    mixed = random.sample(drawn + drawn[:1], len(drawn) + 1)
    pd.testing.assert_frame_equal(combine_informants(of(mixed), by=["what"])[columns], first)


@given(ranges)
def test_the_overlap_is_what_all_say_and_the_span_holds_all(drawn):
    found = combine_informants(of(drawn), by=["what"]).iloc[0]
    common = [n for n in range(-20, 21) if all(low <= n <= low + width for low, width in drawn)]
    assert (found["verdict"] == "contradict") == (not common)
    if common:
        assert (found["overlap_low"], found["overlap_high"]) == (common[0], common[-1])
    assert (found["span_low"], found["span_high"]) == (min(low for low, _ in drawn), max(map(sum, drawn)))


@pytest.mark.parametrize(
    ("figures", "options", "says"),
    [
        (SAID, {}, "column 'indicator' is missing; the columns are definition, place"),
        (SAID.drop(columns="informant"), {"by": BY}, "column 'informant' is missing"),
        (SAID.drop(columns=["value", "low", "high"]), {"by": BY}, "give a column value, or low and high"),
        (SAID.iloc[:0], {"by": BY}, "the statements are missing"),
        (SAID, {"by": BY, "about": 10}, "a tenth is 0.1"),
        (SAID.assign(unit=["persons", *SAID["unit"][1:]]), {"by": BY}, "statement 0: others of its quantity have another"),
        (SAID.assign(value="many"), {"by": BY}, "statement 0: its value is not a number; put words"),
        (SAID.assign(value=600), {"by": BY}, "statement 1: it has both a value and a low or high; keep the one that was stated"),
        (SAID.assign(value=100, low=90, high=None), {"by": BY}, "statement 0: it has both a value and a low or high"),
        (SAID.assign(is_approximate="yes"), {"by": BY}, "statement 0: its is_approximate is neither True nor False"),
        (pd.concat([SAID, SAID[["value"]]], axis=1), {"by": BY}, "two columns are named 'value'; rename one"),
        (SAID, {"by": "place"}, "by is 'place'; write a list"),
        (SAID, {"by": [*BY, "place"]}, "column 'place' is named twice"),
        (SAID, {"by": BY, "about": "a tenth"}, "`about` is 'a tenth'; a tenth is 0.1"),
        (SAID, {"by": BY, "about": False}, "`about` is False; a tenth is 0.1"),
        (SAID.assign(is_approximate=[True, 0, None] * 3), {"by": BY}, "statement 1: its is_approximate is neither True nor"),
        (SAID.assign(stated="seen"), {"by": [*BY, "stated"]}, "the result has its own column 'stated'; rename it in"),
        (SAID.assign(verdict="yes"), {"by": [*BY, "verdict"]}, "the result has its own column 'verdict'"),
        (SAID.assign(informant=";"), {"by": BY}, "statement 0: its informant is missing; fill it in"),
        (SAID.assign(low=800), {"by": BY}, "statement 1: its low is above its high; exchange them"),
        (SAID.assign(high=np.inf), {"by": BY}, "its high is infinite; leave an open end empty"),
        (SAID.assign(informant=None, id=[f"f-{n}" for n in range(9)]), {"by": BY}, "statement 'f-0': its informant is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_side_by_side_is_said(figures, options, says):
    with pytest.raises(UnfitDataError, match=says):
        informants(figures, **options)


@pytest.mark.parametrize("column", ["informant", "unit", "place", "value", "is_approximate"])
def test_blank_text_is_refused_in_every_column(column):
    blank = SAID.assign(**{column: ["", *[None] * 8]})
    with pytest.raises(UnfitDataError, match=f"column '{column}': some cells are blank text; write None where"):
        combine_informants(blank, by=BY)


def test_a_semicolon_too_many_names_no_informant():
    said = SAID.head(1).assign(informant="police;; ngo;")
    assert combine_informants(said, by=BY).at[0, "informants"] == "ngo;police"
