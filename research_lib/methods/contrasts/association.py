"""Association of two questions: Cramer's V, corrected for bias, with an interval."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import read_table
from research_lib.methods.options import need_level


@dataclass(frozen=True)
class Association:
    """Cramer's V of a cross-table: 0 no association, 1 where one answer determines the other.

    `value` is corrected for bias, `uncorrected` is the plain V; `df` belongs to chi_square, `total` counts the persons.
    """

    value: float
    low: float
    high: float
    level: float
    method: str
    uncorrected: float
    chi_square: float
    df: int
    total: int


def cramers_v(table: Any, *, level: float = 0.95) -> Association:
    """Measure the association of the rows and columns of a cross-table, from 0 to 1, with its interval.

    `table`: counts, R rows by C columns. The plain V is above 0 even where the two are independent, the more so the
    fewer persons and the more cells; the value is corrected as Bergsma does (2013, Journal of the Korean Statistical
    Society 42, 323-328). The interval takes chi-square as noncentral and gives the noncentralities that would make so
    large or so small a value likely (Smithson 2003, Confidence Intervals, ch. 4), on the same scale as the value: an
    approximation, rough where many cells hold fewer than five and where V is close to 1. Rows that are more alike than
    chance would make them have the upper limit of rows as alike as chance makes them, so that it is never 0.

    Raises UnfitDataError as `exact_test` does, and with too few persons for the correction.

    Not for: comparing tables of different shapes as if V were a correlation; ordered answers, whose order V ignores;
    two groups and one yes/no question, where `contrast` says what differs; persons counted in several cells.
    """
    from scipy import stats  # loads slowly

    counts = read_table(table)
    total, (rows, columns) = int(counts.sum()), counts.shape
    chi_square = float(stats.chi2_contingency(counts, correction=False).statistic)
    df, scale = (rows - 1) * (columns - 1), total * _corrected_sides(rows, columns, total)
    low, high = (_v(value, scale) for value in _noncentralities(chi_square, df, need_level(level)))
    return Association(
        value=_v(chi_square - df * total / (total - 1), scale),
        low=low,
        high=high,
        level=level,
        method="noncentral chi-square",
        uncorrected=math.sqrt(chi_square / (total * (min(rows, columns) - 1))),
        chi_square=chi_square,
        df=df,
        total=total,
    )


def _corrected_sides(rows: int, columns: int, total: int) -> float:
    sides = min(side - 1 - (side - 1) ** 2 / (total - 1) for side in (rows, columns))
    if sides <= 0:
        raise UnfitDataError(f"{total} persons are too few for {rows} rows and {columns} columns; join some of them")
    return sides


def _v(noncentrality: float, scale: float) -> float:
    return min(math.sqrt(max(noncentrality, 0.0) / scale), 1.0)


def _noncentralities(chi_square: float, df: int, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    return _noncentrality(chi_square, df, 1 - tail), _noncentrality(max(chi_square, df), df, tail)


def _noncentrality(chi_square: float, df: int, chance: float) -> float:
    """The noncentrality that leaves `chance` below the observed chi-square; 0 where even that is too much."""
    from scipy import stats  # loads slowly

    if stats.chi2.cdf(chi_square, df) <= chance:
        return 0.0
    most = 4 * chi_square + 100 * np.sqrt(df + 1)
    return float(brentq(lambda value: stats.ncx2.cdf(chi_square, df, value) - chance, 1e-12, most))
