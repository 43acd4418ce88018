"""The profiles page: its short slots and what they rest on, its small drawings, and the comparison in a browser."""

import re
import shutil

import pandas as pd
import pytest
from conftest import ROOT, resize

from research_lib import open_study
from research_lib.errors import StudyError
from research_lib.evidence.geography import load_geography
from research_lib.evidence.study_folders import boundaries_of
from research_lib.show.material import open_material
from research_lib.show.pages.profiles import profile_drawings
from research_lib.show.pages.profiles.profile_drawings import home_map
from research_lib.show.pages.profiles.profile_slots import SLOTS, profile_slots, short_texts, slot_names
from research_lib.show.pages.profiles.profiles_content import profiles_page
from research_lib.show.site.rendering import export_page, render
from research_lib.show.words import study_words, words

OWN, SECOND = ROOT / "data", ROOT / "tests/orinoco"
CSS = ROOT / "research_lib/show/pages/profiles/profiles.css"
ELSEWHERE = {("zhejiang", "f-3-3-3-d-07")}  # the figure of a claim on the group, on the same lines


@pytest.fixture(scope="module")
def study():
    return open_study(OWN)


@pytest.fixture(scope="module")
def page(study):
    return profiles_page(study, load_geography(boundaries_of(OWN)), study_words(study, "en"))


# ---- the slots


SAID = """
group                 | slot    | text                                                    | certainty  | statements | who
women-in-prostitution | control | Without procurers in Paris; “companion pimps” were prosecuted | conclusion | 3          | nobody
women-in-prostitution | age     | Paris: mostly 35–45 and older; both countries: 35–40    | stated     | 4          |
dongbei               | way     | Practically all got papers and tickets “legally”        | stated     | 1          | agency
all-migrants          | way     | Most with papers; others smuggled                       | stated     | 3          | kin smuggler
zhejiang              | control | Seem able to avoid prostitution                         | hypothesis | 1          |
deceived-young-women  | control | A procurer, often a relative                            | anecdotal  | 2          |
deceived-young-women  | origin  | China                                                   | anecdotal  | 3          |
turin-indoor          | way     |                                                         | anecdotal  | 2          | not-stated
turin-indoor          | work    |                                                         |            | 0          |
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines()[1:])
def test_a_slot_says_a_few_words_with_their_certainty_and_the_statements_behind_them(page, line):
    group, name, text, certainty, count, who = (cell.strip() for cell in line.split("|"))
    slot = next(profile for profile in page.profiles if profile.id == group).slots[name]
    assert (slot.text, slot.certainty, len(slot.statements)) == (text, certainty, int(count))
    assert [each.hue for each in slot.who] == who.split()


def test_each_short_text_rests_on_statements_of_its_group(study, page):
    of_group = {}
    for cell in page.cells:
        of_group.setdefault(cell.profile, set()).update(cell.cards)
    texts = short_texts(study)
    foreign = {(text.group_id, key) for text in texts for key in text.statements if key not in of_group[text.group_id]}
    assert foreign == ELSEWHERE
    assert {text.slot for text in texts} == {*SLOTS} and len(page.profiles) == len(of_group) == 8


def test_only_regions_that_the_source_names_are_filled(page):
    regions = {p.id: {*p.slots["origin"].regions} for p in page.profiles if p.slots["origin"].has_map}
    north_east = {"CN-HL", "CN-JL", "CN-LN", "CN-SD"}
    assert regions["dongbei"] == regions["women-in-prostitution"] == north_east
    assert regions["zhejiang"] == regions["all-migrants"] == {"CN-ZJ"}
    assert regions["professional"] == regions["turin-indoor"] == regions["large-cities-centre"] == set()
    assert page.home.regions.keys() == north_east | {"CN-ZJ"}


def test_an_outline_asks_where_no_region_is_named(bundle, page):
    html = bundle.document("profiles", "en")
    nowhere = [p for p in page.profiles if p.slots["origin"].has_map and not p.slots["origin"].regions]
    assert html.count('class="origin nowhere"') == html.count('class="ask"') == len(nowhere) == 4


def test_what_is_said_of_all_stands_apart_below_the_groups(bundle, second_page, page):
    general = ["all-migrants", "women-in-prostitution"]
    assert [(is_general, [p.id for p in profiles]) for is_general, profiles in page.parts][1] == (True, general)
    html = bundle.document("profiles", "en")
    places = [html.index(f'data-profile="{p.id}"') for p in page.profiles]
    apart = html.index('<h2 id="in-general">In general: not a group')
    assert {p.id for p, place in zip(page.profiles, places, strict=True) if place > apart} == {*general}
    second = second_page("profiles")
    assert 'id="in-general"' not in second and second.count('class="profile"') == 3


def test_a_row_says_at_its_head_how_many_statements_the_report_has_on_it(bundle, page):
    html = bundle.document("profiles", "en")
    said = re.findall(r'<p class="count">(\d+) statements? in the report</p>', html)
    assert [int(count) for count in said] == [p.count for _, profiles in page.parts for p in profiles]


def test_a_country_without_profiles_is_one_sentence(bundle, page):
    assert [*page.countries] == ["FRA", "ITA"] and page.undescribed == ("Slovakia",)
    html = bundle.document("profiles", "en")
    assert html.count("The report has no profile for Slovakia") == 1 and 'value="SVK"' not in html


def test_a_study_without_short_texts_has_the_slots_that_its_tables_give():
    second = open_study(SECOND)
    slots = profile_slots(second, study_words(second, "en"))
    assert short_texts(second) == [] and slot_names(slots) == ("age", "origin", "way")
    assert slots["families", "age"].text == "20–35" and slots["minors-alone", "age"].certainty == "estimate"
    assert slots["families", "origin"].text == "San Cristóbal, Venezuela"
    way = slots["minors-alone", "way"]
    assert (way.text, [each.word for each in way.who]) == ("papers not stated", ["organiser not stated"])
    assert [each.hue for each in slots["families", "way"].who] == ["own", "herself"]
    assert ("day-labourers", "age") not in slots


HEADER = "group_id,slot,text,text_fr,who,place_id,statement_id\n"
FAULTS = {
    "families,age,Young,Jeunes,,,": "statement_id: is empty; name the claims",
    "nobody,age,Young,Jeunes,,,c-01": "group_id: the study has no 'nobody'; correct it",
    "everybody,age,Young,Jeunes,,,c-01": "group_id: the study has no 'everybody'",
    "families,height,Young,Jeunes,,,c-01": "slot: the study has no 'height'",
    "families,way,Young,Jeunes,friends,,c-01": "who: the study has no 'friends'",
    "families,origin,Young,Jeunes,,moon,c-01": "place_id: the study has no 'moon'",
    "families,age,Young,Jeunes,,,c-01;c-99": "statement_id: the study has no 'c-99'",
    "families,age,One two three four five six seven eight nine,Jeunes,,,c-01": "text: has 9 words; write one to 8",
    "families,age,Young,,,,c-01": "text_fr: has 0 words",
    "families,age,Young": "has too many or too few cells",
    "families,age,Young, very,Jeunes,,,c-01": "has too many or too few cells",
}


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(SECOND, tmp_path / "study", ignore=shutil.ignore_patterns("build"))
    (tmp_path / "study/curated").mkdir()
    return tmp_path / "study"


def test_a_group_whose_claims_alone_speak_has_its_origin_and_leads_to_them(copied):
    for table in ("routes", "legs"):
        path = copied / f"tables/{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    study = open_study(copied)
    slots = profile_slots(study, study_words(study, "en"))
    assert (slots["families", "origin"].text, slots["families", "origin"].statements[0]) == ("Venezuela", "c-01")
    assert (slots["families", "way"].text, slots["families", "way"].statements) == ("", ("c-01",))
    html = render("profiles", open_material(copied), study_words(study, "en")).html
    families = html[html.index('data-profile="families"') :].partition("</li>")[0]
    assert ">see 1 statement<" in families and "Not stated" not in families


def test_a_short_text_replaces_one_slot_and_leaves_the_others_as_the_tables_have_them(copied):
    study = open_study(copied)
    derived = profile_slots(study, study_words(study, "en"))
    row = "families,age,Mostly young parents,Jeunes parents,,,c-01\n"
    (copied / "curated/short_profiles.csv").write_text(f"{HEADER}{row}", encoding="utf-8")
    slots = profile_slots(open_study(copied), study_words(study, "en"))
    assert slots.pop(("families", "age")).text == "Mostly young parents" != derived.pop(("families", "age")).text
    assert slots == derived and len(slots) >= 6


@pytest.mark.parametrize(("row", "said"), FAULTS.items())
def test_a_wrong_short_text_is_refused_with_its_place(copied, row, said):
    path = copied / "curated/short_profiles.csv"
    path.write_text(f"{HEADER}{row}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=re.escape(f"short_profiles.csv:2 {said}")):
        short_texts(open_study(copied))


def test_two_texts_for_one_slot_and_a_wrong_header_are_refused(copied):
    path = copied / "curated/short_profiles.csv"
    path.write_text(HEADER + 2 * "families,age,Young,Jeunes,,,c-01\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"csv:3 slot: the group 'families' has 'age' already; keep one row"):
        short_texts(open_study(copied))
    path.write_text("group_id,slot\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"its header must be group_id,slot,text"):
        short_texts(open_study(copied))


# ---- its drawings


def numbers(path):
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


@pytest.mark.parametrize(("folder", "inside"), [(OWN, {"CN-ZJ", "CN-HL"}), (SECOND, set())])
def test_the_map_of_the_home_country_holds_its_outline_and_its_regions(folder, inside):
    study = open_study(folder)
    drawn = home_map(load_geography(boundaries_of(folder)), study.settings.home_countries, ["CN-ZJ", "CN-HL"])
    left, top, width, height = drawn.box
    for path in (drawn.outline, *drawn.regions.values()):
        assert path.startswith("M") and path.endswith("Z")
        assert all(left <= x <= left + width for x in numbers(path)[::2])
        assert all(top <= y <= top + height for y in numbers(path)[1::2])
    assert {*drawn.regions} == inside and len(drawn.outline) < 6000


def test_without_an_outline_there_is_no_map(geography):
    assert home_map(geography, [], ["CN-ZJ"]) is None


STOCKS = pd.DataFrame(
    [("A", 1990, 0, "s"), ("A", 2000, 50, "s"), ("A", 2020, 100, "s"), ("B", 1990, 10, "s")],
    columns=["country_code", "year", "value", "source"],
)
FLOWS = pd.DataFrame(
    [("A", "1990–95", 0, 100, "s"), ("A", "1995–00", 25, 50, "s"), ("B", "1995–00", 10, 10, "s")],
    columns=["country_code", "period", "low", "high", "source"],
)
NAMES = {"B": "Beta", "A": "Alpha", "C": "Gamma"}


def test_stocks_are_lines_on_one_scale_in_the_order_of_the_countries():
    beta, alpha = profile_drawings.stock_panels(STOCKS, NAMES, words("en"))
    assert (beta.country, alpha.country) == ("Beta", "Alpha")
    assert alpha.line == "M6.0,90.0L95.3,57.0L274.0,24.0" and beta.ends[0] == (6.0, 83.4)
    assert alpha.spoken == "Alpha: 1990 0; 2000 50; 2020 100"
    assert [text.text for text in beta.labels] == ["10", "1990"]


def test_flows_are_bars_from_the_lowest_to_the_highest_and_never_without_height():
    beta, alpha = profile_drawings.flow_panels(FLOWS, NAMES, words("en"))
    (_, top, _, height), (_, _, _, second) = alpha.bars
    assert (top, height, second) == (24.0, 56.0, 14.0) and beta.bars[0][3] == 2.0
    assert [text.text for text in alpha.labels] == ["0–100", "25–50", "1990–95", "1995–00", "0"]


def test_a_zero_stands_at_the_scale_and_beside_a_bar_that_begins_there():
    years = ("1990–95", "1995–00", "2000–05")
    flows = pd.DataFrame([("A", year, low, 90, "s") for year, low in zip(years, (10, 0, 20), strict=True)])
    flows.columns = FLOWS.columns
    (alpha,) = profile_drawings.flow_panels(flows, NAMES, words("en"))
    zeros = [text for text in alpha.labels if text.text == "0"]
    x, _, width, _ = alpha.bars[1]
    assert [text.x for text in zeros] == [0, x + width + 3] and {text.y for text in zeros} == {76}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Italy, 2010–15: 0 is the result of 1 of the 6 estimators; the others give 4,061 or more."),
        (
            "fr",
            "Italie, 2010–15\u00a0: 0 est le résultat de 1 des 6 estimateurs\u00a0; les autres donnent 4\u202f061 ou plus.",
        ),
    ],
)
def test_a_zero_says_how_many_estimators_stand_behind_it(language, said):
    material = open_material(ROOT / "data")
    page = profiles_page(material.study, material.geography, study_words(material.study, language))
    assert page.flows.notes[2] == said and len(page.flows.notes) == 3 and page.stocks.notes == ()


def test_nothing_but_tokens_gives_a_hue_or_a_size():
    rules = CSS.read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules) == []
    assert set(re.findall(r"font-size: ([^;]+);", rules)) <= {"var(--small)", "var(--text)", "13px"}


# ---- in a browser


pytest_browser = pytest.mark.browser
CHOSEN = "[...document.querySelectorAll('[name=profile]:checked')].map((box) => box.value)"


@pytest_browser
def test_two_groups_open_a_comparison_that_the_address_and_back_know(visit):
    page = visit("profiles.ipynb").page
    assert page.evaluate("document.documentElement.scrollHeight") <= 2600
    comparison = page.locator('[data-role="comparison"]')
    assert comparison.is_hidden()
    page.check("input[value=dongbei]")
    assert "choose a second group" in page.inner_text('[data-role="count"]') and comparison.is_hidden()
    page.check("input[value=zhejiang]")
    assert comparison.is_visible() and "profile=dongbei,zhejiang" in page.url
    assert page.locator('[data-role="heads"] h3').all_inner_texts() == [
        "Women from the North-East (Dongbei)",
        "Women from Zhejiang",
    ]
    page.check("input[value=turin-indoor]")
    assert page.evaluate(CHOSEN) == ["zhejiang", "turin-indoor"]
    page.go_back()
    assert page.evaluate(CHOSEN) == ["dongbei", "zhejiang"] and comparison.is_visible()
    page.go_back()
    page.go_back()
    assert page.evaluate(CHOSEN) == [] and comparison.is_hidden()
    page.go_forward()
    assert page.evaluate(CHOSEN) == ["dongbei"]


@pytest_browser
def test_what_is_said_of_both_stands_once_and_cells_show_two_statements_at_first(visit):
    page = visit("profiles.ipynb?profile=dongbei,zhejiang").page
    section = page.locator("[data-dimension=migration]")
    assert "c-3-3-1-a-05" in section.locator('[data-role="both"]').inner_html()
    assert section.locator("[data-card=c-3-3-1-a-05]").count() == 1
    for cell in page.locator('[data-role="differ"] > div').all():
        assert cell.locator(".card:visible").count() <= 2
    section.locator("summary").first.click()
    assert section.locator(".card:visible").count() > 5
    every = page.locator("[data-dimension=settlement] .card").count()
    page.uncheck("[name=country][value=FRA]")
    assert "country=ITA" in page.url and page.locator("[data-dimension=settlement] .card").count() < every
    assert "says nothing of this here" in page.inner_text("[data-dimension=settlement]")
    page.click("[name=country][value=ITA]")
    assert page.locator("[name=country]:checked").count() == 2 and "country" not in page.url


@pytest_browser
def test_a_slot_unfolds_its_statements_by_keyboard(visit):
    page = visit("profiles.ipynb").page
    page.focus('[data-slot="women-in-prostitution.control"]')
    page.keyboard.press("Enter")
    said = page.locator('[data-profile=women-in-prostitution] [data-role="unfolded"]')
    assert said.locator(".card").count() == 3 and "slot=women-in-prostitution.control" in page.url
    assert said.get_attribute("aria-live") == "polite"
    page.keyboard.press("Enter")
    assert said.locator(".card").count() == 0 and "slot" not in page.url


@pytest_browser
def test_the_first_button_says_what_is_chosen_and_leads_to_it(visit):
    page = visit("profiles.ipynb").page
    for width in (1280, 390):
        resize(page, width, 844)
        page.evaluate("scrollTo(0, 0)")
        first_button_leads_to_what_is_chosen(page)


def first_button_leads_to_what_is_chosen(page):
    offered = page.locator(".compare button")
    box = offered.bounding_box()
    assert box["y"] + box["height"] < 500 and box["height"] >= 44
    assert offered.inner_text() == "Choose two groups to compare them"
    offered.click()
    assert page.evaluate("document.activeElement.value") == "dongbei" and page.evaluate(CHOSEN) == []
    page.keyboard.press("Space")
    assert offered.inner_text() == "Women from the North-East (Dongbei): choose a second group to compare"
    page.check("input[value=zhejiang]")
    assert offered.inner_text() == "Compare Women from the North-East (Dongbei) and Women from Zhejiang"
    offered.click()
    assert page.evaluate("document.activeElement.dataset.role") == "comparison"
    page.click('[data-role="clear"]')
    assert offered.inner_text() == "Choose two groups to compare them"


@pytest_browser
def test_the_example_of_the_settings_is_one_click(visit):
    page = visit("profiles.ipynb?lang=fr").page
    page.click('.chosen [data-role="example"]')
    assert page.evaluate(CHOSEN) == ["dongbei", "zhejiang"] and "country=FRA" in page.url and "lang=fr" in page.url
    page.click('[data-role="clear"]')
    assert page.evaluate(CHOSEN) == [] and page.evaluate("document.activeElement.name") == "profile"


@pytest_browser
def test_an_exported_page_compares_from_disk(open_visit, tmp_path):
    opened = open_visit(export_page("profiles", tmp_path / "profiles.html", "en").as_uri())
    opened.page.check("input[value=dongbei]")
    opened.page.check("input[value=professional]")
    assert opened.page.locator('[data-role="comparison"] .card').count() > 5 and opened.complaints == []
