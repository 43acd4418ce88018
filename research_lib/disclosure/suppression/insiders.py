"""What the sources of a release know of its cells: every source knows the records that it sent itself."""

from dataclasses import dataclass
from functools import cached_property

import ibis
import numpy as np
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import by_source
from research_lib.disclosure.linked.linked_tables import Vector
from research_lib.disclosure.linked.table_joins import CellLayout

_OTHERS = {1: "another source", 2: "two sources"}
_ALONE = 8  # sources that are looked at one by one


@dataclass(frozen=True)
class Insiders:
    """The sources behind the records of a release, and how many of them may tell each other.

    The largest sources are readers one by one. One imagined reader stands for all others together, or for all pairs:
    of each cell it knows as many records as that source, or pair, knows that sent most of it. Whoever knows less
    derives less. Of persons, each source that met one knows that one. `one_source`: one source sent all records; it has
    them, so that nothing is protected from it, and there is no reader besides those who sent nothing.
    """

    cases: ibis.Table
    coalition: int
    one_source: bool = False

    @cached_property
    def names(self) -> list[str]:
        """What the readers are called, in their order; the last one stands for all others."""
        return [] if self.one_source else [*self._alone, _OTHERS[self.coalition]]

    def sent(self, layout: CellLayout) -> pd.DataFrame:
        """Give who sent the records of each cell: cell, source_id, records, and as how many the cell counts them.

        A source can count its own part of each table, published or not.
        """
        every = layout.published | layout.unpublished
        frames = [
            layout.numbered(by_source(self.cases, sorted(sides)), sides) for sides in layout.blocks if sides in every
        ]
        found = pd.concat(frames, ignore_index=True)
        return pd.concat([found, _surplus(found, layout)], ignore_index=True) if layout.answered else found

    def known(self, sent: pd.DataFrame, width: int) -> Vector:
        """Give how many records each reader has sent to each cell, shape (R, N); `sent`: as `sent` gives it."""
        known = np.zeros((len(self.names), width))
        if self.one_source:
            return known
        together = sent[~sent["source_id"].isin(self._alone)].sort_values("records", ascending=False)
        most = together.groupby("cell").head(self.coalition).groupby("cell")["records"].sum()
        most = most.clip(upper=sent.groupby("cell")["counted"].sum().reindex(most.index))
        known[-1, most.index.to_numpy(int)] = most
        for reader, source in enumerate(self._alone):
            own = sent[sent["source_id"] == source]
            known[reader, own["cell"].to_numpy(int)] = own["records"]
        return known

    @cached_property
    def sources(self) -> frozenset[str]:
        """The sources that sent records."""
        return frozenset(self.cases.select("source_id").distinct().to_pandas()["source_id"])

    @cached_property
    def _alone(self) -> list[str]:
        """The largest sources, which read one by one."""
        if self.coalition > 1:
            return []
        found = self.cases.group_by("source_id").aggregate(records=_.count()).order_by(_.records.desc(), "source_id")
        return list(found.limit(_ALONE).to_pandas()["source_id"])


def _surplus(sent: pd.DataFrame, layout: CellLayout) -> pd.DataFrame:
    """By how much the yeses of each source to a question are more than its records that answer it."""
    rows = layout.surplus.tocoo()
    place = layout.width - layout.surplus.shape[0] + rows.row
    entries = pd.DataFrame({"cell": rows.col, "to": place, "sign": rows.data.astype(int)})
    found = sent.merge(entries, on="cell")
    found = found.assign(**{name: found[name] * found["sign"] for name in ("records", "counted")})
    sums = found.groupby(["to", "source_id"], as_index=False)[["records", "counted"]].sum()
    return sums[sums["records"] > 0].rename(columns={"to": "cell"})
