"""Rebuilding what is derived in a study: official figures, profiles, the codings of claims, the synthetic release."""

from pathlib import Path

import pandas as pd

from research_lib.coding.claims_as_codings import codings_of_claims
from research_lib.compare.profiles import profile_rows
from research_lib.disclosure.demonstration import RELEASE, rebuild_release
from research_lib.errors import RebuildError, StudyError
from research_lib.evidence.data_dictionary import DESCRIPTIONS, write_descriptions
from research_lib.evidence.study import open_study
from research_lib.evidence.study_folders import require_study
from research_lib.evidence.tables import typed_codings
from research_lib.exchange.undesa import read_figures
from research_lib.files import spreadsheet
from research_lib.files.drafts import changing
from research_lib.files.locking import locked
from research_lib.files.saving import save_file
from research_lib.interviews.case_files import read_rows

_FRAME = "raw/china-women-stocks-and-flows.csv"


def rebuild_all(folder: Path) -> list[Path]:
    """Rebuild every derived file of a study, all of them or none, and give their paths.

    Raises RebuildError, StudyError, LockedError, SavingError.
    """
    if not (folder / RELEASE).is_dir():
        return rebuild_tables(folder)
    require_study(folder)
    with locked((folder / RELEASE).parent), changing(folder) as draft:
        rebuild_release(draft)
        made = rebuild_tables(draft)
    return [*(folder / path.relative_to(draft) for path in made), folder / RELEASE]


def rebuild_tables(folder: Path) -> list[Path]:
    """Write the figures of official data anew where there are any, derive profiles and codings, then describe all.

    Gives the paths of the files that are written: all of them, or none. Raises as `rebuild_all` does.
    """
    require_study(folder)
    with changing(folder) as draft:
        tables = [*_official(draft), *_derived(draft)]
        left = write_descriptions(draft)
    names = [*(f"tables/{name}.csv" for name in tables), *(name for name in DESCRIPTIONS if name not in left)]
    return [folder / name for name in names]


def _official(draft: Path) -> list[str]:
    """Write the figures of official data anew, beside those of other sources, where the study has such data."""
    if not (draft / _FRAME).exists():
        return []
    table, frame = _read(draft, "figures", "source"), read_figures(draft / _FRAME)
    own = table[~table["source"].isin(frame["source"].unique())]
    _write(pd.concat([own, frame.reindex(columns=table.columns)]), draft, "figures")
    return ["figures"]


def _derived(draft: Path) -> list[str]:
    """Derive the curator's codings and the profiles; the rows of other coders stay."""
    typed = typed_codings(_read(draft, "codings", "coder"))
    _write(pd.concat([codings_of_claims(open_study(draft)["claims"]), typed]), draft, "codings")
    study = open_study(draft)
    if not study.source_file.is_read:
        raise StudyError(f"{draft} cannot be rebuilt without its sources:", [*study.source_file.problems])
    _write(profile_rows(study), draft, "profiles")
    return ["profiles", "codings"]


def _read(folder: Path, table: str, column: str) -> pd.DataFrame:
    rows = read_rows(path := folder / f"tables/{table}.csv")
    if column not in rows:
        raise RebuildError(f"{path}:1: it has no column {column!r}; restore it from a backup")
    return rows


def _write(frame: pd.DataFrame, folder: Path, table: str) -> None:
    save_file(folder / f"tables/{table}.csv", spreadsheet.write_plain(frame))
