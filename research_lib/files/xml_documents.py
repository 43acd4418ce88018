"""Documents in XML, as Word (.docx) and OpenDocument (.odt) have them: paragraphs become lines while elements pass."""

import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from research_lib.errors import ResearchError
from research_lib.files.archives import Archive, open_archive, refuse_document_type
from research_lib.files.encodings import ReadText
from research_lib.files.opening import MB

LARGEST_PART, MOST_ELEMENTS = 128 * MB, 1_000_000
MARK_IS_DELETED = (["pPr", "rPr", "del"], ["pPr", "rPr", "moveFrom"])
ENDS_A_PARAGRAPH = {"tc", "txbxContent", "body"}
DELETED_WHOLE = (["tr", "trPr", "del"], ["tc", "tcPr", "cellDel"])
_MOST_SPACES = 10_000
_BLANK = re.compile("[ \\t\\r\\n]+")
_SAVE_AGAIN = "open it in LibreOffice and save it as .odt again"


class DocumentError(ResearchError):
    """A document cannot be read as text."""


@dataclass
class Paragraph:
    """A paragraph while it is read: its line, its text so far, and whether the next one continues it."""

    line: int
    parts: list[str] = field(default_factory=list)
    runs_on: bool = False


@dataclass
class PassingText:
    """The lines of a document while its elements pass by (None: no text yet), and a count of what is left out.

    A format says, by the names of elements without namespace: where its body is, what it counts as left out, which
    elements are not entered, which stand for a sign, which are paragraphs, and which have text (none: all).
    Raises DocumentError for more than a million elements.
    """

    BODY: ClassVar[list[str]] = []
    LEFT_OUT: ClassVar[dict[str, str]] = {}
    NOT_ENTERED: ClassVar[set[str]] = set()
    SIGNS: ClassVar[dict[str, str]] = {}
    PARAGRAPHS: ClassVar[set[str]] = {"p"}
    TEXTS: ClassVar[set[str]] = set()

    place: str
    lines: list[Paragraph | None] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    has_body: bool = False
    path: list[str] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    carried: dict[int, Paragraph] = field(default_factory=dict)
    outside: int = 0
    elements: int = 0

    @property
    def text(self) -> str:
        """The lines that have been read."""
        read = ((each, self.line_of("".join(each.parts))) for each in self.lines if each is not None)
        return "\n".join(line for paragraph, line in read if line or not paragraph.runs_on)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out, and how often."""
        return tuple(f"left out: {what} ({count})" for what, count in self.left_out.items())

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Follow the start of an element."""
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise DocumentError(f"{self.place}: it has more than {MOST_ELEMENTS:,} elements; bring it in parts.")
        self.path.append(tag.rpartition("}")[2])
        if not self.outside:
            self.enter(self.path[-1], attributes)

    def enter(self, name: str, _attributes: dict[str, str]) -> None:
        """Count an element that is left out, begin a paragraph, or add a sign."""
        self.has_body = self.has_body or self.path[-2:] == self.BODY
        if name in self.LEFT_OUT:
            self.left_out[self.LEFT_OUT[name]] += 1
        if name in self.NOT_ENTERED:
            self.outside = len(self.path)
        elif name in self.PARAGRAPHS:
            self.paragraphs.append(Paragraph(len(self.lines)))
            self.lines.append(None)
        elif self.paragraphs and name in self.SIGNS:
            self.paragraphs[-1].parts.append(self.SIGNS[name])

    def data(self, text: str) -> None:
        """Take the text of a paragraph."""
        if self.paragraphs and not self.outside and (not self.TEXTS or self.path[-1] in self.TEXTS):
            self.paragraphs[-1].parts.append(text)

    def end(self, _tag: str) -> None:
        """Follow the end of an element."""
        if not self.outside:
            self.leave(self.path[-1])
        elif self.outside == len(self.path):
            self.outside = 0
        self.path.pop()

    def leave(self, name: str) -> None:
        """End a paragraph."""
        if name in self.PARAGRAPHS:
            paragraph = self.paragraphs.pop()
            self.lines[paragraph.line] = paragraph
            if paragraph.runs_on:
                self.carried[len(self.paragraphs)] = paragraph

    def line_of(self, text: str) -> str:
        """Give the line of a paragraph of this text."""
        return text


def read_part(archive: Archive, name: str, reading: PassingText, fix: str) -> None:
    """Let the elements of one part of an archive pass by.

    Raises DocumentError with the fix where its XML is damaged, UnsafeFileError for a document type or an entity.
    """
    data = archive.read(name, limit=LARGEST_PART)
    refuse_document_type(io.BytesIO(data), reading.place)
    parser = ElementTree.XMLParser(target=reading)
    try:
        parser.feed(data)
        parser.close()
    except ElementTree.ParseError as error:
        raise DocumentError(f"{reading.place}: its XML is damaged ({error}); {fix}.") from error


def word_text(path: Path) -> ReadText:
    """Read a .docx file: its paragraphs and table cells, each on a line, and notes on what the text leaves out."""
    with open_archive(path) as archive:
        relations = _Relations(f"{path}, _rels/.rels")
        _read_word_part(archive, "_rels/.rels", relations)
        if not (part := relations.text):
            raise _no_word_document(str(path))
        reading = _WordReading(f"{path}, {part}")
        _read_word_part(archive, part, reading)
    if not reading.has_body:
        raise _no_word_document(str(path))
    return ReadText(reading.text, notes=reading.notes)


def _read_word_part(archive: Archive, name: str, reading: PassingText) -> None:
    if name not in archive.names:
        raise _no_word_document(reading.place)
    read_part(archive, name, reading, "open it in Word and save it again")


def _no_word_document(place: str) -> DocumentError:
    return DocumentError(f"{place}: it is not a Word document; open it in a word processor and save it as .docx.")


class _Relations(PassingText):
    """The part that has the text, as the relations of the file say, is the first line."""

    def enter(self, _name: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument") and not self.lines:
            self.lines.append(Paragraph(0, [attributes.get("Target", "").removeprefix("/")]))


class _WordReading(PassingText):
    """The lines of a Word document, in which a paragraph whose mark is deleted runs on into the next."""

    BODY: ClassVar = ["document", "body"]
    LEFT_OUT: ClassVar = {
        "del": "tracked deletions",
        "cellDel": "tracked deletions",
        "moveFrom": "passages that were moved, at their old place",
        "footnoteReference": "footnotes",
        "endnoteReference": "endnotes",
        "commentReference": "comments",
        "headerReference": "headers",
        "footerReference": "footers",
        "numPr": "list numbers",
        "pic": "pictures",
        "imagedata": "pictures",
        "sym": "signs of symbol fonts",
        "rt": "readings above characters",
        "altChunk": "embedded documents",
    }
    NOT_ENTERED: ClassVar = {
        *("del", "moveFrom", "rt", "Fallback", "tabs", "pPrChange", "rPrChange", "sectPrChange", "tblPrChange")
    }
    SIGNS: ClassVar = {
        **{"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\xad"}
    }
    TEXTS: ClassVar = {"t"}

    def enter(self, name: str, attributes: dict[str, str]) -> None:
        """Pass over what is deleted as a whole, and continue a paragraph of which the mark is deleted."""
        if self.path[-3:] in MARK_IS_DELETED and self.paragraphs:
            self.paragraphs[-1].runs_on = True
        elif name == "p" and (before := self.carried.pop(len(self.paragraphs), None)):
            self.paragraphs.append(Paragraph(before.line, before.parts))
        else:
            super().enter(name, attributes)
        if self.path[-3:] in DELETED_WHOLE:
            self.outside = len(self.path) - 2

    def leave(self, name: str) -> None:
        """End a paragraph; where a cell, a text box or the document ends, nothing follows one that would run on."""
        if name in ENDS_A_PARAGRAPH:
            self.carried.pop(len(self.paragraphs), None)
        super().leave(name)


def opendocument_text(path: Path) -> ReadText:
    """Read an .odt file: its paragraphs and table cells, each on a line, and notes on what the text leaves out.

    Tracked insertions are text, tracked deletions are not; a text box follows its paragraph. Raises DocumentError for
    an encrypted, damaged or other file, UnsafeFileError for one that is not a plain archive.
    """
    with open_archive(path) as archive:
        if "content.xml" not in archive.names:
            raise DocumentError(f"{path}: it is not an OpenDocument text; {_SAVE_AGAIN}.")
        manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.names else b""
        if b"encryption-data" in manifest:
            raise DocumentError(f"{path}: it is encrypted; save a copy of it without a password.")
        body = _OpenReading(f"{path}, content.xml")
        read_part(archive, "content.xml", body, _SAVE_AGAIN)
        headers = _OpenReading(f"{path}, styles.xml")
        if "styles.xml" in archive.names:
            read_part(archive, "styles.xml", headers, _SAVE_AGAIN)
    if not body.has_body:
        raise DocumentError(f"{body.place}: it has no text body; {_SAVE_AGAIN}.")
    more = ("left out: headers and footers",) if headers.text.strip() else ()
    return ReadText(body.text, notes=(*body.notes, *more))


class _OpenReading(PassingText):
    """The lines of a part. Signs of which XML has no letter hold the place of blanks that count, until a line ends."""

    BODY: ClassVar = ["body", "text"]
    LEFT_OUT: ClassVar = {
        "deletion": "tracked deletions",
        "note": "footnotes and endnotes",
        "annotation": "comments",
        "image": "pictures",
        "object": "embedded objects",
        "object-ole": "embedded objects",
        "ruby-text": "readings above characters",
        "list-item": "list numbers",
    }
    NOT_ENTERED: ClassVar = {
        *("deletion", "change-info", "note", "annotation", "image", "object", "object-ole", "ruby-text", "title"),
        *("desc", "forms", "scripts", "settings", "bibliography-source", "table-of-content-source"),
    }
    SIGNS: ClassVar = {"tab": "\1", "line-break": "\2", "soft-hyphen": "\xad"}
    PARAGRAPHS: ClassVar = {"p", "h"}

    def enter(self, name: str, attributes: dict[str, str]) -> None:
        """Follow the start of an element; one stands for several blanks, and a paragraph within another ends them."""
        if name in self.PARAGRAPHS:
            self.data("\4")
        super().enter(name, attributes)
        if name == "s":
            count = next((value for key, value in attributes.items() if key.endswith("}c")), "1")
            self.data("\3" * min(int(count) if count.isdecimal() and len(count) < 9 else 1, _MOST_SPACES))

    def line_of(self, text: str) -> str:
        """Make several blanks one, and those at the start none."""
        return _BLANK.sub(" ", text).removeprefix(" ").translate({1: "\t", 2: "\n", 3: " ", 4: None})
