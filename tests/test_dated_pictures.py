"""Each picture of a page has an address for good, and a site tells what changed from version to version."""

import re
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import etree, html
from second_study import make_second_study

from research_lib.errors import ResearchError, StudyError
from research_lib.show.material import open_material
from research_lib.show.pages.addresses import Addresses
from research_lib.show.site.dated_pictures import dated_pictures, with_addresses_for_good
from research_lib.show.site.rendering import render
from research_lib.show.site.static_site import write_site
from research_lib.show.words import study_words

DAY, BASE = date(2026, 12, 1), "https://example.org/study/"
ATOM = "{http://www.w3.org/2005/Atom}"


def dated(study: Path, day: str) -> Path:
    """The study with the day of a version."""
    settings = study / "study.toml"
    text = re.sub(r"^version_date = .*\n", "", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings.write_text(f"version_date = {day}\n{text}", encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    made = dated(make_second_study(tmp_path_factory.mktemp("dated") / "orinoco"), "2026-12-01")
    settings = made / "study.toml"
    settings.write_text(re.sub(r"(?m)^languages = .*$", 'languages = ["en"]', settings.read_text("utf-8")), "utf-8")
    return made


@pytest.fixture(scope="module")
def pages(study):
    material = open_material(study)
    words, address = study_words(material.study, "en"), Addresses("en", "en", BASE)
    shown = {page: render(page, material, words, address=address).html for page in ("home", "routes", "comparison")}
    return words, address, shown


def test_a_picture_stands_alone_with_its_heading_its_notes_and_a_receipt(pages):
    words, address, shown = pages
    found = dated_pictures("routes", shown["routes"], words, address, day=DAY, licence="CC0-1.0")
    (name, text), *_ = found.items()
    assert name == "v/2026-12-01/routes.map.en.html" and len(text) < 250_000
    page = html.document_fromstring(text)
    assert page.xpath("//svg[@data-role='map']") and not page.xpath("//button | //form | //script[not(@src)]")
    assert page.xpath("//h1")[0].text_content() in shown["routes"]
    said = page.xpath("string(//footer)")
    assert "Version of 1 December 2026" in said and "CC0-1.0" in said and f'<iframe src="{BASE}{name}"' in said
    assert {link.get("target") for link in page.xpath("//a")} == {"_blank"}
    assert [link.get("href") for link in page.xpath("//footer//a")] == ["../../index.html", f"{BASE}routes.html"]


@pytest.mark.parametrize("page", ["home", "routes", "comparison"])
def test_each_picture_that_can_be_saved_has_an_address_for_good(pages, page):
    words, address, shown = pages
    saved = re.findall(r'data-picture="([\w-]+)" data-kind="svg"', shown[page])
    found = dated_pictures(page, shown[page], words, address, day=DAY, licence="")
    assert [*found] == [f"v/{DAY}/{page}.{name}.en.html" for name in saved] and saved
    linked = with_addresses_for_good(page, shown[page], words, DAY)
    assert re.findall(r'<a href="(v/[^"]+)">', linked) == [*found]


def files(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_later_version_keeps_the_pictures_of_the_earlier_and_tells_each_change_once(study, tmp_path):
    site = write_site(study, tmp_path / "site", base=BASE)
    first = files(site)
    later = dated(shutil.copytree(study, tmp_path / "later"), "2027-03-01")
    places = later / "tables/places.csv"
    places.write_text(places.read_text("utf-8").replace("Puerto Ayacucho", "Ayacucho", 1), "utf-8")
    write_site(later, site, base=BASE, since=study)
    second = files(site)
    old = {name: content for name, content in first.items() if name.startswith("v/2026-12-01/")}
    assert old and old.items() <= second.items()
    assert len([name for name in second if re.fullmatch(r"v/2027-03-01/.+\.html", name)]) == len(old)
    assert b'"2027-03-01"' in second["v/version.js"]
    feed = etree.fromstring(second["news.atom"])
    told = ["".join(each.itertext()) for each in feed.iter(f"{ATOM}content")]
    assert len(told) == 1 and told[0].count("Puerto Ayacucho") == 1 and "now: Ayacucho" in told[0]
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids) and feed.findtext(f"{ATOM}updated") == "2027-03-01T00:00:00Z"
    news = second["news.html"].decode()
    assert "1 March 2027" in news and "1 row changed" in news and 'href="news.html"' in second["index.html"].decode()
    listed = dict(reversed(line.split("  ")) for line in second.pop("site.sha256").decode().splitlines())
    assert listed == {name: sha256(content).hexdigest() for name, content in second.items()}
    write_site(later, site, base=BASE)
    assert files(site) == second | {"site.sha256": (site / "site.sha256").read_bytes()}


def test_what_was_given_out_on_a_day_is_not_replaced(study, tmp_path, monkeypatch):
    monkeypatch.setattr("research_lib.show.material.opened_pages", lambda _: ("routes", "about"))
    site = write_site(study, tmp_path / "site")
    changed = shutil.copytree(study, tmp_path / "changed")
    places = changed / "tables/places.csv"
    places.write_text(places.read_text("utf-8").replace("Puerto Ayacucho", "Ayacucho", 1), "utf-8")
    before = files(site)
    with pytest.raises(ResearchError, match=r"routes\.map\.en\.html was given out.*a later version_date"):
        write_site(changed, site)
    assert files(site) == before


def test_what_changed_needs_the_days_of_both_versions(study, tmp_path):
    with pytest.raises(StudyError, match="give the later one its own version_date"):
        write_site(study, tmp_path / "site", since=study)
    assert not (tmp_path / "site").exists()
