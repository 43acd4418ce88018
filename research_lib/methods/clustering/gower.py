"""Gower's distance: two persons compared on the questions that both answered, of whatever kind."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, factorise, need_no_blanks, written

_MOST_PERSONS = 10_000
_NONE: Mapping[Any, Any] = MappingProxyType({})


def gower_distances(frame: pd.DataFrame, *, asymmetric: Mapping[Any, Any] = _NONE) -> pd.DataFrame:
    """Say how far each two persons are apart: 0, the same answers; 1, as different as can be. Persons by persons.

    `frame`: one row a person, one column a question, NaN or None where there is no answer. A distance is the mean over
    the questions that both answered: 0 or 1 for the same and another answer; for numbers, and for the places of an
    ordered categorical, the difference over the range of the column. `asymmetric`: questions, each with the answer
    that counts, such as {"reason__debt": "yes"}: two persons without it are not alike for that, and the question is
    left out for these two. The result goes into scikit-learn's clusterings as `metric="precomputed"`.

    Raises UnfitDataError for fewer than two persons and more than 10,000, blank text, lists in cells, numbers that are
    infinite, and two persons who share no question. Not for: questions that not everybody was to answer, since whoever
    skips them is compared on fewer; nor for a few extreme numbers, which make all others alike. Equal distances are
    frequent with few questions: clusters can then depend on the order of the rows.
    Gower (1971), Biometrics 27, 857-871; Kaufman and Rousseeuw (1990), Finding Groups in Data, chapter 1.
    """
    check_single_columns(frame)
    check_columns(frame, asymmetric)
    if not 2 <= len(frame) <= _MOST_PERSONS or not len(frame.columns):
        raise UnfitDataError(f"distances need 2 to {_MOST_PERSONS:,} persons and a question; there are {frame.shape}")
    apart, compared = np.zeros((len(frame), len(frame))), np.zeros((len(frame), len(frame)))
    for name in frame.columns:
        difference, counts = _compare(frame[name], asymmetric.get(name))
        apart += np.where(counts, difference, 0.0)
        compared += counts
    _refuse_uncompared(compared, frame.index)
    return pd.DataFrame(apart / compared, frame.index, frame.index)


def _compare(column: pd.Series, counting: Any) -> tuple[np.ndarray, np.ndarray]:
    """The differences of each two persons on one question, and whether the question counts for the two."""
    need_no_blanks(column, f"column {column.name!r}")
    answered = column.notna().to_numpy()
    both = np.logical_and.outer(answered, answered)
    if counting is not None:
        given = (column == counting).to_numpy(bool, na_value=False)
        return np.not_equal.outer(given, given), both & np.logical_or.outer(given, given)
    values = _numbers(column)
    if values is None:
        codes, _ = factorise(column)
        return np.not_equal.outer(codes, codes), both
    span = np.ptp(values[answered]) if answered.any() else 0.0
    return np.abs(np.subtract.outer(values, values)) / (span or 1.0), both


def _numbers(column: pd.Series) -> np.ndarray | None:
    """Numbers as they are, and the places of an ordered categorical; nothing for answers without an order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=float) if column.cat.ordered else None
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return None
    values = np.asarray(column.to_numpy(float, na_value=np.nan))
    if np.isinf(values).any():
        raise UnfitDataError(f"column {column.name!r}: a number is infinite; correct it, or leave it empty")
    return values


def _refuse_uncompared(compared: np.ndarray, persons: pd.Index) -> None:
    pairs = np.argwhere(compared == 0)
    if len(apart := pairs[pairs[:, 0] < pairs[:, 1]]):
        one, other = (written(persons[place]) for place in apart[0])
        raise UnfitDataError(f"{one} and {other} answered no question that counts for both; leave one out, and say so")
