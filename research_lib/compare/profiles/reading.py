"""Reading records and tables of counts: what is refused, and how they are summed."""

from collections.abc import Collection, Hashable, Sequence

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.evidence.cases import MISSING

NO_ANSWER = "no_answer"
UNANSWERED = (*MISSING, NO_ANSWER)


def listed(names: Sequence[str] | str) -> list[str]:
    """Take one name or several as a list."""
    return [names] if isinstance(names, str) else list(names)


def need_level(level: float) -> None:
    """Refuse a level of confidence that is none."""
    if not 0 < level < 1:
        raise UnfitDataError(f"a level of {level} is none; give a part of 1, such as 0.95")


def need_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse an empty table, a column that is not there, and a column that is named twice."""
    if frame.empty:
        raise UnfitDataError("the table has no rows; there is nothing to count")
    if absent := [name for name in names if name not in frame]:
        raise UnfitDataError(f"there is no column {absent[0]!r}; there are {', '.join(map(str, frame.columns))}")
    if twice := [name for name in names if list(names).count(name) > 1]:
        raise UnfitDataError(f"the column {twice[0]!r} is named twice; each may have one part only")


def tally(frame: pd.DataFrame, names: Sequence[str], count: str | None) -> pd.DataFrame:
    """Count the records, or sum the counts, of each combination of values that occurs, in order.

    Gives the columns `names`, a missing cell as no_answer, and `n`.
    """
    need_columns(frame, [*names, *([count] if count else [])])
    numbers = _counts(frame[count], count) if count else pd.Series(1, index=frame.index)
    labels = frame[list(names)].astype(object)
    table = labels.where(labels.notna(), NO_ANSWER).assign(n=numbers)
    summed = table.groupby(list(names), sort=False, as_index=False)["n"].sum()
    return summed.sort_values(list(names), key=lambda column: column.map(str), ignore_index=True)


def _counts(column: pd.Series, name: str) -> pd.Series:
    if column.isna().any():
        raise UnfitDataError(
            f"{name}: row {column.index[column.isna()][0]} has no count; where counts were hidden before the table was "
            "published, use the function for released tables"
        )
    numbers = pd.to_numeric(column, errors="coerce")
    if (wrong := ~((numbers >= 0) & (numbers % 1 == 0))).any():
        raise UnfitDataError(f"{name}: {column[wrong].iloc[0]} is no count; a count is 0, 1, 2 and so on")
    return numbers.astype("int64")


def values_in(column: pd.Series, name: str) -> list[Hashable]:
    """The answers that occur in a column, without the kinds of missing; refuses a column that has none."""
    found = [value for value in dict.fromkeys(column) if value not in UNANSWERED]
    if not found:
        raise UnfitDataError(f"{name}: nobody answered; choose another column, or look why the answers are missing")
    return found


def need_answer(known: Collection[Hashable], answer: Sequence[str] | str, name: str) -> list[str]:
    """Refuse an answer that nobody gave; give the answers as a list."""
    wanted = listed(answer)
    if absent := [value for value in wanted if value not in known]:
        raise UnfitDataError(f"{name}: no case has the answer {absent[0]!r}; there are {', '.join(map(str, known))}")
    if not wanted or len(set(wanted)) == len(known):
        raise UnfitDataError(
            f"{name}: a share is of some of its answers, not of none or all; choose among {', '.join(map(str, known))}"
        )
    return wanted
