"""Taguette's database: its tables as of revision db5e31a0233d (Taguette 1.5), and the HTML of its documents.

The text of a document, without its tags, is what positions count, in bytes of UTF-8.
"""

import html
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from research_lib.errors import CodingError, with_article
from research_lib.exchange import sqlite_projects
from research_lib.files.opening import package_data

REVISION = "db5e31a0233d"
APPLICATION = 0x54677474
NO_TIME = "1970-01-01 00:00:00.000000"
_TABLES = package_data("exchange", "taguette_tables.sql")
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

_PLAIN = frozenset({"p", "br"})
_SWALLOW_NEWLINE = frozenset({"pre", "listing", "textarea"})
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?")
_MARKUP = frozenset("<>&\"'")
_SURROGATES, _LAST, _LOST = range(0xD800, 0xE000), 0x10FFFF, "\ufffd"
_WINDOWS = range(0x80, 0xA0)
_ESCAPES = {number: f"&#{number};" for number in (*range(1, 9), 0x0B, 0x0C, *range(0x0D, 0x20), 0x7F)}
_ESCAPES |= {0: _LOST, ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_SIZES = (0x80, 0x800, 0x10000)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading only, after checking that it is one of Taguette's.

    Raises CodingError as `sqlite_projects.opened`, and where it has triggers or views in it.
    """
    mend = "in Taguette 1.5, export the project as SQLite3"
    with sqlite_projects.opened(path, _READ, program="Taguette", mend=mend) as connection:
        for name, kind, sql in connection.execute("SELECT name, type, coalesce(sql, '') FROM sqlite_master"):
            if kind in ("trigger", "view") or sql.upper().startswith("CREATE VIRTUAL"):
                reason = f"it has {with_article(kind)} {name!r}, and Taguette makes none; export it again"
                raise CodingError(f"{path}: {reason}")
        _check_texts(connection, path)
        yield connection


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
        for statement in _TABLES.read_text("utf-8").split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO alembic_version VALUES (?)", [REVISION])
        yield connection
        connection.execute("COMMIT")


class _Text(HTMLParser):
    """Collects text as a browser does: a line end directly after `<pre>` is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.formats: Counter[str] = Counter()
        self._swallows = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (HTMLParser's)
        """Count what is more than a paragraph."""
        self._swallows = tag in _SWALLOW_NEWLINE
        if tag not in _PLAIN:
            self.formats[tag] += 1

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  (HTMLParser's)
        """Take the next line end for what it is."""
        self._swallows = False

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.parts.append(data.removeprefix("\n") if self._swallows else data)
        self._swallows = False


def text_of(contents: str) -> tuple[str, Counter[str]]:
    """Read the text that Taguette counts in, and how often which formatting stood in it."""
    parser = _Text()
    parser.feed(_REFERENCE.sub(_character, re.sub(r"\r\n?", "\n", contents).replace("\0", "")))
    parser.close()
    return "".join(parser.parts), parser.formats


def _character(reference: re.Match[str]) -> str:
    """A numeric reference as browsers read it; those to signs of markup stay, and are read with the markup."""
    number = int(reference[1], 16) if reference[1] else int(reference[2][:9])
    if number in _WINDOWS:
        return html.unescape(f"&#{number};")
    if number == 0 or number in _SURROGATES or number > _LAST:
        return _LOST
    return f"&#{number};" if chr(number) in _MARKUP else chr(number)


def html_of(text: str) -> str:
    """Write a text so that its characters, without tags, are exactly the text: each line is a paragraph."""
    return "\n".join(f"<p>{line}</p>" for line in text.translate(_ESCAPES).split("\n"))


def byte_edges(text: str) -> np.ndarray:
    """Say at which byte of its UTF-8 each character of a text begins, and where the text ends."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    sizes = 1 + sum(points >= size for size in _SIZES)
    return np.concatenate([[0], np.cumsum(sizes, dtype="int64")])
