"""Projects of other programs that are SQLite databases: opened for reading only, after a look at what they are."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from research_lib.errors import CodingError
from research_lib.files.content_kind import SQLITE, kind_named
from research_lib.files.opening import MB, objection

_GUARDS = ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0")
_WRONG = (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
_OTHERS = {
    "RQDA": ({"freecode", "coding"}, "QualCoder imports it, read what QualCoder makes of it"),
    "Taguette": ({"highlights", "tags"}, "read it with taguette.read_project"),
}


@contextmanager
def opened(
    path: Path, read: Mapping[str, str], *, program: str, mend: str, largest: int | None = None, longest: int = 256 * MB
) -> Iterator[sqlite3.Connection]:
    """Open the database of a program for reading only; `read` names the columns of each table that it must have.

    `mend` says how people get one. `largest` and `longest` are the most bytes of the file and of a cell. Raises
    CodingError where it is another file, is in use, lacks a column or is damaged, also while it is read.
    """
    if found := objection(path, limit=largest):
        raise CodingError(f"{path}: {found[0]}; {found[1]}")
    if (what := kind_named(path)) != SQLITE:
        raise CodingError(f"{path}: it is {what}, not a project of {program}; {mend}")
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            raise CodingError(f"{path}: {beside.name} says that it is in use; close {program} first")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            for guard in _GUARDS:
                connection.execute(f"PRAGMA {guard}")
            _check_tables(connection, path, read, program=program, mend=mend)
            yield connection
    except _WRONG as error:
        raise CodingError(f"{path}: the database is damaged or too large ({error}); {mend}") from error


def _check_tables(
    connection: sqlite3.Connection, path: Path, read: Mapping[str, str], *, program: str, mend: str
) -> None:
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    tables = {name for name, kind in kinds.items() if kind == "table"}
    for other, (names, what_then) in _OTHERS.items():
        if other != program and names <= tables:
            raise CodingError(f"{path}: it is a project of {other}; {what_then}")
    for table, columns in read.items():
        if kinds.get(table) == "view":
            raise CodingError(f"{path}: it has a view {table!r} in place of the table; {mend}")
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} if table in tables else set()
        if missing := [column for column in columns.split() if column not in there]:
            what = f"column {missing[0]!r} of the table" if there else "table"
            raise CodingError(f"{path}: the {what} {table!r} is missing; {mend}")
