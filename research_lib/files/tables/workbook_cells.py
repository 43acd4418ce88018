"""One cell of a workbook as text: what its type and its number format say that it means, noted where not plain."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from research_lib.files.tables.table_shape import NEVER, Findings, TableRefusedError

type System = Literal[1900, 1904]

FALSE_DAY, SERIAL_MOST = 60, 2_958_465
SINCE_1900: System = 1900
CHINESE_DATES, CHINESE_TIMES = (*range(27, 32), 36, *range(50, 55), 57, 58), (*range(32, 36), 55, 56)
ESCAPED, LITERAL = re.compile(r"_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_"), re.compile(r"[_\\].")
PADDED, LOOKS_A_NUMBER = re.compile(r"0{2,}"), re.compile(r"[+-]?\d+(?:[.,]\d+)*")
LONGEST_TEXT, LONGEST_NUMBER = 131_072, 100
COLUMNS, LETTERS = 16_384, re.compile("[A-Z]{1,3}")
DIGITS, DAY, LONGEST_CODE = 15, 86_400, 255
FRESH = "open the workbook in Excel or LibreOffice, let it calculate, and save it"


def format_kinds(formats: dict[int, str], used: Iterable[int]) -> list[str]:
    """How each cell style shows a number: "", date, time, datetime, duration, percent, or zeros it is padded to."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS  # loads slowly

    return [_format_kind(number, formats.get(number) or BUILTIN_FORMATS.get(number, "General")) for number in used]


def _format_kind(number: int, code: str) -> str:
    from openpyxl.styles.numbers import STRIP_RE, is_date_format, is_timedelta_format  # loads slowly

    code = code[:LONGEST_CODE]
    if number in CHINESE_DATES or number in CHINESE_TIMES:
        return "date" if number in CHINESE_DATES else "time"
    shown = LITERAL.sub("", STRIP_RE.sub("", code.split(";", maxsplit=1)[0])).lower()
    if is_timedelta_format(code):
        return "duration"
    if is_date_format(code) and set("dmyhs") & set(shown):
        has_time = bool(set("hs") & set(shown))
        has_date = bool(set("dy") & set(shown)) or not has_time
        return ("date" if has_date else "") + ("time" if has_time else "")
    return shown if PADDED.fullmatch(shown) else "percent" if "%" in shown else ""


def unescaped(text: str) -> str:
    """A text of a workbook with signs that XML cannot hold, written there as _x000D_, as themselves."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def text_of(element: Any) -> str:
    """The text of a shared or own string: its runs one after the other, without readings above characters."""
    if len(element) == 1 and not len(part := element[0]) and part.tag == f"{element.tag[:-2]}t":
        return unescaped(part.text or "")
    runs = [run for part in element for run in (part if str(part.tag).endswith("}r") else (part,))]
    return "".join(unescaped(run.text or "") for run in runs if isinstance(run.tag, str) and run.tag.endswith("}t"))


@lru_cache(maxsize=1 << 15)
def letters_of(number: int) -> str:
    """The letters of a column by its number, from 1."""
    from openpyxl.utils import get_column_letter  # loads slowly

    return str(get_column_letter(number))


@lru_cache(maxsize=1 << 15)
def column_of(letters: str) -> int:
    """The number of a column, from 1, by its letters; 0 for letters that do not name a column."""
    from openpyxl.utils import column_index_from_string  # loads slowly

    number = column_index_from_string(letters) if LETTERS.fullmatch(letters) else 0
    return number if number <= COLUMNS else 0


@dataclass
class CellReader:
    """Turns the cells of one sheet into texts, and gathers notes by column letter.

    `kinds` is what each style shows numbers as, `strings` the texts that cells share.
    """

    file: Path
    findings: Findings
    strings: list[str]
    kinds: list[str]
    system: System
    wants_calculation: bool = False
    _numbers: dict[str, int] = field(default_factory=dict)
    _texts: dict[str, list[int]] = field(default_factory=dict)
    _sound: set[int] = field(default_factory=set)

    def row(self, number: int, element: Any) -> list[str]:
        """The texts of the cells of one row element, up to the last one with content."""
        texts: list[str] = []
        end, space, place = str(number), element.tag[:-3], 0
        value_tag, cell_tag = f"{space}v", f"{space}c"
        for cell in element:
            if cell.tag != cell_tag:
                continue
            reference = cell.get("r") or f"{letters_of(place + 1)}{end}"
            letters = reference.removesuffix(end)
            at = column_of(letters)
            if at <= place:
                reason = f"a cell with the place {reference[:20]!r} is out of order"
                raise self._refusal(number, letters[:3], reason, "save the workbook again")
            place = at
            parts = len(cell)
            if not parts:
                continue
            if parts == 1 and (part := cell[0]).tag == value_tag:
                text = self._value(number, letters, cell, part.text or "")
            else:
                text = self._text(number, letters, cell, space)
            if text:
                if len(texts) + 1 < at:
                    texts.extend([""] * (at - len(texts) - 1))
                texts.append(text)
        return texts

    def _text(self, row: int, letters: str, cell: Any, space: str) -> str:
        """The text of a cell with a formula, a text of its own, or more."""
        parts = {part.tag: part for part in cell if isinstance(part.tag, str)}
        value, own = parts.get(f"{space}v"), parts.get(f"{space}is")
        if f"{space}f" in parts:
            calculated = value is not None and bool(value.text or cell.get("t") == "str")
            self._note_formula(row, letters, calculated=calculated)
        if own is not None and cell.get("t") == "inlineStr":
            return self._string(row, letters, text_of(own))
        return "" if value is None else self._value(row, letters, cell, value.text or "")

    def _value(self, row: int, letters: str, cell: Any, value: str) -> str:
        kind = cell.get("t", "n")
        if kind == "s":
            return self._shared(row, letters, value)
        if kind == "n":
            return self._number(row, letters, value.strip(), cell.get("s"))
        if kind == "str":
            return self._string(row, letters, unescaped(value))
        return self._other(row, letters, kind, value)

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

    def _note_formula(self, row: int, letters: str, *, calculated: bool) -> None:
        if not calculated:
            raise self._refusal(row, letters, "this formula has never been calculated", FRESH)
        stale = "; the workbook is marked for calculation, so they may be out of date" if self.wants_calculation else ""
        self._note("formula", f"formulas, read by their last values{stale}", row, letters)

    def _shared(self, row: int, letters: str, number: str) -> str:
        """A text that cells share; it is checked once, and not for each of them."""
        try:
            at = int(number) if number.isdecimal() else len(self.strings)
            text = self.strings[at]
        except (ValueError, IndexError) as error:
            reason = f"the shared text {number[:20]!r} is missing"
            raise self._refusal(row, letters, reason, "save the workbook again") from error
        if at in self._sound:
            return self._noted(row, letters, text)
        self._sound.add(at)
        return self._string(row, letters, text)

    def _string(self, row: int, letters: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            reason = f"a cell has {len(text):,} characters, and at most {LONGEST_TEXT:,} are read"
            raise self._refusal(row, letters, reason, "shorten the text")
        if never := NEVER.search(text):
            raise self._refusal(row, letters, f"U+{ord(never[0]):04X} cannot be in a text", "take it out of the cell")
        return self._noted(row, letters, text)

    def _noted(self, row: int, letters: str, text: str) -> str:
        if text[:1] in "+-0123456789" and text and LOOKS_A_NUMBER.fullmatch(text[:LONGEST_NUMBER]):
            self._texts.setdefault(letters, [0, row])[0] += 1
        return text

    def _other(self, row: int, letters: str, kind: str, value: str) -> str:
        if kind == "b" and value in ("0", "1"):
            self._note("boolean", "truth values, read as TRUE and FALSE", row, letters)
            return "TRUE" if value == "1" else "FALSE"
        if kind == "e":
            self._note("error value", f"the error {value}, kept as text", row, letters)
            return value
        if kind == "d":
            self._note("dates", "dates in ISO form", row, letters)
            return value
        raise self._refusal(row, letters, f"a cell of type {kind!r} with {value[:40]!r}", "save the workbook again")

    def _number(self, row: int, letters: str, value: str, style: str | None) -> str:
        kind = self._kind(row, letters, style) if style and style != "0" else self.kinds[0] if self.kinds else ""
        self._numbers[letters] = self._numbers.get(letters, 0) + 1
        if not kind and value.isdecimal() and len(value) <= DIGITS and value.isascii() and value[0] != "0":
            return value
        if not value:
            return ""
        number = self._as_number(row, letters, value)
        if not kind:
            return plain_number(number)
        if kind == "percent" or PADDED.fullmatch(kind):
            return self._padded(row, letters, number, kind)
        try:
            text = as_time(number, kind, self.system)
        except (ValueError, OverflowError) as error:
            reason = f"{value} is formatted as a {kind}, but {error}"
            raise self._refusal(row, letters, reason, "fix the date or format the cell as a number") from error
        self._note("dates", f"{kind}s of the {self.system} date system, read as ISO text", row, letters)
        return text

    def _kind(self, row: int, letters: str, style: str) -> str:
        if not (style.isdecimal() and style.isascii() and len(style) < DIGITS and int(style) < max(1, len(self.kinds))):
            raise self._refusal(row, letters, f"the cell style {style[:20]!r} is missing", "save the workbook again")
        return self.kinds[int(style)] if self.kinds else ""

    def _as_number(self, row: int, letters: str, value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not abs(number) < float("inf") or "_" in value:
            raise self._refusal(row, letters, f"{value[:40]!r} is not a number", "save the workbook again")
        if abs(number) >= 10**DIGITS:
            reason = f"the number {value[:40]} is longer than the {DIGITS} digits that a workbook keeps"
            raise self._refusal(row, letters, reason, "format the column as text and enter it anew")
        if "e" in value.lower() and number == int(number) and number:
            self._note("scientific", "numbers written with an exponent, read as plain digits", row, letters)
        return number

    def _padded(self, row: int, letters: str, number: float, kind: str) -> str:
        if kind == "percent":
            self._note("percent", "shown as percentages, read as shares (25 % is 0.25)", row, letters)
        elif number == int(number) and number >= 0:
            self._note("leading zeros", f"shown with zeros to {len(kind)} digits, and read so", row, letters)
            return str(int(number)).zfill(len(kind))
        return plain_number(number)


def plain_number(number: float) -> str:
    """A number in the fewest plain digits that give it back exactly."""
    return str(int(number)) if number == int(number) else f"{Decimal(repr(number)):f}"


def as_time(number: float, kind: str, system: System) -> str:
    """A number of days as ISO text: a date, a date and time, a time of day, or hours:minutes:seconds of a duration.

    A time of a day or more has that day before it. Raises ValueError where the date system has no such day, or a time
    or a duration is negative.
    """
    days, seconds = divmod(round(number * DAY), DAY)
    clock = str(time(seconds // 3600, seconds // 60 % 60, seconds % 60))
    if kind in ("duration", "time") and number < 0:
        raise ValueError("it is negative")
    if kind == "duration":
        whole = timedelta(days=number) // timedelta(seconds=1)
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    if kind == "time" and number < 1:
        return clock
    day = serial_date(days, system).isoformat()
    return day if kind == "date" and not seconds else f"{day}T{clock}"


def serial_date(serial: int, system: System) -> date:
    """The date that a workbook means by a number of days; its 1900 system has a 29 February 1900 that never was.

    Raises ValueError for that day, for days before the system begins, and beyond the year 9999.
    """
    if serial < 0 or serial > SERIAL_MOST or (system == SINCE_1900 and serial in (0, FALSE_DAY)):
        raise ValueError(f"day {serial} does not exist in the {system} date system")
    if system != SINCE_1900:
        return date(1904, 1, 1) + timedelta(days=serial)
    return date(1899, 12, 31 if serial < FALSE_DAY else 30) + timedelta(days=serial)
