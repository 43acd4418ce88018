"""Which records of an export are taken: each case once, and only those whose consent covers the study.

And whether the export says of them that they are synthetic: its columns SYNTHETIC, in any of its tables.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from research_lib.errors import Problem
from research_lib.interviews.answers.answer_columns import CASE_CODE, AnswersError, Reader
from research_lib.interviews.answers.column_sorting import Columns
from research_lib.interviews.answers.dropped_columns import bare, is_mark
from research_lib.interviews.answers.form_questions import Question
from research_lib.interviews.answers.repeated_groups import TakenRows

_LISTED = 10
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_TIMES = ("_submission_time", "SubmissionDate")
_NOT_OPENED = ("not decrypted", "missing encrypted form data")

YES = frozenset(
    {"1", "1.0", "true", "yes", "y", "oui", "vrai", "si", "vero", "ano", "pravda", "是", "是的", "真", "对", "對"}
)
NO = frozenset(
    {"", "0", "0.0", "false", "no", "n", "non", "faux", "falso", "nie", "nepravda", "否", "不", "不是", "假"}
)
_NOT_MARKED = "others beside it are marked as synthetic, and this one is not; bring real and synthetic records in apart"
_NEITHER = "it says neither yes nor no, so whether the record is synthetic is not known; write yes or no"


@dataclass
class Selection:
    """The rows taken of each table, in order, and what became of the others.

    `rows` marks them while they are chosen. `refused` has the codes of the cases without consent to this study.
    """

    rows: list[np.ndarray]
    taken: list[TakenRows] = field(default_factory=list)
    read: int = 0
    without_consent: int = 0
    not_covered: int = 0
    twice: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


def select(tables: list[Columns], questions: Mapping[str, Question], *, latest: bool) -> Selection:
    """Take each case once, and of those the ones with consent to this study.

    Raises AnswersError where two records of one case differ (unless the latest is to be taken), and where a record was
    never decrypted.
    """
    selection = Selection([np.ones(len(columns.table.frame), dtype=bool) for columns in tables])
    selection.read = sum(map(len, selection.rows))
    unopened = "this record is still encrypted; export again with the passphrase"
    if problems := [
        Problem(columns.table.file, int(line), header, unopened)
        for columns in tables
        if (header := columns.table.own("Status"))
        for line in columns.table.frame.index[columns.table.frame[header].isin(_NOT_OPENED)]
    ]:
        raise AnswersError(problems)
    _take_once(tables, questions, selection, latest=latest)
    if problems := [
        problem
        for place, columns in enumerate(tables)
        for problem in _take_consenting(columns, questions, selection, place)
    ]:
        raise AnswersError(problems)
    for columns, rows in zip(tables, selection.rows, strict=True):
        codes = columns.table.frame.loc[rows, columns.headers("case_code")[0]]
        selection.taken.append(TakenRows(columns, np.flatnonzero(rows), codes.to_numpy(dtype=object)))
    return selection


def _take_once(tables: list[Columns], questions: Mapping[str, Question], selection: Selection, *, latest: bool) -> None:
    """Of several records of one case, keep one where they are the same, or the latest."""
    records: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, columns in enumerate(tables):
        reader = Reader(columns, np.arange(len(columns.table.frame)))
        for row, code in enumerate(reader.texts(questions["case_code"])):
            if CASE_CODE.fullmatch(code):
                records[code].append((place, row))
    several = {code: found for code, found in records.items() if len(found) > 1}
    answers = _answers_of(tables, questions, several.values()) if several else {}
    problems: list[Problem] = []
    for code, found in several.items():
        keep = found[0]
        if len({answers[record] for record in found}) > 1:
            times = [_time_of(tables, record) for record in found] if latest else []
            # An hour of an unknown zone is not before or after one of a known zone.
            is_told = len({time.tzinfo is None for time in times}) == 1 and times.count(max(times)) == 1
            if not is_told:
                place, row = found[-1]
                sent = f"the case {code} was sent before ({_listed(tables, found[:-1])}) with other answers"
                fix = "which was sent last is not told; remove one" if latest else "remove one, or take the latest"
                problems.append(tables[place].table.problem(row, "case_code", f"{sent}; {fix}"))
                continue
            keep = found[times.index(max(times))]
        for place, row in found:
            selection.rows[place][row] = (place, row) == keep
        selection.twice.append(f"{code}: {_listed(tables, found)}; kept: {_named(tables, keep)}")
    if problems:
        raise AnswersError(problems)


def _answers_of(
    tables: list[Columns], questions: Mapping[str, Question], groups: Collection[list[tuple[int, int]]]
) -> dict[tuple[int, int], tuple[str, ...]]:
    """All answers of some records, to be compared."""
    answers = {}
    for place, columns in enumerate(tables):
        rows = np.array(sorted(row for found in groups for table, row in found if table == place), dtype=int)
        reader = Reader(columns, rows)
        cells = [reader.texts(question) for name, question in questions.items() if name in columns.questions]
        for row, texts in zip(rows, zip(*cells, strict=True), strict=bool(cells)):
            answers[place, int(row)] = texts
    return answers


def _named(tables: list[Columns], record: tuple[int, int]) -> str:
    return tables[record[0]].table.place(record[1])


def _listed(tables: list[Columns], records: list[tuple[int, int]]) -> str:
    """Where some records stand: the first of them, and how many more."""
    more = [f"and {len(records) - _LISTED:,} more"] if len(records) > _LISTED else []
    return ", ".join([*(_named(tables, record) for record in records[:_LISTED]), *more])


def _time_of(tables: list[Columns], record: tuple[int, int]) -> datetime:
    """When a record was sent: only to tell which is the later one, never kept."""
    place, row = record
    table = tables[place].table
    header = next(filter(None, map(table.own, _TIMES)), "")
    try:
        text = str(table.frame[header].iloc[row]) if header else ""
        time = datetime.fromisoformat(text) if _TIME.match(text) else None
    except ValueError:
        time = None
    if time is None:
        reason = "it is not known when this record was sent, so which is the latest; remove one of the two"
        raise AnswersError([table.problem(row, header or _TIMES[0], reason)])
    return time


def _take_consenting(
    columns: Columns, questions: Mapping[str, Question], selection: Selection, place: int
) -> list[Problem]:
    reader = Reader(columns, rows := np.flatnonzero(selection.rows[place]))
    agreed = reader.texts(questions["consent"]) == "yes"
    scopes = pd.Series(reader.texts(questions["consent_scope"]), dtype=object).str.split()
    covered = scopes.map(lambda scope: "this_study" in scope).to_numpy(dtype=bool)
    selection.without_consent += int((~agreed).sum())
    selection.not_covered += int((agreed & ~covered).sum())
    selection.rows[place][rows] = agreed & covered
    refused = np.flatnonzero(~(agreed & covered))
    codes = reader.texts(questions["case_code"])
    selection.refused.update(code for code in codes[refused] if CASE_CODE.fullmatch(code))
    reason = "there is no consent, and the code does not say whose record it is; correct the code"
    return reader.problems + [
        Problem(columns.table.file, int(reader.lines[row]), "case_code", reason)
        for row in refused
        if not CASE_CODE.fullmatch(codes[row])
    ]


def is_marked_synthetic(mains: Sequence[TakenRows], repeats: Sequence[TakenRows]) -> bool:
    """Say whether the export marks the records that are taken as synthetic, themselves or in their repeated groups.

    Copies of a record count too, although one of them only is taken. Raises AnswersError for a mark that is neither yes
    nor no, and where some are marked and others are not. A table of records without the column is as its repeated
    groups say.
    """
    taken = {case for each in mains for case in each.cases}
    tables = [*(_with_copies(each.columns, taken) for each in mains), *repeats]
    cells = [_marks(each.columns).iloc[each.rows].fillna("").map(lambda cell: bare(cell).strip()) for each in tables]
    problems = [
        Problem(each.columns.table.file, int(line), str(header), _NEITHER)
        for each, own in zip(tables, cells, strict=True)
        for header, texts in own.items()
        for line in texts.index[~texts.isin(YES | NO)]
    ]
    marks = [own.isin(YES).to_numpy(dtype=bool).any(axis=1) for own in cells]
    if not problems and not any(each.any() for each in marks):
        return False
    marked = {case for each, own in zip(repeats, marks[len(mains) :], strict=True) for case in each.cases[own]}
    for number, (each, own, mark) in enumerate(zip(tables, cells, marks, strict=True)):
        is_silent = not len(own.columns) and (number >= len(mains) or not marked.isdisjoint(each.cases))
        header = next(iter(own), "SYNTHETIC")
        problems += [each.columns.table.problem(row, header, _NOT_MARKED) for row in each.rows[~mark] if not is_silent]
    if problems:
        raise AnswersError(problems)
    return True


def _with_copies(columns: Columns, cases: Collection[str]) -> TakenRows:
    codes = columns.table.frame[columns.headers("case_code")[0]]
    rows = np.flatnonzero(codes.isin(cases))
    return TakenRows(columns, rows, codes.to_numpy(dtype=object)[rows])


def _marks(columns: Columns) -> pd.DataFrame:
    """The columns of a table that mark records; the column of a choice never does."""
    choices = {header for place, header in columns.answers.items() if place.choice}
    return columns.table.frame[[header for header in columns.table.frame if header not in choices and is_mark(header)]]
