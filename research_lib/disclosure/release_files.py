"""Writing a release: its tables, policy, plan and labels, and the signed manifest with the digest of each file."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import CountedTable
from research_lib.disclosure.counted_release import CountedRelease
from research_lib.disclosure.linked.linked_tables import rounded
from research_lib.disclosure.released import MANIFEST, RELATIONS, SIGNATURE, VARIABLES, ReleaseError
from research_lib.disclosure.signatures import Key, public_part, sign
from research_lib.files.saving import save_file, sync_folder, writing
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO

DRAFT_PREFIX = ".release-"


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
        "tables": [
            {"name": each.name, "variables": each.variables, "keeps_missing_apart": each.keeps_missing_apart}
            for each in plan.tables
        ],
        "coarser": [each.as_json() for each in plan.coarser],
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(contents.items())},
        "public_key": public_part(key),
    }


def _json(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
