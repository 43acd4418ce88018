"""One export as a whole: its tables sorted and checked, its free text scanned, its answers put together."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, cached_property

import numpy as np

from research_lib.errors import Problem, ResearchError, seen
from research_lib.interviews.answers.answer_columns import (
    CASE_CODE,
    WITHHELD,
    AnswersError,
    Columns,
    Known,
    Reader,
    sort_columns,
    unread_cells,
)
from research_lib.interviews.answers.answers_to_cases import Answers
from research_lib.interviews.answers.decision_digests import Bound, Decision
from research_lib.interviews.answers.decisions import decided_now
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Question
from research_lib.interviews.answers.privacy_scan import Decisions, Find, PrivacyError, kinds_in
from research_lib.interviews.answers.repeated_groups import RepeatedRows

type Rows = tuple[Columns, np.ndarray]
type Cell = tuple[str, int, str]
type Withheld = Mapping[str, set[tuple[int, str]]]

CODES = {
    "case_code": (CASE_CODE, "it is not two small letters and four to six digits"),
    "source_id": (re.compile(r"[a-z0-9_-]+"), "it is not made of a-z, 0-9, _ and -"),
}
_PLACE = 2
_CHANGED = "another text than was decided about"


class Export:
    """The tables of an export: the records, and those of repeated groups.

    Raises AnswersError where a column is not known, a question has no column, or a table mixes what does not belong
    together. `without` names questions and repeated groups that the export need not have.
    """

    def __init__(
        self, tables: list[Table], questions: Mapping[str, Question], ignore: Collection[str], without: Collection[str]
    ):
        self.questions = questions
        form = Known(questions, frozenset(ignore))
        self.sheets = [sort_columns(table, form) for table in tables]
        self.mains = [columns for columns in self.sheets if not columns.table.is_repeat]
        self.repeats = [columns for columns in self.sheets if columns.table.is_repeat]
        self.repeat_names = tuple(dict.fromkeys(each.repeat for each in questions.values() if each.repeat))
        problems = [problem for columns in self.sheets for problem in columns.problems]
        problems = problems or [*self._absent(set(without)), *self._misplaced(), *self._no_repeats(set(without))]
        if problems:
            raise AnswersError(problems)

    def _absent(self, without: set[str]) -> Iterator[Problem]:
        required = [each for each in self.questions.values() if each.kind != "note" and each.name not in without]
        for columns in self.mains:
            for question in required:
                if not question.repeat and not columns.headers(question.name) and not self._is_dropped(question):
                    reason = "no column has this question; export all questions, or name it in without"
                    yield Problem(columns.table.file, 1, question.name, reason)
        if not self.mains:
            yield Problem(self.sheets[0].table.file, 0, "", "it has repeated groups only; give the records too")

    @cached_property
    def _dropped(self) -> frozenset[str]:
        """The names of the questions whose answers never come in, and of other columns that are dropped."""
        headers = (header for columns in self.sheets for header in columns.dropped)
        return frozenset(re.split(r"[/-]", header)[-1] for header in headers)

    def _is_dropped(self, question: Question) -> bool:
        return question.name in self._dropped

    def _misplaced(self) -> Iterator[Problem]:
        for columns in self.sheets:
            found = {self.questions[place.question].repeat for place in columns.answers}
            if len(found) > 1 or (found and columns.table.is_repeat == (found == {""})):
                reason = "it mixes records and repeated groups; export each as a table of its own"
                yield Problem(columns.table.file, 1, "", reason)

    def _no_repeats(self, without: set[str]) -> Iterator[Problem]:
        there = {self.questions[place.question].repeat for columns in self.repeats for place in columns.answers}
        for name in self.repeat_names:
            if name not in there and name not in without:
                reason = "no table has this repeated group; export as XLSX or give its file, or name it in without"
                yield Problem(self.mains[0].table.file, 0, name, reason)

    def scan(self, rows: Iterable[Rows], decisions: Decisions) -> Withheld:
        """Say which cells are kept back; raises PrivacyError for those that nobody has decided about.

        A decision about another text than the cell holds now has no effect.
        """
        self._check(decisions)
        decided, finds, kinds = self._decided(decisions), list[Find](), cache(kinds_in)
        for columns, own in rows:
            file, lines = columns.table.file, frozenset(columns.table.frame.index[own])
            finds += [
                Find(file, line, header, _CHANGED, columns.table.frame.at[line, header])
                for (where, line, header), decision in decided.items()
                if where == file and line in lines and decision is None
            ]
            for line, header, text in unread_cells(columns, self.questions, own):
                if found := kinds(text):
                    finds += [
                        Find(file, line, header, kind, text) for kind in found if not decided.get((file, line, header))
                    ]
        if finds:
            raise PrivacyError(finds)
        withheld: dict[str, set[tuple[int, str]]] = {columns.table.file: set() for columns in self.sheets}
        for (file, line, header), decision in decided.items():
            if decision == "withhold":
                withheld[file].add((line, header))
        return withheld

    def _decided(self, decisions: Decisions) -> dict[Cell, Decision | None]:
        """What is decided about each cell, None where the cell holds another text now."""
        frames = {columns.table.file: columns.table.frame for columns in self.sheets}
        first = self.sheets[0].table.file
        by_cell = {(str(key[0]) if len(key) > _PLACE else first, *key[-2:]): each for key, each in decisions.items()}
        texts = {(file, line, header): frames[file].at[line, header] for file, line, header in by_cell}
        return decided_now(by_cell, texts)

    def _check(self, decisions: Decisions) -> None:
        """Refuse decisions about cells that are not there, without their own words, which may be a name."""
        headers = {columns.table.file: columns for columns in self.sheets}
        for key, decision in decisions.items():
            columns = headers.get(str(key[0])) if len(key) > _PLACE else self.sheets[0]
            file = columns.table.file if columns else "another file"
            is_known = columns is not None and key[-1] in columns.headers_of_answers
            place = seen(f"{file}:{key[-2]} {key[-1] if is_known else 'another column'}")
            if len(key) == _PLACE and len(self.sheets) > 1:
                reason = "there are several tables; decide about (file, line, column)"
                raise ResearchError(f"decision about {place}: {reason}")
            if (
                columns is None
                or not is_known
                or key[-2] not in columns.table.frame.index
                or (decision.decision if isinstance(decision, Bound) else decision) not in ("withhold", "keep")
            ):
                reason = 'there is no such cell in this export, or it is not "withhold" or "keep"'
                raise ResearchError(f"decision about {place}: {reason}; take this decision out, or fix it")

    def answers(self, rows: Iterable[Rows], repeat: str, withheld: Withheld) -> Answers:
        """Put together the answers of several tables of one kind; raises AnswersError for what is wrong in them."""
        readers = [Reader(columns, own, withheld[columns.table.file]) for columns, own in rows]
        names = [each.name for each in self.questions.values() if each.repeat == repeat and not self._is_dropped(each)]
        texts = {name: _joined([reader.texts(self.questions[name]) for reader in readers]) for name in names}
        problems = [problem for reader in readers for problem in reader.problems]
        files = _joined([np.full(len(reader.lines), reader.columns.table.file, dtype=object) for reader in readers])
        lines = np.concatenate([np.zeros(0, dtype=int), *(reader.lines for reader in readers)])
        for name in CODES if not repeat else ():
            problems += _no_codes(name, texts[name], files, lines)
        if problems:
            raise AnswersError(problems)
        return Answers(self.questions, texts, files, lines)

    def repeat(self, name: str, repeated: Iterable[RepeatedRows], withheld: Withheld) -> tuple[Answers, np.ndarray]:
        """Give the answers of a repeated group, and the case of each row."""
        own = [
            each for each in repeated if any(self.questions[p.question].repeat == name for p in each.columns.answers)
        ]
        answers = self.answers([(each.columns, each.rows) for each in own], name, withheld)
        return answers, _joined([each.cases for each in own])


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype=object), *parts])


def _no_codes(name: str, texts: np.ndarray, files: np.ndarray, lines: np.ndarray) -> Iterator[Problem]:
    """Say where a code is not one, without saying what stands there, which may be a name."""
    form, reason = CODES[name]
    for file, line, text in zip(files, lines, texts, strict=True):
        if not form.fullmatch(text):
            reason_now = "it is kept back, but no record is without it" if text == WITHHELD else reason
            yield Problem(str(file), int(line), name, f"{reason_now}; fix the code")
