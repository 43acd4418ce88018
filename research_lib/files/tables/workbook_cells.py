"""One cell of a workbook as text: what its type and its number format say that it means, noted where not plain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from research_lib.files.tables.table_shape import NEVER, Findings, TableRefusedError

COLUMNS = 16_384
DIGITS = 15
LONGEST_TEXT = 131_072
LONGEST_NUMBER = 100
LONGEST_CODE = 255
_ESCAPED = re.compile(r"_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
_LITERAL = re.compile(r"[_\\].")
_PADDED = re.compile(r"0{2,}")
_LOOKS_A_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
_LETTERS = re.compile("[A-Z]{1,3}")
_FRESH = "open the workbook in Excel or LibreOffice, let it calculate, and save it"
_HALF = timedelta(milliseconds=500)


@lru_cache(maxsize=1 << 15)
def letters_of(number: int) -> str:
    """The letters of a column by its number, from 1."""
    from openpyxl.utils import get_column_letter  # loads slowly

    return str(get_column_letter(number))


def column_of(letters: str) -> int:
    """The number of a column, from 1, by its letters; 0 for letters that do not name a column."""
    from openpyxl.utils import column_index_from_string  # loads slowly

    number = column_index_from_string(letters) if _LETTERS.fullmatch(letters) else 0
    return number if number <= COLUMNS else 0


@lru_cache(maxsize=4096)
def _format_kind(code: str) -> str:
    """How a format shows a number: "", date, time, datetime, percent, or the zeros that it is padded to."""
    from openpyxl.styles.numbers import STRIP_RE, is_datetime  # loads slowly

    shown = _LITERAL.sub("", STRIP_RE.sub("", code[:LONGEST_CODE].split(";", maxsplit=1)[0])).lower()
    if kind := is_datetime(shown):
        return str(kind)
    return shown if _PADDED.fullmatch(shown) else "percent" if "%" in shown else ""


@dataclass
class CellReader:
    """Turns the cells of one sheet into texts, and gathers notes by column letter.

    `is_stale`: whether the workbook is marked for calculation. `cells`: how many there were so far.
    """

    file: Path
    findings: Findings
    is_stale: bool = False
    cells: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)
    _texts: dict[str, list[int]] = field(default_factory=dict)

    def row(self, number: int, cells: Sequence[Any], formulas: Sequence[Any] = ()) -> list[str]:
        """The texts of the cells of one row, up to the last one with content."""
        self.cells += sum(hasattr(cell, "parent") for cell in cells)  # not those that fill a gap
        for cell, written in zip(cells, formulas, strict=False):
            if written.data_type == "f":
                self._note_formula(number, written.column_letter, cell)
        texts = ["" if cell.value is None else self._text(number, cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        return texts

    def _text(self, row: int, cell: Any) -> str:
        value, letters = cell.value, letters_of(cell.column)
        if cell.data_type == "e":
            return self._error(row, letters, cell)
        if isinstance(value, str):
            return self._string(row, letters, _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), value))
        if isinstance(value, bool):
            self._note("boolean", "truth values, read as TRUE and FALSE", row, letters)
            return str(value).upper()
        if isinstance(value, int | float):
            return self._number(row, letters, value, cell)
        self._note("dates", "dates, times and durations, read as ISO text", row, letters)
        return as_time(value, _format_kind(cell.number_format))

    def conclude(self) -> None:
        """Note the columns where some numbers are numbers and others are texts."""
        for letters, (count, line) in self._texts.items():
            beside = self._numbers.get(letters, 0)
            text = "numbers stored as text" + (f", beside {beside:,} stored as numbers" if beside else "")
            self.findings.add("number as text", text, line=line, column=letters, count=count)

    def _refusal(self, row: int, letters: str, reason: str, fix: str) -> TableRefusedError:
        return TableRefusedError(self.file, reason, fix, line=row, column=letters)

    def _note(self, kind: str, text: str, row: int, letters: str) -> None:
        self.findings.add(kind, text, line=row, column=letters)

    def _note_formula(self, row: int, letters: str, cell: Any) -> None:
        if cell.value is None and cell.data_type != "str":
            raise self._refusal(row, letters, "this formula has never been calculated", _FRESH)
        stale = "; the workbook is marked for calculation, so they may be out of date" if self.is_stale else ""
        self._note("formula", f"formulas, read by their last values{stale}", row, letters)

    def _error(self, row: int, letters: str, cell: Any) -> str:
        if _format_kind(cell.number_format) in ("date", "time", "datetime"):
            reason = "it is formatted as a date, but there is no such day"
            raise self._refusal(row, letters, reason, "fix the date or format the cell as a number")
        self._note("error value", f"the error {cell.value}, kept as text", row, letters)
        return str(cell.value)

    def _string(self, row: int, letters: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            reason = f"a cell has {len(text):,} characters, and at most {LONGEST_TEXT:,} are read"
            raise self._refusal(row, letters, reason, "shorten the text")
        if never := NEVER.search(text):
            raise self._refusal(row, letters, f"U+{ord(never[0]):04X} cannot be in a text", "take it out of the cell")
        if text[:1] in "+-0123456789" and _LOOKS_A_NUMBER.fullmatch(text[:LONGEST_NUMBER]):
            self._texts.setdefault(letters, [0, row])[0] += 1
        return text

    def _number(self, row: int, letters: str, number: float, cell: Any) -> str:
        self._numbers[letters] = self._numbers.get(letters, 0) + 1
        if not abs(number) < 10**DIGITS:
            reason = f"the number {number} is longer than the {DIGITS} digits that a workbook keeps"
            raise self._refusal(row, letters, reason, "format the column as text and enter it anew")
        kind = _format_kind(cell.number_format) if cell.has_style else ""
        if kind == "percent":
            self._note("percent", "shown as percentages, read as shares (25 % is 0.25)", row, letters)
        elif kind and number == int(number) and number >= 0:
            self._note("leading zeros", f"shown with zeros to {len(kind)} digits, and read so", row, letters)
            return str(int(number)).zfill(len(kind))
        return plain_number(number)


def plain_number(number: float) -> str:
    """A number in the fewest plain digits that give it back exactly."""
    return str(int(number)) if number == int(number) else f"{Decimal(repr(number)):f}"


def as_time(value: datetime | date | time | timedelta, kind: str) -> str:
    """A moment as ISO text, to the second: a date, a date and time, a time of day, or hours:minutes:seconds."""
    if isinstance(value, timedelta):
        whole = value // timedelta(seconds=1)
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    if not isinstance(value, datetime):
        return value.isoformat()
    moment = value + _HALF
    is_day = kind == "date" and moment.time() < time(0, 0, 1)
    return moment.date().isoformat() if is_day else moment.isoformat(timespec="seconds")
