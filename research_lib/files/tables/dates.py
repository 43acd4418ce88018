"""Dates as people and programs write them: read to the day, month or year that they say, or refused; never guessed."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd

from research_lib.files.tables.cell_texts import Converter, plain
from research_lib.files.tables.reading_report import Note

type System = Literal[1900, 1904]
type Days = tuple[date, date]

FALSE_DAY, SERIAL_MOST = 60, 2_958_465
SINCE_1900: System = 1900
TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})(?:\2(\d{{1,2}})({TIME}))?")
CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号號])?)?")
MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}})({TIME})")
COMPACT, YEAR, SERIAL = re.compile(r"(\d{4})(\d{2})(\d{2})"), re.compile(r"[12]\d{3}"), re.compile(r"\d+(\.\d+)?")
WRITE_ISO = "write it as 2019-03-05, 2019-03 or 2019"


@dataclass(frozen=True)
class Dates:
    """Dates as intervals: `first` and `last` day of what each cell says, NaT where it says nothing, with notes.

    A date known to the month runs from the first day of it to its last; one known to the day has both the same.
    """

    first: pd.Series
    last: pd.Series
    notes: tuple[Note, ...]


def as_dates(
    column: pd.Series,
    *,
    day_first: bool | None = None,
    system: System | None = None,
    missing: frozenset[str] = frozenset(),
) -> Dates:
    """Read a column of texts as dates.

    Reads 2019-03-05 (also with / or . and with a time of day, which is left out and noted), 2019-03, 2019,
    2019年3月5日, 2019年3月, 2019年, 3/2019, 20190305, 5/3/2019, and, when `system` is given, numbers of days as Excel
    counts them from 1900 or 1904. `day_first` says which is the day in 03/04/2019. Empty cells and those in `missing`
    are NaT.

    Raises TableRefusedError at the first cell that is no date, no possible date, or could be two.
    """
    reader = _DateReader(Converter(column, missing), day_first, system)
    days = reader.converter.convert(reader.read)
    first, last = (
        pd.Series([pair and pair[end] for pair in days], index=column.index, name=column.name).astype("datetime64[s]")
        for end in (0, 1)
    )
    return Dates(first, last, reader.converter.notes())


def serial_date(serial: int, system: System) -> date:
    """The date that a workbook means by a number of days; its 1900 system has a 29 February 1900 that never was.

    Raises ValueError for that day, for days before the system begins, and beyond the year 9999.
    """
    if serial < 0 or serial > SERIAL_MOST or (system == SINCE_1900 and serial in (0, FALSE_DAY)):
        raise ValueError(f"there is no day {serial} in the {system} date system")
    if system != SINCE_1900:
        return date(1904, 1, 1) + timedelta(days=serial)
    return date(1899, 12, 31 if serial < FALSE_DAY else 30) + timedelta(days=serial)


@dataclass
class _DateReader:
    """Reads one cell after the other, and remembers which had its day first and which its month."""

    converter: Converter
    day_first: bool | None
    system: System | None

    def read(self, cell: str) -> Days:
        text = plain(cell, self.converter)
        for pattern, read in self._forms():
            if match := pattern.fullmatch(text):
                try:
                    return read(match)
                except (ValueError, OverflowError) as error:
                    raise self.converter.refusal(f"{cell[:60]!r} is no possible date ({error})", WRITE_ISO) from error
        if SERIAL.fullmatch(text):
            raise self.converter.refusal(f"{cell[:60]!r} may be a day as Excel counts them", "say system=1900 or 1904")
        raise self.converter.refusal(f"{cell[:60]!r} is no date", f"{WRITE_ISO}, or declare it missing")

    def _forms(self) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], Days]]]:
        return [
            (YEAR_FIRST, self._year_first),
            (CHINESE, lambda match: _days(*match.groups())),
            (MONTH_YEAR, lambda match: _days(match[2], match[1])),
            (YEAR_LAST, self._year_last),
            (COMPACT, self._compact),
            *([(SERIAL, self._serial)] if self.system else [(YEAR, lambda match: _days(match[0]))]),
        ]

    def _year_first(self, match: re.Match[str]) -> Days:
        self._note_time(match[5])
        return _days(match[1], match[3], match[4])

    def _compact(self, match: re.Match[str]) -> Days:
        self.converter.note("dates", "eight digits are read as year, month, day")
        return _days(*match.groups())

    def _serial(self, match: re.Match[str]) -> Days:
        if YEAR.fullmatch(match[0]):
            raise self.converter.refusal(f"{match[0][:60]!r} may be a year or a day as Excel counts them", WRITE_ISO)
        self._note_time(match[1])
        self.converter.note("dates", f"numbers are read as days of the {self.system} date system")
        day = serial_date(int(match[0].partition(".")[0]), self.system or 1900)
        return day, day

    def _year_last(self, match: re.Match[str]) -> Days:
        one, other = int(match[1]), int(match[3])
        day_first = self.day_first
        if day_first is None and one != other and max(one, other) <= 12:
            reason = f"{match[0][:60]!r} is one date with the day first and another with the month first"
            raise self.converter.refusal(reason, "say day_first=True or False")
        if day_first is None and one != other:
            self._agree(is_first=one > other)
            day_first = one > other
        self._note_time(match[5])
        day, month = (one, other) if day_first else (other, one)
        return _days(match[4], str(month), str(day))

    def _agree(self, *, is_first: bool) -> None:
        """Refuse a column in which some dates can only have their day first and others only their month."""
        before = self.converter.remember("day first", is_first)
        if before.value != is_first:
            reason = f"this date has its {'day' if is_first else 'month'} first, that on line {before.line} has not"
            raise self.converter.refusal(reason, "write all in one way")
        self.converter.note("dates", "which number is the day follows from one above 12")

    def _note_time(self, time: str | None) -> None:
        if time:
            self.converter.note("dates", "the time of day is left out")


def _days(year: str, month: str | None = None, day: str | None = None) -> Days:
    """The first and last day of a year, month or day; raises ValueError where there is none."""
    number = int(year)
    if not 1800 <= number <= 2200:
        raise ValueError(f"the year {year} is out of question")
    if month is None:
        return date(number, 1, 1), date(number, 12, 31)
    if day is None:
        return date(number, int(month), 1), date(number, int(month), monthrange(number, int(month))[1])
    return date(number, int(month), int(day)), date(number, int(month), int(day))
