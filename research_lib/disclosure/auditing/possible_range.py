"""The possible range of each cell, from one sum at a time: a quick outer bound of what all sums give together."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

Vector = np.ndarray
_ROUNDS = 30


@dataclass(frozen=True)
class _Entries:
    """The sums as entries, each with its sum, its cell and its sign."""

    row: Vector
    cell: Vector
    sign: Vector
    rows: int

    def lowest_of_others(self, low: Vector, high: Vector) -> Vector:
        """Give for each entry the lowest sum of the other entries; minus infinity where nothing bounds it."""
        term = np.where(self.sign > 0, low[self.cell], -high[self.cell])
        is_open = np.isinf(term)
        term = np.where(is_open, 0, term)
        whole = np.bincount(self.row, weights=term, minlength=self.rows)
        opens = np.bincount(self.row, weights=is_open, minlength=self.rows)
        return np.where(opens[self.row] - is_open > 0, -np.inf, whole[self.row] - term)


def possible_ranges(low: Vector, high: Vector, sums: sparse.csr_array) -> tuple[Vector, Vector]:
    """Narrow each cell's interval by every sum that contains it, until nothing changes or 30 rounds are done.

    `low`, `high`: shape (N,). `sums`: shape (S, N), rows that give zero. No possible count is lost.
    """
    entries = _entries(sums)
    low, high = low.astype(float), high.astype(float)
    for _ in range(_ROUNDS):
        before = low.copy(), high.copy()
        most = -entries.lowest_of_others(low, high)
        least = entries.lowest_of_others(-high, -low)
        up = entries.sign > 0
        np.minimum.at(high, entries.cell, np.where(up, most, np.inf))
        np.maximum.at(low, entries.cell, np.where(up, least, -np.inf))
        np.minimum.at(high, entries.cell, np.where(up, np.inf, -least))
        np.maximum.at(low, entries.cell, np.where(up, -np.inf, -most))
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high


def _entries(sums: sparse.csr_array) -> _Entries:
    found = sums.tocoo()
    return _Entries(found.row, found.col, found.data, sums.shape[0])
