"""From records to k of n: who said yes in each of two groups, of those whose answer is known."""

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import check_cells, check_table, is_value, listed
from research_lib.methods.missing import MISSING
from research_lib.methods.options import as_list, check_free, check_once, need_list, need_no_blanks, written

_YES: tuple[Any, ...] = ("yes", True)
_NO: tuple[Any, ...] = ("no", False)
_RESULT = ("outcome", *(f"{name}{number}" for number in (1, 2) for name in ("group", "k", "n", "missing")))


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
    column must hold yes and no, True and False, or 1 and 0. Empty cells and the codes in `missing` are not answers, but
    counted apart. `strata`: a column that divides the persons further, such as the city.

    Returns one row a question (and stratum): outcome, [strata], group1, k1, n1, missing1, group2, k2, n2, missing2.
    Raises UnfitDataError for unknown columns and groups, rows of which the group is unknown, blank text that is not
    among `missing`, answers other than yes and no, and strata named as a column of the result.

    Not for: records where a person may stand twice (keep one row a person first), and questions that were put only to
    some because of earlier answers, unless the groups are compared among these alone.
    """
    questions = as_list(outcome)
    _check(frame, questions, (by, *([] if strata is None else [strata])))
    _check_codes("missing", missing)
    _check_codes("yes", [] if yes is None else as_list(yes))
    first, second = _check_groups(frame, by, groups)
    rows = []
    for question in questions:
        answers = _read_answers(frame[question], yes, missing)
        for stratum, part in _parts(answers, None if strata is None else frame[strata]):
            of = frame.loc[part.index, by]
            place = {"outcome": question} | ({strata: stratum} if strata is not None else {})
            rows.append(place | _count(part[of == first], first, 1) | _count(part[of == second], second, 2))
    return pd.DataFrame(rows)


def _parts(answers: pd.Series, strata: pd.Series | None) -> list[tuple[Any, pd.Series]]:
    if strata is None:
        return [(None, answers)]
    try:
        return list(answers.groupby(strata, sort=True))
    except TypeError:
        raise UnfitDataError(f"column {strata.name!r} mixes kinds of values; write them all as text") from None


def _check(frame: pd.DataFrame, questions: Sequence[str], dividers: Sequence[str]) -> None:
    check_table(frame, [*questions, *dividers])
    if not questions:
        raise UnfitDataError("no question is named; put at least one column in `outcome`")
    check_free(dividers[1:], _RESULT)
    check_once([*questions, *dividers])
    check_cells(frame, [*questions, *dividers])
    if frame.index.has_duplicates:
        raise UnfitDataError("the rows of the table share index labels; call reset_index(drop=True) on it first")
    for name in dividers:
        if count := int(frame[name].isna().sum()):
            raise UnfitDataError(f"{count} rows have no {name!r}; fill it in, or take these rows out and say so")
        need_no_blanks(frame[name], f"column {name!r}")


def _check_groups(frame: pd.DataFrame, by: str, groups: tuple[Any, Any]) -> tuple[Any, Any]:
    there = sorted(frame[by].unique(), key=str)
    if not isinstance(groups, list | tuple) or len(groups) != 2 or _same(*groups):
        raise UnfitDataError(f"`groups` must name two different groups; column {by!r} has {listed(there)}")
    for group in groups:
        if not is_value(group) or group not in there:
            raise UnfitDataError(f"no row has {written(group)} in column {by!r}; there are {listed(there)}")
    return groups[0], groups[1]


def _same(first: Any, second: Any) -> bool:
    return is_value(first) and is_value(second) and bool(first == second)


def _check_codes(name: str, codes: Any) -> None:
    for code in need_list(name, codes):
        if not is_value(code):
            raise UnfitDataError(f"`{name}` holds {written(code)}; every code must be one value, empty cells need none")


def _read_answers(column: pd.Series, yes: Any, missing: Collection[Any]) -> pd.Series:
    """Yes as 1, no as 0, no answer as NaN."""
    cells = column.astype(object)
    answered = cells.notna() & ~cells.isin(list(missing))
    values = list(cells[answered].unique())
    need_no_blanks(values, f"column {column.name!r}")
    positive = list(_YES) if yes is None else as_list(yes)
    others = [value for value in values if value not in (*positive, *_NO)]
    if others and (yes is None or not any(value in positive for value in values)):
        found = "other answers than yes and no" if yes is None else f"no {' or '.join(map(repr, positive))}"
        raise UnfitDataError(
            f"column {column.name!r} holds {found}: {listed(values)}; name in `yes` the value that counts as yes, "
            "and in `missing` the codes that are not answers"
        )
    return cells.isin(positive).astype(float).where(answered)


def _count(answers: pd.Series, group: Any, number: int) -> dict[str, Any]:
    return {
        f"group{number}": group,
        f"k{number}": int(answers.sum()),
        f"n{number}": int(answers.count()),
        f"missing{number}": int(answers.isna().sum()),
    }
