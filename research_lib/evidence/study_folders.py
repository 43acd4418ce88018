"""Where studies and outlines lie: the study that commands take, that of the package, and the boundaries of a study."""

from pathlib import Path

from research_lib.errors import StudyError
from research_lib.files.opening import package_data

_CHECKOUT = Path(__file__).resolve().parents[2] / "data"
_ABOVE = (folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "tables").is_dir())
OWN_STUDY = _CHECKOUT if (_CHECKOUT / "tables").is_dir() else next(_ABOVE, Path.cwd())
INCLUDED_STUDY = _CHECKOUT if OWN_STUDY == _CHECKOUT else package_data("included_study", "")
BOUNDARIES = package_data("evidence", "boundaries")


def study_to_read(path: str | Path | None) -> Path:
    """Give a folder; without one that of the current folder or one above it, or the EX-CHANGE study of the package."""
    if path is not None:
        return Path(path)
    return OWN_STUDY if (OWN_STUDY / "tables").is_dir() else INCLUDED_STUDY


def require_study(folder: Path) -> None:
    """Raise StudyError where a folder is not a study."""
    if not (folder / "tables").is_dir():
        raise StudyError(f"{folder} is not a study: it has no folder tables/; make one with: research-lib new {folder}")


def boundaries_of(study: Path) -> Path:
    """Give the folder of a study's own outlines, or that of the world's where it brings none."""
    own = study / "curated/geography"
    return own if any(own.glob("*.geojson")) else BOUNDARIES
