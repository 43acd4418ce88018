"""Clusters of persons by their answers: how far two persons are apart, and how many clusters hold."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import (
    check_columns,
    check_single_columns,
    factorise,
    need_no_blanks,
    need_whole,
    written,
)

_MOST_PERSONS = 10_000
_NONE: Mapping[Any, Any] = MappingProxyType({})


def gower_distances(frame: pd.DataFrame, *, asymmetric: Mapping[Any, Any] = _NONE) -> pd.DataFrame:
    """Say how far each two persons are apart: 0, the same answers; 1, as different as can be. Persons by persons.

    `frame`: one row a person, one column a question, NaN or None where there is no answer. A distance is the mean over
    the questions that both answered: 0 or 1 for the same and another answer; for numbers, and for the places of an
    ordered categorical, the difference over the range of the column. `asymmetric`: questions, each with the answer
    that counts, such as {"reason__debt": "yes"}: two persons without it are not alike for that, and the question is
    left out for these two. The result goes into scikit-learn's clusterings as `metric="precomputed"`.

    Raises UnfitDataError for fewer than two persons and more than 10,000, blank text, lists in cells, numbers that are
    infinite, and two persons who share no question. Not for: questions that not everybody was to answer, since whoever
    skips them is compared on fewer; nor for a few extreme numbers, which make all others alike. Equal distances are
    frequent with few questions: clusters can then depend on the order of the rows.
    Gower (1971), Biometrics 27, 857-871; Kaufman and Rousseeuw (1990), Finding Groups in Data, chapter 1.
    """
    check_single_columns(frame)
    check_columns(frame, asymmetric)
    if not 2 <= len(frame) <= _MOST_PERSONS or not len(frame.columns):
        raise UnfitDataError(f"distances need 2 to {_MOST_PERSONS:,} persons and a question; there are {frame.shape}")
    apart, compared = np.zeros((len(frame), len(frame))), np.zeros((len(frame), len(frame)))
    for name in frame.columns:
        difference, counts = _compare(frame[name], asymmetric.get(name))
        apart += np.where(counts, difference, 0.0)
        compared += counts
    pairs = np.argwhere(compared == 0)
    if len(alone := pairs[pairs[:, 0] < pairs[:, 1]]):
        one, other = (written(frame.index[place]) for place in alone[0])
        raise UnfitDataError(f"{one} and {other} answered no question that counts for both; leave one out, and say so")
    return pd.DataFrame(apart / compared, frame.index, frame.index)


def _compare(column: pd.Series, counting: Any) -> tuple[np.ndarray, np.ndarray]:
    """The differences of each two persons on one question, and whether the question counts for the two."""
    need_no_blanks(column, f"column {column.name!r}")
    answered = column.notna().to_numpy()
    both = np.logical_and.outer(answered, answered)
    if counting is not None:
        given = (column == counting).to_numpy(bool, na_value=False)
        return np.not_equal.outer(given, given), both & np.logical_or.outer(given, given)
    values = _numbers(column)
    if values is None:
        codes, _ = factorise(column)
        return np.not_equal.outer(codes, codes), both
    span = np.ptp(values[answered]) if answered.any() else 0.0
    return np.abs(np.subtract.outer(values, values)) / (span or 1.0), both


def _numbers(column: pd.Series) -> np.ndarray | None:
    """Numbers as they are, and the places of an ordered categorical; nothing for answers without an order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=float) if column.cat.ordered else None
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return None
    values = np.asarray(column.to_numpy(float, na_value=np.nan))
    if np.isinf(values).any():
        raise UnfitDataError(f"column {column.name!r}: a number is infinite; correct it, or leave it empty")
    return values


def prediction_strength(
    distances: pd.DataFrame, *, clusters: Iterable[int] = (2, 3, 4, 5), halvings: int = 50, seed: int = 1
) -> pd.DataFrame:
    """Say for several numbers of clusters how well those of one half of the persons predict those of the other.

    `distances`: persons by persons, such as `gower_distances` gives them. The persons are cut into halves at random;
    each half is clustered by itself (average linkage), and whoever is in the second half is put to the cluster of the
    first that is nearest on average. Of the worst cluster of the second half: which share of its pairs of persons stay
    together? One row a number: clusters, strength (the mean share, both ways, over all `halvings`), standard_error,
    smallest and largest (persons in those clusters when all persons are clustered).

    The largest number whose strength is .8 or more is the usual choice; one cluster is always predicted. A cluster of
    one person predicts nothing and counts as 0. Raises UnfitDataError for distances that are not a square table of
    numbers from 0 up, and for more clusters than half the persons. Not for: small kinds of persons, which half of the
    sample may not hold; nor for showing that clusters are real, since a continuum is cut as readily.
    Tibshirani and Walther (2005), Journal of Computational and Graphical Statistics 14, 511-528.
    """
    try:
        table = np.asarray(distances, dtype=float)
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 4 or not np.isfinite(table).all():
        raise UnfitDataError("distances are a square table of numbers, persons by persons, for four persons or more")
    if (table < 0).any() or not np.allclose(table, table.T) or table.diagonal().any():
        raise UnfitDataError("distances are 0 from a person to itself, never below 0, and the same both ways")
    numbers = [need_whole("a number of clusters", number, 2) for number in clusters]
    if not numbers or max(numbers) > len(table) // 2:
        raise UnfitDataError(f"clusters: name numbers from 2 to {len(table) // 2}, half the number of persons")
    draws, half = np.random.default_rng(seed), len(table) // 2
    orders = [draws.permutation(len(table)) for _ in range(need_whole("halvings", halvings, 2))]
    halves = [pair for order in orders for pair in ((order[:half], order[half:]), (order[half:], order[:half]))]
    rows = []
    for number in numbers:
        shares = np.array([_worst_share(table, number, *pair) for pair in halves]).reshape(-1, 2).mean(axis=1)
        sizes = np.bincount(_clustered(table, np.arange(len(table)), number))
        error = shares.std(ddof=1) / np.sqrt(len(shares))
        rows.append((number, shares.mean(), error, sizes.min(), sizes.max()))
    return pd.DataFrame(rows, columns=["clusters", "strength", "standard_error", "smallest", "largest"])


def _worst_share(table: np.ndarray, number: int, first: np.ndarray, second: np.ndarray) -> float:
    own, of_first = _clustered(table, second, number), _clustered(table, first, number)
    between = table[np.ix_(second, first)]
    means = np.column_stack([between[:, of_first == each].mean(axis=1) for each in range(number)])
    pairs = np.bincount(own * number + means.argmin(axis=1), minlength=number**2).reshape(number, number)
    people = pairs.sum(axis=1)
    together, possible = (pairs * (pairs - 1)).sum(axis=1), people * (people - 1)
    return float(np.divide(together, possible, out=np.zeros(number), where=possible > 0).min())


def _clustered(table: np.ndarray, persons: np.ndarray, number: int) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering  # loads slowly

    average = AgglomerativeClustering(number, metric="precomputed", linkage="average")
    return np.asarray(average.fit_predict(table[np.ix_(persons, persons)]))
