"""Forms as the platforms take them: XLSForm in .xlsx, .xls, .csv and .md, and XForm XML; pyxform knows their words.

A column, a type or a sheet that pyxform knows by several names gets its first one (`bind:relevant` is `relevant`,
`select one from` is `select_one`). What is not used is named in the form's notes.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyxform import aliases, constants
from pyxform.errors import PyXFormError, PyXFormReadError
from pyxform.parsing.sheet_headers import dealias_and_group_headers
from pyxform.question import MultipleChoiceQuestion, Option
from pyxform.survey import Survey
from pyxform.xls2json_backends import get_excel_column_headers, xls_to_dict, xlsx_to_dict

from research_lib.errors import quoted
from research_lib.files.archives import UnsafeFileError, open_archive
from research_lib.files.encodings import EncodingUnknownError, decode
from research_lib.files.opening import MB, UnreadableFileError, read_bytes
from research_lib.files.spreadsheet import UnfitCsvError, read_rows
from research_lib.files.tabular import read_table
from research_lib.interviews.forms.form_rows import SHEETS, Form, FormError, Row
from research_lib.interviews.forms.question_types import with_standard_types
from research_lib.interviews.forms.xform_reading import read_xform
from research_lib.interviews.instruments import SUFFIXES

LARGEST, LARGEST_UNPACKED, MOST_ROWS = 16 * MB, 128 * MB, 100_000
_GUESSED = "cp1252"
_SEPARATOR, _PIPE = re.compile(r"[\s|:-]*"), re.compile(r"(?<!\\)\|")
_CHOICES = (aliases.list_header, {*Option.get_slot_names()}, {constants.LIST_NAME_S, constants.NAME})
_KNOWN: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    constants.SURVEY: (
        aliases.survey_header,
        {*MultipleChoiceQuestion.get_slot_names(), "disabled", "anonymise", "anonymize"},
        {constants.TYPE, constants.NAME},
    ),
    constants.CHOICES: _CHOICES,
    constants.EXTERNAL_CHOICES: _CHOICES,
    constants.SETTINGS: (aliases.settings_header, {*Survey.get_slot_names()}, set()),
}
# The names that XLSForm gives to columns which pyxform reads under longer ones.
_NAMES = (
    *("relevant", "required", "constraint", "calculation", "read_only", "appearance", "repeat_count"),
    *("constraint_message", "required_message", "list_name", "form_title", "form_id"),
)
_STANDARD = {
    target if isinstance(target, str) else "::".join(target): name
    for names, _, _ in _KNOWN.values()
    for name, target in names.items()
    if name in _NAMES
}
_NOTHING = "NA"  # as R writes an empty cell


@dataclass
class _Sheet:
    """A sheet as it is written: its header, and each row with its line."""

    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)


def read_form(path: Path | str, content: bytes | None = None) -> Form:
    """Read a form: .xlsx, .xls, .csv or .md as XLSForm has it, or the .xml of an XForm.

    `content`: the text of a .csv or .md form in UTF-8, instead of what the file has. Texts are trimmed and otherwise
    unaltered. Raises FormError naming file, sheet and row where it is not such a form, and where it could do harm.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FormError(f"{path}: forms are read from {', '.join(SUFFIXES)}; save it as one of these.")
    try:
        data = read_bytes(path, limit=LARGEST) if content is None else content
        if suffix == ".xml":
            return read_xform(data, path.name)
        read = _workbook_sheets if suffix in (".xlsx", ".xls") else _text_sheets
        return _from_sheets(path, *read(path, data))
    except (EncodingUnknownError, UnreadableFileError, UnsafeFileError) as error:
        raise FormError(str(error)) from error
    except PyXFormError as error:
        raise FormError(f"{path.name}: {' '.join(str(error).split()):.300}; mend it and save it again.") from error


def _from_sheets(path: Path, sheets: dict[str, _Sheet], notes: list[str]) -> Form:
    unread: list[str] = []
    parts: dict[str, list[Row]] = {}
    for name in _KNOWN:
        place = path.name if path.suffix.lower() in (".csv", ".md") else f"{path.name}, sheet {name}"
        parts[name], unused = _standard_rows(place, name, sheets.get(name, _Sheet()))
        unread += [f"{place}: the column {quoted(column)}" for column in unused]
    unread += [f"{path.name}: the sheet {quoted(name)}" for name in sheets if name not in _KNOWN]
    if not parts["survey"]:
        there = f"; it has {', '.join(map(quoted, [*sheets][:9]))}" if sheets else ""
        raise FormError(f"{path}: it has no sheet `survey` with rows{there}; add one.")
    if len(parts["settings"]) > 1:
        raise _refusal(path.name, parts["settings"][1].line, "settings have one row only; remove this one")
    notes += [f"not used: {'; '.join(unread)}"] if unread else []
    listed = {row.list_name for row in parts["choices"]}
    parts["choices"] += [row for row in parts[constants.EXTERNAL_CHOICES] if row.list_name not in listed]
    survey, choices, settings = (tuple(parts[name]) for name in SHEETS)
    return with_standard_types(Form(path.name, survey, choices, settings, tuple(notes)), path.parent)


# ---- names of columns


def _standard_rows(place: str, name: str, sheet: _Sheet) -> tuple[list[Row], list[str]]:
    """The rows of a sheet under the standard names of their columns, and the columns that are not used."""
    if len(sheet.rows) > MOST_ROWS:
        raise _refusal(place, sheet.rows[MOST_ROWS][0], f"a sheet has more than {MOST_ROWS:,} rows; part the form")
    named, unused = _standard_columns(name, sheet)
    rows = []
    for line, cells in sheet.rows:
        written = {named[column]: text.strip() for column, text in cells.items() if column in named and text.strip()}
        if written:
            rows.append(Row(place, line, dict.fromkeys(named.values(), "") | written))
    return rows, unused


def _standard_columns(name: str, sheet: _Sheet) -> tuple[dict[str, str], list[str]]:
    names, columns, required = _KNOWN[name]
    header = [column for column in sheet.header if column]
    found = dealias_and_group_headers(
        sheet_name=name,
        sheet_data=[{column: column} for column in header],
        sheet_header=[dict.fromkeys(header)],
        header_aliases=names,
        header_columns=columns,
        headers_required=required if sheet.rows else None,
    )
    tops = {*columns, *(name if isinstance(name, str) else name[0] for name in names.values())}
    named, unused = dict[str, str](), list[str]()
    for column, parts in zip(header, found.data, strict=True):
        standard = _standard_name(parts)
        if standard not in named.values():
            named[column] = standard
        if column not in named or (names is not aliases.list_header and next(iter(parts)) not in tops):
            unused.append(column)
    return named, unused


def _standard_name(parts: Any) -> str:
    """`label::English (en)` for a column that pyxform has taken apart into dictionaries in one another."""
    name = ""
    while isinstance(parts, dict):
        ((part, parts),) = parts.items()
        name = f"{name}::{part}" if name else part
        name = _STANDARD.get(name, name)
    return name


# ---- files


def _workbook_sheets(path: Path, data: bytes) -> tuple[dict[str, _Sheet], list[str]]:
    """The sheets of a workbook as pyxform reads them: up to sixty empty rows, formulas by their last values."""
    if path.suffix.lower() == ".xlsx":
        with open_archive(path) as archive:
            if sum(member.file_size for member in archive.members.values()) > LARGEST_UNPACKED:
                reason = f"it unpacks to more than {LARGEST_UNPACKED:,} bytes; give the form in parts"
                raise FormError(f"{path.name}: {reason}.")
    read = xlsx_to_dict if path.suffix.lower() == ".xlsx" else xls_to_dict
    try:
        found = read(io.BytesIO(data))
    except PyXFormError:
        raise
    except Exception as error:  # its readers let through whatever their parsers meet in a damaged file
        raise PyXFormReadError(f"Error reading {path.suffix} file: {error}") from error
    sheets = {
        name: _Sheet([*header[0]], list(enumerate(found[name], 2)))
        for name in _KNOWN
        if (header := found.get(f"{name}_header"))
    }
    others = found["sheet_names"] if len(found["sheet_names"]) > 1 else ()
    return sheets | {name: _Sheet() for name in others if name.lower() not in _KNOWN}, []


def _text_sheets(path: Path, data: bytes) -> tuple[dict[str, _Sheet], list[str]]:
    """The sheets of a text, whose rows name their sheet in the first column; its name is followed by the header."""
    text, notes = _decoded(path.name, data)
    sheets: dict[str, _Sheet] = {}
    records = _csv_records if path.suffix.lower() == ".csv" else _markdown_records
    for line, (first, *cells) in records(path.name, text):
        if title := first.strip().lower():
            if title in sheets:
                raise _refusal(path.name, line, f"the sheet {quoted(title)} occurs twice; remove one")
            sheets[title] = _Sheet()
        if not any(map(str.strip, cells)):
            continue
        if not sheets:
            reason = f"the first column does not say which sheet this is; write one of {', '.join(SHEETS)}"
            raise _refusal(path.name, line, reason)
        sheet = next(reversed(sheets.values()))
        if not sheet.header:
            sheet.header = [column or "" for column in get_excel_column_headers(cells)]
        elif beyond := [cell for cell in cells[len(sheet.header) :] if cell.strip()]:
            raise _refusal(path.name, line, f"{quoted(beyond[0])} stands under no column; check the commas")
        else:
            sheet.rows.append((line, dict(zip(sheet.header, cells, strict=False))))
    return sheets, notes


def _decoded(name: str, data: bytes) -> tuple[str, list[str]]:
    """The text of a file; one that is most likely as Excel saves CSV in western Europe is read as that, with a note."""
    try:
        return decode(data, name=name).text, []
    except EncodingUnknownError as error:
        likeliest, begins = error.candidates[0] if error.candidates else ("", "")
        marked = data.decode(errors="replace")
        damaged_only = 2 * marked.count("\ufffd") < sum(not sign.isascii() for sign in marked)
        if likeliest != _GUESSED or damaged_only:
            raise
        return data.decode(likeliest), [f"{name}: not UTF-8, read as {likeliest} ({begins}); else save it as UTF-8"]


def _csv_records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    try:
        for line, cells in read_rows(text):
            yield line, cells or [""]
    except UnfitCsvError as error:
        raise _refusal(name, error.line, error.reason) from error


def _markdown_records(_: str, text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line.startswith("|") and not _SEPARATOR.fullmatch(line):
            yield number, [cell.replace(r"\|", "|") for cell in _PIPE.split(line.removesuffix("|"))[1:]]


def _refusal(name: str, line: int, reason: str) -> FormError:
    return FormError(f"{name}:{line}: {reason}.")


def given_form(path: Path, choices: Path | None = None, *, encoding: str | None = None) -> tuple[Form, bytes]:
    """Read a form, and give it with the content of one file that has all of it.

    `path` is the form, or the table of its questions where `choices` is that of its lists; `encoding` is needed where
    these are texts that are not in UTF-8. Raises FormError as `read_form`, TableRefusedError for a table that cannot be
    read, EncodingUnknownError.
    """
    if choices is None and (encoding is None or path.suffix.lower() not in (".csv", ".md")):
        return read_form(path), path.read_bytes()
    if choices is None:
        content = decode(read_bytes(path, limit=LARGEST), name=path.name, declared=encoding).text.encode()
    else:
        content = "".join(_sheet(*each, encoding) for each in (("survey", path), ("choices", choices))).encode()
    return read_form(path, content), content


def _sheet(name: str, path: Path, encoding: str | None) -> str:
    """A table as a sheet of a form in one file; R writes `label..English` for `label::English`."""
    frame = read_table(path, encoding=encoding).frame.fillna("")
    codes = ("name", "list_name") if name == "choices" else ()
    texts = [column for column in frame if column not in codes]
    frame[texts] = frame[texts].replace(_NOTHING, "")
    frame.columns = [column if "::" in column else column.replace("..", "::") for column in frame]
    frame.insert(0, name, "", allow_duplicates=True)
    return str(frame.to_csv(index=False, lineterminator="\n"))
