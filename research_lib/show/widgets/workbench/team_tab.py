"""The tab of the team: who codes what, how far each has come, and how far somebody agrees with themselves."""

from typing import Any

from research_lib.coding.storage.reflexive import is_reflexive, set_reflexive
from research_lib.coding.teamwork.assignments import assign
from research_lib.coding.teamwork.progress import intra_coder, progress, second_id
from research_lib.errors import CodingError, UnfitDataError
from research_lib.show.widgets.workbench.desk import Command, Tab, plain_rows

_NUMBERS = {"together": "how many code together", "seed": "the seed"}
_CELL = ["document", "coder", "is_assigned", "is_read", "segments"]


class TeamTab(Tab):
    """Documents by coders, and the ways to divide the work."""

    name = "team"

    def act(self, command: Command) -> str:
        """Divide what nobody has yet, or make the project reflexive; raises CodingError."""
        store, coder = self.desk.store, self.desk.coder
        match command["do"]:
            case "assign":
                names = [name.strip() for name in command["coders"].split(",") if name.strip()]
                share = _number("the share", command["percent"]) / 100
                together, seed = (_number(what, command[key]) for key, what in _NUMBERS.items())
                assign(store, names, coder=coder, seed=seed, share=share, together=together)
                return "assigned"
            case "reflexive":
                set_reflexive(store, bool(command["is_on"]), coder=coder)
                return "reflexive-on" if command["is_on"] else "reflexive-off"
            case unknown:
                raise CodingError(f"the team's tab does not know {unknown!r}; it knows assign, reflexive")

    def data(self) -> dict[str, Any]:
        """Give each document with how far each coder has come, and agreement with oneself after a second coding."""
        store = self.desk.store
        table, documents = progress(store), store.documents()
        cells: dict[str, list[dict[str, Any]]] = {}
        for row in table[_CELL].to_dict("records"):
            cells.setdefault(row["document"], []).append(row)
        doubled = set(table[table["is_double_coded"]]["document"])
        return {
            "coders": sorted(table["coder"].unique()),
            "documents": [
                {"name": row.name, "cells": cells.get(row.document, []), "is_double_coded": row.document in doubled}
                for row in documents.itertuples(index=False, name="Row")
            ],
            "is_reflexive": is_reflexive(store),
            "second": second_id(self.desk.coder),
            "ceiling": [] if is_reflexive(store) else self._ceiling(),
        }

    def _ceiling(self) -> list[dict[str, Any]]:
        try:
            found = intra_coder(self.desk.store, self.desk.coder)
        except UnfitDataError:
            return []
        return plain_rows(found[["code", "value", "low", "high", "days"]])


def _number(what: str, typed: Any) -> int:
    try:
        return int(str(typed))
    except ValueError as error:
        raise CodingError(f"{what} is {typed!r}, and not a whole number; correct it") from error
