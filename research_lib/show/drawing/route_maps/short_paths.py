"""Paths of an SVG in few characters: steps from point to point, in whole numbers of a grid."""

from collections.abc import Iterable, Sequence

import numpy as np

from research_lib.evidence.geography import Point

GRID = 0.5  # drawing units of one step of the grid


def short_path(points: Iterable[Point], *, is_closed: bool = False) -> str:
    """Write a line as a path on the grid; empty where it has no length there."""
    on_grid = np.rint(np.array([*points]) / GRID).astype(int)
    steps = np.diff(on_grid, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    steps = steps[:-1] if is_closed else steps
    if not len(steps):
        return ""
    return f"M{_joined(on_grid[0])}l{_joined(steps.ravel())}{'z' if is_closed else ''}"


def smooth_path(points: Sequence[Point]) -> str:
    """Write a line that bends once or twice as one curve through its ends, its first and its second third."""
    ends = [points[round(third * (len(points) - 1) / 3)] for third in range(4)]
    a, b, c, d = (np.array(point) for point in ends)
    first, second = (-5 * a + 18 * b - 9 * c + 2 * d) / 6, (2 * a - 9 * b + 18 * c - 5 * d) / 6
    return f"M{_at(a)}C{_at(first)} {_at(second)} {_at(d)}"


def _at(point: np.ndarray) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _joined(numbers: Iterable[int]) -> str:
    """Write numbers with a space between them only where no sign parts them."""
    return "".join(str(number) if number < 0 else f" {number}" for number in numbers).lstrip()
