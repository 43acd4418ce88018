"""The pages on law and on networks as people use them: questioned, filtered, by keyboard, with every source one click away."""

import pytest

from research_lib.compare import networks as net
from research_lib.compare import provisions

pytestmark = pytest.mark.browser
ADDRESSES = (
    "comparison.ipynb?pick=feature:reflection-period&kind=open",
    "comparison.ipynb?lang=fr&topic=reflection-period",
    "networks.ipynb",
    "networks.ipynb?lang=fr",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_both_pages_are_accessible_and_fit(visit, address):
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


def test_every_network_is_drawn_with_its_table_and_verdict(visit, study):
    page = visit("networks.ipynb").page
    judged = net.judge_networks(study).set_index("network_id")["is_network"]
    for network in study["networks"]["id"]:
        page.select_option("#network", network)
        fits = {True: "yes", False: "no", None: "unknown"}[judged[network]]
        assert page.locator(f'[data-role="network"] .fits-{fits}').count() == 1, network
        drawn = page.locator('[data-role="network"] .wheel g.member').count()
        assert drawn == page.locator('[data-role="network"] details tbody tr').count(), network
    assert "network=" in page.evaluate("location.search")


def test_the_survey_has_a_square_for_each_of_eighteen(visit):
    page = visit("networks.ipynb").page
    assert page.locator("svg.squares").count() == 8
    for drawing in page.locator("svg.squares").all():
        squares = drawing.locator("rect").count()
        assert squares % 18 == 0 and squares > 0


def test_the_network_that_stands_first_needs_no_script(browser, served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/voila/render/networks.ipynb", wait_until="load")
    assert page.locator('[data-role="network"] .wheel g.member').count() > 20
    context.close()
