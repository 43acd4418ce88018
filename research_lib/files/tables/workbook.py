"""Tables in workbooks (.xlsx): openpyxl reads the cells, and what it passes over in silence is looked for first."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

from research_lib.files.archives import Archive, UnsafeFileError, open_archive, refuse_document_type
from research_lib.files.content_kind import EXCEL, archive_kind
from research_lib.files.tables.table_shape import AS_CSV, Findings, Merged, Row, TableRefusedError
from research_lib.files.tables.workbook_cells import COLUMNS, CellReader, column_of

PIECE = 1 << 20
SILENT = 16
OVERLAP = 1 << 9
ROWS = 1_048_576
MOST_STRINGS = 2_000_000
MOST_MERGED = 200_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,200}?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row(\s[^<>]{0,400})?>")
_NUMBER = re.compile(rb'\sr="([^"]{0,30})"')
_HIDDEN = re.compile(rb'\shidden="(?:1|true)"')
_HIDDEN_COLUMNS = re.compile(rb'<(?:\w+:)?col\s[^<>]{0,400}\shidden="(?:1|true)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ITEM = re.compile(rb"<(?:\w+:)?si[\s/>]")
_STRICT = b"purl.oclc.org/ooxml/spreadsheetml"
SAVE_AGAIN = "open it in Excel or LibreOffice and save it again as .xlsx"
# The dates and times that Excel has in Chinese (ECMA-376, 18.8.30), which openpyxl does not know.
_CHINESE = {
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((*range(32, 36), 55, 56), "h:mm:ss"),
}


@dataclass(frozen=True)
class Workbook:
    """A workbook that has been looked through, and its archive; `sheets` are openpyxl's, those with cells."""

    path: Path
    archive: Archive = field(repr=False)
    book: Any = field(repr=False)

    @property
    def sheets(self) -> list[Any]:
        """The sheets that have rows."""
        return list(self.book.worksheets)


@contextmanager
def opened_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook after looking through all of its parts.

    Raises TableRefusedError for what is not a plain workbook, with a part that is damaged, or declares entities.
    """
    try:
        with open_archive(path) as archive:
            if (what := archive_kind(archive)[0]) != EXCEL:
                raise TableRefusedError(path, f"it is {what}", AS_CSV, line=1)
            _check_parts(archive, path)
            book = _loaded(path, data_only=True)
            try:
                yield Workbook(path, archive, book)
            finally:
                book.close()
    except UnsafeFileError as error:
        reason = f"it cannot be read safely or whole ({str(error).rstrip('.')})"
        raise TableRefusedError(path, reason, SAVE_AGAIN) from error


def _check_parts(archive: Archive, path: Path) -> None:
    strings = 0
    for part in (name for name in archive.names if name.endswith((".xml", ".rels"))):
        with archive.open(part) as stream:
            refuse_document_type(stream, f"{path}, {part}")
        for piece in _pieces(archive, path, part):
            strings += len(_ITEM.findall(piece))
            if _STRICT in piece:
                raise TableRefusedError(path, "it is saved as Strict Open XML", "save it as a plain .xlsx")
    if strings > MOST_STRINGS:
        reason = f"it has more than {MOST_STRINGS:,} shared texts"
        raise TableRefusedError(path, reason, "save it as CSV in UTF-8, or give it in parts")


def _loaded(path: Path, *, data_only: bool) -> Any:
    from openpyxl import load_workbook  # loads slowly
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    BUILTIN_FORMATS.update(_CHINESE)
    try:
        with warnings.catch_warnings(action="ignore"):  # of what has no bearing on cells
            return load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    except Exception as error:  # it lets through whatever its parts meet in a damaged file
        raise TableRefusedError(path, f"it is damaged or unusual ({error!s:.99})", SAVE_AGAIN) from error


def first_visible(book: Workbook) -> Any:
    """The first sheet that is visible; raises TableRefusedError when there is none."""
    if visible := [sheet for sheet in book.sheets if sheet.sheet_state == "visible"]:
        return visible[0]
    names = ", ".join(sheet.title for sheet in book.sheets)
    raise TableRefusedError(
        book.path, "all its sheets are hidden", f"make one of {names} visible in Excel or LibreOffice"
    )


def note_sheets(book: Workbook, read: Any, findings: Findings) -> None:
    """Note which sheet is read, which are not, and what is hidden."""
    findings.add("sheet", f"the sheet {read.title!r} is read")
    for sheet in book.sheets:
        if sheet is not read:
            hidden = "" if sheet.sheet_state == "visible" else "hidden "
            findings.add("other sheet", f"the {hidden}sheet {sheet.title!r} is not read")
    if read.sheet_state != "visible":
        findings.add("hidden", f"the sheet {read.title!r} is hidden in the workbook, and read")
    if any("comments" in name.rpartition("/")[2].lower() for name in book.archive.names):
        findings.add("comments", "the workbook has comments on cells, which are not read")


def merged_cells(book: Workbook, sheet: Any) -> Merged:
    """For each row the merged ranges that begin on it: first column, last column, last row, counted from 0, 0 and 1.

    Raises TableRefusedError where ranges that begin on one row overlap, and where there are very many.
    """
    merged: Merged = {}
    covered = Counter[int]()
    for count, match in enumerate(_matches(book, sheet, _MERGED)):
        first, top, last, bottom = (part.decode() for part in match.groups())
        at = (column_of(first) - 1, column_of(last) - 1, int(bottom))
        merged.setdefault(int(top), []).append(at)
        covered[int(top)] += max(at[1] - at[0], 0) + 1
        if count == MOST_MERGED:
            raise TableRefusedError(book.path, f"it has more than {MOST_MERGED:,} merged cells", "unmerge them")
    if over := next((row for row, cells in covered.items() if cells > COLUMNS), 0):
        reason = "merged cells that begin here lie on one another"
        raise TableRefusedError(book.path, reason, "unmerge them and fill each", line=over)
    return merged


def rows(book: Workbook, sheet: Any, findings: Findings) -> Iterator[Row]:
    """The rows of a sheet, each with its number and the texts of its cells up to the last one with content.

    Raises TableRefusedError, with row and column, for damage and for cells whose meaning is lost.
    """
    _check_rows(book, sheet, findings)
    reader = CellReader(book.path, findings, is_stale=bool(getattr(book.book.calculation, "fullCalcOnLoad", False)))
    has_formulas = next(_matches(book, sheet, _FORMULA), None) is not None
    formulas = _formulas(book, sheet) if has_formulas else repeat(())
    sheet.reset_dimensions()  # what it states is not relied on
    number = 0
    try:
        for number, (cells, written) in enumerate(zip(sheet.iter_rows(), formulas, strict=False), 1):
            if cells:
                yield number, reader.row(number, cells, written)
    except TableRefusedError:
        raise
    except Exception as error:
        reason = f"a cell is damaged ({error!s:.99})"
        raise TableRefusedError(book.path, reason, "save the workbook again", line=number + 1) from error
    if reader.cells < sum(1 for _ in _matches(book, sheet, _CELL)):
        reason = "a cell stands twice, and one of the two would be lost"
        raise TableRefusedError(book.path, reason, "save the workbook again", line=number)
    reader.conclude()


def _formulas(book: Workbook, sheet: Any) -> Iterator[Any]:
    """The rows of a sheet with the formulas in place of their values."""
    other = _loaded(book.path, data_only=False)
    try:
        same = other[sheet.title]
        same.reset_dimensions()
        yield from same.iter_rows()
    finally:
        other.close()


def _check_rows(book: Workbook, sheet: Any, findings: Findings) -> None:
    """Refuse rows that do not follow one another, of which openpyxl would leave some out, and note hidden ones."""
    number = 0
    for match in _matches(book, sheet, _ROW):
        attributes = match[1] or b""
        given = _NUMBER.search(attributes)
        before, number = number, int(given[1]) if given and given[1].isdigit() else 0 if given else number + 1
        if not before < number <= ROWS:
            shown = given[1].decode(errors="replace") if given else ""
            reason = f"a row with the number {shown[:20]!r} follows it"
            raise TableRefusedError(book.path, reason, SAVE_AGAIN, line=before)
        if _HIDDEN.search(attributes):
            findings.add("hidden", "the row is hidden in the workbook, and read", line=number)
    if next(_matches(book, sheet, _HIDDEN_COLUMNS), None):
        findings.add("hidden", "columns are hidden in the workbook, and read")


def _matches(book: Workbook, sheet: Any, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """What a sheet's part has of a pattern, each once."""
    before = b""
    for piece in _pieces(book.archive, book.path, sheet._worksheet_path.lstrip("/")):
        yield from (match for match in pattern.finditer(before + piece) if match.end() > len(before))
        before = piece[-OVERLAP:]


def _pieces(archive: Archive, path: Path, part: str) -> Iterator[bytes]:
    """The bytes of a part, which must be UTF-8 and have a row or a text in each 16 MB."""
    silent = 0
    with archive.open(part) as stream:
        while piece := stream.read(PIECE):
            silent = 0 if b"row" in piece or b"si>" in piece else silent + 1
            if silent > SILENT or piece.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in piece:
                reason = f"its part {part} is not in UTF-8, or one row or text in it does not end"
                raise TableRefusedError(path, reason, SAVE_AGAIN)
            yield piece
