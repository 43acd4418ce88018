"""Answers as an export holds them: what each column is and each cell says; the unknown stops with its line."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from research_lib.errors import Problem, ResearchError, quoted
from research_lib.interviews.answers.column_sorting import Columns
from research_lib.interviews.answers.form_questions import Place, Question
from research_lib.interviews.answers.privacy_scan import kinds_in
from research_lib.interviews.cases import KEPT_APART
from research_lib.interviews.forms.form_rows import MISSING_CHOICES

SHOWN, LONGEST, NAMED = 20, 40, 10
NEAR, SHORTEST_NEAR = 0.6, 3
LEAVE_OUT = (
    "research-lib import --inconsistent report goes on: answers that the form does not have count as withheld, those "
    "that it does not ask are kept, rows without a record are left out, and the report names them"
)
WITHHELD = "\0withheld"
_CODE = re.compile(r"[a-z0-9_-]{1,40}")
EXPORT_AGAIN = "export again with XML values and headers"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CASE_CODE = re.compile(rf"[a-z]{{2}}[0-9]{{4,6}}|{_UUID}")
_CALCULATED, _FRACTION = (
    ("calculate", "decimal", "range"),
    re.compile(r"[+-]?\d{1,15}[.,]\d+(?:[eE][+-]?\d{1,3})?", re.ASCII),
)
_FIX = "fix the cell, or add the choice to the form"
_SPLIT = {"1": 1, "1.0": 1, "true": 1, "0": 0, "0.0": 0, "false": 0, "": -1}


class Reading(NamedTuple):
    """What a cell is written as, what is wrong with it, and what in it is no choice of the form."""

    written: str
    reason: str = ""
    strange: tuple[str, ...] = ()


class AnswersError(ResearchError):
    """Answers are not brought in as they stand; `problems` says what is wrong and where, `hint` how to go on."""

    def __init__(self, problems: Collection[Problem], *, hint: str = ""):
        self.problems = tuple(sorted(problems))
        alike = once_each(self.problems)
        more = [f"and {len(alike) - SHOWN} more"] if len(alike) > SHOWN else []
        lines = ["nothing was brought in, because of what stands here:", *alike[:SHOWN], *more]
        super().__init__("\n".join([*lines, hint] if hint else lines))


def once_each(problems: Iterable[Problem]) -> list[str]:
    """Name problems that differ in their line only once, and say in how many lines they are."""
    alike: dict[tuple[str, str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        alike[problem.file, problem.column, problem.reason].append(problem)
    return [f"{each[0]} (so in {len(each):,} lines)" if each[1:] else str(each[0]) for each in alike.values()]


def _nearest(text: str, known: Iterable[str]) -> str:
    """The word that was probably meant, or nothing: a number or a short word says nothing of another."""
    is_telling = len(text) >= SHORTEST_NEAR and not text.isdecimal()
    return next(iter(get_close_matches(text[: 2 * LONGEST], list(known), 1, NEAR) if is_telling else ()), "")


class Reader:
    """Reads the cells of one table, and gathers what is wrong with them.

    `rows` has the places of the records that are taken, `withheld` the lines of each column that are kept back. `left`
    has what is wrong in answers that may be left out; never consent and codes. With `leaves_out`, they are not given.
    """

    def __init__(
        self,
        columns: Columns,
        rows: np.ndarray,
        withheld: Mapping[str, Collection[int]] | None = None,
        *,
        leaves_out: bool = False,
    ):
        self.columns = columns
        self.left: list[Problem] = []
        self._needed = [header for place, header in columns.answers.items() if place.question in KEPT_APART]
        self._leaves_out = leaves_out
        self.frame = columns.table.frame.iloc[rows]
        self.lines = self.frame.index.to_numpy()
        self.problems: list[Problem] = []
        self._back = withheld or {}

    def cells(self, header: str) -> np.ndarray:
        """The texts of a column, with those that are kept back as `withheld`."""
        texts, back = self.frame[header].to_numpy(dtype=object, na_value=""), self._back.get(header)
        return np.where(np.isin(self.lines, [*back]), WITHHELD, texts) if back else texts

    def texts(self, question: Question) -> np.ndarray:
        """The answers to a question: codes, several with spaces between them, or a text; "" for none, or no column."""
        if question.name not in self.columns.questions:
            return np.full(len(self.lines), "", dtype=object)
        if question.kind == "many":
            return self._many(question)
        header = self.columns.answers[Place(question.name)]
        cells = self.cells(header)
        if question.kind != "one":
            return cells
        known = frozenset((*question.choices, "", WITHHELD))
        return self._mapped(
            question, header, cells, lambda text: Reading(text) if text in known else Reading(WITHHELD, strange=(text,))
        )

    def _complain(self, header: str, wrong: np.ndarray, reason: str) -> None:
        self._list(header, ((line, reason) for line in self.lines[wrong]))

    def _list(self, header: str, found: Iterable[tuple[int, str]]) -> None:
        problems = [Problem(self.columns.table.file, int(line), header, reason) for line, reason in found if reason]
        listed = self.problems if header in self._needed else self.left
        listed += problems

    def _many(self, question: Question) -> np.ndarray:
        header = self.columns.answers.get(Place(question.name))
        headers = {choice: self.columns.answers.get(Place(question.name, choice)) for choice in question.choices}
        there = {choice: each for choice, each in headers.items() if each is not None}
        if header is None:
            if absent := [choice for choice in headers if choice not in there]:
                reason = f"columns are missing for the choices {', '.join(absent)}; export again with all of them"
                first, file = next(iter(there.values())), self.columns.table.file
                self.problems += [Problem(file, int(line), first, reason) for line in self.lines[:1]]
            return self._split(question, there)
        joined = self._mapped(question, header, self.cells(header), partial(_choices_in_order, question))
        if there:
            split = self._split(question, there, is_alone=False)
            same = {text: " ".join(choice for choice in text.split() if choice in there) for text in set(joined)}
            among = np.array([same[text] for text in joined], dtype=object)
            differs = (among != split) & (joined != WITHHELD) & (split != WITHHELD)
            reason = "it does not say the same as the columns of its choices; fix one or the other"
            self._complain(header, differs, reason)
            joined = np.where(split == WITHHELD, WITHHELD, np.where(differs & (joined == ""), split, joined))
        return joined

    def _mapped(
        self, question: Question, header: str, cells: np.ndarray, change: Callable[[str], Reading]
    ) -> np.ndarray:
        """Each cell as `change` reads it; what is wrong is a problem of the cell, strange answers one of the column."""
        found = {value: change(value) for value in dict.fromkeys(cells)}
        strange = dict.fromkeys(word for each in found.values() for word in each.strange)
        unknown = _unknown_choices([*strange], question) if strange else ""
        reasons = {value: each.reason or unknown for value, each in found.items() if each.reason or each.strange}
        stays = () if self._leaves_out and header not in self._needed else reasons
        written = {value: value if value in stays else each.written for value, each in found.items()}
        self._list(header, zip(self.lines, (reasons.get(cell, "") for cell in cells), strict=True) if reasons else ())
        return np.array([written[value] for value in cells], dtype=object)

    def _split(self, question: Question, there: Mapping[str, str], *, is_alone: bool = True) -> np.ndarray:
        """The choices taken by the columns of choices, `is_alone` where no other column has them joined."""
        first = next(iter(there.values()))
        marks = np.stack([self._marks(header) for header in there.values()])
        some = (marks == -1).any(axis=0) & ~(marks == -1).all(axis=0)
        if is_alone:
            self._complain(first, some, "some choices of this question are 0 or 1 and others are empty")
        texts = np.full(len(self.lines), "", dtype=object)
        for choice, taken in zip(there, marks, strict=True):
            texts = np.where(taken == 1, texts + f" {choice}", texts)
        texts = pd.Series(texts, dtype=object).str.strip().to_numpy()
        texts = self._mapped(question, first, texts, partial(_choices_in_order, question))
        back = np.array([self.cells(header) == WITHHELD for header in there.values()]).any(axis=0)
        return np.where(back, WITHHELD, texts)

    def _marks(self, header: str) -> np.ndarray:
        cells = self.cells(header)
        marks = pd.Series(cells, dtype=object).str.casefold().map(_SPLIT)
        wrong = marks.isna().to_numpy() & (cells != WITHHELD)
        self._complain(header, wrong, "it is neither 0 nor 1 nor empty, as the column of a choice must be")
        return marks.fillna(-1).to_numpy(dtype=int)


def _choices_in_order(question: Question, text: str) -> Reading:
    """Several choices in the order of the form, and what is wrong with them."""
    chosen, excluding = text.split(), {*question.alone, *MISSING_CHOICES}
    if text == WITHHELD or not chosen:
        return Reading(WITHHELD if chosen else "")
    others = " ".join(choice for choice in question.choices if choice in chosen and choice not in excluding)
    if unknown := [choice for choice in chosen if choice not in question.choices]:
        words = [text] if text in question.choice_labels else unknown
        return Reading(others or WITHHELD, strange=tuple(words))
    lone = [choice for choice in chosen if choice in excluding]
    if lone and len(set(chosen)) > 1:
        reason = f"{lone[0]!r} stands beside other choices; keep one or the others"
        return Reading(others or WITHHELD, reason)
    twice = "a choice is given twice; fix the cell" if len(set(chosen)) < len(chosen) else ""
    return Reading(" ".join(choice for choice in question.choices if choice in chosen), twice)


def _unknown_choices(words: list[str], question: Question) -> str:
    """What is wrong with the strange answers of a column; a text may be a name, so only codes and labels are shown."""
    labels = [word for word in words if word in question.choice_labels]
    rest = [word for word in words if word not in question.choice_labels]
    codes = [word for word in rest if _CODE.fullmatch(word) and not kinds_in(word)]
    said, others = list[str](), len(rest) - len(codes)
    if labels:
        labelled = _listed([quoted(word, LONGEST) for word in labels[:NAMED]], len(labels))
        said.append(
            f"{labelled} {'are labels, not values' if labels[1:] else 'is a label, not a value'}; {EXPORT_AGAIN}"
        )
    near = {word: _nearest(word, question.choices) for word in codes[:NAMED]}
    if len(codes) == 1:
        hint = f"; the nearest is {near[codes[0]]!r}" if near[codes[0]] else ""
        said.append(f"{codes[0]!r} is not a choice of {question.name}{hint}; {_FIX}")
    elif codes:
        shown = [f"{word!r} (the nearest is {meant!r})" if meant else repr(word) for word, meant in near.items()]
        said.append(f"{_listed(shown, len(codes))} are not choices of {question.name}; {_FIX}")
    if others:
        choices = _listed([*question.choices[:SHOWN]], len(question.choices))
        are = f"{others:,} texts are not choices" if others > 1 else "it is not a choice"
        said.append(f"{are} of {question.name} ({choices}); {_FIX}")
    return "; ".join(said)


def _listed(words: list[str], count: int) -> str:
    """Some of several words, and how many more there are."""
    return ", ".join(words) + (f" and {count - len(words):,} more" if count > len(words) else "")


def unread_cells(
    columns: Columns, questions: Mapping[str, Question], rows: np.ndarray
) -> Iterator[tuple[int, str, str]]:
    """Give each cell that is not a code of the form, nor a calculated fraction, for a scan: line, column, text."""
    lines = columns.table.frame.index[rows]
    for place, header in columns.answers.items():
        question = questions[place.question]
        cells = columns.table.frame[header].to_numpy(dtype=object, na_value="")[rows]
        known = {"", *question.choices} if not place.choice else _SPLIT
        is_split, is_fraction = question.kind == "many", question.type in _CALCULATED
        for line, text in zip(lines, cells, strict=True):
            if (
                text in known
                or (question.name == "case_code" and CASE_CODE.fullmatch(text))
                or (is_fraction and _FRACTION.fullmatch(text))
                or (is_split and set(text.split()) <= set(question.choices))
            ):
                continue
            yield int(line), header, text
