"""What a table is, whatever its name says: text, a workbook, or something that no table can be read from."""

import json
from pathlib import Path
from typing import Literal

from research_lib.files.content_kind import ARCHIVE, EXCEL, HEAD, PICTURE, ZIP, is_zipped, kind_named, opening_kind
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
SEARCHED = 64 * MB
AS_CSV = "open it in the program that it is from and save it as CSV in UTF-8 or as .xlsx"
FIXES = {ARCHIVE: "unpack it first", PICTURE: "ask for the table itself"}
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MARKUP = (
    (rb"(?i)<(!doctype|html|head|body|table|meta|style)\b", "a web page (HTML)", ""),
    (rb"<\?xml|<\w*:?Workbook\b", "XML", ""),
)


def kind_of(path: Path, content: bytes | None = None) -> Kind:
    """Tell text from a workbook, by the name and by the first bytes, which must agree.

    `content` has the bytes of a text that is not on a disk. Raises TableRefusedError for a missing, empty or
    unreadable file, an unknown suffix, and for whatever is not what its name says, with what it is instead. What a zip
    archive named as a workbook holds is looked at where it is opened.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise TableRefusedError(path, f"tables are read from {', '.join(KINDS)}", "save it as one of these")
    head = _beginning(path, HEAD, content)
    if not head:
        raise TableRefusedError(path, "it is empty", "ask for the file again")
    if found := _refused_opening(path, head, content):
        raise TableRefusedError(path, f"it is {found[0]}, not a table in text or a workbook", found[1], line=1)
    if is_zipped(head) and kind == "text":
        what = kind_named(path) if content is None else ZIP
        fix = "rename it to end in .xlsx" if what == EXCEL else AS_CSV
        raise TableRefusedError(path, f"it is {what}", fix, line=1)
    if kind == "workbook" and not is_zipped(head):
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
    if found := opening_kind(head, MARKUP):
        return found[0], FIXES.get(found[0], AS_CSV)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
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
