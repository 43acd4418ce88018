"""How a step is drawn: a curve that passes under no place it does not touch, and stops at the outline of a country."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from research_lib.evidence.geography import Point
from research_lib.show.drawing.route_maps.panes import Panes
from research_lib.show.drawing.route_maps.short_paths import smooth_path

# All in 1200ths of the width. The bend of a curve at its middle: it is never straight.
_BENDS = (-26, 26, -52, 52, -78, 78, -104, 104, -160, 160)
_HOOKS = (-52, 52, -78, 78)  # between places that are next to each other
_NEAR, _CLOSE, _GAP, _BRACKET = 18.0, 12.0, 14.0, 13.0  # to a place, to a line, to the own place; half a bracket
_SHORT = 110.0  # a line between neighbours reaches into their countries until it is so long
_BESIDE = 24.0  # from a line to its number
_INSIDE = 12.0  # from the edge of the map to the end of a line that leads beyond it
_CURVED = 1.002  # the length of a curve, for a chord of 1

Pair = tuple[str, str]
Areas = Mapping[str, shapely.Geometry]


@dataclass(frozen=True)
class Curve:
    """A curve: the path of its line, the brackets where it meets a country, its ends, and where its number stands.

    `heights`: its top and its bottom; `line`: its points.
    """

    path: str
    brackets: str
    ends: tuple[Point, Point]
    beside: Point
    heights: tuple[float, float]
    line: tuple[Point, ...]


def choose_curves(panes: Panes, ends: Sequence[Pair], places: pd.DataFrame, areas: Areas) -> list[Curve]:
    """Choose a curve for each pair of places, the longest first.

    `places`: by id, with longitude and latitude; `areas`: the outlines of the places that are countries. Of some bends
    the one is taken that passes fewest other places and lies on fewest lines that are drawn already. A line to or from
    a place beyond the map stops at its edge.
    """
    at = {place: (places.at[place, "longitude"], places.at[place, "latitude"]) for pair in ends for place in pair}
    spots = {place: shapely.Point(panes.point(*at[place])) for place in at}
    far = [spots[start].distance(spots[end]) for start, end in ends]
    shown = panes.edge.buffer(-_INSIDE * panes.unit, join_style="mitre")
    outside = {place for place, spot in spots.items() if is_beyond(place, spot, panes, areas)}
    drawn: dict[int, shapely.LineString] = {}
    for i in sorted(range(len(ends)), key=lambda i: -far[i]):
        start, end = ends[i]
        bends = _HOOKS if far[i] < _SHORT * panes.unit and not {start, end} & set(areas) else _BENDS
        tried = (shapely.LineString(panes.arc(at[start], at[end], bend * panes.unit)) for bend in bends)
        lines = [_between(line, (start, end), spots, areas, unit=panes.unit) for line in tried]
        lines = [_cut(line, shown) for line in lines] if outside & {start, end} else lines
        others = [spot for place, spot in spots.items() if place not in (start, end) and place not in areas]
        drawn[i] = min(lines, key=lambda line: _faults(line, others, [*drawn.values()], panes.unit))
    bracketed = {*areas} - outside
    return [_curve(i, pair, drawn, bracketed, unit=panes.unit) for i, pair in enumerate(ends)]


def is_beyond(place: str, spot: shapely.Point, panes: Panes, areas: Areas) -> bool:
    """Whether neither the point of a place nor any of its area lies on the map."""
    return (place not in areas or areas[place].is_empty) and not panes.edge.contains(spot)


def _cut(line: shapely.LineString, shown: shapely.Geometry) -> shapely.LineString:
    """Keep the longest part of a line on the map, in its direction."""
    part = max(shapely.get_parts(line.intersection(shown)), key=shapely.length, default=line)
    ends = sorted(line.project(shapely.Point(part.coords[side])) for side in (0, -1))
    return substring(line, *ends)


def _between(
    line: shapely.LineString, pair: Pair, spots: Mapping[str, shapely.Point], areas: Areas, *, unit: float
) -> shapely.LineString:
    """Cut a line at the outlines of the countries at its ends, and a little before other places."""
    start, end = pair
    if start == end:
        return line
    first, last = 0.0, line.length
    if start in areas and not areas[start].contains(spots[end]):
        first = _meets(line, areas[start], is_last=True)
    if end in areas and not areas[end].contains(spots[start]):
        last = _meets(line, areas[end], is_last=False)
    missing = max(0.0, _SHORT * unit - (last - first)) / 2
    if start in areas:
        first = _inside(line, areas[start], first, max(first - missing, 0.0))
    if end in areas:
        last = _inside(line, areas[end], last, min(last + missing, line.length))
    before, after = (0 if place in areas else min(_GAP * unit, line.length / 4) for place in pair)
    return substring(line, first + before, last - after)


def _inside(line: shapely.LineString, area: shapely.Geometry, edge: float, deep: float) -> float:
    """How far along a line it is deepest in an area, between where it meets the outline and a point beyond that."""
    tried = np.linspace(deep, edge, 12)
    return next((float(at) for at in tried if area.contains(line.interpolate(at))), edge)


def _meets(line: shapely.LineString, area: shapely.Geometry, *, is_last: bool) -> float:
    """How far along a line it leaves the area for good, or first enters it."""
    shared = line.intersection(area.boundary)
    at = [line.project(shapely.Point(xy)) for xy in shapely.get_coordinates(shared)]
    if is_last:
        return max(at, default=0.0)
    return min(at, default=line.length)


def _faults(
    line: shapely.LineString, spots: list[shapely.Point], drawn: list[shapely.LineString], unit: float
) -> float:
    """Count the places that a line passes, twice, the lines that it runs along, and whether it is nearly straight."""
    points = shapely.points(shapely.get_coordinates(line))
    is_straight = line.length < points[0].distance(points[-1]) * _CURVED
    along = sum(float(np.mean(shapely.distance(points, other) < _CLOSE * unit)) > 0.4 for other in drawn)
    tips = [shapely.Point(other.coords[side]) for other in drawn for side in (0, -1)]
    met = sum(points[side].distance(tip) < _CLOSE * unit for side in (0, -1) for tip in tips)
    return 2 * sum(spot.distance(line) < _NEAR * unit for spot in spots) + along + is_straight + met / 4


def _curve(i: int, pair: Pair, drawn: Mapping[int, shapely.LineString], areas: Container[str], *, unit: float) -> Curve:
    points = [(round(float(x), 1), round(float(y), 1)) for x, y in shapely.get_coordinates(drawn[i])]
    ends = ((pair[0], points[1], points[0]), (pair[1], points[-2], points[-1]))
    brackets = [_bracket(before, at, unit) for place, before, at in ends if place in areas and pair[0] != pair[1]]
    others = [line for other, line in drawn.items() if other != i]
    heights = [y for _, y in points]
    return Curve(
        path=smooth_path(points) if pair[0] != pair[1] else _polygon(points),
        brackets="".join(brackets),
        ends=(points[0], points[-1]),
        beside=_beside(drawn[i], others, unit),
        heights=(min(heights), max(heights)),
        line=tuple(points),
    )


def _beside(line: shapely.LineString, others: Sequence[shapely.LineString], unit: float) -> Point:
    """Where a number stands beside a line, as far as can be from the other lines."""
    spots = [*_spots_beside(line, _BESIDE * unit)]
    rest = shapely.union_all([*others]) if others else shapely.Point(1e9, 1e9)
    best = max(spots, key=lambda spot: min(shapely.Point(spot).distance(rest), 2 * _BESIDE * unit))
    return round(best[0], 1), round(best[1], 1)


def _spots_beside(line: shapely.LineString, far: float) -> Iterator[Point]:
    for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
        at, ahead = (line.interpolate(share + step, normalized=True) for step in (0, 0.02))
        way = np.array([ahead.x - at.x, ahead.y - at.y])
        across = np.array([-way[1], way[0]]) / (np.hypot(*way) or 1) * far
        for side in (-1, 1):
            yield at.x + side * across[0], at.y + side * across[1]


def _bracket(before: Point, at: Point, unit: float) -> str:
    """A bracket across a line where it meets an outline, open towards the line."""
    way = np.array(at) - np.array(before)
    way = way / (np.hypot(*way) or 1)
    across = np.array((-way[1], way[0])) * _BRACKET * unit
    back = way * _BRACKET * unit / 2
    return _polygon([at + across - back, at + across, at - across, at - across - back])


def _polygon(points: Iterable[Iterable[float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
