"""The tab of coded passages: by code, by what lies beside them, by document, case, attribute and coder."""

from typing import Any

import pandas as pd

from research_lib.coding.retrieval.code_matrices import code_by_case, code_by_document
from research_lib.coding.retrieval.passages import COLUMNS, Coded, coded, retrieve, with_context
from research_lib.coding.retrieval.passages_as_html import as_html
from research_lib.coding.retrieval.relations import RELATIONS
from research_lib.errors import CodingError
from research_lib.files.spreadsheet import write_frame
from research_lib.show.widgets.workbench.desk import Command, Tab

MOST, MOST_ROWS = 200, 100
_BYTE_ORDER_MARK = "\ufeff"
_ASKED = ("retrieve", "matrix", "save")
_MATRICES = {"document": code_by_document, "case": code_by_case}
_NOTHING = dict.fromkeys(("code", "relation", "other", "document", "case", "attribute", "value", "coder"), "")


class PassagesTab(Tab):
    """What passages are asked for; who codes blind gets none of others."""

    name = "passages"
    asked: Command = _NOTHING | {"below": True}
    matrix_by = ""
    saved = 0
    file: dict[str, Any] | None = None

    def act(self, command: Command) -> str:
        """Ask for other passages, show a matrix or none, or save the passages; raises CodingError."""
        match command["do"]:
            case "retrieve":
                self.asked = self.asked | {name: command[name] for name in self.asked if name in command}
            case "matrix":
                self.matrix_by = command["by"] if command["by"] in _MATRICES else ""
            case "save":
                self.file = self._file(command["format"])
            case unknown:
                raise CodingError(f"the passages' tab does not know {unknown!r}; it knows {', '.join(_ASKED)}")
        return ""

    def data(self) -> dict[str, Any]:
        """Give what is asked for, what can be, the first passages, the matrix if it is wanted, and a file once."""
        held = coded(self.desk.store)
        found, (file, self.file) = self._passages(held, context=None), (self.file, None)
        attributes = held.corpus.frame().set_index("document").iloc[:, 4:]
        return {
            "asked": self.asked,
            "coders": self._coders(),
            "cases": {case.id: case.name for case in held.cases},
            "attributes": {name: sorted(attributes[name].dropna().unique()) for name in attributes},
            "count": len(found),
            "documents": found["document"].nunique(),
            "passages": with_context(found.head(MOST), held.corpus)[COLUMNS].to_dict("records"),
            "matrix": self._matrix(held) if self.matrix_by else None,
            "file": file,
        }

    def _coders(self) -> list[str]:
        """Whose codings the coder may see."""
        if not self.desk.shows_others:
            return [self.desk.coder]
        return [row["coder"] for row in self.desk.store.rows("SELECT DISTINCT coder FROM codings ORDER BY coder")]

    def _filters(self) -> dict[str, Any]:
        asked, coders = self.asked, self._coders()
        where = {asked["attribute"]: asked["value"]} if asked["attribute"] else None
        return {"coders": [asked["coder"]] if asked["coder"] in coders else coders, "where": where}

    def _passages(self, held: Coded, *, context: int | None = 80) -> pd.DataFrame:
        """The passages; a code that is there no longer is not asked for."""
        self.asked = self.asked | {key: "" for key in ("code", "other") if self.asked[key] not in held.codebook}
        asked, filters = self.asked, self._filters()
        filters |= {f"{unit}s": asked[unit] for unit in _MATRICES if asked[unit]}
        if asked["relation"] in RELATIONS and asked["other"]:
            filters[asked["relation"]] = asked["other"]
        filters |= {"with_sub_codes": asked["below"], "by_one_coder": False, "context": context}
        return retrieve(held, codes=asked["code"] or None, **filters)

    def _matrix(self, held: Coded) -> dict[str, Any]:
        """The documents or cases, and the codes, that have any coding: the first rows, and how many there are."""
        counts = _MATRICES[self.matrix_by](held, **self._filters())
        counts = counts.loc[counts.any(axis=1), counts.any(axis=0)]
        rows = counts.head(MOST_ROWS)
        cells = {"codes": list(rows), "rows": list(rows.index), "counts": rows.to_numpy().tolist()}
        return {"by": self.matrix_by, **cells, "of": len(counts)}

    def _file(self, kind: str) -> dict[str, Any]:
        """All passages that are asked for, as CSV or HTML; each file has its own number, so that it is seen as new."""
        held = coded(self.desk.store)
        found, self.saved = self._passages(held), self.saved + 1
        if kind == "html":
            text, media = as_html(found, held.codebook, title=self.desk.store.path.parent.name), "text/html"
        else:
            text, media = _BYTE_ORDER_MARK + write_frame(found), "text/csv"
        return {"name": f"passages.{kind}", "text": text, "type": media, "number": self.saved}
