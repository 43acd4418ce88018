"""Ratings as codes, and how far two categories lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError

Matrix = np.ndarray
Vector = np.ndarray


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
    """Read ratings and categories, as every function of `agreement` takes them, without the units that nobody coded.

    Raises UnfitDataError where fewer than two coders or no codes are given, or one that is not among the categories.
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

    `values`: the categories in order, shape (V,). `weights`: None for identity, `linear` or `quadratic` for numbers, or
    a matrix of shape (V, V); else UnfitDataError. Source: Gwet (2014), Handbook of Inter-Rater Reliability, ch. 3.
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

    `level`: nominal, ordinal, interval or ratio, else UnfitDataError. `frequencies`: how often each value occurs, shape
    (V,), for ordinal distances. Source: Krippendorff (2004), Content Analysis, 2nd ed., section 11.3.
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
