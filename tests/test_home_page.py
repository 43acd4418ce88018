"""The home page: findings with the drawings that prove them, what stands behind each, and the menu of all pages."""

import re

import pytest
from conftest import NIGHTLY, ROOT, axe_finds, resize

from research_lib import open_study
from research_lib.evidence.new_study import new_study
from research_lib.show.material import open_material
from research_lib.show.pages.home.findings_shown import shown_findings
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

STUDIES = ("data", "tests/orinoco")


@pytest.fixture(scope="module", params=STUDIES)
def material(request):
    return open_material(ROOT / request.param)


@pytest.fixture(scope="module", params=["en", "fr"])
def findings(request, material):
    return shown_findings(material.study, study_words(material.study, request.param))


def test_a_finding_holds_the_drawing_that_the_settings_name(material, findings):
    assert [each.drawing for each in findings] == [each.drawing for each in material.study.settings.findings]
    assert all(each.drawn for each in findings)


def test_findings_of_the_report_are_drawn_from_its_tables():
    study = open_study(ROOT / "data")
    found = {each.id: each for each in shown_findings(study, study_words(study, "en"))}
    ways = found["papers"].drawn["ways"]
    assert [(way.name, " → ".join(way.stops), way.statuses) for way in ways] == [
        ("With papers", "China → France, Italy", ("regular",)),
        ("With papers, then smuggled", "China → Eastern Europe → France, Italy", ("regular", "irregular")),
        ("Smuggled", "China → France, Italy, Western Europe", ("irregular",)),
    ]
    assert all(way.is_joining for way in ways) and found["papers"].drawn["later"].startswith("Once visas ran out")
    assert found["papers"].counts == {"ways": 3, "said": "researchers · stated without reserve"}
    assert [(row.name, row.amount, row.above, row.unnumbered) for row in found["dongbei"].drawn["rows"]] == [
        ("Paris", "35–45", "or older", ""),
        ("France, Italy", "35–40", "", ""),
        ("Turin", "40–50", "", "the first girls met seemed extremely young: no figure"),
    ]
    assert [(row.bar.start, row.bar.end) for row in found["dongbei"].drawn["rows"]] == [(50, 70), (50, 60), (60, 80)]
    assert found["dongbei"].drawn["ticks"] == ["10", "20", "30", "40", "50", "60"]
    assert [card.certainty for card in found["trafficking"].drawn] == [
        *("conclusion", "anecdotal", "stated", "hypothesis")
    ]
    ladders = found["network"].drawn
    assert [ladder.organiser for ladder in ladders] == ["kin", "agency"]
    assert [ladder.steps[-1][1] for ladder in ladders] == ["hypothesis"] * 2
    assert found["trust"].counts == {"dated": 4, "undated": 4}
    assert [(each.year, each.span) for each in found["trust"].drawn] == [(2000, 3), (2003, 2), (2005, 1), (2006, 1)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_numbers_in_the_title_of_a_finding_stand_in_its_drawing(study, bundle, language):
    html = bundle.document("home", language)
    shown = re.findall(r'-title">([^<]+)</h2>.*?<div class="drawn-as ([\w-]+)">(.*?)<p class="note', html, re.DOTALL)
    assert len(shown) == len(study.settings.findings)
    for title, drawing, drawn in shown:
        assert drawing == "statements" or numbers_in(title) <= numbers_in(re.sub("<[^>]+>", " ", drawn))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_few_words_for_a_claim_are_those_of_a_claim_that_is_drawn_and_keep_its_doubts(study, language):
    words = study_words(study, language)
    short = {key.split(".")[1]: text for key, text in words.phrases.items() if re.match(r"claims\..*\.short", key)}
    claims = {claim for finding in study.settings.findings for claim in finding.claims}
    assert short.keys() <= claims and len(short) == 10
    told = study["claims"].set_index("id").loc[[*short]]
    doubts = re.compile("would|perhaps|Perhaps|rait|Peut-être")
    assert {key for key, text in short.items() if doubts.search(text)} == {
        *told[told["certainty"] == "hypothesis"].index
    }
    assert all(len(text) < 140 for text in short.values())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_third_question_of_the_title_is_answered_above_all_findings(study, bundle, language):
    html = bundle.document("home", language)
    answer = re.search(r'<p class="answer">(.*?)</p>', html.replace("&#39;", "'"))
    number = 1 + [each.id for each in study.settings.findings].index("trafficking")
    assert answer.start() < html.index('<section class="findings"') and numbers_in(answer[1]) == {str(number)}
    assert {"en": "As for now", "fr": "Pour l'heure"}[language] in answer[1]


def numbers_in(text):
    return {*re.findall(r"\d+", text)}


def test_a_finding_without_a_drawing_says_how_certain_its_statements_are(tmp_path):
    folder = new_study(tmp_path / "study", countries=["ITA", "NGA"])
    path = folder / "study.toml"
    finding = re.sub(r"^# (?=\[\[|\w+ = )", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(finding, encoding="utf-8")
    html = render("home", open_material(folder), study_words(open_study(folder), "en")).html
    assert (
        "<b>Mode of entry: not stated</b><br>Example" in html
        and "Nigeria<" in html
        and "Example town<" in html
        and 'class="finding"' in html
    )
    path.write_text(finding.replace("drawing =", "# drawing ="), encoding="utf-8")
    html = render("home", open_material(folder), study_words(open_study(folder), "en")).html
    assert 'class="finding undrawn"' in html and "(1 statement)" in html and 'class="proof"' not in html


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('drawing = "timeline"', "study.toml findings.drawing: 'timeline' is not a drawing of a finding"),
        ('drawing = "statement"', "; the nearest is 'statements'"),
        ('figures = ["f-99"]', "study.toml findings.figures: 'f-99' is not a figure"),
        ('drawing = "figure-ranges"', "'one' draws figure-ranges, which takes figures of one unit"),
    ],
)
def test_a_drawing_that_cannot_be_drawn_is_a_problem(tmp_path, lines, problem):
    folder = new_study(tmp_path / "study", countries=["ITA", "NGA"])
    with (folder / "study.toml").open("a") as settings:
        settings.write(f'\n[[findings]]\nid = "one"\nclaims = ["c-example"]\n{lines}\n')
    assert any(problem in str(found) for found in open_study(folder).problems())


@pytest.fixture(scope="module")
def html(material, bundle, second_page):
    return bundle.document("home", "en") if material.study.path == ROOT / "data" else second_page("home")


def test_each_finding_has_its_number_so_that_a_text_may_name_it(material, html):
    said = re.findall(r'<p class="nth">(.*?)</p>', html)
    count = len(material.study.settings.findings)
    assert said == [f"Finding {place} of {count}" for place in range(1, count + 1)]
    named = [int(number) for number in re.findall(r"\(finding (\d+)\)", html)]
    assert all(number <= count for number in named)


def test_synthetic_interviews_stand_apart_in_the_menu(html):
    menu = html[html.index('<header class="masthead"') : html.index("</header>")]
    apart = menu[menu.index("<details>") : menu.index("</details>")]
    wide, phone = menu.split('<nav class="phone"')
    assert ("Interviews (synthetic)" in apart) == ("cases.ipynb" in html) == ("Interviews (synthetic)" in phone)
    assert "For researchers" in apart and "cases.ipynb" not in wide.replace(apart, "")


def test_the_head_says_what_a_page_is(html):
    head = html[: html.index("</head>")]
    lede = re.search(r'<p class="lede">(.*?)</p>', html)[1]
    assert (
        f'<meta name="description" content="{lede}">' in head
        and f'<meta property="og:description" content="{lede}">' in head
    )
    assert '<link rel="icon" href="data:image/svg+xml,%3Csvg' in head and 'property="og:title"' in head


def test_a_card_leads_to_its_statement_on_a_server_only(material, html):
    alone = render("home", material, study_words(material.study, "en"), standalone=True).html
    assert "evidence.ipynb?statement=c-" in html and "evidence.ipynb" not in alone
    assert "data-copy=" in html and "data-copy=" not in alone.split("<script")[0]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_laptop_shows_all_findings_on_the_first_screen_and_a_phone_its_first_way(visit, language):
    page = visit(f"home.ipynb?lang={language}").page
    resize(page, 1280, 720)
    links = page.locator(".others a")
    assert links.all_inner_texts() == page.locator(".finding h2").all_inner_texts()[1:]
    assert all(box["y"] + box["height"] < 340 for box in (link.bounding_box() for link in links.all()))
    page.focus(".others li:last-child a")
    page.keyboard.press("Enter")
    last = page.locator(".finding").last
    assert 0 <= last.bounding_box()["y"] < 720 and page.evaluate("document.activeElement.id") == last.get_attribute(
        "id"
    )
    resize(page, 390, 844)
    page.evaluate("scrollTo(0, 0)")
    assert not page.locator(".others").is_visible()
    assert page.locator(".way .line").first.bounding_box()["y"] < 824


@pytest.mark.browser
def test_the_first_screen_shows_title_sentence_and_picture(visit):
    opened = visit("home.ipynb")
    assert opened.too_wide() == []
    for width, height in ((1280, 720), (390, 844)):
        resize(opened.page, width, height)
        picture = opened.page.locator(".drawn-as").first
        assert picture.bounding_box()["y"] < height * 0.9
        sizes = opened.page.evaluate(
            "[...document.querySelectorAll('.drawn-as *')].map((mark) => parseFloat(getComputedStyle(mark).fontSize))"
        )
        assert min(sizes) >= 14
    assert opened.complaints == []


PLACES = """(selector) => [...document.querySelectorAll(selector)].map((mark) => {
  const { left, right, top, bottom } = mark.getBoundingClientRect();
  return { left, right, top, bottom };
})"""


@pytest.mark.browser
def test_ways_that_become_irregular_run_into_one_box_and_ladders_end_on_one_height_where_there_is_room(visit):
    page = visit("home.ipynb?lang=fr").page
    for width in (390, 1280):
        resize(page, width, 844)
        ways_run_into_one_box(page, 1 if width == 1280 else 2)


def ways_run_into_one_box(page, heights):
    lines, turns, joined = (page.evaluate(PLACES, f".way {kind}") for kind in (".line", ".turn", ".joined"))
    (arrow,), (box,) = (page.evaluate(PLACES, f".ways-of-entry > {kind}") for kind in (".arrow", ".box"))
    assert len(lines) == len(turns) == 3 and len({mark["right"] for mark in joined}) == 1
    for line, turn in zip(lines, turns, strict=True):
        assert turn["left"] == pytest.approx(line["right"], abs=1) and line["top"] <= turn["top"] <= line["bottom"]
    for mark, below in zip(joined, [*joined[1:], arrow], strict=True):
        assert mark["bottom"] >= below["top"] - 1
    assert arrow["bottom"] == pytest.approx(box["top"], abs=1)
    assert (arrow["left"] + arrow["right"]) / 2 == pytest.approx(joined[0]["right"], abs=1)
    last = page.evaluate(PLACES, ".ladder > .box")
    assert len({round(step["top"]) for step in last}) == heights


@pytest.mark.browser
def test_years_are_to_scale_and_bars_lie_on_theirs(visit):
    page = visit("home.ipynb").page
    for width in (390, 1280):
        resize(page, width, 844)
        years_are_to_scale(page)


def years_are_to_scale(page):
    first, second, third, last = (place["top"] for place in page.evaluate(PLACES, ".axis .dot"))
    assert (second - first) / 3 == pytest.approx((third - second) / 2, abs=1)
    assert third - second == pytest.approx(2 * (last - third), abs=1)
    assert page.locator(".axis .arrow").count() == 2
    ticks = [(place["left"] + place["right"]) / 2 for place in page.evaluate(PLACES, ".ticks span")]
    bars = page.evaluate(PLACES, ".ranged .range")
    ages = [(10 + 50 * (bar[end] - ticks[0]) / (ticks[-1] - ticks[0])) for bar in bars for end in ("left", "right")]
    assert ages == pytest.approx([35, 45, 35, 40, 40, 50], abs=0.5)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_menu_of_a_phone_names_its_page_unfolds_by_keyboard_and_needs_no_script(browser, served, language):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{served}/voila/render/about.ipynb?lang={language}", wait_until="load")
    menu, summary = page.locator(".masthead nav:visible").last, page.locator(".masthead summary:visible")
    name = {"en": "About and glossary", "fr": "À propos et glossaire"}[language]
    assert summary.inner_text().split("\n") == ["Pages", name] and menu.locator("a:visible").count() == 0
    assert page.locator("h1").bounding_box()["y"] < 125 and summary.bounding_box()["height"] >= 44
    summary.focus()
    page.keyboard.press("Enter")
    links = menu.locator("a:visible")
    boxes = [link.bounding_box() for link in links.all()]
    assert len(boxes) > 8 and all(box["height"] >= 44 and box["x"] + box["width"] <= 390 for box in boxes)
    assert menu.locator('[aria-current="page"]').inner_text() == name
    resize(page, 600, 844)
    assert page.locator(".masthead nav:visible").count() == 2 and menu.locator("details").count() == 1
    assert not page.locator(".masthead nav.phone").is_visible()
    resize(page, 390, 844)
    page.emulate_media(media="print")
    assert page.locator(".masthead nav:visible").count() == 0
    context.close()


@pytest.mark.browser
def test_the_open_menu_of_a_phone_is_no_barrier(visit):
    page = visit("home.ipynb").page
    resize(page, 390, 844)
    page.click(".masthead .phone summary")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert axe_finds(page, None if NIGHTLY else ".masthead") == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.browser
def test_a_narrow_menu_shows_the_name_of_its_page(visit):
    page = visit("about.ipynb").page
    resize(page, 600, 844)
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    here = page.locator('.masthead .wide [aria-current="page"]').bounding_box()
    assert here["x"] >= 0 and here["x"] + here["width"] <= 600


def test_every_page_leads_to_whom_to_call(material, html):
    assert ('#contacts">Whom to call today</a>' in html[html.index("<footer") :]) == bool(
        len(material.study["contacts"])
    )


@pytest.mark.browser
def test_a_drawing_and_the_statements_are_saved_without_a_kernel(visit):
    page = visit("home.ipynb?lang=fr").page
    with page.expect_download() as saved:
        page.locator("[data-picture=finding-network]").first.click()
    picture = saved.value.path().read_text(encoding="utf-8")
    assert saved.value.suggested_filename == "finding-network.svg" and "La famille" in picture
    assert "class=" not in picture and "rgb(50, 120, 96)" in picture
    with page.expect_download() as saved:
        page.click("[data-download]")
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Constat,Identifiant,") and any("f-3-3-2-a-07" in line for line in lines)


@pytest.mark.browser
def test_an_address_names_a_finding(visit):
    page = visit("home.ipynb#finding-trust").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#finding-trust [data-copy]").click()
    page.get_by_text("Copied.", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("home.ipynb#finding-trust")
    page.goto(page.url.split("#")[0] + "#finding-trust")
    assert page.evaluate("document.querySelector('#finding-trust').getBoundingClientRect().top") < 60
