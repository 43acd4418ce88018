"""The built pages: kept under a fingerprint of all that they are made from, light to open."""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError
from research_lib.evidence.settings import OWN_STUDY
from research_lib.show.site.fingerprints import build_name, page_fingerprints
from research_lib.show.state import ViewState

COMPLETE = "complete"


@dataclass(frozen=True)
class Bundle:
    """One built folder: each page's document, and the choices and the table that stand in it."""

    folder: Path

    @cached_property
    def languages_by_page(self) -> dict[str, list[str]]:
        """The languages that each page of the study is built in."""
        found: dict[str, list[str]] = {}
        for name in _read_json(self.folder / COMPLETE):
            page, language = name.split(".")
            found.setdefault(page, []).append(language)
        return found

    def language(self, page: str, wanted: str) -> str:
        """The wanted language, or the first one that a page has."""
        languages = self.languages_by_page[page]
        return wanted if wanted in languages else languages[0]

    def document(self, page: str, language: str) -> str:
        """The page's HTML; raises ResearchError for an unknown page."""
        if not (self.folder / f"{page}.{language}.html").exists():
            raise ResearchError(
                f"there is no page {page!r} in {language!r}; the study has "
                + "; ".join(f"{name} in {', '.join(codes)}" for name, codes in self.languages_by_page.items())
            )
        return (self.folder / f"{page}.{language}.html").read_text(encoding="utf-8")

    def data(self, page: str, language: str) -> dict[str, Any]:
        """The page's choices (`options`, `single`) and its `table`, whose lines stand beside their facets."""
        return _read_json(self.folder / f"{page}.{language}.json")

    def state(self, page: str, query: str) -> ViewState:
        """Read an address's query as choices on a page; raises ViewStateError for one that is too long."""
        languages = self.languages_by_page[page]
        data = self.data(page, languages[0])
        return ViewState.from_query(page, query, {**data["options"], "lang": languages}, ["lang", *data["single"]])


def build_folder(study: Path) -> Path:
    """Where all builds of a study stand: beside it, under its name."""
    return study.resolve().parent / "build" / study.resolve().name


def open_bundle(study: Path = OWN_STUDY) -> Bundle:
    """Open the built pages of a study; raises ResearchError where they are not built yet."""
    folder = build_folder(study) / build_name(page_fingerprints(study))
    if not (folder / COMPLETE).exists():
        raise ResearchError(f"{folder} is not built; run: research-lib build {study}")
    return Bundle(folder)


@cache
def _read_json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
