"""The tab of the codebook: codes named, defined, moved, merged, split and retired while coding."""

from typing import Any

from research_lib.coding import code_tree
from research_lib.errors import CodingError
from research_lib.show.widgets.workbench.desk import Command
from research_lib.show.widgets.workbench.tabs import Tab

_ASKED = ("new-code", "change-code", "move-code", "merge-codes", "choose")


class CodesTab(Tab):
    """The code tree, and the code that is chosen in it."""

    name = "codes"
    chosen = ""

    def act(self, command: Command) -> str:
        """Carry out a change of the codebook, and say in a word what was done; raises CodingError."""
        store, coder = self.desk.store, self.desk.coder
        match command["do"]:
            case "choose":
                self.chosen = command["code"]
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
            case unknown:
                raise CodingError(f"the codebook's tab does not know {unknown!r}; it knows {', '.join(_ASKED)}")

    def data(self) -> dict[str, Any]:
        """Give the chosen code and the versions of the codebook; the codes themselves are in the desk's state."""
        book = self.desk.store.codebook()
        versions = self.desk.store.versions().tail(5).iloc[::-1]
        fields = ("id", "parent_id", "name", "definition", "include", "exclude", "example", "memo", "is_codable")
        return {
            "chosen": self.chosen if self.chosen in book else "",
            "codes": [{name: getattr(code, name) for name in fields} for code in book.in_tree_order()],
            "versions": versions.to_dict("records"),
        }
