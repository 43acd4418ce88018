"""Which study a dashboard shows, and in which language its visitor reads."""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from research_lib.errors import ResearchError
from research_lib.evidence.study import Study, open_study
from research_lib.files.opening import last_change
from research_lib.show.words import CATALOGUES

STUDY = "RESEARCH_LIB_STUDY"


def served_study() -> Study:
    """Open the study that the server shows; without a server, that of this repository.

    Raises StudyError where the folder is not a study.
    """
    folder = os.environ.get(STUDY)
    return _opened(Path(folder), last_change(Path(folder))) if folder else open_study()


@lru_cache(maxsize=1)
def _opened(folder: Path, changed: int) -> Study:  # noqa: ARG001  # a study that has changed is opened again
    return open_study(folder)


def get_ready() -> None:
    """Load in advance what most dashboards need, so that a page whose kernel waited has its widgets at once."""
    from research_lib.show.live import Compare, WhatIf

    for page in (Compare, WhatIf):
        with suppress(ResearchError):
            page(served_study()).close()


def visitor_language(study: Study) -> str:
    """The language that the address of the page names (`?lang=fr`), or else the first of the study."""
    known = [each for each in study.settings.languages if (CATALOGUES / f"{each}.po").exists()] or ["en"]
    wanted = parse_qs(os.environ.get("QUERY_STRING", "")).get("lang", known)[0]
    return wanted if wanted in known else known[0]
