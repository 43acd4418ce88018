"""Calibration: from what was observed to membership in a set, by thresholds that somebody can defend.

A threshold needs a reason from outside the data (theory, law, the field); a median is none. Source: Ragin (2008),
Redesigning Social Inquiry, chapter 5.
"""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import is_number


def direct(
    values: Sequence[float] | pd.Series, *, out: float, crossover: float, full: float, degree: float = 0.95
) -> pd.Series:
    """Turn a measured quantity into membership in a set by three thresholds (Ragin's direct method).

    At `out` the membership is 1 − `degree`, at `crossover` .5, at `full` `degree`, logistic between; `out` above `full`
    calibrates a set of low values. Raises UnfitDataError unless the crossover lies between the others.

    Not for: quantities of which no threshold means anything by itself, or ranks.
    """
    column = _numbers(values)
    if not _rises([out, crossover, full]) and not _rises([full, crossover, out]):
        raise UnfitDataError(f"the crossover {crossover} must lie between out {out} and full {full}, all numbers")
    if not is_number(degree) or not 1 / 2 < degree < 1:
        raise UnfitDataError(f"degree is the membership at full inclusion, between .5 and 1, and not {degree}")
    reach = np.where((column - crossover) * (full - crossover) >= 0, full - crossover, crossover - out)
    odds = np.log(degree / (1 - degree))
    return pd.Series(1 / (1 + np.exp(-odds * (column - crossover) / reach)), index=column.index, name=column.name)


def _rises(steps: Iterable[float]) -> bool:
    """Whether steps are finite numbers, each greater than the one before."""
    numbers = list(steps)
    are_finite = all(is_number(step) and np.isfinite(step) for step in numbers)
    return are_finite and all(low < high for low, high in itertools.pairwise(numbers))


def _numbers(values: Sequence[float] | pd.Series) -> pd.Series:
    column = pd.to_numeric(pd.Series(values), errors="coerce").astype(float)
    if not np.isfinite(column).all():
        raise UnfitDataError(f"{column.index[~np.isfinite(column)][0]}: the value is not a number; fill it in")
    return column
