"""The tabs of the workbench beside the text; each is data for its module in the browser, and commands from there."""

from typing import Any, ClassVar

from research_lib.show.widgets.workbench.desk import Command, Desk


class Tab:
    """One tab: `data` is what its module draws, and `act` does what the module asks for.

    `act` says in a word what was done; where the catalogue has `desk.done-<word>`, the coder reads it.
    """

    name: ClassVar[str]

    def __init__(self, desk: Desk):
        """Begin with a desk; nothing is read before the tab is shown."""
        self.desk = desk

    def show(self) -> None:
        """Look at the store anew: the tab was opened."""

    def act(self, command: Command) -> str:
        """Carry out a command of the tab's module, and say in a word what was done; raises CodingError."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """Give what the tab shows now, as plain values."""
        raise NotImplementedError
