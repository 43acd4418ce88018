"""The releases of a study folder in their order, the log of who asked for what, and what a stopped release has left."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from research_lib.disclosure.auditing.earlier_counts import History
from research_lib.disclosure.release import DRAFT_PREFIX
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release
from research_lib.errors import ResearchError
from research_lib.files import spreadsheet
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import PREFIX, SavingError, save_file, writing

RELEASED, DIGESTS_FILE, WAITING, HISTORY = "released", "released.txt", "waiting", "history"
_REPORTS = "release-????-??-??.md"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
LOG_FILE = "release-log.csv"
COLUMNS = ("time", "person", "asked", "release", "outcome", "reason")
_LONGEST_REASON = 2_000


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


def require_complete(path: Path, earlier: tuple[Released, ...]) -> list[str]:
    """Give the digests of all releases; raises ReleaseError where one is missing that the study's own list has."""
    kept = read_text(path, limit=MB).split() if path.exists(follow_symlinks=False) else []
    if strange := [number for number, text in enumerate(kept, start=1) if not _DIGEST.fullmatch(text)]:
        raise ReleaseError(f"{path}: entry {strange[0]} is not the digest of a release; restore the file from a backup")
    there = [each.digest for each in earlier]
    if lost := [digest for digest in kept if digest not in there]:
        raise _missing(path.parents[1] / RELEASED, lost[0])
    return there


def _missing(folder: Path, digest: str) -> ReleaseError:
    return ReleaseError(
        f"{folder}: the release with the digest {digest[:16]} is missing, so that the audit cannot include it "
        f"with a new release; restore its folder, with {MANIFEST}, from a backup"
    )


_ONE_A_DAY = (
    "there is one release a day, and none is taken back, since somebody may have seen it. Release again on a day after "
    "{}; until then research-lib release --dry-run says what a changed plan would hide, and releases nothing"
)
_NEW_SERIES = (
    "If the earlier releases need not bind the new one, since none of them has ever left the house, add --new-series: "
    "it then may show what they hide. They stay where they are, so that the date must be later even so"
)


def require_later(day: date, earlier: tuple[Released, ...]) -> None:
    """Raise ReleaseError unless a day is after the last release."""
    if late := [each for each in earlier if each.manifest["date"] >= day.isoformat()]:
        last = late[-1].manifest["date"]
        raise ReleaseError(
            f"{day} is not after the release of {last}, which exists already: {_ONE_A_DAY.format(last)}. {_NEW_SERIES}"
        )


def list_digests(path: Path, digests: list[str], place: Path) -> None:
    """Write the study's list; raises ReleaseError, which says that the release at `place` is there nevertheless."""
    try:
        save_file(path, "".join(f"{digest}\n" for digest in digests), private=True)
    except SavingError as error:
        reason = (
            f"the release is there, whole; only its digest is not in the list, and the next release adds it. {error}"
        )
        raise ReleaseError(f"{place}: {reason}") from error


def remove_unfinished(study: Path, earlier: tuple[Released, ...]) -> tuple[Path, ...]:
    """Remove what a stopped release left; no other release runs, since the folders are locked."""
    left = tuple(sorted(_unfinished(study, earlier)))
    for path in left:
        with writing(path, "nothing was released"):
            path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)
    return left


def _unfinished(study: Path, earlier: tuple[Released, ...]) -> Iterator[Path]:
    """Drafts, files that were not put in their place, reports later than the last release or of none, and old counts.

    Counts of releases before the current series go too: nothing is protected together with these any more.
    """
    last = max((each.manifest["date"] for each in earlier), default="")
    for name in (RELEASED, WAITING):
        yield from (study / name).glob(f"{DRAFT_PREFIX}*")
    yield from (path for path in (study / WAITING).glob("????-??-??.md") if not path.with_suffix("").is_dir())
    folders = ("cases", "release", WAITING, f"cases/{HISTORY}")
    yield from (path for name in folders for path in (study / name).glob(f"{PREFIX}*"))
    yield from History(study / "cases" / HISTORY).others([each.digest for each in current_series(earlier)])
    yield from (path for path in (study / "cases").glob(_REPORTS) if path.stem > f"release-{last}")


class LogError(ResearchError):
    """The log of a study's releases cannot be read."""


class _UnwrittenOutcomeError(LogError):
    """What was done stands, but not in the log."""


def read_log(cases: Path) -> pd.DataFrame:
    """Read the log in a study's `cases/`, the oldest entry first; empty where there is none yet.

    time in UTC, person, asked (release, dry run, check), release (its date), outcome, reason. Raises LogError, naming
    the file, where it is not such a table.
    """
    path = cases / LOG_FILE
    if not path.exists(follow_symlinks=False):
        return pd.DataFrame(columns=COLUMNS, dtype="str")
    try:
        head, *rows = spreadsheet.read_text(read_text(path, limit=100 * MB))
        found = pd.DataFrame(rows, columns=head, dtype="str")
    except (ResearchError, ValueError) as error:
        raise LogError(f"{path}: it cannot be read as a table ({error}); restore it from a backup") from error
    if tuple(head) != COLUMNS:
        raise LogError(f"{path}: its columns are not {', '.join(COLUMNS)}; restore it from a backup")
    return found


@contextmanager
def logged(cases: Path, person: str, asked: str, day: date) -> Iterator[Callable[..., None]]:
    """Give what writes the outcome of a task, and its reason, into the log; an error is written as refused.

    `said`: what an error says that has become of the task. Only the study's own account may read the log. Raises
    LogError before anything is done where the log cannot be read, and where the outcome cannot be written.
    """
    read_log(cases)
    entry = (person, asked, day.isoformat())

    def log(outcome: str, reason: str = "", *, said: str = "") -> None:
        try:
            _add(cases, (*entry, outcome, reason))
        except SavingError as error:
            raise _UnwrittenOutcomeError(f"{said or outcome}; only the log does not say so. {error}") from error

    try:
        yield log
    except _UnwrittenOutcomeError:
        raise
    except ResearchError as error:
        with suppress(ResearchError):
            _add(cases, (*entry, "refused", str(error)))
        raise


def _add(cases: Path, entry: tuple[str, ...]) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    *who, reason = entry
    rows = [*read_log(cases).itertuples(index=False), (now, *who, reason[:_LONGEST_REASON])]
    save_file(cases / LOG_FILE, spreadsheet.write_text([COLUMNS, *rows]), private=True)
