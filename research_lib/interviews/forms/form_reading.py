"""Forms from files: the one-file CSV and the Markdown that pyxform reads, and .xlsx files that partners send."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl

from research_lib.errors import quoted
from research_lib.files.archives import UnsafeFileError, open_archive, refuse_document_type
from research_lib.files.encodings import EncodingUnknownError, decode
from research_lib.files.opening import MB, objection, read_bytes
from research_lib.interviews.forms.form_rows import BEGINNINGS, ENDINGS, SHEETS, TRANSLATED, Form, FormError, Row

type Record = tuple[int, list[str]]
type Sheets = dict[str, tuple[Row, ...]]

LARGEST, MOST_ROWS, MOST_COLUMNS, DEEPEST = 4 * MB, 5_000, 200, 50
_ALWAYS = {"survey": ("type", "name"), "choices": ("list_name", "name"), "settings": ()}
_COLUMNS = {
    "survey": re.compile(
        r"type|name|relevant|choice_filter|required|constraint|appearance|default|calculation|parameters"
        rf"|read_only|repeat_count|({'|'.join(TRANSLATED)})(::.+)?"
    ),
    "choices": re.compile(r"label(::.+)?|[a-z][a-z0-9_]*"),
    "settings": re.compile(r"form_title|form_id|version|default_language|prefix|style|public_key"),
}
_PIPE, _SEPARATOR = re.compile(r"(?<!\\)\|"), re.compile(r"[\s|:-]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_form(path: Path | str) -> Form:
    """Read a form: .csv or .md with the sheet's name in the first column, or .xlsx.

    Texts are trimmed and otherwise unaltered. Raises FormError naming file, sheet and row where it is not such a
    form: an unknown sheet or column, a cell outside the columns, a formula or a date in a cell, a file that could do
    harm.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise FormError(f"{path}: forms are read from {', '.join(_READERS)}; save it as one of these.")
    if found := objection(path, limit=LARGEST):
        raise FormError(f"{path}: {found[0]}; {found[1]}.")
    try:
        sheets = reader(path)
    except (EncodingUnknownError, UnsafeFileError) as error:
        raise FormError(str(error)) from error
    if not sheets.get("survey"):
        raise FormError(f"{path}: it has no sheet `survey` with rows; add one.")
    if len(sheets.get("settings", ())) > 1:
        raise _refusal(path.name, sheets["settings"][1].line, "settings have one row only; remove this one")
    _refuse_deep(sheets["survey"])
    return Form(path.name, *(sheets.get(sheet, ()) for sheet in SHEETS))


def _refuse_deep(rows: Iterable[Row]) -> None:
    depth = 0
    for row in rows:
        depth += (row.kind in BEGINNINGS) - (row.kind in ENDINGS)
        if depth > DEEPEST:
            raise _refusal(row.file, row.line, f"groups lie more than {DEEPEST} deep in one another; make them flatter")


def _read_csv(path: Path) -> Sheets:
    text = decode(read_bytes(path, limit=LARGEST), name=path.name).text
    return _sheets(path.name, _csv_records(path.name, text))


def _csv_records(name: str, text: str) -> Iterator[Record]:
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refusal(name, line, f"it is not CSV ({error}); check the quotation marks") from error


def _read_markdown(path: Path) -> Sheets:
    text = decode(read_bytes(path, limit=LARGEST), name=path.name).text
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    rows = ((number, line) for number, line in lines if line.startswith("|") and not _SEPARATOR.fullmatch(line))
    return _sheets(path.name, ((number, _cells(path.name, number, line)) for number, line in rows))


def _cells(name: str, number: int, line: str) -> list[str]:
    cells = _PIPE.split(line)
    if not line.endswith("|") or not cells[1:-1]:
        raise _refusal(name, number, "a row of a table begins and ends with |; write it so")
    return [cell.replace(r"\|", "|") for cell in cells[1:-1]]


def _sheets(name: str, records: Iterable[Record]) -> Sheets:
    """Part the records by the sheet that their first column names; what follows such a name is the header."""
    parts: dict[str, list[Record]] = {}
    current: list[Record] | None = None
    for line, (first, *cells) in ((line, cells or [""]) for line, cells in records):
        if sheet := first.strip():
            if sheet not in SHEETS or sheet in parts:
                raise _refusal(name, line, f"the sheet {quoted(sheet)} {_wrong_sheet(sheet)}")
            current = parts[sheet] = []
        if any(cell.strip() for cell in cells):
            if current is None:
                listed = ", ".join(SHEETS)
                raise _refusal(name, line, f"the first column does not say which sheet this is; write one of {listed}")
            if len(current) > MOST_ROWS:
                raise _refusal(name, line, f"a sheet has more than {MOST_ROWS:,} rows up to here; part the form")
            current.append((line, cells))
    return {sheet: _rows(name, sheet, part) for sheet, part in parts.items()}


def _wrong_sheet(sheet: str) -> str:
    return "occurs twice; remove one" if sheet in SHEETS else f"is not one of {', '.join(SHEETS)}; remove it"


def _rows(name: str, sheet: str, records: list[Record]) -> tuple[Row, ...]:
    """Check a sheet against its header, which is the first record."""
    if not records:
        return ()
    (first, header), *others = records
    header = [" ".join(cell.split()) for cell in header]
    _check_header(name, sheet, first, header)
    return tuple(_row(name, sheet, header, record) for record in others)


def _row(name: str, sheet: str, header: list[str], record: Record) -> Row:
    line, texts = record[0], [text.strip() for text in record[1]]
    stray = (text for column, text in zip_longest(header, texts, fillvalue="") if text and not column)
    if text := next(stray, ""):
        raise _refusal(name, line, f"sheet {sheet}: {text[:40]!r} stands under no column; check the commas")
    if _CONTROL.search("".join(texts)):
        raise _refusal(name, line, f"sheet {sheet}: a cell has a control character; type it again")
    cells = {column: text for column, text in zip_longest(header, texts, fillvalue="") if column}
    if "type" in cells:
        cells["type"] = " ".join(cells["type"].split())
    return Row(name, line, cells)


def _check_header(name: str, sheet: str, line: int, header: list[str]) -> None:
    named = [column for column in header if column]
    if len(header) > MOST_COLUMNS or len(named) != len(set(named)):
        raise _refusal(name, line, f"sheet {sheet}: a column occurs twice, or there are too many; check the header")
    if lacking := [column for column in _ALWAYS[sheet] if column not in named]:
        raise _refusal(name, line, f"sheet {sheet} lacks the column {lacking[0]!r}; write the names of XLSForm")
    if strange := [column for column in named if not _COLUMNS[sheet].fullmatch(column)]:
        raise _refusal(name, line, f"sheet {sheet} has a column {quoted(strange[0])} that is not read; remove it")


def _read_xlsx(path: Path) -> Sheets:
    with open_archive(path) as archive:
        if sum(member.info.file_size for member in archive.members.values()) > LARGEST:
            raise FormError(f"{path.name}: it unpacks to more than {LARGEST:,} bytes; give the form in parts.")
        for member in archive.members.values():
            if member.info.file_size and re.search(r"\.(xml|rels|vml)\Z", member.name, re.IGNORECASE):
                with archive.open(member.name) as stream:
                    refuse_document_type(stream, f"{path.name}, member {member.name}")
    try:
        with closing(openpyxl.load_workbook(path, read_only=True, keep_links=False)) as book:
            sheets = [(sheet.title, list(_xlsx_records(path.name, sheet))) for sheet in book.worksheets]
    except FormError:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers meet in a damaged file
        raise FormError(f"{path.name}: it cannot be read as .xlsx ({error!s:.99}); save it again.") from error
    if strange := [title for title, records in sheets if records and title not in SHEETS]:
        raise FormError(f"{path.name}: the sheet {strange[0]!r} {_wrong_sheet(strange[0])}.")
    return {title: _rows(f"{path.name}, sheet {title}", title, records) for title, records in sheets if records}


def _xlsx_records(name: str, sheet: Any) -> Iterator[Record]:
    for line, cells in enumerate(sheet.iter_rows(), 1):
        if line > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
            reason = f"sheet {sheet.title} goes on past {MOST_ROWS:,} rows or {MOST_COLUMNS} columns"
            raise _refusal(name, line, f"{reason}; delete what is empty there")
        texts = [_text(f"{name}, sheet {sheet.title}", line, cell) for cell in cells]
        if any(texts):
            yield line, texts


def _text(name: str, line: int, cell: Any) -> str:
    """What a cell says; a whole number as Excel keeps it (3.0) as it was typed."""
    value = cell.value
    if value is None or isinstance(value, str):
        if cell.data_type in ("f", "e"):
            raise _refusal(name, line, f"cell {cell.coordinate} has a formula or an error; write the text itself")
        return (value or "").strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    raise _refusal(name, line, f"cell {cell.coordinate} is a date or a fraction; write it again as text")


def _refusal(name: str, line: int, reason: str) -> FormError:
    return FormError(f"{name}:{line}: {reason}.")


_READERS: dict[str, Callable[[Path], Sheets]] = {".csv": _read_csv, ".md": _read_markdown, ".xlsx": _read_xlsx}
