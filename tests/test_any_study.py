"""A study of another continent: the same software checks it, draws it, serves it, and writes nothing of ours into it."""

import ast
import re
import shutil
import subprocess
import tomllib
from dataclasses import replace

import pandas as pd
import pytest
from conftest import ROOT, run_server, sample_of_today
from second_study import FOLDER, MARKED, PEOPLE, add, change, make_second_study, write_export
from typer.testing import CliRunner

from research_lib import new_study, open_study
from research_lib.cli import app
from research_lib.compare.routes import leg_table
from research_lib.disclosure.planning.first_plan import PlanThereError, write_first_plan
from research_lib.disclosure.planning.plan import Plan
from research_lib.errors import StudyError
from research_lib.evidence.bibliography import bibtex, cite
from research_lib.evidence.new_study import copy_included_study, upgrade_study
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.sources.source_file import read_sources
from research_lib.files.locking import LOCK_FILE
from research_lib.rebuild import rebuild_tables
from research_lib.show.material import open_material
from research_lib.show.site.build import build
from research_lib.show.site.rendering import export_page, render
from research_lib.show.words import study_words

EVERY = ("home", "routes", "profiles", "comparison", "assessment", "networks", "evidence", "about")
OURS = re.compile(
    r"\bChina\b|\bParis\b|\bTurin\b|\bFrance\b|\bItaly\b|\bSlovak|EX-CHANGE|exchange2007|\b2007\b|[Dd]ongbei|"
    r"\bZhejiang\b|\bCHN\b|\bFRA\b|\bITA\b|\bSVK\b"
)
# Files of the package whose constants name places, countries or sources of this study, each with its reason.
KNOWN = {
    "evidence/boundaries/rebuild_boundaries.py": "fetches the outlines that the package brings, provinces of four countries",
    "evidence/data_dictionary.py": "recognises the descriptor that an earlier version wrote",
    "evidence/vocabulary/common_codes.toml": "four legal definitions of trafficking, three of them national",
    "evidence/vocabulary/country_names.toml": "the codes and spellings of all countries",
    "exchange/undesa.py": "reads one table of official figures, as it was received for this study",
    "interviews/answers/privacy_scan.py": "identity numbers of these countries",
}


@pytest.fixture(scope="module")
def material():
    return open_material(FOLDER)


def words_on(html):
    """What a reader reads of a page: its text without scripts and styles."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL))


def test_the_second_study_is_sound_and_synthetic():
    study = open_study(FOLDER)
    assert study.problems() == []
    assert "SYNTHETIC" in study.settings.title
    for name, frame in study.tables.items():
        assert len(frame), name
        if "text" in frame:
            assert frame["text"].dropna().str.startswith(MARKED).all(), name
    assert study.countries == ("COL", "VEN") and study.field_work == ("COL",)


def test_a_study_has_the_pages_that_it_has_tables_for(material, tmp_path):
    assert material.pages == EVERY
    assert open_material(new_study(tmp_path / "empty")).pages == ("home", "about")
    example = new_study(tmp_path / "example", countries=["ITA", "NGA"])
    assert open_study(example).problems() == [] and open_material(example).pages == (
        "home",
        "routes",
        "evidence",
        "about",
    )


@pytest.mark.parametrize("page", EVERY)
def test_a_page_of_the_second_study_names_nothing_of_ours(material, page):
    html = render(page, material, study_words(material.study, "en")).html
    assert "SYNTHETIC: across the Orinoco" in html and "CC0-1.0" in html
    assert [found[0] for found in OURS.finditer(words_on(html))] == []


def test_statements_on_third_countries_say_so(tmp_path):
    folder = make_second_study(tmp_path / "third")
    places = {"id": "bra", "name": "Brazil", "name_fr": "Brésil", "kind": "country", "country_code": "BRA"}
    places |= {"latitude": "-10", "longitude": "-53", "located_by": "drawing-point", "source": "rivers2021[1]"}
    region = {"id": "caribbean", "name": "Caribbean", "name_fr": "Caraïbes", "kind": "world-region"}
    region |= {"latitude": "15", "longitude": "-75", "located_by": "drawing-point", "source": "rivers2021[1]"}
    add(folder, "places", [places, region])
    claims = pd.read_csv(folder / "tables/claims.csv", dtype="str", keep_default_na=False)
    claims.loc[claims["id"].eq("c-02"), ["country_code", "place_id"]] = ["BRA", "caribbean"]
    claims.to_csv(folder / "tables/claims.csv", index=False)
    rebuild_tables(folder)
    html = render("profiles", open_material(folder), study_words(open_study(folder), "en")).html.replace("<\\/", "</")
    assert html.count("<b>about Brazil, Caribbean</b>") >= 1 and "about Venezuela" not in html


def test_an_organiser_that_a_study_adds_has_a_map_and_a_row(material):
    html = render("routes", material, study_words(material.study, "en")).html
    assert '<g class="organiser own' in html
    matrix = html[html.index('class="steps-matrix"') : html.index('data-role="listing"')]
    assert '<tr data-row-of="own"><th scope="row">coyotes</th>' in matrix


def test_a_study_names_its_codes_and_says_its_own_phrases(material):
    html = render("routes", material, study_words(material.study, "en")).html
    assert "<h1>Synthetic: how did people cross the Orinoco?</h1>" in html
    for name in ("coyotes", "by river boat", "displacement", "2020–2024", "2010s", "from 2014", "2016–2019"):
        assert name in html
    assert leg_table(material.study)["decades"].map(tuple).value_counts().to_dict() == {
        ("2010s", "2020s"): 2,
        ("2010s",): 2,
        ("2020s",): 2,
    }
    assert "the people themselves" in render("profiles", material, study_words(material.study, "en")).html
    home = render("home", material, study_words(material.study, "en")).html
    assert "Synthetic: most went by boat" in home


@pytest.mark.browser
def test_the_second_study_is_built_served_and_exported(second_bundle, open_visit, tmp_path):
    assert set(second_bundle.languages_by_page) == set(EVERY)
    assert build(FOLDER) == second_bundle
    go_to, looked_at = open_visit, sample_of_today(EVERY, 4)
    with run_server(tmp_path, study=FOLDER) as (port, _):
        for page in EVERY:
            opened = go_to(f"http://127.0.0.1:{port}/voila/render/{page}.ipynb")
            go_to = opened.go_to
            assert opened.complaints == [] and opened.too_wide() == []
            assert page not in looked_at or opened.barriers() == []
        opened.page.click("text=Routes")
        opened.page.wait_for_selector('main[data-page="routes"][data-usable="true"]')
        assert opened.page.locator("tr[data-row]:not([hidden])").count() == 6
    for page in looked_at:
        for language in sample_of_today(second_bundle.languages_by_page[page], 1, name=page):
            exported = go_to(export_page(page, tmp_path / f"{page}.html", language, study=FOLDER).as_uri())
            assert exported.complaints == []


VOCABULARY = [
    ("actors", "code,name,meaning\nfamily,kin,others\n", r"actors\.csv:2 meaning: is that of the common code 'family'"),
    ("actors", "code,name,meaning\na,kin,kin\na,kin,kin\n", r"actors\.csv:3 code: 'a' stands here twice"),
    ("actors", "code,name,meaning\nkin,kin,\n", r"actors\.csv:2 meaning: is empty; fill it"),
    ("actors", "code,name,meaning\nA b,kin,relatives\n", r"actors\.csv:2 code: 'A b' is not a code"),
    ("actors", "code,name,meaning\nkin,,relatives\n", r"actors\.csv:2 name: is empty; fill it"),
    ("actors", "code,name,label\nkin,kin,x\n", r"actors\.csv:1 label: is not a column"),
    ("moods", "code,name,meaning\n", r"moods\.csv.* is not a list that can be extended; name it actors, "),
]


@pytest.mark.parametrize(("name", "text", "reason"), VOCABULARY)
def test_a_vocabulary_that_cannot_be_used_is_a_problem(tmp_path, name, text, reason):
    folder = new_study(tmp_path / "own")
    (folder / "vocabularies").mkdir()
    (folder / f"vocabularies/{name}.csv").write_text(text, encoding="utf-8")
    assert re.search(reason, str(open_study(folder).problems()[0]))


def test_the_check_accepts_what_pandas_writes(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL"])
    path = folder / "tables/claims.csv"
    pd.read_csv(path).assign(start_year=[2014.0], end_year=[float("nan")]).to_csv(path, index=False)
    groups = folder / "tables/groups.csv"
    pd.read_csv(groups).to_csv(groups, index=False)
    assert "True" in groups.read_text(encoding="utf-8") and "2014.0" in path.read_text(encoding="utf-8")
    study = open_study(folder)
    assert study.problems() == [] and study["claims"]["start_year"].tolist() == [2014]


def test_missing_required_cells_are_listed_together_with_cells_of_another_type(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL"])
    change(folder, "claims", text="", start_year="soon")
    assert [(each.line, each.column) for each in open_study(folder).problems()] == [(2, "start_year"), (2, "text")]


def test_a_source_s_informant_may_be_a_code_of_the_study(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL"])
    sources = folder / "sources.bib"
    sources.write_text(sources.read_text(encoding="utf-8").replace("{researcher}", "{elders}"), encoding="utf-8")
    assert "'elders' is not one of" in str(open_study(folder).problems()[0])
    (folder / "vocabularies").mkdir()
    (folder / "vocabularies/informants.csv").write_text(
        "code,name,meaning\nelders,elders,old people\n", encoding="utf-8"
    )
    assert open_study(folder).problems() == []


def test_french_is_required_of_a_study_in_french_only(tmp_path):
    for languages, expected in ((["en"], []), (["en", "fr"], ["name_fr"])):
        folder = new_study(tmp_path / "-".join(languages), countries=["COL"], languages=languages)
        change(folder, "groups", name_fr="")
        assert [each.column for each in open_study(folder).problems()] == expected


def test_a_study_of_an_earlier_version_is_told_to_upgrade_in_one_sentence(tmp_path):
    run, folder = CliRunner(), new_study(tmp_path / "rivers", countries=["BRA"])
    claims = folder / "tables/claims.csv"
    claims.write_text(claims.read_text(encoding="utf-8").replace(",code,", ",dimension_code,", 1), encoding="utf-8")
    for name in ("omissions", "ties"):
        (folder / f"tables/{name}.csv").unlink()
    said = run.invoke(app, ["check", str(folder)])
    assert said.exit_code == 1 and len(said.output.splitlines()) == 3
    assert "no table omissions, ties; tables/claims.csv has the older name dimension_code" in said.output
    assert f"research-lib upgrade {folder}" in said.output
    assert "omissions, ties, claims" in run.invoke(app, ["upgrade", str(folder)]).output
    assert run.invoke(app, ["check", str(folder)]).output == "0 problems\n"


def test_what_is_cited_stands_in_the_new_study(tmp_path):
    said = ["--author", "Ana Silva", "--author", "Rui Costa", "--year", "2026"]
    assert CliRunner().invoke(app, ["new", str(tmp_path / "rivers"), *said]).exit_code == 0
    settings = open_study(tmp_path / "rivers").settings
    assert (settings.authors, settings.year) == (["Ana Silva", "Rui Costa"], 2026)


def test_the_study_that_goes_along_is_copied_without_records_of_people(tmp_path):
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    listed = [name.removeprefix("data/") for name in wheel["wheel"]["only-include"] if name.startswith("data/")]
    in_wheel = {path for name in listed for path in [ROOT / "data" / name, *(ROOT / "data" / name).rglob("*")]}
    copy = copy_included_study(tmp_path / "copy")
    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert names == {
        path.relative_to(ROOT / "data").as_posix() for path in in_wheel if path.is_file() and path.name[0] != "."
    }
    tracked = subprocess.run(["git", "ls-files", "data"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert names == {name.removeprefix("data/") for name in tracked.split()}
    assert open_study(copy).problems() == []
    with pytest.raises(StudyError, match="is not empty"):
        copy_included_study(copy)


def test_the_command_makes_a_study_to_look_at(tmp_path):
    run, folder = CliRunner(), tmp_path / "rivers"
    made = run.invoke(app, ["new", str(folder), "--title", "Rivers", "--licence", "CC0-1.0", "--country", "BRA"])
    assert made.exit_code == 0 and f"research-lib serve {folder}" in made.output
    assert run.invoke(app, ["check", str(folder)]).output == "0 problems\n"
    assert "wrote" in run.invoke(app, ["rebuild", str(folder)]).output
    assert run.invoke(app, ["check", str(folder)]).output == "0 problems\n"
    assert open_material(folder).pages == ("home", "routes", "profiles", "evidence", "about")
    formed = run.invoke(app, ["forms", "--to", str(tmp_path / "forms"), "--study", str(folder)])
    assert formed.exit_code == 0 and "Brazil" in (tmp_path / "forms/interview.xml").read_text(encoding="utf-8")
    form = folder / "instruments/interview.csv"
    form.write_text("survey,type,name\n,begin_group,one\n", encoding="utf-8")
    assert "interview.csv" in run.invoke(app, ["check", str(folder)]).output
    refused = run.invoke(app, ["forms", "--to", str(tmp_path / "forms"), "--study", str(folder)])
    assert "interview.csv" in str(refused.exception)
    with pytest.raises(StudyError, match="'XYZ' is not a country"):
        new_study(tmp_path / "nowhere", countries=["XYZ"])
    assert not (tmp_path / "nowhere").exists()


def test_biblatex_types_are_cited(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL"])
    (folder / "sources.bib").write_text(
        "".join(
            f"@{kind}{{{key}, title = {{T}}, author = {{A, B}}, year = {{2020}}, kind = {{report}}, informant = {{ngo}}}}\n"
            for kind, key in (("report", "example2020"), ("online", "o"), ("thesis", "t"), ("dataset", "d"))
        ),
        encoding="utf-8",
    )
    study = open_study(folder)
    assert [each for each in study.problems() if "cited" not in str(each)] == []
    assert study.cite("example2020[1]").startswith("B A. T")


@pytest.mark.parametrize(
    ("month", "written"), [("9", "September 2020"), ("09", "September 2020"), ("sep", "September 2020")]
)
def test_a_month_is_cited_by_its_name_and_kept_as_it_is_in_bibtex(tmp_path, month, written):
    value = month if month.isalpha() else f"{{{month}}}"
    entry = f"@misc{{a, title = {{T}}, author = {{B, C}}, year = {{2020}}, month = {value}}}"
    (tmp_path / "sources.bib").write_text(entry, encoding="utf-8")
    bibliography = read_sources(tmp_path, StudySettings(title="x"), ()).sources
    assert cite(bibliography, "a").endswith(f"T. {written}.")
    assert f"month = {{{'September' if month.isalpha() else month}}}" in bibtex(bibliography, "a")


def constants(path):
    """The texts of a module except its docstrings, or the lines of a file of codes."""
    if path.suffix == ".toml":
        return path.read_text(encoding="utf-8").splitlines()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def test_few_constants_of_the_package_name_this_study():
    found = {}
    for path in sorted(path for kind in ("py", "toml") for path in (ROOT / "research_lib").rglob(f"*.{kind}")):
        if named := [text for text in constants(path) if OURS.search(text)]:
            found[path.relative_to(ROOT / "research_lib").as_posix()] = named
    for path, texts in found.items():
        print(f"{path}: {KNOWN.get(path, 'no reason')}: {texts}")
    assert set(found) == set(KNOWN)


def test_templates_styles_and_modules_name_nothing_of_ours():
    files = [path for kind in ("css", "j2", "mjs") for path in (ROOT / "research_lib").rglob(f"*.{kind}")]
    assert len(files) > 20
    assert [path.name for path in files if OURS.search(path.read_text(encoding="utf-8"))] == []


def test_the_catalogues_name_nothing_of_ours():
    for path in (ROOT / "research_lib/show/catalogues").glob("en.po"):
        named = [line for line in path.read_text(encoding="utf-8").splitlines() if OURS.search(line)]
        assert [line for line in named if not line.startswith(("#", "msgid", 'msgstr "Slovak Criminal Code"'))] == []


def test_paths_of_a_build_stand_beside_the_study(second_bundle):
    assert second_bundle.folder.parent == FOLDER.parent / "build/orinoco"


def test_a_route_without_legs_among_others_is_a_problem(tmp_path):
    folder = make_second_study(tmp_path / "orinoco")
    legs = pd.read_csv(folder / "tables/legs.csv", dtype="str", keep_default_na=False)
    legs.query("route_id != 'r-04'").to_csv(folder / "tables/legs.csv", index=False)
    (problem,) = open_study(folder).problems()
    assert str(problem).startswith("tables/routes.csv:5 id: 'r-04' has no leg in legs; add the leg from")


def test_commands_leave_a_finished_study_as_it_is(tmp_path):
    run, folder = CliRunner(), make_second_study(tmp_path / "orinoco")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != LOCK_FILE}
    for command, answer in (("check", "0 problems"), ("upgrade", "up to date"), ("describe", ""), ("rebuild", "wrote")):
        found = run.invoke(app, [command, str(folder)])
        assert found.exit_code == 0 and answer in found.output
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != LOCK_FILE)
    assert {path: path.read_bytes() for path in files} == before


@pytest.mark.slow
def test_answers_to_the_study_s_own_questionnaire_end_on_its_own_pages(tmp_path):
    run, folder = CliRunner(), make_second_study(tmp_path / "orinoco")
    export = write_export(tmp_path / "export.csv")
    arguments = ["import", str(folder), str(export), "--retention", "2032-12-31", "--synthetic"]
    assert f"{PEOPLE} records read, {PEOPLE} taken" in run.invoke(app, arguments).output
    refused = run.invoke(app, ["release", str(folder)])
    assert "have a first one written with: research-lib release FOLDER --first-plan" in str(refused.exception)
    assert run.invoke(app, ["release", str(folder), "--first-plan"]).exit_code == 0
    assert "removed 0 cases; 240 are kept" in run.invoke(app, ["purge", str(folder)]).output
    plan = Plan.read(folder / "release/plan.toml")
    questions = ("age_band", "origin_state", "crossing", "price_band", "work_before", "work_after", "paid_as_agreed")
    assert plan.sensitive == questions and [table.variables[1] for table in plan.tables] == [*questions]
    with pytest.raises(PlanThereError, match="is there already"):
        write_first_plan(folder)
    assert run.invoke(app, ["release", str(folder)]).exit_code == 0
    material = open_material(folder)
    html = render("cases", material, study_words(material.study, "fr")).html
    for text in ("SYNTHETIC: across the Orinoco", "en bateau", "Colombie", "Travail et salaire"):
        assert text in html, text
    assert [found[0] for found in OURS.finditer(words_on(html))] == []


def test_a_study_takes_its_own_questionnaire(tmp_path):
    run = CliRunner()
    for study, place in ((FOLDER, "Cúcuta"), (ROOT / "data", "Paris")):
        assert run.invoke(app, ["forms", "--to", str(tmp_path / place), "--study", str(study)]).exit_code == 0
        assert place in (tmp_path / place / "interview.xml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_demonstration_is_a_study_whose_release_is_on_its_own_pages(tmp_path):
    run, folder = CliRunner(), tmp_path / "demo"
    assert run.invoke(app, ["demonstrate", str(folder)]).exit_code == 0
    assert run.invoke(app, ["check", str(folder)]).output == "0 problems\n"
    assert open_study(folder).settings.languages == ["en", "fr"]
    plan = Plan.read(folder / "release/plan.toml")
    (folder / "release/plan.toml").write_text(replace(plan, tables=plan.tables[:2]).to_toml(), encoding="utf-8")
    assert open_material(folder).pages == ("home", "about")
    assert run.invoke(app, ["release", str(folder)]).exit_code == 0
    material = open_material(folder)
    assert material.pages == ("home", "cases", "about") and material.is_synthetic
    assert "SYNTHETIC DATA" in render("cases", material, study_words(material.study, "en")).html


def test_an_upgrade_changes_no_cell_but_those_of_its_columns(tmp_path):
    folder = make_second_study(tmp_path / "lines")
    figures = folder / "tables/figures.csv"
    earlier = pd.read_csv(figures, dtype="str", keep_default_na=False).drop(columns="is_headline")
    earlier.loc[0, "text"] = "one\r\ntwo\rthree"
    earlier.to_csv(figures, index=False)
    assert "figures" in upgrade_study(folder)
    assert b'"one\r\ntwo\rthree"' in figures.read_bytes()


def test_a_study_of_an_earlier_version_is_upgraded(tmp_path):
    folder = tmp_path / "earlier"
    shutil.copytree(
        ROOT / "data", folder, ignore=shutil.ignore_patterns("raw", "phrases", "study.toml", ".lock", "*.md")
    )
    (folder / "tables/calibrations.csv").unlink()
    places = folder / "tables/places.csv"
    places.write_text(places.read_text(encoding="utf-8").replace("name_local", "name_zh", 1), encoding="utf-8")
    figures = folder / "tables/figures.csv"
    earlier = pd.read_csv(figures, dtype="str", keep_default_na=False).drop(columns="is_headline")
    earlier.rename(columns={"code": "dimension_code"}).to_csv(figures, index=False)
    assert any("research-lib upgrade" in str(each) for each in open_study(folder).problems())
    assert upgrade_study(folder) == ["calibrations", "places", "figures", "study.toml"]
    assert upgrade_study(folder) == []
    study = open_study(folder)
    assert study.problems() == [] and study.settings.languages == ["en", "fr"]
    assert {"FRA", "ITA"} <= set(study.countries)
    assert open_material(folder).pages == (*EVERY[:-1], "cases", "about")


SETTINGS = [
    ('countries = ["COL", "NGA"]', "study.toml countries: 'NGA' has no place of the kind country"),
    ('[[findings]]\nid = "x"\nclaims = ["c-99"]', "study.toml findings: 'c-99' is not a claim"),
    ('main_source = "nobody2020"', "study.toml main_source: 'nobody2020' is not in sources.bib"),
    ('groups_in_general = ["nobody"]', "study.toml groups_in_general: 'nobody' is not a group"),
    ('[defaults]\njourneys = ["flight"]', "study.toml defaults.journeys: 'flight' is not a kind of route"),
    ('dimensions = ["work"]', "study.toml dimensions: 'work' is not in tables/codebook.csv"),
]


@pytest.mark.parametrize(("line", "problem"), SETTINGS)
def test_a_setting_that_names_what_is_not_there_is_a_problem(tmp_path, line, problem):
    folder = new_study(tmp_path / "own", countries=["COL"])
    (folder / "study.toml").write_text(line, encoding="utf-8")
    assert [str(each) for each in open_study(folder).problems() if problem in str(each)]


def test_a_table_with_semicolons_is_one_problem(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL"])
    path = folder / "tables/claims.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    found = [str(each) for each in open_study(folder).problems() if each.file == "tables/claims.csv"]
    assert "separated by semicolons; save it as CSV with commas" in found[0]


def test_profiles_hold_every_source_sub_codes_and_the_dimensions_of_the_study(tmp_path):
    folder = new_study(tmp_path / "own", countries=["COL", "VEN"])
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write('main_source = "example2020"\ndimensions = ["migration", "work"]\n')
    with (folder / "sources.bib").open("a", encoding="utf-8") as stream:
        stream.write(
            "@online{other, title = {T}, author = {A, B}, date = {2021-05}, kind = {press}, informant = {ngo}}\n"
        )
    add(folder, "codebook", [{"id": "work", "name": "Work", "definition": MARKED}])
    add(folder, "codebook", [{"id": "debt", "parent_id": "work", "name": "Debt", "definition": MARKED}])
    change(folder, "claims", code="debt", source="other[2]")
    rebuild_tables(folder)
    study = open_study(folder)
    assert study.problems() == [] and "2021" in study.cite("other[2]")
    known = study["profiles"].query("knowledge == 'observed'")
    assert known[["country_code", "dimension_code", "claim_id"]].to_numpy().tolist() == [["COL", "work", "c-example"]]
    assert set(study["profiles"]["dimension_code"]) == {"migration", "work"}
    html = render("profiles", open_material(folder), study_words(study, "en")).html
    assert "Work" in html and 'class="slot age"' not in html


def test_a_country_without_provisions_is_not_described(tmp_path):
    folder = make_second_study(tmp_path / "third")
    path = folder / "tables/provisions.csv"
    pd.read_csv(path, dtype="str", keep_default_na=False).query("country_code == 'COL'").to_csv(path, index=False)
    html = render("comparison", open_material(folder), study_words(open_study(folder), "en")).html
    assert "not described" in html


def test_what_is_not_a_study_is_named_and_not_a_missing_file(tmp_path):
    with pytest.raises(StudyError, match="is not a study: it has no folder tables/"):
        build(tmp_path)
    folder = new_study(tmp_path / "own", countries=["COL"])
    (folder / "tables/networks.csv").unlink()
    with pytest.raises(StudyError, match="research-lib upgrade"):
        build(folder)
