"""Secondary suppression: hide further cells until no hidden cell can be derived too closely."""

from collections.abc import Callable, Iterator

import numpy as np

from research_lib.disclosure.suppression.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.suppression.linked_tables import Linked, Vector
from research_lib.disclosure.suppression.possible_range import tighten, widths_alone

Say = Callable[[str], object]
_REACH = 4


def suppress(linked: Linked, *, smallest_interval: int = 10, say: Say = str) -> Linked:
    """Hide further cells until every hidden cell passes the audit; totals and earlier releases stay.

    Each cell that fails gets one companion at a time in each sum that gives it away: the smallest shown cell that
    stands there with it. What is safe stays so when more is hidden. `say` hears of each round. Raises AuditError where
    no cell is left to hide.
    """
    proven = np.zeros(len(linked.low), bool)
    while True:
        low, high = tighten(linked.low, linked.high, linked.sums)
        failing = np.flatnonzero(linked.hidden & (high - low < smallest_interval))
        if not len(failing):
            left = np.flatnonzero(linked.hidden & ~proven)
            found = audit_cells(linked, among=left, smallest_interval=smallest_interval, ends=False)
            safe = found["is_safe"].to_numpy(dtype=bool)
            proven[left[safe]], failing = True, left[~safe]
        if not len(failing):
            return linked
        say(f"{linked.hidden.sum():,} cells hidden, {len(failing):,} of them still to be protected")
        linked = linked.hide(_Companions(linked, low, high).of(failing, smallest_interval))


class _Companions:
    """The choice of further cells to hide, one for each sum that gives a hidden cell away."""

    def __init__(self, linked: Linked, low: Vector, high: Vector):
        self.linked, self.by_cell = linked, linked.sums.tocsc()
        self.rows, self.cells, self.alone = widths_alone(low, high, linked.sums)
        self.order = np.argsort(self.cells, kind="stable")
        self.starts = np.searchsorted(self.cells[self.order], np.arange(len(low) + 1))
        self.free = ~linked.hidden & ~linked.fixed

    def of(self, failing: Vector, wanted: int) -> list[int]:
        """Choose for all failing cells at once; a sum that has its companion needs no second one in the same round."""
        chosen: set[int] = set()
        served: set[int] = set()
        for cell in failing:
            for row in self._telling(int(cell), wanted):
                if row not in served:
                    served |= {row}
                    chosen |= {self._in_or_behind(row, int(cell))} - {-1}
        if not chosen:
            raise AuditError(
                f"cell {self.linked.name(failing[0])}: nothing is left to hide beside it; drop the table from the plan"
            )
        return sorted(chosen)

    def _telling(self, cell: int, wanted: int) -> list[int]:
        """The sums that leave too little open, each alone, or the one that leaves least."""
        entries = self.order[self.starts[cell] : self.starts[cell + 1]]
        tight = entries[self.alone[entries] < wanted]
        return [int(row) for row in self.rows[tight if len(tight) else entries[[np.argmin(self.alone[entries])]]]]

    def _in_or_behind(self, row: int, cell: int) -> int:
        """A cell of a sum, or of the sums that its members stand in; of the same table where there is one; -1 for none.

        Cells with somebody in them come first: a hidden zero protects only as long as nobody guesses it.
        """
        own, low = self.linked.block == self.linked.block[cell], self.linked.low
        for kinds in ((own & (low > 0), ~own & (low > 0)), (low == 0,)):
            for cells in self._ever_further(row, cell):
                if found := [chosen for kind in kinds if len(chosen := cells[kind[cells]])]:
                    return int(found[0][np.argmin(low[found[0]])])
        return -1

    def _ever_further(self, row: int, cell: int) -> Iterator[Vector]:
        """The free cells of a sum, then of the sums that its members stand in, and so on."""
        rows, seen = np.array([row]), np.zeros(self.linked.sums.shape[0], bool)
        for _ in range(_REACH):
            seen[rows] = True
            members = np.unique(self.linked.sums[rows].indices)
            yield members[self.free[members]]
            behind = np.unique(self.by_cell[:, members[members != cell]].indices)
            rows = behind[~seen[behind]]
