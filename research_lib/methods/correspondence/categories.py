"""Answers as codes: questions read from a frame, for all people or some of them, and cross-tables of two."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import factorise, need_no_blanks

MISSING = "(missing)"
RULES = ("refuse", "category", "drop")
_MOST_ANSWERS = 500


@dataclass(frozen=True)
class Question:
    """One column as codes: one a person or pattern (-1 for no answer), and the answers that the codes stand for."""

    name: Hashable
    codes: np.ndarray
    answers: tuple[Any, ...]


def read_question(frame: pd.DataFrame, name: Hashable, missing: str) -> Question:
    """Read one column; the answers of a categorical keep their order, all others are sorted.

    `missing`: `category` makes no answer an answer of its own, `drop` leaves it at -1, `refuse` raises UnfitDataError,
    as do blank text, cells with lists and columns with more than 500 answers.
    """
    column = frame[name]
    is_ordered = isinstance(column.dtype, pd.CategoricalDtype)
    codes, found = (column.cat.codes.to_numpy(), column.cat.categories) if is_ordered else factorise(column)
    answers = found.tolist()
    if len(answers) > _MOST_ANSWERS:
        raise UnfitDataError(f"{name}: {len(answers)} different answers; group them, or leave the column out")
    if not is_ordered:
        try:
            order = sorted(range(len(answers)), key=answers.__getitem__)
        except TypeError:
            order = sorted(range(len(answers)), key=lambda place: str(answers[place]))
        codes, answers = _recode(codes, order), [answers[place] for place in order]
    given = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(answers)))
    need_no_blanks((answers[code] for code in given), f"column {name!r}")
    gaps = int((codes < 0).sum())
    if gaps and missing == "refuse":
        raise UnfitDataError(
            f'{name}: {gaps} of {len(codes)} people have no answer; use missing="category" (an answer of its own) '
            'or missing="drop" (leave these people out)'
        )
    if gaps and missing == "category":
        if MISSING in answers:
            raise UnfitDataError(f"{name}: {MISSING} is an answer, and other cells are empty; write both alike")
        codes, answers = np.where(codes < 0, len(answers), codes), [*answers, MISSING]
    return Question(name, codes, tuple(answers))


def _recode(codes: np.ndarray, kept: Sequence[int]) -> np.ndarray:
    """Codes renumbered so that those `kept` become 0, 1, 2 …; any other becomes -1, and so does -1."""
    places = np.full(max(codes.max(initial=-1), *kept, -1) + 2, -1, dtype=np.int16)
    places[list(kept)] = range(len(kept))
    return np.asarray(places[codes])


def select_people(questions: Sequence[Question], kept: np.ndarray | None) -> list[Question]:
    """The same questions with only the people in `kept`; everybody without it."""
    if kept is None or kept.all():
        return list(questions)
    return [replace(question, codes=question.codes[kept]) for question in questions]


def with_answers(question: Question, answers: Sequence[Any]) -> Question:
    """Give a question the codes of `answers`; raises UnfitDataError for an answer that is not among them."""
    places = pd.Index(answers, dtype=object).get_indexer(pd.Index(question.answers, dtype=object))
    codes = np.append(places, -1)[question.codes]
    strange = (codes < 0) & (question.codes >= 0)
    if strange.any():
        answer = question.answers[question.codes[strange.argmax()]]
        raise UnfitDataError(f"{question.name}: {answer!r} is not among {', '.join(map(str, answers))}")
    return Question(question.name, codes, tuple(answers))


def given_answers(questions: Sequence[Question]) -> list[Question]:
    """The same questions without the answers that nobody gave."""
    shown = []
    for question in questions:
        kept = np.flatnonzero(np.bincount(question.codes)).tolist()
        answers = tuple(question.answers[place] for place in kept)
        shown.append(Question(question.name, _recode(question.codes, kept), answers))
    return shown


def cross(first: Question, second: Question) -> np.ndarray:
    """Cross-table of two questions: how many people gave each pair of answers."""
    shape = (len(first.answers), len(second.answers))
    pairs = first.codes.astype(np.int32) * shape[1] + second.codes
    return np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)
