"""What the pages read: built once, kept under a fingerprint of all that it was made from, light to open."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError
from research_lib.show.pages.names import LANGUAGES, PAGES
from research_lib.show.site.fingerprints import build_name, page_fingerprints
from research_lib.show.state import ViewState

ROOT = Path(__file__).resolve().parents[3]
COMPLETE = "complete"


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
                f"there is no page {page!r} in {language!r}; "
                f"pages: {', '.join(PAGES)}; languages: {', '.join(LANGUAGES)}"
            )
        return (self.folder / f"{page}.{language}.html").read_text(encoding="utf-8")

    def rows(self, page: str, language: str) -> dict[str, Any]:
        """The page's options and rows: `options`, `columns`, and `rows` with their facets."""
        return _read_json(self.folder / f"{page}.{language}.json")

    def state(self, page: str, query: str) -> ViewState:
        """Read an address's query as choices on a page; raises ViewStateError for one that is too long."""
        rows = self.rows(page, "en")
        single = ("lang", *rows.get("single", ()))
        return ViewState.from_query(page, query, {**rows["options"], "lang": [*LANGUAGES]}, single)


def build_folder(root: Path = ROOT) -> Path:
    """Where the bundle of the present data and code belongs."""
    return root / "build" / build_name(page_fingerprints(root))


def open_bundle() -> Bundle:
    """Open the built bundle; raises ResearchError where nothing is built yet.

    A server names the folder in the environment variable RESEARCH_BUILD, so that a visitor's kernel need not look.
    """
    folder = Path(os.environ.get("RESEARCH_BUILD") or build_folder())
    if not (folder / COMPLETE).exists():
        raise ResearchError(f"{folder} is not built; run: research-lib build")
    return Bundle(folder)


@cache
def _read_json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
