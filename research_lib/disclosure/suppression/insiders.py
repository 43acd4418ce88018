"""What the sources of a release know of its cells: every source knows the records that it sent itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import ibis
import numpy as np
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import IS_COUNTED, CountedTable, counted_rows
from research_lib.disclosure.linked.linked_tables import Vector
from research_lib.disclosure.linked.published_tables import APART, Sides
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.planning.policy import Policy
from research_lib.methods.missing import MISSING, NO_ANSWER

_LARGEST = {1: "largest", 2: "largest_two"}
_ALONE = 8  # sources that are looked at one by one
_FEW = 100_000
_MERGED = dict.fromkeys(MISSING, NO_ANSWER)


def from_largest(counted: CountedTable, policy: Policy) -> pd.Series:
    """Give for each cell the records of its largest source, or of as many as the policy's coalition."""
    return counted.cells[_LARGEST[policy.coalition]]


@dataclass(frozen=True)
class Insiders:
    """The sources behind the records of a release, and how many of them may tell each other.

    The largest sources are readers one by one. One imagined reader stands for all others together, or for all pairs:
    of each cell it knows as many records as that source, or pair, knows that sent most of it. Whoever knows less
    derives less. Of persons, each source that met one knows that one.
    """

    cases: ibis.Table
    coalition: int

    def readers(self, layout: CellLayout) -> list[Vector]:
        """Give for each reader the lowest count of each cell, shape (N,), that it knows without the tables."""
        alone = self._largest_sources() if self.coalition == 1 else []
        known = np.zeros((len(alone) + 1, layout.width))
        for sides, start in self._blocks(layout):
            sent = self._sent(sides, layout)
            together = sent[~sent["source_id"].isin(alone)].sort_values("records", ascending=False)
            most = together.groupby("place")["records"].head(self.coalition).groupby(together["place"]).sum()
            most = most.clip(upper=sent.groupby("place")["counted"].sum().reindex(most.index))
            known[-1, start + most.index] = most
            for reader, source in enumerate(alone):
                own = sent[sent["source_id"] == source]
                known[reader, start + own["place"]] = own["records"]
        return [reader for reader in known if reader.any()]

    def _largest_sources(self) -> list[str]:
        found = self.cases.group_by("source_id").aggregate(records=_.count()).order_by(_.records.desc(), "source_id")
        return list(found.limit(_ALONE).to_pandas()["source_id"])

    @staticmethod
    def _blocks(layout: CellLayout) -> Iterator[tuple[Sides, int]]:
        """The tables, published or not; a source can count its own part of each."""
        every = layout.published | layout.unpublished
        return ((sides, start) for sides, start in layout.blocks.items() if sides in every)

    def _sent(self, sides: Sides, layout: CellLayout) -> pd.DataFrame:
        """What each source knows of each cell of a table: place, source_id, records, and which of them it counts."""
        found = self._by_source(sides)
        numbers = {side: found[side].map({v: n for n, v in enumerate(layout.values[side])}) for side in sides}
        return found.assign(place=layout.places(sides, {side: each.to_numpy() for side, each in numbers.items()}))

    def _by_source(self, sides: Sides) -> pd.DataFrame:
        """The records of each source with each combination of values; of few records, counted from all their values."""
        answers, keys = self._few_records, [*sorted(sides), "source_id"]
        if answers is None:
            columns = {side: self._answers(side) for side in sorted(sides)}
            kept = [name for name in ("source_id", IS_COUNTED) if name in self.cases.columns]
            table = self.cases.select(*kept, **columns)
            return table.group_by(keys).aggregate(records=_.count(), counted=counted_rows(table)).to_pandas()
        columns = {side: answers[side.removesuffix(APART)] for side in sides}
        merged = {side: each if side.endswith(APART) else each.replace(_MERGED) for side, each in columns.items()}
        counted = answers.get(IS_COUNTED, True)
        frame = pd.DataFrame({**merged, "source_id": answers["source_id"], "counted": counted})
        found = frame.groupby(keys, observed=True)["counted"]
        return found.agg(records="size", counted="sum").reset_index()

    @cached_property
    def _few_records(self) -> pd.DataFrame | None:
        """The values of all records where they are few: that is quicker than to ask the engine for each table."""
        return self.cases.to_pandas() if self.cases.count().to_pandas() <= _FEW else None

    def _answers(self, side: str) -> ibis.Value:
        """The values of a side: the kinds of missing apart, or merged into one."""
        column = self.cases[side.removesuffix(APART)]
        return column if side.endswith(APART) else column.isin(MISSING).ifelse(NO_ANSWER, column)
