"""The EM algorithm for latent-class models, for many starts and many resamples at once.

Parameters lie in one array of shape (K, T, D): class, trial, and side by side the share of each block of groups and
the probability of every option in each block. The steps are those of Dempster, Laird and Rubin (1977, JRSS B 39);
every third is extrapolated after Varadhan and Roland (2008, Scandinavian Journal of Statistics 35, scheme S3), and
taken only where the likelihood is no lower for it. A missing answer adds nothing to a person's likelihood.
"""

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
    def edges(self) -> np.ndarray:
        """Where each question of each block begins among all options."""
        sizes = np.tile(self.sizes, len(self.item_rows))
        return np.asarray(np.cumsum(sizes) - sizes)

    @cached_property
    def width(self) -> int:
        """How many numbers describe a class: D."""
        return int(len(self.share_rows) + len(self.item_rows) * self.indicators.shape[1])

    @cached_property
    def share_of(self) -> np.ndarray:
        """The block of shares of every row, shape (R,)."""
        lengths = [rows.stop - rows.start for rows in self.share_rows]
        return np.repeat(np.arange(len(lengths)), lengths)


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


@dataclass(frozen=True)
class _Iteration:
    theta: np.ndarray
    height: np.ndarray
    growth: np.ndarray
    step_length: np.ndarray


def normalise(layout: Layout, theta: np.ndarray) -> np.ndarray:
    """Make shares sum to one over classes, and the answers to each question within a class."""
    blocks = len(layout.share_rows)
    shares, items = theta[..., :blocks], theta[..., blocks:]
    totals = np.add.reduceat(items, layout.edges, axis=-1)
    totals = np.repeat(totals, np.tile(layout.sizes, len(layout.item_rows)), axis=-1)
    return np.concatenate([shares / shares.sum(axis=0), items / np.maximum(totals, TINY)], axis=-1)


def posterior(layout: Layout, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give every pattern's probability of each class (K, T, R), and the log of its own probability (T, R)."""
    joint = _joint(layout, np.log(np.maximum(theta, TINY)))
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
    end, heights, step_length = theta.copy(), np.full(trials, -np.inf), np.full(trials, _FIRST_LENGTH)
    going = np.arange(trials)
    for _ in range(stop.iterations):
        own = counts if len(counts) == 1 else counts[going]
        iteration = _iterate(layout, own, end[:, going], step_length[going])
        gain, heights[going] = iteration.height - heights[going], iteration.height
        path.append(heights.copy())
        moving = (gain > stop.gain) | (iteration.growth > stop.growth)
        going = going[moving]
        if not len(going):
            break
        end[:, going], step_length[going] = iteration.theta[:, moving], iteration.step_length[moving]
    converged = np.ones(trials, dtype=bool)
    converged[going] = False
    return EMResult(end, heights, np.array(path), converged)


def _iterate(layout: Layout, counts: np.ndarray, theta: np.ndarray, step_length: np.ndarray) -> _Iteration:
    """Take two steps and an extrapolation by `step_length` at most, which adapts to how well that goes."""
    once, now = em_step(layout, counts, theta)
    twice, then = em_step(layout, counts, once)
    extrapolated, length = _extrapolate(theta, once, twice, step_length)
    further, further_height = em_step(layout, counts, normalise(layout, extrapolated))
    accepted = further_height >= then - _ROUNDING * np.abs(then)
    step_length = np.where(
        accepted,
        np.where(length == step_length, step_length * _LENGTHEN_BY, step_length),
        np.maximum(length / _LENGTHEN_BY, 1.0),
    )
    growth = (once / np.maximum(theta, TINY)).max(axis=(0, 2)) - 1
    return _Iteration(np.where(accepted[:, None], further, twice), now, growth, step_length)


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


def _joint(layout: Layout, logs: np.ndarray) -> np.ndarray:
    """The log of class share times pattern probability within the class, shape (K, T, R)."""
    blocks, width = len(layout.share_rows), layout.indicators.shape[1]
    shares, items = logs[..., :blocks], logs[..., blocks:]
    parts = [
        _times(items[..., place * width : (place + 1) * width], layout.indicators[rows].T)
        for place, rows in enumerate(layout.item_rows)
    ]
    joint = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
    joint += shares if blocks == 1 else shares[..., layout.share_of]
    return joint


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
