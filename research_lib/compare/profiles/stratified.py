"""A share within groups and strata: the counts that standardisation and decomposition both start from."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from research_lib.compare.profiles.reading import UNANSWERED, listed, need_answer, tally, values_in
from research_lib.errors import UnfitDataError

POOLED = "pooled"
type Standard = str | Mapping[Any, float]


@dataclass(frozen=True)
class Stratified:
    """`counts` with the answer, of `bases` who answered, both of shape (groups, strata).

    `stratum`: what the strata are called. `missing`: of each group, the records without an answer or a stratum.
    `left_out`: the records without a group.
    """

    groups: tuple[Hashable, ...]
    strata: tuple[Hashable, ...]
    stratum: str
    counts: np.ndarray
    bases: np.ndarray
    missing: tuple[int, ...]
    left_out: int

    def only(self, groups: Sequence[Hashable]) -> "Stratified":
        """Keep these groups, in this order, and the strata that one of them has."""
        if absent := [group for group in groups if group not in self.groups]:
            raise UnfitDataError(f"there is no group {absent[0]!r}; there are {', '.join(map(str, self.groups))}")
        at = [self.groups.index(group) for group in groups]
        has = self.bases[at].sum(axis=0) > 0
        return replace(
            self,
            groups=tuple(groups),
            strata=tuple(stratum for stratum, kept in zip(self.strata, has, strict=True) if kept),
            counts=self.counts[at][:, has],
            bases=self.bases[at][:, has],
            missing=tuple(self.missing[place] for place in at),
        )

    def need_cases(self, group: Hashable, weights: np.ndarray | float = 1.0) -> None:
        """Refuse a group that has no answered case in a stratum that has weight."""
        lacks = (self.bases[self.groups.index(group)] == 0) & (np.asarray(weights) > 0)
        need_cases(self.strata, self.stratum, group, lacks)

    def weights(self, standard: Standard) -> np.ndarray:
        """The weight of each stratum in a standard: a group, the groups together, or given weights; they sum to 1."""
        if isinstance(standard, Mapping):
            return given_weights(standard, self.strata, self.stratum)
        sizes = self.bases.sum(axis=0) if standard == POOLED else self.bases[place_of(standard, self.groups)]
        return sizes / sizes.sum()


def stratify(
    frame: pd.DataFrame,
    groups: str,
    strata: Sequence[str] | str,
    question: tuple[str, Sequence[str] | str],
    *,
    count: str | None,
) -> Stratified:
    """Count a question's answer within groups and strata; `question` is its column and the answer or answers meant."""
    (outcome, answer), levels = question, listed(strata)
    table = with_stratum(tally(frame, [groups, *levels, outcome], count), levels)
    wanted = need_answer(values_in(table[outcome], outcome), answer, outcome)
    grouped = table[~table[groups].isin(UNANSWERED)]
    names = values_in(grouped[groups], groups)
    known = grouped[~grouped[outcome].isin(UNANSWERED) & grouped["stratum"].notna()]
    values = values_in(known["stratum"], ", ".join(levels))
    bases, counts = (
        rows.pivot_table(index=groups, columns="stratum", values="n", aggfunc="sum", observed=True)
        .reindex(index=names, columns=values)
        .fillna(0)
        .to_numpy(dtype=float)
        for rows in (known, known[known[outcome].isin(wanted)])
    )
    need_answered(names, bases, outcome)
    records = grouped.groupby(groups)["n"].sum().reindex(names).to_numpy()
    missing = tuple(int(number) for number in records - bases.sum(axis=1))
    left_out = int(table["n"].sum() - grouped["n"].sum())
    return Stratified(tuple(names), tuple(values), " / ".join(levels), counts, bases, missing, left_out)


def with_stratum(table: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """Add the stratum of each row, the values of several variables joined by a stroke; none where one is missing."""
    joined = table[levels[0]] if len(levels) == 1 else table[list(levels)].astype(str).agg(" / ".join, axis=1)
    return table.assign(stratum=joined.astype(object).where(~table[list(levels)].isin(UNANSWERED).any(axis=1)))


def place_of(group: str, groups: Sequence[Hashable]) -> int:
    """Find a group that is named as the standard."""
    if group not in groups:
        raise UnfitDataError(
            f"there is no group {group!r} to take as the standard; take {POOLED!r}, weights, or one of "
            f"{', '.join(map(str, groups))}"
        )
    return list(groups).index(group)


def given_weights(standard: Mapping[Any, float], strata: Sequence[Hashable], name: str) -> np.ndarray:
    """Check weights that were given, one for each stratum, and bring their sum to 1."""
    if absent := [stratum for stratum in strata if stratum not in standard]:
        raise UnfitDataError(
            f"{name}: the standard has no weight for {absent[0]!r}; give one, 0 where that stratum shall not count"
        )
    if strange := [stratum for stratum in standard if stratum not in strata and standard[stratum]]:
        raise UnfitDataError(
            f"{name}: the standard gives weight to {strange[0]!r}, of which there is no case; there are "
            f"{', '.join(map(str, strata))}"
        )
    weights = np.array([standard[stratum] for stratum in strata], dtype=float)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum():
        raise UnfitDataError(f"{name}: weights must be numbers from 0 upwards, and one of them more than 0")
    return weights / weights.sum()


def need_answered(groups: Sequence[Hashable], bases: np.ndarray, outcome: str) -> None:
    """Refuse a group in which nobody answered."""
    if (empty := bases.sum(axis=1) == 0).any():
        group = groups[int(np.flatnonzero(empty)[0])]
        raise UnfitDataError(f"{outcome}: nobody of {group} with a known stratum answered; leave that group out")


def need_cases(strata: Sequence[Hashable], name: str, group: Hashable, lacks: np.ndarray) -> None:
    """Refuse a group that lacks a stratum, with a sentence that says which."""
    if lacks.any():
        stratum = strata[int(np.flatnonzero(lacks)[0])]
        raise UnfitDataError(
            f"{name}: {group} has no case in {stratum!r} who answered, so nothing can stand for it there; "
            "bring strata together, leave the group out, or choose a standard without that stratum"
        )
