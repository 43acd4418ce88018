"""Latent classes: a few kinds of persons, each with its own probabilities of answers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from research_lib.methods.latent_classes.answer_patterns import Answers, read_answers
from research_lib.methods.latent_classes.fit_measures import ModelFit, measure
from research_lib.methods.latent_classes.fitting import Fit, Search, Spec, fit, memberships, reorder


@dataclass(frozen=True)
class LatentClasses(ModelFit):
    """The classes found, numbered from the largest to the smallest share.

    `shares`: the share of persons in each class. `answers`: class, variable, answer, probability of that answer in that
    class. `membership`: a row for each row given, a column a class, the probability of belonging to it; the likeliest
    class is `membership.idxmax(axis=1)`. `start_log_likelihoods`: where every start ended, best first.
    `history`: the log-likelihood of the best start where it began, and after each iteration of three EM steps; it never
    falls, and stands still at the end while other starts go on.
    """

    shares: tuple[float, ...]
    answers: pd.DataFrame
    membership: pd.DataFrame
    start_log_likelihoods: tuple[float, ...]
    history: tuple[float, ...]


def latent_classes(
    frame: pd.DataFrame,
    *,
    classes: int = 2,
    seed: int = 1,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> LatentClasses:
    """Sort persons into a few unobserved classes that differ in how they answer.

    `frame`: a row a person, a column a question, any labels; NaN or None is a missing answer, left out of the person's
    likelihood (which assumes that answers are missing at random, given the answers there are). `questions`: the
    columns to use, otherwise all. `weights`: a column that says how many persons a row stands for. All `starts` are
    random, drawn from `seed`, and run until they converge; the best is kept, with the number of starts that found it.
    Persons are collapsed to their different patterns first, so that many persons cost little.

    Not for: few persons (fewer than some hundreds carry two or three classes of a few questions, no more); questions
    that depend on each other beyond the classes, such as one put twice (local dependence makes classes that are not
    there); saying that the classes exist: they summarise answers, and a continuum is cut into classes just as well. Nor
    for measures (age, sums), or answers missing because of what they would have been.

    Raises UnfitDataError for a question without answers, or with only one, for fewer patterns than classes, rows
    without any answer, and weights that are not whole numbers. A model with more parameters than facts is fitted, and
    `identified` and `caution` say so.
    Source: Lazarsfeld and Henry (1968), Latent Structure Analysis; Goodman (1974), Biometrika 61, 215-231.
    """
    answers = read_answers(frame, questions=questions, weights=weights, classes=classes)
    return describe(answers, *fit_sorted(answers, Spec(classes), Search(seed, starts)), starts)


def fit_sorted(answers: Answers, spec: Spec, search: Search) -> tuple[Spec, Fit]:
    """Fit a model of a single group, its classes from the largest to the smallest."""
    found = fit(answers, spec, search)
    order = np.argsort(-found.theta[:, 0, 0], kind="stable")
    return spec, replace(found, theta=reorder(spec.layout(answers), found.theta, [order]))


def describe(answers: Answers, spec: Spec, found: Fit, starts: int) -> LatentClasses:
    """Describe a fitted model of a single group by persons and answers."""
    theta = found.theta[:, 0]
    return LatentClasses(
        **asdict(measure(answers, spec, found, starts)),
        shares=tuple(map(float, theta[:, 0])),
        answers=answer_table(answers, theta[:, 1:]),
        membership=membership_table(answers, memberships(spec.layout(answers), found.theta)),
        start_log_likelihoods=tuple(map(float, found.tried)),
        history=tuple(map(float, found.path)),
    )


def answer_table(answers: Answers, items: np.ndarray) -> pd.DataFrame:
    """Lay out the probabilities (K, M) of answers as class, variable, answer, probability."""
    variables = [name for name, own in zip(answers.questions, answers.options, strict=True) for _ in own]
    options = [option for own in answers.options for option in own]
    kinds = len(items)
    return pd.DataFrame(
        {
            "class": np.repeat(np.arange(1, kinds + 1), len(options)),
            "variable": variables * kinds,
            "answer": options * kinds,
            "probability": items.ravel(),
        }
    )


def membership_table(answers: Answers, of_patterns: np.ndarray) -> pd.DataFrame:
    """Give every row of the table its probability of each class."""
    names = pd.RangeIndex(1, of_patterns.shape[1] + 1, name="class")
    return pd.DataFrame(of_patterns[answers.pattern_of], index=answers.index, columns=names)
