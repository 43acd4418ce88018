"""Published tables as arrays: what the audit and the readers of a release share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

APART = "/apart"
Sides = frozenset[str]


@dataclass(frozen=True)
class PublishedTable:
    """One published table: its sides, in order, and for each cell the rounded count and whether it is suppressed.

    A side is a variable, or a variable with APART where the kinds of missing stay apart. `values`: those of each side.
    """

    name: str
    values: Mapping[str, tuple[str, ...]]
    shown: np.ndarray
    suppressed: np.ndarray

    @property
    def sides(self) -> Sides:
        """The sides as a set: two tables with the same sides hold the same counts."""
        return frozenset(self.values)


@dataclass(frozen=True)
class ReleasedTables:
    """One release: its tables, the base of their rounding, and the fewest persons that a shown cell stands for."""

    tables: tuple[PublishedTable, ...]
    base: int
    persons: int
