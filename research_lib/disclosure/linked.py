"""Tables that hang together: all their cells as one vector, and the sums that must come out equal.

Whoever reads the published tables knows of each cell an interval: a point where it is exact, a few numbers where it is
rounded, only that it is not negative where it is hidden. And that cells add up to their totals, in one table and across
tables that share a variable. That is all an attacker has, and all that the audit uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import sparse

TOTAL = "total"
Vector = np.ndarray


@dataclass(frozen=True)
class Linked:
    """Cells with their true counts and names, whether each is hidden, and `sums` whose rows give zero, shape (S, N)."""

    counts: Vector
    names: tuple[tuple[str, ...], ...]
    hidden: Vector
    sums: sparse.csr_array

    def hide(self, cells: Sequence[int]) -> "Linked":
        """Hide further cells."""
        hidden = self.hidden.copy()
        hidden[list(cells)] = True
        return replace(self, hidden=hidden)

    def known(self, rounding: int = 1) -> tuple[Vector, Vector]:
        """Give the lowest and highest count that a reader can suppose of each cell, shape (N,) each.

        `rounding`: the base to which the shown cells were rounded, 1 for exact ones.
        """
        shown = np.floor(self.counts / rounding + 0.5) * rounding
        reach = (rounding - 1) / 2 if rounding > 1 else 0
        low = np.where(self.hidden, 0, np.maximum(np.ceil(shown - reach), 0))
        return low, np.where(self.hidden, np.inf, np.floor(shown + reach))


def with_totals(table: pd.DataFrame, hidden: pd.DataFrame) -> Linked:
    """Take a two-way table as it is printed, with the totals of its rows and columns and of all.

    `hidden`: which of its cells are not shown; totals are.
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
    unseen = hidden.reindex(index=whole.index, columns=whole.columns).eq(True).to_numpy().ravel()
    return Linked(whole.to_numpy(dtype=float).ravel(), names, unseen, sparse.csr_array(sums))


def across(tables: Mapping[str, pd.Series], hidden: Mapping[str, pd.Series]) -> Linked:
    """Take several tables of the same persons; each two of them agree on every variable that they share.

    `tables`: by name, counts with one index level for each variable, empty cells as 0. `hidden`: the same shape, true
    where a cell is not shown. No total is published: a reader sums what is shown.
    """
    starts = np.cumsum([0, *(len(table) for table in tables.values())])
    where = dict(zip(tables, starts, strict=False))
    rows = [row for one, other in combinations(tables, 2) for row in _agreeing(tables, where, one, other)]
    width = int(starts[-1])
    at = np.repeat(np.arange(len(rows)), [len(cells) for cells, _ in rows])
    cells = np.concatenate([np.zeros(0, int), *(cells for cells, _ in rows)])
    signs = np.concatenate([np.zeros(0), *(signs for _, signs in rows)])
    return Linked(
        np.concatenate([table.to_numpy(dtype=float) for table in tables.values()]),
        tuple((name, *map(str, np.atleast_1d(key))) for name, table in tables.items() for key in table.index),
        np.concatenate([hidden[name].to_numpy(dtype=bool) for name in tables]),
        sparse.coo_array((signs, (at, cells)), (len(rows), width)).tocsr(),
    )


def _agreeing(
    tables: Mapping[str, pd.Series], where: Mapping[str, int], one: str, other: str
) -> Iterator[tuple[Vector, Vector]]:
    """For each value that two tables share, the cells of both, those of the second with a minus."""
    shared = [name for name in tables[one].index.names if name in tables[other].index.names]
    groups = [_groups(tables[name], shared, where[name]) for name in (one, other)]
    for key in groups[0].keys() & groups[1].keys():
        first, second = groups[0][key], groups[1][key]
        yield np.concatenate([first, second]), np.repeat([1.0, -1.0], [len(first), len(second)])


def _groups(table: pd.Series, shared: Sequence[str], start: int) -> dict[tuple, Vector]:
    positions = np.arange(start, start + len(table))
    if not shared:
        return {(): positions}
    keys = pd.MultiIndex.from_arrays([table.index.get_level_values(name) for name in shared])
    return {key: positions[place] for key, place in keys.to_frame(index=False).groupby(list(shared)).indices.items()}
