"""The study itself: sound, complete, and nothing in it stale or out of reach."""

import json
import os
import re
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from shapely.geometry import Point

from research_lib.coding.claims_as_codings import codings_of_claims, codings_on_lines, lines_of, stretches
from research_lib.compare.profiles import profile_rows
from research_lib.evidence.data_dictionary import descriptions, write_descriptions
from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import parse_references
from research_lib.evidence.study_folders import BOUNDARIES
from research_lib.exchange.undesa import read_figures
from research_lib.files.opening import UnreadableFileError

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
_HEDGE = re.compile(
    r"\b(?:it is said|(?:is|are) said to|we were told|told us|were told|claim(?:s|ed)?|seem(?:s|ed)?|appear(?:s|ed)? to"
    r"|apparently|allegedly|would|could|(?-i:may)|might|perhaps|possibl[ey]|probabl[ey]|likely|suppose[ds]?|suspected"
    r"|thought to|believed|reported(?:ly)?|rumou?rs?|tends? to|hypothes[ei]s|presumably|doubt)\b",
    re.IGNORECASE,
)
_PAGE = 40  # footnotes stand at the foot of a page, after the section that they belong to


def of_the_report(frame):
    return frame[frame["source"].str.startswith("exchange2007")]


def test_the_study_has_no_problem(study):
    assert study.problems() == []


def test_as_much_is_there_as_the_chapter_gives(study):
    assert len(study["claims"]) >= 220
    assert len(of_the_report(study["figures"])) >= 110
    assert len(study["sources"]) >= 60
    assert len(study["places"]) >= 40
    assert len(study["routes"]) >= 25


def test_every_section_of_the_chapter_that_says_something_has_claims(study):
    said = {ref.locator for cell in study["claims"]["source"] for ref in parse_references(cell)}
    headings = {"3.1.2", "3.1.2.I", "3.1.2.I.B", "3.1.2.II", "3.2", "3.3.1"}
    chapter = study["sections"].query("locator.str.startswith('3')")
    assert set(chapter["locator"]) - said <= headings


def test_every_reference_can_be_written_out(study):
    references = {cell for frame in study.tables.values() for cell in frame["source"]}
    for cell in references:
        assert study.cite(cell).count("\n") == cell.count(";")


def test_every_claim_and_figure_of_the_report_says_where_it_stands(study):
    for name in ("claims", "figures"):
        rows = of_the_report(study[name])
        assert rows["lines"].notna().all()


def test_what_is_quoted_stands_inside_the_section_it_names(study):
    spans = {row.locator: tuple(map(int, row.lines.split("-"))) for row in study["sections"].itertuples()}
    for name in ("claims", "figures", "routes", "legs"):
        for row in of_the_report(study[name]).itertuples():
            first, last = zip(*(spans[ref.locator] for ref in parse_references(row.source) if ref.locator), strict=True)
            start = int(re.match(r"\d+", row.lines)[0])
            assert min(first) - _PAGE <= start <= max(last) + _PAGE, row.id


def test_every_row_that_the_report_gives_exists_in_french_too(study):
    for name in ("claims", "figures", "routes", "legs"):
        assert study[name]["text_fr"].notna().all(), name


def test_the_chinese_police_series_is_the_report_s(study):
    figures = study["figures"]
    series = figures[figures["indicator"].str.startswith("persons apprehended or detained")]
    assert dict(zip(series["start_year"], series["value"], strict=True)) == {
        1983: 46534,
        1989: 243183,
        1996: 250000,
        1998: 189972,
        1999: 216660,
    }


def test_the_arrests_in_paris_are_the_report_s(study):
    figures = study["figures"]
    arrests = figures[figures["unit"] == "arrests"]
    assert dict(zip(arrests["start_year"], arrests["value"], strict=True)) == {2005: 183, 2006: 86}


def test_a_range_stays_a_range(study):
    ages = study["figures"].query("unit == 'years_of_age' and source == 'exchange2007[3.3.2.a]'")
    assert list(zip(ages["low"], ages["high"], strict=True)) == [(35, 45)]
    assert ages["value"].isna().all()


def test_the_modern_frame_is_that_of_its_raw_file(study):
    frame = read_figures(DATA / "raw/china-women-stocks-and-flows.csv").set_index("id")
    figures = study["figures"].set_index("id")
    kept = figures[~figures["source"].str.startswith("exchange2007")]
    assert kept.index.tolist() == frame.index.tolist()
    assert kept["value"].astype(int).tolist() == frame["value"].tolist()
    assert kept["method"].fillna("").tolist() == frame["method"].tolist()


def test_the_profiles_are_those_that_follow_from_claims_and_figures(study):
    derived = profile_rows(study).replace("", None)
    kept = study["profiles"].astype(object).where(study["profiles"].notna(), None)
    pd.testing.assert_frame_equal(kept, derived.astype(object).where(derived.notna(), None), check_dtype=False)


def test_the_curator_s_codings_are_those_of_the_claims(study):
    kept = study["codings"].query("coder == 'curator'").fillna("").reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, codings_of_claims(study["claims"]).reset_index(drop=True), check_dtype=False)


def test_the_second_coder_read_the_heart_of_the_report(study):
    second = codings_on_lines(study).query("coder == 'second'")
    lines = lines_of(study, "3.3.2", "3.3.3", "3.3.4")
    assert all(lines["start"].between(row.start, row.end - 1).any() for row in second.itertuples())
    covered = pd.Series(0, lines["start"])
    for row in second.itertuples():
        covered[covered.index.isin(range(row.start, row.end))] += 1
    assert (covered > 0).mean() > 0.8


def lines_named_by(*tables):
    return {
        (parse_references(row.source)[0].key, line): row
        for table in tables
        if "lines" in table
        for row in table.dropna(subset="lines").itertuples()
        for start, end in stretches(row.lines)
        for line in range(start, end)
    }


def test_every_line_of_three_chapters_and_the_introduction_is_named_by_a_row_or_left_out_for_a_reason(study):
    lines = lines_of(study, *study["sections"]["locator"]).drop_duplicates(["document", "start"])
    lines["chapter"] = lines["section"].str.split(".").str[0]
    read = lines[lines["chapter"].isin(["Introduction", "1", "3", "4"])]
    places = pd.MultiIndex.from_frame(read[["document", "start"]])
    others = ("sections", "codings", "omissions", "sources")
    is_named = places.isin(lines_named_by(*(study[name] for name in study.tables if name not in others)))
    reasons = {place: row.reason for place, row in lines_named_by(study["omissions"]).items()}
    left_out = read[~is_named].assign(reason=[reasons.get(place, "") for place in places[~is_named]])
    print(left_out.groupby(["chapter", "reason"])["start"].agg(list).to_string())
    assert len(read) > 3300
    assert left_out["reason"].ne("").all()
    assert is_named.mean() > 0.9


def test_a_claim_stated_on_lines_with_a_hedge_has_a_reason(study, report):
    hits = {
        (name, row.id)
        for name in ("claims", "figures", "routes", "legs")
        for row in stated_rows(study, name)
        if _HEDGE.search(" ".join(report[line - 1] for a, b in stretches(row.lines) for line in range(a, b)))
    }
    reasons = pd.read_csv(DATA / "curated/hedges.csv", dtype="str")
    assert reasons["reason"].notna().all()
    assert set(zip(reasons["table"], reasons["id"], strict=True)) == hits


def stated_rows(study, name):
    rows = of_the_report(study[name])
    return rows[rows["certainty"].eq("stated") & rows["lines"].notna()].itertuples()


def test_a_question_or_aim_of_the_study_is_no_observation(study):
    asked = study["claims"][
        study["claims"]["id"].str.startswith("c-3-1-2-i-b-")
        & study["claims"]["text"].str.match(r"The study (?:asks|is to collect|aims to record)|On the migratory")
    ]
    assert len(asked) == 6
    assert set(asked["code"]) == {"method-design"}


def test_what_is_not_known_is_said(study):
    profiles = study["profiles"].query("country_code == 'SVK'")
    elsewhere = profiles["group_id"].eq("turin-indoor")
    assert (profiles[~elsewhere]["knowledge"] == "not-known").all()
    assert (profiles[elsewhere]["knowledge"] == "not-applicable").all()
    profiles = study["profiles"]
    assert profiles[profiles["knowledge"] == "observed"]["claim_id"].notna().any()


def test_routes_are_made_of_legs_that_join(study):
    legs = study["legs"].sort_values(["route_id", "leg_order"])
    routes = study["routes"].set_index("id")
    for route, steps in legs.groupby("route_id"):
        assert steps["leg_order"].tolist() == list(range(1, len(steps) + 1)), route
        assert steps["from_id"].iloc[0] == routes.loc[route, "origin_id"], route
        assert steps["to_id"].iloc[-1] == routes.loc[route, "destination_id"], route
        assert steps["to_id"].tolist()[:-1] == steps["from_id"].tolist()[1:], route
    assert set(routes.index) == set(legs["route_id"])


def test_no_interviewee_is_named(study):
    spoken = study["sources"].query("kind in ['interview', 'round-table', 'field-visit']")
    assert len(spoken) >= 15
    for author in spoken["author"]:
        assert re.search(
            r"\b(police|mediators?|association|tampep|unit|doctor|office|university|services?|court|nursery|participants?|researchers?|prosecutor|clinic|hospital|professionals|women|captifs|aslc|afape|bus|partnership)\b",
            author,
            re.IGNORECASE,
        ), author


def test_no_word_that_labels_a_person(study):
    labels = re.compile(
        r"\billegals\b|\billegal (im)?(migrant|worker|resident|stay|wom[ae]n|person)|\bclandestins\b|\bprostitutes\b",
        re.IGNORECASE,
    )
    for name in ("claims", "figures", "routes", "legs", "groups"):
        frame = study[name]
        for column in (column for column in frame if column.startswith(("text", "name", "definition"))):
            for text in frame[column].dropna():
                outside_quotes = re.sub(r"[“\"«].*?[”\"»]", "", text)
                assert not labels.search(outside_quotes), text


def test_the_description_of_the_data_is_fresh(study):
    for name, text in descriptions(study).items():
        assert (DATA / name).read_text(encoding="utf-8") == text, f"stale: run research-lib describe ({name})"


@pytest.mark.parametrize("name", ["README.md", "datapackage.json"])
@pytest.mark.parametrize("put", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_description_takes_the_place_of_a_file_only(tmp_path, name, put):
    put(tmp_path / name)
    with pytest.raises(UnreadableFileError, match=rf"{name}: (it is a|there is no such file)"):
        write_descriptions(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_raw_files_are_as_received():
    records = list((DATA / "raw").glob("*.origin.json"))
    assert records
    for path in records:
        record = json.loads(path.read_text(encoding="utf-8"))
        assert sha256((path.parent / record["file"]).read_bytes()).hexdigest() == record["sha256"]


def test_boundaries_are_small_valid_and_hold_their_places(study, geography):
    folder = BOUNDARIES
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 600_000
    for layer in geography.values():
        assert layer.crs == "EPSG:4326" and layer.is_valid.all()
    provinces = geography["provinces"].set_index("iso_3166_2").geometry
    located = study["places"].query("kind in ['province', 'city'] and iso_3166_2.notna()")
    inside = [
        provinces[row.iso_3166_2].buffer(0.15).contains(Point(row.longitude, row.latitude))
        for row in located.itertuples()
        if row.iso_3166_2 in provinces.index
    ]
    assert len(inside) >= 12 and all(inside)


def uncited(tables):
    """Sources that no row of another table cites, and that no section of the study's report cites either."""
    others = [frame for name, frame in tables.items() if name != "sources"]
    cited = {ref.key for frame in others for cell in frame["source"] for ref in parse_references(cell)}
    sources = tables["sources"]
    return set(sources.loc[sources["cited_in"] == "", "id"]) - cited


def test_every_source_is_cited_by_a_row_or_by_the_report(study):
    """Natural Earth is cited by the origin record of the boundaries, which is no table."""
    assert "Natural Earth" in (BOUNDARIES / "origin.json").read_text(encoding="utf-8")
    assert uncited(study.tables) == {"naturalearth"}


def test_where_the_report_cites_a_source_is_a_section(study):
    sections = set(study["sections"]["source"])
    cells = study["sources"].set_index("id")["cited_in"]
    assert {(key, part) for key, cell in cells.items() for part in cell.split(";") if part} - {
        (key, part) for key in cells.index for part in sections
    } == set()


def test_a_source_that_only_names_itself_is_uncited():
    sources = pd.DataFrame({"id": ["a", "b", "c"], "cited_in": ["", "", "x[1]"], "source": ["a", "b", "c"]})
    assert uncited({"claims": pd.DataFrame({"source": ["a[1]"]}), "sources": sources}) == {"b"}


@pytest.mark.parametrize("name", ["claims", "figures"])
def test_cells_of_several_values_repeat_none(study, name):
    for column in ("informant", "country_code", "place_id", "origin_id", "group_id"):
        for cell in study[name][column].dropna():
            assert len(set(split(cell))) == len(split(cell)), (column, cell)


def test_the_lines_of_text_are_those_of_the_report(study, report):
    for section in study["sections"].itertuples():
        first, last = map(int, section.lines.split("-"))
        written = [number for number in range(first, last + 1) if report[number - 1].strip()]
        assert lines_of(study, section.locator).query("section == @section.locator")["start"].tolist() == written


SPELT = {
    "1 500": "1500",
    " million": "000000",
    "thousands": "1000",
    "half": "50",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "eighteen": "18",
    "twenty": "20",
}


def test_every_number_in_a_figure_s_lines_is_in_the_report(study, report):
    for row in of_the_report(study["figures"]).itertuples():
        numbers = [int(number) for number in re.findall(r"\d+", row.lines)]
        text = " ".join(report[min(numbers) - 1 : max(numbers)]).replace(",", "").replace("23.295", "23295")
        for spelt, digits in SPELT.items():
            text = text.replace(spelt, digits)
        for value in (row.value, row.low, row.high):
            if pd.notna(value) and value > 12:
                assert f"{value:.0f}" in text, (row.id, value)
