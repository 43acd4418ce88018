"""What a published table says of a cell: its count is shown, its count is hidden, or nobody is in it; and its bounds.

When counts are rounded or hidden, they say how low and how high a count can be.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy import sparse

STATUSES = SHOWN, HIDDEN, ZERO = "shown", "hidden", "zero"
_ROUNDS = 30


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


def possible_ranges(low: np.ndarray, high: np.ndarray, sums: "sparse.sparray") -> tuple[np.ndarray, np.ndarray]:
    """Narrow each cell's interval by every sum that contains it, until nothing changes or 30 rounds are done.

    `low`, `high`: shape (N,). `sums`: shape (S, N), rows that give zero. No possible count is lost: these are quick
    outer bounds of what all sums give together. Where no count fits, a `low` is above its `high`.
    """
    entries = sums.tocoo()
    cell, is_up = entries.col, entries.data > 0
    low, high = low.astype(float), high.astype(float)
    for _ in range(_ROUNDS):
        before = low.copy(), high.copy()
        most, least = -_lowest_of_others(entries, low, high), _lowest_of_others(entries, -high, -low)
        np.minimum.at(high, cell, np.where(is_up, most, -least))
        np.maximum.at(low, cell, np.where(is_up, least, -most))
        if np.array_equal(before, (low, high)):
            break
    return low, high


def _lowest_of_others(entries: "sparse.coo_array", low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The lowest sum of the other entries in the row of each entry; minus infinity where nothing bounds it."""
    term = np.where(entries.data > 0, low[entries.col], -high[entries.col])
    return -others_sum(-term, entries.row)


def others_sum(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """For each cell, the sum of the other cells of its set; endless where one of them is."""
    endless = np.isinf(values)
    finite = np.where(endless, 0, values)
    rest = np.bincount(of, weights=finite)[of] - finite
    return np.where(np.bincount(of, weights=endless)[of] - endless > 0, np.inf, rest)
