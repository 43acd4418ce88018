"""The intruders that a release is protected from: what each sees of each cell, knows besides, and derives.

The attacker knows every shown count exactly, for instance because of many releases between which it knows each
change; it knows which suppressed cells are not empty; and what has changed in each cell since every earlier release, so
that an earlier count is as good as one of today. Whoever knows less derives less.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import numpy as np
import pandas as pd
from ibis import _

from research_lib.disclosure.auditing.disclosure_audit import audit_cells
from research_lib.disclosure.auditing.earlier_counts import EarlierCounts
from research_lib.disclosure.auditing.feasible_tables import FeasibleTables
from research_lib.disclosure.case_counts import by_source
from research_lib.disclosure.linked.cell_bounds import LinkedTables, PublishedTable, Vector
from research_lib.disclosure.linked.table_joins import CellLayout

ANYONE = "anyone"
_OTHERS = {1: "another source", 2: "two sources"}
_ALONE = 8  # sources that are looked at one by one


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
        counts: Vector,
        now: Sequence[PublishedTable],
        earlier: Sequence[PublishedTable],
    ) -> "PublishedCells":
        """Read the tables of this release and of earlier ones; `counts`: the records of each cell today, shape (N,)."""
        shown, hidden = _places(layout, now)
        return cls(layout, counts, shown | hidden, hidden, *_places(layout, earlier))

    @property
    def stays_hidden(self) -> Vector:
        """Cells that earlier releases hide and none shows: with a new count, who knows the changes has the old one."""
        stays: Vector = self.hidden_before & ~self.known_before
        return stays

    @property
    def has_new(self) -> bool:
        """Whether this release has cells that no earlier one has."""
        return bool((self.now & ~(self.known_before | self.hidden_before)).any())

    def with_once_empty(self) -> "PublishedCells":
        """Give the cells as somebody sees them who knows which had to be empty at an earlier release."""
        known = self.known_before.copy()
        known[self.layout.empty_cells(self.layout.broken)] = True
        return replace(self, known_before=known)

    def hide(self, cells: Vector) -> "PublishedCells":
        """Give the cells with further ones of this release hidden, shape (N,)."""
        return replace(self, hidden_now=self.hidden_now | (cells & self.now))

    def seen(self, *, now: bool = True, before: bool = False) -> LinkedTables:
        """Give the cells as an intruder sees them: of this release, of the earlier ones, or of all."""
        known = (self.known_before & before) | (self.now & ~self.hidden_now & now)
        suppressed = ((self.hidden_before & before) | (self.hidden_now & now)) & ~known
        free = self.now & ~(self.known_before & before) if now else np.zeros(len(known), bool)
        low, high = np.where(known, self.counts, 0), np.where(known, self.counts, np.inf)
        return self.layout.link(low, high, suppressed, ~free)


def _places(layout: CellLayout, tables: Sequence[PublishedTable]) -> tuple[Vector, Vector]:
    """Which cells some tables show, and which they hide."""
    shown, hidden = np.zeros(layout.width, bool), np.zeros(layout.width, bool)
    for table in tables:
        where = layout.cells_of(table)
        shown[where] |= ~table.suppressed
        hidden[where] |= table.suppressed
    return shown, hidden


@dataclass(frozen=True)
class View:
    """Tables as intruders see them: what each knows of each cell at least, shape (N,), by its name.

    `anyone`: what an intruder knows who sent no records.
    """

    tables: LinkedTables
    known: dict[str, Vector]
    anyone: Vector

    @property
    def intruders(self) -> list[Vector]:
        """What each intruder knows."""
        return [*self.known.values()]

    def derivable(self, among: Vector, wanted: int | Vector, possible: Sequence[FeasibleTables] = ()) -> Vector:
        """Give the cells of some of which an intruder may derive an interval that is narrower than wanted.

        First an intruder is tried who knows what all of them know; only cells that fail there are tried with each.
        `possible`: tables that show at once which cells are safe, as far as they fit what is published.
        """
        wanted, left = np.broadcast_to(wanted, len(self.anyone)).astype(float), among
        for each in possible:
            if self._is_possible_to_all(each) and (fitting := each.fitting(self.tables)):
                left = fitting.narrow(left, wanted)
        suspected = self._narrow(np.max(self.intruders, axis=0), left, wanted, alone=False)
        found = [self._narrow(intruder, suspected, wanted, alone=True) for intruder in self.intruders if len(suspected)]
        return np.unique(np.concatenate([np.zeros(0, int), *found]))

    def _narrow(self, known: Vector, cells: Vector, wanted: Vector, *, alone: bool) -> Vector:
        tables = self.tables.with_known(known)
        found = audit_cells(tables, among=cells, protection_interval=wanted, ends=False, alone=alone)
        narrow: Vector = cells[~found["is_safe"].to_numpy(dtype=bool)]
        return narrow

    def _is_possible_to_all(self, possible: FeasibleTables) -> bool:
        """Whether tables were found for intruders who know as much as these."""
        return all(any((known >= intruder).all() for known in possible.known) for intruder in self.intruders)

    def unsafe(self, smallest: int, possible: Sequence[FeasibleTables] = ()) -> pd.DataFrame:
        """List the hidden cells that an intruder derives more closely than promised: cell, low, high, intruder.

        The ends are those of the intruder who comes closest. The index is the cell's number.
        """
        cells = self.derivable(np.flatnonzero(self.tables.suppressed), smallest, possible)
        known = {ANYONE: self.anyone} | self.known
        found = [
            audit_cells(self.tables.with_known(each), among=cells).assign(intruder=name) for name, each in known.items()
        ]
        every = pd.concat(found).assign(width=lambda ends: ends["high"] - ends["low"]).reset_index(names="number")
        closest = every.sort_values("width", kind="stable").drop_duplicates("number").set_index("number")
        return closest.loc[closest["width"] < smallest, ["cell", "low", "high", "intruder"]]

    def left_open(self, among: Vector, smallest: int) -> Vector:
        """Give how far each of some cells is open, up to the promise, shape (N,); `among`: which, shape (N,)."""
        wanted = np.full(len(self.anyone), float(smallest))
        failing = self.derivable(np.flatnonzero(among), smallest)
        best = self.tables.with_known(np.max(self.intruders, axis=0))
        left = audit_cells(best, among=failing, protection_interval=smallest)
        wanted[failing] = np.minimum(wanted[failing], left["high"] - left["low"])
        return wanted


@dataclass(frozen=True)
class Contributors:
    """The sources behind the records of a release, and how many of them may tell each other.

    The largest sources are intruders one by one. One imagined intruder stands for all others, or for all pairs:
    of each cell it knows as many records as that source, or pair, knows that sent most of it. Whoever knows less
    derives less. Of persons, each source that met one knows that one. `one_source`: one source sent all records; it has
    them, so that nothing is protected from it, and there is no intruder besides those who sent nothing. `respondents`:
    how many records a person knows who answered; see `Intruders`.
    """

    cases: ibis.Table
    coalition: int
    one_source: bool = False
    respondents: int = 1

    @cached_property
    def names(self) -> list[str]:
        """What the intruders are called, in their order; the last one stands for all others."""
        return [] if self.one_source else [*self._alone, _OTHERS[self.coalition]]

    def sent(self, layout: CellLayout) -> pd.DataFrame:
        """Give who sent the records of each cell: cell, source_id, records, and as how many the cell counts them.

        A source can count its own part of each table, published or not.
        """
        every = layout.published | layout.unpublished
        frames = [
            layout.numbered(by_source(self.cases, sorted(sides)), sides) for sides in layout.blocks if sides in every
        ]
        found = pd.concat(frames).sort_values(["cell", "source_id"], ignore_index=True)
        return pd.concat([found, _surplus(found, layout)], ignore_index=True) if layout.answered else found

    def known(self, sent: pd.DataFrame, width: int) -> Vector:
        """Give how many records each intruder has sent to each cell, shape (I, N); `sent`: as `sent` gives it."""
        known = np.zeros((len(self.names), width))
        if self.one_source:
            return known
        together = sent[~sent["source_id"].isin(self._alone)].sort_values("records", ascending=False)
        most = together.groupby("cell").head(self.coalition).groupby("cell")["records"].sum()
        most = most.clip(upper=sent.groupby("cell")["counted"].sum().reindex(most.index))
        known[-1, most.index.to_numpy(int)] = most
        for intruder, source in enumerate(self._alone):
            own = sent[sent["source_id"] == source]
            known[intruder, own["cell"].to_numpy(int)] = own["records"]
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


@dataclass(frozen=True)
class Intruders:
    """Somebody who sent no records, and the sources.

    All know which hidden cells are not empty, and as much of every cell as respondents do, who are in it with all their
    answers, also where its table is not published; each source also knows the records that it sent. They know it of
    today, and of every release of `past`. Who remembers earlier releases also knows how much each cell has changed
    since, so that what was known of it then bounds it today. `is_counted`: the cells that tables of records count,
    shape (N,).
    """

    contributors: Contributors
    layout: CellLayout
    is_counted: Vector
    past: Sequence[EarlierCounts] = ()

    @cached_property
    def sent(self) -> pd.DataFrame:
        """Who sent the records of each cell; see `Contributors.sent`."""
        return self.contributors.sent(self.layout)

    @cached_property
    def counts(self) -> Vector:
        """The count of each cell today, shape (N,)."""
        return self._counts(self.sent)

    @cached_property
    def today(self) -> Vector:
        """What each knows of each cell at least, shape (I, N); the first one sent no records."""
        return self._known(self.sent)

    @cached_property
    def ever(self) -> Vector:
        """The same of who remembers what was known at each earlier release, and knows what has changed since."""
        known = self.today
        for each in self.past:
            there, sent = each.on(self.layout)
            then = self._known(sent) + self.counts - self._counts(sent)
            known = np.where(there, np.maximum(known, then), known)
        return known

    def view(self, cells: PublishedCells, *, before: bool, now: bool = True) -> View:
        """Give cells as these intruders see them; `before`: with all earlier releases."""
        anyone, *others = self.ever if before else self.today
        intruders = {
            name: each for name, each in zip(self.contributors.names, others, strict=True) if (each > anyone).any()
        }
        return View(cells.seen(now=now, before=before), intruders or {ANYONE: anyone}, anyone)

    def _known(self, sent: pd.DataFrame) -> Vector:
        of_all = np.where(self.is_counted, max(self.contributors.respondents, 1), self.contributors.respondents)
        own = self.contributors.known(sent, self.layout.width)
        everybody = np.minimum(self._counts(sent), of_all)
        known: Vector = np.maximum(np.vstack([np.zeros(self.layout.width), own]), everybody)
        return known

    def _counts(self, sent: pd.DataFrame) -> Vector:
        return np.bincount(sent["cell"].to_numpy(int), sent["counted"].to_numpy(float), self.layout.width)
