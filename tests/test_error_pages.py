"""The pages of errors: in the reader's language, with a way on, and with nothing of what a stranger sent."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from second_study import make_second_study
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from research_lib.show.site.front_end import FrontEnd
from research_lib.show.site.live_frame import Frame
from research_lib.show.site.responses import ErrorPages

STATUSES = (400, 403, 404, 405, 413, 421, 500, 503)


def error_pages(study):
    frame = Frame(study, None, FrontEnd())
    return ErrorPages(frame.words, frame.titles)


@pytest.fixture(scope="module")
def errors():
    return error_pages(ROOT / "data")


def asked(path, accepted=""):
    headers = HTTPHeaders({"Host": "127.0.0.1", "Accept-Language": accepted})
    return HTTPServerRequest(start_line=RequestStartLine("GET", path, "HTTP/1.1"), headers=headers)


def language_of(html):
    return re.search(r'<html lang="([^"]+)"', html.decode())[1]


def links_of(html):
    return re.findall(r'<a href="([^"]+)">', html.decode())


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("?lang=fr", "", "fr"),
        ("?lang=fr", "en", "fr"),
        ("", "fr", "fr"),
        ("", "fr-CH, en;q=0.5", "fr"),
        ("", "de, en;q=0.3, fr;q=0.8", "fr"),
        ("", "fr;q=0, en", "en"),
        ("", "de", "en"),
        ("?lang=xx", "fr", "fr"),
        ("?lang=../../x", "", "en"),
        ("?lang=%00", "", "en"),
        ("?lang=%ff", "../x", "en"),
        ("?lang=<script>", "<script>, fr;q=x", "en"),
        ("?lang=", ",;=q," * 2000, "en"),
        ("?lang=en&lang=fr", "", "en"),
        ("", "fr;q=" + "9" * 5000, "en"),
        ("", "a" * 20_000, "en"),
    ],
)
def test_an_error_is_told_in_the_reader_s_language_and_what_is_hostile_falls_back(errors, query, accepted, language):
    assert language_of(errors(404, asked(f"/x{query}", accepted))) == language


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/voila/render/routes", ["routes.ipynb", "home.ipynb"]),
        ("/voila/render/Routes.html", ["routes.ipynb", "home.ipynb"]),
        ("/voila/render/evidence.ipynb/", ["evidence.ipynb", "home.ipynb"]),
        ("/voila/render/compare.ipynb", ["compare.ipynb", "home.ipynb"]),
        ("/voila/render/home", ["home.ipynb"]),
        ("/voila/render/nowhere.ipynb", ["home.ipynb"]),
        ("/<script>alert(1)</script>", ["home.ipynb"]),
        ("//evil.example/routes", ["routes.ipynb", "home.ipynb"]),
        ("/" + "%2e%2e/" * 3000, ["home.ipynb"]),
    ],
)
def test_an_error_leads_to_the_page_that_was_meant_and_home(errors, path, links):
    html = errors(404, asked(path))
    assert links_of(html) == [f"/voila/render/{each}" for each in links]
    assert b"evil" not in html and b"alert" not in html


def test_the_links_keep_the_language_and_another_host_gets_none(errors):
    assert links_of(errors(404, asked("/x?lang=fr"))) == ["/voila/render/home.ipynb?lang=fr"]
    assert links_of(errors(421, asked("/voila/render/routes.ipynb"))) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_status_has_its_number_and_words_of_ours(errors, language):
    pages = {status: errors(status, asked(f"/x?lang={language}")).decode() for status in STATUSES}
    assert all(str(status) in re.search(r"<title>(.*?)</title>", page)[1] for status, page in pages.items())
    told = {status: re.search(r"<h1>(.*?)</h1>", page)[1] for status, page in pages.items()}
    assert told[413] == told[500] and len(set(told.values())) == len(STATUSES) - 1
    assert not any(word in page for page in pages.values() for word in ("Not Found", "Misdirected", "Traceback"))


def test_a_second_study_has_errors_of_its_own_name(tmp_path):
    study = make_second_study(tmp_path / "study")
    html = error_pages(study)(404, asked("/x", "fr")).decode()
    assert language_of(html.encode()) == "fr" and "Orinoco" in html and "EX-CHANGE" not in html


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_an_error_page_is_served_in_our_hand_and_leads_on(browser, served, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme, locale="fr-FR")
    answer = page.goto(f"{served}/voila/render/Routes.html")
    assert answer.status == 404 and page.get_attribute("html", "lang") == "fr"
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.click("main a >> nth=0")
    page.wait_for_selector('main[data-page="routes"][data-usable="true"]')
    assert page.get_attribute("html", "lang") == "fr"
    page.close()
