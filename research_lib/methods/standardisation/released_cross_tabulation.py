"""Cross-tabulation of released tables, whose counts are rounded or hidden: every number is a range."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_free, need_level, need_no_blanks
from research_lib.methods.standardisation.record_counts import (
    RESERVED,
    need_columns,
    need_countable,
    non_empty_list,
    values_in,
)
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.missing_answers import MISSING, NO_ANSWER, UNANSWERED
from research_lib.published_cells import HIDDEN, SHOWN, STATUSES, ZERO, count_bounds, others_sum, possible_ranges

COUNT, STATUS = "count", "status"
_BESIDE = (COUNT, STATUS, "is_synthetic")
Range = tuple[np.ndarray, np.ndarray]
Sums = tuple[np.ndarray, np.ndarray, np.ndarray]  # for each cell the number of its sum, and the range of each sum
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
    """Further tables of the same release, read: all their rows below each other.

    `table`: the number of each row's table; `low` and `high`: its range; `codes`: for each variable, the code of each
    row's value in `values`, from 1, and 0 where the table does not have the variable.
    """

    variables: tuple[frozenset[str], ...]
    table: np.ndarray
    low: np.ndarray
    high: np.ndarray
    codes: Mapping[str, np.ndarray]
    values: Mapping[str, Mapping[str, int]]

    def sums(self, cells: pd.DataFrame, numbers: list[int], names: list[str]) -> Sums:
        """Sum some tables over the values of the cells, as coarse as the tables; without a name over all of them."""
        wanted = [cells[name].map(self.values[name]).fillna(0).to_numpy(int) for name in names]
        rows = np.flatnonzero(np.isin(self.table, numbers))
        keys, of = np.unique(self._keys(names, wanted, len(cells)), return_inverse=True)
        known = self._keys(names, [self.codes[name][rows] for name in names], len(rows))
        at = np.minimum(np.searchsorted(keys, known), len(keys) - 1)
        rows, at = rows[keys[at] == known], at[keys[at] == known]
        place, size = self.table[rows] * len(keys) + at, len(self.variables) * len(keys)
        is_there, low, high = (np.bincount(place, each, size) for each in (None, self.low[rows], self.high[rows]))
        low, high = np.where(is_there, low, 0), np.where(is_there, high, np.inf)
        shape = len(self.variables), len(keys)
        return of, low.reshape(shape).max(axis=0), high.reshape(shape).min(axis=0)

    def _keys(self, names: list[str], codes: list[np.ndarray], size: int) -> np.ndarray:
        """One number for each row's combination of codes."""
        if not names:
            return np.zeros(size, dtype=int)
        return np.ravel_multi_index(codes, [len(self.values[name]) + 1 for name in names])


def read_others(others: Others, rounding: int, fewest: int) -> OtherTables:
    """Read further tables of the same release; those that are read already are given as they are."""
    if isinstance(others, OtherTables):
        return others
    tables = [other.reset_index(drop=True) for other in others]
    variables = [variables_of(table) for table in tables]
    if not tables:
        return OtherTables((), np.zeros(0), np.zeros(0), np.zeros(0), {}, {})
    low, high = cell_ranges(pd.concat([table[[COUNT, STATUS]] for table in tables]), rounding, fewest)
    numbers = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    rows = pd.concat([_coarse(table[own]) for table, own in zip(tables, variables, strict=True)])
    found = {name: pd.factorize(rows[name]) for name in rows}
    codes = {name: places + 1 for name, (places, _) in found.items()}
    values = {name: {value: code for code, value in enumerate(known, 1)} for name, (_, known) in found.items()}
    return OtherTables(tuple(map(frozenset, variables)), numbers, low, high, codes, values)


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
    low, high = map(np.concatenate, zip(ranges, *(ends for _, *ends in sums), strict=True))
    if sums:
        added = sparse.vstack([sparse.csr_array((np.ones(len(of)), (of, np.arange(len(of))))) for of, *_ in sums])
        rows = sparse.hstack([added, -sparse.eye_array(added.shape[0])])
        low, high = (ends[: len(cells)] for ends in possible_ranges(low, high, rows))
    if (low > high).any():
        cell = ", ".join(map(str, cells.iloc[int(np.argmax(low > high))]))
        raise UnfitDataError(f"no count of {cell} fits all tables; take tables of one release, and its rules")
    return low, high


def margin(groups: pd.DataFrame, others: OtherTables) -> Range:
    """For each row, the range of the records of its group, as other tables have it; `groups`: the groups' columns."""
    coarse = _coarse(groups)
    wider = [number for number, variables in enumerate(others.variables) if {*coarse} <= variables]
    if not wider:
        return np.zeros(len(groups)), np.full(len(groups), np.inf)
    of, least, most = others.sums(coarse, wider, list(coarse))
    return least[of], most[of]


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

    `table`, `rounding`, `fewest`, `others` as in `count_ranges`; `rows`: the column or columns that make the groups;
    `columns`: the question; further variables are summed over. One row for each group and answer: the columns of the
    rows, the question, `count` as released (a sum of rounded counts where there are further variables), `status`;
    `count_low`, `count_high`; `base_low`, `base_high`, how many of the group answered; `share_low`, `share_high`, the
    lowest count over the highest base with it, and the reverse; `low`, `high`, Wilson's interval of those two, so with
    chance as well. Kinds of missing and unknown groups are left out; their counts bound the base.

    Raises UnfitDataError as `count_ranges` does. Not for records (`pandas.crosstab`). Not for comparing two
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
    counts = counts_of(table).mask(table[STATUS] == ZERO, 0).to_numpy(float, na_value=np.nan)
    of = table.groupby(list(names), sort=False).ngroup().to_numpy()
    is_first = ~pd.Series(of).duplicated().to_numpy()
    counts, low, high = (np.bincount(of, each) for each in (counts, low, high))
    kinds = {kind: np.bincount(of, table[STATUS] == kind) > 0 for kind in (HIDDEN, SHOWN)}
    status = np.select(list(kinds.values()), list(kinds), ZERO)
    cells = table.loc[is_first, list(names)].reset_index(drop=True)
    cells = cells.assign(count=counts, status=status, low=low, high=high)
    values_in(cells[names[-1]], names[-1])
    if len(variables) > len(names):  # else each sum is one cell, which is narrowed already
        cells["low"], cells["high"] = narrow_ranges(cells[list(names)], (low, high), others)
    return cells.assign(count=cells["count"].astype("Int64"))


def _bases(cells: pd.DataFrame, rows: list[str], column: str, others: OtherTables) -> Range:
    """How many of each cell's group can have answered, from its cells and from what other tables say of the group."""
    is_answer = ~cells[column].isin(UNANSWERED).to_numpy()
    of = cells.groupby(rows, sort=False).ngroup().to_numpy()
    low, high = cells["low"].to_numpy(), cells["high"].to_numpy()
    answers, absent = (
        [np.bincount(of, np.where(is_wanted, each, 0))[of] for each in (low, high)]
        for is_wanted in (is_answer, ~is_answer)
    )
    is_group = ~cells[rows].isin(UNANSWERED).any(axis=1)
    least, most = (np.where(is_group, *ends) for ends in zip(margin(cells[rows], others), (0, np.inf), strict=True))
    low, high = np.maximum(answers[0], least - absent[1]), np.minimum(answers[1], most - absent[0])
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
