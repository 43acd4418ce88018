"""Direct standardisation of released tables: the range of what the standardised share can be."""

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.missing import UNANSWERED
from research_lib.methods.options import need_level
from research_lib.methods.standardisation.cross_tabulation import need_answer, non_empty_list, values_in
from research_lib.methods.standardisation.direct_standardisation import least_share, most_share
from research_lib.methods.standardisation.released_cross_tabulation import Range, read_others, summed
from research_lib.methods.standardisation.strata import (
    POOLED,
    Answer,
    Standard,
    need_cases,
    standard_sizes,
    sum_by_stratum,
)
from research_lib.methods.wilson_interval import wilson_interval

_MOST = 14


def standardise_released(
    table: pd.DataFrame,
    *,
    groups: str,
    strata: Sequence[str] | str,
    outcome: str,
    answer: Answer,
    rounding: int,
    fewest: int = 1,
    others: Iterable[pd.DataFrame] = (),
    standard: Standard = POOLED,
    level: float = 0.95,
) -> pd.DataFrame:
    """Give the crude and the standardised share of each group in a released table, each as a range.

    `table`, `rounding`, `fewest`, `others` as in `count_ranges`, the rest as in `standardise`. One row a group:
    `crude_low`, `crude_high`, `standardised_low`, `standardised_high`: all that rounding and hiding leave open; `low`,
    `high`: that, and the chance of who was met, by the interval of `standardise`.

    Each count may lie anywhere in its range. For given weights the ends are exact: the lowest counts with the answer
    against the highest of the others, and the reverse. Where the standard is a group, its strata's sizes have ranges
    as well; the standardised share is then a ratio that takes its ends at the corners of these ranges, and all corners
    are tried. For a group standardised by itself, or by all together, the same counts stand in shares and in weights,
    which this takes as free of each other: the range is then wider than it need be, never too narrow.

    Raises UnfitDataError for a stratum with weight in which a group certainly has nobody, for more than 14 strata
    whose size is a range, and as `count_ranges` does. Not for tables of different dates, nor where a range is so wide
    that it says nothing: then request from the study a table of the groups' standardised shares. See `standardise` too.
    """
    need_level(level)
    read = read_others(others, rounding, fewest)
    levels = non_empty_list(strata)
    cells = summed(table, [groups, *levels, outcome], read, rounding=rounding, fewest=fewest)
    wanted = need_answer(values_in(cells[outcome], outcome), answer, outcome)
    answered = cells[~cells[[groups, *levels, outcome]].isin(UNANSWERED).any(axis=1)]
    names, name = values_in(answered[groups], groups), " / ".join(levels)
    is_wanted = answered[outcome].isin(wanted)
    parts = [answered[end].where(rows, 0) for rows in (is_wanted, ~is_wanted) for end in ("low", "high")]
    kinds, (low, high, other_low, other_high) = sum_by_stratum(answered, (groups, levels), names, parts)
    sizes = standard_sizes(standard, (names, kinds), name, [low + other_low, high + other_high])
    corners = _corners((sizes[0], sizes[1]), name)
    result = []
    for place, group in enumerate(names):
        need_cases(kinds, name, group, (high[place] + other_high[place] == 0) & (sizes[1] > 0))
        ranges = (low[place], high[place]), (other_low[place], other_high[place])
        result.append({groups: group} | _row(*ranges, corners=corners, level=level))
    return pd.DataFrame(result)


def _corners(sizes: Range, name: str) -> np.ndarray:
    """All weights at the corners of the sizes' ranges, shape (corners, strata); a size without an end can be all."""
    low, high = sizes
    endless = np.isinf(high)
    if np.count_nonzero((low < high) & ~endless) > _MOST:
        raise UnfitDataError(f"{name}: more than {_MOST} strata have no certain size; bring strata together")
    ends = [
        (least,) if least == most or np.isinf(most) else (least, most) for least, most in zip(low, high, strict=True)
    ]
    corners = np.vstack([np.array(list(product(*ends))), np.eye(len(low))[endless]])
    sums = corners.sum(axis=1, keepdims=True)
    if not sums.any():
        raise UnfitDataError(f"{name}: the standard has nobody; choose another")
    return np.asarray(corners[sums[:, 0] > 0] / sums[sums[:, 0] > 0])


def _row(with_answer: Range, other: Range, *, corners: np.ndarray, level: float) -> dict[str, float]:
    """The ends of one group's shares, from the ranges of those with the answer and of those with any other."""
    (least, most), (other_least, other_most) = with_answer, other
    at_low, at_high = least + other_most, most + other_least
    low, high = least_share(least, at_low), most_share(most, at_high)
    below = low - wilson_interval(least, at_low, level)[0]
    above = wilson_interval(most, at_high, level)[1] - high
    crude_low = least_share(least.sum(keepdims=True), at_low.sum(keepdims=True))
    crude_high = most_share(most.sum(keepdims=True), at_high.sum(keepdims=True))
    return {
        "crude_low": float(crude_low[0]),
        "crude_high": float(crude_high[0]),
        "standardised_low": float((corners @ low).min()),
        "standardised_high": float((corners @ high).max()),
        "low": float((corners @ low - np.linalg.norm(corners * below, axis=1)).min()),
        "high": float((corners @ high + np.linalg.norm(corners * above, axis=1)).max()),
    }
