"""The case-level page: every cell of the release, nothing that is not in it, and synthetic wherever it goes."""

import csv
import io
import re
import shutil
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from urllib.parse import urlsplit

import numpy
import pytest
from coloraide import Color
from conftest import NIGHTLY, ROOT, resize, sample_of_today
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as markup
from PIL import Image

from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.released import ReleaseError, open_release
from research_lib.disclosure.released_shares import shares
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.missing_answers import NO_ANSWER, UNANSWERED
from research_lib.show import Panel
from research_lib.show.material import newest_release, open_material
from research_lib.show.pages.cases.cases_content import answered
from research_lib.show.pages.cases.cases_page import Cell, Chart, Row, cases_page
from research_lib.show.pages.cases.shown_answers import BETWEEN, UNASKED, crossed, shown_answers
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


def drawn_countries(page, chart):
    return {code: name for code, name in page.countries_of(chart).items() if code != NO_ANSWER}


def single(page):
    return [chart for chart in page.charts if chart.kind != "crossed"]


def pairs(page):
    return [chart for chart in page.charts if chart.kind == "crossed"]


def charts_of(document):
    """The charts that stand in a document to be chosen, without the words that say what is made up."""
    root = markup.fromstring(document)
    for word in root.xpath("//small[@class='inside']"):
        word.drop_tree()
    return {each.get("data-chart"): each for each in root.iter("template") if each.get("data-chart")}


def text_of(element):
    return " ".join(element.text_content().split())


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


def rows_of(chart):
    """The lines of a chart on a scale: the answer, the country and the row itself."""
    for group in chart.xpath(".//table[contains(@class, 'on-scale')]/tbody"):
        for row in group.iter("tr"):
            yield text_of(group.find("tr/th")), text_of(row.xpath("th[@scope='row']")[0]), row


def names_of(chart):
    """What a chart only names: the country, none where it is all that are drawn, what is said, and of which answers."""
    lines = [("", text_of(line)) for line in chart.xpath(".//p[@class='named']")]
    for part in chart.xpath(".//dl/div"):
        lines += [(text_of(part.find("dt")), " ".join(line.split())) for line in part.xpath("dd//text()")]
    for country, line in lines:
        hidden = re.fullmatch(r".+: all hidden \((.+)\)", line)
        said, names = ("hidden", hidden[1]) if hidden else line.split(": ", 1)
        yield country, said, f", {names},"


def cells_of(chart):
    """The cells of two questions crossed: the country, the answers of the row and of the column, and what is said."""
    for table in chart.xpath(".//table[contains(@class, 'crossed')]"):
        columns = [text_of(head) for head in table.xpath("thead//th")]
        for row in table.xpath("tbody/tr"):
            texts = [text_of(cell) for cell in row.iter("td")]
            texts = ["hidden"] * len(columns) if texts == ["hidden in every column"] else texts
            name, country = text_of(row.find("th")), text_of(table.find("caption"))
            yield from ((country, name, *each) for each in zip(columns, texts, strict=True))


def text_of_cell(cell):
    return f"about {cell.count:,}" if cell.status == "shown" else {"hidden": "hidden", "zero": "nobody"}[cell.status]


def test_the_document_says_every_cell_of_one_question(bundle, english):
    charts = charts_of(bundle.document("cases", "en"))
    assert list(charts) == [chart.id for chart in english.charts]
    for chart in single(english):
        named, countries = list(names_of(charts[chart.id])), english.countries_of(chart)
        drawn = {(name, country): text_of(row.find("td")) for name, country, row in rows_of(charts[chart.id])}
        for row, cell in ((each, cell) for each in chart.rows for cell in each.cells):
            name, country = row.labels[0 if row.kind == "answer" else -1], countries[cell.country]
            if drawn.get((name, country)) in (text_of_cell(cell), "not asked"):
                continue
            apart = f"{row.labels[0]} ({row.labels[1]})" if len(row.labels) > 1 else name
            assert [
                said
                for place, said, names in named
                if f", {apart if place else name}," in names and place in ("", country)
                if said.partition(" (")[0] == text_of_cell(cell)
            ], (chart.id, row.labels, cell)


def test_the_document_says_every_cell_of_two_questions_crossed(bundle, english):
    charts = charts_of(bundle.document("cases", "en"))
    for chart in pairs(english):
        countries, found = english.countries_of(chart), list(cells_of(charts[chart.id]))
        across = int({column for _, _, column, _ in found} == {row.labels[1] for row in chart.rows})
        assert sorted(found) == sorted(
            (countries[cell.country], row.labels[1 - across], row.labels[across], text_of_cell(cell))
            for row in chart.rows
            for cell in row.cells
        )


def test_no_number_in_a_chart_is_not_in_the_release(page):
    for chart in single(page):
        counts = {str(cell.count) for row in chart.rows for cell in row.cells if cell.status == "shown"}
        sections = shown_answers(chart, drawn_countries(page, chart), words("en")).sections
        for mark in (mark for section in sections for _, marks in section.answers for mark in marks):
            if mark.kind in ("hidden", "zero", UNASKED):
                assert not re.search(r"\d", mark.text + mark.label) and not mark.start and not mark.high
            else:
                assert mark.kind in ("shown", BETWEEN) and re.fullmatch(r"about (\d+)", mark.text)[1] in counts
                assert 0 <= mark.low <= mark.start <= mark.start + mark.length <= mark.high + 0.15 <= 100.15


def test_a_bar_of_two_questions_crossed_is_as_long_as_its_released_number_says(page):
    for chart in pairs(page):
        counts = {cell.count for row in chart.rows for cell in row.cells if cell.status == "shown"}
        tables = crossed(chart, drawn_countries(page, chart), words("en")).tables
        marks = [mark for _, rows in tables for _, row in rows for mark in row]
        shown = [(int(mark.text.removeprefix("about ")), mark.length) for mark in marks if mark.kind == "shown"]
        assert {number for number, _ in shown} <= counts
        assert all(length == pytest.approx(100 * number / max(counts), abs=0.06) for number, length in shown)
        others = {(mark.text, mark.length) for mark in marks if mark.kind != "shown"}
        assert others <= {("nobody", 0), ("hidden", 0)}


def test_a_row_of_a_crossed_table_that_is_all_hidden_is_one_mark(bundle):
    folded = 0
    for chart in charts_of(bundle.document("cases", "en")).values():
        for row in chart.xpath(".//table[contains(@class, 'crossed')]/tbody/tr"):
            texts = [text_of(cell) for cell in row.iter("td")]
            assert texts == ["hidden in every column"] or {*texts} - {"hidden"}
            folded += len(texts) == 1
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
    two = next(name for name, variables in entries.items() if len(variables) == 3)
    one = next(name for name, variables in entries.items() if len(variables) == 2 and "__" not in variables[1])
    page = cases_page(without_country(released, two, one), study_words(study, "en"))
    charts = {chart.tables: chart for chart in page.charts}
    assert page.countries_of(charts[one,]) == page.countries_of(charts[two,]) == {"all": "All"}
    other = next(chart for tables, chart in charts.items() if tables not in ((one,), (two,)))
    assert "all" not in page.countries_of(other) and len(page.countries_of(other)) > 1
    everywhere = {"all": "All"}
    assert [name for name, rows in crossed(charts[two,], everywhere, words("en")).tables if rows] == ["All"]
    sections = shown_answers(charts[one,], everywhere, words("en")).sections
    assert {mark.country for section in sections for _, marks in section.answers for mark in marks} == {"All"}


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
    )


COUNTRIES = {"FRA": "France", "ITA": "Italy"}


def shown(text):
    return shown_answers(cells(text), COUNTRIES, words("en"))


def drawn(text):
    return {
        (section.kind, name, mark.country): mark
        for section in shown(text).sections
        for name, marks in section.answers
        for mark in marks
    }


def test_about_85_is_drawn_longer_than_about_15_on_the_scale_of_the_answers():
    found = drawn("a 100 100\nb 50 50\nnot_known 15 85\nrefused zero zero\nnot_applicable 400 zero")
    few, many = found["missing", "not_known", "France"], found["missing", "not_known", "Italy"]
    assert few.start == pytest.approx(100 * 15 / 165, abs=0.1)
    assert many.start == pytest.approx(100 * 85 / 235, abs=0.1)
    assert found["answer", "a", "France"].start == pytest.approx(100 * 100 / 150, abs=0.1)
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
    sections = shown(text).sections
    assert [line for each in sections if not each.answers for _, line in each.named] == said


def test_answers_hidden_for_every_country_stand_in_one_line_at_the_end_of_their_block():
    text = "a hidden hidden\nb 100 100\nc hidden hidden\nd hidden 20\nrefused hidden hidden\nwithheld 20 20"
    answers, missing = shown(text).sections
    assert [name for name, _ in answers.answers] == ["b", "d"]
    assert answers.named == (("hidden", "hidden: a, c"),)
    assert [name for name, _ in missing.answers] == ["withheld"]
    assert missing.named == (("hidden", "hidden: refused"),)


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
    chart = shown(text)
    assert [name for _, name in chart.ticks] == ends and heading in chart.sections[0].heading
    assert ("ends at" in chart.sections[0].heading) == (ends[-1] != "100%")
    places = [place for place, _ in chart.ticks]
    assert (places[0], places[-1]) == (0, 100) and places == sorted(places)


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


def test_countries_stand_below_each_other_in_their_order():
    assert [key[1:] for key in drawn("a 100 100\nb 100 50")] == [
        (name, country) for name in "ab" for country in ("France", "Italy")
    ]


def test_how_many_answered_is_a_sum_of_released_cells(english, released):
    chart = next(chart for chart in english.charts if chart.id == "practice")
    said = dict(answered(chart, english.countries_of(chart), words("en")))
    frame = released.tables["practice"].query("country_code == 'FRA'").set_index("practice")["count"].fillna(0)
    assert said["France"].startswith(
        f"About {frame[['now', 'past', 'never']].sum()} answers are shown, others are hidden."
    )
    unplaced = released.tables["practice"].query("country_code == 'no_answer' and status == 'shown'")["count"].sum()
    assert said["Country not given"].startswith(f"About {unplaced} are counted without a country")


def test_whom_a_question_does_not_apply_to_is_said_in_words_and_not_drawn(english, released):
    chart = next(chart for chart in english.charts if chart.id == "can_stop")
    said = dict(answered(chart, english.countries_of(chart), words("en")))
    table = released.tables["can_stop"].set_index(["country_code", "can_stop"])
    count = table.loc[("FRA", "not_applicable"), "count"]
    assert said["France"].endswith(f"The question does not apply to about {count}.")
    sections = shown_answers(chart, drawn_countries(english, chart), words("en")).sections
    texts = {mark.text for section in sections for _, marks in section.answers for mark in marks}
    assert f"about {count}" not in texts


def test_of_very_many_answers_those_that_nobody_gave_are_named_and_the_others_drawn(english):
    chart = next(chart for chart in english.charts if chart.id == "origin_province")
    countries = drawn_countries(english, chart)
    (_, nobody), (_, hidden) = shown_answers(chart, countries, words("en")).sections[0].named
    assert nobody.startswith("nobody: ") and hidden.startswith("hidden: ")
    for row in chart.rows:
        is_empty = all(cell.status == "zero" for cell in row.cells if cell.country in countries)
        assert row.kind == "missing" or (row.labels[0] in nobody) == is_empty


def test_questions_are_those_of_the_release_in_five_groups(page, released):
    tables = [name for chart in page.charts for name in chart.tables]
    assert sorted(tables) == sorted(released.tables)
    assert len({chart.dimension for chart in page.charts}) == 5
    assert len({chart.id for chart in page.charts}) == len(page.charts)
    (places,) = [chart for chart in page.charts if chart.id == "places"]
    assert places.kind == "many" and len(places.tables) == 6
    assert all(cell.country in {"FRA", "ITA", NO_ANSWER} for row in places.rows for cell in row.cells)


def test_hidden_zero_and_missing_differ_in_the_markup(bundle):
    document = bundle.document("cases", "en")
    found = [row for chart in charts_of(document).values() for _, _, row in rows_of(chart)]
    assert len(found) > 300
    for row in found:
        kind, (count,) = row.get("class"), row.xpath("td[1]")
        marks = {mark.get("class") or mark.tag for mark in row.iterfind(".//g/*")}
        assert ("veil" in marks) == (kind == "hidden") == (text_of(count) == "hidden")
        assert ("nobody" in marks) == (kind == "zero") == (text_of(count) == "nobody")
        assert ("margin" in marks) == ("bar" in marks) == (kind in ("shown", "between"))
        is_missing = "missing" in row.xpath("ancestor::table/@class")[0]
        assert bool(row.findall(".//circle[@class='bar']")) == (kind == "shown" and not is_missing)
    assert {row.get("class") for row in found} == {"shown", "between", "hidden", "zero"}
    assert "url(#" not in document[document.index("<main") :] and " style=" not in document


def test_both_languages_say_the_same_of_the_same_cells(bundle):
    english, french = (charts_of(bundle.document("cases", language)) for language in ("en", "fr"))
    assert list(english) == list(french)
    read = [
        "string(.//table/@class)",
        ".//tbody//@class",
        ".//@x | .//@x1 | .//@x2 | .//@cx | .//@width",
        "count(.//p | .//dd)",
        ".//dd/br",
    ]
    for chart in english:
        for path in read:
            one, other = (charts[chart].xpath(path) for charts in (english, french))
            assert (one == other) or len(one) == len(other) > 0, (chart, path)
    date = open_release(FOLDER).manifest["date"]
    assert all(words(language).date(date) in bundle.document("cases", language) for language in ("en", "fr"))


# ---- synthetic wherever it goes


@pytest.mark.parametrize("language", ["en", "fr"] if NIGHTLY else ["en"])
def test_a_real_release_says_nothing_of_synthetic(language):
    material = open_material(ROOT / "data")
    vars(material)["is_synthetic"] = False
    html = render("cases", material, study_words(material.study, language)).html
    main = re.sub(r"<(script|style).*?</\1>", "", html[html.index("<main") :], flags=re.DOTALL)
    assert "<svg" in main and not re.search(r'class="(band|inside|kicker|banner)"|synth[eé]ti', main, re.IGNORECASE)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_synthetic_is_in_title_banner_captions_and_drawings(bundle, language):
    html = bundle.document("cases", language)
    word = {"en": "synthetic", "fr": "synthéti"}[language]
    assert word in re.search(r"<title>(.*?)</title>", html)[1].lower()
    assert word in re.search(r"<h1>(.*?)</h1>", html)[1].lower()
    assert word in re.search(r'class="banner".*?</p>', html)[0].lower()
    patterns = (
        r'<p class="note">.*?</p>',
        r'<p class="band".*?</p>',
        r'<small class="inside".*?</small>',
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
def test_the_saved_drawing_is_the_chart_of_the_page(visit, tmp_path, question):
    page = visit(f"cases.ipynb?question={question}").page
    for width in (390, 1280):
        resize(page, width, 844)
        saved_drawing_is_the_chart(page, tmp_path, question)


def saved_drawing_is_the_chart(page, tmp_path, question):
    assert saved(page, "svg", tmp_path / "chart.svg") == f"synthetic-demonstration-{question}.svg"
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    alone = page.context.new_page()
    alone.goto((tmp_path / "chart.svg").as_uri())
    in_file = " ".join(
        alone.evaluate(
            "[...document.querySelectorAll('svg svg text')].filter((t) => t.checkVisibility()).map((t) => t.textContent)"
        )
    )
    on_page = page.evaluate(SEEN)
    assert sorted(in_file.split()) == sorted(" ".join(text for text, *_ in on_page).split())
    assert in_file.count("SYNTHETIC") > 6 and "check number of the release" in in_file
    assert "Synthetic" in alone.evaluate("document.querySelector('title').textContent")
    count = "(marks) => marks.filter((mark) => !mark.closest('defs')).map((mark) => mark.localName).sort()"
    shapes = ":is(circle, path, line, g rect, use)"
    on_page = page.locator(f".cases .chart svg {shapes}").evaluate_all(count)
    assert alone.locator(f"svg svg svg {shapes}").evaluate_all(count) == on_page
    assert "var(" not in text and "class=" not in text and not re.search(r"url\((?!data:font)", text)
    assert alone.evaluate(SMALLEST) >= 12


@pytest.mark.browser
def test_the_saved_picture_has_the_size_and_the_marks_of_the_saved_drawing(visit, tmp_path):
    page = visit("cases.ipynb?question=entry_mode").page
    assert saved(page, "png", tmp_path / "chart.png") == "synthetic-demonstration-entry_mode.png"
    saved(page, "svg", tmp_path / "chart.svg")
    image = numpy.asarray(Image.open(tmp_path / "chart.png").convert("RGB"))
    drawing = etree.parse(tmp_path / "chart.svg").getroot()
    assert image.shape[:2] == tuple(2 * int(drawing.get(name)) for name in ("height", "width"))
    assert len(numpy.unique((image[::3, ::3] // 32).reshape(-1, 3), axis=0)) > 5


SMALLEST = "Math.min(...[...document.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize)))"
SEEN = """() => {
  const chart = document.querySelector("section.cases .chart"), range = document.createRange(), found = [];
  const walk = document.createTreeWalker(chart, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, { fontSize } = getComputedStyle(node.parentElement);
    if (!node.data.trim() || !node.parentElement.checkVisibility()) continue;
    range.selectNodeContents(node);
    [...range.getClientRects()].forEach((box, at) => found.push([at ? "" : node.data.trim(), box.toJSON(), parseFloat(fontSize)]));
  }
  return found;
}"""
FAULTS = """() => {
  const select = document.querySelector("#question");
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  const faults = [];
  for (const option of select.options) {
    select.value = option.value;
    select.dispatchEvent(new Event("change"));
    const chart = document.querySelector("section.cases .chart").getBoundingClientRect(), texts = (SEEN)();
    if (texts.length < 10) faults.push([option.value, "is empty"]);
    texts.forEach(([name, box], i) => texts.slice(i + 1).filter(([, other]) => meet(box, other))
      .forEach(([other]) => faults.push([option.value, name, "lies on", other])));
    for (const [name, box, size] of texts) {
      if (box.right > chart.right + 1 || box.left < chart.left - 1) faults.push([option.value, name, "is cut"]);
      if (size < 14) faults.push([option.value, name, "is small"]);
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push([option.value, "is wider than the page"]);
  }
  return faults;
}""".replace("SEEN", SEEN)


@pytest.mark.browser
@pytest.mark.parametrize("language", sample_of_today(["en", "fr"], 1))
def test_no_label_lies_on_another_or_is_cut_or_small_on_any_chart_at_any_width(visit, language):
    page = visit(f"cases.ipynb?lang={language}").page
    for width in (320, 390, 700, 768, 1280) if NIGHTLY or language == "fr" else (390, 1280):
        resize(page, width, 844)
        assert (width, page.evaluate(FAULTS)) == (width, [])


@pytest.mark.browser
def test_question_and_picture_stand_on_the_first_screen(visit):
    page = visit("cases.ipynb?question=entry_mode").page
    for width in (390, 1280):
        resize(page, width, 844)
        rows = page.locator("section.cases tr:is(.shown, .between)").evaluate_all(
            "(marks) => marks.filter((mark) => mark.getBoundingClientRect().bottom < innerHeight).length"
        )
        assert page.locator("section.cases h2").bounding_box()["y"] < 520 and rows >= 4, width


ACROSS = """() => {
  const select = document.querySelector("#question"), found = {};
  for (const option of select.options) {
    select.value = option.value;
    select.dispatchEvent(new Event("change"));
    const chart = document.querySelector("section.cases .chart"), { top, bottom } = chart.getBoundingClientRect();
    found[option.value] = [...chart.querySelectorAll(":is(.band, .inside, .note)")].map((word) => {
      const box = word.getBoundingClientRect();
      return [word.classList[0], box.top - top, box.bottom - bottom, getComputedStyle(word).color];
    });
  }
  return found;
}"""


@pytest.mark.browser
def test_the_word_stands_above_below_and_inside_every_chart_and_is_read(visit, english):
    page = visit("cases.ipynb").page
    for width, scheme in product((390, 1280), ("light", "dark")):
        resize(page, width)
        page.emulate_media(color_scheme=scheme)
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        charts = page.evaluate(ACROSS)
        assert [*charts] == [chart.id for chart in english.charts]
        for name, words_in in charts.items():
            assert words_in[0][:2] == ["band", 0] and words_in[-1][0] == "band" and abs(words_in[-1][2]) < 10
            assert "inside" in {kind for kind, *_ in words_in}
            heights = sorted(top for _, top, *_ in words_in)
            assert max(below - above for above, below in pairwise(heights)) <= (200 if width == 390 else 150), name
        for is_band, colour in {(kind == "band", colour) for each in charts.values() for kind, *_, colour in each}:
            assert Color(colour).contrast(Color(paper)) >= (7 if is_band else 3)


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
          const marks = [...document.querySelectorAll("section.cases .chart svg *:not(g, svg, use)")];
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
