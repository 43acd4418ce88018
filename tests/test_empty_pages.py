"""A study whose tables are partly empty: its pages are built, and they say that nothing is recorded."""

from dataclasses import replace
from pathlib import Path

import pytest

from research_lib.show.material import open_material
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

ROOT = Path(__file__).resolve().parents[1]
SAID = {
    "en": {
        ("legs", "routes"): "No journey is recorded in this study.",
        ("profiles", "profiles"): "Not known: the report says nothing of this here.",
    },
    "fr": {("legs", "routes"): "Aucun trajet n’est enregistré dans cette étude."},
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
    assert said in render(page, without(material, table), study_words(material.study, language)).html
    if table != "profiles":
        assert said not in render(page, material, study_words(material.study, language)).html


def test_the_home_page_stands_without_legs(material):
    assert "<h1>" in render("home", without(material, "legs"), study_words(material.study, "en")).html


@pytest.mark.parametrize(("table", "part"), [("pathways", 'id="ways"'), ("comparisons", 'id="points"')])
def test_a_part_of_a_page_without_rows_is_left_out(material, table, part):
    words = study_words(material.study, "en")
    assert part in render("comparison", material, words).html
    assert part not in render("comparison", without(material, table), words).html
