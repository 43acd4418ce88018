"""QualCoder's database: the tables that are read, and a careful way to open one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from research_lib.errors import CodingError
from research_lib.files.content_kind import SQLITE, kind_named
from research_lib.files.opening import MB, objection

LARGEST, LARGEST_TEXT, MOST_ROWS = 512 * MB, 64 * MB, 5_000_000
READ = {
    "project": "memo",
    "source": "id name fulltext mediapath memo owner",
    "code_cat": "catid name memo supercatid",
    "code_name": "cid name memo catid color",
    "code_text": "ctid cid fid pos0 pos1 seltext owner date memo",
    "cases": "caseid name memo",
    "case_text": "caseid fid pos0 pos1",
    "attribute": "name attr_type value id",
}
_GUARDS = ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0")
_DAMAGE = (sqlite3.Error, OverflowError, UnicodeDecodeError)
_CLOSE = "open the project in QualCoder, and close it again"


@contextmanager
def opened(database: Path, given: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading only, after checking that it is one of QualCoder's."""
    _check_file(database, given)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro&immutable=1", uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_TEXT)
            for guard in _GUARDS:
                connection.execute(f"PRAGMA {guard}")
            _check_tables(connection, database)
            yield connection
    except _DAMAGE as error:
        raise CodingError(f"{database}: the database is damaged or too large ({error}); {_CLOSE}") from error


def _check_file(database: Path, given: Path) -> None:
    if given.is_dir() and not database.exists():
        raise CodingError(f"{given}: the folder has no data.qda; give the folder of a project, which ends in .qda")
    if found := objection(database, limit=LARGEST):
        raise CodingError(f"{database}: {found[0]}; {found[1]}")
    if (what := kind_named(database)) != SQLITE:
        raise CodingError(f"{database}: it is {what}, not a project of QualCoder; give its folder, which ends in .qda")
    for suffix in ("-wal", "-journal"):
        beside = database.with_name(database.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            raise CodingError(f"{database}: {beside.name} says that it is in use; close QualCoder first")


def _check_tables(connection: sqlite3.Connection, database: Path) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if {"freecode", "coding"} <= tables:
        raise CodingError(f"{database}: it is a project of RQDA; QualCoder imports it, read what QualCoder makes of it")
    if {"highlights", "tags"} <= tables:
        raise CodingError(f"{database}: it is a project of Taguette; read it with taguette.read_project")
    for table, columns in READ.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} if table in tables else set()
        if missing := [column for column in columns.split() if column not in there]:
            what = f"column {missing[0]!r} of the table" if there else "table"
            raise CodingError(f"{database}: the {what} {table!r} is missing; {_CLOSE}, which brings it up to date")
        if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > MOST_ROWS:
            raise CodingError(f"{database}: the table {table!r} has more than {MOST_ROWS:,} rows; bring it in parts")
