"""The networks page as people use it: bars, details, the directory, by keyboard, in a file, on paper."""

import re

import pandas as pd
import pytest
from conftest import NIGHTLY, axe_finds, resize, wait_until_usable

from research_lib.compare import networks as net
from research_lib.compare import roles
from research_lib.show.pages.networks import networks_content
from research_lib.show.pages.networks.membership_bars import UNIT
from research_lib.show.site.rendering import export_page

pytestmark = pytest.mark.browser
TINY = """() => [...document.querySelectorAll("main *")].filter((mark) => mark.checkVisibility()
  && [...mark.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
  && parseFloat(getComputedStyle(mark).fontSize) < 12).map((mark) => mark.outerHTML.slice(0, 80))"""
# Words of a drawing that lie on others, or outside of it.
CLASHES = """() => {
  const { width, height } = document.documentElement.viewBox.baseVal;
  const placed = [...document.querySelectorAll("text")].filter((each) => each.textContent.trim()).map((each) => ({ text: each.textContent, ...each.getBoundingClientRect().toJSON() }));
  const outside = placed.filter(({ left, right, top, bottom }) => left < 0 || right > width || top < 0 || bottom > height);
  const over = placed.filter((one, at) => placed.some((other, place) => place > at && one.left < other.right - 1 && other.left < one.right - 1
    && Math.abs(one.top - other.top) < Math.min(one.height, other.height) / 2));
  return [...outside, ...over].map(({ text }) => text);
}"""
COUNTRIES = (("Italy", "ITA"), ("France", "FRA"), ("Slovakia", "SVK"))
ENTRIES = '[data-role="entries"] [data-entry]:not([hidden])'


def test_a_chosen_network_is_accessible_without_any_finding(visit):
    page = visit("networks.ipynb?lang=fr&network=tavolo-genova&q=turin").page
    assert page.locator('[data-role="details"] .members').count() == 1
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    assert axe_finds(page, "main" if NIGHTLY else '[data-role="details"]') == []


def test_the_first_screen_shows_bars_and_nothing_is_tiny_or_too_wide(visit):
    page = visit("networks.ipynb?lang=fr").page
    for width in (390, 768, 1280, 1920):
        resize(page, width, 844)
        page.reload(wait_until="commit")
        wait_until_usable(page)
        bar = page.locator("[data-network] .units").first.bounding_box()
        assert bar["y"] + bar["height"] < 844, width
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        assert page.evaluate(TINY) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_bars_stand_in_columns_so_that_a_missing_family_is_an_empty_place(visit):
    page = visit("networks.ipynb").page
    starts = page.evaluate(
        """() => [...document.querySelectorAll("[data-network]")].filter((row) => row.checkVisibility() && row.querySelector(".bar"))
          .map((row) => [...row.querySelectorAll(".bar > li")].map((cell) => Math.round(cell.getBoundingClientRect().left)).join(" "))"""
    )
    assert len(starts) > 5 and len(set(starts)) == 1
    life = page.locator('[data-network="life-torino"] .bar > li')
    assert life.nth(3).inner_text().startswith("–") and life.nth(0).inner_text().strip() == "11"


def test_an_exported_page_searches_folds_many_networks_and_unfolds_what_an_address_names(
    open_visit, tmp_path, monkeypatch
):
    monkeypatch.setattr(networks_content, "MOST", 1)
    file = export_page("networks", tmp_path / "networks.html").as_uri()
    page = open_visit(file).page
    folded = page.locator(".home-of > details")
    count = int(re.match(r"(\d+) more networks?$", folded.locator("summary").first.inner_text())[1])
    assert folded.first.locator("[data-network]").count() == count > 0
    last = folded.first.locator("[data-network]").last
    assert not last.is_visible()
    named = open_visit(f"{file}?network={last.get_attribute('data-network')}").page
    assert named.locator(".row.selected").is_visible()
    assert named.locator("#exchange > details.topic > summary").is_visible()
    named.emulate_media(media="print")
    named.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert named.locator("#exchange table").is_visible()
    searched = open_visit(f"{file}?q=pisa&network=pisa-local-agreement")
    assert searched.page.locator('[data-role="details"] h3').first.inner_text() == "Local agreement network of Pisa"
    assert len(names(searched.page)) > 3 and searched.complaints == []


def test_on_a_phone_a_missing_family_is_named(visit):
    page = visit("networks.ipynb").page
    resize(page, 390, 844)
    row = page.locator('[data-network="life-torino"]')
    assert row.locator(".missing").inner_text() == "No organisation named of: Police and courts · Health services"
    assert re.search(r"Associations and co-operatives\s+11", row.inner_text())
    starts = {mark.bounding_box()["x"] for mark in row.locator(".units").all()}
    assert len(starts) == 1


def test_the_title_alone_says_how_many_networks_each_country_has(visit, study):
    page = visit("networks.ipynb").page
    said = page.locator("h1 + .by-home li").all_inner_texts()
    assert [text.split()[0] for text in said] == ["Italy", "France", "Slovakia"]
    assert "three entities or more, with mutual relations" in page.inner_text(".definition")
    judged = net.judge_networks(study).set_index("network_id")["is_network"]
    homes = study["networks"].set_index("id")["country_code"][judged.eq(True)].value_counts()
    assert [homes.get(code, 0) for _, code in COUNTRIES] == [4, 1, 0]
    title = page.inner_text("h1")
    assert title.startswith("Networks of help for trafficked people") and title.endswith(
        "four in Italy, one in France, none in Slovakia"
    )
    assert page.locator("#networks :is(h2, h3)").nth(1).evaluate("mark => mark.clientHeight") <= 1


def test_groups_without_names_are_words_apart_from_the_bars_each_after_its_number(visit, study):
    page = visit("networks.ipynb").page
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    assert page.locator(".bar .unnamed").count() == 0
    rows = study["memberships"].query("organisation_id.isna() and role not in @net.APART")
    for width in (390, 768, 1280):
        resize(page, width)
        for network, groups in rows.groupby("network_id"):
            said = page.inner_text(f'[data-network="{network}"] .unnamed')
            for count, name in groups[["count", "group_text"]].values:
                assert (name if pd.isna(count) else f"{count:.0f} {name}") in said
    many = page.locator('[data-network="interregional-marche-abruzzo-molise"] .groups')
    wanted = "also 13 groups without names; the largest number told: 141 Municipalities (whole network)"
    assert many.locator("summary").inner_text() == wanted and many.locator("li").count() == 13


def test_the_bars_take_the_width_until_a_network_is_chosen_and_its_row_stays_in_place(visit):
    page = visit("networks.ipynb").page
    resize(page, 1280, 600)
    page.evaluate("scrollTo(0, 300)")
    drawing, row = page.locator(".drawing"), page.locator('[data-network="ac-se"]')
    whole, place = drawing.bounding_box()["width"], row.bounding_box()["y"]
    assert whole == page.locator(".stage.memberships").bounding_box()["width"]
    row.locator("[data-pick]").click()
    assert drawing.bounding_box()["width"] < whole - 290
    assert row.bounding_box()["y"] == pytest.approx(place, abs=1)
    page.click('[data-role="close"]')
    assert drawing.bounding_box()["width"] == whole


def test_on_a_phone_visits_are_cards_that_name_where_they_led(visit):
    page = visit("networks.ipynb").page
    resize(page, 390, 800)
    card = page.locator(".visits tbody tr").first
    said = [re.sub(r"\s+", " ", line) for line in card.locator("td:visible").all_inner_texts()]
    assert card.locator("th").inner_text() == "Emergendo (Italy)"
    assert said == [
        "to Migration Information Centre (Slovakia) 5",
        "to Longue Marche (France) 1",
        "to Se reconstruire et s'insérer (France) 9",
        "Sent in all 15",
    ]
    ends = page.evaluate(
        "[...document.querySelectorAll('.visits td')].map((each) => each.getBoundingClientRect().right)"
    )
    assert max(ends) <= 370


def test_the_page_says_how_many_answered_and_that_the_asked_are_not_told(visit, study):
    respondents = study["organisations"].query("is_respondent").groupby("country_code").size()
    said = visit("networks.ipynb").page.inner_text(".respondents")
    assert said.endswith(
        f"Organisations that answered: Italy {respondents['ITA']}, France {respondents['FRA']}, "
        f"Slovakia {respondents['SVK']}. The report does not tell how many were asked."
    )


def test_on_a_phone_a_chosen_network_stands_at_the_foot_and_the_bars_stay_in_place(visit):
    page = visit("networks.ipynb").page
    resize(page, 390, 800)
    row = page.locator('[data-network="life-torino"]')
    row.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    row.locator("[data-pick]").click()
    box = page.locator('[data-role="details"]').bounding_box()
    assert box["y"] + box["height"] == pytest.approx(800, abs=2) and box["y"] > 200
    assert page.evaluate("scrollY") == before
    page.click('[data-role="close"]')
    assert page.evaluate("document.activeElement.dataset.pick") == "life-torino"


def test_every_network_opens_with_its_verdict_and_members(visit, study):
    page = visit("networks.ipynb").page
    judged = net.judge_networks(study).set_index("network_id")["is_network"]
    members = study["memberships"].groupby("network_id").size()
    for network in study["networks"]["id"]:
        page.evaluate("id => document.querySelector(`[data-network='${id}'] [data-pick]`).click()", network)
        fits = {True: "yes", False: "no", None: "unknown"}[judged[network]]
        assert page.locator(f'[data-role="details"] .fits-{fits}').count() == 1, network
        assert page.locator('[data-role="details"] .members li').count() == members.get(network, 0), network
        assert page.locator('[data-role="details"] a.source').count() > 0
    assert page.evaluate("location.search") == f"?network={network}"


def test_back_and_forward_step_through_networks_and_escape_closes(visit):
    page = visit("networks.ipynb").page
    for network in ("life-torino", "ac-se"):
        page.locator(f'[data-network="{network}"] [data-pick]').focus()
        page.keyboard.press("Enter")
    title = page.locator('[data-role="details"] h3').first
    assert title.inner_text() == "Ac-Sé network"
    page.go_back()
    assert title.inner_text() == "LIFE network of Turin"
    page.go_forward()
    assert title.inner_text() == "Ac-Sé network"
    page.focus('[data-role="details"]')
    page.keyboard.press("Escape")
    assert "network=" not in page.evaluate("location.search")
    assert page.evaluate("document.activeElement.dataset.pick") == "ac-se"


def names(page):
    return page.locator(f"{ENTRIES} .head b").all_inner_texts()


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("networks.ipynb", "Who helps in Turin?"),
    ],
)
def test_who_helps_in_turin(visit, study, address, asked):
    page = visit(address).page
    page.fill("#directory-q", asked)
    page.wait_for_url(re.compile("q="))
    if page.locator('[data-role="more"]').is_visible():
        page.click('[data-role="more"]')
    own = study["memberships"].query("network_id == 'life-torino'")["organisation_id"].dropna()
    wanted = study["organisations"].set_index("id").loc[own, "name"]
    assert {*wanted} <= {*names(page)}
    assert "Mairie de Paris" not in names(page)


def test_the_directory_is_searched_by_place_country_and_help_and_the_address_keeps_it(visit):
    opened = visit("networks.ipynb")
    page = opened.page
    every = page.inner_text('[data-role="count"]')
    page.select_option("#directory-country", "SVK")
    page.select_option("#directory-help", "activity:assistance")
    assert {*names(page)} >= {"Maják nádeje", "Pomoc deťom v ohrození"}
    page.wait_for_url(re.compile("help="))
    before = names(page)
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert names(page) == before
    page.fill("#directory-q", "majak")
    assert names(page)[0] == "Maják nádeje" and 1 <= len(names(page)) < len(before)
    page.fill("#directory-q", "nobody of this name")
    assert names(page) == [] and page.locator('[data-role="none"]').is_visible()
    page.click('[data-role="finder"] [type="reset"]')
    assert page.inner_text('[data-role="count"]') == every and page.evaluate("location.search") == ""
    assert opened.complaints == []


def test_results_say_what_is_done_where_by_whom_and_that_it_is_of_2007(visit):
    page = visit("networks.ipynb?q=almaterra").page
    text = page.locator(ENTRIES).inner_text()
    assert "LIFE network of Turin" in text and "named with it: Turin" in text and "lines" in text
    assert "2007, not a list of whom to call today" in page.inner_text("#directory")
    page.click(f"{ENTRIES} [data-pick]")
    assert page.locator('[data-role="details"] h3').first.inner_text() == "LIFE network of Turin"


def test_visits_are_a_matrix_with_its_totals(visit, study):
    page = visit("networks.ipynb").page
    flows = roles.exchange_flows(study)
    rows = page.locator("table.visits tbody tr")
    for at, (_, row) in enumerate(flows.iterrows()):
        told = rows.nth(at).locator("td").all_inner_texts()
        wanted = ["–" if pd.isna(cell) else str(cell) for cell in row]
        assert [text.strip() for text in told[:-1]] == wanted
        assert int(told[-1]) == row.sum()
    foot = page.locator("table.visits tfoot td").all_inner_texts()
    assert [int(text) for text in foot] == [*flows.sum(), flows.sum().sum()]


def test_a_row_has_a_block_for_each_organisation_by_name_and_none_for_a_group(visit, study):
    page = visit("networks.ipynb").page
    named = net.measures(study).set_index("network_id")["named"]
    for network, count in named.items():
        widths = page.locator(f'[data-network="{network}"] .units').evaluate_all(
            "all => all.map((each) => +each.getAttribute('width'))"
        )
        assert sum(widths) / UNIT == count, network


def test_the_saved_picture_holds_what_each_row_says_and_its_words_keep_apart(visit):
    opened = visit("networks.ipynb?network=ac-se&lang=fr")
    for width in (1280, 390):
        resize(opened.page, width, 844)
        opened.page.reload(wait_until="commit")
        wait_until_usable(opened.page)
        saved_picture_holds_each_row(opened.page)
    assert opened.complaints == []


def saved_picture_holds_each_row(page):
    with page.expect_download() as download:
        page.click("[data-picture=networks][data-kind=svg]")
    assert page.locator("[data-network]").count() == page.locator("[data-network]:visible").count() > 20
    said = page.locator("[data-network] :is(.called, .bar b, .missing, .unnamed > p, summary, .unknown):visible")
    alone = page.context.new_page()
    alone.goto(download.value.path().rename(download.value.path().with_suffix(".svg")).as_uri())
    told = "".join(" ".join(alone.locator("text").all_text_contents()).split())
    assert [text for text in said.all_inner_texts() if "".join(text.split()) not in told] == []
    for words in ("unbloc=uneorganisationnommée", "partenariatsàdeuxsontceux", "§§4.3.2.2", "CCBY4.0"):
        assert words in told
    assert alone.evaluate(CLASHES) == []
    page.click('[data-role="copy"]')
    page.locator('[data-role="copied"]:not(:empty)').wait_for()


def test_paper_says_how_many_organisations_are_found_and_not_printed(visit):
    page = visit("networks.ipynb").page
    page.emulate_media(media="print")
    said = page.locator('[data-role="unprinted"]')
    shown = page.locator("[data-entry]:visible").count()
    assert re.match(r"\d+", said.inner_text())[0] == str(page.locator("[data-entry]").count() - shown)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#survey .answers").first.is_visible() and page.locator("table.roles").is_visible()
    assert page.locator(".groups li:visible").count() > 13
    assert not page.locator('[data-role="details"], .onpage').filter(visible=True).count()
    page.emulate_media(media="screen")
    page.click('[data-role="more"]')
    page.emulate_media(media="print")
    assert not said.is_visible()


def test_the_survey_has_a_square_for_each_of_eighteen(visit):
    page = visit("networks.ipynb").page
    assert page.locator("#survey .answers").count() == 8
    for drawing in page.locator("#survey .answers").all():
        squares = drawing.locator("rect").count()
        assert squares % 18 == 0 and squares > 0


def test_bars_and_directory_stand_without_a_script(browser, served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/voila/render/networks.ipynb", wait_until="load")
    assert page.locator("[data-network] .bar").count() > 20
    assert page.locator(ENTRIES).count() > 0
    context.close()
