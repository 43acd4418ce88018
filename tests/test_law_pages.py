"""The page on law as people use it: questioned, filtered, by keyboard, with every source one click away."""

import pytest

from research_lib.compare import provisions

pytestmark = pytest.mark.browser
ADDRESSES = (
    "comparison.ipynb?pick=feature:reflection-period&kind=open",
    "comparison.ipynb?lang=fr&topic=reflection-period",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_page_is_accessible_and_fits(visit, address):
    opened = visit(address)
    assert opened.barriers() == []
    assert opened.too_wide() == []


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
