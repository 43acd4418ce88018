"""Possible tables: counts that fit all that readers know, and so show how far a suppressed cell stays open."""

import numpy as np
from scipy import sparse

from research_lib.disclosure.linked.linked_tables import LinkedTables, Vector

_NEAR = 1e-5
TOLERANCE = 1e-4


class PossibleTables:
    """One table that is possible to all readers, shape (N,), and others, each as what it changes in the first.

    `known`: what each reader knows of each cell at least, shape (R, N). `low`, `high`: the ends of each cell in all
    tables that are possible to a reader, shape (R, N).
    """

    def __init__(self, first: Vector, known: Vector):
        self.first, self.known = first, known
        self.low, self.high = (np.tile(first, (len(known), 1)) for _ in range(2))
        self._cells: list[Vector] = []
        self._changes: list[Vector] = []

    def add(self, cells: Vector, changes: Vector) -> None:
        """Add a table by what it changes in some cells of the first."""
        moved = np.abs(changes) > TOLERANCE / 100
        cells, changes = cells[moved], changes[moved]
        self._cells.append(cells)
        self._changes.append(changes)
        counts = self.first[cells] + changes
        for reader in np.flatnonzero((counts >= self.known[:, cells] - _NEAR).all(axis=1)):
            self.low[reader, cells] = np.minimum(self.low[reader, cells], counts)
            self.high[reader, cells] = np.maximum(self.high[reader, cells], counts)

    def narrow(self, cells: Vector, wanted: Vector) -> Vector:
        """Give the cells whose ends lie less than `wanted` apart, shape (N,), for some reader."""
        apart = (self.high[:, cells] - self.low[:, cells]).min(axis=0)
        found: Vector = cells[apart < wanted[cells] - TOLERANCE]
        return found

    def is_narrow(self, reader: int, cell: int, wanted: float) -> bool:
        """Whether the ends of a cell lie less than `wanted` apart for a reader."""
        return bool(self.high[reader, cell] - self.low[reader, cell] < wanted - TOLERANCE)

    def fitting(self, tables: LinkedTables) -> "PossibleTables | None":
        """Keep the tables that fit some linked tables; None where the first does not."""
        low, high = tables.low - _NEAR, tables.high + _NEAR
        adds_up = np.abs(tables.sums @ self.first).max(initial=0) < _NEAR
        if not adds_up or (self.first < low).any() or (self.first > high).any():
            return None
        kept = PossibleTables(self.first, self.known)
        if not self._cells:
            return kept
        changes = self._as_rows(len(self.first))
        counts = self.first[changes.indices] + changes.data
        outside = (counts < low[changes.indices]) | (counts > high[changes.indices])
        table_of = np.repeat(np.arange(changes.shape[0]), np.diff(changes.indptr))
        fits = np.bincount(table_of, weights=outside, minlength=changes.shape[0]) == 0
        left = (tables.sums @ changes.T).tocoo()
        fits &= np.bincount(left.col, weights=np.abs(left.data) > _NEAR, minlength=len(fits)) == 0
        for number in np.flatnonzero(fits):
            kept.add(self._cells[number], self._changes[number])
        return kept

    def without(self, cell: int) -> "PossibleTables":
        """Keep the tables that have a cell as the first one has it."""
        kept = PossibleTables(self.first, self.known)
        for cells, changes in zip(self._cells, self._changes, strict=True):
            if cell not in cells:
                kept.add(cells, changes)
        return kept

    def _as_rows(self, width: int) -> sparse.csr_array:
        """The changes, a row for each table."""
        starts = np.cumsum([0, *map(len, self._cells)])
        nothing = [np.zeros(0)]
        cells, changes = (np.concatenate(nothing + each) for each in (self._cells, self._changes))
        return sparse.csr_array((changes, cells.astype(int), starts), shape=(len(self._cells), width))
