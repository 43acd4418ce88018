"""Taguette, a free program for tagging text: its project files (SQLite, `.sqlite3`).

Taguette counts bytes of UTF-8 in a document's text without its tags; that text is kept exactly, and positions become
code points. A tag is a code; its name is its id and stays as it is, dots included. Passwords and addresses of users
are not read.
"""

import json
import sqlite3
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings, no_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Loss, Losses, Project
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import fields_to_code, ids_for, in_order, split_fields
from research_lib.exchange.taguette_database import NO_TIME, byte_edges, created, opened, text_of
from research_lib.exchange.taguette_writer import DIRECTION, DOCUMENT_FIELDS, RIGHT_TO_LEFT, TAG_FIELDS, Writer
from research_lib.files.saving import written_beside

_OWNER = "admin"
_WHOLE = "CASE typeof({0}) WHEN 'integer' THEN {0} ELSE -1 END"
type Given = tuple[str, pd.Timestamp | None]


def read_project(path: Path | str, *, name: str | None = None) -> Project:
    """Read a project; `name` says which, where a file has several.

    Raises CodingError for a file that is not one of Taguette's, or has no such project.
    """
    path, losses = Path(path), Losses()
    with opened(path) as connection:
        found = connection.execute("SELECT id, name, description FROM projects ORDER BY id").fetchall()
        wanted = [row for row in found if name is None or row[1] == name]
        if len(wanted) != 1:
            names = ", ".join(repr(row[1]) for row in found) or "none"
            raise CodingError(f"{path}: which project? say name=; the file has {names}")
        ((id_, title, description),) = wanted
        return _Reader(connection, id_, losses).project(title, description)


def write_project(project: Project, path: Path | str) -> tuple[Loss, ...]:
    """Write a project that Taguette 1.5 opens, and return what has no place in it.

    Raises CodingError for a text that has no spelling in UTF-8; then nothing is written.
    """
    losses = Losses()
    with written_beside(Path(path), sqlite3.Error) as part, created(part) as connection:
        Writer(connection, project, losses).write()
    return losses.listed()


class _Reader:
    """Reads one project of a database."""

    def __init__(self, connection: sqlite3.Connection, project: int, losses: Losses):
        self._connection, self._losses = connection, losses
        self._at = {"project": project}
        self._texts: dict[int, Document] = {}
        self._given: dict[int, dict[int, Given]] = {}

    def project(self, name: str, description: str) -> Project:
        """Read everything."""
        self._texts = self._documents()
        codes = self._codes()
        self._given = self._history()
        codings = self._codings({number: code.id for number, code in codes.items()})
        return Project(
            name,
            Codebook(tuple(codes.values())),
            Corpus(tuple(self._texts.values())),
            codings,
            self._coders(codings),
            description=description,
            losses=self._losses.listed(),
        )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, self._at).fetchall()

    def _documents(self) -> dict[int, Document]:
        columns = "id, name, description, filename, text_direction, contents"
        rows = self._rows(f"SELECT {columns} FROM documents WHERE project_id = :project ORDER BY id")
        described = [split_fields(row[2], DOCUMENT_FIELDS) for row in rows]
        counts = Counter(row[3] for row in rows)
        files = [row[3] if counts[row[3]] == 1 else f"{row[3]} #{row[0]}" for row in rows]
        ids = ids_for("document", files, [fields.get("Id") for _, fields in described], self._losses)
        found = zip(rows, ids, described, strict=True)
        above, order = self._references("Translation of", ids, [fields for _, fields in described])
        made = dict[str, tuple[int, Document]]()
        for (number, name, _, _, direction, contents), id_, (memo, fields) in found:
            text, formats = text_of(contents)
            self._losses.add(f"document {name!r}", "formatting", "only the text is kept", formats.total())
            attributes = {DIRECTION: RIGHT_TO_LEFT} if direction == "RIGHT_TO_LEFT" else {}
            language = fields.get("Language", "und")
            made[id_] = number, Document(id_, name, text, language, above[id_], attributes, memo)
        return dict(made[id_] for id_ in order)

    def _references(
        self, label: str, ids: list[str], fields: list[dict[str, str]]
    ) -> tuple[dict[str, str | None], list[str]]:
        """What each thing refers to, and an order in which that comes first; one that leads nowhere is reported."""
        above = {id_: each.get(label) for id_, each in zip(ids, fields, strict=True)}
        for id_, other in above.items():
            if other is not None and other not in above:
                self._losses.add(f"{label}: {other}", "reference", "it is not in the file; it was left out")
                above[id_] = None
        order, circular = in_order(above)
        for id_ in circular:
            self._losses.add(f"{label}: {above[id_]}", "reference", f"it comes back to {id_!r}; it was left out")
            above[id_] = None
        return above, order

    def _codes(self) -> dict[int, Code]:
        rows = self._rows("SELECT id, path, description FROM tags WHERE project_id = :project ORDER BY id")
        described = [split_fields(row[2], TAG_FIELDS) for row in rows]
        ids = ids_for("code", [row[1] for row in rows], [fields.get("Id") for _, fields in described], self._losses)
        found = zip(rows, ids, described, strict=True)
        above, _ = self._references("Under", ids, [fields for _, fields in described])
        return {
            row[0]: Code(
                id=id_,
                name=row[1],
                parent_id=above[id_],
                definition=text,
                is_codable=fields.get("Codable") != "no",
                **fields_to_code(fields),
            )
            for row, id_, (text, fields) in found
        }

    def _history(self) -> dict[int, dict[int, Given]]:
        """Who gave a highlight each of its tags, and when, as far as the list of events says."""
        events = self._rows("SELECT payload, user_login, date FROM commands WHERE project_id = :project ORDER BY id")
        given: dict[int, dict[int, Given]] = {}
        for payload, login, written in events:
            try:
                _remember(given, json.loads(payload), (login, _moment(written)))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                self._losses.add("history", "line", f"it cannot be read ({type(error).__name__}), and was skipped")
        return given

    def _codings(self, codes: dict[int, str]) -> pd.DataFrame:
        query = (
            f"SELECT h.id, document_id, {_WHOLE.format('start_offset')}, {_WHOLE.format('end_offset')}, t.tag_id"
            " FROM highlights h"
            " JOIN documents d ON d.id = document_id LEFT JOIN highlight_tags t ON t.highlight_id = h.id"
            " WHERE d.project_id = :project ORDER BY document_id, h.id, t.tag_id"
        )
        rows = pd.DataFrame(self._rows(query), columns=["highlight", "document", "first", "last", "tag"])
        parts = [self._placed(int(number), part, codes) for number, part in rows.groupby("document")]
        found = [row for part in parts for row in part]
        return as_codings(found) if found else no_codings()

    def _placed(self, number: int, rows: pd.DataFrame, codes: dict[int, str]) -> list[dict[str, Any]]:
        """The codings on one document, in code points; what has no code or no place is reported."""
        document, edges = self._texts[number], byte_edges(self._texts[number].text)
        place = f"document {document.name!r}"
        firsts, lasts = rows["first"].to_numpy("int64"), rows["last"].to_numpy("int64")
        starts, ends = np.searchsorted(edges, firsts), np.searchsorted(edges, lasts)
        outside = (firsts < 0) | (firsts > lasts) | (lasts > edges[-1])
        self._losses.add(place, "highlight", f"it stands outside its {edges[-1]:,} bytes", int(outside.sum()))
        untagged = int((~rows["tag"].isin(list(codes)) & ~outside).sum())
        self._losses.add(place, "highlight without a tag", "only what is coded is read", untagged)
        good = ~outside & rows["tag"].isin(list(codes)).to_numpy()
        cut = (edges[starts[good]] != firsts[good]) | (edges[ends[good]] != lasts[good])
        self._losses.add(place, "position", "it was inside a character; its end was taken", int(cut.sum()))
        found = zip(starts[good], ends[good], rows["highlight"][good], rows["tag"][good].astype(int), strict=True)
        return [
            {"document": document.id, "start": int(start), "end": int(end), "code": codes[tag]}
            | dict(zip(("coder", "time"), self._given.get(highlight, {}).get(tag) or ("", None), strict=True))
            for start, end, highlight, tag in found
        ]

    def _coders(self, codings: pd.DataFrame) -> tuple[Coder, ...]:
        """The members of the project and those who tagged in it; the owner only if they tagged."""
        members = self._rows("SELECT user_login FROM project_members WHERE project_id = :project ORDER BY rowid")
        active = [coder for coder in codings["coder"].unique() if coder]
        logins = dict.fromkeys([*(login for (login,) in members), *active])
        return tuple(Coder(login) for login in logins if login != _OWNER or login in active)


def _remember(given: dict[int, dict[int, Given]], event: dict[str, Any], by: Given) -> None:
    """Take note of one event: tags that a highlight was given, or two tags that became one."""
    if event["type"] == "highlight_add":
        before = given.get(event["highlight_id"], {})
        given[event["highlight_id"]] = {tag: before.get(tag, by) for tag in event["tags"]}
    elif event["type"] == "tag_merge":
        old, new = event["src_tag_id"], event["dest_tag_id"]
        for tags in given.values():
            if old in tags:
                tags.setdefault(new, tags.pop(old))


def _moment(written: str) -> pd.Timestamp | None:
    return None if written == NO_TIME else pd.Timestamp(datetime.fromisoformat(written), tz="UTC")
