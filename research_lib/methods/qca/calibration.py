"""Calibration: from what was observed to membership in a set, by thresholds that somebody can defend.

A threshold needs a reason from outside the data (theory, law, the field); a median is none. Source: Ragin (2008),
Redesigning Social Inquiry, chapter 5.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from research_lib.errors import UnfitDataError
from research_lib.methods.options import in_order_of, is_number


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


def indirect(values: Sequence[float] | pd.Series, groups: Sequence[float] | pd.Series) -> pd.Series:
    """Turn a measured quantity into membership, from a first grouping of the cases by hand (Ragin's indirect method).

    `groups`: for each case the membership that somebody who knows it would give, such as 0, .2, .4, .6, .8 or 1. A
    fractional logit with a fractional polynomial (√x and x) smooths them; the quantity must be positive. Raises
    UnfitDataError where no one curve fits best: for fewer than three different values, and where the quantity
    separates the groups at 0 or 1 from the others without an error.

    Not for: fewer than about ten cases, or groupings that do not rise (or fall) with the quantity.
    """
    if isinstance(values, pd.Series) and isinstance(groups, pd.Series):
        groups = in_order_of(groups, values.index, "the groups")
    column, given = _numbers(values), _numbers(groups)
    if len(column) != len(given) or (given < 0).any() or (given > 1).any():
        raise UnfitDataError("give each case one group, a membership from 0 to 1")
    if (column <= 0).any():
        raise UnfitDataError("the indirect method needs positive values; shift the quantity, or use the direct method")
    if given.nunique() < 2:
        raise UnfitDataError("all cases are in one group; the indirect method needs at least two")
    share = (column / column.max()).to_numpy()
    design = np.column_stack([np.ones(len(share)), np.sqrt(share), share])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise UnfitDataError("fewer than three values differ enough for a curve; use by_words or the direct method")
    if _is_separated(design, given.to_numpy()):
        raise UnfitDataError(
            "the quantity separates the groups at 0 or 1 from the others without an error, so steeper curves fit better"
            " without end; give more cases a membership in between, such as .2, .4, .6 or .8, or use the direct method"
        )
    from statsmodels.genmod.families import Binomial  # loads slowly
    from statsmodels.genmod.generalized_linear_model import GLM

    model = GLM(given.to_numpy(), design, family=Binomial()).fit()
    if not model.converged:
        raise UnfitDataError("no curve was found that fits the groups best; use the direct method")
    return pd.Series(model.fittedvalues, index=column.index, name=column.name)


def by_thresholds(values: Sequence[float] | pd.Series, thresholds: Sequence[float]) -> pd.Series:
    """Turn a measured quantity into the levels 0, 1, 2 … of a crisp or multi-value condition.

    A value equal to a threshold belongs to the upper level. Raises UnfitDataError unless the thresholds are numbers and
    rise.

    Not for: thresholds chosen because the result looks good; see `robustness`.
    """
    column = _numbers(values)
    if np.ndim(thresholds) != 1 or not len(thresholds) or not _rises(thresholds):
        raise UnfitDataError("thresholds are a list of numbers, each greater than the one before, such as [550, 850]")
    levels = np.searchsorted(np.asarray(thresholds, dtype=float), column, side="right")
    return pd.Series(levels, index=column.index, name=column.name)


def by_words(values: Sequence[Any] | pd.Series, memberships: Mapping[Any, float]) -> pd.Series:
    """Turn words into memberships, each word by a stated one, as coders of interviews do.

    Raises UnfitDataError for a word without a membership and for a membership outside 0 to 1.

    Not for: words that mean different things to different people, unless they were agreed on first.
    """
    column = pd.Series(values)
    if wrong := [word for word, degree in memberships.items() if not is_number(degree) or not 0 <= degree <= 1]:
        raise UnfitDataError(f"{wrong[0]!r} has the membership {memberships[wrong[0]]}; give one from 0 to 1")
    if unknown := [word for word in column if word not in memberships]:
        raise UnfitDataError(f"{unknown[0]!r} has no membership; those with one are {', '.join(map(str, memberships))}")
    return column.map(memberships).astype(float)


def _rises(steps: Iterable[float]) -> bool:
    """Whether steps are finite numbers, each greater than the one before."""
    numbers = list(steps)
    are_finite = all(is_number(step) and np.isfinite(step) for step in numbers)
    return are_finite and all(low < high for low, high in itertools.pairwise(numbers))


def _is_separated(design: np.ndarray, given: np.ndarray) -> bool:
    """Whether some curve is 0 where groups are in between, never wrong in sign elsewhere, and somewhere not 0.

    Then the likelihood has no maximum. Source: Albert and Anderson (1984), Biometrika 71(1); as a linear programme,
    Konis (2007), Linear programming algorithms for detecting separated data.
    """
    between = (given > 0) & (given < 1)
    signed = np.where(given == 1, 1, -1)[:, None] * design
    outside, inside = signed[~between], design[between]
    found = linprog(
        -outside.sum(axis=0),
        A_ub=np.vstack([-outside, outside]),
        b_ub=np.repeat([0, 1], len(outside)),
        A_eq=inside,
        b_eq=np.zeros(len(inside)),
        bounds=(None, None),
    )
    return bool(-found.fun > 1 / 2)


def _numbers(values: Sequence[float] | pd.Series) -> pd.Series:
    column = pd.to_numeric(pd.Series(values), errors="coerce").astype(float)
    if not np.isfinite(column).all():
        raise UnfitDataError(f"{column.index[~np.isfinite(column)][0]}: the value is not a number; fill it in")
    return column
