"""What holds for every page as it opens: its weight, what axe finds, its windows, a way through by keyboard, paper.

By day a page is looked at in one language and one window, which change from day to day; at night in all.
"""

from urllib.parse import urlsplit

import pytest
from conftest import WINDOWS, sample_of_today
from pypdf import PdfReader

from research_lib.show.pages.study_pages import PAGES
from research_lib.show.site.finished_pages import FinishedPages

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


@pytest.mark.parametrize("page", sample_of_today(PAGES, 5))
def test_a_page_is_light(bundle, page):
    for language in sample_of_today(bundle.languages_by_page[page], 1, name=page):
        made = FinishedPages(bundle, lambda _: [])._make(page, language, "http://a/", [])
        assert len(made.forms["br"]) <= 230_000 and len(made.forms["gzip"]) <= 235_000


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_barrier_or_a_complaint_in_any_window_in_any_language(visit, served, bundle, page):
    go_to = visit
    for language in sample_of_today(bundle.languages_by_page[page], 1, name=page):
        opened = go_to(f"{page}.ipynb?lang={language}")
        go_to = opened.go_to
        assert opened.page.get_attribute("html", "lang") == language
        assert opened.barriers(sample_of_today(WINDOWS, 1, name=page)) == [], language
        assert opened.too_wide((390, 640, 768, 1280, 1920)) == [], language
        assert opened.complaints == [], language
        assert [urlsplit(url).netloc for url in opened.requests] == [urlsplit(served).netloc], language


@pytest.mark.browser
@pytest.mark.parametrize("page", sample_of_today(PAGES, 5))
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
@pytest.mark.parametrize("page", sample_of_today(PAGES, 4))
def test_paper_says_when_and_from_which_address_it_was_printed(visit, page, tmp_path):
    opened = visit(f"{page}.ipynb?lang=fr").page
    opened.pdf(path=tmp_path / "page.pdf", page_ranges="1")
    text = " ".join(PdfReader(tmp_path / "page.pdf").pages[0].extract_text().split())
    assert "Imprimé le" in text and f"{page}.ipynb?lang=fr" in text.replace(" ", "")
