"""Which codes occur together: pairs of coded segments of one document that overlap, enclose, equal or neighbour.

A pair counts once, and only where one coder made both: what two coders give the same stretch is agreement, not
co-occurrence. A code's meeting with itself counts pairs of two different segments.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from research_lib.coding.ratings import Vector
from research_lib.errors import CodingError

RELATIONS = ("overlap", "inside", "equal", "near")
_AT_ONCE = 1_000_000
_MOST_PAIRS = 2_000_000_000
_LARGEST = 2**62
_PAIRS_PER_STEP = 0.3


@dataclass(frozen=True)
class _Segments:
    """Segments in order of group and start: positions, and the numbers of their codes and groups."""

    start: Vector
    end: Vector
    code: Vector
    group: Vector
    codes: int

    @property
    def size(self) -> int:
        return len(self.start)


def count(codings: Any, *, relation: str = "overlap", by: str | None = None, distance: int = 100) -> pd.DataFrame:
    """Count how often each two codes occur together, as a symmetric table of codes × codes.

    `codings`: document, start, end (half-open), code, and coder where several coded. `relation`: overlap (they share a
    character), inside (one lies in the other, or they are equal), equal (same start and end), near (at most `distance`
    characters between them, or overlapping). `by`: a column such as `coder`; one table of the pairs within each of its
    values, one below the other. A segment of length zero overlaps nothing. CodingError: an unknown relation or column.
    """
    frame = pd.DataFrame(codings)
    if relation not in RELATIONS:
        raise CodingError(f"a relation is {', '.join(RELATIONS)}, not {relation!r}")
    needed = ["document", "start", "end", "code", *([by] if by else [])]
    if missing := [name for name in needed if name not in frame]:
        raise CodingError(f"codings: the column {missing[0]!r} is missing")
    names = pd.Index(np.sort(frame["code"].unique()), name="code")
    if by is None or frame.empty:
        return _counted(frame, names, relation, distance)
    groups = frame.groupby(by, sort=True, observed=True, dropna=False)
    return pd.concat({value: _counted(rows, names, relation, distance) for value, rows in groups}, names=[by])


def _counted(frame: pd.DataFrame, names: pd.Index, relation: str, distance: int) -> pd.DataFrame:
    segments = _sorted(frame[frame["start"] < frame["end"]] if relation == "overlap" else frame, names)
    if relation == "equal":
        ordered = _meeting(segments, _on_the_same_stretch(segments))
    elif relation == "inside":
        ordered = _by_pairs(segments, _begun_before(segments, segments.end + 1), enclosed=True)
    else:
        reach = segments.end + (distance + 1 if relation == "near" else 0)
        ordered = _meeting(segments, _begun_before(segments, reach))
    both = ordered + ordered.T
    both[np.diag_indices(len(names))] //= 2
    return pd.DataFrame(both, index=names, columns=names.rename(None))


def _sorted(frame: pd.DataFrame, names: pd.Index) -> _Segments:
    keys = ["document", "coder"] if "coder" in frame else ["document"]
    group = frame.groupby(keys, sort=False, observed=True, dropna=False).ngroup().to_numpy(np.int64)
    start, end = frame["start"].to_numpy(np.int64), frame["end"].to_numpy(np.int64)
    order = np.lexsort((-end, start, group))
    code = names.get_indexer(pd.Index(frame["code"])).astype(np.int64)
    return _Segments(start[order], end[order], code[order], group[order], len(names))


def _begun_before(segments: _Segments, reach: Vector) -> Vector:
    """For each segment, how many of those that follow it in its group begin before its reach."""
    if not segments.size:
        return reach
    first, last = int(segments.start.min()), int(segments.start.max()) + 1
    width = last - first + 1
    if width * (int(segments.group.max()) + 1) >= _LARGEST:
        raise CodingError(f"positions reach from {first} to {last} in so many documents that they cannot be counted")
    base = segments.group * width - first
    stop = np.searchsorted(base + segments.start, base + np.clip(reach, first, last))
    return np.maximum(stop - np.arange(1, segments.size + 1), 0)


def _on_the_same_stretch(segments: _Segments) -> Vector:
    """For each segment, how many of those that follow it have its start and end."""
    keys = np.stack([segments.group, segments.start, segments.end])
    stretch = np.r_[0, (np.diff(keys, axis=1) != 0).any(axis=0).cumsum()][: segments.size]
    return np.searchsorted(stretch, stretch, side="right") - np.arange(1, segments.size + 1)


def _meeting(segments: _Segments, many: Vector) -> np.ndarray:
    """Count each segment with so many that follow it, by whichever way is quicker."""
    is_sparse = many.sum() < _PAIRS_PER_STEP * segments.size * segments.codes
    return _by_pairs(segments, many) if is_sparse else _by_code(segments, many)


def _by_pairs(segments: _Segments, many: Vector, *, enclosed: bool = False) -> np.ndarray:
    """Go through all pairs, so many at a time; `enclosed` keeps those of which the earlier holds the later."""
    total, size = many.cumsum(), segments.codes
    if segments.size and total[-1] > _MOST_PAIRS:
        raise CodingError(f"{total[-1]:,} pairs of segments lie together; count by document, or fewer codes at a time")
    counts = np.zeros(size * size, dtype=np.int64)
    edges = np.searchsorted(total, np.arange(0, total[-1] if segments.size else 0, _AT_ONCE), side="right")
    for low, high in pairwise([*np.unique(edges), segments.size]):
        first = np.repeat(np.arange(low, high), many[low:high])
        begun = np.repeat(total[low:high] - many[low:high], many[low:high])
        second = first + 1 + np.arange(len(first)) + (total[low] - many[low]) - begun
        cell = segments.code[first] * size + segments.code[second]
        if enclosed:
            cell = cell[segments.end[second] <= segments.end[first]]
        counts += np.bincount(cell, minlength=size * size)
    return counts.reshape(size, size)


def _by_code(segments: _Segments, many: Vector) -> np.ndarray:
    """Count, code by code, how many of its segments are among so many that follow each segment."""
    order = np.argsort(segments.code, kind="stable")
    first = np.arange(1, segments.size + 1)[order]
    last = first + many[order]
    present, begins = np.unique(segments.code[order], return_index=True)
    counts = np.zeros((segments.codes, segments.codes), dtype=np.int64)
    before = np.zeros(segments.size + 1, dtype=np.int32)
    for code in present:
        np.cumsum(segments.code == code, out=before[1:], dtype=np.int32)
        counts[present, code] = np.add.reduceat(before[last] - before[first], begins, dtype=np.int64)
    return counts
