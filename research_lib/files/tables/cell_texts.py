"""What the conversions of cells share: where a cell stands, notes on it, and full-width digits as plain ones."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from research_lib.files.tables.reading_report import Findings, Note, TableRefusedError

WIDE = str.maketrans("０１２３４５６７８９，．－＋／：\u2212", "0123456789,.-+/:-")
IS_ASCII = re.compile(r"[\x00-\x7f]*")


class Remembered(NamedTuple):
    """What a column showed first, and on which line."""

    value: Any
    line: int


@dataclass
class Converter:
    """Goes through a column of texts, cell by cell; knows the line it is on, gathers notes, and words refusals.

    The column's index has the lines; `attrs["file"]`, which `read_table` sets, has the file.
    """

    column: pd.Series
    missing: frozenset[str]
    line: int = 0
    _findings: Findings = field(default_factory=Findings)
    _remembered: dict[str, Remembered] = field(default_factory=dict)

    def convert[T](self, read: Callable[[str], T]) -> list[T | None]:
        """What `read` makes of each cell; nothing for cells that are empty, missing already or declared missing."""
        values: list[T | None] = []
        for place, cell in zip(self.column.index, self.column.astype(object), strict=True):
            self.line = int(place) if isinstance(place, int) else 0
            values.append(None if self._is_missing(cell) else read(str(cell)))
        return values

    def _is_missing(self, cell: object) -> bool:
        if cell in self.missing:
            self.note("missing", f"{cell!r} was declared missing")
            return True
        return bool(pd.isna(cell)) or cell == ""

    def note(self, kind: str, text: str) -> None:
        """Take note of something in this cell."""
        self._findings.add(kind, text, line=self.line, column=str(self.column.name))

    def notes(self) -> tuple[Note, ...]:
        """All notes."""
        return self._findings.notes()

    def remember(self, what: str, value: object) -> Remembered:
        """What was remembered of this column first; at the first time, this value and line."""
        return self._remembered.setdefault(what, Remembered(value, self.line))

    def refusal(self, reason: str, mend: str) -> TableRefusedError:
        """A refusal that names the file, the line and the column."""
        file = self.column.attrs.get("file", "table")
        return TableRefusedError(file, reason, mend, line=self.line, column=str(self.column.name))


def plain(cell: str, converter: Converter) -> str:
    """A cell without spaces around it and with full-width digits and signs as plain ones, each noted."""
    text = cell.strip()
    if text != cell:
        converter.note("spaces", "spaces around the cell are left out")
    if IS_ASCII.fullmatch(text):
        return text
    narrow = text.translate(WIDE)
    if narrow != text:
        converter.note("full-width", "full-width digits and signs are read as plain ones")
    return narrow
