"""Building what the pages read: every page in every language, only those anew of which something has changed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from research_lib.errors import ResearchError
from research_lib.evidence.geography import boundaries_of
from research_lib.evidence.settings import OWN_STUDY, read_settings
from research_lib.files.saving import save_file
from research_lib.show.pages.study_pages import PAGES, study_pages
from research_lib.show.site.live_pages import live_pages

_PACKAGE = Path(__file__).resolve().parents[2]
MADE_FROM = (".csv", ".bib", ".geojson", ".json", ".sig", ".toml", ".py", ".j2", ".mjs", ".css", ".po", ".md")
_READ_BY_NO_PAGE = ("raw", "curated", "instruments", "datapackage.json", "README.md")
_BROUGHT_BY_THE_PACKAGE = ("boundaries", "common", "demonstration", "notebooks", "practice")  # data, not code
COMPLETE = "complete"
_KEPT = 3


def page_fingerprints(study: Path) -> dict[str, str]:
    """Give a fingerprint of all that each page of a study in each language is made of, such as `home.en`.

    Only the tables, outlines and files that a page's `page.toml` names count for it. Other files of the study count for
    every page: each page's menu states whether the release is synthetic, and names the live pages.
    """
    digest = cache(lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
    code, data = _files_of(_PACKAGE), _files_of(study)
    data |= {f"curated/geography/{name}": path for name, path in _files_of(boundaries_of(study)).items()}

    every = [(page, language) for page in study_pages(study) for language in read_settings(study).languages]
    live = [
        f"{page.path} {page.title}"
        for code in read_settings(study).languages
        for page in live_pages(study, language=code)
    ]
    menu = " ".join([*(f"{page}.{language}" for page, language in every), *live])

    def of(page: str, language: str) -> str:
        own = {f"code/{name}": digest(path) for name, path in code.items() if is_code_of(page, language, name)}
        own |= {f"data/{name}": digest(path) for name, path in data.items() if is_data_of(page, language, name)}
        notebooks = sorted(path.name for path in study.parent.glob("notebooks/*.ipynb") if PAGES[page].counts_notebooks)
        return _digest(menu, *(f"{name} {found}" for name, found in own.items()), *notebooks)

    return {f"{page}.{language}": of(page, language) for page, language in every}


def build_name(fingerprints: dict[str, str]) -> str:
    """Name a build by the fingerprints of its pages: twelve hexadecimal digits."""
    return _digest(*(f"{page} {found}" for page, found in fingerprints.items()))[:12]


def is_data_of(page: str, language: str, name: str) -> bool:
    """Whether a file of the study's folder, named from there, counts for a page in a language."""
    path = PurePosixPath(name)
    if path.parts[0] == "tables":
        return path.stem in PAGES[page].tables
    if path.parts[:2] == ("curated", "geography"):
        return path.stem in PAGES[page].outlines
    if any(name in each.files for each in PAGES.values()):
        return name in PAGES[page].files
    return path.parts[0] not in _READ_BY_NO_PAGE and _is_in(page, language, path)


def is_code_of(page: str, language: str, name: str) -> bool:
    """Whether a file of the package, named from there, counts for a page in a language."""
    folder, path = name.split("/"), PurePosixPath(name)
    if path.parent.name in _BROUGHT_BY_THE_PACKAGE:
        return False
    if folder[:2] == ["show", "pages"]:
        return folder[2] == page or folder[2] not in PAGES
    return _is_in(page, language, path)


def _is_in(page: str, language: str, path: PurePosixPath) -> bool:
    """Whether a file counts for a page in a language: a catalogue of another one does for some pages only."""
    return path.suffix != ".po" or path.stem == language or PAGES[page].in_every_language


def _files_of(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in MADE_FROM and path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _digest(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class Bundle:
    """One built folder: each page's document, and the choices and the table that stand in it."""

    folder: Path

    @cached_property
    def languages_by_page(self) -> dict[str, list[str]]:
        """The languages that each page of the study is built in."""
        return _by_page(_read_json(self.folder / COMPLETE))

    def language(self, page: str, wanted: str) -> str:
        """The wanted language, or the first one that a page has."""
        languages = self.languages_by_page[page]
        return wanted if wanted in languages else languages[0]

    def document(self, page: str, language: str) -> str:
        """The page's HTML; raises ResearchError for an unknown page."""
        return self._require(page, language).read_text(encoding="utf-8")

    def _require(self, page: str, language: str) -> Path:
        path = self.folder / f"{page}.{language}.html"
        if not path.exists():
            raise ResearchError(
                f"there is no page {page!r} in {language!r}; the study has "
                + "; ".join(f"{name} in {', '.join(codes)}" for name, codes in self.languages_by_page.items())
            )
        return path

    def parts(self, page: str, language: str) -> dict[str, str]:
        """The page's own part, `main`, and what only a click asks for, `later`; raises ResearchError as `document`."""
        return _read_json(self._require(page, language).with_suffix(".parts.json"))

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
    changed = [name for name, fingerprint in fingerprints.items() if not _copied(name, fingerprint, folder)]
    render_pages(folder, _by_page(changed), study)
    save_file(folder / COMPLETE, json.dumps(fingerprints))


def _by_page(names: Iterable[str]) -> dict[str, list[str]]:
    """The languages of each page, of names such as `home.en`."""
    found: dict[str, list[str]] = {}
    for page, language in (name.split(".") for name in names):
        found.setdefault(page, []).append(language)
    return found


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
            for kind in ("html", "json", "parts.json"):
                shutil.copyfile(earlier.with_name(f"{name}.{kind}"), folder / f"{name}.{kind}")
            return True
    return False


def _tidy(parent: Path) -> None:
    """Keep the newest builds, since a server may still read the one before."""
    for old in sorted(filter(Path.is_dir, parent.iterdir()), key=lambda folder: folder.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old)
