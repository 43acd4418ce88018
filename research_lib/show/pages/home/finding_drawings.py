"""The drawings of findings: ways of coming in, ladders of organisers, figures on a scale, and dated statements."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from research_lib.show.pages.shared.sketch import (
    BOLD,
    INSIDE,
    LINE,
    Mark,
    Said,
    Sketch,
    Text,
    boxed,
    paragraph,
    wide,
    wrapped,
)

_EDGE, _HIGH, _BETWEEN_FIGURES, _TICKS, _BELOW, _OPEN, _ASIDE = 16, 12, 26, 5, 10, 36, 20
_ABREAST, _BETWEEN, _ARROW = 240, 24, 24  # the least width of one beside another, and the room between them
_LINE_X, _TEXT_X, _BETWEEN_DATES, _SMALLEST, _TOP = 50, 68, 12, 22, 14
_SIDE, _ABOVE, _GAP, _DOT, _TURN = 30, 14, 20, 5, 8


@dataclass(frozen=True)
class Range:
    """One figure: whom it is about, its ends (None where it is open), whether it is approximate, and what is said.

    `above`: words for what the source says to lie above the range too; `unnumbered`: for what it gives no number.
    """

    name: str
    low: float | None
    high: float | None
    is_about: bool
    amount: str
    text: str
    said: str
    above: str = ""
    unnumbered: str = ""


def draw_ranges(
    rows: Sequence[Range], scale: tuple[float, float], unit: str, width: float, *, write: Callable[[float], str] = str
) -> Sketch:
    """Draw each figure as a bar between its ends on a scale of a unit: its name above, what the source says below."""
    low, high = scale
    ticks = [low + (high - low) * n / _TICKS for n in range(_TICKS + 1)]
    at = [_x(tick, scale, width) for tick in ticks]
    texts = [Text(0, LINE - 4, unit, "quiet")]
    texts += [_tick(x, write(tick), width) for x, tick in zip(at, ticks, strict=True)]
    marks: list[Mark] = []
    y = 2.0 * LINE + _BELOW
    for row in rows:
        texts += paragraph(row.name, (0, y + _BELOW), width / BOLD, "name")
        if row.unnumbered:
            marks.append(Mark(f"M0 {texts[-1].y + LINE - 4:g}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z", "unnumbered"))
            texts.append(Text(7, texts[-1].y + LINE, "?", "", "middle"))
            texts += paragraph(row.unnumbered, (_ASIDE, texts[-1].y), width - _ASIDE)
        y = texts[-1].y + _BELOW / 2
        drawn, number = _bar(row, scale, y, width)
        marks += [
            Mark(f"M0 {y + _HIGH:g}H{width:g}", "rule"),
            *(Mark(f"M{x:g} {y:g}v{_HIGH}", "tick") for x in at),
            *drawn,
        ]
        texts += [number, *paragraph(row.text, (0, y + _HIGH + LINE), width)]
        texts += paragraph(row.said, (0, texts[-1].y + LINE), width, "quiet")
        y = texts[-1].y + _BETWEEN_FIGURES
    spoken = "; ".join(_spoken_range(row, unit) for row in rows)
    return Sketch(width, texts[-1].y + 4, spoken, tuple(marks), tuple(texts))


def _spoken_range(row: Range, unit: str) -> str:
    return ", ".join(filter(None, (f"{row.name}: {row.amount} {unit}", row.above, row.unnumbered)))


def _tick(x: float, text: str, width: float) -> Text:
    """A number of the scale at its place, or as near as it has room."""
    number = Text(x, 2 * LINE - 4, text, "quiet", "middle")
    half = wide(number) / 2
    return replace(number, x=round(min(max(x, half), width - half), 1))


def _x(value: float, scale: tuple[float, float], width: float) -> float:
    low, high = scale
    return round(_EDGE + (width - 2 * _EDGE) * (value - low) / (high - low), 1)


def _bar(row: Range, scale: tuple[float, float], y: float, width: float) -> tuple[list[Mark], Text]:
    """A bar with its number beside it; an end that is open, or only about right, has a broken line."""
    ends = [_x(min(max(end, scale[0]), scale[1]), scale, width) for end in (row.low, row.high) if end is not None]
    start, end = ends[0], ends[-1]
    look = "range about" if row.is_about else "range"
    if None in (row.low, row.high):
        way = -_OPEN if row.low is None else _OPEN
        drawn = [Mark(f"M{start:g} {y:g}v{_HIGH}", "end"), Mark(f"M{start:g} {y + _HIGH / 2:g}h{way}", "open")]
        start, end = min(start, start + way), max(start, start + way)
    elif start == end:
        drawn = [Mark(f"M{start - 6:g} {y + 6:g}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z", look)]
    else:
        drawn = [Mark(f"M{start:g} {y:g}H{end:g}v{_HIGH}H{start:g}z", look)]
    if row.above:
        drawn.append(Mark(f"M{end:g} {y + _HIGH / 2:g}h{_OPEN}m-5 -4l5 4l-5 4", "above"))
        end += _OPEN
    right = Text(end + _BELOW, y + _HIGH - 2, f"{row.amount} {row.above}".strip(), "amount")
    return drawn, right if right.x + wide(right) <= width else replace(right, x=start - _BELOW, anchor="end")


@dataclass(frozen=True)
class Ladder:
    """An organiser with the rules of its style, and its steps from top to bottom, each with its certainty."""

    name: str
    about: str
    look: str
    steps: tuple[tuple[Said, str], ...]


def draw_ladders(ladders: Sequence[Ladder], width: float) -> Sketch:
    """Draw ladders side by side, their last steps on one height, or below each other where there is no room."""
    columns = max(min(len(ladders), int(width / _ABREAST)), 1)
    column = (width - _BETWEEN * (columns - 1)) / columns
    marks: list[Mark] = []
    texts: list[Text] = []
    top = 0.0
    for start in range(0, len(ladders), columns):
        row = ladders[start : start + columns]
        last = max(_height(ladder, column) for ladder in row)
        ends = []
        for place, ladder in enumerate(row):
            drawn, said = _ladder(ladder, ((column + _BETWEEN) * place, top), column, top + last)
            marks, texts = [*marks, *drawn], [*texts, *said]
            ends.append(said[-1].y)
        top = max(ends) + INSIDE + _BETWEEN
    spoken = "; ".join(_spoken_ladder(ladder) for ladder in ladders)
    return Sketch(width, top - _BETWEEN + 2, spoken, tuple(marks), tuple(texts))


def _ladder(ladder: Ladder, at: tuple[float, float], width: float, last: float) -> tuple[list[Mark], list[Text]]:
    """One ladder from a point at its top; its last step begins at a height, or where it would stand anyway."""
    x, y = at
    marks, texts = boxed(Said(ladder.name, ladder.about, ladder.look), at, width, f"organiser {ladder.look}")
    for place, (said, certainty) in enumerate(ladder.steps):
        above = texts[-1].y + INSIDE
        y = max(above + _ARROW, last) if place == len(ladder.steps) - 1 else above + _ARROW
        middle = x + width / 2
        marks.append(Mark(f"M{middle:g} {above + 2:g}V{y - 8:g}", f"rung {ladder.look}"))
        marks.append(Mark(f"M{middle - 6:g} {y - 9:g}h12l-6 9z", f"tip {ladder.look}"))
        drawn, inside = boxed(said, (x, y), width, f"step {certainty}")
        marks, texts = [*marks, *drawn], [*texts, *inside]
    return marks, texts


def _height(ladder: Ladder, width: float) -> float:
    """How far below its top the last step of a ladder begins, if nothing holds it down."""
    _, texts = _ladder(ladder, (0, 0), width, 0)
    _, inside = boxed(ladder.steps[-1][0], (0, 0), width, "")
    return texts[-1].y - inside[-1].y


def _spoken_ladder(ladder: Ladder) -> str:
    return f"{ladder.name}: " + " → ".join(" ".join((said.head, said.text)).strip() for said, _ in ladder.steps)


@dataclass(frozen=True)
class Dated:
    """One statement: its first year, whether it goes on, how large its number is, what it says, and who says so."""

    year: int
    is_open: bool
    amount: str
    text: str
    said: str


def draw_dated(rows: Sequence[Dated], width: float) -> Sketch:
    """Draw statements at their years; a line leads from a year to its text where that has to stand lower."""
    at = sorted(rows, key=lambda row: row.year)
    first = at[0].year
    blocks = [_dated_block(row, width) for row in at]
    heights = [LINE * len(block) + _BETWEEN_DATES for block in blocks]
    scale = max(_SMALLEST, sum(heights[:-1]) / max(at[-1].year - first, 1))
    texts = [
        Text(0, _TOP + scale * (year - first), str(year), "name") for year in dict.fromkeys(row.year for row in at)
    ]
    every = range(first, at[-1].year + 1)
    marks = [Mark(f"M{_LINE_X} {_TOP - 5:g}V{_TOP - 5 + scale * (at[-1].year - first):g}", "axis")]
    marks += [Mark(f"M{_LINE_X - 4} {_TOP - 5 + scale * (year - first):g}h8", "axis") for year in every]
    below = float(_TOP)
    for row, block, height in zip(at, blocks, heights, strict=True):
        y = _TOP + scale * (row.year - first)
        below = max(below, y)
        texts += [Text(line.x, below + line.y, line.text, line.look) for line in block]
        marks += _dated_mark(row, y - 5, below - 5)
        below += height
    end = max(below - _BETWEEN_DATES, _TOP + scale * (at[-1].year - first))
    spoken = "; ".join(f"{row.year}: {row.amount or row.text}" for row in at)
    return Sketch(width, round(end, 1), spoken, tuple(marks), tuple(texts))


def _dated_block(row: Dated, width: float) -> list[Text]:
    """The lines of one statement, below each other."""
    lines = [(" · ".join(filter(None, [str(row.year), row.amount])), "amount")]
    lines += [(line, "") for line in wrapped(row.text, width - _TEXT_X)]
    lines += [(line, "quiet") for line in wrapped(row.said, width - _TEXT_X)]
    return [Text(_TEXT_X, LINE * place, line, look) for place, (line, look) in enumerate(lines)]


def _dated_mark(row: Dated, y: float, text_y: float) -> list[Mark]:
    """The dot of a statement on the line of years, and the line to its text."""
    marks = [Mark(f"M{_LINE_X} {y:g}H{_LINE_X + 10}L{_TEXT_X - 4} {text_y:g}", "axis")]
    marks.append(Mark(f"M{_LINE_X - 6} {y:g}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z", "dot"))
    return [*marks, Mark(f"M{_LINE_X - 4} {y + 12:g}l4 6 4 -6", "on")] if row.is_open else marks


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
