"""Described steps as squares, one a step: a row for each kind of organiser, a column for each legal status."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from research_lib.show.drawing.findings.sketch import BOLD, LINE, Mark, Sketch, Text, paragraph, wrapped

_SQUARE, _STEP, _NUMBER, _GAP = 12, 15, 22, 8  # a square, from one to the next, the number before, between columns
_ROW = 14


@dataclass(frozen=True)
class Steps:
    """The steps of one kind of organiser: its name, the rules of its style, and how many have each legal status."""

    name: str
    look: str
    counts: Mapping[str, int]


def steps_by(organisers: Sequence[str], statuses: Sequence[str]) -> dict[str, Counter[str]]:
    """Count steps by organiser and legal status; both have one entry a step."""
    found: dict[str, Counter[str]] = {}
    for organiser, status in zip(organisers, statuses, strict=True):
        found.setdefault(organiser, Counter())[status] += 1
    return found


def draw_steps(rows: Sequence[Steps], statuses: Mapping[str, str], width: float) -> Sketch:
    """Draw rows of squares; `statuses`: the names of the columns by code, in their order."""
    column = width / max(len(statuses), 1)
    heads = {code: wrapped(name, column - _GAP) for code, name in statuses.items()}
    texts = [
        Text(column * place, LINE * (number + 1) - 4, line, "head")
        for place, lines in enumerate(heads.values())
        for number, line in enumerate(lines)
    ]
    marks: list[Mark] = []
    y: float = LINE * max(map(len, heads.values()), default=0) + _ROW
    for row in rows:
        marks.append(Mark(f"M0 {y - 8}H{width:g}", "rule"))
        texts += paragraph(row.name, (0, y + LINE - 6), width / BOLD, f"name {row.look}")
        y = texts[-1].y + 6
        cells = [_cell(row, code, (column * place, y), column) for place, code in enumerate(statuses)]
        marks += [mark for cell, _, _ in cells for mark in cell]
        texts += [text for _, text, _ in cells]
        y += max((height for *_, height in cells), default=0) + _ROW
    spoken = "; ".join(_spoken(row, statuses) for row in rows)
    return Sketch(width, y - _ROW + 4, spoken, tuple(marks), tuple(texts))


def _cell(row: Steps, status: str, at: tuple[float, float], column: float) -> tuple[list[Mark], Text, float]:
    """The squares of one cell, its number, and its height."""
    x, y = at
    count = row.counts.get(status, 0)
    across = max(int((column - _NUMBER - _GAP) // _STEP), 1)
    places = ((x + _NUMBER + _STEP * (n % across), y + _STEP * (n // across)) for n in range(count))
    marks = [Mark(path, f"square {status} {row.look}") for place in places for path in _square(place, status)]
    height = max(_STEP * -(-count // across), LINE)
    return marks, Text(x, y + _SQUARE, str(count) if count else "–", "" if count else "quiet"), height


def _square(at: tuple[float, float], status: str) -> Iterator[str]:
    """A square; one of mixed status has a stroke from corner to corner."""
    x, y = at
    yield f"M{x + 1:g} {y + 1:g}h{_SQUARE - 2}v{_SQUARE - 2}h{2 - _SQUARE}z" + (
        f"l{_SQUARE - 2} {_SQUARE - 2}" if status in ("mixed", "regular-then-irregular") else ""
    )


def _spoken(row: Steps, statuses: Mapping[str, str]) -> str:
    return f"{row.name}: " + ", ".join(
        f"{row.counts[code]} {name}" for code, name in statuses.items() if row.counts.get(code)
    )
