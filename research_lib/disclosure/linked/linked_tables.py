"""Linked tables: the bounds that a reader knows of every cell, and the sums that must be equal.

A reader of the published tables knows an interval for each cell: one number where it is exact, a few numbers where it
is rounded, and only that it is not negative where it is suppressed. Cells also add up to their totals, in one table and
across tables that share variables, in this release and in earlier ones. The audit uses nothing else.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from research_lib.methods.count_bounds import count_bounds

TOTAL = "total"
Vector = np.ndarray


@dataclass(frozen=True)
class LinkedTables:
    """Cells with their lowest and highest possible count, and `sums` whose rows give zero, shape (S, N).

    `block`: the number of the table of each cell. `suppressed`: cells published without their count. `fixed`: cells
    that cannot be suppressed any more, or that are not published and only carry sums. `joint`: cells of tables that are
    not published, but must exist where published tables close a ring.
    """

    names: tuple[tuple[str, ...], ...]
    block: Vector
    low: Vector
    high: Vector
    suppressed: Vector
    fixed: Vector
    joint: Vector
    sums: sparse.csr_array

    def with_known(self, known: Vector) -> "LinkedTables":
        """Give the tables as a reader sees them who knows some records of each cell; shape (N,)."""
        return replace(self, low=np.maximum(self.low, known))

    def without_joint(self) -> "LinkedTables":
        """Give the tables without the sums that joint cells stand in: a reader seems to know a little less."""
        return replace(self, sums=self.sums[abs(self.sums) @ self.joint == 0])

    def suppress(self, cells: Collection[int]) -> "LinkedTables":
        """Give the tables with further cells suppressed."""
        low, high, suppressed = self.low.copy(), self.high.copy(), self.suppressed.copy()
        chosen = list(cells)
        low[chosen], high[chosen], suppressed[chosen] = 0, np.inf, True
        return replace(self, low=low, high=high, suppressed=suppressed)

    def show(self, cell: int, count: float) -> "LinkedTables":
        """Give the tables with the count of a suppressed cell."""
        low, high, suppressed = self.low.copy(), self.high.copy(), self.suppressed.copy()
        low[cell], high[cell], suppressed[cell] = count, count, False
        return replace(self, low=low, high=high, suppressed=suppressed)

    def name(self, cell: int) -> str:
        """Name a cell by its table and its categories."""
        return " | ".join(self.names[cell])


def rounded(counts: Vector, base: int) -> Vector:
    """Round counts to multiples of a base, halves upwards."""
    return (np.asarray(counts) + base // 2) // base * base


def with_totals(table: pd.DataFrame, suppressed: pd.DataFrame, *, base: int = 1) -> LinkedTables:
    """Give a two-way table as linked tables, with the totals of its rows, of its columns and of all.

    `suppressed`: which of its cells are suppressed; totals are always shown. `base`: counts are rounded to multiples of
    it.
    """
    whole = table.copy()
    whole[TOTAL] = whole.sum(axis=1)
    whole.loc[TOTAL] = whole.sum()
    signs = np.ones(whole.shape[0]), np.ones(whole.shape[1])
    for each in signs:
        each[-1] = -1
    rows, columns = np.eye(whole.shape[0]), np.eye(whole.shape[1])
    sums = np.vstack([np.kron(rows, signs[1]), np.kron(signs[0], columns)])
    names = tuple((str(row), str(column)) for row in whole.index for column in whole.columns)
    without_count = suppressed.reindex(index=whole.index, columns=whole.columns).eq(True).to_numpy().ravel()
    counts = rounded(whole.to_numpy(dtype=float).ravel(), base)
    low, high = count_bounds(counts, is_shown=counts > 0, is_hidden=without_count, base=base)
    fixed = np.array([TOTAL in name for name in names])
    block, joint = np.zeros(len(names), int), np.zeros(len(names), bool)
    return LinkedTables(names, block, low, high, without_count, fixed, joint, sparse.csr_array(sums))
