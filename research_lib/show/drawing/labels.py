"""Where the names on a map go: beside their place, never on top of each other."""

import math
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import compress, product
from typing import Any

import numpy as np
import shapely
from shapely.affinity import scale as scaled

_SIZE = 13.0
_GAP = 7.0
_WIDE, _SQUARE = 0.62, 1.08  # of a letter in the widest of common typefaces, and of a Chinese one, in heights
_BELOW, _SQUARE_BELOW = 3.0, 5.0  # from the line that letters stand on to the end of their box
_APART = 4.0
_RADIUS = 3.0
_CLEAR = 6.0
_NUMBER = 11.0, 7.0  # half the width and height of a number on a line
_RING, _FAR = 8.0, 12.0
_MISLEADING = 60.0  # what a name beside another point costs, in pixels of a covered line


@dataclass(frozen=True)
class Label:
    """One name: where it stands beside its point, and from which magnification on it is shown."""

    text: str
    dx: float
    dy: float
    anchor: str
    tier: int

    def base(self, point: "Point", radius: float) -> "Point":
        """Where the name is anchored: the point, or the side of the ring around it that the name stands on."""
        if self.anchor == "middle":
            return point[0], point[1] + math.copysign(radius, self.dy)
        return point[0] + math.copysign(radius, self.dx), point[1]

    @property
    def lead(self) -> str:
        """A short line from a ring around the point to a name that stands off it, as a path; empty for one near by."""
        box = _box((0, 0), self, 1)
        x, y = (min(max(0.0, low), high) for low, high in ((box[0], box[2]), (box[1], box[3])))
        far = math.hypot(x, y)
        return f"M{_RING * x / far:.1f} {_RING * y / far:.1f}L{x:.1f} {y:.1f}" if far > _FAR else ""


def shortened(text: str, most: int) -> str:
    """Cut a text that is longer than so many characters, and say with an ellipsis that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


Box = tuple[float, float, float, float]
Point = tuple[float, float]
Position = tuple[float, float, str]
_POSITIONS: tuple[Position, ...] = (
    (_GAP, 4.0, "start"),
    (-_GAP, 4.0, "end"),
    (0.0, -_GAP - 2, "middle"),
    (0.0, _GAP + 11, "middle"),
)
_FAR_OFF: tuple[Position, ...] = tuple(
    (side * out, down, "start" if side > 0 else "end")
    for out in (4.0, 22.0, 40.0, 60.0, 84.0)
    for down in (-88.0, -72.0, -64.0, -56.0, -40.0, -24.0, 4.0, 32.0, 48.0, 64.0, 80.0)
    for side in (1, -1)
) + tuple((0.0, down, "middle") for down in (-50.0, -66.0, 60.0, 76.0))
_NOT_SO_FAR = tuple(  # beyond, and right above or below, a phone's map has another country
    (x, y, anchor) for x, y, anchor in _FAR_OFF if math.hypot(x, y) < 60 and (abs(x) >= 40 or anchor == "middle")
)
_FURTHER: tuple[Position, ...] = tuple(
    (side * out, down, "start" if side > 0 else "end")
    for out in (_GAP, 16.0, 22.0, 28.0, -40.0, -70.0)
    for down in (-10.0, 18.0, 4.0, 8.0, -16.0, -22.0, 30.0)
    for side in (1, -1)
) + tuple((0.0, down, "middle") for down in (4.0, -20.0, 30.0, -34.0, 44.0))
MAGNIFICATIONS = (0.29, 0.7, 1.6, 3.2)


@dataclass(frozen=True)
class Drawn:
    """What is drawn already: points and numbers that no name may cover, and lines that names keep off where they can.

    Numbers are seen from the second magnification on.
    """

    points: Sequence[Point] = ()
    numbers: Sequence[Point] = ()
    lines: shapely.Geometry = field(default_factory=shapely.MultiLineString)


def place_labels(
    points: Sequence[Point],
    names: Sequence[str],
    ranks: Sequence[int],
    size: Point,
    *,
    magnifications: Sequence[float] = MAGNIFICATIONS,
    drawn: Drawn | None = None,
    radii: Sequence[float] = (),
    first: Collection[int] = (),
) -> list[Label]:
    """Choose a side for each name, the most important first.

    `points`: drawing units; `ranks`: lower is more important; `size`: width and height of the drawing. A name's tier
    says from which magnification on (by default: a phone, a page, twice and four times that) it has room. `drawn`: what
    else is there; with it, a name may stand a little further off its point. `radii`: those of rings around the points.
    `first`: the numbers of names that get room before all others, and may stand far off.
    """
    positions = (*_POSITIONS, *_FURTHER) if drawn else _POSITIONS
    around = [*radii] or [0.0] * len(points)
    drawn = drawn or Drawn()
    least = magnifications[1] if len(magnifications) > 1 else 0
    sheets = [
        _Sheet(points, size, scale, radii=around, drawn=drawn if scale >= least else replace(drawn, numbers=()))
        for scale in magnifications
    ]
    chosen: dict[int, Label] = {}
    for some, tier in product((first, range(len(points))), range(len(sheets))):
        for i in sorted(set(some) - set(chosen), key=lambda i: ranks[i]):
            free = _free(i, names[i], positions, sheets[tier:], tier=tier)
            if not free and some is first:
                free = _free(i, names[i], _FAR_OFF if tier else _NOT_SO_FAR, sheets[tier:], tier=tier)
            if free:
                chosen[i] = min(free, key=lambda label: sum(sheet.hinders(i, label) for sheet in sheets[tier:]))
                for sheet in sheets:
                    sheet.names[:, i] = sheet.box(i, chosen[i])
    last = len(magnifications)
    return [chosen.get(i, Label(names[i], *_POSITIONS[0], tier=last)) for i in range(len(points))]


def _free(i: int, name: str, positions: Iterable[Position], sheets: Sequence["_Sheet"], *, tier: int) -> list[Label]:
    free = [Label(name, *position, tier=tier) for position in positions]
    for sheet in sheets:
        free = sheet.free(i, free)
    return free


class _Sheet:
    """A drawing at one magnification: its size, its points, and what else is drawn on it."""

    def __init__(
        self, points: Sequence[Point], size: Point, scale: float, *, radii: Sequence[float], drawn: Drawn
    ) -> None:
        self.points, self.radii = points, radii
        self.scale = scale
        self.size = size[0] * scale, size[1] * scale
        self.names = np.full((4, len(points)), np.nan)
        dots = [_dot(each, scale, (max(_RADIUS, r * scale),) * 2) for each, r in zip(points, radii, strict=True)]
        dots += [_dot(point, scale, (_CLEAR, _CLEAR)) for point in drawn.points]
        dots += [_dot(number, scale, _NUMBER) for number in drawn.numbers]
        self.taken = np.array(dots).reshape(-1, 4).T.copy()
        self.lines = shapely.STRtree(segments(scaled(drawn.lines, scale, scale, origin=(0, 0))))

    def free(self, i: int, labels: Sequence[Label]) -> list[Label]:
        """Those labels of a point that lie inside, beside the other labels, and on nothing that stays clear."""
        sides = np.array([self.box(i, label) for label in labels]).reshape(-1, 4, 1)
        left, top, right, bottom = sides.transpose(1, 0, 2)
        is_inside = (left > 0) & (top > 0) & (right < self.size[0]) & (bottom < self.size[1])
        named = _meeting(self.names, (left - _APART, top - _APART / 2, right + _APART, bottom + _APART / 2))
        taken = _meeting(self.taken, (left, top, right, bottom))
        taken[:, i] = False
        is_free = is_inside[:, 0] & ~named.any(axis=1) & ~taken.any(axis=1)
        return [*compress(labels, is_free)]

    def hinders(self, i: int, label: Label) -> float:
        """How much of the lines a label lies on, and how many other points one that is off its own seems to name."""
        left, top, right, bottom = sides = self.box(i, label)
        box = shapely.box(*sides)
        near = self.lines.geometries[self.lines.query(box)]
        covered = round(float(shapely.multilinestrings(near).intersection(box).length)) if len(near) else 0.0
        if not label.lead:
            return covered
        beside = _meeting(self.taken[:, : len(self.points)], (left - _FAR, top - _FAR, right + _FAR, bottom + _FAR))
        return covered + _MISLEADING * (int(beside.sum()) - int(beside[i]))

    def box(self, i: int, label: Label) -> Box:
        """Where a label of a point lies: with the magnification points move apart, but not the offset of a label."""
        return _box(label.base(self.points[i], self.radii[i]), label, self.scale)


def segments(lines: shapely.Geometry) -> np.ndarray:
    """Cut a line, or several, at their points."""
    points, of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    inner = of[:-1] == of[1:]
    return np.asarray(shapely.linestrings(np.stack([points[:-1][inner], points[1:][inner]], axis=1)))


def _meeting(boxes: np.ndarray, box: Sequence[Any]) -> np.ndarray:
    """Which boxes, given by their four sides, overlap one, or each of some whose sides are columns."""
    left, top, right, bottom = boxes
    return (left < box[2]) & (right > box[0]) & (top < box[3]) & (bottom > box[1])


def _box(point: Point, label: Label, magnification: float) -> Box:
    square = _square_letters(label.text)
    width = (square * _SQUARE + (len(label.text) - square) * _WIDE) * _SIZE
    x = point[0] * magnification + label.dx
    y = point[1] * magnification + label.dy
    left = {"start": x, "end": x - width, "middle": x - width / 2}[label.anchor]
    return left, y - _SIZE, left + width, y + (_SQUARE_BELOW if square else _BELOW)


@cache
def _square_letters(text: str) -> int:
    return sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def _dot(point: Point, magnification: float, half: Point) -> Box:
    x, y = point[0] * magnification, point[1] * magnification
    return x - half[0], y - half[1], x + half[0], y + half[1]
