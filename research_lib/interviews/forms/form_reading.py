"""Forms as the platforms take them: XLSForm in .xlsx, .xls, .csv and .md, and XForm XML; pyxform knows their words.

A column, a type or a sheet that pyxform knows by several names gets its first one (`bind:relevant` is `relevant`,
`select one from` is `select_one`). What is not used is named in the form's notes.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pyxform import aliases, constants
from pyxform.errors import PyXFormError
from pyxform.parsing.sheet_headers import process_header
from pyxform.question import MultipleChoiceQuestion, Option
from pyxform.survey import Survey
from pyxform.xls2json_backends import get_xlsform

from research_lib.errors import ResearchError, quoted
from research_lib.files.archives import UnsafeFileError, open_archive, refuse_document_type
from research_lib.files.encodings import EncodingUnknownError, decode
from research_lib.files.opening import MB, objection, read_bytes
from research_lib.interviews.forms.form_rows import BEGINNINGS, ENDINGS, SHEETS, Form, FormError, Row
from research_lib.interviews.forms.question_types import with_standard_types
from research_lib.interviews.forms.xform_reading import read_xform

LARGEST, LARGEST_UNPACKED, MOST_ROWS, DEEPEST = 16 * MB, 128 * MB, 100_000, 50
_ALWAYS = {"survey": ("type", "name"), "choices": ("list_name", "name")}
_SEPARATOR, _PIPE = re.compile(r"[\s|:-]*"), re.compile(r"(?<!\\)\|")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_KNOWN = {
    "survey": (aliases.survey_header, {*MultipleChoiceQuestion.get_slot_names(), "disabled"}),
    "choices": (aliases.list_header, set(Option.get_slot_names())),
    "settings": (aliases.settings_header, set(Survey.get_slot_names())),
}
# The columns that pyxform reads under a longer name, by the name that XLSForm gives them.
_STANDARD = {
    ("list name",): "list_name",
    (constants.TITLE,): "form_title",
    (constants.ID_STRING,): "form_id",
    (constants.COMPACT_PREFIX,): "prefix",
    ("bind", "relevant"): "relevant",
    ("bind", "required"): "required",
    ("bind", "constraint"): "constraint",
    ("bind", "calculate"): "calculation",
    ("bind", "readonly"): "read_only",
    ("bind", "jr:constraintMsg"): "constraint_message",
    ("bind", "jr:requiredMsg"): "required_message",
    ("control", "appearance"): "appearance",
    ("control", "jr:count"): "repeat_count",
}


class Sheet(NamedTuple):
    """A sheet as it is written: its header, each row with its line, and the line of the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    line: int = 1


type Sheets = dict[str, Sheet]


def read_form(path: Path | str) -> Form:
    """Read a form: .xlsx, .xls, .csv or .md as XLSForm has it, or the .xml of an XForm.

    Texts are trimmed and otherwise unaltered. Raises FormError naming file, sheet and row where it is not such a
    form, and where the file could do harm.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FormError(f"{path}: forms are read from {', '.join(SUFFIXES)}; save it as one of these.")
    if found := objection(path, limit=LARGEST):
        raise FormError(f"{path}: {found[0]}; {found[1]}.")
    try:
        form = read_xform(path) if suffix == ".xml" else _from_sheets(path, *_READERS[suffix](path))
    except (EncodingUnknownError, UnsafeFileError) as error:
        raise FormError(str(error)) from error
    _refuse_deep(form.survey)
    return form


def _from_sheets(path: Path, sheets: Sheets, others: list[str]) -> Form:
    if "survey" not in sheets or not sheets["survey"].rows:
        there = f"; it has {', '.join(map(quoted, (*sheets, *others)))}" if sheets or others else ""
        raise FormError(f"{path}: it has no sheet `survey` with rows{there}; add one.")
    parts, unread = {}, list[str]()
    for name in SHEETS:
        place = path.name if path.suffix.lower() in (".csv", ".md") else f"{path.name}, sheet {name}"
        parts[name], strange = _standard_rows(place, name, sheets.get(name, Sheet((), ())))
        unread += [f"{place}: the column {quoted(column)}" for column in strange]
    unread += [f"{path.name}: the sheet {quoted(name)}" for name in others]
    if len(parts["settings"]) > 1:
        raise _refusal(path.name, parts["settings"][1].line, "settings have one row only; remove this one")
    notes = (f"not used: {'; '.join(unread)}",) if unread else ()
    form = Form(path.name, parts["survey"], parts["choices"], parts["settings"], notes)
    return with_standard_types(form, path.parent)


def _refuse_deep(rows: Iterable[Row]) -> None:
    depth = 0
    for row in rows:
        depth += (row.kind in BEGINNINGS) - (row.kind in ENDINGS)
        if depth > DEEPEST:
            raise _refusal(row.file, row.line, f"groups lie more than {DEEPEST} deep in one another; make them flatter")


# ---- names of columns


def _standard_rows(place: str, name: str, sheet: Sheet) -> tuple[tuple[Row, ...], list[str]]:
    """The rows of a sheet under the standard names of their columns, and the columns that XLSForm does not have."""
    named, strange = _standard_columns(place, name, sheet)
    if lacking := [column for column in _ALWAYS.get(name, ()) if sheet.rows and column not in named.values()]:
        raise _refusal(place, sheet.line, f"sheet {name} lacks the column {lacking[0]!r}; write the names of XLSForm")
    rows = []
    for line, cells in sheet.rows:
        written = {named[column]: text.strip() for column, text in cells.items() if column in named and text.strip()}
        if _CONTROL.search("".join(written.values())):
            raise _refusal(place, line, f"sheet {name}: a cell has a control character; type it again")
        if written:
            rows.append(Row(place, line, dict.fromkeys(named.values(), "") | written))
    return tuple(rows), strange


def _standard_columns(place: str, name: str, sheet: Sheet) -> tuple[dict[str, str], list[str]]:
    columns = list(dict.fromkeys(filter(None, sheet.header)))
    two_colons = any("::" in column for column in columns)
    known, named, strange = _KNOWN[name], dict[str, str](), list[str]()
    for column in columns:
        _, tokens = process_header(column, two_colons, *known)
        standard = _STANDARD.get(tokens) or _with_language(tokens)
        if standard in named.values():
            raise _refusal(place, sheet.line, f"sheet {name}: the column {quoted(standard)} occurs twice; remove one")
        named[column] = standard
        if name != "choices" and tokens[0] not in (*known[1], *_tops(known[0])):
            strange.append(column)
    return named, strange


def _tops(names: Mapping[str, Any]) -> Iterator[str]:
    yield from (name if isinstance(name, str) else name[0] for name in names.values())


def _with_language(tokens: tuple[str, ...]) -> str:
    """`label::English (en)`, also where the first part has a standard name of its own."""
    for length in range(len(tokens) - 1, 0, -1):
        if first := _STANDARD.get(tokens[:length]):
            return "::".join((first, *tokens[length:]))
    return "::".join(tokens)


# ---- files


def _read_workbook(path: Path) -> tuple[Sheets, list[str]]:
    """The sheets of a workbook as pyxform reads them: up to sixty empty rows, formulas by their last values."""
    if path.suffix.lower() == ".xlsx":
        _refuse_unsafe(path)
    try:
        found = get_xlsform(io.BytesIO(path.read_bytes()), file_type=path.suffix.lower())
    except PyXFormError as error:
        raise FormError(f"{path.name}: {_sentence(error)}; mend the sheet.") from error
    except ResearchError:
        raise
    except Exception as error:  # its readers let through whatever their parsers meet in a damaged file
        raise FormError(f"{path.name}: it cannot be read as {path.suffix} ({error!s:.99}); save it again.") from error
    sheets: Sheets = {}
    for name in SHEETS:
        rows: Any = getattr(found, name) or ()
        header: Any = getattr(found, f"{name}_header") or ({},)
        if len(rows) > MOST_ROWS:
            raise _refusal(path.name, MOST_ROWS, f"the sheet {name} has more than {MOST_ROWS:,} rows; part the form")
        sheets[name] = Sheet(tuple(header[0]), tuple(enumerate(rows, 2)))
    others = [name for name in found.sheet_names or () if name.lower() not in SHEETS]
    return {name: sheet for name, sheet in sheets.items() if sheet.header}, others if len(found.sheet_names) > 1 else []


def _refuse_unsafe(path: Path) -> None:
    with open_archive(path) as archive:
        if sum(member.info.file_size for member in archive.members.values()) > LARGEST_UNPACKED:
            raise FormError(f"{path.name}: it unpacks to more than {LARGEST_UNPACKED:,} bytes; give the form in parts.")
        for member in archive.members.values():
            if member.info.file_size and re.search(r"\.(xml|rels|vml)\Z", member.name, re.IGNORECASE):
                with archive.open(member.name) as stream:
                    refuse_document_type(stream, f"{path.name}, member {member.name}")


def _read_csv(path: Path) -> tuple[Sheets, list[str]]:
    text = decode(read_bytes(path, limit=LARGEST), name=path.name).text
    return _sheets(path.name, _csv_records(path.name, text))


def _csv_records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refusal(name, line, f"it is not CSV ({error}); check the quotation marks") from error


def _read_markdown(path: Path) -> tuple[Sheets, list[str]]:
    text = decode(read_bytes(path, limit=LARGEST), name=path.name).text
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    rows = ((number, line) for number, line in lines if line.startswith("|") and not _SEPARATOR.fullmatch(line))
    return _sheets(path.name, ((number, _cells(path.name, number, line)) for number, line in rows))


def _cells(name: str, number: int, line: str) -> list[str]:
    cells = _PIPE.split(line)
    if not line.endswith("|") or not cells[1:-1]:
        raise _refusal(name, number, "a row of a table begins and ends with |; write it so")
    return [cell.replace(r"\|", "|") for cell in cells[1:-1]]


def _sheets(name: str, records: Iterable[tuple[int, list[str]]]) -> tuple[Sheets, list[str]]:
    """Part the records by the sheet that their first column names; what follows such a name is the header."""
    parts: dict[str, list[tuple[int, list[str]]]] = {}
    current: list[tuple[int, list[str]]] | None = None
    for line, (first, *cells) in ((line, cells or [""]) for line, cells in records):
        if title := first.strip().lower():
            if title in parts:
                raise _refusal(name, line, f"the sheet {quoted(title)} occurs twice; remove one")
            current = parts[title] = []
        if any(cell.strip() for cell in cells):
            if current is None:
                listed = ", ".join(SHEETS)
                raise _refusal(name, line, f"the first column does not say which sheet this is; write one of {listed}")
            if len(current) > MOST_ROWS:
                raise _refusal(name, line, f"a sheet has more than {MOST_ROWS:,} rows up to here; part the form")
            current.append((line, cells))
    sheets = {sheet: _sheet(name, sheet, part) for sheet, part in parts.items() if sheet in SHEETS and part}
    return sheets, [sheet for sheet in parts if sheet not in SHEETS]


def _sheet(name: str, sheet: str, records: list[tuple[int, list[str]]]) -> Sheet:
    (first, written), *others = records
    header = [" ".join(cell.split()) for cell in written]
    named = [column for column in header if column]
    if len(named) != len(set(named)):
        raise _refusal(name, first, f"sheet {sheet}: a column occurs twice; check the header")
    for line, cells in others:
        beyond = [cell for at, cell in enumerate(cells) if cell.strip() and (at >= len(header) or not header[at])]
        if beyond:
            raise _refusal(name, line, f"sheet {sheet}: {quoted(beyond[0])} stands under no column; check the commas")
    rows = tuple((line, dict(zip(header, cells, strict=False))) for line, cells in others)
    return Sheet(tuple(header), rows, first)


def _sentence(error: PyXFormError) -> str:
    return " ".join(str(error).split()).rstrip(".")[:300]


def _refusal(name: str, line: int, reason: str) -> FormError:
    return FormError(f"{name}:{line}: {reason}.")


_READERS: dict[str, Callable[[Path], tuple[Sheets, list[str]]]] = {
    ".xlsx": _read_workbook,
    ".xls": _read_workbook,
    ".csv": _read_csv,
    ".md": _read_markdown,
}
SUFFIXES = (*_READERS, ".xml")
