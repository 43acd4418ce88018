"""Each certainty has its mark in the lines that a row cites, and no code says more than its text."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from research_lib import open_study
from research_lib.coding.claims_as_codings import stretches
from research_lib.compare import provisions
from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import parse_references
from research_lib.evidence.vocabulary.common_codes import CERTAINTIES

SECOND = Path(__file__).parent / "orinoco"
TABLES = ("claims", "figures", "indicators", "routes", "legs")
CONCLUSIONS = ("2.4.5", "3.3.3.e", "3.4", "3.4.1", "3.4.2", "4.3.1.4", "4.3.2.4", "4.3.3.4", "4.4", "4.4.1", "4.4.2")
MARKS = {
    "conclusion": r"conclude|confirm|can\b.{0,20} be (?:said|compared|denoted|applied|definitively maintained)|be defined"
    r"|possible to state|cannot be called|as can be seen|opinion|enables? us to|for us\b|must remain|no doubt"
    r"|obviously|\bshould\b|\bmust\b|\bneed(?:s|ed)? to\b|necessary|has also to|correspond to|criteria|indeed traffi",
    "estimate": r"\babout\b|around|approximately|almost|\bsome \d|estimat|dozen|couple of|thousands|would (?:be|have)"
    r"|\d+ ?%? (?:to|and) \d",
    "hypothesis": r"\bmay\b|might|could|seem|maybe|probabl|likely|possib|believed|thought|explained|attributed|explain\b"
    r"|would|hypothes",
    "anecdotal": r"\bcases?\b|one (?:Chinese )?woman|\bgroup of 3\b|anecdotal|\bin a remote\b|remote \w+ village"
    r"|\bshe\b|grandmother|doctor for instance|Chinese immigrant|documentary|of one|One of them",
    "rumour": r"we were told|it is (?:also |often )?said|is said to|stories|rumours|some say|heard",
}
NUMBER = re.compile(r"\d|hundred|thousand|million|dozen|couple|half|third|quarter", re.IGNORECASE)
ORGANISED_BY_US = re.compile(
    r"that (?:they|these|the families) [^.;]*(?:organise|send)[^.;]*our reading|in our reading by"
)


def rows(study, name):
    return study[name][study[name]["source"].str.startswith("exchange2007")]


def sections(row):
    return {reference.locator for reference in parse_references(row.source)}


def lines_of(row, report):
    text = "\n".join(report[line - 1] for first, end in stretches(row.lines) for line in range(first, end))
    return re.sub(r"\s+", " ", re.sub(r"(?<=\w)-\s*\n", "", text))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("code", MARKS)
def test_a_row_has_the_mark_of_its_certainty_in_its_lines(study, report, name, code):
    found = rows(study, name).query("certainty == @code")
    for row in found.itertuples():
        headed = code == "conclusion" and sections(row) & {*CONCLUSIONS}
        assert headed or re.search(MARKS[code], lines_of(row, report), re.IGNORECASE), (row.id, row.text)


@pytest.mark.parametrize("name", ["claims", "figures"])
def test_what_stands_under_a_heading_conclusion_is_one_or_something_more_cautious(study, name):
    weaker = [*CERTAINTIES][[*CERTAINTIES].index("conclusion") :]
    for row in rows(study, name).itertuples():
        if sections(row) & {*CONCLUSIONS}:
            assert row.certainty in weaker, row.id


@pytest.mark.parametrize("name", TABLES)
def test_an_estimate_has_a_number(study, name):
    for row in rows(study, name).query("certainty == 'estimate'").itertuples():
        assert NUMBER.search(row.text), (row.id, row.text)


def test_a_figure_is_an_estimate_where_its_number_is_not_exact_and_nowhere_else(study):
    for row in study["figures"].itertuples():
        is_range = pd.notna(row.low) and pd.notna(row.high)
        assert row.certainty != "estimate" or row.is_approximate or is_range, row.id
        assert row.certainty not in ("stated", "conclusion") or not row.is_approximate, row.id


@pytest.mark.parametrize("name", ["routes", "legs"])
def test_an_organiser_that_is_our_reading_stands_in_the_text_and_in_no_code(study, name):
    read = [row for row in rows(study, name).itertuples() if ORGANISED_BY_US.search(row.text)]
    assert len(read) >= 4
    assert [row.id for row in read if row.actor != "not-stated"] == []


def test_a_step_is_organised_by_whom_its_route_names_or_by_nobody_who_is_named(study):
    actors = study["routes"].set_index("id")["actor"]
    for leg in study["legs"].itertuples():
        assert {*split(leg.actor)} <= {*split(actors[leg.route_id]), "not-stated"}, leg.id


def test_what_was_missing_in_an_earlier_year_is_neither_there_nor_lacking(study):
    table = study["provisions"]
    assert {*table.query("presence == 'formerly-absent'")["id"]} == {"p-svk-national-plan-01"}
    assert table.query("presence == 'formerly-absent'")["text"].str.contains(r"\b2005\b").all()


def test_a_feature_missing_in_an_earlier_year_only_is_an_open_question(tmp_path):
    folder = shutil.copytree(SECOND, tmp_path / "study", ignore=shutil.ignore_patterns("build"))
    path = folder / "tables/provisions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",absent,", ",formerly-absent,"), encoding="utf-8")
    before, after = (provisions.differences(open_study(each)).loc["dedicated-shelters"] for each in (SECOND, folder))
    assert (before["VEN"], before["kind"]) == ("absent", "differs")
    assert (after["VEN"], after["kind"]) == ("formerly-absent", "open")
    assert "dedicated-shelters" in next(iter(provisions.similarity(open_study(folder)))).open
    gap = provisions.gaps(open_study(folder)).set_index("feature").loc["dedicated-shelters"]
    assert (gap["absent_in"], gap["not_described_in"]) == ((), ("VEN",))
