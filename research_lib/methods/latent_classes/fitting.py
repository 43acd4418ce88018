"""Fit a latent-class model from many starts, to one set of counts or to many resampled ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research_lib.methods.latent_classes.answer_patterns import Answers
from research_lib.methods.latent_classes.expectation_maximisation import (
    Layout,
    StoppingRule,
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
    own = np.arange(sets)
    best = heights.argmax(axis=0)
    drawn = heights[: search.starts]
    hits = (drawn >= heights[best, own] - REACHED_WITHIN).sum(axis=0)
    found = Fit(
        theta.reshape(classes, each, sets, -1)[:, best, own],
        heights[best, own],
        hits,
        np.sort(drawn[:, 0])[::-1],
        paths[best[0]],
        int(converged[: search.starts, 0].sum()),
    )
    return _polished(layout, counts, found) if search.exact else found


def _random_starts(layout: Layout, classes: int, search: Search, sets: int) -> np.ndarray:
    """Draw shares and answers uniformly, shape (K, S, B, D); blocks of groups start alike."""
    rng = np.random.default_rng(search.seed)
    blocks, width = len(layout.share_rows), layout.indicators.shape[1]
    drawn = rng.standard_exponential((sets, search.starts, classes, 1 + width)).transpose(2, 1, 0, 3)
    blocks_drawn = [drawn[..., :1]] * blocks + [drawn[..., 1:]] * len(layout.item_rows)
    flat = np.concatenate(blocks_drawn, axis=-1).reshape(classes, -1, layout.width)
    return normalise(layout, flat).reshape(classes, search.starts, sets, layout.width)


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


def _polished(layout: Layout, counts: np.ndarray, found: Fit) -> Fit:
    end = run_em(layout, counts, found.theta, _POLISH)
    path = np.concatenate([found.path, end.path[:, 0]])
    return replace(found, theta=end.theta, log_likelihood=end.log_likelihood, path=path)


def _fit_by_group(answers: Answers, spec: Spec, search: Search, *, counts: np.ndarray, guess: np.ndarray | None) -> Fit:
    layout = spec.layout(answers)
    fits = []
    for place, rows in enumerate(answers.rows):
        one = slice(0, rows.stop - rows.start)
        alone = replace(layout, indicators=layout.indicators[rows], share_rows=(one,), item_rows=(one,))
        own = None if guess is None else group_part(layout, guess, place)
        fits.append(_fit_jointly(alone, spec.classes, search, counts=counts[:, rows], guess=own))
    shares = [one.theta[..., :1] for one in fits]
    items = [one.theta[..., 1:] for one in fits]
    return Fit(
        np.concatenate([*shares, *items], axis=-1),
        np.sum([one.log_likelihood for one in fits], axis=0),
        np.min([one.reached for one in fits], axis=0),
        np.array([]),
        np.array([]),
        min(one.converged for one in fits),
    )


def group_part(layout: Layout, theta: np.ndarray, place: int) -> np.ndarray:
    """Take one group's shares and answers out of the parameters, shape (K, T, 1 + M)."""
    blocks, width = len(layout.share_rows), layout.indicators.shape[1]
    share = place if blocks > 1 else 0
    begin = blocks + (place * width if len(layout.item_rows) > 1 else 0)
    return np.concatenate([theta[..., share : share + 1], theta[..., begin : begin + width]], axis=-1)


def widen(layout: Layout, theta: np.ndarray, freer: Layout) -> np.ndarray:
    """Write the parameters of a model as parameters of one with more free groups."""
    parts = [group_part(layout, theta, place) for place in range(max(len(freer.share_rows), len(freer.item_rows)))]
    shares = [part[..., :1] for part in parts[: len(freer.share_rows)]]
    return np.concatenate([*shares, *(part[..., 1:] for part in parts[: len(freer.item_rows)])], axis=-1)


def reorder(layout: Layout, theta: np.ndarray, orders: Sequence[np.ndarray]) -> np.ndarray:
    """Number the classes of every group anew; groups that share something must have the same order."""
    blocks, width = len(layout.share_rows), layout.indicators.shape[1]
    shares = [theta[orders[place], ..., place : place + 1] for place in range(blocks)]
    items = [
        theta[orders[place], ..., blocks + place * width : blocks + (place + 1) * width]
        for place in range(len(layout.item_rows))
    ]
    return np.concatenate([*shares, *items], axis=-1)


def memberships(layout: Layout, theta: np.ndarray) -> np.ndarray:
    """Give each pattern's probability of every class under the first parameters, shape (R, K)."""
    return posterior(layout, theta[:, :1])[0][:, 0].T
