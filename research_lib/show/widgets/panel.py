"""A page as a widget for JupyterLab: the same page, drawn by the same browser module."""

from pathlib import Path

import anywidget
import traitlets

from research_lib.show.pages.browser_module import page_module, page_style
from research_lib.show.pages.names import PAGES
from research_lib.show.pages.shared.content import saved_text
from research_lib.show.site.bundle import DATA, Bundle, open_bundle


def _scoped(css: str) -> str:
    """Keep the page's style to the widget, so that JupyterLab keeps its own."""
    return f"@scope (.research-page) {{ {css.replace(':root', ':scope').replace('body {', ':scope {')} }}"


class Panel(anywidget.AnyWidget):
    """One page of the study, by its name in `PAGES`."""

    _esm = page_module(PAGES)
    _css = _scoped(page_style())
    html = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, page: str, *, language: str = "en", study: str | Path | None = None, bundle: Bundle | None = None
    ):
        """Open a page of a study folder, or of this repository's; raises ResearchError where it is not built yet."""
        self._page, self._language = page, language
        self._bundle = bundle or open_bundle(DATA if study is None else Path(study))
        super().__init__(html=_main(self._bundle.document(page, language)))

    def csv(self, query: str = "") -> str:
        """Write the table that the page saves under the choices of an address; raises ViewStateError."""
        state = self._bundle.state(self._page, query)
        (language,) = state.choices.get("lang", (self._language,))
        return saved_text(self._bundle.data(self._page, language)["table"], state.allows)


def _main(document: str) -> str:
    """Cut the page's own part out of its document."""
    start = document.index("<main")
    return document[start : document.index("</main>") + len("</main>")]
