"""The report of reading a table: notes on what was found and how it was read, or a refusal with its place and fix."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from research_lib.errors import ResearchError, seen

type Key = tuple[str, str, str]

LINES_NAMED = 10
AS_CSV = "open it in the program that it is from and save it as CSV in UTF-8 or as .xlsx"
NEVER = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")


class TableRefusedError(ResearchError):
    """A table is not read, because doing so would mean guessing or losing something.

    The message is made of `file`, `line` (0: the file as a whole; of a workbook the row), `column`, `reason` and `fix`;
    `candidates` has what could be declared (encodings, delimiters, sheets).
    """

    def __init__(
        self,
        file: Path | str,
        reason: str,
        fix: str,
        *,
        line: int = 0,
        column: str = "",
        candidates: tuple[str, ...] = (),
    ):
        self.file, self.line, self.column = str(file), line, column
        self.reason, self.fix, self.candidates = reason, fix, candidates
        where = [seen(str(file)), *([f"line {line}"] if line else []), *([f"column {column!r}"] if column else [])]
        super().__init__(f"{', '.join(where)}: {reason}; {fix}.")


@dataclass(frozen=True)
class Note:
    """One thing that was found in a table, how it was read, how often, and where first.

    `kind` is a word to look for (`encoding`, `blank row`, `formula`, …), `lines` up to ten lines or rows,
    the first among them.
    """

    kind: str
    text: str
    column: str = ""
    count: int = 1
    lines: tuple[int, ...] = ()

    def __str__(self) -> str:
        column = f"column {self.column!r}: " if self.column else ""
        more = ", …" if self.count > len(self.lines) else ""
        places = f" ({self.count:,}×, line {', '.join(map(str, self.lines))}{more})" if self.lines else ""
        return f"{column}{self.text}{places}"


@dataclass
class Findings:
    """The notes on a table while it is read, by kind, column and text: the same thing found again is counted."""

    _counts: Counter[Key] = field(default_factory=Counter)
    _lines: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, text: str, *, line: int = 0, column: str = "", count: int = 1) -> None:
        """Note something, `count` times, first on that line (0: without a line)."""
        self._counts[kind, column, text] += count
        if line and len(lines := self._lines[kind, column, text]) < LINES_NAMED:
            lines.append(line)

    def take(self, others: "Findings", *, but: str = "", columns: Mapping[str, str] | None = None) -> None:
        """Add the notes of others, except one kind, and with other names for columns."""
        for (kind, column, text), count in others._counts.items():
            if kind != but:
                key = kind, (columns or {}).get(column, column), text
                self._counts[key], self._lines[key] = count, others._lines[kind, column, text]

    def hold_everywhere(self, kind: str) -> None:
        """Leave out the lines of what holds of the whole table."""
        for key in [key for key in self._lines if key[0] == kind]:
            del self._lines[key]

    def notes(self) -> tuple[Note, ...]:
        """Everything found, in the order of its first appearance."""
        return tuple(
            Note(kind, text, column, count, tuple(self._lines[kind, column, text]))
            for (kind, column, text), count in self._counts.items()
        )
