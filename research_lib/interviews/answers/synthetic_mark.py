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
    """The rows that are taken of a table, what its columns that mark records say in them, and which rows they mark."""

    columns: Columns
    rows: np.ndarray
    cells: pd.DataFrame
    marks: np.ndarray


def is_marked_synthetic(mains: Sequence[Rows], repeats: Sequence[RepeatedRows]) -> bool:
    """Say whether the export marks the records that are taken as synthetic, themselves or in their repeated groups.

    Copies of a record count too, although one of them only is taken. Raises AnswersError for a mark that is neither yes
    nor no, and where some are marked and others are not. A table of records without the column is as its repeated
    groups say.
    """
    codes = [columns.table.frame[columns.headers("case_code")[0]] for columns, _ in mains]
    taken = {code for own, (_, rows) in zip(codes, mains, strict=True) for code in own.iloc[rows]}
    records = [_read(columns, np.flatnonzero(own.isin(taken))) for own, (columns, _) in zip(codes, mains, strict=True)]
    repeated = [_read(each.columns, each.rows) for each in repeats]
    tables = [*records, *repeated]
    if problems := [problem for each in tables for problem in _unclear(each)]:
        raise AnswersError(problems)
    if not any(each.marks.any() for each in tables):
        return False
    marked = {case for each, own in zip(repeats, repeated, strict=True) for case in each.cases[own.marks]}
    wrong = [(each, each.rows[~each.marks]) for each in tables if len(each.cells.columns)]
    wrong += [
        (each, each.rows)
        for own, each in zip(codes, records, strict=True)
        if not len(each.cells.columns) and not own.iloc[each.rows].isin(marked).any()
    ]
    for each, rows in wrong:
        header = next(iter(each.cells), "SYNTHETIC")
        problems += [each.columns.table.problem(row, header, _NOT_MARKED) for row in rows]
    if problems:
        raise AnswersError(problems)
    return True


def _read(columns: Columns, rows: np.ndarray) -> _Marked:
    """The columns of a table that mark records; the column of a choice never does."""
    choices = {header for place, header in columns.answers.items() if place.choice}
    headers = [header for header in columns.table.frame if header not in choices and is_mark(header)]
    cells = columns.table.frame[headers].iloc[rows].fillna("").map(lambda cell: bare(cell).strip())
    return _Marked(columns, rows, cells, cells.isin(YES).to_numpy(dtype=bool).any(axis=1))


def _unclear(marked: _Marked) -> Iterator[Problem]:
    for header, texts in marked.cells.items():
        for line in texts.index[~texts.isin(YES | NO)]:
            yield Problem(marked.columns.table.file, int(line), str(header), _NEITHER)
