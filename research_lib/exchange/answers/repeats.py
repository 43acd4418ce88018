"""Answers in a repeated group: tables of their own, whose rows say to which record they belong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from research_lib.errors import Problem
from research_lib.exchange.answers.columns import AnswersError, Columns

type Keys = dict[tuple[str, ...], str]

NOT_TAKEN = ""


@dataclass(frozen=True)
class Linked:
    """A table of a repeated group, the rows of it that are taken, and the case of each."""

    columns: Columns
    rows: np.ndarray
    cases: np.ndarray


def link(mains: list[Columns], cases: list[np.ndarray], repeats: list[Columns]) -> list[Linked]:
    """Find for each row of the repeated groups the case that it belongs to.

    `cases` has the case of each row of the main tables, NOT_TAKEN where it is not taken. Raises AnswersError for rows
    that belong to no record.
    """
    keys: Keys = {}
    for columns, own in zip(mains, cases, strict=True):
        _add_keys(keys, columns, own)
    main_sheets = {columns.table.workbook: columns.table.sheet for columns in mains}
    waiting, linked = list(repeats), list[Linked]()
    while waiting:
        ready = [each for each in waiting if all(parent in keys for _, parent in _parents(each, main_sheets))]
        if not ready:
            raise AnswersError([problem for each in waiting for problem in _lost(each, keys, main_sheets)])
        for columns in ready:
            own = np.array([keys[parent] for _, parent in _parents(columns, main_sheets)], dtype=object)
            _add_keys(keys, columns, own)
            taken = np.flatnonzero(own != NOT_TAKEN)
            linked.append(Linked(columns, taken, own[taken]))
        waiting = [columns for columns in waiting if columns not in ready]
    return linked


def _add_keys(keys: Keys, columns: Columns, cases: np.ndarray) -> None:
    """Add what rows are called; a record that was sent twice keeps its case, and one key never stands for two cases."""
    for line, key, case in zip(columns.table.frame.index, _keys(columns), cases, strict=False):
        known = keys.get(key, NOT_TAKEN)
        if case != NOT_TAKEN and (not key[-1] or known not in (NOT_TAKEN, case)):
            reason = "its key is empty or that of another record, so its repeated groups cannot be told; export again"
            raise AnswersError([Problem(columns.table.file, int(line), "", reason)])
        keys[key] = known if case == NOT_TAKEN else case


def _keys(columns: Columns) -> Iterator[tuple[str, ...]]:
    """What rows of other tables call the rows of this one."""
    table = columns.table
    if header := table.own("_index"):
        return ((table.workbook, table.sheet, key) for key in table.frame[header])
    if header := table.own("KEY"):
        return ((key,) for key in table.frame[header])
    return iter(())


def _parents(columns: Columns, main_sheets: Mapping[str, str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line of each row, and what it calls the row that it belongs to."""
    table = columns.table
    if header := table.own("PARENT_KEY"):
        return ((int(line), (key,)) for line, key in table.frame[header].items())
    main = main_sheets.get(table.workbook, "")
    names = table.own("_parent_table_name")
    sheets = table.frame[names] if names else [main] * len(table.frame)
    header = table.own("_parent_index")
    return (
        (int(line), (table.workbook, sheet or main, key))
        for sheet, (line, key) in zip(sheets, table.frame[header].items(), strict=True)
    )


def _lost(columns: Columns, keys: Keys, main_sheets: Mapping[str, str]) -> Iterator[Problem]:
    header = columns.table.own("PARENT_KEY") or columns.table.own("_parent_index")
    for line, parent in _parents(columns, main_sheets):
        if parent not in keys:
            reason = "no record has this key; give all files of one export together"
            yield Problem(columns.table.file, line, header, reason)
