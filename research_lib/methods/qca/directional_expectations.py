"""Easy counterfactuals: what a conservative term may become on the way to a parsimonious one, given expectations."""

from collections.abc import Sequence

from research_lib.methods.qca.combinations import Layout, within


def easy_counterfactuals(
    layout: Layout, conservative: Sequence[int], parsimonious: Sequence[int], expected: Sequence[int]
) -> list[int]:
    """Widen each conservative term towards what is expected, as far as a parsimonious term that holds it goes.

    `conservative` and `parsimonious`: the terms of a model each. A condition that contradicts an expectation may take
    the expected levels too; where several conditions are expected together, they may only all at once. A condition
    without an expectation stays. Source: Ragin and Sonnett (2005), Between complexity and parsimony.
    """
    single = [expectation for expectation in expected if len(_fixed_conditions(layout, expectation)) == 1]
    joint = [expectation for expectation in expected if expectation not in single]
    widened = [
        wider
        for term in conservative
        for target in parsimonious
        if within(term, target)
        for wider in _with_joint(layout, _with_single(layout, term, target, single), target, joint)
    ]
    return sorted(set(widened))


def _fixed_conditions(layout: Layout, expectation: int) -> list[int]:
    return [part for part in layout.parts if expectation & part != part]


def _with_single(layout: Layout, term: int, target: int, single: Sequence[int]) -> int:
    for expectation in single:
        term |= expectation & target & sum(_fixed_conditions(layout, expectation))
    return term


def _with_joint(layout: Layout, term: int, target: int, joint: Sequence[int]) -> list[int]:
    """The term, and what it becomes where joint expectations hold as a whole: one, or several that can hold at once."""
    found = [(term, layout.everything)]
    for expectation in joint:
        fixed = sum(_fixed_conditions(layout, expectation))
        wider = [((each & ~fixed | held & expectation & fixed) & target, held & expectation) for each, held in found]
        found += [pair for pair in wider if not any(map(layout.is_empty, pair))]
    return [each for each, _ in found]
