"""Secondary suppression: hide further cells until no suppressed cell can be derived too closely."""

from collections.abc import Iterator, Sequence

import numpy as np

from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.suppression.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.suppression.linked_tables import LinkedTables, Vector
from research_lib.disclosure.suppression.possible_range import possible_ranges, widths_by_sum

_REACH = 4


def suppress(
    tables: LinkedTables, *, readers: Sequence[Vector] = (), smallest_interval: int = 10, progress: Progress = str
) -> LinkedTables:
    """Suppress further cells until every suppressed cell passes the audit; totals and earlier releases stay.

    `readers`: what each reader knows of the cells without the tables, shape (N,) each; by default nothing. Each cell
    that fails gets one companion at a time in each sum that discloses it: the smallest shown cell of that sum of which
    no reader knows too much; a cell that fails again gets companions in more of its sums. A safe cell stays safe when
    more cells are suppressed. `progress` is called in each round. Raises AuditError where no further cell can be
    suppressed.
    """
    proven, failed = np.zeros(len(tables.low), bool), np.zeros(len(tables.low), int)
    while True:
        failing = _narrow_by_single_sums(tables, readers, smallest_interval)
        if not len(failing):
            left = np.flatnonzero(tables.suppressed & ~proven)
            failing = derivable_cells(tables, readers, among=left, smallest_interval=smallest_interval)
            proven[np.setdiff1d(left, failing)] = True
        if not len(failing):
            return tables
        progress(f"{tables.suppressed.sum():,} cells suppressed, {len(failing):,} of them still to be protected")
        failed[failing] += 1
        companions = _Companions(_best_informed(tables, readers), failed, _known_to_any(tables, readers))
        tables = tables.suppress(companions.choose(failing, smallest_interval))


def derivable_cells(
    tables: LinkedTables, readers: Sequence[Vector], *, among: Vector, smallest_interval: int
) -> Vector:
    """Give the cells of which some reader can derive an interval that is too narrow.

    First a reader is tried who knows what all of them know; only cells that fail there are tried with each reader.
    """

    def unsafe(view: LinkedTables, cells: Vector, *, alone: bool = True) -> Vector:
        found = audit_cells(view, among=cells, smallest_interval=smallest_interval, ends=False, alone=alone)
        narrow: Vector = cells[~found["is_safe"].to_numpy(dtype=bool)]
        return narrow

    suspected = unsafe(_best_informed(tables, readers), among, alone=len(readers) <= 1)
    if len(readers) <= 1 or not len(suspected):
        return suspected
    return np.unique(np.concatenate([unsafe(tables.with_known(reader), suspected) for reader in readers]))


def _known_to_any(tables: LinkedTables, readers: Sequence[Vector]) -> Vector:
    return np.max([np.zeros(len(tables.low)), *readers], axis=0)


def _best_informed(tables: LinkedTables, readers: Sequence[Vector]) -> LinkedTables:
    return tables.with_known(_known_to_any(tables, readers))


def _narrow_by_single_sums(tables: LinkedTables, readers: Sequence[Vector], wanted: int) -> Vector:
    """The suppressed cells that some reader can derive too closely from single sums, each in turn."""
    narrow = tables.suppressed
    for views in ([_best_informed(tables, readers)], [tables.with_known(reader) for reader in readers]):
        if views and narrow.any():
            ranges = [possible_ranges(view.low, view.high, view.sums) for view in views]
            narrow = narrow & np.any([high - low < wanted for low, high in ranges], axis=0)
    return np.flatnonzero(narrow)


class _Companions:
    """The choice of further cells to suppress, one for each sum that discloses a suppressed cell."""

    def __init__(self, tables: LinkedTables, failed: Vector, known: Vector):
        self.tables, self.by_cell, self.failed = tables, tables.sums.tocsc(), failed
        self.unknown = tables.low - known
        low, high = possible_ranges(tables.low, tables.high, tables.sums)
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
                    chosen |= {self._companion_of(row, int(cell), wanted)} - {-1}
        if not chosen:
            reason = "no further cell can be suppressed to protect it; drop the table from the plan"
            raise AuditError(f"cell {self.tables.name(failing[0])}: {reason}")
        return sorted(chosen)

    def _disclosing_sums(self, cell: int, wanted: int) -> list[int]:
        """The sums that alone leave a cell too narrow an interval, or those that come next, more each time it fails."""
        entries = self.order[self.starts[cell] : self.starts[cell + 1]]
        entries = entries[np.argsort(self.alone[entries], kind="stable")]
        tight = int((self.alone[entries] < wanted).sum())
        return [int(row) for row in self.rows[entries[: max(tight, self.failed[cell])]]]

    def _companion_of(self, row: int, cell: int, wanted: int) -> int:
        """A cell of a sum, or of the sums of its cells; of the same table where there is one; -1 for none.

        Cells with records come first: a suppressed zero protects only as long as nobody guesses it.
        """
        own, low = self.tables.block == self.tables.block[cell], self.tables.low
        for kinds in ((own & (low > 0), ~own & (low > 0)), (low == 0,)):
            for cells in self._free_cells_by_distance(row, cell):
                if found := [chosen for kind in kinds if len(chosen := cells[kind[cells]])]:
                    return self._cheapest(found[0], wanted)
        return -1

    def _cheapest(self, cells: Vector, wanted: int) -> int:
        """The smallest cell of which enough is unknown to every reader, or else the one of which most is."""
        enough = cells[self.unknown[cells] >= wanted]
        return int(enough[np.argmin(self.tables.low[enough])] if len(enough) else cells[np.argmax(self.unknown[cells])])

    def _free_cells_by_distance(self, row: int, cell: int) -> Iterator[Vector]:
        """The free cells of a sum, then of the sums that contain its cells, and so on."""
        rows, seen = np.array([row]), np.zeros(self.tables.sums.shape[0], bool)
        for _ in range(_REACH):
            seen[rows] = True
            members = np.unique(self.tables.sums[rows].indices)
            yield members[self.free[members]]
            behind = np.unique(self.by_cell[:, members[members != cell]].indices)
            rows = behind[~seen[behind]]
