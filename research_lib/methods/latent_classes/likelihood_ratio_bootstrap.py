"""Compare two nested latent-class models by drawing new answers from the simpler one."""

from dataclasses import dataclass, replace

import numpy as np

from research_lib.methods.latent_classes.answer_patterns import Answers, collapse
from research_lib.methods.latent_classes.expectation_maximisation import Layout
from research_lib.methods.latent_classes.fitting import Fit, Search, Spec, fit, group_part
from research_lib.methods.options import need_whole

Model = tuple[Spec, Fit]
_PERSONS_AT_ONCE = 300_000


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
    at_once = _at_once(answers)
    for start in range(0, resamples, at_once):
        drawn, counts = _simulate(answers, simple, rng, min(at_once, resamples - start))
        refit = Search(int(rng.integers(2**31)), search.starts, exact=False)
        parts.append(_gain(_refit(drawn, counts, simple, refit), _refit(drawn, counts, rich, refit)))
    gains, statistic = np.concatenate(parts), float(_gain(simple[1], rich[1])[0])
    exceeded = int((gains >= statistic).sum())
    return BootstrapTest(statistic, exceeded, resamples, (1 + exceeded) / (1 + resamples), tuple(map(float, gains)))


def _at_once(answers: Answers) -> int:
    """How many draws to fit together: few where nearly everybody has a pattern of their own, which no draw shares."""
    sharing = 4 * answers.observations // len(answers.codes)
    return max(1, min(sharing, _PERSONS_AT_ONCE // answers.observations))


def _refit(answers: Answers, counts: np.ndarray, model: Model, search: Search) -> Fit:
    spec, found = model
    return fit(answers, spec, search, counts=counts, guess=found.theta[:, :1])


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
    shown, pattern_of = collapse(codes, answers.sizes, group)
    of = np.repeat(np.arange(resamples), len(people)) * len(shown) + pattern_of
    counts = np.bincount(of, minlength=resamples * len(shown)).reshape(resamples, -1).astype(float)
    return replace(answers, codes=codes[shown], group=group[shown], counts=counts.sum(axis=0)), counts


def _sample_answers(layout: Layout, theta: np.ndarray, group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give everybody a class and, by class, an answer to every question; shape (N, J)."""
    parts = np.stack([group_part(layout, theta, place)[:, 0] for place in range(int(group.max()) + 1)])
    kind = _sample_columns(parts[:, :, 0][group], rng)
    answers, start = [], 1
    for size in layout.sizes:
        answers.append(_sample_columns(parts[:, :, start : start + size][group, kind], rng))
        start += size
    return np.column_stack(answers)


def _sample_columns(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pick a column in every row by its chances."""
    return (rng.random((len(chances), 1)) > np.cumsum(chances[:, :-1], axis=1)).sum(axis=1)
