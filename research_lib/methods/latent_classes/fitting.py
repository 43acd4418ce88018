"""Fit a latent-class model from many starts, to one set of counts or to many resampled ones."""

from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from research_lib.methods.latent_classes.expectation_maximisation import (
    EMResult,
    Indicators,
    StoppingRule,
    normalise,
    run_em,
)
from research_lib.methods.options import need_whole

REACHED_WITHIN = 1e-4
_ROUGH = StoppingRule(gain=1e-5, growth=1e-3, iterations=500)
_SEARCH = StoppingRule(gain=1e-9, growth=1e-5, iterations=5000)
_POLISH = StoppingRule(gain=1e-9, growth=1e-9, iterations=5000)
_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Fit:
    """The best of S starts for B sets of counts: parameters (K, B, 1 + M), log-likelihood and hits (B,).

    `converged`: how many of the first set's starts did.
    """

    theta: np.ndarray
    log_likelihood: np.ndarray
    reached: np.ndarray
    converged: int


@dataclass(frozen=True)
class Search:
    """From which seed and how many random starts, and whether to the last digit or roughly, as resamples need."""

    seed: int
    starts: int
    exact: bool = True

    def __post_init__(self) -> None:
        need_whole("seed", self.seed, 0)
        need_whole("starts", self.starts, 1)


def fit(
    layout: Indicators, classes: int, search: Search, *, counts: np.ndarray, guess: np.ndarray | None = None
) -> Fit:
    """Fit to each row of `counts` (B, R); `guess` (K, 1, 1 + M) is one more start. Hits are of the random starts.

    The classes of the first set are numbered from the largest to the smallest.
    """
    sets = len(counts)
    begin = _random_starts(layout, classes, search, sets)
    if guess is not None:
        begin = np.concatenate([begin, np.repeat(guess[:, :, None], sets, axis=2)], axis=1)
    end = _run_in_parts(layout, counts, begin, _SEARCH if search.exact else _ROUGH)
    own, heights = np.arange(sets), end.log_likelihood.reshape(-1, sets)
    best, drawn = heights.argmax(axis=0), heights[: search.starts]
    theta = end.theta.reshape(classes, -1, sets, begin.shape[-1])[:, best, own]
    reached = (drawn >= heights[best, own] - REACHED_WITHIN).sum(axis=0)
    converged = int(end.converged.reshape(-1, sets)[: search.starts, 0].sum())
    fitted = Fit(theta, heights[best, own], reached, converged)
    if search.exact:
        polished = run_em(layout, counts, theta, _POLISH)
        fitted = replace(fitted, theta=polished.theta, log_likelihood=polished.log_likelihood)
    return replace(fitted, theta=fitted.theta[np.argsort(-fitted.theta[:, 0, 0], kind="stable")])


def _random_starts(layout: Indicators, classes: int, search: Search, sets: int) -> np.ndarray:
    """Draw shares and answers uniformly, shape (K, S, B, 1 + M)."""
    shape = (sets, search.starts, classes, 1 + layout.indicators.shape[1])
    theta = np.random.default_rng(search.seed).standard_exponential(shape).transpose(2, 1, 0, 3)
    return normalise(layout, theta.reshape(classes, -1, theta.shape[-1])).reshape(theta.shape)


def _run_in_parts(layout: Indicators, counts: np.ndarray, begin: np.ndarray, stop: StoppingRule) -> EMResult:
    """Run EM with as many trials at once as memory allows."""
    classes, each, sets, width = begin.shape
    trials = begin.reshape(classes, each * sets, width)
    part = max(1, _AT_ONCE // (len(layout.indicators) * classes))
    done = []
    # Products of so odd a shape are slow on several threads, above all where other programs run.
    with threadpool_limits(1, user_api="blas"):
        for start in range(0, each * sets, part):
            chosen = np.arange(start, min(start + part, each * sets))
            done.append(run_em(layout, counts if sets == 1 else counts[chosen % sets], trials[:, chosen], stop))
    return EMResult(
        np.concatenate([each.theta for each in done], axis=1),
        np.concatenate([each.log_likelihood for each in done]),
        np.concatenate([each.converged for each in done]),
    )
