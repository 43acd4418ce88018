"""Decisions about cells that may name somebody: the list is written, filled in with any spreadsheet, and read back."""

import threading

import openpyxl
import pytest

from research_lib.errors import ResearchError
from research_lib.interviews.answers.decisions import (
    MOST_READ,
    Bound,
    DecisionsError,
    Find,
    decided_now,
    decisions_text,
    digest_of,
    read_decisions,
)

FIRST, SECOND = "s" + "0123456789abcdef" * 4, "s" + "fedcba9876543210" * 4
LIST = f"""\
file,line,column,kind,digest,decision
export.csv,2,remarks,telephone number,{FIRST},withhold
export.csv,7,plans,IBAN,{SECOND},keep
"""
READ = {("export.csv", 2, "remarks"): Bound("withhold", FIRST), ("export.csv", 7, "plans"): Bound("keep", SECOND)}


@pytest.fixture
def listed(tmp_path):
    def listed(text, name="decisions.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return listed


def test_a_list_that_was_filled_in_is_read_back(listed):
    finds = [
        Find("export.csv", 2, "remarks", "telephone number", "call 06 12 34 56 78"),
        Find("=cmd|' /C calc'.csv", 3, "a;b", "IBAN", "FR14"),
    ]
    text = decisions_text(finds)
    assert "\n'=cmd" in text and "06 12" not in text
    first, second = text.splitlines()[1:]
    read = read_decisions(listed(f"{text.splitlines()[0]}\n{first}withhold\n{second}keep\n"))
    assert {key: bound.decision for key, bound in read.items()} == {
        ("export.csv", 2, "remarks"): "withhold",
        ("=cmd|' /C calc'.csv", 3, "a;b"): "keep",
    }
    assert [bound.is_about(find.text) for bound, find in zip(read.values(), finds, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (LIST, "utf-8-sig"),
        (LIST, "utf-16"),
        (LIST.replace(",", ";"), "utf-8"),
        (LIST.replace(",", "\t"), "utf-8"),
        (LIST.replace("\n", "\r\n"), "utf-8"),
        (LIST.replace("withhold", " Withhold ").replace("keep", "KEEP"), "utf-8"),
        (LIST + f"export.csv,2,remarks,e-mail address,{FIRST},withhold\n", "utf-8"),
        ("\n".join(",".join(reversed(row.split(","))) for row in LIST.splitlines()), "utf-8"),
    ],
)
def test_what_a_spreadsheet_makes_of_a_list_is_read_all_the_same(listed, text, encoding):
    assert read_decisions(listed(text, encoding=encoding)) == READ


def test_a_list_may_be_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    for row in LIST.splitlines():
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row.split(",")])
    book.save(tmp_path / "decisions.xlsx")
    assert read_decisions(tmp_path / "decisions.xlsx") == READ


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("withhold", "", ":2: the decision is ''; write withhold or keep"),
        ("withhold", "witthold", ":2: the decision is another text; write withhold or keep"),
        ("keep", "keep it", ":3: the decision is another text; write withhold or keep"),
        ("csv,2,", "csv,two,", ":2: the line is another text, which is not a whole number; leave it as it was listed"),
        ("csv,2,", "csv,2.5,", ":2: the line is another text, which is not a whole number; leave it as it was listed"),
        ("csv,2,", "csv,-2,", ":2: the line is another text, which is not a whole number; leave it as it was listed"),
        (
            "csv,2,",
            f"csv,{'9' * 5000},",
            ":2: the line is another text, which is not a whole number; leave it as it was listed",
        ),
        ("csv,2,", "csv,²,", ":2: the line is another text, which is not a whole number; leave it as it was listed"),
        (
            ",kind,",
            ",sort,",
            ":1: it has 6 columns and lacks kind; name them file, line, column, kind, digest, decision",
        ),
        ("decision\n", "decision,note\n", ", line 2: this row has 6 cells where 7 are expected; complete it"),
        (",withhold", "", ", line 2: this row has 5 cells where 6 are expected; complete it"),
        (",withhold", ',"withhold', ", line 2: a quote opens here and never closes; close it"),
        ("7,plans,IBAN", "2,remarks,IBAN", ":3: it is to keep a cell that line 2 says to withhold; write the same"),
        (FIRST, "06 12 34 56 78", ":2: the digest is another text, which is not a digest; leave it as it was listed"),
        ("keep", "\u202ekeep", ":3: the decision is another text, with characters that nobody sees; write withhold or"),
    ],
)
def test_a_list_that_cannot_be_followed_is_refused_with_its_line(listed, old, new, sentence):
    path = listed(LIST.replace(old, new, 1))
    with pytest.raises(ResearchError) as refused:
        read_decisions(path)
    assert str(refused.value).startswith(f"{path}{sentence}"[:-1])


@pytest.mark.parametrize("old", ["withhold", "csv,2,", ",kind,", FIRST])
def test_no_error_says_what_somebody_typed_into_a_list(listed, old):
    with pytest.raises(DecisionsError) as refused:
        read_decisions(listed(LIST.replace(old, old.replace(old.strip(",").split(",")[-1], "Li Meihua \x1b"), 1)))
    assert "Meihua" not in str(refused.value) and "\x1b" not in str(refused.value)


def test_the_name_of_a_list_is_written_out(listed):
    with pytest.raises(DecisionsError, match=r"decisions\\u202e\.csv:2: the decision is ''"):
        read_decisions(listed(LIST.replace("withhold", ""), "decisions\u202e.csv"))


def test_more_decisions_than_can_be_checked_are_refused_before_any_is_checked(listed):
    rows = (f"export.csv,{line},remarks,IBAN,{FIRST},keep\n" for line in range(2, MOST_READ + 2))
    text = LIST.splitlines(keepends=True)[0] + "".join(rows)
    assert len(read_decisions(listed(text))) == MOST_READ
    with pytest.raises(DecisionsError, match=r"it has 10,001 decisions, and at most 10,000 are read.*bring the export"):
        read_decisions(listed(text + f"export.csv,1,remarks,IBAN,{FIRST},keep\n"))


def test_several_decisions_are_checked_at_once_and_each_is_about_its_own_text():
    texts = {cell: f"call {cell}" for cell in "abcdef"}
    bound = {cell: Bound("withhold", digest_of("another" if cell == "c" else text)) for cell, text in texts.items()}
    checking = threading.Barrier(2, timeout=20)

    class Waiting(Bound):
        def is_about(self, text):
            checking.wait()
            return super().is_about(text)

    pair = {cell: Waiting("keep", digest_of(texts[cell])) for cell in "ab"}
    assert decided_now({**bound, **pair, "f": "keep"}, texts) == {
        **dict.fromkeys("ab", "keep"),
        **{"c": None, "d": "withhold", "e": "withhold", "f": "keep"},
    }


def test_other_files_are_no_list(listed, tmp_path):
    for path, sentence in (
        (tmp_path / "none.csv", "there is no such file; check the path"),
        (listed("", "empty.csv"), "it is empty"),
        (listed("é", "latin.csv", "latin-1"), "it is not utf-8 throughout"),
        (tmp_path, "name it to end in .csv"),
        (listed(LIST, "decisions"), "name it to end in .csv"),
    ):
        with pytest.raises(ResearchError, match=sentence):
            read_decisions(path)


def test_a_list_that_is_not_there_yet_decides_nothing(tmp_path):
    assert read_decisions(tmp_path / "later.csv", may_be_missing=True) == {}
    with pytest.raises(DecisionsError, match=r"name it to end in \.csv"):
        read_decisions(tmp_path / "later", may_be_missing=True)


def test_a_longer_list_loses_no_decision(listed):
    text = decisions_text([Find("export.csv", 9, "remarks", "telephone number", "call")], READ)
    read = read_decisions(listed(text.removesuffix("\n") + "keep\n"))
    assert {key: read[key] for key in READ} == READ and len(read) == len(READ) + 1
    assert read["export.csv", 9, "remarks"].is_about("call")


def test_a_digest_that_was_listed_long_ago_is_still_of_its_text():
    listed = "s00000000000000000000000000000000fface45cdc1e6a2dad72096115995a84"
    assert digest_of("06 12 34 56 78", bytes(16)) == listed
    assert Bound("keep", listed).is_about("06 12 34 56 78") and not Bound("keep", listed).is_about("06 12 34 56 79")
