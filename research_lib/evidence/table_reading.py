"""Reading one CSV table of a study: every row keeps its line, and every cell that does not fit is a problem."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.errors import Problem, quoted
from research_lib.evidence.settings import TEXT_LANGUAGES
from research_lib.evidence.tables import Column, Table, columns
from research_lib.files.opening import MB, UnreadableFileError, read_text
from research_lib.files.spreadsheet import UnfitCsvError, read_rows

LARGEST, MOST_COLUMNS, MOST_ROWS, MOST_MISMATCHES = 64 * MB, 1_000, 200_000, 100
MOST_PROBLEMS = 10_000
SPLIT = "check that it is the right file, or split it"
type _Wrong = tuple[int, str, str]
_DTYPES = {"boolean": "boolean", "integer": "Int64", "number": "Float64", "string": "str"}


@dataclass(frozen=True)
class TableFile:
    """One table from its file: typed rows, the line of each row, and the problems found."""

    file: str
    frame: pd.DataFrame
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]


def read_table(path: Path, model: type[Table], file: str, *, languages: Sequence[str] = TEXT_LANGUAGES) -> TableFile:
    """Read a CSV file (UTF-8, header row) as the table that a class describes.

    `file` is the name that problems give. `languages`: those of the study; a column of text in another language may be
    empty or missing. Cells that fit their type are kept; every other cell is a problem with its
    line and column. A file that is missing, too large or not a regular file is one problem and gives an empty table;
    so is a file with far too many columns or rows.
    """
    wanted = columns(model)
    if not path.exists() and not path.is_symlink():
        reason = f"is missing; restore it, or if the study is older: research-lib upgrade {path.parents[1]}"
        return _empty_table(wanted, file, Problem(file, 0, "", reason))
    try:
        header, rows = _rows(read_text(path, limit=LARGEST), len(wanted))
    except UnreadableFileError as error:
        return _empty_table(wanted, file, Problem(file, error.line, "", f"cannot be read: {error.reason}; {error.fix}"))
    except UnfitCsvError as error:
        return _empty_table(wanted, file, Problem(file, error.line, "", error.reason))
    optional = in_other_languages(wanted, languages)
    found = [each for each in _header_problems(header, wanted) if each[1] not in optional or each[1] in header]
    found += [(line, "", _misfit(cells, header)) for line, cells in rows.items() if len(cells) != len(header)]
    frame, reasons = _frame(header, rows, wanted, optional)
    problems = (Problem(file, *each) for each in (*found, *reasons[:MOST_PROBLEMS]))
    return TableFile(file, frame, tuple(rows), tuple(problems))


def read_optional_table(path: Path, model: type[Table], *, languages: Sequence[str] = TEXT_LANGUAGES) -> TableFile:
    """Read a CSV file in the study's folder as `read_table` does; a study without it has the table without rows."""
    if path.exists(follow_symlinks=False):
        return read_table(path, model, path.name, languages=languages)
    return _empty_table(columns(model), path.name)


def in_other_languages(wanted: Sequence[Column], languages: Sequence[str]) -> frozenset[str]:
    """Give the columns of text in a language that the study does not have."""
    others = [code for code in TEXT_LANGUAGES if code not in languages]
    return frozenset(column.name for column in wanted if column.name.endswith(tuple(f"_{code}" for code in others)))


def _empty_table(wanted: Sequence[Column], file: str, *problems: Problem) -> TableFile:
    return TableFile(file, _frame([], {}, wanted, frozenset())[0], (), problems)


def _rows(text: str, width: int) -> tuple[list[str], dict[int, list[str]]]:
    """The header, and the rows by their lines; raises UnfitCsvError above the limits, and for semicolons."""
    records, rows, misfits = read_rows(text), dict[int, list[str]](), 0
    _, header = next(records, (1, []))
    if len(header) == 1 and ";" in header[0]:
        raise UnfitCsvError("its cells are separated by semicolons; save it as CSV with commas, in UTF-8", 1)
    if len(header) > MOST_COLUMNS:
        raise UnfitCsvError(f"its header has {len(header):,} columns, the table {width}; {SPLIT}", 1)
    for line, cells in records:
        if len(rows) == MOST_ROWS:
            raise UnfitCsvError(f"it has more than {MOST_ROWS:,} rows; {SPLIT}", line)
        misfits += len(cells) != len(header)
        if misfits > MOST_MISMATCHES:
            reason = f"more than {MOST_MISMATCHES} rows up to here do not fit the header; {SPLIT}"
            raise UnfitCsvError(reason, line)
        rows[line] = cells
    return header, rows


def _misfit(cells: list[str], header: list[str]) -> str:
    return f"has {len(cells)} cells where the header has {len(header)}; quote cells that hold a comma"


def _header_problems(header: list[str], wanted: Sequence[Column]) -> list[_Wrong]:
    names = [column.name for column in wanted]
    missing = [(1, name, "this column is missing; add it") for name in names if name not in header]
    reason = f"is not a column of this table; rename or remove it (columns: {', '.join(names)})"
    unread = [(1, name, reason) for name in header if name not in names]
    return missing + unread + [(1, name, "stands twice; keep one") for name in names if header.count(name) > 1]


def _frame(
    header: list[str], rows: Mapping[int, list[str]], wanted: Sequence[Column], optional: frozenset[str]
) -> tuple[pd.DataFrame, list[_Wrong]]:
    """The table with the cells that fit their type, and what is wrong in its cells."""
    data, reasons = {}, list[_Wrong]()
    places = {name: place for place, name in enumerate(header)}
    for column in wanted:
        place, values, first = places.get(column.name), list[object](), dict[object, int]()
        for line, cells in rows.items():
            cell = cells[place] if place is not None and place < len(cells) else ""
            value, reason = _parsed(cell, column)
            values.append(value)
            if not reason and column.name not in optional:
                reason = _broken_rule(value, column)
                if column.is_unique and value is not None and first.setdefault(value, line) != line:
                    reasons.append((line, column.name, _twice(value, first[value])))
            if reason:
                reasons.append((line, column.name, reason))
        data[column.name] = pd.array(values, dtype=_DTYPES[column.type])
    return pd.DataFrame(data), reasons


def _twice(value: object, first: int) -> str:
    return f"{quoted(value)} stands here twice, first in line {first}; give each row its own"


def _broken_rule(value: Any, column: Column) -> str:
    """The rule of its column that a value breaks, in a sentence; nothing for one that fits."""
    if value is None:
        return "is empty; fill it" if column.is_required else ""
    broken = {
        "pattern": column.pattern and not re.match(column.pattern, value, re.ASCII),
        "minimum": column.minimum is not None and value < column.minimum,
        "maximum": column.maximum is not None and value > column.maximum,
        "allowed": column.allowed and value not in column.allowed,
    }
    rule = next((column.limits()[name] for name, is_broken in broken.items() if is_broken), "")
    return f"{quoted(value)} does not fit: {rule}" if rule else ""


def _parsed(cell: str, column: Column) -> tuple[object, str]:
    """The value of a cell, or None and the reason why it does not fit."""
    if cell == "":
        return None, ""
    if column.pattern and "\n" in cell:
        return None, f"{quoted(cell)} has a line end; take it out"
    try:
        return _PARSERS[column.type](cell), ""
    except (ValueError, KeyError):
        wanted = _WANTED[column.type]
        return None, f"{quoted(cell)} is not {wanted}"


def _plain(cell: str, form: str) -> str:
    """The cell, if it matches a form of plain digits; raises ValueError otherwise."""
    if not re.fullmatch(form, cell, re.ASCII):
        raise ValueError(cell)
    return cell


_WANTED = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a text"}
_PARSERS: dict[str, Callable[[str], Any]] = {
    "boolean": lambda cell: {"true": True, "false": False}[cell.lower()],
    "integer": lambda cell: int(_plain(cell, r"-?\d{1,9}(\.0)?").removesuffix(".0")),
    "number": lambda cell: float(_plain(cell, r"-?\d{1,15}(\.\d{1,15})?")),
    "string": str,
}
