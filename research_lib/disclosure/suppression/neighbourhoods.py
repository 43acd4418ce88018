"""Neighbourhoods: the cells around some cells, step by step through the sums that they stand in."""

import numpy as np

from research_lib.disclosure.linked.linked_tables import LinkedTables, Vector

_CORE = 8


class Neighbourhoods:
    """Finds neighbourhoods of some size among the cells that may differ from their counts."""

    def __init__(self, tables: LinkedTables):
        sums = abs(tables.sums)
        self._sums_of, self._cells_of = sums.tocsr(), sums.T.tocsr()
        self.is_linked = np.diff(self._cells_of.indptr) > 0

    def around(self, cell: int, size: int, *, may_move: Vector, first: Vector) -> tuple[Vector, Vector]:
        """Give the cells nearest to a cell, shape (N,), and the numbers of up to `size` cells around them.

        `may_move`: the cells that may belong to it; `first`: those that are taken first where not all have room.
        """
        core = np.zeros(len(may_move), bool)
        core[cell] = True
        core, _ = self._grow(core, size // _CORE, may_move)
        cells, larger = self._grow(core, size, may_move)
        beyond = np.flatnonzero(larger & ~cells)
        beyond = beyond[np.argsort(~first[beyond], kind="stable")]
        return core, np.concatenate([np.flatnonzero(cells), beyond[: size - int(cells.sum())]])

    def unknown(self, tables: LinkedTables, cell: int, size: int) -> Vector:
        """Give the numbers of up to `size` cells around a cell, of those whose counts are not known."""
        is_unknown = tables.high > tables.low
        _, cells = self.around(cell, size, may_move=self.is_linked & is_unknown, first=tables.suppressed)
        found: Vector = cells[is_unknown[cells]]
        return found

    def _grow(self, cells: Vector, size: int, may_move: Vector) -> tuple[Vector, Vector]:
        """The largest neighbourhood of cells that is not above some size, and the next one."""
        while True:
            larger = cells | (may_move & (self._cells_of @ (self._sums_of @ cells.astype(float)) > 0))
            if larger.sum() > size or larger.sum() == cells.sum():
                return cells, larger
            cells = larger
