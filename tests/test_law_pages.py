"""The page on law as people use it: the permits first, then the ways, the provisions by question, and the laws by year."""

from dataclasses import replace
from itertools import chain, pairwise

import lxml.etree
import pandas as pd
import pytest
from conftest import NIGHTLY, axe_finds, resize, wait_until_usable
from second_study import make_second_study
from shapely import STRtree
from shapely.geometry import box

from research_lib import open_study
from research_lib.compare import provisions
from research_lib.evidence.vocabulary.common_codes import CODES, GROUPS
from research_lib.show import Panel
from research_lib.show.material import open_material
from research_lib.show.pages.comparison.comparison_page import comparison_page
from research_lib.show.pages.comparison.laws_in_time import law_names, laws_in_time
from research_lib.show.pages.comparison.ways_shown import PERMITS as PERMIT_CODES
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words, words

WIDTHS = (390, 768, 1280)
ADDRESSES = (
    ("comparison.ipynb?pick=feature:reflection-period&kind=open", "tr.opened"),
    ("comparison.ipynb?pick=step:ITA:identification:statement", '[data-panel="ways"]'),
    ("comparison.ipynb?lang=fr&topic=reflection-period", "details.topic[data-topic]:not([hidden])"),
)
MOST_HIGH = {390: 10500, 1280: 5400}


@pytest.fixture(scope="module")
def page(study):
    return comparison_page(study, study_words(study, "en"))


def test_every_topic_belongs_to_one_question():
    assert sorted(chain.from_iterable(GROUPS["topics"].values())) == sorted(CODES["topics"])


def test_questions_hold_every_provision_and_what_differs_stands_first(study, page):
    table = provisions.differences(study)
    for question in page.questions:
        codes = [feature.id for feature in question.features]
        assert codes == [code for code in table.index if code in codes]
    assert sorted(feature.id for feature in page.features) == sorted(table.index)
    assert sum(question.count for question in page.questions) == len(study["provisions"])


def test_a_topic_of_a_study_s_own_stands_with_the_rest(tmp_path):
    folder = make_second_study(tmp_path / "study")
    (folder / "vocabularies/topics.csv").write_text("code,name,meaning\nrivers,Rivers,crossing rivers\n")
    path = folder / "tables/provisions.csv"
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table.assign(topic_code=["rivers", *table["topic_code"][1:]]).to_csv(path, index=False)
    study = open_study(folder)
    found = comparison_page(study, study_words(study, "en")).questions
    assert [topic.code for topic in found[-1].topics] == ["rivers"] and found[-1].code == "rest"


def test_permits_say_what_the_provisions_of_the_settings_say(study, page):
    names = study["provisions"].set_index("id")["name"]
    for shown, setting in zip(page.permits, study.settings.permits, strict=True):
        grounds = (shown.depends_on, shown.which, shown.lasts)
        assert len(shown.reflects) == len(setting.reflects)
        for lines, keys in zip(grounds, (setting.depends_on, setting.which, setting.lasts), strict=True):
            assert [line.title for line in lines] == [names[key] for key in keys]
    assert [(shown.country, shown.is_length_stated) for shown in page.permits] == [
        ("FRA", True),
        ("ITA", False),
        ("SVK", True),
    ]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "the report does not say · "), ("fr", "le rapport ne le dit pas · ")]
)
def test_permits_say_of_what_year_they_are_and_where_no_length_is_stated(bundle, language, said):
    html = bundle.document("comparison", language)
    permits = html[html.index('<section id="permits"') : html.index("</section>")]
    assert permits.count(said) == 1 and "<svg" not in permits[: permits.index("<details")]
    assert permits.count({"en": "In force in 2007:", "fr": "En vigueur en 2007"}[language]) == 3
    assert "about.ipynb" in html[html.index('class="then"') : html.index('<section id="permits"')]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["30 days", "the report does not say", "40 days"]),
        ("fr", ["30 jours", "le rapport ne le dit pas", "40 jours"]),
    ],
)
def test_the_time_to_decide_has_a_line_of_its_own_in_each_country(study, bundle, language, said):
    words, html = study_words(study, language), bundle.document("comparison", language)
    permits = html[html.index('<section id="permits"') : html.index("</section>")]
    label = f'<span class="meta">{words("comparison.reflects")}</span> '
    assert [part.partition("<")[0] for part in permits.split(label)[1:]] == said


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_line_of_the_permits_stands_as_high_in_every_country(visit, language):
    page = visit(f"comparison.ipynb?lang={language}").page
    for width in (768, 1280):
        resize(page, width)
        tops = page.evaluate(
            """[...document.querySelectorAll(".permits > li")].map((each) => [...each.children].map((line) => Math.round(line.getBoundingClientRect().top)))"""
        )
        assert len(tops) == 3 and len({tuple(each) for each in tops}) == 1 and len(tops[0]) == 6


def test_a_study_without_permits_begins_with_its_ways(tmp_path):
    material = open_material(make_second_study(tmp_path / "study"))
    html = render("comparison", material, study_words(material.study, "en")).html
    assert '<section id="permits"' not in html and '<section id="ways"' in html


PERMITS = [
    ('depends_on = ["p-col-9"]', "study.toml permits: 'p-col-9' is not a provision of COL"),
    ('depends_on = ["p-ven-2"]', "study.toml permits: 'p-ven-2' is not a provision of COL"),
    ('depends_on = ["p-col-1"]\nlasts = ["p-col-33"]', "; the nearest is 'p-col-3'"),
    ('depends_on = ["p-col-1"]\nreflects = ["p-col-33"]', "; the nearest is 'p-col-3'"),
]


@pytest.mark.parametrize(("lines", "problem"), PERMITS)
def test_a_permit_that_names_no_provision_of_its_country_is_a_problem(tmp_path, lines, problem):
    folder = make_second_study(tmp_path / "study")
    with (folder / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(f'\n[[permits]]\ncountry = "COL"\n{lines}\n')
    assert [str(each) for each in open_study(folder).problems() if problem in str(each)]


NAMES = [
    ("Criminal Code, Article 601 (Law no. 228/2003)", ["Criminal Code", "Law no. 228/2003"]),
    ("Law on the Residence of Foreigners (No. 48/2002 Coll.); Directive", ["Law on the Residence of Foreigners"]),
    ("UN Protocol (2000); Criminal Code (2006)", ["UN Protocol", "Criminal Code"]),
    ("Decree 2 of 2018", ["Decree 2 of 2018"]),
    (None, []),
]


@pytest.mark.parametrize(("cell", "names"), NAMES)
def test_a_law_is_called_by_its_short_name(cell, names):
    assert law_names(cell) == names


def dated(*rows):
    table = pd.DataFrame([row.split(" | ") for row in rows], columns=["id", "country_code", "date", "law"])
    return table.assign(year=table["date"].str[:4].astype(int), law=table["law"].replace("-", None))


def test_provisions_of_one_law_and_year_stand_under_its_name():
    table = dated(
        "a | COL | 2003-03 | Law no. 1/2003",
        "b | COL | 2003 | article 5 of the Criminal Code; Law no. 1/2003",
        "c | COL | 2003 | -",
        "d | VEN | 2006 | Criminal Code",
        "e | VEN | 2007 | -",
    )
    years = laws_in_time(table, ["COL", "VEN"], {key: f"name {key}" for key in "abcde"}, words("en"))
    read = [(year.name, [[(mark.title, *mark.meta) for mark in lane] for lane in year.lanes]) for year in years]
    assert read == [
        ("2003", [[("Law no. 1/2003", "March 2003", "2 provisions"), ("name c", "2003")], []]),
        ("2004–2005", []),
        ("2006", [[], [("name d", "2006", "Criminal Code")]]),
        ("2007", [[], [("name e", "2007")]]),
    ]


def test_every_dated_provision_stands_behind_one_mark(study, page):
    marks = [mark for year in page.timeline for lane in year.lanes for mark in lane]
    behind = sorted(chain.from_iterable(mark.provisions for mark in marks))
    assert behind == sorted(provisions.timeline(study, study.settings.laws_since)["id"])


@pytest.mark.browser
@pytest.mark.parametrize(("address", "opened_part"), ADDRESSES)
def test_what_is_opened_is_accessible_and_fits(visit, address, opened_part):
    opened = visit(address)
    assert opened.page.locator(opened_part).first.is_visible()
    assert axe_finds(opened.page, None if NIGHTLY else opened_part) == []
    assert opened.too_wide() == []


@pytest.fixture(scope="module", params=["en", "fr"])
def file(request, bundle):
    """The page in one language, as a file."""
    return bundle.folder / f"comparison.{request.param}.html"


@pytest.mark.browser
def test_the_first_screen_proves_the_title_and_the_page_is_short(file, open_visit):
    shown = open_visit(file.as_uri()).page
    for width, height in ((1280, 900), (390, 844)):
        resize(shown, width, height)
        shown.reload()
        wait_until_usable(shown)
        lines = shown.locator(".permits .hangs li")
        assert lines.count() >= 3
        assert max(each["y"] + each["height"] for each in (line.bounding_box() for line in lines.all())) <= height
        assert shown.evaluate("document.documentElement.scrollHeight") <= MOST_HIGH[width]


def frames(shown, selector):
    read = """selector => [...document.querySelectorAll(selector)].flatMap((mark) => {
      const range = document.createRange();
      range.selectNodeContents(mark);
      return [...range.getClientRects()];
    }).map(({ left, top, right, bottom }) => [left, top, right, bottom]).filter(([left, top, right]) => right > left)"""
    return [box(*each) for each in shown.evaluate(read, selector)]


@pytest.mark.browser
def test_every_law_is_named_at_its_mark_and_no_name_covers_another(file, open_visit):
    shown = open_visit(file.as_uri()).page
    for width in WIDTHS:
        resize(shown, width)
        marks = shown.locator(".laws li.law")
        assert marks.count() == marks.locator("svg:visible").count() == marks.locator("button:visible").count()
        texts = frames(shown, ".laws li.law :is(button, .meta), .laws tbody th, .laws .where")
        names = [text.buffer(-1) for text in texts]
        meeting = STRtree(names).query(names, predicate="intersects").T
        assert [(one, other) for one, other in meeting if one != other] == [], width


@pytest.mark.browser
def test_every_law_opens_its_provisions_below_its_row(visit, page):
    shown = visit("comparison.ipynb").page
    marks = {mark.id: mark for year in page.timeline for lane in year.lanes for mark in lane}
    buttons = shown.locator(".laws button")
    assert [button.get_attribute("data-pick") for button in buttons.all()] == [*marks]
    for key in [*marks][::5]:
        shown.locator(f'.laws button[data-pick="{key}"]').press("Enter")
        opened = shown.locator(".laws tr.opened")
        assert opened.locator(".card").count() == len(marks[key].provisions)
        assert opened.locator("a.source").count() >= len(marks[key].provisions)
    opened.locator(".back").click()
    assert shown.locator("tr.opened").count() == 0
    assert shown.evaluate("document.activeElement.dataset.pick") == key


def rows_shown(shown):
    read = "() => [...document.querySelectorAll('tr[data-row]')].filter((row) => !row.hidden).map((row) => row.dataset.row)"
    return shown.evaluate(read)


@pytest.mark.browser
def test_provisions_are_filtered_by_kind_and_topic_and_then_unfolded(visit, page):
    shown = visit("comparison.ipynb").page
    assert rows_shown(shown) == [each.id for each in page.features]
    first = shown.locator(".question > table tr[data-row]:visible").count()
    assert first == shown.locator("tr[data-row]:visible").count() < len(page.features)
    shown.click(".filtered > summary")
    shown.check('input[name="kind"][value="differs"]')
    assert rows_shown(shown) == [each.id for each in page.features if each.kind == "differs"]
    shown.uncheck('input[name="kind"][value="differs"]')
    shown.select_option("#topic", "reflection-period")
    assert rows_shown(shown) == [each.id for each in page.features if each.topic == "reflection-period"]
    assert "topic=reflection-period" in shown.evaluate("location.search")
    assert shown.locator("details.topic[data-topic]:visible").count() == 1
    assert shown.locator("[data-question]:visible").count() == 1


@pytest.mark.parametrize("country", ["FRA", "ITA", "SVK"])
def test_the_shortest_ways_to_a_permit_are_those_that_no_other_way_is_shorter_than(study, page, country):
    graph = provisions.pathway(study, country)
    found = [way for permit in PERMIT_CODES for way in provisions.ways(graph, permit)]
    shortest = [way for way in found if len(way) == min(map(len, found))]
    steps = {f"step:{country}:{before}:{after}" for way in shortest for before, after in pairwise(way)}
    own = next(each for each in page.ways.countries if each.country == country)
    assert {step.id for step in own.steps if step.is_shortest} == steps and steps


@pytest.mark.parametrize("whose", ["ours", "other"])
def test_each_station_and_step_of_a_system_stands_once_and_a_step_names_where_it_leads(study, tmp_path, whose):
    study = study if whose == "ours" else open_study(make_second_study(tmp_path / "study"))
    shown = comparison_page(study, study_words(study, "en")).ways
    assert len(shown.rows) == len(shown.countries[0].rows)
    for each in shown.countries:
        graph = provisions.pathway(study, each.country)
        stations = [station for row in each.rows for station in row]
        assert sorted(station.code for station in stations) == sorted(graph)
        assert [station.number for station in stations] == [*range(1, len(graph) + 1)]
        at = {station.number: station for station in stations}
        for station in stations:
            assert sorted(step.id for step in station.steps) == sorted(
                f"step:{each.country}:{station.code}:{after}" for after in graph[station.code]
            )
            for step in station.steps:
                edge = graph.edges[station.code, at[step.number].code]
                assert step.to == at[step.number].name and step.facts == edge["steps"]
                assert bool(step.condition) == bool(edge["condition"])
                assert step.is_back == (step.number < station.number)


def test_a_station_of_the_vocabulary_stands_in_its_row_in_every_country(page):
    for each in page.ways.countries:
        for code, row in zip(page.ways.rows, each.rows, strict=True):
            assert {station.code for station in row} <= set(GROUPS["stations"][code])


def test_a_station_of_the_study_s_own_stands_below_what_leads_to_it_also_in_a_circle(tmp_path):
    folder = make_second_study(tmp_path / "study")
    (folder / "vocabularies/stations.csv").write_text("code,name,meaning\nriver,River,\nhut,Hut,\n")
    path = folder / "tables/pathways.csv"
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    own = table[table["country_code"] == "COL"].iloc[[0, 0, 0]]
    ends = {"from_code": ["reflection-period", "river", "hut"], "to_code": ["river", "hut", "river"]}
    more = own.assign(id=["w-x-1", "w-x-2", "w-x-3"], provision_id="", **ends)
    pd.concat([table, more]).to_csv(path, index=False)
    study = open_study(folder)
    en = study_words(study, "en")
    named = {f"station.{code}": code.title() for code in ("river", "hut")}
    shown = comparison_page(study, replace(en, phrases={**en.phrases, **named})).ways
    at = {station.code: row for row, stations in enumerate(shown.countries[0].rows) for station in stations}
    assert shown.rows[at["river"]] == shown.rows[at["hut"]] == "other"
    assert at["reflection-period"] < at["river"] < at["hut"]
    assert [step.id.split(":")[2] for step in shown.countries[0].steps if step.is_back and "hut" in step.id] == ["hut"]


SHOWN = """() => ({
  ways: [...document.querySelectorAll('.ways > .country')].filter((each) => each.checkVisibility()).map((each) => each.dataset.country),
  heads: [...document.querySelectorAll('.laws thead th')].filter((each) => each.checkVisibility()).length - 1,
  wide: document.documentElement.scrollWidth,
})"""


@pytest.mark.browser
def test_one_country_is_shown_on_request_and_the_saved_table_follows(visit):
    page = visit("comparison.ipynb").page
    assert page.evaluate(SHOWN)["heads"] == 3
    page.check('input[name="country"][value="ITA"]')
    assert page.evaluate(SHOWN)["ways"] == ["ITA"] and "country=ITA" in page.url
    assert page.locator(".features thead th:visible").all_inner_texts()[:2] == ["Provision", "Italy"]
    table = Panel("comparison").to_csv("country=ITA")
    assert 1 < table.count("\n") < Panel("comparison").to_csv("").count("\n")
    page.go_back()
    assert page.evaluate(SHOWN)["ways"] == ["FRA", "ITA", "SVK"]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """The page of a made study of ten countries."""
    folder = make_second_study(tmp_path_factory.mktemp("many") / "study")
    more = ("BOL", "BRA", "CHL", "ECU", "GUY", "PER", "PRY", "URY")
    settings = folder / "study.toml"
    named = ", ".join(f'"{code}"' for code in ("COL", "VEN", *more))
    settings.write_text(settings.read_text("utf-8").replace('["COL", "VEN"]', f"[{named}]", 1), "utf-8")
    for name in ("places", "pathways", "provisions"):
        path = folder / f"tables/{name}.csv"
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        own = table[table["country_code"] == "COL"]
        own = own[own["kind"] == "country"] if name == "places" else own
        kept = {"provision_id": ""} if name == "pathways" else {}
        copies = [
            own.assign(id=[f"{key}-{code.lower()}" for key in own["id"]], country_code=code, **kept) for code in more
        ]
        pd.concat([table, *copies]).to_csv(path, index=False)
    path = folder / "comparison.html"
    material = open_material(folder)
    path.write_text(render("comparison", material, study_words(material.study, "en")).html, encoding="utf-8")
    return path


@pytest.mark.browser
def test_of_ten_countries_three_stand_first_and_a_reader_chooses_up_to_four(many, open_visit):
    opened = open_visit(many.as_uri())
    page = opened.page
    resize(page, 1280)
    found = page.evaluate(SHOWN)
    assert found == {"ways": ["COL", "VEN", "BOL"], "heads": 3, "wide": 1280}
    for code in ("COL", "ECU", "PER", "URY"):
        page.check(f'input[name="country"][value="{code}"]')
    found = page.evaluate(SHOWN)
    assert found == {"ways": ["COL", "ECU", "PER", "URY"], "heads": 4, "wide": 1280}
    assert page.locator('input[name="country"]:disabled').count() == 6
    assert opened.too_wide() == []
    choices = 'form:has(input[name="country"])'
    assert page.locator(choices).count() == 1 and axe_finds(page, None if NIGHTLY else choices) == []


@pytest.mark.browser
def test_every_step_of_a_way_opens_below_itself_by_keyboard_with_its_source(visit, study):
    page = visit("comparison.ipynb").page
    steps = page.locator(".ways .step button[data-pick]")
    wanted = sum(provisions.pathway(study, code).number_of_edges() for code in ("FRA", "ITA", "SVK"))
    assert steps.count() == wanted
    for place in (0, wanted // 2, wanted - 1):
        steps.nth(place).focus()
        page.keyboard.press("Enter")
        panel = page.locator('.ways .step [data-panel="ways"]')
        assert panel.locator("h3").inner_text().endswith(f"→ {steps.nth(place).inner_text()}")
        assert panel.locator("a.source").count() > 0
    page.click('[data-panel="ways"] a.source >> nth=0')
    assert "EX-CHANGE" in page.inner_text(".sources .found")


@pytest.mark.browser
def test_a_step_marks_the_station_that_it_leads_to(visit):
    page = visit("comparison.ipynb").page
    for width in WIDTHS:
        resize(page, width)
        steps_mark_their_stations(page)


def steps_mark_their_stations(page):
    steps = page.locator(".ways .step")
    for place in (0, steps.count() // 2, steps.count() - 1):
        step = steps.nth(place)
        step.hover()
        reached = page.locator(".station.reached")
        assert reached.count() == 1
        assert reached.locator("b").first.inner_text() == step.locator("button").inner_text()
    page.locator("h1").hover()
    assert page.locator(".station.reached").count() == 0


@pytest.mark.browser
def test_the_saved_ways_hold_every_station_and_condition_inside_the_picture(visit):
    page = visit("comparison.ipynb?country=ITA").page
    for width in (390, 1280):
        resize(page, width)
        saved_ways_hold_what_is_shown(page)


def saved_ways_hold_what_is_shown(page):
    with page.expect_download() as saved:
        page.click('[data-picture="law-ways"][data-kind="svg"]')
    drawing = lxml.etree.parse(saved.value.path()).getroot()
    told = " ".join(" ".join(drawing.itertext()).split()).replace("- ", "-")
    shown = page.locator('.country[data-country="ITA"] :is(.station b, .step button, .step .meta)').all_inner_texts()
    assert len(shown) > 40 and [text for text in shown if " ".join(text.split()).replace("- ", "-") not in told] == []
    assert "EX-CHANGE" in told and "§" in told
    assert "France" not in [text.text for text in drawing.iter("{*}text")]
    assert page.locator("svg text").count() == 0


@pytest.mark.browser
def test_back_steps_through_what_was_chosen(visit):
    page = visit("comparison.ipynb").page
    page.click('button[data-pick="feature:reflection-period"]')
    page.locator(".laws button").first.click()
    page.go_back()
    assert page.locator("tr.opened h3").inner_text() == "Reflection period"
    page.go_back()
    assert page.locator("tr.opened").count() == 0 and page.locator(".selected").count() == 0
    page.go_forward()
    assert page.locator("tr.opened h3").inner_text() == "Reflection period"
