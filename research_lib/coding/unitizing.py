"""Agreement on where stretches begin and end: alpha for unitizing, in the definition of 1995 and 2004.

This is Krippendorff's coefficient for a continuum that each coder cuts into stretches, with squared lengths as
distances. The family of coefficients published in 2016 under similar names (`|uα`, `cuα`, `(k)uα`) is another one, and
is not computed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, starmap
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError

_COLUMNS = ["coder", "code", "start", "end"]


@dataclass(frozen=True)
class Unitizing:
    """The coefficient for all codes together and for each, over a continuum of so many units by so many coders."""

    value: float
    by_code: dict[str, float]
    length: int
    coders: int
    definition: str
    unit: str


def unitizing_alpha(
    segments: Any, *, start: int, end: int, unit: str = "character", coders: Sequence[str] | None = None
) -> Unitizing:
    """Say how far coders agree on the stretches that they marked, and on their codes.

    `segments`: a frame with columns coder, code, start, end (half-open, in units of the continuum). `start`, `end`: the
    continuum. `coders`: all who read, also those who marked nothing. A coder's stretches of one code may not overlap
    (`codings.merged` joins them). Raises UnfitDataError where they do, where one lies outside the continuum, or
    where there are fewer than two coders. Source: Krippendorff (2004), Content Analysis, 2nd ed., section 11.6; worked
    example on p. 254.
    """
    frame = pd.DataFrame(segments)
    if missing := [name for name in _COLUMNS if name not in frame]:
        raise UnfitDataError(f"segments: there is no column {missing[0]!r}; a segment has {', '.join(_COLUMNS)}")
    if not len(frame):
        raise UnfitDataError("nobody marked anything; there is nothing to compare")
    readers = sorted(set(frame["coder"]) | set(coders or ()))
    if len(readers) <= 1:
        raise UnfitDataError("unitizing needs two coders or more; name those who marked nothing in `coders`")
    parts = {code: _disagreement(rows, readers, start, end) for code, rows in frame.groupby("code", sort=True)}
    by_code = {str(code): _ratio(observed, expected) for code, (observed, expected) in parts.items()}
    observed, expected = (sum(column) for column in zip(*parts.values(), strict=True))
    return Unitizing(_ratio(observed, expected), by_code, end - start, len(readers), "Krippendorff 1995, 2004", unit)


def _ratio(observed: float, expected: float) -> float:
    return 1 - observed / expected if expected > 0 else float("nan")


def _disagreement(rows: pd.DataFrame, coders: list[Any], start: int, end: int) -> tuple[float, float]:
    """Observed and expected disagreement on one code."""
    cuts = [_sections(rows[rows["coder"] == coder], start, end) for coder in coders]
    length, size = end - start, len(coders)
    observed = sum(starmap(_distance, permutations(cuts, 2))) / (size * (size - 1) * length**2)
    return observed, _expected(np.concatenate(cuts), size, length)


def _sections(rows: pd.DataFrame, start: int, end: int) -> np.ndarray:
    """Cut the continuum into marked and unmarked sections: begin, length, and 1 where marked."""
    found, position = [], start
    for begin, stop in sorted(zip(rows["start"], rows["end"], strict=True)):
        if not start <= begin < stop <= end:
            raise UnfitDataError(f"the stretch {begin}–{stop} does not lie in the continuum {start}–{end}")
        if begin < position:
            raise UnfitDataError(f"the stretch {begin}–{stop} overlaps another of the same coder and code")
        if begin > position:
            found.append((position, begin - position, 0))
        found.append((begin, stop - begin, 1))
        position = stop
    if position < end:
        found.append((position, end - position, 0))
    return np.array(found, dtype=float).reshape(-1, 3)


def _distance(first: np.ndarray, second: np.ndarray) -> float:
    """The sum of squared distances between all sections of two coders."""
    return _overlaps(first, second) + _unmatched(first, second) + _unmatched(second, first)


def _neighbours(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each section, from which to which of the other coder's sections it reaches."""
    begin, stop = first[:, 0], first[:, 0] + first[:, 1]
    low = np.searchsorted(second[:, 0] + second[:, 1], begin, side="right")
    return low, np.searchsorted(second[:, 0], stop, side="left")


def _overlaps(first: np.ndarray, second: np.ndarray) -> float:
    """Overlapping marked stretches differ by the squared distances between their edges."""
    low, high = _neighbours(first, second)
    one = np.repeat(np.arange(len(first)), high - low)
    other = np.arange(len(one)) - np.repeat((high - low).cumsum() - (high - low), high - low) + low[one]
    here, there = first[one], second[other]
    distances = (here[:, 0] - there[:, 0]) ** 2 + (here[:, 0] + here[:, 1] - there[:, 0] - there[:, 1]) ** 2
    return float(distances[(here[:, 2] == 1) & (there[:, 2] == 1)].sum())


def _unmatched(first: np.ndarray, second: np.ndarray) -> float:
    """Marked stretches that lie wholly in a gap of the other coder differ by the square of their length."""
    low, high = _neighbours(first, second)
    inside = (first[:, 2] == 1) & (high - low == 1) & (second[np.minimum(low, len(second) - 1), 2] == 0)
    return float((first[inside, 1] ** 2).sum())


def _expected(sections: np.ndarray, coders: int, length: int) -> float:
    marked, gaps = sections[sections[:, 2] == 1][:, 1], sections[sections[:, 2] == 0][:, 1]
    between = (len(marked) - 1) / 3 * (2 * marked**3 - 3 * marked**2 + marked)
    ordered = np.sort(gaps)
    behind = np.r_[0, ordered.cumsum()]
    fits = np.searchsorted(ordered, marked, side="left")
    room = behind[-1] - behind[fits] - (len(ordered) - fits) * (marked - 1)
    whole = coders * length
    return float(
        2 / length * (between + marked**2 * room).sum() / (whole * (whole - 1) - (marked * (marked - 1)).sum())
    )
