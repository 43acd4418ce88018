"""How easily a person in a study could be singled out: k-anonymity, l-diversity, t-closeness, risks of recognition."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from research_lib.errors import ResearchError


class RiskError(ResearchError):
    """The risk of a study cannot be measured as asked."""


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

    Raises RiskError for an empty frame or an unknown column. Source: Sweeney (2002), k-anonymity: a model for
    protecting privacy; the risks are those of El Emam (2013), the prosecutor's.
    """
    sizes = _classes(frame, known).size()
    records = int(sizes.sum())
    return Risk(
        int(sizes.min()),
        len(sizes),
        records,
        1 / sizes.min(),
        len(sizes) / records,
        float((sizes == 1).sum() / records),
    )


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


def _classes(frame: pd.DataFrame, known: Sequence[str], *more: str):
    if unknown := [name for name in (*known, *more) if name not in frame]:
        raise RiskError(f"there is no column {unknown[0]!r}; there are {', '.join(map(str, frame.columns))}")
    if not len(frame) or not known:
        raise RiskError("no record, or nothing that others know of a person: there is nothing to measure")
    return frame.groupby(list(known), dropna=False, observed=True)
