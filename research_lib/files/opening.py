"""Opening files that somebody else may have put there: plain files only, and none larger than was expected.

A pipe would make a program wait without end, a device would give bytes without end, and a file of some gigabytes would
take all memory. So every file that a person gives is looked at here before its first byte is read.
"""

import os
import stat
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from research_lib.errors import ResearchError, seen

MB = 1 << 20
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class UnreadableFileError(ResearchError):
    """A file is not read: it is missing, not a plain file, too large or not text; the message is `reason` and `fix`."""

    def __init__(self, path: Path | str, reason: str, fix: str, *, line: int = 0):
        self.reason, self.fix, self.line = reason, fix, line
        super().__init__(f"{seen(str(path))}{f', line {line}' if line else ''}: {reason}; {fix}.")


def objection(path: Path | str, *, limit: int | None = None) -> tuple[str, str] | None:
    """Say why a path is not to be opened, and the fix; None for a plain file of at most so many bytes."""
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return "there is no such file", "check the path"
    except (OSError, ValueError) as error:
        return f"it cannot be opened ({getattr(error, 'strerror', None) or error})", "check the path and its rights"
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        return f"it is {kind}, not a file", "give the file itself"
    if limit is not None and found.st_size > limit:
        reason = f"it has {found.st_size:,} bytes, and at most {limit:,} are read"
        return reason, "check that it is the right file, or split it"
    return None


def open_file(path: Path | str, *, limit: int | None = None) -> BinaryIO:
    """Open a plain file for reading bytes; raises UnreadableFileError where `objection` has one."""
    if found := objection(path, limit=limit):
        raise UnreadableFileError(path, *found)
    try:
        return Path(path).open("rb")
    except OSError as error:
        reason = f"it cannot be opened ({error.strerror or error})"
        raise UnreadableFileError(path, reason, "check the path and its rights") from error


def read_bytes(path: Path | str, *, limit: int) -> bytes:
    """Read a plain file whole; raises UnreadableFileError as `open_file` does."""
    with open_file(path, limit=limit) as stream:
        return stream.read(min(limit, os.fstat(stream.fileno()).st_size))  # a buffer of the whole limit may not fit


def read_text(path: Path | str, *, limit: int) -> str:
    """Read a plain file whole as UTF-8, with line ends as they are and without a byte order mark.

    Raises UnreadableFileError as `open_file` does, and with the line for bytes that are not UTF-8.
    """
    data = read_bytes(path, limit=limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8"
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(path, reason, "save it as UTF-8", line=line) from error


def last_change(folder: Path) -> int:
    """When a file in a folder was last changed, in nanoseconds; 0 where the folder has no file."""
    return max((path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()), default=0)


def package_data(room: str, folder: str) -> Path:
    """Give a folder of files that the package brings for every study, such as `boundaries` of the room `evidence`."""
    return Path(str(files("research_lib") / room / folder))
