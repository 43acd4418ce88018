"""What the pages read: built once, kept under a fingerprint of all that it was made from, light to open."""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from research_lib.errors import ResearchError
from research_lib.show.state import ViewState

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("home", "routes", "profiles", "comparison", "networks", "cases")
_PACKAGE = Path(__file__).resolve().parents[2]
_MADE_FROM = (".csv", ".bib", ".geojson", ".json", ".toml", ".py", ".j2", ".mjs", ".css", ".po")


@dataclass(frozen=True)
class Bundle:
    """One built folder: each page's document, and its rows for the kernel."""

    folder: Path

    def document(self, page: str, language: str) -> str:
        """The page's own HTML, up to where a server adds what makes it live.

        Raises ResearchError for an unknown page.
        """
        if not (self.folder / f"{page}.{language}.html").exists():
            raise ResearchError(
                f"there is no page {page!r} in {language!r}; pages: {', '.join(PAGES)}; languages: en, fr"
            )
        return (self.folder / f"{page}.{language}.html").read_text(encoding="utf-8")

    def rows(self, page: str, language: str) -> dict:
        """The page's options and rows: `options`, `columns`, and `rows` with their facets."""
        return _read_json(self.folder / f"{page}.{language}.json")

    def state(self, page: str, query: str) -> ViewState:
        """Read an address's query as choices on a page; raises ViewStateError for one that is too long."""
        rows = self.rows(page, "en")
        single = ("lang", *rows.get("single", ()))
        return ViewState.from_query(page, query, {**rows["options"], "lang": ["en", "fr"]}, single)


def fingerprint(data: Path) -> str:
    """Twelve hexadecimal digits that change when the data or the code of the pages change."""
    digest = hashlib.sha256()
    for folder in (data, _PACKAGE):
        for path in sorted(path for path in folder.rglob("*") if path.suffix in _MADE_FROM):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    for path in sorted((data.parent / "notebooks").glob("*.ipynb")):  # the home page counts them
        digest.update(path.name.encode())
    return digest.hexdigest()[:12]


def build_folder(root: Path = ROOT) -> Path:
    """Where the bundle of the present data and code belongs."""
    return root / "build" / fingerprint(root / "data")


def open_bundle() -> Bundle:
    """Open the built bundle; raises ResearchError where nothing is built yet.

    A server names the folder in the environment variable RESEARCH_BUILD, so that a visitor's kernel need not look.
    """
    folder = Path(os.environ.get("RESEARCH_BUILD") or build_folder())
    if not (folder / "complete").exists():
        raise ResearchError(f"{folder} is not built; run: research-lib build")
    return Bundle(folder)


@cache
def _read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
