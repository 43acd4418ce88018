"""The same classes in several groups, such as countries: how large each is in each, and whether they are the same.

Classes that answer alike in all groups and are as large as each group has them are latent classes of one more question,
the group: given the class, the group says nothing of the answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import xlogy

from research_lib.errors import UnfitDataError
from research_lib.methods.latent_classes.answer_patterns import Answers, read_answers
from research_lib.methods.latent_classes.expectation_maximisation import Indicators
from research_lib.methods.latent_classes.fitting import Fit, Search, fit
from research_lib.methods.latent_classes.latent_class_model import ModelFit, answer_table, measure, membership_table
from research_lib.methods.latent_classes.number_of_classes import bootstrap_ratio, likelihood_ratio, simulate
from research_lib.methods.options import check_columns, check_once, need_whole, written


@dataclass(frozen=True)
class LatentClassesBy(ModelFit):
    """Classes that answer alike in all groups, numbered from the largest to the smallest share over all persons.

    `shares`: a row a group, a column a class. `answers`: class, variable, answer, probability. `membership`: a row for
    each row given.
    """

    by: Any
    shares: pd.DataFrame
    answers: pd.DataFrame
    membership: pd.DataFrame


def latent_classes_by(
    frame: pd.DataFrame,
    *,
    by: Any,
    classes: int = 2,
    seed: int = 1,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> LatentClassesBy:
    """Find classes in several countries at once that answer alike everywhere, and how large each is in each.

    `by`: the column that says to which country a row belongs. Other options as in `latent_classes`.
    Not for: comparing shares where `same_across` rejects equal items, since the classes are then not the same
    thing; countries with few persons (the smallest should carry the classes by itself).
    Raises UnfitDataError as `latent_classes` does, for rows without a group, a single group, and a group with fewer
    different patterns than classes.
    Source: Clogg and Goodman (1984), Journal of the American Statistical Association 79, 762-771.
    """
    answers = _read_by(frame, by, weights=weights, questions=questions, classes=classes)
    fitted = fit(answers.layout, classes, Search(seed, starts), counts=answers.counts[None])
    table = answer_table(answers, fitted.theta[:, 0, 1:])
    measured = measure(answers, fitted, starts)
    height = measured.log_likelihood - float(_margin(answers, answers.counts[None])[0])
    parameters = measured.parameters - len(answers.options[0]) + 1
    own = {
        "log_likelihood": height,
        "parameters": parameters,
        "bic": parameters * float(np.log(answers.observations)) - 2 * height,
        "aic": 2.0 * parameters - 2 * height,
    }
    return LatentClassesBy(
        **asdict(measured) | own,
        by=by,
        shares=pd.DataFrame(
            _shares(answers, fitted.theta),
            index=pd.Index(answers.options[0], name=by),
            columns=pd.RangeIndex(1, classes + 1, name="class"),
        ),
        answers=table[table["variable"] != by].reset_index(drop=True),
        membership=membership_table(answers, fitted),
    )


def same_across(
    frame: pd.DataFrame,
    *,
    by: Any,
    classes: int,
    seed: int = 1,
    resamples: int = 99,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Test whether countries have the same classes, and then whether these are equally large.

    Two rows. `items`: classes answer alike everywhere, against each country with classes of its own; shares are free in
    both. `shares`: classes are equally large everywhere, against shares free; items are equal in both. Columns:
    compared, equal_log_likelihood, free_log_likelihood, statistic (twice the gain), df (parameters more), p_value,
    exceeded, resamples, equal_bic, free_bic, reached_equal, reached_free, starts. A small p_value and a lower free_bic
    are evidence against equality; p_value is (1 + exceeded) / (1 + resamples), from answers drawn under equality.
    Not for: reading the second row where the first rejects equal items; proving that countries are the same (few
    persons never show a difference). Options and errors as in `latent_classes_by`.
    Source: Clogg and Goodman (1984); Eid, Langeheine and Diener (2003), Journal of Cross-Cultural Psychology 34,
    195-210; the bootstrap as in McLachlan and Peel (2000), section 6.4.
    """
    need_whole("resamples", resamples, 1)
    answers = _read_by(frame, by, weights=weights, questions=questions, classes=classes)
    search, counts = Search(seed, starts), answers.counts[None]
    groups, of_answers = len(answers.options[0]), classes * int((answers.sizes[1:] - 1).sum())
    equal = _fit_equal(answers, classes, search, counts=counts, guess=[None])
    # From random starts and from the simpler model, so that the freer one fits no worse.
    from_equal = _with_groups(answers, equal.fits[0].theta)
    joint = _fit_joint(answers, classes, search, counts=counts, guess=[from_equal])
    shares, items = _shares(answers, joint.fits[0].theta), joint.fits[0].theta[:, :, 1 + groups :]
    apart = [np.concatenate([own[:, None, None], items], axis=2) for own in shares]
    separate = _fit_separate(answers, classes, search, counts=counts, guess=apart)
    all_equal = _Model(_fit_equal, equal, classes - 1 + of_answers)
    shares_free = _Model(_fit_joint, joint, groups * (classes - 1) + of_answers)
    all_free = _Model(_fit_separate, separate, groups * (classes - 1 + of_answers))
    compared = {"items": (shares_free, all_free), "shares": (all_equal, shares_free)}
    rows = [
        {"compared": name} | _compared(answers, *models, search=search, resamples=resamples)
        for name, models in compared.items()
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Fits:
    """A model of all groups, fitted to each set of counts: together, or each group apart."""

    fits: tuple[Fit, ...]
    log_likelihood: np.ndarray

    @property
    def reached(self) -> int:
        return min(int(each.reached[0]) for each in self.fits)


@dataclass(frozen=True)
class _Model:
    """How a model is fitted, its fit, and how many parameters it has."""

    refit: Callable[..., _Fits]
    fitted: _Fits
    parameters: int

    @property
    def guess(self) -> list[np.ndarray]:
        return [each.theta for each in self.fitted.fits]


def _compared(answers: Answers, simple: _Model, rich: _Model, *, search: Search, resamples: int) -> dict[str, Any]:
    theta = simple.fitted.fits[0].theta
    if simple.refit is _fit_equal:
        theta = _with_groups(answers, theta)

    def draw(rng: np.random.Generator, times: int) -> tuple[Answers, np.ndarray]:
        shares = _shares(answers, theta)[answers.codes[:, 0]]
        return simulate(answers, shares, theta[:, 0, 1:], rng, resamples=times, kept=1)

    def gain(drawn: Answers, counts: np.ndarray, search: Search) -> np.ndarray:
        again = (each.refit(drawn, len(theta), search, counts=counts, guess=each.guess) for each in (simple, rich))
        return likelihood_ratio(*(each.log_likelihood for each in again))

    statistic = float(likelihood_ratio(simple.fitted.log_likelihood, rich.fitted.log_likelihood)[0])
    test = bootstrap_ratio(answers, draw, gain, search, statistic=statistic, resamples=resamples)
    equal, free = (float(each.fitted.log_likelihood[0]) for each in (simple, rich))
    price = float(np.log(answers.observations))
    return {
        "equal_log_likelihood": equal,
        "free_log_likelihood": free,
        "statistic": statistic,
        "df": rich.parameters - simple.parameters,
        "p_value": test.p_value,
        "exceeded": test.exceeded,
        "resamples": resamples,
        "equal_bic": price * simple.parameters - 2 * equal,
        "free_bic": price * rich.parameters - 2 * free,
        "reached_equal": simple.fitted.reached,
        "reached_free": rich.fitted.reached,
        "starts": search.starts,
    }


def _read_by(frame: pd.DataFrame, by: Any, *, weights: Any, questions: Sequence[Any] | None, classes: int) -> Answers:
    """Read the answers with the group as the first question; refuses rows without one, and groups of few patterns."""
    check_columns(frame, [by])
    asked = [name for name in frame.columns if name not in (by, weights)] if questions is None else questions
    check_once([by, *asked])
    read_answers(frame.drop(columns=by), questions=asked, weights=weights)
    if (absent := frame[by].isna()).any():
        row = written(frame.index[absent][0])
        raise UnfitDataError(f"rows without {by!r}: {absent.sum()}, the first is {row}; fill it in or leave it out")
    answers = read_answers(frame, questions=[by, *asked], weights=weights)
    for name, rows in zip(answers.options[0], _rows(answers), strict=True):
        kinds = int((answers.counts[rows] > 0).sum())
        if kinds < need_whole("classes", classes, 1):
            raise UnfitDataError(
                f"only {kinds} different answer patterns in group {name!r} are too few for {classes} classes"
            )
    return answers


def _rows(answers: Answers) -> list[np.ndarray]:
    """Which patterns belong to each group."""
    return [answers.codes[:, 0] == group for group in range(len(answers.options[0]))]


def _questions(answers: Answers, rows: np.ndarray | slice = slice(None)) -> Indicators:
    """The patterns without the group."""
    return Indicators(answers.layout.indicators[rows, len(answers.options[0]) :], answers.sizes[1:])


def _shares(answers: Answers, theta: np.ndarray) -> np.ndarray:
    """How large each class is in each group, shape (groups, K)."""
    joint = theta[:, 0, :1] * theta[:, 0, 1 : 1 + len(answers.options[0])]
    return np.asarray((joint / joint.sum(axis=0)).T)


def _with_groups(answers: Answers, theta: np.ndarray) -> np.ndarray:
    """Put in front of the answers that every class has the groups in the same proportion."""
    sizes = np.bincount(answers.codes[:, 0], answers.counts) / answers.observations
    groups = np.broadcast_to(sizes, (*theta.shape[:2], len(sizes)))
    return np.concatenate([theta[:, :, :1], groups, theta[:, :, 1:]], axis=2)


def _margin(answers: Answers, counts: np.ndarray) -> np.ndarray:
    """The log-likelihood of who belongs to which group, which is no part of the model."""
    sizes = np.stack([counts[:, rows].sum(axis=1) for rows in _rows(answers)])
    return np.asarray(xlogy(sizes, sizes / sizes.sum(axis=0)).sum(axis=0))


def _fit_equal(
    answers: Answers, classes: int, search: Search, *, counts: np.ndarray, guess: Sequence[np.ndarray | None]
) -> _Fits:
    fitted = fit(_questions(answers), classes, search, counts=counts, guess=guess[0])
    return _Fits((fitted,), fitted.log_likelihood)


def _fit_joint(
    answers: Answers, classes: int, search: Search, *, counts: np.ndarray, guess: Sequence[np.ndarray | None]
) -> _Fits:
    fitted = fit(answers.layout, classes, search, counts=counts, guess=guess[0])
    return _Fits((fitted,), fitted.log_likelihood - _margin(answers, counts))


def _fit_separate(
    answers: Answers, classes: int, search: Search, *, counts: np.ndarray, guess: Sequence[np.ndarray | None]
) -> _Fits:
    fits = tuple(
        fit(_questions(answers, rows), classes, search, counts=counts[:, rows], guess=own)
        for rows, own in zip(_rows(answers), guess, strict=True)
    )
    return _Fits(fits, np.sum([each.log_likelihood for each in fits], axis=0))
