"""The steps of a ladder as drawn: the heights of its levels, and each step's line, arrowhead and number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import networkx as nx

from research_lib.show.drawing.ladder.ladder_paths import Point, Turn, rounded, tracks
from research_lib.show.drawing.ladder.ladder_spacing import Sheet, Spacing

SIDE = 5.0
_ZONE = {"number": 28.0, "tip": 16.0, "tail": 7.0}
_TRACK, _EDGE, _FREE = 10.0, 5.0, 1.5
_TIP, _HALF, _ROUND = 7.0, 4.0, 9.0


@dataclass(frozen=True)
class Step:
    """One step between two stations: its line, its arrowhead, and what it is.

    `number`: of its condition, 0 where it has none, which stands at `at`. `is_back`: it leads up the ladder again.
    """

    id: str
    start: str
    end: str
    path: str
    tip: str
    is_conditional: bool
    is_back: bool
    number: int
    at: Point
    name: str = ""


@dataclass(frozen=True)
class Storey:
    """One level: the edges of its boxes, and the first track of the lines that turn aside below it."""

    top: float
    bottom: float
    track: float


def storeys(plans: Sequence[tuple[Sheet, Spacing]], heights: Sequence[float]) -> list[Storey]:
    """Give all levels their heights; below each, all countries together have the room that the fullest needs."""
    found, top = [], SIDE
    for level, height in enumerate(heights):
        above = max(_ZONE[kind] for sheet, _ in plans for kind in _kinds(sheet, level, 0))
        below = max(_ZONE[kind] for sheet, _ in plans for kind in _kinds(sheet, level + 1, -1))
        used = max(max(tracks(_turns(*plan, level)).values(), default=-1) for plan in plans) + 1
        between = 2 * _EDGE + (used - 1) * _TRACK if used else 0
        found.append(Storey(top, top + height, top + height + above + _EDGE))
        top += height + above + between + below
    return found


def drawn_steps(graph: nx.DiGraph, sheet: Sheet, spacing: Spacing, levels: Sequence[Storey]) -> tuple[Step, ...]:
    """Draw the steps of one country; their conditions are numbered downwards."""
    turned = [tracks(_turns(sheet, spacing, level)) for level in range(len(levels))]
    steps = []
    for line, (before, after) in enumerate(graph.edges):
        points = _points(
            sheet, spacing, line, [(storey, turned[place].get(line)) for place, storey in enumerate(levels)]
        )
        is_back = sheet.chains[line][-1] == before
        if is_back:
            points.reverse()
        code = f"step:{graph.graph['country']}:{before}:{after}"
        steps.append(_step(code, points, bool(graph.edges[before, after]["condition"]), is_back=is_back))
    return _numbered(steps)


def _kinds(sheet: Sheet, level: int, at: int) -> list[str]:
    """What lines carry at their upper end (`at` 0) or lower end (-1) on a level."""
    here = sheet.order[level] if level < len(sheet.order) else ()
    return ["tail", *(ends[at] for chain, ends in zip(sheet.chains, sheet.ends, strict=True) if chain[at] in here)]


def _first(sheet: Sheet, line: int) -> int:
    return next(level for level, layer in enumerate(sheet.order) if sheet.chains[line][0] in layer)


def _turns(sheet: Sheet, spacing: Spacing, level: int) -> list[Turn]:
    """The lines that move aside below a level."""
    found = []
    for line, places in enumerate(spacing.lines):
        step = level - _first(sheet, line)
        if 0 <= step < len(places) - 1 and abs(places[step] - places[step + 1]) > 0.2:
            found.append(Turn(line, places[step], places[step + 1]))
    return found


def _points(sheet: Sheet, spacing: Spacing, line: int, levels: Sequence[tuple[Storey, int | None]]) -> list[Point]:
    """The corners of a line from the upper box to the lower."""
    first, places = _first(sheet, line), [x + SIDE for x in spacing.lines[line]]
    points = [(places[0], levels[first][0].bottom)]
    for (storey, track), (x, next_x) in zip(levels[first:], pairwise(places), strict=False):
        if track is not None:
            y = storey.track + track * _TRACK
            points += [(x, y), (next_x, y)]
    return [*points, (places[-1], levels[first + len(places) - 1][0].top)]


def _step(code: str, points: list[Point], is_conditional: bool, *, is_back: bool) -> Step:
    _, _, before, after = code.split(":")
    x, edge = points[-1]
    away = 1 if is_back else -1
    point, base = edge + away * _FREE, edge + away * (_FREE + _TIP)
    tip = f"M{x:g} {point:g}L{x - _HALF:g} {base:g}H{x + _HALF:g}Z"
    start = (points[0][0], points[0][1])
    path = rounded([start, *points[1:-1], (x, base)])
    at = x, round(base + away * (2 + _ROUND), 1)
    return Step(code, before, after, path, tip, is_conditional, is_back, 0, at)


def _numbered(steps: Sequence[Step]) -> tuple[Step, ...]:
    down = sorted((step for step in steps if step.is_conditional), key=lambda step: (step.at[1], step.at[0]))
    numbers = {step.id: number for number, step in enumerate(down, start=1)}
    return tuple(replace(step, number=numbers.get(step.id, 0)) for step in steps)
