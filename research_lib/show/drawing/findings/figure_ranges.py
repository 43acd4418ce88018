"""Numbers and ranges of one unit on one scale; a range stays a range, and about stays about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from research_lib.show.drawing.findings.sketch import BOLD, LINE, Mark, Sketch, Text, paragraph, wide

_EDGE, _HIGH, _GAP, _TICKS, _BELOW, _OPEN, _ASIDE = 16, 12, 26, 5, 10, 36, 20


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
        y = texts[-1].y + _GAP
    spoken = "; ".join(_spoken(row, unit) for row in rows)
    return Sketch(width, texts[-1].y + 4, spoken, tuple(marks), tuple(texts))


def _spoken(row: Range, unit: str) -> str:
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
