"""Writing a release: its tables, rules and words, and the signed manifest that names the digest of each."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import Counted
from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.released import (
    MANIFEST,
    RELATIONS,
    SIGNATURE,
    VARIABLES,
    ReleaseError,
)
from research_lib.disclosure.signing import Key, public_part, sign
from research_lib.disclosure.suppression.known_relations import Relation
from research_lib.disclosure.suppression.linked_tables import rounded
from research_lib.disclosure.suppression.primary_suppression import NO_RULE
from research_lib.files.saving import save_file, sync_folder
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO

UNFINISHED = ".release-"


@dataclass(frozen=True)
class Protected:
    """One table with, for each cell, the rule that hid it; empty where it is shown."""

    counted: Counted
    rules: pd.Series

    @property
    def hidden(self) -> np.ndarray:
        """Which cells are hidden."""
        hidden: np.ndarray = (self.rules != NO_RULE).to_numpy()
        return hidden


@dataclass(frozen=True)
class Head:
    """What a manifest begins with: its date, whether all is synthetic, earlier releases; and who signs."""

    date: str
    is_synthetic: bool
    earlier: tuple[str, ...]
    key: Key


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Give a folder beside the one of a release, to write into; it is gone at the end unless it was finished.

    Its name begins with a dot and it has no signature, so that what is left of it after a crash is never opened.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=UNFINISHED) as beside:
        made = Path(beside) / folder.name
        (made / "tables").mkdir(parents=True)
        yield made


def write_release(
    made: Path,
    tables: Sequence[Protected],
    head: Head,
    *,
    plan: Plan,
    policy: Policy,
    words: Mapping[str, Any],
    relations: Sequence[Relation],
) -> None:
    """Write all files of a release but its signature, each safely on the disk."""
    contents = {
        **{f"tables/{each.counted.plan.name}.csv": _csv(each, head, policy) for each in tables},
        "policy.toml": policy.to_toml(),
        "plan.toml": plan.to_toml(),
        VARIABLES: _json(words),
        RELATIONS: _json([relation.as_json() for relation in relations]),
    }
    manifest = _json(_manifest(contents, head, plan, policy))
    for name, text in {**contents, MANIFEST: manifest}.items():
        save_file(made / name, text)


def finish_release(made: Path, folder: Path, key: Key) -> None:
    """Sign a release that has passed its audit, and put it in its place; raises ReleaseError where one is there."""
    save_file(made / SIGNATURE, sign((made / MANIFEST).read_bytes(), key) + "\n")
    try:
        made.rename(folder)
    except OSError as error:
        raise ReleaseError(f"{folder}: it cannot take its place ({error.strerror}); nothing was released") from error
    sync_folder(folder.parent)


def _csv(table: Protected, head: Head, policy: Policy) -> str:
    cells = table.counted.cells
    shown = pd.Series(rounded(cells["records"].to_numpy(), policy.rounding_base), dtype="Int64").mask(table.hidden)
    status = np.select([table.hidden, cells["records"] == 0], [HIDDEN, ZERO], SHOWN)
    synthetic = {"is_synthetic": "yes"} if head.is_synthetic else {}
    frame = cells[list(table.counted.plan.variables)].assign(count=shown, status=status, **synthetic)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _manifest(contents: Mapping[str, str], head: Head, plan: Plan, policy: Policy) -> dict[str, Any]:
    return {
        "format": 1,
        "date": head.date,
        "is_synthetic": head.is_synthetic,
        "earlier": head.earlier,
        "code_version": version("research-lib"),
        "rules": {item.name: getattr(policy, item.name) for item in fields(policy) if item.name != "reasons"},
        "sensitive": plan.sensitive,
        "tables": [
            {"name": each.name, "variables": each.variables, "keeps_missing_apart": each.keeps_missing_apart}
            for each in plan.tables
        ],
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(contents.items())},
        "public_key": public_part(head.key),
    }


def _json(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
