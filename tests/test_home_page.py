"""The home page: findings with the drawings that prove them, what stands behind each, and the menu of all pages."""

import re
from itertools import combinations

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT

from research_lib import open_study
from research_lib.evidence.new_study import new_study
from research_lib.show.material import open_material
from research_lib.show.pages.home.finding_drawings import (
    Dated,
    Ladder,
    Range,
    Way,
    draw_dated,
    draw_ladders,
    draw_ranges,
    draw_ways,
)
from research_lib.show.pages.home.findings_shown import shown_findings
from research_lib.show.pages.shared.sketch import LINE, SIZE, WIDTHS, Said, wide
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

STUDIES = ("data", "tests/orinoco")


@pytest.fixture(scope="module", params=STUDIES)
def material(request):
    return open_material(ROOT / request.param)


@pytest.fixture(scope="module", params=["en", "fr"])
def findings(request, material):
    return shown_findings(material.study, study_words(material.study, request.param))


WAYS = (
    Way(Said("With papers", "Most"), ("China", "Italy"), ("regular",), is_joining=True),
    Way(Said("Then smuggled", "Some"), ("China", "Kyiv", "Italy"), ("regular", "irregular"), is_joining=True),
    Way(Said("To stay", "A few"), ("China", "Italy"), ("regular",), is_joining=False),
)


def looks(sketch, kind):
    return [mark.look.removeprefix("box ") for mark in sketch.marks if kind in mark.look.split()]


@pytest.mark.parametrize("width", WIDTHS)
def test_each_way_has_a_line_and_those_that_become_irregular_run_into_one_box(width):
    found = draw_ways(WAYS, Said("Irregular stay", "Visas ran out"), width)
    parts = ["way regular", "way regular", "way irregular", "way regular", "way joined", "way joined"]
    assert looks(found, "way") == parts and looks(found, "box") == ["later"]
    assert found.spoken.startswith("With papers: China → Italy. Most; Then smuggled: China → Kyiv → Italy. Some;")
    joined = [mark.path for mark in found.marks if mark.look == "way joined"]
    assert len({path.rpartition("V")[2] for path in joined}) == 1
    assert looks(draw_ways(WAYS, None, width), "way") == parts[:4] and not looks(draw_ways(WAYS, None, width), "box")


def test_ladders_end_on_one_height_side_by_side_and_stand_below_each_other_where_there_is_no_room():
    steps = ((Said("", "Help"), "stated"), (Said("A hypothesis", "Less risk"), "hypothesis"))
    ladders = [Ladder("Kin", "Some", "kin", steps), Ladder("Agency", "Others", "agency", (steps[0], *steps))]
    narrow, wide = (draw_ladders(ladders, width) for width in WIDTHS)
    for drawn, heights in ((narrow, 2), (wide, 1)):
        risks = [text.y for text in drawn.texts if text.text == "Less risk"]
        assert len(risks) == 2 and len({*risks}) == heights
    assert looks(wide, "step") == ["step stated", "step hypothesis", "step stated", "step stated", "step hypothesis"]
    assert wide.spoken == "Kin: Help → A hypothesis Less risk; Agency: Help → Help → A hypothesis Less risk"


@pytest.mark.parametrize(
    ("low", "high", "is_about", "looks"),
    [
        (35, 45, False, ["range"]),
        (35, 45, True, ["range about"]),
        (40, 40, False, ["range"]),
        (40, None, False, ["end", "open"]),
        (None, 30, False, ["end", "open"]),
    ],
)
def test_a_range_stays_a_range_and_an_open_end_stays_open(low, high, is_about, looks):
    found = draw_ranges([Range("Paris", low, high, is_about, "so many", "said", "police")], (10, 60), "years", 540)
    assert [mark.look for mark in found.marks if mark.look not in ("rule", "tick")] == looks


@pytest.mark.parametrize("width", WIDTHS)
def test_words_say_what_lies_above_a_range_and_what_has_no_number(width):
    row = Range("Paris", 35, 45, False, "35–45", "said", "police", above="or older", unnumbered="the first: no figure")
    found = draw_ranges([row], (10, 60), "years", width)
    assert [mark.look for mark in found.marks if mark.look not in ("rule", "tick")] == ["unnumbered", "range", "above"]
    texts = [text.text for text in found.texts]
    assert {"35–45 or older", "?", "the first: no figure"} <= {*texts}
    assert found.spoken == "Paris: 35–45 years, or older, the first: no figure"


def test_a_bar_lies_on_its_scale():
    found = draw_ranges([Range("Paris", 10, 60, False, "10–60", "said", "police")], (10, 60), "years", 540)
    assert [mark.path for mark in found.marks if mark.look == "range"] == ["M16 63H524v12H16z"]
    assert found.spoken == "Paris: 10–60 years"
    heights = {text.text: text.y for text in found.texts}
    assert heights["60.0"] < heights["Paris"] < 63 < heights["said"] < heights["police"]


def test_years_are_to_scale_and_texts_stand_below_each_other():
    found = draw_dated(
        [Dated(year, year == 2003, "", "a text " * 20, "police") for year in (2005, 2000, 2003, 2003)], 300
    )
    years = [(text.text, text.y) for text in found.texts if text.look == "name"]
    assert [year for year, _ in years] == ["2000", "2003", "2005"]
    (_, first), (_, second), (_, third) = years
    assert (second - first) / 3 == pytest.approx((third - second) / 2)
    assert [mark.look for mark in found.marks].count("on") == 2 and found.spoken.startswith("2000: a text")


def box(text):
    width = wide(text)
    left = {"start": text.x, "middle": text.x - width / 2, "end": text.x - width}[text.anchor]
    return left, text.y - SIZE, left + width, text.y + 3


def test_texts_of_drawings_lie_inside_and_never_on_each_other(findings):
    for finding in findings:
        for sketch in finding.sketches:
            boxes = [box(text) for text in sketch.texts if text.text]
            assert all(left >= -1 and right <= sketch.width + 1 for left, _, right, _ in boxes), finding.id
            assert all(top >= -LINE and bottom <= sketch.height + 4 for _, top, _, bottom in boxes), finding.id
            for one, other in combinations(boxes, 2):
                is_apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] + 2 or other[3] <= one[1] + 2
                assert is_apart, (finding.id, one, other)


def test_drawings_are_as_wide_as_they_are_shown(findings):
    assert all(tuple(sketch.width for sketch in each.sketches) in (WIDTHS, ()) for each in findings)


def test_a_finding_holds_the_drawing_that_the_settings_name(material, findings):
    assert [each.drawing for each in findings] == [each.drawing for each in material.study.settings.findings]
    assert len(findings[0].sketches) == 2


def test_findings_of_the_report_are_drawn_from_its_tables():
    study = open_study(ROOT / "data")
    found = {each.id: each for each in shown_findings(study, study_words(study, "en"))}
    assert re.findall(r"(?:^|; )([^:;]+): ([^.]+)\.", found["papers"].sketches[0].spoken) == [
        ("With papers", "China → France, Italy"),
        ("With papers, then smuggled", "China → Eastern Europe → France, Italy"),
        ("Smuggled", "China → France, Italy, Western Europe"),
    ]
    assert found["papers"].counts == {"ways": 3, "said": "researchers · stated without reserve"}
    assert looks(found["papers"].sketches[0], "way").count("way joined") == 3
    assert found["dongbei"].sketches[0].spoken == (
        "Paris: 35–45 years of age, or older; France, Italy: 35–40 years of age; "
        "Turin: 40–50 years of age, the first girls met seemed extremely young: no figure"
    )
    assert [card.certainty for card in found["trafficking"].statements] == [
        *("conclusion", "anecdotal", "stated", "hypothesis")
    ]
    assert looks(found["network"].sketches[1], "organiser") == ["organiser kin", "organiser agency"]
    assert looks(found["network"].sketches[1], "step")[1::4] == ["step hypothesis"] * 2
    assert found["trust"].counts == {"dated": 4, "undated": 4}
    assert re.findall(r"(?:^|; )(\d{4}):", found["trust"].sketches[0].spoken) == ["2000", "2003", "2005", "2006"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_numbers_in_the_title_of_a_finding_stand_in_its_drawing(language):
    material = open_material(ROOT / "data")
    findings = shown_findings(material.study, study_words(material.study, language))
    for finding in findings:
        drawn = {number for sketch in finding.sketches for text in sketch.texts for number in numbers_in(text.text)}
        assert not finding.sketches or numbers_in(finding.title) <= drawn


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
def test_the_third_question_of_the_title_is_answered_above_all_findings(language):
    material = open_material(ROOT / "data")
    html = render("home", material, study_words(material.study, language)).html
    answer = re.search(r'<p class="answer">(.*?)</p>', html.replace("&#39;", "'"))
    number = 1 + [each.id for each in material.study.settings.findings].index("trafficking")
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
    assert "Not stated: Nigeria → Example town. Example" in html and 'class="finding"' in html
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
def html(material):
    return render("home", material, study_words(material.study, "en")).html


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
    page.set_viewport_size({"width": 1280, "height": 720})
    links = page.locator(".others a")
    assert links.all_inner_texts() == page.locator(".finding h2").all_inner_texts()[1:]
    assert all(box["y"] + box["height"] < 340 for box in (link.bounding_box() for link in links.all()))
    page.focus(".others li:last-child a")
    page.keyboard.press("Enter")
    last = page.locator(".finding").last
    assert 0 <= last.bounding_box()["y"] < 720 and page.evaluate("document.activeElement.id") == last.get_attribute(
        "id"
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 0)")
    assert not page.locator(".others").is_visible()
    assert page.locator(".proof .sketch:visible .way").first.bounding_box()["y"] < 824


@pytest.mark.browser
def test_the_first_screen_shows_title_sentence_and_picture(visit):
    opened = visit("home.ipynb")
    assert opened.too_wide() == []
    for width, height in ((1280, 720), (390, 844)):
        opened.page.set_viewport_size({"width": width, "height": height})
        picture = opened.page.locator(".proof .sketch:visible").first
        assert picture.bounding_box()["y"] < height * 0.9
        sizes = opened.page.evaluate(
            """() => [...document.querySelectorAll(".sketch text")].filter((text) => text.getClientRects().length)
            .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""
        )
        assert round(min(sizes), 1) >= (14 if width == 1280 else 12)
    assert opened.complaints == []


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
    page.set_viewport_size({"width": 600, "height": 844})
    assert page.locator(".masthead nav:visible").count() == 2 and menu.locator("details").count() == 1
    assert not page.locator(".masthead nav.phone").is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(media="print")
    assert page.locator(".masthead nav:visible").count() == 0
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_menu_of_a_phone_is_no_barrier(visit, scheme):
    opened = visit("home.ipynb")
    opened.page.set_viewport_size({"width": 390, "height": 844})
    opened.page.emulate_media(color_scheme=scheme)
    opened.page.click(".masthead .phone summary")
    assert [rule["id"] for rule in Axe().run(opened.page).response["violations"]] == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.browser
def test_a_narrow_menu_shows_the_name_of_its_page(visit):
    page = visit("about.ipynb").page
    page.set_viewport_size({"width": 600, "height": 844})
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
