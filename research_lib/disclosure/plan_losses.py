"""What a plan costs: how many cells each of its tables hides, for which tables, and what coarser codes would save."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pandas as pd

from research_lib.disclosure.case_counts import CountedTable, Progress, Records, count
from research_lib.disclosure.counted_release import CountedRelease, count_release
from research_lib.disclosure.earlier_releases import EarlierReleases
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.released import Released
from research_lib.disclosure.suppression.protection import NO_RULE, primary_suppression
from research_lib.disclosure.suppression_report import Coverage, markdown_row, suppression_report, table_costs
from research_lib.files.saving import save_file

_FEWEST_CODES = 3
_QUICK = """, at the least

QUICK AND WEAKER: here hidden counts are only kept from being known exactly. A release keeps each open by {} persons,
and hides more."""


@dataclass(frozen=True)
class InformationLoss:
    """What a release of a plan would hide.

    `tables`: one line for each; see `table_costs`. `coarser`: one line for each variable whose codes have an order in
    the plan, and that has three codes or more: the two neighbouring codes that save most when they are taken together,
    and how many cells, and records or persons, of all tables the rules hide before and after; companions come on top.
    `report`: all of it, as Markdown, with every cell. `coverage`: how much would be shown.
    """

    tables: pd.DataFrame
    coarser: pd.DataFrame
    report: str
    coverage: Coverage

    def save(self, path: Path) -> None:
        """Write the report; like the cases, it shows more than a release, and stays with the study."""
        save_file(path, self.report, private=True)


def information_loss(
    cases: Records,
    plan: Plan,
    policy: Policy,
    *,
    date: datetime.date,
    earlier: Sequence[Released] = (),
    history: Path | None = None,
    renamed: pd.DataFrame | None = None,
    quick: bool = False,
    progress: Progress = str,
) -> InformationLoss:
    """Count and protect the tables of a plan as a release on that day would, and write nothing.

    `quick`: find only what must be hidden so that no hidden count is known exactly, without the interval that a release
    promises; a release hides more. The other arguments are those of `build_release`. Raises what it raises.
    """
    usual, policy = policy, replace(policy, protection_interval=1) if quick else policy
    before = EarlierReleases.read(earlier, history, renamed)
    counted = count_release(cases, plan, policy, date=date, earlier=before, progress=progress)
    tables, _ = counted.protection.protect(plan, policy, progress=progress)
    savings = () if quick else _savings(counted, progress)
    coarser = pd.DataFrame(savings, columns=["variable", "codes", *_MEASURED])
    coarser = coarser.sort_values("cells_after", key=lambda after: after - coarser["cells_before"], kind="stable")
    title = "What a release of this plan would hide" + (_QUICK.format(usual.protection_interval) if quick else "")
    coarser = coarser.reset_index(drop=True)
    advice = "" if quick else f"\n{_as_markdown(coarser, plan.counts)}"
    text = suppression_report(title, counted, tables) + advice
    return InformationLoss(table_costs(tables), coarser, text, Coverage.of(tables, counted))


_MEASURED = ("cells_before", "cells_after", "records_before", "records_after")


def coarsened(plan: Plan, made: Recoding) -> Plan:
    """Give a plan whose tables have a coarser variable in place of the one that it is made of, to try an advice."""
    tables = tuple(
        replace(table, variables=tuple(made.name if name == made.of else name for name in table.variables))
        for table in plan.tables
    )
    sensitive = (*plan.sensitive, made.name) if made.of in plan.sensitive else plan.sensitive
    return replace(plan, tables=tables, sensitive=sensitive, coarser=(*plan.coarser, made))


def _savings(counted: CountedRelease, progress: Progress) -> Iterator[tuple[str | int, ...]]:
    """For each variable with an order the two neighbouring codes that save most cells."""
    now, plan = {each.plan.name: each for each in counted.protection.counted}, counted.plan
    for name in (each for each in plan.variables if len(plan.order.get(each, ())) >= _FEWEST_CODES):
        concerned = replace(plan, tables=tuple(each for each in plan.tables if name in each.variables))
        before = [_hidden_by_rules(now[each.name], counted) for each in concerned.tables]
        found = []
        for pair in pairwise(plan.order[name]):
            progress(f"{name}: {pair[0]} and {pair[1]} together")
            together = Recoding(name, name, {" + ".join(pair): pair})
            values = {**counted.values, name: together.values(counted.values[name])}
            tables = count(together.add_to(counted.records), concerned, values)
            found.append((pair, [_hidden_by_rules(each, counted) for each in tables]))
        best, after = min(found, key=lambda each: sum(cells for cells, _ in each[1]))
        sums = (sum(each[at] for each in measured) for at in (0, 1) for measured in (before, after))
        yield name, " + ".join(best), *sums


def _hidden_by_rules(table: CountedTable, release: CountedRelease) -> tuple[int, int]:
    """The number of cells, and of records, that the rules alone hide."""
    rules = primary_suppression(table, release.policy, release.plan.sensitive, one_source=release.one_source)
    return int((rules != NO_RULE).sum()), int(table.cells["records"][rules != NO_RULE].sum())


_NO_ORDER = """\
Nothing is suggested, since the plan names no order of codes: only codes that follow each other mean something together.
Write the order of a variable into the plan, with every code: [order], then age_band = ["18_24", "25_29", "30_over"].
"""


def _as_markdown(coarser: pd.DataFrame, counts: str) -> str:
    head = "## What coarser codes would save\n\n"
    if coarser.empty:
        return head + _NO_ORDER
    lines = [
        "For each variable, the two neighbouring codes that save most: what the rules hide in all its tables.",
        "Secondary suppression comes on top. Take codes together in the plan with [coarser.a_name], and try again.",
        "",
        markdown_row("variable", "codes taken together", "cells hidden now", "then", f"{counts} hidden now", "then"),
        "|---|---|---:|---:|---:|---:|",
    ]
    for variable, codes, *numbers in coarser[["variable", "codes", *_MEASURED]].itertuples(index=False):
        lines.append(markdown_row(variable, codes, *(f"{number:,}" for number in numbers)))
    return head + "\n".join(lines) + "\n"
