"""Answered questions: at least one choice of each is yes, so that their yeses are as many as answer, or more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from research_lib.disclosure.linked.known_relations import Relation
from research_lib.disclosure.linked.linked_tables import Vector
from research_lib.disclosure.linked.published_tables import Sides
from research_lib.disclosure.linked.side_levels import SideLevels, coarsened


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
    published: set[Sides], relations: Sequence[Relation], levels: SideLevels
) -> Iterator[AnsweredQuestion]:
    """Give each question all of whose choices are published, with the most detailed sides that its tables share."""
    for choices in dict.fromkeys(relation.choices for relation in relations if relation.choices):
        common: set[Sides] | None = None
        for choice in choices:
            beside = {
                frozenset(side for side in sides if coarsened(side) != choice)
                for sides in published
                if choice in map(coarsened, sides)
            }
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
