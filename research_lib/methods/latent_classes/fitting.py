"""Fit a latent-class model from many starts, to one set of counts or to many resampled ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research_lib.methods.latent_classes.answer_patterns import Answers
from research_lib.methods.latent_classes.expectation_maximisation import (
    Layout,
    StoppingRule,
    join,
    normalise,
    posterior,
    run_em,
)
from research_lib.methods.options import need_whole

REACHED_WITHIN = 1e-4
_ROUGH = StoppingRule(gain=1e-5, growth=1e-3, iterations=500)
_SEARCH = StoppingRule(gain=1e-9, growth=1e-5, iterations=5000)
_POLISH = StoppingRule(gain=1e-9, growth=1e-9, iterations=5000)
_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Spec:
    """A model: how many classes, and whether groups have their own answers (items) and shares of classes."""

    classes: int
    items_free: bool = False
    shares_free: bool = False

    def layout(self, answers: Answers) -> Layout:
        """Lay the model out over the patterns."""
        whole = (slice(0, len(answers.codes)),)
        shares, items = (answers.rows if free else whole for free in (self.shares_free, self.items_free))
        return Layout(answers.indicators, answers.sizes, shares, items)

    def parameters(self, answers: Answers) -> int:
        """Count the numbers that the model is free to choose."""
        groups = len(answers.groups)
        items = self.classes * int((answers.sizes - 1).sum())
        return (self.classes - 1) * (groups if self.shares_free else 1) + items * (groups if self.items_free else 1)


@dataclass(frozen=True)
class Fit:
    """The best of S starts for B sets of counts: parameters (K, B, D) as in `Layout`, log-likelihood and hits (B,).

    `tried`, `path`, `converged`: the first set's log-likelihood of every start, best first, the path of the best, and
    how many of its starts converged.
    """

    theta: np.ndarray
    log_likelihood: np.ndarray
    reached: np.ndarray
    tried: np.ndarray
    path: np.ndarray
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
    answers: Answers, spec: Spec, search: Search, *, counts: np.ndarray | None = None, guess: np.ndarray | None = None
) -> Fit:
    """Fit to the persons counted, or to each row of `counts` (B, R); `guess` (K, 1, D) is one more start.

    Hits are counted among the random starts. Where groups share no parameter each is fitted by itself, and the hits are
    those of the group with the fewest.
    """
    counts = answers.counts[None] if counts is None else counts
    if spec.items_free and spec.shares_free and len(answers.groups) > 1:
        return _fit_by_group(answers, spec, search, counts=counts, guess=guess)
    return _fit_jointly(spec.layout(answers), spec.classes, search, counts=counts, guess=guess)


def _fit_jointly(layout: Layout, classes: int, search: Search, *, counts: np.ndarray, guess: np.ndarray | None) -> Fit:
    sets = len(counts)
    begin = _random_starts(layout, classes, search, sets)
    if guess is not None:
        begin = np.concatenate([begin, np.repeat(guess[:, :, None], sets, axis=2)], axis=1)
    each = begin.shape[1]
    theta, heights, converged, paths = _run_in_parts(layout, counts, begin, _SEARCH if search.exact else _ROUGH)
    own, best, drawn = np.arange(sets), heights.argmax(axis=0), heights[: search.starts]
    found = Fit(
        theta.reshape(classes, each, sets, -1)[:, best, own],
        heights[best, own],
        (drawn >= heights[best, own] - REACHED_WITHIN).sum(axis=0),
        np.sort(drawn[:, 0])[::-1],
        paths[best[0]],
        int(converged[: search.starts, 0].sum()),
    )
    if not search.exact:
        return found
    end = run_em(layout, counts, found.theta, _POLISH)
    path = np.concatenate([found.path, end.path[:, 0]])
    return replace(found, theta=end.theta, log_likelihood=end.log_likelihood, path=path)


def _random_starts(layout: Layout, classes: int, search: Search, sets: int) -> np.ndarray:
    """Draw shares and answers uniformly, shape (K, S, B, D); blocks of groups start alike."""
    rng = np.random.default_rng(search.seed)
    shape = (sets, search.starts, classes, 1 + layout.indicators.shape[1])
    drawn = rng.standard_exponential(shape).transpose(2, 1, 0, 3)
    blocks = [drawn[..., :1]] * len(layout.share_rows) + [drawn[..., 1:]] * len(layout.item_rows)
    theta = np.concatenate(blocks, axis=-1)
    return normalise(layout, theta.reshape(classes, -1, theta.shape[-1])).reshape(theta.shape)


def _run_in_parts(
    layout: Layout, counts: np.ndarray, begin: np.ndarray, stop: StoppingRule
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
    """Run EM with as many trials at once as memory allows; keep the paths of the first set's trials only."""
    classes, each, sets, width = begin.shape
    trials = begin.reshape(classes, each * sets, width)
    part = max(1, _AT_ONCE // (len(layout.indicators) * classes))
    done, paths = [], []
    for start in range(0, each * sets, part):
        chosen = np.arange(start, min(start + part, each * sets))
        own = counts if sets == 1 else counts[chosen % sets]
        done.append(run_em(layout, own, trials[:, chosen], stop))
        paths += [done[-1].path[:, place] for place in np.flatnonzero(chosen % sets == 0)]
    heights = np.concatenate([part.log_likelihood for part in done]).reshape(each, sets)
    converged = np.concatenate([part.converged for part in done]).reshape(each, sets)
    return np.concatenate([part.theta for part in done], axis=1), heights, converged, paths


def _fit_by_group(answers: Answers, spec: Spec, search: Search, *, counts: np.ndarray, guess: np.ndarray | None) -> Fit:
    layout = spec.layout(answers)
    fits = []
    for place, rows in enumerate(answers.rows):
        one = (slice(0, rows.stop - rows.start),)
        alone = replace(layout, indicators=layout.indicators[rows], share_rows=one, item_rows=one)
        own = None if guess is None else layout.take(guess, [place], [place])
        fits.append(_fit_jointly(alone, spec.classes, search, counts=counts[:, rows], guess=own))
    return Fit(
        np.concatenate([*(one.theta[..., :1] for one in fits), *(one.theta[..., 1:] for one in fits)], axis=-1),
        np.sum([one.log_likelihood for one in fits], axis=0),
        np.min([one.reached for one in fits], axis=0),
        np.array([]),
        np.array([]),
        min(one.converged for one in fits),
    )


def reorder(layout: Layout, theta: np.ndarray, orders: Sequence[np.ndarray]) -> np.ndarray:
    """Number the classes of every group anew; groups that share something must have the same order."""
    shares, items = layout.split(theta)
    own_shares = np.stack([shares[orders[at], ..., at] for at in range(shares.shape[-1])], axis=-1)
    return join(own_shares, np.stack([items[orders[at], ..., at, :] for at in range(items.shape[-2])], axis=-2))


def memberships(layout: Layout, theta: np.ndarray) -> np.ndarray:
    """Give each pattern's probability of every class under the first parameters, shape (R, K)."""
    return posterior(layout, theta[:, :1])[0][:, 0].T
