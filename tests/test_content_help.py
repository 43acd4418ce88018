"""Chapters 1, 2 and 4 in the study: complete, cited line by line, in both languages, and organisations only."""

import re

import pandas as pd
import pytest

from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import parse_references
from research_lib.evidence.tables import TABLES, columns

NEW = [
    name
    for name in TABLES
    if name
    not in ("sections", "codebook", "places", "groups", "claims", "figures", "routes", "legs", "profiles", "codings")
]
FEWEST = """
provisions | 80
pathways | 30
comparisons | 30
recommendations | 15
situations | 8
indicators | 80
definition_elements | 20
partnerships | 4
services | 40
professional_profiles | 24
documented_profiles | 40
roles | 36
role_descriptions | 126
exchanges | 60
organisations | 100
networks | 10
memberships | 120
ties | 10
survey_answers | 80
best_practices | 9
"""
_PAGE = 45  # footnotes stand at the foot of a page, after the section that they belong to
WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "eighth": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "sixteen": 16,
    "eighteen": 18,
    "twenty": 20,
    "dozen": 12,
}


@pytest.mark.parametrize("line", FEWEST.strip().split("\n"))
def test_as_much_is_there_as_the_chapters_give(study, line):
    name, fewest = (cell.strip() for cell in line.split("|"))
    assert len(study[name]) >= int(fewest)


def test_every_section_of_chapters_1_2_and_4_that_says_something_has_rows(study):
    tables = [*NEW, "figures", "claims"]
    said = {ref.locator for name in tables for cell in study[name]["source"] for ref in parse_references(cell)}
    listed = set(study["sections"].query("not locator.str.startswith('3')")["locator"])
    silent = {
        "2.2",
        "2.3",
        "2.3.1",
        "2.3.4",
        "2.3.5",
        "4.3.1.5",
        "annex1.1",
        "annex1.2",
        "annex2",
        "4.2.4",
        "2.3.7",
        "2.2.2",
        "2.2.3",
        "4.2.3",
        "4.4",
    }
    assert listed - said <= silent, sorted(listed - said - silent)


@pytest.mark.parametrize("name", NEW)
def test_every_row_says_where_it_stands_inside_the_section_it_names(study, name):
    spans = {row.locator: tuple(map(int, row.lines.split("-"))) for row in study["sections"].itertuples()}
    for row in study[name].itertuples():
        first, last = zip(*(spans[ref.locator] for ref in parse_references(row.source)), strict=True)
        for start in re.findall(r"(?:^|;)(\d+)", row.lines):
            inside = (low - _PAGE <= int(start) <= high + _PAGE for low, high in zip(first, last, strict=True))
            assert any(inside), (row.id, start)


@pytest.mark.parametrize("name", NEW)
def test_what_is_said_in_english_is_said_in_french(study, name):
    table = study[name]
    for column in (column.name for column in columns(TABLES[name]) if column.name.endswith("_fr")):
        english = table[column.removesuffix("_fr")].notna()
        assert (table[column].notna() == english).all(), (
            column,
            table[table[column].notna() != english]["id"].tolist(),
        )


@pytest.mark.parametrize("name", NEW)
def test_no_person_number_or_address_and_no_label(study, name):
    reaching = re.compile(r"@|\bwww\.|\+\d\d|\b0?\d{3}[ .-]\d{3}[ .-]\d{3}|\b(via|rue|piazza|ulica) [A-Z]")
    labels = re.compile(
        r"\billegals\b|\billegal (im)?(migrant|worker|resident|stay|wom[ae]n|person)|\bclandestins\b|\bprostitutes\b|\bprostituées\b",
        re.IGNORECASE,
    )
    table = study[name]
    for column in (
        column
        for column in table
        if column.startswith(
            (
                "text",
                "name",
                "group_text",
                "purpose",
                "objectives",
                "activities",
                "results",
                "strengths",
                "weaknesses",
                "links",
                "conclusion_text",
                "condition",
                "target",
            )
        )
    ):
        for text in table[column].dropna():
            outside_quotes = re.sub(r"[“\"«].*?[”\"»]", "", text)
            is_official = name == "organisations" and column.startswith("name")
            assert not reaching.search(text), text
            assert is_official or not labels.search(outside_quotes), text


def contacts_in(report):
    """The contact persons of the report's own lists, by name."""
    lists = [line.strip() for line in report[5600:6400]]
    places = [place for place, line in enumerate(lists) if "Contact person" in line]
    assert places
    return {next(line for line in lists[place + 1 :] if line) for place in places}


def test_no_contact_person_of_the_report_is_in_any_table(study, report):
    names = {part for name in contacts_in(report) for part in name.split()}
    for table in NEW:
        held = set(re.findall(r"\w+", study[table].to_csv()))
        assert not names & held, table


def test_the_four_partnerships_and_the_eighteen_sheets_are_whole(study):
    assert study["partnerships"]["id"].tolist() == [
        "emergendo",
        "migration-information-centre",
        "longue-marche",
        "se-reconstruire",
    ]
    sheets = study["role_descriptions"]
    assert set(sheets["number"]) == set(range(1, 19))
    aspects = sheets.groupby("number")["aspect"].agg(set)
    assert all({"tasks", "skills", "methods", "tools"} <= found for found in aspects), aspects
    assert [number for number, found in aspects.items() if "area" not in found] == [3]
    counts = study["roles"].groupby("partnership_id").size()
    assert counts.to_dict() == {
        "emergendo": 15,
        "longue-marche": 6,
        "migration-information-centre": 5,
        "se-reconstruire": 10,
    }


def test_the_table_of_profiles_fits_its_printed_totals(study):
    table = study["documented_profiles"]
    sure = table[table["documented"] != "not-known"].groupby("partnership_id").size()
    open_ = table[table["documented"] == "not-known"].groupby("partnership_id").size()
    for partnership, total in {
        "emergendo": 8,
        "migration-information-centre": 6,
        "longue-marche": 10,
        "se-reconstruire": 16,
    }.items():
        assert sure[partnership] <= total <= sure[partnership] + open_.get(partnership, 0)
    documented = study["professional_profiles"].query("kind == 'documented'")
    assert len(documented) == 24 and set(table["professional_profile_id"]) == set(documented["id"])


def test_the_exchange_s_contradictions_stand_beside_each_other(study):
    counts = study["exchanges"]["count"].dropna().astype(int)
    assert {36, 28, 20, 15} <= set(counts)


def test_every_network_has_its_lead_among_its_members(study):
    members = study["memberships"]
    for row in study["networks"].dropna(subset=["lead_id"]).itertuples():
        own = members[members["network_id"] == row.id]
        leads = own[own["role"].isin(["lead", "co-ordinator"])]
        assert own.empty or row.lead_id in set(leads["organisation_id"]), row.id


def test_every_feature_has_one_topic_a_country_and_every_term_is_known(study):
    table = study["provisions"].dropna(subset=["feature"])
    assert table["feature"].nunique() >= 40
    assert set(table["country_code"]) == {"FRA", "ITA", "SVK"}


@pytest.mark.parametrize("name", ["provisions", "exchanges"])
def test_every_number_stands_in_its_lines_of_the_report(study, report, name):
    numbers = ["value", "low", "high"] if name == "provisions" else ["count"]
    for row in study[name].itertuples():
        if name == "exchanges" and row.basis == "inferred":
            continue
        lines = [int(number) for part in row.lines.split(";") for number in part.split("-")]
        spans = [(int(part.split("-")[0]), int(part.split("-")[-1])) for part in row.lines.split(";")]
        text = " ".join(" ".join(report[first - 1 : last]) for first, last in spans).lower().replace(",", "")
        found = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}
        found |= {value for word, value in WORDS.items() if re.search(rf"\b{word}\b", text)}
        for value in (getattr(row, column) for column in numbers):
            if pd.notna(value) and value not in (33.3, 0, 1):
                assert float(value) in found, (row.id, value, lines)


def test_cells_of_several_values_repeat_none(study):
    for name in NEW:
        for column in (column.name for column in columns(TABLES[name]) if column.has_many):
            for cell in study[name][column].dropna():
                assert len(set(split(cell))) == len(split(cell)), (name, column, cell)
