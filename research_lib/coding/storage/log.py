"""A file of events and the tables that follow from them: opening, writing, checking, rebuilding, copying."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from research_lib.coding.storage import events, replay
from research_lib.coding.storage.events import Event
from research_lib.errors import CodingError


class _Unsaved(Exception):  # noqa: N818
    """Ends a transaction that was only a trial."""


class Log:
    """An opened file of events, for any number of threads; close it, or use it in a `with` block."""

    def __init__(self, path: Path | str):
        """Open the store in a file, or make it; raises CodingError where the file is something else."""
        self.path = Path(path)
        self._connection = events.connect(self.path, replay.TABLES)
        self._turn = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what the write-ahead log held is in it then, so that a copy of the file is whole."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write alone: all that is put within is on the disk when the outermost block ends, or none."""
        with self._turn, events.writing(self._connection):
            yield

    def put(self, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None) -> Event:
        """Append one event and let it change the tables, within a `writing` block."""
        event = events.append(self._connection, kind, entity, body, coder=coder, **extra)
        replay.apply(self._connection, event)
        return event

    def events(self, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Event]:
        """Go through the events in their order, all of them or those that a condition picks."""
        return events.read(self._connection, where, values)

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Ask the tables."""
        return self._connection.execute(query, values)

    def problems(self) -> list[str]:
        """Say what is not as it was written: a broken chain of events, or tables that do not follow from them."""
        with suppress(_Unsaved), self.writing():
            found = events.broken_links(self._connection)
            before = replay.contents(self._connection)
            replay.rebuild(self._connection)
            after = replay.contents(self._connection)
            raise _Unsaved
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
        with closing(sqlite3.connect(target)) as copy:
            self._connection.backup(copy)
        return target
