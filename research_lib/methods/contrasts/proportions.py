"""What differs between two groups, question by question: a table with k of n, the estimate and its interval."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from scipy.special import chdtrc

from research_lib.methods.contrasts.count_checks import MOST_EXACT, check_choice, check_table, check_total, read_counts
from research_lib.methods.contrasts.counts_from_records import count_answers
from research_lib.methods.contrasts.proportion_intervals import (
    DEFAULT,
    Interval,
    difference_interval,
    odds_interval,
    ratio_interval,
)
from research_lib.methods.contrasts.score_intervals import Pair
from research_lib.methods.missing import MISSING
from research_lib.methods.options import check_free

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


def contrast(
    frame: pd.DataFrame,
    *,
    outcome: str | Sequence[str],
    groups: tuple[Any, Any],
    by: str = "country_code",
    yes: Any = None,
    missing: Collection[Any] = MISSING,
    measure: str = "difference",
    method: str = DEFAULT,
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
    method: str = DEFAULT,
    level: float = 0.95,
    test: str | None = None,
) -> pd.DataFrame:
    """Compare two groups from counts, a row a question: also from tables that others have published.

    `frame`: k1, n1, k2, n2 (said yes, answered; whole numbers) and any columns that name the row, which are kept.
    `measure`: `difference` (shares subtracted, first less second), `ratio` or `odds`; `method` as in
    `difference_interval`, `ratio_interval` and `odds_interval`. `test` adds p_value and the name of the test: `fisher`
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
    kept = _own_columns(frame)
    pairs = [Pair(*row) for row in read_counts(frame, PAIRS, "outcome")]
    rows = [_result(pair, measure, method, level) for pair in pairs]
    found = pd.DataFrame(rows, index=frame.index)
    if test is not None:
        found = found.assign(p_value=[_TESTS[test](pair) for pair in pairs], test=test)
    return pd.concat([frame[kept], found], axis=1)


def _own_columns(frame: pd.DataFrame) -> list[str]:
    """The user's own columns: without the results of an earlier call, recognised where all their columns are there."""
    earlier: set[str] = set()
    for part in _PARTS:
        if not set(part) <= set(frame.columns):
            break
        earlier |= set(part)
    kept = [name for name in frame.columns if name not in earlier]
    check_free(kept, [name for part in _PARTS for name in part])
    return kept


def _result(pair: Pair, measure: str, method: str, level: float) -> dict[str, Any]:
    found = MEASURES[measure](pair.k1, pair.n1, pair.k2, pair.n2, method=method, level=level)
    return {"share1": pair.p1, "share2": pair.p2, "measure": measure, **asdict(found)}


def _fisher(pair: Pair) -> float:
    check_total(pair.n, MOST_EXACT, f"{pair.k1} of {pair.n1} against {pair.k2} of {pair.n2}", "take test='score'")
    from scipy import stats  # loads slowly

    return float(stats.fisher_exact([[pair.k1, pair.n1 - pair.k1], [pair.k2, pair.n2 - pair.k2]]).pvalue)


def _score(pair: Pair) -> float:
    if pair.k in (0, pair.n):
        return 1.0
    share = pair.k / pair.n
    variance = share * (1 - share) * (1 / pair.n1 + 1 / pair.n2) * pair.n / (pair.n - 1)
    return float(chdtrc(1, (pair.p1 - pair.p2) ** 2 / variance))


_TESTS: Mapping[str, Callable[[Pair], float]] = {"fisher": _fisher, "score": _score}
