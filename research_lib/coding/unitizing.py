"""Agreement on where stretches begin and end: alpha for unitizing, in the definition of 1995 and 2004.

This is Krippendorff's coefficient for a continuum that each coder cuts into stretches, with squared lengths as
distances. The coefficients published in 2016 under similar names (`|uα`, `cuα`, `(k)uα`) are others, not computed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, starmap
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
    (`codings.merged` joins them). Raises UnfitDataError where they do, where one lies outside the continuum, or for
    fewer than two coders. Source: Krippendorff (2004), Content Analysis, 2nd ed., section 11.6 (example on p. 254).
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
    observed = 2 * sum(starmap(_distance, combinations(cuts, 2))) / (size * (size - 1) * length**2)
    return observed, _expected(np.concatenate(cuts), size, length)


def _sections(rows: pd.DataFrame, start: int, end: int) -> np.ndarray:
    """Cut the continuum into marked and unmarked sections: begin, end, and 1 where marked."""
    stretches = sorted(zip(rows["start"], rows["end"], strict=True))
    for (_, position), (begin, stop) in pairwise([(start, start), *stretches]):
        if not start <= begin < stop <= end:
            raise UnfitDataError(f"the stretch {begin}–{stop} does not lie in the continuum {start}–{end}")
        if begin < position:
            raise UnfitDataError(f"the stretch {begin}–{stop} overlaps another of the same coder and code")
    edges = np.array([start, *chain.from_iterable(stretches), end], dtype=float)
    sections = np.stack([edges[:-1], edges[1:], np.arange(len(edges) - 1) % 2], axis=1)
    return sections[sections[:, 0] < sections[:, 1]]


def _distance(first: np.ndarray, second: np.ndarray) -> float:
    """The sum of squared distances between all sections of two coders.

    Marked stretches that overlap differ by the squared distances between their edges; one that lies wholly in a gap of
    the other coder, by the square of its length.
    """
    low = np.searchsorted(second[:, 1], first[:, 0], side="right")
    many = np.searchsorted(second[:, 0], first[:, 1], side="left") - low
    one = np.repeat(np.arange(len(first)), many)
    other = np.arange(len(one)) - np.repeat(many.cumsum() - many, many) + low[one]
    (begin, stop, marked), (begun, over, marked_there) = first[one].T, second[other].T
    edges = marked * marked_there * ((begin - begun) ** 2 + (stop - over) ** 2)
    inside = marked * (1 - marked_there) * (begun <= begin) * (stop <= over) * (stop - begin) ** 2
    around = marked_there * (1 - marked) * (begin <= begun) * (over <= stop) * (over - begun) ** 2
    return float((edges + inside + around).sum())


def _expected(sections: np.ndarray, coders: int, length: int) -> float:
    lengths = sections[:, 1] - sections[:, 0]
    marked, gaps = (lengths[sections[:, 2] == kind] for kind in (1, 0))
    between = (len(marked) - 1) / 3 * (2 * marked**3 - 3 * marked**2 + marked)
    ordered = np.sort(gaps)
    behind = np.r_[0, ordered.cumsum()]
    fits = np.searchsorted(ordered, marked, side="left")
    room = behind[-1] - behind[fits] - (len(ordered) - fits) * (marked - 1)
    whole = coders * length
    pairs = whole * (whole - 1) - (marked * (marked - 1)).sum()
    return float(2 / length * (between + marked**2 * room).sum() / pairs)
