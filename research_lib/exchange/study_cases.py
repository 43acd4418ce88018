"""The cases of a study folder: what arrives joins them, what has expired leaves them, with all that belongs to it."""

import csv
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.evidence.case_files import case_contents, read_cases, read_rows
from research_lib.evidence.cases import CASES_FILE, Cases, purge
from research_lib.evidence.locking import locked
from research_lib.evidence.saving import finish_saving, save_files
from research_lib.evidence.spreadsheet import unguarded, write_frame
from research_lib.exchange.answers.privacy import Decisions, Find
from research_lib.exchange.kobo import Imported

OTHERS, REPEATS = "others.csv", "repeat-{}.csv"
_SIDE = "side of the comparison"
DECISIONS = ("file", "line", "column", "kind", "decision")


Say = Callable[[str], object]


class JoiningError(ResearchError):
    """What arrived does not go together with the cases that are there."""


def join_cases(imported: Imported, folder: Path, *, say: Say = str) -> Cases:
    """Add what arrived to the cases of a folder, which may be new: records, other answers and repeated groups.

    All of it is saved, or none, and only one program at a time adds; `say` hears for whom it waits. A case that is
    there already and says the same, in its texts and repeated groups too, is left as it is. Raises JoiningError,
    writing nothing, where it says something else, or where the form had other questions; LockedError and SavingError.
    """
    with locked(folder, say=say):
        finish_saving(folder)
        cases, known = imported.cases, frozenset[str]()
        arrived = frozenset(cases.frame["case_id"])
        if (folder / CASES_FILE).exists():
            there = read_cases(folder)
            cases, known = _joined(there, cases, folder), frozenset(there.frame["case_id"])
        again = arrived & known
        apart = {name: _added(folder / name, frame, known, again) for name, frame in _apart(imported).items()}
        save_files(
            folder, {**case_contents(cases, folder), **{name: write_frame(frame) for name, frame in apart.items()}}
        )
    return cases


def purge_study(folder: Path, today: date, *, say: Say = str) -> tuple[int, int]:
    """Remove the cases whose retention date has passed, and whatever else is kept of them; how many went and stay."""
    with locked(folder, say=say):
        finish_saving(folder)
        kept, removed = purge(read_cases(folder), today)
        ids = frozenset(kept.frame["case_id"])
        paths = [path for path in (folder / OTHERS, *sorted(folder.glob(REPEATS.format("*")))) if path.exists()]
        apart = {path.name: write_frame(_of_cases(read_rows(path).map(unguarded), ids)) for path in paths}
        save_files(folder, {**case_contents(kept, folder), **apart})
    return removed, len(kept.frame)


def write_finds(finds: Iterable[Find], path: Path) -> None:
    """Write a list of cells that may identify a person, to be decided on: withhold or keep, in the last column."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(DECISIONS)
        writer.writerows((find.file, find.line, find.column, find.kind, "") for find in finds)


def read_decisions(path: Path) -> Decisions:
    """Read what was decided on each cell; raises JoiningError with the line where a decision is open."""
    rows = read_rows(path)
    if list(rows.columns) != list(DECISIONS):
        raise JoiningError(f"{path}:1: the columns are not {', '.join(DECISIONS)}")
    for line, decision in enumerate(rows["decision"], start=2):
        if decision not in ("withhold", "keep"):
            raise JoiningError(f"{path}:{line}: the decision is {decision!r}; write withhold or keep")
    return {(row.file, int(row.line), row.column): row.decision for row in rows.itertuples()}


def _apart(imported: Imported) -> dict[str, pd.DataFrame]:
    """What is kept beside the cases: a file for other answers, and one for each repeated group."""
    return {OTHERS: imported.others, **{REPEATS.format(name): frame for name, frame in imported.repeats.items()}}


def _added(path: Path, frame: pd.DataFrame, known: frozenset[str], again: frozenset[str]) -> pd.DataFrame:
    """The rows of a file with those of new cases added; raises JoiningError where a known case has other ones."""
    there = read_rows(path).map(unguarded) if path.exists() else frame.iloc[:0]
    if list(there.columns) != list(frame.columns):
        raise JoiningError(f"{path}: its columns are not those that arrived; restore it from a backup")
    before, now = _of_cases(there, again), _of_cases(frame, again)
    sides = pd.concat([before, now]).assign(**{_SIDE: [1] * len(before) + [-1] * len(now)})
    balance = sides.groupby(list(frame.columns))[_SIDE].sum()
    if (differs := balance != 0).any():
        raise _says_something_else(balance[differs].index.get_level_values("case_id")[0], path)
    return pd.concat([there, frame[~frame["case_id"].isin(known)]])


def _of_cases(rows: pd.DataFrame, ids: frozenset[str]) -> pd.DataFrame:
    return rows[rows["case_id"].isin(ids)]


def _joined(there: Cases, new: Cases, folder: Path) -> Cases:
    if there.columns != new.columns:
        raise JoiningError(
            f"{folder}: the cases there answer another form; keep each form's cases in a folder of its own"
        )
    frame = pd.concat([there.frame, new.frame], ignore_index=True).drop_duplicates()
    if (twice := frame["case_id"].duplicated()).any():
        raise _says_something_else(frame.loc[twice, "case_id"].iloc[0], folder)
    return Cases(frame.reset_index(drop=True), new.variables, new.is_synthetic)


def _says_something_else(case: str, place: Path) -> JoiningError:
    return JoiningError(
        f"{place}: the case {case!r} is there already and says something else; "
        "take it out of the export, or out of the folder"
    )
