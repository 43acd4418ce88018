"""All cross-tables with given margins, gone through in two halves of the columns that meet in what is left of the rows.

The probability of a table is a product over its cells. The columns are parted in two; for every way in which the first
half can use up the rows, the logarithms of its products are added to those of the second half that uses the rest,
sorted, so that a single search says how many of their pairs are no likelier than the table at hand.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

type Array = np.ndarray
_MOST = 2_000_000


@dataclass(frozen=True)
class Halves:
    """The margins of a table: the row sums, and the column sums in two halves, small ones first.

    `work` is an upper bound of the number of half-tables to go through.
    """

    rows: tuple[int, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    work: float


def split_columns(counts: Array) -> Halves:
    """Part the columns so that there is least to go through; the work is infinite where it is too much."""
    rows = tuple(int(total) for total in counts.sum(axis=1))
    columns = sorted(int(total) for total in counts.sum(axis=0))
    return min((_parted(rows, columns, at) for at in range(len(columns))), key=lambda halves: halves.work)


def chance_of_no_likelier(halves: Halves, log_product: float) -> float:
    """Give the probability of all tables whose product of 1/cell! is at most exp(`log_product`)."""
    logs = gammaln(np.arange(sum(halves.rows) + 1) + 1.0)
    margins = [*halves.rows, *halves.first, *halves.second]
    constant = sum(float(logs[total]) for total in margins) - float(logs[-1])
    used, first = _spread(np.array(halves.rows), halves.first, logs)
    nodes, where = np.unique(used, axis=0, return_inverse=True)
    order = np.argsort(where.ravel(), kind="stable")
    parts = np.split(first[order], np.cumsum(np.bincount(where.ravel()))[:-1])
    chances = [
        _joined(part, _rest(np.array(halves.rows) - node, halves.second, logs), constant, log_product)
        for node, part in zip(nodes, parts, strict=True)
    ]
    return min(math.fsum(chances), 1.0)


def _parted(rows: tuple[int, ...], columns: list[int], at: int) -> Halves:
    first, second = columns[:at], columns[at:]
    ahead, behind = _ways(first, len(rows)), _ways(second[:-1], len(rows))
    nodes = min(ahead, _ways([sum(first)], len(rows)))
    work = ahead + nodes * behind if max(ahead, behind) <= _MOST else math.inf
    return Halves(rows, tuple(first), tuple(second), work)


def _ways(columns: list[int], rows: int) -> float:
    """In how many ways columns can be dealt out over rows without regard to the row sums."""
    return math.prod(math.comb(total + rows - 1, rows - 1) for total in columns)


def _spread(limits: Array, columns: tuple[int, ...], logs: Array) -> tuple[Array, Array]:
    """All ways of dealing columns out over rows: what of each row is used, and the log product of each way."""
    used, products = np.zeros((1, len(limits)), dtype=np.int64), np.zeros(1)
    for total in columns:
        dealt = _deals(total, limits)
        used = (used[:, None, :] + dealt[None, :, :]).reshape(-1, len(limits))
        products = (products[:, None] - logs[dealt].sum(axis=1)[None, :]).ravel()
        fits = (used <= limits).all(axis=1)
        used, products = used[fits], products[fits]
    return used, products


def _deals(total: int, limits: Array) -> Array:
    """All ways of dealing one column out over rows, no more to a row than its limit."""
    dealt = np.zeros((1, 0), dtype=np.int64)
    for limit in limits[:-1]:
        steps = np.arange(min(int(limit), total) + 1)
        dealt = np.column_stack([dealt.repeat(len(steps), axis=0), np.tile(steps, len(dealt))])
        dealt = dealt[dealt.sum(axis=1) <= total]
    last = total - dealt.sum(axis=1)
    fits = last <= limits[-1]
    return np.column_stack([dealt[fits], last[fits]])


def _rest(limits: Array, columns: tuple[int, ...], logs: Array) -> Array:
    """The log products of the second half, sorted; its last column takes what the others leave of the rows."""
    used, products = _spread(limits, columns[:-1], logs)
    return np.sort(products - logs[limits - used].sum(axis=1))


def _joined(first: Array, second: Array, constant: float, log_product: float) -> float:
    most = second[-1]
    sums = np.concatenate([[0.0], np.cumsum(np.exp(second - most))])
    reach = np.searchsorted(second, log_product - first, side="right")
    return float((np.exp(constant + first + most) * sums[reach]).sum())
