"""Documents of others as text: plain text, Markdown, Word, OpenDocument, RTF, PDF; with notes on what is left out."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

from research_lib.errors import ResearchError
from research_lib.files.archives import Archive, open_archive
from research_lib.files.content_kind import ZIP, content_kind
from research_lib.files.encodings import decode
from research_lib.files.opening import MB, objection, read_bytes
from research_lib.files.text_formats.document_text import (
    DocumentError,
    Paragraph,
    PassingText,
    ReadText,
    read_part,
)
from research_lib.files.text_formats.opendocument import opendocument_text
from research_lib.files.text_formats.rich_text import rich_text

PAGE_BREAK, MOST_WARNINGS = "\f", 5
LARGEST, LARGEST_TEXT = 256 * MB, 64 * MB
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
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise DocumentError(f"{path}: documents are read from {', '.join(READERS)}; save it as one of these.")
    read = READERS[suffix]
    if found := objection(path, limit=LARGEST if read else LARGEST_TEXT):
        raise DocumentError(f"{path}: {found[0]}; {found[1]}.")
    _refuse_other_kind(path)
    if read is None:
        return _plain_text(path, encoding)
    text = read(path)
    unused = () if encoding is None else (f"the format states its own encoding, {encoding} is not used",)
    return replace(text, notes=(*text.notes, *unused))


def _refuse_other_kind(path: Path) -> None:
    stated = path.suffix.lower()
    what, suffix = content_kind(path) or ("", stated)
    is_left_to_its_reader = what == ZIP and stated in (".docx", ".odt")
    if suffix != stated and not is_left_to_its_reader:
        fix = f"rename it to end in {suffix}" if suffix else "save its text as .docx, .odt or .txt"
        raise DocumentError(f"{path}: it is {what}, not what its name says; {fix}.")


def _plain_text(path: Path, encoding: str | None) -> ReadText:
    data = read_bytes(path, limit=LARGEST_TEXT)
    found = decode(data, name=str(path), declared=encoding)
    as_declared = encoding is None or data.decode(encoding, "replace").removeprefix("\ufeff") == found.text
    notes = () if as_declared else (f"read as {found.encoding} ({found.found_by}), not as {encoding}",)
    return ReadText(found.text, found.encoding, found.found_by, notes)


def _word_text(path: Path) -> ReadText:
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


def _pdf_text(path: Path) -> ReadText:
    with _PdfWarnings() as warnings:
        pages = _pdf_texts(path)
    empty = [str(number) for number, text in enumerate(pages, 1) if not text.strip()]
    if len(empty) == len(pages):
        raise DocumentError(f"{path}: it has no text, its pages are pictures or empty; {RECOGNISE}.")
    notes = [f"perhaps not read: {message}" for message in list(warnings.messages)[:MOST_WARNINGS]]
    if empty:
        notes.append(f"pages without text: {', '.join(empty)}")
    return ReadText(PAGE_BREAK.join(pages), notes=tuple(notes))


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


READERS: dict[str, Callable[[Path], ReadText] | None] = {
    ".txt": None,
    ".md": None,
    ".docx": _word_text,
    ".odt": opendocument_text,
    ".rtf": rich_text,
    ".pdf": _pdf_text,
}
