"""The range of each count in a released table, from its rounding, from what is hidden and from other tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.count_bounds import count_bounds
from research_lib.methods.missing import MISSING, NO_ANSWER
from research_lib.methods.options import need_no_blanks
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, STATUSES
from research_lib.methods.standardisation.count_tables import need_columns, need_countable

COUNT, STATUS = "count", "status"
_BESIDE = (COUNT, STATUS, "is_synthetic")
_ROUNDS = 30
Range = tuple[np.ndarray, np.ndarray]


def variables_of(table: pd.DataFrame) -> list[str]:
    """Name the variables of a released table."""
    need_columns(table, [COUNT, STATUS])
    names = [name for name in table.columns if name not in _BESIDE]
    if not names:
        raise UnfitDataError("the table has no variable beside its counts; take a table as it was released")
    need_columns(table, names)
    for name in names:
        need_no_blanks(table[name], name)
    if (twice := table.duplicated(names)).any():
        cell = ", ".join(map(str, table.loc[twice, names].iloc[0]))
        raise UnfitDataError(f"{cell} stands twice in the table; a released table has each combination once")
    return names


def cell_ranges(table: pd.DataFrame, rounding: int, fewest: int) -> Range:
    """The lowest and highest count of each cell, from the cell alone; the highest of a hidden one is unknown."""
    _check(table, rounding, fewest)
    counts, status = counts_of(table).fillna(0).to_numpy(dtype=float), table[STATUS].to_numpy()
    is_shown, is_hidden = status == SHOWN, status == HIDDEN
    return count_bounds(counts, is_shown=is_shown, is_hidden=is_hidden, base=rounding, fewest=fewest)


def counts_of(table: pd.DataFrame) -> pd.Series:
    """The counts of a released table as numbers, whatever kind of column they came in; none where none is written."""
    numbers = pd.to_numeric(table[COUNT].astype(object), errors="coerce").astype("Float64")
    if (wrong := numbers.isna() & table[COUNT].notna()).any():
        raise UnfitDataError(
            f"{COUNT}: row {table.index[wrong][0]} has {table.loc[wrong, COUNT].iloc[0]!r}, which is not a number; "
            "write the number, or nothing where the count is hidden"
        )
    return numbers


def _check(table: pd.DataFrame, rounding: int, fewest: int) -> None:
    if rounding < 1 or fewest < 0:
        raise UnfitDataError(f"counts rounded to multiples of {rounding}, none below {fewest}: give the rules used")
    if strange := sorted(set(map(str, table[STATUS])) - set(STATUSES)):
        raise UnfitDataError(f"{STATUS}: {strange[0]!r} is not one of {', '.join(STATUSES)}")
    shown = counts_of(table)[table[STATUS] == SHOWN]
    if shown.isna().any():
        raise UnfitDataError(f"{COUNT}: row {shown.index[shown.isna()][0]} has the status shown, but no count")
    if (wrong := (shown % rounding != 0) | (shown < 0)).any():
        raise UnfitDataError(
            f"{COUNT}: {shown[wrong].iloc[0]:.15g} is not a multiple of {rounding}; give the base to which the "
            "release rounds"
        )
    need_countable(shown, COUNT)
    if (shown + (rounding - 1) // 2 < fewest).any():
        raise UnfitDataError(
            f"{COUNT}: {shown.min():.15g} is shown, and none below {fewest} should be; check the rules"
        )


@dataclass(frozen=True)
class Other:
    """A further released table: the values of each variable, kinds of missing together, and the ends of its counts."""

    columns: Mapping[str, Sequence[str]]
    low: np.ndarray
    high: np.ndarray


def read_others(others: Iterable[pd.DataFrame], rounding: int, fewest: int) -> list[Other]:
    """Read further tables of the same release."""
    return [
        Other(_coarse(other[variables_of(other)]), *cell_ranges(other.reset_index(drop=True), rounding, fewest))
        for other in others
    ]


def _coarse(table: pd.DataFrame) -> dict[str, list[str]]:
    """The values of each variable, the kinds of missing together, since not every table keeps them apart."""
    return {
        str(name): [NO_ANSWER if value in MISSING else str(value) for value in table[name]] for name in table.columns
    }


def others_sum(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """For each cell, the sum of the other cells of its set; endless where one of them is."""
    endless = np.isinf(values)
    finite = np.where(endless, 0, values)
    rest = np.bincount(of, weights=finite)[of] - finite
    return np.where(np.bincount(of, weights=endless)[of] - endless > 0, np.inf, rest)


def narrow_ranges(cells: pd.DataFrame, ranges: Range, others: Iterable[Other]) -> Range:
    """Narrow the ranges of cells by other tables of the same records, whose cells add up to the same sums."""
    columns = _coarse(cells)
    sums = [_sums(columns, other, [name for name in columns if name in other.columns]) for other in others]
    low, high = ranges
    for _ in range(_ROUNDS):
        before = low, high
        for of, least, most in sums:
            high = np.minimum(high, most[of] - others_sum(low, of))
            low = np.maximum(low, least[of] - others_sum(high, of))
        if (low > high).any():
            cell = ", ".join(map(str, cells.iloc[int(np.flatnonzero(low > high)[0])]))
            raise UnfitDataError(f"no count of {cell} fits all tables; take tables of one release, and its rules")
        if np.array_equal(before, (low, high)):
            break
    return low, high


def margin(groups: pd.DataFrame, others: Iterable[Other]) -> Range:
    """For each row, the range of the records of its group, as other tables have it; `groups`: the groups' columns."""
    columns = _coarse(groups)
    low, high = np.zeros(len(groups)), np.full(len(groups), np.inf)
    for other in others:
        if columns.keys() <= other.columns.keys():
            of, least, most = _sums(columns, other, list(columns))
            low, high = np.maximum(low, least[of]), np.minimum(high, most[of])
    return low, high


def _sums(
    columns: Mapping[str, Sequence[str]], other: Other, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each cell the number of the sum it belongs to, and of each sum the range in another table."""
    own_keys, other_keys = _keys(columns, names), _keys(other.columns, names)
    places = {key: place for place, key in enumerate(dict.fromkeys(own_keys))}
    at = np.array([places.get(key, -1) for key in other_keys])
    is_found = np.bincount(at[at >= 0], minlength=len(places)) > 0
    least, most = (np.bincount(at[at >= 0], end[at >= 0], len(places)) for end in (other.low, other.high))
    return np.array([places[key] for key in own_keys]), least, np.where(is_found, most, np.inf)


def _keys(columns: Mapping[str, Sequence[str]], names: Sequence[str]) -> list[tuple[str, ...]]:
    rows = len(next(iter(columns.values())))
    return list(zip(*(columns[name] for name in names), strict=True)) if names else [()] * rows
