"""The bounds of a published count: how low and how high it can be, when counts are rounded or hidden."""

import numpy as np


def count_bounds(
    counts: np.ndarray, *, is_shown: np.ndarray, is_hidden: np.ndarray, base: int = 1, fewest: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Give the lowest and highest possible count of each cell, shape (N,) each.

    `counts`: as published, rounded to multiples of `base`, halves upwards. `fewest`: no shown count is below it. A
    hidden cell is at least 0 and has no upper bound; a cell that is neither shown nor hidden is 0.
    """
    low = np.where(is_shown, np.maximum(counts - base // 2, max(fewest, 1)), 0)
    high = np.where(is_shown, counts + (base - 1) // 2, 0)
    return np.where(is_hidden, 0, low), np.where(is_hidden, np.inf, high)
