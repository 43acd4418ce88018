"""The arcs that routes are drawn as: a line bent sideways, and a small ring for a journey within one place."""

from collections.abc import Sequence

import numpy as np

from research_lib.evidence.geography import Point


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
