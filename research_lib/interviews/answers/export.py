"""One export as a whole: its tables sorted and checked, its free text scanned, its answers put together."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import batched

import numpy as np

from research_lib.errors import Problem, ResearchError, seen
from research_lib.interviews.answers.answer_columns import (
    CASE_CODE,
    LEAVE_OUT,
    WITHHELD,
    AnswersError,
    Reader,
    unread_cells,
)
from research_lib.interviews.answers.answers_to_cases import Answers
from research_lib.interviews.answers.column_sorting import NOT_IN_FORM, Columns, is_named, sort_columns
from research_lib.interviews.answers.decisions import Bound, Decision, Decisions, Find, PrivacyError, decided_now
from research_lib.interviews.answers.dropped_columns import is_mark
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Question
from research_lib.interviews.answers.privacy_scan import kinds_in
from research_lib.interviews.answers.question_headers import QuestionHeaders, without_numbered
from research_lib.interviews.answers.repeated_groups import TakenRows
from research_lib.interviews.cases import NEEDED

type Cell = tuple[str, int, str]
type Withheld = Mapping[str, Mapping[str, set[int]]]

CODES = {
    "case_code": (CASE_CODE, "it is not two small letters and four to six digits, nor a random uuid"),
    "source_id": (re.compile(r"[a-z0-9_-]+"), "it is not made of a-z, 0-9, _ and -"),
}
_A_LINE = 40
_CHANGED = "another text than was decided about"


class Export:
    """The tables of an export: the records, and those of repeated groups.

    `notes` names what is not in the export and what is not in the form, `left` the tables of which nothing is read.
    `without` names questions and repeated groups that the export need not have, which is then not said; `ignore`
    columns to leave out, by their headers or by patterns. With `leaves_out`, answers that the form does not have are
    left out, and listed as `unfit`.

    Raises AnswersError where a question that each record needs has no column, where columns contradict each other or
    nearly are a question, and where a table belongs to another form.
    """

    def __init__(
        self,
        tables: list[Table],
        questions: Mapping[str, Question],
        ignore: Collection[str],
        without: Collection[str],
        *,
        leaves_out: bool = False,
    ):
        self.questions, self._without, self._leaves_out = questions, frozenset(without), leaves_out
        self.unfit: list[Problem] = []
        form = QuestionHeaders(questions)
        parts = [part for table in tables for part in without_numbered(table, form)]
        self.left, self.sheets = list[str](), [sort_columns(table, form, ignore) for table in parts]
        self._refuse_other_forms()
        self.mains = [columns for columns in self.sheets if not columns.table.is_repeat]
        self.repeats = [columns for columns in self.sheets if columns.table.is_repeat]
        self.repeat_names = tuple(dict.fromkeys(each.repeat for each in questions.values() if each.repeat))
        problems = [problem for columns in self.sheets for problem in columns.problems]
        if problems := problems or [*self._lacking()]:
            raise AnswersError(problems)
        headers = [header for columns in self.sheets for header in columns.table.frame]
        idle = [pattern for pattern in ignore if not any(is_named(header, [pattern]) for header in headers)]
        self.notes = (*(f"ignore: {each!r} is no column of this export" for each in idle), *self._not_there())

    def _refuse_other_forms(self) -> None:
        """Leave out tables that have nothing of the form, beside others of the same workbook or zip that have."""
        read = {columns.table.workbook for columns in self.sheets if not columns.is_of_another_form}
        foreign = [columns for columns in self.sheets if columns.is_of_another_form and not columns.problems]
        problems = list[Problem]()
        for columns in foreign:
            if columns.table.workbook not in read or any(map(is_mark, columns.table.frame)):
                unknown = sum(reason == NOT_IN_FORM for reason in columns.unread.values())
                of = f"{len(columns.answers)} of its columns belong to the form, {unknown} do not"
                fix = "give the export of this form, or import with the form it has"
                problems.append(Problem(columns.table.file, 1, "", f"it is the export of another form ({of}); {fix}"))
            else:
                self.left.append(f"{columns.table.file} (none of its columns belongs to the form)")
        if problems:
            raise AnswersError(problems)
        self.sheets = [columns for columns in self.sheets if not columns.is_of_another_form or columns.problems]

    def _lacking(self) -> Iterator[Problem]:
        """The questions that each record needs, and that have no column."""
        reason = "no column has this question, and each record needs it; export it too, or add such a column"
        for columns in self.mains:
            needed = (name for name in self._without_column(columns) if name in NEEDED)
            yield from (Problem(columns.table.file, 1, name, reason) for name in needed)
        if not self.mains:
            yield Problem(self.sheets[0].table.file, 0, "", "it has repeated groups only; give the records too")

    def _without_column(self, columns: Columns) -> Iterator[str]:
        """The questions of records of which a table has no column."""
        for each in self.questions.values():
            if not (each.repeat or each.kind == "note" or each.name in columns.questions or self._is_dropped(each)):
                yield each.name

    def _not_there(self) -> Iterator[str]:
        """The questions and repeated groups that are not in this export."""
        for columns in self.mains:
            absent = (name for name in self._without_column(columns) if name not in self._without)
            for names in batched(absent, _A_LINE):
                yield f"{columns.table.file}: not in this export, so not asked: {', '.join(names)}"
        there = {self.questions[place.question].repeat for columns in self.repeats for place in columns.answers}
        if groups := [name for name in self.repeat_names if name not in {*there, *self._without}]:
            how = "an export as XLSX, or their own files, would have them"
            yield f"not in this export: the repeated groups {', '.join(groups)}; {how}"

    @cached_property
    def _dropped(self) -> frozenset[str]:
        """The names of the questions whose answers never come in, and of other columns that are dropped."""
        headers = (columns.table.name_of(header) for columns in self.sheets for header in columns.dropped)
        return frozenset(re.split(r"[/.:-]", header)[-1] for header in headers)

    def _is_dropped(self, question: Question) -> bool:
        return bool(question.identifies) or question.name in self._dropped

    def scan(self, taken: Iterable[TakenRows], decisions: Decisions) -> Withheld:
        """Say which lines of which columns are kept back; raises PrivacyError for those that nobody has decided about.

        A decision about another text than the cell holds now has no effect. One without a line, or of line 0, is about
        each text of its column, whatever it says.
        """
        whole, decided = self._decided(decisions)
        finds, kinds = list[Find](), cache(kinds_in)
        withheld = {columns.table.file: defaultdict[str, set[int]](set) for columns in self.sheets}
        for each in taken:
            columns, file = each.columns, each.columns.table.file
            lines = frozenset(columns.table.frame.index[each.rows])
            finds += [
                Find(file, line, header, _CHANGED, columns.table.frame.at[line, header])
                for (where, line, header), decision in decided.items()
                if where == file and line in lines and decision is None and (file, header) not in whole
            ]
            for line, header, text in unread_cells(columns, self.questions, each.rows):
                decision = decided.get((file, line, header)) or whole.get((file, header))
                if decision == "withhold":
                    withheld[file][header].add(line)
                elif decision is None:
                    finds += [Find(file, line, header, kind, text) for kind in kinds(text)]
        if finds:
            raise PrivacyError(finds)
        for (file, line, header), decision in decided.items():
            if decision == "withhold":
                withheld[file][header].add(line)
        return withheld

    def _decided(self, decisions: Decisions) -> tuple[dict[tuple[str, str], Decision], dict[Cell, Decision | None]]:
        """What is decided about whole columns, and about each cell: None where the cell holds another text now.

        Refuses decisions about cells that are not there, without their own words, which may be a name.
        """
        sheets, first = {columns.table.file: columns for columns in self.sheets}, self.sheets[0].table.file
        whole, by_cell, texts = dict[tuple[str, str], Decision](), dict[Cell, Decision | Bound](), dict[Cell, str]()
        for key, decision in decisions.items():
            cell = file, line, header = key if len(key) == 3 else (first, *key)
            columns = sheets.get(file)
            is_known = columns is not None and header in columns.answers.values()
            place = f"{file if columns else 'another file'}:{line} {header if is_known else 'another column'}"
            said = decision.decision if isinstance(decision, Bound) else decision
            if len(key) == 2 and len(sheets) > 1:
                reason = "there are several tables; decide about (file, line, column)"
                raise ResearchError(f"decision about {seen(place)}: {reason}")
            is_there = columns and is_known and (not line or line in columns.table.frame.index)
            if columns is None or not is_there or said not in ("withhold", "keep"):
                reason = 'there is no such cell in this export, or it is not "withhold" or "keep"'
                raise ResearchError(f"decision about {seen(place)}: {reason}; take this decision out, or fix it")
            if line:
                by_cell[cell], texts[cell] = decision, columns.table.frame.at[line, header]
            else:
                whole[file, header] = said
        return whole, decided_now(by_cell, texts)

    def answers(self, taken: Iterable[TakenRows], repeat: str, withheld: Withheld) -> Answers:
        """Put together the answers of several tables of one kind; raises AnswersError for what is wrong in them."""
        readers = [
            Reader(each.columns, each.rows, withheld[each.columns.table.file], leaves_out=self._leaves_out)
            for each in taken
        ]
        own = [each for each in self.questions.values() if each.repeat == repeat]
        texts, unseen = dict[str, np.ndarray](), dict[str, np.ndarray]()
        for each in own:
            is_dropped = self._is_dropped(each)
            if not is_dropped:
                texts[each.name] = _joined([reader.texts(each) for reader in readers])
            absent = np.array([is_dropped or each.name not in reader.columns.questions for reader in readers], bool)
            if each.kind != "note" and (absent.any() or not readers):
                unseen[each.name] = np.repeat(absent, [len(reader.lines) for reader in readers])
        problems = [problem for reader in readers for problem in reader.problems]
        left = [problem for reader in readers for problem in reader.left]
        (self.unfit if self._leaves_out else problems).extend(left)
        files = _joined([np.full(len(reader.lines), reader.columns.table.file, dtype=object) for reader in readers])
        lines = np.concatenate([np.zeros(0, dtype=int), *(reader.lines for reader in readers)])
        for name in CODES if not repeat else ():
            problems += _no_codes(name, texts[name], files, lines)
        if problems:
            raise AnswersError(problems, hint=LEAVE_OUT if left and not self._leaves_out else "")
        return Answers(self.questions, texts, files, lines, unseen)

    def repeat(self, name: str, repeated: Iterable[TakenRows], withheld: Withheld) -> tuple[Answers, np.ndarray]:
        """Give the answers of a repeated group, and the case of each row."""
        asked = {question.name for question in self.questions.values() if question.repeat == name}
        own = [each for each in repeated if asked & each.columns.questions]
        return self.answers(own, name, withheld), _joined([each.cases for each in own])


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype=object), *parts])


def _no_codes(name: str, texts: np.ndarray, files: np.ndarray, lines: np.ndarray) -> Iterator[Problem]:
    """Say where a code is not one, without saying what stands there, which may be a name."""
    form, reason = CODES[name]
    for file, line, text in zip(files, lines, texts, strict=True):
        if not form.fullmatch(text):
            reason_now = "it is kept back, but no record is without it" if text == WITHHELD else reason
            yield Problem(str(file), int(line), name, f"{reason_now}; fix the code")
