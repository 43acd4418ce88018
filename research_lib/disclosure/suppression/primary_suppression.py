"""The first hiding: which cells the policy's rules hide by themselves, each with the rule that did."""

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import Counted
from research_lib.disclosure.policy import Policy
from research_lib.methods.missing import UNANSWERED

NO_RULE, COMPANION = "", "companion"
RULES = ("persons", "sources", "top_two_share", "p_percent", "distinct_values")


def first_hidden(counted: Counted, policy: Policy, sensitive: tuple[str, ...] = ()) -> pd.Series:
    """Name for each cell the rule that hides it, the first of `RULES` that does; empty where it may be shown.

    `sensitive`: the variables in whose answers nobody may be known by belonging to a group.
    """
    cells = counted.cells
    some = cells["records"] > 0
    rest = cells["records"] - cells["largest_two"]
    broken = {
        "persons": some & (cells["persons"] < policy.persons),
        "sources": some & (cells["sources"] < policy.sources),
        "top_two_share": some & (cells["largest_two"] >= policy.top_two_share * cells["records"]),
        "p_percent": some & (rest < policy.p_percent / 100 * cells["largest"]),
        "distinct_values": _gives_a_group_away(counted, policy, sensitive),
    }
    return pd.Series(np.select([broken[rule] for rule in RULES], RULES, NO_RULE), index=cells.index)


def _gives_a_group_away(counted: Counted, policy: Policy, sensitive: tuple[str, ...]) -> pd.Series:
    """Whether a cell says of a whole group that all of it, or none of it, gave one answer to a sensitive question."""
    cells = counted.cells
    hidden = pd.Series(False, index=cells.index)
    for name in set(sensitive) & set(counted.plan.variables):
        answers = ~cells[name].isin(UNANSWERED)
        others = [other for other in counted.plan.variables if other != name]
        groups = cells[answers].groupby(others, sort=False) if others else cells[answers].groupby(lambda _row: 0)
        people = groups["records"].transform("sum")
        given = groups["records"].transform(lambda records: (records > 0).sum())
        none_gave = (cells.loc[answers, "records"] == 0) & (people > 0)
        hidden[answers] |= none_gave | ((given < policy.distinct_values) & (people > 0))
    return hidden
