"""Taguette's database: its tables as of revision db5e31a0233d (Taguette 1.5), and a careful way to open one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from research_lib.errors import CodingError, with_article
from research_lib.files.content_kind import SQLITE, content_kind
from research_lib.files.opening import objection

REVISION = "db5e31a0233d"
APPLICATION = 0x54677474
NO_TIME = "1970-01-01 00:00:00.000000"
_NUMBERED = "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
_OF_PROJECT = "FOREIGN KEY(project_id) REFERENCES projects (id) ON DELETE CASCADE"
TABLES = {
    "users": """login VARCHAR(30) NOT NULL, created DATETIME NOT NULL, hashed_password VARCHAR(192),
        disabled BOOLEAN NOT NULL, password_set_date DATETIME, language VARCHAR(10), email VARCHAR(256),
        email_sent DATETIME, CONSTRAINT pk_users PRIMARY KEY (login)""",
    "projects": f"{_NUMBERED}, name VARCHAR(200) NOT NULL, description TEXT NOT NULL, created DATETIME NOT NULL",
    "project_members": f"""project_id INTEGER NOT NULL, user_login VARCHAR(30) NOT NULL,
        privileges VARCHAR(11) NOT NULL, CONSTRAINT pk_project_members PRIMARY KEY (project_id, user_login),
        CONSTRAINT fk_project_members_project_id_projects {_OF_PROJECT},
        CONSTRAINT fk_project_members_user_login_users
        FOREIGN KEY(user_login) REFERENCES users (login) ON DELETE CASCADE ON UPDATE CASCADE""",
    "documents": f"""{_NUMBERED}, name VARCHAR(200) NOT NULL, description TEXT NOT NULL,
        filename VARCHAR(200) NOT NULL, created DATETIME NOT NULL, project_id INTEGER NOT NULL,
        text_direction VARCHAR(13) NOT NULL, contents TEXT NOT NULL,
        CONSTRAINT fk_documents_project_id_projects {_OF_PROJECT}""",
    "commands": f"""{_NUMBERED}, date DATETIME NOT NULL, user_login VARCHAR(30) NOT NULL,
        project_id INTEGER NOT NULL, document_id INTEGER, payload TEXT NOT NULL,
        CONSTRAINT fk_commands_user_login_users FOREIGN KEY(user_login) REFERENCES users (login) ON UPDATE CASCADE,
        CONSTRAINT fk_commands_project_id_projects {_OF_PROJECT}""",
    "tags": f"""{_NUMBERED}, project_id INTEGER NOT NULL, path VARCHAR(200) NOT NULL, description TEXT NOT NULL,
        CONSTRAINT uq_tags_project_id UNIQUE (project_id, path),
        CONSTRAINT fk_tags_project_id_projects {_OF_PROJECT}""",
    "highlights": f"""{_NUMBERED}, document_id INTEGER NOT NULL, start_offset INTEGER NOT NULL,
        end_offset INTEGER NOT NULL, snippet TEXT NOT NULL, CONSTRAINT fk_highlights_document_id_documents
        FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE""",
    "highlight_tags": """highlight_id INTEGER NOT NULL, tag_id INTEGER NOT NULL,
        CONSTRAINT pk_highlight_tags PRIMARY KEY (highlight_id, tag_id),
        CONSTRAINT fk_highlight_tags_highlight_id_highlights
        FOREIGN KEY(highlight_id) REFERENCES highlights (id) ON DELETE CASCADE,
        CONSTRAINT fk_highlight_tags_tag_id_tags FOREIGN KEY(tag_id) REFERENCES tags (id) ON DELETE CASCADE""",
    "alembic_version": """version_num VARCHAR(32) NOT NULL,
        CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)""",
}
_INDEXES = {
    "ix_project_members_user_login": "project_members (user_login)",
    "ix_project_members_project_id": "project_members (project_id)",
    "ix_documents_project_id": "documents (project_id)",
    "idx_project_id": "commands (project_id, id)",
    "idx_project_document": "commands (project_id, document_id)",
    "ix_commands_user_login": "commands (user_login)",
    "ix_commands_document_id": "commands (document_id)",
    "ix_commands_project_id": "commands (project_id)",
    "ix_commands_date": "commands (date)",
    "ix_tags_path": "tags (path)",
    "ix_tags_project_id": "tags (project_id)",
    "ix_highlights_document_id": "highlights (document_id)",
    "ix_highlight_tags_highlight_id": "highlight_tags (highlight_id)",
    "ix_highlight_tags_tag_id": "highlight_tags (tag_id)",
}
_READ = {
    "projects": "id name description",
    "project_members": "project_id user_login",
    "documents": "id name description filename project_id text_direction contents",
    "commands": "id date user_login project_id payload",
    "tags": "id project_id path description",
    "highlights": "id document_id start_offset end_offset",
    "highlight_tags": "highlight_id tag_id",
    "alembic_version": "version_num",
}
_TEXTS = {
    "projects": "name description",
    "project_members": "user_login",
    "documents": "name description filename text_direction contents",
    "commands": "user_login",
    "tags": "path description",
}
_LONGEST = 256 << 20
_WRONG = (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
_GUARDS = ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading only, after checking that it is one of Taguette's.

    Raises CodingError where it is another file, is damaged, is in use, or has triggers or views in it, and for
    a value of an unexpected kind.
    """
    _check_file(path)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            for guard in _GUARDS:
                connection.execute(f"PRAGMA {guard}")
            _check_schema(connection, path)
            _check_texts(connection, path)
            yield connection
    except _WRONG as error:
        raise CodingError(f"{path}: the database is damaged ({error}); export it from Taguette again") from error


def _check_file(path: Path) -> None:
    if found := objection(path):
        raise CodingError(f"{path}: {found[0]}; {found[1]}")
    what, _ = content_kind(path) or ("", "")
    if what != SQLITE:
        named = f"{what}, not" if what else "not"
        raise CodingError(f"{path}: it is {named} an SQLite database; in Taguette, export the project as SQLite3")
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            raise CodingError(f"{path}: {beside.name} says that it is in use; close Taguette first")


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    kinds = connection.execute("SELECT name, type, coalesce(sql, '') FROM sqlite_master").fetchall()
    for name, kind, sql in kinds:
        if kind in ("trigger", "view") or sql.upper().startswith("CREATE VIRTUAL"):
            raise CodingError(f"{path}: it has {with_article(kind)} {name!r}, and Taguette makes none; export it again")
    tables = {name for name, kind, _ in kinds if kind == "table"}
    for table, columns in _READ.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} if table in tables else set()
        if missing := [column for column in columns.split() if column not in there]:
            what = f"column {missing[0]!r} of the table" if there else "table"
            raise CodingError(f"{path}: the {what} {table!r} is missing; open it in Taguette 1.5 and export it")


def _check_texts(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a row whose name or words are something else, since in SQLite any column may hold anything."""
    for table, columns in _TEXTS.items():
        for column in columns.split():
            query = f"SELECT rowid, typeof({column}) FROM {table} WHERE typeof({column}) != 'text' LIMIT 1"
            for row, kind in connection.execute(query):
                place = f"the table {table!r}, row {row}, column {column!r}"
                raise CodingError(
                    f"{path}: {place} has {with_article(kind)}, not a text; export it from Taguette again"
                )


@contextmanager
def created(path: Path) -> Iterator[sqlite3.Connection]:
    """Make a database with Taguette's tables, all of it or, when something fails, nothing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in ("auto_vacuum=1", f"application_id={APPLICATION}", "journal_mode=MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        for name, columns in TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.execute("CREATE UNIQUE INDEX ix_users_email ON users (email)")
        for name, columns in _INDEXES.items():
            connection.execute(f"CREATE INDEX {name} ON {columns}")
        connection.execute("INSERT INTO alembic_version VALUES (?)", [REVISION])
        yield connection
        connection.execute("COMMIT")
