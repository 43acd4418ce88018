"""The report of reading a table: notes on what was found and how it was read, or a refusal with its place and fix."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from research_lib.errors import ResearchError, seen

LINES_NAMED = 10
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
class _Finding:
    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass
class Findings:
    """The notes on a table while it is read: the same thing found again is counted."""

    _found: dict[tuple[str, str, str], _Finding] = field(default_factory=dict)

    def add(self, kind: str, text: str, *, line: int = 0, column: str = "", count: int = 1) -> None:
        """Note something, `count` times, first on that line (0: without a line)."""
        finding = self._found.setdefault((kind, column, text), _Finding())
        finding.count += count
        if line and len(finding.lines) < LINES_NAMED:
            finding.lines.append(line)

    def take(self, others: "Findings", *, but: str = "", columns: Mapping[str, str] = MappingProxyType({})) -> None:
        """Add the notes of others, except one kind, and with other names for columns."""
        for (kind, column, text), found in others._found.items():
            if kind != but:
                self._found[kind, columns.get(column, column), text] = found

    def hold_everywhere(self, kind: str) -> None:
        """Leave out the lines of what holds of the whole table."""
        for (found, _, _), finding in self._found.items():
            if found == kind:
                finding.lines.clear()

    def notes(self) -> tuple[Note, ...]:
        """Everything found, in the order of its first appearance."""
        return tuple(
            Note(kind, text, column, found.count, tuple(found.lines))
            for (kind, column, text), found in self._found.items()
        )
