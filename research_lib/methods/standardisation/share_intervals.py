"""The lowest and highest share, and intervals of weighted sums of shares."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import gammaincinv

from research_lib.methods.wilson_interval import wilson_interval

Vector = np.ndarray
type Method = Literal["mover", "gamma"]


def least_share(counts: Vector, bases: Vector) -> Vector:
    """The lowest share: nothing where the base has no end or the count can be nothing."""
    return np.asarray(np.divide(counts, bases, out=np.zeros(len(counts)), where=(bases > 0) & np.isfinite(bases)))


def most_share(counts: Vector, bases: Vector) -> Vector:
    """The highest share: all where the count has no end, nothing where it is nothing."""
    whole = np.where(np.isinf(counts), 1.0, 0.0)
    return np.asarray(np.divide(counts, bases, out=whole, where=(bases > 0) & np.isfinite(bases)))


def mover(weights: Vector, counts: Vector, bases: Vector, level: float) -> tuple[float, float]:
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


def gamma_interval(weights: Vector, counts: Vector, bases: Vector, level: float) -> tuple[float, float]:
    """Give the interval of a weighted sum of rates of rare events (Poisson), by the gamma distribution.

    Source: Fay and Feuer (1997), Statistics in Medicine 16, 791–801.
    """
    each = weights / bases
    value, variance, largest = each @ counts, each**2 @ counts, each.max()
    tail = (1 - level) / 2
    low = gammaincinv(value**2 / variance, tail) * variance / value if value > 0 else 0.0
    above, wider = value + largest, variance + largest**2
    return float(low), float(min(gammaincinv(above**2 / wider, 1 - tail) * wider / above, 1.0))


INTERVALS: dict[str, Callable[[Vector, Vector, Vector, float], tuple[float, float]]] = {
    "mover": mover,
    "gamma": gamma_interval,
}
