"""Direct standardisation of released tables: the range of what the standardised share can be."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
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
    given_weights,
    need_cases,
    place_of,
    stated_weights,
    stratum_of,
    sum_by_stratum,
)
from research_lib.methods.wilson_interval import wilson_interval

_MOST = 14


@dataclass(frozen=True)
class _Ranges:
    """The ranges of those `with_answer` and of those with any `other` answer, each end of shape (groups, strata)."""

    groups: tuple[Hashable, ...]
    strata: tuple[Hashable, ...]
    name: str
    with_answer: Range
    other: Range

    @property
    def bases(self) -> Range:
        return self.with_answer[0] + self.other[0], self.with_answer[1] + self.other[1]


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
    cells = summed(table, [groups, *non_empty_list(strata), outcome], read, rounding=rounding, fewest=fewest)
    found = _stratify(cells, groups, non_empty_list(strata), outcome=outcome, answer=answer)
    sizes = _sizes(found, standard)
    corners = _corners(sizes, found.name)
    rows = [_row(found, place, most=sizes[1], corners=corners, level=level) for place in range(len(found.groups))]
    result = pd.DataFrame(rows)
    result.insert(0, groups, list(found.groups))
    return result


def _stratify(cells: pd.DataFrame, groups: str, levels: list[str], *, outcome: str, answer: Answer) -> _Ranges:
    wanted = need_answer(values_in(cells[outcome], outcome), answer, outcome)
    answered = cells[~cells[[groups, *levels, outcome]].isin(UNANSWERED).any(axis=1)]
    name, stratum = " / ".join(levels), stratum_of(answered, levels)
    names, strata = tuple(values_in(answered[groups], groups)), tuple(values_in(stratum, name))
    is_wanted = answered[outcome].isin(wanted)
    ends = [
        sum_by_stratum(
            answered.loc[rows, end].to_numpy(dtype=float), (answered.loc[rows, groups], stratum[rows]), (names, strata)
        )
        for rows in (is_wanted, ~is_wanted)
        for end in ("low", "high")
    ]
    return _Ranges(names, strata, name, (ends[0], ends[1]), (ends[2], ends[3]))


def _sizes(found: _Ranges, standard: Standard) -> Range:
    """The lowest and highest size of each stratum in the standard."""
    low, high = found.bases
    if (stated := stated_weights(standard)) is not None:
        weights = given_weights(stated, found.strata, found.name)
        return weights, weights
    if standard == POOLED:
        return low.sum(axis=0), high.sum(axis=0)
    place = place_of(standard, found.groups)
    return low[place], high[place]


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


def _row(found: _Ranges, place: int, *, most: np.ndarray, corners: np.ndarray, level: float) -> dict[str, float]:
    one, other = ((ends[0][place], ends[1][place]) for ends in (found.with_answer, found.other))
    need_cases(found.strata, found.name, found.groups[place], (one[1] + other[1] == 0) & (most > 0))
    low, high = least_share(one[0], one[0] + other[1]), most_share(one[1], one[1] + other[0])
    least, greatest = (
        wilson_interval(one[0], one[0] + other[1], level)[0],
        wilson_interval(one[1], one[1] + other[0], level)[1],
    )
    crude = [np.array([ends.sum()]) for ends in (*one, *other)]
    return {
        "crude_low": float(least_share(crude[0], crude[0] + crude[3])[0]),
        "crude_high": float(most_share(crude[1], crude[1] + crude[2])[0]),
        "standardised_low": float((corners @ low).min()),
        "standardised_high": float((corners @ high).max()),
        "low": float((corners @ low - np.linalg.norm(corners * (low - least), axis=1)).min()),
        "high": float((corners @ high + np.linalg.norm(corners * (greatest - high), axis=1)).max()),
    }
