"""A study whose tables are partly empty: its pages are built, and they say that nothing is recorded."""

import re
from dataclasses import replace
from html import unescape
from itertools import product
from pathlib import Path

import pytest
from second_study import make_second_study

from research_lib import new_study
from research_lib.show.material import open_material
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

ROOT = Path(__file__).resolve().parents[1]
SAID = {
    "en": {
        ("legs", "routes"): "No journey is recorded in this study.",
        ("profiles", "profiles"): "Not known: the report says nothing of this here.",
    },
    "fr": {("legs", "routes"): "Aucun trajet n'est enregistré dans cette étude."},
}


@pytest.fixture(scope="module")
def material():
    return open_material(ROOT / "data")


def without(material, table):
    table_file = material.study.table_files[table]
    empty = replace(table_file, frame=table_file.frame.iloc[:0], lines=type(table_file.lines)())
    study = replace(material.study, table_files={**material.study.table_files, table: empty})
    study.require_sound()
    return replace(material, study=study)


@pytest.mark.parametrize(
    ("language", "table", "page"), [(language, *key) for language, keys in SAID.items() for key in keys]
)
def test_a_page_whose_table_is_empty_says_that_nothing_is_recorded(material, language, table, page):
    said = SAID[language][table, page]
    assert said in unescape(render(page, without(material, table), study_words(material.study, language)).html)
    if table != "profiles":
        assert said not in unescape(render(page, material, study_words(material.study, language)).html)


def test_the_home_page_stands_without_legs(material):
    assert "<h1>" in render("home", without(material, "legs"), study_words(material.study, "en")).html


@pytest.mark.parametrize(("table", "part"), [("pathways", 'id="ways"'), ("comparisons", 'id="points"')])
def test_a_part_of_a_page_without_rows_is_left_out(material, table, part):
    words = study_words(material.study, "en")
    assert part in render("comparison", material, words).html
    assert part not in render("comparison", without(material, table), words).html


SENTENCES = re.compile(
    r"seldom|rarement|lines in its source|des lignes dans sa source|section and lines|section et lignes|NaN|\b0 recomm"
)


@pytest.mark.parametrize("table", ["", "documented_profiles", "recommendations", "legs", "memberships"])
def test_pages_of_a_study_with_gaps_say_nothing_that_is_true_of_another_one(tmp_path, table):
    folder = make_second_study(tmp_path / "gaps")
    if table:
        path = folder / f"tables/{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    material = open_material(folder)
    pages = {"legs": ("about",), "memberships": ("networks",)}.get(table, ("networks",))
    for page, language in product(pages if table else material.pages, material.study.settings.languages):
        html = render(page, material, study_words(material.study, language)).html
        said = re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL))
        assert not SENTENCES.search(said), (page, SENTENCES.search(said))


def test_a_page_that_rests_on_no_source_has_no_list_of_sources(tmp_path):
    material = open_material(new_study(tmp_path / "example", countries=["ITA"]))
    words = study_words(material.study, "en")
    assert 'class="sources"' not in render("home", material, words).html
    assert 'class="sources"' in render("routes", material, words).html
    assert "keeps 1 statement of its sources" in render("home", material, words).html
