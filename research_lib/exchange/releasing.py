"""Releasing a study folder: its cases, its plan and its policy become the next release beside the earlier ones."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.released import MANIFEST, Released, open_release
from research_lib.disclosure.signing import Key, own_key, public_part
from research_lib.disclosure.trust import TRUSTED_KEYS, TrustedKey, trust
from research_lib.disclosure.writing import UNFINISHED
from research_lib.evidence.case_files import read_cases
from research_lib.evidence.cases import Cases
from research_lib.evidence.locking import locked

KEY_FILE = "release.key"
Say = Callable[[str], object]


@dataclass(frozen=True)
class Made:
    """A release, the folder that it stands in, the report that stays with the study, and what was cleared away."""

    released: Released
    folder: Path
    report: Path
    cleared: tuple[Path, ...]


def release_study(folder: Path, day: date, *, say: Say = str) -> Made:
    """Build the next release of a study into `released/<date>`, protected together with all earlier ones.

    The folder holds `cases/`, `release/plan.toml` and, where the usual rules do not fit, `release/policy.toml`. The key
    and the report stay in `cases/`; the key's public part is added to `release/trusted_keys.toml`. What a stopped
    release has left is cleared away. Raises what `build_release`, `read_cases` and `locked` raise; then nothing was
    released.
    """
    released, cases, policy = folder / "released", folder / "cases", folder / "release/policy.toml"
    plan = Plan.read(folder / "release/plan.toml")
    rules = Policy.read(policy) if policy.exists(follow_symlinks=False) else Policy.read()
    records, key = _cases_and_key(folder, say)
    report = cases / f"release-{day}.md"
    with locked(released, say=say):
        cleared = _clear(released)
        trust(folder / TRUSTED_KEYS, TrustedKey(public_part(key), "this study", synthetic=records.is_synthetic))
        made = build_release(
            records,
            plan,
            rules,
            released / str(day),
            date=day,
            earlier=earlier_releases(released),
            key=key,
            report=report,
            say=say,
        )
    return Made(made, released / str(day), report, cleared)


def earlier_releases(folder: Path) -> tuple[Released, ...]:
    """Open every release in a folder, the oldest first; raises ReleaseError where one is not as it left."""
    paths = [path.parent for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")]
    return tuple(sorted(map(open_release, paths), key=lambda each: each.manifest["date"]))


def _cases_and_key(folder: Path, say: Say) -> tuple[Cases, Key]:
    """Read the cases of a study, and its key, while nobody writes there; a folder without cases is left as it is."""
    if not (folder / "cases").is_dir():
        return read_cases(folder / "cases"), own_key(folder / "cases" / KEY_FILE)
    with locked(folder / "cases", say=say):
        return read_cases(folder / "cases"), own_key(folder / "cases" / KEY_FILE)


def _clear(released: Path) -> tuple[Path, ...]:
    """Remove what releases that were stopped have left; nobody else releases, since the folder is locked."""
    left = tuple(sorted(released.glob(f"{UNFINISHED}*")))
    for path in left:
        shutil.rmtree(path)
    return left
