"""Wilson's interval of a share, the one place that computes it."""

from statistics import NormalDist

import numpy as np


def wilson_interval(counts: np.ndarray | int, bases: np.ndarray | int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Give the low and high end of each share; where the base is 0 or has no known end, everything is possible.

    The ends are exactly 0 for a count of 0 and exactly 1 for a count that is the whole base.
    Source: Wilson (1927), Journal of the American Statistical Association 22, 209–212.
    """
    # The pages import this: scipy takes a second to load, the standard library nothing.
    counts, bases = np.asarray(counts, dtype=float), np.asarray(bases, dtype=float)
    known = (bases > 0) & np.isfinite(bases)
    count, base = np.where(known, counts, 0), np.where(known, bases, 1)
    square = NormalDist().inv_cdf((1 + level) / 2) ** 2
    middle = (count + square / 2) / (base + square)
    reach = np.sqrt(square * (count * (base - count) / base + square / 4)) / (base + square)
    low, high = np.where(count > 0, middle - reach, 0), np.where(count < base, middle + reach, 1)
    return np.where(known, low, 0), np.where(known, high, 1)
