"""Saving what can still be read of a damaged store into a new one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from research_lib.coding.storage import events, replay
from research_lib.coding.storage.damage import EventError
from research_lib.errors import CodingError
from research_lib.evidence.opening import objection

_SMALLEST = 50


@dataclass(frozen=True)
class Salvaged:
    """How many events were saved into the new store, and how many of those before the last saved one were not."""

    path: Path
    saved: int
    lost: int


def salvage(path: Path | str, target: Path | str) -> Salvaged:
    """Copy each event that can still be read of a damaged store into a new store, and leave the damaged one as it is.

    The new store's `problems()` says where events are missing. What hung on a lost event is lost too: a coding whose
    document is gone is not shown. Raises CodingError where the new file exists already, or nothing can be read.
    """
    path, target = Path(path), Path(target)
    if found := objection(path):
        raise CodingError(f"{path}: {found[0]}; {found[1]}")
    if target.exists():
        raise CodingError(f"{target}: exists already; choose another name for what is saved")
    saved = last = 0
    with closing(events.connect(target, replay.TABLES)) as connection, events.transaction(connection, target):
        for row in _readable(path):
            if _add(connection, row):
                saved, last = saved + 1, row["seq"]
    if not saved:
        target.unlink()
        raise CodingError(f"{path}: no event can be read; restore a copy of the file")
    return Salvaged(target, saved, last - saved)


def _readable(path: Path) -> Iterator[sqlite3.Row]:
    """Each event by its number, as far as SQLite can read it."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        for number in range(1, _highest(connection, path) + 1):
            try:
                row = connection.execute("SELECT * FROM events WHERE seq = ?", (number,)).fetchone()
            except sqlite3.Error:
                continue
            if row is not None:
                yield row


def _highest(connection: sqlite3.Connection, path: Path) -> int:
    """The number of the last event; where it cannot be read, as many as the file could hold."""
    try:
        return connection.execute("SELECT max(seq) FROM events").fetchone()[0] or 0
    except sqlite3.Error:
        return path.stat().st_size // _SMALLEST


def _add(connection: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Take an event over as it was written; one that says nothing that can be followed is left behind."""
    connection.execute("SAVEPOINT one")
    try:
        connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", tuple(row))
        replay.apply(connection, events.event_of(row))
    except (EventError, sqlite3.Error):
        connection.execute("ROLLBACK TO one")
        return False
    finally:
        connection.execute("RELEASE one")
    return True
