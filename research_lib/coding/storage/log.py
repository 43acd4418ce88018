"""A file of events and the tables that follow from them: opening, writing, checking, rebuilding, copying."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from research_lib.coding.storage import events, replay
from research_lib.coding.storage.events import Event
from research_lib.errors import CodingError


class Log:
    """An opened file of events, for any number of threads; close it, or use it in a `with` block."""

    def __init__(self, path: Path | str):
        """Open the store in a file, or make it; raises CodingError where the file is something else."""
        self.path = Path(path)
        self._connection = events.connect(self.path, replay.TABLES)
        self._turn, self._is_writing = RLock(), False
        self._inode = self.path.stat().st_ino

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what the write-ahead log held is in it then, so that a copy of the file is whole."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write alone: all that is put within is on the disk when the outermost block ends, or none.

        Raises CodingError where the file cannot be written, or is no longer the one that was opened.
        """
        with self._turn:
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

    def put(self, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None) -> Event:
        """Append one event and let it change the tables, within a `writing` block."""
        event = events.append(self._connection, kind, entity, body, coder=coder, **extra)
        replay.apply(self._connection, event)
        return event

    def events(self, where: str = "1", values: tuple[Any, ...] = ()) -> list[Event]:
        """List the events in their order, all of them or those that a condition picks."""
        with self._turn:
            return list(events.read(self._connection, where, values))

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Ask the tables."""
        with self._turn:
            return self._connection.execute(query, values).fetchall()

    def problems(self) -> list[str]:
        """Say what is not as it was written: a broken chain of events, or tables that do not follow from them.

        Works on a copy in memory, so that others can go on. It cannot see that the last events were cut off.
        """
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            copy.row_factory = sqlite3.Row
            with self._turn:
                self._connection.backup(copy)
            found = events.broken_links(copy)
            before = replay.contents(copy)
            replay.rebuild(copy)
            after = replay.contents(copy)
        astray = [name for name in before if before[name] != after[name]]
        return found + [f"the table {name} does not follow from the events; rebuild it" for name in astray]

    def rebuild(self) -> None:
        """Make all tables anew from the events."""
        with self.writing():
            replay.rebuild(self._connection)

    def copy(self, path: Path | str) -> Path:
        """Write a whole copy, also while others write; raises CodingError where the file exists already."""
        if (target := Path(path)).exists():
            raise CodingError(f"{target}: exists already; choose another name for the copy")
        if not target.parent.is_dir():
            raise CodingError(f"{target}: there is no such folder; make it first")
        with closing(sqlite3.connect(target)) as copy, self._turn:
            self._connection.backup(copy)
        return target
