"""Releasing a study folder: its cases, its plan and its policy become the next release beside the earlier ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release
from research_lib.disclosure.signing import own_key
from research_lib.evidence.cases import read_cases


@dataclass(frozen=True)
class Made:
    """A release, the folder that it stands in, and the report that stays with the study."""

    released: Released
    folder: Path
    report: Path


def release_study(folder: Path, day: date, *, say: Callable[[str], object] = str) -> Made:
    """Build the next release of a study into `released/<date>`, protected together with all earlier ones.

    The folder holds `cases/`, `release/plan.toml` and, where the usual rules do not fit, `release/policy.toml`. The key
    and the report stay in `cases/`. Raises ReleaseError and what `build_release` raises; then nothing was written.
    """
    plan, policy = folder / "release/plan.toml", folder / "release/policy.toml"
    if not plan.exists():
        raise ReleaseError(f"{plan} is missing: it says which tables to release; copy one and change it")
    cases = read_cases(folder / "cases")
    report = folder / "cases" / f"release-{day}.md"
    released = build_release(
        cases,
        Plan.read(plan),
        Policy.read(policy) if policy.exists() else Policy.read(),
        folder / "released" / str(day),
        date=day,
        earlier=earlier_releases(folder / "released"),
        key=own_key(folder / "cases/release.key"),
        report=report,
        say=say,
    )
    return Made(released, folder / "released" / str(day), report)


def earlier_releases(folder: Path) -> tuple[Released, ...]:
    """Open every release in a folder, the oldest first; raises ReleaseError where one is not as it left."""
    opened = [open_release(path.parent) for path in folder.glob(f"*/{MANIFEST}")]
    return tuple(sorted(opened, key=lambda each: each.manifest["date"]))
