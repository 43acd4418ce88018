"""Differences between groups of units that come from the same documents: means, intervals, and one test for all.

Units of one document resemble each other, so the variance is taken over documents: each one's sum of deviations from
the mean of its group (Liang and Zeger 1986). Degrees of freedom follow the groups with few documents: Welch's for one
difference, those of Krishnamoorthy and Yu (2004) for several at once; where a document is in several groups, as many
as the smallest group has documents, less one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from research_lib.errors import UnfitDataError

Array = np.ndarray
_NOTHING = 1e-9


@dataclass(frozen=True)
class JointTest:
    """A Wald test that all differences are zero, as an F test; NaN where there are too few documents for it."""

    f: float
    between: float
    within: float
    p: float


@dataclass(frozen=True, eq=False)
class ClusteredMeans:
    """Means of K measures in L groups, shape (L, K), and what each of G documents adds to their errors, (G, L, K).

    `units`, `documents`: how many each group has, shape (L,).
    """

    groups: tuple[Any, ...]
    means: Array
    scores: Array
    units: Array
    documents: Array

    def difference(self, group: int, measure: int) -> tuple[float, float, float]:
        """Give a group's mean less that of all others together, and its 95 % interval."""
        is_it = np.arange(len(self.groups)) == group
        contrast = np.where(is_it, 1.0, -self.units / self.units[~is_it].sum())[None, :]
        value = float(contrast[0] @ self.means[:, measure])
        variance = self._variance(contrast, [measure])
        freedom = self._freedom(contrast, [measure], np.linalg.pinv(variance), 1) if variance[0, 0] > 0 else 1.0
        reach = float(stats.t.ppf(0.975, freedom) * np.sqrt(variance[0, 0]))
        return value, value - reach, value + reach

    def joint_test(self, measures: Sequence[int]) -> JointTest:
        """Test whether all groups have the same mean, in all of these measures."""
        contrasts = np.hstack([-np.ones((len(self.groups) - 1, 1)), np.eye(len(self.groups) - 1)])
        found = (contrasts @ self.means[:, list(measures)]).T.ravel()
        variance = self._variance(contrasts, measures)
        inverse = np.linalg.pinv(variance, hermitian=True)
        rank = int(np.linalg.matrix_rank(variance, hermitian=True))
        if np.abs(found - variance @ inverse @ found).max() > _NOTHING:
            return JointTest(np.inf, rank, np.nan, 0.0)  # a difference that varies in no document
        if not rank:
            return JointTest(0.0, rank, np.nan, 1.0)
        freedom = self._freedom(contrasts, measures, inverse, rank)
        within = freedom - rank + 1
        if within < 1:
            return JointTest(np.nan, rank, within, np.nan)
        f = float(found @ inverse @ found) * within / (freedom * rank)
        return JointTest(f, rank, within, float(stats.f.sf(f, rank, within)))

    def _variance(self, contrasts: Array, measures: Sequence[int]) -> Array:
        rows = np.einsum("cl,glk->gkc", contrasts, self.scores[:, :, list(measures)]).reshape(len(self.scores), -1)
        return rows.T @ rows

    def _freedom(self, contrasts: Array, measures: Sequence[int], inverse: Array, rank: int) -> float:
        if self.documents.sum() > len(self.scores):
            return float(self.documents.min() - 1)
        alone = np.eye(len(self.groups))[:, None, :] * contrasts
        shares = np.stack([self._variance(each, measures) for each in alone]) @ inverse
        traces = np.trace(shares @ shares, axis1=1, axis2=2) + np.trace(shares, axis1=1, axis2=2) ** 2
        return float((rank + rank**2) / (traces / (self.documents - 1)).sum())


def clustered_means(values: pd.DataFrame, groups: "pd.Series[Any]", documents: "pd.Series[Any]") -> ClusteredMeans:
    """Take the means of measures (columns) by group, with what each document adds to their errors.

    All three have one row a unit, in one order. Raises UnfitDataError where there are fewer than two groups, or a group
    has one document only. Not for units that are their own document and come in pairs.
    """
    labels, names = pd.factorize(groups, sort=True)
    clusters, table = pd.factorize(documents)[0], values.to_numpy(dtype=float)
    if len(names) < 2:
        raise UnfitDataError(f"there is one group only ({', '.join(map(str, names))}); nothing can be compared")
    own = np.bincount(np.unique(np.stack([labels, clusters]), axis=1)[0])
    if own.min() < 2:
        raise UnfitDataError(f"{names[own.argmin()]!r} has one document only; leave it out, or code more documents")
    units = np.bincount(labels).astype(float)
    means = np.stack([table[labels == at].mean(axis=0) for at in range(len(names))])
    scores = np.zeros((clusters.max() + 1, len(names), table.shape[1]))
    np.add.at(scores, (clusters, labels), (table - means[labels]) / units[labels, None])
    return ClusteredMeans(tuple(names), means, scores * np.sqrt(own / (own - 1))[:, None], units, own)
