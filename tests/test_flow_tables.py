"""Tables of flows as statistics publish them: countries recognised, places and legs made, all that is not named."""

import pandas as pd
import pytest
from geopandas import GeoDataFrame, points_from_xy

from research_lib.compare.flows import places_and_legs
from research_lib.errors import UnfitDataError
from research_lib.evidence.geography import country_places
from research_lib.evidence.vocabulary.country_names import COUNTRIES, country_name, country_of
from research_lib.show import RouteMap

SPELLINGS = """
RUS Russian Federation|VNM Viet Nam|CIV Côte d'Ivoire|CIV Cote d’Ivoire|HKG Hong Kong SAR|HKG China, Hong Kong SAR
HKG Hong Kong SAR, China|GBR UK|GRC EL|AFG 4|AFG 004|USA 840|USA U.S.A.|GMB Gambia, The|PRK Korea, Dem. People’s Rep.
KOR Korea, Rep.|KOR Republic of Korea|BOL Bolivia (Plurinational State of)|BIH Bosnia & Herzegovina|TUR Turkiye
COD Dem. Rep. of the Congo|COD Congo, The Democratic Republic of the|COG Congo|LCA St. Lucia|NAM NA|XKX Kosovo
FSM Micronesia (Fed. States of)|VIR Virgin Islands (U.S.)|DEU Allemagne|CZE Czech Rep.|TWN China, Taiwan Province of China
NER Niger|NGA NIGERIA|GIN Guinea|GNQ Equatorial Guinea|GNB Guinea-Bissau|MMR Myanmar|DOM Dominican Rep.|DMA Dominica
"""


@pytest.mark.parametrize("entry", [entry for line in SPELLINGS.split("\n") for entry in line.split("|") if entry])
def test_a_country_is_recognised_by_codes_names_and_common_spellings(entry):
    code, _, given = entry.partition(" ")
    assert country_of(given) == code


def test_every_country_is_recognised_by_its_code_and_its_name_and_has_a_point():
    assert {code for code in COUNTRIES if country_of(code) == code} == COUNTRIES
    assert [code for code in sorted(COUNTRIES) if country_of(country_name(code)) != code] == ["FSM"]
    assert len(country_places(COUNTRIES)) == len(COUNTRIES)
    assert country_of(840.0) == country_of(840) == "USA"


@pytest.mark.parametrize(
    "given",
    ["Korea", "Micronesia", "Virgin Islands", "YUG", "SUN", "World", "Total", 900, "", None, float("nan"), True],
)
def test_what_is_no_country_or_one_of_two_is_not_guessed(given):
    assert country_of(given) is None


TABLE = pd.DataFrame(
    {
        "From": ["Viet Nam", "NZL", "Russian Federation", "FRA", "FRA"],
        "To": ["FR", "France", 250, "New Zealand", "FRA"],
        "n": [1200, 35.5, None, 0, 9],
        "year": 2015,
        "kind": "stock",
    }
)
ENDS = {"origin": "From", "destination": "To"}
COUNTED = {**ENDS, "value": "n", "unit": "persons", "source": "An office 2015"}


def test_a_table_of_flows_becomes_places_and_legs_and_a_map():
    made = places_and_legs(TABLE, **COUNTED)
    assert sorted(made.places["id"]) == ["FRA", "NZL", "VNM"]
    assert made.legs["weight"].tolist() == [1200, 35.5]
    assert made.left_out == (
        "rows that lead from a country to itself: 1",
        "rows that have no value: 1",
        "rows that have the value 0: 1",
    )
    routes = RouteMap(places=made.places, legs=made.legs)
    table = routes.to_csv()
    assert "1,200 persons" in table and "35.5 persons" in table and "year: 2015; kind (of the table): stock" in table
    assert "New Zealand" in routes.to_svg() and "An office 2015" in table


def test_without_a_value_each_row_is_a_leg_and_no_number():
    made = places_and_legs(TABLE, **ENDS)
    assert len(made.legs) == 4 and "weight" not in made.legs
    assert "n: 1200" in RouteMap(places=made.places, legs=made.legs).to_csv()


def test_the_largest_are_kept_and_the_others_counted():
    made = places_and_legs(TABLE, **COUNTED, largest=1)
    assert made.legs["from_id"].tolist() == ["VNM"]
    assert "rows that have smaller values than the 1 largest: 1" in made.left_out


def test_regions_and_cities_have_points_of_their_own():
    places = GeoDataFrame(
        {"id": [1, 2], "name": ["North", "South"]}, geometry=points_from_xy([10, 15], [45, 40]), crs=4326
    )
    table = pd.DataFrame({"origin": ["North", "2"], "destination": [2, "North"], "n": [5, 6]})
    made = places_and_legs(table, value="n", unit="persons", source="x", places=places)
    assert RouteMap(places=made.places, legs=made.legs).to_csv().count("persons.") == 2


WRONG = [
    (
        TABLE.assign(From=["Wrold", "NZL", None, "Wrold", "Atlantis"]),
        {},
        r"(?s)'Wrold' \(row 1, 4\).*Namibia.*\(row 3\).*'Atlantis' \(row 5\)",
    ),
    (TABLE, {"origin": "Form"}, "the table has no column 'Form'; the nearest is 'From'; say origin="),
    (TABLE, {"destination": "From"}, "From, From, n: one column is to serve twice"),
    (TABLE, {"unit": ""}, "say what the values count and who says so"),
    (
        TABLE.assign(n=["1,200", "5", "6", "x", "9"]),
        {},
        "n: 2 cells are no number of 0 or more, .*row 1: '1,200'; row 4: 'x'",
    ),
    (TABLE.assign(n=-1), {}, "n: 5 cells are no number of 0 or more"),
    (TABLE.assign(From="VNM", To="FRA"), {}, r"VNM to FRA has 4 values \(rows 1, 2, 4, 5\); keep one year"),
    (TABLE.iloc[4:], {}, "no row of the table joins two countries; rows that lead from a country to itself: 1"),
    (TABLE.iloc[:0], {}, "no row of the table joins two countries"),
    (TABLE, {"value": None, "largest": 2}, "largest needs a column of values"),
    ([1], {}, "the table is a list; give a DataFrame"),
    (TABLE, {"places": 3}, "places has to be a GeoDataFrame"),
]


@pytest.mark.parametrize(("table", "options", "reason"), WRONG)
def test_a_table_that_is_no_table_of_flows_is_refused_with_its_rows(table, options, reason):
    with pytest.raises(UnfitDataError, match=reason):
        places_and_legs(table, **{**COUNTED, **options})


def test_two_values_are_refused_also_behind_a_pair_with_one():
    table = pd.DataFrame({"origin": ["FR", "FR", "IT", "IT"], "destination": ["ES"] * 4, "n": [5, None, 6, 7]})
    with pytest.raises(UnfitDataError, match=r"ITA to ESP has 2 values \(rows 3, 4\)"):
        places_and_legs(table, value="n", unit="persons", source="x")


def test_rows_that_name_no_country_are_left_out_where_they_are_named():
    made = places_and_legs(TABLE.assign(From=["World", "NZL", "RUS", "FRA", "FRA"]), **COUNTED, without=["World"])
    assert made.left_out[0] == "rows that name no country, as `without` says: 1" and len(made.legs) == 1
