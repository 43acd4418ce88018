"""The files of a project archive: which one is the XML, and the texts that it refers to by path."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from research_lib.errors import CodingError
from research_lib.files.archives import Archive, fold
from research_lib.files.encodings import MARKS
from research_lib.files.opening import open_file

_ELSEWHERE = re.compile(r"^(relative://|absolute://|file:|https?:|/(?!/)|[a-z]:/)", re.IGNORECASE)


@dataclass(frozen=True)
class PlainText:
    """A plain text, without its byte order mark, and whether it had one."""

    text: str
    bom: bool = False


@dataclass(frozen=True)
class ProjectFiles:
    """The XML of a project and, where it lies in an archive, the files beside it; `place` is for people."""

    xml: str
    place: str
    open_xml: Callable[[], BinaryIO]
    archive: Archive | None = None

    def plain(self, path: str) -> PlainText | str:
        """Read the text at a path as it stands in the XML, or say why it cannot be read."""
        if _ELSEWHERE.match(path.replace("\\", "/")):
            return f"it lies outside the archive, at {path!r}; export the project with its sources"
        name = self._member(path)
        if self.archive is None or name is None:
            return f"there is no file {path!r} in the archive; export the project with its sources"
        return _decoded(self.archive.read(name), name)

    def _member(self, path: str) -> str | None:
        inside = re.sub(r"^internal:", "", path.replace("\\", "/"), flags=re.IGNORECASE).lstrip("/")
        members = self.archive.members if self.archive else {}
        folder = self.xml[: self.xml.rfind("/") + 1]
        places = [f"{folder}{part}{each}" for each in (inside, unquote(inside)) for part in ("sources/", "")]
        found = (members.get(fold(name)) for name in places)
        return next((member.orig_filename for member in found if member), None)


def _decoded(raw: bytes, name: str) -> PlainText | str:
    mark, encoding = next(((mark, encoding) for mark, encoding in MARKS if raw.startswith(mark)), (b"", "utf-8"))
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        return f"{name} is not {encoding.upper()} at byte {len(mark) + error.start}; save it as UTF-8"
    return PlainText(text, bool(mark))


def files_in(archive: Archive, path: Path) -> ProjectFiles:
    """Find the XML in an archive: `project.qde`, or the only file that ends in `.qde`; raises CodingError for none."""
    found = [name for name in archive.names if name.lower().endswith(".qde")]
    usual = [name for name in found if name.lower() == "project.qde"]
    if len(usual or found) != 1:
        raise CodingError(f"{path}: a project has one file that ends in .qde, not {len(found)}; export it again")
    name = (usual or found)[0]
    return ProjectFiles(name, f"{path}, {name}", lambda: archive.open(name), archive)


def file_alone(path: Path) -> ProjectFiles:
    """Take XML that lies on its own, such as a codebook."""
    return ProjectFiles(path.name, str(path), lambda: open_file(path))
