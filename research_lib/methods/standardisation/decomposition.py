"""How much of a difference between two groups is who is in them, and how much is what each kind of person answers."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas.api.types import is_hashable

from research_lib.errors import UnfitDataError
from research_lib.methods.standardisation.strata import Answer, stratify


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
    _need_two(between, every.groups)
    counted = every.only(between)
    for group in between:
        counted.need_cases(group)
    weights = counted.bases / counted.bases.sum(axis=1, keepdims=True)
    shares = counted.counts / counted.bases
    composition = (weights[0] - weights[1]) * shares.mean(axis=0)
    rates = (shares[0] - shares[1]) * weights.mean(axis=0)
    parts = pd.DataFrame({**counted.columns(), "composition": composition, "rates": rates})
    difference = float((weights[0] * shares[0]).sum() - (weights[1] * shares[1]).sum())
    return Decomposition(difference, float(composition.sum()), float(rates.sum()), parts, sum(counted.missing))


def _need_two(between: Any, groups: Sequence[Hashable]) -> None:
    """Refuse all but two different groups."""
    named = list(between) if isinstance(between, list | tuple) and all(map(is_hashable, between)) else []
    if len(named) != 2 or len(set(named)) != 2:
        raise UnfitDataError(f"between is {between!r}; name two different groups of {', '.join(map(str, groups))}")
