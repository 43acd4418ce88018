"""Cross-tabulation of released tables, whose counts are rounded or hidden: every number is a range."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.missing import UNANSWERED
from research_lib.methods.options import check_free, need_level
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO
from research_lib.methods.standardisation.count_ranges import (
    STATUS,
    Other,
    Range,
    cell_ranges,
    counts_of,
    margin,
    narrow_ranges,
    others_sum,
    read_others,
    variables_of,
)
from research_lib.methods.standardisation.count_tables import RESERVED, need_columns, non_empty_list, values_in
from research_lib.methods.standardisation.share_intervals import least_share, most_share
from research_lib.methods.wilson_interval import wilson_interval


def count_ranges(
    table: pd.DataFrame, *, rounding: int, fewest: int = 1, others: Iterable[pd.DataFrame] = ()
) -> pd.DataFrame:
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
    others: Iterable[pd.DataFrame] = (),
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
    shares = _shares(answered, answered.groupby(sides, sort=False).ngroup().to_numpy(), level)
    return answered.rename(columns={"low": "count_low", "high": "count_high"}).assign(**shares)


def summed(
    table: pd.DataFrame, names: Sequence[str], others: Sequence[Other], *, rounding: int, fewest: int
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
    ends = narrow_ranges(cells[list(names)], (cells["low"].to_numpy(), cells["high"].to_numpy()), others)
    return cells.assign(count=cells["count"].astype("Int64"), low=ends[0], high=ends[1])


def _bases(cells: pd.DataFrame, rows: list[str], column: str, others: Sequence[Other]) -> Range:
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


def _shares(cells: pd.DataFrame, of: np.ndarray, level: float) -> dict[str, np.ndarray]:
    """The ends of the shares: a share grows with its own count, and shrinks with the others of its group."""
    low, high, base_low, base_high = (cells[name].to_numpy() for name in ("low", "high", "base_low", "base_high"))
    at_low, at_high = (
        np.minimum(low + others_sum(high, of), base_high),
        np.maximum(high + others_sum(low, of), base_low),
    )
    ends = {
        "share_low": least_share(low, at_low),
        "share_high": most_share(high, at_high),
        "low": wilson_interval(low, at_low, level)[0],
        "high": wilson_interval(high, at_high, level)[1],
    }
    return {name: np.where(base_high == 0, np.nan, end) for name, end in ends.items()}
