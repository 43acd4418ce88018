"""Redundant companions: what was hidden for others, and is not needed any more once all companions are chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research_lib.disclosure.auditing.possible_tables import PossibleTables
from research_lib.disclosure.linked.linked_tables import LinkedTables, Vector
from research_lib.disclosure.suppression.companions import Companions
from research_lib.disclosure.suppression.neighbourhoods import Neighbourhoods

_SIZE = 2_000


@dataclass(frozen=True)
class Suppression:
    """Tables with all suppressed cells, the cell that each companion protects, and tables that show all to be safe."""

    tables: LinkedTables
    protects: Mapping[int, int]
    possible: PossibleTables


def without_redundant(found: Suppression, price: Vector, wanted: Vector) -> Suppression:
    """Show companions again, one by one and the dearest first, as long as all hidden cells stay open to every reader.

    `price`, `wanted`: of each cell, and how many persons must stay open there, shape (N,). A companion is shown where
    possible tables without it are found, in its neighbourhood, for all cells that it has helped to open. Then
    the others are tried again: some have protected only what is shown by now.
    Source: Kelly, Golden & Assad (1992), Cell Suppression: Disclosure Protection for Sensitive Tabular Data, Networks
    22, 397-417.
    """
    tables, possible, neighbourhoods = found.tables, found.possible, Neighbourhoods(found.tables)
    for cell in sorted(found.protects, key=lambda each: (-price[each], each)):
        trial = tables.show(cell, possible.first[cell])
        search = _WithoutCompanion(trial, neighbourhoods.unknown(trial, cell, _SIZE), wanted)
        # most companions are needed by the very cell that they were hidden for: that is quick to see
        if search.opens(PossibleTables(possible.first, possible.known), np.array([found.protects[cell]])):
            left = possible.without(cell)
            if search.opens(left, np.arange(len(wanted))):
                tables, possible = trial, left
    protects = {cell: protected for cell, protected in found.protects.items() if tables.suppressed[cell]}
    left_over = Suppression(tables, protects, possible)
    return left_over if len(protects) == len(found.protects) else without_redundant(left_over, price, wanted)


@dataclass(frozen=True)
class _WithoutCompanion:
    """Tables with one companion shown, and the cells around it whose counts are not known."""

    tables: LinkedTables
    around: Vector
    wanted: Vector

    def opens(self, possible: PossibleTables, cells: Vector) -> bool:
        """Whether those of some cells that are hidden are open enough in possible tables; adds such that show it."""
        changes = Companions(self.tables, possible, self.around, np.zeros(len(self.wanted)))
        hidden = cells[self.tables.suppressed[cells]]
        return all(self._opens_one(changes, possible, int(cell)) for cell in possible.narrow(hidden, self.wanted))

    def _opens_one(self, changes: Companions, possible: PossibleTables, cell: int) -> bool:
        if len(possible.known) > 1 and len(possible.narrow(np.array([cell]), self.wanted)):
            _push_both_ways(changes, cell, possible.known.max(axis=0))
        for reader, known in enumerate(possible.known):
            if possible.is_narrow(reader, cell, self.wanted[cell]):
                _push_both_ways(changes, cell, known)
                if possible.is_narrow(reader, cell, self.wanted[cell]):
                    return False
        return True


def _push_both_ways(changes: Companions, cell: int, known: Vector) -> None:
    changes.read_as(known)
    for upwards in (False, True):
        changes.push(cell, upwards=upwards)
