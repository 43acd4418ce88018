"""How many classes: fit by number, a bootstrap test of one more, and whether the classes are stable in resamples."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.latent_classes.answer_patterns import Answers, collapse, need_patterns, read_answers
from research_lib.methods.latent_classes.expectation_maximisation import posterior
from research_lib.methods.latent_classes.fitting import Search, fit
from research_lib.methods.latent_classes.latent_class_model import measure
from research_lib.methods.options import need_whole

type Draw = Callable[[np.random.Generator, int], tuple[Answers, np.ndarray]]
type Gain = Callable[[Answers, np.ndarray, Search], np.ndarray]
_PERSONS_AT_ONCE = 300_000
_FIT = ("classes", "log_likelihood", "parameters", "df", "bic", "aic", "entropy", "g2", "x2", "smallest")
_COMPARED = (*_FIT, "reached", "starts", "identified", "caution")


@dataclass(frozen=True)
class BootstrapTest:
    """Twice the gain in log-likelihood of the richer model, and how often chance alone gives as much.

    `exceeded`: in how many of the `resamples`, drawn from the simpler model, the gain was as large or larger.
    `p_value`: (1 + exceeded) / (1 + resamples). `resampled`: the gains drawn.
    """

    statistic: float
    exceeded: int
    resamples: int
    p_value: float
    resampled: tuple[float, ...]


def bootstrap_ratio(
    answers: Answers, draw: Draw, gain: Gain, search: Search, *, statistic: float, resamples: int
) -> BootstrapTest:
    """Draw persons from the simpler model, as many and with the same gaps, and take the gain of each draw.

    `draw` gives the patterns of so many draws and the counts of each; `gain` fits both models to these.
    """
    need_whole("resamples", resamples, 1)
    rng, parts = np.random.default_rng(search.seed), []
    # Few draws are fitted together where nearly everybody has a pattern of their own, which no draw shares.
    sharing = 4 * answers.observations // len(answers.codes)
    at_once = max(1, min(sharing, _PERSONS_AT_ONCE // answers.observations))
    for start in range(0, resamples, at_once):
        drawn, counts = draw(rng, min(at_once, resamples - start))
        parts.append(gain(drawn, counts, Search(int(rng.integers(2**31)), search.starts, exact=False)))
    gains = np.concatenate(parts)
    exceeded = int((gains >= statistic).sum())
    return BootstrapTest(statistic, exceeded, resamples, (1 + exceeded) / (1 + resamples), tuple(map(float, gains)))


def likelihood_ratio(simple: np.ndarray, rich: np.ndarray) -> np.ndarray:
    """Twice the gain in log-likelihood; never below 0, since the richer model holds the simpler one."""
    return np.asarray(np.maximum(2 * (rich - simple), 0.0))


def simulate(
    answers: Answers, shares: np.ndarray, items: np.ndarray, rng: np.random.Generator, *, resamples: int, kept: int = 0
) -> tuple[Answers, np.ndarray]:
    """Draw all persons anew, `resamples` times, each with the same gaps. Patterns, and counts (B, R) of them.

    `shares` (R, K): each pattern's probability of a class; `items` (K, M): that of each answer. The first `kept`
    answers stay as they are.
    """
    people = np.tile(np.repeat(np.arange(len(answers.codes)), answers.counts.astype(int)), resamples)
    given, kind = answers.codes[people], _sample_columns(shares[people], rng)
    questions = np.split(items, answers.sizes.cumsum()[:-1], axis=1)[kept:]
    drawn = np.column_stack([_sample_columns(chances[kind], rng) for chances in questions])
    codes = np.column_stack([given[:, :kept], np.where(given[:, kept:] < 0, -1, drawn)])
    shown, pattern_of = collapse(codes)
    of = np.repeat(np.arange(resamples), answers.observations) * len(shown) + pattern_of
    counts = np.bincount(of, minlength=resamples * len(shown)).reshape(resamples, -1).astype(float)
    return replace(answers, codes=codes[shown], counts=counts.sum(axis=0)), counts


def _sample_columns(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pick a column in every row by its chances."""
    return (rng.random((len(chances), 1)) > np.cumsum(chances[:, :-1], axis=1)).sum(axis=1)


@dataclass(frozen=True)
class Stability:
    """How stable the classes are in resamples of the persons.

    `agreement`: for each resample the adjusted Rand index between the likeliest class of every person given and the
    class that the refitted model gives them: 1 the same, 0 as by chance. `per_class`: class, share (of persons whose
    likeliest class it is), jaccard (mean overlap with the most like class of the refits; above .75 stable, below .6 no
    pattern to rely on), dissolved (the share of refits in which the overlap was .5 or less).
    """

    classes: int
    resamples: int
    mean_agreement: float
    agreement: tuple[float, ...]
    per_class: pd.DataFrame


def numbers_of_classes(
    frame: pd.DataFrame,
    *,
    classes: Iterable[int] = (1, 2, 3, 4, 5),
    seed: int = 1,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Fit several numbers of classes and lay them side by side, to choose by fit and by sense.

    Options as in `latent_classes`. One row a number: classes, log_likelihood, parameters, df, bic, aic, entropy, g2,
    x2, smallest (the share of the smallest class), reached, starts, identified, caution (why not to trust the row).
    A lower BIC is better; AIC favours more classes. Not for: choosing by one number alone, without reading the classes;
    entropy measures how certain the sorting is, never how many classes exist.
    Raises UnfitDataError as `latent_classes` does.
    Source: Nylund, Asparouhov and Muthén (2007), Structural Equation Modeling 14, 535-569.
    """
    numbers = list(classes) if isinstance(classes, Iterable) else []
    if not numbers:
        raise UnfitDataError("name the numbers of classes to compare, such as (1, 2, 3)")
    answers, search = read_answers(frame, questions=questions, weights=weights), Search(seed, starts)
    rows = []
    for number in numbers:
        need_patterns(answers, number)
        fitted = fit(answers.layout, number, search, counts=answers.counts[None])
        measured = measure(answers, fitted, starts)
        smallest = float(fitted.theta[-1, 0, 0])
        rows.append(asdict(measured) | {"smallest": smallest, "caution": measured.caution})
    return pd.DataFrame(rows, columns=list(_COMPARED))


def bootstrap_test(
    frame: pd.DataFrame,
    *,
    classes: int,
    seed: int = 1,
    resamples: int = 99,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> BootstrapTest:
    """Test whether one class more than `classes` fits better than chance alone would make it.

    Twice the gain in log-likelihood does not follow chi-squared here, so that new answers are drawn from the model with
    `classes`, `resamples` times, and both models fitted to each. A small p_value is evidence for `classes` + 1
    against `classes`. Not for: questions that depend on each other beyond the classes, where the test finds ever more
    classes; several tests in a row at one level; fewer than 99 resamples where the p_value is near the level.
    Raises UnfitDataError as `latent_classes` does.
    Source: McLachlan and Peel (2000), Finite Mixture Models, section 6.4; Nylund, Asparouhov and Muthén (2007).
    """
    need_whole("classes", classes, 1)
    answers = read_answers(frame, questions=questions, weights=weights, classes=classes + 1)
    search = Search(seed, starts)
    simple, rich = (
        fit(answers.layout, number, search, counts=answers.counts[None]) for number in (classes, classes + 1)
    )

    def draw(rng: np.random.Generator, times: int) -> tuple[Answers, np.ndarray]:
        theta = simple.theta[:, 0]
        shares = np.tile(theta[:, 0], (len(answers.codes), 1))
        return simulate(answers, shares, theta[:, 1:], rng, resamples=times)

    def gain(drawn: Answers, counts: np.ndarray, search: Search) -> np.ndarray:
        again = (
            fit(drawn.layout, len(each.theta), search, counts=counts, guess=each.theta).log_likelihood
            for each in (simple, rich)
        )
        return likelihood_ratio(*again)

    statistic = float(likelihood_ratio(simple.log_likelihood, rich.log_likelihood)[0])
    return bootstrap_ratio(answers, draw, gain, search, statistic=statistic, resamples=resamples)


def stability(
    frame: pd.DataFrame,
    *,
    classes: int,
    seed: int = 1,
    resamples: int = 100,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> Stability:
    """Draw the persons anew with replacement, refit, and say how far everybody is sorted as before.

    Each refit has `starts` random starts and one from the classes found. Not for: showing that classes are real; what
    is stable may still be a cut through a continuum. Raises UnfitDataError as `latent_classes` does.
    Source: Hennig (2007), Computational Statistics & Data Analysis 52, 258-271; Hubert and Arabie (1985), Journal of
    Classification 2, 193-218.
    """
    from sklearn.metrics import adjusted_rand_score  # loads slowly

    answers = read_answers(frame, questions=questions, weights=weights, classes=classes)
    need_whole("resamples", resamples, 1)
    fitted = fit(answers.layout, classes, Search(seed, starts), counts=answers.counts[None])
    chances = answers.counts / answers.counts.sum()
    counts = np.random.default_rng(seed).multinomial(answers.observations, chances, size=resamples).astype(float)
    again = fit(answers.layout, classes, Search(seed, starts, exact=False), counts=counts, guess=fitted.theta)
    first, *others = (
        posterior(answers.layout, theta)[0][:, 0].argmax(axis=0)
        for theta in (fitted.theta, *(again.theta[:, [place]] for place in range(resamples)))
    )
    pairs = [np.bincount(first * classes + other, answers.counts, classes**2) for other in others]
    people = answers.counts.astype(int)
    agreement = tuple(adjusted_rand_score(first.repeat(people), other.repeat(people)) for other in others)
    return Stability(
        classes, resamples, float(np.mean(agreement)), agreement, _per_class(np.reshape(pairs, (-1, classes, classes)))
    )


def _per_class(tables: np.ndarray) -> pd.DataFrame:
    """Overlap of every class with the most like class of each refit: shared persons by persons in either."""
    own, others = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    either = own + others - tables
    overlap = np.divide(tables, either, out=np.zeros_like(tables), where=either > 0).max(axis=2)
    return pd.DataFrame(
        {
            "class": np.arange(1, len(own[0]) + 1),
            "share": own[0, :, 0] / own[0].sum(),
            "jaccard": overlap.mean(axis=0),
            "dissolved": (overlap <= 0.5).mean(axis=0),
        }
    )
