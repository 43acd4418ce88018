"""Numbers as people and programs write them: thousands separators and decimal signs read, or refused when both fit."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import pandas as pd

from research_lib.files.tables.cell_texts import Converter, plain
from research_lib.files.tables.dates import Dates, as_dates
from research_lib.files.tables.reading_report import Note

__all__ = ["Dates", "Numbers", "as_dates", "as_numbers"]

type Sign = Literal[".", ","]

SPACES = " \xa0\u202f\u2009'’"
NUMBER = re.compile(rf"([+-]?)(\d+(?:[{SPACES},.]\d+)*)(?:[eE]([+-]?\d{{1,4}}))?", re.ASCII)
GROUPS = re.compile(rf"\d{{1,3}}(?:([{SPACES}])\d{{3}})(?:\1\d{{3}})*")
COMMAS, POINTS = re.compile(r"\d{1,3}(,\d{3})+"), re.compile(r"\d{1,3}(\.\d{3})+")
EXACT, LARGEST = 2**53, 2**63
PLAIN = "write it in plain digits, or declare it missing"


@dataclass(frozen=True)
class Numbers:
    """A column of numbers, `Int64` where all are whole, otherwise `Float64`, <NA> where a cell is empty; and notes."""

    values: pd.Series
    notes: tuple[Note, ...]


def as_numbers(column: pd.Series, *, decimal: Sign | None = None, missing: frozenset[str] = frozenset()) -> Numbers:
    """Read a column of texts as numbers.

    Thousands may be set apart by spaces, apostrophes, or that of `,` and `.` which is not the decimal sign; full-width
    digits are digits. `decimal` is the decimal sign: without it 1,234 and 1.234 are refused, for each is two numbers.
    Empty cells and those in `missing` are <NA>.

    Raises TableRefusedError at the first cell that is no number, is ambiguous, has another decimal sign than the cells
    before it, or has more digits than a number can keep.
    """
    reader = _NumberReader(Converter(column, missing), decimal)
    found = reader.converter.convert(reader.read)
    whole = all(number is None or number == number.to_integral_value() for number in found) and not reader.has_fraction
    values = [None if number is None else int(number) if whole else float(number) for number in found]
    series = pd.Series(values, index=column.index, name=column.name, dtype="Int64" if whole else "Float64")
    if not whole:
        reader.refuse_inexact(column, found)
    return Numbers(series, reader.converter.notes())


@dataclass
class _NumberReader:
    """Reads one cell after the other, and remembers the decimal sign that the column has shown."""

    converter: Converter
    decimal: Sign | None
    has_fraction: bool = False

    def read(self, cell: str) -> Decimal:
        match = NUMBER.fullmatch(plain(cell, self.converter))
        if not match:
            raise self.converter.refusal(f"{cell[:60]!r} is no number", PLAIN)
        sign, body, power = match.groups()
        whole, point, fraction = self._parts(cell, body)
        self.has_fraction |= bool(point)
        if power:
            self.converter.note("scientific", "a number with an exponent")
            self.has_fraction |= int(power) < 0
            if abs(int(power)) > 300:
                raise self.converter.refusal(f"{cell[:60]!r} is beyond what a number can be", PLAIN)
        if len(whole) > 1 and whole[0] == "0":
            self.converter.note("leading zeros", "zeros at the beginning are not kept in a number")
        number = Decimal(f"{sign}{whole}.{fraction or 0}e{power or 0}")
        if abs(number) >= LARGEST or not math.isfinite(number):
            raise self.converter.refusal(f"{cell[:60]!r} has more digits than a number keeps", "keep it as text")
        return number

    def _parts(self, cell: str, body: str) -> tuple[str, str, str]:
        """Whole part, decimal sign and fraction of a number without its sign and exponent."""
        marks = [mark for mark in body if mark in ",."]
        if not marks:
            return self._whole(cell, body), "", ""
        point = self._point(cell, body, marks)
        if not point:
            return self._whole(cell, body), "", ""
        self._agree(cell, point)
        whole, _, fraction = body.rpartition(point)
        if not fraction.isdecimal() or point in whole:
            raise self.converter.refusal(f"{cell[:60]!r} is no number with the decimal sign {point!r}", PLAIN)
        return self._whole(cell, whole), point, fraction

    def _point(self, cell: str, body: str, marks: list[str]) -> str:
        """The decimal sign in a number that has commas or points, or nothing when they set thousands apart."""
        if self.decimal:
            return self.decimal if self.decimal in marks else ""
        if len(set(marks)) > 1:
            return marks[-1]
        if len(marks) > 1:
            self._agree(cell, "." if marks[0] == "," else ",")
            return ""
        before, _, after = body.partition(marks[0])
        if len(after) == 3 and before.isdecimal() and len(before) <= 3 and before[0] != "0":
            reason = (
                f"{cell[:60]!r} is one number with a decimal {marks[0]!r} and another with thousands set apart by it"
            )
            raise self.converter.refusal(reason, 'say decimal="," or decimal="."')
        return marks[0]

    def _whole(self, cell: str, text: str) -> str:
        """The digits of a whole number, with or without thousands set apart."""
        if text.isdecimal():
            return text
        if GROUPS.fullmatch(text) or COMMAS.fullmatch(text) or POINTS.fullmatch(text):
            if self.decimal and self.decimal in text:
                raise self.converter.refusal(f"{cell[:60]!r} has more than one decimal sign", PLAIN)
            self.converter.note("thousands", f"thousands set apart by {re.sub('[0-9]', '', text)[0]!r} are read")
            return re.sub(r"\D", "", text)
        raise self.converter.refusal(f"{cell[:60]!r} is no number: thousands are not set apart in threes", PLAIN)

    def _agree(self, cell: str, point: str) -> None:
        before = self.converter.remember("decimal sign", point)
        if before.value != point:
            reason = (
                f"{cell[:60]!r} has the decimal sign {point!r}, the cell on line {before.line} has {before.value!r}"
            )
            raise self.converter.refusal(reason, "write all in one way")

    def refuse_inexact(self, column: pd.Series, found: list[Decimal | None]) -> None:
        """Refuse whole numbers so long that they are not exact beside fractions."""
        for line, number in zip(column.index, found, strict=True):
            if number is not None and abs(number) > EXACT:
                self.converter.line = int(line)
                raise self.converter.refusal(f"{number:f} has more digits than a number keeps", "keep it as text")
