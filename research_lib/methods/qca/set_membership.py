"""Cases as members of sets: what a qualitative comparative analysis is made from, and how far sets fit each other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, is_whole
from research_lib.methods.qca.combinations import Layout

_NAME = re.compile(r"[^\[\]~*+\s]([^\[\]~*+]*[^\[\]~*+\s])?")
_MOST_LEVELS = 12
_OUTCOME = re.compile(r"(?P<not>~?)(?P<name>.+?)(?:\[(?P<level>\d+)\])?")


@dataclass(frozen=True)
class Sufficiency:
    """How far a set is enough for the outcome.

    `consistency`: the share of the set that lies within the outcome. `pri`: the same without what is as much in the
    outcome as in its absence. `coverage`: the share of the outcome that the set accounts for. NaN where the set is
    empty. Source: Ragin (2006), Political Analysis 14(3); Schneider and Wagemann (2012), pages 242 f. for PRI.
    """

    consistency: float
    pri: float
    coverage: float


@dataclass(frozen=True)
class Necessity:
    """How far a set is needed for the outcome.

    `consistency`: the share of the outcome that lies within the set. `relevance`: relevance of necessity (RoN), low
    where nearly everything is in the set. `coverage`: the share of the set within the outcome. Source: Schneider and
    Wagemann (2012), chapter 9.
    """

    consistency: float
    relevance: float
    coverage: float


def sufficiency(condition: np.ndarray, outcome: np.ndarray) -> Sufficiency:
    """Measure how far a set is enough for an outcome, from memberships from 0 to 1, one a case."""
    shared = np.minimum(condition, outcome)
    both = float(np.minimum(shared, 1 - outcome).sum())
    common, size = float(shared.sum()), float(condition.sum())
    return Sufficiency(_share(common, size), _share(common - both, size - both), _share(common, float(outcome.sum())))


def necessity(condition: np.ndarray, outcome: np.ndarray) -> Necessity:
    """Measure how far a set is needed for an outcome, from memberships from 0 to 1, one a case."""
    shared = np.minimum(condition, outcome)
    relevance = _share(float((1 - condition).sum()), float((1 - shared).sum()))
    common = float(shared.sum())
    return Necessity(_share(common, float(outcome.sum())), relevance, _share(common, float(condition.sum())))


def unique_coverage(terms: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Measure, for each of several sets, the share of the outcome that it accounts for and none of the others does.

    `terms`: memberships, sets by cases. What a case adds is how far its strongest set lies above the next.
    """
    ordered = np.sort(np.vstack([np.zeros(terms.shape[1]), terms]), axis=0)
    strongest, next_ = ordered[-1], ordered[-2]
    others = np.where(terms == strongest, next_, strongest)
    alone = np.minimum(strongest, outcome) - np.minimum(others, outcome)
    return np.asarray(alone.sum(axis=1) / outcome.sum())


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


@dataclass(frozen=True)
class Sets:
    """The memberships of cases in conditions and in an outcome.

    `values`: cases by conditions, memberships from 0 to 1, or levels 0, 1, 2 … `outcome`: memberships, one a case.
    """

    layout: Layout
    cases: tuple[str, ...]
    values: np.ndarray
    outcome: np.ndarray
    outcome_name: str

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The combination in which each case is more in than out."""
        levels = np.where(self._is_crisp, self.values, self.values > 0.5).astype(int)
        return tuple(self.layout.of_levels(row) for row in levels)

    def membership(self, combination: int) -> np.ndarray:
        """Say how far each case belongs to a combination: the least of its memberships in the literals."""
        fixed = [combination & part for part in self.layout.parts if combination & part != part]
        return np.min([self._literal(part) for part in fixed], axis=0) if fixed else np.ones(len(self.cases))

    def union(self, combinations: Sequence[int]) -> np.ndarray:
        """Say how far each case belongs to any of several combinations: the greatest of its memberships."""
        return np.asarray(np.max([self.membership(combination) for combination in combinations], axis=0))

    def members(self, combination: int) -> tuple[str, ...]:
        """Name the cases that are more in a combination than out of it."""
        return tuple(compress(self.cases, self.membership(combination) > 0.5))

    @cached_property
    def _is_crisp(self) -> np.ndarray:
        return np.asarray((self.values == np.rint(self.values)).all(axis=0))

    @cached_property
    def _levels(self) -> list[np.ndarray]:
        """How far each case has each level of each condition, in the order of the bits."""
        degrees = []
        for column, size, is_crisp in zip(self.values.T, self.layout.levels, self._is_crisp, strict=True):
            degrees += [(column == level).astype(float) for level in range(size)] if is_crisp else [1 - column, column]
        return degrees

    def _literal(self, allowed: int) -> np.ndarray:
        bits = [self._levels[at] for at in range(allowed.bit_length()) if allowed >> at & 1]
        return np.asarray(np.max(bits, axis=0))


def read_sets(
    data: pd.DataFrame, outcome: str, conditions: Sequence[str], levels: Mapping[str, int] | None = None
) -> Sets:
    """Read cases by conditions, one row a case (its name is the index), and check that a QCA can be made of them.

    A condition holds memberships from 0 to 1, or whole levels 0, 1, 2 … `outcome` names a column, `~` before it its
    absence, `[2]` after it one of its levels. `levels`: how many a condition has, if more than are shown. Raises
    UnfitDataError for an unknown column, an empty cell, a value out of range, a condition that is the same for all, a
    case exactly half in and half out, two cases whose names are written alike, and levels that cannot be.
    """
    found = _OUTCOME.fullmatch(outcome) if isinstance(outcome, str) else None
    if not found:
        raise UnfitDataError(f"{outcome!r} cannot name an outcome; give a column's name, ~ before it, or [1] after it")
    name = found["name"]
    if outcome != name and outcome in data:
        raise UnfitDataError(f"column {outcome!r} reads as part of {name!r}; rename the column")
    check_columns(data, [*conditions, name])
    if wrong := [each for each in conditions if not (isinstance(each, str) and _NAME.fullmatch(each))]:
        raise UnfitDataError(f"{wrong[0]!r} cannot name a condition; rename it without [ ] ~ * + and blanks around it")
    if not len(data):
        raise UnfitDataError("the data have no case")
    if not conditions or name in conditions or len(set(conditions)) < len(conditions):
        raise UnfitDataError("name each condition once, and the outcome not among them")
    # 1 and "1" are two labels, but nobody could distinguish them in a result.
    cases = pd.Index(list(map(str, data.index)))
    if cases.has_duplicates:
        raise UnfitDataError(f"two cases are named {cases[cases.duplicated()][0]!r}; give each its own name")
    values = np.column_stack([_column(data, column) for column in conditions])
    shown = {name: _levels(data.index, column, name) for column, name in zip(values.T, conditions, strict=True)}
    layout = Layout(tuple(conditions), _sizes(shown, values, levels or {}))
    return Sets(layout, tuple(cases), values, _outcome(data, outcome, found), outcome)


def _column(data: pd.DataFrame, name: str) -> np.ndarray:
    """The numbers of a column; refuses what is no number, and what is exactly half in and half out."""
    column = pd.to_numeric(data[name], errors="coerce").astype(float)
    if not np.isfinite(column).all():
        case = column.index[~np.isfinite(column)][0]
        cell = data.loc[case, name]
        found = "the cell is empty" if pd.isna(cell) else f"'{cell}' is not a membership"
        raise UnfitDataError(
            f"{case}, {name}: {found}; a case of which a condition is unknown "
            "cannot take part, so fill the cell with its reason or leave the case or the condition out"
        )
    if (column == 0.5).any():
        raise UnfitDataError(
            f"{data.index[column == 0.5][0]}, {name}: a membership of exactly .5 is neither in nor out; "
            "decide whether the case is a member, or move the threshold"
        )
    return np.asarray(column.to_numpy())


def _levels(cases: pd.Index, column: np.ndarray, name: str) -> int:
    """How many levels a condition has; raises UnfitDataError where it cannot be one."""
    whole = bool((column == np.rint(column)).all())
    wrong = (column < 0) | ((column > 1) & (not whole))
    if wrong.any():
        raise UnfitDataError(
            f"{cases[wrong][0]}, {name}: {column[wrong][0]:g} is neither a membership from 0 to 1 nor a level 0, 1, 2 "
            "…; calibrate the column first"
        )
    if len(np.unique(column)) == 1:
        raise UnfitDataError(f"{name}: it is {column[0]:g} for every case, so it tells nothing apart; leave it out")
    if whole and column.max() >= _MOST_LEVELS:
        raise UnfitDataError(f"{name}: it has levels up to {column.max():g}; calibrate it first, such as by thresholds")
    return max(int(column.max()) + 1, 2) if whole else 2


def _sizes(shown: Mapping[str, int], values: np.ndarray, given: Mapping[str, int]) -> tuple[int, ...]:
    """How many levels each condition has, from the data or, if that is more, as stated."""
    if unknown := [name for name in given if name not in shown]:
        raise UnfitDataError(f"levels names {unknown[0]!r}, which is not a condition; there are {', '.join(shown)}")
    for (name, size), column in zip(shown.items(), values.T, strict=True):
        stated = given.get(name, size)
        if not is_whole(stated, 2) or stated > _MOST_LEVELS:
            raise UnfitDataError(f"{name}: levels gives {stated!r}; write a whole number from 2 to {_MOST_LEVELS}")
        if stated < size:
            raise UnfitDataError(f"{name}: it shows {size} levels, and levels gives {stated}; give all of them")
        if stated > size and (column != np.rint(column)).any():
            raise UnfitDataError(f"{name}: it holds memberships, which have no levels; take it out of levels")
    return tuple(int(given.get(name, size)) for name, size in shown.items())


def _outcome(data: pd.DataFrame, outcome: str, found: re.Match[str]) -> np.ndarray:
    column = _column(data, found["name"])
    if found["level"] is not None and (column != np.rint(column)).any():
        raise UnfitDataError(f"{found['name']} holds memberships and no levels; name it without {outcome[-3:]}")
    if found["level"] is not None:
        column = (column == int(found["level"])).astype(float)
    if (wrong := (column < 0) | (column > 1)).any():
        raise UnfitDataError(
            f"{data.index[wrong][0]}, {found['name']}: {column[wrong][0]:g} is not a membership from 0 to 1; calibrate "
            f"the outcome, or name one of its levels, such as {found['name']}[1]"
        )
    if len({*(column > 0.5)}) == 1:
        raise UnfitDataError(f"{outcome}: all cases are on the same side, so there is nothing to explain")
    return 1 - column if found["not"] else column
