"""Releasing a study folder: its cases, its plan and its policy become the next release beside the earlier ones."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.release_files import UNFINISHED
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release
from research_lib.disclosure.signing import own_key, public_part
from research_lib.disclosure.trusted_keys import TRUSTED_KEYS, TrustedKey, trust
from research_lib.files.locking import locked
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import save_file
from research_lib.interviews.case_files import read_cases

KEY_FILE, DIGESTS_FILE = "release.key", "released.txt"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
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

    The folder holds `cases/`, `release/plan.toml` and, where the usual rules do not fit, `release/policy.toml`. The
    key, the report and the digests of all releases stay in `cases/`; the key's public part is added to
    `release/trusted_keys.toml`. Nobody else writes cases or releases meanwhile. What a stopped release has left is
    cleared away. Raises what `build_release`, `read_cases` and `locked` raise; then nothing was released.
    """
    released, cases, policy = folder / "released", folder / "cases", folder / "release/policy.toml"
    plan = Plan.read(folder / "release/plan.toml")
    rules = Policy.read(policy) if policy.exists(follow_symlinks=False) else Policy.read()
    if not cases.is_dir():
        read_cases(cases)
    with locked(cases, say=say), locked(released, say=say):
        records, key, cleared = read_cases(cases), own_key(cases / KEY_FILE), _clear(released)
        trust(folder / TRUSTED_KEYS, TrustedKey(public_part(key), "this study", synthetic=records.is_synthetic))
        earlier = earlier_releases(released)
        digests = _digests(cases / DIGESTS_FILE, earlier)
        _require_later(day, earlier)
        report, place = cases / f"release-{day}.md", released / str(day)
        made = build_release(records, plan, rules, place, date=day, earlier=earlier, key=key, report=report, say=say)
        save_file(cases / DIGESTS_FILE, "".join(f"{digest}\n" for digest in (*digests, made.digest)), private=True)
    return Made(made, place, report, cleared)


def earlier_releases(folder: Path) -> tuple[Released, ...]:
    """Open every release in a folder, the oldest first.

    Raises ReleaseError where one is not as it left, where one stands there twice or is hidden by a dot before its name,
    and where one is missing that a later one names.
    """
    paths = [path for path in sorted(folder.glob("*")) if path.is_dir() and not path.name.startswith(UNFINISHED)]
    opened = sorted(map(open_release, paths), key=lambda each: (len(each.manifest["earlier"]), each.manifest["date"]))
    digests = [each.digest for each in opened]
    if len(set(digests)) != len(digests):
        raise ReleaseError(f"{folder}: the same release stands there twice; remove the copy")
    for each in opened:
        if lost := [digest for digest in each.manifest["earlier"] if digest not in digests]:
            raise _missing(folder, lost[0])
    return tuple(opened)


def _digests(path: Path, earlier: tuple[Released, ...]) -> list[str]:
    """The digests of all releases of the study, as it has kept them; ReleaseError where one is missing or none."""
    kept = read_text(path, limit=MB).split() if path.exists(follow_symlinks=False) else []
    if strange := [number for number, text in enumerate(kept, start=1) if not _DIGEST.fullmatch(text)]:
        raise ReleaseError(f"{path}: entry {strange[0]} is no digest of a release; restore the file from a backup")
    there = [each.digest for each in earlier]
    if lost := [digest for digest in kept if digest not in there]:
        raise _missing(path.parents[1] / "released", lost[0])
    return there


def _missing(folder: Path, digest: str) -> ReleaseError:
    return ReleaseError(
        f"{folder}: the release with the digest {digest[:16]} is missing, so that nobody can tell what follows from it "
        f"and a new one together; restore its folder, with {MANIFEST}, from a backup"
    )


def _require_later(day: date, earlier: tuple[Released, ...]) -> None:
    if late := [each for each in earlier if each.manifest["date"] >= day.isoformat()]:
        last = late[-1].manifest["date"]
        raise ReleaseError(f"{day} is not after the release of {last}, which exists already; give a later date")


def _clear(released: Path) -> tuple[Path, ...]:
    """Remove what releases that were stopped have left; nobody else releases, since the folder is locked."""
    left = tuple(sorted(released.glob(f"{UNFINISHED}*")))
    for path in left:
        path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)
    return left
