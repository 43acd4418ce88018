"""Documents of others as text: plain text, Markdown, Word, OpenDocument, RTF, PDF; with notes on what is left out."""

import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from xml.etree import ElementTree

from research_lib.errors import ResearchError
from research_lib.files.archives import Archive, open_archive, passing_elements, refuse_document_type
from research_lib.files.encodings import decode
from research_lib.files.opening import MB, objection, read_bytes
from research_lib.files.text_formats.document_kind import refuse_other_kind
from research_lib.files.text_formats.document_text import DocumentError, ReadText
from research_lib.files.text_formats.opendocument import opendocument_text
from research_lib.files.text_formats.rich_text import rich_text

type Reader = Callable[[Path, str | None], ReadText]

PAGE_BREAK, MOST_WARNINGS, MOST_ELEMENTS = "\f", 5, 1_000_000
LARGEST, LARGEST_TEXT, LARGEST_PART = 256 * MB, 64 * MB, 128 * MB
LEFT_OUT = {
    "del": "tracked deletions",
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
NOT_ENTERED = {"del", "moveFrom", "rt", "Fallback", "tabs", "pPrChange", "rPrChange", "sectPrChange", "tblPrChange"}
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\xad"}
MARK_IS_DELETED = (["pPr", "rPr", "del"], ["pPr", "rPr", "moveFrom"])
ENDS_A_PARAGRAPH = {"tc", "txbxContent", "body"}
DELETED_WHOLE = (["tr", "trPr", "del"], ["tc", "tcPr", "cellDel"])
READABLE_CODES = re.compile(
    r"/(Uni(GB|CNS|JIS|KS)-(UCS2|UTF16)|GB-EUC|GBpc-EUC|GBK-EUC|GBK2K|ETen-B5|ETenms-B5|90ms-RKSJ)-[HV]"
)
LARGEST_PAGE = 5_000_000
RECOGNISE = "run OCR on it and bring the file with the recognised text"


def read_text(path: Path | str, *, encoding: str | None = None) -> ReadText:
    """Read a document as text.

    Text and Markdown stay as they are, line ends included. Of a Word, OpenDocument or RTF file the paragraphs and table
    cells come each on a line, in their order, with tracked insertions and without tracked deletions; a text box follows
    its paragraph.
    The pages of a PDF are divided by form feeds. `encoding` declares that of a text (see `encoding.decode`).

    Raises DocumentError for an unknown suffix, for a file that is not what its name says, with what it is, and for what
    cannot be read, UnsafeFileError for a Word file that is not
    a plain archive, EncodingUnknownError where the encoding of a text must be declared.
    """
    path = Path(path)
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise DocumentError(f"{path}: documents are read from {', '.join(READERS)}; save it as one of these.")
    if found := objection(path, limit=LARGEST_TEXT if read is _read_plain else LARGEST):
        raise DocumentError(f"{path}: {found[0]}; {found[1]}.")
    refuse_other_kind(path)
    return read(path, encoding)


def _of_format(read: Callable[[Path], tuple[str, tuple[str, ...]]]) -> Reader:
    def reader(path: Path, encoding: str | None) -> ReadText:
        text, notes = read(path)
        return ReadText(text, notes=(*notes, *_unused(encoding)))

    return reader


def _read_plain(path: Path, encoding: str | None) -> ReadText:
    data = read_bytes(path, limit=LARGEST_TEXT)
    found = decode(data, name=str(path), declared=encoding)
    as_declared = encoding is None or data.decode(encoding, "replace").removeprefix("\ufeff") == found.text
    notes = () if as_declared else (f"read as {found.encoding} ({found.found_by}), not as {encoding}",)
    return ReadText(found.text, found.encoding, found.found_by, notes)


def _unused(encoding: str | None) -> tuple[str, ...]:
    return () if encoding is None else (f"the format states its own encoding, {encoding} is not used",)


def _read_word(path: Path, encoding: str | None) -> ReadText:
    reading = _WordReading()
    with open_archive(path) as archive:
        for event, element in _xml(path, archive, _main_part(path, archive)):
            reading.follow(event, element)
    if reading.root != "document":
        raise _no_word_document(str(path))
    notes = (f"left out: {what} ({count})" for what, count in reading.left_out.items())
    text = "\n".join(line for line in reading.lines if line is not None)
    return ReadText(text, notes=(*notes, *_unused(encoding)))


def _main_part(path: Path, archive: Archive) -> str:
    for _, element in _xml(path, archive, "_rels/.rels"):
        if element.get("Type", "").endswith("/officeDocument"):
            return element.get("Target", "").removeprefix("/")
    raise _no_word_document(str(path))


def _no_word_document(place: str) -> DocumentError:
    return DocumentError(f"{place}: it is not a Word document; open it in a word processor and save it as .docx.")


def _xml(path: Path, archive: Archive, name: str) -> Iterator[tuple[str, ElementTree.Element]]:
    """The starts and ends of the elements of one part of a Word file."""
    place = f"{path}, {name}"
    if name not in archive.names:
        raise _no_word_document(place)
    part = io.BytesIO(archive.read(name, limit=LARGEST_PART))
    refuse_document_type(part, place)
    part.seek(0)
    try:
        yield from passing_elements(part, place, most=MOST_ELEMENTS)
    except ElementTree.ParseError as error:
        raise DocumentError(f"{place}: its XML is damaged ({error}); open it in Word and save it again.") from error


@dataclass
class _Paragraph:
    """A paragraph while it is read: its line, its text so far, and whether the next one continues it."""

    line: int
    parts: list[str] = field(default_factory=list)
    runs_on: bool = False


@dataclass
class _WordReading:
    """The lines of a Word document while its elements pass by (None: no text yet), and a count of what is left out."""

    lines: list[str | None] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    root: str = ""
    _path: list[str] = field(default_factory=list)
    _paragraphs: list[_Paragraph] = field(default_factory=list)
    _carried: dict[int, _Paragraph] = field(default_factory=dict)
    _outside: int = 0

    def follow(self, event: str, element: ElementTree.Element) -> None:
        """Follow the start or the end of an element, by its name without namespace."""
        name = element.tag.rpartition("}")[2]
        self.root = self.root or name
        if event == "start":
            self._path.append(name)
            if not self._outside:
                self._start(name)
            return
        if not self._outside:
            self._end(name, element)
        elif self._outside == len(self._path):
            self._outside = 0
        self._path.pop()

    def _start(self, name: str) -> None:
        depth = len(self._path)
        if self._path[-3:] in MARK_IS_DELETED and self._paragraphs:
            self._paragraphs[-1].runs_on = True
            return
        whole = self._path[-3:] in DELETED_WHOLE
        if whole or name in NOT_ENTERED:
            self._outside = depth - 2 if whole else depth
        if whole or name in LEFT_OUT:
            self.left_out[LEFT_OUT.get(name, LEFT_OUT["del"])] += 1
        if name == "p":
            self._paragraphs.append(_Paragraph(len(self.lines)))
            self.lines.append(None)

    def _end(self, name: str, element: ElementTree.Element) -> None:
        if name in ENDS_A_PARAGRAPH:
            self._end_part()
        if not self._paragraphs:
            return
        paragraph = self._paragraphs[-1]
        if name == "p":
            self._paragraphs.pop()
            self._close(paragraph)
        elif name == "t" or name in SIGNS:
            paragraph.parts.append(SIGNS.get(name) or element.text or "")

    def _close(self, paragraph: _Paragraph) -> None:
        before = self._carried.pop(len(self._paragraphs), None)
        if before:
            before.parts += paragraph.parts
            paragraph.line, paragraph.parts = before.line, before.parts
        if paragraph.runs_on:
            self._carried[len(self._paragraphs)] = paragraph
        else:
            self.lines[paragraph.line] = "".join(paragraph.parts)

    def _end_part(self) -> None:
        """Where a cell, a text box or the document ends, nothing follows a paragraph that would run on."""
        last = self._carried.pop(len(self._paragraphs), None)
        if last and last.parts:
            self.lines[last.line] = "".join(last.parts)


class _PdfWarnings(logging.Handler):
    """The warnings of the PDF library about what it could not read, each once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the warning."""
        self.messages[" ".join(record.getMessage().split())[:200]] = None

    def __enter__(self) -> Self:
        logging.getLogger("pypdf").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("pypdf").removeHandler(self)


def _read_pdf(path: Path, encoding: str | None) -> ReadText:
    with _PdfWarnings() as warnings:
        pages = _pdf_texts(path)
    empty = [str(number) for number, text in enumerate(pages, 1) if not text.strip()]
    if len(empty) == len(pages):
        raise DocumentError(f"{path}: it has no text, its pages are pictures or empty; {RECOGNISE}.")
    notes = [f"perhaps not read: {message}" for message in list(warnings.messages)[:MOST_WARNINGS]]
    if empty:
        notes.append(f"pages without text: {', '.join(empty)}")
    return ReadText(PAGE_BREAK.join(pages), notes=(*notes, *_unused(encoding)))


def _pdf_texts(path: Path) -> list[str]:
    pages: list[str] = []
    try:
        for page in _pdf_pages(path):
            pages.append(_page_text(f"{path}, page {len(pages) + 1}", page))
    except ResearchError:
        raise
    except Exception as error:
        reason = f"it is damaged or unusual ({str(error) or type(error).__name__})"
        place = f"{path}, near page {len(pages) + 1}"
        raise DocumentError(f"{place}: {reason}; open it and save it as PDF again.") from error
    return pages


def _pdf_pages(path: Path) -> Iterable[Any]:
    from pypdf import PdfReader

    reader = PdfReader(path)
    if reader.is_encrypted:
        raise DocumentError(f"{path}: it is encrypted; save a copy of it without a password.")
    return reader.pages


def _page_text(place: str, page: Any) -> str:
    """The text of a page; refuses a page with a font that does not state which characters its codes are."""
    unreadable = set[str]()

    def look(text: str, *state: Any) -> None:
        font = state[2]
        if text.strip() and font and not _is_readable(font):
            unreadable.add(str(font.get("/BaseFont", "without a name")))

    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) > LARGEST_PAGE:
        raise DocumentError(f"{place}: it draws far more than a page of text; print it to PDF again.")
    text = str(page.extract_text(visitor_text=look))
    if unreadable:
        fonts = ", ".join(sorted(unreadable))
        raise DocumentError(f"{place}: the font {fonts} does not say which characters its signs are; {RECOGNISE}.")
    return text


def _is_readable(font: dict[str, Any]) -> bool:
    composite = "/Subtype" in font and font["/Subtype"] == "/Type0"
    codes = str(font["/Encoding"]) if "/Encoding" in font else ""
    return not composite or "/ToUnicode" in font or bool(READABLE_CODES.fullmatch(codes))


READERS = {
    ".txt": _read_plain,
    ".md": _read_plain,
    ".docx": _read_word,
    ".odt": _of_format(opendocument_text),
    ".rtf": _of_format(rich_text),
    ".pdf": _read_pdf,
}
