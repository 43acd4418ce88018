"""What every method needs of its options, columns and cells: numbers that are numbers, columns that are there."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError, seen

_MOST_NAMES = 12


def is_number(value: Any) -> bool:
    """Whether a value is a number; True and False are not."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number from `least` up; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least


def need_seed(seed: Any) -> int:
    """Refuse a seed that is not a whole number from 0: without one, a result cannot be repeated."""
    if not is_whole(seed, 0):
        raise UnfitDataError(f"seed is {seed!r}; write a whole number from 0, such as 1")
    return int(seed)


def need_level(level: Any) -> float:
    """Refuse a level of confidence that is not a share."""
    if not is_number(level) or not 0 < level < 1:
        raise UnfitDataError(f"level is {level!r}; write a share between 0 and 1, such as 0.95")
    return float(level)


def need_no_blanks(cells: Iterable[Any], where: str) -> None:
    """Refuse cells of blank text: only who wrote them knows whether nobody answered; `where` names the place."""
    if any(isinstance(cell, str) and not cell.strip() for cell in cells):
        raise UnfitDataError(f"{where}: some cells are blank text; write None where there is no answer")


def check_columns(frame: pd.DataFrame, names: Iterable[Any], table: str = "") -> None:
    """Refuse what cannot name a column, a column that the table lacks, and one that it has twice.

    `table`: what the message calls the table, where there are several.
    """
    there = list(frame.columns)
    for name in names:
        if not isinstance(name, Hashable):
            kind = type(name).__name__
            raise UnfitDataError(f"a {kind} is not a name of a column; put what it holds in a column, and name that")
        if name not in there:
            where = f" in {table}" if table else ""
            raise UnfitDataError(f"there is no column {name!r}{where}; there are {_names_of(there)}")
        if there.count(name) > 1:
            raise UnfitDataError(f"two columns are named {name!r}; rename one")


def check_single_columns(frame: pd.DataFrame) -> None:
    """Refuse a table in which any two columns have the same name."""
    check_columns(frame, frame.columns[frame.columns.duplicated()])


def as_frame(data: Any) -> pd.DataFrame:
    """Take a table as it is, and an array as a table whose columns are numbered from 0."""
    if isinstance(data, pd.DataFrame):
        return data
    cells = np.asarray(data, dtype=object)
    if cells.ndim != 2:
        raise UnfitDataError(
            "answers are a table, a row a person and a column a question; write a sparse matrix out with toarray()"
        )
    return pd.DataFrame(cells)


def _names_of(columns: list[Any]) -> str:
    more = len(columns) - _MOST_NAMES
    return seen(", ".join(map(str, columns[:_MOST_NAMES]))) + (f" and {more} more" if more > 0 else "")
