"""Saving what can still be read of a damaged store into a new one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from research_lib.coding.storage import damage, events, log
from research_lib.errors import CodingError
from research_lib.files.opening import objection
from research_lib.files.saving import written_beside

_SMALLEST = 50
_NEXT = """
    SELECT seq, is_bulk, time, coder, kind, entity, body, undoes, hash FROM events
    WHERE seq >= ? ORDER BY seq LIMIT 1
"""
_CANNOT_BE_KEPT = (damage.EventError, sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)


@dataclass(frozen=True)
class Salvaged:
    """How many events were saved into the new store, and how many of those before the last saved one were not."""

    path: Path
    saved: int
    lost: int


def salvage(path: Path | str, target: Path | str) -> Salvaged:
    """Copy each event that can still be read of a damaged store into a new store, and leave the damaged one as it is.

    The new store's `problems()` says where events are missing. What hung on a lost event is lost too: a coding whose
    document is gone is not shown. Raises CodingError or SavingError, and leaves no new file, where nothing can be read
    or the new one cannot be written; a file that exists already stays as it is.
    """
    path, target = Path(path), Path(target)
    if found := objection(path):
        raise CodingError(f"{path}: {found[0]}; {found[1]}")
    damage.must_be_free(target)
    with written_beside(target) as part, closing(events.connect(part)) as connection:
        with events.transaction(connection, target):
            for row in _readable(path):
                _add(connection, row)
        saved = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        if not saved:
            raise CodingError(f"{path}: no event can be read; restore a copy of the file")
        missing = "SELECT coalesce(max(seq), 0) - count(*) FROM events WHERE seq <= ?"
        return Salvaged(target, saved, connection.execute(missing, (_most(path),)).fetchone()[0])


def _most(path: Path) -> int:
    """How many events a file of that size can hold."""
    return path.stat().st_size // _SMALLEST


def _readable(path: Path) -> Iterator[sqlite3.Row]:
    """Each event by its number, as far as SQLite can read it; past a damaged place, number by number."""
    number, tries = 1, _most(path)
    with damage.as_coding_error(path, "cannot be read"), damage.opened_to_read(path) as connection:
        if not damage.has_events(connection):
            return
        while number < events.MOST and tries >= 0:
            try:
                row = next(damage.rising(connection.execute(_NEXT, (number,)), number - 1), None)
            except damage.ERRORS as error:
                if not damage.is_damage(error):
                    raise
                number, tries = number + 1, tries - 1
                continue
            if row is None:
                return
            yield row
            number = row["seq"] + 1


def _add(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Take an event over as it was written; one that says nothing that can be followed is left behind."""
    connection.execute("SAVEPOINT one")
    try:
        connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", tuple(row))
        log.apply(connection, events.event_of(row))
    except _CANNOT_BE_KEPT:
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")
