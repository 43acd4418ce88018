"""The part of a map that small maps show: all of it, or two panes where the places lie in two parts of the world."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from research_lib.evidence.geography import Point
from research_lib.show.drawing import arcs
from research_lib.show.drawing.projection import WIDTH, MapFrame

_BEFORE, _AFTER = 95.0, 75.0  # drawing units that a pane shows west of its places and east of them
_TEAR, _INSET = 22.0, 14.0  # between two panes; from the edge of a pane to the end of a line in a country
_WIDE = 0.35  # a map is parted where so much of it lies between two places next to each other
_STEPS = 31


@dataclass(frozen=True)
class Pane:
    """A strip of a map from `left` to `right`, drawn `shift` units further west."""

    left: float
    right: float
    shift: float = 0.0

    @property
    def start(self) -> float:
        """Where the pane begins as it is drawn."""
        return round(self.left - self.shift, 1)

    @property
    def width(self) -> float:
        """How wide the pane is."""
        return round(self.right - self.left, 1)


@dataclass(frozen=True)
class Panes:
    """A frame of which one strip or two are drawn, side by side and in the same scale."""

    frame: MapFrame
    strips: tuple[Pane, ...]

    @property
    def left(self) -> float:
        """Where the first pane begins."""
        return self.strips[0].start

    @property
    def width(self) -> float:
        """The width of all panes and the tear between them."""
        return round(self.strips[-1].start + self.strips[-1].width - self.left, 1)

    @property
    def edge(self) -> BaseGeometry:
        """The rectangle that all panes fill."""
        return shapely.box(self.left, 0.0, self.left + self.width, self.frame.height)

    @property
    def unit(self) -> float:
        """How many drawing units are one 1200th of the width."""
        return self.width / WIDTH

    def point(self, longitude: float, latitude: float) -> Point:
        """Project a point into the pane that holds it."""
        x, y = self.frame.point(longitude, latitude)
        pane = next((each for each in self.strips if x <= each.right), self.strips[-1])
        return round(x - pane.shift, 1), y

    def arc(self, start: Point, end: Point, bend: float = 0.0) -> list[Point]:
        """Draw a line between two points (longitude, latitude), bent sideways by so many units."""
        if start == end:
            return arcs.ring(self.point(*start), bend, _STEPS)
        ends = np.array([self.point(*start), self.point(*end)])
        line = ends[0] + np.linspace(0, 1, _STEPS)[:, None] * (ends[1] - ends[0])
        return arcs.bent([(float(x), float(y)) for x, y in line], bend)

    def area(self, shape: BaseGeometry) -> BaseGeometry:
        """Give what the panes show of a projected shape, a little inside their edges where the map is torn."""
        pieces = []
        for place, pane in enumerate(self.strips):
            left = pane.left + _INSET * (place > 0)
            right = pane.right - _INSET * (place < len(self.strips) - 1)
            shown = shapely.clip_by_rect(shape, left, 0.0, right, self.frame.height)
            pieces.append(translate(shown, -pane.shift))
        return shapely.union_all(pieces)


def panes_of(frame: MapFrame, places: Sequence[Point]) -> Panes:
    """Choose the panes for places (longitude, latitude): two where a wide strip of the frame holds none.

    Places outside the frame do not count.
    """
    x = sorted(x for x, _ in (frame.point(*place) for place in places) if 0 <= x <= WIDTH)
    gap, at = max(((after - before, (before, after)) for before, after in pairwise(x)), default=(0.0, (0.0, 0.0)))
    if gap < _WIDE * WIDTH:
        return Panes(frame, (Pane(0.0, WIDTH),))
    left, right = max(0.0, round(x[0] - _BEFORE, 1)), min(WIDTH, round(x[-1] + _AFTER, 1))
    west, east = round(at[0] + _AFTER, 1), round(at[1] - _BEFORE, 1)
    return Panes(frame, (Pane(left, west), Pane(east, right, east - west - _TEAR)))
