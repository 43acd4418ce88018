"""The fonts of the pages: cut to the letters that the pages use, under names of their own, and never waited for."""

import io
import re
from base64 import b64decode

import pytest
from conftest import ROOT, open_live
from fontTools.ttLib import TTFont

from research_lib.show.pages.fonts import font_faces

IN_EVERY_LANGUAGE = "aàâæçéèêëîïôœùûüÿ äöß ąćęłńśźż ščťžľĺŕňďý ăîșț ğış őű “«»” ’ – … ‹› ← ↑ → ↓ − α €"
# Letters of one language that is no official language of the study's countries, and signs that are drawn, not written.
MISSING = set("șț")
COPYRIGHT, LICENCE = 0, 13  # entries of a font's table of names


def fonts(rules=None):
    """Each font of rules of a style sheet with its name, by default of those of every letter."""
    found = re.findall(r'font-family: "([\w ]+)".*?base64,([\w+/=]+)\)', rules or font_faces())
    return [(name, TTFont(io.BytesIO(b64decode(data)))) for name, data in found]


def letters_of(wanted, rules=None):
    return {chr(letter) for name, font in fonts(rules) if name == wanted for letter in font.getBestCmap()}


@pytest.mark.parametrize("name", ["Study Sans", "Study Serif"])
def test_a_font_has_the_letters_of_european_languages(name):
    assert {*IN_EVERY_LANGUAGE} - letters_of(name) <= MISSING


@pytest.mark.parametrize(
    ("text", "more"), [("Lăzăroiu, Žilina, œuvre “α” 43 €", False), ("Łódź", True), ("İzmir", True)]
)
def test_letters_of_other_languages_are_sent_where_a_page_has_one_of_them(text, more):
    assert {*text} <= letters_of("Study Sans", font_faces(text))
    assert ("ż" in letters_of("Study Sans", font_faces(text))) == more
    assert len(font_faces(text)) < (90_000 if more else 40_000)


@pytest.mark.parametrize("name", ["Study Sans", "Study Serif"])
def test_figures_have_one_width_so_that_they_stand_in_columns(name):
    font = dict(reversed(fonts()))[name]
    assert len({font["hmtx"][font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}) == 1


@pytest.mark.parametrize("name", ["Study Sans", "Study Serif"])
def test_a_font_has_its_licence_and_not_the_name_that_the_licence_keeps_back(name):
    for found, font in fonts():
        kept = {record.nameID: str(record) for record in font["name"].names}
        assert found != name or "SIL Open Font License" in kept[LICENCE]
        assert [name for name, text in kept.items() if "Source" in text and name != COPYRIGHT] == []


@pytest.mark.parametrize("page", ["home", "routes"])
def test_the_letters_of_a_page_are_in_its_fonts(bundle, page):
    document = bundle.document(page, "fr")
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", "", document, flags=re.DOTALL)
    assert {letter for letter in text if 0x20 <= ord(letter) < 0x2000} <= letters_of("Study Sans", document)


@pytest.mark.browser
def test_the_page_is_painted_before_its_fonts_are_there_and_then_uses_them(visit):
    page = visit("home.ipynb").page
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)") == [
        "Study Sans",
        "Study Serif",
    ]
    painted, styles = page.evaluate(
        """[performance.getEntriesByName('first-contentful-paint').length,
            [...document.querySelectorAll('style')].map(style => style.textContent.includes('@font-face'))]"""
    )
    assert painted == 1
    assert styles[0] is False and styles[-1] is True
    behind = "[...document.querySelectorAll('body > style:last-of-type ~ *')].map(part => part.tagName)"
    assert {*page.evaluate(behind)} <= {"SCRIPT"}
    assert page.evaluate("document.querySelector('body > .foot').nextElementSibling.type") == "module"
    assert "Study Serif" in page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
    assert "Study Sans" in page.evaluate("getComputedStyle(document.body).fontFamily")


@pytest.mark.browser
def test_a_live_page_has_the_same_fonts_from_this_server(served, browser):
    page = browser.new_page()
    open_live(page, f"{served}/voila/render/compare.ipynb")
    page.wait_for_function("[...document.fonts].some(font => font.family.includes('Study Sans'))")
    assert "Study Sans" in page.evaluate("getComputedStyle(document.querySelector('.masthead')).fontFamily")


def test_the_packages_of_the_fonts_are_named():
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "fontpkg-source-sans-3" in listed and "fontpkg-source-serif-4" in listed
