"""What surrounds a live page: the title, the menu, the languages, and the words of its states."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from research_lib.evidence.settings import StudySettings, read_settings
from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.browser_module import page_icon
from research_lib.show.pages.study_pages import has_material, study_pages, synthetic_pages
from research_lib.show.site.front_end import JOINED, FrontEnd
from research_lib.show.site.live_pages import LivePage, live_pages, translate
from research_lib.show.words import Words, folder_words, language_name

_PHRASES = (
    *("live.again", "live.elsewhere", "live.ended", "live.failed", "live.late", "live.loading", "live.missing"),
    *("live.no_tiles", "live.script", "live.starting", "live.step", "live.timeout"),
    *("site.languages", "site.name", "site.pages", "site.researchers", "site.skip", "site.call"),
)


@dataclass(frozen=True)
class Frame:
    """What stands around each live page of a study: title, menu, languages, and the words of its states.

    Voilà calls it before it starts a notebook; its page template reads what the notebook's metadata then hold.
    """

    study: Path
    notebooks: Path | None
    front_end: FrontEnd

    def __call__(self, handler: Any, notebook: Any, cwd: str) -> None:  # noqa: ARG002  # Voilà passes it
        """Put the frame into the metadata of a notebook that is about to run."""
        _ = handler.xsrf_token  # sets the cookie with which the page ends its kernel when it is left
        wanted = parse_qs(handler.request.query).get("lang", ["en"])[0]
        languages = self._settings.languages
        frame = self._frame(handler.path_args[0], wanted if wanted in languages else languages[0])
        usual = self.words[frame["language"]].plural("live.usual", self.front_end.usual_seconds(handler.path_args[0]))
        scripts, name = self.front_end.scripts(handler.request.path)
        joined = f"{handler.base_url.rstrip('/')}{JOINED}{name}.js" if name else ""
        both = [joined, *scripts] if joined else scripts
        notebook.metadata["live"] = frame | {"scripts": both, "joined": joined, "usual": usual}
        translate(notebook, frame["language"])

    def live(self, language: str) -> list[LivePage]:
        """The live pages that there are now, with their titles in a language."""
        return live_pages(self.study, self.notebooks, language=language)

    def _frame(self, path: str, language: str) -> dict[str, Any]:
        words, apart, live = self.words[language], synthetic_pages(self.study), self.live(language)
        return {
            "icon": page_icon(),
            "path": path,
            "title": next((page.title for page in live if page.path == path), path.removesuffix(".ipynb")),
            "language": language,
            "query": Addresses(language).query(),
            "words": {key.rpartition(".")[2]: words(key) for key in _PHRASES},
            "pages": [
                (f"{page}.ipynb", words(f"{page}.short")) for page in study_pages(self.study) if page not in apart
            ],
            "apart": [(f"{page}.ipynb", words(f"{page}.menu_synthetic")) for page in apart],
            "live": [(page.address, page.title, page.path) for page in live],
            "licence": words("site.licence", licence=self._settings.licence or words("site.no_licence")),
            "can_call": has_material(self.study, "contacts.csv"),
            "languages": [(code, language_name(code)) for code in self._settings.languages],
        }

    def titles(self) -> dict[str, dict[str, str]]:
        """The title of every page in each language, by the address of the page."""
        by_address: dict[str, dict[str, str]] = {}
        for code in self.words:
            for live in self.live(code):
                by_address.setdefault(live.address, {})[code] = live.title
        for page in study_pages(self.study):
            by_address[f"{page}.ipynb"] = {code: words(f"{page}.short") for code, words in self.words.items()}
        return by_address

    @cached_property
    def _settings(self) -> StudySettings:
        return read_settings(self.study)

    @cached_property
    def words(self) -> dict[str, Words]:
        """The phrases of each language of the study, its first language first."""
        return {code: folder_words(self.study, code) for code in self._settings.languages}
