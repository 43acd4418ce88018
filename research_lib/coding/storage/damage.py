"""What it means when SQLite cannot read or write a store's file: what is wrong, what is still whole, how to fix it."""

import math
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from research_lib.errors import CodingError, seen
from research_lib.files.opening import package_data

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
MARK, _PLACE_OF_MARK = 0x51444131, slice(68, 72)
SCHEMA = package_data("coding", "storage/store.sql").read_text("utf-8")
EVENTS = SCHEMA.partition(";")[0]  # its first table
_FIRST_TABLE = "INSERT INTO sqlite_schema VALUES ('table', 'events', 'events', 2, ?)"
ERRORS = (sqlite3.Error, UnicodeDecodeError)  # the second where SQLite quotes a schema that is not UTF-8
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
    except ERRORS as error:
        reason = "a text in it is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"{error!s:.99}"
        raise CodingError(f"{path}: {failed} ({reason}); {fix_for(path, error)}") from error
    except EventError as error:
        raise CodingError(f"{path}: {error}") from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise CodingError(f"{path}: {failed} ({error!s:.99}); no id is like this, correct it") from error


def fix_for(path: Path, error: Exception) -> str:
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


def _code(error: Exception) -> int:
    if _GARBLED in str(error) or isinstance(error, UnicodeDecodeError):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _BASIC


def is_damage(error: Exception) -> bool:
    """Say whether a part of the file cannot be read, while others may be whole."""
    return _code(error) in (*_DAMAGED, sqlite3.SQLITE_IOERR)


@contextmanager
def opened_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a store's file for reading only, or a copy with every store's tables where their description is damaged."""
    with TemporaryDirectory(prefix="damaged-") as folder:
        is_described = _is_described(path) or not _is_marked(path)
        with closing(_connect(path if is_described else _described_anew(path, Path(folder)))) as connection:
            yield connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _is_described(path: Path) -> bool:
    """Whether SQLite knows the table of events of a file, with all of its columns."""
    try:
        with closing(_connect(path)) as connection, closing(sqlite3.connect(":memory:")) as usual:
            usual.execute(EVENTS)
            columns = [each.execute("SELECT name FROM pragma_table_info('events')") for each in (connection, usual)]
            return [name for (name,) in columns[0]] == [name for (name,) in columns[1]]
    except ERRORS:
        return False


def _is_marked(path: Path) -> bool:
    """Whether the head of a file says that it is a store."""
    with path.open("rb") as file:
        return file.read(100)[_PLACE_OF_MARK] == MARK.to_bytes(4)


def _described_anew(path: Path, folder: Path) -> Path:
    """Copy a store whose schema is damaged, with that of every store: events are its first table, on page 2."""
    copy = folder / "store.sqlite"
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema")
        connection.execute(_FIRST_TABLE, [EVENTS])
    return copy


def has_events(connection: sqlite3.Connection) -> bool:
    """Say whether the file has a table of numbered events; a view of that name may give rows without end."""
    try:
        return connection.execute(_TABLE_OF_EVENTS).fetchone() is not None
    except ERRORS as error:
        if not is_damage(error):
            raise
        return False


def readable_events(path: Path) -> int:
    """Count the events, from the first on, that can be read one after the other."""
    count = 0
    with suppress(*ERRORS, OSError), opened_to_read(path) as connection:
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
        if target.parent.is_dir():
            return
        raise CodingError(f"{target}: there is no such folder; make it first") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CodingError(f"{seen(str(target))}: cannot be written ({reason}); choose another name") from error
    raise CodingError(f"{target}: exists already; choose another name")
