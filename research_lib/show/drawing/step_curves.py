"""How a step is drawn: a curve from place to place that passes under no other and lies on no other line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import substring

from research_lib.evidence.geography import Point
from research_lib.show.drawing import arcs
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.drawing.route_maps.short_paths import smooth_path
from research_lib.show.drawing.route_maps.spots import Spot

# All in drawing units, the 1200ths of the map's width. The bend of a curve at its middle: it is never straight.
_BENDS = (-26, 26, -52, 52, -78, 78, -104, 104, -150, 150)
_HOOKS = (-30, 30, -45, 45, -60, 60)  # between places that are next to each other
_SHORT = 110.0  # how far apart these are at most
_NEAR, _CLOSE, _GAP = 14.0, 12.0, 8.0  # to a place, to a line, to the own place
_BESIDE = 16.0  # from a line to its number
_CURVED = 1.002  # the length of a curve, for a chord of 1
_ROUND, _ALONG = 6.0, 3.0  # what a detour of the length of the chord counts; what a line counts that another lies on
_STEPS = 31

Ends = tuple[Spot, Spot]


@dataclass(frozen=True)
class Curve:
    """A curve: the path of its line, its points, and where its number stands."""

    path: str
    line: tuple[Point, ...]
    beside: Point


def choose_curves(frame: MapFrame, ends: Sequence[Ends], spots: Sequence[Spot]) -> list[Curve]:
    """Choose a curve for each pair of places, in their order.

    Of some bends the one is taken that stays on the map, passes fewest other places and lies on fewest lines that are
    drawn already.
    """
    edge = shapely.box(0, 0, WIDTH, frame.height)
    at, radii = shapely.points([spot.at for spot in spots]), np.array([spot.radius for spot in spots])
    drawn: list[shapely.LineString] = []
    for start, end in ends:
        others = np.array([spot.id not in (start.id, end.id) for spot in spots])
        lines = [_between(start, end, bend) for bend in _bends(start, end)]
        drawn.append(min(lines, key=lambda line: _faults(line, at[others], radii[others], drawn=drawn, edge=edge)))
    return [_curve(pair, line, drawn) for pair, line in zip(ends, drawn, strict=True)]


def _bends(start: Spot, end: Spot) -> Sequence[float]:
    return _HOOKS if np.hypot(start.x - end.x, start.y - end.y) < _SHORT else _BENDS


def _between(start: Spot, end: Spot, bend: float) -> shapely.LineString:
    """Bend a line from place to place, which ends a little before each."""
    if start == end:
        return shapely.LineString(arcs.ring(start.at, bend, _STEPS))
    straight = np.array(start.at) + np.linspace(0, 1, _STEPS)[:, None] * (np.array(end.at) - np.array(start.at))
    line = shapely.LineString(arcs.bent([(float(x), float(y)) for x, y in straight], bend))
    before, after = (min(spot.radius + _GAP, line.length / 3) for spot in (start, end))
    return substring(line, before, line.length - after)


def _faults(
    line: shapely.LineString,
    places: np.ndarray,
    radii: np.ndarray,
    *,
    drawn: Sequence[shapely.LineString],
    edge: shapely.Geometry,
) -> float:
    """Count the places that a line passes, the lines that it runs along or meets, and what is not smooth."""
    points = shapely.points(shapely.get_coordinates(line))
    chord = points[0].distance(points[-1]) or 1.0
    passed = int((shapely.distance(places, line) < _NEAR + radii / 2).sum())
    along = met = 0
    if drawn:
        others = np.array(drawn)
        tips = np.concatenate([shapely.get_point(others, 0), shapely.get_point(others, -1)])
        along = int(((shapely.distance(points[:, None], others) < _CLOSE).mean(axis=0) > 0.4).sum())
        met = int((shapely.distance(points[[0, -1], None], tips) < _CLOSE).sum())
    is_straight = line.length < chord * _CURVED
    return (
        2 * passed
        + _ALONG * along
        + is_straight
        + met / 4
        + _ROUND * (line.length / chord - 1)
        + 4 * (not edge.contains(line))
    )


def _curve(pair: Ends, line: shapely.LineString, drawn: Sequence[shapely.LineString]) -> Curve:
    points = tuple(dict.fromkeys((round(float(x), 1), round(float(y), 1)) for x, y in shapely.get_coordinates(line)))
    path = smooth_path(points) if pair[0] != pair[1] else "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Curve(path, points, _beside(line, [other for other in drawn if other is not line]))


def _beside(line: shapely.LineString, others: Sequence[shapely.LineString]) -> Point:
    """Where a number stands beside a line, as far as can be from the other lines."""
    rest = shapely.union_all([*others]) if others else shapely.Point(1e9, 1e9)
    best = max(_spots_beside(line), key=lambda spot: min(shapely.Point(spot).distance(rest), 2 * _BESIDE))
    return round(float(best[0]), 1), round(float(best[1]), 1)


def _spots_beside(line: shapely.LineString) -> Iterator[Point]:
    for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
        at, ahead = (line.interpolate(share + step, normalized=True) for step in (0, 0.02))
        way = np.array([ahead.x - at.x, ahead.y - at.y])
        across = np.array([-way[1], way[0]]) / (np.hypot(*way) or 1) * _BESIDE
        for side in (-1, 1):
            yield at.x + side * across[0], at.y + side * across[1]
