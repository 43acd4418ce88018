"""The log of a study's releases: who asked for what and when, what became of it, and why it was refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.files import spreadsheet
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import SavingError, save_file

LOG_FILE = "release-log.csv"
COLUMNS = ("time", "person", "asked", "release", "outcome", "reason")
_LONGEST_REASON = 2_000


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
