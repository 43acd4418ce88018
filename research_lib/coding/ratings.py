"""Ratings as codes, how far two categories lie apart, and Krippendorff's alpha at four levels of measurement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from research_lib.errors import UnfitDataError

Matrix = np.ndarray
Vector = np.ndarray
_AT_ONCE = 20_000_000
_ENOUGH = 0.95


@dataclass(frozen=True)
class Agreement:
    """One coefficient: its value and 95 % interval, over how many units of which sort and how many coders."""

    value: float
    low: float
    high: float
    error: float
    units: int
    coders: int
    level: str
    unit: str


@dataclass(frozen=True)
class Ratings:
    """What coders gave to units: codes of shape (N, C), -1 for not coded, and the values that the codes stand for.

    `rows`: which of the units that were given these are; those that nobody coded are left out.
    """

    codes: Matrix
    values: Vector
    rows: Vector

    @cached_property
    def counts(self) -> Matrix:
        """How many coders gave each value to each unit, shape (N, V)."""
        counts = np.zeros((len(self.codes), len(self.values)))
        for column in self.codes.T:
            rows = np.flatnonzero(column >= 0)
            counts[rows, column[rows]] += 1
        return counts

    @cached_property
    def per_unit(self) -> Vector:
        """How many coders coded each unit, shape (N,)."""
        return (self.codes >= 0).sum(axis=1)

    @cached_property
    def shares(self) -> Vector:
        """How large each value's share is, averaged over units, shape (V,)."""
        return (self.counts / self.per_unit[:, None]).mean(axis=0)


def read_ratings(ratings: Any, categories: Sequence[Any] | None = None) -> Ratings:
    """Read ratings, rows units and columns coders; units that nobody coded are left out.

    Numbers or words; NaN and None mean not coded. `categories`: all that could be given, in their order; without them,
    those that occur, sorted. Raises UnfitDataError where fewer than two coders or no codes are given, or one that is
    not among the categories.
    """
    frame = ratings_table(ratings)
    if frame.shape[1] <= 1:
        raise UnfitDataError(f"agreement needs two coders or more, and there is {frame.shape[1]}")
    codes, values = _numbered(pd.Series(frame.to_numpy().ravel()), categories)
    codes = codes.reshape(frame.shape)
    rows = np.flatnonzero((codes >= 0).any(axis=1))
    if not len(rows):
        raise UnfitDataError("nothing is coded; there is nothing to compare")
    return Ratings(codes[rows], np.asarray(values), rows)


def ratings_table(ratings: Any) -> pd.DataFrame:
    """Make a table of ratings; raises UnfitDataError for what is not one."""
    try:
        return pd.DataFrame(ratings)
    except (TypeError, ValueError) as error:
        raise UnfitDataError(f"ratings are a table, rows units and columns coders, not {ratings!r:.60}") from error


def _numbered(given: pd.Series, categories: Sequence[Any] | None) -> tuple[Vector, Any]:
    if categories is not None and len(set(categories)) < len(categories):
        raise UnfitDataError("a category stands twice in `categories`; name each once")
    if not given.map(pd.api.types.is_scalar).all():
        raise UnfitDataError("a rating is a number or a word; give one in each cell")
    if categories is None:
        return pd.factorize(given.to_numpy(), sort=True)
    codes = pd.Index(list(categories)).get_indexer(given)
    if len(strange := given[(codes < 0) & given.notna()]):
        raise UnfitDataError(f"{strange.iloc[0]!r} is not one of the categories {list(categories)}")
    return codes, list(categories)


def agreement_weights(values: Vector, weights: str | Matrix | None) -> Matrix:
    """Weigh how much two categories agree, from 0 to 1, with 1 on the diagonal.

    `values`: the categories in order, shape (V,). `weights`: None for identity, `linear`, `quadratic` (both need
    numeric categories), or a matrix of shape (V, V). Raises UnfitDataError for anything else. Source: Gwet (2014),
    Handbook of Inter-Rater Reliability, ch. 3.
    """
    if weights is None:
        return np.eye(len(values))
    if isinstance(weights, str):
        power = {"linear": 1, "quadratic": 2}.get(weights)
        if power is None:
            raise UnfitDataError(f"weights are None, 'linear', 'quadratic' or a matrix, not {weights!r}")
        numbers = _numbers(values, weights)
        spread = np.ptp(numbers) or 1
        return 1 - (np.abs(np.subtract.outer(numbers, numbers)) / spread) ** power
    size = len(values)
    try:
        matrix = np.asarray(weights, dtype=float)
    except (TypeError, ValueError) as error:
        raise UnfitDataError(f"weights are numbers; give a matrix of {size} × {size}") from error
    if matrix.shape != (size, size):
        raise UnfitDataError(f"the weights have shape {matrix.shape}; {size} categories need {(size, size)}")
    return matrix


def distances(level: str, values: Vector, frequencies: Vector) -> Matrix:
    """Squared distances between values at a level of measurement, shape (V, V).

    `level`: nominal, ordinal, interval or ratio. `frequencies`: how often each value occurs, shape (V,); only ordinal
    distances use it. Raises UnfitDataError for an unknown level. Source: Krippendorff (2004), Content Analysis, 2nd
    ed., section 11.3.
    """
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "ordinal":
        ranks = np.cumsum(frequencies) - frequencies / 2
        return np.subtract.outer(ranks, ranks) ** 2
    if level not in ("interval", "ratio"):
        raise UnfitDataError(f"the level is nominal, ordinal, interval or ratio, not {level!r}")
    numbers = _numbers(values, level)
    differences = np.subtract.outer(numbers, numbers)
    if level == "interval":
        return differences**2
    sums = np.add.outer(numbers, numbers)
    return np.divide(differences, sums, out=np.zeros_like(differences), where=sums != 0) ** 2


def _numbers(values: Vector, use: str) -> Vector:
    try:
        return np.asarray(values).astype(float)
    except ValueError as error:
        raise UnfitDataError(f"{use} needs numbers, and the categories are {', '.join(map(str, values))}") from error


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
    value = _alpha(_coincidences(paired.codes, len(paired.values)), paired.values, level)
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
    for first, second in combinations(codes.T, 2):
        met = (first >= 0) & (second >= 0)
        total += np.bincount(first[met] * size + second[met], weights=weight[met], minlength=size * size)
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
        return (draw.multinomial(counts.sum(), counts / counts.sum()) for _ in range(resamples))
    labels, names = pd.factorize(clusters)
    holds = sparse.coo_array((np.ones(len(numbers)), (labels, numbers)), (len(names), numbers.max() + 1)).tocsr()
    return (draw.multinomial(len(names), np.full(len(names), 1 / len(names))) @ holds for _ in range(resamples))


def _patterns(codes: Matrix) -> tuple[Matrix, Vector]:
    """The different rows of codes, and for each unit the number of its row."""
    groups = pd.DataFrame(codes).groupby(list(range(codes.shape[1])), sort=False)
    return groups.first().index.to_frame().to_numpy(), groups.ngroup().to_numpy()
