"""The protection of one release: primary and secondary suppression, and the audit of what was written."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import ibis
import numpy as np
import pandas as pd

from research_lib.disclosure.auditing.disclosure_audit import AuditError
from research_lib.disclosure.auditing.earlier_counts import EarlierCounts
from research_lib.disclosure.auditing.possible_tables import PossibleTables
from research_lib.disclosure.auditing.release_audit import Views
from research_lib.disclosure.case_counts import CountedTable, Progress, Values, count
from research_lib.disclosure.linked.known_relations import Relation
from research_lib.disclosure.linked.linked_tables import LinkedTables, Vector, rounded
from research_lib.disclosure.linked.published_cells import PublishedCells
from research_lib.disclosure.linked.published_tables import APART, PublishedTable, Sides
from research_lib.disclosure.linked.table_joins import CellLayout, known_to_be_empty
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release_files import NO_TABLE, ProtectedTable
from research_lib.disclosure.released import Released, sides_of
from research_lib.disclosure.suppression.hiding_costs import require_kept_are_shown, weights_of
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.primary_suppression import (
    COMPANION,
    HIDDEN_BEFORE,
    NO_RULE,
    primary_suppression,
)
from research_lib.disclosure.suppression.readers import Readers
from research_lib.disclosure.suppression.secondary_suppression import suppress
from research_lib.methods.missing import MISSING, NO_ANSWER


@dataclass(frozen=True)
class Protected:
    """The protected tables of a release, and possible tables that show their suppressed cells to be safe."""

    tables: list[ProtectedTable]
    possible: list[PossibleTables]


@dataclass(frozen=True)
class Protection:
    """The tables of a release as they are counted, and all that readers know besides them.

    `earlier`: the tables of earlier releases; `recounted`: those of them that this release has not, counted today.
    `past`: what was counted at earlier releases, as far as the study has kept it.
    """

    counted: Sequence[CountedTable]
    insiders: Insiders
    relations: Sequence[Relation]
    earlier: Sequence[PublishedTable] = ()
    recounted: Sequence[CountedTable] = ()
    past: Sequence[EarlierCounts] = ()

    def protect(self, plan: Plan, policy: Policy, *, progress: Progress) -> Protected:
        """Suppress cells until no reader derives one too closely; gives for each cell the rule that suppresses it."""
        first = [self._primary(each, policy, plan.sensitive) for each in self.counted]
        tables = [published(each, rules != NO_RULE) for each, rules in zip(self.counted, first, strict=True)]
        cells = self._cells(tables)
        places = [cells.layout.cells_of(table) for table in tables]
        require_kept_are_shown(self.counted, first, [cells.stays_hidden[at] for at in places], plan)
        cells = cells.hide(cells.stays_hidden)
        weights = np.ones(cells.layout.width)
        for each, at in zip(self.counted, places, strict=True):
            weights[at] = np.maximum(weights[at], weights_of(each, plan))
        hidden, protects, possible = -1, dict[int, int](), []
        while hidden != (hidden := int(cells.hidden_now.sum())):
            for before in _views(cells):
                view = self._all_readers.view(cells, before=before)
                wanted = self._wanted(cells, policy.smallest_interval, before=before)
                found = suppress(
                    view.tables, readers=view.readers, smallest_interval=wanted, weights=weights, progress=progress
                )
                cells, protects = cells.hide(found.tables.suppressed), {**found.protects, **protects}
                possible.append(found.possible)
            if not cells.has_new or not self.earlier:
                break
        owner = np.full(cells.layout.width, NO_TABLE)
        for number, at in enumerate(places):
            owner[at] = number
        hidden_for = _first_causes(protects, owner)
        protected = [
            ProtectedTable(
                each,
                _completed(rules, cells.stays_hidden[at], cells.hidden_now[at]),
                hidden_for[at],
                tuple(_named(view.tables, protects[cell]) if cell in protects else "" for cell in at.tolist()),
            )
            for each, rules, at in zip(self.counted, first, places, strict=True)
        ]
        return Protected(protected, possible)

    def require_safe(
        self, written: Released, name: str, *, possible: Sequence[PossibleTables] = (), progress: Progress
    ) -> pd.DataFrame:
        """Audit the written tables as every reader could; give the cells that have eroded, see `unsafe`.

        `possible`: tables that may show a cell to be safe at once, if they fit what was written. Raises AuditError
        where any other cell is not safe.
        """
        tables = written.for_audit().tables
        for table, each in zip(tables, self.counted, strict=True):
            _require_same_counts(table, each, written.manifest["rules"]["rounding_base"], name)
        cells = self._cells(tables)
        progress(f"audit of {cells.hidden_now.sum():,} suppressed cells")
        found = self.unsafe(written, possible=possible)
        if worse := list(found.loc[~found["has_eroded"], "cell"]):
            raise AuditError(f"{name}: {worse[0]} can be derived; nothing was released")
        return found

    def unsafe(self, released: Released, *, possible: Sequence[PossibleTables] = ()) -> pd.DataFrame:
        """List the hidden cells of a release that are less open than promised; see `Views.unsafe`."""
        cells = self._cells(released.for_audit().tables)
        now, ever, before = self._all_readers.view(cells, before=False), None, None
        if self.earlier:
            ever, before = (
                self._all_readers.view(cells, before=True),
                self._all_readers.view(cells, before=True, now=False),
            )
        shown_again = np.flatnonzero(cells.stays_hidden & cells.now & ~cells.hidden_now)
        views = Views(now, ever, before, dict(zip(shown_again.tolist(), cells.counts[shown_again], strict=True)))
        return views.unsafe(released.manifest["rules"]["smallest_interval"], possible)

    def seen_by_the_attacker(self, released: Released) -> LinkedTables:
        """Give the tables of a release, and of those before it, as an attacker who sent no records sees them."""
        view = self._all_readers.view(self._cells(released.for_audit().tables), before=True)
        return view.tables.with_known(view.anyone)

    def counts_behind(self, released: Released) -> EarlierCounts:
        """Give what was counted behind the hidden cells of a release, for the audit of the next one."""
        hidden = self._cells(released.for_audit().tables).seen(before=True).suppressed
        return EarlierCounts.of(released.digest, self._layout, self._all_readers.sent, hidden)

    def _wanted(self, cells: PublishedCells, smallest: int, *, before: bool) -> Vector:
        """How many persons must stay open in each cell: no more than earlier releases leave open to the attacker."""
        if not before:
            return np.full(cells.layout.width, float(smallest))
        return self._all_readers.view(cells, before=True, now=False).left_open(smallest)

    def _primary(self, counted: CountedTable, policy: Policy, sensitive: tuple[str, ...]) -> pd.Series:
        empty = known_to_be_empty(values_of(counted), self.relations)
        one_source = self.insiders.one_source
        return primary_suppression(counted, policy, sensitive, one_source=one_source).mask(empty, NO_RULE)

    @cached_property
    def _tables(self) -> list[PublishedTable]:
        """All tables that are counted today, with every count shown."""
        every = (*self.counted, *self.recounted)
        return [published(each, np.zeros(len(each.cells), bool)) for each in every]

    @cached_property
    def _layout(self) -> CellLayout:
        return CellLayout((*self._tables, *self.earlier), tuple(self.relations))

    def _cells(self, tables: Sequence[PublishedTable]) -> PublishedCells:
        return PublishedCells.read(self._layout, self._tables, tables, self.earlier)

    @cached_property
    def _all_readers(self) -> Readers:
        is_counted = np.zeros(self._layout.width, bool)
        for table in self._tables:
            is_counted[self._layout.cells_of(table)] = True
        return Readers(self.insiders, self._layout, is_counted, self.past)


def dropped_tables(plan: Plan, earlier: Sequence[Released], columns: Container[str]) -> tuple[PlannedTable, ...]:
    """Give the tables of earlier releases that a plan has not, as far as the records have their variables."""
    planned = [table for each in earlier for table in planned_tables(each) if _is_there(table, columns)]
    every = {_sides(each): each for each in planned}
    for own in plan.tables:
        every.pop(_sides(own), None)
    return tuple(every.values())


def recount(
    source: ibis.Table,
    dropped: tuple[PlannedTable, ...],
    earlier: Sequence[Released],
    values: Values,
) -> tuple[list[PublishedTable], list[CountedTable]]:
    """Give the tables of earlier releases, and count today those that the plan has dropped.

    Leaves out tables whose variables the records do not have any more: nobody can say what has changed in them.
    """
    found = [
        table
        for each in earlier
        for table, planned in zip(each.for_audit().tables, planned_tables(each), strict=True)
        if _is_there(planned, source.columns)
    ]
    return found, list(count(source, Plan(dropped), values_ever(values, found))) if dropped else []


def _is_there(planned: PlannedTable, columns: Container[str]) -> bool:
    return all(name in columns for name in planned.variables)


def published(counted: CountedTable, suppressed: pd.Series | Vector) -> PublishedTable:
    """Give a counted table as it is published, but with its exact counts."""
    shown = counted.cells["records"].to_numpy()
    return PublishedTable(counted.plan.name, values_of(counted), shown, np.asarray(suppressed))


def values_of(counted: CountedTable) -> dict[str, tuple[str, ...]]:
    """Give the values of each side of a counted table."""
    sides = sides_of(counted.plan.variables, keeps_missing_apart=counted.plan.keeps_missing_apart)
    return {side: tuple(dict.fromkeys(counted.cells[name])) for side, name in sides.items()}


def _sides(planned: PlannedTable) -> Sides:
    return frozenset(sides_of(planned.variables, keeps_missing_apart=planned.keeps_missing_apart))


def planned_tables(released: Released) -> tuple[PlannedTable, ...]:
    """Give the tables of a release as its plan named them."""
    return tuple(
        PlannedTable(entry["name"], tuple(entry["variables"]), entry["keeps_missing_apart"])
        for entry in released.manifest["tables"]
    )


def values_ever(values: Mapping[str, tuple[str, ...]], tables: Sequence[PublishedTable]) -> dict[str, tuple[str, ...]]:
    """Give the values of each variable, and those that it has in published tables."""
    every = {name: dict.fromkeys(found) for name, found in values.items()}
    for table in tables:
        for side, found in table.values.items():
            kept = [value for value in found if value not in (*MISSING, NO_ANSWER)]
            every.setdefault(side.removesuffix(APART), {}).update(dict.fromkeys(kept))
    return {name: tuple(found) for name, found in every.items()}


def _named(tables: LinkedTables, cell: int) -> str:
    """The values of a cell, as the report names them."""
    return ", ".join(tables.names[cell]).replace(APART, "")


def _first_causes(protects: Mapping[int, int], owner: Vector) -> Vector:
    """For each companion the table of the cell that it is hidden for in the end; NO_TABLE for all others."""
    causes = np.full(len(owner), NO_TABLE)
    for companion in protects:
        cell = companion
        while cell in protects:
            cell = protects[cell]
        causes[companion] = owner[cell]
    return causes


def _views(cells: PublishedCells) -> tuple[bool, ...]:
    """Whether to look at earlier releases too: they tell more only where this one has cells that they have not.

    Cells that all releases have are hidden in all or in none, and who knows what has changed learns nothing new.
    """
    had_earlier = bool((cells.known_before | cells.hidden_before).any())
    return (True, False) if had_earlier and cells.has_new else (False,)


def _completed(rules: pd.Series, stays_hidden: Vector, hidden: Vector) -> pd.Series:
    """The rules of a table's cells, with those that were hidden before, and those that are hidden to protect others."""
    rules = rules.mask(stays_hidden & (rules == NO_RULE).to_numpy(), HIDDEN_BEFORE)
    return rules.mask(hidden & (rules == NO_RULE).to_numpy(), COMPANION)


def _require_same_counts(table: PublishedTable, counted: CountedTable, base: int, name: str) -> None:
    """Require that what was written is what was counted, rounded."""
    expected = rounded(counted.cells["records"].to_numpy(), base)
    if (wrong := np.flatnonzero(~table.suppressed & (table.shown != expected))).size:
        cell = " | ".join(map(str, counted.cells.iloc[wrong[0]][list(counted.plan.variables)]))
        raise AuditError(f"{name}: {table.name}: {cell} was not written as it was counted; nothing was released")
