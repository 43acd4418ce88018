"""What the pages are made of: a study, boundaries, and the release whose tables the case-level page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from research_lib.disclosure.released import Released, open_release
from research_lib.errors import ResearchError
from research_lib.show.pages.study_pages import opened_pages

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from research_lib.evidence.study import Study


@dataclass(frozen=True)
class Material:
    """The study, the boundaries by name, the pages that it has, and its newest release, where there is one."""

    study: "Study"
    geography: "Mapping[str, GeoDataFrame]"
    pages: tuple[str, ...]
    newest: Released | None = None

    @property
    def released(self) -> Released:
        """The newest release; raises ResearchError where there is none."""
        if self.newest is None:
            raise ResearchError(f"{self.study.path / 'released'} holds no release; run: research-lib release")
        return self.newest

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether the release is made of synthetic records; its tables are looked through once."""
        return self.newest is not None and self.newest.is_synthetic

    def require_page(self, page: str, language: str) -> None:
        """Raise ResearchError for a page or a language that the study does not have."""
        languages = self.study.settings.languages
        if page not in self.pages or language not in languages:
            known = f"pages: {', '.join(self.pages)}; languages: {', '.join(languages)}"
            raise ResearchError(f"the study has no page {page!r} in {language!r}; {known}")


def open_material(folder: Path) -> Material:
    """Open all that the pages of a study are made of; boundaries that it does not bring are those of the world.

    Raises StudyError where the study has problems, ResearchError where a release is not as it was signed.
    """
    from research_lib.evidence.study import open_study  # loads slowly

    return material_of(open_study(folder))


def material_of(study: "Study") -> Material:
    """Give all that the pages of an opened study are made of; raises what `open_material` raises."""
    from research_lib.evidence.geography import load_geography  # loads slowly
    from research_lib.evidence.study_folders import boundaries_of

    study.require_sound()
    geography = load_geography(boundaries_of(study.path))
    return Material(study, geography, opened_pages(study), newest_release(study.path / "released"))


def newest_release(folder: Path) -> Released | None:
    """Open the newest release of a real study; as long as there is none, the newest synthetic one, if there is any.

    Every release in the folder is opened and checked; raises ResearchError for one that is not as it was signed.
    """
    found = [open_release(path) for path in sorted(folder.glob("*/")) if not path.name.startswith(".")]
    return max(found, key=lambda each: (not each.is_synthetic, each.manifest["date"]), default=None)
