"""Linked tables: the bounds that an intruder knows of every cell, and the sums that must be equal.

Whoever reads the published tables knows an interval for each cell: one number where it is exact, a few numbers where
it is rounded, and only that it is not negative where it is suppressed. Cells also add up to their totals, in one table
and across tables that share variables, in this release and in earlier ones. The audit uses nothing else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research_lib.published_cells import count_bounds

if TYPE_CHECKING:
    from scipy import sparse

TOTAL = "total"
Vector = np.ndarray
Sides = frozenset[str]


@dataclass(frozen=True)
class PublishedTable:
    """One published table: its sides, in order, and for each cell the rounded count and whether it is suppressed.

    A side is a variable, or a variable with APART where the kinds of missing stay apart. `values`: those of each side.
    """

    name: str
    values: Mapping[str, tuple[str, ...]]
    shown: Vector
    suppressed: Vector

    @property
    def sides(self) -> Sides:
        """The sides as a set: two tables with the same sides hold the same counts."""
        return frozenset(self.values)


@dataclass(frozen=True)
class LinkedTables:
    """Cells with their lowest and highest possible count, and `sums` whose rows give zero, shape (S, N).

    `suppressed`: cells published without their count. `fixed`: cells
    that cannot be suppressed any more, or that are not published and only carry sums. `joint`: cells of tables that are
    not published, but must exist where published tables close a ring.
    """

    names: tuple[tuple[str, ...], ...]
    low: Vector
    high: Vector
    suppressed: Vector
    fixed: Vector
    joint: Vector
    sums: "sparse.csr_array"

    def with_known(self, known: Vector) -> "LinkedTables":
        """Give the tables as an intruder sees them who knows some records of each cell; shape (N,)."""
        return replace(self, low=np.maximum(self.low, known))

    def without_joint(self) -> "LinkedTables":
        """Give the tables without the sums that joint cells stand in: an intruder seems to know a little less."""
        return replace(self, sums=self.sums[abs(self.sums) @ self.joint == 0])

    def suppress(self, cells: Collection[int]) -> "LinkedTables":
        """Give the tables with further cells suppressed."""
        return self._with([*cells], low=0, high=np.inf, suppressed=True)

    def show(self, cell: int, count: float) -> "LinkedTables":
        """Give the tables with the count of a suppressed cell."""
        return self._with([cell], low=count, high=count, suppressed=False)

    def _with(self, cells: list[int], **new: float) -> "LinkedTables":
        changed = {name: getattr(self, name).copy() for name in new}
        for name, value in new.items():
            changed[name][cells] = value
        return replace(self, **changed)

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
    from scipy import sparse  # here, since pages open releases without it

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
    return LinkedTables(names, low, high, without_count, fixed, np.zeros(len(names), bool), sparse.csr_array(sums))
