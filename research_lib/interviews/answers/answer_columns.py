"""Answers as an export holds them: what each column is and each cell says; the unknown stops with its line."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Protocol

import numpy as np
import pandas as pd

from research_lib.errors import Problem, ResearchError, quoted
from research_lib.interviews.answers.dropped_columns import drop_identifying_columns
from research_lib.interviews.answers.export_headers import is_nearly_a_mark, is_own
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Place, Question, places
from research_lib.interviews.answers.privacy_scan import kinds_in
from research_lib.interviews.cases import ALONE
from research_lib.interviews.forms.form_rows import MISSING_CHOICES

SHOWN, LONGEST = 20, 40
NEARNESS, NEAR_AT_ALL = 0.6, 0.0
WITHHELD = "\0withheld"
_CODE = re.compile(r"[a-z0-9_-]{1,40}")
EXPORT_AGAIN = "export again with XML values and headers"
CASE_CODE = re.compile(r"[a-z]{2}[0-9]{4,6}")
_SPLIT = {"1": 1, "1.0": 1, "true": 1, "0": 0, "0.0": 0, "false": 0, "": -1}


class Change(Protocol):
    """What a cell is written as, and what is wrong with it; `is_shown` says whether anybody will read that."""

    def __call__(self, text: str, /, *, is_shown: bool) -> tuple[str, str]:
        """Give both."""


class AnswersError(ResearchError):
    """Answers are not brought in as they stand; `problems` says what is wrong and where."""

    def __init__(self, problems: Collection[Problem]):
        self.problems = tuple(sorted(problems))
        more = [f"and {len(self.problems) - SHOWN} more"] if len(self.problems) > SHOWN else []
        shown = map(str, self.problems[:SHOWN])
        super().__init__("\n".join(["nothing was brought in, because of what stands here:", *shown, *more]))


@dataclass(frozen=True)
class Columns:
    """What the columns of one table are: where answers stand, what is dropped, left out, or the export's own."""

    table: Table
    answers: dict[Place, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def headers_of_answers(self) -> frozenset[str]:
        """The headers of all columns that hold answers; use it when all are sorted."""
        return frozenset(self.answers.values())

    def headers(self, question: str) -> list[str]:
        """The headers of all columns about a question."""
        return [header for place, header in self.answers.items() if place.question == question]


@dataclass(frozen=True)
class Known:
    """The questions of a form, and the headers and labels under which an export may have them."""

    questions: Mapping[str, Question]
    ignore: frozenset[str] = frozenset()

    @cached_property
    def places(self) -> dict[str, Place | None]:
        """What a column holds, by its header."""
        return places(self.questions.values())

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every label of the questions, in all languages."""
        return frozenset(label for question in self.questions.values() for label in question.labels)

    def question(self, header: str) -> Question | None:
        """Give the question that a column is about; None where the form does not have it, or it could be two."""
        place = self.places.get(header)
        return self.questions[place.question] if place else None


def sort_columns(table: Table, form: Known) -> Columns:
    """Say what each column of a table is; one that is not known is a problem, unless it is to be ignored."""
    columns = Columns(table, dropped=drop_identifying_columns(table.frame, form.question))
    unknown = list[str]()
    for header in table.frame:
        place, question = form.places.get(header), form.question(header)
        if header in columns.dropped:
            continue
        if question and question.kind in ("one", "many"):
            _put(columns, place, header)
        elif header not in form.places and is_nearly_a_mark(header):
            unknown.append(header)
        elif header in form.ignore:
            columns.ignored.append(header)
        elif place:
            _put(columns, place, header)
        elif is_own(header):
            columns.own.append(header)
        else:
            unknown.append(header)
    for number, header in enumerate(sorted(unknown)):
        reason = _unknown_column(header, form, is_shown=number < SHOWN)
        columns.problems.append(Problem(table.file, _header_line(table), header, reason))
    return columns


def _put(columns: Columns, place: Place | None, header: str) -> None:
    if place is None or place in columns.answers:
        reason = "it holds the same as another column; remove one of the two"
        columns.problems.append(Problem(columns.table.file, _header_line(columns.table), header, reason))
    else:
        columns.answers[place] = header


def _header_line(table: Table) -> int:
    return max(int(table.frame.index[0]) - 1, 1) if len(table.frame) else 1


def _unknown_column(header: str, form: Known, *, is_shown: bool) -> str:
    if header in form.labels or any(part in form.labels for part in header.split("/")):
        return f"it is a label, not a name; {EXPORT_AGAIN}"
    if is_nearly_a_mark(header):
        return "it is not a mark of synthetic records; if it says which are, call it SYNTHETIC, or rename the column"
    near = _nearest(header, form.places, NEARNESS) if is_shown else ""
    hint = f" (is it {near}?)" if near else ""
    return f"the form has no such question{hint}; add the question to the form, or name the column in ignore"


def _nearest(text: str, known: Iterable[str], cutoff: float) -> str:
    """The most similar of some words, or nothing; of a long text the beginning is compared."""
    return next(iter(get_close_matches(text[: 2 * LONGEST], list(known), 1, cutoff)), "")


class Reader:
    """Reads the cells of one table, and gathers what is wrong with them.

    `rows` has the places of the records that are taken, `withheld` the cells (line, column) that are kept back.
    """

    def __init__(self, columns: Columns, rows: np.ndarray, withheld: Collection[tuple[int, str]] = ()):
        self.columns = columns
        self.frame = columns.table.frame.iloc[rows]
        self.lines = self.frame.index.to_numpy()
        self.problems: list[Problem] = []
        self._back: dict[str, list[int]] = defaultdict(list)
        for line, column in withheld:
            self._back[column].append(line)

    def cells(self, header: str) -> np.ndarray:
        """The texts of a column, with those that are kept back as `withheld`."""
        texts, back = self.frame[header].to_numpy(dtype=object, na_value=""), self._back.get(header)
        return np.where(np.isin(self.lines, back), WITHHELD, texts) if back else texts

    def answer(self, question: Question) -> np.ndarray | None:
        """The answers to a question: codes, several with spaces between them, or a text; "" for none.

        None where the table has no column about it.
        """
        place = self.columns.answers.get(Place(question.name))
        if question.kind == "many":
            return self._many(question, place)
        if place is None:
            return None
        cells = self.cells(place)
        return self._checked(question, place, cells) if question.kind == "one" else cells

    def texts(self, question: Question) -> np.ndarray:
        """The answers to a question; "" in each record where the table has no column about it."""
        cells = self.answer(question)
        return np.full(len(self.lines), "", dtype=object) if cells is None else cells

    def _checked(self, question: Question, header: str, cells: np.ndarray) -> np.ndarray:
        known = frozenset((*question.choices, "", WITHHELD))

        def unchanged(text: str, *, is_shown: bool) -> tuple[str, str]:
            return text, "" if text in known else _unknown_choice(text, question, is_shown=is_shown)

        return self._mapped(header, cells, unchanged)

    def _complain(self, header: str, wrong: np.ndarray, reason: str) -> None:
        file = self.columns.table.file
        self.problems += [Problem(file, int(line), header, reason) for line in self.lines[wrong]]

    def _many(self, question: Question, header: str | None) -> np.ndarray | None:
        split = self._split(question)
        if header is None:
            return split
        joined = self._mapped(header, self.cells(header), partial(_choices_in_order, question))
        if split is not None:
            differs = (joined != split) & (joined != WITHHELD) & (split != WITHHELD)
            self._complain(
                header, differs, "it does not say the same as the columns of its choices; fix one or the other"
            )
            joined = np.where(split == WITHHELD, WITHHELD, joined)
        return joined

    def _mapped(self, header: str, cells: np.ndarray, change: Change) -> np.ndarray:
        """Each cell as `change` writes it; where it says that something is wrong, that is a problem of the cell."""
        written, reasons = dict[str, str](), dict[str, str]()
        for value in dict.fromkeys(cells):
            written[value], reason = change(value, is_shown=len(reasons) < SHOWN)
            if reason:
                reasons[value] = reason
        if reasons:
            file, found = self.columns.table.file, zip(self.lines, map(reasons.get, cells), strict=True)
            self.problems += [Problem(file, int(line), header, reason) for line, reason in found if reason]
        return np.array([written[value] for value in cells], dtype=object)

    def _split(self, question: Question) -> np.ndarray | None:
        headers = {choice: self.columns.answers.get(Place(question.name, choice)) for choice in question.choices}
        there = {choice: header for choice, header in headers.items() if header is not None}
        if not there:
            return None
        first = next(iter(there.values()))
        if len(there) < len(headers):
            absent = ", ".join(choice for choice in headers if choice not in there)
            reason = f"columns are missing for the choices {absent}; export again with all of them"
            self._complain(first, np.arange(len(self.lines)) == 0, reason)
        marks = np.stack([self._marks(header) for header in there.values()])
        some = (marks == -1).any(axis=0) & ~(marks == -1).all(axis=0)
        self._complain(first, some, "some choices of this question are 0 or 1 and others are empty")
        texts = np.full(len(self.lines), "", dtype=object)
        for choice, taken in zip(there, marks, strict=True):
            texts = np.where(taken == 1, texts + f" {choice}", texts)
        texts = pd.Series(texts, dtype=object).str.strip().to_numpy()
        texts = self._mapped(first, texts, partial(_choices_in_order, question))
        back = np.array([self.cells(header) == WITHHELD for header in there.values()]).any(axis=0)
        return np.where(back, WITHHELD, texts)

    def _marks(self, header: str) -> np.ndarray:
        cells = self.cells(header)
        marks = pd.Series(cells, dtype=object).str.casefold().map(_SPLIT)
        wrong = marks.isna().to_numpy() & (cells != WITHHELD)
        self._complain(header, wrong, "it is neither 0 nor 1 nor empty, as the column of a choice must be")
        return marks.fillna(-1).to_numpy(dtype=int)


def _choices_in_order(question: Question, text: str, *, is_shown: bool) -> tuple[str, str]:
    """Several choices in the order of the form, and what is wrong with them."""
    chosen = text.split()
    if text == WITHHELD or not chosen:
        return (WITHHELD if chosen else ""), ""
    if unknown := [choice for choice in chosen if choice not in question.choices]:
        is_label = text in question.choice_labels
        return text, _unknown_choice(text if is_label else unknown[0], question, is_shown=is_shown)
    if len(set(chosen)) < len(chosen):
        return text, "a choice is given twice; fix the cell"
    lone = [choice for choice in chosen if choice in ALONE or choice in MISSING_CHOICES]
    if lone and len(chosen) > 1:
        return text, f"{lone[0]!r} stands beside other choices; keep one or the others"
    return " ".join(choice for choice in question.choices if choice in chosen), ""


def _unknown_choice(value: str, question: Question, *, is_shown: bool) -> str:
    """What is wrong with a cell; its text may be a name, so it is repeated only where it is a code."""
    if value in question.choice_labels:
        return f"{quoted(value, LONGEST)} is a label, not a value; {EXPORT_AGAIN}"
    if not _CODE.fullmatch(value) or kinds_in(value):
        more = f" and {len(question.choices) - SHOWN} more" if len(question.choices) > SHOWN else ""
        choices = f"{', '.join(question.choices[:SHOWN])}{more}"
        return f"it is not a choice of {question.name} ({choices}); fix the cell, or add the choice to the form"
    near = _nearest(value, question.choices, NEAR_AT_ALL) if is_shown else ""
    hint = f"; the nearest is {near!r}" if near else ""
    return f"{value!r} is not a choice of {question.name}{hint}; fix the cell, or add the choice to the form"


def unread_cells(
    columns: Columns, questions: Mapping[str, Question], rows: np.ndarray
) -> Iterator[tuple[int, str, str]]:
    """Give each cell that is not a code of the form, for a scan: line, column, text."""
    lines = columns.table.frame.index[rows]
    for place, header in columns.answers.items():
        question, cells = (
            questions[place.question],
            columns.table.frame[header].to_numpy(dtype=object, na_value="")[rows],
        )
        known = {"", *question.choices} if not place.choice else _SPLIT
        for at in [at for at, text in enumerate(cells) if text not in known]:
            if not _is_made_of_codes(cells[at], question):
                yield int(lines[at]), header, cells[at]


def _is_made_of_codes(text: str, question: Question) -> bool:
    if question.name == "case_code":
        return bool(CASE_CODE.fullmatch(text))
    return question.kind == "many" and set(text.split()) <= set(question.choices)
