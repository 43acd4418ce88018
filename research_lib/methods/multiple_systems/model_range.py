"""The uncertainty about the model: the range over all that can be defended, and an interval over the choice of one.

The range is the only form in which the result may be shown.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from research_lib.errors import UnfitDataError
from research_lib.methods.multiple_systems.estimates import (
    MAIN_EFFECTS,
    STEPWISE,
    THRESHOLD,
    Model,
    choose,
    describe,
    label,
    terms_of,
    total,
)
from research_lib.methods.multiple_systems.log_linear_models import Terms, fit, fit_many
from research_lib.methods.multiple_systems.overlapping_lists import FEWEST_LISTS, Histories, Pair, read_histories
from research_lib.methods.options import is_number, need_level, need_whole

_MOST_MODELS = 33_000
Criterion = Literal["aic", "bic"]
_FEWEST = 50


def published_criticism() -> pd.DataFrame:
    """List what scholars object to in estimates of hidden people from overlapping lists.

    One row a work: authors, year, objection (in our words), source. The list is a selection, not a review.

    Not for: a verdict on any one estimate; it lists the questions to put to each.
    """
    return pd.read_csv(Path(__file__).with_name("published_criticism.csv"))


@dataclass(frozen=True)
class Span:
    """The range of the estimates of all defensible models, in people.

    `lowest` and `highest`: the smallest and the largest estimate. `low` and `high`: the smallest lower and the largest
    upper limit. `tried`, `refused`, `defensible`: how many models. `models`: one row a model, the best first and those
    refused last, with model, terms (how many), total, low, high, aic, bic, delta (distance from the best by the
    `criterion`), deviance, df, chosen (main effects, stepwise or empty), is_defensible, refused (the reason).
    `criticism`: what has been published against such estimates, to be shown beside them.
    """

    lowest: float
    highest: float
    low: float
    high: float
    seen: int
    tried: int
    refused: int
    defensible: int
    criterion: str
    within: float
    level: float
    models: pd.DataFrame
    criticism: pd.DataFrame


def span(
    frame: pd.DataFrame,
    *,
    count: Hashable = "count",
    lists: Sequence[Hashable] | None = None,
    most: int | None = None,
    criterion: Criterion = "aic",
    within: float = 10.0,
    threshold: float = THRESHOLD,
    level: float = 0.95,
) -> Span:
    """Show how far apart the estimates of all defensible models lie: quote this range, never one number alone.

    Tried are all models with up to `most` pairs of lists that may depend on each other (without it, as many as 33,000
    models allow: all of them for up to six lists), the stepwise choice, and every model one pair away from it.
    Defensible are those `within` so much of the best by AIC or BIC (farther than 10 the data hardly support a model, by
    the rule of thumb of Burnham and Anderson 2002), and main effects and the stepwise choice always. Models are refused
    as in `estimate`, and stay in the table with the reason.

    That the same lists give very different totals is published: for the United Kingdom 11,313, 13,444, 20,232 or 23,016
    by four methods (Binette and Steorts 2021, README of MSETools), from 2,744 people seen. What fits those seen best
    need not be right about those unseen, and no criterion shows it (Aleshin-Guendel, Sadinle and Wakefield 2021).

    Not for: a range to be halved; the truth may lie outside it, when every model is wrong in the same way, as when all
    lists miss the same people. Nor for what `estimate` is not for.
    """
    histories = read_histories(frame, count=count, lists=lists)
    need_level(level)
    if criterion not in ("aic", "bic") or not is_number(within) or not within >= 0:
        raise UnfitDataError(f"criterion is {criterion!r}, within is {within!r}; write 'aic' or 'bic', and 0 or more")
    chosen = terms_of(histories, STEPWISE, threshold)
    columns = ["total", "low", "high", "aic", "bic", "deviance", "df"]
    rows = []
    for model in fit_many(histories, _candidates(histories, chosen, most)):
        described = None if model.refused else describe(histories, model, level)
        numbers = [np.nan if described is None else getattr(described, name) for name in columns]
        reasons = [MAIN_EFFECTS] * (not model.terms) + [STEPWISE] * (set(model.terms) == set(chosen))
        rows.append([label(model.terms), len(model.terms), *numbers, ", ".join(reasons), model.refused])
    table = pd.DataFrame(rows, columns=["model", "terms", *columns, "chosen", "refused"])
    table["delta"] = table[criterion] - table[criterion].min()
    table["is_defensible"] = (table["refused"] == "") & ((table["delta"] <= within) | (table["chosen"] != ""))
    kept = table[table["is_defensible"]]
    return Span(
        lowest=float(kept["total"].min()),
        highest=float(kept["total"].max()),
        low=float(kept["low"].min()),
        high=float(kept["high"].max()),
        seen=histories.seen,
        tried=len(table),
        refused=int((table["refused"] != "").sum()),
        defensible=len(kept),
        criterion=criterion,
        within=within,
        level=level,
        models=table.sort_values(["delta", "terms", "model"], na_position="last", ignore_index=True),
        criticism=published_criticism(),
    )


def _candidates(histories: Histories, chosen: Terms, most: int | None) -> list[Terms]:
    """All models up to a size, and the neighbours of the chosen one."""
    pairs = histories.pairs
    models = np.cumsum([comb(len(pairs), number) for number in range(len(pairs) + 1)])
    if most is None:
        size = int(np.flatnonzero(models <= _MOST_MODELS).max())
    else:
        size = min(need_whole("most", most, 0), len(pairs))
        if models[size] > _MOST_MODELS:
            raise UnfitDataError(
                f"most is {most}, which makes {models[size]:,} models; "
                f"write less, so that there are at most {_MOST_MODELS:,}"
            )
    found = {frozenset(terms) for number in range(size + 1) for terms in combinations(pairs, number)}
    found |= {frozenset(chosen), *(frozenset(chosen) ^ {pair} for pair in pairs)}
    return [tuple(pair for pair in pairs if pair in terms) for terms in found]


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
