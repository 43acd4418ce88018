"""The workbench: reading and coding in JupyterLab, by keyboard, into a store that loses nothing."""

from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from research_lib.coding.codebook import Codebook, from_frame
from research_lib.coding.corpus import Document
from research_lib.coding.project import Project
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import add_project, project_of
from research_lib.errors import CodingError, ResearchError
from research_lib.files.locking import account
from research_lib.show.design_tokens import token_rules
from research_lib.show.pages.browser_module import joined_modules
from research_lib.show.widgets.workbench.codes_tab import CodesTab
from research_lib.show.widgets.workbench.consensus_tab import ConsensusTab
from research_lib.show.widgets.workbench.desk import Desk, Tab
from research_lib.show.widgets.workbench.memos_tab import MemosTab
from research_lib.show.widgets.workbench.passages_tab import PassagesTab
from research_lib.show.widgets.workbench.search_tab import SearchTab
from research_lib.show.widgets.workbench.suggestions_tab import SuggestionsTab
from research_lib.show.widgets.workbench.team_tab import TeamTab
from research_lib.show.words import words

TABS: tuple[type[Tab], ...] = (CodesTab, SearchTab, PassagesTab, SuggestionsTab, ConsensusTab, MemosTab, TeamTab)
_STATIC = Path(__file__).parent
_TOKENS = token_rules(".desk", '[data-jp-theme-light="false"] .desk')
_PREFIX = "desk."
_MARKS = "\n".join(
    f".desk .text::highlight(desk-{hue}-{look}) {{ text-decoration: underline {style} 2px var(--{name}); }}"
    for look, style in enumerate(("solid", "double", "dotted"))
    for hue, name in enumerate(("agency", "smuggler", "kin", "herself", "measure"))
)


class Workbench(anywidget.AnyWidget):
    """A study's documents, codebook and codings, on screen: `Workbench("my_study")`."""

    _esm = joined_modules([_STATIC / "workbench.mjs"])
    _css = "\n".join([_TOKENS, _MARKS, (_STATIC / "workbench.css").read_text(encoding="utf-8")])
    document = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    agreement: traitlets.List[Any] = traitlets.List().tag(sync=True)
    tab = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, study: Path | str, *, coder: str | None = None, start_with: Project | None = None, language: str = "en"
    ):
        """Open a study folder, or make it; its codings are kept in `coding.sqlite` there.

        `coder`: whose hand this is, the login name unless given; the store refuses an empty one. `start_with`: a
        project to begin with where the store is empty. `language`: of the workbench's own words, one of the catalogues.
        Raises CodingError where the file is something else.
        """
        folder = Path(study)
        folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(folder / "coding.sqlite")
        self.coder = coder or account()
        if start_with is not None and self.store.documents().empty:
            add_project(start_with, self.store, coder=self.coder)
        self._desk = Desk(self.store, self.coder)
        self._tabs: dict[str, Tab] = {kind.name: kind(self._desk) for kind in TABS}
        phrases = words(language).phrases
        own = {key.removeprefix(_PREFIX): phrase for key, phrase in phrases.items() if key.startswith(_PREFIX)}
        super().__init__(words=own | {"language": language, "names": list(self._tabs)})
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
        except ResearchError as error:
            answer = {"error": str(error)}
        except Exception as error:
            reason = f"The workbench could not do this ({type(error).__name__})"
            answer = {"error": f"{reason}. Load the page again, and report it if it happens again."}
        self._show()
        if self.tab and "tab" not in command and command.get("do") != "look":
            self._tabs[self.tab["name"]].show()
            self.tab = self._shown(self.tab["name"])
        self.send(answer)

    def _do(self, command: dict[str, Any]) -> str:
        if "tab" in command:
            return self._do_in_tab(command)
        if command.get("do") == "agreement":
            self._desk.unit = str(command["unit"])
            self.agreement = self._desk.agreement()
            return "compared"
        return self._desk.act(command)

    def _do_in_tab(self, command: dict[str, Any]) -> str:
        """Do something in a tab, and send what the tab shows then; an empty name goes back to the text."""
        name = command["tab"]
        if name and name not in self._tabs:
            raise CodingError(f"the workbench has no tab {name!r}; it has {', '.join(self._tabs)}")
        try:
            if not name or command["do"] != "show":
                return self._tabs[name].act(command) if name else ""
            self._tabs[name].show()
            return ""
        finally:
            self.tab = self._shown(name)

    def _shown(self, name: str) -> dict[str, Any]:
        return {"name": name, "data": self._tabs[name].data()} if name else {}
