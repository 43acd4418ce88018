"""CSV for spreadsheets: nothing in it is computed, and everything comes back."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from research_lib.errors import ResearchError
from research_lib.files.spreadsheet import guarded, read_text, unguarded, write_frame, write_plain, write_text

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
BEFORE = "'\"“”‘’«» \u00a0\u200b\u200e\u202e\ufeff\x00\x01\x0b"
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.text(st.sampled_from([*SIGNS, *BEFORE, *";,\t\r\n", "a", "5", ".", "e"]), max_size=12),
)


def cells_of(text, delimiter):
    """What a spreadsheet finds in a CSV text where this character separates cells."""
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]


def is_number(cell):
    try:
        return cell.startswith("-") and float(cell.replace(",", ".")) is not None
    except ValueError:
        return False


def is_computed(cell):
    rest = cell.lstrip(BEFORE + "\t\r\n")
    is_guarded = "'" in cell.removesuffix(rest)
    return rest[:1] in set(SIGNS) and not is_guarded and not is_number(cell.strip())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+33 6", "'+33 6"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        (" =1+1", "' =1+1"),
        ('"=1+1', "'\"=1+1"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\ttext", "'\ttext"),
        ("\rtext", "'\rtext"),
        ("-", "'-"),
        ("-inf", "'-inf"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ("-5", "-5"),
        ("-3.2", "-3.2"),
        ("-3,2", "-3,2"),
        ("-1e-07", "-1e-07"),
        ("between; -5; and 5", "between; -5; and 5"),
        ("5; -5", "5;' -5"),
        (" -5", "' -5"),
        ("a = b", "a = b"),
        ("'t Hooft", "'t Hooft"),
        ("1990–1995", "1990–1995"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_compute_is_guarded_and_nothing_else(text, written):
    assert guarded(text) == written
    assert unguarded(written) == text


@given(TEXT)
@example("'=1")
@example("''=1")
@example("'\t=1")
@example("a;'-1+1")
@example("'-5")
def test_every_text_comes_back_from_its_guard(text):
    assert unguarded(guarded(text)) == text
    assert unguarded(guarded(guarded(text))) == guarded(text)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), max_size=5))
def test_every_row_comes_back_from_the_file(rows):
    assert read_text(write_text(rows)) == rows


@given(st.lists(TEXT, min_size=2, max_size=4), st.sampled_from(",;\t"))
@example(["", "\n\t="], ";")
def test_no_cell_is_computed_whatever_separates_cells_in_the_reader_s_country(row, delimiter):
    text = write_text([["name", *row]])
    assert [cell for cell in cells_of(text, delimiter) if is_computed(cell)] == []


@pytest.mark.parametrize("text", ["x;=1+1;y", "x\n=1+1\ny", "x\t@SUM(A1)\ty", "x;\u00a0=1+1", 'x";=1+1;"'])
def test_a_semicolon_inside_a_text_begins_no_formula_in_a_french_spreadsheet(text):
    written = write_text([["a", text, "b"]])
    for delimiter in ",;\t":
        assert [cell for cell in cells_of(written, delimiter) if is_computed(cell)] == []


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell():
    assert write_text([["n", -5, -3.2, -1e16, None]]) == "n,-5,-3.2,-1e+16,\n"


def test_a_table_comes_back_with_its_header():
    frame = pd.DataFrame({"=answer": ["-1+1", "", "'=x"], "count": pd.array([-5, None, 3], dtype="Int64")})
    text = write_frame(frame)
    assert text == "'=answer,count\n'-1+1,-5\n,\n''=x,3\n"
    assert read_text(text) == [["=answer", "count"], ["-1+1", "-5"], ["", ""], ["'=x", "3"]]


def test_what_is_no_csv_is_refused_with_its_line():
    with pytest.raises(ResearchError, match="line 2: it is not CSV"):
        read_text('a,b\n"c"d,e\n')


def test_a_table_for_programs_keeps_every_sign_of_a_row_s_end():
    frame = pd.DataFrame({"text": ["a\rb", "c\nd", "e\r\nf", "=1"]})
    assert list(csv.reader(io.StringIO(write_plain(frame), newline=""))) == [["text"], *frame.to_numpy().tolist()]
