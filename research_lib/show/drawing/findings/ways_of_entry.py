"""Ways of coming in below each other, a line each; those that become irregular run into one box."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from research_lib.show.drawing.findings.sketch import INSIDE, LINE, Mark, Said, Sketch, Text, boxed, paragraph

_SIDE, _ABOVE, _GAP, _DOT, _TURN = 30, 14, 20, 5, 8


@dataclass(frozen=True)
class Way:
    """One way in: what is said of it, and how it goes on.

    `stops`: names of places, from where it begins to where it ends; `statuses`: the papers between each two.
    `is_joining`: the stay becomes irregular.
    """

    said: Said
    stops: tuple[str, ...]
    statuses: tuple[str, ...]
    is_joining: bool


def draw_ways(ways: Sequence[Way], later: Said | None, width: float) -> Sketch:
    """Draw ways; `later`: what is said of those that join, or None, and then none does."""
    marks: list[Mark] = []
    texts: list[Text] = []
    joins: list[float] = []
    right, y = width - _SIDE, 0.0
    for way in ways:
        texts += way.said.lines((0, y), right)
        y = texts[-1].y + _ABOVE
        drawn, named = _line(way, y, right)
        marks, texts = [*marks, *drawn], [*texts, *named]
        joins += [y] if later and way.is_joining else []
        y = max(text.y for text in named) + _GAP
    if later:
        marks += _joined(joins, right, y)
        drawn, inside = boxed(later, (0, y + 2), width, "later")
        marks, texts = [*marks, *drawn], [*texts, *inside]
        y = inside[-1].y + INSIDE + _GAP / 2 + 4
    heads = [later.head] if later and joins else []
    spoken = "; ".join([*(_spoken(way) for way in ways), *heads])
    return Sketch(width, y - _GAP / 2, spoken, tuple(marks), tuple(texts))


def _line(way: Way, y: float, right: float) -> tuple[list[Mark], list[Text]]:
    """The line of a way, a part for each kind of papers, and the names of its stops below."""
    step = (right - _DOT) / len(way.statuses)
    at = [_DOT + step * place for place in range(len(way.stops))]
    marks = [
        Mark(f"M{start:g} {y:g}H{end:g}", f"way {status}")
        for (start, end), status in zip(pairwise(at), way.statuses, strict=True)
    ]
    marks += [
        Mark(f"M{x - _DOT:g} {y:g}a{_DOT} {_DOT} 0 1 0 {2 * _DOT} 0a{_DOT} {_DOT} 0 1 0 -{2 * _DOT} 0z", "dot")
        for x in at[:-1]
    ]
    return marks, [*_names(way.stops, [0.0, *at[1:]], y + LINE + 2)]


def _names(stops: Sequence[str], at: Sequence[float], y: float) -> Iterator[Text]:
    """Names below a line: the first begins where it begins, the last ends where it ends."""
    for place, (name, x) in enumerate(zip(stops, at, strict=True)):
        anchor = "start" if not place else "end" if place == len(at) - 1 else "middle"
        room = at[-1] / (len(at) if place else len(at) + 1)
        yield from paragraph(name, (x, y), room, "quiet", anchor=anchor)


def _joined(joins: Sequence[float], right: float, bottom: float) -> Iterator[Mark]:
    """Each line turns down into one line at the side, which ends with a tip."""
    x = right + _SIDE / 2
    for y in joins:
        yield Mark(f"M{right:g} {y:g}H{x - _TURN:g}q{_TURN} 0 {_TURN} {_TURN}V{bottom - 6:g}", "way joined")
    if joins:
        yield Mark(f"M{x - 6:g} {bottom - 9:g}h12l-6 10z", "dot")


def _spoken(way: Way) -> str:
    return f"{way.said.head}: {' → '.join(way.stops)}. {way.said.text}"
