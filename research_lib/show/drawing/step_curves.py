"""How a step is drawn: a curve that passes under no place it does not touch, and stops at the outline of a country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from research_lib.evidence.geography import Point
from research_lib.show.drawing.projection import MapFrame

_BENDS = (-22, 22, -46, 46, -70, 70, -94, 94)  # drawing units at the middle: a curve is never straight
_NEAR, _CLOSE, _GAP, _BRACKET = 16.0, 9.0, 13.0, 11.0  # to a place, to a line, to the own place; half a bracket
_CURVED = 1.002  # the length of a curve, for a chord of 1

Pair = tuple[str, str]
Areas = Mapping[str, shapely.Geometry]


@dataclass(frozen=True)
class Curve:
    """A curve: the path of its line, the brackets where it meets a country, its middle, and its top and bottom."""

    path: str
    brackets: str
    middle: Point
    heights: tuple[float, float]


def choose_curves(frame: MapFrame, ends: Sequence[Pair], places: pd.DataFrame, areas: Areas) -> list[Curve]:
    """Choose a curve for each pair of places, the longest first.

    `places`: by id, with longitude and latitude; `areas`: the outlines of the places that are countries. Of some bends
    the one is taken that passes fewest other places and lies on fewest lines that are drawn already.
    """
    at = {place: (places.at[place, "longitude"], places.at[place, "latitude"]) for pair in ends for place in pair}
    spots = {place: shapely.Point(frame.point(*at[place])) for place in at}
    far = [spots[start].distance(spots[end]) for start, end in ends]
    drawn: dict[int, shapely.LineString] = {}
    for i in sorted(range(len(ends)), key=lambda i: -far[i]):
        start, end = ends[i]
        arcs = (frame.arc(at[start], at[end], bend) for bend in _BENDS)
        lines = [_between(shapely.LineString(arc), (start, end), spots, areas) for arc in arcs]
        others = [spot for place, spot in spots.items() if place not in (start, end) and place not in areas]
        drawn[i] = min(lines, key=lambda line: _faults(line, others, [*drawn.values()]))
    return [_curve(drawn[i], pair, areas) for i, pair in enumerate(ends)]


def _between(
    line: shapely.LineString, pair: Pair, spots: Mapping[str, shapely.Point], areas: Areas
) -> shapely.LineString:
    """Cut a line at the outlines of the countries at its ends, and a little before other places."""
    start, end = pair
    if start == end:
        return line
    for place, other, side in ((start, end, -1), (end, start, 0)):
        if place in areas and not areas[place].contains(spots[other]):
            far = shapely.Point(line.coords[side])
            pieces = shapely.get_parts(line.difference(areas[place]))
            line = min(pieces, key=far.distance, default=line)
    before, after = (0 if place in areas else min(_GAP, line.length / 4) for place in pair)
    return substring(line, before, line.length - after)


def _faults(line: shapely.LineString, spots: list[shapely.Point], drawn: list[shapely.LineString]) -> float:
    """Count the places that a line passes, twice, the lines that it runs along, and whether it is nearly straight."""
    points = shapely.points(shapely.get_coordinates(line))
    is_straight = line.length < points[0].distance(points[-1]) * _CURVED
    along = sum(float(np.mean(shapely.distance(points, other) < _CLOSE)) > 0.4 for other in drawn)
    return 2 * sum(spot.distance(line) < _NEAR for spot in spots) + along + is_straight


def _curve(line: shapely.LineString, pair: Pair, areas: Areas) -> Curve:
    points = [(round(float(x), 1), round(float(y), 1)) for x, y in shapely.get_coordinates(line)]
    ends = ((pair[0], points[1], points[0]), (pair[1], points[-2], points[-1]))
    brackets = [_bracket(before, at) for place, before, at in ends if place in areas and pair[0] != pair[1]]
    middle = line.interpolate(0.5, normalized=True)
    heights = [y for _, y in points]
    at = round(middle.x, 1), round(middle.y, 1)
    return Curve(_smooth(points), "".join(brackets), at, (min(heights), max(heights)))


def _bracket(before: Point, at: Point) -> str:
    """A bracket across a line where it meets an outline, open towards the line."""
    way = np.array(at) - np.array(before)
    way = way / (np.hypot(*way) or 1)
    across = np.array((-way[1], way[0])) * _BRACKET
    corners = [at + across - way * _BRACKET / 2, at + across, at - across, at - across - way * _BRACKET / 2]
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _smooth(points: Sequence[Point]) -> str:
    """A curve through the middles of a line's pieces."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(points)]
    curves = "".join(
        f"Q{x:.0f},{y:.0f} {mx:.0f},{my:.0f}" for (x, y), (mx, my) in zip(points[1:-1], middles[1:], strict=True)
    )
    (x0, y0), (x1, y1) = points[0], points[-1]
    return f"M{x0:.0f},{y0:.0f}L{middles[0][0]:.0f},{middles[0][1]:.0f}{curves}L{x1:.0f},{y1:.0f}"
