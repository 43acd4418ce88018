"""The site that needs no server: each link leads somewhere, from a sub-folder and from disk; nothing else is asked for."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from conftest import ROOT, free_port, wait_until_served
from second_study import make_second_study
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.errors import ResearchError
from research_lib.evidence.new_study import new_study
from research_lib.evidence.study import open_study
from research_lib.files.saving import SavingError
from research_lib.show.site import static_site
from research_lib.show.site.static_site import write_site

STUDIES = ("own", "second")
LANGUAGES = ("en", "fr")
SITE = (sys.executable, "-c", "from research_lib.cli import main; main()", "site")
ADDRESS = "https://example.org/studies/rivers/"


class Found(HTMLParser):
    """What a page leads to, the places in it that others may lead to, and its data."""

    def __init__(self, path: Path):
        super().__init__()
        self.targets, self.ids, self.metas, self.links, self.data, self._in_data = [], set(), {}, [], "", False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found["id"]} if found.get("id") else set()
        if tag == "meta":
            self.metas[found.get("property") or found.get("name") or found.get("http-equiv")] = found.get("content")
        if tag == "link":
            self.links.append(found)
        self.targets += [found[name] for name in ("href", "src", "action") if found.get(name)]
        self._in_data = found.get("type") == "application/ld+json"

    def handle_data(self, data):
        self.data += data if self._in_data else ""


@pytest.fixture(scope="module")
def sites(tmp_path_factory) -> dict[str, Path]:
    """The site of this study without an address, and that of the second study with one."""
    folder = tmp_path_factory.mktemp("sites")
    order = [*SITE, str(make_second_study(folder / "orinoco")), "--to", "given/second", "--address", ADDRESS[:-1]]
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(order, stdout=subprocess.DEVNULL, cwd=folder, env=surroundings) as second:
        write_site(in_two_languages(folder / "own"), folder / "given/own")
        assert second.wait(timeout=300) == 0
    return {name: folder / "given" / name for name in STUDIES}


def in_two_languages(folder: Path) -> Path:
    """A copy of this study in English and French only."""
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns("raw"))
    settings = folder / "study.toml"
    text, found = re.subn(r"(?m)^languages = .*$", 'languages = ["en", "fr"]', settings.read_text(encoding="utf-8"))
    assert found == 1
    settings.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def pages(sites) -> dict[Path, Found]:
    return {path: Found(path) for site in sites.values() for path in site.glob("*.html")}


@pytest.fixture(scope="module")
def given(sites) -> Iterator[str]:
    """The sites in sub-folders of a plain file server."""
    port, folder = free_port(), sites["own"].parent
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_page_is_there_in_each_language_and_each_file_is_listed(sites):
    own = tree(sites["own"])
    names = ("index", "routes", "profiles", "comparison", "assessment", "networks", "evidence", "cases", "about")
    pages = {f"{name}{ending}" for name in names for ending in (".html", ".fr.html")} | {"error.html"}
    assert {name for name in own if name.endswith(".html") and not name.startswith("v/")} == pages
    assert len([name for name in own if name.startswith("pictures/")]) == len(names) * len(LANGUAGES)
    listed = own.pop("site.sha256").decode()
    assert listed == "".join(f"{sha256(own[name]).hexdigest()}  {name}\n" for name in sorted(own))
    assert "sitemap.xml" not in own and not any(name.startswith(".") for name in own)


def test_each_link_leads_to_a_file_of_the_site_and_to_a_place_in_it(sites, pages):
    assert len(pages) == 36
    links, broken = 0, []
    for path, page in pages.items():
        for link in page.targets:
            if link.startswith(("data:", "tel:", ADDRESS)):
                continue
            links += 1
            parts = urlsplit(link)
            target = path.parent / unquote(parts.path) if parts.path else path
            place_is_there = not parts.fragment or (target in pages and unquote(parts.fragment) in pages[target].ids)
            is_right = not parts.scheme and target.is_file() and place_is_there and "lang" not in parse_qs(parts.query)
            broken += [] if is_right else [f"{path.name}: {link}"]
    assert broken == [] and links > 5_000


def test_no_page_names_a_server_s_address(pages):
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "/voila/" not in text and not re.search(r'(?:href|src|action)="[^"]*\.ipynb', text), path


def test_a_statement_that_a_link_names_is_one_of_the_study(sites, pages):
    studies = {sites["own"]: ROOT / "data", sites["second"]: sites["own"].parents[1] / "orinoco"}
    tables = {site: open_study(path).tables for site, path in studies.items()}
    ids = {site: {row for name in ("claims", "figures") for row in each[name]["id"]} for site, each in tables.items()}
    named = [
        (path.parent, value)
        for path, page in pages.items()
        for link in page.targets
        if urlsplit(link).path.startswith("evidence")
        for value in parse_qs(urlsplit(link).query).get("statement", [])
    ]
    assert len(named) > 250
    assert [value for site, value in named if value not in ids[site]] == []


@pytest.mark.parametrize("study", STUDIES)
def test_the_home_page_describes_the_study_to_programs_and_links_its_tables(sites, pages, study):
    base = ADDRESS if study == "second" else ""
    tables = {path.name for path in (sites[study] / "tables").iterdir()}
    for name in ("index.html", "index.fr.html"):
        page = pages[sites[study] / name]
        found = json.loads(page.data)
        assert found["@type"] == "Dataset" and found["name"] and len(found["description"]) > 50
        assert {each["contentUrl"] for each in found["distribution"]} == {f"{base}tables/{table}" for table in tables}
        assert {f"tables/{table}" for table in tables} <= set(page.targets)
        assert found["inLanguage"] == ["en", "fr"] and found["spatialCoverage"]
    assert not any(page.data for path, page in pages.items() if not path.name.startswith("index"))


def test_what_programs_read_of_this_study_is_what_its_settings_say(sites, pages):
    found = json.loads(pages[sites["own"] / "index.fr.html"].data)
    assert found["datePublished"] == "2026" and found["license"]["identifier"] == "CC-BY-4.0"
    assert found["creator"] == [{"name": "The EX-CHANGE living study contributors"}]
    assert [each["name"] for each in found["spatialCoverage"]] == ["France", "Italie", "Slovaquie"]
    assert found["description"].startswith("Ce que dit un rapport") and "2007" in found["citation"]


@pytest.mark.parametrize("study", STUDIES)
def test_the_dictionary_describes_each_column_of_each_table(sites, study):
    tables = {}
    for path in (sites[study] / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = [*csv.reader(file)]
    described = {(row[0], row[1]) for row in tables.pop("data_dictionary")[1:]}
    tables.pop("sources")
    assert described == {(name, column) for name, rows in tables.items() for column in rows[0]}
    assert len(tables["claims"]) == len(open_study(ROOT / "data")["claims"]) + 1 or study == "second"


def test_a_site_with_an_address_names_each_page_in_each_language(sites, pages):
    site = sites["second"]
    page = pages[site / "routes.fr.html"]
    named = {link.get("hreflang", link["rel"]): link["href"] for link in page.links if link["rel"] != "icon"}
    first, other = f"{ADDRESS}routes.html", f"{ADDRESS}routes.fr.html"
    assert named == {"canonical": other, "en": first, "fr": other}
    assert page.metas["og:image"] == f"{ADDRESS}pictures/routes.fr.png"
    places = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    assert sorted(places) == sorted(
        f"{ADDRESS}{path.name}" for path in site.glob("*.html") if path.name != "error.html"
    )
    own = pages[sites["own"] / "routes.fr.html"]
    assert [link["rel"] for link in own.links] == ["icon"]
    assert (sites["own"] / own.metas["og:image"]).read_bytes()[:4] == b"\x89PNG"


def test_each_page_says_itself_what_it_may_load(pages):
    for path, page in pages.items():
        policy = page.metas["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src") and "frame-ancestors" not in policy, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_page_names_the_pages_that_need_a_server(sites, language):
    name = "index.html" if language == "en" else f"index.{language}.html"
    text = (sites["own"] / name).read_text(encoding="utf-8")
    (named,) = re.findall(r"<summary>[^<]*research-lib serve[^<]*</summary><ul>(.*?)</ul>", text)
    assert named.count("<li>") == 3 and ".ipynb" not in named


@pytest.mark.slow
def test_another_run_gives_the_same_bytes(sites, tmp_path):
    write_site(sites["own"].parents[1] / "orinoco", tmp_path / "again", base=ADDRESS)
    assert tree(tmp_path / "again") == tree(sites["second"])


@pytest.fixture
def small(tmp_path):
    """A study of two pages in one language."""
    return new_study(tmp_path / "small", title="Own")


def test_a_site_is_written_anew_in_its_folder_and_other_files_stay_as_they_are(small, tmp_path):
    site = write_site(small, tmp_path / "site")
    first = tree(site)
    (site / "CNAME").write_text("example.org", encoding="utf-8")
    (site / "old.html").write_text("old", encoding="utf-8")
    listed = site / "site.sha256"
    listed.write_text(f"{listed.read_text(encoding='utf-8')}{'0' * 64}  old.html\n", encoding="utf-8")
    (site / "about.html").write_text("old", encoding="utf-8")
    write_site(small, site)
    assert tree(site) == {**first, "CNAME": b"example.org"}


def test_a_folder_of_something_else_is_refused_before_anything_is_made(small, tmp_path, monkeypatch):
    monkeypatch.setattr(static_site, "open_material", lambda _: pytest.fail("the study was opened"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    before = tree(tmp_path)
    for place in (small, tmp_path, tmp_path / "file"):
        with pytest.raises(ResearchError, match="name a new or an empty folder with --to") as error:
            write_site(small, place)
        assert str(place) in str(error.value)
    assert tree(tmp_path) == before


def test_a_list_that_names_files_elsewhere_removes_none(small, tmp_path):
    site = write_site(small, tmp_path / "site")
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    (site / "site.sha256").write_text(f"{'0' * 64}  ../mine.txt\n", encoding="utf-8")
    with pytest.raises(SavingError, match="nothing was changed"):
        write_site(small, site)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org/", 'https://x/"><script>', "https://x/?a=1"])
def test_what_is_no_address_is_refused(small, tmp_path, address):
    done = CliRunner().invoke(app, ["site", str(small), "--to", str(tmp_path / "site"), "--address", address])
    assert isinstance(done.exception, ResearchError) and "https://example.org/study/" in str(done.exception)
    assert not (tmp_path / "site").exists()


# ---- in a browser


@pytest.fixture(params=["disk", pytest.param("sub-folder", marks=pytest.mark.nightly)])
def opened(request, open_visit, sites):
    """Opens a page of this study's site, from a sub-folder of a file server or from disk."""
    from_disk = request.param == "disk"
    base = f"{sites['own'].as_uri()}/" if from_disk else f"{request.getfixturevalue('given')}/own/"
    visits = []

    def open_page(name):
        visits.append(open_visit(f"{base}{name}"))
        return visits[-1]

    yield open_page
    for visit in visits:
        assert visit.complaints == []
        assert [each for each in visit.requests if not each.startswith((base, "data:", "blob:"))] == []


def follow(page, link, main):
    page.click(link)
    page.wait_for_selector(f'main{main}[data-usable="true"]')
    return page.url.rpartition("/")[2]


@pytest.mark.browser
@pytest.mark.parametrize("opened", ["sub-folder", "disk"], indirect=True)
def test_the_menu_and_the_languages_lead_to_other_files_and_keep_what_is_chosen(opened):
    visit = opened("evidence.html?q=snakehead&statement=c-3-3-1-c-05")
    page, address = visit.page, "evidence.fr.html?q=snakehead&statement=c-3-3-1-c-05"
    assert follow(page, 'a[data-lang="fr"]', "[lang=fr]") == address
    assert page.input_value("#search") == "snakehead"
    assert "c-3-3-1-c-05" in page.inner_text("[data-role=details]")
    assert follow(page, 'a[data-lang="en"]', "[lang=en]") == address.replace(".fr", "")
    assert follow(page, '.wide a[href="routes.html"]', "[data-page=routes]").startswith("routes.html?kind=")
    page.goto(f"{page.url.partition('?')[0]}?kind=family")
    page.wait_for_selector('main[data-usable="true"]')
    assert follow(page, 'a[data-lang="fr"]', "[lang=fr]") == "routes.fr.html?kind=family"
    page.fill("#find", "passeur")
    page.press("#find", "Enter")
    page.wait_for_selector('main[data-page=evidence][data-usable="true"]')
    assert page.url.endswith("/evidence.fr.html?q=passeur")


@pytest.mark.browser
def test_no_page_complains_or_is_wider_than_its_window(opened, sites):
    for path in sorted(sites["own"].glob("*.fr.html")):
        assert opened(path.name).too_wide((390,)) == [], path.name


@pytest.mark.browser
def test_the_error_page_leads_home_in_each_language(sites, browser):
    page = browser.new_page(viewport={"width": 390, "height": 700})
    page.goto((sites["own"] / "error.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.eval_on_selector_all("main a", "(links) => links.map((link) => link.getAttribute('href'))") == [
        "index.html",
        "index.fr.html",
    ]
    follow(page, 'main a[href="index.fr.html"]', "[lang=fr]")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("page", "language", "query"),
    [
        ("evidence", "fr", "q=passeur&statement=c-3-3-1-c-05"),
        ("routes", "en", "kind=family"),
        ("networks", "fr", "q=zzzz"),
    ],
)
def test_a_state_of_the_site_is_that_of_the_server(opened, visit, page, language, query):
    name = f"{page}.html" if language == "en" else f"{page}.{language}.html"
    here, there = opened(f"{name}?{query}"), visit(f"{page}.ipynb?lang={language}&{query}")
    here.page.evaluate("document.querySelectorAll('main a[href^=\"v/\"]').forEach((link) => link.remove())")
    said = [re.sub(r"\s+", " ", each.page.inner_text("main")) for each in (here, there)]
    assert said[0] == said[1]
