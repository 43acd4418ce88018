"""The audit of a release: which hidden cells some reader derives more closely than promised, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from research_lib.disclosure.auditing.disclosure_audit import audit_cells
from research_lib.disclosure.auditing.possible_tables import PossibleTables
from research_lib.disclosure.linked.linked_tables import LinkedTables, Vector
from research_lib.disclosure.suppression.secondary_suppression import derivable_cells

ANYONE = "anyone"
_COLUMNS = ("cell", "low", "high", "reader", "has_eroded")


@dataclass(frozen=True)
class View:
    """Tables as their readers see them: what each reader knows of each cell at least, shape (N,), and its name.

    `anyone`: what a reader knows who sent no records.
    """

    tables: LinkedTables
    readers: Sequence[Vector]
    names: Sequence[str]
    anyone: Vector

    def derivable(self, among: Vector, wanted: int | Vector, possible: Sequence[PossibleTables] = ()) -> Vector:
        """Give the cells of some that a reader may derive more closely than wanted."""
        fitting = [each for each in possible if self._is_possible_to_all(each)]
        return derivable_cells(self.tables, self.readers, among=among, smallest_interval=wanted, possible=fitting)

    def _is_possible_to_all(self, possible: PossibleTables) -> bool:
        """Whether tables were found for readers who know as much as these."""
        return all(any((known >= reader).all() for known in possible.known) for reader in self.readers)

    def closest(self, cells: Vector) -> pd.DataFrame:
        """Give the ends of some cells for the reader who comes closest: cell, low, high, reader."""
        readers = [self.anyone, *self.readers]
        found = [audit_cells(self.tables.with_known(each), among=cells) for each in readers]
        ends = np.array([each[["low", "high"]].to_numpy(float) for each in found])
        best = (ends[..., 1] - ends[..., 0]).argmin(axis=0) if len(cells) else np.zeros(0, int)
        low, high = ends[best, np.arange(len(cells))].T if len(cells) else (np.zeros(0), np.zeros(0))
        names = np.array([ANYONE, *self.names], dtype=object)[best]
        return found[0][["cell"]].assign(low=low, high=high, reader=names)

    def left_open(self, smallest: int) -> Vector:
        """Give how far each hidden cell is open, up to the promise, shape (N,)."""
        wanted = np.full(len(self.anyone), float(smallest))
        failing = self.derivable(np.flatnonzero(self.tables.suppressed), smallest)
        best = self.tables.with_known(np.max(self.readers, axis=0))
        left = audit_cells(best, among=failing, smallest_interval=smallest)
        wanted[failing] = np.minimum(wanted[failing], left["high"] - left["low"])
        return wanted


@dataclass(frozen=True)
class Views:
    """A release by itself, beside all earlier ones, and the earlier ones without it; the last two where there are any.

    `shown_again`: the counts of cells that it shows though earlier ones hide them, by the cell's number.
    """

    now: View
    ever: View | None = None
    before: View | None = None
    shown_again: Mapping[int, float] = field(default_factory=dict)

    def unsafe(self, smallest: int, possible: Sequence[PossibleTables] = ()) -> pd.DataFrame:
        """List the hidden cells that some reader derives more closely than promised; the index is the cell's number.

        Gives cell, low, high, reader (the one who comes closest) and has_eroded: earlier releases and what has changed
        since them tell as much without this release.
        """
        found = _unsafe(self.now, smallest, possible).assign(has_eroded=False)
        if self.shown_again:
            found = pd.concat([self._shown_again(), found])
        if self.ever and self.before:
            beside = _unsafe(self.ever, smallest, possible)
            left = self.before.left_open(smallest) if len(beside) else smallest
            is_hard = beside.index.isin([*self.ever.derivable(beside.index.to_numpy(), left), *found.index])
            found = pd.concat([beside.assign(has_eroded=~is_hard), found[~found.index.isin(beside.index)]])
        return found[list(_COLUMNS)].sort_index().astype({"has_eroded": bool})

    def _shown_again(self) -> pd.DataFrame:
        counts = list(self.shown_again.values())
        names = [self.now.tables.name(cell) for cell in self.shown_again]
        known = {"cell": names, "low": counts, "high": counts, "reader": ANYONE, "has_eroded": False}
        return pd.DataFrame(known, index=list(self.shown_again))


def _unsafe(view: View, smallest: int, possible: Sequence[PossibleTables]) -> pd.DataFrame:
    suspected = view.derivable(np.flatnonzero(view.tables.suppressed), smallest, possible)
    found = view.closest(suspected)
    return found[found["high"] - found["low"] < smallest]


def eroded_cells(eroded: pd.DataFrame) -> str:
    """Give the cells that have eroded as a part of the report, in Markdown; nothing where there are none."""
    if not len(eroded):
        return ""
    lines = [
        "",
        "## Cells that have eroded",
        "",
        "Earlier releases hide these cells. Who knows which of them were not empty then, and what has changed since,",
        "has them as close as this; the release adds nothing to it.",
        "",
        "| cell | from | to | to whom |",
        "|---|---:|---:|---|",
    ]
    rows = eroded[["cell", "low", "high", "reader"]].itertuples(index=False)
    lines += [f"| {cell.replace('|', '·')} | {low:,.0f} | {high:,.0f} | {reader} |" for cell, low, high, reader in rows]
    return "\n".join(lines) + "\n"
