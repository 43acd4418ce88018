"""A map of very many lines: each joins two countries, and all are listed in words below it."""

import re

import pytest
from conftest import ROOT
from playwright.sync_api import expect

from research_lib import open_study
from research_lib.show.drawing import organiser_panels
from research_lib.show.material import material_of
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

pytestmark = pytest.mark.browser
LINES = '[data-role="lines"]'
DRAWN = "svg[data-role=map] .organiser:not(.out) .leg:not(.out)"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("many") / "routes.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(organiser_panels, "_MOST", 9)
        material = material_of(open_study(ROOT / "data"))
        file.write_text(render("routes", material, study_words(material.study, "en")).html, "utf-8")
    return file.as_uri()


def usable(tab, address):
    tab.goto(address)
    expect(tab.locator('main[data-usable="true"]')).to_be_attached()


def counted(tab):
    """How many steps the lines on the map have, and the sentences in the list."""
    numbers = tab.locator(DRAWN).evaluate_all("all => all.map((x) => x.querySelector('.many')?.textContent || 1)")
    return sum(map(int, numbers)), tab.locator(f"{LINES} li").all_inner_texts()


@pytest.mark.parametrize("organiser", ["smuggler", "unnamed"])
def test_the_lines_of_the_map_are_listed_with_all_their_steps_most_first(tab, address, organiser):
    usable(tab, f"{address}?map={organiser}&kind=")
    drawn, said = counted(tab)
    steps = [int(re.findall(r"\d+", each)[0]) for each in said]  # the sum of a line stands first
    assert sum(steps) == drawn and steps == sorted(steps, reverse=True) and len(steps) > 3
    assert int(tab.locator(f"[data-count={organiser}]").inner_text()) == drawn


def test_a_line_that_is_chosen_in_the_list_is_chosen_on_the_map_and_keeps_the_focus(tab, address):
    usable(tab, f"{address}?map=unnamed")
    line = tab.locator(f"{LINES} button").first
    line.click()
    expect(line).to_have_attribute("aria-pressed", "true")
    expect(line).to_be_focused()
    expect(tab.locator("[data-role=details] .step")).to_be_visible()
    assert tab.locator(f"{DRAWN}.selected").get_attribute("data-legs") in line.get_attribute("data-legs")
    others = len(tab.locator(f"{DRAWN}.selected").get_attribute("data-legs").split()) - 1
    expect(tab.locator("[data-role=details] summary").first).to_have_text(f"Other steps on this line: {others}")


def test_a_map_of_few_lines_has_no_such_list(tab, address):
    usable(tab, f"{address}?map=kin")
    expect(tab.locator(LINES)).to_be_hidden()
    expect(tab.locator('[data-role="gathered"]')).to_be_hidden()


def test_every_country_with_a_line_has_its_name_on_the_map(tab, address):
    usable(tab, f"{address}?map=unnamed")
    names = tab.locator("svg[data-role=map] .organiser:not(.out) .place.ring:not(.out) text")
    assert names.count() > 3
    for name in names.all():
        expect(name).to_be_visible()


def test_a_short_line_leads_to_a_name_that_is_seen(tab, address):
    usable(tab, f"{address}?map=smuggler")
    cut = 0
    for _ in range(6):
        seen = tab.evaluate(
            """() => new Promise((told) => requestAnimationFrame(() => requestAnimationFrame(() => told(
              [...document.querySelectorAll("svg[data-role=map] .place:not(.out) .lead")].map((lead) =>
                [lead, lead.nextElementSibling].map((each) => getComputedStyle(each))
                .map(({ opacity, visibility }) => Number(opacity) && visibility))))))"""
        )
        assert all(lead == name for lead, name in seen)
        cut += sum(name == 0 for _, name in seen)
        tab.locator('[data-zoom="1.5"]').click()
    assert cut
