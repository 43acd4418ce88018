"""Latent classes: a few kinds of persons, each with its own probabilities of answers, and how well they fit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from research_lib.methods.latent_classes.answer_patterns import Answers, indicators, read_answers
from research_lib.methods.latent_classes.expectation_maximisation import posterior
from research_lib.methods.latent_classes.fitting import Fit, Search, fit

_MANY_CELLS = 4096
_RANK_WITHIN = 1e-7


@dataclass(frozen=True)
class ModelFit:
    """The measures of every latent-class model: its likelihood, how it was found, and how well it fits.

    `df`: cells of the table of all answers less 1, less parameters; below 0 there are more parameters
    than facts. `g2`, `x2`: the likelihood-ratio and Pearson statistics against that table; NaN where answers are
    missing, since persons then stand in no single cell. With many cells and few persons neither follows chi-squared.
    `entropy`: 1 where everybody certainly belongs to one class, 0 where every class is as likely; NaN for a single
    class. `reached`: how many of the starts came within 0.0001 of the best log-likelihood. `converged`: how many had
    converged within 5,000 iterations; the others still rose slowly when they ended. `identified`: df is not negative,
    and the answers determine the parameters near the solution (the derivatives of the cells' probabilities have full
    rank: Goodman 1974, Biometrika 61, 215-231).
    """

    classes: int
    observations: int
    log_likelihood: float
    parameters: int
    df: int
    bic: float
    aic: float
    entropy: float
    g2: float
    x2: float
    starts: int
    reached: int
    converged: int
    identified: bool

    @property
    def starts_sentence(self) -> str:
        """Say how many of the starts found the best likelihood."""
        return f"best likelihood reached by {self.reached} of {self.starts} starts"

    @property
    def caution(self) -> str:
        """Say why not to trust the model, or nothing."""
        reasons = {
            "more parameters than the answers can determine": self.df < 0,
            "the answers do not determine the parameters": self.df >= 0 and not self.identified,
            "the best likelihood was reached once or not again: try more starts": self.reached <= 1 < self.starts,
            "a single start may have missed the best likelihood": self.starts == 1 and self.classes > 1,
            f"only {self.converged} of {self.starts} starts converged": self.converged < self.starts,
        }
        return "; ".join(reason for reason, holds in reasons.items() if holds)


def measure(answers: Answers, fitted: Fit, starts: int) -> ModelFit:
    """Measure a fitted model."""
    height, classes = float(fitted.log_likelihood[0]), len(fitted.theta)
    parameters, persons = classes - 1 + classes * int((answers.sizes - 1).sum()), answers.observations
    cells = int(np.prod(answers.sizes.astype(object))) - 1
    weights, of_patterns = posterior(answers.layout, fitted.theta)
    has_gaps = (answers.codes[answers.counts > 0] < 0).any()
    g2, x2 = (float("nan"), float("nan")) if has_gaps else _against_table(answers, np.exp(of_patterns[0]))
    entropy, sure = float("nan"), weights[:, 0]
    if classes > 1:
        unsure = -(answers.counts * sure * np.log(np.maximum(sure, np.finfo(float).tiny))).sum()
        entropy = float(1 - unsure / (answers.counts.sum() * np.log(classes)))
    return ModelFit(
        classes=classes,
        observations=persons,
        log_likelihood=height,
        parameters=parameters,
        df=cells - parameters,
        bic=parameters * float(np.log(persons)) - 2 * height,
        aic=2.0 * parameters - 2 * height,
        entropy=entropy,
        g2=g2,
        x2=x2,
        starts=starts,
        reached=int(fitted.reached[0]),
        converged=fitted.converged,
        identified=cells >= parameters and _is_locally_identified(answers, fitted.theta[:, 0]),
    )


def _against_table(answers: Answers, probabilities: np.ndarray) -> tuple[float, float]:
    given = answers.counts > 0
    observed, expected = answers.counts[given], answers.observations * probabilities[given]
    g2 = 2 * (observed * np.log(observed / expected)).sum()
    x2 = ((observed - expected) ** 2 / expected).sum() + max(answers.observations - expected.sum(), 0.0)
    return float(g2), float(x2)


def _is_locally_identified(answers: Answers, theta: np.ndarray) -> bool:
    """Whether the derivatives of all possible patterns, or of a sample of very many, have full rank."""
    if np.prod(answers.sizes.astype(float)) > _MANY_CELLS:
        few = min(_MANY_CELLS, len(answers.codes))
        shown = answers.codes[np.random.default_rng(0).choice(len(answers.codes), few, replace=False)]
    else:
        shown = np.indices(tuple(answers.sizes)).reshape(len(answers.sizes), -1).T
    return _full_rank(shown, answers.sizes, theta)


def _full_rank(codes: np.ndarray, sizes: np.ndarray, part: np.ndarray) -> bool:
    design, logs = indicators(codes, sizes), np.log(np.maximum(part, np.finfo(float).tiny))
    given = np.exp(design @ logs[:, 1:].T)
    columns = [given[:, 1:] - given[:, :1]]
    for kind, share in enumerate(np.exp(logs[:, 0])):
        columns.append(_item_derivatives(design, sizes, share * given[:, kind], np.exp(logs[kind, 1:])))
    matrix = np.concatenate(columns, axis=1)
    lengths = np.linalg.norm(matrix, axis=0)
    return bool(lengths.all() and np.linalg.matrix_rank(matrix / lengths, rtol=_RANK_WITHIN) == matrix.shape[1])


def _item_derivatives(design: np.ndarray, sizes: np.ndarray, joint: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """How each cell moves when an answer gains at the cost of the likeliest answer to its question."""
    slopes, columns, ends = design * joint[:, None] / chances, [], sizes.cumsum()[:-1]
    for own, chance in zip(np.split(slopes, ends, axis=1), np.split(chances, ends), strict=True):
        kept = int(chance.argmax())
        columns.append(np.delete(own - own[:, [kept]], kept, axis=1))
    return np.concatenate(columns, axis=1)


@dataclass(frozen=True)
class LatentClasses(ModelFit):
    """The classes found, numbered from the largest to the smallest share.

    `shares`: the share of persons in each class. `answers`: class, variable, answer, probability of that answer in that
    class. `membership`: a row for each row given, a column a class, the probability of belonging to it; the likeliest
    class is `membership.idxmax(axis=1)`.
    """

    shares: tuple[float, ...]
    answers: pd.DataFrame
    membership: pd.DataFrame


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
    fitted = fit(answers.layout, classes, Search(seed, starts), counts=answers.counts[None])
    theta = fitted.theta[:, 0]
    return LatentClasses(
        **asdict(measure(answers, fitted, starts)),
        shares=tuple(map(float, theta[:, 0])),
        answers=answer_table(answers, theta[:, 1:]),
        membership=membership_table(answers, fitted),
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


def membership_table(answers: Answers, fitted: Fit) -> pd.DataFrame:
    """Give every row of the table its probability of each class."""
    of_patterns = posterior(answers.layout, fitted.theta[:, :1])[0][:, 0].T
    names = pd.RangeIndex(1, of_patterns.shape[1] + 1, name="class")
    return pd.DataFrame(of_patterns[answers.pattern_of], index=answers.index, columns=names)
