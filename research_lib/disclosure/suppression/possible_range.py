"""What follows for each cell from each sum alone: a quick outer bound on what can be derived together."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

Vector = np.ndarray
_ROUNDS = 30


@dataclass(frozen=True)
class _Entries:
    """The sums as entries: in which sum, which cell, with which sign."""

    row: Vector
    cell: Vector
    sign: Vector
    rows: int

    def lowest_of_others(self, low: Vector, high: Vector) -> Vector:
        """For each entry, the least that the others of its sum come to; minus infinity where nothing bounds it."""
        term = np.where(self.sign > 0, low[self.cell], -high[self.cell])
        is_open = np.isinf(term)
        term = np.where(is_open, 0, term)
        whole = np.bincount(self.row, weights=term, minlength=self.rows)
        opens = np.bincount(self.row, weights=is_open, minlength=self.rows)
        return np.where(opens[self.row] - is_open > 0, -np.inf, whole[self.row] - term)


def tighten(low: Vector, high: Vector, sums: sparse.csr_array) -> tuple[Vector, Vector]:
    """Narrow each cell's interval by every sum it stands in, again and again until little changes.

    `low`, `high`: shape (N,). `sums`: shape (S, N), rows that give zero. No count that the sums allow is lost.
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


def widths_alone(low: Vector, high: Vector, sums: sparse.csr_array) -> tuple[Vector, Vector, Vector]:
    """For each member of each sum, how wide an interval that sum alone leaves to a count from what the others can be.

    Gives the sums' numbers, the cells and the widths, one element for each member; no count is below zero.
    """
    entries = _entries(sums)
    most, least = -entries.lowest_of_others(low, high), entries.lowest_of_others(-high, -low)
    up = entries.sign > 0
    ends = np.where(up, least, -most), np.where(up, most, -least)
    return entries.row, entries.cell, ends[1] - np.maximum(ends[0], 0)


def _entries(sums: sparse.csr_array) -> _Entries:
    found = sums.tocoo()
    return _Entries(found.row, found.col, found.data, sums.shape[0])
