"""What the sources of a release know of its cells: every source knows the records that it sent itself.

No source may derive a hidden cell closely, and no two or three that tell each other what they sent, as the policy says.
One imagined reader stands for all of them: of each cell it knows as many records as the source knows that sent most of
it. Whoever knows less than this reader can derive less, so that one audit holds for every source and for outsiders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import CountedTable
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.suppression.linked_tables import Vector
from research_lib.disclosure.suppression.published_tables import APART, Sides
from research_lib.disclosure.suppression.table_joins import CellLayout
from research_lib.methods.missing import MISSING, NO_ANSWER

_LARGEST = {1: "largest", 2: "largest_two"}


def from_largest(counted: CountedTable, policy: Policy) -> pd.Series:
    """Give for each cell the records of its largest source, or of as many as the policy's coalition."""
    return counted.cells[_LARGEST[policy.coalition]]


@dataclass(frozen=True)
class Insiders:
    """The sources of the last release of a layout: its records, its counted tables and the policy."""

    cases: ibis.Table
    counted: Sequence[CountedTable]
    policy: Policy

    def known(self, layout: CellLayout) -> Vector:
        """Give the lowest count of each cell, shape (N,), that the imagined reader knows without the tables."""
        known = np.zeros(layout.width)
        last = len(layout.releases) - 1
        for table, counted in zip(layout.releases[last].tables, self.counted, strict=True):
            known[layout.cells_of(last, table)] = from_largest(counted, self.policy)
        for sides in layout.unpublished:
            if (last, sides) in layout.blocks:
                start = layout.blocks[last, sides]
                known[start : start + layout.size(sides)] = self._of_unpublished(sides, layout)
        return known

    def _of_unpublished(self, sides: Sides, layout: CellLayout) -> Vector:
        """Count by source the cells of a table that nobody publishes; a source can count its own part of it."""
        order = sorted(sides)
        columns = {
            side: self.cases[side.removesuffix(APART)]
            if side.endswith(APART)
            else self.cases[side].isin(MISSING).ifelse(NO_ANSWER, self.cases[side])
            for side in order
        }
        table = self.cases.select(source_id=self.cases["source_id"], **columns)
        found = table.group_by([*order, "source_id"]).aggregate(records=_.count()).to_pandas()
        numbers = {side: found[side].map({v: n for n, v in enumerate(layout.values[side])}) for side in order}
        found["place"] = layout.places(sides, {side: each.to_numpy() for side, each in numbers.items()})
        largest = found.sort_values("records", ascending=False).groupby("place")["records"]
        counts = np.zeros(layout.size(sides))
        kept = largest.head(self.policy.coalition).groupby(found["place"]).sum()
        counts[kept.index] = kept
        return counts
