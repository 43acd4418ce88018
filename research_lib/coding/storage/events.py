"""The events beneath the coding store: appended once, never changed, each bound to the one before by a hash."""

import json
import operator
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Document
from research_lib.coding.storage.damage import MARK, SCHEMA, EventError, as_coding_error, rising
from research_lib.errors import CodingError, quoted, seen, with_article
from research_lib.files.invisible_characters import unseen_in
from research_lib.files.opening import objection
from research_lib.files.saving import PRIVATE

_VERSION = 1
_LONGEST_NAME = 500
_LINE_END = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_PATIENCE_S, _BEGINNING_S = 20, 0.2
_OWNER_AND_GROUP = 0o770
_SETTINGS = (
    *("trusted_schema = OFF", "cell_size_check = ON", "synchronous = FULL"),
    *("wal_autocheckpoint = 1", "journal_mode = WAL"),
)
_STATEMENTS = re.compile("^(?=CREATE )", re.MULTILINE)  # run one by one, inside the transaction that is open
_PARTS = "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
RESTORE = "restore a copy of the file, or save the others into a new store (salvage)"


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


def connect(path: Path) -> sqlite3.Connection:
    """Open a store's file, or make it; raises CodingError where the file is something else or cannot be written."""
    _must_be_a_file(path)
    keep_private(path)
    with ExitStack() as on_failure, as_coding_error(path, "cannot be opened as a coding store"):
        connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        on_failure.callback(connection.close)
        connection.row_factory = sqlite3.Row
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        with transaction(connection, path):
            _make(connection, path)
        on_failure.pop_all()
    return connection


def _must_be_a_file(path: Path) -> None:
    """Refuse what is not a plain file, and an empty one: where a store was, it must not be taken for a new one."""
    if str(path) == ":memory:":
        raise CodingError(f"{path}: a store is a file, so that nothing is lost; give it the name of a file")
    try:
        path.lstat()
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        pass
    if found := objection(path):
        raise CodingError(f"{seen(str(path))}: {found[0]}; {found[1]}")
    if not path.stat().st_size:
        time.sleep(_BEGINNING_S)
        if not path.stat().st_size:
            reason = "is empty; if it was a coding store, restore a copy of it, and for a new one remove it"
            raise CodingError(f"{path}: {reason} or choose another name")


def keep_private(path: Path) -> None:
    """Make a new file readable by its owner only, as SQLite makes those beside it; close an older one to others."""
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            os.chmod(f"{path}{suffix}", os.stat(f"{path}{suffix}").st_mode & _OWNER_AND_GROUP)


def _make(connection: sqlite3.Connection, path: Path) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if mark == MARK and version != _VERSION:
        raise CodingError(f"{path}: has the shape of version {version}, not {_VERSION}; use that program for it")
    if mark == MARK:
        _must_be_whole(connection, path)
        return
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise CodingError(f"{path}: is a database, but not a coding store; choose another file")
    marks = (f"PRAGMA application_id = {MARK}", f"PRAGMA user_version = {_VERSION}")
    for statement in [*_STATEMENTS.split(SCHEMA), *marks]:
        connection.execute(statement)


def _must_be_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a store that lacks one of its tables, or to which somebody has added something that acts by itself."""
    there = {tuple(row) for row in connection.execute(_PARTS)}
    for kind, name in sorted(_parts() ^ there):
        wrong = f"it has no {kind} {name!r}"
        if (kind, name) in there:
            wrong = f"it has {with_article(kind)} {name!r}, and no store has"
        raise CodingError(f"{path}: {wrong}; restore a copy of it, or save its events into a new store (salvage)")


@cache
def _parts() -> frozenset[tuple[str, str]]:
    """The kind and the name of all that a store has."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(SCHEMA)
        return frozenset(made.execute(_PARTS))


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Write alone: all that happens within is on the disk when it ends, or none; raises CodingError where it cannot."""
    with as_coding_error(path, "nothing was written"):
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise


def now() -> str:
    """Give the time as events have it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def append(
    connection: sqlite3.Connection, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None
) -> Event:
    """Add one event at the end of the log; `is_bulk` is one of many at once, `undoes` names the one it takes back."""
    last, _ = _last(connection)
    check_name("the coder", coder)
    check_name(f"the id of the {kind}", entity)
    if last + 1 >= MOST:
        raise EventError(f"the last event has the number {last}, which no store gives; salvage the store's events")
    bulk, undoes = bool(extra.get("is_bulk")), extra.get("undoes")
    event = Event(last + 1, bulk, now(), coder, kind, entity, body, undoes)
    append_again(connection, event)
    return event


def append_again(connection: sqlite3.Connection, event: Event) -> None:
    """Add an event, also of another log and with another body, with a hash of its own; number, time and coder stay."""
    text, (_, previous) = _text(event.body), _last(connection)
    row = (*(getattr(event, name) for name in _BEFORE_BODY), text, event.undoes, _hash(previous, event, text))
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


MOST = 1 << 62
_BEFORE_BODY = ("seq", "is_bulk", "time", "coder", "kind", "entity")


def _last(connection: sqlite3.Connection) -> tuple[int, str]:
    row = connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (row["seq"], row["hash"]) if row else (0, "")


def _text(body: dict[str, Any]) -> str:
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except UnicodeEncodeError as error:
        before = text[max(error.start - 20, 0) : error.start]
        raise EventError(f"half a character stands after {before!r}; type it again") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise EventError(f"a value cannot be kept ({error!s:.99}); give texts and plain numbers") from error
    return text


def _hash(previous: str, event: Event, text: str) -> str:
    parts = [previous, *(getattr(event, name) for name in _BEFORE_BODY), text, event.undoes]
    return sha256(json.dumps(parts).encode()).hexdigest()


def read(connection: sqlite3.Connection, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Event]:
    """Go through the events in their order, all of them or those that a condition picks."""
    for row in rising(connection.execute(f"SELECT * FROM events WHERE {where} ORDER BY seq", values)):
        yield event_of(row)


def event_of(row: sqlite3.Row) -> Event:
    """Give one row of the log as an event; raises EventError where its number or its body cannot be used."""
    if not 0 < row["seq"] < MOST:
        raise EventError(f"an event has the number {row['seq']}, which no store gives; {RESTORE}")
    known = {name: row[name] for name in _BEFORE_BODY} | {"is_bulk": bool(row["is_bulk"])}
    try:
        return Event(**known, body=dict(json.loads(row["body"])), undoes=row["undoes"])
    except (ValueError, TypeError, RecursionError) as error:
        raise EventError(f"event {row['seq']} cannot be read ({error!s:.99}); {RESTORE}") from error


def broken_links(connection: sqlite3.Connection) -> list[str]:
    """Say at which event the chain of hashes breaks, or where a number is missing; an empty list is a sound log."""
    previous = ""
    found: list[str] = []
    rows = connection.execute("SELECT * FROM events ORDER BY seq")
    for number, row in enumerate(rows, start=1):
        if row["seq"] != number:
            return [*found, f"event {number} is missing"]
        if _hash(previous, event_of(row), row["body"]) != row["hash"]:
            found.append(f"event {number} is not what was written, or does not follow the one before it")
        previous = row["hash"]
    return found


def check_name(what: str, value: Any) -> None:
    """Raise EventError for an id or a coder that is not a text, is blank or long, or has what nobody sees in it."""
    check_text(what, value)
    if len(value) > _LONGEST_NAME:
        raise EventError(f"{what} has {len(value):,} characters; shorten it to {_LONGEST_NAME}")
    if _LINE_END.search(value):
        raise EventError(f"{what} has a line end or a tab in it, {quoted(value)}; take it out")
    if found := unseen_in(value):
        raise EventError(f"{what} {found}")
    if not any(sign.isprintable() and not sign.isspace() for sign in value):
        raise EventError(f"{what} is blank; give one")


def check_text(what: str, value: Any) -> None:
    """Raise EventError for what is not a text, such as a number."""
    if not isinstance(value, str):
        raise EventError(f"{what} is {value!r:.60}, and not a text; write it in quotes")


def whole_number(what: str, value: Any) -> int:
    """Give a position as a plain number, also one of numpy; raises EventError for what is not a whole number."""
    try:
        return operator.index(value)
    except TypeError as error:
        raise EventError(f"{what} is {value!r:.60}, and not a whole number; count from 0") from error


def check_document(document: Document) -> None:
    """Raise EventError for a document that could not be opened again."""
    original = ["translation_of"] if document.translation_of is not None else []
    for name in ("name", "text", "language", "memo", *original):
        check_text(f"the {name} of document {document.id!r}", getattr(document, name))
    for at, second in document.times:
        if not (0 <= at <= len(document.text) and second >= 0):
            raise EventError(f"document {document.id!r} has the time {second} at {at}, outside its text; correct it")


def check_codebook(codebook: Codebook) -> None:
    """Raise EventError for a codebook that could not be read back: a code without an id or a name, or other words."""
    for code in codebook:
        check_name("the id of the code", code.id)
        for name in asdict(code).keys() - {"parent_id", "is_codable"}:
            check_text(f"the {name} of code {code.id!r}", getattr(code, name))
        if not code.name:
            raise EventError(f"the code {code.id!r} has no name; give it one")
