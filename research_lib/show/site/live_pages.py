"""The live pages: the notebooks that are served beside the finished pages, their titles, and what surrounds them."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from research_lib.errors import ResearchError
from research_lib.evidence.settings import StudySettings, read_settings
from research_lib.files.opening import MB, read_bytes
from research_lib.files.package_data import package_data
from research_lib.show.pages.browser_module import page_icon
from research_lib.show.pages.names import PAGES
from research_lib.show.pages.study_pages import has_material, study_pages, synthetic_pages
from research_lib.show.site.front_end import FrontEnd
from research_lib.show.words import CATALOGUES, Words, open_catalogue

_OWN = package_data("show", "live/notebooks")
_PICTURES = (".gif", ".jpg", ".png", ".svg")  # the files beside notebooks that Voilà gives
_UNREADABLE = (ResearchError, ValueError, TypeError, RecursionError)  # what a file that is no notebook raises
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_MARKS = re.compile(r"[*`]|!?\[([^\]]*)\]\([^)]*\)")
_PHRASES = (
    *("live.again", "live.elsewhere", "live.ended", "live.script", "live.starting", "live.step"),
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


def live_pages(study: Path, notebooks: Path | None = None) -> list[LivePage]:
    """List the notebooks in `dashboards/` of a study, beside it, and of the package; with equal names the first counts.

    A notebook with the name of a finished page is not one of them, nor is the one to copy, `template.ipynb`, nor one
    whose metadata name under `needs` a table or a folder of the study in which there is nothing.
    """
    found = {name: path for folder in _folders(study, notebooks)[::-1] for name, path in _files(folder)}
    names = dict.fromkeys(name for folder in _folders(study, notebooks) for name, _ in _files(folder))
    others = {f"{name}.ipynb" for name in (*PAGES, "template")}
    wanted = (name for name in names if name.endswith(".ipynb") and name not in others)
    possible = (name for name in wanted if all(has_material(study, each) for each in _needs(found[name])))
    return [LivePage(name, notebook_title(found[name])) for name in possible]


def _needs(path: Path) -> list[str]:
    """What a notebook's metadata say that it needs of a study; nothing where the file is no notebook."""
    try:
        needs = _notebook(path)["metadata"]["needs"]
    except (*_UNREADABLE, LookupError):
        return []
    return [name for name in needs if isinstance(name, str)] if isinstance(needs, list) else []


def _notebook(path: Path) -> Any:
    return json.loads(read_bytes(path, limit=64 * MB))


def notebook_title(path: Path) -> str:
    """Give the first heading of a notebook's first cell of text, or else the name of its file."""
    try:
        cells = _notebook(path)["cells"]
        text = next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    except (*_UNREADABLE, LookupError, StopIteration):
        return path.stem
    heading = _HEADING.search(text)
    return (_MARKS.sub(r"\1", heading[1]).strip() if heading else "") or path.stem


@contextmanager
def served_folder(study: Path, notebooks: Path | None = None) -> Iterator[Path]:
    """Give one folder with the notebooks and pictures in `dashboards/` of a study and those of the package.

    `notebooks`: a folder to take in place of the `dashboards/` beside the study and those of the package.
    """
    folders = _folders(study, notebooks)
    if len(folders) < 2:
        yield folders[0]
        return
    with TemporaryDirectory(prefix="dashboards-") as made:
        for name, path in {name: path for folder in folders[::-1] for name, path in _files(folder)}.items():
            _put(path, Path(made) / name)
        yield Path(made)


def _put(path: Path, place: Path) -> None:
    """Link a notebook, and copy a picture, since the server gives no file that a link leads to."""
    if path.suffix not in (".ipynb", *_PICTURES) or (path.suffix in _PICTURES and path.is_symlink()):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in _PICTURES:
        shutil.copyfile(path, place)
    else:
        place.symlink_to(path)


def own_folder(served: Path, address: str) -> Path:
    """The folder that the notebook at an address stands in, so that its code finds the files beside it."""
    name = unquote(address.rpartition("/")[2])
    return (served / name).resolve().parent if name else served


def _has_rows(path: Path) -> bool:
    return path.exists() and len(read_bytes(path, limit=MB).splitlines()) > 1


def _folders(study: Path, notebooks: Path | None) -> list[Path]:
    """The folders that notebooks come from, without those that add no name."""
    others = [study.resolve().parent / "dashboards", _OWN] if notebooks is None else [notebooks]
    names: set[str] = set()
    found = []
    for folder in [study.resolve() / "dashboards", *others]:
        if folder.is_dir() and not (own := {name for name, _ in _files(folder)}) <= names:
            found.append(folder)
            names |= own
    return found


def _files(folder: Path) -> list[tuple[str, Path]]:
    found = ((path.relative_to(folder), path) for path in sorted(folder.rglob("*")) if path.is_file())
    return [(name.as_posix(), path) for name, path in found if not any(part.startswith(".") for part in name.parts)]


@dataclass(frozen=True)
class Frame:
    """What stands around each live page of a study: title, menu, languages, and the words of its states.

    Voilà calls it before it starts a notebook; its page template reads what the notebook's metadata then hold.
    """

    study: Path
    live: Sequence[LivePage]
    front_end: FrontEnd

    def __call__(self, handler: Any, notebook: Any, cwd: str) -> None:  # noqa: ARG002  # Voilà passes it
        """Put the frame into the metadata of a notebook that is about to run."""
        _ = handler.xsrf_token  # sets the cookie with which the page ends its kernel when it is left
        wanted = parse_qs(handler.request.query).get("lang", ["en"])[0]
        languages = self._settings.languages
        frame = self._frame(handler.path_args[0], wanted if wanted in languages else languages[0])
        notebook.metadata["live"] = frame | {"scripts": self.front_end.scripts(handler.request.path)}

    def _frame(self, path: str, language: str) -> dict[str, Any]:
        words, apart = self.words[language], synthetic_pages(self.study)
        return {
            "icon": page_icon(),
            "path": path,
            "title": next((page.title for page in self.live if page.path == path), path.removesuffix(".ipynb")),
            "language": language,
            "query": "" if language == "en" else f"?lang={language}",
            "words": {key.rpartition(".")[2]: words(key) for key in _PHRASES},
            "pages": [
                (f"{page}.ipynb", words(f"{page}.short")) for page in study_pages(self.study) if page not in apart
            ],
            "apart": [(f"{page}.ipynb", words(f"{page}.menu_synthetic")) for page in apart],
            "live": [(page.address, page.title, page.path) for page in self.live],
            "can_call": _has_rows(self.study / "contacts.csv"),
            "languages": [(code, words(f"language.{code}")) for code in self._settings.languages],
        }

    @cached_property
    def titles(self) -> dict[str, dict[str, str]]:
        """The title of every page in each language, by the address of the page."""
        finished = {f"{page}.ipynb": f"{page}.short" for page in study_pages(self.study)}
        live = {page.address: dict.fromkeys(self.words, page.title) for page in self.live}
        return live | {
            address: {code: words(key) for code, words in self.words.items()} for address, key in finished.items()
        }

    @cached_property
    def _settings(self) -> StudySettings:
        return read_settings(self.study)

    @cached_property
    def words(self) -> dict[str, Words]:
        """The phrases of each language of the study, its first language first."""
        more = {"site.name": self._settings.title, "home.title": self._settings.title}
        own = self.study / "phrases"
        return {
            code: open_catalogue(CATALOGUES / f"{code}.po", more=more, own=own / f"{code}.po")
            for code in self._settings.languages
        }
