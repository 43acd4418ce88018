"""The lines of a ladder: each runs straight through the levels and turns aside on a track of its own between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import networkx as nx

_NEAR, _ROUND = 9.0, 6.0

type Point = tuple[float, float]


@dataclass(frozen=True)
class Turn:
    """A line that moves aside between two levels: from `start` above to `end` below."""

    line: int
    start: float
    end: float

    @property
    def span(self) -> tuple[float, float]:
        """The part of the track that it needs."""
        return min(self.start, self.end), max(self.start, self.end)

    def meets(self, x: float) -> bool:
        """Whether it passes a place."""
        return self.span[0] < x < self.span[1]


def tracks(turns: Sequence[Turn]) -> dict[int, int]:
    """Give each turning line its track, counted from above, so that lines meet no more often than they must."""
    order = nx.DiGraph()
    order.add_nodes_from(turn.line for turn in turns)
    for one, other in combinations(turns, 2):
        if upper_first := _upper_first(one, other):
            upper, lower = upper_first
            is_free = not nx.has_path(order, lower.line, upper.line)
            order.add_edge(*((upper.line, lower.line) if is_free else (lower.line, upper.line)))
    found: dict[int, int] = {}
    for line in nx.lexicographical_topological_sort(order):
        found[line] = max((found[before] + 1 for before in order.predecessors(line)), default=0)
    return found


def _upper_first(one: Turn, other: Turn) -> tuple[Turn, Turn] | None:
    """Say which of two turns lies above the other; nothing where they are far apart."""
    (low, high), (left, right) = one.span, other.span
    if high + _NEAR <= left or right + _NEAR <= low:
        return None
    return (one, other) if _harm(one, other) <= _harm(other, one) else (other, one)


def _harm(upper: Turn, lower: Turn) -> int:
    """How often the lines cross, and whether one runs close beside the other, if one lies above."""
    is_close = abs(upper.end - lower.start) < _NEAR
    return upper.meets(lower.start) + lower.meets(upper.end) + 10 * is_close


def rounded(points: Sequence[Point]) -> str:
    """Write the path through points whose corners are round."""
    corners = [
        points[0],
        *(point for before, point, after in _threes(points) if _turns(before, point, after)),
        points[-1],
    ]
    path = f"M{_at(corners[0])}"
    for before, point, after in _threes(corners):
        radius = min(_ROUND, _length(before, point) / 2, _length(point, after) / 2)
        path += f"L{_at(_towards(point, before, radius))}Q{_at(point)} {_at(_towards(point, after, radius))}"
    return f"{path}L{_at(corners[-1])}"


def _threes(points: Sequence[Point]) -> list[tuple[Point, Point, Point]]:
    return [(a, b, c) for (a, b), (_, c) in pairwise(pairwise(points))]


def _turns(before: Point, point: Point, after: Point) -> bool:
    return not (before[0] == point[0] == after[0]) and point not in (before, after)


def _length(start: Point, end: Point) -> float:
    return abs(start[0] - end[0]) + abs(start[1] - end[1])


def _towards(start: Point, end: Point, far: float) -> Point:
    share = far / (_length(start, end) or 1)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _at(point: Point) -> str:
    return " ".join(f"{round(value, 1):g}" for value in point)
