"""The exact test of a cross-table: how often chance alone gives, with the same margins, a table no likelier."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import MOST_EXACT, check_total, read_table
from research_lib.methods.contrasts.exact_enumeration import exact_p_value, split_columns
from research_lib.methods.options import need_whole, written

_MOST_WORK = 30_000_000
_MOST_PERSONS = 10_000_000
_MOST_TABLES = 100_000_000
_TIE = 1e-7
_CHUNK = 10_000


@dataclass(frozen=True)
class ExactTest:
    """The p-value of a cross-table, how it was found, and how far off it may be.

    `method` is `exact` or says how many tables were drawn; `error` is the Monte Carlo standard error, 0 when exact.
    """

    p_value: float
    error: float
    method: str
    rows: int
    columns: int
    total: int


def exact_test(table: Any, *, tables: int = 100_000, seed: int = 1, simulate: bool = False) -> ExactTest:
    """Test whether the rows of a cross-table differ, exactly where that can be done, else by drawing random tables.

    `table`: counts, R rows by C columns, such as countries by answers. The p-value is the probability of all tables
    with the same margins that are at most as likely as this one (Fisher 1935; Freeman and Halton 1951, Biometrika 38,
    141-149). All tables are gone through, unless they are too many or `simulate` is True: then `tables` tables are
    drawn with `seed`, and the result names the method.

    Raises UnfitDataError for counts that are not whole, rows or columns that are empty, fewer than two of either, and
    more than 100 million persons.

    Not for: saying how large a difference is (see `cramers_v` or `contrast`); ordered answers, where a test that uses
    the order finds more; persons counted in several cells (answers of which several may be chosen); large tables of
    large counts, where the chi-square test gives the same.
    """
    from scipy import stats  # loads slowly

    counts = read_table(table)
    _check_options(tables, seed, simulate)
    check_total(int(counts.sum()), MOST_EXACT, "the cross-table", "see `cramers_v`, or take the chi-square test")
    if simulate:
        return _simulate(counts, tables, seed)
    if counts.shape == (2, 2):
        return _result(counts, float(stats.fisher_exact(counts).pvalue))
    split = split_columns(min(counts, counts.T, key=len))
    if split.work > _MOST_WORK or counts.sum() > _MOST_PERSONS:
        return _simulate(counts, tables, seed)
    return _result(counts, exact_p_value(split, _log_products(counts) + _TIE))


def _check_options(tables: Any, seed: Any, simulate: Any) -> None:
    need_whole("seed", seed, 0)
    if need_whole("tables", tables, 1) > _MOST_TABLES:
        raise UnfitDataError(f"tables is {tables}; draw at most {_MOST_TABLES:,}, such as 100,000")
    if not isinstance(simulate, bool | np.bool):
        raise UnfitDataError(f"simulate is {written(simulate)}; write True or False")


def _result(counts: np.ndarray, p_value: float, error: float = 0.0, method: str = "exact") -> ExactTest:
    rows, columns = counts.shape
    return ExactTest(p_value, error, method, rows, columns, int(counts.sum()))


def _log_products(tables: np.ndarray) -> Any:
    """The logarithm of the product of 1/cell!, which orders tables with the same margins by their probability."""
    return -gammaln(tables + 1.0).sum(axis=(-2, -1))


def _simulate(counts: np.ndarray, tables: int, seed: int) -> ExactTest:
    from scipy import stats  # loads slowly

    chance = stats.random_table(counts.sum(axis=1), counts.sum(axis=0))
    draw, most = np.random.default_rng(seed), _log_products(counts) + _TIE
    sizes = [min(_CHUNK, tables - start) for start in range(0, tables, _CHUNK)]
    hits = sum(int((_log_products(chance.rvs(size=size, random_state=draw)) <= most).sum()) for size in sizes)
    p_value = (hits + 1) / (tables + 1)
    error = math.sqrt(p_value * (1 - p_value) / tables)
    return _result(counts, p_value, error, f"Monte Carlo, {tables:,} tables, seed {seed}")
