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
    for name, model in TABLES.items():
        with (path / f"tables/{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerow([column.name for column in columns(model)])
    (path / "sources.bib").write_text("", encoding="utf-8")
    (path / "ERRATA.md").write_text(
        "# Errata\n\nContradictions in the sources, and what we did about each.\n", encoding="utf-8"
    )
    write_descriptions(path)
    return path
