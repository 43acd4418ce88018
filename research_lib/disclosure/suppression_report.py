"""The suppression report of a release, for the study only: what was hidden, why, and at what cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.disclosure.planning.plan import PERSONS, Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release_files import ProtectedTable
from research_lib.disclosure.suppression.primary_suppression import COMPANION, HIDDEN_BEFORE, RULES

_REASONS = {
    HIDDEN_BEFORE: (
        "An earlier release hides it. If it were shown, who knows the changes could derive the earlier count."
    ),
    COMPANION: "One of the cells that are hidden so that another one cannot be derived.",
}
_HEADS = {
    "cells": "cells",
    "hidden": "hidden",
    "by_rules": "by a rule",
    "for_own_cells": "to protect its own cells",
    "for_other_tables": "to protect other tables",
    "hidden_elsewhere": "hidden elsewhere to protect it",
}


def table_costs(tables: Sequence[ProtectedTable]) -> pd.DataFrame:
    """Give what each table hides, and what is hidden elsewhere because of it; the index is its name.

    cells; hidden; by_rules, of these by a rule of the policy or because an earlier release hides them; for_own_cells
    and for_other_tables: companions, by the table of the cell that each protects; hidden_elsewhere: companions in other
    tables that protect its cells; records, which are persons where the plan counts persons, and records_not_shown in
    its hidden cells.
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


@dataclass(frozen=True)
class Reported:
    """What a report is about: its title, the plan and the policy, and how many of what is counted one person has.

    `one_source`: one source sent all records, and is not protected against.
    """

    title: str
    plan: Plan
    policy: Policy
    is_synthetic: bool
    most_of_one: int
    one_source: bool = False


def report(tables: Sequence[ProtectedTable], about: Reported) -> str:
    """Give the report as Markdown, with every cell; it shows more than the release."""
    policy = about.policy.of_one_source() if about.one_source else about.policy
    reasons = {**Policy.read().reasons, **policy.reasons, **_REASONS}
    head = [f"# {about.title}", ""]
    head += ["SYNTHETIC: every record behind these tables was made by a program.", ""] if about.is_synthetic else []
    head += ["Keep this page with the study and its checkers: it shows more than the release.", "", _counted(about), ""]
    costs = _tables(table_costs(tables), about.plan.counts)
    cells = [line for table in tables for line in _cells(table)]
    return "\n".join([*head, *_rules(tables, reasons), "", *costs, "", *_weights(about.plan), *cells]) + "\n"


def _counted(about: Reported) -> str:
    """Say what is counted, and what the range of a hidden cell then means."""
    smallest = about.policy.smallest_interval
    if about.plan.counts == PERSONS:
        return "Persons are counted, each once, with the answers of the last record."
    if about.most_of_one == 1:
        return f"Records are counted. If several are of one person, a range of {smallest} records is fewer persons."
    fewest = -(-smallest // about.most_of_one)
    return (
        f"Records are counted, up to {about.most_of_one} of one person: a range of {smallest} records can be {fewest} "
        f'{"person" if fewest == 1 else "persons"}. Write counts = "persons" into the plan to protect persons.'
    )


def _weights(plan: Plan) -> list[str]:
    lines = [f"- {_escaped(str(each))}" for each in plan.weights]
    return ["## What the plan asks of single cells", "", *lines, ""] if lines else []


def _cells(table: ProtectedTable) -> list[str]:
    """Each cell of a table: shown, or hidden by which rule, or hidden to protect which cell."""
    variables, cells = list(table.counted.plan.variables), table.counted.cells
    protects = table.protects or ("",) * len(cells)
    lines = [f"## {table.counted.plan.name}", "", f"| {' | '.join(variables)} | cell | to protect |"]
    lines.append(f"|{'---|' * (len(variables) + 2)}")
    for values, rule, other in zip(cells[variables].itertuples(index=False), table.rules, protects, strict=True):
        said = f"hidden: {rule}" if rule else "shown"
        lines.append(
            f"| {' | '.join(map(_escaped, values))} | {said} | {_escaped(other if rule == COMPANION else '')} |"
        )
    return [*lines, ""]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _rules(tables: Sequence[ProtectedTable], reasons: dict[str, str]) -> list[str]:
    lines = ["| rule | cells hidden | why |", "|---|---:|---|"]
    for rule in (*RULES, *_REASONS):
        cells = sum(int((table.rules == rule).sum()) for table in tables)
        lines.append(f"| {rule} | {cells:,} | {reasons[rule]} |")
    return lines


def _tables(costs: pd.DataFrame, counts: str) -> list[str]:
    lines = [f"| table | {' | '.join(_HEADS.values())} | {counts} not shown |", f"|---{'|---:' * (len(_HEADS) + 1)}|"]
    for table, cost in costs.iterrows():
        numbers = [f"{cost[name]:,}" for name in _HEADS]
        share = cost["records_not_shown"] / max(cost["records"], 1)
        numbers.append(f"{cost['records_not_shown']:,} ({share:.1%})")
        lines.append(f"| {table} | {' | '.join(numbers)} |")
    return lines
