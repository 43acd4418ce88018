"""Each language has every phrase, with the same blanks, in its own forms and signs; a study's names are translated."""

import csv
import math
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from lxml import html
from second_study import make_second_study
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.errors import ResearchError
from research_lib.evidence.study import open_study
from research_lib.show.pages.about.about_content import errata_parts
from research_lib.show.pages.shared.cards import measured
from research_lib.show.phrase_files import CATALOGUES, LANGUAGES, TERMS, read_catalogue
from research_lib.show.site.rendering import export_page
from research_lib.show.site.responses import is_from_elsewhere, preferred_language
from research_lib.show.translation import untranslated, write_phrases
from research_lib.show.words import Untranslated, folder_words, language_name, words

DATA = Path(__file__).parents[1] / "data"
TRANSLATED = [language for language in LANGUAGES if language != "en"]
FILES = [CATALOGUES, DATA / "phrases"]
FORMS = {"en": 2, "fr": 2, "it": 2, "sk": 3, "zh-Hans": 1}
WITH_NAMES = ["codebook", "groups", "networks", "places", "provisions", "recommendations", "routes", "services"]


def catalogue(folder, language):
    messages = read_catalogue(folder / f"{language}.po", language)
    return {(m.context, m.id if isinstance(m.id, str) else m.id[0]): m for m in messages if m.id}


def forms(message):
    return [message.string] if isinstance(message.string, str) else [*message.string]


def blanks(text):
    return Counter(re.findall(r"\{[^}]*\}", text))


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("folder", FILES, ids=["package", "study"])
def test_a_language_has_every_phrase_with_the_same_blanks_and_tags(folder, language):
    english, other = catalogue(folder, "en"), catalogue(folder, language)
    keys = {key for key in other if key[0] is None}
    own = {(None, "kind.none")} if folder == DATA / "phrases" else set()  # English says it in its own words
    assert keys - own == set(english)
    for key in set(english):
        wanted = forms(english[key])[-1]
        if not wanted:
            continue
        told = forms(other[key])
        assert all(told), key
        assert blanks(told[-1]).keys() == blanks(wanted).keys(), key
        assert all(set(blanks(each)) <= set(blanks(wanted)) for each in told), key
        tags = re.findall(r"<[^>]*>", wanted)
        assert all(sorted(re.findall(r"<[^>]*>", each)) == sorted(tags) for each in told), key
        assert len(told) in (1, FORMS[language]), key


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_sentence_is_left_in_english(language):
    english, other = catalogue(CATALOGUES, "en"), catalogue(CATALOGUES, language)
    same = [key for key in english if forms(english[key])[-1] == forms(other[key])[-1]]
    assert [key for key in same if len(re.findall(r"[A-Za-z]{3,}", forms(english[key])[-1])) > 2] == []


@pytest.mark.parametrize("language", TRANSLATED[1:])
@pytest.mark.parametrize("table", WITH_NAMES)
def test_the_names_of_this_study_are_translated(language, table):
    told, frame = folder_words(DATA, language), open_study(DATA)[table]
    same = {name for name in frame["name"] if told.texts.get(name, name) == name and re.search(r"[a-z]{3}", name)}
    proper = {name for name, french in zip(frame["name"], frame["name_fr"], strict=True) if name == french}
    assert len(same - proper) <= len(frame) * (0.25 if table in ("places", "networks") else 0.02), same - proper


@pytest.mark.parametrize("language", TRANSLATED)
def test_units_periods_laws_and_errata_of_this_study_are_translated(language):
    study, told = open_study(DATA), folder_words(DATA, language)
    units = {*study["figures"]["unit"].dropna(), *study["provisions"]["unit"].dropna()}
    assert {unit for unit in units if f"unit.{unit}" not in told.phrases} == set()
    rows = [row for name in ("claims", "figures", "routes") for row in study[name].itertuples()]
    periods = {
        row.period for row in rows if isinstance(row.period, str) and pd.isna([row.start_year, row.end_year]).all()
    }
    assert len(periods) > 30
    laws = {*study["provisions"]["law"].dropna()}
    errata = {part.title for part in errata_parts(DATA)}
    assert len(errata) == 10 and {text for text in periods | laws | errata if text not in told.texts} == set()


def test_a_number_takes_its_own_form_of_a_unit():
    one, range_ = (
        SimpleNamespace(unit="places", value=value, low=1, high=2, is_approximate=False, id="x")
        for value in (1, math.nan)
    )
    assert measured(one, words("en")) == ("1", "place") and measured(range_, words("sk"))[1] == "miesta"


def test_slovak_words_of_one_letter_stay_with_the_next_and_chinese_has_its_own_signs():
    slovak, chinese = words("sk").phrases.values(), words("zh-Hans").phrases
    assert [text for text in slovak if re.search(r"(?<!\w)[aiokusvz] (?=\w)", text, re.IGNORECASE)] == []
    assert sum("v\u00a0" in text for text in slovak) > 50
    halves = [key for key, text in chinese.items() if re.search(r"[\u4e00-\u9fff][,;:?!](?![\w/])", text)]
    assert halves == []


@pytest.mark.parametrize(
    ("language", "number", "day", "month", "persons"),
    [
        ("en", "1,234", "1 December 2026", "December 2026", "persons"),
        ("fr", "1\u202f234", "1 décembre 2026", "décembre 2026", "personnes"),
        ("it", "1.234", "1 dicembre 2026", "dicembre 2026", "persone"),
        ("sk", "1\u00a0234", "1.\u00a0decembra 2026", "december 2026", "osôb"),
        ("zh-Hans", "1,234", "2026年12月1日", "2026年12月", "人"),
    ],
)
def test_numbers_dates_and_forms_are_those_of_the_language(language, number, day, month, persons):
    told = words(language)
    assert told.number(1234) == number
    assert told.date("2026-12-01") == day and told.date("2026-12") == month
    assert told.unit("persons", 5) == persons


def test_a_language_is_named_in_itself():
    assert [language_name(code) for code in LANGUAGES] == ["English", "Français", "Italiano", "Slovenčina", "中文"]


def test_a_name_is_translated_by_its_english_and_a_statement_is_marked_as_english():
    told = folder_words(DATA, "it")
    row = SimpleNamespace(name="Paris", name_fr="Paris", text="One idea & <more>.", text_fr="Une idée.")
    assert told.of(row, "name") == "Parigi" and not isinstance(told.of(row, "name"), Untranslated)
    text = told.of(row, "text")
    assert text == "One idea & <more>." and text.__html__() == '<span lang="en">One idea &amp; &lt;more&gt;.</span>'
    assert folder_words(DATA, "fr").of(row, "text") == "Une idée."
    assert not hasattr(folder_words(DATA, "en").of(row, "text"), "__html__")


@pytest.mark.parametrize("language", ["it", "zh-Hans"])
def test_marked_english_stands_in_no_attribute_and_in_no_drawing(bundle, language):
    marked = 0
    for page in bundle.languages_by_page:
        document = bundle.document(page, language)
        shown = html.document_fromstring(re.sub(r"(?s)<script.*?</script>", "", document))
        assert re.findall(r'="[^"<>]*<span lang=', document) == [], page
        assert not shown.xpath("//*[self::svg or self::option or self::title or self::textarea]//span[@lang]"), page
        marked += len(shown.xpath("//span[@lang='en']"))
    assert marked > 200


def test_no_latin_mark_joins_chinese_words(bundle):
    for page in bundle.languages_by_page:
        shown = html.document_fromstring(re.sub(r"(?s)<script.*?</script>", "", bundle.document(page, "zh-Hans")))
        texts = shown.xpath("//text()[not(ancestor::*[@lang][1][@lang='en'])] | //@aria-label | //@alt | //@title")
        assert [text for text in texts if re.search(r"[\u4e00-\u9fff）》”][,;:?!](?![\w/])", text)] == [], page


def test_each_term_has_a_word_and_a_source_in_each_language():
    with TERMS.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    found = Counter((row["term"], row["language"]) for row in rows)
    assert set(found.values()) == {1} and len(rows) == len(LANGUAGES) * len({row["term"] for row in rows}) > 400
    assert all(row["word"].strip() and row["source"].strip() for row in rows)


def request(headers):
    return SimpleNamespace(headers=headers)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("zh-CN", "zh-Hans"),
        ("de-DE,sk;q=0.7,en;q=0.3", "sk"),
        ("EN-us", "en"),
        ("ja", ""),
        ("fr;q=0, it", "it"),
        ("\x00;;,q=", ""),
    ],
)
def test_the_language_that_a_browser_wants_most_is_found(header, language):
    assert preferred_language(request({"Accept-Language": header}), [*LANGUAGES]) == language


@pytest.mark.parametrize(
    ("headers", "is_so"),
    [
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Referer": "http://127.0.0.1/voila/render/home.ipynb"}, False),
        ({}, True),
    ],
)
def test_only_who_comes_from_elsewhere_is_led_to_another_language(headers, is_so):
    assert is_from_elsewhere(request(headers)) is is_so


@pytest.fixture
def portuguese(tmp_path):
    """The second study, with Portuguese in place of French."""
    study = make_second_study(tmp_path / "orinoco")
    settings = study / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        re.sub(r"^languages = .*$", 'languages = ["en", "pt"]', text, flags=re.MULTILINE), encoding="utf-8"
    )
    (study / "phrases/fr.po").unlink()
    return study


def test_a_study_is_translated_into_a_language_of_its_own(portuguese, tmp_path):
    done = CliRunner().invoke(app, ["phrases", "pt", str(portuguese)])
    assert done.exit_code == 0 and "texts to translate" in done.output
    path = portuguese / "phrases/pt.po"
    text = path.read_text(encoding="utf-8")
    assert "#. Journeys to:" in text or "#. Search" in text
    text = text.replace('msgid "routes.short"\nmsgstr ""', 'msgid "routes.short"\nmsgstr "Rotas"')
    place = re.search(r'msgctxt "text"\nmsgid "(Puerto Ayacucho)"\nmsgstr ""', text)
    text = text.replace(place[0], place[0][:-1] + 'Porto Ayacucho"')
    path.write_text(text, encoding="utf-8")
    count = write_phrases(open_study(portuguese), "pt")[1]
    assert path.read_text(encoding="utf-8") == text and f"{count + 2:,} texts" in done.output
    (note,) = untranslated(open_study(portuguese))
    assert "phrases of the pages are not translated" in str(note) and "research-lib phrases pt" in str(note)
    page = export_page("routes", tmp_path / "routes.html", "pt", study=portuguese).read_text(encoding="utf-8")
    assert '<html lang="pt">' in page and "Rotas" in page and "Porto Ayacucho" in page


@pytest.mark.parametrize("code", ["portuguese", "PT", "../x", "xx"])
def test_what_names_no_language_is_refused(portuguese, code):
    with pytest.raises(ResearchError, match="names no language"):
        write_phrases(open_study(portuguese), code)
    assert [path.name for path in (portuguese / "phrases").iterdir()] == ["en.po"]
