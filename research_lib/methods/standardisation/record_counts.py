"""Records and tables of counts, read and summed."""

from collections.abc import Collection, Hashable, Sequence
from typing import Any

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_free, check_once, need_no_blanks
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
