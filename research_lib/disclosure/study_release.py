"""Releasing a study folder: its cases, plan and policy give the next release, beside the earlier releases."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.costs import PlanCosts, plan_costs
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.release_files import DRAFT_PREFIX
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release
from research_lib.disclosure.signing import own_key, public_part
from research_lib.disclosure.suppression.protection import planned_tables
from research_lib.disclosure.trusted_keys import TRUSTED_KEYS, TrustedKey, trust
from research_lib.files.locking import locked
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import PREFIX, SavingError, save_file, writing
from research_lib.interviews.case_files import read_cases
from research_lib.methods.published_cell_status import HIDDEN

KEY_FILE, DIGESTS_FILE, _REPORTS = "release.key", "released.txt", "release-????-??-??.md"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class StudyRelease:
    """A new release, its folder, and the report that stays with the study.

    `cleared`: what a stopped release had left, and was removed. `shown_again`: how many cells it shows that an earlier
    release hides, which only the first release of a series can.
    """

    released: Released
    folder: Path
    report: Path
    cleared: tuple[Path, ...]
    shown_again: int


def release_study(folder: Path, day: date, *, new_series: bool = False, progress: Progress = str) -> StudyRelease:
    """Build the next release of a study into `released/<date>`, protected together with the earlier ones of its series.

    `new_series`: begin a series, in which cells may be shown that earlier releases hide; whoever knows all that has
    changed in such a cell since can go back to the earlier count. Do it when nobody can know so many changes any more.
    The folder holds `cases/`, `release/plan.toml` and, where the usual rules do not fit, `release/policy.toml`. The
    key, the report and the digests of all releases stay in `cases/`; the key's public part is added to
    `release/trusted_keys.toml`. Cases and releases are locked meanwhile. What a stopped release left is removed.
    Raises what `build_release`, `read_cases` and `locked` raise; then nothing was released, unless the message says so.
    """
    released, cases, (plan, rules) = folder / "released", folder / "cases", _plan_and_policy(folder)
    if not cases.is_dir():
        read_cases(cases)
    with locked(cases, progress=progress), locked(released, progress=progress):
        records, key = read_cases(cases), own_key(cases / KEY_FILE)
        trust(folder / TRUSTED_KEYS, TrustedKey(public_part(key), "this study", synthetic=records.is_synthetic))
        every = earlier_releases(released)
        earlier = () if new_series else current_series(every)
        digests = _digests(cases / DIGESTS_FILE, every)
        cleared = _remove_unfinished(folder, every)
        _require_later(day, every)
        report, place = cases / f"release-{day}.md", released / str(day)
        made = build_release(
            records, plan, rules, place, date=day, earlier=earlier, key=key, report=report, progress=progress
        )
        _list_digests(cases / DIGESTS_FILE, [*digests, made.digest], place)
    return StudyRelease(made, place, report, cleared, _shown_again(made, every))


def dry_run(folder: Path, day: date, *, new_series: bool = False, progress: Progress = str) -> tuple[PlanCosts, Path]:
    """Find what `release_study` would hide, and release nothing; gives the costs and the place of their report.

    The report stands in `cases/`, for the study only. Raises what `plan_costs` and `read_cases` raise.
    """
    plan, policy = _plan_and_policy(folder)
    every = earlier_releases(folder / "released")
    earlier = () if new_series else current_series(every)
    costs = plan_costs(read_cases(folder / "cases"), plan, policy, date=day, earlier=earlier, progress=progress)
    report = folder / f"cases/dry-run-{day}.md"
    costs.save(report)
    return costs, report


def _plan_and_policy(folder: Path) -> tuple[Plan, Policy]:
    policy = folder / "release/policy.toml"
    rules = Policy.read(policy) if policy.exists(follow_symlinks=False) else Policy.read()
    return Plan.read(folder / "release/plan.toml"), rules


def earlier_releases(folder: Path) -> tuple[Released, ...]:
    """Open every release in a folder, the oldest first.

    Raises ReleaseError where a release is changed, stands there twice or has a name that begins with a dot, and where
    one is missing that a later release names.
    """
    paths = [path for path in sorted(folder.glob("*")) if path.is_dir() and not path.name.startswith(DRAFT_PREFIX)]
    opened = sorted(map(open_release, paths), key=lambda each: (each.manifest["date"], len(each.manifest["earlier"])))
    digests = [each.digest for each in opened]
    if len(set(digests)) != len(digests):
        raise ReleaseError(f"{folder}: the same release stands there twice; remove the copy")
    for each in opened:
        if lost := [digest for digest in each.manifest["earlier"] if digest not in digests]:
            raise _missing(folder, lost[0])
    return tuple(opened)


def current_series(releases: tuple[Released, ...]) -> tuple[Released, ...]:
    """Give the last of some releases, which come in the order of their dates, and those that it was protected with."""
    names = {digest for last in releases[-1:] for digest in (*last.manifest["earlier"], last.digest)}
    return tuple(each for each in releases if each.digest in names)


def _shown_again(made: Released, earlier: tuple[Released, ...]) -> int:
    """The number of cells that a release shows and an earlier one hides."""
    hidden = {cell for each in earlier for cell in _cells(each, hidden=True)}
    return len(hidden & set(_cells(made, hidden=False)))


def _cells(released: Released, *, hidden: bool) -> Iterator[frozenset[tuple[str, str]]]:
    for table in planned_tables(released):
        frame = released.tables[table.name]
        answers = frame.loc[(frame["status"] == HIDDEN) == hidden, list(table.variables)]
        yield from (frozenset(zip(table.variables, row, strict=True)) for row in answers.itertuples(index=False))


def _digests(path: Path, earlier: tuple[Released, ...]) -> list[str]:
    """The digests of all releases, checked against the list that the study keeps; raises ReleaseError."""
    kept = read_text(path, limit=MB).split() if path.exists(follow_symlinks=False) else []
    if strange := [number for number, text in enumerate(kept, start=1) if not _DIGEST.fullmatch(text)]:
        raise ReleaseError(f"{path}: entry {strange[0]} is not the digest of a release; restore the file from a backup")
    there = [each.digest for each in earlier]
    if lost := [digest for digest in kept if digest not in there]:
        raise _missing(path.parents[1] / "released", lost[0])
    return there


def _missing(folder: Path, digest: str) -> ReleaseError:
    return ReleaseError(
        f"{folder}: the release with the digest {digest[:16]} is missing, so that the audit cannot include it "
        f"with a new release; restore its folder, with {MANIFEST}, from a backup"
    )


def _require_later(day: date, earlier: tuple[Released, ...]) -> None:
    if late := [each for each in earlier if each.manifest["date"] >= day.isoformat()]:
        last = late[-1].manifest["date"]
        raise ReleaseError(f"{day} is not after the release of {last}, which exists already; give a later date")


def _list_digests(path: Path, digests: list[str], place: Path) -> None:
    try:
        save_file(path, "".join(f"{digest}\n" for digest in digests), private=True)
    except SavingError as error:
        reason = (
            f"the release is there, whole; only its digest is not in the list, and the next release adds it. {error}"
        )
        raise ReleaseError(f"{place}: {reason}") from error


def _remove_unfinished(study: Path, earlier: tuple[Released, ...]) -> tuple[Path, ...]:
    """Remove what a stopped release left; no other release runs, since the folders are locked."""
    left = tuple(sorted(_unfinished(study, earlier)))
    for path in left:
        with writing(path, "nothing was released"):
            path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)
    return left


def _unfinished(study: Path, earlier: tuple[Released, ...]) -> Iterator[Path]:
    """Drafts, files that were not put in their place, and reports later than the last release."""
    last = max((each.manifest["date"] for each in earlier), default="")
    yield from (study / "released").glob(f"{DRAFT_PREFIX}*")
    yield from (path for name in ("cases", "release") for path in (study / name).glob(f"{PREFIX}*"))
    yield from (path for path in (study / "cases").glob(_REPORTS) if path.stem > f"release-{last}")
