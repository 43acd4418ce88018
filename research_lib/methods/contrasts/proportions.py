"""What differs between two groups, question by question: k of n from records, estimates with intervals, many tests."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, astuple
from itertools import chain, takewhile
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import (
    MOST_EXACT,
    check_cells,
    check_choice,
    check_table,
    check_total,
    is_value,
    listed,
    read_counts,
    row_name,
)
from research_lib.methods.contrasts.proportion_intervals import (
    Interval,
    TwoGroups,
    difference_interval,
    odds_interval,
    ratio_interval,
)
from research_lib.methods.options import as_list, check_free, check_once, is_number, need_list, need_no_blanks, written
from research_lib.missing_answers import MISSING

_YES: tuple[Any, ...] = ("yes", True)
_NO: tuple[Any, ...] = ("no", False)
_COUNTED = ("outcome", *(f"{name}{number}" for number in (1, 2) for name in ("group", "k", "n", "missing")))
MEASURES: Mapping[str, Callable[..., Interval]] = {
    "difference": difference_interval,
    "ratio": ratio_interval,
    "odds": odds_interval,
}
PAIRS = (("k1", "n1"), ("k2", "n2"))
_PARTS = (
    ("share1", "share2", "measure", "estimate", "low", "high", "level", "method"),
    ("p_value", "test"),
    ("family", "family_size", "p_adjusted", "adjustment"),
)
_METHODS = {"holm": "holm", "benjamini-hochberg": "fdr_bh"}


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
    _check_records(frame, questions, (by, *([] if strata is None else [strata])))
    for name, codes in (("missing", missing), ("yes", [] if yes is None else as_list(yes))):
        if odd := [code for code in need_list(name, codes) if not is_value(code)]:
            raise UnfitDataError(
                f"`{name}` holds {written(odd[0])}; every code must be one value, empty cells need none"
            )
    _check_groups(frame, by, groups)
    rows = []
    for question in questions:
        answers = _read_answers(frame[question], yes, missing)
        try:
            parts = [(None, answers)] if strata is None else list(answers.groupby(frame[strata], sort=True))
        except TypeError:
            raise UnfitDataError(f"column {strata!r} mixes kinds of values; write them all as text") from None
        for stratum, part in parts:
            row = {"outcome": question} | ({strata: stratum} if strata is not None else {})
            for number, group in enumerate(groups, start=1):
                own = part[frame.loc[part.index, by] == group]
                counts = {"k": int(own.sum()), "n": int(own.count()), "missing": int(own.isna().sum())}
                row |= {f"group{number}": group} | {f"{name}{number}": count for name, count in counts.items()}
            rows.append(row)
    return pd.DataFrame(rows)


def _check_records(frame: pd.DataFrame, questions: Sequence[str], dividers: Sequence[str]) -> None:
    check_table(frame, [*questions, *dividers])
    if not questions:
        raise UnfitDataError("no question is named; put at least one column in `outcome`")
    check_free(dividers[1:], _COUNTED)
    check_once([*questions, *dividers])
    check_cells(frame, [*questions, *dividers])
    if frame.index.has_duplicates:
        raise UnfitDataError("the rows of the table share index labels; call reset_index(drop=True) on it first")
    for name in dividers:
        if count := int(frame[name].isna().sum()):
            raise UnfitDataError(f"{count} rows have no {name!r}; fill it in, or take these rows out and say so")
        need_no_blanks(frame[name], f"column {name!r}")


def _check_groups(frame: pd.DataFrame, by: str, groups: tuple[Any, Any]) -> None:
    there = sorted(frame[by].unique(), key=str)
    is_pair = isinstance(groups, list | tuple) and len(groups) == 2
    if not is_pair or (all(map(is_value, groups)) and bool(groups[0] == groups[1])):
        raise UnfitDataError(f"`groups` must name two different groups; column {by!r} has {listed(there)}")
    for group in groups:
        if not is_value(group) or group not in there:
            raise UnfitDataError(f"no row has {written(group)} in column {by!r}; there are {listed(there)}")


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


def contrast(
    frame: pd.DataFrame,
    *,
    outcome: str | Sequence[str],
    groups: tuple[Any, Any],
    by: str = "country_code",
    yes: Any = None,
    missing: Collection[Any] = MISSING,
    measure: str = "difference",
    method: str | None = None,
    level: float = 0.95,
    test: str | None = None,
) -> pd.DataFrame:
    """Compare two groups on one or many yes/no questions, straight from the records, and say how sure each result is.

    `frame`: one row a person; `outcome`, `groups`, `by`, `yes`, `missing` as in `count_answers`; `measure`, `method`,
    `level`, `test` as in `contrast_counts`, whose table is returned with missing1 and missing2, the persons of each
    group without an answer, who are not counted.

    Not for: records where a person stands twice, whole populations, answers missing for a reason that has to do with
    the answer (the missing are shown so that this can be judged, not repaired), persons met through one another.
    Differences between countries are not caused by the countries: see `mantel_haenszel` for comparing like with like.
    """
    counts = count_answers(frame, outcome=outcome, groups=groups, by=by, yes=yes, missing=missing)
    return contrast_counts(counts, measure=measure, method=method, level=level, test=test)


def contrast_counts(
    frame: pd.DataFrame,
    *,
    measure: str = "difference",
    method: str | None = None,
    level: float = 0.95,
    test: str | None = None,
) -> pd.DataFrame:
    """Compare two groups from counts, a row a question: also from tables that others have published.

    `frame`: k1, n1, k2, n2 (said yes, answered; whole numbers) and any columns that name the row, which are kept.
    `measure`: `difference` (shares subtracted, first less second), `ratio` or `odds`; `method` as in
    `difference_interval`. `test` adds p_value and the name of the test: `fisher`
    (exact, two-sided, conservative with small counts) or `score` (the p-value that goes with the Miettinen-Nurminen
    interval: below 1 - level exactly where that excludes "no difference").

    Returns the columns of `frame` with share1, share2, measure, estimate, low, high, level and method; results of an
    earlier call (and of `adjust`) are replaced where they are there as a whole. Raises UnfitDataError, naming the row,
    for k > n, n = 0 and numbers that are not counts, for columns of your own named as those of the result, and for
    Fisher's test of more than 100 million persons.

    Not for: estimates, ranges and "about 600" of a report, which are not counts of persons; samples of different kinds
    put side by side (police records here, interviews there), whose difference is one of the sources.
    """
    check_choice("measure", measure, MEASURES)
    if test is not None:
        check_choice("test", test, _TESTS)
    check_table(frame, ())
    # The results of an earlier call are recognised where all their columns are there.
    earlier = {*chain(*takewhile({*frame.columns}.issuperset, _PARTS))}
    kept = [name for name in frame.columns if name not in earlier]
    check_free(kept, [name for part in _PARTS for name in part])
    pairs = [TwoGroups(*row) for row in read_counts(frame, PAIRS, "outcome")]
    intervals = [asdict(MEASURES[measure](*astuple(pair), method=method, level=level)) for pair in pairs]
    rows = [{"share1": pair.p1, "share2": pair.p2} | own for pair, own in zip(pairs, intervals, strict=True)]
    found = pd.DataFrame(rows, index=frame.index, columns=list(_PARTS[0]))
    if test is not None:
        found = found.assign(p_value=[_TESTS[test](pair) for pair in pairs], test=test)
    return pd.concat([frame[kept], found], axis=1)


def _fisher(pair: TwoGroups) -> float:
    check_total(pair.n, MOST_EXACT, f"{pair.k1} of {pair.n1} against {pair.k2} of {pair.n2}", "take test='score'")
    from scipy import stats  # loads slowly

    return float(stats.fisher_exact([[pair.k1, pair.n1 - pair.k1], [pair.k2, pair.n2 - pair.k2]]).pvalue)


def _score(pair: TwoGroups) -> float:
    if pair.k in (0, pair.n):
        return 1.0
    from statsmodels.stats.proportion import test_proportions_2indep  # loads slowly

    with np.errstate(all="ignore"):  # of ratios with a share of 0, which it gives too
        return float(test_proportions_2indep(*astuple(pair), method="score", compare="diff").pvalue)


_TESTS: Mapping[str, Callable[[TwoGroups], float]] = {"fisher": _fisher, "score": _score}


def adjust(table: pd.DataFrame, *, family: str, method: str = "holm", p: str = "p_value") -> pd.DataFrame:
    """Correct the p-values of a family of tests, so that many tests do not find something by chance.

    `table`: one row a test, with the column `p`. `family` names in words what belongs together ("the twelve questions
    on settlement, France and Italy") and so commits to it: every test that was made belongs in it, not only those worth
    showing. `method`: `holm` (1979; the chance of any false finding stays below the level, however the tests depend on
    each other) or `benjamini-hochberg` (1995; the expected share of false findings among the findings).

    Returns the table with family, family_size, p_adjusted and adjustment. Raises UnfitDataError without a name, for
    rows of another family, for p-values that are missing or outside 0 to 1, and for a table that is adjusted already.

    Not for: intervals, which stay as they are; searching first and naming the family after; questions of different
    studies, which need a family each.
    """
    check_choice("method", method, _METHODS)
    check_table(table, [p])
    if not isinstance(family, str) or not family.strip():
        raise UnfitDataError("`family` is empty; say in words which tests were made together")
    if "p_adjusted" in table.columns:
        raise UnfitDataError("these p-values are adjusted already; start from the table of tests")
    check_free([name for name in table.columns if name != "family"], ("family_size", "adjustment"))
    check_cells(table, [name for name in table.columns if name == "family"])
    if "family" in table.columns and (others := [name for name in table["family"].unique() if name != family]):
        raise UnfitDataError(f"rows belong to other families than {family!r}: {listed(others)}; adjust each apart")
    for position, value in enumerate(table[p]):
        if not is_number(value) or not 0 <= value <= 1:
            where = row_name(table, position, "outcome")
            raise UnfitDataError(f"{where}: {p} is {written(value)}, not a number between 0 and 1")
    from statsmodels.stats.multitest import multipletests  # loads slowly

    adjusted = multipletests(table[p].to_numpy(float), method=_METHODS[method])[1]
    return table.assign(family=family, family_size=len(table), p_adjusted=adjusted, adjustment=method)
