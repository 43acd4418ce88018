"""The live pages: the notebooks that are served beside the finished pages, their titles, and the folder of them."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, package_data, read_bytes
from research_lib.show.pages.study_pages import PAGES, has_material

_OWN = package_data("show", "live/notebooks")
_PICTURES = (".gif", ".jpg", ".png", ".svg")  # the files beside notebooks that Voilà gives
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_MARKS = re.compile(r"[*`]|!?\[([^\]]*)\]\([^)]*\)")


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
