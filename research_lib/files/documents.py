"""Documents of others as text, with notes on what is left out: texts, Word and the like, web pages, transcripts."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from research_lib.errors import ResearchError
from research_lib.files.content_kind import ZIP, content_kind
from research_lib.files.encodings import ReadText, decode
from research_lib.files.formats.transcripts import transcript_text
from research_lib.files.formats.web_pages import declared_encoding, page_text
from research_lib.files.opening import MB, objection, read_bytes
from research_lib.files.xml_documents import DocumentError, opendocument_text, word_text

PAGE_BREAK, MOST_WARNINGS = "\f", 5
_SAME = {".htm": ".html"}
LARGEST, LARGEST_TEXT = 256 * MB, 64 * MB
READABLE_CODES = re.compile(
    r"/(Uni(GB|CNS|JIS|KS)-(UCS2|UTF16)|GB-EUC|GBpc-EUC|GBK-EUC|GBK2K|ETen-B5|ETenms-B5|90ms-RKSJ)-[HV]"
)
LARGEST_PAGE = 5_000_000
LARGEST_RICH_TEXT, _MOST_FONTS, _LONGEST_FONT = 32 * MB, 500_000, 2_000
_LEFT_OUT = {
    "footnote": "footnotes and endnotes",
    "annotation": "comments",
    "pict": "pictures",
    "object": "embedded objects",
    "shptxt": "text boxes",
    "upr": "passages written twice, for old and new programs",
    "pntext": "list numbers",
    "header[lrf]?": "headers",
    "footer[lrf]?": "footers",
}
_WORD = r"(?<!\\)((?:\\\\)*)\\(?:%s)(?![a-zA-Z])"
_HIGH = re.compile(rb"[\x80-\xff]")
_SETS = (("mac", "mac_roman"), ("pca", "cp850"), ("pc", "cp437"))
SAVE_AGAIN = "open it in a word processor and save it as .docx or .odt"
RECOGNISE = "run OCR on it and bring the file with the recognised text"


def read_text(path: Path | str, *, encoding: str | None = None) -> ReadText:
    """Read a document as text.

    Text and Markdown stay as they are, line ends included. Of a Word, OpenDocument or RTF file the paragraphs and table
    cells come each on a line, in their order, with tracked insertions and without tracked deletions; a text box follows
    its paragraph.
    The pages of a PDF are divided by form feeds. Of a web page comes what its body shows, of a transcript (.vtt, .srt)
    the words of each cue, with `times`. `encoding` declares that of a text (see `encoding.decode`); a web page may
    declare its own.

    Raises DocumentError for an unknown suffix, for a file that is not what its name says, with what it is, and for what
    cannot be read, UnsafeFileError for a Word file that is not
    a plain archive, EncodingUnknownError where the encoding of a text must be declared.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DocumentError(f"{path}: documents are read from {', '.join(SUFFIXES)}; save it as one of these.")
    if found := objection(path, limit=LARGEST if suffix in READERS else LARGEST_TEXT):
        raise DocumentError(f"{path}: {found[0]}; {found[1]}.")
    _refuse_other_kind(path)
    if suffix in TEXTS:
        return TEXTS[suffix](path, _plain_text(path, encoding))
    text = READERS[suffix](path)
    unused = () if encoding is None else (f"the format states its own encoding, {encoding} is not used",)
    return replace(text, notes=(*text.notes, *unused))


def _refuse_other_kind(path: Path) -> None:
    stated = _SAME.get(path.suffix.lower(), path.suffix.lower())
    what, suffix = content_kind(path) or ("", stated)
    is_left_to_its_reader = what == ZIP and stated in (".docx", ".odt")
    if suffix != stated and not is_left_to_its_reader:
        fix = f"rename it to end in {suffix}" if suffix else "save its text as .docx, .odt or .txt"
        raise DocumentError(f"{path}: it is {what}, not what its name says; {fix}.")


def _plain_text(path: Path, encoding: str | None) -> ReadText:
    data = read_bytes(path, limit=LARGEST_TEXT)
    is_page = path.suffix.lower() in (".html", ".htm")
    found = decode(data, name=str(path), declared=encoding or (declared_encoding(data) if is_page else None))
    as_declared = encoding is None or data.decode(encoding, "replace").removeprefix("\ufeff") == found.text
    notes = () if as_declared else (f"read as {found.encoding} ({found.found_by}), not as {encoding}",)
    return replace(found, notes=notes)


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


def _rich_text(path: Path) -> ReadText:
    """Read an .rtf file: its paragraphs and table cells, each on a line, and notes on what the text leaves out.

    Raises DocumentError for another file, for tracked deletions, which cannot be told from text, and for characters
    that its code pages do not have.
    """
    from striprtf.striprtf import font_table_group, rtf_to_text

    data = read_bytes(path, limit=LARGEST_RICH_TEXT)
    if not data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf"):
        raise DocumentError(f"{path}: it is not RTF; {SAVE_AGAIN}.")
    source = _prepared(data)
    fonts = str(font_table_group(source))  # type: ignore[no-untyped-call]
    source = source.replace(fonts, _font_table(path, fonts), 1)
    if deleted := _count(source, "deleted"):
        reason = f"it has {deleted} tracked deletions, which RTF does not keep apart for sure"
        raise DocumentError(f"{path}: {reason}; accept or reject the changes, and save it again.")
    encoding = next((name for word, name in _SETS if _count(source[:2000], word)), "cp1252")
    try:
        text = str(rtf_to_text(source, encoding=encoding, errors="strict"))  # type: ignore[no-untyped-call]
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except (ValueError, LookupError, IndexError, TypeError, OverflowError) as error:
        reason = f"some of its characters are in no code page that it names ({error!s:.99})"
        raise DocumentError(f"{path}: {reason}; {SAVE_AGAIN}.") from error
    if not text.strip():
        raise DocumentError(f"{path}: it has no text; {SAVE_AGAIN}.")
    counts = {what: _count(source, word) for word, what in _LEFT_OUT.items()}
    notes = tuple(f"left out: {what} ({count})" for what, count in counts.items() if count)
    return ReadText(text.removesuffix("\n"), notes=notes)


def _prepared(data: bytes) -> str:
    """RTF in ASCII, with a line for each cell of a table, and fields that striprtf does not search for links."""
    escaped = _HIGH.sub(lambda found: b"\\'%02x" % found[0][0], data)
    text = re.sub(r"[\r\n]+(?=\\')", "", escaped.decode("ascii")).lstrip("\ufeff")
    text = re.sub(_WORD % "nestcell|cell", r"\1\\par", text)
    text = re.sub(_WORD % "nestrow|row" + " ?", r"\1{}", text)
    return re.sub(_WORD % "fldinst", "\\1\\\\fldinst\n", text)


def _font_table(path: Path, table: str) -> str:
    """The table of fonts, each on a line with an end, as striprtf's search is slow in long lines."""
    fonts = re.split(r"(?=\\f\d)", re.sub(r"[\r\n]+", " ", table))
    if len(table) > _MOST_FONTS or max(map(len, fonts)) > _LONGEST_FONT:
        raise DocumentError(f"{path}: its table of fonts is damaged or far too long; {SAVE_AGAIN}.")
    return ";\n".join(fonts) if table else ""


def _count(source: str, word: str) -> int:
    return len(re.findall(_WORD % word, source))


TEXTS: dict[str, Callable[[Path, ReadText], ReadText]] = {
    ".txt": lambda _path, read: read,
    ".md": lambda _path, read: read,
    ".html": page_text,
    ".htm": page_text,
    ".vtt": transcript_text,
    ".srt": transcript_text,
}
READERS: dict[str, Callable[[Path], ReadText]] = {
    ".docx": word_text,
    ".odt": opendocument_text,
    ".rtf": _rich_text,
    ".pdf": _pdf_text,
}
SUFFIXES = (*TEXTS, *READERS)
