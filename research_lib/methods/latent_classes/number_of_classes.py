"""How many classes: fit by number, a bootstrap test of one more, and whether the classes are stable in resamples."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.latent_classes.answer_patterns import Answers, collapse, need_patterns, read_answers
from research_lib.methods.latent_classes.expectation_maximisation import Layout
from research_lib.methods.latent_classes.fitting import Fit, Search, Spec, fit, memberships
from research_lib.methods.latent_classes.latent_class_model import fit_sorted, measure
from research_lib.methods.options import need_whole

Model = tuple[Spec, Fit]
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


def bootstrap_ratio(answers: Answers, simple: Model, rich: Model, search: Search, *, resamples: int) -> BootstrapTest:
    """Draw persons from the simple model, as many and with the same gaps, and fit both models to each draw.

    Both are fitted from the random starts of the search, and from their parameters for the observed answers.
    """
    need_whole("resamples", resamples, 1)
    rng, parts = np.random.default_rng(search.seed), []
    # Few draws are fitted together where nearly everybody has a pattern of their own, which no draw shares.
    sharing = 4 * answers.observations // len(answers.codes)
    at_once = max(1, min(sharing, _PERSONS_AT_ONCE // answers.observations))
    for start in range(0, resamples, at_once):
        drawn, counts = _simulate(answers, simple, rng, min(at_once, resamples - start))
        refit = Search(int(rng.integers(2**31)), search.starts, exact=False)
        again = [fit(drawn, spec, refit, counts=counts, guess=found.theta[:, :1]) for spec, found in (simple, rich)]
        parts.append(_gain(*again))
    gains, statistic = np.concatenate(parts), float(_gain(simple[1], rich[1])[0])
    exceeded = int((gains >= statistic).sum())
    return BootstrapTest(statistic, exceeded, resamples, (1 + exceeded) / (1 + resamples), tuple(map(float, gains)))


def _gain(simple: Fit, rich: Fit) -> np.ndarray:
    """Twice the gain; never below 0, since the richer model holds the simpler one."""
    return np.asarray(np.maximum(2 * (rich.log_likelihood - simple.log_likelihood), 0.0))


def _simulate(answers: Answers, model: Model, rng: np.random.Generator, resamples: int) -> tuple[Answers, np.ndarray]:
    """Draw all persons anew, `resamples` times; each keeps group and gaps. Patterns, and counts (B, R) of them."""
    spec, found = model
    people = np.repeat(np.arange(len(answers.codes)), answers.counts.astype(int))
    group = np.tile(answers.group[people], resamples)
    gaps = np.tile(answers.codes[people] < 0, (resamples, 1))
    codes = _sample_answers(spec.layout(answers), found.theta[:, :1], group, rng)
    codes[gaps] = -1
    shown, pattern_of = collapse(codes, group)
    of = np.repeat(np.arange(resamples), len(people)) * len(shown) + pattern_of
    counts = np.bincount(of, minlength=resamples * len(shown)).reshape(resamples, -1).astype(float)
    return replace(answers, codes=codes[shown], group=group[shown], counts=counts.sum(axis=0)), counts


def _sample_answers(layout: Layout, theta: np.ndarray, group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give everybody a class and, by class, an answer to every question; shape (N, J)."""
    parts = np.stack([layout.take(theta, [place], [place])[:, 0] for place in range(int(group.max()) + 1)])
    kind = _sample_columns(parts[:, :, 0][group], rng)
    questions = np.split(parts[:, :, 1:], layout.sizes.cumsum()[:-1], axis=2)
    return np.column_stack([_sample_columns(chances[group, kind], rng) for chances in questions])


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
        spec, found = fit_sorted(answers, Spec(number), search)
        fitted = measure(answers, spec, found, starts)
        smallest = float(found.theta[-1, 0, 0])
        rows.append(asdict(fitted) | {"smallest": smallest, "caution": fitted.caution})
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
    simple, rich = (fit_sorted(answers, Spec(number), search) for number in (classes, classes + 1))
    return bootstrap_ratio(answers, simple, rich, search, resamples=resamples)


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
    spec, found = fit_sorted(answers, Spec(classes), Search(seed, starts))
    chances = answers.counts / answers.counts.sum()
    counts = np.random.default_rng(seed).multinomial(answers.observations, chances, size=resamples).astype(float)
    again = fit(answers, spec, Search(seed, starts, exact=False), counts=counts, guess=found.theta)
    layout = spec.layout(answers)
    first, *others = (
        memberships(layout, theta).argmax(axis=1)
        for theta in (found.theta, *(again.theta[:, [place]] for place in range(resamples)))
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
