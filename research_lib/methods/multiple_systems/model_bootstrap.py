"""A bootstrap interval that includes the uncertainty about the model: it is chosen again in every resample."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from research_lib.errors import UnfitDataError
from research_lib.methods.multiple_systems.estimates import STEPWISE, THRESHOLD, Model, choose, terms_of, total
from research_lib.methods.multiple_systems.log_linear_models import fit
from research_lib.methods.multiple_systems.overlapping_lists import FEWEST_LISTS, Histories, Pair, read_histories
from research_lib.methods.options import need_level, need_whole

_FEWEST = 50


@dataclass(frozen=True)
class Bootstrap:
    """An estimate with its bootstrap interval, in people.

    `totals`: the estimate in each resample, smallest first; infinite where the resample allows none, which
    `refused` counts. `bias` and `acceleration`: the two corrections of the interval.
    """

    total: float
    low: float
    high: float
    level: float
    bias: float
    acceleration: float
    refused: int
    totals: tuple[float, ...]


def bootstrap(
    frame: pd.DataFrame,
    *,
    count: Hashable = "count",
    lists: Sequence[Hashable] | None = None,
    model: Model = STEPWISE,
    threshold: float = THRESHOLD,
    level: float = 0.95,
    replications: int = 1000,
    seed: int,
) -> Bootstrap:
    """Give the estimate a bootstrap interval, with the model chosen again in every resample.

    The people seen are drawn again with replacement (multinomial), the whole procedure repeated, and the interval
    corrected for bias and acceleration, the latter from leaving out one person at a time (BCa: DiCiccio and Efron 1996;
    Chan, Silverman and Vincent 2021, section 3.3). A resample that allows no estimate counts as infinite, so that the
    upper limit is not made smaller than it is. `seed`: the same seed, the same answer.

    Not for: the uncertainty whether any of the models is right (see `span`); very few people on two lists: an estimate
    that falls when one person is left out is refused. Where `bias` is far from 0 the correction depends on the few
    smallest or largest resamples, and another seed changes the limits by a tenth: draw more.
    """
    histories = read_histories(frame, count=count, lists=lists)
    need_level(level)
    need_whole("seed", seed, 0)
    need_whole("replications", replications, _FEWEST)
    pairs = None if model == STEPWISE else terms_of(histories, model, threshold)
    centre = _total(histories, pairs, threshold)
    if not np.isfinite(centre):
        raise UnfitDataError("this model cannot be estimated from these lists; `estimate` gives the reason")
    generator = np.random.default_rng(seed)
    draws = generator.multinomial(histories.seen, histories.counts / histories.counts.sum(), size=replications)
    totals = np.sort([_total(histories.with_counts(draw), pairs, threshold) for draw in draws.astype(float)])
    bias = float(stats.norm.ppf(np.clip((totals < centre).mean(), 0.5 / replications, 1 - 0.5 / replications)))
    acceleration = _acceleration(histories, pairs, threshold)
    ends = bias + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    corrected = stats.norm.cdf(bias + ends / (1 - acceleration * ends))
    low, high = np.quantile(totals, corrected, method="inverted_cdf")
    refused = int(np.isinf(totals).sum())
    return Bootstrap(centre, float(low), float(high), level, bias, acceleration, refused, tuple(totals.tolist()))


def _total(histories: Histories, pairs: tuple[Pair, ...] | None, threshold: float) -> float:
    """The estimate of given pairs, or of a fresh stepwise choice; infinite where there is none."""
    if len(histories.lists) < FEWEST_LISTS or not histories.counts[histories.patterns.sum(axis=1) > 1].any():
        return float("inf")
    if pairs is None:
        steps = choose(histories, threshold)
        found = steps[-1].fit if steps else fit(histories, ())
    else:
        found = fit(histories, [pair for pair in pairs if set(pair) <= set(histories.lists)])
    return float("inf") if found.refused else total(histories, found)


def _acceleration(histories: Histories, pairs: tuple[Pair, ...] | None, threshold: float) -> float:
    """Skewness over the people seen, one left out at a time; all who share a pattern give the same."""
    places = np.flatnonzero(histories.counts)
    fewer = (histories.counts - np.eye(len(histories.counts))[place] for place in places)
    without = np.array([_total(histories.with_counts(counts), pairs, threshold) for counts in fewer])
    if not np.isfinite(without).all():
        row = histories.patterns[places[int(np.argmax(np.isinf(without)))]]
        names = ", ".join(str(name) for name, value in zip(histories.lists, row, strict=True) if value)
        raise UnfitDataError(f"the estimate depends on a single person on {names}; no interval can fix that")
    weights = histories.counts[places]
    gaps = np.average(without, weights=weights) - without
    spread = (weights * gaps**2).sum()
    return float((weights * gaps**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0
