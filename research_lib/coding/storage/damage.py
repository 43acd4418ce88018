"""What it means when SQLite cannot read or write a store's file: what is wrong, what is still whole, the way back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from research_lib.errors import CodingError

_BASIC, _GARBLED = 0xFF, "Could not decode"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MENDS = {
    sqlite3.SQLITE_BUSY: "somebody else is writing to it for long; try again",
    sqlite3.SQLITE_LOCKED: "somebody else is writing to it for long; try again",
    sqlite3.SQLITE_FULL: "free some space on the disk, and do it again",
    sqlite3.SQLITE_READONLY: "give yourself the right to write to the file and its folder, or copy it to another disk",
    sqlite3.SQLITE_MISUSE: "open the store again",
}
_ELSEWHERE, _NOT_OURS = "choose another file, on a disk of yours", "restore a copy of it, or choose another file"


class EventError(CodingError):
    """An event in a store's file cannot be read or followed."""


class DamagedError(sqlite3.DatabaseError):
    """SQLite finds a page damaged when it looks through all of them."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


@contextmanager
def told(path: Path, failed: str) -> Iterator[None]:
    """Say in a sentence what SQLite could not do; `failed` says what that was. Raises CodingError, with the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise CodingError(f"{path}: {failed} ({error!s:.99}); {way_back(path, error)}") from error
    except EventError as error:
        raise CodingError(f"{path}: {error}") from error


def way_back(path: Path, error: sqlite3.Error) -> str:
    """Say what can be done about an error, and for a damaged file how much of it is whole."""
    is_garbled = _GARBLED in str(error)
    code = sqlite3.SQLITE_CORRUPT if is_garbled else getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _BASIC
    if code not in _DAMAGED:
        return _MENDS.get(code, _NOT_OURS if code == sqlite3.SQLITE_ERROR else _ELSEWHERE)
    if not (whole := readable_events(path)):
        return f"it is no coding store or a damaged one, and no event can be read; {_NOT_OURS}"
    return (
        f"the file is damaged, and its first {whole:,} events can be read; restore a copy of it, or save what can be "
        f"read: research_lib.coding.storage.salvage.salvage({path.name!r}, 'saved.sqlite')"
    )


def readable_events(path: Path) -> int:
    """Count the events, from the first on, that can be read one after the other."""
    count = 0
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            for _ in connection.execute("SELECT * FROM events ORDER BY seq"):
                count += 1
    except sqlite3.Error:
        return count
    return count
