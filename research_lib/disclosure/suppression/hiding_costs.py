"""What it costs to hide each cell: the weights that a plan gives, and the cells that it asks to keep."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import CountedTable
from research_lib.disclosure.linked.linked_tables import Vector
from research_lib.disclosure.planning.plan import Plan, PlanError
from research_lib.disclosure.suppression.primary_suppression import HIDDEN_BEFORE, NO_RULE


def weights_of(counted: CountedTable, plan: Plan) -> Vector:
    """Give the weight of each cell of a table: 1 where the plan gives none, infinite where the cell must be shown."""
    weights = np.ones(len(counted.cells))
    for each in plan.weights:
        if each.table == counted.plan.name:
            weights[each.matches(counted.cells)] = each.weight
    return weights


def require_kept_are_shown(
    counted: Sequence[CountedTable], rules: Sequence[pd.Series], stays_hidden: Sequence[Vector], plan: Plan
) -> None:
    """Raise PlanError where the plan keeps a cell that a rule hides, or that an earlier release hides."""
    for each, own, before in zip(counted, rules, stays_hidden, strict=True):
        hidden = own.mask(before & (own == NO_RULE).to_numpy(), HIDDEN_BEFORE)
        kept = np.isinf(weights_of(each, plan))
        if len(at := np.flatnonzero(kept & (hidden != NO_RULE).to_numpy())):
            cell = " | ".join(map(str, each.cells.iloc[at[0]][list(each.plan.variables)]))
            raise PlanError(
                f"cells: {each.plan.name} | {cell} cannot be kept: the rule {hidden.iloc[at[0]]} hides it; "
                "take it out of the cells to keep, or take its codes together with others"
            )
