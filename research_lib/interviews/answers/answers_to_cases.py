"""From answers to cases: why an answer is missing, what was answered without being asked, a study's tables."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from research_lib.errors import Problem
from research_lib.interviews.answers.answer_columns import WITHHELD
from research_lib.interviews.answers.column_sorting import Columns
from research_lib.interviews.answers.form_questions import Question
from research_lib.interviews.cases import (
    ADMINISTRATION,
    ANSWER_OF_MISSING,
    BASES,
    FIXED,
    NEEDED,
    Cases,
    Variable,
    answer_columns,
    columns_of,
    own_code,
)
from research_lib.interviews.skip_logic import applicable_as_written, names_in

MISSING_OF_ANSWER = {answer: kind for kind, answer in ANSWER_OF_MISSING.items()}


class Terms(NamedTuple):
    """On what terms records are kept: the legal basis where a record has none, the last day, who is who."""

    legal_basis: str
    retention_date: str
    is_synthetic: bool
    persons: Mapping[str, str]


@dataclass(frozen=True)
class Answers:
    """The answers of several records: of each question one text a record, and where the records stand.

    `unseen` marks the records whose answers to a question did not come in, since the column is not there or dropped.
    """

    questions: Mapping[str, Question]
    texts: Mapping[str, np.ndarray]
    files: np.ndarray
    lines: np.ndarray
    unseen: Mapping[str, np.ndarray]

    def written(self) -> dict[str, np.ndarray]:
        """The answers to each question, with what is kept back, or did not come in, left blank."""
        blank = {name: np.full(len(self.lines), "", dtype=object) for name in self.unseen}
        return blank | {name: np.where(texts == WITHHELD, "", texts) for name, texts in self.texts.items()}


def applicable_in(answers: Answers, above: Answers | None = None, of: np.ndarray | None = None) -> pd.DataFrame:
    """Say of each record which questions the form asks; one whose condition reads what did not come in counts as asked.

    Of a repeated group, `above` has the answers of the cases and `of` the place of each row's case in them.
    """
    written, unseen = answers.written(), dict(answers.unseen)
    if above is not None:
        written = {name: texts[of] for name, texts in above.written().items()} | written
        unseen = {name: marks[of] for name, marks in above.unseen.items()} | unseen
    conditions = {name: answers.questions[name].relevant for name in answers.texts}
    asked = applicable_as_written(conditions, written.get, pd.RangeIndex(len(answers.lines)))
    for each, condition in conditions.items():
        if marks := [unseen[name] for name in names_in(condition) if name in unseen]:
            asked[each] |= np.logical_or.reduce(marks)
    return asked


def conflicts(answers: Answers, applicable: pd.DataFrame, tables: Collection[Columns]) -> Iterator[Problem]:
    """Name each answer to a question that the form does not ask of that record."""
    headers = {columns.table.file: columns for columns in tables}
    for name, texts in answers.texts.items():
        given = (texts != "") & (texts != WITHHELD) & ~applicable[name].to_numpy()
        for row in np.flatnonzero(given):
            file = str(answers.files[row])
            header = next(iter(headers[file].headers(name)), name)
            reason = "it is answered, but the form does not ask it of this record; fix this answer or the one before"
            yield Problem(file, int(answers.lines[row]), header, reason)


def with_missing(texts: np.ndarray, applicable: np.ndarray) -> np.ndarray:
    """Say why an answer is missing where one is; other answers as they are."""
    kinds = {**MISSING_OF_ANSWER, WITHHELD: "withheld"}
    known = np.array([kinds.get(text) or own_code(text) for text in texts], dtype=object)
    return np.where(texts == "", np.where(applicable, "not_asked", "not_applicable"), known)


def columns_for(variable: Variable, texts: np.ndarray, applicable: np.ndarray) -> dict[str, np.ndarray]:
    """Give the columns of a variable: its answers, or yes and no for each of its choices."""
    answers = with_missing(texts, applicable)
    if variable.kind == "one":
        return {variable.name: answers}
    is_missing = (texts == "") | pd.Series(texts, dtype=object).isin([*MISSING_OF_ANSWER, WITHHELD]).to_numpy()
    sets = pd.Series(texts, dtype=object).map(lambda text: {*map(own_code, text.split())})
    return {
        column: np.where(is_missing, answers, np.where([choice in chosen for chosen in sets], "yes", "no"))
        for choice, column in zip(variable.choices, columns_of(variable), strict=True)
    }


def as_cases(answers: Answers, applicable: pd.DataFrame, variables: tuple[Variable, ...], terms: Terms) -> Cases:
    """Make the cases of a study from the answers."""
    codes, basis = answers.texts["case_code"], answers.texts["legal_basis"]
    data = {
        "case_id": codes,
        "person_id": np.array([terms.persons.get(code, code) for code in codes], dtype=object),
        "source_id": answers.texts["source_id"],
        **{name: with_missing(answers.texts[name], applicable[name].to_numpy()) for name in ADMINISTRATION},
        "consent_scope": answers.texts["consent_scope"],
        "legal_basis": np.where(np.isin(basis.astype(str), BASES), basis, terms.legal_basis),
        "retention_date": terms.retention_date,
        "is_synthetic": "yes" if terms.is_synthetic else "no",
    }
    for variable in variables:
        data |= columns_for(variable, answers.texts[variable.name], applicable[variable.name].to_numpy())
    frame = pd.DataFrame(data, columns=[*FIXED, *answer_columns(variables)], dtype="str")
    return Cases(frame, variables, terms.is_synthetic)


def as_others(answers: Answers, variables: Collection[Variable]) -> pd.DataFrame:
    """Give the answers that are not counted, such as free texts: case_id, question, answer, one row for each."""
    counted = {*NEEDED, *(variable.name for variable in variables)}
    rows = [
        (case, name, "withheld" if text == WITHHELD else text)
        for name, texts in answers.texts.items()
        if name not in counted
        for case, text in zip(answers.texts["case_code"], texts, strict=True)
        if text
    ]
    return pd.DataFrame(rows, columns=["case_id", "question", "answer"], dtype="str")


def as_repeat(answers: Answers, applicable: pd.DataFrame, cases: np.ndarray) -> pd.DataFrame:
    """Give the rows of a repeated group: case_id, then the columns of each question."""
    data: dict[str, np.ndarray] = {"case_id": cases}
    for name, texts in answers.texts.items():
        question = answers.questions[name]
        choices = tuple(own_code(choice) for choice in question.choices if choice not in MISSING_OF_ANSWER)
        variable = Variable(name, "", "many" if question.kind == "many" else "one", choices)
        data |= columns_for(variable, texts, applicable[name].to_numpy())
    return pd.DataFrame(data, dtype="str")
