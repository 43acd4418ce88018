"""OpenDocument texts (.odt), as LibreOffice and others write them: their paragraphs, and what is left out."""

import re
from pathlib import Path
from typing import ClassVar

from research_lib.files.archives import Archive, open_archive
from research_lib.files.text_formats.document_text import DocumentError, PassingText, ReadText, read_part

_MOST_SPACES = 10_000
_BLANK = re.compile("[ \\t\\r\\n]+")
_SAVE_AGAIN = "open it in LibreOffice and save it as .odt again"


def opendocument_text(path: Path) -> ReadText:
    """Read an .odt file: its paragraphs and table cells, each on a line, and notes on what the text leaves out.

    Tracked insertions are text, tracked deletions are not; a text box follows its paragraph. Raises DocumentError for
    an encrypted, damaged or other file, UnsafeFileError for one that is not a plain archive.
    """
    with open_archive(path) as archive:
        _refuse_other(path, archive)
        body = _Reading(f"{path}, content.xml")
        read_part(archive, "content.xml", body, _SAVE_AGAIN)
        headers = _Reading(f"{path}, styles.xml")
        if "styles.xml" in archive.names:
            read_part(archive, "styles.xml", headers, _SAVE_AGAIN)
    if not body.has_body:
        raise DocumentError(f"{body.place}: it has no text body; {_SAVE_AGAIN}.")
    more = ("left out: headers and footers",) if headers.text.strip() else ()
    return ReadText(body.text, notes=(*body.notes, *more))


def _refuse_other(path: Path, archive: Archive) -> None:
    if "content.xml" not in archive.names:
        raise DocumentError(f"{path}: it is not an OpenDocument text; {_SAVE_AGAIN}.")
    manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.names else b""
    if b"encryption-data" in manifest:
        raise DocumentError(f"{path}: it is encrypted; save a copy of it without a password.")


class _Reading(PassingText):
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
