"""Statements that have a year, beside a line of years from top to bottom; a span that is open goes on downwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from research_lib.show.drawing.findings.sketch import LINE, Mark, Sketch, Text, wrapped

_LINE_X, _TEXT_X, _GAP, _SMALLEST, _TOP = 50, 68, 12, 22, 14


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
    blocks = [_block(row, width) for row in at]
    heights = [LINE * len(block) + _GAP for block in blocks]
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
        marks += _mark(row, y - 5, below - 5)
        below += height
    end = max(below - _GAP, _TOP + scale * (at[-1].year - first))
    spoken = "; ".join(f"{row.year}: {row.amount or row.text}" for row in at)
    return Sketch(width, round(end, 1), spoken, tuple(marks), tuple(texts))


def _block(row: Dated, width: float) -> list[Text]:
    """The lines of one statement, below each other."""
    lines = [(" · ".join(filter(None, [str(row.year), row.amount])), "amount")]
    lines += [(line, "") for line in wrapped(row.text, width - _TEXT_X)]
    lines += [(line, "quiet") for line in wrapped(row.said, width - _TEXT_X)]
    return [Text(_TEXT_X, LINE * place, line, look) for place, (line, look) in enumerate(lines)]


def _mark(row: Dated, y: float, text_y: float) -> list[Mark]:
    """The dot of a statement on the line of years, and the line to its text."""
    marks = [Mark(f"M{_LINE_X} {y:g}H{_LINE_X + 10}L{_TEXT_X - 4} {text_y:g}", "axis")]
    marks.append(Mark(f"M{_LINE_X - 6} {y:g}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z", "dot"))
    return [*marks, Mark(f"M{_LINE_X - 4} {y + 12:g}l4 6 4 -6", "on")] if row.is_open else marks
