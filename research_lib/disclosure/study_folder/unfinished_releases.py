"""What a stopped release leaves in a study folder, and how the next one clears it away."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from research_lib.disclosure.auditing.earlier_counts import History
from research_lib.disclosure.release_files import DRAFT_PREFIX
from research_lib.disclosure.released import Released
from research_lib.disclosure.study_folder.checkers_desk import WAITING
from research_lib.disclosure.study_folder.release_series import RELEASED, current_series
from research_lib.files.saving import PREFIX, writing

HISTORY = "history"
_REPORTS = "release-????-??-??.md"


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
