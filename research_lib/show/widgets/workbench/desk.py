"""A store as one coder sees it: what the screen asks for, and what it is given; and the tabs beside the text."""

from typing import Any, ClassVar

import pandas as pd

from research_lib.coding.assisted.suggestion_log import answered_suggestions
from research_lib.coding.code_tree import add_code
from research_lib.coding.corpus import Document, spans
from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.events import Event
from research_lib.coding.storage.reflexive import is_reflexive, require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.coding.teamwork.progress import without_second_codings
from research_lib.errors import CodingError
from research_lib.show.design_tokens import light_tokens

Command = dict[str, Any]
HUES = {light_tokens()[name]: hue for hue, name in enumerate(("agency", "smuggler", "kin", "herself", "measure"))}
_COMMANDS = ("open", "add", "change", "remove", "undo", "redo", "others", "finish", "look")
_CODINGS = """
    SELECT id, start, "end", code, coder, memo, version FROM codings
    WHERE document = ? AND NOT is_removed ORDER BY start, "end", code, id
"""


class Desk:
    """A store as one coder sees it; what other coders did there stays hidden until `others` is asked for."""

    def __init__(self, store: Store, coder: str):
        """Sit down at the first document that is not finished."""
        self.store, self.coder = store, coder
        self.shows_others, self.unit = False, "sentence"
        self._counts, self._counted_to = store.counts(coder), store.last_event()
        self._names: dict[str, str] = {}
        finished = self._finished_by_me()
        ids = list(store.documents()["document"])
        self.open = next((name for name in ids if name not in finished), ids[0] if ids else "")

    def act(self, command: Command) -> str:
        """Carry out what the coder asked for, and say in a word what was done; raises CodingError (ConflictError)."""
        match command.get("do"):
            case "open":
                self.open = self.store.document(command["document"]).id
                said = "opened"
            case "add":
                self._add(command)
                said = "coded"
            case "change":
                changes = {name: command[name] for name in ("code", "memo") if name in command}
                self.must_be_mine(command["id"])
                self.store.change(command["id"], coder=self.coder, version=command["version"], **changes)
                said = "changed"
            case "remove":
                self.must_be_mine(command["id"])
                self.store.remove(command["id"], coder=self.coder, version=command["version"])
                said = "removed"
            case "undo":
                undone = self.store.undo(self.coder)
                self.open = self._document_of(undone)
                said = "undone" if undone else "nothing-to-undo"
            case "redo":
                done_again = self.store.redo(self.coder)
                self.open = self._document_of(done_again)
                said = "done-again" if done_again else "nothing-to-redo"
            case "others":
                self.shows_others = bool(command["show"])
                said = "shown" if self.shows_others else "hidden"
            case "finish":
                self.store.finish(command["document"], coder=self.coder, done=bool(command["done"]))
                said = "finished" if command["done"] else "taken-up"
            case "look":
                said = ""
            case unknown:
                raise CodingError(f"the workbench does not know {unknown!r}; it knows {', '.join(_COMMANDS)}")
        return said

    def _add(self, command: Command) -> None:
        """Give a stretch a code; a code that is new comes into the codebook by the same action."""
        with self.store.one_action():
            if new := command.get("new_code"):
                made = add_code(self.store, new["name"], coder=self.coder, definition=new.get("definition", ""))
                command = command | {"code": made.id}
            place = [command[name] for name in ("document", "start", "end", "code")]
            self.store.add(*place, coder=self.coder, memo=command.get("memo", ""))

    def text(self) -> dict[str, Any]:
        """Give the document that is open: id, name, text, language, and where its sentences begin and end."""
        document = self.store.document(self.open) if self.open else Document("", "", "")
        shown = {name: getattr(document, name) for name in ("id", "name", "text", "language")}
        return shown | {"sentences": spans(document.text, "sentence")}

    def state(self) -> dict[str, Any]:
        """Give all else that the workbench shows: documents, codes and the codings of the open document."""
        counts = self._recounted()
        return {
            "coder": self.coder,
            "open": self.open,
            "shows_others": self.shows_others,
            "is_reflexive": is_reflexive(self.store),
            "documents": self._documents(counts),
            "codes": self._codes(counts),
            "codings": self._codings(),
        }

    def _recounted(self) -> pd.DataFrame:
        """How many codings this coder has by document and code; only what has changed since is counted again."""
        latest = self.store.last_event()
        if latest > self._counted_to:
            changed = self.store.documents_coded_since(self._counted_to)
            kept = self._counts[~self._counts["document"].isin(changed)]
            fresh = [self.store.counts(self.coder, document=name) for name in changed]
            self._counts, self._counted_to = pd.concat([kept, *fresh], ignore_index=True), latest
        return self._counts

    def _documents(self, counts: pd.DataFrame) -> list[dict[str, Any]]:
        done, finished = counts.groupby("document")["count"].sum().to_dict(), self._finished_by_me()
        if self.store.rows("SELECT count(*) FROM documents")[0][0] != len(self._names):
            self._names = dict(self.store.documents()[["document", "name"]].itertuples(index=False))
        return [
            {"id": name, "name": shown, "count": int(done.get(name, 0)), "done": name in finished}
            for name, shown in self._names.items()
        ]

    def _codes(self, counts: pd.DataFrame) -> list[dict[str, Any]]:
        book = self.store.codebook()
        given = counts.groupby("code")["count"].sum().to_dict()
        families = {top.id: number for number, top in enumerate(book.children())}
        rows = []
        for code in book.in_tree_order():
            path, own = book.path(code.id), book.color(code.id)
            rows.append(
                {name: getattr(code, name) for name in ("id", "name", "definition", "include", "exclude", "is_codable")}
                | {"above": " › ".join(one.name for one in path[:-1]), "depth": len(path) - 1}
                | {"family": HUES.get(own, families[path[0].id]), "color": "" if own in HUES else own}
                | {"count": int(given.get(code.id, 0))}
            )
        return rows

    def _codings(self) -> list[dict[str, Any]]:
        """The codings of the open document, in their order; those of others only when they are shown."""
        rows = ({**row, "mine": row["coder"] == self.coder} for row in self.store.rows(_CODINGS, (self.open,)))
        return [row for row in rows if self.shows_others or row["mine"]]

    def must_be_mine(self, coding_id: str) -> None:
        """Refuse to touch what somebody else coded."""
        if (coding := self.store.coding(coding_id)).coder != self.coder:
            raise CodingError(f"{coding.coder} coded this; only they change or remove it")

    def agreement(self) -> list[dict[str, Any]]:
        """Say how far all coders agree so far on each code, on documents that two have finished: no coding is shown.

        Places where a coder accepted or rejected a suggestion do not count for them.
        """
        require_coefficients(self.store, "agreement")
        readers = without_second_codings(self.store.finished())
        readers = readers[readers.groupby("document")["coder"].transform("size") > 1]
        shared = set(readers["document"])
        units = units_of(self.store.corpus(), self.unit, documents=shared)
        codings = self.store.codings()
        codings = codings[codings["document"].isin(shared)]
        if units.empty or codings.empty:
            return []
        table = by_code(codings, units, unit=self.unit, readers=readers, left_out=answered_suggestions(self.store))
        columns = ["code", "value", "low", "high", "units", "coders", "given"]
        return plain_rows(table[columns].sort_values("value", na_position="last"))

    def _document_of(self, taken: list[Event]) -> str:
        """The document in which something was taken back or done again, or the one that is open."""
        states = [state for event in taken for state in (event.body.get("after"), event.body.get("before")) if state]
        return next((state["document"] for state in states if "document" in state), self.open)

    def _finished_by_me(self) -> set[str]:
        finished = self.store.finished()
        return set(finished[finished["coder"] == self.coder]["document"])


class Tab:
    """One tab: `data` is what its module draws, and `act` does what the module in the browser asks for.

    `act` says in a word what was done; where the catalogue has `desk.done-<word>`, the coder reads it.
    """

    name: ClassVar[str]

    def __init__(self, desk: Desk):
        """Begin with a desk; nothing is read before the tab is shown."""
        self.desk = desk

    def show(self) -> None:
        """Look at the store anew: the tab was opened."""

    def act(self, command: Command) -> str:
        """Carry out a command of the tab's module, and say in a word what was done; raises CodingError."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """Give what the tab shows now, as plain values."""
        raise NotImplementedError


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a frame with nothing in them that JSON does not have."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [
        {str(name): list(value) if isinstance(value, tuple) else value for name, value in row.items()} for row in rows
    ]
