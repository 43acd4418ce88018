"""What the check of a study reports of journeys, places, phrases, settings and codes, each with place and fix."""

import json

import pandas as pd
import pytest
from second_study import make_second_study

from research_lib import open_study
from research_lib.cli import app
from research_lib.errors import StudyError
from research_lib.evidence.data_dictionary import write_descriptions
from research_lib.evidence.new_study import new_study
from research_lib.interviews.case_files import read_cases
from research_lib.rebuild import rebuild_all
from research_lib.show.words import study_words

HEAD = 'msgid ""\nmsgstr ""\n"{}\\n"\n\nmsgid "routes.title"\nmsgstr "Voies"\n'


@pytest.fixture
def folder(tmp_path):
    return make_second_study(tmp_path / "orinoco")


def problems_of(folder):
    return [str(problem) for problem in open_study(folder).problems()]


def checked(folder, capsys):
    app(["check", str(folder)], standalone_mode=False)
    return capsys.readouterr().out.splitlines()


def edit(folder, table, change):
    path = folder / f"tables/{table}.csv"
    change(pd.read_csv(path, dtype="str", keep_default_na=False)).to_csv(path, index=False)


def in_cell(row, column, text):
    """A change of one cell, by the id of its row."""
    return lambda frame: frame.assign(**{column: frame[column].mask(frame["id"] == row, text)})


def write_journey(folder, text):
    """Make a small table of legs those of the only route, which leads from ven to col."""
    edit(folder, "routes", lambda frame: frame.head(1).assign(id="r", origin_id="ven", destination_id="col"))
    steps = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    columns = ["leg_order", "from_id", "to_id"]
    made = pd.DataFrame([dict(zip(columns, step, strict=True)) for step in steps], columns=columns)
    ids = [f"leg-{number}" for number in range(len(made))]
    edit(
        folder,
        "legs",
        lambda legs: legs.iloc[[0] * len(made)].reset_index(drop=True).assign(**made, id=ids, route_id="r"),
    )


UNKNOWN = "with the mode `not-stated` where the source does not say how"
JOINED = """
1 | ven    | cucuta
2 | cucuta | arauca
3 | arauca | col
"""


@pytest.mark.parametrize(
    ("legs", "problems"),
    [
        (JOINED, []),
        ("3 | arauca | col\n1 | ven | arauca", []),
        ("", []),
        (
            JOINED.replace("1 | ven    | cucuta\n", ""),
            [
                "legs.csv:2 from_id: is 'cucuta', but the route 'r' begins at 'ven'; correct it, or add the leg from "
                "'ven' to 'cucuta'"
            ],
        ),
        (
            JOINED.replace("2 | cucuta | arauca\n", ""),
            [
                "legs.csv:3 from_id: is 'arauca', but the leg before it in the route 'r' ends at 'cucuta'; correct it, "
                "or add the leg from 'cucuta' to 'arauca'"
            ],
        ),
        (
            JOINED.replace("3 | arauca | col", ""),
            [
                "legs.csv:3 to_id: is 'arauca' in the last leg, but the route 'r' ends at 'col'; correct it, or add "
                "the leg from 'arauca' to 'col'"
            ],
        ),
    ],
)
def test_the_legs_of_a_route_lead_from_its_origin_to_its_destination(folder, legs, problems):
    write_journey(folder, legs)
    assert problems_of(folder) == [f"tables/{problem}, {UNKNOWN}" for problem in problems]


def test_an_unknown_middle_is_a_leg_whose_mode_is_not_stated(folder):
    write_journey(folder, JOINED)
    edit(folder, "legs", in_cell("leg-1", "mode", "not-stated"))
    assert problems_of(folder) == []


def test_a_leg_that_cannot_be_read_is_one_problem_and_not_a_gap_besides(folder):
    write_journey(folder, JOINED)
    edit(folder, "legs", in_cell("leg-1", "leg_order", "two"))
    assert problems_of(folder) == ["tables/legs.csv:3 leg_order: 'two' is not a whole number"]


@pytest.mark.parametrize(
    ("latitude", "longitude", "fix"),
    [
        ("-7.9", "-72.5", "is it at latitude 7.9, longitude -72.5? Correct them, or its country_code"),
        ("-72.5", "7.9", "is it at latitude 7.9, longitude -72.5? Correct them, or its country_code"),
        ("45", "7", "correct latitude, longitude or country_code"),
    ],
)
def test_a_place_far_outside_its_country_is_named_by_the_command(folder, latitude, longitude, fix, capsys):
    edit(folder, "places", in_cell("cucuta", "latitude", latitude))
    edit(folder, "places", in_cell("cucuta", "longitude", longitude))
    found = checked(folder, capsys)
    assert found == [f"tables/places.csv:4 latitude: 'cucuta' lies far outside COL; {fix}", "1 problem"]


def test_a_place_at_sea_near_its_country_and_a_region_of_the_world_may_lie_outside(folder, capsys):
    edit(folder, "places", in_cell("cucuta", "latitude", "13"))
    edit(folder, "places", in_cell("cucuta", "longitude", "-73"))
    edit(folder, "places", in_cell("arauca", "kind", "world-region"))
    edit(folder, "places", in_cell("arauca", "latitude", "-40"))
    assert checked(folder, capsys) == ["0 problems"]


PHRASES = """
msgid "routes.titel"
msgstr "Across"

msgid "finding.farms.text"
msgstr "Less."

msgid "country.COL.short"
msgstr "Col."

msgid "dimension.work"
msgstr "Work"

msgid "transport.river-boat"
msgstr "boat"

msgid "view.nowhere"
msgstr "Nowhere"
"""


def test_phrases_that_no_page_looks_up_are_named_with_their_line(folder, capsys):
    path = folder / "phrases/en.po"
    path.write_text(path.read_text(encoding="utf-8") + PHRASES, encoding="utf-8")
    before = len(path.read_text(encoding="utf-8").partition("routes.titel")[0].splitlines())
    first, second, count = checked(folder, capsys)
    assert first == (
        f"phrases/en.po:{before} msgid: 'routes.titel' is not the key of a phrase; the nearest is 'routes.title'; "
        "correct it, or remove it"
    )
    assert second.startswith(f"phrases/en.po:{before + 15} msgid: 'view.nowhere' is not the key of a phrase")
    assert count == "2 problems"


def test_phrases_of_a_language_that_the_study_does_not_have_are_checked_too(folder, capsys):
    (folder / "phrases/it.po").write_text('msgid "routes.titel"\nmsgstr "Vie"\n', encoding="utf-8")
    found = checked(folder, capsys)
    assert found[0].startswith("phrases/it.po is not of a language of the study (en, fr); rename it")
    assert found[1].startswith("phrases/it.po:1 msgid: 'routes.titel' is not the key of a phrase")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("one line of prose", ""),
        (HEAD.format("Content-Type: text/plain; charset=nope"), "unknown encoding: nope"),
        (HEAD.format("Content-Type: text/plain; charset=hex"), "'hex' is not a text encoding"),
        (HEAD.format("PO-Revision-Date: yesterday"), "time data 'yesterday'"),
        (HEAD.format('Plural-Forms: nplu"\n"rals = 1000000000; plural=n'), "no language has ten forms"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_a_problem(folder, capsys, text, reason):
    (folder / "phrases/fr.po").write_text(text, encoding="utf-8")
    assert checked(folder, capsys)[0].startswith(f"phrases/fr.po cannot be read as a catalogue of phrases ({reason}")
    with pytest.raises(StudyError, match=r"fr\.po: it cannot be read as a catalogue of phrases"):
        study_words(open_study(folder), "fr")


def test_a_place_in_a_country_that_there_is_not_is_a_problem(folder):
    path = folder / "tables/places.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("COL", "XXX"), encoding="utf-8")
    found = [str(each) for each in open_study(folder).problems() if each.file == "tables/places.csv"]
    assert "country_code: 'XXX' is not a country; give its ISO 3166-1 alpha-3 code" in found[0]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            'labels_first = ["cucuto"]',
            "map.labels_first: 'cucuto' is not the id of a row in tables/places.csv; the nearest is 'cucuta'",
        ),
        ('projection = "+proj=nonsense"', "map.projection: '+proj=nonsense' is not a projection that PROJ knows; give"),
        ('projection = "+proj=longlat"', "map.projection: '+proj=longlat' is not the projection of a map; give"),
        ('labels_first = ["cucuta"]\nprojection = "+proj=laea +lat_0=5 +lon_0=-70"', ""),
    ],
)
def test_settings_of_the_map_are_checked(folder, setting, problem):
    path = folder / "study.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n[map]\n{setting}\n", encoding="utf-8")
    found = problems_of(folder)
    assert len(found) == bool(problem) and all(each.startswith(f"study.toml {problem}") for each in found)


@pytest.mark.parametrize(
    ("table", "cell", "problem"),
    [
        (
            "claims",
            ("c-01", "informant", "refugees"),
            "tables/claims.csv:2 informant: 'refugees' is not one of .*; or add it in vocabularies/informants.csv",
        ),
        (
            "claims",
            ("c-01", "informant", "police,ngo"),
            "tables/claims.csv:2 informant: 'police,ngo' has a comma; separate several with `;`",
        ),
        ("claims", ("c-01", "certainty", "certain"), "tables/claims.csv:2 certainty: 'certain' is not one of [^.]*"),
        (
            "claims",
            ("c-01", "place_id", "puerto_ayacucho"),
            "tables/claims.csv:2 place_id: 'puerto_ayacucho' stands in no row of places, column id; correct it, or add "
            "the row; the nearest is 'puerto-ayacucho'",
        ),
        (
            "claims",
            ("c-02", "id", "c-01"),
            "tables/claims.csv:3 id: 'c-01' stands here twice, first in line 2; give each row its own",
        ),
        ("places", ("cucuta", "name", ""), "tables/places.csv:4 name: is empty; fill it"),
        ("places", ("cucuta", "latitude", "97"), "tables/places.csv:4 latitude: 97.0 does not fit: at most 90"),
        (
            "places",
            ("cucuta", "country_code", "co"),
            "tables/places.csv:4 country_code: 'co' does not fit: matches `.*`",
        ),
    ],
)
def test_a_message_names_the_rule_that_is_broken_and_what_is_near(folder, table, cell, problem):
    edit(folder, table, in_cell(*cell))
    found = problems_of(folder)
    assert [each for each in found if pd.Series([each]).str.fullmatch(problem).all()], found


def test_a_table_with_semicolons_is_one_problem_of_the_whole_study(folder):
    path = folder / "tables/places.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert [each for each in problems_of(folder) if not each.startswith("study.toml")] == [
        "tables/places.csv:1 its cells are separated by semicolons; save it as CSV with commas, in UTF-8"
    ]


def test_a_bibliography_that_cannot_be_read_is_one_problem(folder):
    (folder / "sources.bib").write_text("@book{x, title = {open", encoding="utf-8")
    (problem,) = problems_of(folder)
    assert problem.startswith("sources.bib:1 cannot be read as BibTeX")


def test_an_empty_bibliography_still_lacks_the_sources_of_the_rows(folder):
    (folder / "sources.bib").write_text("", encoding="utf-8")
    assert any("'rivers2021' is not in sources.bib" in problem for problem in problems_of(folder))


def test_the_readme_of_an_english_study_does_not_require_french(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL"])
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "| `name_fr` | string | French name | may be empty |" in readme
    assert "| `name_fr` | string | French name | required |" not in readme
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (places,) = [each for each in package["resources"] if each["name"] == "places"]
    required = {each["name"]: each["constraints"]["required"] for each in places["schema"]["fields"]}
    assert required["name"] and not required["name_fr"]


def test_the_readme_lists_the_study_s_own_codes(folder):
    write_descriptions(folder)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "| `transport` | `river-boat` | by river boat | by boat on a river |" in readme
    assert "| `informants` | `women` | the people themselves | that of the common code |" in readme
    assert "- `river-boat`: by boat on a river" in readme
    assert "| `name_fr` | string | French name | required |" in readme


def test_cases_one_folder_further_down_are_found_by_the_message(tmp_path):
    (tmp_path / "cases").mkdir()
    with pytest.raises(StudyError, match=r"has no cases\.csv: it holds no cases; bring them in with"):
        read_cases(tmp_path)
    (tmp_path / "cases/cases.csv").write_text("case_code\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"has no cases\.csv: it holds no cases; they are in .*cases"):
        read_cases(tmp_path)


def test_rebuild_names_only_what_it_wrote(folder):
    figures = (folder / "tables/figures.csv").stat().st_mtime_ns
    (folder / "README.md").write_text("My own words.", encoding="utf-8")
    written = [path.relative_to(folder).as_posix() for path in rebuild_all(folder)]
    assert written == ["tables/profiles.csv", "tables/codings.csv", "datapackage.json"]
    assert (folder / "tables/figures.csv").stat().st_mtime_ns == figures


def test_without_readable_sources_nothing_is_rebuilt(folder):
    (folder / "sources.bib").write_text("@misc{a, title = {T}", encoding="utf-8")
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.suffix in (".csv", ".json", ".md")}
    with pytest.raises(StudyError, match=r"(?s)cannot be rebuilt without its sources.*sources\.bib:1 .*it has no end"):
        rebuild_all(folder)
    assert {path: path.read_bytes() for path in before} == before
