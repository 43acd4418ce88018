"""What it means when SQLite cannot read or write a store's file: what is wrong, what is still whole, how to fix it."""

import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from research_lib.errors import CodingError, seen

_BASIC, _GARBLED, _NO_VALUE = 0xFF, "Could not decode", "binding parameter"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FIXES = {
    sqlite3.SQLITE_BUSY: "somebody else is writing to it for long; try again",
    sqlite3.SQLITE_LOCKED: "somebody else is writing to it for long; try again",
    sqlite3.SQLITE_FULL: "free some space on the disk, and do it again",
    sqlite3.SQLITE_READONLY: "give yourself the right to write to the file and its folder, or copy it to another disk",
    sqlite3.SQLITE_MISUSE: "open the store again",
}
_TABLE_OF_EVENTS = """
    SELECT 1 FROM pragma_table_list('events') AS t, pragma_table_info('events') AS c
    WHERE t.type = 'table' AND t.strict AND c.name = 'seq' AND c.type = 'INTEGER' AND c.pk = 1
"""
_ELSEWHERE, _NOT_OURS = "choose another file, on a disk of yours", "restore a copy of it, or choose another file"


class EventError(CodingError):
    """An event cannot be written, read or followed; `as_coding_error` names the file."""


class DamagedError(sqlite3.DatabaseError):
    """A page is damaged: SQLite says so when it looks through all of them, or events come in no order."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


@contextmanager
def as_coding_error(path: Path, failed: str) -> Iterator[None]:
    """Say in a sentence what SQLite could not do; `failed` says what that was. Raises CodingError, with the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise CodingError(f"{path}: {failed} ({error!s:.99}); {fix_for(path, error)}") from error
    except EventError as error:
        raise CodingError(f"{path}: {error}") from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise CodingError(f"{path}: {failed} ({error!s:.99}); no id is like this, correct it") from error


def fix_for(path: Path, error: sqlite3.Error) -> str:
    """Say what can be done about an error, and for a damaged file how much of it is whole."""
    if _NO_VALUE in str(error):
        return "give an id as a text, in quotes"
    if (code := _code(error)) not in _DAMAGED:
        return _FIXES.get(code, _NOT_OURS if code == sqlite3.SQLITE_ERROR else _ELSEWHERE)
    if not (whole := readable_events(path)):
        return f"it is not a coding store, or a damaged one, and no event can be read; {_NOT_OURS}"
    return (
        f"the file is damaged, and its first {whole:,} events can be read; restore a copy of it, or save what can be "
        f"read: research_lib.coding.storage.salvage.salvage({path.name!r}, 'saved.sqlite')"
    )


def _code(error: sqlite3.Error) -> int:
    if _GARBLED in str(error):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _BASIC


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether a part of the file cannot be read, while others may be whole."""
    return _code(error) in (*_DAMAGED, sqlite3.SQLITE_IOERR)


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a store's file, damaged or not, for reading only."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def has_events(connection: sqlite3.Connection) -> bool:
    """Say whether the file has a table of numbered events; a view of that name may give rows without end."""
    try:
        return connection.execute(_TABLE_OF_EVENTS).fetchone() is not None
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return False


def readable_events(path: Path) -> int:
    """Count the events, from the first on, that can be read one after the other."""
    count = 0
    with suppress(sqlite3.Error), closing(connect_to_read(path)) as connection:
        if has_events(connection):
            for _ in rising(connection.execute("SELECT * FROM events ORDER BY seq")):
                count += 1
    return count


def rising(rows: Iterable[sqlite3.Row], after: float = -math.inf) -> Iterator[sqlite3.Row]:
    """Give events while their numbers rise; raises DamagedError where one comes again, as it may without end."""
    for row in rows:
        if row["seq"] <= after:
            raise DamagedError(f"event {row['seq']} comes where a later one should")
        after = row["seq"]
        yield row


def must_be_free(target: Path) -> None:
    """Refuse a name that is taken, also by a link that leads nowhere, and one that no file can have."""
    try:
        target.lstat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CodingError(f"{seen(str(target))}: cannot be written ({reason}); choose another name") from error
    raise CodingError(f"{target}: exists already; choose another name")


@contextmanager
def removed_on_failure(target: Path) -> Iterator[None]:
    """Leave no half-written file, and nothing that SQLite keeps beside it, where something fails."""
    try:
        yield
    except BaseException:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                Path(f"{target}{suffix}").unlink()
        raise
