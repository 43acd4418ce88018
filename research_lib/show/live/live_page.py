"""What the pages with Python share: study and language, style and templates, and choices that keep what is picked."""

import os
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import ipywidgets as widgets
import jinja2
import traitlets

from research_lib.errors import ResearchError
from research_lib.evidence.settings import StudySettings, read_settings
from research_lib.evidence.study_folders import OWN_STUDY, require_study
from research_lib.files.opening import last_change
from research_lib.show.words import folder_words, study_words

if TYPE_CHECKING:
    from research_lib.evidence.study import Study

STUDY = "RESEARCH_LIB_STUDY"
type Options = Sequence[tuple[str, Any]]
_FOLDER = Path(__file__).parent


def served_study() -> "Study":
    """Open the study that the server shows; without a server, that of this repository.

    Raises StudyError where the folder is not a study.
    """
    return opened_study(served_folder())


def opened_study(folder: Path) -> "Study":
    """Open the study in a folder, once as long as nothing in the folder changes."""
    return _opened(folder, last_change(folder))


def served_folder() -> Path:
    """The folder of the study that the server shows; without a server, that of this repository."""
    return Path(os.environ.get(STUDY) or OWN_STUDY)


@lru_cache(maxsize=1)
def _opened(folder: Path, changed: int) -> "Study":  # noqa: ARG001  # a study that has changed is opened again
    from research_lib.evidence.study import open_study  # loads slowly

    return open_study(folder)


def visitor_language(study: "Study") -> str:
    """The language that the address of the page names (`?lang=fr`), or else the first of the study."""
    return wanted_language(study.settings)


def wanted_language(settings: StudySettings) -> str:
    """The language that the address of the page names, or else the first that the settings name."""
    wanted = parse_qs(os.environ.get("QUERY_STRING", "")).get("lang", settings.languages)[0]
    return wanted if wanted in settings.languages else settings.languages[0]


class NotYetChosenError(ResearchError):
    """A choice is still to be made; the sentence says which."""


class LivePage(widgets.VBox):
    """A page whose choices are ordinary widgets: `result` is what they give, None where that is refused in words."""

    result = traitlets.Any(None, allow_none=True)

    def __init__(self, study: "Study | Path | str | None" = None, *, language: str | None = None):
        """Show a study: an opened one, a folder, or the one that is served; in a language that it has."""
        if study is None or isinstance(study, Path | str):
            self.folder = Path(study) if study else served_folder()
            require_study(self.folder)
            self.words = folder_words(self.folder, language or wanted_language(read_settings(self.folder)))
        else:
            self.folder, self.study = study.path, study
            self.words = study_words(study, language or visitor_language(study))
        self._is_setting = False
        self.picture, self.below, self.state = widgets.HTML(), widgets.HTML(), widgets.HTML()
        super().__init__()
        self.add_class("live-page")

    @cached_property
    def study(self) -> "Study":
        """The opened study; it is opened when a page first needs its tables, since that takes a second."""
        return opened_study(self.folder)

    def lay_out(self, *parts: widgets.Widget) -> None:
        """Put the parts below one another, and before them the style."""
        style = (_FOLDER / "live.css").read_text(encoding="utf-8")
        self.children = (widgets.HTML(f"<style>{style}</style>"), *parts)

    def listen(self, *controls: widgets.Widget) -> None:
        """Work out the result again whenever one of the controls changes."""
        for control in controls:
            control.observe(self._changed, "value")

    def refresh(self) -> None:
        """Offer what the choices leave open, and work out the result; what is refused is said in the page."""
        self.state.value = f'<p role="status">{self.words("compare.wait")}</p>'
        try:
            self._is_setting = True
            try:
                self.offer()
            finally:
                self._is_setting = False
            self.result = self.work_out()
            self.picture.value = self.drawing()
            self.below.value = rendered("cautions.html.j2", words=self.words, cautions=self.warnings())
        except ResearchError as error:
            self.result = None
            self.below.value = ""
            is_wanted = isinstance(error, NotYetChosenError)
            self.picture.value = rendered("refusal.html.j2", words=self.words, reason=error, is_wanted=is_wanted)
        finally:
            self.state.value = ""

    def offer(self) -> None:
        """Give each control the options that the others leave open."""
        raise NotImplementedError

    def work_out(self) -> Any:
        """Give the result of the choices; raises ResearchError where there is none."""
        raise NotImplementedError

    def drawing(self) -> str:
        """Give the result as HTML."""
        raise NotImplementedError

    def warnings(self) -> Sequence[str]:
        """Say what a reader must be careful with."""
        raise NotImplementedError

    def _changed(self, _: Any) -> None:
        if not self._is_setting:
            self.refresh()


def dropdown(label: str) -> widgets.Dropdown:
    """A choice of one; its label stands above it."""
    return widgets.Dropdown(description=label, style={"description_width": "initial"})


def many(label: str, rows: int) -> widgets.SelectMultiple:
    """A choice of several."""
    return widgets.SelectMultiple(description=label, rows=rows, style={"description_width": "initial"})


def grid(*controls: widgets.Widget) -> widgets.Box:
    """Controls side by side, as many as the window holds."""
    box = widgets.Box(controls)
    box.add_class("live-controls")
    return box


def keep(control: Any, options: Options, first: Any = None) -> None:
    """Offer options, and keep what is chosen where it is among them; else take `first`, or the first one."""
    kept, known = control.value, [value for _, value in options]
    if tuple(options) != tuple(control.options):
        control.options = tuple(options)
    if isinstance(control, widgets.SelectMultiple):
        control.value = tuple(value for value in kept if value in known) or tuple(first or ())
    else:
        control.value = kept if kept in known else first if first in known else next(iter(known), None)


def rendered(template: str, **context: Any) -> str:
    """Fill a template of this folder; every text in it is escaped."""
    return _templates().get_template(template).render(**context)


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True)
