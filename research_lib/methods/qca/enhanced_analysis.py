"""The enhanced standard analysis: untenable assumptions are found and excluded from the solution.

Source: Schneider and Wagemann (2012), chapter 8; Duşa (2019), QCA with R, chapter 8.
"""

import itertools
from dataclasses import dataclass

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.qca.combinations import within
from research_lib.methods.qca.solutions import minimize
from research_lib.methods.qca.truth_tables import TruthTable


@dataclass(frozen=True)
class Untenable:
    """What may not be assumed: `exclude` is the expression for `minimize`, `reasons` has a row for each term of it."""

    exclude: str
    reasons: pd.DataFrame


def untenable(table: TruthTable, negated: TruthTable, *, necessary: str = "", impossible: str = "") -> Untenable:
    """Find the assumptions on combinations without cases that cannot be defended, and say why each cannot.

    `table` and `negated`: the truth tables of the outcome and of its absence, over the same conditions. `necessary`:
    what the outcome requires, such as `A + B`; combinations without it cannot lead to it. `impossible`: what
    cannot be. Found by itself: combinations that the parsimonious solutions of both outcomes would use, in any model;
    once they are out, others may be shared, so that the search goes on until none is.

    Not for: taking out assumptions until the solution looks good; each needs its reason before the solution is seen.
    """
    _need_same_conditions(table, negated)
    layout = table.layout
    without = [layout.text(combination) for combination in _without_necessary(table, necessary)]
    never = [layout.text(combination) for combination in layout.parse(impossible)]
    both: list[str] = []
    while shared := _contradictory_assumptions(table, negated, [*without, *never, *both], [*never, *both]):
        both += [layout.text(combination) for combination in shared]
    reasons = {"assumed for the outcome and for its absence": both, "lacks what is needed": without, "cannot be": never}
    frame = pd.DataFrame(
        [{"combination": text, "reason": reason} for reason, found in reasons.items() for text in found],
        columns=["combination", "reason"],
    )
    return Untenable(" + ".join(dict.fromkeys(frame["combination"])), frame)


def simultaneous(table: TruthTable, negated: TruthTable) -> pd.DataFrame:
    """List the rows that count as enough for the outcome and for its absence at once.

    One row each: combination, inclusion and pri for the outcome, then for its absence. Raises UnfitDataError for truth
    tables of different conditions, or of the same ones in another order.

    Not for: keeping them; take them out by a threshold for PRI before anything is concluded.
    """
    _need_same_conditions(table, negated)
    rows = [row for row in table.positive if row in negated.positive]
    combinations = [table.layout.text(row) for row in rows]
    ours, theirs = (made.written.loc[combinations, ["inclusion", "pri"]] for made in (table, negated))
    return ours.join(theirs.add_suffix("_negated")).reset_index()


def _need_same_conditions(table: TruthTable, negated: TruthTable) -> None:
    if table.layout != negated.layout:
        raise UnfitDataError(
            "the two truth tables differ in their conditions, the order of these or their levels; make both from the "
            "same list, and give both the same levels"
        )


def _contradictory_assumptions(
    table: TruthTable, negated: TruthTable, excluded: list[str], excluded_negated: list[str]
) -> list[int]:
    """The assumptions that the parsimonious solutions of an outcome and of its absence share, over all their models."""
    ours, theirs = (
        minimize(made, "parsimonious", exclude=" + ".join(out), limit=1).used if made.positive else ()
        for made, out in ((table, excluded), (negated, excluded_negated))
    )
    meets = {one & other for one, other in itertools.product(ours, theirs)}
    shown = {*table.positive, *table.negative}
    whole = [combination for combination in meets if not table.layout.is_empty(combination)]
    return sorted(
        combination
        for combination in whole
        if sum(within(row, combination) for row in shown) < sum(1 for _ in table.layout.rows(combination))
    )


def _without_necessary(table: TruthTable, necessary: str) -> list[int]:
    """What lacks all of several alternatives of which one is needed."""
    layout = table.layout
    alternatives = layout.parse(necessary)
    lacking = [layout.everything] if alternatives else []
    for combination in alternatives:
        negations = [layout.everything & ~(combination & part) for part in layout.parts if combination & part != part]
        lacking = [old & new for old, new in itertools.product(lacking, negations) if not layout.is_empty(old & new)]
    return lacking
