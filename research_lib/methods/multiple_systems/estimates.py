"""The estimate of how many people there are in all, by one model of overlapping lists, given or chosen step by step."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from research_lib.errors import UnfitDataError
from research_lib.methods.multiple_systems.log_linear_models import LogLinearFit, Terms, fit
from research_lib.methods.multiple_systems.overlapping_lists import Histories, Pair, read_histories
from research_lib.methods.options import need_level, need_share

THRESHOLD = 0.02
MAIN_EFFECTS = "main effects"
STEPWISE = "stepwise"
Model = str | Sequence[Pair]
Interval = Literal["number", "mean"]
_INTERVALS = ("number", "mean")


@dataclass(frozen=True)
class Step:
    """One term added: the pair, how many people are on both, how many were expected, the p-value, and the new fit."""

    pair: Pair
    both: int
    expected: float
    p_value: float
    fit: LogLinearFit


def stepwise(
    frame: pd.DataFrame,
    *,
    count: Hashable = "count",
    lists: Sequence[Hashable] | None = None,
    threshold: float = THRESHOLD,
) -> pd.DataFrame:
    """Show step by step which pairs of lists are let depend on each other, and what each does to the estimate.

    Forward selection of Chan, Silverman and Vincent (2021, section 3.2), threshold .02 as they recommend: from main
    effects on, the pair with the smallest one-sided Poisson p-value of its overlap is added while that is at most
    `threshold`; pairs with which no estimate exists are passed over. One row a step, the first without a pair: first,
    second, both, expected, p_value, total.

    Not for: an interval (choosing the model adds uncertainty that the interval of the chosen one leaves out), or as
    the one answer: see `span`. The order of the steps shows how frail the choice is.
    """
    histories = read_histories(frame, count=count, lists=lists)
    start = fit(histories, ())
    steps = choose(histories, threshold)
    rows: list[tuple[Hashable, ...]] = [("", "", np.nan, np.nan, np.nan, total(histories, start))]
    rows += [(*s.pair, s.both, s.expected, s.p_value, total(histories, s.fit)) for s in steps]
    return pd.DataFrame(rows, columns=["first", "second", "both", "expected", "p_value", "total"])


def choose(histories: Histories, threshold: float) -> list[Step]:
    """Add terms one by one while the smallest p-value is at most `threshold`."""
    need_share("threshold", threshold)
    steps: list[Step] = []
    current = fit(histories, ())
    both = {pair: histories.on_both(pair) for pair in histories.pairs}
    while not current.refused:
        candidates = []
        for pair in (pair for pair in both if pair not in current.terms):
            count, expected = histories.counts[both[pair]].sum(), current.means[both[pair]].sum()
            above = special.pdtrc(count - 1, expected) if count > 0 else 1.0
            p_value = float(min(special.pdtr(count, expected), above))
            if p_value <= threshold:
                candidates.append((pair, int(count), float(expected), p_value))
        # Equal p-values are ordered by name, so that the order of the columns decides nothing.
        candidates.sort(key=lambda found: (round(found[3], 12), sorted(map(str, found[0]))))
        tried = (Step(*found, fit(histories, (*current.terms, found[0]))) for found in candidates)
        step = next((step for step in tried if not step.fit.refused), None)
        if step is None:
            break
        steps.append(step)
        current = step.fit
    return steps


def total(histories: Histories, fitted: LogLinearFit) -> float:
    """Those seen and those estimated to be on no list."""
    return histories.seen + float(np.exp(fitted.log_unseen))


@dataclass(frozen=True)
class Estimate:
    """One model's estimate, in people: never to be quoted without the range that `span` gives.

    `total` with its interval `low` to `high`; `seen` on some list, `unseen` on none. `model`: the terms as words;
    `terms`: the pairs of lists that may depend on each other, `apart` those of them that share nobody. `aic`, `bic`
    (with the number seen as sample size), `deviance` with `df` degrees of freedom: how well it fits the seen; that
    is not evidence about the unseen.
    """

    total: float
    low: float
    high: float
    seen: int
    unseen: float
    model: str
    terms: Terms
    apart: Terms
    aic: float
    bic: float
    deviance: float
    df: int
    level: float
    interval: str


def estimate(
    frame: pd.DataFrame,
    *,
    count: Hashable = "count",
    lists: Sequence[Hashable] | None = None,
    model: Model = MAIN_EFFECTS,
    threshold: float = THRESHOLD,
    level: float = 0.95,
    interval: Interval = "number",
) -> Estimate:
    """Estimate how many people there are in all, those on no list included, from who is on several lists.

    `frame`: a row a pattern, a column of 0 and 1 a list, a column of `count`s (see `read_histories`). `model`: "main
    effects" (the lists are independent), "stepwise" (with `threshold`, see `stepwise`), or the pairs of lists that may
    depend on each other. With two lists and main effects the total is that of Lincoln and Petersen: both sizes
    multiplied, divided by the overlap.

    `interval`: both take the logarithm of the number unseen as normal, and neither includes the uncertainty about the
    model. "mean" is the one in print (Chan, Silverman and Vincent; their packages), for the number to be expected.
    "number" is for the number itself: it adds the chance in it, a Poisson count independent of those seen, on the scale
    of Chao (1987, Biometrics 43, p. 787), and rounds outwards to whole people. Where the lists hold most people "mean"
    is far too narrow: with three lists that hold 60, 50 and 40 % of 300 people it holds in 85 % of cases instead of 95.

    Poisson log-linear models (Cormack 1989; Bales, Hesketh and Silverman 2015; Chan, Silverman and Vincent 2021, JASA
    116, 1297–1306). Raises UnfitDataError where the data are unfit or the model has no estimate, with the reason.

    Not for: one number alone (the British data give 11,000 or 21,000 by models that fit about equally: `span`); lists
    that exclude each other by law or by place; lists fed by referral from one another, unless the term is in the model,
    and then with little trust; records that are not linked, or linked loosely (a missed link raises the total); a
    population that people enter and leave over the period; people whom no list could ever reach, who are in no
    estimate; lists with different definitions of who counts. See `published_criticism`.
    """
    histories = read_histories(frame, count=count, lists=lists)
    if interval not in _INTERVALS:
        raise UnfitDataError(f"interval {interval!r} is unknown; choose one of {', '.join(_INTERVALS)}")
    found = fit(histories, terms_of(histories, model, threshold))
    if found.refused:
        raise UnfitDataError(
            f"the model {label(found.terms)} cannot be estimated: {found.refused}; leave out a term or join lists"
        )
    return describe(histories, found, need_level(level), interval)


def terms_of(histories: Histories, model: Model, threshold: float) -> Terms:
    """The pairs that a model lets depend on each other, in the order of the lists."""
    if model == STEPWISE:
        pairs = {step.pair for step in choose(histories, threshold)}
        return tuple(pair for pair in histories.pairs if pair in pairs)
    if model == MAIN_EFFECTS:
        return ()
    if isinstance(model, str):
        raise UnfitDataError(
            f"model {model!r} is unknown; choose {MAIN_EFFECTS!r}, {STEPWISE!r} or give pairs of lists"
        )
    if not isinstance(model, Iterable):
        raise UnfitDataError(f"model is {model!r}; give pairs of lists, such as [('police', 'ngo')]")
    given = set()
    for pair in model:
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2 or pair[0] == pair[1]:
            raise UnfitDataError(
                f"{pair!r} is not a pair of lists; write two different names, such as ('police', 'ngo')"
            )
        if unknown := [name for name in pair if name not in histories.lists]:
            raise UnfitDataError(f"list {unknown[0]} is unknown; the lists are {', '.join(map(str, histories.lists))}")
        given.add(frozenset(pair))
    return tuple(pair for pair in histories.pairs if frozenset(pair) in given)


def describe(histories: Histories, found: LogLinearFit, level: float, interval: Interval = "number") -> Estimate:
    """Put a fit in plain values, with its interval."""
    unseen = float(np.exp(found.log_unseen))
    variance = found.error**2
    if interval == "number":
        variance = float(np.log1p(variance + 1 / unseen))
    factor = float(np.exp(special.ndtri((1 + level) / 2) * np.sqrt(variance)))
    low, high = unseen / factor, unseen * factor
    if interval == "number":
        low, high = float(np.floor(low)), float(np.ceil(high))
    return Estimate(
        total=total(histories, found),
        low=histories.seen + low,
        high=histories.seen + high,
        seen=histories.seen,
        unseen=unseen,
        model=label(found.terms),
        terms=found.terms,
        apart=found.apart,
        aic=criterion(histories, found, 2.0),
        bic=criterion(histories, found, float(np.log(histories.seen))),
        deviance=found.deviance,
        df=found.df,
        level=level,
        interval=interval,
    )


def criterion(histories: Histories, found: LogLinearFit, price: float) -> float:
    """Minus twice the log-likelihood plus a price for each parameter, those at −∞ included."""
    return -2 * found.log_likelihood + price * (1 + len(histories.lists) + len(found.terms))


def label(terms: Terms) -> str:
    """A model's terms as words."""
    return " + ".join("*".join(map(str, pair)) for pair in terms) or MAIN_EFFECTS
