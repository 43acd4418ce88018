"""What holds for every page as it opens: its weight, what axe finds, its windows, a way through by keyboard, paper."""

from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest
from conftest import COLOURS, NIGHTLY, WINDOWS
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


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_light(bundle, page):
    by_length = sorted(
        bundle.languages_by_page[page], key=lambda language: len(bundle.document(page, language).encode())
    )
    for language in by_length if NIGHTLY else by_length[-1:]:
        made = FinishedPages(bundle, lambda _: [])._make(page, language, "http://a/", [])
        assert len(made.forms["br"]) <= 230_000 and len(made.forms["gzip"]) <= 235_000


def in_turn(languages, page):
    """The languages of a page, beginning with another on each page."""
    first = list(PAGES).index(page) % len(languages)
    return [*languages[first:], *languages[:first]]


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_barrier_or_a_complaint_in_any_window_in_any_language(visit, served, bundle, page):
    windows = chain([(WINDOWS[::2], ()), (WINDOWS[1:2], ())], repeat((WINDOWS[:1], COLOURS)))
    go_to = visit
    for language, (looked_at, left_out) in zip(in_turn(bundle.languages_by_page[page], page), windows, strict=False):
        opened = go_to(f"{page}.ipynb?lang={language}")
        go_to = opened.go_to
        assert opened.page.get_attribute("html", "lang") == language
        assert opened.barriers(looked_at, leave_out=left_out) == [], language
        assert opened.too_wide((390, 640, 768, 1280, 1920)) == [], language
        assert opened.complaints == [], language
        assert [urlsplit(url).netloc for url in opened.requests] == [urlsplit(served).netloc], language


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
    opened.pdf(path=tmp_path / "page.pdf", page_ranges="1")
    text = " ".join(PdfReader(tmp_path / "page.pdf").pages[0].extract_text().split())
    assert "Imprimé le" in text and f"{page}.ipynb?lang=fr" in text.replace(" ", "")
