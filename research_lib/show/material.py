"""What the pages are made of: the study, its boundaries, and the release whose tables the case-level page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from geopandas import GeoDataFrame

from research_lib.disclosure.released import Released, open_release
from research_lib.errors import ResearchError
from research_lib.evidence.geography import load_geography
from research_lib.evidence.study import Study, open_study


@dataclass(frozen=True)
class Material:
    """The study, the boundaries by name, one release, and the reason of each of its rules."""

    study: Study
    geography: Mapping[str, GeoDataFrame]
    released: Released
    reasons: Mapping[str, str]

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether the release is made of synthetic records; its tables are looked through once."""
        return self.released.is_synthetic


def open_material(root: Path) -> Material:
    """Open all that the pages are made of.

    Raises StudyError where the study has problems, ResearchError where a release is missing or is not as it was signed.
    """
    study = open_study(root / "data")
    study.require_sound()
    released = newest_release(root / "data/released")
    return Material(study, load_geography(root / "data/curated/geography"), released, released.reasons)


def newest_release(folder: Path) -> Released:
    """Open the newest release of a real study; as long as there is none, the newest synthetic one.

    Every release in the folder is opened and checked. Raises ResearchError where there is none.
    """
    found = [open_release(path) for path in sorted(folder.glob("*/")) if not path.name.startswith(".")]
    if not found:
        raise ResearchError(f"{folder} holds no release; run: research-lib release")
    return max(found, key=lambda each: (not each.is_synthetic, each.manifest["date"]))
