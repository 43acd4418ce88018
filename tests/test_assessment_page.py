"""The page of situations: each against the elements of trafficking and every definition, and what would change it."""

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from conftest import NIGHTLY, ROOT, axe_finds, mount_widget, resize
from lxml import html as reader

from research_lib.compare import palermo
from research_lib.compare.palermo import assess_all
from research_lib.show import Assessment, Panel
from research_lib.show.material import open_material
from research_lib.show.pages.assessment.assessment_content import set_in, situations
from research_lib.show.words import study_words

SECOND = ROOT / "tests/orinoco"
SHAPES = {"true": "yes", "false": "absent", "not-known": "not-known"}


@pytest.fixture(scope="module", params=["data", "tests/orinoco"])
def material(request):
    return open_material(ROOT / request.param)


@pytest.fixture(scope="module")
def html(material, bundle, second_page):
    return second_page("assessment") if material.study.path == SECOND else bundle.document("assessment", "en")


def test_the_table_shows_what_python_finds_by_shape_and_word(material, html):
    en = study_words(material.study, "en")
    page = reader.document_fromstring(html)
    laws = palermo.definitions(material.study)
    indicators = dict(iter(material.study["indicators"].groupby("situation_id")))
    rows = page.xpath("//tr[@data-row]")
    decided = {code for code in laws if {*assess_all(material.study, code)["verdict"]} != {"not-described"}}
    assert {row.get("data-row") for row in rows} == set(material.study["situations"]["id"])
    for row in rows:
        table = indicators.get(row.get("data-row"), material.study["indicators"].iloc[:0])
        found = palermo.assess(table, laws["palermo"])
        columns = [code for code in ("palermo", "FR", "IT", "SK") if code in decided]
        verdicts = [palermo.assess(table, laws[code]).verdict for code in columns]
        own = material.study["situations"].set_index("id").loc[row.get("data-row"), "conclusion"]
        word = en("assess.said_silent" if own == "not-stated" else f"conclusion_short.{own}")
        assert row.xpath('td[contains(@class, "own")]/span[@class="word"]')[0].text == word
        if {*verdicts} == {"not-known"}:
            assert [each.text.split(" (")[0] for each in row.xpath('td[@class="sentence"]')] == sentence(found, en)
            continue
        cells = row.xpath("td")
        for cell, element in zip(cells, ("act", "means", "purpose"), strict=False):
            value = {True: "true", False: "false", None: "not-known"}[found.elements[element]]
            assert cell.xpath("svg")[0].get("class") == f"mark {SHAPES[value]}"
            assert cell.xpath('span[@class="word"]')[0].text == en(f"light.{value}")
        words = [cell.xpath('span[@class="word"]')[0].text for cell in cells[4:]]
        assert words == [en(f"verdict_short.{v}") for v in verdicts]


def sentence(found, en):
    """The one sentence on an open situation; none where nothing is told of it."""
    told = {name: found.elements[name] for name in ("act", "means", "purpose")}
    if {*told.values()} == {None}:
        return []
    said = {value: ", ".join(name for name in told if told[name] is value) for value in (True, False, None)}
    heads = {True: "Met", False: "Not met", None: "Unknown"}
    return [" ".join(f"{heads[value]}: {names}." for value, names in said.items() if names)]


@pytest.mark.parametrize(
    ("language", "start"), [("en", "No column for French law:"), ("fr", "Pas de colonne «\u00a0Loi")]
)
def test_a_law_under_which_nothing_can_be_decided_has_no_column_and_a_line_below_the_table_says_so(
    bundle, language, start
):
    html = bundle.document("assessment", language)
    page = reader.document_fromstring(html)
    (said,) = page.xpath('//p[@class="note no-column"]')
    assert said.text.startswith(start) and "225-4-1" in said.text
    assert said.xpath('preceding::table[@class="situations"]') and not page.xpath(
        '//thead//th[text()="French law" or text()="Loi française"]'
    )
    assert 'value="FR"' in html


def test_situations_without_any_element_told_are_folded_into_one_line_that_counts_them(material, html):
    table, page = assess_all(material.study, "palermo"), reader.document_fromstring(html)
    own = material.study["situations"].set_index("id")["conclusion"]
    laws = palermo.definitions(material.study)
    indicators = dict(iter(material.study["indicators"].groupby("situation_id")))
    empty = material.study["indicators"].iloc[:0]
    elements = {key: palermo.assess(indicators.get(key, empty), laws["palermo"]).elements for key in own.index}
    wanted = {key for key, told in elements.items() if {told[name] for name in ("act", "means", "purpose")} == {None}}
    rows = page.xpath('//details[@class="untold"]//tr[@data-row]/@data-row')
    assert {*rows} == wanted and len(rows) == len(wanted) and len(table) > len(wanted)
    said = sum(own[key] != "not-stated" for key in wanted)
    summary = " ".join(page.xpath('string(//details[@class="untold"]/summary)').split())
    assert summary.startswith(f"{len(wanted)} more situation") if wanted else not summary
    assert (f"On {said} of them" in summary) == bool(said)
    counts = [int(each.text) for each in page.xpath('//tr[@class="group"]//b')]
    assert sum(counts) == len(table)


@pytest.mark.parametrize(
    ("beside", "agreement"),
    [
        ("same", "same"),
        ("silent", "silent"),
        ("goes-beyond", "differs"),
        ("hedges", "differs"),
        ("contradicts", "differs"),
    ],
)
def test_a_source_differs_where_it_goes_beyond_what_is_told_hedges_it_or_contradicts_it(material, beside, agreement):
    case = situations(material.study, study_words(material.study, "en")).situations[0]
    assert replace(case, beside=beside).agreement == agreement


def test_the_source_s_own_word_is_marked_where_it_is_not_what_follows(material, html):
    page = situations(material.study, study_words(material.study, "en"))
    beside = assess_all(material.study).set_index("situation_id")["beside"]
    found = {case.fact.id: case.agreement for case in page.situations}
    assert {key: beside[key] if beside[key] in ("same", "silent") else "differs" for key in found} == found
    page = reader.document_fromstring(html)
    marked = page.xpath('//tr[td[contains(@class, "own")]/svg]/@data-row')
    assert {*marked} == {key for key, agreement in found.items() if agreement == "differs"} and marked
    (explained,) = {each.text_content() for each in page.xpath('//th//span[@class="unlike"]')}
    assert explained == "differs from what act, means and purpose give"
    (note,) = page.xpath('//p[contains(@class, "own-word")]')
    said = note.text_content()
    assert note.xpath("preceding::table")
    assert f"says otherwise {[*found.values()].count('differs')}, " in said


def test_each_situation_says_where_it_is_set_and_the_first_sentence_where_those_are_that_are_told_whole(bundle):
    page = reader.document_fromstring(bundle.document("assessment", "en"))
    (row,) = page.xpath('//tr[@data-row="case-kidnapped-foreigners-china"]')
    assert row.xpath('.//span[@class="where"]')[0].text == "China, Vietnam, Cambodia"
    lede = page.xpath('//p[@class="lede"]')[0].text
    assert lede.startswith(
        "Of these 4: 2 in countries that this study compares (France, Italy), 2 elsewhere (China, Vietnam, Cambodia). A"
    )


@pytest.mark.parametrize(
    ("countries", "said"),
    [
        ((["COL"],), ""),
        ((["CHN"],), "Set outside the countries that this study compares: 1 of 1 (CHN)."),
        (((), ["CHN"]), "Set outside the countries that this study compares: 1 of 2 (CHN)."),
        (
            (["COL"], ["CHN", "MYS"]),
            "Of these 2: 1 in countries that this study compares (Colombia), 1 elsewhere (CHN, MYS).",
        ),
    ],
)
def test_where_situations_are_set_is_counted(countries, said):
    material = open_material(SECOND)
    en = study_words(material.study, "en")
    (first, *_) = situations(material.study, en).situations
    found = set_in(material.study, [replace(first, countries=tuple(each)) for each in countries], en)
    assert found.startswith(said) and bool(found) == bool(said)


def test_the_title_counts_what_is_told_and_groups_stand_in_the_order_of_their_verdicts(material, html):
    page = situations(material.study, study_words(material.study, "en"))
    counts = {verdict: len(cases) for verdict, cases in page.groups}
    assert sum(counts.values()) == len(material.study["situations"]) and len(counts) == len(page.groups)
    title = html[html.index("<h1") : html.index("</h1>")]
    assert f"{counts.get('trafficking', 0)} of {len(page.situations)} situations" in title
    squares = reader.document_fromstring(html).xpath('//ul[@class="tally"]/li')
    assert {each.get("class"): (len(each.xpath(".//i")), int(each.findtext("b"))) for each in squares} == {
        verdict: (count, count) for verdict, count in counts.items()
    }


def test_the_saved_table_has_each_situation_under_each_definition():
    table = pd.read_csv(pd.io.common.StringIO(Panel("assessment", study=SECOND).to_csv()))
    page = situations(open_material(SECOND).study, study_words(open_material(SECOND).study, "en"))
    assert len(table) == len(page.situations) * len(page.definitions)
    assert table["source"].str.contains("SYNTHETIC").all()


@pytest.mark.browser
def test_the_widget_shows_the_form_alone(browser):
    widget = Assessment(SECOND, selected="s-boat", filters={"assume": ["force.true"]})
    page = browser.new_page()
    mount_widget(page, widget)
    assert page.locator("#assess").is_visible() and not page.locator("#situations").is_visible()
    assert "assume=force.true" in widget.to_html()


def answer(page):
    return page.inner_text('[data-role="answer"]')


@pytest.mark.browser
def test_what_if_is_answered_as_python_answers_it(visit, study):
    opened, en = visit("assessment.ipynb?situation=case-north-east-occasional"), study_words(study, "en")
    page = opened.page
    told = dict(
        study["indicators"].query("situation_id == 'case-north-east-occasional'")[["indicator", "value"]].values
    )
    page.evaluate(
        """document.querySelectorAll('[data-role="indicators"] details').forEach((each) => { each.open = true; })"""
    )
    reasons = palermo.assess(told).reason_codes
    assert page.locator('[data-role="reasons"] li').all_inner_texts() == [en(f"reason.{code}") for code in reasons]
    for name in ("recruitment", "force", "prostitution-of-others"):
        page.check(f'[data-role="indicators"] input[name="{name}"][value="true"]')
    assert answer(page) == en("verdict.trafficking")
    assert page.inner_text('[data-role="outlook"]').startswith(en("assess.changed"))
    assert "assume=" in page.evaluate("location.search")
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert answer(page) == en("verdict.trafficking")
    page.click('[data-role="reset"]')
    assert answer(page) == en(f"verdict.{palermo.assess(told).verdict}")
    assert page.inner_text('[data-role="outlook"]').startswith(en("assess.as_stated"))
    assert "assume" not in page.evaluate("location.search")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_settled_verdict_says_in_one_sentence_what_it_follows_from(visit, study, language):
    page = visit(f"assessment.ipynb?lang={language}").page
    assert page.inner_text('[data-role="outlook"]') == study_words(study, language)("assess.settled_as_stated")
    resize(page, 1280)
    answered, reasons = (page.locator(f'[data-role="{role}"]').bounding_box() for role in ("answer", "reasons"))
    assert answered["x"] + answered["width"] <= reasons["x"]


@pytest.mark.browser
def test_a_situation_of_the_table_is_chosen_and_back_leads_to_the_one_before(visit):
    page = visit("assessment.ipynb").page
    first, second = page.locator("[data-select]").nth(0), page.locator("[data-select]").nth(9)
    wanted = second.get_attribute("data-select")
    assert page.locator("tr.selected, [data-select][aria-current=true]").count() == 0
    second.focus()
    page.keyboard.press("Enter")
    assert page.input_value("#situation") == wanted and f"situation={wanted}" in page.url
    assert page.evaluate("document.activeElement.id") == "assess-title"
    assert page.locator("tr.selected").get_attribute("data-row") == wanted
    page.go_back()
    page.wait_for_function("!location.search.includes('situation')")
    assert page.input_value("#situation") == first.get_attribute("data-select")
    assert page.locator("tr.selected").count() == 0


@pytest.mark.browser
def test_the_lights_follow_what_is_assumed(visit):
    page = visit("assessment.ipynb?situation=case-north-east-occasional").page
    lit = '[data-light="means"] [data-truth]:not([hidden])'
    assert page.locator(lit).get_attribute("data-truth") == "not-known"
    page.evaluate("for (const each of document.querySelectorAll('#assess details')) each.open = true")
    page.check('[data-role="indicators"] input[name="force"][value="true"]')
    assert page.locator(lit).get_attribute("data-truth") == "true"
    page.check('input[name="definition"][value="FR"]')
    assert page.locator(lit).get_attribute("data-truth") == "not-described"


COLUMNS = """() => [...document.querySelectorAll(".situations")].filter((table) => table.checkVisibility()).map((table) => {
  const seen = (mark) => mark.getBoundingClientRect().width > 2 && mark.checkVisibility();
  const heads = [...table.querySelectorAll("thead tr:last-child th")].filter(seen);
  const cells = [...table.querySelectorAll("tr[data-row] > td:not(.own)")].filter(seen).slice(0, heads.length);
  const range = document.createRange();
  return heads.map((head, at) => {
    range.selectNodeContents(head);
    const text = range.getBoundingClientRect();
    return [getComputedStyle(head).writingMode, text.left, text.right, text.height, cells[at].querySelector("svg").getBoundingClientRect().left];
  });
})"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_heads_stand_straight_above_their_columns_and_do_not_touch(visit, language):
    page = visit(f"assessment.ipynb?lang={language}").page
    for width in (641, 768, 900, 1280):
        resize(page, width)
        (heads,) = page.evaluate(COLUMNS)
        assert {mode for mode, *_ in heads} == {"horizontal-tb"}
        assert max(height for *_, height, _ in heads) <= 2 * 21
        assert [abs(left - mark) for _, left, _, _, mark in heads if abs(left - mark) > 4] == []
        assert all(first[2] < second[1] for first, second in pairwise(heads))


@pytest.mark.browser
def test_a_folded_situation_is_marked_and_opens_on_paper(visit):
    page = visit("assessment.ipynb").page
    folded = page.locator("details.untold")
    assert not folded.evaluate("each => each.open")
    wanted = folded.locator("tr[data-row]").last.get_attribute("data-row")
    page.select_option("#situation", wanted)
    assert not folded.evaluate("each => each.open"), "it would push the answer out of the window"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.evaluate("each => each.open")
    assert page.locator("tr.selected:visible").get_attribute("data-row") == wanted


@pytest.mark.browser
def test_on_a_phone_each_mark_has_its_label_and_the_source_s_own_word_stands_with_the_name(visit):
    page = visit("assessment.ipynb").page
    resize(page, 390, 844)
    row = page.locator('[data-row="case-kidnapped-foreigners-china"]')
    assert row.locator("td.own").inner_text() == "What the report calls it: trafficking"
    marks = row.locator("td:not(.own)").all_inner_texts()
    assert marks == [
        *("Act: met", "Means: met", "Purpose: met"),
        *("Palermo: all there", "Italian law: open", "Slovak law: all there"),
    ]
    resize(page, 768, 844)
    assert row.locator("td.own").inner_text() == "trafficking"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_squares_and_the_first_situation_stand_on_the_first_screen(visit, language):
    page = visit(f"assessment.ipynb?lang={language}").page
    for width, height in ((390, 844), (1280, 900)):
        resize(page, width, height)
        for part in (".tally", "tr[data-row]"):
            box = page.locator(part).first.bounding_box()
            assert box["y"] + box["height"] <= height, part
        assert page.evaluate("[...document.querySelectorAll('.tally span')].every((each) => each.offsetHeight < 30)")


@pytest.mark.browser
def test_a_page_with_a_changed_answer_has_no_barrier_of_any_impact_and_fits(visit):
    opened = visit("assessment.ipynb?lang=fr&assume=force.true")
    assert axe_finds(opened.page, None if NIGHTLY else "#assess") == []
    assert opened.too_wide((390, 768, 1280, 1920)) == [] and opened.complaints == []
