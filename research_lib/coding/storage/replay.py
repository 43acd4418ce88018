"""What the events add up to: the tables of codings, documents, codebooks, cases and sets, kept by one rule."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from research_lib.coding.storage.damage import EventError
from research_lib.coding.storage.events import RESTORE, Event, read
from research_lib.errors import with_article

_NAMES = ("codings", "documents", "codebooks", "codes", "records", "finished")
TABLES = """
CREATE TABLE codings (
    id TEXT PRIMARY KEY, document TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, code TEXT NOT NULL,
    coder TEXT NOT NULL, time TEXT, memo TEXT NOT NULL, version INTEGER NOT NULL, is_removed INTEGER NOT NULL,
    changed_by TEXT NOT NULL, changed_at TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE INDEX codings_of_document ON codings (document, coder);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, characters INTEGER NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE codebooks (
    version INTEGER PRIMARY KEY, coder TEXT NOT NULL, time TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE codes (id TEXT PRIMARY KEY, is_codable INTEGER NOT NULL) STRICT;
CREATE TABLE records (kind TEXT, id TEXT, body TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT;
CREATE TABLE finished (document TEXT, coder TEXT, PRIMARY KEY (document, coder)) STRICT;
"""
Rule = Callable[[sqlite3.Connection, Event], None]


def apply(connection: sqlite3.Connection, event: Event) -> None:
    """Let one event change the tables; raises EventError for one that does not say what its kind does."""
    if event.kind not in _RULES:
        raise EventError(f"event {event.seq} is of a kind that this version does not know: {event.kind!r}; {RESTORE}")
    with body_of(event):
        _RULES[event.kind](connection, event)


@contextmanager
def body_of(event: Event) -> Iterator[dict[str, Any]]:
    """Use the body of an event; raises EventError, which names the event, where it does not say what its kind does."""
    try:
        yield event.body
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise EventError(
            f"event {event.seq} does not say what {with_article(event.kind)} is ({error!r:.99}); {RESTORE}"
        ) from error


def rebuild(connection: sqlite3.Connection) -> None:
    """Empty the tables, and let all events make them again."""
    for name in _NAMES:
        connection.execute(f"DELETE FROM {name}")
    for event in read(connection):
        apply(connection, event)


def contents(connection: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Give all rows of all tables, in an order of their own, to be compared."""
    return {name: sorted(map(tuple, connection.execute(f"SELECT * FROM {name}")), key=repr) for name in _NAMES}


def _coding(connection: sqlite3.Connection, event: Event) -> None:
    state = event.body["after"]
    row = connection.execute("SELECT version FROM codings WHERE id = ?", (event.entity,)).fetchone()
    version = row["version"] + 1 if row else 1
    if state is None:
        connection.execute(
            "UPDATE codings SET is_removed = 1, version = ?, changed_by = ?, changed_at = ?, seq = ? WHERE id = ?",
            (version, event.coder, event.time, event.body.get("shows") or event.seq, event.entity),
        )
        return
    values = [state[name] for name in ("document", "start", "end", "code", "coder", "time", "memo")]
    shows = event.body.get("shows") or event.seq
    connection.execute(
        "INSERT OR REPLACE INTO codings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
        (event.entity, *values, version, event.coder, event.time, shows),
    )


def _document(connection: sqlite3.Connection, event: Event) -> None:
    body = json.dumps(event.body, ensure_ascii=False)
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?)", (event.entity, len(event.body["text"]), body, event.seq)
    )


def _codebook(connection: sqlite3.Connection, event: Event) -> None:
    codes = event.body["codes"]
    row = (int(event.entity), event.coder, event.time, json.dumps(codes, ensure_ascii=False))
    connection.execute("INSERT INTO codebooks VALUES (?, ?, ?, ?)", row)
    connection.execute("DELETE FROM codes")
    connection.executemany("INSERT INTO codes VALUES (?, ?)", [(code["id"], code["is_codable"]) for code in codes])


def _record(connection: sqlite3.Connection, event: Event) -> None:
    body = json.dumps(event.body, ensure_ascii=False)
    row = (event.kind, event.entity, body, event.seq)
    connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", row)


def _finished(connection: sqlite3.Connection, event: Event) -> None:
    row = (event.entity, event.coder)
    connection.execute("DELETE FROM finished WHERE document = ? AND coder = ?", row)
    if event.body["done"]:
        connection.execute("INSERT INTO finished VALUES (?, ?)", row)


_RULES: dict[str, Rule] = {
    "coding": _coding,
    "document": _document,
    "codebook": _codebook,
    "finished": _finished,
    **dict.fromkeys(("case", "set", "coder", "project"), _record),
}
