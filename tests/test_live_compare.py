"""The page Compare without a browser: the sentence, the lines, the cautions, own files; then once in a browser."""

import csv
import io
from datetime import UTC, datetime
from itertools import product

import pandas as pd
import pytest
from conftest import ROOT, open_live

from research_lib.disclosure.released import open_release
from research_lib.errors import ResearchError
from research_lib.methods import contrasts
from research_lib.show.live import Compare
from research_lib.show.live.comparable_data import MOST_BYTES, Asked, Counted, OwnRecords, read_own
from research_lib.show.live.group_comparison import compare, counted, first_asked, p_value, points
from research_lib.show.words import words

EN = words("en")
ROWS = """
city   doctor  year  persons
Paris  yes     2007  12
Paris  no      2008  20
Turin  yes     2007   4
Turin  no      2008  30
Turin  refused 2008   3
"""


def records(text=ROWS):
    """A table of persons from a table of counts; the last column says how many persons have these cells."""
    head, *rows = (line.split() for line in text.strip().splitlines())
    frame = pd.DataFrame([row[:-1] for row in rows for _ in range(int(row[-1]))], columns=head[:-1], dtype="str")
    return OwnRecords(frame, EN)


def compared(data, question="doctor", groups=("Paris", "Turin"), *, strata="", family=()):
    return compare(data, Asked(question, ("yes",), "city", groups, strata), EN, family=family)


def uploaded(name, text):
    content = text if isinstance(text, bytes) else text.encode()
    about = {"type": "text/csv", "size": len(content), "last_modified": datetime.now(UTC)}
    return ({"name": name, "content": content, **about},)


@pytest.fixture(scope="module")
def page():
    return Compare(language="en")


def test_own_records_give_what_the_method_gives():
    found = compared(records())
    expected = contrasts.difference_interval(12, 32, 4, 34)
    (line,) = found.lines
    assert line.interval == pytest.approx((100 * expected.low, 100 * expected.high))
    assert line.p == pytest.approx(0.0165, abs=0.002)
    assert found.sentence == (
        "“yes” is more frequent for Paris (38%) than for Turin (12%). If there were no difference, chance would give one as "
        "large less than once in 20 times."
    )
    assert found.detail == (
        "Answer “yes”: Paris: 12 of 32; Turin: 4 of 34.",
        "The difference is 26 percentage points (95 % interval: 5 to 45).",
    )
    assert "Persons without an answer are not counted (Paris: 0, Turin: 3)" in " ".join(found.cautions)
    assert not found.is_synthetic


def test_the_other_order_of_the_groups_says_the_same():
    assert compared(records(), groups=("Turin", "Paris")).sentence == compared(records()).sentence


def test_a_small_difference_is_not_called_one():
    found = compared(records(ROWS.replace("Turin  yes     2007   4", "Turin  yes     2007   9")))
    assert found.sentence == (
        "No difference is shown in “yes” between Paris (38%) and Turin (23%): what is seen can be chance."
    )


def test_a_family_is_corrected_and_the_sentence_says_what_becomes_of_the_difference():
    table = ROWS.replace("doctor ", "doctor kin debts earner work ").replace("yes ", "yes yes no yes no ")
    table = table.replace("no      2008", "no no yes yes no 2008").replace("refused ", "refused yes no no yes ")
    data = records(table.replace("work  year", "work year"))
    alone, together = compared(data), compared(data, family=("kin", "debts", "earner", "work"))
    p_values = [line.p for line in together.lines]
    expected = contrasts.adjust(pd.DataFrame({"p_value": p_values}), family="five questions")["p_adjusted"]
    assert [line.adjusted for line in together.lines] == pytest.approx(list(expected))
    assert alone.lines[0].adjusted is None
    assert len(together.lines) == 5
    assert "Holm" in together.detail[-1]


def test_strata_are_shown_one_by_one_and_pooled():
    text = """
    city  doctor age   persons
    Paris yes    young 10
    Paris no     young 10
    Turin yes    young 5
    Turin no     young 15
    Paris yes    old   4
    Paris no     old   16
    Turin yes    old   2
    Turin no     old   18
    """
    found = compared(records(text), strata="age")
    assert [(line.kind, line.name) for line in found.lines] == [
        ("stratum", "old"),
        ("stratum", "young"),
        ("pooled", "at like strata, pooled (Mantel and Haenszel)"),
        ("all", "all together"),
    ]
    assert found.lines[2].difference[0] == pytest.approx(17.5)
    assert found.lines[3].difference[0] == pytest.approx(17.5)


def test_strata_that_contradict_each_other_are_named():
    text = """
    city  doctor age   persons
    Paris yes    young 40
    Paris no     young 5
    Turin yes    young 5
    Turin no     young 40
    Paris yes    old   5
    Paris no     old   40
    Turin yes    old   40
    Turin no     old   5
    """
    found = compared(records(text), strata="age")
    assert "The strata contradict each other" in " ".join(found.cautions)
    assert found.sentence.startswith("No difference is shown")


def test_a_released_difference_holds_whatever_the_true_counts_are(page):
    """All counts that round to the published ones lie within the range and the interval."""
    page.source.value = "released"
    page.question.value = "asylum_request"
    (line,) = page.result.lines
    table = open_release(ROOT / "data/released/synthetic-demonstration").tables["asylum_request"]
    shown = table.set_index(["country_code", "asylum_request"])["count"]
    near = {cell: range(int(shown[cell]) - 2, int(shown[cell]) + 3) for cell in product(("FRA", "ITA"), ("yes", "no"))}
    for k1, no1, k2, no2 in product(*near.values()):
        found = contrasts.difference_interval(k1, k1 + no1, k2, k2 + no2)
        assert line.difference[0] <= 100 * found.estimate + 1e-9 <= line.difference[1] + 2e-9
        if k1 in (near["FRA", "yes"][0], near["FRA", "yes"][-1]) and k2 in (
            near["ITA", "yes"][0],
            near["ITA", "yes"][-1],
        ):
            assert line.interval[0] <= 100 * found.low + 1e-9
            assert 100 * found.high <= line.interval[1] + 1e-9
    yes, no = shown["FRA", "yes"], shown["FRA", "no"]
    assert counted(line.first, EN) == f"about {yes:.0f} of {yes + no:.0f}"


def test_hidden_counts_stay_hidden_and_the_difference_is_a_range(page):
    page.question.value = "documents_taken"
    (line,) = page.result.lines
    assert line.first.shown is None
    assert "hidden" in counted(line.first, EN)
    assert line.difference[0] < 0 < line.difference[1]
    assert line.p == 1
    assert any("hidden to protect people" in caution for caution in page.result.cautions)
    assert "nothing can be said" in page.result.sentence and "%" not in page.result.sentence


def test_nothing_is_said_where_nothing_is_known():
    hidden, known = Counted("a", (0, 0), (0, 0), None), Counted("b", (1, 4), (1, 4), (1, 4))
    data = records()

    class Hidden:
        is_synthetic, is_released, cautions, questions = False, True, (), data.questions
        sides = data.sides

        def counts(self, asked):  # noqa: ARG002
            return [("", hidden, known)]

    assert compared(Hidden()).sentence == (
        "On “yes” nothing can be said of a and b: the counts are hidden, or nobody answered."
    )


def test_the_page_begins_with_a_result_of_which_both_sides_are_shown():
    page = Compare(language="en")
    (line,) = page.result.lines
    assert line.differs and line.first.shown and line.second.shown
    more, less = sorted((line.first, line.second), key=lambda each: each.shown[0] / each.shown[1], reverse=True)
    shares = [round(100 * each.shown[0] / each.shown[1]) for each in (more, less)]
    said = f"“yes” is more frequent for {more.group} (about {shares[0]}%) than for {less.group} (about {shares[1]}%)."
    assert page.result.sentence.startswith(said)
    assert "interval" not in page.result.sentence
    before = next(
        name for name, each in page._released.questions.items() if not page._released.hides(name, page.by.value)
    )
    assert page.question.value == before or "differ" in page.picture.value


def test_a_page_in_a_language_that_the_form_lacks_says_so_once(page):
    from dataclasses import replace

    assert page._released.is_translated
    foreign = replace(page._released, words=replace(EN, language="de"))
    assert not foreign.is_translated


def test_no_first_comparison_is_made_up_where_nothing_differs():
    same = records("city doctor persons\nParis yes 10\nParis no 10\nTurin yes 10\nTurin no 10")
    assert first_asked(same) is None
    assert first_asked(records()) is not None


def test_another_outcome_gives_another_sentence_and_synthetic_stands_above_the_picture(page):
    page.question.value = "health_care"
    before = page.result.sentence
    page.question.value = "asylum_request"
    assert page.result.sentence != before
    assert page.result.is_synthetic
    assert "<caption>SYNTHETIC" in page.picture.value
    assert "Synthetic records" in page.below.value


def test_the_choices_of_the_release_are_its_tables(page):
    page.question.value = "practice"
    assert {value for _, value in page.strata.options} == {"", "residence_status", "migration_kind", "debt_on_arrival"}
    page.question.value = "only_earner"
    assert {value for _, value in page.strata.options} == {""}
    page.question.value = "health_care"
    page.by.value = "residence_status"
    assert [value for _, value in page.first.options][:2] == ["irregular", "asylum_pending"]
    assert page.result.groups == ("irregular stay", "asylum procedure under way")
    page.by.value = "country_code"


def test_an_own_file_is_compared_and_marked_where_it_is_synthetic():
    page = Compare(language="en")
    page.source.value = "own"
    assert page.result is None
    assert "Choose a CSV file" in page.picture.value
    head = "city;doctor;is_synthetic\n"
    page.upload.value = uploaded("mine.csv", head + "Paris;yes;no\n" * 12 + "Paris;no;no\n" * 20 + "Turin;no;no\n" * 30)
    page.question.value = "doctor"
    assert "Paris" in page.result.sentence
    assert "SYNTHETIC" not in page.picture.value
    page.upload.value = uploaded("made.csv", head + "Paris;yes;yes\n" * 12 + "Turin;no;yes\n" * 30)
    assert page.result.is_synthetic
    assert "<caption>SYNTHETIC" in page.picture.value


def test_no_text_of_an_own_file_becomes_part_of_the_page():
    page = Compare(language="en")
    page.source.value = "own"
    rows = "a,<img src=x>\n" * 9 + "b,=1+1\n" * 9
    page.upload.value = uploaded("<b>.csv", f"<i>g</i>,<script>alert(1)</script>\n{rows}")
    assert page.result is not None
    assert "<img" not in page.picture.value
    assert "<script" not in page.picture.value
    cells = next(csv.DictReader(io.StringIO(page.result.to_csv())))
    assert not {cells["group1"], cells["group2"]} & {"=1+1"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("big.csv", b"a,b\n" * MOST_BYTES, "it has 3,600,000 bytes, and at most 900,000 are read; shorten it"),
        ("book.csv", b"PK\x03\x04rest", "it is a workbook; save the sheet as CSV in UTF-8"),
        ("one.csv", b"a,b\n1,2\n3,4,5\n", "one.csv"),
        ("ids.csv", b"a\n1\n2\n", "there is nothing to compare"),
        ("wide.csv", (",".join(map(str, range(201))) + "\n").encode(), "201 columns"),
        ("bytes.csv", b"a,b\n\xff\xfe\x00,1\n", "bytes.csv"),
        ("../../up.csv", b"", "up.csv"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(name, content, said):
    with pytest.raises(ResearchError) as error:
        read_own(name, content, EN)
    assert said in str(error.value)
    assert ".." not in str(error.value).replace("…", "")


def test_persons_who_stand_twice_are_named():
    frame = pd.DataFrame({"person_id": ["p1", "p1", "p2"], "city": ["Paris", "Paris", "Turin"], "doctor": ["yes"] * 3})
    assert OwnRecords(frame, EN).cautions == (
        "1 rows have a person_id that stands in the table before: keep one row a person.",
    )


def test_the_numbers_can_be_saved():
    found = compared(records())
    (row,) = csv.DictReader(io.StringIO(found.to_csv()))
    assert (row["k1_low"], row["n1_high"], row["group2"], row["is_synthetic"]) == ("12", "32", "Turin", "no")


@pytest.mark.parametrize(
    ("span", "written"), [((4.4, 20.1), "4 to 20"), ((-5.2, 11), "−5 to 11"), ((3, 3), "3"), ((-0.02, 0.3), "0 to 0.3")]
)
def test_spans_are_written_in_whole_points(span, written):
    assert points(span, EN) == written


def test_p_values_are_written_without_stars():
    assert [p_value(value) for value in (0.0001, 0.0123, 1.0)] == ["< .001", ".012", "1"]


def test_a_study_without_a_release_begins_with_an_own_file(tmp_path):
    from research_lib.evidence.new_study import new_study

    page = Compare(new_study(tmp_path / "mine", title="Mine", licence="CC0-1.0"))
    assert [value for _, value in page.source.options] == ["own"]
    assert "Choose a CSV file" in page.picture.value


def test_the_page_reads_french():
    page = Compare(language="fr")
    assert page.source.description == "Données"
    assert "SYNTHÉTIQUE" in page.picture.value


@pytest.mark.slow
@pytest.mark.browser
def test_another_outcome_changes_the_sentence_in_a_browser(browser, served):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_live(page, f"{served}/voila/render/compare.ipynb")
    page.wait_for_selector(".live-answer", timeout=90_000)
    before = page.inner_text(".live-answer")
    page.get_by_label("Outcome").select_option(label="Can you see a doctor when you need one?")
    page.wait_for_function("text => document.querySelector('.live-answer')?.innerText !== text", arg=before)
    assert "France" in page.inner_text(".live-answer")
    assert page.locator("caption").inner_text().startswith("SYNTHETIC")
    page.close()
