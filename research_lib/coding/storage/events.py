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

_MARK = 0x51444131
_PATIENCE_S = 20
_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, time TEXT NOT NULL, coder TEXT NOT NULL, kind TEXT NOT NULL,
    entity TEXT NOT NULL, body TEXT NOT NULL, undoes INTEGER REFERENCES events (seq), hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_coder ON events (coder, batch);
CREATE INDEX events_of_entity ON events (entity);
CREATE INDEX events_undone ON events (undoes);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
"""


@dataclass(frozen=True)
class Event:
    """Something that somebody did: to what (`entity`), what it became (`body`), and which event it takes back."""

    seq: int
    batch: int
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
        with writing(connection):
            _make(connection, tables, path)
    except sqlite3.DatabaseError as error:
        raise CodingError(f"{path}: cannot be opened as a coding store ({error}); choose another file") from error
    return connection


def _make(connection: sqlite3.Connection, tables: str, path: Path) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if mark == _MARK:
        return
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise CodingError(f"{path}: is a database, but not a coding store; choose another file")
    for statement in [*_statements(_SCHEMA), *_statements(tables), f"PRAGMA application_id = {_MARK}"]:
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
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Write alone: all that happens within is on the disk when the outermost block ends, or none of it."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def append(
    connection: sqlite3.Connection, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None
) -> Event:
    """Add one event at the end of the log; `batch` joins it to others and `undoes` names the one it takes back."""
    last, previous = _last(connection)
    seq = last + 1
    batch, undoes = extra.get("batch") or seq, extra.get("undoes")
    event = Event(seq, batch, datetime.now(UTC).isoformat(timespec="microseconds"), coder, kind, entity, body, undoes)
    text = _text(body)
    row = (*(getattr(event, name) for name in _BEFORE_BODY), text, undoes, _hash(previous, event, text))
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return event


_BEFORE_BODY = ("seq", "batch", "time", "coder", "kind", "entity")


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
    parts = [previous, *(str(getattr(event, name)) for name in _BEFORE_BODY), text, str(event.undoes)]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def read(connection: sqlite3.Connection, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Event]:
    """Go through the events in their order, all of them or those that a condition picks."""
    for row in connection.execute(f"SELECT * FROM events WHERE {where} ORDER BY seq", values):
        yield _event(row)


def _event(row: sqlite3.Row) -> Event:
    return Event(**{name: row[name] for name in _BEFORE_BODY}, body=json.loads(row["body"]), undoes=row["undoes"])


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
