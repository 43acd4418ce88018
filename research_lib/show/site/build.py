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
from research_lib.evidence.settings import read_settings
from research_lib.evidence.study_folders import OWN_STUDY, boundaries_of
from research_lib.files.drafts import new_folder
from research_lib.files.saving import save_file
from research_lib.show.pages.study_pages import PAGES, study_pages
from research_lib.show.site.live_pages import live_pages

_PACKAGE = Path(__file__).resolve().parents[2]
MADE_FROM = (
    *(".csv", ".bib", ".geojson", ".json", ".sig", ".toml", ".po", ".md", ".txt"),
    *(".py", ".pyi", ".j2", ".mjs", ".css", ".sql", ".typ"),
)
_READ_BY_NO_PAGE = ("raw", "curated", "cases", "instruments", "datapackage.json", "README.md")
_BROUGHT_BY_THE_PACKAGE = ("boundaries", "common", "demonstration", "notebooks", "practice")  # data, not code
COMPLETE = "complete"
_KINDS = ("html", "json", "parts.json")
_KEPT = 3


def page_fingerprints(study: Path) -> dict[str, str]:
    """Give a fingerprint of all that each page of a study in each language is made of, such as `home.en`.

    Only the tables, outlines and files that a page's `page.toml` names count for it. Other files of the study count for
    every page: each page's menu states whether the release is synthetic, and names the live pages. So do the versions
    of all libraries.
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
    libraries = " ".join([sys.version, *sorted({path.name for each in sys.path for path in Path(each).glob("*-info")})])
    menu = " ".join([*(f"{page}.{language}" for page, language in every), *live])

    def of(page: str, language: str) -> str:
        own = {f"code/{name}": digest(path) for name, path in code.items() if is_code_of(page, language, name)}
        own |= {f"data/{name}": digest(path) for name, path in data.items() if is_data_of(page, language, name)}
        notebooks = sorted(path.name for path in study.parent.glob("notebooks/*.ipynb") if PAGES[page].counts_notebooks)
        return _digest(libraries, menu, *(f"{name} {found}" for name, found in own.items()), *notebooks)

    return {f"{page}.{language}": of(page, language) for page, language in every}


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
        return _by_page(_manifest(self.folder))

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


def _named(study: Path) -> tuple[Path, dict[str, str]]:
    """The folder of a build, which is named by the fingerprints of its pages, and these."""
    fingerprints = page_fingerprints(study)
    return build_folder(study) / _digest(*map(" ".join, fingerprints.items()))[:12], fingerprints


def open_bundle(study: Path = OWN_STUDY) -> Bundle:
    """Open the built pages of a study; raises ResearchError where they are not built yet."""
    folder, fingerprints = _named(study)
    if _manifest(folder) != _stated(folder, fingerprints):
        raise ResearchError(f"{folder} is not built; run: research-lib build {study}")
    return Bundle(folder)


@cache
def _read_json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _manifest(folder: Path) -> dict[str, Any]:
    """The fingerprint of each page of a build, and the digest of its files; empty where the build is not complete."""
    try:
        return dict(json.loads((folder / COMPLETE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _stated(folder: Path, fingerprints: Mapping[str, str]) -> dict[str, list[str]]:
    """What the manifest of a folder says, if it has every page as it was written."""
    return {name: [found, _content(folder, name)] for name, found in fingerprints.items()}


def _content(folder: Path, name: str) -> str:
    """The digest of a page's files, as far as they are there."""
    files = (folder / f"{name}.{kind}" for kind in _KINDS)
    return hashlib.sha256(b"\n".join(path.read_bytes() for path in files if path.is_file())).hexdigest()


def build(study: Path = OWN_STUDY, *, progress: Callable[[str], object] = str) -> Bundle:
    """Build every page of a study into `build/` beside it.

    A page whose data and code are as in an earlier build is copied from there.

    Nothing is opened where every page is built already, and as it was written. Raises StudyError where the study has
    problems, ResearchError where a release is not as it was signed.
    """
    folder, fingerprints = _named(study)
    if _manifest(folder) != _stated(folder, fingerprints):
        progress(f"building the pages into {folder} …")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(folder) as draft:
            changed = [name for name, found in fingerprints.items() if not _copied(name, found, folder.parent, draft)]
            render_pages(draft, _by_page(changed), study)
            save_file(draft / COMPLETE, json.dumps(_stated(draft, fingerprints)))
            shutil.rmtree(folder, ignore_errors=True)  # one that was damaged
        _tidy(folder.parent)
    return Bundle(folder)


def _by_page(names: Iterable[str]) -> dict[str, list[str]]:
    """The languages of each page, of names such as `home.en`."""
    found: dict[str, list[str]] = {}
    for page, language in (name.split(".") for name in names):
        found.setdefault(page, []).append(language)
    return found


def render_pages(folder: Path, wanted: Mapping[str, Sequence[str]], study: Path) -> None:
    """Render the pages in the languages that each is wanted in, in this process and one beside it.

    One begins with the first page, the other with the last; each takes the next one that the other has not begun.
    """
    if len(wanted) < 2:
        _render_here(folder, wanted, study)
        return
    beside = {page: wanted[page] for page in reversed([*wanted])}
    order = [sys.executable, "-m", "research_lib.show.site.rendering", str(folder), str(study), json.dumps(beside)]
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(order, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as process:
        try:
            _render_here(folder, wanted, study)
        except BaseException:
            process.kill()
            raise
        _, errors = process.communicate()
    if process.returncode:
        raise ResearchError(f"the pages could not be rendered:\n{errors}")


def _render_here(folder: Path, wanted: Mapping[str, Sequence[str]], study: Path) -> None:
    if wanted:
        from research_lib.show.site.rendering import write_pages

        write_pages(folder, wanted, study)


def _copied(name: str, fingerprint: str, builds: Path, folder: Path) -> bool:
    """Copy a page in one language from an earlier build that has it with the same fingerprint, if there is one."""
    for earlier in filter(Path.is_dir, builds.iterdir()):
        if _manifest(earlier).get(name) == [fingerprint, _content(earlier, name)]:
            for kind in _KINDS:
                shutil.copyfile(earlier / f"{name}.{kind}", folder / f"{name}.{kind}")
            return True
    return False


def _tidy(parent: Path) -> None:
    """Keep the newest builds, since a server may still read the one before."""
    for old in sorted(filter(Path.is_dir, parent.iterdir()), key=lambda folder: folder.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old)
