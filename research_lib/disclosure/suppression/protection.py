"""The protection of one release: primary and secondary suppression, and the audit of what was written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from research_lib.disclosure.auditing.disclosure_audit import AuditError
from research_lib.disclosure.auditing.earlier_counts import EarlierCounts
from research_lib.disclosure.auditing.feasible_tables import FeasibleTables
from research_lib.disclosure.case_counts import NO_TABLE, CountedTable, Progress
from research_lib.disclosure.linked.cell_bounds import LinkedTables, PublishedTable, Vector, rounded
from research_lib.disclosure.linked.structural_zeros import Relation
from research_lib.disclosure.linked.table_joins import CellLayout, known_to_be_empty
from research_lib.disclosure.planning.plan import APART, Plan, PlanError
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.released import Released
from research_lib.disclosure.suppression.intruders import ANYONE, Contributors, Intruders, PublishedCells
from research_lib.disclosure.suppression.secondary_suppression import suppress
from research_lib.missing_answers import UNANSWERED

NO_RULE, HIDDEN_BEFORE, COMPANION = "", "hidden_before", "companion"
_LARGEST = {1: "largest", 2: "largest_two"}
AMONG_SOURCES = ("sources", "persons_of_others", "top_two_share", "p_percent")
RULES = ("persons", "sources", "persons_of_others", "top_two_share", "p_percent", "distinct_values")


@dataclass(frozen=True)
class Protection:
    """The tables of a release as they are counted, and all that intruders know besides them.

    `relations`: what no record breaks; `broken`: what held at earlier releases only. `earlier`: the tables of these;
    `recounted`: those of them that this release has not, counted today. `past`: what was counted at earlier releases,
    as far as the study has kept it.
    """

    counted: Sequence[CountedTable]
    contributors: Contributors
    relations: Sequence[Relation]
    earlier: Sequence[PublishedTable] = ()
    recounted: Sequence[CountedTable] = ()
    past: Sequence[EarlierCounts] = ()
    broken: Sequence[Relation] = ()

    def protect(
        self, plan: Plan, policy: Policy, *, progress: Progress
    ) -> tuple[list[CountedTable], list[FeasibleTables]]:
        """Suppress cells until no intruder derives one too closely.

        Gives the tables with the rule that hides each cell, and possible tables that show the hidden cells to be safe.
        """
        rules = [self._primary(each, policy, plan.sensitive) for each in self.counted]
        first = [replace(each, why=rule.to_frame("rule")) for each, rule in zip(self.counted, rules, strict=True)]
        cells = self._cells([each.published() for each in first])
        places = [cells.layout.cells_of(each.published()) for each in first]
        first = [_hidden(each, cells.stays_hidden[at], HIDDEN_BEFORE) for each, at in zip(first, places, strict=True)]
        cells, weights = cells.hide(cells.stays_hidden), np.ones(cells.layout.width)
        for each, at in zip(first, places, strict=True):
            weights[at] = np.maximum(weights[at], _weights(each, plan))
        cells, protects, possible = self._with_companions(cells, policy, weights, progress)
        owner, names = np.full(cells.layout.width, NO_TABLE), cells.layout.names
        for number, at in enumerate(places):
            owner[at] = number
        hidden_for = _first_causes(protects, owner)
        protected = []
        for each, at in zip(first, places, strict=True):
            table = _hidden(each, cells.hidden_now[at], COMPANION)
            said = [", ".join(names[protects[cell]]).replace(APART, "") if cell in protects else "" for cell in at]
            protected.append(replace(table, why=table.why.assign(hidden_for=hidden_for[at], protects=said)))
        return protected, possible

    def _with_companions(
        self, cells: PublishedCells, policy: Policy, weights: Vector, progress: Progress
    ) -> tuple[PublishedCells, dict[int, int], list[FeasibleTables]]:
        """The cells with companions hidden, the cell that each protects, and possible tables that show all to be safe.

        Earlier releases tell more only where this one has cells that they have not: cells that all have are hidden in
        all or in none, and who knows what has changed learns nothing new.
        """
        hidden, protects, possible = -1, dict[int, int](), list[FeasibleTables]()
        wanted = policy.protection_interval
        while hidden != (hidden := int(cells.hidden_now.sum())):
            for remember in (*self._memories, None) if cells.has_new else (None,):
                seen = cells if remember is None else remember(cells)
                view = self._intruders.view(seen, before=remember is not None)
                # no more must stay open than earlier releases leave open to the attacker
                earlier = self._intruders.view(seen, before=True, now=False)
                left = earlier.left_open(view.tables.suppressed, wanted) if remember else wanted
                found = suppress(
                    view.tables, intruders=view.intruders, protection_interval=left, weights=weights, progress=progress
                )
                cells, protects = cells.hide(found.tables.suppressed), {**found.protects, **protects}
                possible.append(found.possible)
            if not cells.has_new or not self.earlier:
                break
        return cells, protects, possible

    @property
    def _memories(self) -> list[Callable[[PublishedCells], PublishedCells]]:
        """How intruders see the cells who remember earlier releases: some also know what held then only."""
        if not self.earlier:
            return []
        return [lambda cells: cells, *([PublishedCells.with_once_empty] if self.broken else [])]

    def require_safe(
        self, written: Released, name: str, *, possible: Sequence[FeasibleTables] = (), progress: Progress
    ) -> pd.DataFrame:
        """Audit the written tables as every intruder could; give the cells that have eroded, see `unsafe`.

        `possible`: tables that may show a cell to be safe at once, if they fit what was written. Raises AuditError
        where any other cell is not safe.
        """
        base = written.manifest["rules"]["rounding_base"]
        for table, each in zip(written.published, self.counted, strict=True):
            expected = rounded(each.cells["records"].to_numpy(), base)
            if len(wrong := np.flatnonzero(~table.suppressed & (table.shown != expected))):
                cell = f"{table.name}: {each.name(wrong[0])}"
                raise AuditError(f"{name}: {cell} was not written as it was counted; nothing was released")
        progress(f"audit of {self._cells(written.published).hidden_now.sum():,} suppressed cells")
        found = self.unsafe(written, possible=possible)
        if worse := list(found.loc[~found["has_eroded"], "cell"]):
            raise AuditError(f"{name}: {worse[0]} can be derived; nothing was released")
        return found

    def unsafe(self, released: Released, *, possible: Sequence[FeasibleTables] = ()) -> pd.DataFrame:
        """List the hidden cells of a release that some intruder derives more closely than promised.

        Gives cell, low, high, intruder (the one who comes closest) and has_eroded: earlier releases and what has
        changed since them tell as much without this release. The index is the cell's number. A cell that it shows
        though earlier ones hide it is listed too.
        """
        smallest, view = released.manifest["rules"]["protection_interval"], self._intruders.view
        cells = self._cells(released.published)
        found = view(cells, before=False).unsafe(smallest, possible).assign(has_eroded=False)
        shown_again = np.flatnonzero(cells.stays_hidden & cells.now & ~cells.hidden_now)
        if len(shown_again):
            counts, names = cells.counts[shown_again], [" | ".join(cells.layout.names[cell]) for cell in shown_again]
            known = {"cell": names, "low": counts, "high": counts, "intruder": ANYONE, "has_eroded": False}
            found = pd.concat([pd.DataFrame(known, index=shown_again), found])
        for remember in self._memories:
            ever, before = (view(remember(cells), before=True, now=now) for now in (True, False))
            beside = ever.unsafe(smallest, possible)
            left = before.left_open(ever.tables.suppressed, smallest) if len(beside) else smallest
            is_hard = beside.index.isin([*ever.derivable(beside.index.to_numpy(), left), *found.index])
            found = pd.concat([beside.assign(has_eroded=~is_hard), found[~found.index.isin(beside.index)]])
        return found.sort_index().astype({"has_eroded": bool})

    def seen_by_the_attacker(self, released: Released) -> LinkedTables:
        """Give the tables of a release, and of those before it, as an attacker who sent no records sees them."""
        view = self._intruders.view(self._cells(released.published), before=True)
        return view.tables.with_known(view.anyone)

    def counts_behind(self, released: Released) -> EarlierCounts:
        """Give what was counted behind the hidden cells of a release, for the audit of the next one."""
        hidden = self._cells(released.published).seen(before=True).suppressed
        sent = self._intruders.sent
        return EarlierCounts.of(released.digest, self._layout, sent, hidden, relations=self.relations)

    def _primary(self, counted: CountedTable, policy: Policy, sensitive: tuple[str, ...]) -> pd.Series:
        empty = known_to_be_empty(counted.values, self.relations)
        one_source = self.contributors.one_source
        return primary_suppression(counted, policy, sensitive, one_source=one_source).mask(empty, NO_RULE)

    @cached_property
    def _tables(self) -> list[PublishedTable]:
        """All tables that are counted today, with every count shown."""
        return [each.published() for each in (*self.counted, *self.recounted)]

    @cached_property
    def _layout(self) -> CellLayout:
        return CellLayout((*self._tables, *self.earlier), tuple(self.relations), tuple(self.broken))

    def _cells(self, tables: Sequence[PublishedTable]) -> PublishedCells:
        return PublishedCells.read(self._layout, self._intruders.counts, tables, self.earlier)

    @cached_property
    def _intruders(self) -> Intruders:
        is_counted = np.zeros(self._layout.width, bool)
        for table in self._tables:
            is_counted[self._layout.cells_of(table)] = True
        return Intruders(self.contributors, self._layout, is_counted, self.past)


def _hidden(table: CountedTable, cells: Vector, rule: str) -> CountedTable:
    """A table with some cells hidden by a rule, unless another one hides them."""
    return replace(table, why=table.why["rule"].mask(cells & ~table.is_hidden, rule).to_frame())


def _weights(table: CountedTable, plan: Plan) -> Vector:
    """The weight of each cell: 1 where the plan gives none, infinite where the cell must be shown.

    Raises PlanError where the plan keeps a cell that a rule hides, or that an earlier release hides.
    """
    weights = np.ones(len(table.cells))
    for each in plan.weights:
        if each.table == table.plan.name:
            weights[each.matches(table.cells)] = each.weight
    if len(at := np.flatnonzero(np.isinf(weights) & table.is_hidden)):
        cell, rule = table.name(at[0]), table.why["rule"].iloc[at[0]]
        raise PlanError(
            f"cells: {table.plan.name} | {cell} cannot be kept: the rule {rule} hides it; take it out of the cells "
            "to keep, or take its codes together with others"
        )
    return weights


def _first_causes(protects: Mapping[int, int], owner: Vector) -> Vector:
    """For each companion the table of the cell that it is hidden for in the end; NO_TABLE for all others."""
    causes = np.full(len(owner), NO_TABLE)
    for companion in protects:
        cell = companion
        while cell in protects:
            cell = protects[cell]
        causes[companion] = owner[cell]
    return causes


def primary_suppression(
    counted: CountedTable, policy: Policy, sensitive: tuple[str, ...] = (), *, one_source: bool = False
) -> pd.Series:
    """Give for each cell the first of `RULES` that suppresses it; empty where the cell may be shown.

    `sensitive`: the variables whose answers must not follow from membership in a group. `one_source`: one source sent
    all records, and the rules that protect sources from each other have nothing to protect.
    """
    cells = counted.cells
    some = cells["records"] > 0
    rest = cells["records"] - cells["largest_two"]
    broken = {
        "persons": some & (cells["persons"] < policy.persons),
        "sources": some & (cells["sources"] < policy.sources),
        "persons_of_others": some & (cells["records"] - cells[_LARGEST[policy.coalition]] < policy.persons_of_others),
        "top_two_share": some & (cells["largest_two"] >= policy.top_two_share * cells["records"]),
        "p_percent": some & (rest < policy.p_percent / 100 * cells["largest"]),
        "distinct_values": _discloses_a_group(counted, policy, sensitive),
    }
    rules = [rule for rule in RULES if not (one_source and rule in AMONG_SOURCES)]
    return pd.Series(np.select([broken[rule] for rule in rules], rules, NO_RULE), index=cells.index)


def _discloses_a_group(counted: CountedTable, policy: Policy, sensitive: tuple[str, ...]) -> pd.Series:
    """Whether a cell discloses that all or none of a group gave one answer to a sensitive question."""
    cells = counted.cells
    disclosing = pd.Series(False, index=cells.index)
    for name in set(sensitive) & set(counted.plan.variables):
        answers = ~cells[name].isin(UNANSWERED)
        others = [other for other in counted.plan.variables if other != name]
        groups = cells[answers].groupby(others, sort=False) if others else cells[answers].groupby(lambda _row: 0)
        people = groups["records"].transform("sum")
        given = groups["records"].transform(lambda records: (records > 0).sum())
        none_gave = (cells.loc[answers, "records"] == 0) & (people > 0)
        disclosing[answers] |= none_gave | ((given < policy.distinct_values) & (people > 0))
    return disclosing
