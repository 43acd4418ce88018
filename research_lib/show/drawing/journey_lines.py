"""The line of each journey on a map: a curve from place to place that keeps off the places and lines beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import substring

from research_lib.evidence.geography import Point
from research_lib.show.drawing.labels import segments
from research_lib.show.drawing.map_ground import Spot, smooth_path
from research_lib.show.drawing.projection import WIDTH, MapFrame, bent, ring

# All in drawing units, the 1200ths of the map's width. The bend of a curve at its middle: it is never straight.
_BENDS = (-26, 26, -52, 52, -78, 78, -104, 104, -150, 150)
_HOOKS = (-30, 30, -45, 45, -60, 60)  # between places that are next to each other
_SHORT = 110.0  # how far apart these are at most
_NEAR, _CLOSE, _GAP = 14.0, 12.0, 8.0  # to a place, to a line, to the own place
_BESIDE = 16.0  # from a line to its number
_CURVED = 1.002  # the length of a curve, for a chord of 1
_ROUND, _ALONG = 6.0, 3.0  # what a detour of the length of the chord counts; what a line counts that another lies on
_STEPS = 31
_MOST = 250  # of the first lines and places, which later lines keep off: a map with more is full
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
    room = _Room(shapely.box(0, 0, WIDTH, frame.height), spots[:_MOST])
    drawn: list[shapely.LineString] = []
    for pair in ends:
        lines = [_between(*pair, bend) for bend in _bends(*pair)]
        drawn.append(min(lines, key=lambda line: room.faults(line, pair)))
        if len(drawn) <= _MOST:
            room.add(drawn[-1], len(drawn) - 1)
    return [
        _curve(pair, line, room.beside(line, place)) for place, (pair, line) in enumerate(zip(ends, drawn, strict=True))
    ]


def _bends(start: Spot, end: Spot) -> Sequence[float]:
    return _HOOKS if np.hypot(start.x - end.x, start.y - end.y) < _SHORT else _BENDS


def _between(start: Spot, end: Spot, bend: float) -> shapely.LineString:
    """Bend a line from place to place, which ends a little before each."""
    if start == end:
        return shapely.LineString(ring((start.x, start.y - start.radius), bend, _STEPS))
    straight = np.array(start.at) + np.linspace(0, 1, _STEPS)[:, None] * (np.array(end.at) - np.array(start.at))
    line = shapely.LineString(bent([(float(x), float(y)) for x, y in straight], bend))
    before, after = (min(spot.radius + _GAP, line.length / 3) for spot in (start, end))
    return substring(line, before, line.length - after)


class _NearShapes:
    """Shapes with the numbers of their owners, found by their distance from points."""

    def __init__(self) -> None:
        self._shapes, self._owners = np.empty(0, object), np.empty(0, int)
        self._tree = shapely.STRtree([])

    def add(self, shapes: Sequence[shapely.Geometry] | np.ndarray, owner: int) -> None:
        """Add the shapes of an owner."""
        self._shapes = np.concatenate([self._shapes, np.asarray(shapes)])
        self._owners = np.concatenate([self._owners, np.full(len(shapes), owner)])
        self._tree = shapely.STRtree(self._shapes)

    def near(self, points: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give each pair of a point and a shape less than a distance apart: the point's place, the owner, the shape."""
        ats, places = self._tree.query(points, predicate="dwithin", distance=np.nextafter(distance, 0))
        return ats, self._owners[places], self._shapes[places]


class _Room:
    """What is on a map already: its places, and the `lines` that are drawn, by their number."""

    def __init__(self, edge: shapely.Geometry, spots: Sequence[Spot]) -> None:
        self._edge = edge
        self._ids = np.array([spot.id for spot in spots], dtype=object)
        self._radii = np.array([spot.radius for spot in spots])
        self._places = shapely.STRtree(shapely.points([spot.at for spot in spots]))
        self.lines, self._tips = _NearShapes(), _NearShapes()
        self.numbers: list[Point] = []

    def add(self, line: shapely.LineString, place: int) -> None:
        """Add a line that is drawn."""
        self.lines.add(segments(line), place)
        self._tips.add(shapely.points([line.coords[0], line.coords[-1]]), place)

    def faults(self, line: shapely.LineString, pair: Ends) -> float:
        """Count the places that a line passes, the lines that it runs along or meets, and what is not smooth."""
        points = shapely.points(shapely.get_coordinates(line))
        chord = points[0].distance(points[-1]) or 1.0
        is_straight = line.length < chord * _CURVED
        return (
            2 * self._passed(line, pair)
            + _ALONG * self._along(points)
            + is_straight
            + len(self._tips.near(points[[0, -1]], _CLOSE)[0]) / 4
            + _ROUND * (line.length / chord - 1)
            + 4 * (not self._edge.contains(line))
        )

    def beside(self, line: shapely.LineString, place: int) -> Point:
        """Where the number of a drawn line stands beside it, as far as can be from the other lines and the places."""
        spots = [*_spots_beside(line)]
        points = shapely.points(spots)
        ats, owners, shapes = self.lines.near(points, 2 * _BESIDE)
        ats, shapes = ats[owners != place], shapes[owners != place]
        free = np.full(len(spots), 2 * _BESIDE)
        np.minimum.at(free, ats, shapely.distance(points[ats], shapes))
        ats, places = self._places.query(points, predicate="dwithin", distance=2 * _BESIDE + self._radii.max(initial=0))
        to_rings = shapely.distance(points[ats], self._places.geometries[places]) - self._radii[places]
        np.minimum.at(free, ats, to_rings)
        apart = np.array(spots)[:, None] - np.array(self.numbers).reshape(1, -1, 2)
        free = np.minimum(free, np.hypot(apart[..., 0], apart[..., 1]).min(axis=1, initial=np.inf) - _BESIDE)
        best = spots[int(np.argmax(free))]
        self.numbers.append((round(float(best[0]), 1), round(float(best[1]), 1)))
        return self.numbers[-1]

    def _passed(self, line: shapely.LineString, pair: Ends) -> int:
        far = _NEAR + self._radii.max(initial=0) / 2
        near = self._places.query(line, predicate="dwithin", distance=far)
        near = near[~np.isin(self._ids[near], [spot.id for spot in pair])]
        return int((shapely.distance(self._places.geometries[near], line) < _NEAR + self._radii[near] / 2).sum())

    def _along(self, points: np.ndarray) -> int:
        ats, owners, _ = self.lines.near(points, _CLOSE)
        met = np.zeros((_MOST, len(points)), dtype=bool)
        met[owners, ats] = True
        return int((met.mean(axis=1) > 0.4).sum())


def _curve(pair: Ends, line: shapely.LineString, beside: Point) -> Curve:
    points = tuple(dict.fromkeys((round(float(x), 1), round(float(y), 1)) for x, y in shapely.get_coordinates(line)))
    path = smooth_path(points) if pair[0] != pair[1] else "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Curve(path, points, beside)


def _spots_beside(line: shapely.LineString) -> Iterator[Point]:
    for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
        at, ahead = (line.interpolate(share + step, normalized=True) for step in (0, 0.02))
        way = np.array([ahead.x - at.x, ahead.y - at.y])
        across = np.array([-way[1], way[0]]) / (np.hypot(*way) or 1) * _BESIDE
        for side in (-1, 1):
            yield at.x + side * across[0], at.y + side * across[1]
