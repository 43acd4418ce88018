"""Cross-tabulation of records or of exact counts: counts, shares with intervals, and how many answers are missing."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.missing import UNANSWERED
from research_lib.methods.options import check_free, need_level
from research_lib.methods.standardisation.count_tables import NUMBER, RESERVED, non_empty_list, tally, values_in
from research_lib.methods.wilson_interval import wilson_interval


@dataclass(frozen=True)
class CrossTable:
    """One question counted within groups.

    `cells`: a row for each group and answer: the columns of the rows, the question, then `count`, `base` (how many of
    the group answered), `share` (count / base) and `low`, `high`, its interval; nothing where nobody answered.
    `missing`: a row for each group: `records`, `answered`, and how many answers are missing, a column for each kind.
    `left_out`: records of which the group itself is unknown.
    """

    cells: pd.DataFrame
    missing: pd.DataFrame
    left_out: int
    level: float

    def wide(self, value: str = "share") -> pd.DataFrame:
        """Lay out one of count, base, share, low and high with a row for each group and a column for each answer."""
        *rows, column = self.cells.columns[: list(self.cells.columns).index("count")]
        return self.cells.pivot(index=rows, columns=column, values=value)[list(dict.fromkeys(self.cells[column]))]


def cross_tabulate(
    frame: pd.DataFrame,
    *,
    rows: Sequence[str] | str,
    columns: str,
    count: str | None = None,
    choices: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> CrossTable:
    """Count the answers to one question within groups, and give the share of each answer with an interval.

    `frame`: one row a record, as `answers` gives it, or one row a cell with exact counts in the column `count`; other
    variables are summed over. `rows`: the column or columns that make the groups. `choices`: the answers to `columns`
    in their order, those that nobody gave too; without it, those that occur. Shares are of those who answered. An
    answer counts as missing where the cell is empty (no_answer) or one of the five kinds of missing.

    The interval is Wilson's (1927); see Newcombe (1998), Statistics in Medicine 17, 857–872, method 3. Raises
    UnfitDataError for a column that is not there, an answer that is not among the choices, or no answers at all.

    Not for: released tables, whose counts are rounded and hidden (use `cross_tabulate_released`). Not for saying how
    common something is among all migrant women: the records are of those whom organisations met, a convenience sample,
    and the interval has only the chance of who was met, not who never is. With fewer than about ten answers in a
    group, read the count, not the share.
    """
    need_level(level)
    sides = non_empty_list(rows)
    table = tally(frame, [*sides, columns], count)
    check_free([*sides, columns], RESERVED)
    answered_rows = table[~table[sides].isin(UNANSWERED).any(axis=1)]
    if answered_rows.empty:
        raise UnfitDataError(f"{', '.join(sides)}: no record says to which group it belongs; choose another column")
    wide = answered_rows.pivot(index=sides, columns=columns, values=NUMBER).fillna(0).astype("int64")
    answered = wide.reindex(columns=_choices(answered_rows[columns], columns, choices), fill_value=0)
    absent = wide[[kind for kind in UNANSWERED if kind in wide]]
    return CrossTable(
        _cells(answered, columns, level),
        _missing(answered, absent),
        int(table[NUMBER].sum() - answered_rows[NUMBER].sum()),
        level,
    )


def _choices(column: pd.Series, name: str, choices: Sequence[Hashable] | None) -> list[Hashable]:
    found = values_in(column, name)
    if choices is None:
        return found
    wanted = non_empty_list(choices)
    if strange := [value for value in found if value not in wanted]:
        raise UnfitDataError(
            f"{name}: the answer {strange[0]!r} is not among the choices {', '.join(map(str, wanted))}; "
            "add or correct it"
        )
    if twice := [value for value in wanted if wanted.count(value) > 1]:
        raise UnfitDataError(f"{name}: {twice[0]!r} stands twice among the choices; name each once")
    if kinds := [value for value in wanted if value in UNANSWERED]:
        raise UnfitDataError(f"{name}: {kinds[0]!r} is a kind of missing, not an answer; take it out of the choices")
    return wanted


def _cells(answered: pd.DataFrame, name: str, level: float) -> pd.DataFrame:
    cells = answered.rename_axis(columns=name).stack().rename("count").reset_index()
    cells["base"] = np.repeat(answered.sum(axis=1).to_numpy(), answered.shape[1])
    counts, bases = (cells[column].to_numpy(dtype=float) for column in ("count", "base"))
    low, high = wilson_interval(counts, bases, level)
    limits = cells.assign(share=cells["count"] / cells["base"].where(bases > 0), low=low, high=high)
    limits.loc[bases == 0, ["low", "high"]] = np.nan
    return limits


def _missing(answered: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    sums = pd.DataFrame({"answered": answered.sum(axis=1)})
    sums.insert(0, "records", sums["answered"] + absent.sum(axis=1))
    return sums.join(absent.rename_axis(columns=None)).reset_index()
