"""What a release hides and shows: the suppression report, which stays with the study, and how much is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import CountedTable
from research_lib.disclosure.counted_release import CountedRelease
from research_lib.disclosure.planning.plan import PERSONS
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.suppression.protection import COMPANION, HIDDEN_BEFORE, RULES
from research_lib.missing_answers import UNANSWERED

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
_LITTLE = 10
_COARSER = "take codes together in the plan with [coarser.a_name], or take out tables with many codes"
_WHAT_TO_DO = {
    "persons": f"fewer than {{value}} persons stand behind each of their cells: {_COARSER}",
    "sources": f"fewer than {{value}} sources sent records of each of their cells: {_COARSER}",
    "persons_of_others": f"one source sent nearly all of each of their cells: {_COARSER}",
    "top_two_share": f"two sources sent nearly all of each of their cells: {_COARSER}",
    "p_percent": f"two sources sent nearly all of each of their cells: {_COARSER}",
    "distinct_values": (
        "a whole group answered alike, or nobody in it gave an answer: take questions out of sensitive in the plan, if "
        "everybody may know their answers"
    ),
    HIDDEN_BEFORE: "an earlier release hides them, and a later one keeps to it",
    COMPANION: "they are hidden so that others cannot be derived: plan fewer tables, or coarser codes",
}


def table_costs(tables: Sequence[CountedTable]) -> pd.DataFrame:
    """Give what each table hides, and what is hidden elsewhere because of it; the index is its name.

    cells; hidden; by_rules, of these by a rule of the policy or because an earlier release hides them; for_own_cells
    and for_other_tables: companions, by the table of the cell that each protects; hidden_elsewhere: companions in other
    tables that protect its cells; records, which are persons where the plan counts persons, and records_not_shown in
    its hidden cells.
    """
    hidden_for = [each.why["hidden_for"][each.why["rule"] == COMPANION] for each in tables]
    lines = []
    for number, (each, companions) in enumerate(zip(tables, hidden_for, strict=True)):
        records, hidden, own = each.cells["records"], int(each.is_hidden.sum()), int((companions == number).sum())
        lines.append(
            {
                **{"cells": len(records), "hidden": hidden, "by_rules": hidden - len(companions), "for_own_cells": own},
                "for_other_tables": len(companions) - own,
                "hidden_elsewhere": sum(int((others == number).sum()) for others in hidden_for) - own,
                **{"records": int(records.sum()), "records_not_shown": int(records[each.is_hidden].sum())},
            }
        )
    return pd.DataFrame(lines, pd.Index([each.plan.name for each in tables], name="table"))


def suppression_report(title: str, release: CountedRelease, tables: Sequence[CountedTable]) -> str:
    """Give the report as Markdown, with every cell; it shows more than the release."""
    reasons = {**Policy.read().reasons, **release.policy_as_told.reasons, **_REASONS}
    lines = [f"# {title}", ""]
    lines += ["SYNTHETIC: every record behind these tables was made by a program.", ""] if release.is_synthetic else []
    lines += ["Keep this page with the study and its checkers: it shows more than the release.", ""]
    lines += [_counted(release), "", markdown_row("rule", "cells hidden", "why"), "|---|---:|---|"]
    rules = pd.concat([table.why["rule"] for table in tables])
    for rule in (*RULES, *_REASONS):
        lines.append(markdown_row(rule, f"{(rules == rule).sum():,}", reasons[rule]))
    lines += ["", *_tables(table_costs(tables), release.plan.counts), ""]
    if wishes := [f"- {_escaped(str(each))}" for each in release.plan.weights]:
        lines += ["## What the plan asks of single cells", "", *wishes, ""]
    return "\n".join([*lines, *(line for table in tables for line in _cells(table))]) + "\n"


def markdown_row(*cells: str) -> str:
    """Give a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def _counted(release: CountedRelease) -> str:
    """Say what is counted, and what the range of a hidden cell then means."""
    smallest, most = release.policy.protection_interval, release.most_of_one
    if release.plan.counts == PERSONS:
        return "Persons are counted, each once, with the answers of the last record."
    if most == 1:
        return f"Records are counted. If several are of one person, a range of {smallest} records is fewer persons."
    fewest = -(-smallest // most)
    return (
        f"Records are counted, up to {most} of one person: a range of {smallest} records can be {fewest} "
        f'{"person" if fewest == 1 else "persons"}. Write counts = "persons" into the plan to protect persons.'
    )


def _cells(table: CountedTable) -> list[str]:
    """Each cell of a table: shown, or hidden by which rule, or hidden to protect which cell."""
    variables = table.plan.variables
    lines = [f"## {table.plan.name}", "", markdown_row(*variables, "cell", "to protect")]
    lines.append(f"|{'---|' * (len(variables) + 2)}")
    cells = table.cells[list(variables)].itertuples(index=False)
    for values, rule, other in zip(cells, table.why["rule"], table.why["protects"], strict=True):
        protects = _escaped(other) if rule == COMPANION else ""
        lines.append(markdown_row(*map(_escaped, values), f"hidden: {rule}" if rule else "shown", protects))
    return [*lines, ""]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _tables(costs: pd.DataFrame, counts: str) -> list[str]:
    lines = [markdown_row("table", *_HEADS.values(), f"{counts} not shown"), f"|---{'|---:' * (len(_HEADS) + 1)}|"]
    for table, cost in costs.iterrows():
        share = cost["records_not_shown"] / max(cost["records"], 1)
        numbers = [f"{cost[name]:,}" for name in _HEADS]
        lines.append(markdown_row(str(table), *numbers, f"{cost['records_not_shown']:,} ({share:.1%})"))
    return lines


@dataclass(frozen=True)
class Coverage:
    """How many cells with records a release shows, and how many records, or persons, stand in them.

    Each is counted once in every table. `answers_shown`: the shown cells of answers, not of missing ones. `hidden_by`:
    how many each rule hides. `sources`: how many sent records.
    """

    unit: str
    tables: int
    cells: int
    cells_shown: int
    answers_shown: int
    records: int
    records_shown: int
    hidden_by: Mapping[str, int]
    policy: Policy
    sources: int
    one_source: bool

    @classmethod
    def of(cls, tables: Sequence[CountedTable], release: CountedRelease) -> Self:
        """Count what protected tables show."""
        every = pd.concat(
            each.why[["rule"]].assign(records=each.cells["records"], is_answer=_are_answers(each)) for each in tables
        )
        some, shown = every[every["records"] > 0], every[every["rule"] == ""]
        hidden_by = every[every["rule"] != ""].groupby("rule")["records"].sum().to_dict()
        held = shown["records"] > 0
        cells = (len(some), int(held.sum()), int((held & shown["is_answer"]).sum()))
        records = (int(every["records"].sum()), int(shown["records"].sum()))
        contributors = release.protection.contributors
        sources = (len(contributors.sources), contributors.one_source)
        return cls(release.plan.counts, len(tables), *cells, *records, hidden_by, release.policy, *sources)

    @property
    def sentence(self) -> str:
        """Say how much is shown."""
        each = self.records // max(self.tables, 1)
        share = self.records_shown / max(self.records, 1)
        missing = self.cells_shown - self.answers_shown
        without = f" ({missing:,} of them without an answer)" if missing else ""
        return (
            f"shown: {self.cells_shown:,} of {self.cells:,} cells with {self.unit}{without}, in {self.tables:,} tables "
            f"of {each:,} {self.unit}; in the mean of the tables {share:.0%} of the {self.unit} stand in shown cells"
        )

    @property
    def advice(self) -> str:
        """Say which rule hides most and what to do; empty where a tenth of the cells and of the records is shown."""
        if self.cells_shown and not self.answers_shown:
            return (
                f"no answer is shown, only {self.unit} without one: each answer of who has not agreed to "
                "published_tables is withheld; say in instruments/mapping.toml what the consent covers (consent_scope)"
            )
        if _LITTLE * self.cells_shown >= self.cells and _LITTLE * self.records_shown >= self.records:
            return ""
        if too_few := few_sources(self.sources, self.policy, one_source=self.one_source):
            return too_few
        rule, number = max(self.hidden_by.items(), key=lambda each: each[1])
        reason = _WHAT_TO_DO[rule].format(value=getattr(self.policy, rule, ""))
        return f"most is hidden by the rule {rule} ({number / max(self.records, 1):.0%} of the {self.unit}): {reason}"


def _are_answers(table: CountedTable) -> np.ndarray:
    """Which cells of a table have an answer, or a country, in each of its variables."""
    return np.asarray(~table.cells[list(table.plan.variables)].isin(UNANSWERED).any(axis=1), dtype=bool)


def few_sources(sources: int, policy: Policy, *, one_source: bool = False) -> str:
    """Say why all is hidden where fewer sources sent records than the policy asks, and what to do; else empty."""
    mapping = "say in instruments/mapping.toml which question names the organisation or the place they come from"
    if sources == 1 and policy.sources == 1 and not one_source:
        return (
            "all records have one source_id, and release/policy.toml has [sources] value = 1; but earlier releases of "
            "the series are not known to be of this source alone, so that all is hidden. Begin anew with --new-series, "
            "if the earlier ones need not bind any more"
        )
    if sources == 1 and policy.sources > 1:
        return (
            f"all records have one source_id, and the rule sources = {policy.sources} hides every cell: {mapping}; or, "
            "if one organisation collected all, set [sources] value = 1 in release/policy.toml, with this as its "
            "reason (the tables then are protected from everybody but this organisation, which has the records)"
        )
    if sources < policy.sources:
        return (
            f"all records have one of {sources} source_ids, and the rule sources = {policy.sources} hides every cell: "
            f"{mapping}, or lower [sources] in release/policy.toml, with a reason"
        )
    return ""


def eroded_cells(eroded: pd.DataFrame) -> str:
    """Give the cells that have eroded as a part of the report, in Markdown; nothing where there are none."""
    if not len(eroded):
        return ""
    lines = [
        "",
        "## Cells that have eroded",
        "",
        "Earlier releases hide these cells. Who knows which of them were not empty then, and what has changed since,",
        "has them as close as this; the release adds nothing to it.",
        "",
        "| cell | from | to | to whom |",
        "|---|---:|---:|---|",
    ]
    rows = eroded[["cell", "low", "high", "intruder"]].itertuples(index=False)
    lines += [
        f"| {cell.replace('|', '·')} | {low:,.0f} | {high:,.0f} | {intruder} |" for cell, low, high, intruder in rows
    ]
    return "\n".join(lines) + "\n"
