"""Building what the pages read: every page in every language, only those anew whose inputs have changed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError
from research_lib.evidence.settings import OWN_STUDY
from research_lib.files.saving import save_file
from research_lib.show.site.fingerprints import build_name, page_fingerprints

COMPLETE = "complete"
_KEPT = 3


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


def build(study: Path = OWN_STUDY, *, progress: Callable[[str], object] = str) -> Bundle:
    """Build every page of a study into `build/` beside it.

    A page whose data and code are as in an earlier build is copied from there.

    Nothing is opened where every page is built already. Raises StudyError where the study has problems, ResearchError
    where a release is not as it was signed.
    """
    fingerprints = page_fingerprints(study)
    folder = build_folder(study) / build_name(fingerprints)
    if not (folder / COMPLETE).exists():
        progress(f"building the pages into {folder} …")
        _build_into(folder, fingerprints, study)
        _tidy(folder.parent)
    return Bundle(folder)


def _build_into(folder: Path, fingerprints: Mapping[str, str], study: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    changed = {name for name in fingerprints if not _copied(name, fingerprints[name], folder)}
    wanted: dict[str, list[str]] = {}
    for page, language in (name.split(".") for name in fingerprints if name in changed):
        wanted.setdefault(page, []).append(language)
    render_pages(folder, wanted, study)
    save_file(folder / COMPLETE, json.dumps(fingerprints))


def render_pages(folder: Path, wanted: Mapping[str, Sequence[str]], study: Path) -> None:
    """Render the pages in the languages that each is wanted in, every second page in a process beside this one."""
    beside = dict(list(wanted.items())[1::2])
    if not beside:
        _render_here(folder, wanted, study)
        return
    order = [sys.executable, "-m", "research_lib.show.site.rendering", str(folder), str(study), json.dumps(beside)]
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(order, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as process:
        try:
            _render_here(folder, {page: wanted[page] for page in wanted if page not in beside}, study)
        except BaseException:
            process.kill()
            raise
        _, errors = process.communicate()
    if process.returncode:
        raise ResearchError(f"the pages {', '.join(beside)} could not be rendered:\n{errors}")


def _render_here(folder: Path, wanted: Mapping[str, Sequence[str]], study: Path) -> None:
    if wanted:
        from research_lib.show.site.rendering import write_pages

        write_pages(folder, wanted, study)


def _copied(name: str, fingerprint: str, folder: Path) -> bool:
    """Copy a page in one language from an earlier build that has it with the same fingerprint, if there is one."""
    for earlier in folder.parent.glob(f"*/{COMPLETE}"):
        if json.loads(earlier.read_text(encoding="utf-8") or "{}").get(name) == fingerprint:
            for kind in ("html", "json"):
                shutil.copyfile(earlier.with_name(f"{name}.{kind}"), folder / f"{name}.{kind}")
            return True
    return False


def _tidy(parent: Path) -> None:
    """Keep the newest builds, since a server may still read the one before."""
    for old in sorted(filter(Path.is_dir, parent.iterdir()), key=lambda folder: folder.stat().st_mtime, reverse=True)[
        _KEPT:
    ]:
        shutil.rmtree(old)
