"""How many clusters: whether the clusters of one half of the persons are found in the other half."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import need_whole


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
    table = _square(distances)
    numbers = [need_whole("a number of clusters", number, 2) for number in clusters]
    if not numbers or max(numbers) > len(table) // 2:
        raise UnfitDataError(f"clusters: name numbers from 2 to {len(table) // 2}, half the number of persons")
    draws, half = np.random.default_rng(seed), len(table) // 2
    orders = [draws.permutation(len(table)) for _ in range(need_whole("halvings", halvings, 2))]
    halves = [pair for order in orders for pair in ((order[:half], order[half:]), (order[half:], order[:half]))]
    return pd.DataFrame([_row(table, number, halves) for number in numbers])


def _row(table: np.ndarray, number: int, halves: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    shares = np.array([_worst_share(table, number, *pair) for pair in halves]).reshape(-1, 2).mean(axis=1)
    sizes = np.bincount(_clustered(table, np.arange(len(table)), number))
    return {
        "clusters": number,
        "strength": float(shares.mean()),
        "standard_error": float(shares.std(ddof=1) / np.sqrt(len(shares))),
        "smallest": int(sizes.min()),
        "largest": int(sizes.max()),
    }


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


def _square(distances: pd.DataFrame) -> np.ndarray:
    try:
        table = np.asarray(distances, dtype=float)
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 4 or not np.isfinite(table).all():
        raise UnfitDataError("distances are a square table of numbers, persons by persons, for four persons or more")
    if (table < 0).any() or not np.allclose(table, table.T) or table.diagonal().any():
        raise UnfitDataError("distances are 0 from a person to itself, never below 0, and the same both ways")
    return table
