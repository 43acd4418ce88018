"""Answers in a repeated group: tables of their own, whose rows say to which record they belong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from research_lib.errors import Problem
from research_lib.interviews.answers.answer_columns import LEAVE_OUT, AnswersError
from research_lib.interviews.answers.column_sorting import Columns
from research_lib.interviews.answers.dropped_columns import is_mark
from research_lib.interviews.answers.export_tables import Table

type Name = tuple[str, ...]

NOT_TAKEN, LONGEST_SHEET, _NOBODY = "", 31, -1
_ID_OF = {"_submission__id": "_id", "_submission__uuid": "_uuid"}
_LOST = "no record has this key; give all files of one export together"
_SEVERAL = "several records have its key; give each export as one zip or workbook"
_OTHERWISE = "a row with the same key has other answers ({}); remove one of the two"
_COPY = "the same record ({}) has other rows in its repeated groups; remove one of the two"


@dataclass(frozen=True)
class TakenRows:
    """A table, the rows of it that are taken, and the case of each."""

    columns: Columns
    rows: np.ndarray
    cases: np.ndarray


class _Row(NamedTuple):
    """One row of a table."""

    columns: Columns
    place: int

    def __str__(self) -> str:
        return self.columns.table.place(self.place)

    def problem(self, reason: str, column: str) -> Problem:
        return self.columns.table.problem(self.place, column, reason)

    def cells(self) -> dict[Name, str]:
        """What it says: its answers by their places, and its marks."""
        headers: dict[Name, str] = dict(self.columns.answers.items())
        headers |= {(header,): header for header in (*self.columns.own, *self.columns.ignored) if is_mark(header)}
        row = self.columns.table.frame.iloc[self.place].fillna("")
        return {key: str(row[header]) for key, header in headers.items()}

    def answers(self) -> frozenset[tuple[Name, str]]:
        """What it says, without what is empty."""
        return frozenset((key, cell) for key, cell in self.cells().items() if cell)


class _Records:
    """The records by number, with the names under which rows of repeated groups belong to them."""

    def __init__(self, mains: Sequence[TakenRows], repeats: Sequence[Columns]):
        self.rows: list[_Row] = []
        self.cases: list[str] = []
        self.repeated: dict[int, dict[Name, _Row]] = defaultdict(dict)
        self.problems: list[Problem] = []
        self._parents = _Parents([each.columns for each in mains], repeats)
        self._named: dict[Name, set[int]] = defaultdict(set)
        self._meant: dict[frozenset[int], int | None] = {}
        self._merged: set[int] = set()
        for each in mains:
            rows, cases = range(len(each.columns.table.frame)), dict(zip(each.rows, each.cases, strict=True))
            self._add_names(each.columns, range(len(self.rows), len(self.rows) + len(rows)))
            self.rows += [_Row(each.columns, row) for row in rows]
            self.cases += [cases.get(row, NOT_TAKEN) for row in rows]

    def _add_names(self, columns: Columns, owners: Sequence[int]) -> None:
        for names, owner in zip(self._parents.names(columns), owners, strict=True):
            for name in names if owner != _NOBODY else ():
                self._named[name].add(owner)

    def found(self, columns: Columns) -> list[frozenset[int]]:
        """The records to which each row may belong: several where they have one key."""
        parents = self._parents.of(columns)
        return [frozenset(next((self._named[name] for name in names if name in self._named), ())) for names in parents]

    def add(self, columns: Columns) -> None:
        """Put each row of a repeated group to its record; a row that was given before, or has none, is left out."""
        owners = [self._one_of(found) if found else _NOBODY for found in self.found(columns)]
        header = _parent_header(columns.table)
        rows = [_Row(columns, place) for place in range(len(owners))]
        self.problems += [row.problem(_SEVERAL, header) for row, own in zip(rows, owners, strict=True) if own is None]
        if self.problems:
            raise AnswersError(self.problems)
        known = [owner for owner in owners if owner is not None]
        self._add_names(columns, known)
        for row, name, owner in zip(rows, self._own_names(columns), known, strict=True):
            earlier = self.repeated[owner].setdefault(name, row) if owner != _NOBODY else row
            if earlier is not row and self.cases[owner] != NOT_TAKEN and earlier.answers() != row.answers():
                self.problems.append(row.problem(_OTHERWISE.format(earlier), header))

    def _one_of(self, found: frozenset[int]) -> int | None:
        """The record that is taken of several that say the same; None where they differ."""
        if found not in self._meant:
            first, *others = sorted(found, key=lambda number: (self.cases[number] == NOT_TAKEN, number))
            answers = self.rows[first].answers() if others else frozenset()
            is_one = self.cases[first] == NOT_TAKEN or all(self.rows[each].answers() == answers for each in others)
            self._merged.update(others if is_one else ())
            self._meant[found] = first if is_one else None
        return self._meant[found]

    def _own_names(self, columns: Columns) -> Iterator[Name]:
        """A name for each row: its key, or which row of its record it is."""
        group, count = str(min(columns.answers, default="")), Counter[Name]()
        for names, parents in zip(self._parents.names(columns), self._parents.of(columns), strict=True):
            count[parents[-1]] += 1
            yield names[-1] if names else (group, *parents[-1], str(count[parents[-1]]))

    def copies(self) -> Iterator[Problem]:
        """Name the records that were left out as copies although their repeated groups say something else."""
        mains = (row.columns for row in self.rows if row.place == 0)
        codes = [code for columns in mains for code in columns.table.frame[columns.headers("case_code")[0]]]
        taken = {case: number for number, case in enumerate(self.cases) if case != NOT_TAKEN}
        for number, (row, code) in enumerate(zip(self.rows, codes, strict=True)):
            kept = taken.get(code, number)
            if number == kept or number in self._merged or self._rows_of(number) == self._rows_of(kept):
                continue
            own, other = row.cells(), self.rows[kept].cells()
            # The same answers to the questions of both; the order of choices does not count.
            if all(sorted(own[key].split()) == sorted(other[key].split()) for key in own.keys() & other.keys()):
                yield row.problem(_COPY.format(self.rows[kept]), "case_code")

    def _rows_of(self, number: int) -> Counter[frozenset[tuple[Name, str]]]:
        return Counter(row.answers() for row in self.repeated[number].values())


def assign_cases(mains: list[TakenRows], repeats: list[Columns], lost: list[Problem] | None = None) -> list[TakenRows]:
    """Find for each row of the repeated groups the case that it belongs to; a row that is given twice counts once.

    Rows that belong to no record are added to `lost`, where it is given and others of their table do. Raises
    AnswersError for rows that belong to no record or to several, and where the same row or record is given twice with
    other answers.
    """
    records, waiting = _Records(mains, repeats), list(repeats)
    while waiting:
        ready = [each for each in waiting if all(records.found(each))]
        if not ready and lost is not None:
            ready = [each for each in waiting if any(records.found(each))][:1]
            lost += [problem for each in ready for problem in _lost(each, records)]
        if not ready:
            is_helped = lost is None and any(any(records.found(each)) for each in waiting)
            problems = [problem for each in waiting for problem in _lost(each, records)]
            raise AnswersError(problems, hint=LEAVE_OUT if is_helped else "")
        for columns in ready:
            records.add(columns)
        waiting = [columns for columns in waiting if columns not in ready]
    if problems := [*records.problems, *(records.copies() if repeats else ())]:
        raise AnswersError(problems)
    whose = {columns.table.file: np.full(len(columns.table.frame), NOT_TAKEN, dtype=object) for columns in repeats}
    for owner, rows in records.repeated.items():
        for row in rows.values():
            whose[row.columns.table.file][row.place] = records.cases[owner]
    taken = [(columns, whose[columns.table.file]) for columns in repeats]
    return [TakenRows(columns, np.flatnonzero(own != NOT_TAKEN), own[own != NOT_TAKEN]) for columns, own in taken]


class _Parents:
    """What tables call their rows, and the rows that these belong to."""

    def __init__(self, mains: Sequence[Columns], repeats: Sequence[Columns]):
        tables = [columns.table for columns in (*mains, *repeats)]
        self._main_sheets = {columns.table.workbook: columns.table.sheet for columns in mains}
        self._sheets = {(table.workbook, table.sheet) for table in tables}
        self._parted = {table.part_of for table in tables if table.part_of}
        self._by_id = {_ID_OF[header] for table in tables if (header := _parent_header(table)) in _ID_OF}
        strange = {
            name
            for table in tables
            if (header := table.own("_parent_table_name"))
            for name in table.frame[header].dropna().unique()
            if name and not self._is_sheet(table, name)
        }
        # A file may have something before the name: `children` is in `2026_children.csv`.
        endings = {name: tuple(f"{sign}{name.replace('/', '_')}" for sign in "_-. ") for name in strange}
        of_name = {
            name: [table for table in tables if f"_{Path(table.file).stem}".endswith(ends)]
            for name, ends in endings.items()
        }
        self._files = {name: found[0] for name, found in of_name.items() if len(found) == 1}
        strange -= self._files.keys()
        self._only = mains[0].table if len(mains) == 1 and len(strange) == 1 else None

    def _is_sheet(self, table: Table, name: str) -> bool:
        return (table.workbook, name) in self._sheets or (table.workbook, name[:LONGEST_SHEET]) in self._sheets

    def names(self, columns: Columns) -> list[tuple[Name, ...]]:
        """What rows of other tables may call each row of a table, in the same workbook or zip and anywhere."""
        table, every = columns.table, list[list[tuple[Name, ...]]]()
        if table.file in self._parted or table.part_of:
            every.append(_called(table.frame.index, (table.file, "line")))
        for name in self._by_id if not table.is_repeat else ():
            if header := _own(columns, name):
                every.append(_called(table.frame[header].fillna(""), (name,)))
        if header := table.own("_index") or ("" if table.own("KEY") else _own(columns, "_index")):
            every.append(_called(table.frame[header].fillna(""), (table.workbook, table.sheet)))
        elif header := table.own("KEY"):
            every.append(_called(table.frame[header].fillna(""), (table.workbook,), ()))
        if not every:
            return [()] * len(table.frame)
        return [tuple(name for name in chain(*names) if name[-1]) for names in zip(*every, strict=True)]

    def of(self, columns: Columns) -> list[tuple[Name, ...]]:
        """What each row calls the row that it belongs to, the nearest first."""
        table = columns.table
        if table.part_of:
            return _called(table.frame.index, (table.part_of, "line"))
        header = _parent_header(table)
        keys = table.frame[header].fillna("")
        if table.own("PARENT_KEY"):
            return _called(keys, (table.workbook,), ())
        if header in _ID_OF:
            return _called(keys, (_ID_OF[header],))
        main, names = self._main_sheets.get(table.workbook, ""), table.own("_parent_table_name")
        sheets = table.frame[names].fillna("") if names else [main] * len(keys)
        return [self._indexed(table, sheet or main, key) for sheet, key in zip(sheets, keys, strict=True)]

    def _indexed(self, table: Table, sheet: str, key: str) -> tuple[Name, ...]:
        """The row of a sheet, whose name a workbook cuts off; or of a file of that name, or else of the records."""
        names: tuple[Name, ...] = ((table.workbook, sheet, key), (table.workbook, sheet[:LONGEST_SHEET], key))
        other = None if self._is_sheet(table, sheet) else self._files.get(sheet, self._only)
        if other:
            names = (*names, (other.workbook, other.sheet, key))
        return names


def _called(keys: Iterable[object], *before: Name) -> list[tuple[Name, ...]]:
    """The names of each row: its key, with what stands before it."""
    return [tuple((*each, str(key)) for each in before) for key in keys]


def _own(columns: Columns, name: str) -> str:
    """The column that a server calls `_index`; without the sign where somebody took it away, and no question has it."""
    bare = name.removeprefix("_")
    is_there = bare in columns.table.frame and bare not in columns.answers.values()
    return columns.table.own(name) or (bare if is_there else "")


def _parent_header(table: Table) -> str:
    return next(filter(None, map(table.own, ("PARENT_KEY", "_parent_index", *_ID_OF))), "")


def _lost(columns: Columns, records: _Records) -> Iterator[Problem]:
    for place, found in enumerate(records.found(columns)):
        if not found:
            yield _Row(columns, place).problem(_LOST, _parent_header(columns.table))
