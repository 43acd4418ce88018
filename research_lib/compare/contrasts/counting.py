"""From records to k of n: who said yes in each of two groups, of those whose answer is known."""

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from research_lib.compare.contrasts.checks import check_columns, listed
from research_lib.errors import UnfitDataError
from research_lib.evidence.cases import MISSING

_YES: tuple[Any, ...] = ("yes", True)
_NO: tuple[Any, ...] = ("no", False)


def count_answers(
    frame: pd.DataFrame,
    *,
    outcome: str | Sequence[str],
    groups: tuple[Any, Any],
    by: str = "country_code",
    strata: str | None = None,
    yes: Any = None,
    missing: Collection[Any] = MISSING,
) -> pd.DataFrame:
    """Count in two groups how many said yes to each question, how many answered, and how many answers are missing.

    `frame`: one row a person. `outcome`: the columns of the questions. `by`: the column of the groups, of which two are
    compared. `yes`: the value, or a list of values, that counts as yes, every other answer counting as no; without it a
    column must hold yes and no, True and False, or 1 and 0. Empty cells and the codes in `missing` are no answers: they
    are counted apart. `strata`: a column that divides the persons further, such as the city.

    Returns one row a question (and stratum): outcome, [strata], group1, k1, n1, missing1, group2, k2, n2, missing2.
    Raises UnfitDataError for unknown columns and groups, rows of which the group is not known, and answers other than
    yes and no.

    Not for: records where a person may stand twice (keep one row a person first), and questions that only some were
    asked because of what they had answered before, unless the groups are compared among those alone.
    """
    questions = [outcome] if isinstance(outcome, str) else list(outcome)
    _check(frame, questions, (by, *([strata] if strata else [])))
    first, second = _check_groups(frame, by, groups)
    rows = []
    for question in questions:
        answers = _read_answers(frame[question], yes, missing)
        for stratum, part in answers.groupby(frame[strata], sort=True) if strata else [(None, answers)]:
            of = frame.loc[part.index, by]
            place = {"outcome": question} | ({strata: stratum} if strata else {})
            rows.append(place | _count(part[of == first], first, 1) | _count(part[of == second], second, 2))
    return pd.DataFrame(rows)


def _check(frame: pd.DataFrame, questions: Sequence[str], dividing: Sequence[str]) -> None:
    check_columns(frame, [*questions, *dividing])
    if not questions:
        raise UnfitDataError("no question is named; put at least one column in `outcome`")
    names = [*questions, *dividing]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnfitDataError(f"column {twice[0]!r} is named twice; a question, the groups and the strata must differ")
    if frame.index.has_duplicates:
        raise UnfitDataError("the rows of the table share index labels; call reset_index(drop=True) on it first")
    for name in dividing:
        if count := int(frame[name].isna().sum()):
            raise UnfitDataError(f"{count} rows have no {name!r}; fill it in, or take these rows out and say so")


def _check_groups(frame: pd.DataFrame, by: str, groups: tuple[Any, Any]) -> tuple[Any, Any]:
    there = sorted(frame[by].unique(), key=str)
    if isinstance(groups, str) or len(groups) != 2 or groups[0] == groups[1]:  # noqa: PLR2004
        raise UnfitDataError(f"`groups` must name two different groups; column {by!r} has {listed(there)}")
    for group in groups:
        if group not in there:
            raise UnfitDataError(f"no row has {group!r} in column {by!r}; there are {listed(there)}")
    return groups


def _read_answers(column: pd.Series, yes: Any, missing: Collection[Any]) -> pd.Series:
    """Yes as 1, no as 0, no answer as NaN."""
    cells = column.astype(object)
    known = cells.notna() & ~cells.isin(list(missing))
    values = list(cells[known].unique())
    wanted = (
        list(_YES) if yes is None else [yes] if isinstance(yes, str) or not isinstance(yes, Collection) else list(yes)
    )
    others = [value for value in values if value not in (*wanted, *_NO)]
    if others and (yes is None or not any(value in wanted for value in values)):
        what = "other answers than yes and no" if yes is None else f"no {' or '.join(map(repr, wanted))}"
        raise UnfitDataError(
            f"column {column.name!r} holds {what}: {listed(values)}; name in `yes` the value that counts as yes, "
            "and in `missing` the codes that are no answer"
        )
    return cells.isin(wanted).astype(float).where(known)


def _count(answers: pd.Series, group: Any, number: int) -> dict[str, Any]:
    return {
        f"group{number}": group,
        f"k{number}": int(answers.sum()),
        f"n{number}": int(answers.count()),
        f"missing{number}": int(answers.isna().sum()),
    }
