"""Which pages a study has: those that it has tables for, judged by its files, so that nothing need be opened."""

from pathlib import Path

from research_lib.show.pages.names import PAGES

_NEEDED_TABLE = {"routes": "legs", "profiles": "profiles", "comparison": "provisions", "networks": "networks"}


def study_pages(folder: Path) -> tuple[str, ...]:
    """List the pages that the study in a folder has tables for; the case-level page needs a release."""
    has = {page: _has_rows(folder / f"tables/{table}.csv") for page, table in _NEEDED_TABLE.items()}
    has["cases"] = any((folder / "released").glob("[!.]*/"))
    return tuple(page for page in PAGES if has.get(page, True))


def _has_rows(path: Path) -> bool:
    """Whether a table has a line below its header; one that is missing has none."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return bool(stream.readline() and stream.readline().strip())
