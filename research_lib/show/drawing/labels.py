"""Where the names on a map go: beside their place, never on top of each other."""

from collections.abc import Sequence
from dataclasses import dataclass

_SIZE = 13.0
_GAP = 7.0
_RADIUS = 3.0


@dataclass(frozen=True)
class Label:
    """One name: where it stands beside its point, and from which magnification on it is shown."""

    text: str
    dx: float
    dy: float
    anchor: str
    tier: int


def shortened(text: str, most: int) -> str:
    """Cut a text that is longer than so many characters, and say with an ellipsis that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


_POSITIONS = ((_GAP, 4.0, "start"), (-_GAP, 4.0, "end"), (0.0, -_GAP - 2, "middle"), (0.0, _GAP + 11, "middle"))
MAGNIFICATIONS = (0.29, 0.7, 1.6, 3.2)

Box = tuple[float, float, float, float]
Point = tuple[float, float]


def place_labels(
    points: Sequence[Point],
    names: Sequence[str],
    ranks: Sequence[int],
    size: Point,
    *,
    magnifications: Sequence[float] = MAGNIFICATIONS,
) -> list[Label]:
    """Choose a side for each name, the most important first.

    `points`: drawing units; `ranks`: lower is more important; `size`: width and height of the drawing. A name's tier
    says from which magnification on (by default: a phone, a page, twice and four times that) it has room.
    """
    chosen: dict[int, Label] = {}
    for tier, scale in enumerate(magnifications):
        sheet = (size[0] * scale, size[1] * scale)
        dots = [_dot(point, scale) for point in points]
        taken = [_box(points[i], label, scale) for i, label in chosen.items()]
        for i in sorted(set(range(len(points))) - set(chosen), key=lambda i: ranks[i]):
            for label in (Label(names[i], *position, tier=tier) for position in _POSITIONS):
                box = _box(points[i], label, scale)
                if _is_free(box, [*taken, *dots[:i], *dots[i + 1 :]], sheet):
                    chosen[i] = label
                    taken.append(box)
                    break
    last = len(magnifications)
    return [chosen.get(i, Label(names[i], *_POSITIONS[0], tier=last)) for i in range(len(points))]


def _is_free(box: Box, taken: list[Box], sheet: Point) -> bool:
    left, top, right, bottom = box
    is_inside = left > 0 and top > 0 and right < sheet[0] and bottom < sheet[1]
    return is_inside and not any(_overlap(box, other) for other in taken)


def _box(point: Point, label: Label, magnification: float) -> Box:
    width = len(label.text) * _SIZE * 0.56
    x = point[0] * magnification + label.dx
    y = point[1] * magnification + label.dy
    left = {"start": x, "end": x - width, "middle": x - width / 2}[label.anchor]
    return left, y - _SIZE, left + width, y + 3


def _dot(point: Point, magnification: float) -> Box:
    x, y = point[0] * magnification, point[1] * magnification
    return x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
