"""Reading one CSV table of a study: every row keeps its line, and every cell that does not fit is a problem."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.errors import Problem, quoted
from research_lib.evidence.settings import TEXT_LANGUAGES
from research_lib.evidence.tables import Column, Table, columns
from research_lib.files.opening import MB, UnreadableFileError, read_text

LARGEST, MOST_COLUMNS, MOST_ROWS, MOST_MISMATCHES = 64 * MB, 1_000, 200_000, 100
MOST_PROBLEMS = 10_000
SPLIT = "check that it is the right file, or split it"
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
        return _empty_table(wanted, Problem(file, 0, "", reason))
    reader = _RowReader(file, [column.name for column in wanted], in_other_languages(wanted, languages))
    try:
        reader.read_rows(read_text(path, limit=LARGEST))
    except UnreadableFileError as error:
        return _empty_table(wanted, Problem(file, error.line, "", f"cannot be read: {error.reason}; {error.fix}"))
    except csv.Error as error:
        reason = f"cannot be read: {error}; close the quotation mark, or save it as CSV in UTF-8"
        return _empty_table(wanted, Problem(file, reader.line, "", reason))
    except _UnfitTableError as error:
        return _empty_table(wanted, Problem(file, reader.line, "", str(error)))
    frame, problems = _frame(reader, wanted)
    found = [*reader.problems, *islice(problems, MOST_PROBLEMS)]
    return TableFile(file, frame, tuple(reader.lines), tuple(found))


def read_optional_table(path: Path, model: type[Table], *, languages: Sequence[str] = TEXT_LANGUAGES) -> TableFile:
    """Read a CSV file in the study's folder as `read_table` does; a study without it has the table without rows."""
    if path.exists(follow_symlinks=False):
        return read_table(path, model, path.name, languages=languages)
    return TableFile(path.name, _frame(_RowReader(path.name, []), columns(model))[0], (), ())


def in_other_languages(wanted: Sequence[Column], languages: Sequence[str]) -> frozenset[str]:
    """Give the columns of text in a language that the study does not have."""
    others = [code for code in TEXT_LANGUAGES if code not in languages]
    return frozenset(column.name for column in wanted if column.name.endswith(tuple(f"_{code}" for code in others)))


def _empty_table(wanted: Sequence[Column], problem: Problem) -> TableFile:
    return TableFile(problem.file, _frame(_RowReader(problem.file, []), wanted)[0], (), (problem,))


class _UnfitTableError(Exception):
    """A table has more columns or rows than the limits, or is not separated by commas."""


class _RowReader:
    """A reader of rows that keeps the line of each row and the problems found."""

    def __init__(self, file: str, names: list[str], optional: frozenset[str] = frozenset()):
        self.file, self._names, self.optional = file, names, optional
        self.header: list[str] = []
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        self.line, self._mismatches = 1, 0
        self.problems: list[Problem] = []

    def read_rows(self, text: str) -> None:
        """Read the header and all rows; raises _UnfitTableError above the limits, and for semicolons."""
        reader = csv.reader(StringIO(text, newline=""), strict=True)
        self.header = next(reader, [])
        if len(self.header) == 1 and ";" in self.header[0]:
            raise _UnfitTableError("its cells are separated by semicolons; save it as CSV with commas, in UTF-8")
        if len(self.header) > MOST_COLUMNS:
            raise _UnfitTableError(
                f"its header has {len(self.header):,} columns, the table {len(self._names)}; {SPLIT}"
            )
        found = _header_problems(self.header, self._names, self.file)
        self.problems += [each for each in found if each.column not in self.optional or each.column in self.header]
        self.line = reader.line_num + 1
        for cells in reader:
            self._add_row(cells)
            self.line = reader.line_num + 1

    def _add_row(self, cells: list[str]) -> None:
        if len(self.rows) == MOST_ROWS:
            raise _UnfitTableError(f"it has more than {MOST_ROWS:,} rows; {SPLIT}")
        if len(cells) != len(self.header):
            reason = f"has {len(cells)} cells where the header has {len(self.header)}; quote cells that hold a comma"
            self.problems.append(Problem(self.file, self.line, "", reason))
            self._mismatches += 1
            if self._mismatches > MOST_MISMATCHES:
                raise _UnfitTableError(f"more than {MOST_MISMATCHES} rows up to here do not fit the header; {SPLIT}")
        self.rows.append(cells)
        self.lines.append(self.line)


def _header_problems(header: list[str], names: list[str], file: str) -> list[Problem]:
    missing = [Problem(file, 1, name, "this column is missing; add it") for name in names if name not in header]
    unread = [
        Problem(file, 1, name, f"is not a column of this table; rename or remove it (columns: {', '.join(names)})")
        for name in header
        if name not in names
    ]
    twice = [Problem(file, 1, name, "stands twice; keep one") for name in names if header.count(name) > 1]
    return missing + unread + twice


def _frame(reader: _RowReader, wanted: Sequence[Column]) -> tuple[pd.DataFrame, Iterator[Problem]]:
    """The table with the cells that fit their type, and what is wrong in its cells."""
    data, reasons = {}, list[tuple[int, str, str]]()
    places = {name: place for place, name in enumerate(reader.header)}
    for column in wanted:
        place, values, first = places.get(column.name), list[object](), dict[object, int]()
        for row, line in zip(reader.rows, reader.lines, strict=True):
            cell = row[place] if place is not None and place < len(row) else ""
            value, reason = _parsed(cell, column)
            values.append(value)
            if not reason and column.name not in reader.optional:
                reason = _broken_rule(value, column)
                if column.is_unique and value is not None and first.setdefault(value, line) != line:
                    reasons.append((line, column.name, _twice(value, first[value])))
            if reason:
                reasons.append((line, column.name, reason))
        data[column.name] = pd.array(values, dtype=_DTYPES[column.type])
    return pd.DataFrame(data), (Problem(reader.file, *each) for each in reasons)


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
