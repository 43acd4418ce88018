"""Building a release: count, hide, hide what gives it away, round, write, sign, and audit what was written."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import ibis
import pandas as pd

from research_lib.disclosure.case_counts import Counted, as_table, count, observed_values
from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release_files import Head, Protected, finish_release, unfinished, write_release
from research_lib.disclosure.released import (
    MANIFEST,
    Released,
    ReleaseError,
    open_release,
    read_release,
    sides_of,
)
from research_lib.disclosure.signing import Key, new_key, public_part
from research_lib.disclosure.soundness import require_kept, require_sound, without_the_unwilling
from research_lib.disclosure.suppression.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.suppression.known_relations import Relation, form_relations, nested_relations, that_hold
from research_lib.disclosure.suppression.linked_tables import rounded
from research_lib.disclosure.suppression.primary_suppression import COMPANION, NO_RULE, first_hidden
from research_lib.disclosure.suppression.secondary_suppression import suppress
from research_lib.disclosure.suppression.table_joins import Edition, Layout, Published, join, known_to_be_empty
from research_lib.disclosure.suppression_report import write_report
from research_lib.disclosure.variable_labels import values_of, words_of
from research_lib.interviews.cases import Cases, for_release
from research_lib.methods.published_cell_status import HIDDEN

Say = Callable[[str], object]


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
    say: Say = str,
) -> Released:
    """Build a release of a study's cases into a folder that does not exist yet, and open it.

    `cases`: as `read_cases` gives them, or a table with the same columns, in memory or in a database that ibis reads.
    `earlier`: what the same study has released before, the oldest first: nothing may follow from old and new together.
    `key`: the study's own. `report`: a file for what was hidden, why, and at what cost; it stays with the study.
    `say` hears of each step. The release is audited before it is signed, and takes its place at the very end, whole.
    Raises StudyError, PlanError, CountingError, AuditError, ReleaseError or SavingError; then nothing was released.
    """
    folder = Path(folder)
    if folder.exists():
        raise ReleaseError(f"{folder}: it exists already; a release is never changed, choose a new folder")
    is_synthetic = require_sound(cases, plan)
    require_kept(cases, date)
    records = for_release(cases).frame if isinstance(cases, Cases) else without_the_unwilling(cases, plan)
    source = as_table(records)
    known = values_of(cases, plan) if isinstance(cases, Cases) else {}
    values = {**observed_values(source, plan), **known}
    plan.check(policy, values, source.columns)
    counted = list(count(source, plan, values, say=say))
    told = that_hold(form_relations(plan, cases.variables if isinstance(cases, Cases) else ()), records, plan)
    relations = (*told, *nested_relations(records, plan))
    tables = _protect(counted, plan, policy, relations=relations, earlier=earlier, say=say)
    head = Head(date.isoformat(), is_synthetic, tuple(each.digest for each in earlier), key := key or new_key())
    with unfinished(folder) as made:
        write_release(made, tables, head, plan=plan, policy=policy, words=words_of(cases, values), relations=told)
        _require_safe(
            read_release(made, (made / MANIFEST).read_bytes()), folder, relations=relations, earlier=earlier, say=say
        )
        if report:
            write_report(report, tables, policy, is_synthetic=is_synthetic)
        finish_release(made, folder, key)
    return open_release(folder, trusted=[public_part(key)])


def audit(
    released: Released,
    *,
    earlier: Sequence[Released] = (),
    relations: Sequence[Relation] | None = None,
    ends: bool = True,
) -> pd.DataFrame:
    """Say of each hidden cell of a release what can be derived about it, from it and earlier ones together.

    Gives cell, low, high and is_safe; see `audit_cells` for `ends`. Needs nothing but what is published; `relations`
    are those that the form tells, unless others are given.
    """
    known = released.relations if relations is None else relations
    linked = join([*(each.edition() for each in earlier), released.edition()], known)
    return audit_cells(linked, smallest_interval=released.manifest["rules"]["smallest_interval"], ends=ends)


def _require_safe(
    released: Released, folder: Path, *, relations: Sequence[Relation], earlier: Sequence[Released], say: Say
) -> None:
    """Audit what was written, as an attacker would read it; raises AuditError where a cell is not safe."""
    hidden = sum((table["status"] == HIDDEN).sum() for table in released.tables.values())
    say(f"audit of {hidden:,} hidden cells")
    found = audit(released, earlier=earlier, relations=relations, ends=False)
    if not found["is_safe"].all():
        raise AuditError(
            f"{folder}: {found.loc[~found['is_safe'], 'cell'].iloc[0]} can be derived; nothing was released"
        )


def _protect(
    counted: Sequence[Counted],
    plan: Plan,
    policy: Policy,
    *,
    relations: Sequence[Relation],
    earlier: Sequence[Released],
    say: Say,
) -> list[Protected]:
    """Hide what the rules hide, and what gives it away, in all tables and earlier releases together."""
    first = [first_hidden(each, policy, plan.sensitive) for each in counted]
    first = [
        rules.mask(known_to_be_empty(_values(each), relations), NO_RULE)
        for each, rules in zip(counted, first, strict=True)
    ]
    tables = tuple(_published(each, rules, policy) for each, rules in zip(counted, first, strict=True))
    editions = (*(each.edition() for each in earlier), Edition(tables, policy.rounding_base, policy.persons))
    layout = Layout(editions, tuple(relations))
    try:
        linked = suppress(layout.linked(), smallest_interval=policy.smallest_interval, say=say)
    except AuditError as error:
        _require_nobody_gone(editions, earlier, relations, error)
        raise
    hidden = [linked.hidden[layout.cells_of(len(earlier), table)] for table in tables]
    return [
        Protected(each, rules.mask(unseen & (rules == NO_RULE).to_numpy(), COMPANION))
        for each, rules, unseen in zip(counted, first, hidden, strict=True)
    ]


def _require_nobody_gone(
    editions: Sequence[Edition], earlier: Sequence[Released], relations: Sequence[Relation], error: AuditError
) -> None:
    """Raise AuditError in clear words where the audit failed because somebody is missing who was counted before."""
    *before, now = editions
    gone = [
        each.manifest["date"]
        for each, edition in zip(earlier, before, strict=True)
        if _contradict([edition, now], relations)
    ]
    if gone and not _contradict([now], relations):
        raise AuditError(
            f"somebody whom the release of {gone[-1]} counts is not counted in the same place any more: a record was "
            "removed (withdrawn consent, retention) or corrected after it. Earlier releases still count that person, "
            "and the two together could show who it is; nothing was released. Check that the record was meant to go "
            "(cases/purged.csv lists what was purged). Then release under a later date, when new cases have come in "
            "and no count is smaller than it was. Keep the earlier releases where they are"
        ) from error


def _contradict(editions: Sequence[Edition], relations: Sequence[Relation]) -> bool:
    try:
        audit_cells(join(editions, relations), smallest_interval=1, ends=False)
    except AuditError:
        return True
    return False


def _published(counted: Counted, rules: pd.Series, policy: Policy) -> Published:
    shown = rounded(counted.cells["records"].to_numpy(), policy.rounding_base)
    return Published(counted.plan.name, _values(counted), shown, (rules != NO_RULE).to_numpy())


def _values(counted: Counted) -> dict[str, tuple[str, ...]]:
    planned = counted.plan
    sides = sides_of(planned.variables, keeps_missing_apart=planned.keeps_missing_apart)
    return {side: tuple(dict.fromkeys(counted.cells[name])) for side, name in sides.items()}
