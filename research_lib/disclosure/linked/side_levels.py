"""Levels of detail: a side of a table whose values merge into those of a coarser side.

The kinds of missing merge into one; towns merge into regions, single ages into bands. A table then adds up to the same
table with the coarser side, as to a total.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research_lib.disclosure.linked.known_relations import Relation
from research_lib.disclosure.linked.linked_tables import Vector
from research_lib.disclosure.linked.published_tables import APART, Sides
from research_lib.methods.missing import MISSING, NO_ANSWER


def coarsened(side: str) -> str:
    """Give the side with its kinds of missing merged into one."""
    return side.removesuffix(APART)


@dataclass(frozen=True)
class SideLevels:
    """For each side its coarser sides, each with the number of the coarser value of each value."""

    merged: Mapping[str, Mapping[str, Vector]]

    @classmethod
    def read(cls, values: Mapping[str, tuple[str, ...]], relations: Sequence[Relation]) -> "SideLevels":
        """Find the levels of some sides: those with kinds of missing apart, and those that relations nest."""
        merged: dict[str, dict[str, Vector]] = {side: {} for side in values}
        for side in values:
            if side != (coarser := coarsened(side)):
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
    names = coarsened(fine), coarsened(coarse)
    if names not in (relation.names, relation.names[::-1]):
        return None
    turned = names != relation.names
    possible = np.array(
        [[not relation.excludes(*((b, a) if turned else (a, b))) for b in values[coarse]] for a in values[fine]]
    )
    return possible.argmax(axis=1) if (possible.sum(axis=1) == 1).all() else None
