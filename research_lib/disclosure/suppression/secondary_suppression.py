"""Secondary suppression: hide further cells until none can be derived too closely, and show those not needed again."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from research_lib.disclosure.auditing.disclosure_audit import AuditError, some_possible_tables, widen_further
from research_lib.disclosure.auditing.feasible_tables import FeasibleTables
from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.linked.cell_bounds import LinkedTables, Vector
from research_lib.disclosure.suppression.secondary_cells import Neighbourhoods, SecondaryCells, suppression_costs

_SMALLEST, _GROWTH, _MANY_CELLS = 2_000, 3, 20_000
_MOST_TRIES, _TRIED_CELLS, _OTHER_PRICES = 16, 5_000, (0.3, 1.7)
_SIZE_AGAIN = 2_000
_SECONDS = 2


@dataclass(frozen=True)
class Suppression:
    """Tables with all suppressed cells, the cell that each companion protects, and tables that show all to be safe."""

    tables: LinkedTables
    protects: Mapping[int, int]
    possible: FeasibleTables


def suppress(
    tables: LinkedTables,
    *,
    intruders: Sequence[Vector] = (),
    protection_interval: int | Vector = 10,
    weights: Vector | None = None,
    progress: Progress = str,
) -> Suppression:
    """Suppress further cells until every suppressed cell passes the audit; fixed cells stay.

    `tables`: with shown counts that are known exactly. `intruders`: what each intruder knows of the cells without the
    tables, shape (N,) each; by default nothing. Where there are more than 20,000 cells, one intruder who knows what all
    know stands for all: that is quicker, and hides a little more. `protection_interval`: how many persons stay open,
    for all cells or for each, shape (N,). `weights`: by how much each cell costs more than others to suppress, shape
    (N,); infinite where it must be shown. `progress` is called with each step. Raises AuditError where no further cell
    can be suppressed.
    Secondary cells are looked for as if there were no joint cells first; among the cells nearest to one, then in larger
    neighbourhoods; and among the cells with records, then among all. Small tables are tried again with other prices of
    companions, and the cheapest choice is taken; companions that turn out to be redundant are shown again.
    """
    width = len(tables.low)
    price = suppression_costs(tables.low) * (1 if weights is None else weights)
    tables = replace(tables, fixed=tables.fixed | np.isinf(price))
    known = np.array([*intruders] or [np.zeros(width)])
    known = known.max(axis=0, keepdims=True) if width > _MANY_CELLS else known
    wanted = np.broadcast_to(protection_interval, width).astype(float)
    draw, found, refusal = np.random.default_rng(1), list[Suppression](), AuditError()
    for number in range(min(_MOST_TRIES, 1 + _TRIED_CELLS // known.size)):
        tried = price * (draw.uniform(*_OTHER_PRICES, width) if number else 1)
        try:
            found.append(_choose_companions(tables, known, wanted, price=tried, progress=progress))
        except AuditError as error:
            refusal = error
    if not found:
        raise refusal
    return min(found, key=lambda each: price[[*each.protects]].sum())


def _choose_companions(
    tables: LinkedTables, known: Vector, wanted: Vector, *, price: Vector, progress: Progress
) -> Suppression:
    """Suppress further cells, each at its price, until every suppressed cell is safe."""
    possible, protects = some_possible_tables(tables, known, wanted), dict[int, int]()
    for seen in (tables.without_joint(), tables):
        linked = seen.suppress(protects)
        # a first table with the counts of all companions, so that each can be shown again
        fitting = possible.fitting(linked) or some_possible_tables(seen, known, wanted)
        search = _Search(linked, wanted, fitting, price=price, progress=progress)
        search.look_in_all_sizes()
        possible, protects = search.possible, search.protects | protects
    if len(left := search.narrow()):
        kept = " or keep fewer cells" if np.isinf(price).any() else ""
        reason = f"no further cell can be suppressed to protect it; drop the table from the plan{kept}"
        raise AuditError(f"cell {tables.name(int(left[0]))}: {reason}")
    found = Suppression(search.tables, protects, possible)
    return found if len(price) > _MANY_CELLS else without_redundant(found, price, wanted)


def _sizes(width: int) -> Iterator[int]:
    """The sizes of neighbourhoods, up to all cells: larger ones hide less, smaller ones are quicker."""
    size = _SMALLEST if width > _MANY_CELLS else _SMALLEST * _GROWTH
    while size < width:
        yield size
        size *= _GROWTH
    yield width


class _Search:
    """The search for companions: the tables as they are by now, and the cell that each companion protects."""

    def __init__(
        self, tables: LinkedTables, wanted: Vector, possible: FeasibleTables, *, price: Vector, progress: Progress
    ):
        self.tables, self.protects, self.possible = tables, dict[int, int](), possible
        self._price, self._wanted, self._progress, self._said = price, wanted, progress, 0.0
        self._neighbourhoods = Neighbourhoods(tables)

    def narrow(self) -> Vector:
        """Give the suppressed cells that are not yet shown to be safe."""
        return self.possible.narrow(np.flatnonzero(self.tables.suppressed), self._wanted)

    def look_in_all_sizes(self) -> None:
        """Look for companions in larger and larger neighbourhoods, at last also among cells without records."""
        for size in _sizes(len(self._wanted)):
            self._look_within(size)
        self._look_within(len(self._wanted), with_empty=True)

    def _look_within(self, size: int, *, with_empty: bool = False) -> None:
        """Look for companions in neighbourhoods of some size, until each cell has had its turn."""
        widen_further(self.tables, self.possible, self._wanted)
        waits = np.ones(len(self._wanted), bool)
        while len(left := (found := self.narrow())[waits[found]]):
            self._say(len(found), size)
            core, cells = self._around(int(left[0]), size, with_empty=with_empty)
            mine = left[core[left]]
            waits[mine] = False
            self._protect(mine, cells, is_last=with_empty)

    def _say(self, left: int, size: int) -> None:
        if time.monotonic() - self._said > _SECONDS:
            self._said, hidden = time.monotonic(), self.tables.suppressed.sum()
            words = f"{hidden:,} cells suppressed, {left:,} of them not yet shown to be safe"
            self._progress(f"{words}; looking for others among {size:,} cells at a time")

    def _around(self, cell: int, size: int, *, with_empty: bool) -> tuple[Vector, Vector]:
        tables = self.tables
        may_hide = ~tables.fixed & (with_empty | (self.possible.first >= 1))
        may_move = self._neighbourhoods.is_linked & ((tables.high > tables.low) | may_hide)
        return self._neighbourhoods.around(cell, size, may_move=may_move, first=tables.suppressed | tables.fixed)

    def _protect(self, narrow: Vector, cells: Vector, *, is_last: bool) -> None:
        """Find companions for some cells within a neighbourhood, as each intruder needs them."""
        companions, possible = SecondaryCells(self.tables, self.possible, cells, self._price), self.possible
        if len(possible.known) > 1:
            companions.read_as(possible.known.max(axis=0))
            for cell in map(int, narrow):
                if len(possible.narrow(np.array([cell]), self._wanted)):
                    companions.push_both_ways(cell)
        chosen: dict[int, int] = {}
        failed = set[int]()
        for intruder, known in enumerate(possible.known):
            companions.read_as(known)
            for cell in map(int, narrow):
                wanted = self._wanted[cell]
                if cell in failed or not possible.is_narrow(intruder, cell, wanted):
                    continue
                # a rise by one person costs no more than a fall by one
                if wanted > 1 and possible.low[intruder, cell] > known[cell]:
                    companions.push(cell, upwards=False)
                found = companions.open(cell, possible.low[intruder, cell] + wanted)
                if found is None and is_last:
                    found = companions.open_downwards(cell, intruder, wanted)
                if found is None:
                    failed.add(cell)
                chosen = dict.fromkeys(found or (), cell) | chosen
        self.tables = self.tables.suppress(chosen)
        self.protects = chosen | self.protects


def without_redundant(found: Suppression, price: Vector, wanted: Vector) -> Suppression:
    """Show companions again, one by one and the dearest first, as long as all hidden cells stay open to every intruder.

    `price`, `wanted`: of each cell, and how many persons must stay open there, shape (N,). A companion is shown where
    possible tables without it are found, in its neighbourhood, for all cells that it has helped to open. Then
    the others are tried again: some have protected only what is shown by now.
    Source: Kelly, Golden & Assad (1992), Cell Suppression: Disclosure Protection for Sensitive Tabular Data, Networks
    22, 397-417.
    """
    tables, possible, neighbourhoods = found.tables, found.possible, Neighbourhoods(found.tables)
    for cell in sorted(found.protects, key=lambda each: (-price[each], each)):
        trial = tables.show(cell, possible.first[cell])
        search = _WithoutCompanion(trial, neighbourhoods.unknown(trial, cell, _SIZE_AGAIN), wanted)
        # most companions are needed by the very cell that they were hidden for: that is quick to see
        if search.opens(FeasibleTables(possible.first, possible.known), np.array([found.protects[cell]])):
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

    def opens(self, possible: FeasibleTables, cells: Vector) -> bool:
        """Whether those of some cells that are hidden are open enough in possible tables; adds such that show it."""
        changes = SecondaryCells(self.tables, possible, self.around, np.zeros(len(self.wanted)))
        hidden = cells[self.tables.suppressed[cells]]
        return all(self._opens_one(changes, possible, int(cell)) for cell in possible.narrow(hidden, self.wanted))

    def _opens_one(self, changes: SecondaryCells, possible: FeasibleTables, cell: int) -> bool:
        if len(possible.known) > 1 and len(possible.narrow(np.array([cell]), self.wanted)):
            changes.read_as(possible.known.max(axis=0))
            changes.push_both_ways(cell)
        for intruder, known in enumerate(possible.known):
            if possible.is_narrow(intruder, cell, self.wanted[cell]):
                changes.read_as(known)
                changes.push_both_ways(cell)
                if possible.is_narrow(intruder, cell, self.wanted[cell]):
                    return False
        return True
