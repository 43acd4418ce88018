"""A file of events and the tables that follow from them: opening, writing, checking, rebuilding, copying."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

import pandas as pd

from research_lib.coding.storage import events, replay
from research_lib.coding.storage.damage import DamagedError, as_coding_error, must_be_free, removed_on_failure
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

    def put(self, kind: str, entity: str, body: dict[str, Any], *, coder: str, **extra: int | None) -> None:
        """Append one event and let it change the tables, within a `writing` block."""
        event = events.append(self._connection, kind, entity, body, coder=coder, **extra)
        replay.apply(self._connection, event)

    def events(self, where: str = "1", values: tuple[Any, ...] = ()) -> list[Event]:
        """List the events in their order, all of them or those that a condition picks."""
        with self._turn, as_coding_error(self.path, "cannot be read"):
            return list(events.read(self._connection, where, values))

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
            replay.rebuild(self._connection)

    def copy(self, path: Path | str) -> Path:
        """Write a whole copy, which only you can read, also while others write; raises CodingError for a name taken."""
        must_be_free(target := Path(path))
        if not target.parent.is_dir():
            raise CodingError(f"{target}: there is no such folder; make it first")
        with as_coding_error(target, "the copy was not written"), removed_on_failure(target):
            events.keep_private(target)
            with closing(sqlite3.connect(target)) as copy, self._turn:
                self._connection.backup(copy)
        return target


def _differing(copy: sqlite3.Connection) -> list[str]:
    """The tables that are other than the events make them."""
    before = replay.contents(copy)
    replay.rebuild(copy)
    after = replay.contents(copy)
    differing = [name for name in before if before[name] != after[name]]
    return [f"the table {name} does not follow from the events; rebuild it" for name in differing]
