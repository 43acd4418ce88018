"""Companions: which further cells to hide so that a hidden cell stays open, at the lowest cost."""

import numpy as np
from scipy import sparse

from research_lib.disclosure.suppression.disclosure_audit import AuditError
from research_lib.disclosure.suppression.linear_programme import LinearProgramme
from research_lib.disclosure.suppression.linked_tables import LinkedTables

Vector = np.ndarray
_ZERO, _MOVED, _TOLERANCE = 10, 1e-6, 1e-4


class Companions:
    """Finds companions by linear programmes over tables in which shown cells may differ from their counts, at a price.

    A cell is open enough where tables with the same sums, as far as a reader knows, have it `wanted` apart. The shown
    cells in which the cheapest such table differs are its companions. Shown counts count as known exactly. A price
    grows slowly with the count, and is high for zeros: a hidden zero protects only as long as nobody guesses it.
    Source: Kelly, Golden & Assad (1992), Cell Suppression: Disclosure Protection for Sensitive Tabular Data, Networks
    22, 397-417.
    """

    def __init__(self, tables: LinkedTables):
        is_free, is_linked = ~tables.suppressed & ~tables.fixed, np.diff(tables.sums.tocsc().indptr) > 0
        self._tables = tables
        self._open = np.flatnonzero((tables.high > tables.low) & ~is_free & (is_linked | tables.suppressed))
        self._free = np.flatnonzero(is_free)
        first = len(self._open)
        self._more, self._less = (
            first + np.arange(len(self._free)),
            first + len(self._free) + np.arange(len(self._free)),
        )
        self._place = np.full(len(tables.low), -1)
        self._place[self._open], self._place[self._free] = np.arange(first), self._more
        counts = tables.low[self._free]
        price = (np.log1p(counts) + 0.5) * np.where(counts == 0, _ZERO, 1)
        columns = [tables.sums[:, self._open], tables.sums[:, self._free], -tables.sums[:, self._free]]
        known = np.where(np.isin(np.arange(len(tables.low)), self._open), 0, tables.low)
        width = first + 2 * len(self._free)
        self._programme = LinearProgramme(
            sparse.csr_array(sparse.hstack(columns)),
            -(tables.sums @ known),
            low=np.zeros(width),
            high=np.full(width, np.inf),
            cost=np.concatenate([np.zeros(first), price, price]),
        )
        self._low, self._high = np.zeros(width), np.full(width, np.inf)
        self._lowest = self._highest = np.zeros(len(tables.low))
        self._is_chosen = np.zeros(len(self._free), bool)

    def protect(self, tables: LinkedTables, cells: Vector, known: Vector, wanted: Vector) -> dict[int, int]:
        """Give companions for some cells, as a reader sees them who knows `known` records of each cell, shape (N,).

        With them, each of the cells is safe from that reader. `tables`: as they are, with all companions so far.
        `wanted`: how many persons must stay open in each cell, shape (N,). Gives each companion with the cell that it
        is hidden for. Raises AuditError where no further cell can be hidden.
        """
        if not len(cells):
            return {}
        self._take_as_known(known)
        self._choose(np.flatnonzero(tables.suppressed[self._free] & ~self._is_chosen))
        self._lowest, self._highest = np.full(len(known), np.inf), np.full(len(known), -np.inf)
        chosen = dict.fromkeys(self._solve(int(cells[0])), int(cells[0]))
        for cell in map(int, cells):
            if self._highest[cell] - self._lowest[cell] < wanted[cell] - _TOLERANCE:
                chosen |= dict.fromkeys(self._raise(cell, self._lowest[cell] + wanted[cell]), cell)
        return chosen

    def _take_as_known(self, known: Vector) -> None:
        self._low[: len(self._open)] = known[self._open]
        self._high[self._less] = np.maximum(self._tables.low[self._free] - known[self._free], 0)
        self._programme.bound(np.arange(len(self._low)), self._low, self._high)

    def _raise(self, cell: int, least: float) -> list[int]:
        """Give the companions that a cell needs to be able to be as high as `least`."""
        place = self._place[cell]
        columns, low, high = np.array([place]), np.array([least]), np.array([np.inf])
        if place >= len(self._open):
            above = least - self._tables.low[cell]
            columns = np.array([place, place + len(self._free)])
            low = np.array([max(above, 0), 0])
            high = np.array([np.inf, min(max(-above, 0), self._high[columns[1]])])
        self._programme.bound(columns, low, high)
        chosen = self._solve(cell)
        self._programme.bound(columns, self._low[columns], self._high[columns])
        return chosen

    def _solve(self, cell: int) -> list[int]:
        """Give the free cells that differ from their counts in the cheapest table, and are not chosen yet."""
        found = self._programme.solve_at_corner()
        if found is None:
            reason = "no further cell can be suppressed to protect it; drop the table from the plan"
            raise AuditError(f"cell {self._tables.name(cell)}: {reason}")
        table = self._tables.low.astype(float)
        table[self._open] = found[: len(self._open)]
        table[self._free] += found[self._more] - found[self._less]
        self._lowest, self._highest = np.minimum(self._lowest, table), np.maximum(self._highest, table)
        chosen = np.flatnonzero((found[self._more] + found[self._less] > _MOVED) & ~self._is_chosen)
        self._choose(chosen)
        return [int(each) for each in self._free[chosen]]

    def _choose(self, chosen: Vector) -> None:
        """Let free cells, by their number among them, cost nothing from now on."""
        self._is_chosen[chosen] = True
        columns = np.concatenate([self._more[chosen], self._less[chosen]])
        self._programme.price(columns, np.zeros(len(columns)))
