"""How easily a person in a study could be singled out: k-anonymity and the risk of recognition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns


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


def _classes(frame: pd.DataFrame, known: Sequence[str]) -> Any:
    check_columns(frame, known)
    if not len(frame) or not known:
        raise UnfitDataError("no record, or nothing that others know of a person: there is nothing to measure")
    return frame.groupby(list(known), dropna=False, observed=True)
