"""The pages before any kernel, opened in a real browser: drawn, filtered, by keyboard, in every window."""

import json
import re
import urllib.error
import urllib.request

import pytest
from conftest import resize, sample_of_today, state_of
from playwright.sync_api import expect

from research_lib.show.pages.study_pages import PAGES
from research_lib.show.site.rendering import export_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/", "/voila/tree", "/voila/render/"])
def test_every_door_leads_home(served, path):
    with urllib.request.urlopen(f"{served}{path}", timeout=30) as answer:
        assert answer.url.endswith("/voila/render/home.ipynb")


@pytest.mark.parametrize("query", ["x=1", "lang=xx", "select=leg:%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E=%22%3E"])
def test_a_hostile_address_never_stands_in_the_answer(served, query):
    with urllib.request.urlopen(f"{served}/voila/render/routes.ipynb?{query}", timeout=60) as answer:
        body = answer.read().decode("utf-8")
    assert "alert(1)" not in body and '">="' not in body


LEFT_OUT = {
    "en": "This link names a choice that the page does not have. It is left out.",
    "fr": "Ce lien nomme un choix que la page n'a pas. Il est laissé de côté.",
}
ADDRESSES = [
    ("routes", "destination=france", False),
    ("routes", "lang=fr&destination=mars", True),
    ("evidence", "statement=nothing", True),
]


@pytest.mark.parametrize(("page", "query", "is_partial"), ADDRESSES)
def test_python_and_the_browser_leave_out_the_same_part_of_an_address_and_say_so(
    visit, bundle, page, query, is_partial
):
    state = state_of(bundle, page, query)
    assert bool(state.left_out) == is_partial
    language = state.choices.get("lang", ("en",))[0]
    opened = visit(f"{page}.ipynb?{query}").page
    notice = opened.locator('[data-role="left-out"]')
    assert notice.is_visible() == is_partial
    assert notice.text_content() == LEFT_OUT[language]
    kept = state_of(bundle, page, opened.evaluate("location.search").removeprefix("?"))
    assert kept.left_out == ()
    assert state.choices.items() - {("lang", ("en",))} <= kept.choices.items()


def unfold(page):
    """Open the filters of the routes page."""
    page.evaluate("for (const part of document.querySelectorAll('.filterbox')) part.open = true")


def shown(opened):
    """The legs that the maps show, the rows that the table shows, and the number that the page says."""
    page = opened.page
    unfold(page)
    rows = page.evaluate(
        "() => [...document.querySelectorAll('tr[data-row]')].filter((row) => !row.hidden).map((row) => row.dataset.row).sort()"
    )
    marks = page.evaluate(
        """() => [...document.querySelectorAll('svg[data-role="map"] .leg:not(.out)')]
             .map((mark) => [mark.dataset.legs.split(' '), Number(mark.querySelector('.many')?.textContent || 1)])"""
    )
    held = [[f"leg:{leg}" for leg in legs if f"leg:{leg}" in rows] for legs, _ in marks]
    assert [len(legs) for legs in held] == [number for _, number in marks]
    tabs = {
        name: int(count)
        for name, count in page.locator(".maptabs [data-count]").evaluate_all(
            "counts => counts.map((count) => [count.dataset.count, count.textContent])"
        )
    }
    assert tabs.pop("all") == sum(tabs.values()) == len(rows)
    return sorted(leg for legs in held for leg in legs), rows, page.inner_text('[data-role="count"]')


QUERIES = [
    "",
    "kind=trafficking,prostitution&map=all",
]


def model_of(bundle, page):
    text = bundle.document(page, "en").split('data-role="view-model">', 1)[1]
    return json.loads(text.split("</script>", 1)[0])


@pytest.mark.parametrize("query", QUERIES)
def test_map_table_and_python_agree(visit, bundle, query):
    opened = visit(f"routes.ipynb?{query}")
    legs, rows, count = shown(opened)
    written = opened.page.evaluate("location.search").removeprefix("?")
    state = state_of(bundle, "routes", written)
    items = model_of(bundle, "routes")["items"]
    expected = sorted(item["id"] for item in items if state.allows(item["facets"]))
    assert legs == rows == expected
    assert str(len(expected)) in re.findall(r"\d+", count)[:2]


LINKS = [
    ("comparison.ipynb?pick=feature:permit-without-co-operation", "tr.selected"),
    ("comparison.ipynb?pick=step:FRA:reflection-period:complaint", ".details:not(:has(> .hint))"),
    ("assessment.ipynb?situation=case-urban-young-women-china", "#assess-title"),
    ("profiles.ipynb?profile=dongbei,zhejiang", "[data-role=comparison]"),
    ("profiles.ipynb?slot=zhejiang.way", ".unfolded:not(:empty)"),
    ("routes.ipynb?select=leg:r-agency-europe-1", "[data-role=details]"),
    ("networks.ipynb?network=tavolo-genova", "[data-role=details]"),
    ("networks.ipynb?country=ITA", "[data-role=finder]"),
    ("evidence.ipynb?statement=c-3-3-1-c-05", "[data-role=details]"),
]


@pytest.mark.parametrize(("address", "named"), sample_of_today(LINKS, 1, kind=lambda link: link[0].partition(".")[0]))
def test_a_link_opens_at_what_it_names(visit, address, named):
    opened = visit(address)
    opens_at(opened.page, named)
    written = opened.page.url
    opened.page.goto("about:blank")
    resize(opened.page, 390)
    opens_at(opened.go_to(written).page, named)


def opens_at(page, named):
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    assert -2 <= page.locator(named).first.bounding_box()["y"] <= 780


def test_filters_change_the_map_the_table_and_the_address_and_come_back(visit):
    opened = visit("routes.ipynb")
    page = opened.page
    before = shown(opened)[0]
    page.click("details[data-facet=destination] summary")
    page.check("input[name=destination][value=france]")
    after = shown(opened)
    assert 0 < len(after[0]) < len(before)
    assert "destination=france" in page.evaluate("location.search")
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert shown(opened) == after
    page.click("button[type=reset]")
    everything = shown(opened)
    assert len(everything[0]) == len(page.query_selector_all("tr[data-row]"))
    page.click("[data-role=default]")
    assert shown(opened)[0] == before
    page.click("details[data-facet=kind] summary")
    for kind in ("mobility", "family", "migration"):
        page.click(f"input[name=kind][value={kind}]")
    assert shown(opened) == everything, "nothing chosen means everything"
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert shown(opened) == everything


def test_a_destination_is_one_click_from_the_top_and_keeps_the_focus(visit):
    page = visit("routes.ipynb").page
    names = page.locator("[data-destination]").all_inner_texts()
    assert names[:2] == ["Paris", "Turin"] and "China" not in names
    page.click("[data-destination=paris]")
    assert "destination=paris" in page.url
    said = page.locator('[data-role="count"]')
    assert said.inner_text().startswith("Paris: the report names nobody who organises the journey.")
    assert page.evaluate("document.activeElement.dataset.destination") == "paris"
    assert page.locator("[data-destination][aria-pressed=true]").all_inner_texts() == ["Paris"]
    said.locator("button", has_text="France").click()
    assert "destination=france" in page.url


def test_the_server_s_drawing_is_what_the_browser_makes_of_no_choice(browser, served, visit):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/voila/render/routes.ipynb", wait_until="load")
    plain = page.locator('svg[data-role="map"] .leg:not(.out)').evaluate_all(
        "marks => marks.reduce((sum, mark) => sum + Number(mark.querySelector('.many')?.textContent || 1), 0)"
    )
    rows = page.locator("tr[data-row]:visible").count()
    context.close()
    legs = shown(visit("routes.ipynb"))[0]
    assert plain == rows == len(legs) > 0


def test_the_table_shows_whole_rows_and_the_others_are_asked_for(visit):
    page = visit("routes.ipynb").page
    rows = page.locator("tr[data-row]:not([hidden])")
    total, most = rows.count(), 8
    assert [row.is_visible() for row in rows.all()] == [True] * most + [False] * (total - most)
    assert page.evaluate("getComputedStyle(document.querySelector('.table .scroller')).maxHeight") == "none"
    assert page.inner_text('[data-role="more"]') == f"Show {total - most} more"
    page.focus('[data-role="more"]')
    page.keyboard.press("Enter")
    assert all(row.is_visible() for row in rows.all()) and page.locator('[data-role="more"]').is_hidden()
    assert page.evaluate("document.activeElement.closest('tr').dataset.row") == rows.nth(most).get_attribute("data-row")


def test_a_chosen_row_beyond_the_fold_is_shown_and_a_short_table_has_no_fold(visit):
    page = visit("routes.ipynb?select=leg:r-milan-agency-turin-1").page
    assert page.locator("tr.selected").is_visible()
    page = visit("routes.ipynb?actor=smugglers").page
    rows = page.locator("tr[data-row]:not([hidden])").count()
    assert page.locator('[data-role="more"]').is_visible() == (rows > 8)


def test_every_mark_is_reached_and_opened_by_keyboard(visit):
    page = visit("routes.ipynb").page
    for organiser in ("kin", "agency", "smuggler", "unnamed", "all"):
        page.click(f"[data-set-map={organiser}]")
        reach_and_open_every_mark(page)


def reach_and_open_every_mark(page):
    page.focus('svg[data-role="map"] [role=button][tabindex="0"]')
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('svg[data-role="map"] [role=button]')]
             .filter((mark) => !mark.closest('.out')).map((mark) => mark.ariaLabel)"""
    )
    reached = []
    for _ in wanted:
        reached.append(page.evaluate("document.activeElement.ariaLabel"))
        page.keyboard.press("ArrowRight")
    assert reached == wanted != []
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    focused = page.evaluate("document.activeElement.dataset.item")
    assert page.get_attribute('[data-role="details"] article', "data-item") == focused
    assert page.locator('[data-role="details"] article *').count() > 1


def test_a_tab_shows_one_organiser_under_a_title_and_is_a_step_for_back(visit):
    page = visit("routes.ipynb").page
    first = page.inner_text('[data-role="map-title"]')
    assert first == "Relatives: from China to Italy and France"
    page.click("[data-set-map=smuggler]")
    title = page.inner_text('[data-role="map-title"]')
    assert title.startswith("Smugglers and criminal organisations: by way of ")
    assert page.inner_text('[data-role="said"]').startswith("Described steps: 18.")
    assert page.locator(".organiser:not(.out)").evaluate_all("all => all.map((each) => each.dataset.organiser)") == [
        "smuggler"
    ]
    assert page.locator('[data-set-map][aria-pressed="true"]').get_attribute("data-set-map") == "smuggler"
    page.go_back()
    assert page.inner_text('[data-role="map-title"]') == first
    page.click("[data-set-map=all]")
    assert (
        page.locator('svg[data-role="map"] .leg:visible').count() == page.locator(".leg:not(.out)[data-legs]").count()
    )


def test_the_map_goes_where_the_steps_are(visit):
    page = visit("routes.ipynb?destination=paris").page
    assert page.locator('[data-set-map][aria-pressed="true"]').get_attribute("data-set-map") == "unnamed"
    page.click("tr[data-row]:not([hidden]) button")
    page = visit("routes.ipynb?select=leg:r-smuggling-africa-2").page
    along = page.locator(".leg.along:visible").evaluate_all("all => all.map((leg) => leg.dataset.ends)")
    assert along == ["china africa", "africa western-europe"] and page.locator(".leg.selected").count() == 1
    page = visit("routes.ipynb?select=leg:r-zhejiang-italy-1").page
    assert page.locator('[data-set-map][aria-pressed="true"]').get_attribute("data-set-map") == "kin"
    assert page.locator('svg[data-role="map"] .leg.selected:visible').count() == 1


def test_pointing_at_a_step_says_it_and_lights_its_whole_journey(visit):
    page = visit("routes.ipynb?map=smuggler").page
    page.locator('svg[data-role="map"]').scroll_into_view_if_needed()
    at = page.locator(".organiser:not(.out) [data-ends='russia western-europe'] .halo").evaluate(
        "(path) => { const { x, y } = path.getPointAtLength(path.getTotalLength() / 3).matrixTransform(path.getScreenCTM()); return [x, y]; }"
    )
    page.mouse.move(*at)
    note = page.locator('[data-role="pointer"]')
    assert note.is_visible() and "The whole journey: China → " in note.inner_text()
    lit = page.locator(".organiser:not(.out) .leg.lit").evaluate_all("all => all.map((leg) => leg.dataset.ends)")
    assert {"china africa", "africa russia", "russia western-europe", "china asia", "asia russia"} <= set(lit)
    page.mouse.move(2, 2)
    assert note.is_hidden() and page.locator(".leg.lit").count() == 0


def test_a_map_lists_its_journeys_and_one_that_is_chosen_lights_up_and_says_what_the_map_lacks(visit):
    page = visit("routes.ipynb").page
    assert page.locator("[data-role=journeys]").is_hidden()
    page.click("[data-set-map=smuggler]")
    journeys = page.locator("[data-role=journeys] li")
    expect(journeys).to_have_count(6)
    expect(journeys.nth(0)).to_have_text("China → Eastern Europe → France China → Eastern Europe: see “Nobody named”")
    journeys.nth(3).locator("button").hover()
    lit = page.locator(".organiser:not(.out) .leg.lit").evaluate_all("all => all.map((leg) => leg.dataset.ends)")
    assert {"china africa", "africa russia", "russia western-europe"} == set(lit)
    journeys.nth(3).locator("button").click()
    expect(page.locator('[data-role=journeys] [aria-pressed="true"]')).to_have_text(
        "China → Africa → Russia → Western Europe"
    )
    assert page.evaluate("document.activeElement.matches('[data-role=journeys] button, [data-role=details]')")
    assert page.locator(".leg.along:visible").count() == 3
    page.click("[data-set-map=all]")
    expect(page.locator("[data-role=journeys] .note")).to_have_count(0)


def test_the_key_stands_beside_the_map_or_below_it(visit):
    page = visit("routes.ipynb").page
    for width in (390, 768, 1280):
        resize(page, width)
        drawing, key = (page.locator(part).bounding_box() for part in ('svg[data-role="map"]', '[data-role="details"]'))
        is_beside = key["x"] > drawing["x"] + drawing["width"]
        assert is_beside if width == 1280 else key["y"] > drawing["y"] + drawing["height"]
    assert page.locator('[data-role="details"] .keys .head').count() == 1


def test_every_control_is_reached_by_tab(visit):
    opened = visit("routes.ipynb")
    page = opened.page
    unfold(page)
    page.evaluate("document.querySelector('.skip').focus()")
    reached = set()
    for _ in range(160):
        name = page.evaluate(
            "() => { const e = document.activeElement; return e.tagName + ' ' + (e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 40); }"
        )
        reached.add(name)
        page.keyboard.press("Tab")
    for text in ("Eurasia", "China", "Show every kind", "First view"):
        assert any(name == f"BUTTON {text}" for name in reached), text
    for text in ("Destination", "Origin", "Mode of entry", "Who organises", "Period", "Certainty", "Journey"):
        assert any(name.startswith(f"SUMMARY {text}") for name in reached), text
    assert any(name.startswith("g ") for name in reached)


def test_a_source_is_one_click_behind_a_mark(visit):
    opened = visit("routes.ipynb?select=leg:r-milan-agency-turin-1")
    page = opened.page
    page.click('[data-role="details"] a.source >> nth=0')
    assert page.locator(".sources .found").is_visible()
    assert "EX-CHANGE" in page.inner_text(".sources .found")


def test_a_leg_without_a_number_says_so(visit):
    opened = visit("routes.ipynb?select=leg:r-agency-schengen-germany-1")
    assert "No number is given" in opened.page.inner_text('[data-role="details"]')


def box_of(page):
    return [float(number) for number in page.get_attribute('svg[data-role="map"]', "viewBox").split()]


def test_views_and_magnification(visit):
    page = visit("routes.ipynb").page
    unfold(page)
    first = box_of(page)
    page.click("[data-set-view=europe]")
    width = box_of(page)[2]
    page.get_by_role("button", name="Enlarge").click()
    assert box_of(page)[2] < width
    page.get_by_role("button", name="Reduce").click()
    assert box_of(page)[2] == pytest.approx(width, rel=0.01)
    page.get_by_role("button", name="Reset", exact=True).click()
    assert box_of(page) == first


def zoomed(page, act):
    """Do something to the map, and wait until the address says which part is shown."""
    before = page.evaluate("location.search")
    act()
    page.wait_for_function("before => location.search !== before", arg=before)
    return box_of(page)


def test_a_part_of_the_map_is_an_address_and_a_step_for_back_and_forward(visit):
    page = visit("routes.ipynb").page
    unfold(page)
    first = box_of(page)
    once = zoomed(page, lambda: page.click('[data-zoom="1.5"]'))
    page.focus('svg[data-role="map"] [role=button][tabindex="0"]')
    twice = zoomed(page, lambda: page.keyboard.press("+"))
    assert first[2] > once[2] > twice[2]
    copied = visit(f"routes.ipynb{page.evaluate('location.search')}").page
    assert box_of(copied) == pytest.approx(twice, abs=1)
    page.go_back()
    assert box_of(page) == pytest.approx(once, abs=1)
    page.go_back()
    assert box_of(page) == first
    page.go_forward()
    assert box_of(page) == pytest.approx(once, abs=1)


def test_a_part_of_the_map_that_is_none_is_left_out(visit):
    page = visit("routes.ipynb?zoom=<b>").page
    assert page.locator('[data-role="left-out"]').is_visible()
    assert "zoom" not in page.evaluate("location.search")


def test_on_a_phone_the_steps_of_the_map_are_a_list_below_it(visit):
    page = visit("routes.ipynb?destination=france").page
    assert page.locator(".step-list").is_hidden()
    resize(page, 390, 800)
    page.click("[data-set-map=all]")
    assert page.locator(".step-list li").count() == page.locator("tr[data-row]:not([hidden])").count() > 0
    page.click("[data-set-map=kin]")
    assert page.locator(".step-list li").count() == int(page.inner_text("[data-count=kin]")) > 0
    page.locator(".step-list li button").last.click()
    assert page.locator('[data-role="details"] article').count() == 1


SAMPLE = """(svg) => [...svg.querySelectorAll('.organiser:not(.out) .leg:not(.out)')].map((leg) => {
  const path = leg.querySelector('.halo'), length = path.getTotalLength(), matrix = path.getScreenCTM();
  const hit = (x, y) => document.elementFromPoint(x, y)?.closest('.leg') === leg;
  for (let at = 0; at <= 60; at += 1) {
    const point = path.getPointAtLength(length * at / 60).matrixTransform(matrix);
    for (const [dx, dy] of [[0, 0], [0, 5], [0, -5], [5, 0], [-5, 0]]) if (hit(point.x + dx, point.y + dy)) return 0;
  }
  return leg.ariaLabel;
}).filter(Boolean)"""


def test_every_line_of_a_map_can_be_pointed_at(visit):
    page = visit("routes.ipynb").page
    resize(page, 1280, 1000)
    drawing = page.locator('svg[data-role="map"]')
    for organiser in ("kin", "agency", "smuggler", "unnamed"):
        page.click(f"[data-set-map={organiser}]")
        drawing.scroll_into_view_if_needed()
        assert drawing.evaluate(SAMPLE) == [], organiser


def test_a_line_is_a_step_for_back_and_forward(visit):
    page = visit("routes.ipynb").page
    page.focus('svg[data-role="map"] [role=button][tabindex="0"]')
    assert page.inner_text('[data-role="pointer"]').startswith("China to ")
    page.keyboard.press("Enter")
    first = page.inner_text('[data-role="details"] h2')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.inner_text('[data-role="details"] h2') != first
    page.go_back()
    assert page.inner_text('[data-role="details"] h2') == first
    page.go_back()
    assert page.locator('[data-role="details"] article').count() == 0


def test_filters_change_the_maps_and_the_matrix(visit):
    page = visit("routes.ipynb?actor=smugglers").page
    assert page.inner_text("[data-count=kin]") == "0"
    drawn = page.locator('svg[data-role="map"] .leg:visible').count()
    assert drawn > 0 and page.locator(".square:visible").count() >= drawn
    amounts = page.locator(".steps-matrix .amount").all_inner_texts()
    assert sum(int(amount) for amount in amounts if amount.isdigit()) == page.locator(".square:visible").count()
    assert page.inner_text('[data-role="map-title"]') == "Smugglers and criminal organisations"


def test_a_language_is_an_address(visit):
    opened = visit("routes.ipynb?lang=fr&destination=france")
    page = opened.page
    assert page.get_attribute("html", "lang") == "fr"
    assert "comment" in page.inner_text("h1")
    assert "destination=france" in page.get_attribute('a[data-lang="en"]', "href")


@pytest.mark.parametrize("page", sample_of_today(PAGES, 1))
def test_an_exported_page_opens_from_disk_without_a_request_and_saves_the_table_of_the_served_one(
    open_visit, visit, tmp_path, page
):
    path = export_page(page, tmp_path / f"{page}.html", "en")
    assert path.stat().st_size <= 1_450_000
    opened = open_visit(path.as_uri())
    opened.page.evaluate("document.fonts.ready.then(() => null)")
    assert opened.complaints == [] and opened.requests == [path.as_uri()]
    assert opened.page.locator("[data-download]").count() == 1
    if page == "routes":
        tables = [table_of(each.page) for each in (opened, visit("routes.ipynb"))]
        assert tables[0] == tables[1] != b""
        opened.page.click("tr[data-row]:not([hidden]) button")
        assert opened.page.locator('[data-role="details"] .card').count() > 0


def table_of(page):
    with page.expect_download() as download:
        page.click("[data-download]")
    return download.value.path().read_bytes()


def test_the_folium_map_asks_for_nothing(browser, tmp_path, study):
    from research_lib.show.drawing.folium_map import routes_map

    routes_map(study).save(tmp_path / "map.html")
    context = browser.new_context()
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_selector(".leaflet-interactive")
    lines = page.locator("path.leaflet-interactive").count()
    context.close()
    assert complaints == [] and asked == [(tmp_path / "map.html").as_uri()]
    assert lines > len(study["legs"])


def test_the_view_model_is_plain_json(bundle):
    assert len(model_of(bundle, "routes")["items"]) == len(bundle.data("routes", "en")["table"]["lines"])


def test_the_search_is_on_every_page_and_leads_to_what_it_finds(visit):
    for page in ("home.ipynb", "about.ipynb?lang=fr"):
        opened = visit(page).page
        opened.fill(".masthead > .find input[type=search]", "debt")
        opened.press(".masthead > .find input[type=search]", "Enter")
        opened.wait_for_url("**/evidence.ipynb?**q=debt*")
        opened.wait_for_selector('main[data-usable="true"]')
        assert opened.evaluate("document.documentElement.lang") == ("fr" if "fr" in page else "en")
        assert opened.input_value("#search") == "debt"
