"""Building a release: count, suppress, round, write, audit what was written, and sign."""

import datetime
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research_lib.disclosure.auditing.disclosure_audit import AuditError, audit_cells, audit_whole_numbers
from research_lib.disclosure.auditing.earlier_counts import History
from research_lib.disclosure.case_counts import CountedTable, Progress, Records
from research_lib.disclosure.counted_release import CountedRelease, count_again, count_release, labels_of
from research_lib.disclosure.earlier_releases import EarlierNames, EarlierReleases
from research_lib.disclosure.linked.cell_bounds import rounded
from research_lib.disclosure.linked.structural_zeros import Relation
from research_lib.disclosure.linked.table_joins import link_tables
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.released import (
    MANIFEST,
    RELATIONS,
    SIGNATURE,
    VARIABLES,
    Released,
    ReleaseError,
    open_release,
    read_release,
)
from research_lib.disclosure.signatures import Key, new_key, public_part, sign
from research_lib.disclosure.suppression.intruders import ANYONE
from research_lib.disclosure.suppression_report import Coverage, eroded_cells, suppression_report
from research_lib.files.saving import save_file, sync_folder, writing
from research_lib.published_cells import HIDDEN, SHOWN, ZERO

DRAFT_PREFIX = ".release-"


class ErodedError(AuditError):
    """Earlier releases and known changes leave a hidden cell less open than promised; the release needs a yes."""


def build_release(
    cases: Records,
    plan: Plan,
    policy: Policy,
    folder: Path | str,
    *,
    date: datetime.date,
    earlier: Sequence[Released] = (),
    key: Key | None = None,
    report: Path | None = None,
    history: Path | str | None = None,
    renamed: pd.DataFrame | None = None,
    accept_eroded: Callable[[pd.DataFrame], object] | None = None,
    on_covered: Callable[[Coverage], object] | None = None,
    progress: Progress = str,
) -> Released:
    """Build a release of a study's cases into a folder that does not exist yet, and open it.

    `cases`: as `read_cases` gives them, or a table with the same columns, in memory or in a database that ibis reads.
    `earlier`: the earlier releases of the same study, the oldest first; they and the new one are protected together.
    `key`: the study's own. `report`: a file for what was suppressed, why, and at what cost; it stays with the study.
    `history`: the folder in which the study keeps what it counted at each release; without it, the audit leaves out
    what intruders knew at earlier ones. `renamed`: the study's table of renamed variables and codes, by which earlier
    releases are read. `accept_eroded`: called with the cells that earlier releases and known changes
    leave less open than promised, as `audit` gives them; without it such a release is refused. `on_covered`: called
    with how much is shown, before anything is written. `progress` is called with each step. Where one source sent all
    records of all releases and the policy has `sources` = 1, nothing is protected from this source, which has them.
    The release is audited before it is signed, as `audit` does it, and put in place whole at the end.
    Raises StudyError, PlanError, CountingError, RenamedError, AuditError, ErodedError, HistoryError, ReleaseError or
    SavingError; then nothing was released.
    """
    folder = Path(folder)
    if folder.exists():
        raise ReleaseError(f"{folder}: it exists already; a release is never changed, choose a new folder")
    key = key or new_key()
    before = EarlierReleases.read(earlier, history, renamed)
    counted = count_release(cases, plan, policy, date=date, earlier=before, progress=progress)
    tables, possible = counted.protection.protect(plan, policy, progress=progress)
    if on_covered:
        on_covered(Coverage.of(tables, counted))
    with draft_folder(folder) as draft:
        write_release(draft, counted, tables, labels=labels_of(cases, plan, counted.values), key=key)
        written = read_release(draft, (draft / MANIFEST).read_bytes())
        eroded = counted.protection.require_safe(written, str(folder), possible=possible, progress=progress)
        if len(eroded):
            _require_yes(eroded, accept_eroded, str(folder))
        if history:
            History(Path(history)).add(counted.protection.counts_behind(written))
        if report:
            text = suppression_report("What was hidden, why, and at what cost", counted, tables)
            save_file(report, f"{text}{eroded_cells(eroded)}", private=True)
        finish_release(draft, folder, key)
    return open_release(folder, trusted=[public_part(key)])


def _require_yes(eroded: pd.DataFrame, accept: Callable[[pd.DataFrame], object] | None, name: str) -> None:
    if accept is None:
        first = eroded.iloc[0]
        raise ErodedError(
            f"{name}: {len(eroded):,} hidden cells have eroded, such as {first['cell']}: who knows what has changed "
            f"since the earlier releases has it between {first['low']:,.0f} and {first['high']:,.0f} "
            f"({first['intruder']}). A new release cannot undo it and adds nothing to it. Nothing was released; say "
            "yes to it with --accept-eroded, or begin anew with --new-series"
        )
    accept(eroded)


def audit(
    released: Released,
    *,
    earlier: Sequence[Released] = (),
    cases: Records | None = None,
    history: Path | str | None = None,
    renamed: pd.DataFrame | None = None,
    relations: Sequence[Relation] | None = None,
    ends: bool = True,
    seconds_for_whole_numbers: float = 0,
) -> pd.DataFrame:
    """List what can be derived about each suppressed cell of a release.

    Without `cases`: what follows from the published tables alone; nothing follows from `earlier` releases then, since
    counts can have grown or fallen. With the `cases` that the release counts: what follows for an intruder who knows
    every shown count exactly, which hidden cells are not empty, and how much each cell has changed since each earlier
    release; and for each source, which also knows what it sent, unless the release says that one source sent all
    records (`Released.one_source`) and it has sent these. `history`: the folder with what was counted at earlier
    releases, for what these intruders knew then. `renamed`: the study's table of renamed variables and codes; the cells
    of an older release are named as they are today. `relations` are those that follow from the form, unless others are
    given. `seconds_for_whole_numbers`: how long to look for what an intruder derives who knows that counts have no
    fractions; see `audit_whole_numbers`.
    Gives cell, low, high and is_safe; see `audit_cells`, also for `ends`. With `cases` also `intruder`: the ends are
    those of anyone, but of a cell that is not safe those of the intruder who comes closest; and `has_eroded`: it is not
    safe, and earlier releases and known changes tell as much without this release. What `build_release` requires before
    it signs is what this gives.
    """
    smallest = released.manifest["rules"]["protection_interval"]
    protection = None
    if cases is None:
        told = released.relations if relations is None else relations
        tables = link_tables(released.published, told, **released.rounding)
    else:
        before = EarlierReleases.read(earlier, history, renamed)
        released = EarlierNames(released, before.renamed).today
        protection = count_again(released, cases, earlier=before, relations=relations)
        tables = protection.seen_by_the_attacker(released)
    if seconds_for_whole_numbers:
        found = audit_whole_numbers(tables, protection_interval=smallest, seconds=seconds_for_whole_numbers)
    else:
        found = audit_cells(tables, protection_interval=smallest, ends=ends)
    if protection is None:
        return found
    found, unsafe = found.assign(intruder=ANYONE, has_eroded=False), protection.unsafe(released)
    return pd.concat([found.drop(unsafe.index, errors="ignore"), unsafe.assign(is_safe=False)]).sort_index()


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """Give a draft folder to write a release into; it is removed at the end unless `finish_release` has moved it.

    Its name begins with a dot and it has no signature, so that a draft left by a crash is never opened.
    """
    with writing(folder, "nothing was released"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=DRAFT_PREFIX, ignore_cleanup_errors=True) as place:
            draft = Path(place) / folder.name
            (draft / "tables").mkdir(parents=True)
            yield draft


def write_release(
    draft: Path, release: CountedRelease, tables: Sequence[CountedTable], *, labels: Mapping[str, Any], key: Key
) -> None:
    """Write all files of a release except its signature, each synced to the disk; `tables`: with their rules.

    The weights of cells and their reasons stay with the study.
    """
    contents = {
        **{f"tables/{each.plan.name}.csv": _csv(each, release) for each in tables},
        "policy.toml": release.policy_as_told.to_toml(),
        "plan.toml": replace(release.plan, weights=()).to_toml(),
        VARIABLES: _json(labels),
        RELATIONS: _json([relation.as_json() for relation in release.relations]),
    }
    for name, text in {**contents, MANIFEST: _json(_manifest(contents, release, key))}.items():
        save_file(draft / name, text)


def finish_release(draft: Path, folder: Path, key: Key) -> None:
    """Sign an audited draft and move it to its place; raises ReleaseError where a release is there already."""
    save_file(draft / SIGNATURE, sign((draft / MANIFEST).read_bytes(), key) + "\n")
    try:
        draft.rename(folder)
    except OSError as error:
        raise ReleaseError(
            f"{folder}: the release cannot be moved there ({error.strerror}); nothing was released. See what is there, "
            "free space or check the rights, then try again"
        ) from error
    with writing(folder, "the release is there, whole, but the disk does not confirm it"):
        sync_folder(folder.parent)


def _csv(table: CountedTable, release: CountedRelease) -> str:
    records, is_hidden = table.cells["records"], table.is_hidden
    shown = pd.Series(rounded(records.to_numpy(), release.policy.rounding_base), dtype="Int64").mask(is_hidden)
    status = np.select([is_hidden, records == 0], [HIDDEN, ZERO], SHOWN)
    synthetic = {"is_synthetic": "yes"} if release.is_synthetic else {}
    frame = table.cells[list(table.plan.variables)].assign(count=shown, status=status, **synthetic)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _manifest(contents: Mapping[str, str], release: CountedRelease, key: Key) -> dict[str, Any]:
    plan, policy = release.plan, release.policy
    return {
        "format": 1,
        "date": release.date.isoformat(),
        "is_synthetic": release.is_synthetic,
        "earlier": release.earlier,
        "code_version": version("research-lib"),
        "rules": {item.name: getattr(policy, item.name) for item in fields(policy) if item.name != "reasons"},
        **({"one_source": True} if release.one_source else {}),
        "counts": plan.counts,
        "sensitive": plan.sensitive,
        "tables": [asdict(each) for each in plan.tables],
        "coarser": [asdict(each) for each in plan.coarser],
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(contents.items())},
        "public_key": public_part(key),
    }


def _json(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
