"""The tab of the codebook: codes named, defined, moved, merged, split and retired while coding."""

from dataclasses import asdict
from typing import Any

from research_lib.coding import code_tree
from research_lib.coding.retrieval.passages import retrieve
from research_lib.errors import CodingError
from research_lib.show.widgets.workbench.desk import HUES, Command, Tab

_ASKED = ("new-code", "change-code", "move-code", "merge-codes", "split-code", "choose")
_MOST, _CONTEXT = 100, 40


class CodesTab(Tab):
    """The code tree, and the code that is chosen in it."""

    name = "codes"
    chosen = ""
    is_splitting = False

    def act(self, command: Command) -> str:
        """Carry out a change of the codebook, and say in a word what was done; raises CodingError."""
        store, coder = self.desk.store, self.desk.coder
        match command["do"]:
            case "choose":
                self.chosen, self.is_splitting = command["code"], bool(command.get("split"))
                return ""
            case "new-code":
                parent = command.get("parent") or None
                self.chosen = code_tree.add_code(store, command["name"], coder=coder, parent_id=parent).id
                return "code-added"
            case "change-code":
                code_tree.change_code(store, command["code"], coder=coder, **command["changes"])
                return "code-changed"
            case "move-code":
                place = {"parent_id": command.get("parent") or None, "before": command.get("before")}
                code_tree.move_code(store, command["code"], coder=coder, **place)
                return "code-moved"
            case "merge-codes":
                code_tree.merge_codes(store, command["code"], into=command["into"], coder=coder)
                self.chosen = command["into"]
                return "codes-merged"
            case "split-code":
                options = {"coder": coder, "codings": command["codings"]}
                self.chosen = code_tree.split_code(store, command["code"], command["name"], **options).id
                self.is_splitting = False
                return "code-split"
            case unknown:
                raise CodingError(f"the codebook's tab does not know {unknown!r}; it knows {', '.join(_ASKED)}")

    def data(self) -> dict[str, Any]:
        """Give the chosen code and the versions of the codebook; the codes themselves are in the desk's state."""
        book = self.desk.store.codebook()
        versions = self.desk.store.versions().tail(5).iloc[::-1]
        return {
            "chosen": self.chosen if self.chosen in book else "",
            "codes": [asdict(code) for code in book.in_tree_order()],
            "hues": [*HUES],
            "versions": versions.to_dict("records"),
            "segments": self._segments() if self.is_splitting and self.chosen in book else None,
        }

    def _segments(self) -> list[dict[str, Any]]:
        """The first passages of the chosen code that this coder may see, to choose those of a new one from."""
        desk = self.desk
        coders = None if desk.shows_others else [desk.coder]
        found = retrieve(desk.store, codes=self.chosen, with_sub_codes=False, coders=coders, context=_CONTEXT)
        return found.head(_MOST)[["id", "name", "coder", "language", "before", "text", "after"]].to_dict("records")
