"""Cross-tables: Cramer's V, and the exact test by enumeration of all tables with the same margins.

The probability of a table is a product over its cells. The columns are split in two; for every way in which the first
half can use up the rows, the logarithms of its products are added to those of the second half that uses the rest,
sorted, so that a single search says how many of their pairs are at most as likely as the table at hand.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import MOST_EXACT, check_total, read_table
from research_lib.methods.options import need_level, need_whole, written

_MOST = 2_000_000
_MOST_WORK = 30_000_000
_MOST_PERSONS = 10_000_000
_MOST_TABLES = 100_000_000
_TIE = 1e-7
_CHUNK = 10_000


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
    df, tail = (rows - 1) * (columns - 1), (1 - need_level(level)) / 2
    sides = min(side - 1 - (side - 1) ** 2 / (total - 1) for side in (rows, columns))
    if sides <= 0:
        raise UnfitDataError(f"{total} persons are too few for {rows} rows and {columns} columns; join some of them")
    noncentralities = (
        chi_square - df * total / (total - 1),
        _noncentrality(chi_square, df, 1 - tail),
        _noncentrality(max(chi_square, df), df, tail),
    )
    value, low, high = (min(math.sqrt(max(each, 0.0) / (total * sides)), 1.0) for each in noncentralities)
    return Association(
        value=value,
        low=low,
        high=high,
        level=level,
        method="noncentral chi-square",
        uncorrected=math.sqrt(chi_square / (total * (min(rows, columns) - 1))),
        chi_square=chi_square,
        df=df,
        total=total,
    )


def _noncentrality(chi_square: float, df: int, chance: float) -> float:
    """The noncentrality that leaves `chance` below the observed chi-square; 0 where even that is too much."""
    from scipy import stats  # loads slowly

    if stats.chi2.cdf(chi_square, df) <= chance:
        return 0.0
    most = 4 * chi_square + 100 * np.sqrt(df + 1)
    return float(brentq(lambda value: stats.ncx2.cdf(chi_square, df, value) - chance, 1e-12, most))


@dataclass(frozen=True)
class ColumnSplit:
    """The margins of a table: the row sums, and the column sums in two halves, small ones first.

    `work` is an upper bound of the number of half-tables to go through.
    """

    rows: tuple[int, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    work: float


def split_columns(counts: np.ndarray) -> ColumnSplit:
    """Split the columns so that the work is least; it is infinite where it is too much."""
    rows = tuple(int(total) for total in counts.sum(axis=1))
    columns = sorted(int(total) for total in counts.sum(axis=0))
    return min((_split_at(rows, columns, at) for at in range(len(columns))), key=lambda split: split.work)


def exact_p_value(split: ColumnSplit, log_product: float) -> float:
    """Give the probability of all tables whose product of 1/cell! is at most exp(`log_product`)."""
    rows = np.array(split.rows)
    logs = gammaln(np.arange(rows.sum() + 1) + 1.0)
    constant = sum(float(logs[total]) for total in (*split.rows, *split.first, *split.second)) - float(logs[-1])
    used, first = _enumerate_columns(rows, split.first, logs)
    nodes, where = np.unique(used, axis=0, return_inverse=True)
    order = np.argsort(where.ravel(), kind="stable")
    parts = np.split(first[order], np.cumsum(np.bincount(where.ravel()))[:-1])
    probabilities = []
    for node, part in zip(nodes, parts, strict=True):
        # The last column of the second half takes what the others leave of the rows.
        used, products = _enumerate_columns(rows - node, split.second[:-1], logs)
        second = np.sort(products - logs[rows - node - used].sum(axis=1))
        sums = np.concatenate([[0.0], np.cumsum(np.exp(second - second[-1]))])
        reach = np.searchsorted(second, log_product - part, side="right")
        probabilities.append(float((np.exp(constant + part + second[-1]) * sums[reach]).sum()))
    return min(math.fsum(probabilities), 1.0)


def _split_at(rows: tuple[int, ...], columns: list[int], at: int) -> ColumnSplit:
    first, second = columns[:at], columns[at:]
    left, right = _count_ways(first, len(rows)), _count_ways(second[:-1], len(rows))
    nodes = min(left, _count_ways([sum(first)], len(rows)))
    work = left + nodes * right if max(left, right) <= _MOST else math.inf
    return ColumnSplit(rows, tuple(first), tuple(second), work)


def _count_ways(columns: list[int], rows: int) -> float:
    """In how many ways columns can be distributed over rows without regard to the row sums."""
    return math.prod(math.comb(total + rows - 1, rows - 1) for total in columns)


def _enumerate_columns(limits: np.ndarray, columns: tuple[int, ...], logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All ways to distribute columns over rows: what of each row is used, and the log product of each way."""
    used, products = np.zeros((1, len(limits)), dtype=np.int64), np.zeros(1)
    for total in columns:
        cells = np.zeros((1, 0), dtype=np.int64)
        for limit in limits[:-1]:
            steps = np.arange(min(int(limit), total) + 1)
            cells = np.column_stack([cells.repeat(len(steps), axis=0), np.tile(steps, len(cells))])
            cells = cells[cells.sum(axis=1) <= total]
        cells = np.column_stack([cells, total - cells.sum(axis=1)])
        cells = cells[cells[:, -1] <= limits[-1]]
        used = (used[:, None, :] + cells[None, :, :]).reshape(-1, len(limits))
        products = (products[:, None] - logs[cells].sum(axis=1)[None, :]).ravel()
        fits = (used <= limits).all(axis=1)
        used, products = used[fits], products[fits]
    return used, products


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
    need_whole("seed", seed, 0)
    if need_whole("tables", tables, 1) > _MOST_TABLES:
        raise UnfitDataError(f"tables is {tables}; draw at most {_MOST_TABLES:,}, such as 100,000")
    if not isinstance(simulate, bool | np.bool):
        raise UnfitDataError(f"simulate is {written(simulate)}; write True or False")
    check_total(int(counts.sum()), MOST_EXACT, "the cross-table", "see `cramers_v`, or take the chi-square test")
    if simulate:
        return _simulate(counts, tables, seed)
    if counts.shape == (2, 2):
        return _result(counts, float(stats.fisher_exact(counts).pvalue))
    split = split_columns(min(counts, counts.T, key=len))
    if split.work > _MOST_WORK or counts.sum() > _MOST_PERSONS:
        return _simulate(counts, tables, seed)
    return _result(counts, exact_p_value(split, _log_products(counts) + _TIE))


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
