"""The pages of the package, each as its folder describes it, and which of them a study has."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from research_lib.files.opening import MB, read_bytes
from research_lib.files.toml_files import read_toml

if TYPE_CHECKING:
    from research_lib.evidence.study import Study


@dataclass(frozen=True)
class Page:
    """What `page.toml` in a page's folder says: its place in the menu, what it needs, and what it is made from.

    `needs`: a table with a row, or a folder with another one in it, of the study; a page that needs nothing stands in
    every study. `tables`, `outlines` (of the map) and `files` are those of a study that the page reads: it is rendered
    anew when they change. `in_every_language`: it holds words of each language of the study. `counts_notebooks`: it
    says how many there are.
    """

    order: int
    tables: Sequence[str]
    needs: str = ""
    outlines: Sequence[str] = ()
    files: Sequence[str] = ()
    in_every_language: bool = False
    counts_notebooks: bool = False


_FOUND = {path.parent.name: Page(**read_toml(path)) for path in Path(__file__).parent.glob("*/page.toml")}
PAGES = {name: _FOUND[name] for name in sorted(_FOUND, key=lambda name: _FOUND[name].order)}


def study_pages(folder: Path) -> tuple[str, ...]:
    """List the pages of the study in a folder, judged by its files, so that nothing need be opened."""
    return _pages(folder, lambda table: has_material(folder, table))


def opened_pages(study: "Study") -> tuple[str, ...]:
    """List the pages of an opened study."""
    return _pages(study.path, lambda table: len(study.table_files[Path(table).stem].frame) > 0)


def synthetic_pages(folder: Path) -> tuple[str, ...]:
    """List the pages of the study in a folder whose records a program made, as its releases state."""
    manifests = [json.loads(read_bytes(path, limit=MB)) for path in (folder / "released").glob("[!.]*/manifest.json")]
    return ("cases",) if manifests and all(each["is_synthetic"] for each in manifests) else ()


def _pages(folder: Path, has_rows: Callable[[str], bool]) -> tuple[str, ...]:
    def is_there(needed: str) -> bool:
        return not needed or (has_rows(needed) if needed.startswith("tables/") else has_material(folder, needed))

    return tuple(name for name, page in PAGES.items() if is_there(page.needs))


def has_material(folder: Path, name: str) -> bool:
    """Whether a study has something in a file or folder: a table a line below its header, a folder another one."""
    path = folder / name
    if path.is_dir():
        return any(path.glob("[!.]*/"))
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return bool(stream.readline() and stream.readline().strip())
