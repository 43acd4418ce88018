"""The page about a study: the marks and their counts, its terms, whom to call today, its errata, how to cite it."""

import gzip
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import NIGHTLY, resize
from lxml import html as reader

from research_lib import open_study
from research_lib.evidence.new_study import new_study
from research_lib.evidence.vocabulary.common_codes import CERTAINTIES
from research_lib.show.material import open_material
from research_lib.show.pages.about.about_content import about_content, errata_parts
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

ROOT = Path(__file__).resolve().parents[1]
SECOND = ROOT / "tests/orinoco"
PARTS = ("contacts", "certainty", "informants", "glossary", "method", "errata", "cite")


@pytest.fixture(scope="module")
def material():
    return open_material(ROOT / "data")


def shown(material, page="about", language="en", **options):
    return render(page, material, study_words(material.study, language), **options).html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_part_and_every_certainty_has_an_anchor(material, language):
    page = reader.document_fromstring(shown(material, language=language))
    ids = set(page.xpath("//@id"))
    assert set(PARTS) <= ids and {f"certainty-{code}" for code in CERTAINTIES} <= ids
    assert [link.removeprefix("#") for link in page.xpath('//nav[@class="onpage"]//@href')] == [*PARTS[1:]]
    (call,) = page.xpath('//h1/following-sibling::*[1][@class="call-first"]/a')
    assert call.get("href") == "#contacts" and call.text == page.xpath('string(//*[@id="contacts-title"])')
    assert len(gzip.compress(shown(material, language=language).encode())) < 250_000


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_menu_says_the_headings_and_a_statement_has_one_name(material, language):
    page = reader.document_fromstring(shown(material, language=language))
    for link in page.xpath('//nav[@class="onpage"]//a'):
        (heading,) = page.xpath(f'//*[@id="{link.get("href")[1:]}-title"]')
        assert link.text_content() == heading.text_content()
    parts = page.xpath('//section[not(@id="errata" or @id="cite" or @id="glossary")] | //*[@class="begins"]')
    others = {"en": r"\b(entry|entries|claims?)\b", "fr": r"\b(entrées?|affirmations?)\b"}[language]
    assert [found for part in parts for found in re.findall(others, part.text_content(), re.IGNORECASE)] == []


def test_certainties_and_informants_are_counted(material):
    page = SimpleNamespace(**about_content(material, study_words(material.study, "en")).context)
    claims, figures = material.study["claims"], material.study["figures"]
    for code in page.certainties:
        assert code.count == claims["certainty"].eq(code.code).sum() + figures["certainty"].eq(code.code).sum()
    assert [each.count for each in page.certainties] == sorted((each.count for each in page.certainties), reverse=True)
    assert (page.said["claims"], page.said["figures"]) == (len(claims), len(figures))
    assert sum(each.count for each in page.certainties) == sum(page.said.values())
    assert sum(each.share for each in page.certainties) == pytest.approx(100, abs=0.5)
    said = [*claims["informant"], *figures["informant"]]
    assert {each.code: each.count for each in page.informants}["women"] == sum(
        "women" in cell.split(";") for cell in said
    )


def test_a_certainty_that_nothing_has_is_a_row_with_nought_and_an_empty_bar(material):
    page = reader.document_fromstring(shown(material))
    for code in about_content(material, study_words(material.study, "en")).context["certainties"]:
        (row,) = page.xpath(f'//*[@id="certainty-{code.code}"]')
        assert code.meaning in row.text_content() and row.xpath(".//b/text()") == [str(code.count)]
        assert bool(row.xpath(".//i")) == bool(code.count)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_begins_with_what_the_report_is_what_the_pages_add_and_what_they_cannot_tell(material, language):
    said = reader.document_fromstring(shown(material, language=language)).xpath('//p[@class="lede"]')
    first, does, cannot = (each.text_content() for each in said)
    authors = ("Carine Guerassimoff", "Georgina Vaz Cabral", "Rosanna Paradiso", "Laure Saporta")
    assert all(name in first and name in material.study.cite("exchange2007") for name in authors)
    assert {"en": "where that is told", "fr": "là où c'est dit"}[language] in does and "2007" in cannot
    second = open_material(SECOND)
    (only,) = reader.document_fromstring(shown(second, language=language)).xpath('//p[@class="lede"]')
    assert {"en": "informant where that is told", "fr": "là où c'est dit, un informateur"}[language] in only.text


@pytest.mark.parametrize("page", ["home", "routes", "evidence"])
def test_badges_lead_to_their_meaning_and_are_plain_text_in_a_mailed_page(material, bundle, page):
    in_english, in_french = (bundle.document(page, language).replace('\\"', '"') for language in ("en", "fr"))
    assert 'href="about.ipynb#certainty-' in in_english
    assert 'href="about.ipynb?lang=fr#certainty-' in in_french
    if NIGHTLY or page != "routes":  # it takes longest to render
        assert "about.ipynb" not in shown(material, page, standalone=True)


def test_a_new_study_has_the_page_without_terms_contacts_and_errata(tmp_path):
    material = open_material(new_study(tmp_path / "new", title="Rivers", licence="CC0-1.0"))
    page = reader.document_fromstring(shown(material))
    assert set(page.xpath("//section/@id")) == {"certainty", "method", "cite"}
    assert page.xpath('//p[@id="cite-study"]')[0].text == "Rivers. CC0-1.0."


def test_the_second_study_shows_its_own_terms_and_numbers():
    second = open_material(SECOND)
    page = SimpleNamespace(**about_content(second, study_words(second.study, "fr")).context)
    assert [each.title for each in page.glossary] == ["Synthetic: prix du passage", "Synthetic: travail à la journée"]
    assert [(each.country, each.number, each.hours, each.checked) for each in page.contacts] == [
        ("Colombie", "000 000", "horaires non indiqués", "1 mai 2024"),
        ("Dans tous les pays", "+00 1", "la nuit", "2 mai 2024"),
    ]


BROKEN = [
    ("contacts", "2024-05-01", "2024-13-01", "contacts.csv:2 checked: 2024-13-01 is not a date of the calendar"),
    ("contacts", "2024-05-01", "may", "contacts.csv:2 checked: 'may' does not fit: matches"),
    ("contacts", "000 000", "call us", "contacts.csv:2 number: 'call us' does not fit: matches"),
    (
        "contacts",
        "https://example.org/numbers,2024-05-01",
        "javascript:x,2024-05-01",
        "contacts.csv:2 source: 'javascript:x'",
    ),
    ("contacts", "COL", "XXX", "contacts.csv:2 country: 'XXX' stands in no row of places"),
    ("glossary", "rivers2021[1]", "nobody[1]", "glossary.csv:2 source: 'nobody' is not in sources.bib"),
    ("glossary", "rivers2021[1]", "rivers2021[99]", "glossary.csv:2 source: rivers2021[99] names a section"),
    ("glossary", "term_fr", "terme", "glossary.csv:1 term_fr: this column is missing"),
]


@pytest.mark.parametrize(("name", "old", "new", "problem"), BROKEN)
def test_what_does_not_fit_is_named_with_file_line_and_column(tmp_path, name, old, new, problem):
    folder = shutil.copytree(SECOND, tmp_path / "study")
    path = folder / f"{name}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert problem in "\n".join(map(str, open_study(folder).problems()))


def test_every_contact_names_a_public_page_and_a_day(study):
    contacts = study["contacts"]
    assert contacts["source"].notna().all() and contacts["checked"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    assert set(contacts["country"].dropna()) == set(study.countries)
    assert "0 825" not in " ".join(contacts["number"])  # the report's number of 2007, which no page confirms


def test_in_each_country_the_numbers_for_trafficking_come_first(material):
    services = material.study["contacts"].groupby("country")["service"].agg(list)
    for named in services:
        about = ["trafficking" in service.lower() for service in named]
        assert about == sorted(about, reverse=True)
    page = reader.document_fromstring(shown(material))
    told = {part.findtext("h3"): part.text_content() for part in page.xpath('//div[@class="countries"]/div')}
    assert list(told) == ["In every country", "France", "Italy", "Slovakia"]
    assert told["France"].startswith("FranceTrafficking: no number.") and told["Italy"].index("800 290 290") < told[
        "Italy"
    ].index("1522")


def test_terms_name_lines_of_the_report(study):
    glossary = study["glossary"]
    assert 15 <= len(glossary) <= 30 and glossary["lines"].notna().all()
    assert glossary["source"].str.startswith("exchange2007[").all()


HOSTILE = """# Errata

## A. <img src=x onerror=alert(1)>

### 1. Two dates

- **Where:** [a link](javascript:alert(1)) and ![a picture](https://example.org/x.png) of `c-1`
<script>alert(1)</script>
"""


def test_errata_are_text_and_ask_for_nothing(tmp_path):
    (tmp_path / "ERRATA.md").write_text(HOSTILE, encoding="utf-8")
    (part,) = errata_parts(tmp_path)
    assert part.title.startswith("A. <img") and part.count == 1
    page = reader.fragment_fromstring(str(part.text), create_parent="div")
    assert {mark.tag for mark in page.iter()} <= {"div", "h3", "ul", "li", "p", "strong", "code"}
    assert "a link and a picture of c-1" in page.text_content()


def test_all_errata_are_shown(material):
    text = (ROOT / "data/ERRATA.md").read_text(encoding="utf-8")
    rows = sum(line.startswith("|") for line in text.partition("\n## I.")[2].partition("\n## ")[0].splitlines()) - 2
    parts = errata_parts(ROOT / "data")
    assert sum(part.count for part in parts) == text.count("\n### ") + rows and all(part.count for part in parts)


@pytest.mark.browser
def test_a_badge_leads_to_its_meaning_and_a_citation_is_copied(visit):
    page = visit("evidence.ipynb?q=hearsay").page
    page.goto(page.url.split("evidence")[0] + "about.ipynb#certainty-rumour", wait_until="load")
    page.wait_for_selector('main[data-usable="true"]')
    assert page.evaluate("location.hash") == "#certainty-rumour"
    assert page.evaluate("document.querySelector('#certainty-rumour').matches(':target')")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click('[data-copy="bibtex-study"]')
    page.locator('[data-role="copied"]:not(:empty)').wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@misc{ex-change-living-study,")


@pytest.mark.browser
def test_the_glossary_is_folded_and_a_search_opens_what_it_finds(visit):
    opened = visit("about.ipynb")
    page, shown_terms = opened.page, opened.page.locator(".terms details:visible")
    every = shown_terms.count()
    assert every > 15 and page.locator(".terms details[open]").count() == 0
    page.fill("#glossary-q", "PALERmo")
    assert 0 < shown_terms.count() == page.locator(".terms details[open]").count() < every
    assert page.inner_text('[data-role="found"]') == f"{shown_terms.count()} of {every} words"
    page.reload()
    page.wait_for_selector('main[data-usable="true"]')
    assert page.input_value("#glossary-q") == "PALERmo" and "q=PALERmo" in page.url
    page.fill("#glossary-q", "")
    assert shown_terms.count() == every and "q=" not in page.url and opened.complaints == []


@pytest.mark.browser
def test_the_page_is_not_long(visit):
    page = visit("about.ipynb?lang=fr").page
    for width, most in ((390, 9000), (1280, 5000)):
        resize(page, width, 844)
        assert page.evaluate("document.documentElement.scrollHeight") < most
