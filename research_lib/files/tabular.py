"""Tables that others send, as CSV or in a workbook: loaded with a report, or refused with file, line and reason."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from research_lib.files.content_kind import ARCHIVE, EXCEL, HEAD, PICTURE, ZIP, is_zipped, kind_named, opening_kind
from research_lib.files.opening import MB, UnreadableFileError, open_file
from research_lib.files.tables import csv_records, workbook
from research_lib.files.tables.table_shape import AS_CSV, MOST_BLANK_ROWS, Findings, Note, Shaper, TableRefusedError
from research_lib.files.tables.workbook_cells import letters_of

__all__ = ["KINDS", "Loaded", "Note", "TableRefusedError", "kind_of", "read_sheets", "read_table"]

type Kind = Literal["text", "workbook"]

KINDS: dict[str, Kind] = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
}
SEARCHED = 64 * MB
FIXES = {ARCHIVE: "unpack it first", PICTURE: "ask for the table itself"}
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MARKUP = (
    (rb"(?i)<(!doctype|html|head|body|table|meta|style)\b", "a web page (HTML)", ""),
    (rb"<\?xml|<\w*:?Workbook\b", "XML", ""),
)


@dataclass(frozen=True)
class Loaded:
    """A table as read: its cells as text, the report of what was found, and the names of all sheets of its workbook.

    The index of `frame` has the line of the file, or the row of the sheet, that each record begins on; a cell that is
    empty is "".
    """

    frame: pd.DataFrame
    report: tuple[Note, ...]
    sheets: tuple[str, ...] = ()


def read_table(
    path: Path | str, *, encoding: str | None = None, delimiter: str | None = None, content: bytes | None = None
) -> Loaded:
    """Read a table, every cell as text exactly as it means.

    Of a workbook the first visible sheet is read; its dates become ISO text, its numbers plain digits. The delimiter of
    a text is the one that fits every line, unless declared. Whatever looks like a code for a missing answer stays as it
    is and is noted. A text whose bytes are in `content` is not opened: `path` only names it.

    Raises TableRefusedError with file, line, reason and fix for whatever cannot be read without guessing or losing,
    and for more than 25 million cells.
    """
    path = Path(path)
    shaper = Shaper(path, Findings())
    if kind_of(path, content) == "text":
        return Loaded(csv_records.read_text(encoding, delimiter, shaper, content=content), shaper.findings.notes())
    if encoding is not None or delimiter is not None:
        shaper.findings.add(
            "encoding", "a workbook states its encoding and needs no delimiter: those declared are not used"
        )
    with workbook.opened_workbook(path) as book:
        return _read_sheet(book, workbook.first_visible(book), shaper)


def read_sheets(path: Path | str) -> Iterator[tuple[str, Loaded]]:
    """Read all sheets of a workbook, each by its name as `read_table` reads it; the workbook is opened once.

    A sheet in which nothing stands is passed over, unless all are so. Raises TableRefusedError as `read_table` does,
    also where no sheet is visible.
    """
    path = Path(path)
    kind_of(path)
    with workbook.opened_workbook(path) as book:
        workbook.first_visible(book)
        for sheet in [sheet for sheet in book.sheets if not _is_empty(book, sheet)] or book.sheets:
            yield sheet.title, _read_sheet(book, sheet, Shaper(path, Findings()))


def _is_empty(book: workbook.Workbook, sheet: Any) -> bool:
    return not any(any(cells) for _, cells in islice(workbook.rows(book, sheet, Findings()), MOST_BLANK_ROWS))


def _read_sheet(book: workbook.Workbook, sheet: Any, shaper: Shaper) -> Loaded:
    workbook.note_sheets(book, sheet, shaper.findings)
    shaper.pads, shaper.merged = True, workbook.merged_cells(book, sheet)
    frame, header = shaper.frame_of(workbook.rows(book, sheet, in_cells := Findings()))
    shaper.findings.take(in_cells, columns={letters_of(at): name for at, name in enumerate(header, 1) if name})
    return Loaded(frame, shaper.findings.notes(), tuple(each.title for each in book.sheets))


def kind_of(path: Path, content: bytes | None = None) -> Kind:
    """Tell text from a workbook, by the name and by the first bytes, which must agree.

    `content` has the bytes of a text that is not on a disk. Raises TableRefusedError for a missing, empty or
    unreadable file, an unknown suffix, and for whatever is not what its name says, with what it is instead. What a zip
    archive named as a workbook holds is looked at where it is opened.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise TableRefusedError(path, f"tables are read from {', '.join(KINDS)}", "save it as one of these")
    head = _beginning(path, HEAD, content)
    if not head:
        raise TableRefusedError(path, "it is empty", "ask for the file again")
    if found := _refused_opening(path, head, content):
        raise TableRefusedError(path, f"it is {found[0]}, not a table in text or a workbook", found[1], line=1)
    if is_zipped(head) and kind == "text":
        what = kind_named(path) if content is None else ZIP
        fix = "rename it to end in .xlsx" if what == EXCEL else AS_CSV
        raise TableRefusedError(path, f"it is {what}", fix, line=1)
    if kind == "workbook" and not is_zipped(head):
        raise TableRefusedError(path, "it is not a workbook, but text or damaged", "export it again, or name it .csv")
    return kind


def _beginning(path: Path, size: int, content: bytes | None) -> bytes:
    if content is not None:
        return content[:size]
    try:
        with open_file(path) as file:
            return file.read(size)
    except UnreadableFileError as error:
        raise TableRefusedError(path, error.reason, error.fix) from error


def _refused_opening(path: Path, head: bytes, content: bytes | None) -> tuple[str, str] | None:
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if ENCRYPTED in _beginning(path, SEARCHED, content):
            return "an encrypted workbook", "save a copy without a password"
        return "an old Excel workbook (.xls)", "open it in Excel or LibreOffice and save it as .xlsx"
    if found := opening_kind(head, MARKUP):
        return found[0], FIXES.get(found[0], AS_CSV)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return ("JSON", AS_CSV) if start[:1] in (b"{", b"[") and _is_json(path, start, content) else None


def _is_json(path: Path, start: bytes, content: bytes | None) -> bool:
    whole = _beginning(path, HEAD + 1, content).strip()
    whole = whole if len(whole) <= HEAD else b""
    for text in (start.splitlines()[0], whole.removeprefix(b"\xef\xbb\xbf")):
        try:
            return isinstance(json.loads(text), dict | list)
        except (ValueError, RecursionError):
            continue
    return False
