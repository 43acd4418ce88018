"""The tab of the memos: all that was thought about the project, its documents, codes and passages."""

from typing import Any

from research_lib.coding.memo_records import memos, write_memo
from research_lib.errors import CodingError
from research_lib.show.widgets.workbench.desk import Command, Tab


class MemosTab(Tab):
    """All memos that this coder may see, and their own on the project and the open document."""

    name = "memos"

    def act(self, command: Command) -> str:
        """Write a memo on the project or the open document; raises CodingError for anything else."""
        if command["do"] != "write":
            raise CodingError(f"the memos do not know {command['do']!r}; they know write")
        about = command["about"]
        where = {"document": self.desk.open if about == "document" else None, "is_position": about == "position"}
        write_memo(self.desk.store, command["memo"], coder=self.desk.coder, **where)
        return "memo-written"

    def data(self) -> dict[str, Any]:
        """Give the memos, and the name of the open document."""
        listed = memos(self.desk.store, coder=None if self.desk.shows_others else self.desk.coder)
        rows = listed.to_dict("records")
        mine = {(row["about"], row["id"]): row["memo"] for row in rows if row["by"] == self.desk.coder}
        name = self.desk.store.document(self.desk.open).name if self.desk.open else ""
        places = {"project": "", "position": "", "document": self.desk.open}
        own = {about: mine.get((about, place), "") for about, place in places.items()}
        return {"rows": rows, "document": name, "own": own}
