"""The page on law as people use it: questioned, filtered, by keyboard, with every source one click away."""

from itertools import product

import pytest

from research_lib.compare import palermo, provisions
from research_lib.show.words import study_words

pytestmark = pytest.mark.browser
ADDRESSES = (
    "comparison.ipynb?pick=feature:reflection-period&kind=open",
    "comparison.ipynb?lang=fr&situation=case-north-east-occasional&assume=force.true",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_page_is_accessible_and_fits(visit, address):
    opened = visit(address)
    assert opened.barriers() == []
    assert opened.too_wide() == []


def answer(page):
    return page.inner_text('[data-role="answer"]')


def test_the_page_and_python_agree_on_every_situation_under_every_definition(visit, study):
    page, en = visit("comparison.ipynb").page, study_words(study, "en")
    for code, law in palermo.definitions(study).items():
        page.check(f'input[name="definition"][value="{code}"]')
        for situation, table in study["indicators"].groupby("situation_id"):
            page.select_option("#situation", situation)
            page.check(f'input[name="definition"][value="{code}"]')
            found = palermo.assess(table, law)
            assert answer(page) == en(f"verdict.{found.verdict}"), (situation, code)
            said = page.locator('[data-role="reasons"] li').all_inner_texts()
            assert said == [en(f"reason.{reason}") for reason in found.reason_codes], (situation, code)
            ends = page.inner_text('[data-role="outlook"]')
            if found.verdict != "not-described" and found.if_unknown_true != found.if_unknown_false:
                assert en("assess.if_true", verdict=en(f"verdict.{found.if_unknown_true}")) in ends, (situation, code)
                assert en("assess.if_false", verdict=en(f"verdict.{found.if_unknown_false}")) in ends, (situation, code)
                names = ", ".join(en(f"element.{name}") for name in found.decisive)
                assert not names or en("assess.decisive", elements=names) in ends, (situation, code)


def test_what_if_is_answered_as_python_answers_it(visit, study):
    opened, en = visit("comparison.ipynb?situation=case-north-east-occasional"), study_words(study, "en")
    page = opened.page
    told = dict(
        study["indicators"].query("situation_id == 'case-north-east-occasional'")[["indicator", "value"]].values
    )
    page.evaluate(
        """document.querySelectorAll('[data-role="indicators"] details').forEach((each) => { each.open = true; })"""
    )
    for values in product(("true", "false", "not-known"), repeat=3):
        asked = dict(zip(("recruitment", "force", "prostitution-of-others"), values, strict=True))
        for name, value in asked.items():
            page.check(f'[data-role="indicators"] input[name="{name}"][value="{value}"]')
        assert answer(page) == en(f"verdict.{palermo.assess({**told, **asked}).verdict}"), asked
    for name in asked:
        page.check(f'[data-role="indicators"] input[name="{name}"][value="true"]')
    assert answer(page) == en("verdict.trafficking")
    assert "supposition" in page.inner_text('[data-role="changed"]')
    assert "assume=" in page.evaluate("location.search")
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert answer(page) == en("verdict.trafficking")
    page.click('[data-role="reset"]')
    assert answer(page) == en(f"verdict.{palermo.assess(told).verdict}")
    assert "assume" not in page.evaluate("location.search")


def rows_shown(page):
    read = "() => [...document.querySelectorAll('tr[data-row]')].filter((row) => !row.hidden).map((row) => row.dataset.row)"
    return page.evaluate(read)


def test_provisions_are_filtered_and_differences_stand_first(visit, study):
    page = visit("comparison.ipynb").page
    table = provisions.differences(study)
    assert rows_shown(page) == table.index.tolist()
    page.check('input[name="kind"][value="differs"]')
    assert rows_shown(page) == table[table["kind"] == "differs"].index.tolist()
    page.uncheck('input[name="kind"][value="differs"]')
    page.select_option("#topic", "reflection-period")
    assert rows_shown(page) == table[table["topic_code"] == "reflection-period"].index.tolist()
    assert "topic=reflection-period" in page.evaluate("location.search")
    assert page.locator("details.topic[data-topic]:visible").count() == 1


def test_every_step_of_a_way_opens_by_keyboard_with_its_source(visit, study):
    page = visit("comparison.ipynb").page
    steps = page.locator("svg.flowchart .step[data-pick]")
    wanted = sum(provisions.pathway(study, code).number_of_edges() for code in ("FRA", "ITA", "SVK"))
    assert steps.count() == wanted
    for place in (0, wanted // 2, wanted - 1):
        steps.nth(place).focus()
        page.keyboard.press("Enter")
        panel = page.locator('[data-panel="ways"]')
        assert panel.locator("h3").inner_text() == steps.nth(place).get_attribute("aria-label")
        assert panel.locator("a.source").count() > 0
    page.click('[data-panel="ways"] a.source >> nth=0')
    assert "EX-CHANGE" in page.inner_text(".sources .found")


def test_every_date_of_the_timeline_opens_its_provision(visit, study):
    page = visit("comparison.ipynb").page
    events = page.locator("svg.timeline [data-pick]")
    assert events.count() == len(provisions.timeline(study, 1997))
    events.first.focus()
    page.keyboard.press("Enter")
    assert page.locator('[data-panel="timeline"] .card').count() == 1
