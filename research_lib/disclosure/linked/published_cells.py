"""What a release, and those before it, tell of each cell; and how much of that the attacker sees.

The attacker knows every shown count exactly, for instance because of many releases between which it knows each
change; it knows which suppressed cells are not empty; and what has changed in each cell since every earlier release, so
that an earlier count is as good as one of today. Whoever knows less derives less.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research_lib.disclosure.linked.linked_tables import LinkedTables
from research_lib.disclosure.linked.published_tables import PublishedTable
from research_lib.disclosure.linked.table_joins import CellLayout

Vector = np.ndarray


@dataclass(frozen=True)
class PublishedCells:
    """Each cell of a layout: its records today, and what is published of it; shape (N,) each.

    `now`: in this release; `hidden_now`: there without its count. `known_before`: an earlier release shows its count,
    or that it was zero; `hidden_before`: an earlier release has it without its count.
    """

    layout: CellLayout
    counts: Vector
    now: Vector
    hidden_now: Vector
    known_before: Vector
    hidden_before: Vector

    @classmethod
    def read(
        cls,
        layout: CellLayout,
        exact: Sequence[PublishedTable],
        now: Sequence[PublishedTable],
        earlier: Sequence[PublishedTable],
    ) -> "PublishedCells":
        """Read the tables of this release and of earlier ones; `exact`: with the records of their cells today."""
        records = np.zeros(layout.width)
        for table in exact:
            records[layout.cells_of(table)] = table.shown
        shown, hidden = _places(layout, now)
        known_before, hidden_before = _places(layout, earlier)
        return cls(layout, records, shown | hidden, hidden, known_before, hidden_before)

    @property
    def stays_hidden(self) -> Vector:
        """Cells that earlier releases hide and none shows: with a new count, who knows the changes has the old one."""
        stays: Vector = self.hidden_before & ~self.known_before
        return stays

    @property
    def has_new(self) -> bool:
        """Whether this release has cells that no earlier one has."""
        return bool((self.now & ~(self.known_before | self.hidden_before)).any())

    @property
    def not_empty(self) -> Vector:
        """What every reader is taken to know of the cells: at least 1 where there are records."""
        least: Vector = np.minimum(self.counts, 1)
        return least

    def hide(self, cells: Vector) -> "PublishedCells":
        """Give the cells with further ones of this release hidden, shape (N,)."""
        return replace(self, hidden_now=self.hidden_now | (cells & self.now))

    def seen(self, *, now: bool = True, before: bool = False) -> LinkedTables:
        """Give the cells as a reader sees them: of this release, of the earlier ones, or of all."""
        known = (self.known_before & before) | (self.now & ~self.hidden_now & now)
        suppressed = ((self.hidden_before & before) | (self.hidden_now & now)) & ~known
        free = self.now & ~(self.known_before & before) if now else np.zeros(len(known), bool)
        low = np.where(known, self.counts, 0)
        high = np.where(known, self.counts, np.inf)
        return self.layout.link(low, high, suppressed, ~free)


def _places(layout: CellLayout, tables: Sequence[PublishedTable]) -> tuple[Vector, Vector]:
    """Which cells some tables show, and which they hide."""
    shown, hidden = np.zeros(layout.width, bool), np.zeros(layout.width, bool)
    for table in tables:
        where = layout.cells_of(table)
        shown[where] |= ~table.suppressed
        hidden[where] |= table.suppressed
    return shown, hidden
