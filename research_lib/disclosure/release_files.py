"""Writing a release: its tables, policy, plan and labels, and the signed manifest with the digest of each file."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import CountedTable
from research_lib.disclosure.linked.known_relations import Relation
from research_lib.disclosure.linked.linked_tables import rounded
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.released import MANIFEST, RELATIONS, SIGNATURE, VARIABLES, ReleaseError
from research_lib.disclosure.signatures import Key, public_part, sign
from research_lib.disclosure.suppression.primary_suppression import NO_RULE
from research_lib.files.saving import save_file, sync_folder, writing
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO

DRAFT_PREFIX = ".release-"
NO_TABLE = -1


@dataclass(frozen=True)
class ProtectedTable:
    """One table, and for each cell the rule that suppresses it; empty where the cell is shown.

    `hidden_for`: for each companion, the number of the table that has the cell which it protects; else NO_TABLE.
    `protects`: for each companion, the name of the cell that it is hidden for; else empty.
    """

    counted: CountedTable
    rules: pd.Series
    hidden_for: np.ndarray
    protects: tuple[str, ...] = ()

    @property
    def suppressed(self) -> np.ndarray:
        """Which cells are suppressed."""
        return np.asarray(self.rules != NO_RULE)


@dataclass(frozen=True)
class ManifestHead:
    """The head of a manifest: its date, whether all data are synthetic, earlier releases, and the key that signs.

    `one_source`: one source sent all records, and is not protected against.
    """

    date: str
    is_synthetic: bool
    earlier: tuple[str, ...]
    key: Key
    one_source: bool = False


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """Give a draft folder to write a release into; it is removed at the end unless `finish_release` has moved it.

    Its name begins with a dot and it has no signature, so that a draft left by a crash is never opened.
    """
    beside = partial(tempfile.TemporaryDirectory, dir=folder.parent, prefix=DRAFT_PREFIX, ignore_cleanup_errors=True)
    with writing(folder, "nothing was released"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with beside() as place:
            draft = Path(place) / folder.name
            (draft / "tables").mkdir(parents=True)
            yield draft


def write_release(
    draft: Path,
    tables: Sequence[ProtectedTable],
    head: ManifestHead,
    *,
    plan: Plan,
    policy: Policy,
    labels: Mapping[str, Any],
    relations: Sequence[Relation],
) -> None:
    """Write all files of a release except its signature, each synced to the disk.

    The weights of cells and their reasons stay with the study.
    """
    contents = {
        **{f"tables/{each.counted.plan.name}.csv": _csv(each, head, policy) for each in tables},
        "policy.toml": (policy.of_one_source() if head.one_source else policy).to_toml(),
        "plan.toml": replace(plan, weights=()).to_toml(),
        VARIABLES: _json(labels),
        RELATIONS: _json([relation.as_json() for relation in relations]),
    }
    manifest = _json(_manifest(contents, head, plan, policy))
    for name, text in {**contents, MANIFEST: manifest}.items():
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


def _csv(table: ProtectedTable, head: ManifestHead, policy: Policy) -> str:
    cells = table.counted.cells
    shown = pd.Series(rounded(cells["records"].to_numpy(), policy.rounding_base), dtype="Int64").mask(table.suppressed)
    status = np.select([table.suppressed, cells["records"] == 0], [HIDDEN, ZERO], SHOWN)
    synthetic = {"is_synthetic": "yes"} if head.is_synthetic else {}
    frame = cells[list(table.counted.plan.variables)].assign(count=shown, status=status, **synthetic)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _manifest(contents: Mapping[str, str], head: ManifestHead, plan: Plan, policy: Policy) -> dict[str, Any]:
    return {
        "format": 1,
        "date": head.date,
        "is_synthetic": head.is_synthetic,
        "earlier": head.earlier,
        "code_version": version("research-lib"),
        "rules": {item.name: getattr(policy, item.name) for item in fields(policy) if item.name != "reasons"},
        **({"one_source": True} if head.one_source else {}),
        "counts": plan.counts,
        "sensitive": plan.sensitive,
        "tables": [
            {"name": each.name, "variables": each.variables, "keeps_missing_apart": each.keeps_missing_apart}
            for each in plan.tables
        ],
        "coarser": [each.as_json() for each in plan.coarser],
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(contents.items())},
        "public_key": public_part(head.key),
    }


def _json(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
