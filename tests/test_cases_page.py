"""The case-level page: every cell of the release, nothing that is not in it, and synthetic wherever it goes."""

import csv
import io
import re
import shutil
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from research_lib.disclosure.released import ReleaseError, open_release
from research_lib.disclosure.released_shares import shares
from research_lib.methods.missing import NO_ANSWER
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.show import Panel
from research_lib.show.material import newest_release
from research_lib.show.pages.cases.answered import answered
from research_lib.show.pages.cases.cases_drawing import draw_bars, draw_grid, drawn_countries
from research_lib.show.pages.cases.cases_page import cases_page
from research_lib.show.site.export import export_page
from research_lib.show.words import study_words, words

FOLDER = ROOT / "data/released/synthetic-demonstration"
COUNTS = st.lists(st.one_of(st.none(), st.integers(0, 60).map(lambda n: 5 * n)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def released():
    return open_release(FOLDER)


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request, released, study):
    return cases_page(released, study_words(study, request.param))


@pytest.fixture(scope="module")
def english(released, study):
    return cases_page(released, study_words(study, "en"))


class Tables(HTMLParser):
    """Reads, of a document, the cells of each chart's table and of its drawing."""

    def __init__(self, html):
        super().__init__()
        self.charts, self.cells, self.inside = {}, None, ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "template" and "data-chart" in attributes:
            self.cells = self.charts.setdefault(attributes["data-chart"], [])
        if tag == "td" and "data-status" in attributes and self.cells is not None:
            self.inside = attributes["data-status"]
            self.cells.append((self.inside, ""))

    def handle_endtag(self, tag):
        self.inside = "" if tag == "td" else self.inside
        self.cells = None if tag == "template" else self.cells

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] = (self.inside, self.cells[-1][1] + data)


# ---- shares


def test_wilsons_interval_is_that_of_the_published_example():
    """Newcombe (1998), Two-sided confidence intervals for the single proportion, table I: 81 of 263 and 1 of 29."""
    assert wilson_interval(81, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(1, 29, 0.95) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_a_share_is_wilsons_interval_widened_by_rounding():
    first, second = shares([60, 35], rounding=5)
    assert (first.value, first.base) == (60 / 95, 95)
    assert (first.low, first.high) == (wilson_interval(58, 99, 0.95)[0], wilson_interval(62, 91, 0.95)[1])
    assert not first.is_of_shown and second.value == pytest.approx(1 - first.value)


@pytest.mark.parametrize(("counts", "given_"), [([60, None], [False, False]), ([60, None, 30], [True, False, True])])
def test_where_an_answer_is_hidden_a_share_is_only_of_those_shown(counts, given_):
    found = shares(counts, rounding=5)
    assert [share is not None for share in found] == given_
    assert all(share.is_of_shown and share.base == 90 for share in found if share)


@given(COUNTS)
def test_shares_hold_all_that_rounding_allows_and_sensitive_ones_are_never_certain(counts):
    for count, share, guarded in zip(
        counts, shares(counts, rounding=5), shares(counts, rounding=5, is_sensitive=True), strict=True
    ):
        assert (share is None) == (guarded is None)
        if share:
            assert count and 0 <= share.low <= share.value <= share.high <= 1
            assert 0.01 <= guarded.low <= guarded.value <= guarded.high <= 0.99


# ---- the view model is the release


def test_every_released_cell_is_on_the_page_as_it_was_released(page, released):
    found = {
        (row.table, cell.country, *row.values): (cell.count, cell.status)
        for chart in page.charts
        for row in chart.rows
        for cell in row.cells
    }
    expected = {}
    for name, frame in released.tables.items():
        keys = [column for column in frame if column not in ("count", "status", "is_synthetic")]
        for row in frame.to_dict("records"):
            count = None if row["status"] == "hidden" else int(row["count"])
            expected[(name, *(row[key] for key in keys))] = (count, row["status"])
    assert found == expected and len(expected) > 1000


def test_the_tables_in_the_document_are_the_release_too(bundle, english):
    charts = Tables(bundle.document("cases", "en")).charts
    assert list(charts) == [chart.id for chart in english.charts]
    for chart in english.charts:
        cells = [cell for row in chart.rows for cell in row.cells]
        assert len(cells) == len(charts[chart.id])
        for cell, (status, text) in zip(cells, charts[chart.id], strict=True):
            assert status == cell.status
            if status == "shown":
                assert re.match(rf"about {cell.count:,}(?: \(|$)", text)
            else:
                assert text == {"hidden": "hidden", "zero": "nobody"}[status]


def test_no_number_in_the_drawings_is_not_in_the_release(page):
    speech = words("en")
    for chart in page.charts:
        counts = {str(cell.count) for row in chart.rows for cell in row.cells if cell.status == "shown"}
        if chart.kind == "crossed":
            shown = [s for s in draw_grid(chart, page.countries, speech).squares if s.kind == "shown"]
            assert {square.text for square in shown} <= counts
            assert all(
                s.text in ("", "0") for s in draw_grid(chart, page.countries, speech).squares if s.kind != "shown"
            )
            continue
        marks = [m for line in draw_bars(chart, drawn_countries(page.countries), speech).lines for m in line.marks]
        for mark in marks:
            stated = re.search(r"about (\d+)", mark.text)
            if mark.kind in ("hidden", "zero"):
                assert not re.search(r"\d", mark.text) and not mark.low and not mark.high
            else:
                assert stated[1] in counts
            assert 0 <= mark.low <= mark.high <= 52 and mark.width <= 52


def test_how_many_answered_is_a_sum_of_released_cells(english, released):
    chart = next(chart for chart in english.charts if chart.id == "practice")
    said = dict(answered(chart, english.countries, words("en")))
    frame = released.tables["practice"].query("country_code == 'ITA'").set_index("practice")["count"].fillna(0)
    assert said["Italy"].startswith(
        f"About {frame[['now', 'past', 'never']].sum()} of about {frame.drop('not_applicable').sum()} answered, counting only"
    )
    reasons = {
        "not_asked": "not asked",
        "not_known": "does not know",
        "refused": "prefers not to say",
        "withheld": "withheld",
    }
    table = released.tables["practice"].query("country_code == 'ITA'").set_index("practice")
    for code, name in reasons.items():
        count, status = table.loc[code, ["count", "status"]]
        told = {"shown": f"{name} (about {count})", "hidden": f"{name} (hidden)"}.get(status, "answered")
        assert told in said["Italy"]
    unplaced = released.tables["practice"].query("country_code == 'no_answer' and status == 'shown'")["count"].sum()
    assert said["Country not given"].startswith(f"About {unplaced} records")


def test_of_very_many_answers_those_that_nobody_gave_are_named_and_the_others_drawn(english):
    chart = next(chart for chart in english.charts if chart.id == "origin_province")
    countries = drawn_countries(english.countries)
    lines = draw_bars(chart, countries, words("en")).lines
    named = " ".join(lines[-1].names)
    assert named.startswith("Nobody: ") and not lines[-1].marks
    for row in chart.rows:
        is_empty = all(cell.status == "zero" for cell in row.cells if cell.country in countries)
        assert row.kind == "missing" or (row.labels[0] in named) == is_empty


def test_questions_are_those_of_the_release_in_five_groups(page, released):
    tables = [name for chart in page.charts for name in chart.tables]
    assert sorted(tables) == sorted(released.tables)
    assert len({chart.dimension for chart in page.charts}) == 5
    assert len({chart.id for chart in page.charts}) == len(page.charts)
    (places,) = [chart for chart in page.charts if chart.id == "places"]
    assert places.kind == "many" and len(places.tables) == 6
    assert all(cell.country in {"FRA", "ITA", NO_ANSWER} for row in places.rows for cell in row.cells)


def test_hidden_zero_and_missing_differ_in_the_markup(bundle):
    html = bundle.document("cases", "en")
    drawings = re.findall(r'<svg class="drawn bars".*?</svg>', html, re.DOTALL)
    marks = [mark for svg in drawings for mark in re.findall(r'<g class="(\w+) s\d">(.*?)</g>', svg, re.DOTALL)]
    assert len(marks) > 500
    for kind, mark in marks:
        assert ("url(#too-few)" in mark) == (kind == "hidden") == mark.endswith("hidden</text>")
        assert ("<rect" not in mark) == (kind == "zero") == mark.endswith("nobody</text>")
        assert ('class="span"' in mark) == (kind == "shown") == mark.endswith("%</text>")
    assert {kind for kind, _ in marks} == {"shown", "bare", "hidden", "zero"}
    assert re.search(r'<g class="missing">\s*<g class="bare s\d"><rect', html)


def test_both_languages_say_the_same_of_the_same_cells(bundle):
    english, french = (Tables(bundle.document("cases", language)).charts for language in ("en", "fr"))
    assert {key: [status for status, _ in cells] for key, cells in english.items()} == {
        key: [status for status, _ in cells] for key, cells in french.items()
    }
    date = open_release(FOLDER).manifest["date"]
    assert all(words(language).date(date) in bundle.document("cases", language) for language in ("en", "fr"))


# ---- synthetic wherever it goes


@pytest.mark.parametrize("language", ["en", "fr"])
def test_synthetic_is_in_title_banner_captions_and_drawings(bundle, language):
    html = bundle.document("cases", language)
    word = {"en": "synthetic", "fr": "synthéti"}[language]
    assert word in re.search(r"<title>(.*?)</title>", html)[1].lower()
    assert word in re.search(r"<h1>(.*?)</h1>", html)[1].lower()
    assert word in re.search(r'class="banner".*?</p>', html)[0].lower()
    for pattern in (r"<figcaption>.*?</figcaption>", r'<text class="source".*?</text>'):
        found = re.findall(pattern, html)
        named = [text for text in found if word in text.lower()]
        assert len(named) >= len(re.findall(r"<template data-chart", html))


def test_the_table_of_a_view_is_the_released_table_marked_synthetic(bundle, released):
    panel = Panel("cases", bundle=bundle)
    rows = list(csv.DictReader(io.StringIO(panel.to_csv("question=age_band"))))
    frame = released.tables["age_band"]
    assert [(r["country_code"], r["value"], r["count"], r["status"]) for r in rows] == [
        (r.country_code, r.age_band, "" if r.status == "hidden" else str(r.count), r.status) for r in frame.itertuples()
    ]
    assert {row["is_synthetic"] for row in rows} == {"yes"}
    entry = next(entry for entry in released.manifest["tables"] if len(entry["variables"]) == 3)
    crossed = list(csv.DictReader(io.StringIO(panel.to_csv(f"question={entry['name']}"))))
    assert len(crossed) == len(released.tables[entry["name"]])
    assert {(row["variable"], row["variable_2"]) for row in crossed} == {tuple(entry["variables"][1:])}


# ---- which release, and what is refused


def test_a_real_release_would_go_before_a_synthetic_one_and_none_is_named(tmp_path):
    assert newest_release(FOLDER.parent).is_synthetic == all(
        open_release(path).is_synthetic for path in FOLDER.parent.iterdir() if path.is_dir()
    )
    assert newest_release(tmp_path) is None


def test_a_release_with_one_changed_byte_stops_the_build(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "released/one")
    shutil.copytree(FOLDER.parents[1] / "release", tmp_path / "release")
    table = tmp_path / "released/one/tables/age_band.csv"
    table.write_bytes(table.read_bytes().replace(b",shown,", b",zero,", 1))
    with pytest.raises(ReleaseError, match=r"age_band\.csv"):
        newest_release(tmp_path / "released")


@pytest.mark.parametrize(
    ("query", "read_as"),
    [
        ("question=mars", ""),
        ("question=", ""),
        ("question=age_band,education", ""),
        ("question=age_band&question=education", "question=age_band"),
        ("question=../manifest.json", ""),
        ("question=age_band&country=FRA", "question=age_band"),
        ("question=<script>", ""),
    ],
)
def test_a_choice_that_the_release_does_not_answer_is_left_out(bundle, query, read_as):
    panel = Panel("cases", bundle=bundle)
    assert panel.to_csv(query) == panel.to_csv(read_as)


# ---- in a browser


@pytest.mark.browser
def test_a_question_chosen_by_keyboard_stands_in_the_address(visit):
    page = visit("cases.ipynb").page
    page.focus("#question")
    page.keyboard.press("ArrowDown")
    second = page.input_value("#question")
    assert page.inner_text("section.cases h2") == page.inner_text(f'option[value="{second}"]')
    assert f"question={second}" in page.evaluate("location.search")
    page.focus('[data-step="1"]')
    page.keyboard.press("Enter")
    third = page.input_value("#question")
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert page.input_value("#question") == third != second


@pytest.mark.browser
@pytest.mark.parametrize("question", ["age_band", "places", "education-by-departure_situation"])
def test_the_saved_drawing_is_the_chart_on_the_page(visit, tmp_path, question):
    page = visit(f"cases.ipynb?question={question}").page
    with page.expect_download() as download:
        page.click("[data-save=svg]")
    assert download.value.suggested_filename == f"synthetic-demonstration-{question}.svg"
    download.value.save_as(tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    saved = page.context.new_page()
    saved.goto((tmp_path / "chart.svg").as_uri())
    on_page = page.evaluate(
        "[...document.querySelectorAll('section.cases svg.drawn[role=img] text')].map((t) => t.textContent)"
    )
    in_file = saved.evaluate("[...document.querySelectorAll('text')].map((t) => t.textContent)")
    assert in_file[-len(on_page) :] == on_page
    assert "SYNTHETIC" in text and "var(" not in text and "class=" not in text
    assert page.inner_text("section.cases h2").split(" ")[0] in in_file[0]


@pytest.mark.browser
def test_the_server_s_first_chart_is_what_the_browser_makes_of_no_choice(browser, served, visit):
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{served}/voila/render/cases.ipynb", wait_until="load")
    sent = plain.inner_text("section.cases")
    context.close()
    page = visit("cases.ipynb").page
    assert page.inner_text("section.cases") == sent and "hidden" in sent
    page.click('[data-step="1"]')
    page.click('[data-step="-1"]')
    assert page.inner_text("section.cases") == sent


@pytest.mark.browser
@pytest.mark.parametrize("query", ["?question=can_stop", "?question=age_band-by-marital_status&lang=fr"])
def test_the_page_is_accessible_and_fits(visit, query):
    opened = visit(f"cases.ipynb{query}")
    for closed in opened.page.locator("main details").all():
        closed.evaluate("(details) => { details.open = true; }")
    assert opened.barriers([390, 768, 1280]) == []
    assert opened.too_wide([390, 768, 1280]) == []


@pytest.mark.browser
def test_the_exported_file_chooses_saves_and_says_synthetic(open_visit, tmp_path):
    path = export_page("cases", tmp_path / "cases.html", "en")
    opened = open_visit(path.as_uri())
    opened.page.select_option("#question", "places")
    assert "work?" in opened.page.inner_text("section.cases h2")
    assert "Synthetic" in opened.page.inner_text("h1") and "SYNTHETIC DATA" in opened.page.inner_text(".banner")
    assert opened.page.locator("[data-save]").count() == 1
    assert opened.complaints == [] and {urlsplit(url).scheme for url in opened.requests} == {"file"}


@pytest.mark.browser
@pytest.mark.parametrize("origin", ["home", "profiles"])
def test_home_and_profiles_lead_here(visit, origin):
    opened = visit(f"{origin}.ipynb")
    opened.page.click('main a[href^="cases.ipynb"]')
    opened.page.wait_for_selector('main[data-page="cases"]')
    assert "Synthetic" in opened.page.inner_text("h1")
