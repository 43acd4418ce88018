"""Secondary suppression: which further cells to hide so that one stays open, at the lowest cost; and where to look."""

import numpy as np
from scipy import sparse

from research_lib.disclosure.auditing.feasible_tables import FeasibleTables, LinearProgramme
from research_lib.disclosure.linked.cell_bounds import LinkedTables, Vector

_ZERO, _MOVED = 10, 1e-6
_CORE = 8
_LITTLE, _FAR = 1e-3, 1e6  # beside the price of a companion, which is half a point or more


def suppression_costs(counts: Vector) -> Vector:
    """Give what it costs to hide each of some cells, by their counts, shape (N,).

    It grows slowly with the count, and is high for zeros: a hidden zero protects only as long as nobody guesses it.
    """
    return (np.log1p(counts) + 0.5) * np.where(counts < 1, _ZERO, 1)


class SecondaryCells:
    """Finds the companions of hidden cells within a neighbourhood, while all cells outside keep their counts.

    A cell is open enough where a possible table has it far enough from others. Here shown cells may differ from their
    counts, too, at a price; those in which the cheapest such table differs are its companions. `price`: of each cell,
    shape (N,).
    Source: Kelly, Golden & Assad (1992), Cell Suppression: Disclosure Protection for Sensitive Tabular Data, Networks
    22, 397-417.
    """

    def __init__(self, tables: LinkedTables, possible: FeasibleTables, cells: Vector, price: Vector):
        is_free = (~tables.suppressed & ~tables.fixed)[cells]
        self._possible, self._open, self._free = possible, cells[~is_free], cells[is_free]
        self._cells = np.concatenate([self._open, self._free])
        first, price = possible.first, price[self._free]
        more, start = np.arange(len(self._free)), len(self._open)
        self._more, self._less = start + more, start + len(more) + more
        self._bounds = tables.low[self._open] - first[self._open], tables.high[self._open] - first[self._open]
        width = len(self._open) + 2 * len(self._free)
        self._low, self._high = np.zeros(width), np.full(width, np.inf)
        sums = tables.sums[:, self._cells]
        columns = [sums[:, :start], sums[:, start:], -sums[:, start:]]
        self._programme = LinearProgramme(
            sparse.csr_array(sparse.hstack(columns)),
            np.zeros(sums.shape[0]),
            low=self._low,
            high=self._high,
            cost=np.concatenate([np.zeros(start), price, price]),
        )

    def read_as(self, known: Vector) -> None:
        """Take what an intruder knows of each cell at least, shape (N,)."""
        first, start = self._possible.first, len(self._open)
        self._low[:start] = np.maximum(self._bounds[0], known[self._open] - first[self._open])
        self._high[:start] = self._bounds[1]
        self._high[self._less] = np.maximum(first[self._free] - known[self._free], 0)
        self._programme.bound(np.arange(len(self._low)), self._low, self._high)

    def push(self, cell: int, *, upwards: bool) -> None:
        """Add the possible table in which a suppressed cell is highest, or lowest, without any new companion."""
        self._towards(cell, -_LITTLE if upwards else _LITTLE)

    def push_both_ways(self, cell: int) -> None:
        """Add the possible tables in which a suppressed cell is lowest and highest, without any new companion."""
        self.push(cell, upwards=False)
        self.push(cell, upwards=True)

    def open(self, cell: int, least: float) -> list[int] | None:
        """Add the cheapest possible table that has a suppressed cell at `least` so high; give its new companions.

        None where the neighbourhood has no such table.
        """
        column = self._column(cell)
        return self._solve(column, np.array([least - self._possible.first[cell]]), self._high[column])

    def open_downwards(self, cell: int, intruder: int, wanted: float) -> list[int] | None:
        """Add the possible table in which a cell is highest, and one `wanted` below; give their new companions."""
        upper, column = self._towards(cell, -_FAR), self._column(cell)
        most = self._possible.high[intruder, cell] - wanted - self._possible.first[cell]
        lower = self._solve(column, self._low[column], np.array([most]))
        return None if upper is None or lower is None else [*upper, *lower]

    def _towards(self, cell: int, price: float) -> list[int] | None:
        column = self._column(cell)
        self._programme.price(column, np.array([price]))
        found = self._solve(column, self._low[column], self._high[column])
        self._programme.price(column, np.zeros(1))
        return found

    def _column(self, cell: int) -> Vector:
        return np.flatnonzero(self._open == cell)

    def _solve(self, column: Vector, low: Vector, high: Vector) -> list[int] | None:
        """Add the cheapest possible table with a column within other bounds."""
        self._programme.bound(column, low, high)
        found = self._programme.solve_at_corner()
        self._programme.bound(column, self._low[column], self._high[column])
        if found is None:
            return None
        more, less = found[self._more], found[self._less]
        self._possible.add(self._cells, np.concatenate([found[: len(self._open)], more - less]))
        chosen = np.flatnonzero(more + less > _MOVED)
        free = np.concatenate([self._more[chosen], self._less[chosen]])
        self._programme.price(free, np.zeros(len(free)))
        return [int(each) for each in self._free[chosen]]


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
