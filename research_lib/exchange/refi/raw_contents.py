"""The content of a REFI-QDA file as it is read: the files of its archive, and what its XML says.

Nothing is looked up yet, since parts may come in any order.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from research_lib.errors import CodingError
from research_lib.files.archives import Archive, fold
from research_lib.files.encodings import MARKS

_ELSEWHERE = re.compile(r"^(relative://|absolute://|file:|https?:|/(?!/)|[a-z]:/)", re.IGNORECASE)


@dataclass(frozen=True)
class ProjectFiles:
    """The XML of a project and, where it lies in an archive, the files beside it; `place` is for people."""

    xml: str
    place: str
    open_xml: Callable[[], BinaryIO]
    archive: Archive | None = None

    def plain(self, path: str) -> tuple[str, bool] | str:
        """Read the text at a path as it stands in the XML, without its byte order mark, and whether it had one.

        Or say why it cannot be read.
        """
        if _ELSEWHERE.match(path.replace("\\", "/")):
            return f"it lies outside the archive, at {path!r}; export the project with its sources"
        inside = re.sub(r"^internal:", "", path.replace("\\", "/"), flags=re.IGNORECASE).lstrip("/")
        folder = self.xml[: self.xml.rfind("/") + 1]
        places = [f"{folder}{part}{each}" for each in (inside, unquote(inside)) for part in ("sources/", "")]
        members = self.archive.members if self.archive else {}
        name = next((members[fold(each)].orig_filename for each in places if fold(each) in members), None)
        if self.archive is None or name is None:
            return f"there is no file {path!r} in the archive; export the project with its sources"
        raw = self.archive.read(name)
        mark, encoding = next(((mark, encoding) for mark, encoding in MARKS if raw.startswith(mark)), (b"", "utf-8"))
        try:
            return raw[len(mark) :].decode(encoding), bool(mark)
        except UnicodeDecodeError as error:
            return f"{name} is not {encoding.upper()} at byte {len(mark) + error.start}; save it as UTF-8"


def files_in(archive: Archive, path: Path) -> ProjectFiles:
    """Find the XML in an archive: `project.qde`, or the only file that ends in `.qde`; raises CodingError for none."""
    found = [name for name in archive.names if name.lower().endswith(".qde")]
    usual = [name for name in found if name.lower() == "project.qde"]
    if len(usual or found) != 1:
        raise CodingError(f"{path}: a project has one file that ends in .qde, not {len(found)}; export it again")
    name = (usual or found)[0]
    return ProjectFiles(name, f"{path}, {name}", lambda: archive.open(name), archive)


@dataclass
class RawCoding:
    """A coding: its code, and the GUIDs of the notes on it; once it has a place, that in code points.

    `text` is the number of its text, `selection` the GUID of its selection, and `comment` what stands there in words.
    """

    id: str
    code: str
    user: str
    time: str | None
    notes: Sequence[str]
    text: int = 0
    start: int = 0
    end: int = 0
    selection: str = ""
    comment: str = ""


@dataclass
class Selection:
    """A selection on a text: where it stands, in the units of the program, and all that lies on it."""

    guid: str
    start: int
    end: int
    name: str | None
    comment: str
    notes: Sequence[str]
    codings: Sequence[RawCoding]


@dataclass
class Text:
    """A document or a note: what names it, its text and what describes it.

    `selections` has what was selected in it, and `whole` the codings on all of it.
    """

    guid: str
    name: str
    place: str
    text: str = ""
    bom: bool = False
    selections: list[Selection] = field(default_factory=list)
    whole: list[RawCoding] = field(default_factory=list)
    description: str = ""
    notes: list[str] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class CaseOrSet:
    """A case or a set: its description, its values and the GUIDs that it refers to, by the name of the element."""

    guid: str
    name: str
    description: str = ""
    values: list[tuple[str, str, str]] = field(default_factory=list)
    targets: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class CodeEntry:
    """A code as it stands in the file."""

    guid: str
    name: str
    parent: str | None
    description: str
    color: str
    codable: bool
    notes: list[str]


@dataclass
class Contents:
    """All that a file holds; `sources` has the numbers of the texts that belong to the GUID of a source."""

    name: str = ""
    origin: str = ""
    description: str = ""
    notes_on_all: list[str] = field(default_factory=list)
    users: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    codes: list[CodeEntry] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    cases: list[CaseOrSet] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    codings: list[RawCoding] = field(default_factory=list)
    sources: dict[str, list[int]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    sets: list[CaseOrSet] = field(default_factory=list)
