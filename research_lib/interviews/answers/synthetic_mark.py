"""Whether an export says that its records are synthetic: its columns SYNTHETIC, in any of its tables."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from research_lib.errors import Problem
from research_lib.interviews.answers.answer_columns import AnswersError
from research_lib.interviews.answers.export_headers import bare, is_mark
from research_lib.interviews.answers.layouts.column_sorting import Columns
from research_lib.interviews.answers.repeated_groups import RepeatedRows

type Rows = tuple[Columns, np.ndarray]

YES = frozenset(
    {"1", "1.0", "true", "yes", "y", "oui", "vrai", "si", "vero", "ano", "pravda", "是", "是的", "真", "对", "對"}
)
NO = frozenset(
    {"", "0", "0.0", "false", "no", "n", "non", "faux", "falso", "nie", "nepravda", "否", "不", "不是", "假"}
)
_NOT_MARKED = "others beside it are marked as synthetic, and this one is not; bring real and synthetic records in apart"
_NEITHER = "it says neither yes nor no, so whether the record is synthetic is not known; write yes or no"


class _Marked(NamedTuple):
    """The rows that are taken of a table that has such a column, and which of them it marks."""

    columns: Columns
    rows: np.ndarray
    header: str
    marks: np.ndarray


def is_marked_synthetic(mains: Sequence[Rows], repeats: Sequence[RepeatedRows]) -> bool:
    """Say whether the export marks the records that are taken as synthetic, themselves or in their repeated groups.

    Copies of a record count too, although one of them only is taken. Raises AnswersError for a mark that is neither yes
    nor no, and where some are marked and others are not. A table of records without the column is as its repeated
    groups say.
    """
    mains = _with_copies(mains)
    tables = [*mains, *((each.columns, each.rows) for each in repeats)]
    if problems := [problem for columns, rows in tables for problem in _unclear(columns, rows)]:
        raise AnswersError(problems)
    found = [
        _Marked(columns, rows, headers[0], _marks(columns, rows))
        for columns, rows in tables
        if (headers := _headers(columns))
    ]
    if not any(each.marks.any() for each in found):
        return False
    problems = [
        each.columns.table.problem(row, each.header, _NOT_MARKED) for each in found for row in each.rows[~each.marks]
    ]
    problems += _silent(mains, {case for each in repeats for case in each.cases[_marks(each.columns, each.rows)]})
    if problems:
        raise AnswersError(problems)
    return True


def _with_copies(mains: Sequence[Rows]) -> list[Rows]:
    """The rows of all records of the cases that are taken."""
    codes = [columns.table.frame[columns.headers("case_code")[0]] for columns, _ in mains]
    taken = {code for own, (_, rows) in zip(codes, mains, strict=True) for code in own.iloc[rows]}
    return [(columns, np.flatnonzero(own.isin(taken))) for own, (columns, _) in zip(codes, mains, strict=True)]


def _headers(columns: Columns) -> list[str]:
    """The columns that mark records; the column of a choice never does."""
    choices = {header for place, header in columns.answers.items() if place.choice}
    return [header for header in columns.table.frame if header not in choices and is_mark(header)]


def _texts(columns: Columns, rows: np.ndarray, header: str) -> pd.Series:
    return columns.table.frame[header].iloc[rows].fillna("").map(bare).str.strip()


def _marks(columns: Columns, rows: np.ndarray) -> np.ndarray:
    marked = np.zeros(len(rows), dtype=bool)
    for header in _headers(columns):
        marked |= _texts(columns, rows, header).isin(YES).to_numpy(dtype=bool)
    return marked


def _unclear(columns: Columns, rows: np.ndarray) -> Iterator[Problem]:
    for header in _headers(columns):
        texts = _texts(columns, rows, header)
        for line in texts.index[~texts.isin(YES | NO)]:
            yield Problem(columns.table.file, int(line), header, _NEITHER)


def _silent(mains: Sequence[Rows], marked: set[str]) -> Iterator[Problem]:
    """The records of tables without the column, of which no repeated group marks any."""
    for columns, rows in mains:
        cases = columns.table.frame[columns.headers("case_code")[0]].iloc[rows]
        if not _headers(columns) and not cases.isin(marked).any():
            yield from (columns.table.problem(row, "SYNTHETIC", _NOT_MARKED) for row in rows)
