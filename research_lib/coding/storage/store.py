"""The coding store: what people type, in one SQLite file that loses nothing that it has acknowledged.

Everything is an event; the tables are what the events add up to, and can be rebuilt from them. When a method returns,
its event is on the disk. Several people may write to one file at once; who changes what somebody else has just changed
gets a ConflictError, and nothing is overwritten.
"""

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import pandas as pd

from research_lib.coding import codebook as codebooks
from research_lib.coding.codebook import Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.storage import events, undo
from research_lib.coding.storage.events import Event
from research_lib.coding.storage.log import Log
from research_lib.errors import CodingError, quoted, seen

_STATE = ("document", "start", "end", "code", "coder", "time", "memo")


@dataclass(frozen=True)
class Coding:
    """One coded segment as it stands now, with its version and who changed it last."""

    id: str
    document: str
    start: int
    end: int
    code: str
    coder: str
    time: str | None
    memo: str
    version: int
    is_removed: bool
    changed_by: str
    changed_at: str


class ConflictError(CodingError):
    """Somebody else changed a coding first; `theirs` is what it is now, and `yours` was not written."""

    def __init__(self, theirs: Coding, yours: str):
        self.theirs, self.yours = theirs, yours
        now = "removed" if theirs.is_removed else f"{theirs.code} at {theirs.start}–{theirs.end}"
        super().__init__(
            f"coding {theirs.id}: {theirs.changed_by} changed it at {theirs.changed_at}; it is now {now}. "
            f"Your change ({yours}) was not written; look at it and decide again"
        )


class Store(Log):
    """A coding store, opened; close it, or use it in a `with` block.

    Not for erasing: an event is never removed, and the purge of cases does not reach a store. Where a person withdraws,
    add `project_of(store)` without their documents, codings and cases to a new store, and delete the old file and all
    copies of it.
    """

    def add_document(self, document: Document, *, coder: str) -> None:
        """Add a text, which stays as it is; raises CodingError where its id is taken, or its original is missing."""
        with self.writing():
            events.check_document(document)
            if self._characters(document.id) is not None:
                raise CodingError(f"{self.path}: there is a document {document.id!r} already; give this another id")
            original = document.translation_of
            if original is not None and self._characters(original) is None:
                raise CodingError(f"{self.path}: {document.id!r} translates {original!r}; add that one first")
            body = asdict(document)
            if not document.times:
                del body["times"]  # so that an older version opens the store too
            self.put("document", document.id, body, coder=coder)

    def save_codebook(
        self, codebook: Codebook, *, coder: str, based_on: int | None = None, is_undoable: bool = False
    ) -> int:
        """Save a new version of the codebook, and give its number; one that changes nothing is not saved.

        `based_on`: the version it was made from. `is_undoable`: the coder's next undo takes it back. Raises
        CodingError where somebody saved another in the meantime, or where a code that is in use would be lost.
        """
        with self.writing():
            events.check_codebook(codebook)
            latest = self.latest_codebook()
            if based_on is not None and based_on != latest:
                raise CodingError(f"{self.path}: the codebook is at version {latest}, not {based_on}; start from that")
            if latest and self.codebook() == codebook:
                return latest
            self.must_keep_codes(codebook)
            body = {"codes": [asdict(code) for code in codebook], "before_seq": self.shown_codebook()}
            self.put("codebook", str(latest + 1), body, coder=coder, is_bulk=not is_undoable)
            return latest + 1

    def codebook(self, version: int | None = None) -> Codebook:
        """Give the codebook as it is now, or as it was in a version."""
        latest = self.latest_codebook()
        found = self.rows("SELECT body FROM codebooks WHERE version = ?", (version or latest,))
        if not found and version:
            raise CodingError(f"{self.path}: the codebook has no version {version}; the latest is {latest}")
        with self.reading():
            return codebooks.from_records(json.loads(found[0]["body"])) if found else Codebook()

    def versions(self) -> pd.DataFrame:
        """List the codebook's versions: version, coder, time."""
        return self.table("SELECT version, coder, time FROM codebooks ORDER BY version")

    def documents(self) -> pd.DataFrame:
        """List the documents without their texts: document, name, language, characters."""
        names = "json_extract(body, '$.name') AS name, json_extract(body, '$.language') AS language"
        return self.table(f"SELECT id AS document, {names}, characters FROM documents ORDER BY seq")

    def document(self, document_id: str) -> Document:
        """Give one document; raises CodingError where there is none."""
        found = self.rows("SELECT body FROM documents WHERE id = ?", (document_id,))
        if not found:
            raise CodingError(f"{self.path}: there is no document {document_id!r}")
        with self.reading():
            return Document(**json.loads(found[0]["body"]))

    def documents_of_text(self, text: str) -> list[str]:
        """List the ids of the documents that have exactly this text."""
        long = self.rows("SELECT id FROM documents WHERE characters = ? ORDER BY seq", (len(text),))
        return [row["id"] for row in long if self.document(row["id"]).text == text]

    def counts(self, coder: str, *, document: str | None = None) -> pd.DataFrame:
        """Count a coder's codings: document, code, count; `document`: only in this one."""
        counted = "SELECT document, code, count(*) AS count FROM codings"
        values = (coder,) if document is None else (coder, document)
        where = "coder = ?" if document is None else "coder = ? AND document = ?"
        return self.table(f"{counted} WHERE {where} AND NOT is_removed GROUP BY 1, 2", values)

    def documents_coded_since(self, event: int) -> set[str]:
        """Name the documents of the codings that changed after an event, given by its number."""
        touched = "SELECT entity FROM events WHERE seq > ? AND kind = 'coding'"
        rows = self.rows(f"SELECT DISTINCT document FROM codings WHERE id IN ({touched})", (event,))
        return {row["document"] for row in rows}

    def corpus(self) -> Corpus:
        """Give all documents."""
        rows = self.rows("SELECT body FROM documents ORDER BY seq")
        with self.reading():
            return Corpus(tuple(Document(**json.loads(row["body"])) for row in rows))

    def add(self, document: str, start: int, end: int, code: str, *, coder: str, memo: str = "") -> Coding:
        """Give a stretch of a document a code; raises CodingError for a place or a code that does not exist."""
        state = {"document": document, "start": start, "end": end, "code": code, "coder": coder, "memo": memo}
        with self.writing():
            return self._set(str(uuid4()), self._held(state) | {"time": events.now()}, coder)

    def add_codings(self, codings: pd.DataFrame, *, coder: str, is_undoable: bool = False) -> int:
        """Add many codings at once, each with its own coder and time, and say how many; all of them or none.

        `is_undoable`: one undo of the coder takes them all back; without it no undo touches them.
        """
        with self.one_action() if is_undoable else self.writing():
            for row in as_codings(codings).to_dict("records"):
                time = None if pd.isna(row["time"]) else row["time"].isoformat(timespec="microseconds")
                state = self._held({name: row[name] for name in _STATE} | {"time": time})
                if self.rows("SELECT 1 FROM codings WHERE id = ? AND NOT is_removed", (row["id"],)):
                    raise CodingError(f"{self.path}: the coding {row['id']} is there already; nothing was added")
                self.put("coding", row["id"], {"after": state}, coder=coder, is_bulk=not is_undoable)
        return len(codings)

    def change(self, coding_id: str, *, coder: str, version: int, **changes: Any) -> Coding:
        """Change a coding's start, end, code or memo.

        `version`: the version that you saw. Raises ConflictError where somebody changed it since, CodingError where
        there is no such coding or the new place or code does not exist.
        """
        if unknown := set(changes) - {"start", "end", "code", "memo"}:
            raise CodingError(f"a coding's {unknown.pop()!r} cannot be changed; start, end, code and memo can")
        with self.writing():
            yours = ", ".join(f"{key}: {seen(str(value))[:60]}" for key, value in changes.items())
            row = self._current(coding_id, version, yours)
            state = self._placed({name: row[name] for name in _STATE} | changes)
            if state["code"] != row["code"]:
                self.must_have_code(state["code"])
            return self._set(coding_id, state, coder, before=row)

    def remove(self, coding_id: str, *, coder: str, version: int) -> Coding:
        """Take a coding away, keeping it in the events; raises ConflictError where somebody changed it since."""
        with self.writing():
            return self._set(coding_id, None, coder, before=self._current(coding_id, version, "removal"))

    def undo(self, coder: str) -> list[Event]:
        """Take back the coder's last action that still stands, and give its events (see `undo.undo`)."""
        return undo.undo(self, coder)

    def redo(self, coder: str) -> list[Event]:
        """Do again what the coder took back last, and give its events (see `undo.redo`)."""
        return undo.redo(self, coder)

    def finish(self, document: str, *, coder: str, done: bool = True) -> None:
        """Say that you have read a document to its end: what you left uncoded there, you left on purpose."""
        with self.writing():
            self._length(document)
            self.put("finished", document, {"done": bool(done)}, coder=coder)

    def finished(self) -> pd.DataFrame:
        """List who has read what to its end: document, coder."""
        return self.table("SELECT document, coder FROM finished ORDER BY document, coder")

    def coding(self, coding_id: str) -> Coding:
        """Give one coding as it is now, removed or not; raises CodingError where there is none."""
        row = dict(self._row(coding_id))
        del row["seq"]
        return Coding(**row | {"is_removed": bool(row["is_removed"])})

    def codings(self, *, document: str | None = None, coder: str | None = None) -> pd.DataFrame:
        """Give the codings that stand, all or those of one document or coder, with their version."""
        chosen = {name: value for name, value in (("document", document), ("coder", coder)) if value is not None}
        where = " AND ".join(["NOT is_removed", *(f"{name} = ?" for name in chosen)])
        frame = self.table(f"SELECT * FROM codings WHERE {where}", tuple(chosen.values()))
        with self.reading():
            codings = as_codings(frame.drop(columns=["is_removed", "changed_by", "changed_at", "seq"]))
        return codings.sort_values(["document", "start", "end", "code"], ignore_index=True).astype({"version": "int64"})

    def _set(
        self, coding_id: str, state: dict[str, Any] | None, coder: str, before: sqlite3.Row | None = None
    ) -> Coding:
        body: dict[str, Any] = {"after": state}
        if before is not None:
            body |= {"before": {name: before[name] for name in _STATE}, "before_seq": before["seq"]}
        self.put("coding", coding_id, body, coder=coder)
        return self.coding(coding_id)

    def _row(self, coding_id: str) -> sqlite3.Row:
        found = self.rows("SELECT * FROM codings WHERE id = ?", (coding_id,))
        if not found:
            raise CodingError(f"{self.path}: there is no coding {quoted(coding_id)}")
        return found[0]

    def _current(self, coding_id: str, version: int, yours: str) -> sqlite3.Row:
        """The row of a coding, if it is still as the caller saw it."""
        theirs = self.coding(coding_id)
        if theirs.version != events.whole_number("the version", version) or theirs.is_removed:
            raise ConflictError(theirs, yours)
        return self._row(coding_id)

    def _characters(self, document: str) -> int | None:
        found = self.rows("SELECT characters FROM documents WHERE id = ?", (document,))
        return found[0]["characters"] if found else None

    def _length(self, document: str) -> int:
        if (length := self._characters(document)) is None:
            raise CodingError(f"{self.path}: there is no document {document!r}; add it first")
        return length

    def _held(self, state: dict[str, Any]) -> dict[str, Any]:
        """A coding as it is kept, where its place and its code exist."""
        if not isinstance(state["coder"], str) or state["coder"]:
            events.check_name("the coder", state["coder"])
        self.must_have_code(state["code"])
        return self._placed(state)

    def _placed(self, state: dict[str, Any]) -> dict[str, Any]:
        """A coding with plain positions and a memo that is a text; refuses a place that does not exist."""
        document = state["document"]
        start, end = (events.whole_number(name, state[name]) for name in ("start", "end"))
        events.check_text("the document", document)
        events.check_text("the memo", state["memo"])
        length = self._length(document)
        if not 0 <= start <= end <= length:
            raise CodingError(f"{self.path}: {document!r} has {length} characters; {start}–{end} is not a stretch")
        return state | {"start": start, "end": end}
