"""The cases of a study folder: what arrives joins them, what has expired leaves them, with all that belongs to it."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.evidence.cases import CASES_FILE, Cases, purge, read_cases, replace_file, write_cases
from research_lib.exchange.answers.privacy import Decisions, Find
from research_lib.exchange.kobo import Imported

OTHERS, REPEATS = "others.csv", "repeat-{}.csv"
DECISIONS = ("file", "line", "column", "kind", "decision")


class JoiningError(ResearchError):
    """What arrived does not go together with the cases that are there."""


def join_cases(imported: Imported, folder: Path) -> Cases:
    """Add what arrived to the cases of a folder, which may be new: records, other answers and repeated groups.

    A case that is there already and says the same is left as it is. Raises JoiningError, writing nothing, where it says
    something else, or where the form had other questions.
    """
    cases, known = imported.cases, frozenset[str]()
    if (folder / CASES_FILE).exists():
        there = read_cases(folder)
        cases, known = _joined(there, cases, folder), frozenset(there.frame["case_id"])
    write_cases(cases, folder)
    for name, frame in {OTHERS: imported.others, **_named(imported)}.items():
        path = folder / name
        earlier = [_read(path)] if path.exists() else []
        added = frame[~frame["case_id"].isin(known)]
        replace_file(path, pd.concat([*earlier, added]).to_csv(index=False, lineterminator="\n"))
    return cases


def purge_study(folder: Path, today: date) -> tuple[int, int]:
    """Remove the cases whose retention date has passed, and whatever else is kept of them; how many went and stay."""
    kept, removed = purge(read_cases(folder), today)
    for path in [folder / OTHERS, *sorted(folder.glob(REPEATS.format("*")))]:
        if path.exists():
            rows = _read(path)
            replace_file(
                path, rows[rows["case_id"].isin(kept.frame["case_id"])].to_csv(index=False, lineterminator="\n")
            )
    write_cases(kept, folder)
    return removed, len(kept.frame)


def write_finds(finds: Iterable[Find], path: Path) -> None:
    """Write a list of cells that may identify a person, to be decided on: withhold or keep, in the last column."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(DECISIONS)
        writer.writerows((find.file, find.line, find.column, find.kind, "") for find in finds)


def read_decisions(path: Path) -> Decisions:
    """Read what was decided on each cell; raises JoiningError with the line where a decision is open."""
    rows = _read(path)
    if list(rows.columns) != list(DECISIONS):
        raise JoiningError(f"{path}:1: the columns are not {', '.join(DECISIONS)}")
    for line, decision in enumerate(rows["decision"], start=2):
        if decision not in ("withhold", "keep"):
            raise JoiningError(f"{path}:{line}: the decision is {decision!r}; write withhold or keep")
    return {(row.file, int(row.line), row.column): row.decision for row in rows.itertuples()}


def _named(imported: Imported) -> dict[str, pd.DataFrame]:
    return {REPEATS.format(name): frame for name, frame in imported.repeats.items()}


def _joined(there: Cases, new: Cases, folder: Path) -> Cases:
    if there.columns != new.columns:
        raise JoiningError(
            f"{folder}: the cases there answer another form; keep each form's cases in a folder of its own"
        )
    frame = pd.concat([there.frame, new.frame], ignore_index=True).drop_duplicates()
    if (twice := frame["case_id"].duplicated()).any():
        raise JoiningError(
            f"{folder}: the case {frame.loc[twice, 'case_id'].iloc[0]!r} is there already and says something else; "
            "take it out of the export, or out of the folder"
        )
    return Cases(frame.reset_index(drop=True), new.variables, new.is_synthetic)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, na_filter=False)
