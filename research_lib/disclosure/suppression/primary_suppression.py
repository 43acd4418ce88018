"""Primary suppression: which cells the rules of the policy suppress, each with its rule."""

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import CountedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.methods.missing import UNANSWERED

NO_RULE, HIDDEN_BEFORE, COMPANION = "", "hidden_before", "companion"
_LARGEST = {1: "largest", 2: "largest_two"}
AMONG_SOURCES = ("sources", "persons_of_others", "top_two_share", "p_percent")
RULES = ("persons", "sources", "persons_of_others", "top_two_share", "p_percent", "distinct_values")


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
