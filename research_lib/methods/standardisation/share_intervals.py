"""The lowest and highest share, and intervals of weighted sums of shares."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import gammaincinv

from research_lib.methods.wilson_interval import wilson_interval

type Method = Literal["mover", "gamma"]


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
