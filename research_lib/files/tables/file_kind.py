"""What a file really is, whatever its name says: text, a workbook, or something that no table can be read from."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from research_lib.files.archives import UnsafeFileError, open_archive
from research_lib.files.opening import MB, UnreadableFileError, open_file
from research_lib.files.tables.reading_report import TableRefusedError

type Kind = Literal["text", "workbook"]

KINDS: dict[str, Kind] = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
}
HEAD, SEARCHED = 1 << 16, 64 * MB
EXCEL = "an Excel workbook"
AS_CSV = "open it in the program that it is from and save it as CSV in UTF-8 or as .xlsx"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OPENINGS = (
    (rb"\x1f\x8b", "a gzip archive", "unpack it first"),
    (rb"7z\xbc\xaf|Rar!\x1a|\xfd7zXZ|BZh[1-9]1AY|\x28\xb5\x2f\xfd|.{257}ustar", "an archive", "unpack it first"),
    (rb"%PDF-", "a PDF", AS_CSV),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "a picture", "ask for the table itself"),
    (rb"\{\\rtf", "a text in RTF", AS_CSV),
    (rb"SQLite format 3\x00", "an SQLite database", AS_CSV),
    (rb"PAR1", "a Parquet file", AS_CSV),
    (rb"\$FL[23]@", "an SPSS file", AS_CSV),
    (rb"<stata_dta>", "a Stata file", AS_CSV),
    (rb"(?i)<(!doctype|html|head|body|table|meta|style)\b", "a web page (HTML)", AS_CSV),
    (rb"<\?xml|<\w*:?Workbook\b", "XML", AS_CSV),
)
ZIPPED = (
    (re.compile(r"xl/workbook\.bin"), "a binary Excel workbook (.xlsb)"),
    (re.compile(r"xl/"), EXCEL),
    (re.compile(r"word/"), "a Word file"),
    (re.compile(r"ppt/"), "a presentation"),
    (re.compile(r"(mimetype|content\.xml)\Z"), "an OpenDocument file (.ods or the like)"),
)


def kind_of(path: Path, content: bytes | None = None) -> Kind:
    """Tell text from a workbook, by the name and by the first bytes, which must agree.

    `content` has the bytes of a text that is not on a disk. Raises TableRefusedError for a missing, empty or
    unreadable file, an unknown suffix, and for whatever is not what its name says, with what it is instead. What a zip
    archive named as a workbook holds is looked at where it is opened, with `refuse_other_archive`.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise TableRefusedError(path, f"tables are read from {', '.join(KINDS)}", "save it as one of these")
    head = _beginning(path, HEAD, content)
    if not head:
        raise TableRefusedError(path, "it is empty", "ask for the file again")
    if found := _refused_opening(path, head, content):
        raise TableRefusedError(path, f"it is {found[0]}, not a table in text or a workbook", found[1], line=1)
    is_zip = head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06")
    if is_zip and kind == "text":
        what = _zipped(path) if content is None else "a zip archive"
        fix = "rename it to end in .xlsx" if what == EXCEL else AS_CSV
        raise TableRefusedError(path, f"it is {what}", fix, line=1)
    if kind == "workbook" and not is_zip:
        raise TableRefusedError(path, "it is not a workbook, but text or damaged", "export it again, or name it .csv")
    return kind


def _beginning(path: Path, size: int, content: bytes | None) -> bytes:
    if content is not None:
        return content[:size]
    try:
        with open_file(path) as file:
            return file.read(size)
    except UnreadableFileError as error:
        raise TableRefusedError(path, error.reason, error.fix) from error


def _refused_opening(path: Path, head: bytes, content: bytes | None) -> tuple[str, str] | None:
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if ENCRYPTED in _beginning(path, SEARCHED, content):
            return "an encrypted workbook", "save a copy without a password"
        return "an old Excel workbook (.xls)", "open it in Excel or LibreOffice and save it as .xlsx"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for opening, what, fix in OPENINGS:
        if re.match(opening, head, re.DOTALL) or re.match(opening, start, re.DOTALL):
            return what, fix
    return ("JSON", AS_CSV) if start[:1] in (b"{", b"[") and _is_json(path, start, content) else None


def _is_json(path: Path, start: bytes, content: bytes | None) -> bool:
    whole = _beginning(path, HEAD + 1, content).strip()
    whole = whole if len(whole) <= HEAD else b""
    for text in (start.splitlines()[0], whole.removeprefix(b"\xef\xbb\xbf")):
        try:
            return isinstance(json.loads(text), dict | list)
        except (ValueError, RecursionError):
            continue
    return False


def _zipped(path: Path) -> str:
    """What a zip archive holds, by the names of its members."""
    try:
        with open_archive(path) as archive:
            names = archive.names
    except UnsafeFileError as error:
        reason = f"it is a zip archive that cannot be read safely or whole ({str(error).rstrip('.')})"
        raise TableRefusedError(path, reason, "export it again") from error
    return _held(names)


def _held(names: Collection[str]) -> str:
    return next((what for pattern, what in ZIPPED if any(map(pattern.match, names))), "a zip archive")


def refuse_other_archive(path: Path, names: Collection[str]) -> None:
    """Raise TableRefusedError where an archive with files of these names is not a workbook."""
    if (what := _held(names)) != EXCEL:
        raise TableRefusedError(path, f"it is {what}", AS_CSV, line=1)
