"""How easily a person in a study could be singled out: k-anonymity, l-diversity, t-closeness, risks of recognition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns

_LARGE = 20
_TERMS = 60


@dataclass(frozen=True)
class Risk:
    """The anonymity of records by what others may know of a person.

    `k`: records of the smallest class of equal records. `classes`: how many classes. `highest`: the chance to recognise
    a record of the smallest class. `average`: the mean over all records. `unique`: the share of
    records that are alone in their class.
    """

    k: int
    classes: int
    records: int
    highest: float
    average: float
    unique: float


def k_anonymity(frame: pd.DataFrame, known: Sequence[str]) -> Risk:
    """Measure how many records are alike in what others may know of a person (`known`, the quasi-identifiers).

    Raises UnfitDataError for an empty frame or an unknown column. Source: Sweeney (2002), k-anonymity: a model for
    protecting privacy; the risks are those of El Emam (2013), the prosecutor's.
    """
    sizes = _classes(frame, known).size()
    records = int(sizes.sum())
    unique = float((sizes == 1).sum() / records)
    return Risk(int(sizes.min()), len(sizes), records, 1 / sizes.min(), len(sizes) / records, unique)


def records_below(frame: pd.DataFrame, known: Sequence[str], k: int) -> int:
    """Count the records whose class has fewer than k of them; see `k_anonymity`."""
    sizes = _classes(frame, known).size()
    return int(sizes[sizes < k].sum())


def l_diversity(frame: pd.DataFrame, known: Sequence[str], sensitive: str) -> int:
    """Give the fewest different values of a sensitive answer in any class of records that are alike.

    Source: Machanavajjhala et al. (2007), l-diversity: distinct l-diversity.
    """
    return int(_classes(frame, [*known], sensitive)[sensitive].nunique().min())


def t_closeness(frame: pd.DataFrame, known: Sequence[str], sensitive: str) -> float:
    """Give the largest distance of a class from all records in the shares of a sensitive answer, 0 to 1.

    Unordered values: half the sum of the differences. Source: Li, Li and Venkatasubramanian (2007), t-closeness.
    """
    groups = _classes(frame, [*known], sensitive)
    counts = groups[sensitive].value_counts().unstack(fill_value=0)
    shares = counts.div(counts.sum(axis=1), axis=0)
    whole = counts.sum() / counts.to_numpy().sum()
    return float((shares - whole).abs().sum(axis=1).max() / 2)


def individual_risk(frame: pd.DataFrame, known: Sequence[str], *, weight: str) -> pd.Series:
    """Give each record of a weighted sample the chance that somebody who knows a person's answers finds them in it.

    `weight`: the column that says how many people a record stands for. Of f records alike in `known`, which stand for
    F people, the risk is the mean of 1/F after seeing f, F being f plus a negative binomial with p = f / (sum of
    weights): (p / f) 2F1(1, 1; f + 1; 1 - p). One value a record, from near 0 to 1 (a record that stands for itself
    only). Missing answers count as an answer of their own. Raises UnfitDataError for a weight below 1.

    Not for a sample without weights of a known design, nor for people of whom it is known that they are in the sample:
    their risk is that of `k_anonymity`. Source: Benedetti and Franconi (1998), Statistical and technological solutions
    for controlled data dissemination; Franconi and Polettini (2004), Individual risk estimation in mu-Argus: a review,
    Lecture Notes in Computer Science 3050, 262-272.
    """
    _classes(frame, known, weight)
    weights = pd.to_numeric(frame[weight], errors="coerce")
    if not weights.between(1, float("inf"), inclusive="left").all():
        raise UnfitDataError(f"column {weight!r} has cells that are not weights; give 1 or more people a record")
    classes = _classes(frame.assign(**{weight: weights}), known)
    alike = classes.size().to_numpy()
    sampled = alike / classes[weight].sum().to_numpy(dtype=float)
    risks = sampled / alike * _hypergeometric(alike, 1 - sampled)
    return pd.Series(risks[classes.ngroup()], frame.index, name="individual_risk")


def _hypergeometric(alike: NDArray[np.int64], unsampled: NDArray[np.float64]) -> NDArray[np.float64]:
    """2F1(1, 1; f + 1; q), by its sum where f is large: few terms are enough there, and scipy's fails from f = 100."""
    total = term = np.ones(len(alike))
    for step in range(1, _TERMS + 1):
        term = term * unsampled * step / (alike + step)
        total = total + term
    return np.where(alike < _LARGE, special.hyp2f1(1, 1, np.minimum(alike, _LARGE) + 1, unsampled), total)


def _classes(frame: pd.DataFrame, known: Sequence[str], *more: str) -> Any:
    check_columns(frame, (*known, *more))
    if not len(frame) or not known:
        raise UnfitDataError("no record, or nothing that others know of a person: there is nothing to measure")
    return frame.groupby(list(known), dropna=False, observed=True)
