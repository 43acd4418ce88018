"""Sides of tables: which are coarser than others, and what follows from tables that are published together.

The kinds of missing merge into one; towns merge into regions, single ages into bands. A table then adds up to the same
table with the coarser side, as to a total.

Counts that agree wherever two tables meet come from one table of all variables, as long as no tables close a ring.
Where some do, a joint table of the whole ring must be possible, and an intruder can use that. It is large: seven
variables of six codes have 279,936 cells. Chords divide the ring into triangles; tables of these that agree wherever
two of them meet say just as much.

Of an answered question at least one choice is yes, so that their yeses are as many as answer, or more.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np

from research_lib.disclosure.linked.cell_bounds import Sides, Vector
from research_lib.disclosure.linked.structural_zeros import Relation
from research_lib.disclosure.planning.plan import APART
from research_lib.missing_answers import MISSING, NO_ANSWER

_MOST_CELLS = 8_000


@dataclass(frozen=True)
class Hierarchies:
    """For each side its coarser sides, each with the number of the coarser value of each value."""

    merged: Mapping[str, Mapping[str, Vector]]

    @classmethod
    def read(cls, values: Mapping[str, tuple[str, ...]], relations: Sequence[Relation]) -> "Hierarchies":
        """Find the levels of some sides: those with kinds of missing apart, and those that relations nest."""
        merged: dict[str, dict[str, Vector]] = {side: {} for side in values}
        for side in values:
            if side != (coarser := side.removesuffix(APART)):
                numbers = {value: number for number, value in enumerate(values[coarser])}
                kinds = [NO_ANSWER if value in MISSING else value for value in values[side]]
                merged[side][coarser] = np.array([numbers[value] for value in kinds])
        for relation in relations:
            for fine in values:
                for coarse in values:
                    found = _merged_values(relation, fine, coarse, values)
                    if found is not None and fine not in merged[coarse]:
                        merged[fine][coarse] = found
        return cls(merged)

    def is_within(self, small: Sides, large: Sides) -> bool:
        """Whether a table with the large sides adds up to one with the small sides."""
        return all(side in large or any(side in self.merged[other] for other in large) for side in small)

    def shared(self, one: Sides, other: Sides) -> Sides:
        """Give the finest sides that two tables both add up to."""
        return self.finest(self.with_coarser(one) & self.with_coarser(other))

    def finest(self, sides: Sides) -> Sides:
        """Give the sides without those that follow from a finer one."""
        return frozenset(side for side in sides if not any(side in self.merged[other] for other in sides))

    def with_coarser(self, sides: Sides) -> Sides:
        """Give the sides, and all that follow from them."""
        return frozenset(sides).union(*(self.merged[side] for side in sides))


def _merged_values(relation: Relation, fine: str, coarse: str, values: Mapping[str, tuple[str, ...]]) -> Vector | None:
    """The coarse value of each fine one where a relation leaves one each; otherwise nothing."""
    names = fine.removesuffix(APART), coarse.removesuffix(APART)
    if names not in (relation.names, relation.names[::-1]):
        return None
    turned = names != relation.names
    possible = np.array(
        [[not relation.excludes(*((b, a) if turned else (a, b))) for b in values[coarse]] for a in values[fine]]
    )
    return possible.argmax(axis=1) if (possible.sum(axis=1) == 1).all() else None


def joint_sides(published: Collection[Sides], levels: Hierarchies, size: Callable[[Sides], int]) -> set[Sides]:
    """Give the sides of the joint tables of some published tables; `size` gives how many cells a table has.

    They hold all that follows from the rings, if they have no more than 8,000 cells in all. Otherwise the smallest of
    those are taken that follow from the tables within two of them.
    Source: Dobra & Fienberg (2000), Bounds for cell entries in contingency tables given marginal totals and
    decomposable graphs, PNAS 97, 11885-11892.
    """
    found = _cliques_of_rings(published, levels)
    if sum(map(size, found)) <= _MOST_CELLS:
        return found
    unions = {one | other for one, other in combinations(published, 2)}
    found = found.union(*(_cliques_of_rings([each for each in published if each <= union], levels) for union in unions))
    return _as_many_as_fit(found, size)


def _cliques_of_rings(tables: Collection[Sides], levels: Hierarchies) -> set[Sides]:
    """The sets of sides that tables together need a possible table for, and that no table of them has."""
    graph: nx.Graph = nx.Graph()
    for sides in sorted(tables, key=sorted):
        graph.add_edges_from(combinations(sorted(levels.with_coarser(sides)), 2))
    chordal, _ = nx.complete_to_chordal_graph(graph)
    cliques = {levels.finest(frozenset(each)) for each in nx.chordal_graph_cliques(chordal)}
    return {each for each in cliques if not any(levels.is_within(each, sides) for sides in tables)}


def _as_many_as_fit(tables: Collection[Sides], size: Callable[[Sides], int]) -> set[Sides]:
    """The smallest tables, as far as there is room; without those that lie within others."""
    found, room = set[Sides](), _MOST_CELLS
    for sides in sorted(tables, key=lambda each: (size(each), sorted(each))):
        room -= size(sides)
        if room < 0:
            break
        found.add(sides)
    return {each for each in found if not any(each < other for other in found)}


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question whose choices all stand in tables with some common sides; `choices`: a column each.

    In each cell of the common sides, the yeses of all choices are as many as have answered, or more: the rest is a
    surplus, which is never below zero.
    """

    common: Sides
    choices: tuple[str, ...]

    @property
    def tables(self) -> tuple[Sides, ...]:
        """The common sides with each choice."""
        return tuple(self.common | {choice} for choice in self.choices)


def answered_questions(
    published: set[Sides], relations: Sequence[Relation], levels: Hierarchies
) -> Iterator[AnsweredQuestion]:
    """Give each question all of whose choices are published, with the most detailed sides that its tables share."""
    for choices in dict.fromkeys(relation.choices for relation in relations if relation.choices):
        common: set[Sides] | None = None
        for choice in choices:
            own = {choice, f"{choice}{APART}"}
            beside = {sides - own for sides in published if sides & own}
            common = beside if common is None else {levels.shared(one, other) for one in common for other in beside}
        for sides in sorted(common or (), key=sorted):
            if not any(sides != other and levels.is_within(sides, other) for other in common or ()):
                yield AnsweredQuestion(sides, choices)


def counts_answered(values: Sequence[str], number: Vector, *, is_first: bool) -> Vector:
    """Give by how much each cell of a choice raises the surplus of its question, from the number of its answer.

    Each yes is one more; `is_first`: of one choice, each answer is one less.
    """
    yes = np.array([value == "yes" for value in values], float)
    answered = np.array([value in ("yes", "no") for value in values], float)
    raised: Vector = (yes - answered * is_first)[number]
    return raised
