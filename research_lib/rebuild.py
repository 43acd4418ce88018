"""Rebuilding what is derived in a study: official figures, profiles, the codings of claims, the synthetic release."""

from pathlib import Path

import pandas as pd

from research_lib.coding.claims_as_codings import codings_of_claims
from research_lib.compare.profiles import profile_rows
from research_lib.disclosure.demonstration import RELEASE, rebuild_release
from research_lib.evidence.data_dictionary import DESCRIPTIONS, write_descriptions
from research_lib.evidence.study import open_study
from research_lib.exchange.undesa import read_figures

_FRAME = "raw/china-women-stocks-and-flows.csv"


def rebuild_all(folder: Path) -> list[Path]:
    """Rebuild every derived file of a study, and give their paths; raises RebuildError, StudyError."""
    if not (folder / RELEASE).is_dir():
        return rebuild_tables(folder)
    rebuild_release(folder)
    return [*rebuild_tables(folder), folder / RELEASE]


def rebuild_tables(folder: Path) -> list[Path]:
    """Write the figures of official data anew where there are any, derive profiles and codings, then describe all.

    Gives the paths of the files that were written.
    """
    figures, profiles, codings = (folder / f"tables/{name}.csv" for name in ("figures", "profiles", "codings"))
    has_official = (folder / _FRAME).exists()
    if has_official:
        table, frame = _read(figures), read_figures(folder / _FRAME)
        own = table[~table["source"].isin(frame["source"].unique())]
        _write(pd.concat([own, frame.reindex(columns=table.columns)]), figures)
    others = _read(codings).query("coder != 'curator'")
    _write(pd.concat([codings_of_claims(open_study(folder)["claims"]), others]), codings)
    _write(profile_rows(open_study(folder)), profiles)
    left = write_descriptions(folder)
    described = [folder / name for name in DESCRIPTIONS if name not in left]
    return [*([figures] if has_official else []), profiles, codings, *described]


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
