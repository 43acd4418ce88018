"""Rebuilding what is derived: the modern frame, profiles, the codings of claims, the synthetic release."""

from pathlib import Path

import pandas as pd

from research_lib.coding.claims_as_codings import codings_of_claims
from research_lib.compare.profiles import profile_rows
from research_lib.disclosure.demonstration import RELEASE, rebuild_release
from research_lib.evidence.data_dictionary import write_descriptions
from research_lib.evidence.study import open_study
from research_lib.exchange.undesa import read_figures


def rebuild_all(data: Path) -> list[Path]:
    """Rebuild every derived file of the study, and give their paths; raises RebuildError."""
    rebuild_release(data)
    return [*rebuild_tables(data), data / RELEASE]


def rebuild_tables(data: Path) -> list[Path]:
    """Write the modern frame into `figures`, derive `profiles` and the claims' `codings` anew, then describe all."""
    figures, profiles, codings = (data / f"tables/{name}.csv" for name in ("figures", "profiles", "codings"))
    table = _read(figures)
    frame = read_figures(data / "raw/china-women-stocks-and-flows.csv")
    own = table[~table["source"].isin(frame["source"].unique())]
    _write(pd.concat([own, frame.reindex(columns=table.columns)]), figures)
    others = _read(codings).query("coder != 'curator'")
    _write(pd.concat([codings_of_claims(open_study(data)["claims"]), others]), codings)
    _write(profile_rows(open_study(data)), profiles)
    write_descriptions(data)
    return [figures, profiles, codings]


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
