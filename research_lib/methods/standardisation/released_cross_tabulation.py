"""Cross-tabulation of released tables, whose counts are rounded or hidden: every number is a range."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.missing import MISSING, NO_ANSWER, UNANSWERED
from research_lib.methods.options import check_free, need_level, need_no_blanks
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, STATUSES, ZERO, count_bounds, others_sum
from research_lib.methods.standardisation.cross_tabulation import (
    RESERVED,
    need_columns,
    need_countable,
    non_empty_list,
    values_in,
)
from research_lib.methods.wilson_interval import wilson_interval

COUNT, STATUS = "count", "status"
_BESIDE = (COUNT, STATUS, "is_synthetic")
_ROUNDS = 30
_LOWEST, _HIGHEST = "lowest count", "highest count"
_TABLE = "number of the table"
Range = tuple[np.ndarray, np.ndarray]
Sums = tuple[np.ndarray, np.ndarray, np.ndarray]  # for each cell the number of its sum, and the range of that sum
type Others = Iterable[pd.DataFrame] | OtherTables


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
    if rounding < 1 or fewest < 0:
        raise UnfitDataError(f"counts rounded to multiples of {rounding}, none below {fewest}: give the rules used")
    if strange := sorted(set(map(str, table[STATUS])) - set(STATUSES)):
        raise UnfitDataError(f"{STATUS}: {strange[0]!r} is not one of {', '.join(STATUSES)}")
    counts = counts_of(table)
    is_shown, is_hidden = (table[STATUS].to_numpy() == status for status in (SHOWN, HIDDEN))
    shown = counts[is_shown]
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
    numbers = counts.fillna(0).to_numpy(dtype=float)
    return count_bounds(numbers, is_shown=is_shown, is_hidden=is_hidden, base=rounding, fewest=fewest)


def counts_of(table: pd.DataFrame) -> pd.Series:
    """The counts of a released table as numbers, whatever kind of column they came in; none where none is written."""
    numbers = pd.to_numeric(table[COUNT].astype(object), errors="coerce").astype("Float64")
    if (wrong := numbers.isna() & table[COUNT].notna()).any():
        raise UnfitDataError(
            f"{COUNT}: row {table.index[wrong][0]} has {table.loc[wrong, COUNT].iloc[0]!r}, which is not a number; "
            "write the number, or nothing where the count is hidden"
        )
    return numbers


@dataclass(frozen=True)
class OtherTables:
    """Further tables of the same release, read: the rows of all, with the number of their table and their ranges."""

    rows: pd.DataFrame
    variables: tuple[frozenset[str], ...]

    def sums(self, cells: pd.DataFrame, numbers: list[int], names: list[str]) -> Sums:
        """Sum some tables over the values of the cells, as coarse as the tables; without a name over all of them."""
        rows = self.rows.loc[self.rows[_TABLE].isin(numbers), [_TABLE, *names, _LOWEST, _HIGHEST]]
        if not names:
            ends = rows.groupby(_TABLE)[[_LOWEST, _HIGHEST]].sum()
            least, most = ends[_LOWEST].max(), ends[_HIGHEST].min()
            return np.zeros(len(cells), dtype=int), np.full(len(cells), least), np.full(len(cells), most)
        in_each = rows.groupby([_TABLE, *names]).sum()
        ends = in_each.groupby(level=names).agg({_LOWEST: "max", _HIGHEST: "min"})
        sums = cells[names].merge(ends, "left", left_on=names, right_index=True)
        of = cells.groupby(names, sort=False).ngroup().to_numpy()
        return of, sums[_LOWEST].fillna(0).to_numpy(), sums[_HIGHEST].fillna(np.inf).to_numpy()


def read_others(others: Others, rounding: int, fewest: int) -> OtherTables:
    """Read further tables of the same release; those that are read already are given as they are."""
    if isinstance(others, OtherTables):
        return others
    tables = [other.reset_index(drop=True) for other in others]
    names = [variables_of(table) for table in tables]
    if not tables:
        return OtherTables(pd.DataFrame(columns=[_TABLE, _LOWEST, _HIGHEST]), ())
    ends = cell_ranges(pd.concat([table[[COUNT, STATUS]] for table in tables]), rounding, fewest)
    numbers = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    rows = pd.concat([_coarse(table[own]) for table, own in zip(tables, names, strict=True)])
    rows = rows.assign(**{_TABLE: numbers}, **dict(zip((_LOWEST, _HIGHEST), ends, strict=True)))
    return OtherTables(rows, tuple(map(frozenset, names)))


def _coarse(table: pd.DataFrame) -> pd.DataFrame:
    """The values of each variable, the kinds of missing together, since not every table keeps them apart."""
    return table.astype(object).map(lambda value: NO_ANSWER if value in MISSING else str(value))


def narrow_ranges(cells: pd.DataFrame, ranges: Range, others: OtherTables) -> Range:
    """Narrow the ranges of cells by other tables of the same records, whose cells add up to the same sums."""
    coarse = _coarse(cells)
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, variables in enumerate(others.variables):
        alike.setdefault(tuple(name for name in coarse if name in variables), []).append(number)
    sums = [others.sums(coarse, numbers, list(names)) for names, numbers in alike.items()]
    low, high = ranges
    for _ in range(_ROUNDS):
        before = low, high
        for of, least, most in sums:
            high = np.minimum(high, most - others_sum(low, of))
            low = np.maximum(low, least - others_sum(high, of))
        if (low > high).any():
            cell = ", ".join(map(str, cells.iloc[int(np.flatnonzero(low > high)[0])]))
            raise UnfitDataError(f"no count of {cell} fits all tables; take tables of one release, and its rules")
        if np.array_equal(before, (low, high)):
            break
    return low, high


def margin(groups: pd.DataFrame, others: OtherTables) -> Range:
    """For each row, the range of the records of its group, as other tables have it; `groups`: the groups' columns."""
    coarse = _coarse(groups)
    wider = [number for number, variables in enumerate(others.variables) if {*coarse} <= variables]
    if not wider:
        return np.zeros(len(groups)), np.full(len(groups), np.inf)
    _, least, most = others.sums(coarse, wider, list(coarse))
    return least, most


def count_ranges(table: pd.DataFrame, *, rounding: int, fewest: int = 1, others: Others = ()) -> pd.DataFrame:
    """Say of each count in a released table between which ends the true count lies.

    `table`: its variables, then `count` and `status` (shown, hidden, zero), as a release has them; `rounding` and
    `fewest` are the release's rules `rounding_base` and `persons`. Gives the table with `low` and `high`. A count c
    that is shown was rounded to the nearest multiple of b, halves upwards: from c − ⌊b/2⌋ to c + ⌊(b − 1)/2⌋, and not
    below `fewest`. Zero is zero. A hidden count may be anything from 0: it need not be small, for large counts are
    hidden too where they would give a small one away. `others`: further tables of the same release; they count the
    same records, so what they say of the same sums bounds this table too. Without an end, `high` is infinite.

    The ranges hold the true counts, but need not be the narrowest that all tables together leave; finding those is the
    audit's work. Raises UnfitDataError where count, status and rules contradict each other. Not for `others` of a
    different date or study: their sums are of other records.
    """
    names = variables_of(table)
    check_free(names, RESERVED)
    ranges = narrow_ranges(table[names], cell_ranges(table, rounding, fewest), read_others(others, rounding, fewest))
    return table.assign(low=ranges[0], high=ranges[1])


def cross_tabulate_released(
    table: pd.DataFrame,
    *,
    rows: Sequence[str] | str,
    columns: str,
    rounding: int,
    fewest: int = 1,
    others: Others = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Give counts and shares from a released table, each between the lowest and highest that it can truly be.

    `table`, `rounding`, `fewest`, `others` as in `count_ranges`; `rows`, `columns` as in `cross_tabulate`; further
    variables are summed over. One row for each group and answer: the columns of the rows, the question, `count` as
    released (a sum of rounded counts where there are further variables), `status`; `count_low`, `count_high`;
    `base_low`, `base_high`, how many of the group answered; `share_low`, `share_high`, the lowest count over the
    highest base with it, and the reverse; `low`, `high`, Wilson's interval of those two, so with chance as well. Kinds
    of missing and unknown groups are left out; their counts bound the base.

    Raises UnfitDataError as `count_ranges` does. Not for records (use `cross_tabulate`). Not for comparing two
    releases of different dates: the later one holds the records of the earlier. Not where most counts of a group are
    hidden: the range then holds nearly every value.
    """
    need_level(level)
    read, sides = read_others(others, rounding, fewest), non_empty_list(rows)
    cells = summed(table, [*sides, columns], read, rounding=rounding, fewest=fewest)
    cells = cells.assign(**dict(zip(("base_low", "base_high"), _bases(cells, sides, columns, read), strict=True)))
    answered = cells[~cells[[*sides, columns]].isin(UNANSWERED).any(axis=1)].reset_index(drop=True)
    of = answered.groupby(sides, sort=False).ngroup().to_numpy()
    low, high, base_low, base_high = (answered[name].to_numpy() for name in ("low", "high", "base_low", "base_high"))
    # A share grows with its own count, and shrinks with the others of its group.
    at_low = np.minimum(low + others_sum(high, of), base_high)
    at_high = np.maximum(high + others_sum(low, of), base_low)
    ends = {
        "share_low": least_share(low, at_low),
        "share_high": most_share(high, at_high),
        "low": wilson_interval(low, at_low, level)[0],
        "high": wilson_interval(high, at_high, level)[1],
    }
    shares = {name: np.where(base_high == 0, np.nan, end) for name, end in ends.items()}
    return answered.rename(columns={"low": "count_low", "high": "count_high"}).assign(**shares)


def summed(
    table: pd.DataFrame, names: Sequence[str], others: OtherTables, *, rounding: int, fewest: int
) -> pd.DataFrame:
    """Sum a released table over its further variables: `names`, then count, status, low and high."""
    variables = variables_of(table)
    need_columns(table[variables], names)
    check_free(names, RESERVED)
    low, high = narrow_ranges(table[variables], cell_ranges(table, rounding, fewest), others)
    ranged = table[[*names, STATUS]].assign(count=counts_of(table).mask(table[STATUS] == ZERO, 0))
    groups = ranged.assign(low=low, high=high).groupby(list(names), sort=False, as_index=False)
    cells = groups.agg(
        count=("count", lambda counts: counts.sum(skipna=False)),
        status=(STATUS, lambda kinds: next(kind for kind in (HIDDEN, SHOWN, ZERO) if kind in set(kinds))),
        low=("low", "sum"),
        high=("high", "sum"),
    )
    values_in(cells[names[-1]], names[-1])
    if len(variables) > len(names):  # else each sum is one cell, which is narrowed already
        ranges = cells["low"].to_numpy(), cells["high"].to_numpy()
        cells["low"], cells["high"] = narrow_ranges(cells[list(names)], ranges, others)
    return cells.assign(count=cells["count"].astype("Int64"))


def _bases(cells: pd.DataFrame, rows: list[str], column: str, others: OtherTables) -> Range:
    """How many of each cell's group can have answered, from its cells and from what other tables say of the group."""
    is_answer, groups = ~cells[column].isin(UNANSWERED), [cells[name] for name in rows]
    answers = cells[["low", "high"]].where(is_answer, 0).groupby(groups).transform("sum")
    absent = cells[["low", "high"]].mask(is_answer, 0).groupby(groups).transform("sum")
    is_group = ~cells[rows].isin(UNANSWERED).any(axis=1)
    least, most = (np.where(is_group, *ends) for ends in zip(margin(cells[rows], others), (0, np.inf), strict=True))
    low = np.maximum(answers["low"].to_numpy(), least - absent["high"].to_numpy())
    high = np.minimum(answers["high"].to_numpy(), most - absent["low"].to_numpy())
    if (low > high).any():
        raise UnfitDataError("the tables contradict each other; take tables of one release, and its rules")
    return low, high


def least_share(counts: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """The lowest share: 0 where the base is unbounded or the count can be 0."""
    return np.asarray(np.divide(counts, bases, out=np.zeros(len(counts)), where=(bases > 0) & np.isfinite(bases)))


def most_share(counts: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """The highest share: 1 where the count is unbounded, 0 where it is 0."""
    whole = np.where(np.isinf(counts), 1.0, 0.0)
    return np.asarray(np.divide(counts, bases, out=whole, where=(bases > 0) & np.isfinite(bases)))
