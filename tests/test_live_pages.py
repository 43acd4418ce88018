"""The pages with their kernel: served by Voilà as people start it, every page in every language."""

import csv
import urllib.request
from itertools import product
from urllib.parse import urlsplit

import pytest

from research_lib.disclosure.released import open_release
from research_lib.show.pages.names import LANGUAGES
from research_lib.show.site.bundle import PAGES, ROOT

pytestmark = pytest.mark.browser
WITH_A_DOWNLOAD = {("routes", "en"), ("comparison", "en"), ("cases", "en")}
HOSTILE = "lang=xx&x=1&select=leg:%3Cscript%3Ealert(1)%3C/script%3E&%22%3E=%22%3E"


@pytest.fixture
def live(open_visit, served):
    """Opens a page until its kernel answers; it must be quiet, fit and stay on this machine."""

    def open_page(address):
        opened = open_visit(f"{served}/voila/render/{address}")
        opened.wait_until_live()
        assert opened.complaints == []
        assert {urlsplit(url).netloc for url in opened.requests} == {urlsplit(served).netloc}
        assert len(opened.requests) <= 3
        text = opened.page.inner_text("body")
        assert "Traceback" not in text and "Error" not in text
        assert opened.too_wide() == []
        return opened

    return open_page


def downloaded(opened, path):
    """The name and the rows of the table that the kernel writes; nothing is asked of another machine for it."""
    with opened.page.expect_download() as download:
        opened.page.click("[data-download=csv]")
    download.value.save_as(path)
    host = urlsplit(opened.page.url).netloc
    assert opened.complaints == [] and {urlsplit(url).netloc for url in opened.requests} - {""} == {host}
    return download.value.suggested_filename, list(csv.reader(path.open(encoding="utf-8-sig")))


@pytest.mark.parametrize(("page", "language"), sorted({*product(PAGES, LANGUAGES)} - WITH_A_DOWNLOAD))
def test_a_page_is_usable_live_quiet_and_stays_on_this_machine(live, page, language):
    assert live(f"{page}.ipynb{'' if language == 'en' else '?lang=fr'}").page.get_attribute("html", "lang") == language


def test_the_kernel_writes_the_view_as_a_table(live, tmp_path):
    opened = live("routes.ipynb?destination=turin")
    _, rows = downloaded(opened, tmp_path / "routes.csv")
    assert len(rows) - 1 == opened.page.locator("tr[data-row]:not([hidden])").count() > 0
    assert rows[0][-1] == "Source" and all("Section 3.3" in row[-1] for row in rows[1:])


def test_the_kernel_writes_the_provisions_of_a_topic(live, study, tmp_path):
    _, rows = downloaded(live("comparison.ipynb?topic=reflection-period"), tmp_path / "provisions.csv")
    assert len(rows) - 1 == (study["provisions"]["topic_code"] == "reflection-period").sum() > 0
    assert all("EX-CHANGE" in row[-1] for row in rows[1:])


def test_the_kernel_writes_the_cells_of_the_question_that_is_shown(live, tmp_path):
    opened = live("cases.ipynb")
    opened.page.focus('[data-step="1"]')
    opened.page.keyboard.press("Enter")
    question = opened.page.input_value("#question")
    name, (header, *rows) = downloaded(opened, tmp_path / "cells.csv")
    assert name == f"synthetic-demonstration-{question}.csv" and f"question={question}" in opened.page.url
    frame = open_release(ROOT / "data/released/synthetic-demonstration").tables[question]
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    wanted = [("" if row.status == "hidden" else str(row.count), row.status, "yes") for row in frame.itertuples()]
    assert [(cell["count"], cell["status"], cell["is_synthetic"]) for cell in cells] == wanted


@pytest.fixture(scope="module")
def answer(served):
    """A whole answer of the server, the kernel's part included, to an address that somebody has written to do harm."""
    with urllib.request.urlopen(f"{served}/voila/render/routes.ipynb?{HOSTILE}", timeout=60) as response:
        return response.read().decode("utf-8")


def test_the_answer_carries_the_finished_map_before_any_kernel(answer):
    before, after = answer.split('id="kernel"', 1)
    assert '<svg data-role="map"' in before and "kernelId" in after


def test_a_hostile_address_never_stands_in_the_answer(answer):
    assert "alert(1)" not in answer and '">="' not in answer
