"""The suppression report of a release, for the study only: what was hidden, why, and at what cost."""

from collections.abc import Sequence
from pathlib import Path

from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release_files import ProtectedTable
from research_lib.disclosure.suppression.primary_suppression import COMPANION, HIDDEN_BEFORE, RULES
from research_lib.files.saving import save_file

_REASONS = {
    HIDDEN_BEFORE: (
        "An earlier release hides it. If it were shown, who knows the changes could derive the earlier count."
    ),
    COMPANION: "Hidden to protect another cell: if it were shown, a hidden cell beside it could be derived.",
}


def write_report(path: Path, tables: Sequence[ProtectedTable], policy: Policy, *, is_synthetic: bool) -> None:
    """Write the report as Markdown; it shows more than the release, and stays with the study."""
    reasons = {**Policy.read().reasons, **policy.reasons, **_REASONS}
    head = ["# What was hidden, why, and at what cost", ""]
    head += ["SYNTHETIC: every record behind these tables was made by a program.", ""] if is_synthetic else []
    head += ["Keep this page with the study: it shows more than the release.", ""]
    save_file(path, "\n".join([*head, *_rules(tables, reasons), "", *_tables(tables)]) + "\n", private=True)


def _rules(tables: Sequence[ProtectedTable], reasons: dict[str, str]) -> list[str]:
    lines = ["| rule | cells hidden | why |", "|---|---:|---|"]
    for rule in (*RULES, *_REASONS):
        cells = sum(int((table.rules == rule).sum()) for table in tables)
        lines.append(f"| {rule} | {cells:,} | {reasons[rule]} |")
    return lines


def _tables(tables: Sequence[ProtectedTable]) -> list[str]:
    lines = ["| table | cells | hidden | to protect another cell | records not shown |", "|---|---:|---:|---:|---:|"]
    for table in tables:
        records = table.counted.cells["records"]
        not_shown, every = int(records[table.suppressed].sum()), max(int(records.sum()), 1)
        beside = int((table.rules == COMPANION).sum())
        lines.append(
            f"| {table.counted.plan.name} | {len(records):,} | {table.suppressed.sum():,} | {beside:,} "
            f"| {not_shown:,} ({not_shown / every:.1%}) |"
        )
    return lines
