"""The workbench: reading and coding in JupyterLab, by keyboard, into a store that loses nothing."""

from getpass import getuser
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from research_lib.coding.codebook import Codebook, from_frame
from research_lib.coding.corpus import Document, spans
from research_lib.coding.project import Project
from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.events import Event
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import add_project, project_of
from research_lib.errors import CodingError, ResearchError
from research_lib.files.design_tokens import token_rules
from research_lib.show.pages.browser_module import joined_modules
from research_lib.show.words import words

Command = dict[str, Any]
_COMMANDS = ("open", "add", "change", "remove", "undo", "redo", "others", "finish", "look")
_STATIC = Path(__file__).parent
_TOKENS = token_rules(".desk", '[data-jp-theme-light="false"] .desk')
_PREFIX = "desk."
_MARKS = "\n".join(
    f".desk .text::highlight(desk-{hue}-{look}) {{ text-decoration: underline {style} 2px var(--{name}); }}"
    for look, style in enumerate(("solid", "double", "dotted"))
    for hue, name in enumerate(("agency", "smuggler", "kin", "herself", "measure"))
)


class Desk:
    """A store as one coder sees it; what other coders did there stays hidden until `others` is asked for."""

    def __init__(self, store: Store, coder: str):
        """Sit down at the first document that is not finished."""
        self.store, self.coder = store, coder
        self.shows_others = False
        self.unit = "sentence"
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
                place = [command[name] for name in ("document", "start", "end", "code")]
                self.store.add(*place, coder=self.coder, memo=command.get("memo", ""))
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

    def text(self) -> dict[str, Any]:
        """Give the document that is open: id, name, text, language, and where its sentences begin and end."""
        document = self.store.document(self.open) if self.open else Document("", "", "")
        shown = {name: getattr(document, name) for name in ("id", "name", "text", "language")}
        return shown | {"sentences": spans(document.text, "sentence")}

    def state(self) -> dict[str, Any]:
        """Give all else that the workbench shows: documents, codes and the codings of the open document."""
        counts = self.store.counts(self.coder)
        here = self.store.codings(document=self.open)
        shown = here if self.shows_others else here[here["coder"] == self.coder]
        return {
            "coder": self.coder,
            "open": self.open,
            "shows_others": self.shows_others,
            "documents": self._documents(counts),
            "codes": self._codes(counts),
            "codings": self._codings(shown),
        }

    def _documents(self, counts: pd.DataFrame) -> list[dict[str, Any]]:
        done, finished = counts.groupby("document")["count"].sum(), self._finished_by_me()
        return [
            {
                "id": row.document,
                "name": row.name,
                "count": int(done.get(row.document, 0)),
                "done": row.document in finished,
            }
            for row in self.store.documents().itertuples(index=False, name="Row")
        ]

    def _codes(self, counts: pd.DataFrame) -> list[dict[str, Any]]:
        book = self.store.codebook()
        given = counts.groupby("code")["count"].sum()
        families = {top.id: number for number, top in enumerate(book.children())}
        rows = []
        for code in book.in_tree_order():
            path = book.path(code.id)
            rows.append(
                {name: getattr(code, name) for name in ("id", "name", "definition", "include", "exclude", "is_codable")}
                | {"above": " › ".join(one.name for one in path[:-1]), "depth": len(path) - 1}
                | {"family": families[path[0].id], "count": int(given.get(code.id, 0))}
            )
        return rows

    def _codings(self, shown: pd.DataFrame) -> list[dict[str, Any]]:
        rows = shown[["id", "start", "end", "code", "coder", "memo", "version"]].to_dict("records")
        return [{**row, "mine": row["coder"] == self.coder} for row in rows]

    def must_be_mine(self, coding_id: str) -> None:
        """Refuse to touch what somebody else coded."""
        if (coding := self.store.coding(coding_id)).coder != self.coder:
            raise CodingError(f"{coding.coder} coded this; only they change or remove it")

    def agreement(self) -> list[dict[str, Any]]:
        """Say how far all coders agree so far on each code, on documents that two have finished: no coding is shown."""
        finished = self.store.finished()
        read_by_two = finished.groupby("document")["coder"].nunique()
        shared = set(read_by_two[read_by_two > 1].index)
        units = units_of(self.store.corpus(), self.unit)
        units = units[units["document"].isin(shared)]
        codings = self.store.codings()
        codings = codings[codings["document"].isin(shared)]
        if units.empty or codings.empty:
            return []
        table = by_code(codings, units, unit=self.unit, readers=finished[finished["document"].isin(shared)])
        columns = ["code", "value", "low", "high", "units", "coders", "given"]
        rows = table[columns].sort_values("value", na_position="last")
        return rows.astype(object).where(rows.notna(), None).to_dict("records")

    def _document_of(self, taken: list[Event]) -> str:
        """The document in which something was taken back or done again, or the one that is open."""
        states = [state for event in taken for state in (event.body.get("after"), event.body.get("before")) if state]
        return next((state["document"] for state in states if "document" in state), self.open)

    def _finished_by_me(self) -> set[str]:
        finished = self.store.finished()
        return set(finished[finished["coder"] == self.coder]["document"])


class Workbench(anywidget.AnyWidget):
    """A study's documents, codebook and codings, on screen: `Workbench("my_study")`."""

    _esm = joined_modules([_STATIC / "workbench.mjs"])
    _css = "\n".join([_TOKENS, _MARKS, (_STATIC / "workbench.css").read_text(encoding="utf-8")])
    document = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    agreement: traitlets.List[Any] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, study: Path | str, *, coder: str | None = None, start_with: Project | None = None, language: str = "en"
    ):
        """Open a study folder, or make it; its codings are kept in `coding.sqlite` there.

        `coder`: whose hand this is, the login name unless given. `start_with`: a project to begin with where the store
        is still empty. `language`: of the workbench's own words, `en` or `fr`. Raises CodingError where the file is
        something else.
        """
        folder = Path(study)
        folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(folder / "coding.sqlite")
        self.coder = coder or getuser()
        if start_with is not None and self.store.documents().empty:
            add_project(start_with, self.store, coder=self.coder)
        self._desk = Desk(self.store, self.coder)
        phrases = words(language).phrases
        own = {key.removeprefix(_PREFIX): phrase for key, phrase in phrases.items() if key.startswith(_PREFIX)}
        super().__init__(words=own | {"language": language})
        self._show()
        self.on_msg(self._answer)

    def add(
        self,
        path: Path | str,
        *,
        id: str | None = None,  # noqa: A002, as tables call it
        language: str = "und",
        encoding: str | None = None,
        **attributes: str,
    ) -> str:
        """Add a document from a file (see `files.read_text`); say how it was read and what was left out.

        `id`: what codings call it, the file's name unless given. `language`: a BCP 47 tag. `attributes`: what is known
        of it, such as `site="Paris"` or `case="12"`. A document that is there already stays as it is; a text that is
        there under another id is added only under an `id` that is given. Raises ResearchError where it cannot be read
        for sure.
        """
        from research_lib.files.documents import read_text

        name, read = Path(path).stem, read_text(path, encoding=encoding)
        own = name if id is None else str(id).strip()
        if not own:
            raise CodingError(f"{path}: the id is empty; give one, or leave it out for the file's name")
        how = [f"read as {read.encoding} ({read.found_by})"] if read.encoding else []
        memo = "; ".join([*how, *read.notes])
        document = Document(own, name, read.text, language, attributes=attributes, memo=memo, times=read.times)
        same = self.store.documents_of_text(read.text)
        if own in same:
            return f"{name}: it is in the project already"
        if same and id is None:
            return f"{name}: its text is in the project already, as {same[0]!r}; to add it once more, give an id"
        self.store.add_document(document, coder=self.coder)
        self._desk.open = self._desk.open or own
        self._show()
        twice = [f"its text is in the project as {same[0]!r} too"] if same else []
        return "; ".join([f"{name}: {len(read.text):,} characters", *how, *read.notes, *twice])

    def use(self, codebook: Codebook | pd.DataFrame) -> None:
        """Save a codebook, or a table of one such as `study["codebook"]`, as the version to code with.

        Raises CodingError where a code in use would be lost.
        """
        book = codebook if isinstance(codebook, Codebook) else from_frame(codebook)
        self.store.save_codebook(book, coder=self.coder)
        self._show()

    def project(self) -> Project:
        """Give all that is there as one project, to analyse or to write for another tool."""
        return project_of(self.store)

    def _show(self) -> None:
        if self.document.get("id") != self._desk.open or not self.document:
            self.document = self._desk.text()
        self.state = self._desk.state()

    def _answer(self, _widget: object, command: dict[str, Any], _buffers: object) -> None:
        """Do what the screen asks; whatever goes wrong is shown there, as nobody sees what a handler prints."""
        try:
            answer = {"done": self._do(command)}
        except Exception as error:
            answer = {"error": str(error) if isinstance(error, ResearchError) else _unexpected(error)}
        self._show()
        self.send(answer)

    def _do(self, command: dict[str, Any]) -> str:
        if command.get("do") != "agreement":
            return self._desk.act(command)
        self._desk.unit = str(command["unit"])
        self.agreement = self._desk.agreement()
        return "compared"


def _unexpected(error: Exception) -> str:
    kind = type(error).__name__
    return f"The workbench could not do this ({kind}). Load the page again, and report it if it happens again."
