"""The home page: findings with the drawings that prove them, what stands behind each, and the menu of all pages."""

import re
from collections import Counter
from itertools import combinations

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT

from research_lib import open_study
from research_lib.compare.routes import leg_table
from research_lib.evidence.new_study import new_study
from research_lib.show.drawing.findings.dated_statements import Dated, draw_dated
from research_lib.show.drawing.findings.figure_ranges import Range, draw_ranges
from research_lib.show.drawing.findings.sketch import LINE, SIZE, WIDTHS, wide
from research_lib.show.drawing.findings.steps_by_organiser import Steps, draw_steps, steps_by
from research_lib.show.drawing.organiser_panels import organiser_of
from research_lib.show.material import open_material
from research_lib.show.pages.home.home_page import home_page
from research_lib.show.pages.shared.default_journeys import shown_journeys
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

STATUSES = {"regular": "with papers", "irregular": "without", "not-stated": "not stated"}
STUDIES = ("data", "tests/orinoco")
HUES = ("kin", "agency", "smuggler", "herself", "own", "unnamed")


@pytest.fixture(scope="module", params=STUDIES)
def material(request):
    return open_material(ROOT / request.param)


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request, material):
    return home_page(material.study, material.geography, study_words(material.study, request.param))


def squares(sketch, status):
    return [mark for mark in sketch.marks if mark.look.startswith(f"square {status} ")]


def rows(text):
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def test_a_square_is_a_step():
    table = rows("""
        kin      | regular
        kin      | not-stated
        kin      | not-stated
        smuggler | irregular
    """)
    counts = steps_by(*zip(*table, strict=True))
    assert counts == {"kin": {"regular": 1, "not-stated": 2}, "smuggler": {"irregular": 1}}
    found = draw_steps([Steps(code, code, counts[code]) for code in counts], STATUSES, 300)
    assert [len(squares(found, status)) for status in STATUSES] == [1, 1, 2]
    assert found.spoken == "kin: 1 with papers, 2 not stated; smuggler: 1 without"
    assert [text.text for text in found.texts].count("–") == 3


def test_squares_begin_another_line_inside_their_column():
    found = draw_steps([Steps("kin", "kin", {"regular": 40, "irregular": 1})], STATUSES, 300)
    lefts = [float(re.match(r"M([\d.]+)", mark.path)[1]) for mark in squares(found, "regular")]
    assert len(lefts) == 40 and max(lefts) < 100 - 8


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
    assert [mark.path for mark in found.marks if mark.look == "range"] == ["M16 61H524v12H16z"]
    assert found.spoken == "Paris: 10–60 years"
    heights = {text.text: text.y for text in found.texts}
    assert heights["60.0"] < heights["Paris"] < 61 < heights["said"] < heights["police"]


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


def test_texts_of_drawings_lie_inside_and_never_on_each_other(page):
    for finding in page.findings:
        for sketch in finding.sketches:
            boxes = [box(text) for text in sketch.texts if text.text]
            assert all(left >= -1 and right <= sketch.width + 1 for left, _, right, _ in boxes), finding.id
            assert all(top >= -LINE and bottom <= sketch.height + 4 for _, top, _, bottom in boxes), finding.id
            for one, other in combinations(boxes, 2):
                is_apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] + 2 or other[3] <= one[1] + 2
                assert is_apart, (finding.id, one, other)


def test_drawings_are_as_wide_as_they_are_shown_and_have_the_hues_of_organisers_only(page):
    for finding in page.findings:
        assert not finding.sketches or tuple(sketch.width for sketch in finding.sketches) == WIDTHS
        for mark in (mark for sketch in finding.sketches for mark in sketch.marks if mark.look.startswith("square")):
            assert mark.look.split()[-1] in HUES


def test_a_finding_holds_the_drawing_that_the_settings_name(material, page):
    assert [each.drawing for each in page.findings] == [each.drawing for each in material.study.settings.findings]
    assert len(page.findings[0].sketches) == 2


def test_findings_of_the_report_are_drawn_from_its_tables():
    study = open_study(ROOT / "data")
    material = open_material(ROOT / "data")
    found = {each.id: each for each in home_page(study, material.geography, study_words(study, "en")).findings}
    assert (
        "Smugglers and criminal organisations\u00a0·\u00a018: 17 irregular, 1 not stated"
        in found["papers"].sketches[0].spoken
    )
    assert "Nobody named\u00a0·\u00a031" in found["papers"].sketches[0].spoken
    assert found["dongbei"].sketches[0].spoken == (
        "Paris: 35–45 years of age, or older; France, Italy: 35–40 years of age; "
        "Turin: 40–50 years of age, the first girls met seemed extremely young: no figure"
    )
    assert [card.certainty for card in found["trafficking"].statements] == [
        *("conclusion", "anecdotal", "stated", "hypothesis")
    ]
    assert [panel.id for panel in found["network"].panels.panels] == ["kin", "agency"]
    assert found["trust"].counts == {"dated": 4, "undated": 4}
    assert re.findall(r"(?:^|; )(\d{4}):", found["trust"].sketches[0].spoken) == ["2000", "2003", "2005", "2006"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_numbers_in_the_title_of_a_finding_stand_in_its_drawing(language):
    material = open_material(ROOT / "data")
    findings = home_page(material.study, material.geography, study_words(material.study, language)).findings
    for finding in findings:
        drawn = {number for sketch in finding.sketches for text in sketch.texts for number in numbers_in(text.text)}
        assert not finding.sketches or numbers_in(finding.title) <= drawn
    papers = findings[0]
    irregular = Counter(mark.look.split()[-1] for mark in squares(papers.sketches[0], "irregular"))
    assert {str(count) for count in irregular.values()} == numbers_in(papers.title)
    assert irregular["smuggler"] == 17 and irregular["unnamed"] == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_above_the_squares_stands_on_how_many_statements_those_of_smugglers_rest(language):
    study = open_study(ROOT / "data")
    legs = leg_table(study)
    legs = legs[legs["kind"].isin(shown_journeys(study)) & legs["legal_status"].eq("irregular")]
    legs = legs[legs["actor"].map(organiser_of) == "smuggler"]
    statements = {claim for row in legs["claim_id"] for claim in row}
    words = study_words(study, language)
    said, text = (words(f"finding.papers.{name}") for name in ("above", "text"))
    assert numbers_in(said) == {str(len(legs)), str(len(statements))} == {"17", "4"}
    minority = study["claims"].set_index("id").loc["c-3-3-1-c-07", "text"]
    assert "stayed a minority" in minority and ("minority" in text or "minorité" in text)


def test_one_line_stands_above_the_squares_and_their_counts_below(material, html):
    first = html[html.index('<figure class="proof">') : html.index("</figure>")]
    above, below = first.split('<div class="sketches">')
    said = {
        "data": "One square is one described step, and more squares are not more people: "
        "17 irregular squares rest on 4 statements.",
        "orinoco": "One square is one described step of a journey, not a person.",
    }[material.study.path.name]
    assert re.findall(r'<p class="(?:above|caption)">(.*?)</p>', above) == [said] and html.count(said) == 1
    steps, parts = re.search(r"Steps, to any country: (\d+) \((.*?)\)\.", below).groups()
    assert int(steps) == sum(int(part) for part in re.findall(r"(?:^|; )(\d+) ", parts)) > 0


def numbers_in(text):
    return {*re.findall(r"\d+", text)}


def test_a_finding_without_a_drawing_says_how_certain_its_statements_are(tmp_path):
    folder = new_study(tmp_path / "study", countries=["ITA", "NGA"])
    path = folder / "study.toml"
    finding = re.sub(r"^# (?=\[\[|\w+ = )", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(finding, encoding="utf-8")
    html = render("home", open_material(folder), study_words(open_study(folder), "en")).html
    assert "Nobody named\u00a0·\u00a01: 1 not stated" in html and 'class="finding"' in html
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
def test_a_laptop_shows_all_findings_on_the_first_screen_and_a_phone_its_first_squares(visit, language):
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
    assert page.locator(".proof .sketch:visible .square").first.bounding_box()["y"] < 824


@pytest.mark.browser
def test_the_first_screen_shows_title_sentence_and_picture_and_nothing_is_a_barrier(visit):
    opened = visit("home.ipynb")
    assert opened.too_wide() == [] and opened.barriers() == []
    for width, height in ((1280, 720), (390, 844)):
        opened.page.set_viewport_size({"width": width, "height": height})
        picture = opened.page.locator(".proof .sketch:visible").first
        assert picture.bounding_box()["y"] < height * 0.9
        sizes = opened.page.evaluate(
            """() => [...document.querySelectorAll(".sketch text")].filter((text) => text.getClientRects().length)
            .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""
        )
        assert min(sizes) >= 12
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
        page.locator("[data-picture]").first.click()
    picture = saved.value.path().read_text(encoding="utf-8")
    assert saved.value.suggested_filename == "finding-papers.svg" and "La famille\u00a0·\u00a06" in picture
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
