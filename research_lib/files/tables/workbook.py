"""Tables in workbooks (.xlsx): its sheets, its date system, and each row with the text of its cells.

The parts are read here and not by a library, because those at hand round numbers, hide formulas, or hold all at once.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath
from typing import Any

from lxml import etree

from research_lib.files.archives import Archive, UnsafeFileError, open_archive, refuse_document_type
from research_lib.files.content_kind import EXCEL, archive_kind
from research_lib.files.tables.table_shape import AS_CSV, Findings, Merged, Row, TableRefusedError
from research_lib.files.tables.workbook_cells import COLUMNS, CellReader, System, column_of, format_kinds, text_of

PIECE, SILENT, OVERLAP, ROWS = 1 << 20, 16, 1 << 8, 1_048_576
MOST_STRINGS, MOST_MERGED = 2_000_000, 200_000
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,200}?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
ROW = re.compile(r"[1-9]\d{0,6}", re.ASCII)
SAVE_AGAIN = "open it in Excel or LibreOffice and save it again as .xlsx"
TRUE = ("1", "true")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, the part of the archive that has it, and whether it is hidden."""

    name: str
    part: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Workbook:
    """What a workbook states before any cell is read, and its archive."""

    path: Path
    archive: Archive = field(repr=False)
    sheets: tuple[Sheet, ...]
    system: System
    wants_calculation: bool
    strings: list[str] = field(repr=False)
    kinds: list[str] = field(repr=False)
    has_comments: bool


@contextmanager
def opened_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook: its list of sheets, the shared texts, the number formats and the date system.

    Raises TableRefusedError for what is not a plain workbook, with a part that is damaged, or declares entities.
    """
    try:
        with open_archive(path) as archive:
            yield _workbook(path, archive)
    except UnsafeFileError as error:
        reason = f"it cannot be read safely or whole ({str(error).rstrip('.')})"
        raise TableRefusedError(path, reason, SAVE_AGAIN) from error


def _workbook(path: Path, archive: Archive) -> Workbook:
    if (what := archive_kind(archive)[0]) != EXCEL:
        raise TableRefusedError(path, f"it is {what}", AS_CSV, line=1)
    main = _target(archive, path, "", "/officeDocument")
    if main is None:
        raise TableRefusedError(path, "its main part is missing", SAVE_AGAIN)
    sheets, flags = _sheets(archive, path, main)
    strings, styles = (_target(archive, path, main, kind) for kind in ("/sharedStrings", "/styles"))
    return Workbook(
        path,
        archive,
        tuple(sheets),
        1904 if flags.get("date1904") in TRUE else 1900,
        flags.get("fullCalcOnLoad") in TRUE,
        list(_strings(archive, path, strings)) if strings else [],
        _styles(archive, path, styles) if styles else [],
        any("comments" in name.rpartition("/")[2].lower() for name in archive.names),
    )


def first_visible(book: Workbook) -> Sheet:
    """The first sheet that is visible; raises TableRefusedError when there is none."""
    if visible := [sheet for sheet in book.sheets if not sheet.is_hidden]:
        return visible[0]
    names = tuple(sheet.name for sheet in book.sheets)
    fix = f"make one of {', '.join(names)} visible in Excel or LibreOffice"
    raise TableRefusedError(book.path, "all its sheets are hidden", fix)


def note_sheets(book: Workbook, read: Sheet, findings: Findings) -> None:
    """Note which sheet is read, which are not, and what is hidden."""
    findings.add("sheet", f"the sheet {read.name!r} is read")
    for sheet in book.sheets:
        if sheet is not read:
            findings.add("other sheet", f"the {'hidden ' * sheet.is_hidden}sheet {sheet.name!r} is not read")
    if read.is_hidden:
        findings.add("hidden", f"the sheet {read.name!r} is hidden in the workbook, and read")
    if book.has_comments:
        findings.add("comments", "the workbook has comments on cells, which are not read")


def merged_cells(book: Workbook, sheet: Sheet) -> Merged:
    """For each row the merged ranges that begin on it: first column, last column, last row, counted from 0, 0 and 1.

    Raises TableRefusedError where ranges that begin on one row overlap, and where there are very many.
    """
    merged: Merged = {}
    covered, count = Counter[int](), 0
    before = b""
    for piece in _pieces(book.archive, book.path, sheet.part, b"row"):
        for match in MERGED.finditer(before + piece):
            if match.end() > len(before):
                first, top, last, bottom = (part.decode() for part in match.groups())
                at = (column_of(first) - 1, column_of(last) - 1, int(bottom))
                merged.setdefault(int(top), []).append(at)
                covered[int(top)] += max(at[1] - at[0], 0) + 1
                count += 1
        if count > MOST_MERGED:
            raise TableRefusedError(book.path, f"it has more than {MOST_MERGED:,} merged cells", "unmerge them")
        before = piece[-OVERLAP:]
    if over := next((row for row, cells in covered.items() if cells > COLUMNS), 0):
        reason = "merged cells that begin here lie on one another"
        raise TableRefusedError(book.path, reason, "unmerge them and fill each", line=over)
    return merged


def rows(book: Workbook, sheet: Sheet, findings: Findings) -> Iterator[Row]:
    """The rows of a sheet, each with its number and the texts of its cells up to the last one with content.

    Raises TableRefusedError, with row and column, for damage and for cells whose meaning is lost.
    """
    reader = CellReader(book.path, findings, book.strings, book.kinds, book.system, book.wants_calculation)
    number = 0
    for element in _elements(book.archive, book.path, sheet.part, ("col", "row", "sheetData")):
        if element.tag.endswith("}sheetData"):
            break
        if element.tag.endswith("}col"):
            if element.get("hidden") in TRUE:
                span = f"{element.get('min')} to {element.get('max')}"
                findings.add("hidden", f"columns {span} are hidden in the workbook, and read")
            continue
        number = _row_number(book.path, element, number)
        if element.get("hidden") in TRUE:
            findings.add("hidden", "the row is hidden in the workbook, and read", line=number)
        yield number, reader.row(number, element)
    reader.conclude()


def _row_number(path: Path, element: Any, before: int) -> int:
    text = element.get("r")
    if text is None:
        return before + 1
    number = int(text) if ROW.fullmatch(text) else 0
    if not before < number <= ROWS:
        raise TableRefusedError(path, f"a row with the number {text[:20]!r} follows it", SAVE_AGAIN, line=before)
    return number


def _pieces(archive: Archive, path: Path, part: str, mark: bytes) -> Iterator[bytes]:
    """The bytes of a part, which must be UTF-8 and have an element of that name in each 16 MB."""
    silent = 0
    with archive.open(part) as stream:
        while piece := stream.read(PIECE):
            silent = 0 if mark in piece else silent + 1
            if silent > SILENT or piece.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in piece:
                reason = f"its part {part} is not in UTF-8, or one <{mark.decode()}> in it does not end"
                raise TableRefusedError(path, reason, SAVE_AGAIN)
            yield piece


def _elements(archive: Archive, path: Path, part: str, names: tuple[str, ...]) -> Iterator[Any]:
    """The elements of these names in one part, one after the other; each is emptied before the next."""
    with archive.open(part) as stream:
        refuse_document_type(stream, f"{path}, {part}")
    with archive.open(part) as stream:
        tags = tuple(f"{{*}}{name}" for name in names)
        try:
            for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True):
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise TableRefusedError(path, f"its part {part} is damaged ({error!s:.99})", SAVE_AGAIN) from error


def _target(archive: Archive, path: Path, source: str, kind: str) -> str | None:
    """The part that another refers to as being of a kind."""
    found = _relations(archive, path, source)
    return next((part for part, its_kind in found.values() if its_kind.endswith(kind)), None)


def _relations(archive: Archive, path: Path, source: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: id → part, kind."""
    folder, _, name = source.rpartition("/")
    part = join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    if part not in archive.names:
        return found
    for element in _elements(archive, path, part, ("Relationship",)):
        target = normpath(join("/", folder, element.get("Target", ""))).lstrip("/")
        if element.get("TargetMode") != "External":
            found[element.get("Id", "")] = (target, element.get("Type", ""))
    return found


def _sheets(archive: Archive, path: Path, main: str) -> tuple[list[Sheet], dict[str, str]]:
    """The sheets that have rows, and what the workbook says of dates and calculation."""
    sheets: list[Sheet] = []
    flags: dict[str, str] = {}
    parts = _relations(archive, path, main)
    for element in _elements(archive, path, main, ("sheet", "workbookPr", "calcPr")):
        if not element.tag.endswith("}sheet"):
            flags |= dict(element.attrib)
            continue
        key = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
        part, kind = parts.get(key, ("", ""))
        if kind.endswith("/worksheet"):
            sheets.append(Sheet(element.get("name", ""), part, element.get("state", "visible") != "visible"))
    return sheets, flags


def _strings(archive: Archive, path: Path, part: str) -> Iterator[str]:
    for _ in _pieces(archive, path, part, b"si"):
        continue
    for number, element in enumerate(_elements(archive, path, part, ("si",))):
        if number == MOST_STRINGS:
            reason = f"it has more than {MOST_STRINGS:,} shared texts"
            raise TableRefusedError(path, reason, "save it as CSV in UTF-8, or give it in parts")
        yield text_of(element)


def _styles(archive: Archive, path: Path, part: str) -> list[str]:
    formats, used = dict[int, str](), list[int]()
    for element in _elements(archive, path, part, ("numFmt", "cellXfs")):
        try:
            if element.tag.endswith("}cellXfs"):
                used = [int(style.get("numFmtId", "0")) for style in element if isinstance(style.tag, str)]
            else:
                formats.setdefault(int(element.get("numFmtId", "")), element.get("formatCode", ""))
        except ValueError as error:
            raise TableRefusedError(path, f"a number format is damaged ({error!s:.99})", SAVE_AGAIN) from error
    return format_kinds(formats, used)
