"""The cases of a study folder: what arrives joins them, what has expired leaves them, with all that belongs to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.files.locking import locked
from research_lib.files.saving import finish_saving, save_files
from research_lib.files.spreadsheet import unguarded, write_frame, write_plain
from research_lib.interviews.answers_import import Imported
from research_lib.interviews.case_files import case_contents, read_cases, read_rows
from research_lib.interviews.cases import CASES_FILE, Cases, purge

OTHERS, REPEATS, PURGED = "others.csv", "repeat-{}.csv", "purged.csv"
_SIDE = "side of the comparison"
Progress = Callable[[str], object]
Ids = frozenset[str]


class JoiningError(ResearchError):
    """What arrived does not go together with the cases that are there."""


@dataclass(frozen=True)
class _Kept:
    """What a folder keeps: the cases, the files beside them by name, and when which case was purged."""

    cases: Cases | None
    other_files: Mapping[str, pd.DataFrame]
    purged: pd.DataFrame

    @property
    def ids(self) -> Ids:
        return frozenset() if self.cases is None else frozenset(self.cases.frame["case_id"])

    def without(self, ids: Ids) -> "_Kept":
        """The same without some cases, and without all other rows about them."""
        if self.cases is None or not ids:
            return self
        frame = _except(self.cases.frame, ids)
        return replace(
            self,
            cases=replace(self.cases, frame=frame.reset_index(drop=True)),
            other_files={name: _except(rows, ids) for name, rows in self.other_files.items()},
        )


def join_cases(imported: Imported, folder: Path, *, again: bool = False, progress: Progress = str) -> Cases:
    """Add what arrived to the cases of a folder, which may be new: records, other answers and repeated groups.

    All of it is saved, or none, and only one program at a time adds. A case that is there already and says the same, in
    its texts and repeated groups too, is left as it is; one that arrives again with its consent withdrawn is removed.
    With `again`, what arrives takes the place of the cases of the same codes; what was purged stays out.
    `progress` hears of that, and for whom the program waits. Raises JoiningError, writing nothing, where a case says
    something else or was purged, or where the form had other questions; LockedError and SavingError.
    """
    with locked(folder, progress=progress):
        kept = _kept(folder)
        back = kept.purged[kept.purged["case_id"].isin(imported.cases.frame["case_id"])]
        for case, day in back.itertuples(index=False):
            raise JoiningError(f"{folder}: the case {case!r} was purged on {day}; take it out of the export")
        if withdrawn := imported.without_consent & kept.ids:
            kept = kept.without(withdrawn)
            progress(f"removed, since their consent is withdrawn: {', '.join(sorted(withdrawn))}")
        if again and (replaced := frozenset(imported.cases.frame["case_id"]) & kept.ids):
            kept = kept.without(replaced)
            progress(f"brought in again, in place of what was there: {len(replaced):,} cases; {len(kept.ids):,} others")
        cases = imported.cases if kept.cases is None else _joined(kept.cases, imported.cases, folder)
        other_files = dict(kept.other_files)
        repeats = {REPEATS.format(name): frame for name, frame in imported.repeats.items()}
        for name, frame in {OTHERS: imported.others, **repeats}.items():
            known = frozenset(imported.cases.frame["case_id"]) & kept.ids
            there = kept.other_files.get(name, frame.iloc[:0])
            other_files[name] = _added(frame.iloc[:0] if there.empty else there, frame, known, folder / name)
        _save(folder, cases, other_files, kept.purged)
    return cases


def purge_study(folder: Path, today: date, *, progress: Progress = str) -> tuple[int, int]:
    """Remove the cases whose retention date has passed, with all that belongs to them; how many are removed and stay.

    Their codes and the day are kept in purged.csv, so that the same export cannot bring them back.
    """
    if not folder.is_dir():
        read_cases(folder)
    with locked(folder, progress=progress):
        kept = _kept(folder)
        left, removed = purge(read_cases(folder), today)
        expired = kept.ids - frozenset(left.frame["case_id"])
        purged = pd.DataFrame({"case_id": sorted(expired), "purged_on": today.isoformat()}, dtype="str")
        _save(folder, left, kept.without(expired).other_files, pd.concat([kept.purged, purged]))
    return removed, len(left.frame)


def _kept(folder: Path) -> _Kept:
    finish_saving(folder)
    paths = [path for path in (folder / OTHERS, *sorted(folder.glob(REPEATS.format("*")))) if path.exists()]
    other_files = {path.name: read_rows(path).map(unguarded) for path in paths}
    for name, rows in other_files.items():
        if "case_id" not in rows:
            raise JoiningError(f"{folder / name}:1: it has no column 'case_id'; remove this file")
    purged = folder / PURGED
    rows = read_rows(purged) if purged.exists() else pd.DataFrame(columns=["case_id", "purged_on"], dtype="str")
    return _Kept(read_cases(folder) if (folder / CASES_FILE).exists() else None, other_files, rows)


def _save(folder: Path, cases: Cases, other_files: Mapping[str, pd.DataFrame], purged: pd.DataFrame) -> None:
    texts = {name: write_frame(frame) for name, frame in other_files.items()}
    if len(purged):
        texts[PURGED] = write_plain(purged)
    save_files(folder, {**case_contents(cases, folder), **texts})


def _added(there: pd.DataFrame, frame: pd.DataFrame, again: Ids, path: Path) -> pd.DataFrame:
    """The rows of a file with those of new cases added; raises JoiningError where a known case has other ones."""
    if list(there.columns) != list(frame.columns):
        raise JoiningError(f"{path}: its columns are not those that arrived; restore it from a backup")
    before, now = (rows[rows["case_id"].isin(again)] for rows in (there, frame))
    sides = pd.concat([before, now]).assign(**{_SIDE: [1] * len(before) + [-1] * len(now)})
    balance = sides.groupby(list(frame.columns))[_SIDE].sum()
    if (differs := balance != 0).any():
        raise _says_something_else(balance[differs].index.get_level_values("case_id")[0], path)
    return pd.concat([there, _except(frame, again)])


def _except(rows: pd.DataFrame, ids: Ids) -> pd.DataFrame:
    return rows[~rows["case_id"].isin(ids)]


def _joined(there: Cases, new: Cases, folder: Path) -> Cases:
    if there.frame.empty:
        return new
    if there.columns != new.columns:
        reason = "the cases there answer another form, or came in with another mapping or --allow"
        raise JoiningError(
            f"{folder}: {reason}; bring all of them in with import --again, or keep each form in a folder of its own"
        )
    frame = pd.concat([there.frame, new.frame], ignore_index=True).drop_duplicates()
    if (twice := frame["case_id"].duplicated()).any():
        raise _says_something_else(frame.loc[twice, "case_id"].iloc[0], folder)
    return Cases(frame.reset_index(drop=True), new.variables, new.is_synthetic)


def _says_something_else(case: str, place: Path) -> JoiningError:
    return JoiningError(
        f"{place}: the case {case!r} is there already and says something else; "
        "where the export or mapping.toml was corrected, research-lib import --again puts what arrives in the place of "
        "the cases with the same codes; otherwise take it out of the export"
    )
