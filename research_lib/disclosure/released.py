"""A published release: protected tables, opened from a folder whose every byte is checked."""

import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.disclosure.linked.cell_bounds import PublishedTable
from research_lib.disclosure.linked.structural_zeros import Relation, relations_from_json
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import PERSONS, RECORDS, PlannedTable
from research_lib.disclosure.signatures import (
    CHECKED,
    CHECKERS,
    TRUSTED_KEYS,
    Check,
    SignatureError,
    TrustedKey,
    find_trusted,
    read_check,
    read_trusted_keys,
    require_checker,
    verify,
)
from research_lib.errors import ResearchError
from research_lib.files.opening import MB, UnreadableFileError, read_bytes
from research_lib.files.toml_files import parse_toml
from research_lib.published_cells import HIDDEN

MANIFEST, SIGNATURE, VARIABLES, RELATIONS = "manifest.json", "manifest.sig", "variables.json", "relations.json"
POLICY, TABLES = "policy.toml", "tables"
LARGEST = 1024 * MB
_OPENED = object()
_RENAMED = {"smallest_interval": "protection_interval"}  # rules that older releases name otherwise
_NOT_AS_SIGNED = "this is not the manifest as it was signed; ask for a new copy"


class ReleaseError(ResearchError):
    """A release cannot be built, or a folder is not a release as it was signed."""


@dataclass(frozen=True)
class Released:
    """The tables of one release, the only form in which pages show records of a study.

    `tables`: by name, one column for each variable, then `count`, which is rounded, and missing where it is suppressed,
    and `status`: shown, hidden (suppressed) or zero. `manifest`: date, rules, tables and their digests. `variables`:
    the labels of each variable and value. `relations`: pairs of answers that the form excludes. `reasons`: the reason
    of each rule. `check`: who has checked it, if anybody. Only `open_release` makes one.
    """

    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any]
    variables: Mapping[str, Any]
    relations: tuple[Relation, ...]
    digest: str
    check: Check | None = None
    reasons: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    opened: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.opened is not _OPENED:
            raise ReleaseError("a release is opened from its folder, by open_release; nothing else may be shown")

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether a program made the records, as every row of every table states."""
        return all(is_marked_synthetic(table) for table in self.tables.values())

    @property
    def coarser(self) -> tuple[Recoding, ...]:
        """The variables that its plan made coarser; a release from before this was possible has none."""
        return tuple(
            Recoding(each["name"], each["of"], {code: tuple(every) for code, every in each["codes"].items()})
            for each in self.manifest.get("coarser", [])
        )

    @property
    def counts(self) -> str:
        """What its tables count: persons, or records, as every release did from before a plan could say so."""
        counts = self.manifest.get("counts", RECORDS)
        if counts not in (RECORDS, PERSONS):
            raise ValueError(f"{counts!r:.60} is not counted; there are records and persons")
        return str(counts)

    @property
    def one_source(self) -> bool:
        """Whether one source sent all records, as its rule `sources` = 1 says: then it is not protected against."""
        return self.manifest.get("one_source") is True and self.manifest["rules"]["sources"] == 1

    @cached_property
    def planned(self) -> tuple[PlannedTable, ...]:
        """Its tables as its plan named them."""
        return tuple(
            PlannedTable(each["name"], tuple(each["variables"]), each["keeps_missing_apart"])
            for each in self.manifest["tables"]
        )

    @cached_property
    def published(self) -> tuple[PublishedTable, ...]:
        """Its tables as the audit needs them: shown counts and suppressed cells."""
        return tuple(_published(each, self.tables[each.name]) for each in self.planned)

    @property
    def rounding(self) -> dict[str, int]:
        """What is known of a shown count: the base of its rounding, and the fewest persons that it stands for."""
        rules = self.manifest["rules"]
        return {"base": rules["rounding_base"], "persons": rules["persons"]}


def _published(planned: PlannedTable, frame: pd.DataFrame) -> PublishedTable:
    values = {side: tuple(dict.fromkeys(frame[name])) for side, name in planned.sides.items()}
    shown = frame["count"].fillna(0).to_numpy(dtype="int64")
    return PublishedTable(planned.name, values, shown, (frame["status"] == HIDDEN).to_numpy())


def open_release(folder: Path | str, *, trusted: Iterable[TrustedKey | str] | None = None) -> Released:
    """Open a release; check who signed it, the signature, and every file.

    `trusted`: the public keys whose releases are opened; by default those in `release/trusted_keys.toml` of the study
    whose folder `released/` holds the release. Raises TrustError, with the signer's fingerprint, where the key is not
    among them, or where the study has checkers and none of them has signed the release; ReleaseError, naming the file,
    where a byte differs, a file is missing, or there is one too many.
    """
    folder = Path(folder)
    if folder.name.startswith("."):
        raise ReleaseError(f"{folder}: a release that was never finished; remove it, and release again")
    if folder.is_symlink():
        raise ReleaseError(f"{folder}: it is a link, not a release; put the release itself there")
    text, signature = (_bytes(folder / name) for name in (MANIFEST, SIGNATURE))
    manifest = _manifest(text, folder / MANIFEST)
    given = read_trusted_keys(_study(folder) / TRUSTED_KEYS) if trusted is None else trusted
    keys = [key if isinstance(key, TrustedKey) else TrustedKey(key) for key in given]
    signer = find_trusted(keys, manifest.get("public_key"), str(folder / MANIFEST))
    try:
        verify(text, _signature(signature), signer.public_key, str(folder / MANIFEST))
    except (ValueError, SignatureError) as error:
        raise ReleaseError(f"{folder / MANIFEST}: {_NOT_AS_SIGNED}") from error
    released = read_release(folder, text)
    if signer.synthetic and not released.is_synthetic:
        raise ReleaseError(f"{folder}: its key signs synthetic data only, but its manifest states real data; remove it")
    if trusted is None:
        require_checker(released.check, read_trusted_keys(_study(folder) / CHECKERS), str(folder))
    return released


def read_release(folder: Path, text: bytes) -> Released:
    """Read the tables of a release and check them against its manifest; the signature is not checked."""
    manifest = _manifest(text, folder / MANIFEST)
    try:
        released = _read(folder, manifest, hashlib.sha256(text).hexdigest())
        _ = released.published, released.rounding, released.coarser, released.counts, released.one_source
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        reason = f"it does not describe a release ({error!r}); ask for a new copy"
        raise ReleaseError(f"{folder / MANIFEST}: {reason}") from error
    return released


def is_marked_synthetic(table: pd.DataFrame) -> bool:
    """Whether every row of a table states that its records are synthetic."""
    return "is_synthetic" in table and bool((table["is_synthetic"] == "yes").all())


def _read(folder: Path, manifest: Mapping[str, Any], digest: str) -> Released:
    files = manifest["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    if strange := sorted(there - files.keys() - {MANIFEST, SIGNATURE, CHECKED, TABLES}):
        raise ReleaseError(f"{folder / strange[0]}: this file is not part of the release; remove it")
    if links := sorted(name for name in there if (folder / name).is_symlink()):
        raise ReleaseError(f"{folder / links[0]}: it is a link, not a file of the release; remove it")
    contents = {name: _bytes(folder / name) for name in files}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != files[name]:
            raise ReleaseError(f"{folder / name}: it is not as it was released; ask for a new copy")
    tables = {entry["name"]: _table(contents[f"tables/{entry['name']}.csv"]) for entry in manifest["tables"]}
    if {is_marked_synthetic(table) for table in tables.values()} != {manifest["is_synthetic"]}:
        raise ReleaseError(f"{folder}: its tables and its manifest differ on whether the data are synthetic; remove it")
    relations = relations_from_json(json.loads(contents[RELATIONS]))
    rules = parse_toml(contents[POLICY].decode(), folder / POLICY, fix="ask for a new copy")
    reasons = {name: str(rule["reason"]) for name, rule in _named_as_today(rules).items()}
    place = folder / CHECKED
    check = read_check(_bytes(place), digest, str(place)) if place.exists() else None
    return Released(tables, manifest, json.loads(contents[VARIABLES]), relations, digest, check, reasons, _OPENED)


def _signature(content: bytes) -> str:
    text = content.decode("ascii")
    if not re.fullmatch(r"[0-9a-f]{128}\n", text):
        raise ValueError("a signature is 128 digits and a line end")
    return text.strip()


def _manifest(text: bytes, path: Path) -> Mapping[str, Any]:
    with suppress(ValueError, RecursionError):
        if isinstance(manifest := json.loads(text), dict):
            rules = manifest.get("rules")
            return manifest | {"rules": _named_as_today(rules)} if isinstance(rules, dict) else manifest
    raise ReleaseError(f"{path}: {_NOT_AS_SIGNED}")


def _named_as_today(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of a release, of whatever version, by the names that they have today."""
    return {_RENAMED.get(name, name): rule for name, rule in rules.items()}


def _study(folder: Path) -> Path:
    return Path(os.path.abspath(folder)).parents[1]


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path, limit=LARGEST)
    except UnreadableFileError as error:
        raise ReleaseError(f"{path}: it is missing from the release ({error.reason}); ask for a new copy") from error


def _table(content: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    return frame.assign(count=pd.to_numeric(frame["count"].replace("", None)).astype("Int64"))
