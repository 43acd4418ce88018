"""The suppression report of a release, for the study only: what was hidden, why, and at what cost."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release_files import ProtectedTable
from research_lib.disclosure.suppression.primary_suppression import COMPANION, HIDDEN_BEFORE, RULES

_REASONS = {
    HIDDEN_BEFORE: (
        "An earlier release hides it. If it were shown, who knows the changes could derive the earlier count."
    ),
    COMPANION: "Hidden to protect another cell: if it were shown, a hidden cell beside it could be derived.",
}
_HEADS = {
    "cells": "cells",
    "hidden": "hidden",
    "by_rules": "by a rule",
    "for_own_cells": "to protect its own cells",
    "for_other_tables": "to protect other tables",
    "hidden_elsewhere": "hidden elsewhere to protect it",
    "records_not_shown": "records not shown",
}


def table_costs(tables: Sequence[ProtectedTable]) -> pd.DataFrame:
    """Give what each table hides, and what is hidden elsewhere because of it; the index is its name.

    cells; hidden; by_rules, of these by a rule of the policy or because an earlier release hides them; for_own_cells
    and for_other_tables: companions, by the table of the cell that each protects; hidden_elsewhere: companions in other
    tables that protect its cells; records, and records_not_shown in its hidden cells.
    """
    hidden_for = [each.hidden_for[np.asarray(each.rules == COMPANION)] for each in tables]
    lines = []
    for number, each in enumerate(tables):
        records, own = each.counted.cells["records"], int((hidden_for[number] == number).sum())
        elsewhere = sum(int((others == number).sum()) for others in hidden_for) - own
        lines.append(
            {
                **{"table": each.counted.plan.name, "cells": len(records), "hidden": int(each.suppressed.sum())},
                **{"by_rules": int(each.suppressed.sum()) - len(hidden_for[number]), "for_own_cells": own},
                **{"for_other_tables": len(hidden_for[number]) - own, "hidden_elsewhere": elsewhere},
                **{"records": int(records.sum()), "records_not_shown": int(records[each.suppressed].sum())},
            }
        )
    return pd.DataFrame(lines).set_index("table")


def report(tables: Sequence[ProtectedTable], policy: Policy, *, is_synthetic: bool, title: str) -> str:
    """Give the report as Markdown; it shows more than the release."""
    reasons = {**Policy.read().reasons, **policy.reasons, **_REASONS}
    head = [f"# {title}", ""]
    head += ["SYNTHETIC: every record behind these tables was made by a program.", ""] if is_synthetic else []
    head += ["Keep this page with the study: it shows more than the release.", ""]
    return "\n".join([*head, *_rules(tables, reasons), "", *_tables(table_costs(tables))]) + "\n"


def _rules(tables: Sequence[ProtectedTable], reasons: dict[str, str]) -> list[str]:
    lines = ["| rule | cells hidden | why |", "|---|---:|---|"]
    for rule in (*RULES, *_REASONS):
        cells = sum(int((table.rules == rule).sum()) for table in tables)
        lines.append(f"| {rule} | {cells:,} | {reasons[rule]} |")
    return lines


def _tables(costs: pd.DataFrame) -> list[str]:
    lines = [f"| table | {' | '.join(_HEADS.values())} |", f"|---{'|---:' * len(_HEADS)}|"]
    for table, cost in costs.iterrows():
        numbers = [f"{cost[name]:,}" for name in _HEADS]
        share = cost["records_not_shown"] / max(cost["records"], 1)
        lines.append(f"| {table} | {' | '.join(numbers)} ({share:.1%}) |")
    return lines
