"""Exact enumeration of all cross-tables with given margins, in two halves of the columns.

The probability of a table is a product over its cells. The columns are split in two; for every way in which the first
half can use up the rows, the logarithms of its products are added to those of the second half that uses the rest,
sorted, so that a single search says how many of their pairs are at most as likely as the table at hand.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

_MOST = 2_000_000


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
    logs = gammaln(np.arange(sum(split.rows) + 1) + 1.0)
    margins = [*split.rows, *split.first, *split.second]
    constant = sum(float(logs[total]) for total in margins) - float(logs[-1])
    used, first = _enumerate_columns(np.array(split.rows), split.first, logs)
    nodes, where = np.unique(used, axis=0, return_inverse=True)
    order = np.argsort(where.ravel(), kind="stable")
    parts = np.split(first[order], np.cumsum(np.bincount(where.ravel()))[:-1])
    probabilities = [
        _node_probability(part, _second_half(np.array(split.rows) - node, split.second, logs), constant, log_product)
        for node, part in zip(nodes, parts, strict=True)
    ]
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
        cells = _enumerate_column(total, limits)
        used = (used[:, None, :] + cells[None, :, :]).reshape(-1, len(limits))
        products = (products[:, None] - logs[cells].sum(axis=1)[None, :]).ravel()
        fits = (used <= limits).all(axis=1)
        used, products = used[fits], products[fits]
    return used, products


def _enumerate_column(total: int, limits: np.ndarray) -> np.ndarray:
    """All ways to distribute one column over rows, no more to a row than its limit."""
    cells = np.zeros((1, 0), dtype=np.int64)
    for limit in limits[:-1]:
        steps = np.arange(min(int(limit), total) + 1)
        cells = np.column_stack([cells.repeat(len(steps), axis=0), np.tile(steps, len(cells))])
        cells = cells[cells.sum(axis=1) <= total]
    last = total - cells.sum(axis=1)
    fits = last <= limits[-1]
    return np.column_stack([cells[fits], last[fits]])


def _second_half(limits: np.ndarray, columns: tuple[int, ...], logs: np.ndarray) -> np.ndarray:
    """The log products of the second half, sorted; its last column takes what the others leave of the rows."""
    used, products = _enumerate_columns(limits, columns[:-1], logs)
    return np.sort(products - logs[limits - used].sum(axis=1))


def _node_probability(first: np.ndarray, second: np.ndarray, constant: float, log_product: float) -> float:
    most = second[-1]
    sums = np.concatenate([[0.0], np.cumsum(np.exp(second - most))])
    reach = np.searchsorted(second, log_product - first, side="right")
    return float((np.exp(constant + first + most) * sums[reach]).sum())
