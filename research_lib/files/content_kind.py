"""What a file really is, by its first bytes and by what an archive holds, whatever its name says."""

import re
from pathlib import Path

from research_lib.files.archives import Archive, UnsafeFileError, open_archive
from research_lib.files.opening import open_file

type Kind = tuple[str, str]

HEAD = 1 << 16
SQLITE, ZIP, ARCHIVE, EXCEL = "an SQLite database", "a zip archive", "an archive", "an Excel workbook"
REFI_QDA, PICTURE = "a REFI-QDA project", "a picture"
_OPENINGS = (
    (rb"%PDF-", "a PDF", ".pdf"),
    (rb"\{\\rtf", "a document in RTF", ".rtf"),
    (rb"SQLite format 3\x00", SQLITE, ""),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file (.doc, .xls or the like)", ""),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*", PICTURE, ""),
    (rb"ID3[\x02-\x04]|OggS|fLaC|RIFF.{4}WAVE|\x00\x00..ftyp", "a recording", ""),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!\x1a|\xfd7zXZ|BZh[1-9]1AY|\x28\xb5\x2f\xfd|.{257}ustar", ARCHIVE, ""),
    (rb"PAR1", "a Parquet file", ""),
    (rb"\$FL[23]@", "an SPSS file", ""),
    (rb"<stata_dta>", "a Stata file", ""),
    (rb"(?i)<(!doctype\s+html|html)\b", "a web page (HTML)", ".html"),
)
_ZIPPED = (
    (r"word/", "a Word document", ".docx"),
    (r"xl/workbook\.bin", "a binary Excel workbook (.xlsb)", ""),
    (r"xl/", EXCEL, ""),
    (r"ppt/", "a presentation", ""),
    (r".*\.qde\Z", REFI_QDA, ""),
)
_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": ("an OpenDocument text", ".odt"),
    "application/vnd.oasis.opendocument.text-template": ("an OpenDocument text", ".odt"),
    "application/vnd.oasis.opendocument.spreadsheet": ("an OpenDocument spreadsheet (.ods)", ""),
    "application/vnd.oasis.opendocument.presentation": ("an OpenDocument presentation (.odp)", ""),
    "application/vnd.sun.xml.writer": ("a document of OpenOffice 1 (.sxw)", ""),
    "application/epub+zip": ("an electronic book (EPUB)", ""),
}


def content_kind(path: Path) -> Kind | None:
    """Say what a file is by its content, and the suffix for it; None for text and for what is not recognised.

    The suffix is empty where documents of that kind are not read. Raises UnreadableFileError where it cannot be opened.
    """
    with open_file(path) as file:
        head = file.read(HEAD)
    if not is_zipped(head):
        return opening_kind(head)
    try:
        with open_archive(path) as archive:
            return archive_kind(archive)
    except UnsafeFileError:
        return ZIP, ""


def kind_named(path: Path) -> str:
    """Say what a file is, also where that is not known; raises UnreadableFileError where it cannot be opened."""
    return (content_kind(path) or ("text, or of a kind that is not known", ""))[0]


def is_zipped(head: bytes) -> bool:
    """Whether a file with this beginning is a zip archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def opening_kind(head: bytes, more: tuple[tuple[bytes, str, str], ...] = ()) -> Kind | None:
    """Say what a file with this beginning is; `more` has further beginnings, each with what it is and its suffix."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for opening, what, suffix in (*_OPENINGS, *more):
        if re.match(opening, head, re.DOTALL) or re.match(opening, start, re.DOTALL):
            return what, suffix
    return None


def archive_kind(archive: Archive) -> Kind:
    """Say what a checked archive is; raises UnsafeFileError where it states that at far too great length."""
    for pattern, what, suffix in _ZIPPED:
        if any(re.match(pattern, name) for name in archive.names):
            return what, suffix
    stated = archive.read("mimetype", limit=HEAD) if "mimetype" in archive.names else b""
    return _MIMETYPES.get(stated.decode("ascii", "replace").strip(), (ZIP, ""))
