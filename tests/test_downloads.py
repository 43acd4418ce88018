"""The tables and the pictures that the served pages save."""

import csv
from datetime import date
from io import BytesIO
from urllib.parse import urlsplit

import numpy
import pytest
from conftest import ROOT, resize, sample_of_today
from PIL import Image

from research_lib.disclosure.released import open_release
from research_lib.show import Panel

pytestmark = pytest.mark.browser
SAVED = [
    ("routes", "en", "destination=turin", "routes"),
    ("profiles", "fr", "profile=dongbei&country=FRA", "profiles"),
    ("comparison", "en", "topic=reflection-period", "comparison"),
    ("networks", "en", "network=article-18-system", "networks"),
    ("evidence", "fr", "kind=claim&informant=women", "evidence"),
    ("cases", "fr", "question=age_band", "synthetic-demonstration-age_band"),
]


def saved(opened, path):
    """The name and the bytes of the table that a page saves; nothing is requested for it."""
    before = len(opened.requests)
    with opened.page.expect_download() as download:
        opened.page.click("[data-download]")
    download.value.save_as(path)
    assert opened.complaints == []
    assert {urlsplit(url).scheme for url in opened.requests[before:]} <= {"blob"}
    return download.value.suggested_filename, path.read_bytes()


PICTURES = [
    ("home.ipynb?lang=fr", "[data-picture=finding-papers]", "finding-papers", "Passage clandestin"),
    ("home.ipynb", "[data-picture=finding-network]", "finding-network", "A hypothesis"),
    (
        "routes.ipynb?map=smuggler&select=leg:r-smuggling-africa-1",
        "[data-picture=map]",
        "routes-smuggler",
        "Smugglers and criminal organisations: by way of",
    ),
    ("routes.ipynb?select=place:paris&map=unnamed", "[data-picture=map]", "routes-unnamed", "Nobody named"),
    ("comparison.ipynb?country=ITA", "[data-picture=law-ways]", "law-ways", "Statement by an association"),
    ("assessment.ipynb", "[data-picture=situations]", "situations", "Young girls deceived, France"),
    ("profiles.ipynb", "[data-picture=profiles]", "profiles", "Who are they?"),
    ("profiles.ipynb", "[data-picture=flows]", "flows", "A bar is no confidence interval"),
    ("networks.ipynb", "[data-picture=networks-exchange]", "networks-exchange", "Received in all"),
    ("networks.ipynb", "[data-picture=networks]", "networks", "LIFE network of Turin"),
    ("cases.ipynb?question=age_band", "[data-picture^=synthetic]", "synthetic-demonstration-age_band", "SYNTHETIC"),
]


@pytest.mark.parametrize(
    ("address", "button", "name", "title"), sample_of_today(PICTURES, 1, kind=lambda each: each[0].partition(".")[0])
)
def test_a_saved_picture_explains_itself_and_looks_as_on_the_page(visit, tmp_path, address, button, name, title):
    page = visit(address).page
    for kind in ("png", "svg"):
        with page.expect_download() as download:
            page.locator(f"{button}[data-kind={kind}]").click()
        assert download.value.suggested_filename == f"{name}.{kind}"
        download.value.save_as(tmp_path / f"picture.{kind}")
    picture = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    alone = page.context.new_page()
    alone.goto((tmp_path / "picture.svg").as_uri())
    said = " ".join(alone.evaluate("[...document.querySelectorAll('text')].map((text) => text.textContent)"))
    for words in (title, "EX-CHANGE", "http://127.0.0.1:", "CC BY 4.0", str(date.today().year)):
        assert words in said
    assert "var(" not in picture and "class=" not in picture
    assert alone.evaluate("[...document.fonts].some((font) => font.status === 'loaded')"), "the page's fonts go with it"
    size = alone.evaluate(
        "[...'wh'].map((side) => +document.documentElement.getAttribute({w: 'width', h: 'height'}[side]))"
    )
    resize(alone, *map(int, size))
    images = [Image.open(source).convert("RGB") for source in (BytesIO(alone.screenshot()), tmp_path / "picture.png")]
    assert images[1].size == (2 * images[0].width, 2 * images[0].height)
    for each in images:
        assert 0 < (numpy.asarray(each).max(axis=2) < 40).mean() < 0.06


def test_a_map_saved_on_a_phone_names_the_places_that_a_page_names(visit, tmp_path):
    page = visit("routes.ipynb?map=all").page
    resize(page, 390, 844)
    foreign = "@font-face { font-family: Foreign; src: url(foreign.woff2); }"  # JupyterLab has such fonts
    page.evaluate(
        "(text) => document.head.append(Object.assign(document.createElement('style'), { textContent: text }))", foreign
    )
    before = page.locator("svg[data-role=map]").get_attribute("style")
    with page.expect_download() as download:
        page.locator("[data-picture=map][data-kind=svg]").click()
    download.value.save_as(tmp_path / "map.svg")
    assert page.locator("svg[data-role=map]").get_attribute("style") == before
    alone = page.context.new_page()
    alone.goto((tmp_path / "map.svg").as_uri())
    seen = "[...document.querySelectorAll('text')].filter((each) => each.checkVisibility()).map((each) => each.textContent)"
    assert {"Paris", "Turin", "France", "Italy"} <= {*alone.evaluate(seen)}
    assert "Foreign" not in (tmp_path / "map.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "language", "query", "stem"), SAVED)
def test_a_page_saves_the_table_that_python_writes(visit, bundle, tmp_path, page, language, query, stem):
    opened = visit(f"{page}.ipynb?lang={language}&{query}")
    name, written = saved(opened, tmp_path / "table.csv")
    chosen = opened.page.evaluate("location.search").removeprefix("?")
    wanted = Panel(page, language=language, bundle=bundle).to_csv(chosen)
    assert (name, written) == (f"{stem}.csv", b"\xef\xbb\xbf" + wanted.encode())
    assert 1 < wanted.count("\n") < Panel(page, language=language, bundle=bundle).to_csv("").count("\n")


def test_the_saved_table_holds_the_rows_on_the_page_each_with_its_source(visit, tmp_path):
    opened = visit("routes.ipynb?destination=turin")
    saved(opened, tmp_path / "routes.csv")
    header, *rows = csv.reader((tmp_path / "routes.csv").open(encoding="utf-8-sig"))
    assert len(rows) == opened.page.locator("tr[data-row]:not([hidden])").count() > 0
    assert header[-1] == "Source" and all("Section 3.3" in row[-1] for row in rows)


def test_the_saved_cells_are_those_of_the_question_that_is_shown(visit, tmp_path):
    opened = visit("cases.ipynb")
    opened.page.focus('[data-step="1"]')
    opened.page.keyboard.press("Enter")
    question = opened.page.input_value("#question")
    name, _ = saved(opened, tmp_path / "cells.csv")
    assert name == f"synthetic-demonstration-{question}.csv" and f"question={question}" in opened.page.url
    frame = open_release(ROOT / "data/released/synthetic-demonstration").tables[question]
    cells = csv.DictReader((tmp_path / "cells.csv").open(encoding="utf-8-sig"))
    wanted = [("" if row.status == "hidden" else str(row.count), row.status, "yes") for row in frame.itertuples()]
    assert [(cell["count"], cell["status"], cell["is_synthetic"]) for cell in cells] == wanted
