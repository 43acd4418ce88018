"""What a published table says of a cell: its count is shown, its count is hidden, or nobody is in it; and its bounds.

When counts are rounded or hidden, they say how low and how high a count can be.
"""

import numpy as np

STATUSES = SHOWN, HIDDEN, ZERO = "shown", "hidden", "zero"


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


def others_sum(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """For each cell, the sum of the other cells of its set; endless where one of them is."""
    endless = np.isinf(values)
    finite = np.where(endless, 0, values)
    rest = np.bincount(of, weights=finite)[of] - finite
    return np.where(np.bincount(of, weights=endless)[of] - endless > 0, np.inf, rest)
