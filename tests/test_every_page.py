"""What holds for every page as it opens: its weight, what axe finds, its windows, a way through by keyboard, paper."""

from itertools import product

import pytest
from conftest import WINDOWS
from pypdf import PdfReader

from research_lib.show.pages.study_pages import PAGES
from research_lib.show.site.finished_pages import FinishedPages

EVERY = list(product(PAGES, ("en", "fr")))
FOCUSED = """() => {
  const mark = document.activeElement;
  if (mark === document.body) return null;
  const look = () => [mark, ...mark.querySelectorAll("*")].map(each => {
    const { outline, stroke, strokeWidth, left } = getComputedStyle(each);
    return [outline, stroke, strokeWidth, left].join();
  }).join();
  const focused = look(), box = mark.getBoundingClientRect();
  mark.blur();
  const plain = look();
  mark.focus();
  const named = mark.getAttribute("aria-label") || mark.getAttribute("aria-labelledby") || mark.labels?.length;
  return {
    name: Boolean(named || mark.textContent.trim()),
    seen: box.width * box.height > 0 && focused !== plain,
    mark: mark.outerHTML.slice(0, 120),
  };
}"""


@pytest.mark.parametrize(("page", "language"), EVERY)
def test_a_page_is_light(bundle, page, language):
    if language in bundle.languages_by_page[page]:
        made = FinishedPages(bundle, lambda _: [])._make(page, language, "http://a/", [])
        at_first = len(made.forms["br"])
        made.shorten()
        assert len(made.forms["br"]) <= 230_000 and at_first <= 250_000 and len(made.forms["gzip"]) <= 285_000


@pytest.mark.browser
@pytest.mark.parametrize(("page", "language"), EVERY)
def test_no_page_has_a_barrier_or_a_complaint_in_any_window(visit, page, language):
    opened = visit(f"{page}.ipynb?lang={language}")
    assert opened.barriers(WINDOWS) == []
    assert opened.too_wide((390, 640, 768, 1280, 1920)) == []
    assert opened.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_a_keyboard_reaches_what_a_page_offers_and_shows_where_it_is(visit, page):
    opened = visit(f"{page}.ipynb").page
    found = []
    for _ in range(60):
        opened.keyboard.press("Tab")
        found.append(opened.evaluate(FOCUSED))
    reached = [each for each in found if each]
    assert len({each["mark"] for each in reached}) >= 12
    assert [each["mark"] for each in reached if not each["name"]] == []
    assert [each["mark"] for each in reached if not each["seen"]] == []


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_paper_says_when_and_from_which_address_it_was_printed(visit, page, tmp_path):
    opened = visit(f"{page}.ipynb?lang=fr").page
    opened.pdf(path=tmp_path / "page.pdf")
    text = " ".join(PdfReader(tmp_path / "page.pdf").pages[0].extract_text().split())
    assert "Imprimé le" in text and f"{page}.ipynb?lang=fr" in text.replace(" ", "")
