"""A study folder: made empty, filled, broken in each way, and what its problems say."""

import json

import openpyxl
import pandas as pd
import pytest

from research_lib import open_study
from research_lib.cli import app
from research_lib.errors import CitationError, StudyError
from research_lib.evidence.data_dictionary import write_descriptions
from research_lib.evidence.new_study import add_missing_tables, new_study
from research_lib.evidence.tables import TABLES, columns

BIB = """@book{report2020,
  author = {Ann Example},
  title = {A report},
  publisher = {A press},
  year = {2020},
  kind = {report},
  informant = {researcher}
}
"""
SECTIONS = """
id       | source_id  | locator | title | lines | text_lines | source
report-1 | report2020 | 1       | All   | 1-9   | 1-4;6-9    | report2020[1]
"""
CODEBOOK = """
id  | parent_id | name | name_fr | definition    | include | exclude | example | source
age |           | Age  | Âge     | How old, in years |     |         |         | report2020[1]
"""
PLACES = """
id    | name  | name_fr | name_local | kind    | parent_id | country_code | iso_3166_2 | latitude | longitude | located_by | note | source        | lines
italy | Italy | Italie  | 意大利   | country |           | ITA          |            | 41.9     | 12.5      | capital    |      | report2020[1] | 1-2
"""
GROUPS = """
id  | name     | name_fr  | definition | definition_fr | is_profile | country_code | source        | lines
all | Everyone | Tout     | All        | Tous          | true       |              | report2020[1] | 1-2
"""
CLAIMS = """
id  | text         | text_fr | informant    | certainty | country_code | place_id | origin_id | group_id | code | start_year | end_year | period | source        | lines
c-1 | They are 40. |         | police;women | stated    | ITA          | italy    |           | all      | age  | 1999       | 2001     |        | report2020[1] | 3-4
"""
FIGURES = """
id  | indicator | text          | text_fr | value | low | high | unit         | is_approximate | is_headline | method | country_code | place_id | origin_id | group_id | code | informant | certainty | start_year | end_year | period | source        | lines
f-1 | age       | From 35 to 45 |         |       | 35  | 45   | years_of_age | false          | true        |        | ITA          |          |           | all      | age  | police    | estimate  |            |          |        | report2020[1] | 3
"""


def write_table(folder, name, text):
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().split("\n")]
    quoted = [",".join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines]
    (folder / f"tables/{name}.csv").write_text("\n".join(quoted) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    path = new_study(tmp_path / "my_study")
    (path / "study.toml").write_text('languages = ["en", "fr"]\n', encoding="utf-8")
    (path / "sources.bib").write_text(BIB, encoding="utf-8")
    for name, text in (("sections", SECTIONS), ("codebook", CODEBOOK), ("places", PLACES), ("groups", GROUPS)):
        write_table(path, name, text)
    write_table(path, "claims", CLAIMS)
    write_table(path, "figures", FIGURES)
    return path


def problems_of(folder):
    return [str(problem) for problem in open_study(folder).problems()]


def test_a_new_study_is_empty_and_sound(tmp_path):
    folder = new_study(tmp_path / "new")
    study = open_study(folder)
    assert study.problems() == []
    assert {name: len(frame) for name, frame in study.tables.items()} == dict.fromkeys([*TABLES, "sources"], 0)
    resources = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert [resource["name"] for resource in resources] == list(TABLES)


def test_a_new_study_has_its_folder_s_name_and_no_licence_of_another(tmp_path):
    folder = new_study(tmp_path / "Rivers of 2030")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert (package["name"], package["title"]) == ("rivers-of-2030", "Rivers of 2030")
    assert "licenses" not in package and "CC BY" not in readme
    assert readme.startswith("# Rivers of 2030\n")


def test_a_study_states_its_title_and_licence(folder):
    (folder / "study.toml").write_text('title = "Rivers"\nlicence = "CC0-1.0"\n', encoding="utf-8")
    assert write_descriptions(folder) == []
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["title"], package["licenses"]) == ("Rivers", [{"name": "CC0-1.0"}])
    assert "Licence: CC0-1.0." in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title", "study.toml: it cannot be read as TOML"),
        ("title = 3", "'title': .*string"),
        ("x = ''", "'x': .*; the settings are name, title, "),
        ("countries = ['fr']", r"'countries.0'"),
        ("countries = ['XXX']", r"'countries.0': 'XXX' is not a country; give its ISO 3166-1 alpha-3 code"),
        ("title = ''", "'title'"),
        ("title = '  '", "'title'"),
        ("languages = ['en', 'en']", "'languages': 'en' stands twice; keep one"),
        ("[[findings]]\nid = 'a'\nclaims = ['b']\n" * 2, "'findings': 'a' stands twice"),
        ("[[findings]]\nid = ''\nclaims = ['b']", "'findings.0.id'"),
        ("[[findings]]\nid = 'a'\nclaims = ['b', 'b']", "'findings.0.claims': 'b' stands twice"),
        ("[[map.views]]\nid = 'a'\nbox = [0, 0, 1, 1]\n" * 2, "'map.views': 'a' stands twice"),
        ("[[map.views]]\nid = 'a'\nbox = [nan, 0, 1, 1]", "'map.views.0.box.0': Input should be a finite number"),
        ("[map]\ncut = nan", "'map.cut': Input should be a finite number"),
        ("[map]\nholds = [[1, inf]]", "'map.holds.0.1': Input should be a finite number"),
        ("[map]\nholds = [[1, 91]]", "'map.holds.0.1'"),
    ],
)
def test_a_study_that_states_nonsense_is_refused(folder, text, reason):
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=reason):
        write_descriptions(folder)


def test_a_description_that_somebody_wrote_is_left_as_it_is(folder):
    for name in ("README.md", "datapackage.json"):
        (folder / name).write_text('{"title": "my own words"}', encoding="utf-8")
    assert write_descriptions(folder) == ["README.md", "datapackage.json"]
    assert (folder / "README.md").read_text(encoding="utf-8") == '{"title": "my own words"}'


@pytest.mark.parametrize("command", ["upgrade", "describe"])
def test_the_commands_say_what_they_leave(folder, command, capsys):
    (folder / "README.md").write_text("My own words.", encoding="utf-8")
    app([command, str(folder)], standalone_mode=False)
    assert "left README.md unchanged" in capsys.readouterr().out
    assert (folder / "README.md").read_text(encoding="utf-8") == "My own words."


def test_a_new_study_never_overwrites(folder):
    with pytest.raises(StudyError, match="not empty"):
        new_study(folder)
    assert problems_of(folder) == []


def test_a_filled_study_opens_with_types(folder):
    study = open_study(folder)
    assert problems_of(folder) == []
    claims, figures = study["claims"], study["figures"]
    assert claims.start_year[0] == 1999
    assert figures.low[0] == 35 and figures.value.isna()[0]
    assert not figures.is_approximate[0]
    assert study["sources"].id.tolist() == ["report2020"]
    assert study.cite("report2020[1]") == "Ann Example. A report. A press, 2020. Section 1: All."
    assert study.sources_of(claims["source"], figures["source"]) == "Ann Example. A report. A press, 2020. Here: 1."


def test_tables_are_copies(folder):
    study = open_study(folder)
    claims = study["claims"]
    claims.loc[0, "text"] = "changed"
    assert study["claims"].text[0] == "They are 40."


@pytest.mark.parametrize(
    ("table", "text", "old", "new", "expected"),
    [
        ("claims", CLAIMS, "police;women", "polise", "tables/claims.csv:2 informant: 'polise' is not one of police"),
        (
            "claims",
            CLAIMS,
            "| italy ",
            "| spain ",
            "tables/claims.csv:2 place_id: 'spain' stands in no row of places, column id",
        ),
        (
            "claims",
            CLAIMS,
            "| ITA ",
            "| NA ",
            "tables/claims.csv:2 country_code: 'NA' stands in no row of places, column country_code",
        ),
        ("claims", CLAIMS, "report2020[1]", "report2021[1]", "'report2021' is not in sources.bib"),
        ("claims", CLAIMS, "report2020[1]", "report2020[7]", "names a section that the table sections does not list"),
        ("claims", CLAIMS, "report2020[1]", "report2020[1", "is not a reference"),
        ("claims", CLAIMS, "report2020[1]", "", "tables/claims.csv:2 source:"),
        ("claims", CLAIMS, "1999", "about 1999", "tables/claims.csv:2 start_year: 'about 1999' is not a whole number"),
        ("claims", CLAIMS, "1999", "2003", "tables/claims.csv:2 start_year: the first year is after the last"),
        ("claims", CLAIMS, "1999", "199", "tables/claims.csv:2 start_year:"),
        ("claims", CLAIMS, "c-1", "C 1", "tables/claims.csv:2 id: 'C 1' does not fit: matches `"),
        ("claims", CLAIMS, "| text_fr ", "| texte ", "tables/claims.csv:1 texte: is not a column of this table"),
        ("claims", CLAIMS, "| text_fr ", "| texte ", "tables/claims.csv:1 text_fr: this column is missing"),
        ("claims", CLAIMS, "| 3-4", "| 3-4 | more", "tables/claims.csv:2 has 16 cells where the header has 15"),
        ("figures", FIGURES, "| 35 ", "| 46 ", "tables/figures.csv:2 low: the lower end is above the upper end"),
        (
            "figures",
            FIGURES,
            "| 35  | 45 ",
            "|     |    ",
            "tables/figures.csv:2 value: give either a value, or low and high",
        ),
        ("figures", FIGURES, "false", "no", "tables/figures.csv:2 is_approximate: 'no' is not true or false"),
        ("figures", FIGURES, "years_of_age", "date", "tables/figures.csv:2 period: a date stands in period"),
        ("places", PLACES, "41.9", "91.9", "tables/places.csv:2 latitude:"),
        ("places", PLACES, "41.9", "4_1.9", "tables/places.csv:2 latitude: '4_1.9' is not a number"),
        ("claims", CLAIMS, "1999", "9" * 22, "tables/claims.csv:2 start_year:"),
        ("claims", CLAIMS, "| text_fr ", "| text ", "tables/claims.csv:1 text: stands twice; keep one"),
    ],
)
def test_each_problem_names_its_place(folder, table, text, old, new, expected):
    assert old in text
    write_table(folder, table, text.replace(old, new))
    assert any(expected in problem for problem in problems_of(folder)), problems_of(folder)


OWN_KEYS = [(name, column) for name, model in TABLES.items() for column in columns(model) if column.table == name]


def test_some_tables_refer_to_their_own_rows():
    assert ("codebook", "parent_id") in [(name, column.name) for name, column in OWN_KEYS]


@pytest.mark.parametrize(("table", "column"), OWN_KEYS, ids=[f"{name}.{column.name}" for name, column in OWN_KEYS])
def test_no_row_of_any_table_refers_to_itself_by_way_of_others(folder, table, column):
    names = [each.name for each in columns(TABLES[table])]
    above = {"x": "", "a": "x", "b": "c", "c": "d", "d": "b", "e": "e", "f": "b"}
    rows = [
        ",".join({column.key: key, column.name: other}.get(name, "") for name in names) for key, other in above.items()
    ]
    (folder / f"tables/{table}.csv").write_text("\n".join([",".join(names), *rows]), encoding="utf-8")
    circles = [problem for problem in problems_of(folder) if "refers to itself" in problem]
    assert circles == [
        f"tables/{table}.csv:4 {column.name}: 'b' refers to itself by way of 'c', 'd'; clear or fix one of these",
        f"tables/{table}.csv:7 {column.name}: 'e' refers to itself; clear the cell or name another",
    ]


def test_lines_are_those_of_the_file_after_a_cell_of_several_lines(folder):
    path = folder / "tables/claims.csv"
    first = path.read_text(encoding="utf-8").strip().split("\n")[1]
    text = path.read_text(encoding="utf-8").replace("They are 40.", '"They are\n40."')
    path.write_text(text + first.replace("c-1", "c-2").replace("stated", "sure") + "\n", encoding="utf-8")
    (problem,) = open_study(folder).problems()
    assert (problem.line, problem.column) == (4, "certainty")


def test_a_duplicate_id_is_named_where_it_stands(folder):
    path = folder / "tables/claims.csv"
    rows = path.read_text(encoding="utf-8").strip().split("\n")
    path.write_text("\n".join([*rows, rows[1]]) + "\n", encoding="utf-8")
    assert problems_of(folder) == [
        "tables/claims.csv:3 id: 'c-1' stands here twice, first in line 2; give each row its own"
    ]


def test_a_missing_table_a_broken_one_and_a_wrong_encoding(folder):
    (folder / "tables/legs.csv").unlink()
    (folder / "tables/routes.csv").write_bytes("id,name\nr-1,Süd".encode("latin-1"))
    found = problems_of(folder)
    assert any(problem.startswith("tables/legs.csv is missing; restore it") for problem in found)
    assert add_missing_tables(folder) == ["legs"]
    assert not any("legs.csv" in problem for problem in problems_of(folder))
    assert add_missing_tables(folder) == []
    assert any(problem.startswith("tables/routes.csv:2 cannot be read") and "UTF-8" in problem for problem in found)


def test_a_table_with_unreadable_cells_is_refused_with_its_problems(folder):
    write_table(folder, "claims", CLAIMS.replace("1999", "x"))
    with pytest.raises(StudyError, match=r"claims\.csv:2 start_year: 'x' is not a whole number"):
        open_study(folder)["claims"]


def test_a_broken_bibliography_is_a_problem_not_a_crash(folder):
    (folder / "sources.bib").write_text("@book{x, title = {open", encoding="utf-8")
    assert any(problem.startswith("sources.bib:1 cannot be read as BibTeX") for problem in problems_of(folder))


def test_an_incomplete_source_is_named_with_its_line(folder):
    (folder / "sources.bib").write_text(
        BIB + BIB.replace("report2020", "other").replace("report}", "reports}"), "utf-8"
    )
    assert "sources.bib:9 kind: 'reports' is not one of report" in "\n".join(problems_of(folder))


@pytest.mark.parametrize("period", ["spring 2006", "2006-13-45", "2006-02-30"])
def test_a_date_that_is_none_is_named(folder, period):
    dated = (
        FIGURES.replace("| 35  | 45 ", "|     |    ")
        .replace("years_of_age", "date")
        .replace("|        | report2020[1] | 3", f"| {period} | report2020[1] | 3")
    )
    write_table(folder, "figures", dated)
    assert any("tables/figures.csv:2 period: a date stands" in problem for problem in problems_of(folder))
    write_table(folder, "figures", dated.replace(period, "2006-03/2006-09-29"))
    assert problems_of(folder) == []


def test_a_source_without_a_field_that_its_type_wants_is_cited_with_what_it_has(folder):
    (folder / "sources.bib").write_text(BIB.replace("  publisher = {A press},\n", ""), encoding="utf-8")
    assert problems_of(folder) == []
    assert open_study(folder).cite("report2020") == "Ann Example. A report. 2020."


def test_what_is_not_a_study_is_refused(tmp_path):
    with pytest.raises(StudyError, match="has no folder tables/"):
        open_study(tmp_path)
    with pytest.raises(StudyError, match="has no folder tables/"):
        open_study(tmp_path / "nowhere")


def test_unknown_tables_and_sources_are_named(folder):
    study = open_study(folder)
    with pytest.raises(StudyError, match="table 'claim' is unknown"):
        study["claim"]
    with pytest.raises(CitationError, match="'nobody2000' is not in"):
        study.cite("nobody2000[1]")


def test_a_study_is_looked_into_like_a_dictionary_and_says_in_a_line_what_it_holds(folder):
    study = open_study(folder)
    assert "claims" in study and "sources" in study and "claim" not in study
    assert (
        next(iter(study)) == "sections" and len(study) == len([*study]) and all(len(study[name]) >= 0 for name in study)
    )
    assert "claims 1" in repr(study) and "\n" not in repr(study) and len(repr(study)) < 1000


def test_cells_of_several_values_become_rows_and_lose_nothing():
    study = open_study()
    long, whole = study.long("claims", "informant"), study["claims"]
    counts = whole["informant"].fillna("").str.split(";").map(len)
    assert len(long) == counts.sum() > len(whole) and {*long["id"]} == {*whole["id"]}
    for name in ("police", "women"):
        assert {*long.loc[long["informant"].eq(name), "id"]} == {
            row.id for row in whole.itertuples() if name in str(row.informant).split(";")
        }
    with pytest.raises(StudyError, match="no column 'informants'; the nearest is 'informant'"):
        study.long("claims", "informants")
    pairs = study.long("claims", "informant", "country_code")
    cells = [study["claims"][name].fillna("x").str.split(";").map(len) for name in ("informant", "country_code")]
    assert len(pairs) == (cells[0] * cells[1]).sum() and not pairs["country_code"].dropna().str.contains(";").any()


def test_an_entry_is_cited_by_its_id():
    study = open_study()
    row = study["claims"].iloc[0]
    assert study.cite(row.id).split("\n") == [f"{each} Entry {row.id}." for each in study.cite(row.source).split("\n")]


def test_all_tables_stand_in_a_workbook_whose_text_nothing_computes(folder, tmp_path):
    path = folder / "tables/claims.csv"
    path.write_text(path.read_text("utf-8").replace("Most", "=1+1 Most", 1), "utf-8")
    study = open_study(folder)
    book = pd.read_excel(study.to_excel(tmp_path / "study.xlsx"), sheet_name=None, engine="openpyxl")
    assert [*book] == [name for name in study if len(study[name])]
    for name, sheet in book.items():
        assert [*sheet] == [*study[name]] and len(sheet) == len(study[name])
    sheet = openpyxl.load_workbook(tmp_path / "study.xlsx")["claims"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
