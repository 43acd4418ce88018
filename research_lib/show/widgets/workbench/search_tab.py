"""The tab that searches all documents: frequent words, keyword in context, and all hits coded as one action."""

from typing import Any

import pandas as pd

from research_lib.coding.retrieval.text_search import COLUMNS, hits_as_codings, not_yet_coded, search
from research_lib.coding.retrieval.word_counts import in_all, word_counts
from research_lib.errors import CodingError
from research_lib.show.widgets.workbench.desk import Command, Tab

MOST, MOST_WORDS = 200, 100
_ASKED = ("search", "words", "preview", "code-hits")
_BY_THEM = 'SELECT document, start, "end", code, coder FROM codings WHERE NOT is_removed AND coder = ? AND code = ?'


class SearchTab(Tab):
    """A query, its hits, and the code that they are to be given."""

    name = "search"
    query, mode, unit, code = "", "words", "sentence", ""
    hits, is_answered = pd.DataFrame(columns=COLUMNS), False
    frequent: pd.DataFrame | None = None

    def act(self, command: Command) -> str:
        """Search, count words, choose a code for all hits, or give it; raises CodingError where that cannot be."""
        match command["do"]:
            case "search":
                self.query, self.mode, self.code = str(command["query"]), command["mode"], ""
                self.hits, self.is_answered, self.frequent = self.hits.head(0), False, None
                self.hits, self.is_answered = search(self.desk.store.corpus(), self.query, self.mode), True
            case "words":
                self.frequent = in_all(word_counts(self.desk.store.corpus())) if command["show"] else None
            case "preview":
                self.code, self.unit = command["code"], command["unit"]
            case "code-hits":
                made = self._made()[0].assign(time=pd.Timestamp.now("UTC"))
                self.desk.store.add_codings(made, coder=self.desk.coder, is_undoable=True)
                return "hits-coded"
            case unknown:
                raise CodingError(f"the search tab does not know {unknown!r}; it knows {', '.join(_ASKED)}")
        return ""

    def data(self) -> dict[str, Any]:
        """Give the query, the first hits, and how many codings the chosen code would bring."""
        if self.code not in self.desk.store.codebook():
            self.code = ""
        made, whole = self._made() if self.code else ((), ())
        return {
            "query": self.query,
            "mode": self.mode,
            "unit": self.unit,
            "code": self.code,
            "is_answered": self.is_answered,
            "count": len(self.hits),
            "documents": self.hits["document"].nunique(),
            "hits": self.hits.head(MOST).to_dict("records"),
            "frequent": None if self.frequent is None else self.frequent.head(MOST_WORDS).to_dict("records"),
            "different": 0 if self.frequent is None else len(self.frequent),
            "made": len(made),
            "there": len(whole) - len(made),
        }

    def _made(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The codings that are to be made, and with them those that this coder made already."""
        store, coder = self.desk.store, self.desk.coder
        whole = hits_as_codings(self.hits, store.corpus(), self.code, coder=coder, unit=self.unit)
        return not_yet_coded(whole, store.table(_BY_THEM, (coder, self.code))), whole
