"""Which study a dashboard shows, and in which language its visitor reads."""

import os
from pathlib import Path
from urllib.parse import parse_qs

from research_lib.evidence.study import Study, open_study
from research_lib.show.words import CATALOGUES

STUDY = "RESEARCH_LIB_STUDY"


def served_study() -> Study:
    """Open the study that the server shows; without a server, that of this repository.

    Raises StudyError where the folder is not a study.
    """
    folder = os.environ.get(STUDY)
    return open_study(Path(folder)) if folder else open_study()


def visitor_language(study: Study) -> str:
    """The language that the address of the page names (`?lang=fr`), or else the first of the study."""
    known = [each for each in study.settings.languages if (CATALOGUES / f"{each}.po").exists()] or ["en"]
    wanted = parse_qs(os.environ.get("QUERY_STRING", "")).get("lang", known)[0]
    return wanted if wanted in known else known[0]
