"""Where the names on a map go: beside their place, never on top of each other."""

from collections.abc import Sequence
from dataclasses import dataclass

_SIZE = 13.0
_GAP = 7.0


@dataclass(frozen=True)
class Label:
    """One name: where it stands beside its point, and from which magnification on it is shown."""

    text: str
    dx: float
    dy: float
    anchor: str
    tier: int


_POSITIONS = ((_GAP, 4.0, "start"), (-_GAP, 4.0, "end"), (0.0, -_GAP - 2, "middle"), (0.0, _GAP + 11, "middle"))
_MAGNIFICATIONS = (0.45, 1.0, 2.2)

Box = tuple[float, float, float, float]


def place_labels(
    points: Sequence[tuple[float, float]], names: Sequence[str], ranks: Sequence[int], size: tuple[float, float]
) -> list[Label]:
    """Choose a side for each name, the most important first.

    `points`: drawing units; `ranks`: lower is more important; `size`: width and height of the drawing. A name's tier
    says from which of three magnifications (a phone, a page, enlarged) it has room.
    """
    chosen: dict[int, Label] = {}
    for tier, magnification in enumerate(_MAGNIFICATIONS):
        taken = [_box(points[i], label, magnification) for i, label in chosen.items()]
        for i in sorted(set(range(len(points))) - set(chosen), key=lambda i: ranks[i]):
            label = _fit(points[i], names[i], tier, magnification, taken, size)
            if label:
                chosen[i] = label
                taken.append(_box(points[i], label, magnification))
    last = len(_MAGNIFICATIONS)
    return [chosen.get(i, Label(names[i], *_POSITIONS[0], tier=last)) for i in range(len(points))]


def _fit(point, name: str, tier: int, magnification: float, taken: list[Box], size: tuple[float, float]) -> Label | None:
    for dx, dy, anchor in _POSITIONS:
        label = Label(name, dx, dy, anchor, tier)
        box = _box(point, label, magnification)
        inside = box[0] > 0 and box[2] < size[0] * magnification and box[1] > 0 and box[3] < size[1] * magnification
        if inside and not any(_overlap(box, other) for other in taken):
            return label
    return None


def _box(point: tuple[float, float], label: Label, magnification: float) -> Box:
    width = len(label.text) * _SIZE * 0.56
    x = point[0] * magnification + label.dx
    y = point[1] * magnification + label.dy
    left = {"start": x, "end": x - width, "middle": x - width / 2}[label.anchor]
    return left, y - _SIZE, left + width, y + 3


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
