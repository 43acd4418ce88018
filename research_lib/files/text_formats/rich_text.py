"""RTF (.rtf), which every word processor writes: its text by striprtf, and what is left out."""

import re
from pathlib import Path

from research_lib.files.opening import MB, read_bytes
from research_lib.files.text_formats.document_text import DocumentError, ReadText

LARGEST, _MOST_FONTS, _LONGEST_FONT = 32 * MB, 500_000, 2_000
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
_SAVE_AGAIN = "open it in a word processor and save it as .docx or .odt"


def rich_text(path: Path) -> ReadText:
    """Read an .rtf file: its paragraphs and table cells, each on a line, and notes on what the text leaves out.

    Raises DocumentError for another file, for tracked deletions, which cannot be told from text, and for characters
    that its code pages do not have.
    """
    from striprtf.striprtf import font_table_group, rtf_to_text

    data = read_bytes(path, limit=LARGEST)
    if not data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf"):
        raise DocumentError(f"{path}: it is not RTF; {_SAVE_AGAIN}.")
    source = _prepared(data)
    fonts = str(font_table_group(source))  # type: ignore[no-untyped-call]
    source = source.replace(fonts, _fonts(path, fonts), 1)
    if deleted := _count(source, "deleted"):
        reason = f"it has {deleted} tracked deletions, which RTF does not keep apart for sure"
        raise DocumentError(f"{path}: {reason}; accept or reject the changes, and save it again.")
    encoding = next((name for word, name in _SETS if _count(source[:2000], word)), "cp1252")
    try:
        text = str(rtf_to_text(source, encoding=encoding, errors="strict"))  # type: ignore[no-untyped-call]
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except (ValueError, LookupError, IndexError, TypeError, OverflowError) as error:
        reason = f"some of its characters are in no code page that it names ({error!s:.99})"
        raise DocumentError(f"{path}: {reason}; {_SAVE_AGAIN}.") from error
    if not text.strip():
        raise DocumentError(f"{path}: it has no text; {_SAVE_AGAIN}.")
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


def _fonts(path: Path, table: str) -> str:
    """The table of fonts, each on a line with an end, as striprtf's search is slow in long lines."""
    fonts = re.split(r"(?=\\f\d)", re.sub(r"[\r\n]+", " ", table))
    if len(table) > _MOST_FONTS or max(map(len, fonts)) > _LONGEST_FONT:
        raise DocumentError(f"{path}: its table of fonts is damaged or far too long; {_SAVE_AGAIN}.")
    return ";\n".join(fonts) if table else ""


def _count(source: str, word: str) -> int:
    return len(re.findall(_WORD % word, source))
