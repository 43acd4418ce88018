"""Tables that arrive by mail: each is loaded as it is, with a report, or refused by file, line and reason."""

import csv
import datetime as dt
import io
import time
import zipfile
from collections import Counter

import openpyxl
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from malformed_tables import Case, Truth, all_cases
from python_calamine import CalamineWorkbook

from research_lib.errors import ResearchError
from research_lib.files.tables import csv_records
from research_lib.files.tabular import TableRefusedError, read_sheets, read_table

CASES = all_cases()
OUTCOMES: Counter[str] = Counter()


def written(path, data):
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def content(frame):
    """The truth of a frame: its header, and its cells by line."""
    rows = frame.astype(object).values.tolist()
    found = {
        int(line): tuple(None if pd.isna(cell) else cell for cell in row)
        for line, row in zip(frame.index, rows, strict=True)
    }
    return Truth(tuple(frame.columns), found)


def text_of(case: Case):
    """All that a damaged text says, read by another reader that forgives."""
    text = case.data.decode("utf-8", "replace")
    return Counter(cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=",") for cell in row if cell)


def check_loaded(case, loaded):
    assert not case.reason and case.line is None, f"loaded, but should be refused: {case.reason}"
    found = {(note.kind, line) for note in loaded.report for line in (0, *note.lines)}
    assert set(case.notes) <= found
    if case.truth:
        assert content(loaded.frame) == case.truth
    elif case.file.endswith(".csv"):
        kinds = {note.kind for note in loaded.report}
        cells = Counter(cell for cell in loaded.frame.to_numpy().ravel() if cell) + Counter(loaded.frame.columns)
        assert cells == text_of(case) or kinds & {"repeated header", "mark"}
    else:
        assert content(loaded.frame) == content(read_table_of(case.intact))


def read_table_of(data):
    """The cells of an undamaged workbook by another reader."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return pd.DataFrame(rows[1:], columns=rows[0], index=range(2, len(rows) + 1))


def check_refused(case, error, path):
    assert case.truth is None, f"refused, but can be read: {error}"
    assert error.file == str(path) and str(error).startswith(str(path))
    assert error.reason and error.fix and str(error).endswith(".")
    assert case.reason in str(error)
    if case.line is not None:
        assert error.line == case.line
    assert error.line == 0 or f"line {error.line}" in str(error)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_table_is_loaded_with_a_report_or_refused_with_a_reason(case, tmp_path):
    path, start = written(tmp_path / case.file, case.data), time.process_time()
    try:
        loaded = read_table(path, **case.options)
    except TableRefusedError as error:
        OUTCOMES["refused"] += 1
        check_refused(case, error, path)
    else:
        OUTCOMES["loaded"] += 1
        assert loaded.report
        check_loaded(case, loaded)
    assert time.process_time() - start < 2


def test_there_are_more_than_500_and_both_outcomes_are_many():
    assert len(CASES) == len({case.name for case in CASES}) >= 1_000
    print(f"{len(CASES)} tables: {OUTCOMES['loaded']} loaded, {OUTCOMES['refused']} refused")
    readable = sum(case.truth is not None for case in CASES)
    assert readable >= 400
    assert sum(bool(case.reason) for case in CASES) >= 360
    assert [case.data for case in all_cases()] == [case.data for case in CASES]


@pytest.mark.parametrize("name", ["none.csv", "none.xlsx", "a\0b.csv", "."])
def test_what_is_no_file_is_refused(tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / name, tmp_path / "folder.csv"):
        with pytest.raises(ResearchError):
            read_table(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\r\n1,2\r\n3,4\r\n", ["lines end in CR LF"]),
        ("a,b\r\n1,2\r\n3,4", ["lines end in CR LF"]),
        ("a,b\r\n1,2\n3,4\n", ["lines end in CR LF (1×, line 1)", "lines end in LF (2×, line 2, …)"]),
        ("a,b\n", ["lines end in LF"]),
    ],
)
def test_where_lines_end_in_one_way_no_line_is_named(tmp_path, text, said):
    report = read_table(written(tmp_path / "a.csv", text), delimiter=",").report
    assert [str(note) for note in report if note.kind == "line ends"] == said


def test_the_report_names_what_was_found(tmp_path):
    text = "id,country,income,ids\n1,NA,-99,007\n\n2,FRA,500,12\n3,NA,-99,13\n"
    loaded = read_table(written(tmp_path / "a.csv", text))
    assert [str(note) for note in loaded.report if note.kind != "encoding"] == [
        "comma between the cells (the only one that fits every line)",
        "lines end in LF",
        "blank row, not read (1×, line 3)",
        "column 'country': 'NA' looks like a code for a missing answer, but was not declared one: kept as text (2×, line 2, …)",
        "column 'income': '-99' looks like a code for a missing answer, but was not declared one: kept as text (2×, line 2, …)",
        "column 'ids': some cells begin with 0, others are shorter: zeros may have been lost before the file came here",
    ]
    assert loaded.frame["country"].tolist() == ["NA", "FRA", "NA"]
    assert loaded.frame["income"].tolist() == ["-99", "500", "-99"]


def test_a_long_file_is_checked_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_records, "AT_ONCE", 1 << 12)
    text = "id,name\n" + "".join(f"{n:06},温州\n" for n in range(2_000))
    for encoding in ("utf-8", "utf-16", "utf-32", "utf-8-sig"):
        assert len(read_table(written(tmp_path / "a.csv", text.encode(encoding))).frame) == 2_000
    for encoding in ("gb18030", "utf-16-le", "utf-16-be"):
        path = written(tmp_path / "a.csv", text.encode(encoding))
        assert read_table(path, encoding=encoding).frame["name"].eq("温州").all()
    for bad, place in ((b"\xff", 1_500), (b"\0", 1_900), (b"\x1b", 1_000)):
        lines = text.encode().split(b"\n")
        lines[place] += bad
        with pytest.raises(TableRefusedError) as caught:
            read_table(written(tmp_path / "a.csv", b"\n".join(lines)))
        within = 8192 // len(lines[1]) if bad == b"\xff" else 1  # bytes are decoded in pieces
        assert abs(caught.value.line - place) <= within
    with pytest.raises(TableRefusedError, match=r"line end|more than"):
        read_table(written(tmp_path / "a.csv", b"id\n" + b"x" * 20_000))


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\r\t ,;|"'), max_size=8)


@given(
    header=st.lists(CELL.filter(str.strip), min_size=2, max_size=5, unique=True),
    data=st.data(),
    dialect=st.sampled_from(["excel", "excel-tab", "unix"]),
    delimiter=st.sampled_from([None, ";", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_what_python_writes_comes_back(tmp_path_factory, header, data, dialect, delimiter, encoding):
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(header), max_size=len(header)), max_size=6))
    kept = [row for row in rows if any(row) and row != header]
    assume(not header[0].startswith("\ufeff") and not any(row[0].startswith("\ufeff") for row in kept))
    path = tmp_path_factory.getbasetemp() / "round.csv"
    form = {"delimiter": delimiter} if delimiter else {}
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, dialect, **form).writerows([header, *rows])
    said = delimiter or ("\t" if dialect == "excel-tab" else ",")
    try:
        loaded = read_table(
            path, encoding=None if "sig" in encoding or encoding == "utf-16" else encoding, delimiter=said
        )
    except TableRefusedError as error:
        assert path.read_text(encoding).lstrip("\ufeff \n\r\t").startswith(("<", "{", "[", "%PDF", '"sep=', "sep=")), (
            error
        )
        return
    assert list(loaded.frame.columns) == header
    assert loaded.frame.astype(object).values.tolist() == kept
    skipped = sum(note.count for note in loaded.report if note.kind in ("blank row", "repeated header"))
    assert skipped == len(rows) - len(kept)


@given(data=st.binary(max_size=200) | st.text(st.sampled_from('a,;|"\n\r\t\ufeff0-é'), max_size=60).map(str.encode))
def test_any_bytes_end_in_a_report_or_a_refusal(tmp_path_factory, data):
    for name in ("any.csv", "any.xlsx"):
        try:
            assert read_table(written(tmp_path_factory.getbasetemp() / name, data)).report
        except TableRefusedError as error:
            assert error.reason and error.fix


XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=8)


@given(
    rows=st.lists(
        st.tuples(
            XML_TEXT.filter(lambda text: not text.startswith("=") and "_x" not in text),
            st.integers(-(10**14), 10**14)
            | st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda number: float(f"{number:.15g}")),
            st.dates(dt.date(1900, 3, 1), dt.date(2200, 1, 1)),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    ),
    since_1904=st.booleans(),
)
def test_what_openpyxl_writes_comes_back(tmp_path_factory, rows, since_1904):
    book = openpyxl.Workbook()
    if since_1904:
        rows = [(text, number, max(date, dt.date(1904, 1, 2)), flag) for text, number, date, flag in rows]
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["text", "number", "date", "flag"])
    for row in rows:
        book.active.append(row)
        book.active.cell(book.active.max_row, 1).data_type = "s"
    path = tmp_path_factory.getbasetemp() / "book.xlsx"
    book.save(path)
    frame = read_table(path).frame
    assert frame["text"].tolist() == [text for text, *_ in rows]
    assert [float(number) for number in frame["number"]] == [number for _, number, *_ in rows]
    assert frame["date"].tolist() == [date.isoformat() for *_, date, _ in rows]
    assert frame["flag"].tolist() == [str(flag).upper() for *_, flag in rows]


def test_notes_on_a_workbook_name_the_column(tmp_path):
    book = openpyxl.Workbook()
    for row in (["B", "A"], ["x", dt.date(2019, 3, 5)], ["y", "=1/0"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(TableRefusedError, match=r"line 3, column 'B': this formula has never been calculated"):
        read_table(tmp_path / "a.xlsx")
    book.active["B3"] = None
    book.active["A2"].comment = openpyxl.comments.Comment("a doubt", "ana")
    book.save(tmp_path / "a.xlsx")
    notes = read_table(tmp_path / "a.xlsx").report
    assert [note.column for note in notes if note.kind == "dates"] == ["A"]
    assert "comments" in {note.kind for note in notes}


PADDED = """
format  number  read    noted
00000   123     00123   yes
00000   0       00000   yes
00000   12345   12345   yes
00000   123456  123456  yes
00000   -5      -5      no
00000   -123    -123    no
00000   1.5     1.5     no
00000   -0.5    -0.5    no
00      7       07      yes
0       7       7       no
"""


@pytest.mark.parametrize("row", PADDED.strip().splitlines()[1:])
def test_zeros_that_a_workbook_shows_are_read_before_whole_numbers_from_0_on(tmp_path, row):
    shown, number, text, noted = row.split()
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = "code", float(number)
    book.active["A2"].number_format = shown
    book.save(tmp_path / "a.xlsx")
    loaded = read_table(tmp_path / "a.xlsx")
    assert loaded.frame["code"].tolist() == [text]
    assert ("leading zeros" in {note.kind for note in loaded.report}) == (noted == "yes")


@pytest.mark.parametrize(
    ("cells", "noted"),
    [
        ("007 12", True),
        ("007 0", True),
        ("07 12", False),
        ("007 123", False),
        ("0042 12345", False),
        ("0 12", False),
        ("1 123", False),
        ("-05 5", False),
        ("-007 007 12", False),
        ("007 12 x", False),
        ("007 -99 123", False),
        ("007 -99 12", True),
    ],
)
def test_zeros_may_be_lost_where_all_are_digits_and_one_is_shorter_than_another_with_zeros(tmp_path, cells, noted):
    loaded = read_table(written(tmp_path / "a.csv", "\n".join(["ids", *cells.split(), ""])))
    assert loaded.frame["ids"].tolist() == cells.split()
    assert ("leading zeros" in {note.kind for note in loaded.report}) == noted


def test_the_sheets_of_a_workbook_are_read_with_one_opening(tmp_path, monkeypatch):
    opened, path = [], tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for name, cells in {"people": ["code", "0042"], "stays": ["town", "Turin"], "notes": ["note", "none"]}.items():
        sheet = book.create_sheet(name)
        for cell in cells:
            sheet.append([cell])
    del book["Sheet"]
    book["notes"].sheet_state = "hidden"
    book.save(path)

    class Counted(zipfile.ZipFile):
        def __init__(self, *args, **options):
            opened.append(1)
            super().__init__(*args, **options)

    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    together = dict(read_sheets(path))
    assert len(opened) == 1
    assert [*together] == ["people", "stays", "notes"]
    assert all(loaded.sheets == ("people", "stays", "notes") for loaded in together.values())
    assert [note.text for note in together["notes"].report if note.kind in ("sheet", "other sheet", "hidden")] == [
        "the sheet 'notes' is read",
        "the sheet 'people' is not read",
        "the sheet 'stays' is not read",
        "the sheet 'notes' is hidden in the workbook, and read",
    ]
    first = read_table(path)
    pd.testing.assert_frame_equal(together["people"].frame, first.frame)
    assert together["people"].report == first.report
    assert together["people"].frame["code"].tolist() == ["0042"]


@pytest.mark.parametrize("length, is_read", [(2_000, True), (2_001, False)])
def test_a_header_has_at_most_2_000_characters(tmp_path, length, is_read):
    path = written(tmp_path / "long.csv", f"case,{'n' * length}\n1,2\n")
    if is_read:
        assert read_table(path).frame.columns[1] == "n" * length
        return
    with pytest.raises(TableRefusedError, match=r"long\.csv, line 1: the header 'n+…?'? has 2,001 characters"):
        read_table(path)


def test_a_refusal_without_a_line_names_none():
    assert str(TableRefusedError("a.csv", "it is empty", "send it again")) == "a.csv: it is empty; send it again."


def test_the_first_of_several_delimiters_is_the_example(tmp_path):
    with pytest.raises(TableRefusedError, match=r"alone; in Python, delimiter=','"):
        read_table(written(tmp_path / "both.csv", "a;b,c\n1;2,3\n"))


@pytest.mark.parametrize("header, is_noted", [("'", False), ("'a'", True)])
def test_apostrophes_around_a_header_are_noted(tmp_path, header, is_noted):
    table = read_table(written(tmp_path / "one.csv", f"{header}\n1\n"))
    assert list(table.frame.columns) == [header]
    assert ("apostrophes" in [note.kind for note in table.report]) is is_noted


def workbook(path, rows, merged=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def test_numbers_stored_as_text_are_noted_with_the_numbers_beside_them(tmp_path):
    table = read_table(workbook(tmp_path / "a.xlsx", [["all", "some"], ["1", "1"], ["2", 2]]))
    assert {note.column: note.text for note in table.report if note.kind == "number as text"} == {
        "all": "numbers stored as text",
        "some": "numbers stored as text, beside 1 stored as numbers",
    }
