"""Routes and profiles as pure functions of the study."""

import pandas as pd
import pytest

from research_lib.compare.profiles import contrast
from research_lib.compare.routes import decades, leg_table
from research_lib.evidence.multiple_values import split
from research_lib.evidence.vocabulary.common_codes import DIMENSIONS


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1997, 1999, ["1990s"]),
        (1984, None, ["1980s", "1990s", "2000s"]),
        (None, 1983, ["1980s"]),
        (1976, 1981, ["1970s", "1980s"]),
        (2005, 2005, ["2000s"]),
        (2012, None, ["2010s"]),
        (None, None, ["undated"]),
        (pd.NA, 1990, ["1990s"]),
    ],
)
def test_decades(start, end, expected):
    assert decades(start, end, 2007) == expected


def test_split():
    assert split("a;b") == ["a", "b"]
    assert split("a") == ["a"]
    assert split(None) == split(pd.NA) == []


def test_each_leg_stands_beside_its_route(study):
    table = leg_table(study)
    assert len(table) == len(study["legs"])
    milan = table[table["route_id"] == "r-milan-agency-turin"].iloc[0]
    assert (milan["from_id"], milan["to_id"], milan["actor"]) == ("milan", "turin", ["not-stated"])
    assert milan["claim_id"]


def test_contrast_parts_what_is_shared_from_what_is_not(study):
    rows = contrast(study, ("dongbei", "FRA"), ("zhejiang", "FRA"))
    assert [row.dimension for row in rows] == list(DIMENSIONS)
    migration = rows[2]
    claims = study["claims"].set_index("id")
    assert migration.alike
    for claim in migration.alike:
        assert {"dongbei", "zhejiang"} <= set(split(claims.loc[claim, "group_id"]))
    assert not set(migration.only_first) & set(migration.only_second)


def test_contrast_of_one_group_in_two_countries(study):
    rows = contrast(study, ("dongbei", "FRA"), ("dongbei", "ITA"))
    claims = study["claims"].set_index("id")
    for claim in rows[0].only_first:
        assert "ITA" not in split(claims.loc[claim, "country_code"])
