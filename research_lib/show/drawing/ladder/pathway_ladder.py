"""The ways through each country's system as one ladder: shared rows of kinds of steps, one column a country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import networkx as nx

from research_lib.show.drawing.ladder.box_text import lines_of, width_of
from research_lib.show.drawing.ladder.ladder_rows import Row, shared_rows
from research_lib.show.drawing.ladder.ladder_spacing import Sheet, Spacing, least_width, spaced
from research_lib.show.drawing.ladder.ladder_steps import SIDE, Step, Storey, drawn_steps, storeys
from research_lib.show.drawing.ladder.station_order import Layers, Places, chains_of, ordered
from research_lib.show.words import Words

SIZE, LINE = 12.0, 14
_GAP = "gap"
_FEW_LINES, _MANY_LINES, _WIDEST = 2, 3, 800.0
_HIGHEST, _WIDEST_DRAWN, _LARGEST = 960.0, 930.0, 14 / SIZE
_PAD, _ASIDE, _LEAST, _BAND, _NAMES, _BOLD = 5, 3.5, 48.0, 7.0, 3, 1.13


@dataclass(frozen=True)
class Box:
    """One station, or the place of a row that a country has no station for; `x` is its middle."""

    id: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    name: str

    @property
    def first(self) -> float:
        """The base of its first line of text."""
        return round(self.y + (self.height - len(self.lines) * LINE) / 2 + 10.5, 1)


@dataclass(frozen=True)
class Ladder:
    """One country's system as a drawing, `width` in pixels."""

    country: str
    width: float
    stations: tuple[Box, ...]
    gaps: tuple[Box, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Band:
    """One row of the ladder, with its name in lines."""

    code: str
    y: float
    height: float
    lines: tuple[str, ...]

    @property
    def first(self) -> float:
        """The base of its first line of text."""
        return round(self.y + (self.height - len(self.lines) * LINE) / 2 + 10.5, 1)


@dataclass(frozen=True)
class Ladders:
    """The ladders of all countries, `height` in pixels, and their rows, whose names stand in a column of a width."""

    height: float
    names: float
    bands: tuple[Band, ...]
    charts: tuple[Ladder, ...]

    @property
    def width(self) -> float:
        """All columns side by side."""
        return self.names + sum(chart.width for chart in self.charts)

    @property
    def scale(self) -> float:
        """How much larger than its measures it is drawn where it fits one wide screen, and never smaller."""
        return round(max(min(_HIGHEST / (self.height or 1), _WIDEST_DRAWN / (self.width or 1), _LARGEST), 1), 3)


@dataclass(frozen=True)
class _Plan:
    """One country before it has heights: its graph, its texts, and how they are spaced."""

    graph: nx.DiGraph
    texts: Mapping[str, tuple[str, ...]]
    sheet: Sheet
    spacing: Spacing


def draw_ladders(graphs: Sequence[nx.DiGraph], words: Words) -> Ladders:
    """Draw graphs of `compare.provisions.pathway` side by side, with low boxes where these find room."""
    if not graphs:
        return Ladders(0, 0, (), ())
    low = _drawn(graphs, words, _FEW_LINES)
    return low if low.width <= _WIDEST else _drawn(graphs, words, _MANY_LINES)


def _drawn(graphs: Sequence[nx.DiGraph], words: Words, most_lines: int) -> Ladders:
    shared = shared_rows(tuple(tuple(graph.edges) for graph in graphs))
    texts = [_texts(graph, words, most_lines) for graph in graphs]
    plans = [_plan(graph, shared.levels[place], shared.rows, texts[place]) for place, graph in enumerate(graphs)]
    heights = [_height(plans, level) for level in range(shared.rows[-1].levels.stop)]
    levels = storeys([(plan.sheet, plan.spacing) for plan in plans], heights)
    bands = tuple(_band(row, levels, lines_of(words(f"row.{row.code}"), most_lines)) for row in shared.rows)
    names = max(_BOLD * width_of(line, SIZE) for band in bands for line in band.lines) + 2 * _NAMES
    charts = tuple(_ladder(plan, levels, words) for plan in plans)
    return Ladders(levels[-1].bottom + _BAND, round(names), bands, charts)


def _texts(graph: nx.DiGraph, words: Words, most_lines: int) -> dict[str, tuple[str, ...]]:
    """The texts of all stations in lines, and that of a gap by the code `gap`."""
    phrases = {code: f"station.{code}" for code in graph} | {_GAP: "comparison.no_step"}
    return {code: lines_of(words(phrase), most_lines) for code, phrase in phrases.items()}


def _plan(graph: nx.DiGraph, levels: Places, rows: Sequence[Row], texts: Mapping[str, tuple[str, ...]]) -> _Plan:
    edges = tuple(graph.edges)
    order = ordered(edges, levels)
    order += ((),) * (rows[-1].levels.stop - len(order))
    chains = chains_of(edges, dict(levels))
    ends = tuple(_ends(graph, edge, chain) for edge, chain in zip(edges, chains, strict=True))
    sheet = Sheet(order, chains, {code: _width(texts[code]) for code in graph}, ends)
    wide = {code: max(width, least_width(sheet, code)) for code, width in sheet.widths.items()}
    sheet, spacing = _with_gaps(replace(sheet, widths=wide), rows, texts[_GAP])
    return _Plan(graph, {code: texts.get(code, texts[_GAP]) for code in sheet.widths}, sheet, spacing)


def _width(lines: tuple[str, ...]) -> float:
    return max(_LEAST, round(max(width_of(line, SIZE) for line in lines) + 2 * _ASIDE, 1))


def _ends(graph: nx.DiGraph, edge: tuple[str, str], chain: tuple[str, ...]) -> tuple[str, str]:
    head = "number" if graph.edges[edge]["condition"] else "tip"
    return ("tail", head) if chain[-1] == edge[1] else (head, "tail")


def _with_gaps(sheet: Sheet, rows: Sequence[Row], lines: tuple[str, ...]) -> tuple[Sheet, Spacing]:
    """Put a place of its own into each row without a station, where it is least in the way of passing lines."""
    for row in rows:
        if not any("/" not in item for level in row.levels for item in sheet.order[level]):
            gap, level = f"gap:{row.levels.start}", row.levels.start
            widths = {**sheet.widths, gap: _width(lines)}
            layers = [_inserted(sheet.order, level, gap, place) for place in range(len(sheet.order[level]) + 1)]
            choices = [replace(sheet, order=order, widths=widths) for order in layers]
            sheet = min(choices, key=lambda choice: spaced(choice).strain)
    return sheet, spaced(sheet, is_final=True)


def _inserted(order: Layers, level: int, item: str, place: int) -> Layers:
    layer = order[level]
    return (*order[:level], (*layer[:place], item, *layer[place:]), *order[level + 1 :])


def _height(plans: Sequence[_Plan], level: int) -> float:
    texts = [plan.texts[item] for plan in plans for item in plan.sheet.order[level] if item in plan.texts]
    return max(map(len, texts)) * LINE + 2 * _PAD


def _band(row: Row, levels: Sequence[Storey], lines: tuple[str, ...]) -> Band:
    top, bottom = levels[row.levels.start].top, levels[row.levels.stop - 1].bottom
    return Band(row.code, top - _BAND, bottom - top + 2 * _BAND, lines)


def _ladder(plan: _Plan, levels: Sequence[Storey], words: Words) -> Ladder:
    boxes = []
    for item, x in plan.spacing.boxes.items():
        storey = next(levels[level] for level, layer in enumerate(plan.sheet.order) if item in layer)
        name = words(f"station.{item}") if item in plan.graph else words("comparison.no_step")
        height = storey.bottom - storey.top
        boxes.append(Box(item, x + SIDE, storey.top, plan.sheet.widths[item], height, plan.texts[item], name))
    steps = drawn_steps(plan.graph, plan.sheet, plan.spacing, levels)
    moved = tuple(replace(step, name=_name(step, words)) for step in steps)
    stations, gaps = ([box for box in boxes if (box.id in plan.graph) is known] for known in (True, False))
    return Ladder(plan.graph.graph["country"], plan.spacing.width + 2 * SIDE, tuple(stations), tuple(gaps), moved)


def _name(step: Step, words: Words) -> str:
    return f"{words(f'station.{step.start}')} → {words(f'station.{step.end}')}"
