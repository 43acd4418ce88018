"""The tab of the suggestions: passages that may carry a code, to be read, and accepted or rejected one by one."""

from typing import Any

import pandas as pd

from research_lib.coding.assisted.sentence_embeddings import has_model
from research_lib.coding.assisted.suggestion_list import suggestions
from research_lib.coding.assisted.suggestion_log import accept, held_out, reject
from research_lib.coding.reliability import PLACE
from research_lib.coding.storage.reflexive import is_reflexive
from research_lib.errors import CodingError, UnfitDataError
from research_lib.show.widgets.workbench.desk import Command, Tab

_FIELDS = [*PLACE, "text", "words", "nearest_document", "nearest_start", "nearest_end", "nearest_text"]
_PLACE = [*PLACE, "code"]
_ASKED = ("choose", "meanings", "accept", "reject")
_SAID = {"accept": (accept, "accepted"), "reject": (reject, "rejected")}


class SuggestionsTab(Tab):
    """The suggestions for one code at a time; none while others are hidden, since they say what others coded."""

    name = "suggestions"
    code = ""
    has_meanings = False
    _listed: pd.DataFrame | None = None
    _refused = ""

    def act(self, command: Command) -> str:
        """Choose a code, or accept or reject a suggestion; raises CodingError."""
        match command["do"]:
            case "choose":
                self.code = command["code"]
                return ""
            case "meanings":
                self.has_meanings, self._listed = bool(command["is_on"]), None
                return ""
            case "accept" | "reject" as answer:
                listed = self._list()
                row = listed[(listed[_PLACE] == [command[name] for name in _PLACE]).all(axis=1)]
                if row.empty:
                    raise CodingError("this suggestion is not there any more; open the tab again")
                act, said = _SAID[answer]
                act(self.desk.store, row.iloc[0].to_dict(), coder=self.desk.coder)
                self._listed = listed.drop(row.index)
                return said
            case unknown:
                raise CodingError(f"the suggestions do not know {unknown!r}; they know {', '.join(_ASKED)}")

    def show(self) -> None:
        """Learn anew from what is coded now."""
        self._listed = None

    def _list(self) -> pd.DataFrame:
        if self._listed is None:
            desk, meanings = self.desk, self.has_meanings
            try:
                found = suggestions(desk.store, coder=desk.coder, is_blind=not desk.shows_others, has_meanings=meanings)
                self._listed, self._refused = found, ""
            except UnfitDataError as error:
                self._listed, self._refused = pd.DataFrame(columns=[*_FIELDS, "code"]), str(error)
        return self._listed

    def data(self) -> dict[str, Any]:
        """Give why there are none, or the codes that have some and the suggestions for the chosen one, best first."""
        reflexive = is_reflexive(self.desk.store)
        if reflexive or not self.desk.shows_others:
            return {"none": "reflexive" if reflexive else "blind", "codes": [], "rows": []}
        listed = self._list()
        counts = listed["code"].value_counts()
        if self.code not in counts:
            self.code = str(listed["code"].iloc[0]) if len(listed) else ""
        names = dict(self.desk.store.documents()[["document", "name"]].itertuples(index=False))
        rows = listed[listed["code"] == self.code][_FIELDS].to_dict("records")
        return {
            "none": "" if len(listed) else "few",
            "refused": self._refused,
            "code": self.code,
            "codes": [[code, int(count)] for code, count in counts.sort_index().items()],
            "rows": [row | {"name": names[row["document"]], "words": list(row["words"])} for row in rows],
            "drawn": {key: counts for key, counts in listed.attrs.items() if counts[0] < counts[1]},
            "model": has_model(),
            "has_meanings": self.has_meanings,
            "without": len(held_out(self.desk.store)),
        }
