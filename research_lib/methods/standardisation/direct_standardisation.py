"""Direct standardisation: what the share would be if every group had the same composition."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from research_lib.errors import UnfitDataError
from research_lib.methods.options import need_level
from research_lib.methods.standardisation.strata import POOLED, Answer, Standard, Stratified, need_cases, stratify
from research_lib.methods.wilson_interval import wilson_interval

type Method = Literal["mover", "gamma"]
_ALL = np.ones(1)


def least_share(counts: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """The lowest share: 0 where the base is unbounded or the count can be 0."""
    return np.asarray(np.divide(counts, bases, out=np.zeros(len(counts)), where=(bases > 0) & np.isfinite(bases)))


def most_share(counts: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """The highest share: 1 where the count is unbounded, 0 where it is 0."""
    whole = np.where(np.isinf(counts), 1.0, 0.0)
    return np.asarray(np.divide(counts, bases, out=whole, where=(bases > 0) & np.isfinite(bases)))


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
