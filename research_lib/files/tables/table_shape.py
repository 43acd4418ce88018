"""From rows of cells to a frame: its header, the width every row must have, and a report of what looks odd."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

import pandas as pd

from research_lib.errors import ResearchError, quoted, seen

type Key = tuple[str, str, str]
type Row = tuple[int, list[str]]
type Merged = dict[int, list[tuple[int, int, int]]]

MOST_COLUMNS, LONGEST_NAME, MOST_BLANK_ROWS = 16_384, 2_000, 250_000
ROWS_AT_ONCE, CELLS_AT_ONCE, MOST_CELLS, CHARACTERS_A_CELL = 10_000, 2_000_000, 25_000_000, 10
WORDS_FOR_MISSING = ("NA", "NULL", "NaN", "N/A", "missing", "n.a.", "s.d.", "n.d.", "缺失", "不详")
NUMBERS_FOR_MISSING = {"-1", "-97", "-98", "999", "9999", *(f"-{digit * n}" for digit in "6789" for n in range(1, 5))}
_NUMBER = re.compile("[0-9]{1,7}")
_ROW_NUMBERS = "column 1 has no name and numbers the rows: it is left out"
LOOKS_MISSING = frozenset(
    spelling
    for word in WORDS_FOR_MISSING
    for spelling in (word, word.lower(), word.upper(), word.capitalize(), f"<{word}>", f"#{word}", f"#{word}!")
).union(NUMBERS_FOR_MISSING, (f"{number}.0" for number in NUMBERS_FOR_MISSING), ("None", ".", "..", "?", "-", "--"))
LINES_NAMED = 10
AS_CSV = "open it in the program that it is from and save it as CSV in UTF-8 or as .xlsx"
NEVER = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")


class TableRefusedError(ResearchError):
    """A table is not read, because doing so would mean guessing or losing something.

    The message is made of `file`, `line` (0: the file as a whole; of a workbook the row), `column`, `reason` and `fix`.
    """

    def __init__(self, file: Path | str, reason: str, fix: str, *, line: int = 0, column: str = ""):
        self.file, self.line, self.column = str(file), line, column
        self.reason, self.fix = reason, fix
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


@dataclass
class Shaper:
    """Reads rows as a table and takes note of what it skips.

    `pads` is true where rows end at their last cell with content, as in a workbook; `merged` has the merged ranges of
    one by their first row: first column, last column, last row. Tables of more than 25 million cells are refused, and
    those of more than ten times as many characters.
    """

    file: Path
    findings: Findings
    pads: bool = False
    merged: Merged = field(default_factory=dict)
    width: int = 0
    _surplus: int | None = None
    _blank: int = 0
    _cells: int = 0
    _characters: int = 0
    _row_number: int = -1

    @property
    def is_begun(self) -> bool:
        """Whether at least one row below the header fitted it."""
        return self._surplus is not None

    def frame_of(self, rows: Iterator[Row]) -> tuple[pd.DataFrame, list[str]]:
        """Read the whole table, note what is odd, and give it with its header row.

        Raises TableRefusedError at the first row that does not fit.
        """
        header, frames = self._header(rows), list[pd.DataFrame]()
        empty = [place for place, name in enumerate(header) if not name]
        for batch in batched(self._data(rows, header), max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // self.width))):
            self._count_cells(batch)
            for place in empty:
                self._refuse_unnamed(batch, place)
            frames.append(_frame(batch, header))
        if not frames:
            self.findings.add("no rows", "the table has a header, but is empty below")
            frames.append(_frame((), header))
        frame = pd.concat(frames) if len(frames) > 1 else frames[0]
        _note_codes(frame, self.findings)
        for place in empty:
            is_numbers = place == 0 and self._row_number >= 0
            text = _ROW_NUMBERS if is_numbers else f"column {place + 1} is empty and is left out"
            self.findings.add("empty column", text)
        return frame, header

    def _header(self, rows: Iterator[Row]) -> list[str]:
        for line, cells in rows:
            if any(cells):
                self._check_header(line, cells)
                return cells
            self._skip_blank(line)
        raise TableRefusedError(self.file, "the header row is missing", "ask for the file again")

    def _check_header(self, line: int, header: list[str]) -> None:
        self.width = len(header)
        if self.width > MOST_COLUMNS:
            reason = f"it has {self.width:,} columns, more than the {MOST_COLUMNS:,} of a sheet"
            raise TableRefusedError(self.file, reason, "export the columns that are needed only", line=line)
        self._refuse_merged(line, header, line)
        seen: dict[str, int] = {}
        for place, name in enumerate(header, 1):
            if name and seen.setdefault(name, place) != place:
                reason = f"the header stands in columns {seen[name]} and {place}"
                raise TableRefusedError(self.file, reason, "rename or remove one", line=line, column=name)
        for name in header:
            if len(name) > LONGEST_NAME:
                reason = f"the header {quoted(name)} has {len(name):,} characters"
                raise TableRefusedError(self.file, reason, "write a shorter name", line=line)
            if name != name.strip():
                self.findings.add("header", "spaces around the name are kept", line=line, column=name)

    def _skip_blank(self, line: int) -> None:
        self._blank += 1
        if self._blank > MOST_BLANK_ROWS:
            fix = "delete the rows below the table and save it again"
            raise TableRefusedError(self.file, f"it has more than {MOST_BLANK_ROWS:,} blank rows", fix, line=line)
        self.findings.add("blank row", "blank row, not read", line=line)

    def _count_cells(self, batch: tuple[Row, ...]) -> None:
        self._cells += self.width * len(batch)
        self._characters += sum(sum(map(len, cells)) for _, cells in batch)
        for count, most, what in (
            (self._cells, MOST_CELLS, f"cells up to here, in {self.width:,} columns"),
            (self._characters, CHARACTERS_A_CELL * MOST_CELLS, "characters up to here"),
        ):
            if count > most:
                fix = "remove columns that are not needed, or give the table in parts"
                raise TableRefusedError(self.file, f"it has more than {most:,} {what}", fix, line=batch[-1][0])

    def _data(self, rows: Iterator[Row], header: list[str]) -> Iterator[Row]:
        """The rows below the header, each as wide as it."""
        for line, cells in rows:
            if self.merged:
                self._refuse_merged(line, cells, 0)
            if not any(cells):
                self._skip_blank(line)
            elif cells == header and self.width > 1:
                self.findings.add("repeated header", "the header again, not read", line=line)
            elif len(cells) == self.width and not self._surplus:
                self._surplus = 0
                yield line, cells
            else:
                yield line, self._fitted(line, cells)

    def _fitted(self, line: int, cells: list[str]) -> list[str]:
        width, surplus = self.width, len(cells) - self.width
        if self.pads and surplus < 0:
            return [*cells, *[""] * -surplus]
        if not self.pads and surplus > 0 and self._surplus is None and not any(cells[width:]):
            self._surplus = surplus
            self.findings.add("trailing delimiter", "rows end in delimiters that the header lacks", line=line)
        if surplus == self._surplus and not any(cells[width:]):
            return cells[:width]
        reason = f"this row has {len(cells)} cells where {width + (self._surplus or 0)} are expected"
        fix = "write a header over each column" if self.pads else "complete it, or put cells with a delimiter in quotes"
        raise TableRefusedError(self.file, reason, fix, line=line)

    def _refuse_merged(self, line: int, cells: list[str], header: int) -> None:
        """Refuse content that stands for several records, or a header that reaches down to them."""
        for first, last, bottom in self.merged.get(line, ()):
            if bottom > header and any(cells[first : last + 1]):
                reason = f"cells of columns {first + 1} to {last + 1} are merged down to row {bottom}"
                raise TableRefusedError(self.file, reason, "unmerge them and fill each", line=line)

    def _refuse_unnamed(self, batch: tuple[Row, ...], place: int) -> None:
        for line, cells in batch:
            if place == 0 and _NUMBER.fullmatch(cells[0]) and self._row_number < int(cells[0]):
                self._row_number = int(cells[0])
            elif cells[place]:
                reason = f"column {place + 1} has content, but its header is empty"
                raise TableRefusedError(self.file, reason, "name the column in the header", line=line)


def _frame(batch: tuple[Row, ...], header: list[str]) -> pd.DataFrame:
    cells = list(zip(*(texts for _, texts in batch), strict=True)) or [()] * len(header)
    index = pd.Index([line for line, _ in batch], dtype="int64", name="line")
    named = {name: texts for name, texts in zip(header, cells, strict=True) if name}
    return pd.DataFrame(
        {name: pd.Series(texts, index=index, dtype="str") for name, texts in named.items()}, index=index
    )


def _note_codes(frame: pd.DataFrame, findings: Findings) -> None:
    """Note what looks like a code for a missing answer, and columns of digits where zeros may be lost."""
    for name in frame:
        values = frame[name].unique()
        for code in LOOKS_MISSING.intersection(values):
            text = f"{code!r} looks like a code for a missing answer, but was not declared one: kept as text"
            there = (frame[name] == code).to_numpy()
            line = int(frame.index[there.argmax()])
            findings.add("looks missing", text, line=line, column=name, count=int(there.sum()))
        if _has_lost_zeros(value for value in values if value and value not in LOOKS_MISSING):
            text = "some cells begin with 0, others are shorter: zeros may have been lost before the file came here"
            findings.add("leading zeros", text, column=name)


def _has_lost_zeros(values: Iterable[str]) -> bool:
    """Whether all are digits, and the shortest without a zero before it is shorter than the longest with one."""
    longest, shortest = 0, 99
    for value in values:
        if not value.isdecimal():
            return False
        if value[0] == "0" and len(value) > 1:
            longest = max(longest, len(value))
        else:
            shortest = min(shortest, len(value))
    return shortest < longest
