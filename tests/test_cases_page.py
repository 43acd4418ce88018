"""The case-level page: every cell of the release, nothing that is not in it, and synthetic wherever it goes."""

import csv
import io
import re
import shutil
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from coloraide import Color
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from matplotlib.image import imread

from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.released import ReleaseError, open_release
from research_lib.disclosure.released_shares import shares
from research_lib.methods.missing import NO_ANSWER, UNANSWERED
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.show import Panel
from research_lib.show.material import newest_release, open_material
from research_lib.show.pages.cases.cases_content import answered
from research_lib.show.pages.cases.cases_page import Cell, Chart, Row, cases_page, drawn_countries
from research_lib.show.pages.cases.crossed_grid import draw_grid
from research_lib.show.pages.cases.interval_chart import NARROW, WIDE, draw_counts, draw_shares
from research_lib.show.site.rendering import export_page, render
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
    assert first.value == 60 / 95 and (first.least, first.most) == (58 / 99, 62 / 91)
    assert (first.low, first.high) == (wilson_interval(58, 99, 0.95)[0], wilson_interval(62, 91, 0.95)[1])
    assert second.value == pytest.approx(1 - first.value)


HIDDEN_BANDS = """
counts of answers | no answer | all records  | of the first
50 None None      | 0         | 160 164      | 48/164 52/160
50 50 None None   | 0         | 160 164      | 48/164 52/160
50 50 None None   | None      | 160 164      | 48/164 52/96
50 50 None None   | 20        | 160 164      | 48/146 52/138
50 None           | 0         | 0 inf        | 0      1
"""


@pytest.mark.parametrize("line", HIDDEN_BANDS.strip().splitlines()[1:])
def test_where_answers_are_hidden_a_share_is_a_range_over_what_they_can_be(line):
    counts, apart, records, ends = (cell.split() for cell in line.split("|"))
    given_, silent = ([None if each == "None" else int(each) for each in cells] for cells in (counts, apart))
    first, *_ = shares(given_, rounding=5, apart=silent, records=tuple(map(float, records)))
    assert first.value is None and [first.least, first.most] == [float(Fraction(end)) for end in ends]
    assert first.low <= first.least and first.most <= first.high


@given(st.lists(st.integers(0, 90), min_size=2, max_size=7), st.data())
def test_the_range_of_a_share_holds_the_true_share_whatever_is_hidden(true, data):
    hidden = data.draw(st.sets(st.integers(0, len(true) - 1), min_size=1))
    answers = data.draw(st.integers(1, len(true)))
    rounded = [None if at in hidden else (n + 2) // 5 * 5 for at, n in enumerate(true)]
    records = (sum(true) - data.draw(st.integers(0, 9)), sum(true) + data.draw(st.integers(0, 9)))
    found = shares(rounded[:answers], rounding=5, apart=rounded[answers:], records=records)
    for count, share in zip(true[:answers], found, strict=True):
        assert not share or share.low <= share.least <= count / sum(true[:answers]) <= share.most <= share.high


def test_every_range_on_the_page_holds_the_share_of_the_records_themselves(english):
    frame = demonstration_cases().frame
    frame.loc[~frame["consent_scope"].str.contains("published_tables"), frame.columns] = "withheld"
    seen = {True: 0, False: 0}
    for row, cell in ((r, c) for chart in english.charts for r in chart.rows if r.kind == "answer" for c in r.cells):
        if cell.share and cell.country != NO_ANSWER:
            name = row.table.replace("--", "__")
            given_ = frame[frame["country_code"].eq(cell.country) & ~frame[name].isin(UNANSWERED)][name]
            assert cell.share.least <= given_.eq(row.values[0]).mean() <= cell.share.most, (row.table, cell)
            seen[cell.share.value is None] += 1
    assert min(seen.values()) > 30


@given(COUNTS)
def test_shares_hold_all_that_rounding_allows_and_sensitive_ones_are_never_certain(counts):
    for count, share, guarded in zip(
        counts, shares(counts, rounding=5), shares(counts, rounding=5, is_sensitive=True), strict=True
    ):
        assert (share is None) == (guarded is None) == (not count)
        if share:
            parts = [share.low, share.least, share.value or share.least, share.most, share.high]
            assert parts == sorted(parts) and parts[0] >= 0 and parts[-1] <= 1
            assert 0.01 <= guarded.low <= guarded.least <= guarded.most <= guarded.high <= 0.99


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


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_no_number_in_the_drawings_is_not_in_the_release(page, layout):
    speech, countries = words("en"), drawn_countries(page.countries)
    for chart in page.charts:
        counts = {str(cell.count) for row in chart.rows for cell in row.cells if cell.status == "shown"}
        draw = draw_counts if chart.kind == "crossed" else draw_shares
        for mark in draw(chart, countries, speech, layout).marks:
            if mark.kind in ("hidden", "zero"):
                assert not re.search(r"\d", mark.text + mark.label) and not mark.low and not mark.high
            else:
                assert re.fullmatch(r"about (\d+)", mark.text)[1] in counts
            if mark.kind in ("shown", "between"):
                assert layout.x(0) <= mark.low <= mark.value <= mark.value + mark.length <= mark.high + 0.15 <= 100.15


def test_no_number_in_a_crossed_table_is_not_in_the_release(page):
    for chart in page.charts:
        if chart.kind != "crossed":
            continue
        counts = {cell.count for row in chart.rows for cell in row.cells if cell.status == "shown"}
        squares = draw_grid(chart, drawn_countries(page.countries), words("en")).squares
        assert {int(s.text) for s in squares if s.kind == "shown"} <= counts
        words_of_cells = {("0", 0), ("hidden", 0), ("hidden in every column", 0)}
        assert {(s.text, s.bar) for s in squares if s.kind != "shown"} <= words_of_cells
        lengths = {s.bar / int(s.text) for s in squares if s.kind == "shown"}
        assert not lengths or max(lengths) - min(lengths) < 0.001


def test_a_row_of_a_crossed_table_that_is_all_hidden_is_one_mark(page):
    countries = drawn_countries(page.countries)
    folded = 0
    for chart in (chart for chart in page.charts if chart.kind == "crossed"):
        grid = draw_grid(chart, countries, words("en"))
        heights = {}
        for square in grid.squares:
            heights.setdefault(square.y, []).append(square.kind)
        assert all(kinds == ["all_hidden"] or {*kinds} - {"hidden"} for kinds in heights.values())
        folded += sum(kinds == ["all_hidden"] for kinds in heights.values())
        cells = [cell for row in chart.rows for cell in row.cells if cell.country in dict(countries)]
        columns = max(map(len, heights.values()))
        alone = sum(kinds == ["all_hidden"] for kinds in heights.values())
        assert len(grid.squares) + alone * (columns - 1) == len(cells)
    assert folded


def without_country(released, *names):
    """The release as if some tables did not divide by country: with the cells of one of them."""
    tables, entries = dict(released.tables), []
    for entry in released.manifest["tables"]:
        entries.append(dict(entry))
        if entry["name"] in names:
            entries[-1]["variables"] = [each for each in entry["variables"] if each != "country_code"]
            frame = tables[entry["name"]]
            first = frame["country_code"] == frame["country_code"].iloc[0]
            tables[entry["name"]] = frame[first].drop(columns="country_code").reset_index(drop=True)
    return replace(released, tables=tables, manifest=released.manifest | {"tables": entries})


def test_tables_with_and_without_the_country_stand_on_one_page(released, study):
    entries = {entry["name"]: entry["variables"] for entry in released.manifest["tables"]}
    crossed = next(name for name, variables in entries.items() if len(variables) == 3)
    single = next(name for name, variables in entries.items() if len(variables) == 2 and "__" not in variables[1])
    page = cases_page(without_country(released, crossed, single), study_words(study, "en"))
    charts = {chart.tables: chart for chart in page.charts}
    assert page.countries_of(charts[single,]) == page.countries_of(charts[crossed,]) == (("all", "All"),)
    other = next(chart for tables, chart in charts.items() if tables not in ((single,), (crossed,)))
    assert ("all", "All") not in page.countries_of(other) and len(page.countries_of(other)) > 1
    assert draw_grid(charts[crossed,], page.countries_of(charts[crossed,]), words("en")).squares
    for layout in (WIDE, NARROW):
        drawing = draw_shares(charts[single,], page.countries_of(charts[single,]), words("en"), layout)
        assert {mark.country for mark in drawing.marks} == {"All"}


def test_answers_with_the_same_label_have_their_codes_in_brackets(released, study):
    variables = {name: dict(each) for name, each in released.variables.items()}
    entries = [each["variables"] for each in released.manifest["tables"] if len(each["variables"]) == 2]
    one = next(name for _, name in entries if "__" not in name)
    for name, each in variables.items():
        if name == one or "__" in name:
            each["choice_labels"] = {code: {"en": "The same"} for code in each["choice_labels"]}
    page = cases_page(replace(released, variables=variables), study_words(study, "en"))
    for chart in page.charts:
        labels = [row.labels for row in chart.rows if row.kind == "answer"]
        assert len(set(labels)) == len(labels), chart.title
        if chart.kind == "many" or chart.id == variables[one]["question"]:
            assert all(label[0].startswith("The same (") for label in labels)


# ---- the drawing of small tables


def cells(text):
    """A question's table: `answer | France Italy`, a number, `hidden` or `zero`; missing answers by their codes."""
    rows = [line.split() for line in text.strip().splitlines()]
    counts = {name: [int(value) if value.isdigit() else value for value in values] for name, *values in rows}
    missing = [name for name in counts if name.startswith("not_") or name in ("refused", "withheld")]

    def share_of(name, place):
        is_missing = name in missing
        group = [n for n in counts if n != "not_applicable" and (is_missing or n not in missing)]
        number = {n: {"zero": 0, "hidden": None}.get(v := counts[n][place], v) for n in counts}
        given_, apart = [number[n] for n in group], [number[n] for n in counts if n not in group]
        records = (0, sum(filter(None, number.values())) + 30)
        found = shares(given_, rounding=5, apart=apart, records=records)
        return found[group.index(name)] if name in group else None

    def cell(name, place, country):
        value = counts[name][place]
        status = value if isinstance(value, str) else "shown"
        count = {"hidden": None, "zero": 0}.get(status, value)
        return Cell(country, count, status, share_of(name, place))

    return Chart(
        id="question",
        kind="one",
        dimension="any",
        titles=("Which?",),
        rows=tuple(
            Row(
                "question",
                (name,),
                (name,),
                "missing" if name in missing else "answer",
                (cell(name, 0, "FRA"), cell(name, 1, "ITA")),
            )
            for name in counts
        ),
        is_sensitive=False,
        tables=("question",),
        rounding=5,
    )


COUNTRIES = [("FRA", "France"), ("ITA", "Italy")]


def drawn(text, layout=WIDE):
    drawing = draw_shares(cells(text), COUNTRIES, words("en"), layout)
    return {
        (section.kind, line.names[0], mark.country): mark
        for section in drawing.sections
        for line in section.lines
        for mark in line.marks
    }


def test_about_85_is_drawn_longer_than_about_15_on_the_scale_of_the_answers():
    found = drawn("a 100 100\nb 50 50\nnot_known 15 85\nrefused zero zero\nnot_applicable 400 zero")
    few, many = found["missing", "not_known", "France"], found["missing", "not_known", "Italy"]
    zero = WIDE.x(0)
    assert (few.value - zero) / WIDE.width == pytest.approx(15 / 165, abs=0.002)
    assert (many.value - zero) / WIDE.width == pytest.approx(85 / 235, abs=0.002)
    answer = found["answer", "a", "France"]
    assert (answer.value - zero) / WIDE.width == pytest.approx(100 / 150, abs=0.002)
    assert {key[1] for key in found} == {"a", "b", "not_known"}


def test_hidden_and_zero_have_no_place_on_the_scale_and_a_count_beside_a_hidden_one_is_a_bar():
    found = drawn("a 15 50\nb hidden zero\nrefused 10 hidden")
    kinds = {key[1:]: (mark.kind, mark.text, mark.label) for key, mark in found.items()}
    assert kinds["a", "France"] == ("between", "about 15", "16–100%")
    assert kinds["b", "France"] == ("hidden", "hidden", "") and kinds["b", "Italy"] == ("zero", "nobody", "")
    assert kinds["refused", "Italy"][0] == "hidden"
    assert all(not mark.high for mark in found.values() if mark.kind in ("hidden", "zero"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a 100 100\nnot_known hidden hidden\nrefused hidden hidden", ["No answer: all hidden (not_known, refused)"]),
        ("a 100 100\nnot_known hidden hidden\nrefused hidden zero", []),
        ("a 100 100\nnot_known hidden 20", []),
        ("a hidden hidden\nb hidden hidden", ["Answers: all hidden (a, b)"]),
        ("a hidden hidden\nb hidden 10", []),
    ],
)
def test_where_all_is_hidden_one_line_says_so(text, said):
    for layout in (WIDE, NARROW):
        drawing = draw_shares(cells(text), COUNTRIES, words("en"), layout)
        hidden = [section for section in drawing.sections if section.kind == "all_hidden"]
        assert [" ".join(section.heading) for section in hidden] == said
        assert not any(section.lines for section in hidden)
        assert all(section.lines for section in drawing.sections if section not in hidden)


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_answers_hidden_for_every_country_stand_in_one_line_at_the_end_of_their_block(layout):
    text = "a hidden hidden\nb 100 100\nc hidden hidden\nd hidden 20\nrefused hidden hidden\nwithheld 20 20"
    answers, missing = draw_shares(cells(text), COUNTRIES, words("en"), layout).sections
    assert [line.names for line in answers.lines] == [("b",), ("d",), ("hidden: a, c",)]
    assert [line.is_hidden for line in answers.lines] == [False, False, True] and not answers.lines[-1].marks
    assert [line.names for line in missing.lines] == [("withheld",), ("hidden: refused",)]
    ys = [line.y for line in (*answers.lines, *missing.lines)]
    assert ys == sorted(ys) and answers.bottom > answers.lines[-1].y


def test_where_a_question_was_asked_nobody_a_word_says_so():
    found = drawn("a 100 zero\nb 50 zero\nnot_asked zero 200\nrefused 10 zero")
    assert {mark.text for key, mark in found.items() if key[0] == "answer" and key[2] == "Italy"} == {"not asked"}
    assert found["missing", "not_asked", "Italy"].text == "about 200"


@pytest.mark.parametrize(
    ("text", "ends", "heading"),
    [
        ("a 100 100\nb 100 100\nc 100 100\nd 100 100", ["0%", "10%", "20%", "30%", "40%", "50%"], "ends at 50%"),
        ("a 100 100\nb 100 100", ["0%", "25%", "50%", "75%", "100%"], "who answered"),
        ("a 100 100\nb 100 100\nc 100 100\nd 100 100\nrefused 500 hidden", ["0%", "25%", "50%", "75%", "100%"], ""),
    ],
)
def test_where_all_shares_are_small_the_scale_ends_at_a_round_share_and_says_so(text, ends, heading):
    drawing = draw_shares(cells(text), COUNTRIES, words("en"), WIDE)
    assert [name for _, name in drawing.ticks] == ends and heading in " ".join(drawing.sections[0].heading)
    assert ("ends at" in " ".join(drawing.sections[0].heading)) == (ends[-1] != "100%")
    assert drawing.ticks[-1][0] == WIDE.x(1)


ANSWERED = """
a 100 100           | All (about 100) answered.                                        | All (about 100) answered.
a 100 100;b hidden zero | All answered; about 100 answers are shown, the others are hidden. | All (about 100) answered.
a 100 100;refused hidden 20 | About 100 answers are shown. How many gave no answer is not shown. | About 100 of about 120 answered.
a 100 100;b hidden zero;refused 20 20 | About 100 answers are shown, others are hidden. | About 100 of about 120 answered.
a 100 100;refused 20 20;not_known hidden zero | About 100 answers are shown. How many gave no answer is not shown. | About 100 of about 120 answered.
a hidden 100        | How many answered cannot be shown.                               | All (about 100) answered.
"""


@pytest.mark.parametrize("line", ANSWERED.strip().splitlines())
def test_all_answered_is_said_only_where_nobody_is_counted_without_an_answer(line):
    text, *said = (cell.strip() for cell in line.split("|"))
    assert [text for _, text in answered(cells(text.replace(";", "\n")), COUNTRIES, words("en"))] == said


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_countries_stand_below_each_other_on_one_scale(layout):
    found = drawn("a 100 100\nb 100 50", layout)
    assert found["answer", "a", "France"].y < found["answer", "a", "Italy"].y < found["answer", "b", "France"].y
    places = [tick for tick, _ in draw_shares(cells("a 5 5\nb 5 5"), COUNTRIES, words("en"), layout).ticks]
    assert {layout.x(part) for part in (0, 0.5, 1)} <= set(places) and places == sorted(places)


def test_how_many_answered_is_a_sum_of_released_cells(english, released):
    chart = next(chart for chart in english.charts if chart.id == "practice")
    said = dict(answered(chart, english.countries, words("en")))
    frame = released.tables["practice"].query("country_code == 'FRA'").set_index("practice")["count"].fillna(0)
    assert said["France"].startswith(
        f"About {frame[['now', 'past', 'never']].sum()} answers are shown, others are hidden."
    )
    unplaced = released.tables["practice"].query("country_code == 'no_answer' and status == 'shown'")["count"].sum()
    assert said["Country not given"].startswith(f"About {unplaced} name no country")


def test_whom_a_question_does_not_apply_to_is_said_in_words_and_not_drawn(english, released):
    chart = next(chart for chart in english.charts if chart.id == "can_stop")
    said = dict(answered(chart, english.countries, words("en")))
    table = released.tables["can_stop"].set_index(["country_code", "can_stop"])
    count = table.loc[("FRA", "not_applicable"), "count"]
    assert said["France"].endswith(f"The question does not apply to about {count}.")
    drawing = draw_shares(chart, drawn_countries(english.countries), words("en"), WIDE)
    assert f"about {count}" not in {mark.text for mark in drawing.marks}


def test_of_very_many_answers_those_that_nobody_gave_are_named_and_the_others_drawn(english):
    chart = next(chart for chart in english.charts if chart.id == "origin_province")
    countries = drawn_countries(english.countries)
    last, hidden = draw_shares(chart, countries, words("en"), WIDE).sections[0].lines[-2:]
    named = " ".join(last.names)
    assert named.startswith("Nobody: ") and not last.marks and hidden.is_hidden
    for row in chart.rows:
        is_empty = all(cell.status == "zero" for cell in row.cells if cell.country in dict(countries))
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
    drawings = re.findall(r'<svg class="drawn dots.*?\n</svg>', html, re.DOTALL)
    found = [mark for svg in drawings for mark in re.findall(r'<g class="(\w+)">(<text x.*?)</g>', svg, re.DOTALL)]
    assert len(found) > 1000
    for kind, mark in (each for each in found if each[0] != "name"):
        assert ('class="veil"' in mark) == (kind == "hidden") == (">hidden<" in mark)
        assert ('class="nobody"' in mark) == (kind == "zero") == (">nobody<" in mark)
        assert ('class="span"' in mark) == (kind in ("shown", "between"))
        assert ("<rect" in mark and "<circle" not in mark) or kind != "between"
    assert {kind for kind, _ in found} == {"name", "shown", "between", "hidden", "zero"}
    assert "url(#" not in "".join(drawings) and "style=" not in "".join(drawings)


def test_both_languages_say_the_same_of_the_same_cells(bundle):
    english, french = (Tables(bundle.document("cases", language)).charts for language in ("en", "fr"))
    assert {key: [status for status, _ in cells] for key, cells in english.items()} == {
        key: [status for status, _ in cells] for key, cells in french.items()
    }
    date = open_release(FOLDER).manifest["date"]
    assert all(words(language).date(date) in bundle.document("cases", language) for language in ("en", "fr"))


# ---- synthetic wherever it goes


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_real_release_says_nothing_of_synthetic(language):
    material = open_material(ROOT / "data")
    vars(material)["is_synthetic"] = False
    html = render("cases", material, study_words(material.study, language)).html
    main = re.sub(r"<(script|style).*?</\1>", "", html[html.index("<main") :], flags=re.DOTALL)
    assert "<svg" in main and not re.search(r'class="(across|kicker|banner)"|synth[eé]ti', main, re.IGNORECASE)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_synthetic_is_in_title_banner_captions_and_drawings(bundle, language):
    html = bundle.document("cases", language)
    word = {"en": "synthetic", "fr": "synthéti"}[language]
    assert word in re.search(r"<title>(.*?)</title>", html)[1].lower()
    assert word in re.search(r"<h1>(.*?)</h1>", html)[1].lower()
    assert word in re.search(r'class="banner".*?</p>', html)[0].lower()
    patterns = (
        r"<figcaption>.*?</figcaption>",
        r'<text class="source".*?</text>',
        r'<text class="across".*?</text>',
        r'<p class="kicker">.*?</p>',
    )
    for pattern in patterns:
        found = re.findall(pattern, html, re.DOTALL)
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


def saved(page, kind, path):
    with page.expect_download() as download:
        page.click(f"[data-picture][data-kind={kind}]")
    download.value.save_as(path)
    return download.value.suggested_filename


@pytest.mark.browser
@pytest.mark.parametrize("question", ["age_band", "places", "education-by-departure_situation"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_saved_drawing_is_the_wide_chart_of_the_page(visit, tmp_path, question, width):
    page = visit(f"cases.ipynb?question={question}").page
    page.set_viewport_size({"width": width, "height": 844})
    assert saved(page, "svg", tmp_path / "chart.svg") == f"synthetic-demonstration-{question}.svg"
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    alone = page.context.new_page()
    alone.goto((tmp_path / "chart.svg").as_uri())
    on_page = page.evaluate("[...document.querySelectorAll('section.cases svg.wide text')].map((t) => t.textContent)")
    in_file = alone.evaluate("[...document.querySelectorAll('svg svg text')].map((t) => t.textContent)")
    assert in_file == on_page and "SYNTHETIC" in in_file
    assert "SYNTHETIC" in alone.evaluate("document.querySelector('title').textContent")
    assert "var(" not in text and "class=" not in text and not re.search(r"url\((?!data:font)", text)
    assert alone.evaluate(SMALLEST) >= 12


@pytest.mark.browser
def test_the_saved_picture_has_the_size_and_the_marks_of_the_saved_drawing(visit, tmp_path):
    page = visit("cases.ipynb?question=entry_mode").page
    assert saved(page, "png", tmp_path / "chart.png") == "synthetic-demonstration-entry_mode.png"
    saved(page, "svg", tmp_path / "chart.svg")
    image = imread(tmp_path / "chart.png")
    drawing = etree.parse(tmp_path / "chart.svg").getroot()
    assert image.shape[:2] == tuple(2 * int(drawing.get(name)) for name in ("height", "width"))
    assert len({tuple(pixel) for row in (image[::3, ::3, :3] * 8).astype(int) for pixel in row}) > 5


SMALLEST = "Math.min(...[...document.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize)))"
FAULTS = """() => {
  const select = document.querySelector("#question");
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  const faults = [];
  for (const option of select.options) {
    select.value = option.value;
    select.dispatchEvent(new Event("change"));
    const texts = [...document.querySelectorAll("section.cases figure > svg text")].filter((t) => t.checkVisibility());
    const boxes = texts.map((t) => [t.textContent, t.getBoundingClientRect()]);
    if (boxes.length < 10) faults.push([option.value, "is empty"]);
    boxes.forEach(([name, box], i) => boxes.slice(i + 1).filter(([, other]) => meet(box, other))
      .forEach(([other]) => faults.push([option.value, name, "lies on", other])));
    for (const [name, box] of boxes) if (box.right > innerWidth || box.left < 0) faults.push([option.value, name, "is cut"]);
    for (const text of texts) if (parseFloat(getComputedStyle(text).fontSize) < 12) faults.push([option.value, text.textContent, "is small"]);
  }
  return faults;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_label_lies_on_another_or_is_cut_or_small_on_any_chart_at_any_width(visit, language):
    page = visit(f"cases.ipynb?lang={language}").page
    for width in (320, 390, 700, 768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert (width, page.evaluate(FAULTS)) == (width, [])


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_question_and_picture_stand_on_the_first_screen(visit, width):
    page = visit("cases.ipynb?question=entry_mode").page
    page.set_viewport_size({"width": width, "height": 844})
    rows = page.locator("section.cases figure > svg:visible :is(.shown, .between)").evaluate_all(
        "(marks) => marks.filter((mark) => mark.getBoundingClientRect().bottom < innerHeight).length"
    )
    assert page.locator("section.cases h2").bounding_box()["y"] < 520 and rows >= 4


ACROSS = """(svg) => {
  const [top, bottom] = [svg.getBoundingClientRect().top, svg.getBoundingClientRect().bottom];
  return [...svg.querySelectorAll(".across")].map((word) => {
    const { fill, fillOpacity, stroke } = getComputedStyle(word), box = word.getBoundingClientRect();
    return { isBand: word.parentElement.matches(".band"), start: (box.top - top) / (bottom - top), fill, stroke, opacity: Number(fillOpacity) };
  });
}"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("question", ["age_band", "entry_mode", "CROSSED"])
def test_the_word_stands_above_below_and_inside_the_picture_and_is_read(visit, released, width, scheme, question):
    crossed = next(entry["name"] for entry in released.manifest["tables"] if len(entry["variables"]) == 3)
    page = visit(f"cases.ipynb?question={question.replace('CROSSED', crossed)}").page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    (drawn,) = [each for each in page.locator("section.cases figure > svg").all() if each.is_visible()]
    words_across = drawn.evaluate(ACROSS)
    places = [word["start"] for word in words_across if word["isBand"]]
    assert min(places) < 0.05 and max(places) > 0.9
    assert [word for word in words_across if not word["isBand"]] or (question, width) == (crossed, 390)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for word in words_across:
        seen = Color(word["fill"]).mix(Color(paper), 1 - word["opacity"], space="srgb")
        assert word["stroke"] == "none" and seen.contrast(Color(paper)) >= (7 if word["isBand"] else 2)


def test_a_word_stands_only_where_a_line_is_free():
    drawing = draw_shares(cells("a 100 100\nb hidden hidden\nc 10 10\nd hidden zero"), COUNTRIES, words("en"), WIDE)
    lines = {line.names[0]: line.marks for section in drawing.sections for line in section.lines if line.marks}
    *free, beside_hidden = drawing.free
    assert free and beside_hidden[1] == drawing.sections[0].lines[-1].y
    for x, y in free:
        (marks,) = [each for each in lines.values() if min(m.y for m in each) <= y <= max(m.y for m in each)]
        half = WIDE.word / 2
        ends = [(m.low, m.high) for m in marks if m.kind in ("shown", "between")]
        assert all(x + half <= low or x - half >= high for low, high in ends)


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_a_word_stands_beside_the_answers_that_are_hidden(layout):
    rows = "\n".join(f"number{at} hidden hidden" for at in range(30))
    drawing = draw_shares(cells(f"a 100 100\n{rows}"), COUNTRIES, words("en"), layout)
    line, (x, y) = drawing.sections[0].lines[-1], drawing.free[-1]
    assert line.is_hidden and y == line.y + 18 * (len(line.names) - 1)
    share = (4 + max(map(len, line.names))) / layout.sentence
    assert 100 * share <= x - layout.word / 2 and x + layout.word / 2 <= 100


@pytest.mark.browser
@pytest.mark.parametrize("address", ["cases.ipynb", "cases.ipynb?lang=fr"])
def test_three_sentences_say_how_this_was_protected_and_paper_has_the_rest(visit, address):
    page = visit(address).page
    (said,) = page.locator(".protected > p").all_inner_texts()
    assert len(re.findall(r"\.(?= |$)", said)) == 3 and not page.locator(".protected code").is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".protected code").is_visible()


@pytest.mark.browser
def test_a_mark_takes_its_hue_from_the_tokens_and_countries_have_none(visit):
    page = visit("cases.ipynb?question=entry_mode").page
    hues = page.evaluate(
        """() => {
          const tokens = getComputedStyle(document.documentElement);
          const probe = document.body.appendChild(document.createElement("i"));
          const named = Object.fromEntries(["measure", "ink", "muted", "rule", "coast", "paper", "grey"].map((name) => {
            probe.style.color = `var(--${name})`;
            return [getComputedStyle(probe).color, name];
          }));
          const marks = [...document.querySelectorAll("section.cases figure > svg.wide *:not(g, svg)")];
          return [...new Set(marks.flatMap((mark) => [getComputedStyle(mark).fill, getComputedStyle(mark).stroke])
            .map((colour) => named[colour] ?? colour))].sort();
        }"""
    )
    assert set(hues) <= {"measure", "ink", "muted", "rule", "coast", "paper", "grey", "none", "rgb(0, 0, 0)"}


@pytest.mark.browser
def test_back_and_forward_step_through_questions_and_the_link_is_that_of_the_question(visit):
    page = visit("cases.ipynb").page
    first = page.inner_text("section.cases h2")
    page.click('[data-step="1"]')
    second = page.inner_text("section.cases h2")
    page.go_back()
    assert page.inner_text("section.cases h2") == first != second
    page.go_forward()
    assert page.inner_text("section.cases h2") == second
    page.click("[data-copy]")
    page.locator("[data-role=copied]:not(:empty)").wait_for()
    assert "question=" in page.url


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
def test_the_exported_file_chooses_saves_and_says_synthetic(open_visit, tmp_path):
    path = export_page("cases", tmp_path / "cases.html", "en")
    opened = open_visit(path.as_uri())
    opened.page.select_option("#question", "places")
    assert "work?" in opened.page.inner_text("section.cases h2")
    assert "Synthetic" in opened.page.inner_text("h1") and "SYNTHETIC DATA" in opened.page.inner_text(".banner")
    assert opened.page.locator("[data-picture]").count() == 2
    assert opened.complaints == [] and {urlsplit(url).scheme for url in opened.requests} == {"file"}


@pytest.mark.browser
@pytest.mark.parametrize("origin", ["home", "profiles"])
def test_home_and_profiles_lead_here(visit, origin):
    opened = visit(f"{origin}.ipynb")
    opened.page.click('main a[href^="cases.ipynb"]')
    opened.page.wait_for_selector('main[data-page="cases"]')
    assert "Synthetic" in opened.page.inner_text("h1")
