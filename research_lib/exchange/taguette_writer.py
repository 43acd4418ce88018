"""Fills Taguette's tables from a project."""

import json
import re
import sqlite3
from collections.abc import Iterable
from itertools import chain
from typing import Any

import pandas as pd

from research_lib.coding.codings import COLUMNS, as_codings, check
from research_lib.coding.corpus import Document
from research_lib.coding.project import Losses, Project
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import CODE_FIELDS, code_to_fields, join_fields
from research_lib.exchange.taguette_database import NO_TIME, byte_edges, html_of

TAG_FIELDS = (*CODE_FIELDS, "Codable", "Under", "Id")
DOCUMENT_FIELDS = ("Language", "Translation of", "Id")
DIRECTION, RIGHT_TO_LEFT = "text direction", "right to left"
_OWNER, _PROJECT = "admin", 1
_LOGIN = re.compile(r"[a-z0-9._+@ -]{1,25}")
_SHORT, _LONG = 50, 200
_EPOCH = pd.Timestamp(NO_TIME, tz="UTC")


class Writer:
    """Writes one project; what has no place is added to `losses`."""

    def __init__(self, connection: sqlite3.Connection, project: Project, losses: Losses):
        self._connection, self._project, self._losses = connection, project, losses
        self._numbers = {document.id: number for number, document in enumerate(project.corpus, start=1)}
        self._tags = {code.id: number for number, code in enumerate(project.codebook, start=1)}
        self._names = _tag_names(project)
        self._codings = self._writable()
        self._logins = self._login_names()

    def write(self) -> None:
        """Write all that there is a place for."""
        project = self._project
        self._insert("projects", (_PROJECT, project.name, project.description, NO_TIME))
        for login in dict.fromkeys([_OWNER, *self._logins.values()]):
            self._insert("users", (login, NO_TIME, None, 0, None, None, None, None))
            self._insert("project_members", (_PROJECT, login, "ADMIN"))
        for document in project.corpus:
            self._document(document)
        for code in project.codebook:
            if self._names[code.id] != code.name:
                reason = f"two codes have it, and tags have one each; it is {self._names[code.id]!r} there"
                self._losses.add(f"code {code.id!r}", "name", reason)
            fields = code_to_fields(code) | {
                "Codable": "" if code.is_codable else "no",
                "Under": code.parent_id or "",
                "Id": "" if code.id == self._names[code.id] else code.id,
            }
            described = join_fields(code.definition, fields)
            self._insert("tags", (self._tags[code.id], _PROJECT, self._names[code.id], described))
        self._report_long_names()
        self._report_rest()
        self._highlights()

    def _insert(self, table: str, row: tuple[Any, ...]) -> None:
        try:
            self._connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        except UnicodeEncodeError as error:
            half = f"{error.object[:40]!r} has half of a pair at {error.start}"
            raise CodingError(f"{table}: {half}, which cannot be written; replace it") from error

    def _writable(self) -> pd.DataFrame:
        codings = as_codings(self._project.codings)
        for problem in check(codings, self._project.corpus, self._project.codebook):
            self._losses.add("codings", "coding", problem)
        lengths = {document.id: len(document.text) for document in self._project.corpus}
        good = codings["document"].isin(list(lengths)) & codings["code"].isin(list(self._tags))
        good &= codings["end"] <= codings["document"].map(lengths).fillna(-1).astype("float64")
        empty = good & (codings["start"] == codings["end"])
        self._losses.add("codings", "coding without length", "a highlight has at least one character", int(empty.sum()))
        return codings[good & ~empty]

    def _login_names(self) -> dict[str, str]:
        """The login of each coder: the id, or what of it a login may hold."""
        known = [coder.id for coder in self._project.coders]
        ids = dict.fromkeys([*known, *self._codings["coder"]])
        logins: dict[str, str] = {}
        taken: set[str] = set()
        for id_ in filter(None, ids):
            login = id_.lower() if _LOGIN.fullmatch(id_.lower()) else f"coder {len(logins) + 1}"
            login = _free([login, *(f"{login[:20]}-{number}" for number in range(len(ids) + 1))], taken)
            logins[id_] = login
            if login != id_:
                self._losses.add(f"coder {id_!r}", "id", f"logins are short and in lower case; it is {login!r} there")
            if id_ not in known:
                self._losses.add(f"coder {id_!r}", "coder", "the project does not list it; it was written all the same")
        self._report_coders()
        return logins

    def _report_coders(self) -> None:
        active = set(self._codings["coder"])
        for coder in self._project.coders:
            place = f"coder {coder.id!r}"
            self._losses.add(place, "name", "a user has a login only", bool(coder.name))
            self._losses.add(place, "coder", "it has no id; give it one", not coder.id)
            idle = coder.id == _OWNER and coder.id not in active
            self._losses.add(place, "coder", "each project has this user, who is a coder only with codings", idle)

    def _document(self, document: Document) -> None:
        place = f"document {document.id!r}"
        self._losses.add(place, "sign of no text (U+0000)", "U+FFFD stands in its place", document.text.count("\0"))
        others = dict(document.attributes.items() - {(DIRECTION, RIGHT_TO_LEFT)})
        self._losses.add(place, "attribute", "a document has no attributes there", len(others))
        self._losses.add(place, "time of a cue", "a document has no times there", len(document.times))
        filename = document.name.replace("\0", "") or "document"
        fields = {
            "Language": "" if document.language == "und" else document.language,
            "Translation of": document.translation_of or "",
            "Id": document.id,
        }
        direction = "LEFT_TO_RIGHT" if len(others) == len(document.attributes) else "RIGHT_TO_LEFT"
        try:
            contents = html_of(document.text)
            contents.encode()
        except UnicodeEncodeError as error:
            raise CodingError(f"{place}: a character is half of a pair and cannot be written; replace it") from error
        described = join_fields(document.memo, fields)
        row = (self._numbers[document.id], document.name, described, filename, NO_TIME, _PROJECT, direction, contents)
        self._insert("documents", row)

    def _highlights(self) -> None:
        """Write one highlight for all codes that a coder gave a stretch at once, and the event that records it."""
        keys = ["document", "start", "end", "coder", "time"]
        texts = {document.id: document.text.replace("\0", "\ufffd") for document in self._project.corpus}
        edges = {id_: byte_edges(text) for id_, text in texts.items() if id_ in set(self._codings["document"])}
        groups = self._codings.groupby(keys, sort=False, dropna=False)["code"]
        for number, ((document, start, end, coder, time), codes) in enumerate(groups, start=1):
            first, last = (int(edges[document][at]) for at in (start, end))
            snippet = html_of(texts[document][start:end])
            self._insert("highlights", (number, self._numbers[document], first, last, snippet))
            tags = sorted({self._tags[code] for code in codes})
            self._losses.add("codings", "coding", "a highlight has a tag only once", len(codes) - len(tags))
            for tag in tags:
                self._insert("highlight_tags", (number, tag))
            event = {"type": "highlight_add", "highlight_id": number, "start_offset": first, "end_offset": last}
            event["tags"] = tags
            if coder:
                date = NO_TIME if pd.isna(time) else time.tz_localize(None).isoformat(sep=" ", timespec="microseconds")
                payload = json.dumps(event, sort_keys=True)
                self._insert("commands", (None, date, self._logins[coder], _PROJECT, self._numbers[document], payload))
                self._losses.add("codings", "time", "it is the one that stands for none there", time == _EPOCH)
            elif not pd.isna(time):
                self._losses.add("codings", "time", "only with a coder can it be written")

    def _report_long_names(self) -> None:
        named = [("project", self._project.name, _SHORT)]
        named += [("document", document.name, _SHORT) for document in self._project.corpus]
        for kind, name, limit in [*named, *(("tag", name, _LONG) for name in self._names.values())]:
            if not 0 < len(name) <= limit:
                reason = f"Taguette opens it, but imports only names of 1 to {limit} characters; it was kept"
                self._losses.add(f"{kind} {name!r}", "length of the name", reason)

    def _report_rest(self) -> None:
        for case in self._project.cases:
            self._losses.add(f"case {case.id!r}", "case", "Taguette has no cases")
        for group in self._project.sets:
            self._losses.add(f"set {group.id!r}", "set", "Taguette has no sets")
        codings = self._codings
        self._losses.add("codings", "memo", "a highlight has no memo", int((codings["memo"] != "").sum()))
        for name in codings.columns.difference(COLUMNS):
            self._losses.add("codings", f"column {name!r}", "a highlight has no field for it")
        own = int((as_codings(codings.drop(columns="id"))["id"].to_numpy() != codings["id"].to_numpy()).sum())
        self._losses.add("codings", "id", "a highlight has a number only; the coding gets another id when read", own)


def _tag_names(project: Project) -> dict[str, str]:
    """The name of each tag: the code's, or where two have the same, those above it too, and its id at last."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for code in project.codebook:
        trail = ".".join(each.name for each in project.codebook.path(code.id))
        last = f"{trail} ({code.id})"
        numbered = (f"{last} {number}" for number in range(2, len(project.codebook) + 3))
        names[code.id] = _free(chain([code.name, trail, last], numbered), taken)
    return names


def _free(names: Iterable[str], taken: set[str]) -> str:
    """Take the first name that is not taken yet."""
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name
