"""The EM algorithm for latent-class models, for many starts and many resamples at once.

Parameters lie in one array of shape (K, T, 1 + M): class, trial, and side by side the share of the class and the
probability of every option. The steps are those of Dempster, Laird and Rubin (1977, JRSS B 39); every third is
extrapolated after Varadhan and Roland (2008, Scandinavian Journal of Statistics 35, scheme S3), and taken only where
the likelihood is no lower for it. A missing answer adds nothing to a person's likelihood.
"""

from dataclasses import dataclass

import numpy as np

TINY = 1e-300
_LEAST_LEFT = 0.1
_ALMOST_ZERO = 1e-12
_ROUNDING = 1e-14
_FIRST_LENGTH = 4.0
_LENGTHEN_BY = 4.0
_LOWEST = -500.0


@dataclass(frozen=True)
class Indicators:
    """What is counted: `indicators` (R, M) of patterns, and `sizes` (J,) of the questions."""

    indicators: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True)
class EMResult:
    """The end of T trials: parameters (K, T, 1 + M), log-likelihood (T,), and which converged."""

    theta: np.ndarray
    log_likelihood: np.ndarray
    converged: np.ndarray


@dataclass(frozen=True)
class StoppingRule:
    """When a trial has converged: an iteration gains at most `gain`, and no probability grows by the part `growth`.

    The second holds a trial back whose likelihood stands still only because a probability is almost 0.
    """

    gain: float
    growth: float
    iterations: int


def normalise(layout: Indicators, theta: np.ndarray) -> np.ndarray:
    """Make shares sum to one over classes, and the answers to each question within a class."""
    shares, items = theta[..., :1], theta[..., 1:]
    totals = np.add.reduceat(items, np.cumsum(layout.sizes) - layout.sizes, axis=-1)
    items = items / np.maximum(np.repeat(totals, layout.sizes, axis=-1), TINY)
    return np.concatenate([shares / shares.sum(axis=0), items], axis=-1)


def posterior(layout: Indicators, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give every pattern's probability of each class (K, T, R), and the log of its own probability (T, R)."""
    logs = np.log(np.maximum(theta, TINY))
    joint = logs[..., 1:] @ layout.indicators.T
    joint += logs[..., :1]
    top = joint.max(axis=0)
    joint -= top
    # Numbers so small that they have no full precision make the products of matrices fifty times slower.
    np.maximum(joint, _LOWEST, out=joint)
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint, top + np.log(total)


def em_step(layout: Indicators, counts: np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take one step of EM; give the new parameters and the log-likelihood of the old ones.

    `counts` (T, R), or (1, R) where every trial has the same.
    """
    expected, of_rows = posterior(layout, theta)
    expected *= counts
    new = np.concatenate([expected.sum(axis=-1, keepdims=True), expected @ layout.indicators], axis=-1)
    return normalise(layout, new), (of_rows * counts).sum(axis=-1)


def run_em(layout: Indicators, counts: np.ndarray, theta: np.ndarray, stop: StoppingRule) -> EMResult:
    """Run EM from every trial until it converges, or for all iterations; an iteration is three steps."""
    trials = theta.shape[1]
    end, heights, lengths = theta.copy(), np.full(trials, -np.inf), np.full(trials, _FIRST_LENGTH)
    going = np.arange(trials)
    for _ in range(stop.iterations):
        own = counts if len(counts) == 1 else counts[going]
        further, height, growth, length = _iterate(layout, own, end[:, going], lengths[going])
        gain, heights[going] = height - heights[going], height
        moving = (gain > stop.gain) | (growth > stop.growth)
        going = going[moving]
        if not len(going):
            break
        end[:, going], lengths[going] = further[:, moving], length[moving]
    return EMResult(end, heights, ~np.isin(np.arange(trials), going))


def _iterate(
    layout: Indicators, counts: np.ndarray, theta: np.ndarray, step_length: np.ndarray
) -> tuple[np.ndarray, ...]:
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
