"""The EM algorithm for latent-class models, for many starts and many resamples at once.

Parameters lie in one array of shape (K, T, D): class, trial, and side by side the share of each block of groups and
the probability of every option in each block. The steps are those of Dempster, Laird and Rubin (1977, JRSS B 39);
every third is extrapolated after Varadhan and Roland (2008, Scandinavian Journal of Statistics 35, scheme S3), and
taken only where the likelihood is no lower for it. A missing answer adds nothing to a person's likelihood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

TINY = 1e-300
_LEAST_LEFT = 0.1
_ALMOST_ZERO = 1e-12
_ROUNDING = 1e-14
_ON_ONE_THREAD = 250_000
_FIRST_LENGTH, _LENGTHEN_BY = 4.0, 4.0
_LOWEST = -500.0


@dataclass(frozen=True)
class Layout:
    """What is counted and what is shared: `indicators` (R, M) of patterns, and `sizes` (J,) of the questions.

    `share_rows` and `item_rows`: the rows that have shares of their own, and answers of their own.
    """

    indicators: np.ndarray
    sizes: np.ndarray
    share_rows: tuple[slice, ...]
    item_rows: tuple[slice, ...]

    @cached_property
    def share_of(self) -> np.ndarray:
        """The block of shares of every row, shape (R,)."""
        lengths = [rows.stop - rows.start for rows in self.share_rows]
        return np.repeat(np.arange(len(lengths)), lengths)

    def split(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The shares of each block of groups, and the answers of each: an axis for blocks, one for options."""
        blocks = len(self.share_rows)
        return theta[..., :blocks], theta[..., blocks:].reshape(*theta.shape[:-1], -1, self.indicators.shape[1])

    def take(self, theta: np.ndarray, shares: Sequence[int], items: Sequence[int]) -> np.ndarray:
        """Take the shares and the answers of groups, by their places; a block that all groups have is each one's."""
        of_blocks, of_items = self.split(theta)
        own_items = of_items[..., np.minimum(items, len(self.item_rows) - 1), :]
        return join(of_blocks[..., np.minimum(shares, len(self.share_rows) - 1)], own_items)


@dataclass(frozen=True)
class EMResult:
    """The end of T trials: parameters (K, T, D), log-likelihood (T,), path (iterations, T), and which converged."""

    theta: np.ndarray
    log_likelihood: np.ndarray
    path: np.ndarray
    converged: np.ndarray


@dataclass(frozen=True)
class StoppingRule:
    """When a trial has converged: an iteration gains at most `gain`, and no probability grows by the part `growth`.

    The second holds a trial back whose likelihood stands still only because a probability is almost 0.
    """

    gain: float
    growth: float
    iterations: int


def join(shares: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Put shares and answers side by side, as parameters lie."""
    return np.concatenate([shares, items.reshape(*items.shape[:-2], -1)], axis=-1)


def normalise(layout: Layout, theta: np.ndarray) -> np.ndarray:
    """Make shares sum to one over classes, and the answers to each question within a class."""
    shares, items = layout.split(theta)
    totals = np.add.reduceat(items, np.cumsum(layout.sizes) - layout.sizes, axis=-1)
    return join(shares / shares.sum(axis=0), items / np.maximum(np.repeat(totals, layout.sizes, axis=-1), TINY))


def posterior(layout: Layout, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give every pattern's probability of each class (K, T, R), and the log of its own probability (T, R)."""
    shares, items = layout.split(np.log(np.maximum(theta, TINY)))
    parts = [_times(items[..., at, :], layout.indicators[rows].T) for at, rows in enumerate(layout.item_rows)]
    joint = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
    joint += shares if len(layout.share_rows) == 1 else shares[..., layout.share_of]
    top = joint.max(axis=0)
    joint -= top
    # Numbers so small that they have no full precision make the products of matrices fifty times slower.
    np.maximum(joint, _LOWEST, out=joint)
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint, top + np.log(total)


def em_step(layout: Layout, counts: np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take one step of EM; give the new parameters and the log-likelihood of the old ones.

    `counts` (T, R), or (1, R) where every trial has the same.
    """
    expected, of_rows = posterior(layout, theta)
    expected *= counts
    shares = np.stack([expected[..., rows].sum(axis=-1) for rows in layout.share_rows], axis=-1)
    items = [_times(expected[..., rows], layout.indicators[rows]) for rows in layout.item_rows]
    return normalise(layout, np.concatenate([shares, *items], axis=-1)), (of_rows * counts).sum(axis=-1)


def run_em(layout: Layout, counts: np.ndarray, theta: np.ndarray, stop: StoppingRule) -> EMResult:
    """Run EM from every trial until it converges, or for all iterations; an iteration is three steps."""
    trials, path = theta.shape[1], []
    end, heights, lengths = theta.copy(), np.full(trials, -np.inf), np.full(trials, _FIRST_LENGTH)
    going = np.arange(trials)
    for _ in range(stop.iterations):
        own = counts if len(counts) == 1 else counts[going]
        further, height, growth, length = _iterate(layout, own, end[:, going], lengths[going])
        gain, heights[going] = height - heights[going], height
        path.append(heights.copy())
        moving = (gain > stop.gain) | (growth > stop.growth)
        going = going[moving]
        if not len(going):
            break
        end[:, going], lengths[going] = further[:, moving], length[moving]
    return EMResult(end, heights, np.array(path), ~np.isin(np.arange(trials), going))


def _iterate(layout: Layout, counts: np.ndarray, theta: np.ndarray, step_length: np.ndarray) -> tuple[np.ndarray, ...]:
    """Take two steps and an extrapolation by `step_length` at most, which adapts to how well that goes.

    Gives the new parameters, the log-likelihood of the old ones, the largest growth of a probability, and the length.
    """
    once, now = em_step(layout, counts, theta)
    twice, then = em_step(layout, counts, once)
    extrapolated, length = _extrapolate(theta, once, twice, step_length)
    further, further_height = em_step(layout, counts, normalise(layout, extrapolated))
    accepted = further_height >= then - _ROUNDING * np.abs(then)
    longer = np.where(length == step_length, step_length * _LENGTHEN_BY, step_length)
    next_length = np.where(accepted, longer, np.maximum(length / _LENGTHEN_BY, 1.0))
    growth = (once / np.maximum(theta, TINY)).max(axis=(0, 2)) - 1
    return np.where(accepted[:, None], further, twice), now, growth, next_length


def _extrapolate(
    theta: np.ndarray, once: np.ndarray, twice: np.ndarray, step_length: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Go along the curve of the last two steps; no probability may jump to 0, where EM would keep it."""
    change = once - theta
    bend = twice - once - change
    length = np.sqrt((change**2).sum(axis=(0, 2)) / np.maximum((bend**2).sum(axis=(0, 2)), TINY))
    length = np.clip(length, 1.0, step_length)
    by = length[:, None]
    least = np.minimum(twice, np.maximum(_LEAST_LEFT * twice, _ALMOST_ZERO))
    return np.maximum(theta + 2 * by * change + by**2 * bend, least), length


def _times(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Multiply (K, T, A) by (A, B), in blocks along the longer of A and B.

    Blocks this small stay on one thread; whole products of so odd a shape are slow on several, above all where other
    programs run.
    """
    flat, (deep, wide) = left.reshape(-1, left.shape[-1]), right.shape
    block = max(1, _ON_ONE_THREAD // (len(flat) * min(deep, wide)))
    places = [slice(start, start + block) for start in range(0, max(deep, wide), block)]
    if deep > wide:
        product = sum((flat[:, place] @ right[place] for place in places), np.zeros((len(flat), wide)))
    else:
        product = np.concatenate([flat @ right[:, place] for place in places], axis=1)
    return product.reshape(*left.shape[:-1], wide)
