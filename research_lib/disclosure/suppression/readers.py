"""The readers of a release: what each knows of its cells besides the tables, today and at every earlier release."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from research_lib.disclosure.auditing.earlier_counts import EarlierCounts
from research_lib.disclosure.auditing.release_audit import ANYONE, View
from research_lib.disclosure.linked.linked_tables import Vector
from research_lib.disclosure.linked.published_cells import PublishedCells
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.suppression.insiders import Insiders


@dataclass(frozen=True)
class Readers:
    """Somebody who sent no records, and the sources.

    All know which hidden cells are not empty, and each source the records that it sent: today, and at every release of
    `past`. Who remembers earlier releases also knows how much each cell has changed since, so that what was known of it
    then bounds it today. `is_counted`: the cells that tables of records count, shape (N,).
    """

    insiders: Insiders
    layout: CellLayout
    is_counted: Vector
    past: Sequence[EarlierCounts] = ()

    @cached_property
    def sent(self) -> pd.DataFrame:
        """Who sent the records of each cell; see `Insiders.sent`."""
        return self.insiders.sent(self.layout)

    @cached_property
    def today(self) -> Vector:
        """What each knows of each cell at least, shape (R, N); the first one sent no records."""
        return self._known(self.sent)

    @cached_property
    def ever(self) -> Vector:
        """The same of who remembers what was known at each earlier release, and knows what has changed since."""
        known, counts = self.today, self._counts(self.sent)
        for each in self.past:
            there, sent = each.on(self.layout)
            then = self._known(sent) + counts - self._counts(sent)
            known = np.where(there, np.maximum(known, then), known)
        return known

    def view(self, cells: PublishedCells, *, before: bool, now: bool = True) -> View:
        """Give cells as these readers see them; `before`: with all earlier releases."""
        anyone, *others = self.ever if before else self.today
        readers = {name: each for name, each in zip(self.insiders.names, others, strict=True) if (each > anyone).any()}
        readers = readers or {ANYONE: anyone}
        return View(cells.seen(now=now, before=before), [*readers.values()], [*readers], anyone)

    def _known(self, sent: pd.DataFrame) -> Vector:
        not_empty = np.minimum(self._counts(sent), 1) * self.is_counted
        own = self.insiders.known(sent, self.layout.width)
        known: Vector = np.maximum(np.vstack([np.zeros(self.layout.width), own]), not_empty)
        return known

    def _counts(self, sent: pd.DataFrame) -> Vector:
        counts: Vector = np.bincount(sent["cell"].to_numpy(int), sent["counted"].to_numpy(float), self.layout.width)
        return counts
