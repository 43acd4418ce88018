"""The arcs that routes are drawn as: great circles between two places, and a small ring for a journey within one."""

from collections.abc import Sequence

import numpy as np
import pyproj

type Point = tuple[float, float]

_SPHERE = pyproj.Geod(ellps="sphere")


def great_circle(start: Point, end: Point, steps: int) -> list[Point]:
    """Give the shortest way between two (longitude, latitude) points, with so many points between them.

    Longitudes run on past 180 degrees where the way crosses that meridian.
    """
    points = np.array([start, *_SPHERE.npts(*start, *end, steps), end])
    points[:, 0] = np.unwrap(points[:, 0], period=360)
    return [(float(longitude), float(latitude)) for longitude, latitude in points]


def bent(line: Sequence[Point], bend: float) -> list[Point]:
    """Bend a drawn line sideways, by `bend` units at its middle, so that lines between the same places stay apart."""
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = float(np.hypot(x1 - x0, y1 - y0)) or 1.0
    normal = ((y0 - y1) / length, (x1 - x0) / length)
    lift = np.sin(np.linspace(0, np.pi, len(line))) * bend
    return [
        (round(x + normal[0] * h, 1), round(y + normal[1] * h, 1))
        for (x, y), h in zip(line, map(float, lift), strict=True)
    ]


def ring(center: Point, bend: float, steps: int) -> list[Point]:
    """Draw a small ring above a place: a journey that begins and ends there."""
    x, y = center
    radius = 11 + abs(bend) / 2
    turns = np.linspace(0.5 * np.pi, 2.4 * np.pi, steps)
    points = zip(radius * np.cos(turns), radius * (np.sin(turns) - 1), strict=True)
    return [(round(x + float(a), 1), round(y + float(b), 1)) for a, b in points]
