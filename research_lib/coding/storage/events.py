"""The events beneath the coding store: appended once, never changed, each bound to the one before by a hash."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from research_lib.errors import CodingError

_MARK, _VERSION = 0x51444131, 1
_PATIENCE_S = 20
_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, is_bulk INTEGER NOT NULL, time TEXT NOT NULL, coder TEXT NOT NULL, kind TEXT NOT NULL,
    entity TEXT NOT NULL, body TEXT NOT NULL, undoes INTEGER REFERENCES events (seq), hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_coder ON events (coder, seq);
CREATE INDEX events_of_entity ON events (entity);
CREATE INDEX events_undone ON events (undoes);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
"""


@dataclass(frozen=True)
class Event:
    """Something that somebody did: to what (`entity`), what it became (`body`), and which event it takes back."""

    seq: int
    is_bulk: bool
    time: str
    coder: str
    kind: str
    entity: str
    body: dict[str, Any]
    undoes: int | None


def connect(path: Path, tables: str) -> sqlite3.Connection:
    """Open a store's file, or make it; raises CodingError where the file is something else or cannot be written."""
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 1")
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.DatabaseError as error:
        raise CodingError(f"{path}: cannot be opened as a coding store ({error}); {_mend(error)}") from error
    with transaction(connection, path):
        _make(connection, tables, path)
    return connection


def _mend(error: sqlite3.Error) -> str:
    is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return (
        "somebody else is writing to it for long; try again" if is_busy else "choose another file, on a disk of yours"
    )


def _make(connection: sqlite3.Connection, tables: str, path: Path) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if mark == _MARK and version != _VERSION:
        raise CodingError(
            f"{path}: has the shape of version {version}, and this is {_VERSION}; use that program for it"
        )
    if mark == _MARK:
        return
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise CodingError(f"{path}: is a database, but not a coding store; choose another file")
    marks = (f"PRAGMA application_id = {_MARK}", f"PRAGMA user_version = {_VERSION}")
    for statement in [*_statements(_SCHEMA), *_statements(tables), *marks]:
        connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """Cut a script into statements, so that they run inside the transaction that is open."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Write alone: all that happens within is on the disk when it ends, or none of it.

    Raises CodingError where the file cannot be written.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError):
            raise CodingError(f"{path}: nothing was written ({error}); {_mend(error)}") from error
        raise


def append(
    connection: sqlite3.Connection, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None
) -> Event:
    """Add one event at the end of the log; `is_bulk` is one of many at once, `undoes` names the one it takes back."""
    last, previous = _last(connection)
    seq = last + 1
    bulk, undoes = bool(extra.get("is_bulk")), extra.get("undoes")
    event = Event(seq, bulk, datetime.now(UTC).isoformat(timespec="microseconds"), coder, kind, entity, body, undoes)
    text = _text(body)
    row = (*(getattr(event, name) for name in _BEFORE_BODY), text, undoes, _hash(previous, event, text))
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return event


_BEFORE_BODY = ("seq", "is_bulk", "time", "coder", "kind", "entity")


def _last(connection: sqlite3.Connection) -> tuple[int, str]:
    row = connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (row["seq"], row["hash"]) if row else (0, "")


def _text(body: dict[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CodingError(
            f"half a character stands in {text[error.start - 20 : error.start]!r}; type it anew"
        ) from error
    return text


def _hash(previous: str, event: Event, text: str) -> str:
    parts = [previous, *(getattr(event, name) for name in _BEFORE_BODY), text, event.undoes]
    return sha256(json.dumps(parts).encode()).hexdigest()


def read(connection: sqlite3.Connection, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Event]:
    """Go through the events in their order, all of them or those that a condition picks."""
    for row in connection.execute(f"SELECT * FROM events WHERE {where} ORDER BY seq", values):
        yield _event(row)


def _event(row: sqlite3.Row) -> Event:
    known = {name: row[name] for name in _BEFORE_BODY} | {"is_bulk": bool(row["is_bulk"])}
    return Event(**known, body=json.loads(row["body"]), undoes=row["undoes"])


def broken_links(connection: sqlite3.Connection) -> list[str]:
    """Say at which event the chain of hashes breaks, or where a number is missing; an empty list is a sound log."""
    previous = ""
    found: list[str] = []
    rows = connection.execute("SELECT * FROM events ORDER BY seq")
    for number, row in enumerate(rows, start=1):
        if row["seq"] != number:
            return [*found, f"event {number} is missing"]
        if _hash(previous, _event(row), row["body"]) != row["hash"]:
            found.append(f"event {number} is not what was written, or does not follow the one before it")
        previous = row["hash"]
    return found
