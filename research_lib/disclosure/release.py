"""Building a release: count, suppress, round, write, audit what was written, and sign."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import ibis
import pandas as pd

from research_lib.disclosure import suppression_report
from research_lib.disclosure.auditing.disclosure_audit import audit_cells
from research_lib.disclosure.auditing.whole_numbers import audit_whole_numbers
from research_lib.disclosure.case_counts import Progress, as_table, count, observed_values
from research_lib.disclosure.counted_release import CountedRelease, count_release
from research_lib.disclosure.linked.known_relations import Relation, nested_relations
from research_lib.disclosure.linked.linked_tables import LinkedTables
from research_lib.disclosure.linked.table_joins import link_tables
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release_files import (
    ManifestHead,
    draft_folder,
    finish_release,
    write_release,
)
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release, read_release
from research_lib.disclosure.signatures.signing import Key, new_key, public_part
from research_lib.disclosure.soundness import records_to_count
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.protection import (
    Protected,
    Protection,
    dropped_tables,
    planned_tables,
    recount,
    values_ever,
)
from research_lib.disclosure.variable_labels import labels_of
from research_lib.files.saving import save_file
from research_lib.interviews.cases import Cases


def build_release(
    cases: Cases | pd.DataFrame | ibis.Table,
    plan: Plan,
    policy: Policy,
    folder: Path | str,
    *,
    date: datetime.date,
    earlier: Sequence[Released] = (),
    key: Key | None = None,
    report: Path | None = None,
    progress: Progress = str,
) -> Released:
    """Build a release of a study's cases into a folder that does not exist yet, and open it.

    `cases`: as `read_cases` gives them, or a table with the same columns, in memory or in a database that ibis reads.
    `earlier`: the earlier releases of the same study, the oldest first; they and the new one are protected together.
    `key`: the study's own. `report`: a file for what was suppressed, why, and at what cost; it stays with the study.
    `progress` is called with each step. The release is audited before it is signed, and put in place whole at the end.
    Raises StudyError, PlanError, CountingError, AuditError, ReleaseError or SavingError; then nothing was released.
    """
    folder = Path(folder)
    if folder.exists():
        raise ReleaseError(f"{folder}: it exists already; a release is never changed, choose a new folder")
    counted, protected = _protect(cases, plan, policy, date=date, earlier=earlier, progress=progress)
    key, digests = key or new_key(), tuple(each.digest for each in earlier)
    head = ManifestHead(date.isoformat(), counted.is_synthetic, digests, key)
    with draft_folder(folder) as draft:
        labels = labels_of(cases, plan, counted.values)
        tables, relations = protected.tables, counted.relations
        write_release(draft, tables, head, plan=plan, policy=policy, labels=labels, relations=relations)
        written = read_release(draft, (draft / MANIFEST).read_bytes())
        counted.protection.require_safe(written, str(folder), possible=protected.possible, progress=progress)
        if report:
            about = suppression_report.Reported(
                "What was hidden, why, and at what cost", plan, policy, counted.is_synthetic, counted.most_of_one
            )
            save_file(report, suppression_report.report(tables, about), private=True)
        finish_release(draft, folder, key)
    return open_release(folder, trusted=[public_part(key)])


def _protect(
    cases: Cases | pd.DataFrame | ibis.Table,
    plan: Plan,
    policy: Policy,
    *,
    date: datetime.date,
    earlier: Sequence[Released],
    progress: Progress,
) -> tuple[CountedRelease, Protected]:
    """Count the planned tables and choose the cells to suppress; nothing is written."""
    counted = count_release(cases, plan, policy, date=date, earlier=earlier, progress=progress)
    return counted, counted.protection.protect(plan, policy, progress=progress)


def audit(
    released: Released,
    *,
    earlier: Sequence[Released] = (),
    cases: Cases | pd.DataFrame | ibis.Table | None = None,
    relations: Sequence[Relation] | None = None,
    ends: bool = True,
    seconds_for_whole_numbers: float = 0,
) -> pd.DataFrame:
    """List what can be derived about each suppressed cell of a release.

    Without `cases`: what follows from the published tables alone; nothing follows from `earlier` releases then, since
    counts can have grown or fallen. With the `cases` that the release counts: what follows for a reader who knows every
    shown count exactly, and how much each cell has changed since each earlier release. `relations` are those that
    follow from the form, unless others are given. `seconds_for_whole_numbers`: how long to look for what a reader
    derives who knows that counts have no fractions; see `audit_whole_numbers`.
    Gives cell, low, high and is_safe; see `audit_cells`, also for `ends`.
    """
    known = released.relations if relations is None else relations
    smallest = released.manifest["rules"]["smallest_interval"]
    tables = _as_seen(released, earlier, cases, known)
    if seconds_for_whole_numbers:
        return audit_whole_numbers(tables, smallest_interval=smallest, seconds=seconds_for_whole_numbers)
    return audit_cells(tables, smallest_interval=smallest, ends=ends)


def _as_seen(
    released: Released,
    earlier: Sequence[Released],
    cases: Cases | pd.DataFrame | ibis.Table | None,
    known: Sequence[Relation],
) -> LinkedTables:
    if cases is None:
        return link_tables(released.for_audit(), known)
    plan = Plan(planned_tables(released), coarser=released.coarser, counts=released.counts)
    plan = plan.with_coarser(each for one in earlier for each in one.coarser)
    records = records_to_count(cases, plan)
    source, known = as_table(records), (*known, *nested_relations(records, plan))
    values = values_ever(observed_values(source, plan), released.for_audit().tables)
    before, recounted = recount(source, dropped_tables(plan, earlier, source.columns), earlier, values)
    protection = Protection(list(count(source, plan, values)), Insiders(source, 1), known, before, recounted)
    return protection.seen_by_the_attacker(released)
