"""Direct standardisation: what the share would be if every group had the same composition, of records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.methods.options import need_level
from research_lib.methods.standardisation.strata import (
    POOLED,
    Answer,
    Standard,
    Stratified,
    need_cases,
    stratify,
)
from research_lib.methods.wilson_interval import wilson_interval

_ALL = np.ones(1)


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
    that of Zou, Huang and Zhang (2009), from Wilson's interval of each stratum. The standard is taken as exact.

    Raises UnfitDataError for a stratum that has weight and that a group lacks, for a group, answer or column that is
    not there, and for unfit weights. Not for strata with few cases: with fewer than about five a stratum the result
    depends on single persons; bring strata together, and look at `strata`. Not where the groups differ in opposite
    directions in different strata: no single number shows that; show the strata. Not for causes, nor for a convenience
    sample as if it were drawn: what differs may be who was met. Not for released tables, whose counts are
    ranges.
    """
    need_level(level)
    counted = stratify(frame, groups=groups, strata=strata, outcome=outcome, answer=answer, count=count)
    weights = counted.weights(standard)
    for group, bases in zip(counted.groups, counted.bases, strict=True):
        need_cases(counted.strata, counted.stratum, group, (bases == 0) & (weights > 0))
    rows = [_row(counted, place, weights, level) for place in range(len(counted.groups))]
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
    return Standardised(table, by_stratum, counted.left_out, called, level)


def _row(counted: Stratified, place: int, weights: np.ndarray, level: float) -> dict[str, float]:
    counts, bases = counted.counts[place], counted.bases[place]
    count, base, used = counts.sum(keepdims=True), bases.sum(keepdims=True), weights > 0
    crude_low, crude_high = mover(_ALL, count, base, level)
    low, high = mover(weights[used], counts[used], bases[used], level)
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
