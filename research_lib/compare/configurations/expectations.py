"""Easy counterfactuals: what a conservative term may lose on the way to a parsimonious one, given what is expected."""

from collections.abc import Sequence

from research_lib.compare.configurations.cubes import Layout, within

Cubes = Sequence[int]


def relaxed(layout: Layout, models: tuple[Cubes, Cubes], expected: Cubes) -> list[int]:
    """Drop from each conservative term what contradicts the expectations, unless the parsimonious term keeps it.

    `models`: a conservative model and a parsimonious one. A literal that agrees with an expectation stays, and so does
    one of which nothing is expected. An expectation of several conditions together counts only where the others of it
    are kept. Source: Ragin and Sonnett (2005), Between complexity and parsimony.
    """
    complex_, simple = models
    return [_relax(layout, term, target, expected) for term in complex_ for target in simple if within(term, target)]


def _relax(layout: Layout, term: int, target: int, expected: Cubes) -> int:
    """Loosen the term condition by condition, jointly where the expectation is joint."""
    loosened = term
    for expectation in expected:
        asked = [part for part in layout.parts if expectation & part != part]
        free = [part for part in asked if target & part == part]
        against = [part for part in free if not term & expectation & part]
        joint = all(term & expectation & part or part in against for part in asked)
        if against and joint:
            loosened |= sum(against)
    return loosened
