"""The built pages: kept under a fingerprint of all that they are made from, light to open."""

import json
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
    """One built folder: each page's document, and the choices and the table that stand in it."""

    folder: Path

    def document(self, page: str, language: str) -> str:
        """The page's HTML; raises ResearchError for an unknown page."""
        if not (self.folder / f"{page}.{language}.html").exists():
            raise ResearchError(
                f"there is no page {page!r} in {language!r}; "
                f"pages: {', '.join(PAGES)}; languages: {', '.join(LANGUAGES)}"
            )
        return (self.folder / f"{page}.{language}.html").read_text(encoding="utf-8")

    def data(self, page: str, language: str) -> dict[str, Any]:
        """The page's choices (`options`, `single`) and its `table`, whose lines stand beside their facets."""
        return _read_json(self.folder / f"{page}.{language}.json")

    def state(self, page: str, query: str) -> ViewState:
        """Read an address's query as choices on a page; raises ViewStateError for one that is too long."""
        data = self.data(page, "en")
        return ViewState.from_query(page, query, {**data["options"], "lang": [*LANGUAGES]}, ["lang", *data["single"]])


def open_bundle(root: Path = ROOT) -> Bundle:
    """Open the built bundle; raises ResearchError where nothing is built yet."""
    folder = root / "build" / build_name(page_fingerprints(root))
    if not (folder / COMPLETE).exists():
        raise ResearchError(f"{folder} is not built; run: research-lib build")
    return Bundle(folder)


@cache
def _read_json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
