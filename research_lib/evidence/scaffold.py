"""A new, empty study folder that passes its own check."""

import csv
from pathlib import Path

from research_lib.errors import StudyError
from research_lib.evidence.columns import columns
from research_lib.evidence.describe import write_descriptions
from research_lib.evidence.tables import TABLES


def new_study(folder: str | Path) -> Path:
    """Make an empty study in a folder that does not exist yet, or is empty.

    Raises StudyError where something is there already; nothing is overwritten.
    """
    path = Path(folder)
    if path.exists() and any(path.iterdir()):
        raise StudyError(f"{path} is not empty; choose a new folder, nothing was written")
    for name in ("raw", "curated", "tables"):
        (path / name).mkdir(parents=True, exist_ok=True)
    add_missing_tables(path)
    (path / "sources.bib").write_text("", encoding="utf-8")
    (path / "ERRATA.md").write_text(
        "# Errata\n\nContradictions in the sources, and what we did about each.\n", encoding="utf-8"
    )
    write_descriptions(path)
    return path


def add_missing_tables(folder: str | Path) -> list[str]:
    """Add each table that a study of an earlier version lacks, empty, and give their names.

    Raises StudyError where the folder is no study; nothing that is there is touched.
    """
    tables = Path(folder) / "tables"
    if not tables.is_dir():
        raise StudyError(f"{folder} is not a study: it has no folder tables/; make one with: research-lib new {folder}")
    missing = [name for name in TABLES if not (tables / f"{name}.csv").exists()]
    for name in missing:
        with (tables / f"{name}.csv").open("x", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerow([column.name for column in columns(TABLES[name])])
    return missing
