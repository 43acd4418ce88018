"""Making a new, empty study folder that passes the check, and adding tables that an older study lacks."""

from pathlib import Path
from tempfile import TemporaryDirectory

from research_lib.errors import StudyError
from research_lib.evidence.column_constraints import columns
from research_lib.evidence.data_dictionary import write_descriptions
from research_lib.evidence.tables import TABLES
from research_lib.files.saving import save_file


def new_study(folder: str | Path) -> Path:
    """Make an empty study in a new or empty folder.

    Raises StudyError where the folder is not empty; nothing is overwritten.
    """
    path = Path(folder)
    if path.exists() and any(path.iterdir()):
        raise StudyError(f"{path} is not empty; choose a new folder, nothing was written")
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".new-") as beside:
        made = Path(beside) / path.name
        for name in ("raw", "curated", "tables"):
            (made / name).mkdir(parents=True)
        add_missing_tables(made)
        save_file(made / "sources.bib", "")
        save_file(made / "ERRATA.md", "# Errata\n\nContradictions in the sources, and what we did about each.\n")
        write_descriptions(made)
        made.rename(path)
    return path


def add_missing_tables(folder: str | Path) -> list[str]:
    """Add the tables, empty, that a study of an earlier version lacks, and give their names.

    Raises StudyError where the folder is not a study; existing files are not changed.
    """
    tables = Path(folder) / "tables"
    if not tables.is_dir():
        raise StudyError(f"{folder} is not a study: it has no folder tables/; make one with: research-lib new {folder}")
    missing = [name for name in TABLES if not (tables / f"{name}.csv").exists()]
    for name in missing:
        save_file(tables / f"{name}.csv", ",".join(column.name for column in columns(TABLES[name])) + "\n")
    return missing
