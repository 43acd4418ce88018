"""Empirical Bayes (partial pooling): shares of several small groups together, by the Beta-binomial model."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, logit

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import check_cells, check_table, read_counts
from research_lib.methods.options import check_free, check_once, is_number, need_level

_STRENGTHS = (-3.0, 0.0, 2.0, 4.0, 8.0)
_WEAKEST, _BEYOND = -14.0, 7.0
_TIE = 1e-6
_RESULT = ("share", "estimate", "low", "high", "level", "prior_a", "prior_b", "method")


def empirical_bayes(
    frame: pd.DataFrame,
    *,
    group: str = "group",
    k: str = "k",
    n: str = "n",
    prior: tuple[float, float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share of each of several small groups, drawing those with few persons towards the others.

    `frame`: one row a group; `k` of `n` persons said yes. Without `prior` the Beta distribution of the shares is fitted
    to the groups themselves by maximum likelihood (empirical Bayes; Griffiths 1973, Biometrics 29, 637-648; Casella
    1985, The American Statistician 39, 83-87), sought from several starts, because with groups of very unequal
    size the likelihood may have several maxima; with `prior`, such as (0.5, 0.5) after Jeffreys, each group stands
    for itself. Where no spread of the shares makes the counts likelier than one common share does, every group gets
    that share with its Jeffreys interval, and `method` says so.

    Returns group, k, n, share, estimate (posterior mean), low, high (equal tails), level, prior_a, prior_b (infinite
    with a common share) and method. Raises UnfitDataError for values that are not counts, fewer than three groups
    without a prior, groups that all gave one answer each, from which no spread can be learned, and `group`, `k` or `n`
    named as a column of the result is.

    Not for: groups that are not of one kind (a police register and a shelter); a ranking of the groups; testing whether
    two of them differ (see `contrast`). The intervals take the fitted distribution as known and are somewhat too narrow
    with fewer than ten groups or so.
    """
    need_level(level)
    check_table(frame, [group, k, n])
    check_free([group, k, n], _RESULT)
    check_once([group, k, n])
    check_cells(frame, [group])
    counts = np.array(read_counts(frame, [(k, n)], group), dtype=float)
    if frame[group].isna().any() or frame[group].duplicated().any():
        raise UnfitDataError(f"every row of {group!r} must name a group of its own; join the rows that share one")
    table = pd.DataFrame({group: frame[group], k: counts[:, 0].astype(int), n: counts[:, 1].astype(int)})
    table["share"] = counts[:, 0] / counts[:, 1]
    if prior is not None:
        pair = list(prior) if isinstance(prior, Sequence) else []
        if len(pair) != 2 or not all(is_number(value) and 0 < value < math.inf for value in pair):
            raise UnfitDataError(f"prior {prior!r} must be two numbers above 0, such as (0.5, 0.5)")
        return _posterior(table, counts, (float(pair[0]), float(pair[1])), method="stated prior", level=level)
    a, b = _fit_beta(counts)
    if math.isinf(a):
        from statsmodels.stats.proportion import proportion_confint  # loads slowly

        yes, total = counts.sum(axis=0)
        low, high = proportion_confint(yes, total, alpha=1 - level, method="jeffreys")
        ends = {"estimate": yes / total, "low": low if yes else 0.0, "high": high if yes < total else 1.0}
        common = "one common share: the groups differ no more than by chance"
        return table.assign(**ends, level=level, prior_a=math.inf, prior_b=math.inf, method=common)
    return _posterior(table, counts, (a, b), method="empirical Bayes, maximum likelihood", level=level)


def _posterior(
    table: pd.DataFrame, counts: np.ndarray, prior: tuple[float, float], *, method: str, level: float
) -> pd.DataFrame:
    from scipy import stats  # loads slowly

    a, b = prior
    posterior = stats.beta(a + counts[:, 0], b + counts[:, 1] - counts[:, 0])
    low, high = posterior.interval(level)
    return table.assign(estimate=posterior.mean(), low=low, high=high, level=level, prior_a=a, prior_b=b, method=method)


def _fit_beta(counts: np.ndarray) -> tuple[float, float]:
    """The likeliest Beta distribution of the shares; infinite where one common share is at least as likely.

    The best of fits from several starting points, on the logit of the mean and the logarithm of a + b.
    """
    if len(counts) < 3:
        raise UnfitDataError(
            f"{len(counts)} groups are too few to learn their spread; state a `prior`, such as (0.5, 0.5)"
        )
    k, n = counts.T
    share = k.sum() / n.sum()
    if share in (0, 1):
        return math.inf, math.inf
    if ((k == 0) | (k == n)).all():
        raise UnfitDataError("each group gave one answer only, all yes or all no; state a `prior`, such as (0.5, 0.5)")
    means = (float(logit(share)), float(logit((k / n).mean())))
    options = {"ftol": 1e-16, "gtol": 1e-10, "xtol": 1e-12, "maxfun": 2000}
    bounds = [(min(means) - 30, max(means) + 30), (_WEAKEST, math.log(n.max()) + _BEYOND)]
    fits = [
        minimize(_negative_log_likelihood, start, args=(k, n), method="TNC", jac=True, bounds=bounds, options=options)
        for start in product(means, _STRENGTHS)
    ]
    best = min(fits, key=lambda found: found.fun)
    common = k.sum() * math.log(share) + (n - k).sum() * math.log1p(-share)
    if common >= -best.fun - _TIE:
        return math.inf, math.inf
    mean, strength = expit(best.x[0]), math.exp(best.x[1])
    return float(mean * strength), float((1 - mean) * strength)


def _negative_log_likelihood(point: np.ndarray, k: np.ndarray, n: np.ndarray) -> tuple[float, np.ndarray]:
    """Minus the log likelihood of the Beta-binomial, without its constant, and its gradient."""
    mean, strength = expit(point[0]), math.exp(point[1])
    a, b = mean * strength, (1 - mean) * strength
    value = (betaln(a + k, b + n - k) - betaln(a, b)).sum()
    shared = (digamma(a + b) - digamma(a + b + n)).sum()
    slope_a = (digamma(a + k) - digamma(a)).sum() + shared
    slope_b = (digamma(b + n - k) - digamma(b)).sum() + shared
    gradient = np.array([(slope_a - slope_b) * strength * mean * (1 - mean), slope_a * a + slope_b * b])
    return -float(value), -gradient
