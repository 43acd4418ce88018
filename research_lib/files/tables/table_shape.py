"""From rows of cells to a frame: its header, the width every row must have, and what looks odd in its cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

import pandas as pd

from research_lib.errors import quoted
from research_lib.files.tables.reading_report import Findings, TableRefusedError

type Row = tuple[int, list[str]]
type Merged = dict[int, list[tuple[int, int, int]]]

MOST_COLUMNS, LONGEST_NAME, MOST_BLANK_ROWS = 16_384, 2_000, 250_000
ROWS_AT_ONCE, CELLS_AT_ONCE, MOST_CELLS, CHARACTERS_A_CELL, LONGEST_NUMBER = 10_000, 2_000_000, 25_000_000, 10, 7
WORDS_FOR_MISSING = ("NA", "NULL", "NaN", "N/A", "missing", "n.a.", "s.d.", "n.d.", "缺失", "不详")
NUMBERS_FOR_MISSING = {"-1", "-97", "-98", "999", "9999", *(f"-{digit * n}" for digit in "6789" for n in range(1, 5))}
_ROW_NUMBERS = "column 1 has no name and numbers the rows: it is left out"
LOOKS_MISSING = frozenset(
    spelling
    for word in WORDS_FOR_MISSING
    for spelling in (word, word.lower(), word.upper(), word.capitalize(), f"<{word}>", f"#{word}", f"#{word}!")
).union(NUMBERS_FOR_MISSING, (f"{number}.0" for number in NUMBERS_FOR_MISSING), ("None", ".", "..", "?", "-", "--"))


@dataclass(frozen=True)
class Layout:
    """Where the columns of a table are: their names, their places in a row, the header rows, the width of a row."""

    names: tuple[str, ...]
    places: tuple[int, ...]
    headers: tuple[list[str], ...]
    width: int


@dataclass
class Shaper:
    """Reads rows as a table and takes note of what it skips.

    `pads` is true where rows end at their last cell with content, as in a workbook; `merged` has the merged ranges of
    one by their first row: first column, last column, last row. Tables of more than 25 million cells are refused, and
    those of more than ten times as many characters.
    """

    file: Path
    findings: Findings
    header_rows: int = 1
    missing: frozenset[str] = frozenset()
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

    def frame_of(self, rows: Iterator[Row]) -> tuple[pd.DataFrame, Layout]:
        """Read the whole table, note what is odd, and give it with its layout.

        Raises TableRefusedError at the first row that does not fit.
        """
        layout, frames = self._header(rows), list[pd.DataFrame]()
        empty = sorted({*range(layout.width)} - {*layout.places})
        for batch in batched(self._data(rows, layout), max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // layout.width))):
            self._count_cells(batch, layout.width)
            for place in empty:
                self._refuse_unnamed(batch, place)
            frames.append(_frame(batch, layout))
        if not frames:
            self.findings.add("no rows", "the table has a header, but is empty below")
            frames.append(_frame((), layout))
        frame = pd.concat(frames) if len(frames) > 1 else frames[0]
        _note_codes(frame, self.findings, self.missing)
        for place in empty:
            text = (
                _ROW_NUMBERS if place == 0 and self._row_number >= 0 else f"column {place + 1} is empty and is left out"
            )
            self.findings.add("empty column", text)
        return frame.mask(frame.isin(self.missing)) if self.missing else frame, layout

    def _header(self, rows: Iterator[Row]) -> Layout:
        headers: list[Row] = []
        for line, cells in rows:
            if any(cells):
                headers.append((line, cells))
            else:
                self._skip_blank(line)
            if len(headers) == self.header_rows:
                break
        if len(headers) < self.header_rows:
            wanted = "the header row is" if self.header_rows == 1 else f"the {self.header_rows} header rows are"
            raise TableRefusedError(self.file, f"{wanted} missing", "ask for the file again")
        if self.header_rows > 1:
            self.findings.add("header", f"{self.header_rows} header rows are joined with /", line=headers[0][0])
        return self._layout(headers)

    def _skip_blank(self, line: int) -> None:
        self._blank += 1
        if self._blank > MOST_BLANK_ROWS:
            fix = "delete the rows below the table and save it again"
            raise TableRefusedError(self.file, f"it has more than {MOST_BLANK_ROWS:,} blank rows", fix, line=line)
        self.findings.add("blank row", "blank row, not read", line=line)

    def _count_cells(self, batch: tuple[Row, ...], width: int) -> None:
        self._cells += width * len(batch)
        self._characters += sum(sum(map(len, cells)) for _, cells in batch)
        for count, most, what in (
            (self._cells, MOST_CELLS, f"cells up to here, in {width:,} columns"),
            (self._characters, CHARACTERS_A_CELL * MOST_CELLS, "characters up to here"),
        ):
            if count > most:
                fix = "remove columns that are not needed, or give the table in parts"
                raise TableRefusedError(self.file, f"it has more than {most:,} {what}", fix, line=batch[-1][0])

    def _layout(self, headers: list[Row]) -> Layout:
        width, last = max(len(cells) for _, cells in headers), headers[-1][0]
        self.width = width
        if width > MOST_COLUMNS:
            reason = f"it has {width:,} columns, more than the {MOST_COLUMNS:,} of a sheet"
            raise TableRefusedError(self.file, reason, "export the columns that are needed only", line=last)
        for line, cells in headers:
            if len(cells) != width and not self.pads:
                reason = f"this header row has {len(cells)} cells, another has {width}"
                raise TableRefusedError(self.file, reason, "make them equally long", line=line)
        for line, cells in headers:
            self._refuse_merged(line, cells, last)
        names = ["/".join(filter(None, parts)) for parts in zip(*self._spread(headers, width), strict=True)]
        self._refuse_twice(names, last)
        for name in names:
            if len(name) > LONGEST_NAME:
                reason = f"the header {quoted(name)} has {len(name):,} characters"
                raise TableRefusedError(self.file, reason, "write a shorter name", line=last)
            if name != name.strip():
                self.findings.add("header", "spaces around the name are kept", line=last, column=name)
        places = tuple(place for place, name in enumerate(names) if name)
        texts = tuple(cells for _, cells in headers)
        return Layout(tuple(names[place] for place in places), places, texts, width)

    def _spread(self, headers: list[Row], width: int) -> list[list[str]]:
        """The header rows with merged cells filled in; of text, a gap in an upper row continues the group before."""
        filled = [[*cells, *[""] * (width - len(cells))] for _, cells in headers]
        if self.header_rows == 1:
            return filled
        for (line, _), cells, below in zip(headers[:-1], filled, filled[1:], strict=False):
            under = {place: first for first, last, _ in self.merged.get(line, ()) for place in range(first, last + 1)}
            for place in range(1, width):
                origin = under.get(place, place) if self.pads else place - bool(below[place])
                if not cells[place] and cells[origin]:
                    cells[place] = cells[origin]
                    text = f"taken to stand under {cells[origin]!r}"
                    self.findings.add("header", text, line=line, column=below[place])
        return filled

    def _refuse_twice(self, names: list[str], line: int) -> None:
        seen: dict[str, int] = {}
        for place, name in enumerate(names, 1):
            if name and seen.setdefault(name, place) != place:
                reason = f"the header stands in columns {seen[name]} and {place}"
                raise TableRefusedError(self.file, reason, "rename or remove one", line=line, column=name)
        if not seen:
            raise TableRefusedError(self.file, "its header is empty", "name the columns in it", line=line)

    def _data(self, rows: Iterator[Row], layout: Layout) -> Iterator[Row]:
        """The rows below the header, each as wide as it."""
        repeats = layout.headers if layout.width > 1 else ()
        for line, cells in rows:
            if self.merged:
                self._refuse_merged(line, cells, 0)
            if not any(cells):
                self._skip_blank(line)
            elif cells in repeats:
                self.findings.add("repeated header", "the header again, not read", line=line)
            elif len(cells) == layout.width and not self._surplus:
                self._surplus = 0
                yield line, cells
            else:
                yield line, self._fitted(line, cells, layout)

    def _fitted(self, line: int, cells: list[str], layout: Layout) -> list[str]:
        width, surplus = layout.width, len(cells) - layout.width
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
                fix = "declare header_rows=…, or unmerge them and fill each" if header else "unmerge them and fill each"
                raise TableRefusedError(self.file, reason, fix, line=line)

    def _refuse_unnamed(self, batch: tuple[Row, ...], place: int) -> None:
        for line, cells in batch:
            if (
                place == 0
                and cells[0].isascii()
                and cells[0].isdecimal()
                and len(cells[0]) <= LONGEST_NUMBER
                and self._row_number < int(cells[0])
            ):
                self._row_number = int(cells[0])
            elif cells[place]:
                reason = f"column {place + 1} has content, but its header is empty"
                raise TableRefusedError(self.file, reason, "name the column in the header", line=line)


def _frame(batch: tuple[Row, ...], layout: Layout) -> pd.DataFrame:
    cells = list(zip(*(texts for _, texts in batch), strict=True)) or [()] * layout.width
    index = pd.Index([line for line, _ in batch], dtype="int64", name="line")
    named = zip(layout.names, layout.places, strict=True)
    return pd.DataFrame({name: pd.Series(cells[at], index=index, dtype="str") for name, at in named}, index=index)


def _note_codes(frame: pd.DataFrame, findings: Findings, missing: frozenset[str]) -> None:
    """Note codes for missing answers, declared or not, and columns of digits where zeros may be lost."""
    watched = missing | LOOKS_MISSING
    for name in frame:
        values = frame[name].unique()
        for code in watched.intersection(values):
            kind, text = "missing", f"{code!r} was declared missing"
            if code not in missing:
                text = f"{code!r} looks like a code for a missing answer, but was not declared one: kept as text"
                kind = "looks missing"
            there = (frame[name] == code).to_numpy()
            findings.add(kind, text, line=int(frame.index[there.argmax()]), column=name, count=int(there.sum()))
        if _has_lost_zeros(value for value in values if value and value not in watched):
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
