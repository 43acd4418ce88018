"""What a document really is, by its first bytes, where its name says something else."""

import re
from pathlib import Path

from research_lib.files.archives import UnsafeFileError, open_archive
from research_lib.files.opening import open_file
from research_lib.files.text_formats.document_text import DocumentError

_HEAD = 4096
SQLITE, ZIP, REFI_QDA = "an SQLite database", "a zip archive", "a REFI-QDA project"
_OPENINGS = (
    (rb"%PDF-", "a PDF", ".pdf"),
    (rb"\{\\rtf", "a document in RTF", ".rtf"),
    (rb"SQLite format 3\x00", SQLITE, ""),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file (.doc, .xls or the like)", ""),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*", "a picture", ""),
    (rb"ID3|OggS|fLaC|RIFF.{4}WAVE|.{4}ftyp", "a recording", ""),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!\x1a|\xfd7zXZ|BZh[1-9]1AY|\x28\xb5\x2f\xfd", "an archive", ""),
    (rb"(?i)<(!doctype\s+html|html)\b", "a web page (HTML)", ""),
)
_ZIPPED = (
    (r"word/", "a Word document", ".docx"),
    (r"xl/", "an Excel workbook", ""),
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


def document_kind(path: Path) -> tuple[str, str] | None:
    """Say what a file is by its content, and the suffix for it; None for text and for what is not recognised.

    The suffix is empty where documents of that kind are not read. Raises UnreadableFileError where it cannot be opened.
    """
    with open_file(path) as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for opening, what, suffix in _OPENINGS:
        if re.match(opening, head, re.DOTALL) or re.match(opening, start, re.DOTALL):
            return what, suffix
    return None


def kind_named(path: Path) -> str:
    """Say what a file is, also where that is not known; raises UnreadableFileError where it cannot be opened."""
    return (document_kind(path) or ("text, or of a kind that is not known", ""))[0]


def refuse_other_kind(path: Path) -> None:
    """Raise DocumentError for a document whose content is of a kind that its name does not say."""
    stated = path.suffix.lower()
    what, suffix = document_kind(path) or ("", stated)
    is_left_to_its_reader = what == ZIP and stated in (".docx", ".odt")
    if suffix != stated and not is_left_to_its_reader:
        fix = f"rename it to end in {suffix}" if suffix else "save its text as .docx, .odt or .txt"
        raise DocumentError(f"{path}: it is {what}, not what its name says; {fix}.")


def _zipped(path: Path) -> tuple[str, str]:
    try:
        with open_archive(path) as archive:
            if "mimetype" in archive.names:
                stated = archive.read("mimetype", limit=_HEAD).decode("ascii", "replace").strip()
                return _MIMETYPES.get(stated, (ZIP, ""))
            names = archive.names
    except UnsafeFileError:
        return ZIP, ""
    found = ((what, suffix) for pattern, what, suffix in _ZIPPED if any(re.match(pattern, name) for name in names))
    return next(found, (ZIP, ""))
