"""Tables that others send, as CSV or in a workbook: loaded with a report, or refused with file, line and reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from research_lib.files.tables import csv_records, workbook
from research_lib.files.tables.file_kind import kind_of
from research_lib.files.tables.reading_report import Findings, Note, TableRefusedError
from research_lib.files.tables.table_shape import MOST_BLANK_ROWS, Shaper
from research_lib.files.tables.workbook_cells import letters_of

__all__ = ["Loaded", "Note", "TableRefusedError", "read_sheets", "read_table"]


@dataclass(frozen=True)
class Loaded:
    """A table as read: its cells as text, the report of what was found, and the names of all sheets of its workbook.

    The index of `frame` has the line of the file, or the row of the sheet, that each record begins on; a cell that is
    empty is "", one declared missing is <NA>.
    """

    frame: pd.DataFrame
    report: tuple[Note, ...]
    sheets: tuple[str, ...] = ()


def read_table(
    path: Path | str,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    header_rows: int = 1,
    missing: frozenset[str] = frozenset(),
    content: bytes | None = None,
) -> Loaded:
    """Read a table, every cell as text exactly as it means.

    Of a workbook the first visible sheet is read, or the one named by `sheet`; its dates become ISO text, its numbers
    plain digits. The delimiter of a text is the one that fits every line, unless declared. Several `header_rows` are
    joined as group/question. Only cells equal to one of `missing` are <NA>: whatever else looks like a code for a
    missing answer stays as it is and is noted. A text whose bytes are in `content` is not opened: `path` only names it.

    Raises TableRefusedError with file, line, reason and fix for whatever cannot be read without guessing or losing,
    and for more than 25 million cells.
    """
    path = Path(path)
    if header_rows < 1:
        raise TableRefusedError(path, "a table has at least one header row", "say 1 or more")
    shaper = Shaper(path, Findings(), header_rows, missing)
    if kind_of(path, content) == "text":
        if sheet is not None:
            raise TableRefusedError(path, "it is a text, without sheets", "leave the sheet out")
        return Loaded(csv_records.read_text(encoding, delimiter, shaper, content=content), shaper.findings.notes())
    if encoding is not None or delimiter is not None:
        shaper.findings.add(
            "encoding", "a workbook states its encoding and needs no delimiter: those declared are not used"
        )
    with workbook.opened_workbook(path) as book:
        return _read_sheet(book, sheet, shaper)


def read_sheets(path: Path | str) -> Iterator[tuple[str, Loaded]]:
    """Read all sheets of a workbook, each by its name as `read_table` reads it; the workbook is opened once.

    A sheet in which nothing stands is passed over, unless all are so. Raises TableRefusedError as `read_table` does,
    also where no sheet is visible.
    """
    path = Path(path)
    kind_of(path)
    with workbook.opened_workbook(path) as book:
        workbook.choose_sheet(book, None, Findings())
        names = [sheet.name for sheet in book.sheets]
        for name in [name for name in names if not _is_empty(book, name)] or names:
            yield name, _read_sheet(book, name, Shaper(path, Findings()))


def _is_empty(book: workbook.Workbook, name: str) -> bool:
    rows = workbook.rows(book, workbook.choose_sheet(book, name, Findings()), Findings())
    return not any(any(cells) for _, cells in islice(rows, MOST_BLANK_ROWS))


def _read_sheet(book: workbook.Workbook, name: str | None, shaper: Shaper) -> Loaded:
    sheet = workbook.choose_sheet(book, name, shaper.findings)
    shaper.pads, shaper.merged = True, workbook.merged_cells(book, sheet)
    frame, layout = shaper.frame_of(workbook.rows(book, sheet, in_cells := Findings()))
    letters = {letters_of(place + 1): name for place, name in zip(layout.places, layout.names, strict=True)}
    shaper.findings.take(in_cells, columns=letters)
    return Loaded(frame, shaper.findings.notes(), tuple(sheet.name for sheet in book.sheets))
