"""Cases as members of sets: what a qualitative comparative analysis is made from, read and checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from research_lib.compare.configurations.cubes import Layout
from research_lib.errors import UnfitDataError

_HALF = 0.5
_OUTCOME = re.compile(r"(?P<not>~?)(?P<name>.+?)(?:\[(?P<level>\d+)\])?")
Vector = np.ndarray


@dataclass(frozen=True)
class Sets:
    """The memberships of cases in conditions and in an outcome.

    `values`: cases by conditions, memberships from 0 to 1, or levels 0, 1, 2 … `outcome`: memberships, one a case.
    """

    layout: Layout
    cases: tuple[str, ...]
    values: np.ndarray
    outcome: Vector
    outcome_name: str

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The combination in which each case is more in than out."""
        levels = np.where(self._is_crisp, self.values, self.values > _HALF).astype(int)
        return tuple(self.layout.of_levels(row) for row in levels)

    def membership(self, cube: int) -> Vector:
        """Say how far each case belongs to a combination: the least of its memberships in the literals."""
        fixed = [cube & part for part in self.layout.parts if cube & part != part]
        return np.min([self._literal(part) for part in fixed], axis=0) if fixed else np.ones(len(self.cases))

    def union(self, cubes: Sequence[int]) -> Vector:
        """Say how far each case belongs to any of several combinations: the greatest of its memberships."""
        return np.max([self.membership(cube) for cube in cubes], axis=0) if cubes else np.zeros(len(self.cases))

    def members(self, cube: int) -> tuple[str, ...]:
        """Name the cases that are more in a combination than out of it."""
        return tuple(case for case, degree in zip(self.cases, self.membership(cube), strict=True) if degree > _HALF)

    @cached_property
    def _is_crisp(self) -> Vector:
        return (self.values == np.rint(self.values)).all(axis=0)

    @cached_property
    def _levels(self) -> list[Vector]:
        """How far each case has each level of each condition, in the order of the bits."""
        degrees = []
        for column, size, is_crisp in zip(self.values.T, self.layout.levels, self._is_crisp, strict=True):
            degrees += [(column == level).astype(float) for level in range(size)] if is_crisp else [1 - column, column]
        return degrees

    def _literal(self, allowed: int) -> Vector:
        bits = [self._levels[at] for at in range(allowed.bit_length()) if allowed >> at & 1]
        return bits[0] if len(bits) == 1 else np.max(bits, axis=0)


def read_sets(data: pd.DataFrame, outcome: str, conditions: Sequence[str]) -> Sets:
    """Read cases by conditions, one row a case (its name is the index), and check that a QCA can be made of them.

    A condition holds memberships from 0 to 1, or whole levels 0, 1, 2 … `outcome` names a column, `~` before it its
    absence, `[2]` after it one of its levels. Raises UnfitDataError for an unknown column, an empty cell, a value out
    of range, a condition that is the same for all, and a case exactly half in and half out.
    """
    found = _OUTCOME.fullmatch(outcome)
    name = found["name"] if found else outcome
    _need_columns(data, [*conditions, name])
    if not conditions or name in conditions or len(set(conditions)) < len(conditions):
        raise UnfitDataError("name each condition once, and the outcome not among them")
    if data.index.has_duplicates:
        raise UnfitDataError(f"two cases are named {data.index[data.index.duplicated()][0]!r}; give each its own name")
    values = np.column_stack([_column(data, column) for column in conditions])
    levels = tuple(_levels(data.index, column, name) for column, name in zip(values.T, conditions, strict=True))
    cases = tuple(map(str, data.index))
    return Sets(Layout(tuple(conditions), levels), cases, values, _outcome(data, outcome), outcome)


def _need_columns(data: pd.DataFrame, names: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in data]:
        raise UnfitDataError(f"there is no column {unknown[0]!r}; there are {', '.join(map(str, data.columns))}")
    if not len(data):
        raise UnfitDataError("there is no case in these data")


def _column(data: pd.DataFrame, name: str) -> Vector:
    column = pd.to_numeric(data[name], errors="coerce").astype(float)
    if column.isna().any():
        case = column.index[column.isna()][0]
        raise UnfitDataError(
            f"{case}, {name}: '{data.loc[case, name]}' is no membership; a case of which a condition is not known "
            "cannot take part, so fill the cell with its reason or leave the case or the condition out"
        )
    return column.to_numpy()


def _levels(cases: pd.Index, column: Vector, name: str) -> int:
    """How many levels a condition has; raises UnfitDataError where it cannot be one."""
    whole = bool((column == np.rint(column)).all())
    wrong = (column < 0) | ((column > 1) & (not whole))
    if wrong.any():
        raise UnfitDataError(
            f"{cases[wrong][0]}, {name}: {column[wrong][0]:g} is neither a membership from 0 to 1 nor a level 0, 1, 2 "
            "…; calibrate the column first"
        )
    if (column == _HALF).any():
        raise UnfitDataError(
            f"{cases[column == _HALF][0]}, {name}: a membership of exactly .5 is neither in nor out, so the case "
            "belongs to no row; decide which side it is on, or move the threshold"
        )
    if len(np.unique(column)) == 1:
        raise UnfitDataError(f"{name}: it is {column[0]:g} for every case, so it tells nothing apart; leave it out")
    return max(int(column.max()) + 1, 2) if whole else 2


def _outcome(data: pd.DataFrame, outcome: str) -> Vector:
    found = _OUTCOME.fullmatch(outcome)
    assert found
    column = _column(data, found["name"])
    if found["level"] is not None:
        column = (column == int(found["level"])).astype(float)
    if (wrong := (column < 0) | (column > 1)).any():
        raise UnfitDataError(
            f"{data.index[wrong][0]}, {found['name']}: {column[wrong][0]:g} is no membership from 0 to 1; calibrate "
            f"the outcome, or name one of its levels, such as {found['name']}[1]"
        )
    if (column == _HALF).any():
        raise UnfitDataError(
            f"{data.index[column == _HALF][0]}, {found['name']}: a membership of exactly .5 is neither in nor out; "
            "decide whether the case shows the outcome"
        )
    if len({*(column > _HALF)}) == 1:
        raise UnfitDataError(f"{outcome}: all cases are on the same side, so there is nothing to explain")
    return 1 - column if found["not"] else column
