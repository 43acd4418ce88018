"""Legs as flows between regions: a table that the indices take, and sentences on what they then do not say."""

import io
from dataclasses import dataclass

import pandas as pd
import pytest

from research_lib.compare import routes
from research_lib.errors import UnfitDataError

PLACES = """id,parent_id,country_code,iso_3166_2
europe,,,
france,europe,FRA,
paris,france,FRA,FR-75C
belleville,paris,,
lyon,france,FRA,FR-69
italy,europe,ITA,
turin,italy,ITA,IT-TO
"""


@dataclass
class Tables:
    """The two tables of a study that flows are made of."""

    legs: pd.DataFrame

    def __getitem__(self, name):
        return self.legs if name == "legs" else pd.read_csv(io.StringIO(PLACES))


def flows(legs, **options):
    pairs = [leg.split("-") for leg in legs.split()]
    return routes.flows(Tables(pd.DataFrame(pairs, columns=["from_id", "to_id"])), **options)


def counted(found):
    return {f"{row.origin}-{row.destination}": row.flow for row in found.table.itertuples() if row.flow}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("country_code", {"FRA-ITA": 3, "ITA-FRA": 1}),
        ("iso_3166_2", {"FR-75C-IT-TO": 1, "FR-75C-FR-69": 1, "france-italy": 1, "IT-TO-FR-69": 1, "FR-69-italy": 1}),
        ("id", {"belleville-turin": 1, "paris-lyon": 1, "france-italy": 1, "turin-lyon": 1, "lyon-italy": 1}),
    ],
)
def test_legs_are_counted_between_regions(by, expected):
    found = flows("belleville-turin paris-lyon france-italy turin-lyon lyon-italy", by=by)
    assert counted(found) == expected
    regions = found.table["origin"].nunique()
    assert len(found.table) == regions * (regions - 1) and found.table["flow"].sum() == sum(expected.values())


def test_a_part_of_the_world_is_a_region_itself():
    assert counted(flows("europe-turin france-europe")) == {"FRA-europe": 1, "europe-ITA": 1}


@pytest.mark.parametrize(
    ("legs", "told"),
    [
        ("paris-turin turin-paris", []),
        ("paris-turin", ["1 of 2 pairs have no leg", "1 of 1 joined pairs have legs in one direction only"]),
        ("paris-turin turin-paris paris-lyon", ["within a region, and are in no flow: 1."]),
        (
            "paris-europe europe-turin turin-paris paris-turin turin-europe europe-paris",
            ["europe belong to no country", "Regions lie in each other (FRA in europe, ITA in europe)"],
        ),
    ],
)
def test_the_cautions_are_those_that_apply(legs, told):
    first, *others = flows(legs).cautions
    assert "not people" in first and "an intensity of migration" in first
    assert len(others) == len(told) and all(part in sentence for part, sentence in zip(told, others, strict=True))


def test_what_is_no_flow_is_refused():
    with pytest.raises(UnfitDataError, match="by is 'kind'; count flows by country_code, iso_3166_2, id"):
        flows("paris-turin", by="kind")
    for legs in ("paris-lyon", ""):
        with pytest.raises(UnfitDataError, match="no leg of the study joins two regions"):
            flows(legs)


def test_the_legs_of_the_study_as_flows(study):
    found = routes.flows(study)
    assert counted(found)["ITA-FRA"] == 7 and counted(found)["FRA-ITA"] == 3
    legs = study["legs"]
    assert routes.flows(study, by="id").table["flow"].sum() == (legs["from_id"] != legs["to_id"]).sum()
