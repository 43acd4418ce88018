"""Reading one CSV table: every cell kept with its line, nothing guessed, nothing dropped."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandera.errors import SchemaErrors

from research_lib.errors import Problem
from research_lib.evidence.columns import Column, columns
from research_lib.evidence.tables import Table

Rows = list[dict[str, str]]
_DTYPES = {"boolean": "boolean", "integer": "Int64", "number": "Float64", "string": "str"}


@dataclass(frozen=True)
class Sheet:
    """One table as read: typed rows, the line each row stands on, and what is wrong with it."""

    file: str
    frame: pd.DataFrame
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]


def read_table(path: Path, model: type[Table], file: str) -> Sheet:
    """Read a CSV file (UTF-8, header row) as the table that a class describes.

    `file` is the name that problems give. Cells that fit their type are kept; every other one is a problem with its
    line and column. A missing file is a problem of its own, and gives an empty table.
    """
    wanted = columns(model)
    try:
        rows, lines, problems = _rows(path, [column.name for column in wanted], file)
    except FileNotFoundError:
        problem = Problem(
            file,
            0,
            "",
            f"is missing; restore it, or if the study is older than this table: research-lib upgrade {path.parents[1]}",
        )
        return Sheet(file, _frame([], wanted, file, [])[0], (), (problem,))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problem = Problem(file, 0, "", f"cannot be read: {error}; save it as CSV in UTF-8")
        return Sheet(file, _frame([], wanted, file, [])[0], (), (problem,))
    frame, misfits = _frame(rows, wanted, file, lines)
    problems += misfits or _schema_problems(frame, model, file, lines)
    return Sheet(file, frame, tuple(lines), tuple(problems))


def _rows(path: Path, names: list[str], file: str) -> tuple[Rows, list[int], list[Problem]]:
    rows, lines, problems = [], [], []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = next(reader, [])
        problems += _header_problems(header, names, file)
        previous = reader.line_num
        for cells in reader:
            line, previous = previous + 1, reader.line_num
            if len(cells) != len(header):
                reason = f"has {len(cells)} cells where the header has {len(header)}; quote cells that hold a comma"
                problems.append(Problem(file, line, "", reason))
            rows.append(dict(zip(header, cells, strict=False)))
            lines.append(line)
    return rows, lines, problems


def _header_problems(header: list[str], names: list[str], file: str) -> list[Problem]:
    missing = [Problem(file, 1, name, "this column is missing; add it") for name in names if name not in header]
    unread = [
        Problem(file, 1, name, f"no such column; rename or remove it (columns: {', '.join(names)})")
        for name in header
        if name not in names
    ]
    twice = [Problem(file, 1, name, "stands twice; keep one") for name in names if header.count(name) > 1]
    return missing + unread + twice


def _frame(rows: Rows, wanted: list[Column], file: str, lines: list[int]) -> tuple[pd.DataFrame, list[Problem]]:
    data, problems = {}, []
    for column in wanted:
        cells = [_parsed(row.get(column.name, ""), column) for row in rows]
        data[column.name] = pd.array([value for value, _ in cells], dtype=_DTYPES[column.type])
        problems += [
            Problem(file, line, column.name, misfit) for (_, misfit), line in zip(cells, lines, strict=True) if misfit
        ]
    return pd.DataFrame(data), problems


def _parsed(cell: str, column: Column) -> tuple[object, str]:
    """The cell's value, or nothing and why it does not fit."""
    if cell == "":
        return None, ""
    try:
        return _PARSERS[column.type](cell), ""
    except (ValueError, KeyError):
        wanted = "true or false" if column.type == "boolean" else f"a {column.type}"
        return None, f"{cell!r} is not {wanted}"


def _plain(cell: str, form: str) -> str:
    """The cell, if it is written in plain digits and nothing else."""
    if not re.fullmatch(form, cell, re.ASCII):
        raise ValueError(cell)
    return cell


_PARSERS: dict[str, Callable] = {
    "boolean": {"true": True, "false": False}.__getitem__,
    "integer": lambda cell: int(_plain(cell, r"-?\d{1,9}")),
    "number": lambda cell: float(_plain(cell, r"-?\d+(\.\d+)?")),
    "string": str,
}


def _schema_problems(frame: pd.DataFrame, model: type[Table], file: str, lines: list[int]) -> list[Problem]:
    try:
        model.validate(frame, lazy=True)
    except SchemaErrors as errors:
        sentences = {column.name: column.sentence() for column in columns(model)}
        return [
            Problem(
                file,
                lines[int(case.index)] if pd.notna(case.index) else 1,
                str(case.column),
                f"{case.failure_case!r} does not fit: {sentences.get(str(case.column), case.check)}",
            )
            for case in errors.failure_cases.itertuples(index=False)
        ]
    return []
