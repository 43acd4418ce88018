"""Building a release: count, suppress, round, write, audit what was written, and sign."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from research_lib.disclosure.case_counts import Progress, as_table, count, observed_values
from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release_files import (
    ManifestHead,
    ProtectedTable,
    draft_folder,
    finish_release,
    write_release,
)
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release, read_release
from research_lib.disclosure.signing import Key, new_key, public_part
from research_lib.disclosure.soundness import require_sound, require_within_retention, withhold_without_consent
from research_lib.disclosure.suppression.disclosure_audit import audit_cells
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.known_relations import (
    Relation,
    form_relations,
    nested_relations,
    relations_that_hold,
)
from research_lib.disclosure.suppression.protection import Protection, planned_tables, recount, values_ever
from research_lib.disclosure.suppression.table_joins import link_tables
from research_lib.disclosure.suppression_report import write_report
from research_lib.disclosure.variable_labels import form_values, labels_of
from research_lib.interviews.cases import Cases, for_release


@dataclass(frozen=True)
class _Protected:
    """The tables of a release, what it says of their variables, and the protection that audits them."""

    protection: Protection
    tables: Sequence[ProtectedTable]
    labels: Mapping[str, Any]
    relations: tuple[Relation, ...]


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
    is_synthetic = require_sound(cases, plan)
    require_within_retention(cases, date)
    made = _protect(cases, plan, policy, earlier=earlier, progress=progress)
    head = ManifestHead(date.isoformat(), is_synthetic, tuple(each.digest for each in earlier), key := key or new_key())
    with draft_folder(folder) as draft:
        write_release(draft, made.tables, head, plan=plan, policy=policy, labels=made.labels, relations=made.relations)
        written = read_release(draft, (draft / MANIFEST).read_bytes())
        made.protection.require_safe(written, str(folder), progress=progress)
        if report:
            write_report(report, made.tables, policy, is_synthetic=is_synthetic)
        finish_release(draft, folder, key)
    return open_release(folder, trusted=[public_part(key)])


def _protect(
    cases: Cases | pd.DataFrame | ibis.Table,
    plan: Plan,
    policy: Policy,
    *,
    earlier: Sequence[Released],
    progress: Progress,
) -> _Protected:
    """Count the planned tables and choose the cells to suppress; nothing is written."""
    records = for_release(cases).frame if isinstance(cases, Cases) else withhold_without_consent(cases, plan)
    source = as_table(records)
    known = form_values(cases, plan) if isinstance(cases, Cases) else {}
    values = {**observed_values(source, plan), **known}
    plan.check(policy, values, source.columns)
    counted = list(count(source, plan, values, progress=progress))
    form = relations_that_hold(form_relations(plan, cases.variables if isinstance(cases, Cases) else ()), records, plan)
    before, recounted = recount(source, plan, earlier, values)
    relations = (*form, *nested_relations(records, plan))
    protection = Protection(counted, Insiders(source, policy.coalition), relations, before, recounted)
    tables = protection.protect(plan, policy, progress=progress)
    return _Protected(protection, tables, labels_of(cases, values), form)


def audit(
    released: Released,
    *,
    earlier: Sequence[Released] = (),
    cases: Cases | pd.DataFrame | ibis.Table | None = None,
    relations: Sequence[Relation] | None = None,
    ends: bool = True,
) -> pd.DataFrame:
    """List what can be derived about each suppressed cell of a release.

    Gives cell, low, high and is_safe; see `audit_cells` for `ends`. Without `cases`: what follows from the published
    tables alone; nothing follows from `earlier` releases then, since counts can have grown or fallen. With the `cases`
    that the release counts: what follows for a reader who knows every shown count exactly, and how much each cell has
    changed since each earlier release. `relations` are those that follow from the form, unless others are given.
    """
    known = released.relations if relations is None else relations
    smallest = released.manifest["rules"]["smallest_interval"]
    if cases is None:
        return audit_cells(link_tables(released.for_audit(), known), smallest_interval=smallest, ends=ends)
    plan = Plan(planned_tables(released))
    source = as_table(for_release(cases).frame if isinstance(cases, Cases) else withhold_without_consent(cases, plan))
    values = values_ever(observed_values(source, plan), released.for_audit().tables)
    before, recounted = recount(source, plan, earlier, values)
    protection = Protection(list(count(source, plan, values)), Insiders(source, 1), known, before, recounted)
    return audit_cells(protection.seen_by_the_strongest(released), smallest_interval=smallest, ends=ends)
