"""Secondary suppression: hide further cells until no suppressed cell can be derived too closely."""

from collections.abc import Iterator

import numpy as np

from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.suppression.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.suppression.linked_tables import LinkedTables, Vector
from research_lib.disclosure.suppression.possible_range import possible_ranges, widths_by_sum

_REACH = 4


def suppress(tables: LinkedTables, *, smallest_interval: int = 10, progress: Progress = str) -> LinkedTables:
    """Suppress further cells until every suppressed cell passes the audit; totals and earlier releases stay.

    Each cell that fails gets one companion at a time in each sum that discloses it: the smallest shown cell of that
    sum; a cell that fails again gets companions in more of its sums. A safe cell stays safe when more are suppressed.
    `progress` is called in each round. Raises AuditError where no further cell can be suppressed.
    """
    proven, failed = np.zeros(len(tables.low), bool), np.zeros(len(tables.low), int)
    while True:
        low, high = possible_ranges(tables.low, tables.high, tables.sums)
        failing = np.flatnonzero(tables.suppressed & (high - low < smallest_interval))
        if not len(failing):
            left = np.flatnonzero(tables.suppressed & ~proven)
            found = audit_cells(tables, among=left, smallest_interval=smallest_interval, ends=False)
            safe = found["is_safe"].to_numpy(dtype=bool)
            proven[left[safe]], failing = True, left[~safe]
        if not len(failing):
            return tables
        progress(f"{tables.suppressed.sum():,} cells suppressed, {len(failing):,} of them still to be protected")
        failed[failing] += 1
        tables = tables.suppress(_Companions(tables, low, high, failed).choose(failing, smallest_interval))


class _Companions:
    """The choice of further cells to suppress, one for each sum that discloses a suppressed cell."""

    def __init__(self, tables: LinkedTables, low: Vector, high: Vector, failed: Vector):
        self.tables, self.by_cell, self.failed = tables, tables.sums.tocsc(), failed
        self.rows, self.cells, self.alone = widths_by_sum(low, high, tables.sums)
        self.order = np.argsort(self.cells, kind="stable")
        self.starts = np.searchsorted(self.cells[self.order], np.arange(len(low) + 1))
        self.free = ~tables.suppressed & ~tables.fixed

    def choose(self, failing: Vector, wanted: int) -> list[int]:
        """Choose companions for all failing cells; a sum gets one companion in a round."""
        chosen: set[int] = set()
        protected: set[int] = set()
        for cell in failing:
            for row in self._disclosing_sums(int(cell), wanted):
                if row not in protected:
                    protected |= {row}
                    chosen |= {self._companion_of(row, int(cell))} - {-1}
        if not chosen:
            reason = "no further cell can be suppressed to protect it; drop the table from the plan"
            raise AuditError(f"cell {self.tables.name(failing[0])}: {reason}")
        return sorted(chosen)

    def _disclosing_sums(self, cell: int, wanted: int) -> list[int]:
        """The sums that alone leave a cell too narrow an interval, or else those with the narrowest, more each time."""
        entries = self.order[self.starts[cell] : self.starts[cell + 1]]
        tight = entries[self.alone[entries] < wanted]
        narrowest = entries[np.argsort(self.alone[entries], kind="stable")[: self.failed[cell]]]
        return [int(row) for row in self.rows[tight if len(tight) else narrowest]]

    def _companion_of(self, row: int, cell: int) -> int:
        """A cell of a sum, or of the sums of its cells; of the same table where there is one; -1 for none.

        Cells with records come first: a suppressed zero protects only as long as nobody guesses it.
        """
        own, low = self.tables.block == self.tables.block[cell], self.tables.low
        for kinds in ((own & (low > 0), ~own & (low > 0)), (low == 0,)):
            for cells in self._free_cells_by_distance(row, cell):
                if found := [chosen for kind in kinds if len(chosen := cells[kind[cells]])]:
                    return int(found[0][np.argmin(low[found[0]])])
        return -1

    def _free_cells_by_distance(self, row: int, cell: int) -> Iterator[Vector]:
        """The free cells of a sum, then of the sums that contain its cells, and so on."""
        rows, seen = np.array([row]), np.zeros(self.tables.sums.shape[0], bool)
        for _ in range(_REACH):
            seen[rows] = True
            members = np.unique(self.tables.sums[rows].indices)
            yield members[self.free[members]]
            behind = np.unique(self.by_cell[:, members[members != cell]].indices)
            rows = behind[~seen[behind]]
