"""Ladders: for each organiser what is said, from how it helps down to the risk, with how certain each step is."""

from collections.abc import Sequence
from dataclasses import dataclass

from research_lib.show.drawing.findings.sketch import INSIDE, Mark, Said, Sketch, Text, boxed

_ABREAST, _BETWEEN, _ARROW = 240, 24, 24  # the least width of one beside another, and the room between them


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
    spoken = "; ".join(_spoken(ladder) for ladder in ladders)
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


def _spoken(ladder: Ladder) -> str:
    return f"{ladder.name}: " + " → ".join(" ".join((said.head, said.text)).strip() for said, _ in ladder.steps)
