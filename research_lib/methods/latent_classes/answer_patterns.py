"""Read a table of answers into its different patterns, each with the number of persons who gave it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError, seen
from research_lib.methods.latent_classes.expectation_maximisation import Indicators
from research_lib.methods.options import (
    check_columns,
    check_once,
    check_single_columns,
    factorise,
    is_number,
    need_list,
    need_no_blanks,
    need_whole,
    written,
)

_MANY_OPTIONS = 20


@dataclass(frozen=True)
class Answers:
    """The different answer patterns of R kinds among N persons, and J questions.

    `codes` (R, J): the number of each answer among its question's options, -1 for missing.
    `counts` (R,): persons. `pattern_of` (rows of the frame,): the pattern of each row; `index` names those rows.
    """

    questions: tuple[Any, ...]
    options: tuple[tuple[Any, ...], ...]
    codes: np.ndarray
    counts: np.ndarray
    pattern_of: np.ndarray
    index: pd.Index

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many options each question has, shape (J,)."""
        return np.array([len(options) for options in self.options])

    @cached_property
    def layout(self) -> Indicators:
        """The patterns as zeros and ones, a column an option, with the sizes of the questions."""
        return Indicators(indicators(self.codes, self.sizes), self.sizes)

    @cached_property
    def observations(self) -> int:
        """How many persons there are."""
        return int(self.counts.sum())


def indicators(codes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Lay out each pattern as one column an option, 1 where it was chosen; a missing answer leaves zeros."""
    first = np.cumsum(sizes) - sizes
    design = np.zeros((len(codes), int(sizes.sum())))
    rows, questions = np.nonzero(codes >= 0)
    design[rows, first[questions] + codes[rows, questions]] = 1.0
    return design


def collapse(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the different patterns, in rising order: a row that shows each, and the pattern of every row."""
    columns = pd.DataFrame(codes)
    pattern_of = columns.groupby([*columns], sort=True).ngroup().to_numpy()
    return np.unique(pattern_of, return_index=True)[1], pattern_of


def read_answers(
    frame: pd.DataFrame,
    *,
    questions: Sequence[Any] | None = None,
    weights: Any = None,
    classes: int = 1,
) -> Answers:
    """Read a table with a row a person and a column a question; NaN and None are missing answers.

    An answer that stands only in rows of weight 0 is missing too. `questions`: the columns to use, otherwise all but
    `weights` (a column that says how many persons a row stands for). Raises UnfitDataError where the table cannot be
    used, or shows too few patterns for so many `classes`.
    """
    columns = _columns(frame, questions, [] if weights is None else [weights])
    persons = _persons(frame, weights)
    codes, options = zip(*(_code_column(frame[name], persons) for name in columns), strict=True)
    numbers = np.column_stack(codes)
    empty = np.flatnonzero((numbers < 0).all(axis=1) & (persons > 0))
    if len(empty):
        where = written(frame.index[empty[0]])
        raise UnfitDataError(f"rows without any answer: {len(empty)}, the first is {where}; leave them out and say so")
    shown, pattern_of = collapse(numbers)
    counts = np.bincount(pattern_of, weights=persons)
    answers = Answers(tuple(columns), options, numbers[shown], counts, pattern_of, frame.index)
    need_patterns(answers, classes)
    return answers


def codes_of(frame: pd.DataFrame, options: Mapping[Any, Sequence[Any]]) -> np.ndarray:
    """Number the answers as a fitted model does, -1 for missing; refuses an answer that was not in the fit."""
    check_columns(frame, options)
    numbers = []
    for name, own in options.items():
        codes, kinds = _factorised(frame[name])
        places = pd.Index(own, dtype=object).get_indexer(pd.Index(kinds, dtype=object))
        if (places < 0).any():
            answer, there = kinds[int(places.argmin())], ", ".join(map(str, own))
            raise UnfitDataError(
                f"question {name!r}: {written(answer)} is not an answer of the fit; there are {seen(there)}"
            )
        numbers.append(np.append(places, -1)[codes])
    return np.column_stack(numbers)


def need_patterns(answers: Answers, classes: int) -> None:
    """Refuse a number of classes that is not a whole number from 1, or above the patterns shown."""
    need_whole("classes", classes, 1)
    kinds = int((answers.counts > 0).sum())
    if kinds < classes:
        raise UnfitDataError(f"only {kinds} different answer patterns are too few for {classes} classes")


def _columns(frame: pd.DataFrame, questions: Sequence[Any] | None, others: list[Any]) -> list[Any]:
    if not isinstance(frame, pd.DataFrame):
        raise UnfitDataError("answers are a DataFrame: a row a person, a column a question")
    check_single_columns(frame)
    check_columns(frame, others)
    every = [name for name in frame.columns if name not in others]
    chosen = every if questions is None else need_list("questions", questions)
    check_columns(frame, chosen)
    check_once([*chosen, *dict.fromkeys(others)])
    if len(chosen) < 2:
        raise UnfitDataError(f"latent classes need two questions or more (better four); the table has {len(chosen)}")
    if not len(frame):
        raise UnfitDataError("the table is empty; it has nobody to sort into classes")
    return chosen


def _persons(frame: pd.DataFrame, weights: Any) -> np.ndarray:
    if weights is None:
        return np.ones(len(frame))
    column = frame[weights]
    # Of a column of mixed kinds, text that looks like a number is none.
    if pd.api.types.is_numeric_dtype(column):
        numbers = np.asarray(column.to_numpy(float, na_value=np.nan))
    else:
        numbers = np.array([float(cell) if is_number(cell) else np.nan for cell in column])
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers == np.floor(numbers)) & np.isfinite(numbers)))
    if len(wrong):
        raise UnfitDataError(
            f"column {weights!r} says how many persons a row stands for, in whole numbers from 0 (survey weights with"
            f" decimals do not serve); row {written(frame.index[wrong[0]])} has {written(column.iloc[wrong[0]])}"
        )
    if not numbers.any():
        raise UnfitDataError(f"column {weights!r} is 0 everywhere; it has nobody to sort into classes")
    return numbers


def _factorised(column: pd.Series) -> tuple[np.ndarray, Any]:
    codes, kinds = factorise(column, sort=True)
    need_no_blanks(kinds, f"column {column.name!r}")
    return codes, kinds


def _code_column(column: pd.Series, persons: np.ndarray) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Number the answers that persons gave; one only in rows of weight 0 is not an option, and gets -1."""
    codes, kinds = _factorised(column)
    given = np.bincount(codes[codes >= 0], weights=persons[codes >= 0], minlength=len(kinds)) > 0
    reason = ""
    if not given.any():
        reason = "nobody answered it; leave it out"
    elif given.sum() == 1:
        only = kinds.tolist()[int(given.argmax())]
        reason = f"everybody gave the same answer, {only!r}; leave it out, it cannot distinguish classes"
    elif len(kinds) > _MANY_OPTIONS and len(kinds) == len(persons):
        reason = (
            "every row has an answer of its own; names, numbers of cases and measures are not questions, leave it out"
        )
    if reason:
        raise UnfitDataError(f"question {column.name!r}: {reason}")
    numbers = np.append(np.where(given, np.cumsum(given) - 1, -1), -1)
    return numbers[codes], tuple(kinds[given].tolist())
