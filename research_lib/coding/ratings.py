"""Ratings as codes, and what a coefficient of agreement is made of."""

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
