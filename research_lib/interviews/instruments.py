"""The questionnaires in a study's folder `instruments/`."""

from pathlib import Path

INTERVIEW = "interview"
SUFFIXES = (".xlsx", ".xls", ".csv", ".md", ".xml")  # of the files that a form is read from


def own_forms(folder: Path) -> list[Path]:
    """List the forms in a study's folder `instruments/`."""
    return sorted(path for path in (folder / "instruments").glob("*") if path.suffix.lower() in SUFFIXES)
