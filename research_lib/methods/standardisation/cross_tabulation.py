"""Records and tables of counts: read, summed, and cross-tabulated with shares, intervals and missing answers."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_free, check_once, need_level, need_no_blanks
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.missing_answers import NO_ANSWER, UNANSWERED

NUMBER = "number of records"
RESERVED = frozenset(
    f"{NUMBER},count,base,share,low,high,records,answered,missing,crude,crude_low,crude_high,standardised,"
    "standardised_low,standardised_high,weight,composition,rates,status,count_low,count_high,base_low,base_high,"
    "share_low,share_high".split(",")
) | {*UNANSWERED}
_MOST = 2**53


def non_empty_list(names: Any) -> list[Any]:
    """Take one name or answer, or several, as a list; refuses an empty one."""
    found = list(names) if pd.api.types.is_list_like(names) else [names]
    if not found:
        raise UnfitDataError("a list of columns or answers is empty; name at least one")
    return found


def need_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse an empty table, a column that is not there or not alone, one named twice, and lists in its cells."""
    if frame.empty:
        raise UnfitDataError("the table is empty; there is nothing to count")
    if strange := [name for name in names if not isinstance(name, str)]:
        raise UnfitDataError(f"{strange[0]!r} is not a name of a column; a name is text, so rename it to a word")
    check_columns(frame, names)
    check_once(names)
    for name in names:
        column = frame[name]
        if column.dtype == object and (several := column.map(pd.api.types.is_list_like)).any():
            raise UnfitDataError(
                f"{name}: row {column.index[several][0]} has a list in its cell, {column[several].iloc[0]!r}; a cell "
                "holds one answer, so make a column of yes and no for each choice"
            )


def tally(frame: pd.DataFrame, names: Sequence[str], count: str | None) -> pd.DataFrame:
    """Count the records, or sum the counts, of each combination of values that occurs, in order; refuses blank text.

    Gives the columns `names`, a missing cell as no_answer, and NUMBER.
    """
    check_free(names, [NUMBER])
    need_columns(frame, [*names, *([] if count is None else [count])])
    numbers = pd.Series(1, index=frame.index) if count is None else _counts(frame[count], count)
    labels = frame[list(names)].astype(object)
    table = labels.where(labels.notna(), NO_ANSWER).assign(**{NUMBER: numbers})
    summed = table.groupby(list(names), sort=False, as_index=False)[NUMBER].sum()
    for name in names:
        need_no_blanks(summed[name], name)
    return summed.sort_values(list(names), key=lambda column: column.map(str), ignore_index=True)


def _counts(column: pd.Series, name: str) -> pd.Series:
    if column.isna().any():
        raise UnfitDataError(
            f"{name}: row {column.index[column.isna()][0]} has an empty count; where counts were hidden before the "
            "table was published, use the function for released tables"
        )
    numbers = pd.to_numeric(column, errors="coerce")
    if (wrong := ~((numbers >= 0) & (numbers % 1 == 0))).any():
        raise UnfitDataError(f"{name}: {column[wrong].iloc[0]} is not a count; a count is 0, 1, 2 and so on")
    need_countable(numbers, name)
    return numbers.astype("int64")


def need_countable(numbers: pd.Series, name: str) -> None:
    """Refuse counts so large that their sum is no longer exact."""
    if numbers.astype(float).sum() > _MOST:
        raise UnfitDataError(f"{name}: the counts add up to more than {_MOST}, too many for an exact sum; check them")


def values_in(column: pd.Series, name: str) -> list[Hashable]:
    """The answers that occur in a column, without the kinds of missing; refuses a column that has none."""
    found = [value for value in dict.fromkeys(column) if value not in UNANSWERED]
    if not found:
        raise UnfitDataError(f"{name}: nobody answered; choose another column, or look why the answers are missing")
    return found


def need_answer(given: Collection[Hashable], answer: Hashable | Sequence[Hashable], name: str) -> list[Hashable]:
    """Refuse an answer that nobody gave; give the answers as a list."""
    wanted = non_empty_list(answer)
    if absent := [value for value in wanted if value not in given]:
        raise UnfitDataError(f"{name}: no case has the answer {absent[0]!r}; there are {', '.join(map(str, given))}")
    if len(set(wanted)) == len(given):
        raise UnfitDataError(
            f"{name}: a share is of some answers, not of none or all; choose among {', '.join(map(str, given))}"
        )
    return wanted


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
    bases = answered.sum(axis=1)
    cells = answered.rename_axis(columns=columns).stack().rename("count").reset_index()
    cells["base"] = np.repeat(bases.to_numpy(), answered.shape[1])
    counted = cells["base"] > 0
    low, high = wilson_interval(cells["count"].to_numpy(), cells["base"].to_numpy(), level)
    cells = cells.assign(share=cells["count"] / cells["base"].where(counted), low=low, high=high)
    cells.loc[~counted, ["low", "high"]] = np.nan
    sums = pd.DataFrame({"records": bases + absent.sum(axis=1), "answered": bases})
    missing = sums.join(absent.rename_axis(columns=None)).reset_index()
    return CrossTable(cells, missing, int(table[NUMBER].sum() - answered_rows[NUMBER].sum()), level)


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
