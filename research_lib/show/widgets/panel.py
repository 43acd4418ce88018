"""The page as a widget: in JupyterLab it draws the page, on a Voilà page it attaches to the one that stands there."""

import anywidget
import traitlets

from research_lib.errors import ResearchError, ViewStateError
from research_lib.files.spreadsheet import write_text
from research_lib.show.pages.browser_module import page_module, page_style
from research_lib.show.pages.names import PAGES
from research_lib.show.site.bundle import Bundle, open_bundle


def _scoped(css: str) -> str:
    """Keep the page's style to the widget, so that JupyterLab keeps its own."""
    return f"@scope (.research-page) {{ {css.replace(':root', ':scope').replace('body {', ':scope {')} }}"


class Panel(anywidget.AnyWidget):
    """One page of the study, by its name in `PAGES`."""

    _esm = page_module(PAGES)
    _css = _scoped(page_style())
    html = traitlets.Unicode("").tag(sync=True)

    def __init__(self, page: str, *, language: str = "en", bundle: Bundle | None = None):
        """Open a page; raises ResearchError where the pages are not built yet."""
        self._page, self._language = page, language
        self._bundle = bundle or open_bundle()
        super().__init__(html=_main(self._bundle.document(page, language)))
        self.on_msg(self._answer)

    def csv(self, query: str = "") -> str:
        """Write the rows of a view for a spreadsheet, each with its source written out; raises ViewStateError."""
        state = self._bundle.state(self._page, query)
        (language,) = state.choices.get("lang", (self._language,))
        table = self._bundle.rows(self._page, language)
        rows = (row for row in table["rows"] if all(state.allows(*facet) for facet in row["facets"].items()))
        return write_text([table["columns"], *(row["cells"] for row in rows)])

    def file_name(self, query: str = "") -> str:
        """Name the CSV file of a view; raises ViewStateError."""
        stem = self._bundle.rows(self._page, "en").get("stem", self._page)
        chosen = self._bundle.state(self._page, query).choices.get("question", ())
        return f"{'-'.join([stem, *chosen])}.csv"

    def _answer(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            if not isinstance(content, dict):
                raise ViewStateError('the page understands {"query": …} and nothing else')
            query = str(content.get("query", ""))
            self.send({"name": self.file_name(query), "content": self.csv(query)})
        except ResearchError as error:
            self.send({"error": str(error)})


def _main(document: str) -> str:
    """Cut the page's own part out of its document."""
    start = document.index("<main")
    return document[start : document.index("</main>") + len("</main>")]
