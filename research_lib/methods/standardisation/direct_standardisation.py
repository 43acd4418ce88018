"""Direct standardisation: what the share would be if every group had the same composition, of records and releases."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from research_lib.errors import UnfitDataError
from research_lib.methods.options import need_level
from research_lib.methods.standardisation.cross_tabulation import need_answer, non_empty_list, values_in
from research_lib.methods.standardisation.released_cross_tabulation import (
    Others,
    Range,
    least_share,
    most_share,
    read_others,
    summed,
)
from research_lib.methods.standardisation.strata import (
    POOLED,
    Answer,
    Standard,
    Stratified,
    need_cases,
    standard_sizes,
    stratify,
    sum_by_stratum,
)
from research_lib.methods.wilson_interval import wilson_interval
from research_lib.missing_answers import UNANSWERED

type Method = Literal["mover", "gamma"]
_ALL = np.ones(1)
_MOST = 14


def mover(weights: np.ndarray, counts: np.ndarray, bases: np.ndarray, level: float) -> tuple[float, float]:
    """Give the interval of a weighted sum of independent shares, from Wilson's interval of each.

    Source: Zou, Huang and Zhang (2009), Computational Statistics and Data Analysis 53, 1080–1085.
    """
    share = counts / bases
    low, high = wilson_interval(counts, bases, level)
    value = weights @ share
    return (
        float(value - np.linalg.norm(weights * (share - low))),
        float(value + np.linalg.norm(weights * (high - share))),
    )


def gamma_interval(weights: np.ndarray, counts: np.ndarray, bases: np.ndarray, level: float) -> tuple[float, float]:
    """Give the interval of a weighted sum of rates of rare events (Poisson), by the gamma distribution.

    Source: Fay and Feuer (1997), Statistics in Medicine 16, 791–801.
    """
    each = weights / bases
    value, variance, largest = each @ counts, each**2 @ counts, each.max()
    tail = (1 - level) / 2
    low = gammaincinv(value**2 / variance, tail) * variance / value if value > 0 else 0.0
    above, wider = value + largest, variance + largest**2
    return float(low), float(min(gammaincinv(above**2 / wider, 1 - tail) * wider / above, 1.0))


INTERVALS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[float, float]]] = {
    "mover": mover,
    "gamma": gamma_interval,
}


@dataclass(frozen=True)
class Standardised:
    """A share of each group, crude and standardised.

    `groups`: a row for each group: the group, `count`, `base`, `crude`, `crude_low`, `crude_high`, `standardised`,
    `low`, `high`, and `missing`, the records without an answer or a stratum. `strata`: a row for each group and
    stratum: the group, the columns that make the stratum, `count`, `base`, `share` and the `weight` of the stratum in
    the standard. `left_out`: records without a group.
    """

    groups: pd.DataFrame
    strata: pd.DataFrame
    left_out: int
    standard: str
    method: Method
    level: float


def standardise(
    frame: pd.DataFrame,
    *,
    groups: str,
    strata: Sequence[str] | str,
    outcome: str,
    answer: Answer,
    count: str | None = None,
    standard: Standard = POOLED,
    method: Method = "mover",
    level: float = 0.95,
) -> Standardised:
    """Give the share of an answer in each group as if all groups had the same composition, beside the crude share.

    `frame`: one row a record, or one row a cell with exact counts in the column `count`. `groups`, `strata`: the
    columns that are compared and that are made equal, such as country_code and age_band; of several strata columns
    each combination is a stratum. `outcome`, `answer`: the question, and the answer or answers whose share is meant
    among those who answered. `standard`: `pooled` (all groups together), the name of a group, or weights by stratum, a
    mapping or a Series: {"18-24": 2, "25+": 1}, and of several columns {("18-24", "yes"): 2, …}, the values in the
    order of the columns.

    The standardised share is the mean of a group's shares in the strata, weighted by the standard. The interval is
    that of Zou, Huang and Zhang (2009, `mover`), from Wilson's interval of each stratum; for events so rare that they
    are like a Poisson count, that of Fay and Feuer (1997, `gamma`), which is wide. The standard is taken as exact.

    Raises UnfitDataError for a stratum that has weight and that a group lacks, for a group, answer or column that is
    not there, and for unfit weights. Not for strata with few cases: with fewer than about five a stratum the result
    depends on single persons; bring strata together, and look at `strata`. Not where the groups differ in opposite
    directions in different strata: no single number shows that; show the strata. Not for causes, nor for a convenience
    sample as if it were drawn: what differs may be who was met. Not for released tables (`standardise_released`).
    """
    need_level(level)
    if method not in INTERVALS:
        raise UnfitDataError(f"method {method!r} is unknown; use one of {', '.join(INTERVALS)}")
    counted = stratify(frame, groups=groups, strata=strata, outcome=outcome, answer=answer, count=count)
    weights = counted.weights(standard)
    for group, bases in zip(counted.groups, counted.bases, strict=True):
        need_cases(counted.strata, counted.stratum, group, (bases == 0) & (weights > 0))
    rows = [_row(counted, place, weights, method=method, level=level) for place in range(len(counted.groups))]
    table = pd.DataFrame(rows)
    table.insert(0, groups, list(counted.groups))
    times = len(counted.groups)
    names = {groups: [group for group in counted.groups for _ in counted.strata]}
    names |= {column: values * times for column, values in counted.columns().items()}
    numbers = {"count": counted.counts, "base": counted.bases}
    by_stratum = pd.DataFrame(names | {name: each.ravel().astype("int64") for name, each in numbers.items()})
    share = by_stratum["count"] / by_stratum["base"].where(by_stratum["base"] > 0)
    by_stratum = by_stratum.assign(share=share, weight=np.tile(weights, times))
    called = "weights" if isinstance(standard, pd.Series | Mapping) else str(standard)
    return Standardised(table, by_stratum, counted.left_out, called, method, level)


def _row(counted: Stratified, place: int, weights: np.ndarray, *, method: Method, level: float) -> dict[str, float]:
    counts, bases = counted.counts[place], counted.bases[place]
    count, base, used = counts.sum(keepdims=True), bases.sum(keepdims=True), weights > 0
    crude_low, crude_high = INTERVALS[method](_ALL, count, base, level)
    low, high = INTERVALS[method](weights[used], counts[used], bases[used], level)
    return {
        "count": int(count[0]),
        "base": int(base[0]),
        "crude": float(count[0] / base[0]),
        "crude_low": crude_low,
        "crude_high": crude_high,
        "standardised": float(weights[used] @ (counts[used] / bases[used])),
        "low": low,
        "high": high,
        "missing": counted.missing[place],
    }


def differences(result: Standardised) -> pd.DataFrame:
    """Compare every two groups: the difference of their shares, first minus second, crude and standardised.

    Columns: `first`, `second`, `crude`, `crude_low`, `crude_high`, `standardised`, `low`, `high`. The intervals join
    those of the two groups: Newcombe (1998), Statistics in Medicine 17, 873–890, method 10, for the crude difference,
    and the same with the standardised shares (Zou, Huang and Zhang 2009). Not for picking the largest of many
    differences: each interval is for one comparison alone. Not for groups that share persons.
    """
    group = result.groups.columns[0]
    rows = [
        {
            "first": first[group],
            "second": second[group],
            **_difference(first, second, ("crude", "crude_low", "crude_high")),
            **_difference(first, second, ("standardised", "low", "high")),
        }
        for first, second in combinations(result.groups.to_dict("records"), 2)
    ]
    if not rows:
        raise UnfitDataError("there is one group only; a comparison takes two")
    return pd.DataFrame(rows)


def _difference(
    first: Mapping[Hashable, Any], second: Mapping[Hashable, Any], names: tuple[str, str, str]
) -> dict[str, float]:
    (one, one_low, one_high), (two, two_low, two_high) = ([each[name] for name in names] for each in (first, second))
    value = one - two
    low = value - np.hypot(one - one_low, two_high - two)
    high = value + np.hypot(one_high - one, two - two_low)
    return dict(zip(names, (float(value), float(low), float(high)), strict=True))


def standardise_released(
    table: pd.DataFrame,
    *,
    groups: str,
    strata: Sequence[str] | str,
    outcome: str,
    answer: Answer,
    rounding: int,
    fewest: int = 1,
    others: Others = (),
    standard: Standard = POOLED,
    level: float = 0.95,
) -> pd.DataFrame:
    """Give the crude and the standardised share of each group in a released table, each as a range.

    `table`, `rounding`, `fewest`, `others` as in `count_ranges`, the rest as in `standardise`. One row a group:
    `crude_low`, `crude_high`, `standardised_low`, `standardised_high`: all that rounding and hiding leave open; `low`,
    `high`: that, and the chance of who was met, by the interval of `standardise`.

    Each count may lie anywhere in its range. For given weights the ends are exact: the lowest counts with the answer
    against the highest of the others, and the reverse. Where the standard is a group, its strata's sizes have ranges
    as well; the standardised share is then a ratio that takes its ends at the corners of these ranges, and all corners
    are tried. For a group standardised by itself, or by all together, the same counts stand in shares and in weights,
    which this takes as free of each other: the range is then wider than it need be, never too narrow.

    Raises UnfitDataError for a stratum with weight in which a group certainly has nobody, for more than 14 strata
    whose size is a range, and as `count_ranges` does. Not for tables of different dates, nor where a range is so wide
    that it says nothing: then request from the study a table of the groups' standardised shares. See `standardise` too.
    """
    need_level(level)
    read = read_others(others, rounding, fewest)
    levels = non_empty_list(strata)
    cells = summed(table, [groups, *levels, outcome], read, rounding=rounding, fewest=fewest)
    wanted = need_answer(values_in(cells[outcome], outcome), answer, outcome)
    answered = cells[~cells[[groups, *levels, outcome]].isin(UNANSWERED).any(axis=1)]
    names, name = values_in(answered[groups], groups), " / ".join(levels)
    is_wanted = answered[outcome].isin(wanted)
    parts = [answered[end].where(rows, 0) for rows in (is_wanted, ~is_wanted) for end in ("low", "high")]
    kinds, (low, high, other_low, other_high) = sum_by_stratum(answered, (groups, levels), names, parts)
    sizes = standard_sizes(standard, (names, kinds), name, [low + other_low, high + other_high])
    corners = _corners((sizes[0], sizes[1]), name)
    result = []
    for place, group in enumerate(names):
        need_cases(kinds, name, group, (high[place] + other_high[place] == 0) & (sizes[1] > 0))
        ranges = (low[place], high[place]), (other_low[place], other_high[place])
        result.append({groups: group} | _released_row(*ranges, corners=corners, level=level))
    return pd.DataFrame(result)


def _corners(sizes: Range, name: str) -> np.ndarray:
    """All weights at the corners of the sizes' ranges, shape (corners, strata); a size without an end can be all."""
    low, high = sizes
    endless = np.isinf(high)
    if np.count_nonzero((low < high) & ~endless) > _MOST:
        raise UnfitDataError(f"{name}: more than {_MOST} strata have no certain size; bring strata together")
    ends = [
        (least,) if least == most or np.isinf(most) else (least, most) for least, most in zip(low, high, strict=True)
    ]
    corners = np.vstack([np.array(list(product(*ends))), np.eye(len(low))[endless]])
    sums = corners.sum(axis=1, keepdims=True)
    if not sums.any():
        raise UnfitDataError(f"{name}: the standard has nobody; choose another")
    return np.asarray(corners[sums[:, 0] > 0] / sums[sums[:, 0] > 0])


def _released_row(with_answer: Range, other: Range, *, corners: np.ndarray, level: float) -> dict[str, float]:
    """The ends of one group's shares, from the ranges of those with the answer and of those with any other."""
    (least, most), (other_least, other_most) = with_answer, other
    at_low, at_high = least + other_most, most + other_least
    low, high = least_share(least, at_low), most_share(most, at_high)
    below = low - wilson_interval(least, at_low, level)[0]
    above = wilson_interval(most, at_high, level)[1] - high
    crude_low = least_share(least.sum(keepdims=True), at_low.sum(keepdims=True))
    crude_high = most_share(most.sum(keepdims=True), at_high.sum(keepdims=True))
    return {
        "crude_low": float(crude_low[0]),
        "crude_high": float(crude_high[0]),
        "standardised_low": float((corners @ low).min()),
        "standardised_high": float((corners @ high).max()),
        "low": float((corners @ low - np.linalg.norm(corners * below, axis=1)).min()),
        "high": float((corners @ high + np.linalg.norm(corners * above, axis=1)).max()),
    }
