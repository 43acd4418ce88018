"""Choosing a model step by step: which pairs of lists share more or fewer people than independence predicts."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from research_lib.methods.multiple_systems.log_linear_models import Fit, fit
from research_lib.methods.multiple_systems.overlapping_lists import Histories, Pair, read_histories
from research_lib.methods.options import need_share

THRESHOLD = 0.02


@dataclass(frozen=True)
class Step:
    """One term added: the pair, how many people are on both, how many were expected, the p-value, and the new fit."""

    pair: Pair
    both: int
    expected: float
    p_value: float
    fit: Fit


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

    Not for: an interval (choosing the model adds uncertainty that the interval of the chosen one leaves out:
    `bootstrap`), or as the one answer: see `span`. The order of the steps shows how frail the choice is.
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
    while not current.refused and (step := _next_step(histories, current, both, threshold)):
        steps.append(step)
        current = step.fit
    return steps


def total(histories: Histories, fitted: Fit) -> float:
    """Those seen and those estimated to be on no list."""
    return histories.seen + float(np.exp(fitted.log_unseen))


def _next_step(histories: Histories, current: Fit, both: dict[Pair, np.ndarray], threshold: float) -> Step | None:
    pairs = [pair for pair in both if pair not in current.terms]
    counts = np.array([histories.counts[both[pair]].sum() for pair in pairs])
    expected = np.array([current.means[both[pair]].sum() for pair in pairs])
    values = _one_sided(counts, expected)
    # Equal p-values are ordered by name, so that the order of the columns decides nothing.
    for place in sorted(range(len(pairs)), key=lambda n: (round(float(values[n]), 12), sorted(map(str, pairs[n])))):
        if values[place] > threshold:
            return None
        found = fit(histories, (*current.terms, pairs[place]))
        if not found.refused:
            return Step(pairs[place], int(counts[place]), float(expected[place]), float(values[place]), found)
    return None


def _one_sided(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The smaller of the two Poisson tails, each with the count itself."""
    above = np.where(counts > 0, special.pdtrc(np.maximum(counts - 1, 0), expected), 1.0)
    return np.asarray(np.minimum(special.pdtr(counts, expected), above))
