"""Checks of counts, columns and options before anything is compared, with an error that names the place and the fix."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_hashable, is_scalar

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, written

MOST_EXACT = 100_000_000
_MOST = 10_000_000_000


def listed(values: Iterable[Any]) -> str:
    """Name values in a row, the first twelve of them."""
    names = [written(value) for value in values]
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def is_value(value: Any) -> bool:
    """Say whether this is a single value: not a list, and not an empty cell."""
    return is_hashable(value) and not (is_scalar(value) and pd.isna(value))


def check_table(frame: pd.DataFrame, names: Collection[str]) -> None:
    """Refuse a table that is empty, lacks a column, or has two of one name."""
    if not isinstance(frame, pd.DataFrame):
        raise UnfitDataError(f"a table (pandas DataFrame) is needed, not {type(frame).__name__}")
    if frame.columns.nlevels > 1:
        raise UnfitDataError("the table has several rows of column names; give every column one name")
    for name in names:
        if not isinstance(name, str):
            raise UnfitDataError(f"a column name is text, not {written(name)}; frame.rename(columns=str) helps")
    check_columns(frame, names)
    check_single_columns(frame)
    if frame.empty:
        raise UnfitDataError("the table is empty; there is nothing to compare")


def check_cells(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse cells that hold a list or the like where one value is needed."""
    for name in names:
        for position, cell in enumerate(frame[name]):
            if not is_hashable(cell):
                where = f"{row_name(frame, position)}, column {name!r}"
                raise UnfitDataError(f"{where}: the cell holds {written(cell)}; put one value in a cell")


def check_total(total: int, most: int, where: str, instead: str) -> None:
    """Refuse so many persons that an exact method would take minutes or hours."""
    if total > most:
        raise UnfitDataError(f"{where}: more than {most:,} persons are too many for this exact method; {instead}")


def check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuse an option that is not one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise UnfitDataError(f"{name} {value!r} is unknown; take one of {listed(choices)}")


def check_pair(k: Any, n: Any, where: str) -> tuple[int, int]:
    """Read a count and its total as whole numbers; `where` names the place in the sentence of the error."""
    count, total = _whole(k, "the count", where), _whole(n, "the total", where)
    if total == 0:
        raise UnfitDataError(f"{where}: nobody is counted (n is 0); leave the row out or join it to another")
    if count > total:
        raise UnfitDataError(f"{where}: {count} of {total} cannot be; the count is larger than the total")
    return count, total


def row_name(frame: pd.DataFrame, position: int, label: str | None = None) -> str:
    """Name a row as a reader would: by its label where it has one, else by its index."""
    if label is not None and label in frame.columns:
        return f"{label} {written(frame[label].iloc[position])}"
    return f"row {written(frame.index[position])}"


def read_counts(frame: pd.DataFrame, pairs: Sequence[tuple[str, str]], label: str | None) -> list[list[int]]:
    """Read the pairs of columns (count, total) of every row as whole numbers, row by row."""
    check_table(frame, [name for pair in pairs for name in pair])
    rows = []
    for position in range(len(frame)):
        where = row_name(frame, position, label)
        cells = [(frame[k].iloc[position], frame[n].iloc[position], f"{where}, {k} of {n}") for k, n in pairs]
        rows.append([number for cell in cells for number in check_pair(*cell)])
    return rows


def _whole(value: Any, what: str, where: str) -> int:
    try:
        number = float(value) if np.ndim(value) == 0 else float("nan")
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not np.isfinite(number):
        raise UnfitDataError(f"{where}: {what} is {written(value)}, not a number; fill it in or leave the row out")
    if number < 0 or number != np.floor(number):
        raise UnfitDataError(
            f"{where}: {what} is {written(value)}; persons are counted in whole numbers from 0 up. Estimates, shares "
            "and ranges cannot be compared in this way"
        )
    if number > _MOST:
        raise UnfitDataError(f"{where}: {what} is {written(value)}, more persons than there are; fix it")
    return int(number)
