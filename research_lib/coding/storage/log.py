"""A file of events, and the tables that follow from them by one rule: opened, written, checked, rebuilt, copied."""

import json
import sqlite3
from collections.abc import Callable, Container, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Self

import pandas as pd

from research_lib.coding.storage import events
from research_lib.coding.storage.damage import DamagedError, EventError, as_coding_error, must_be_free
from research_lib.coding.storage.events import Event
from research_lib.errors import CodingError, with_article
from research_lib.files.saving import written_beside

_NAMES = ("codings", "documents", "codebooks", "codes", "records", "finished")
RECORDS = ("decision", "memo", "assignment", "rejection", "suggested", "machine-run", "setting")


class Log:
    """An opened file of events, for any number of threads; close it, or use it in a `with` block."""

    def __init__(self, path: Path | str):
        """Open the store in a file, or make it; raises CodingError where the file is something else."""
        self.path = Path(path)
        self._connection = events.connect(self.path)
        self._turn, self._is_writing = RLock(), False
        self._action: int | None = None
        self._inode = self.path.stat().st_ino

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what the write-ahead log held is in it then, so that a copy of the file is whole."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write alone: all that is put within is on the disk when the outermost block ends, or none.

        Raises CodingError where the file cannot be written, or is no longer the one that was opened.
        """
        with self._turn, as_coding_error(self.path, "nothing was written"):
            if self._is_writing and self._connection.in_transaction:
                yield
                return
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._must_be_there()
            try:
                self._is_writing = True
                with events.transaction(self._connection, self.path):
                    yield
            finally:
                self._is_writing = False

    def _must_be_there(self) -> None:
        if not self.path.exists() or self.path.stat().st_ino != self._inode:
            raise CodingError(f"{self.path}: the file was moved, removed or replaced while open; open the store again")

    @contextmanager
    def one_action(self) -> Iterator[None]:
        """Write alone, and let all that is put within be taken back as one."""
        with self.writing():
            before, self._action = self._action, self._action or self.last_event() + 1
            try:
                yield
            finally:
                self._action = before

    def put(self, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None) -> None:
        """Append one event and let it change the tables, within a `writing` block."""
        if self._action is not None:
            body = body | {"action": self._action}
        event = events.append(self._connection, kind, entity, body, coder=coder, **extra)
        apply(self._connection, event)

    def set_record(self, kind: str, entity: str, after: dict[str, Any] | None, *, coder: str) -> None:
        """Keep a record of a kind in `RECORDS`, or remove it (None), so that it can be taken back."""
        with self.writing():
            found = self.rows("SELECT body, seq FROM records WHERE kind = ? AND id = ?", (kind, entity))
            earlier = {"before": json.loads(found[0]["body"]), "before_seq": found[0]["seq"]} if found else {}
            if earlier.get("before") != after:
                self.put(kind, entity, {"after": after, **earlier}, coder=coder)

    def records(self, kind: str) -> dict[str, dict[str, Any]]:
        """Give the records of a kind by their id, in the order in which they were last changed."""
        rows = self.rows("SELECT id, body FROM records WHERE kind = ? AND body <> 'null' ORDER BY seq", (kind,))
        with self.reading():
            return {row["id"]: json.loads(row["body"]) for row in rows}

    def shown_codebook(self) -> int | None:
        """Give the number of the event that made the codebook what it is."""
        latest = str(self.latest_codebook())
        shown = "coalesce(json_extract(body, '$.shows'), seq) AS seq"
        found = self.rows(f"SELECT {shown} FROM events WHERE entity = ? AND kind = 'codebook'", (latest,))
        return found[-1]["seq"] if found else None

    def latest_codebook(self) -> int:
        """Give the number of the latest version of the codebook, 0 where there is none."""
        return int(self.rows("SELECT coalesce(max(version), 0) FROM codebooks")[0][0])

    def must_keep_codes(self, kept: Container[str]) -> None:
        """Refuse a codebook that lacks a code which some coding has."""
        used = self.rows("SELECT DISTINCT code FROM codings WHERE NOT is_removed")
        if lost := sorted(row["code"] for row in used if row["code"] not in kept):
            raise CodingError(f"{self.path}: the code {lost[0]!r} is in use; give its codings another first")

    def must_have_code(self, code: str) -> None:
        """Refuse a code that the codebook does not have, and one that only groups others."""
        events.check_text("the code", code)
        found = self.rows("SELECT is_codable FROM codes WHERE id = ?", (code,))
        if not found:
            raise CodingError(f"{self.path}: the codebook has no code {code!r}; add it first")
        if not found[0]["is_codable"]:
            raise CodingError(f"{self.path}: {code!r} is retired, or groups other codes; give another")

    def events(self, where: str = "1", values: tuple[Any, ...] = ()) -> list[Event]:
        """List the events in their order, all of them or those that a condition picks."""
        with self._turn, as_coding_error(self.path, "cannot be read"):
            return list(events.read(self._connection, where, values))

    def last_event(self) -> int:
        """Give the number of the last event, 0 where there is none."""
        return int(self.rows("SELECT coalesce(max(seq), 0) FROM events")[0][0])

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Give the rows that a query finds in the tables."""
        with self._turn, as_coding_error(self.path, "cannot be read"):
            return self._connection.execute(query, values).fetchall()

    def table(self, query: str, values: tuple[Any, ...] = ()) -> pd.DataFrame:
        """Give the rows that a query finds as a frame, with the query's own names of columns."""
        with self._turn, as_coding_error(self.path, "cannot be read"):
            found = self._connection.execute(query, values)
            return pd.DataFrame(map(tuple, found), columns=[name for name, *_ in found.description])

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Say that the tables do not follow from the events where something is made of them that they do not hold."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, CodingError) as error:
            if isinstance(error, CodingError) and str(error).startswith(str(self.path)):
                raise
            reason = f"its tables do not hold what a store's do ({error!s:.99})"
            raise CodingError(f"{self.path}: {reason}; make them again from its events: rebuild()") from error

    def problems(self) -> list[str]:
        """Say what is not as it was written: a damaged page, a broken chain of events, tables that do not follow.

        Works on a copy in memory, so that others can go on. It cannot see that the last events were cut off.
        """
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            copy.row_factory = sqlite3.Row
            try:
                with self._turn, as_coding_error(self.path, "cannot be read"):
                    self._connection.backup(copy)
                    checked = copy.execute("PRAGMA quick_check").fetchall()
                    if broken := [row[0] for row in checked if row[0] != "ok"]:
                        raise DamagedError(broken[0].splitlines()[-1])
                    return [*events.broken_links(copy), *_differing(copy)]
            except CodingError as error:
                return [str(error)]

    def rebuild(self) -> None:
        """Make all tables again from the events."""
        with self.writing():
            _rebuild(self._connection)

    def copy(self, path: Path | str) -> Path:
        """Write a whole copy, which only you can read, also while others write; raises CodingError for a name taken."""
        must_be_free(target := Path(path))
        with as_coding_error(target, "the copy was not written"), written_beside(target) as part:
            events.keep_private(part)
            with closing(sqlite3.connect(part)) as copy, self._turn:
                self._connection.backup(copy)
        return target


def _differing(copy: sqlite3.Connection) -> list[str]:
    """The tables that are other than the events make them."""
    before = _contents(copy)
    _rebuild(copy)
    differing = (name for name, rows in _contents(copy).items() if before[name] != rows)
    return [f"the table {name} does not follow from the events; rebuild it" for name in differing]


def apply(connection: sqlite3.Connection, event: Event) -> None:
    """Let one event change the tables; raises EventError for one that does not say what its kind does."""
    if event.kind not in _RULES:
        raise EventError(
            f"event {event.seq} is of a kind that this version does not know: {event.kind!r}; {events.RESTORE}"
        )
    with body_of(event):
        _RULES[event.kind](connection, event)


@contextmanager
def body_of(event: Event) -> Iterator[dict[str, Any]]:
    """Use the body of an event; raises EventError, which names the event, where it does not say what its kind does."""
    try:
        yield event.body
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise EventError(
            f"event {event.seq} does not say what {with_article(event.kind)} is ({error!r:.99}); {events.RESTORE}"
        ) from error


def _rebuild(connection: sqlite3.Connection) -> None:
    """Empty the tables, and let all events make them again."""
    for name in _NAMES:
        connection.execute(f"DELETE FROM {name}")
    for event in events.read(connection):
        apply(connection, event)


def _contents(connection: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Give all rows of all tables, in an order of their own, to be compared."""
    return {name: sorted(map(tuple, connection.execute(f"SELECT * FROM {name}")), key=repr) for name in _NAMES}


def _shows(event: Event) -> int:
    """The event that an entity shows after this one: another where this one takes something back."""
    return event.body.get("shows") or event.seq


def _coding(connection: sqlite3.Connection, event: Event) -> None:
    state, changed = event.body["after"], (event.coder, event.time, _shows(event))
    row = connection.execute("SELECT version FROM codings WHERE id = ?", (event.entity,)).fetchone()
    version = row["version"] + 1 if row else 1
    if state is None:
        change = "is_removed = 1, version = ?, changed_by = ?, changed_at = ?, seq = ?"
        connection.execute(f"UPDATE codings SET {change} WHERE id = ?", (version, *changed, event.entity))
        return
    values = [state[name] for name in ("document", "start", "end", "code", "coder", "time", "memo")]
    row = (event.entity, *values, version, *changed)
    connection.execute("INSERT OR REPLACE INTO codings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)", row)


def _document(connection: sqlite3.Connection, event: Event) -> None:
    row = (event.entity, len(event.body["text"]), json.dumps(event.body, ensure_ascii=False), event.seq)
    connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?)", row)


def _codebook(connection: sqlite3.Connection, event: Event) -> None:
    codes = event.body["codes"]
    row = (int(event.entity), event.coder, event.time, json.dumps(codes, ensure_ascii=False))
    connection.execute("INSERT INTO codebooks VALUES (?, ?, ?, ?)", row)
    connection.execute("DELETE FROM codes")
    connection.executemany("INSERT INTO codes VALUES (?, ?)", [(code["id"], code["is_codable"]) for code in codes])


def _record(connection: sqlite3.Connection, event: Event) -> None:
    state = event.body["after"] if event.kind in RECORDS else event.body
    row = (event.kind, event.entity, json.dumps(state, ensure_ascii=False), _shows(event))
    connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", row)


def _finished(connection: sqlite3.Connection, event: Event) -> None:
    row = (event.entity, event.coder)
    connection.execute("DELETE FROM finished WHERE document = ? AND coder = ?", row)
    if event.body["done"]:
        connection.execute("INSERT INTO finished VALUES (?, ?)", row)


_RULES: dict[str, Callable[[sqlite3.Connection, Event], None]] = {
    "coding": _coding,
    "document": _document,
    "codebook": _codebook,
    "finished": _finished,
    **dict.fromkeys(("case", "set", "coder", "project", *RECORDS), _record),
}
