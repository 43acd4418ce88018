"""Tables that others send, as CSV or in a workbook: loaded with a report, or refused with file, line and reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import batched, islice
from pathlib import Path

import pandas as pd

from research_lib.files.tables import csv_records, workbook
from research_lib.files.tables.file_kind import kind_of
from research_lib.files.tables.reading_report import Findings, Note, TableRefusedError
from research_lib.files.tables.table_shape import MOST_BLANK_ROWS, Layout, Row, Shaper, rows_at_once, rows_below
from research_lib.files.tables.workbook_cells import letters_of

__all__ = [
    "Loaded",
    "Note",
    "Stream",
    "TableRefusedError",
    "read_sheets",
    "read_table",
    "stream_table",
]

ROWS_AT_ONCE, MOST_CELLS = 50_000, 25_000_000


@dataclass(frozen=True)
class Loaded:
    """A table as read: its cells as text, the report of what was found, and the names of all sheets of its workbook.

    The index of `frame` has the line of the file, or the row of the sheet, that each record begins on; a cell that is
    empty is "", one declared missing is <NA>. `frame.attrs["file"]` is the file.
    """

    frame: pd.DataFrame
    report: tuple[Note, ...]
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stream:
    """A table that has been read through once and found sound, to be taken in frames; see `Loaded`.

    Each iteration reads the file anew, from its beginning.
    """

    layout: Layout
    report: tuple[Note, ...]
    sheets: tuple[str, ...]
    _rows: partial[Iterator[Row]]
    _missing: frozenset[str]
    _size: int
    _stamp: tuple[int, int] | None

    def __iter__(self) -> Iterator[pd.DataFrame]:
        if self._stamp and _stamp(self.layout.file) != self._stamp:
            raise TableRefusedError(self.layout.file, "it has changed since it was checked", "read it again")
        size = rows_at_once(self.layout.width, self._size)
        for batch in batched(rows_below(self._rows(findings=Findings()), self.layout), size):
            yield _frame(batch, self.layout, self._missing)


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
    and for more than 25 million cells, which `stream_table` reads.
    """
    stream = stream_table(
        path,
        encoding=encoding,
        sheet=sheet,
        delimiter=delimiter,
        header_rows=header_rows,
        missing=missing,
        most_cells=MOST_CELLS,
        content=content,
    )
    return _loaded(stream)


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
            shaper = Shaper(path, Findings(), most_cells=MOST_CELLS)
            yield name, _loaded(_stream_sheet(book, name, shaper, ROWS_AT_ONCE))


def _is_empty(book: workbook.Workbook, name: str) -> bool:
    rows = workbook.rows(book, workbook.choose_sheet(book, name, Findings()), Findings())
    return not any(any(cells) for _, cells in islice(rows, MOST_BLANK_ROWS))


def _loaded(stream: Stream) -> Loaded:
    frames = [*stream] or [_frame((), stream.layout, stream._missing)]
    frame = pd.concat(frames) if len(frames) > 1 else frames[0]
    frame.attrs["file"] = str(stream.layout.file)
    return Loaded(frame, stream.report, stream.sheets)


def stream_table(
    path: Path | str,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    header_rows: int = 1,
    missing: frozenset[str] = frozenset(),
    rows: int = ROWS_AT_ONCE,
    most_cells: int | None = None,
    content: bytes | None = None,
) -> Stream:
    """Read a table of any length in frames of so many rows, with the guarantees of `read_table`.

    The whole file is read through first, so that nothing is handed out of a file that would be refused further down;
    memory holds one frame, and of a workbook the texts that its cells share. A frame of a wide table has fewer rows.

    Raises TableRefusedError as `read_table` does, before the first frame; for the number of cells only where it is
    more than `most_cells`.
    """
    path = Path(path)
    if header_rows < 1 or rows < 1:
        raise TableRefusedError(path, "a table has at least one header row, a frame at least one row", "say 1 or more")
    shaper = Shaper(path, Findings(), header_rows, missing, most_cells=most_cells)
    if kind_of(path, content) == "text":
        if sheet is not None:
            raise TableRefusedError(path, "it is a text, without sheets", "leave the sheet out")
        table, layout = csv_records.open_text(path, encoding, delimiter, shaper, content=content)
        stamp = _stamp(path) if content is None else None
        return Stream(layout, shaper.findings.notes(), (), partial(csv_records.records, table), missing, rows, stamp)
    if encoding is not None or delimiter is not None:
        shaper.findings.add(
            "encoding", "a workbook states its encoding and needs no delimiter: those declared are not used"
        )
    with workbook.opened_workbook(path) as book:
        return _stream_sheet(book, sheet, shaper, rows)


def _stream_sheet(book: workbook.Workbook, name: str | None, shaper: Shaper, size: int) -> Stream:
    sheet = workbook.choose_sheet(book, name, shaper.findings)
    shaper.pads, shaper.merged = True, workbook.merged_cells(book, sheet)
    layout = shaper.survey(workbook.rows(book, sheet, in_cells := Findings()))
    letters = {letters_of(place + 1): name for place, name in zip(layout.places, layout.names, strict=True)}
    shaper.findings.take(in_cells, columns=letters)
    names = tuple(sheet.name for sheet in book.sheets)
    rows = partial(workbook.rows, book, sheet)
    return Stream(layout, shaper.findings.notes(), names, rows, shaper.missing, size, _stamp(book.path))


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _frame(batch: tuple[Row, ...], layout: Layout, missing: frozenset[str]) -> pd.DataFrame:
    columns = zip(*(cells for _, cells in batch), strict=True) if batch else [()] * len(layout.names)
    index = pd.Index([line for line, _ in batch], dtype="int64", name="line")
    data = {name: pd.Series(cells, index=index, dtype="str") for name, cells in zip(layout.names, columns, strict=True)}
    frame = pd.DataFrame(data, index=index)
    frame.attrs["file"] = str(layout.file)
    return frame.mask(frame.isin(missing)) if missing else frame
