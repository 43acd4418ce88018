"""Easy counterfactuals: what a conservative term may become on the way to a parsimonious one, given expectations."""

from collections.abc import Sequence

from research_lib.methods.qca.cubes import Layout, within

Cubes = Sequence[int]


def relaxed(layout: Layout, models: tuple[Cubes, Cubes], expected: Cubes) -> list[int]:
    """Widen each conservative term towards what is expected, as far as a parsimonious term that holds it goes.

    `models`: a conservative model and a parsimonious one. A condition that contradicts an expectation may take the
    expected levels too; where several conditions are expected together, they may only all at once. What nothing is
    expected of stays. Source: Ragin and Sonnett (2005), Between complexity and parsimony.
    """
    complex_, simple = models
    singles = [cube for cube in expected if len(_asked(layout, cube)) == 1]
    joint = [cube for cube in expected if cube not in singles]
    pieces = [
        piece
        for term in complex_
        for target in simple
        if within(term, target)
        for piece in _together(layout, _widened(layout, term, target, singles), target, joint)
    ]
    return sorted(set(pieces))


def _asked(layout: Layout, expectation: int) -> list[int]:
    return [part for part in layout.parts if expectation & part != part]


def _widened(layout: Layout, term: int, target: int, singles: Cubes) -> int:
    for expectation in singles:
        term |= expectation & target & sum(_asked(layout, expectation))
    return term


def _together(layout: Layout, term: int, target: int, joint: Cubes) -> list[int]:
    """The term, and what it becomes where joint expectations hold as a whole: one, or several that can hold at once."""
    pieces = [(term, layout.everything)]
    for expectation in joint:
        asked = sum(_asked(layout, expectation))
        moved = [((piece & ~asked | held & expectation & asked) & target, held & expectation) for piece, held in pieces]
        pieces += [pair for pair in moved if not any(map(layout.is_empty, pair))]
    return [piece for piece, _ in pieces]
