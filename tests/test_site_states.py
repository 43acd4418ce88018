"""The site and the server agree: every state that one action reaches says the same on a page of either."""

import re
from collections.abc import Iterator
from pathlib import Path

import atlas
import pytest
from conftest import ROOT
from second_study import make_second_study

from research_lib.show.site.build import Bundle, build
from research_lib.show.site.static_site import write_site

# What only a site has: pictures at addresses for good, its files, and what it lacks.
OWN_PARTS = 'main a[href^="v/"], main [data-role="files"], main [data-role="unserved"]'

pytestmark = pytest.mark.browser


class OpenedSite(atlas.Opened):
    """A page of the site, answered from its files."""

    def __init__(self, browser, window, files: Path):
        super().__init__(browser, window)
        self.files = files
        first = Bundle(window.folder).languages_by_page[window.page][0]
        name = window.page if window.page != "home" else "index"
        self.address = f"{atlas.ADDRESS}{name}{'' if window.language == first else f'.{window.language}'}.html"

    def open(self, query: str = "") -> dict:
        return super().open(query.replace("&", "?", 1))

    def _answer(self, route) -> None:
        file = self.files / route.request.url.partition("?")[0].removeprefix(atlas.ADDRESS)
        if file.is_file():
            self.asked += 1
            route.fulfill(path=file)
        else:
            self.heard.append(("request", "", route.request.url[:120]))
            route.abort()


def said_in(opened, most) -> Iterator[tuple[str, str]]:
    """Every state of an opened page, and what its main part says."""

    def fresh():
        opened.open()
        opened.page.evaluate("parts => document.querySelectorAll(parts).forEach((part) => part.remove())", OWN_PARTS)

    fresh()
    for each in opened.page.evaluate("most => atlas.find(most)", most):
        fresh()
        opened.act(each)
        yield f"{each['act']} {each['said']} {each['value']}", words_of(opened.page)


def words_of(page) -> str:
    return re.sub(r"\s+", " ", page.inner_text("main"))


@pytest.fixture(scope="module")
def studies(tmp_path_factory) -> dict[str, tuple[Path, Path]]:
    """The built folder and the site of both studies."""
    second = make_second_study(tmp_path_factory.mktemp("second") / "orinoco")
    given = {}
    for name, study in (("own", ROOT / "data"), ("second", second)):
        given[name] = (build(study).folder, tmp_path_factory.mktemp("site") / name)
        write_site(study, given[name][1])
    return given


PAGES = ("home", "routes", "profiles", "comparison", "assessment", "networks", "evidence", "cases", "about")


@pytest.mark.nightly
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("study", ["own", "second"])
def test_each_state_of_a_page_says_the_same_on_the_site_and_on_the_server(studies, browser, study, page):
    folder, files = studies[study]
    for language in Bundle(folder).languages_by_page.get(page, ()):
        window = atlas.Window(folder, study, page, language, 1280, "light", atlas.PART)
        both = [atlas.Opened(browser, window), OpenedSite(browser, window, files)]
        try:
            server, site = (dict(said_in(opened, atlas.PART)) for opened in both)
        finally:
            for opened in both:
                opened.context.close()
        assert server and site == server, (language, [name for name in server if server[name] != site.get(name)])
        assert [each for opened in both for each in opened.heard] == []
