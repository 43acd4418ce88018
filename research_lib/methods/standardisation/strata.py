"""A share within groups and strata, and how much of a difference of two groups is who is in them."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_hashable

from research_lib.errors import UnfitDataError, with_article
from research_lib.methods.options import check_free, is_number
from research_lib.methods.standardisation.record_counts import (
    NUMBER,
    RESERVED,
    need_answer,
    non_empty_list,
    tally,
    values_in,
)
from research_lib.missing_answers import UNANSWERED

POOLED = "pooled"
type Standard = Hashable | Mapping[Any, float] | pd.Series
type Answer = Hashable | Sequence[Hashable]


@dataclass(frozen=True)
class Stratified:
    """`counts` with the answer, of `bases` who answered, both of shape (groups, strata).

    `levels`: the columns that make the strata; of several, a stratum is a tuple of their values. `missing`: of each
    group, the records without an answer or a stratum. `left_out`: the records without a group.
    """

    groups: tuple[Hashable, ...]
    strata: tuple[Hashable, ...]
    levels: tuple[str, ...]
    counts: np.ndarray
    bases: np.ndarray
    missing: tuple[int, ...]
    left_out: int

    @property
    def stratum(self) -> str:
        """What the strata are called."""
        return " / ".join(self.levels)

    def columns(self) -> dict[str, list[Hashable]]:
        """The strata as columns of a table, one for each variable that makes them."""
        several = [self.strata] if len(self.levels) == 1 else zip(*self.strata, strict=True)
        return {level: list(values) for level, values in zip(self.levels, several, strict=True)}

    def weights(self, standard: Standard) -> np.ndarray:
        """The weight of each stratum in a standard: a group, the groups together, or given weights; they sum to 1."""
        sizes = _standard_sizes(self, standard)
        return np.asarray(sizes / sizes.sum())


def stratify(
    frame: pd.DataFrame,
    *,
    groups: str,
    strata: Sequence[str] | str,
    outcome: str,
    answer: Answer,
    count: str | None,
) -> Stratified:
    """Count the answer or answers to a question, the column `outcome`, within groups and strata."""
    levels = non_empty_list(strata)
    table = tally(frame, [groups, *levels, outcome], count)
    check_free([groups, *levels], RESERVED)
    wanted = need_answer(values_in(table[outcome], outcome), answer, outcome)
    grouped = table[~table[groups].isin(UNANSWERED)]
    names = values_in(grouped[groups], groups)
    answered = grouped[~grouped[[*levels, outcome]].isin(UNANSWERED).any(axis=1)]
    parts = [answered[NUMBER], answered[NUMBER] * answered[outcome].isin(wanted)]
    values, (bases, counts) = sum_by_stratum(answered, (groups, levels), names, parts)
    if (empty := bases.sum(axis=1) == 0).any():
        group = names[int(np.flatnonzero(empty)[0])]
        raise UnfitDataError(f"{outcome}: nobody of {group} with a known stratum answered; leave that group out")
    records = grouped.groupby(groups)[NUMBER].sum().reindex(names).to_numpy()
    missing = tuple(int(number) for number in records - bases.sum(axis=1))
    left_out = int(table[NUMBER].sum() - grouped[NUMBER].sum())
    return Stratified(tuple(names), values, tuple(levels), counts, bases, missing, left_out)


def sum_by_stratum(
    table: pd.DataFrame, keys: tuple[str, Sequence[str]], groups: Sequence[Hashable], parts: Sequence[Any]
) -> tuple[tuple[Hashable, ...], list[np.ndarray]]:
    """Give the strata, and sum each of several parts (a value a row) into a table of shape (groups, strata).

    `keys`: the column of the groups, and those that make the strata; of several, a stratum is a tuple of their values.
    """
    column, levels = keys
    stratum = table[levels[0]]
    if len(levels) > 1:
        several = zip(*(table[level] for level in levels), strict=True)
        stratum = pd.Series(list(several), index=table.index, dtype=object)
    strata = values_in(stratum, ", ".join(levels))
    at = tuple(
        np.array([places[key] for key in own], dtype=int)
        for own, each in ((table[column], groups), (stratum, strata))
        for places in [{name: place for place, name in enumerate(each)}]
    )
    sums = [np.zeros((len(groups), len(strata))) for _ in parts]
    for made, values in zip(sums, parts, strict=True):
        np.add.at(made, at, np.asarray(values, dtype=float))
    return tuple(strata), sums


def _standard_sizes(counted: Stratified, standard: Standard) -> np.ndarray:
    """Give the size of each stratum in a standard; weights that are given are checked."""
    if not isinstance(standard, pd.Series | Mapping | Hashable):
        raise UnfitDataError(
            f"{with_article(type(standard).__name__)} is not a standard; take {POOLED!r}, a group, or weights by "
            'stratum, such as {"18-24": 2, "25+": 1}'
        )
    if isinstance(standard, pd.Series):
        if (twice := standard.index[standard.index.duplicated()]).size:
            raise UnfitDataError(f"the standard has {twice[0]!r} twice; give each stratum one weight")
        standard = dict(standard.items())
    if isinstance(standard, Mapping):
        _check_weights(standard, counted.strata, counted.stratum)
        return np.array([standard[stratum] for stratum in counted.strata], dtype=float)
    if standard == POOLED:
        return np.asarray(counted.bases.sum(axis=0))
    if standard not in counted.groups:
        raise UnfitDataError(
            f"group {standard!r} is unknown and cannot be the standard; take {POOLED!r}, weights, or one of "
            f"{', '.join(map(str, counted.groups))}"
        )
    return np.asarray(counted.bases[counted.groups.index(standard)])


def _check_weights(standard: Mapping[Any, float], strata: Sequence[Hashable], name: str) -> None:
    if absent := [stratum for stratum in strata if stratum not in standard]:
        raise UnfitDataError(f"{name}: the standard has no weight for {absent[0]!r}; give one, 0 to leave it out")
    for stratum, weight in standard.items():
        if not is_number(weight) or not 0 <= weight < math.inf:
            raise UnfitDataError(f"{name}: the weight of {stratum!r} is {weight!r}; weights must be numbers from 0 up")
        if stratum not in strata and weight:
            raise UnfitDataError(
                f"{name}: the standard gives weight to {stratum!r}, which has no case; there are "
                f"{', '.join(map(str, strata))}"
            )
    if not any(standard[stratum] for stratum in strata):
        raise UnfitDataError(f"{name}: one of the weights must be more than 0")


def need_cases(strata: Sequence[Hashable], name: str, group: Hashable, lacks: np.ndarray) -> None:
    """Refuse a group that lacks a stratum, with a sentence that says which."""
    if lacks.any():
        stratum = strata[int(np.flatnonzero(lacks)[0])]
        shown = " / ".join(map(str, stratum)) if isinstance(stratum, tuple) else stratum
        raise UnfitDataError(
            f"{name}: {group} has no case in {shown!r} who answered, so it has no share there; "
            "bring strata together, leave the group out, or choose a standard without that stratum"
        )


@dataclass(frozen=True)
class Decomposition:
    """The crude difference of two shares, first minus second, in two parts that add up to it.

    `composition`: what comes of the strata's different sizes. `rates`: what comes of different answers within strata.
    `strata`: a row for each stratum: the columns that make it, and its part of each. `missing`: records of the two
    groups without an answer or a stratum; they are in none of this.
    """

    difference: float
    composition: float
    rates: float
    strata: pd.DataFrame
    missing: int


def decompose(
    frame: pd.DataFrame,
    *,
    groups: str,
    strata: Sequence[str] | str,
    outcome: str,
    answer: Answer,
    between: tuple[Hashable, Hashable],
    count: str | None = None,
) -> Decomposition:
    """Split a difference between two groups into who is in them and what they answer.

    Takes what `standardise` takes; `between` names the two groups. The composition part of a stratum is the difference
    of its weights times the mean of its shares; the rates part is the difference of its shares times the mean of its
    weights; nothing is left over. Source: Kitagawa (1955), Components of a difference between two rates, Journal of the
    American Statistical Association 50, 1168–1194.

    Raises UnfitDataError for other than two different groups, a group that is not there, and a stratum that one of the
    two lacks. Not for: causes (a part is arithmetic, it does not say what would happen if the groups were made alike).
    Not for single strata of the composition part, which depend on the zero of the share; read their sum. Not for strata
    with few cases: no interval is given here; look at those of `standardise` first.
    """
    every = stratify(frame, groups=groups, strata=strata, outcome=outcome, answer=answer, count=count)
    named = list(between) if isinstance(between, list | tuple) and all(map(is_hashable, between)) else []
    if len(named) != 2 or len(set(named)) != 2:
        there = ", ".join(map(str, every.groups))
        raise UnfitDataError(f"between is {between!r}; name two different groups of {there}")
    if absent := [group for group in named if group not in every.groups]:
        raise UnfitDataError(f"group {absent[0]!r} is unknown; there are {', '.join(map(str, every.groups))}")
    at = [every.groups.index(group) for group in named]
    has = every.bases[at].sum(axis=0) > 0
    counts, bases = every.counts[at][:, has], every.bases[at][:, has]
    shown = [stratum for stratum, is_shown in zip(every.strata, has, strict=True) if is_shown]
    for group, own in zip(named, bases, strict=True):
        need_cases(shown, every.stratum, group, own == 0)
    weights = bases / bases.sum(axis=1, keepdims=True)
    shares = counts / bases
    composition = (weights[0] - weights[1]) * shares.mean(axis=0)
    rates = (shares[0] - shares[1]) * weights.mean(axis=0)
    parts = pd.DataFrame(every.columns())[has].assign(composition=composition, rates=rates).reset_index(drop=True)
    difference = float((weights[0] * shares[0]).sum() - (weights[1] * shares[1]).sum())
    missing = sum(every.missing[place] for place in at)
    return Decomposition(difference, float(composition.sum()), float(rates.sum()), parts, missing)
