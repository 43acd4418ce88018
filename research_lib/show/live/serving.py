"""Which study a dashboard shows, and in which language its visitor reads."""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from research_lib.errors import ResearchError
from research_lib.evidence.settings import OWN_STUDY, StudySettings
from research_lib.files.opening import last_change
from research_lib.show.words import CATALOGUES

if TYPE_CHECKING:
    from research_lib.evidence.study import Study

STUDY = "RESEARCH_LIB_STUDY"


def served_study() -> "Study":
    """Open the study that the server shows; without a server, that of this repository.

    Raises StudyError where the folder is not a study.
    """
    return opened_study(served_folder())


def opened_study(folder: Path) -> "Study":
    """Open the study in a folder, once as long as nothing in the folder changes."""
    return _opened(folder, last_change(folder))


def served_folder() -> Path:
    """The folder of the study that the server shows; without a server, that of this repository."""
    return Path(os.environ.get(STUDY) or OWN_STUDY)


@lru_cache(maxsize=1)
def _opened(folder: Path, changed: int) -> "Study":  # noqa: ARG001  # a study that has changed is opened again
    from research_lib.evidence.study import open_study  # loads slowly

    return open_study(folder)


def get_ready() -> None:
    """Load in advance what most dashboards need, so that a page whose kernel waited has its widgets at once."""
    from research_lib.show.live import Compare

    with suppress(ResearchError):
        Compare().close()


def visitor_language(study: "Study") -> str:
    """The language that the address of the page names (`?lang=fr`), or else the first of the study."""
    return wanted_language(study.settings)


def wanted_language(settings: StudySettings) -> str:
    """The language that the address of the page names, or else the first that the settings name."""
    known = [each for each in settings.languages if (CATALOGUES / f"{each}.po").exists()] or ["en"]
    wanted = parse_qs(os.environ.get("QUERY_STRING", "")).get("lang", known)[0]
    return wanted if wanted in known else known[0]
