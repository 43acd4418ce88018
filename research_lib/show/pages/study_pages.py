"""Which pages a study has: those that it has tables for, and the case-level page with a release."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from research_lib.files.opening import MB, read_bytes

if TYPE_CHECKING:
    from research_lib.evidence.study import Study

PAGES = ("home", "routes", "profiles", "comparison", "assessment", "networks", "evidence", "cases", "about")
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
    return _pages(folder, lambda table: has_material(folder, f"tables/{table}.csv"))


def opened_pages(study: "Study") -> tuple[str, ...]:
    """List the pages of an opened study."""
    return _pages(study.path, lambda table: len(study.table_files[table].frame) > 0)


def synthetic_pages(folder: Path) -> tuple[str, ...]:
    """List the pages of the study in a folder whose records a program made, as its releases state."""
    manifests = [json.loads(read_bytes(path, limit=MB)) for path in (folder / "released").glob("[!.]*/manifest.json")]
    return ("cases",) if manifests and all(each["is_synthetic"] for each in manifests) else ()


def _pages(folder: Path, has_rows: Callable[[str], bool]) -> tuple[str, ...]:
    has = {page: has_rows(table) for page, table in _NEEDED_TABLE.items()}
    has["cases"] = has_material(folder, "released")
    return tuple(page for page in PAGES if has.get(page, True))


def has_material(folder: Path, name: str) -> bool:
    """Whether a study has something in a file or folder: a table a line below its header, a folder another one."""
    path = folder / name
    if path.is_dir():
        return any(path.glob("[!.]*/"))
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return bool(stream.readline() and stream.readline().strip())
