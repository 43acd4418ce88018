"""The encoding of a table in text, as `encodings.decode` decides it; the rest of a long file is checked in parts."""

import codecs
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from research_lib.files.encodings import CONTROLS, MARKS, Decoded, EncodingUnknownError, decode
from research_lib.files.tables.reading_report import Findings, TableRefusedError

AT_ONCE, PIECE = 16 << 20, 1 << 20


def opened(path: Path, content: bytes | None) -> BinaryIO:
    """Open a file for reading bytes; where its content is at hand, that is read instead."""
    return path.open("rb") if content is None else BytesIO(content)


def encoding_of(
    path: Path, declared: str | None, findings: Findings, *, content: bytes | None = None
) -> tuple[str, int]:
    """The encoding of a text file, all of which it has been checked to read, and the bytes of its byte order mark.

    Never more than 16 MB are held. Raises TableRefusedError, with the line where the bytes leave the encoding.
    """
    with opened(path, content) as file:
        begin = file.read(AT_ONCE)
        begin = begin if len(begin) < AT_ONCE else _whole_lines(path, begin, declared)
        try:
            found = decode(begin, name=path.name, declared=declared)
        except EncodingUnknownError as error:
            raise _unknown(path, 0, error) from error
        file.seek(len(begin))
        _check_rest(path, file, found, begin.count(b"\n"))
    findings.add("encoding", f"{found.encoding} ({found.found_by})")
    if declared and codecs.lookup(declared).name.removesuffix("-sig") != found.encoding:
        findings.add("encoding", f"read as {found.encoding} ({found.found_by}), not as {declared}")
    return found.encoding, len(_mark(begin)[0]) if found.found_by == "byte order mark" else 0


def _mark(begin: bytes) -> tuple[bytes, str]:
    return next(((mark, encoding) for mark, encoding in MARKS if begin.startswith(mark)), (b"", ""))


def _whole_lines(path: Path, begin: bytes, declared: str | None) -> bytes:
    """The beginning of a long file up to the end of a line, in units of as many bytes as the encoding has."""
    name = _mark(begin)[1] or (declared or "").lower()
    unit = 4 if "32" in name else 2 if "16" in name else 1
    newline = b"\n" if unit == 1 else "\n".encode(f"utf-{8 * unit}-{'be' if 'be' in name else 'le'}")
    end = begin.rfind(newline)
    while end % unit and end > 0:
        end = begin.rfind(newline, 0, end)
    if end <= 0:
        raise TableRefusedError(path, f"its first {AT_ONCE >> 20} MB have no line end", "export it again", line=1)
    return begin[: end + unit]


def _check_rest(path: Path, file: BinaryIO, found: Decoded, lines: int) -> None:
    """Read on to the end in parts: each must be in the encoding found, and lines must end."""
    decoder, unended = codecs.getincrementaldecoder(found.encoding)(), 0
    while piece := file.read(PIECE):
        try:
            text = decoder.decode(piece)
            if found.found_by == "UTF-8" and CONTROLS.search(text):
                decode(piece, name=path.name)
        except UnicodeError as error:
            reason = f"it is {found.encoding} up to here, and then not ({error!s:.99})"
            raise TableRefusedError(
                path, reason, "declare the encoding of the whole, or export it again", line=lines + 1
            ) from error
        except EncodingUnknownError as error:
            raise _unknown(path, lines, error) from error
        lines += piece.count(b"\n")
        unended = 0 if b"\n" in piece or b"\r" in piece else unended + len(piece)
        if unended > AT_ONCE:
            raise TableRefusedError(path, f"a line has more than {AT_ONCE >> 20} MB", "export it again", line=lines + 1)


def _unknown(path: Path, before: int, error: EncodingUnknownError) -> TableRefusedError:
    """The refusal of a text of unknown encoding, with the encodings that can read it and what each reads."""
    readings = " | ".join(f"{encoding}: {text}" for encoding, text in error.candidates[:3])
    fix = f"declare encoding=… (read as {readings})" if readings else error.fix
    candidates = tuple(encoding for encoding, _ in error.candidates)
    return TableRefusedError(path, error.reason, fix, line=before + error.line, candidates=candidates)
