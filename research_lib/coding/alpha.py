"""Krippendorff's alpha for units that all coders share, at four levels of measurement, with a resampling interval."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from research_lib.coding.ratings import Agreement, Matrix, Ratings, Vector, distances, read_ratings
from research_lib.errors import UnfitDataError

_AT_ONCE = 20_000_000
_ENOUGH = 0.95


def krippendorff_alpha(
    ratings: Any,
    *,
    level: str = "nominal",
    unit: str = "segment",
    categories: Sequence[Any] | None = None,
    clusters: Sequence[Any] | None = None,
    resamples: int = 1000,
    seed: int = 1,
) -> Agreement:
    """Say how far coders agree beyond chance on units that some of them may have left out.

    `ratings`: rows units, columns coders, NaN not coded. `level`: nominal, ordinal, interval or ratio. `resamples`: how
    often units are drawn for the 95 % interval; 0 gives none. `clusters`: a label a unit, such as its document, where
    units are not independent of their neighbours; whole clusters are drawn then. `categories`: in order, where they are
    ordinal words. Raises UnfitDataError for an unknown level, words at a numeric one, or where no unit has two codes.
    Source: Krippendorff (2004), Content Analysis, 2nd ed., section 11.3.
    """
    read = read_ratings(ratings, categories)
    if level == "ordinal" and categories is None and not np.issubdtype(read.values.dtype, np.number):
        raise UnfitDataError("ordinal words have no order of their own; name them in `categories`, from least to most")
    paired = Ratings(read.codes[read.per_unit > 1], read.values, read.rows[read.per_unit > 1])
    if not len(paired.codes):
        raise UnfitDataError("no unit was coded by two coders; there is nothing to compare")
    if clusters is not None and len(clusters) <= read.rows.max():
        raise UnfitDataError(f"there are {len(clusters):,} clusters for more units; name one for each unit")
    coincidences = _coincidences(paired.codes, len(paired.values))
    value = _alpha(coincidences, paired.values, level)
    low, high = np.nan, np.nan
    if resamples > 0:
        patterns, numbers = _patterns(paired.codes)
        of_pairs = None if clusters is None else np.asarray(clusters)[paired.rows]
        low, high = _interval(paired, level, _draws(numbers, of_pairs, resamples, seed), patterns)
    size, coders = paired.codes.shape
    return Agreement(value, low, high, np.nan, size, coders, level, unit)


def _coincidences(codes: Matrix, size: int, times: Vector | None = None) -> Matrix:
    """How often each pair of values meets in a unit, each unit weighing as much as it has codes, shape (V, V)."""
    weight = 1 / ((codes >= 0).sum(axis=1) - 1)
    weight = weight if times is None else weight * times
    total = np.zeros(size * size)
    coders = codes.shape[1]
    for first in range(coders):
        for second in range(first):
            met = (codes[:, first] >= 0) & (codes[:, second] >= 0)
            cell = codes[met, first] * size + codes[met, second]
            total += np.bincount(cell, weights=weight[met], minlength=size * size)
    matrix = total.reshape(size, size)
    return matrix + matrix.T


def _alpha(coincidences: Matrix, values: Vector, level: str) -> float:
    frequencies = coincidences.sum(axis=1)
    difference = distances(level, values, frequencies)
    total = frequencies.sum()
    expected = frequencies @ difference @ frequencies / (total - 1)
    return float(1 - (coincidences * difference).sum() / expected) if expected > 0 else float("nan")


def _interval(ratings: Ratings, level: str, draws: Iterator[Vector], patterns: Matrix) -> tuple[float, float]:
    """Compute the coefficient for each draw of patterns, and give the middle 95 %.

    None where more than one draw in twenty has no variation: too few units carry the code to say how sure it is.
    """
    size = len(ratings.values)
    if len(patterns) * size**2 < _AT_ONCE:
        each = np.stack([_coincidences(row[None, :], size).ravel() for row in patterns])
        matrices = ((times @ each).reshape(size, size) for times in draws)
    else:
        matrices = (_coincidences(patterns, size, times) for times in draws)
    found = [_alpha(coincidences, ratings.values, level) for coincidences in matrices]
    known = np.array(found)[~np.isnan(found)]
    if len(known) < _ENOUGH * len(found):
        return np.nan, np.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _draws(numbers: Vector, clusters: Vector | None, resamples: int, seed: int) -> Iterator[Vector]:
    """Draw units, or whole clusters of them, with replacement; gives how often each pattern of codes was drawn.

    Units with the same codes are drawn together, as so many of their pattern.
    """
    draw = np.random.default_rng(seed)
    if clusters is None:
        counts = np.bincount(numbers)
        for _ in range(resamples):
            yield draw.multinomial(counts.sum(), counts / counts.sum())
        return
    labels, names = pd.factorize(clusters)
    holds = sparse.coo_array((np.ones(len(numbers)), (labels, numbers)), (len(names), numbers.max() + 1)).tocsr()
    for _ in range(resamples):
        yield draw.multinomial(len(names), np.full(len(names), 1 / len(names))) @ holds


def _patterns(codes: Matrix) -> tuple[Matrix, Vector]:
    """The different rows of codes, and for each unit the number of its row."""
    groups = pd.DataFrame(codes).groupby(list(range(codes.shape[1])), sort=False)
    return groups.first().index.to_frame().to_numpy(), groups.ngroup().to_numpy()
