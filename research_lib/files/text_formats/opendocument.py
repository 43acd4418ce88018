"""OpenDocument texts (.odt), as LibreOffice and others write them: their paragraphs, and what is left out."""

import io
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from research_lib.files.archives import Archive, open_archive, refuse_document_type
from research_lib.files.opening import MB
from research_lib.files.text_formats.document_text import DocumentError

LARGEST_PART, MOST_ELEMENTS = 128 * MB, 1_000_000
MIMETYPES = ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template")
_LEFT_OUT = {
    "deletion": "tracked deletions",
    "note": "footnotes and endnotes",
    "annotation": "comments",
    "image": "pictures",
    "object": "embedded objects",
    "object-ole": "embedded objects",
    "ruby-text": "readings above characters",
    "list-item": "list numbers",
}
_NOT_ENTERED = {"tracked-changes", "note", "annotation", "image", "object", "object-ole", "ruby-text"}
_NOT_ENTERED |= {"title", "desc", "forms", "scripts", "settings", "bibliography-source", "table-of-content-source"}
_PARAGRAPHS = {"p", "h"}
_MOST_SPACES = 10_000
_BLANK = re.compile("[ \\t\\r\\n]+")
_SAVE_AGAIN = "open it in LibreOffice and save it as .odt again"


def opendocument_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Read an .odt file: its paragraphs and table cells, each on a line, and notes on what the text leaves out.

    Tracked insertions are text, tracked deletions are not; a text box follows its paragraph. Raises DocumentError for
    an encrypted, damaged or other file, UnsafeFileError for one that is not a plain archive.
    """
    with open_archive(path) as archive:
        _refuse_other(path, archive)
        body = _read(path, archive, "content.xml")
        headers = _read(path, archive, "styles.xml", within="master-styles") if "styles.xml" in archive.names else None
    notes = [f"left out: {what} ({count})" for what, count in body.left_out.items()]
    if headers and any(line.strip() for line in headers.lines):
        notes.append("left out: headers and footers")
    return "\n".join(body.lines), tuple(notes)


def _refuse_other(path: Path, archive: Archive) -> None:
    if "content.xml" not in archive.names:
        raise DocumentError(f"{path}: it is not an OpenDocument text; {_SAVE_AGAIN}.")
    manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.names else b""
    if b"encryption-data" in manifest:
        raise DocumentError(f"{path}: it is encrypted; save a copy of it without a password.")


def _read(path: Path, archive: Archive, name: str, *, within: str = "text") -> "_Reading":
    place = f"{path}, {name}"
    data = archive.read(name, limit=LARGEST_PART)
    refuse_document_type(io.BytesIO(data), place)
    reading = _Reading(within)
    parser = ElementTree.XMLParser(target=reading)
    try:
        parser.feed(data)
        parser.close()
    except ElementTree.ParseError as error:
        raise DocumentError(f"{place}: its XML is damaged ({error}); {_SAVE_AGAIN}.") from error
    if not reading.found:
        raise DocumentError(f"{place}: it has no text body; {_SAVE_AGAIN}.")
    return reading


class _Reading:
    """The lines of a document while its elements pass by, and a count of what is left out."""

    def __init__(self, within: str):
        self.lines: list[str] = []
        self.left_out: Counter[str] = Counter()
        self.found = False
        self._within, self._depth, self._body, self._outside, self._elements = within, 0, 0, 0, 0
        self._open: list[tuple[int, int, list[str]]] = []
        self._after_blank = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Follow the start of an element, by its name without namespace."""
        self._depth += 1
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise DocumentError(f"a document with more than {MOST_ELEMENTS:,} elements is not read; bring it in parts.")
        name = tag.rpartition("}")[2]
        if not self._body and name == self._within:
            self._body, self.found = self._depth, True
        if not self._body:
            return
        if name in _LEFT_OUT and (not self._outside or name == "deletion"):
            self.left_out[_LEFT_OUT[name]] += 1
        if name in _NOT_ENTERED and not self._outside:
            self._outside = self._depth
        if self._outside:
            return
        if name in _PARAGRAPHS:
            self._open.append((self._depth, len(self.lines), []))
            self.lines.append("")
            self._after_blank = True
        elif self._open:
            self._sign(name, attributes)

    def _sign(self, name: str, attributes: dict[str, str]) -> None:
        sign = {"tab": "\t", "line-break": "\n", "soft-hyphen": "\xad"}.get(name, "")
        if name == "s":
            count = next((value for key, value in attributes.items() if key.endswith("}c")), "1")
            sign = " " * min(int(count) if count.isdecimal() and len(count) < 9 else 1, _MOST_SPACES)
        if sign:
            self._open[-1][2].append(sign)
            self._after_blank = False

    def data(self, text: str) -> None:
        """Take text, in which several blanks are one, and those at the start of a paragraph none."""
        if self._outside or not self._open:
            return
        text = _BLANK.sub(" ", text)
        text = text.removeprefix(" ") if self._after_blank else text
        if text:
            self._open[-1][2].append(text)
            self._after_blank = text.endswith(" ")

    def end(self, _tag: str) -> None:
        """Follow the end of an element."""
        if self._outside == self._depth:
            self._outside = 0
        if self._open and self._open[-1][0] == self._depth:
            _, line, parts = self._open.pop()
            self.lines[line] = "".join(parts)
            self._after_blank = False
        if self._body == self._depth:
            self._body = 0
        self._depth -= 1

    def close(self) -> None:
        """Do nothing at the end."""
