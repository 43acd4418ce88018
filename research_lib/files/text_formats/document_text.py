"""What is read of a document, and how of one in XML: its paragraphs become lines while the elements pass by."""

import io
from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar
from xml.etree import ElementTree

from research_lib.errors import ResearchError
from research_lib.files.archives import Archive, refuse_document_type
from research_lib.files.opening import MB

LARGEST_PART, MOST_ELEMENTS = 128 * MB, 1_000_000


class DocumentError(ResearchError):
    """A document cannot be read as text."""


@dataclass(frozen=True)
class ReadText:
    """The text of a document, its encoding and how it was found, and notes on what the text leaves out.

    Where the format has an encoding of its own (Word, OpenDocument, RTF, PDF) the encoding is empty and `found_by` is
    "format".
    """

    text: str
    encoding: str = ""
    found_by: str = "format"
    notes: tuple[str, ...] = ()


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
