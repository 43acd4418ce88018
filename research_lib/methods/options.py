"""What every method needs of its options, columns and cells: numbers that are numbers, columns that are there."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError, seen, with_article

_MOST_NAMES = 12


def is_number(value: Any) -> bool:
    """Whether a value is a number; True and False are not."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number from `least` up; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least


def need_whole(name: str, value: Any, least: int) -> int:
    """Refuse an option that is not a whole number from `least` up."""
    if not is_whole(value, least):
        raise UnfitDataError(f"{name} is {value!r}; write a whole number from {least} up")
    return int(value)


def need_share(name: str, value: Any) -> float:
    """Refuse an option that is not a number from 0 to 1."""
    if not is_number(value) or not 0 <= value <= 1:
        raise UnfitDataError(f"{name} is {value!r}; write a number from 0 to 1")
    return float(value)


def need_list(name: str, values: Any) -> list[Any]:
    """Refuse a single name or value where a list is needed."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UnfitDataError(f"{name} is {values!r}; write a list")
    return list(values)


def need_level(level: Any) -> float:
    """Refuse a level of confidence that is not a share."""
    if not is_number(level) or not 0 < level < 1:
        raise UnfitDataError(f"level is {level!r}; write a share between 0 and 1, such as 0.95")
    return float(level)


def need_no_blanks(cells: Iterable[Any], where: str) -> None:
    """Refuse cells of blank text: only who wrote them knows whether nobody answered; `where` names the place."""
    if any(isinstance(cell, str) and not cell.strip() for cell in cells):
        raise UnfitDataError(f"{where}: some cells are blank text; write None where there is no answer")


def as_list(value: Any) -> list[Any]:
    """Take one value or several as a list; a text is one value."""
    return [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)


def check_columns(frame: pd.DataFrame, names: Iterable[Any], table: str = "") -> None:
    """Refuse what cannot name a column, a column that the table lacks, and one that it has twice.

    `table`: what the message calls the table, where there are several.
    """
    there = list(frame.columns)
    for name in names:
        if not isinstance(name, Hashable):
            kind = type(name).__name__
            raise UnfitDataError(
                f"{with_article(kind)} is not a name of a column; put what it holds in a column, and name that"
            )
        if name not in there:
            where = f" in {table}" if table else ""
            more = f" and {len(there) - _MOST_NAMES} more" if len(there) > _MOST_NAMES else ""
            named = seen(", ".join(map(str, there[:_MOST_NAMES])))
            raise UnfitDataError(f"column {name!r} is missing{where}; the columns are {named}{more}")
        if there.count(name) > 1:
            raise UnfitDataError(f"two columns are named {name!r}; rename one")


def check_free(names: Iterable[Any], result: Collection[Any]) -> None:
    """Refuse a column with the name of a column that the result writes."""
    if taken := [name for name in names if name in result]:
        raise UnfitDataError(f"the result has its own column {taken[0]!r}; rename it in your table")


def check_once(names: Sequence[Any]) -> None:
    """Refuse a column that is named for two things."""
    if twice := [name for name in names if names.count(name) > 1]:
        raise UnfitDataError(f"column {twice[0]!r} is named twice; name each column once")


def check_single_columns(frame: pd.DataFrame) -> None:
    """Refuse a table in which any two columns have the same name."""
    check_columns(frame, frame.columns[frame.columns.duplicated()])


def factorise(column: pd.Series, *, sort: bool = False) -> tuple[np.ndarray, Any]:
    """Number the answers of a column, -1 for a missing one, and give the different answers; refuses lists in cells."""
    try:
        codes, answers = pd.factorize(column, sort=sort)
    except TypeError as error:
        raise UnfitDataError(
            f"column {column.name!r}: a cell holds a list; make each choice its own column, yes or no"
        ) from error
    return codes, answers


def cross_table(table: Any) -> pd.DataFrame:
    """Take a cross-table as a frame; refuses one of fewer than two rows or two columns."""
    try:
        frame = pd.DataFrame(table)
    except (TypeError, ValueError):
        raise UnfitDataError("a cross-table needs rows and columns of counts, such as [[3, 5], [8, 2]]") from None
    if min(frame.shape) < 2:
        raise UnfitDataError(f"a cross-table needs two rows and two columns or more; this one is {frame.shape}")
    return frame


def written(value: Any) -> str:
    """Write a value as a person writes it, not as numpy does; words in quotation marks."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def as_frame(data: Any) -> pd.DataFrame:
    """Take a table as it is, and an array as a table whose columns are numbered from 0."""
    if isinstance(data, pd.DataFrame):
        return data
    cells = np.asarray(data, dtype=object)
    if cells.ndim != 2:
        raise UnfitDataError("answers are a table, a row a person; write a sparse matrix out with toarray()")
    return pd.DataFrame(cells)
