"""How far coders agree, corrected for chance: the coefficients of the field, each with an interval.

Every function takes `ratings`: rows are units, columns are coders; cells are numbers or words, NaN or None where not
coded. `categories` names all that could be given, in their order; without it those that occur count, sorted. Standard
errors are Gwet's linearised ones over units: of a contingency table for two coders, of raw ratings for more, or with
gaps (Handbook of Inter-Rater Reliability, 4th ed., 2014, chapters 2 to 6).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, stats

from research_lib.coding.ratings import Ratings, agreement_weights, distances, ratings_table, read_ratings
from research_lib.errors import UnfitDataError

_PAIR = 2
_AT_ONCE = 20_000_000
_ENOUGH = 0.95
Categories = Sequence[Any] | None
Chance = Callable[[Ratings, np.ndarray], tuple[float, np.ndarray]]


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


def percent_agreement(
    ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None
) -> Agreement:
    """Say how often two coders of the same unit agree, without any correction for chance."""
    return _coefficient(read_ratings(ratings, categories), weights, unit, _no_chance)


def cohen_kappa(
    ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None
) -> Agreement:
    """Compare two coders, expecting by chance what their own habits give (Cohen 1960, 1968).

    `weights`: None, `linear`, `quadratic` or a matrix, the first coder's categories down its side. Raises
    UnfitDataError unless there are two coders.
    """
    _need_two(ratings, "cohen_kappa", "conger_kappa")
    return conger_kappa(ratings, weights=weights, unit=unit, categories=categories)


def scott_pi(ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None) -> Agreement:
    """Compare two coders, expecting by chance what both together give (Scott 1955); two coders only."""
    _need_two(ratings, "scott_pi", "fleiss_kappa")
    return fleiss_kappa(ratings, weights=weights, unit=unit, categories=categories)


def fleiss_kappa(
    ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None
) -> Agreement:
    """Compare any number of coders, expecting by chance the categories' shares over all of them (Fleiss 1971)."""
    return _coefficient(read_ratings(ratings, categories), weights, unit, _fleiss_chance)


def conger_kappa(
    ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None
) -> Agreement:
    """Compare any number of coders, expecting by chance what each coder's own habits give (Conger 1980)."""
    return _coefficient(read_ratings(ratings, categories), weights, unit, _conger_chance)


def brennan_prediger(
    ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None
) -> Agreement:
    """Compare coders, expecting by chance that all categories are equally likely (Brennan and Prediger 1981)."""
    return _coefficient(read_ratings(ratings, categories), weights, unit, _uniform_chance)


def gwet_ac(ratings: Any, *, weights: Any = None, unit: str = "segment", categories: Categories = None) -> Agreement:
    """Compare coders by Gwet's AC1, or AC2 with weights: chance is guessing on units hard to code (Gwet 2008)."""
    return _coefficient(read_ratings(ratings, categories), weights, unit, _gwet_chance)


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

    `level`: nominal, ordinal, interval or ratio. `resamples`: how often units are drawn for the 95 % interval; 0 gives
    none. `clusters`: a label a unit, such as its document, where units are not independent of their neighbours; whole
    clusters are drawn then. `categories`: needed for ordinal words. Raises UnfitDataError for an unknown level, words
    at a numeric one, or no unit with two codes. Source: Krippendorff (2004), Content Analysis, 2nd ed., section 11.3.
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


def qualcoder_kappa(ratings: Any, *, unit: str = "segment") -> Agreement:
    """Compute what QualCoder reported as κ of two coders in 2022 to 2024: no measure of agreement, use it for none.

    Its source differs from Cohen's definition twice: it leaves out the units that neither coder marked, and multiplies
    the probability that both mark by the probability that neither does, where Cohen adds the two. `ratings`: 0 and 1.
    Raises UnfitDataError unless there are two coders and a marked unit.
    """
    _need_two(ratings, "qualcoder_kappa", "krippendorff_alpha")
    is_marked = ratings_table(ratings).dropna().to_numpy() > 0
    either = is_marked[is_marked.any(axis=1)]
    if not len(either):
        raise UnfitDataError("nobody marked anything; there is nothing to compare")
    one, other = either.mean(axis=0)
    chance = (one * other) * ((1 - one) * (1 - other))
    value = float((either.all(axis=1).mean() - chance) / (1 - chance))
    return Agreement(value, np.nan, np.nan, np.nan, len(either), _PAIR, "nominal", unit)


def _coefficient(table: Ratings, weights: Any, unit: str, chance: Chance) -> Agreement:
    matrix = agreement_weights(table.values, weights)
    (size, coders), paired = table.codes.shape, table.per_unit > 1
    if coders != _PAIR and not np.array_equal(matrix, matrix.T):
        raise UnfitDataError("weights that differ by direction compare two coders only; make them symmetric")
    if not paired.any():
        raise UnfitDataError("no unit was coded by two coders; there is nothing to compare")
    observed_of = _agreement_of(table, matrix)
    expected, expected_of = chance(table, matrix)
    value = error = float("nan")
    if expected < 1:
        value = float((observed_of[paired].mean() - expected) / (1 - expected))
        linear = (size / paired.sum()) * (observed_of - expected * paired) / (1 - expected)
        linear -= 2 * (1 - value) * (expected_of - expected_of.mean()) / (1 - expected)
        is_table = coders == _PAIR and paired.all()
        error = float(np.sqrt(((linear - value) ** 2).sum() / (size * (size if is_table else max(size - 1, 1)))))
    reach = stats.t.ppf(0.975, max(size - 1, 1)) * error
    level = "nominal" if weights is None else weights if isinstance(weights, str) else "weighted"
    return Agreement(value, max(value - reach, -1.0), min(value + reach, 1.0), error, size, coders, level, unit)


def _agreement_of(table: Ratings, weights: np.ndarray) -> np.ndarray:
    """Each unit's share of agreeing pairs of coders; 0 where fewer than two coded it."""
    if table.codes.shape[1] == _PAIR:
        return np.where(table.per_unit == _PAIR, weights[tuple(table.codes.T)], 0.0)
    pairs = table.per_unit * (table.per_unit - 1)
    agreeing = (table.counts * (table.counts @ weights.T - 1)).sum(axis=1)
    return np.divide(agreeing, pairs, out=np.zeros(len(pairs)), where=pairs > 0)


def _no_chance(table: Ratings, _: np.ndarray) -> tuple[float, np.ndarray]:
    return 0.0, np.zeros(len(table.codes))


def _uniform_chance(table: Ratings, weights: np.ndarray) -> tuple[float, np.ndarray]:
    return float(weights.sum() / len(table.values) ** 2), np.zeros(len(table.codes))


def _fleiss_chance(table: Ratings, weights: np.ndarray) -> tuple[float, np.ndarray]:
    shares = table.shares
    return float(shares @ weights @ shares), table.counts @ ((weights + weights.T) / 2 @ shares) / table.per_unit


def _gwet_chance(table: Ratings, weights: np.ndarray) -> tuple[float, np.ndarray]:
    shares, size = table.shares, len(table.values)
    factor = weights.sum() / (size * (size - 1)) if size > 1 else 1.0
    return float(factor * (shares * (1 - shares)).sum()), table.counts @ (factor * (1 - shares)) / table.per_unit


def _conger_chance(table: Ratings, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Chance agreement averaged over pairs of different coders, and each unit's part in it."""
    size, coders = table.codes.shape
    coded = table.codes >= 0
    done = coded.sum(axis=0)
    if not done.all():
        raise UnfitDataError(f"coder {int(np.argmin(done)) + 1} coded nothing; leave them out")
    habits = np.array([np.bincount(column[column >= 0], minlength=len(table.values)) for column in table.codes.T])
    habits = habits / done[:, None]
    others = habits.sum(axis=0) - habits
    pairs = coders * (coders - 1)
    pull = np.stack([weights @ habits[1], habits[0] @ weights]) if coders == _PAIR else others @ weights
    chosen = np.where(coded, np.take_along_axis(pull.T, np.maximum(table.codes, 0), axis=0), 0.0)
    usual = (habits * pull).sum(axis=1)
    influence = (chosen - (coded - done / size) * usual) * size / done
    return float(usual.sum() / pairs), influence.sum(axis=1) / pairs


def _need_two(ratings: Any, name: str, other: str) -> None:
    coders = ratings_table(ratings).shape[1]
    if coders != _PAIR:
        raise UnfitDataError(f"{name} compares two coders, and there are {coders}; use {other}")


def _coincidences(codes: np.ndarray, size: int, times: np.ndarray | None = None) -> np.ndarray:
    """How often each pair of values meets in a unit, each unit weighing as much as it has codes, shape (V, V)."""
    weight = 1 / ((codes >= 0).sum(axis=1) - 1)
    weight = weight if times is None else weight * times
    total = np.zeros(size * size)
    for first, second in combinations(codes.T, 2):
        met = (first >= 0) & (second >= 0)
        total += np.bincount(first[met] * size + second[met], weights=weight[met], minlength=size * size)
    matrix = total.reshape(size, size)
    return matrix + matrix.T


def _alpha(coincidences: np.ndarray, values: np.ndarray, level: str) -> float:
    frequencies = coincidences.sum(axis=1)
    difference = distances(level, values, frequencies)
    total = frequencies.sum()
    expected = frequencies @ difference @ frequencies / (total - 1)
    return float(1 - (coincidences * difference).sum() / expected) if expected > 0 else float("nan")


def _interval(ratings: Ratings, level: str, draws: Iterator[np.ndarray], patterns: np.ndarray) -> tuple[float, float]:
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


def _draws(numbers: np.ndarray, clusters: np.ndarray | None, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Draw units, or whole clusters of them, with replacement: of each draw, how often it has each pattern."""
    draw = np.random.default_rng(seed)
    if clusters is None:
        counts = np.bincount(numbers)
        return (draw.multinomial(counts.sum(), counts / counts.sum()) for _ in range(resamples))
    labels, names = pd.factorize(clusters)
    holds = sparse.coo_array((np.ones(len(numbers)), (labels, numbers)), (len(names), numbers.max() + 1)).tocsr()
    return (draw.multinomial(len(names), np.full(len(names), 1 / len(names))) @ holds for _ in range(resamples))


def _patterns(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows of codes, and for each unit the number of its row."""
    groups = pd.DataFrame(codes).groupby(list(range(codes.shape[1])), sort=False)
    return groups.first().index.to_frame().to_numpy(), groups.ngroup().to_numpy()
