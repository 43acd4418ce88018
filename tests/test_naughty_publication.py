"""Whatever somebody typed stays text in what is given out for good: the report, the dated pictures, the news."""

import re
import unicodedata

import pytest
from lxml import etree
from naughty import NAUGHTY
from page import ValidationProfile, validate_pdf_bytes
from pypdf import PdfReader
from second_study import make_second_study
from test_dated_pictures import BASE, dated
from test_naughty_text import naughty_study, watched

from research_lib.show.report.printed_report import write_report
from research_lib.show.site.static_site import write_site

__all__ = ["watched"]  # a fixture

pytestmark = pytest.mark.slow
SEEN = [text for text in NAUGHTY if not {unicodedata.category(sign)[0] for sign in text} & {"C"}]
SETTABLE = [text for text in SEEN if all(ord(sign) < 0x250 or 0x3000 <= ord(sign) < 0xA000 for sign in text)]
ACTIONS = (b"/JavaScript", b"/JS", b"/Launch", b"/SubmitForm", b"/ImportData", b"/EmbeddedFile")
FEED = {"feed", "id", "title", "updated", "entry", "content", "link", "author", "name", "rights", "subtitle"}
FEED |= {"summary", "div", "p", "ul", "li", "h2", "h3", "dl", "dt", "dd", "br", "strong", "em"}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("naughty")
    made = make_second_study(folder / "plain")
    return dated(naughty_study(folder, SEEN, made) / "data", "2026-12-01")


def test_the_report_sets_naughty_texts_as_text(tmp_path):
    plain = make_second_study(tmp_path / "plain")
    made = naughty_study(tmp_path, SETTABLE, plain) / "data"
    path = write_report(tmp_path / "report.pdf", study=made, country="COL", language="en")
    reader = PdfReader(path)
    printed = as_printed("".join(page.extract_text() for page in reader.pages))
    shown = [text for text in SETTABLE if as_printed(text) in printed]
    assert len(SETTABLE) > 300 and len(shown) > 60
    assert [action for action in ACTIONS if action in path.read_bytes()] == []
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", ())]
    links = [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]
    assert [link for link in links if "naughty" in link or not link.startswith(("https:", "http:", "mailto:"))] == []
    assert validate_pdf_bytes(path.read_bytes(), profile=ValidationProfile.PDF_UA_1).is_compliant


def as_printed(text):
    """A text without white space, which a printed page breaks anew."""
    return re.sub(r"\s+", "", text)


@pytest.mark.browser
def test_dated_pictures_and_news_show_naughty_texts_as_text(watched, study, tmp_path, monkeypatch):
    monkeypatch.setattr("research_lib.show.material.opened_pages", lambda _: ("routes", "about"))
    site = write_site(study, tmp_path / "site", base=BASE)
    later = dated(naughty_study(tmp_path / "later", SEEN[1:], study) / "data", "2027-03-01")
    write_site(later, site, base=BASE, since=study)
    feed = etree.fromstring((site / "news.atom").read_bytes())
    assert {etree.QName(each).localname for each in feed.iter()} <= FEED
    told = "".join(feed.itertext())
    assert sum(text in told for text in SEEN) > 100
    pages = [*sorted((site / "v/2026-12-01").glob("*.en.html")), site / "news.html"]
    assert len(pages) > 1
    for path in pages:
        watched.page.goto(path.as_uri())
        assert watched.page.evaluate("globalThis.pwned ?? null") is None, path.name
        assert watched.page.locator("x-naughty").count() == 0, path.name
        assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path.name
    assert watched.happened == []
