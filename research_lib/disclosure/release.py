"""Building a release: count, suppress, round, write, audit what was written, and sign."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import CountedTable, Progress, as_table, count, observed_values
from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release_files import (
    ManifestHead,
    ProtectedTable,
    draft_folder,
    finish_release,
    write_release,
)
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release, read_release, sides_of
from research_lib.disclosure.signing import Key, new_key, public_part
from research_lib.disclosure.soundness import require_sound, require_within_retention, withhold_without_consent
from research_lib.disclosure.suppression.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.known_relations import (
    Relation,
    form_relations,
    nested_relations,
    relations_that_hold,
)
from research_lib.disclosure.suppression.linked_tables import rounded
from research_lib.disclosure.suppression.primary_suppression import COMPANION, NO_RULE, primary_suppression
from research_lib.disclosure.suppression.published_tables import PublishedTable, ReleasedTables
from research_lib.disclosure.suppression.secondary_suppression import derivable_cells, suppress
from research_lib.disclosure.suppression.table_joins import CellLayout, known_to_be_empty, link_tables
from research_lib.disclosure.suppression_report import write_report
from research_lib.disclosure.variable_labels import form_values, labels_of
from research_lib.interviews.cases import Cases, for_release


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
    records = for_release(cases).frame if isinstance(cases, Cases) else withhold_without_consent(cases, plan)
    source = as_table(records)
    known = form_values(cases, plan) if isinstance(cases, Cases) else {}
    values = {**observed_values(source, plan), **known}
    plan.check(policy, values, source.columns)
    counted = list(count(source, plan, values, progress=progress))
    form = relations_that_hold(form_relations(plan, cases.variables if isinstance(cases, Cases) else ()), records, plan)
    relations = (*form, *nested_relations(records, plan))
    insiders = Insiders(source, policy.coalition)
    tables = _protect(counted, plan, policy, insiders=insiders, relations=relations, earlier=earlier, progress=progress)
    head = ManifestHead(date.isoformat(), is_synthetic, tuple(each.digest for each in earlier), key := key or new_key())
    with draft_folder(folder) as draft:
        write_release(draft, tables, head, plan=plan, policy=policy, labels=labels_of(cases, values), relations=form)
        _require_safe(
            read_release(draft, (draft / MANIFEST).read_bytes()),
            folder,
            insiders=insiders,
            relations=relations,
            earlier=earlier,
            progress=progress,
        )
        if report:
            write_report(report, tables, policy, is_synthetic=is_synthetic)
        finish_release(draft, folder, key)
    return open_release(folder, trusted=[public_part(key)])


def audit(
    released: Released,
    *,
    earlier: Sequence[Released] = (),
    relations: Sequence[Relation] | None = None,
    ends: bool = True,
) -> pd.DataFrame:
    """List what can be derived about each suppressed cell of a release, from it and earlier releases together.

    Gives cell, low, high and is_safe; see `audit_cells` for `ends`. Uses published data only; `relations` are those
    that follow from the form, unless others are given.
    """
    known = released.relations if relations is None else relations
    tables = link_tables([*(each.for_audit() for each in earlier), released.for_audit()], known)
    return audit_cells(tables, smallest_interval=released.manifest["rules"]["smallest_interval"], ends=ends)


def _require_safe(
    released: Released,
    folder: Path,
    *,
    insiders: Insiders,
    relations: Sequence[Relation],
    earlier: Sequence[Released],
    progress: Progress,
) -> None:
    """Audit the written files as an outsider and as each source could; raises AuditError where a cell is not safe."""
    layout = CellLayout((*(each.for_audit() for each in earlier), released.for_audit()), tuple(relations))
    tables = layout.linked_tables()
    suppressed = np.flatnonzero(tables.suppressed)
    progress(f"audit of {len(suppressed):,} suppressed cells")
    wanted = released.manifest["rules"]["smallest_interval"]
    found = derivable_cells(tables, insiders.readers(layout), among=suppressed, smallest_interval=wanted)
    if len(found):
        raise AuditError(f"{folder}: {tables.name(int(found[0]))} can be derived; nothing was released")


def _protect(
    counted: Sequence[CountedTable],
    plan: Plan,
    policy: Policy,
    *,
    insiders: Insiders,
    relations: Sequence[Relation],
    earlier: Sequence[Released],
    progress: Progress,
) -> list[ProtectedTable]:
    """Suppress cells, primary then secondary, in all tables and with all earlier releases together."""
    first = [
        primary_suppression(each, policy, plan.sensitive).mask(known_to_be_empty(_values(each), relations), NO_RULE)
        for each in counted
    ]
    tables = tuple(_published(each, rules, policy) for each, rules in zip(counted, first, strict=True))
    releases = (*(each.for_audit() for each in earlier), ReleasedTables(tables, policy.rounding_base, policy.persons))
    layout = CellLayout(releases, tuple(relations))
    try:
        protected = suppress(
            layout.linked_tables(),
            readers=insiders.readers(layout),
            smallest_interval=policy.smallest_interval,
            progress=progress,
        )
    except AuditError as error:
        _explain_removed_record(releases, earlier, relations, error)
        raise
    suppressed = [protected.suppressed[layout.cells_of(len(earlier), table)] for table in tables]
    return [
        ProtectedTable(each, rules.mask(cells & (rules == NO_RULE).to_numpy(), COMPANION))
        for each, rules, cells in zip(counted, first, suppressed, strict=True)
    ]


def _explain_removed_record(
    releases: Sequence[ReleasedTables], earlier: Sequence[Released], relations: Sequence[Relation], error: AuditError
) -> None:
    """Raise an AuditError that explains it where the audit fails because a record that was counted is removed."""
    *before, now = releases
    dates = [
        each.manifest["date"]
        for each, release in zip(earlier, before, strict=True)
        if _contradict([release, now], relations)
    ]
    if dates and not _contradict([now], relations):
        raise AuditError(
            f"somebody whom the release of {dates[-1]} counts is not counted in the same place any more: a record was "
            "removed (withdrawn consent, retention) or corrected after it. Earlier releases still count that person, "
            "and the two together could show who it is; nothing was released. Check that the record was meant to go "
            "(cases/purged.csv lists what was purged). Then release under a later date, when new cases have come in "
            "and no count is smaller than it was. Keep the earlier releases where they are"
        ) from error


def _contradict(releases: Sequence[ReleasedTables], relations: Sequence[Relation]) -> bool:
    try:
        audit_cells(link_tables(releases, relations), smallest_interval=1, ends=False)
    except AuditError:
        return True
    return False


def _published(counted: CountedTable, rules: pd.Series, policy: Policy) -> PublishedTable:
    shown = rounded(counted.cells["records"].to_numpy(), policy.rounding_base)
    return PublishedTable(counted.plan.name, _values(counted), shown, (rules != NO_RULE).to_numpy())


def _values(counted: CountedTable) -> dict[str, tuple[str, ...]]:
    planned = counted.plan
    sides = sides_of(planned.variables, keeps_missing_apart=planned.keeps_missing_apart)
    return {side: tuple(dict.fromkeys(counted.cells[name])) for side, name in sides.items()}
