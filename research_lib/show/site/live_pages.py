"""The live pages: the notebooks that are served beside the finished pages, their titles, and what surrounds them."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from research_lib.errors import ResearchError
from research_lib.evidence.settings import StudySettings, read_settings
from research_lib.files.opening import MB, package_data, read_bytes
from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.browser_module import page_icon
from research_lib.show.pages.study_pages import PAGES, has_material, study_pages, synthetic_pages
from research_lib.show.site.front_end import JOINED, FrontEnd
from research_lib.show.words import Words, folder_words, language_name

_OWN = package_data("show", "live/notebooks")
_PICTURES = (".gif", ".jpg", ".png", ".svg")  # the files beside notebooks that Voilà gives
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_MARKS = re.compile(r"[*`]|!?\[([^\]]*)\]\([^)]*\)")
_PHRASES = (
    *("live.again", "live.elsewhere", "live.ended", "live.failed", "live.late", "live.loading", "live.missing"),
    *("live.no_tiles", "live.script", "live.starting", "live.step", "live.timeout"),
    *("site.languages", "site.name", "site.pages", "site.researchers", "site.skip", "site.call"),
)


@dataclass(frozen=True)
class LivePage:
    """A notebook that is served: its path as in the address, and its title."""

    path: str
    title: str

    @property
    def address(self) -> str:
        """The path as a link holds it."""
        return quote(self.path)


@dataclass(frozen=True)
class Told:
    """What a notebook says of itself: its title, its texts in other languages, and what it needs of a study."""

    title: str
    translations: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    needs: tuple[str, ...] = ()

    def title_in(self, language: str) -> str:
        """The heading of its first text in a language, or else in its own."""
        texts = self.translations.get(language, ())
        return (_heading(texts[0]) if texts else "") or self.title


def live_pages(study: Path, notebooks: Path | None = None, *, language: str = "en") -> list[LivePage]:
    """List the notebooks in `dashboards/` of a study, beside it, and of the package; with equal names the first counts.

    A notebook with the name of a finished page is not one of them, nor is the one to copy, `template.ipynb`, nor one
    whose metadata name under `needs` a table or a folder of the study in which there is nothing.
    """
    others = {f"{name}.ipynb" for name in (*PAGES, "template")}
    found = []
    for name, path in _files(study, notebooks).items():
        if name.endswith(".ipynb") and name not in others:
            told = notebook_told(path)
            if all(has_material(study, need) for need in told.needs):
                found.append(LivePage(name, told.title_in(language)))
    return found


def notebook_told(path: Path) -> Told:
    """Read what a notebook says of itself, once as long as the file does not change.

    Its title is the first heading of its first cell of text, or else the name of its file. Its metadata may hold
    `translations`, the texts of its cells of text in their order by language, and `needs`.
    """
    try:
        return _told(path, path.stat().st_mtime_ns)
    except OSError:
        return Told(path.stem)


@lru_cache(maxsize=256)
def _told(path: Path, changed: int) -> Told:  # noqa: ARG001  # a file that has changed is read again
    try:
        notebook = json.loads(read_bytes(path, limit=64 * MB))
        texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        metadata = notebook.get("metadata", {})
        own = {code: _texts(each) for code, each in _mapping(metadata.get("translations")).items()}
        return Told((_heading(texts[0]) if texts else "") or path.stem, own, _texts(metadata.get("needs")))
    except (ResearchError, ValueError, TypeError, RecursionError, LookupError, AttributeError):  # it is no notebook
        return Told(path.stem)


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _mapping(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _heading(text: str) -> str:
    heading = _HEADING.search(text)
    return _MARKS.sub(r"\1", heading[1]).strip() if heading else ""


@contextmanager
def served_folder(study: Path, notebooks: Path | None = None) -> Iterator["ServedFolder"]:
    """Give one folder with the notebooks and pictures in `dashboards/` of a study and those of the package.

    `notebooks`: a folder to take in place of the `dashboards/` beside the study and those of the package.
    """
    with TemporaryDirectory(prefix="dashboards-") as made:
        Path(made).chmod(0o755)  # kernels are other users, where the server is root
        served = ServedFolder(Path(made), study, notebooks)
        served.renew()
        yield served


@dataclass(frozen=True)
class ServedFolder:
    """A folder of links to notebooks and copies of pictures, as they are in the folders that they come from."""

    path: Path
    study: Path
    notebooks: Path | None

    def renew(self) -> set[str]:
        """Take in what is new, leave out what is gone, and name the notebooks."""
        found = _files(self.study, self.notebooks)
        for place in [path for path in self.path.rglob("*") if path.is_symlink() or path.is_file()]:
            if place.relative_to(self.path).as_posix() not in found:
                place.unlink()
        for name, path in found.items():
            _put(path, self.path / name)
        return {name for name in found if name.endswith(".ipynb")}


def _put(path: Path, place: Path) -> None:
    """Link a notebook, and copy a picture, since the server gives no file that a link leads to."""
    if path.suffix not in (".ipynb", *_PICTURES) or (path.suffix in _PICTURES and path.is_symlink()):
        return
    if place.is_symlink() and place.readlink() == path.absolute():
        return
    if place.exists() and place.stat().st_mtime_ns == path.stat().st_mtime_ns:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    if path.suffix in _PICTURES:
        shutil.copy2(path, place)
    else:
        place.symlink_to(path.absolute())


def own_folder(served: Path, address: str) -> Path:
    """The folder that the notebook at an address stands in, so that its code finds the files beside it."""
    name = unquote(address.rpartition("/")[2])
    return (served / name).resolve().parent if name else served


def _files(study: Path, notebooks: Path | None) -> dict[str, Path]:
    """The files of the folders that notebooks come from, by their names; with equal names the first counts."""
    others = [study.resolve().parent / "dashboards", _OWN] if notebooks is None else [notebooks]
    found: dict[str, Path] = {}
    for folder in filter(Path.is_dir, [study.resolve() / "dashboards", *others]):
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                found.setdefault(name.as_posix(), path)
    return found


def translate(notebook: Any, language: str) -> None:
    """Put the texts of a language, where the notebook's metadata have them, into its cells of text."""
    texts = _texts(_mapping(notebook.metadata.get("translations")).get(language))
    cells = (cell for cell in notebook.cells if cell.cell_type == "markdown")
    for cell, text in zip(cells, texts, strict=False):
        cell.source = text


@dataclass(frozen=True)
class Frame:
    """What stands around each live page of a study: title, menu, languages, and the words of its states.

    Voilà calls it before it starts a notebook; its page template reads what the notebook's metadata then hold.
    """

    study: Path
    notebooks: Path | None
    front_end: FrontEnd

    def __call__(self, handler: Any, notebook: Any, cwd: str) -> None:  # noqa: ARG002  # Voilà passes it
        """Put the frame into the metadata of a notebook that is about to run."""
        _ = handler.xsrf_token  # sets the cookie with which the page ends its kernel when it is left
        wanted = parse_qs(handler.request.query).get("lang", ["en"])[0]
        languages = self._settings.languages
        frame = self._frame(handler.path_args[0], wanted if wanted in languages else languages[0])
        usual = self.words[frame["language"]].plural("live.usual", self.front_end.usual_seconds(handler.path_args[0]))
        scripts, name = self.front_end.scripts(handler.request.path)
        joined = f"{handler.base_url.rstrip('/')}{JOINED}{name}.js" if name else ""
        both = [joined, *scripts] if joined else scripts
        notebook.metadata["live"] = frame | {"scripts": both, "joined": joined, "usual": usual}
        translate(notebook, frame["language"])

    def live(self, language: str) -> list[LivePage]:
        """The live pages that there are now, with their titles in a language."""
        return live_pages(self.study, self.notebooks, language=language)

    def _frame(self, path: str, language: str) -> dict[str, Any]:
        words, apart, live = self.words[language], synthetic_pages(self.study), self.live(language)
        return {
            "icon": page_icon(),
            "path": path,
            "title": next((page.title for page in live if page.path == path), path.removesuffix(".ipynb")),
            "language": language,
            "query": Addresses(language).query(),
            "words": {key.rpartition(".")[2]: words(key) for key in _PHRASES},
            "pages": [
                (f"{page}.ipynb", words(f"{page}.short")) for page in study_pages(self.study) if page not in apart
            ],
            "apart": [(f"{page}.ipynb", words(f"{page}.menu_synthetic")) for page in apart],
            "live": [(page.address, page.title, page.path) for page in live],
            "licence": words("site.licence", licence=self._settings.licence or words("site.no_licence")),
            "can_call": has_material(self.study, "contacts.csv"),
            "languages": [(code, language_name(code)) for code in self._settings.languages],
        }

    def titles(self) -> dict[str, dict[str, str]]:
        """The title of every page in each language, by the address of the page."""
        by_address: dict[str, dict[str, str]] = {}
        for code in self.words:
            for live in self.live(code):
                by_address.setdefault(live.address, {})[code] = live.title
        for page in study_pages(self.study):
            by_address[f"{page}.ipynb"] = {code: words(f"{page}.short") for code, words in self.words.items()}
        return by_address

    @cached_property
    def _settings(self) -> StudySettings:
        return read_settings(self.study)

    @cached_property
    def words(self) -> dict[str, Words]:
        """The phrases of each language of the study, its first language first."""
        return {code: folder_words(self.study, code) for code in self._settings.languages}
