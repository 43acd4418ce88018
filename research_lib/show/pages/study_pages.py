"""Which pages a study has: those that it has tables for, and the case-level page with a release."""

import json
from collections.abc import Callable
from pathlib import Path

from research_lib.evidence.study import Study
from research_lib.files.opening import MB, read_bytes
from research_lib.show.pages.names import PAGES

_NEEDED_TABLE = {
    "routes": "legs",
    "profiles": "profiles",
    "comparison": "provisions",
    "assessment": "situations",
    "networks": "networks",
    "evidence": "claims",
}


def study_pages(folder: Path) -> tuple[str, ...]:
    """List the pages of the study in a folder, judged by its files, so that nothing need be opened."""
    return _pages(folder, lambda table: _has_rows(folder / f"tables/{table}.csv"))


def opened_pages(study: Study) -> tuple[str, ...]:
    """List the pages of an opened study."""
    return _pages(study.path, lambda table: len(study.table_files[table].frame) > 0)


def synthetic_pages(folder: Path) -> tuple[str, ...]:
    """List the pages of the study in a folder whose records a program made, as its releases state."""
    manifests = [json.loads(read_bytes(path, limit=MB)) for path in (folder / "released").glob("[!.]*/manifest.json")]
    return ("cases",) if manifests and all(each["is_synthetic"] for each in manifests) else ()


def _pages(folder: Path, has_rows: Callable[[str], bool]) -> tuple[str, ...]:
    has = {page: has_rows(table) for page, table in _NEEDED_TABLE.items()}
    has["cases"] = any((folder / "released").glob("[!.]*/"))
    return tuple(page for page in PAGES if has.get(page, True))


def _has_rows(path: Path) -> bool:
    """Whether a table has a line below its header; one that is missing has none."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return bool(stream.readline() and stream.readline().strip())
