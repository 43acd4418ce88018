"""A person's way through a country's system, drawn in layers from first contact downwards."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx

from research_lib.compare.provisions import depth
from research_lib.show.words import Words

type Point = tuple[float, float]
type Ports = dict[tuple[str, str, str], float]

WIDTH, MARGIN, BOX, LINE, GAP = 452, 16, 124, 16, 64
_LETTERS, _SWEEPS, _PORT, _BOW = 16, 4, 15, 74


@dataclass(frozen=True)
class Station:
    """One station: its box, with its name in lines; `x` is its middle."""

    id: str
    x: float
    y: float
    height: float
    lines: tuple[str, ...]

    @property
    def bottom(self) -> float:
        """The lower edge of the box."""
        return self.y + self.height


@dataclass(frozen=True)
class Step:
    """One step between two stations: its curve, its name, and whether it hangs on a condition."""

    id: str
    start: str
    path: str
    name: str
    is_conditional: bool


@dataclass(frozen=True)
class Flowchart:
    """One country's system as a drawing, `width` and `height` in pixels."""

    country: str
    width: int
    height: float
    stations: tuple[Station, ...]
    steps: tuple[Step, ...]


def draw_pathway(graph: nx.DiGraph, words: Words) -> Flowchart:
    """Draw a graph of `compare.provisions.pathway`."""
    country = graph.graph["country"]
    stations, height = _stations(_layers(graph), lambda code: words(f"station.{code}"))
    ports = _ports(graph, stations)
    steps = tuple(
        Step(
            f"step:{country}:{before}:{after}",
            before,
            _curve(stations[before], stations[after], ports, list(stations.values())),
            f"{words(f'station.{before}')} → {words(f'station.{after}')}",
            bool(data["condition"]),
        )
        for before, after, data in graph.edges(data=True)
    )
    return Flowchart(country, WIDTH, height, tuple(stations.values()), steps)


def _stations(layers: list[list[str]], name: Callable[[str], str]) -> tuple[dict[str, Station], float]:
    stations, y = {}, 4.0
    for layer in layers:
        lines = {code: tuple(textwrap.wrap(name(code), _LETTERS)) for code in layer}
        height = max(map(len, lines.values())) * LINE + 14
        for place, code in enumerate(layer):
            own = len(lines[code]) * LINE + 14
            x = MARGIN + (WIDTH - 2 * MARGIN) * (place + 0.5) / len(layer)
            stations[code] = Station(code, x, y + (height - own) / 2, own, lines[code])
        y += height + GAP
    return stations, y - GAP + 30


def _layers(graph: nx.DiGraph) -> list[list[str]]:
    """Put stations in layers by their distance from first contact, at most three to a layer."""
    by_depth: dict[int, list[str]] = {}
    for code, level in depth(graph).items():
        by_depth.setdefault(level, []).append(code)
    layers = [part for _, codes in sorted(by_depth.items()) for part in _parts(codes)]
    places = {code: (i + 0.5) / len(layer) for layer in layers for i, code in enumerate(layer)}
    for _ in range(_SWEEPS):
        for layer in layers:
            layer.sort(key=lambda code: (_pull(graph, code, places), code))
            places |= {code: (i + 0.5) / len(layer) for i, code in enumerate(layer)}
    return layers


def _parts(codes: list[str]) -> list[list[str]]:
    count = -(-len(codes) // 3)
    return [codes[i::count] for i in range(count)]


def _pull(graph: nx.DiGraph, code: str, places: dict[str, float]) -> float:
    near = [places[other] for other in (*graph.predecessors(code), *graph.successors(code))]
    return sum(near) / len(near) if near else 0.5


def _ports(graph: nx.DiGraph, stations: dict[str, Station]) -> Ports:
    """Give each edge a place of its own on the lower edge that it leaves and on the upper edge that it enters."""
    ports: Ports = {}
    for code, station in stations.items():
        down = [other for other in graph.successors(code) if stations[other].y > station.bottom]
        up = [other for other in graph.predecessors(code) if stations[other].bottom < station.y]
        for side, others in (("out", down), ("in", up)):
            ordered = sorted(others, key=lambda other: stations[other].x)
            for place, other in enumerate(ordered):
                ports[side, code, other] = station.x + (place - (len(ordered) - 1) / 2) * _PORT
    return ports


def _curve(before: Station, after: Station, ports: Ports, stations: list[Station]) -> str:
    """Draw an edge: downwards from edge to edge, within a layer or upwards round the side."""
    if after.y > before.bottom:
        x0, x1 = ports["out", before.id, after.id], ports["in", after.id, before.id]
        return _down((x0, before.bottom), (x1, after.y - 7), stations)
    middles = before.y + before.height / 2, after.y + after.height / 2
    if abs(middles[1] - middles[0]) < before.height:
        return _along(before, after, *middles)
    side = 1 if before.x + after.x >= WIDTH else -1
    x0, x1 = before.x + side * BOX / 2, after.x + side * (BOX / 2 + 7)
    out = min(max((max if side > 0 else min)(x0, x1) + side * 34, 2), WIDTH - 2)
    return _cubic((x0, middles[0]), (out, middles[0]), (out, middles[1]), (x1, middles[1]))


def _down(start: Point, end: Point, stations: list[Station]) -> str:
    """Draw a curve downwards; where a box would lie under its middle, bow it to the side that is free."""
    (x0, y0), (x1, y1) = start, end
    bend = (y1 - y0) / 2
    middle = (x0 + x1) / 2
    hidden = [s for s in stations if s.y > y0 and s.bottom < y1 and abs(s.x - middle) < BOX / 2]
    if not hidden:
        return _cubic(start, (x0, y0 + bend), (x1, y1 - bend), end)
    box = hidden[0].x
    fits = {side: 0 < box + side * _BOW < WIDTH for side in (1, -1)}
    wanted = 1 if middle >= box else -1
    bow = box + (wanted if fits[wanted] else -wanted) * _BOW
    return _cubic(start, (bow, y0 + bend / 2), (bow, y1 - bend / 2), end)


def _along(before: Station, after: Station, y0: float, y1: float) -> str:
    """Draw an edge within a layer: straight to the neighbour, below the boxes to one further on."""
    side = 1 if after.x >= before.x else -1
    if abs(after.x - before.x) < 1.6 * BOX:
        return f"M{before.x + side * BOX / 2:.0f} {y0:.0f}L{after.x - side * (BOX / 2 + 7):.0f} {y1:.0f}"
    below = max(before.bottom, after.bottom) + 26
    x0, x1 = before.x + side * BOX / 3, after.x - side * BOX / 3
    return _cubic((x0, before.bottom), (x0, below), (x1, below), (x1, after.bottom + 7))


def _cubic(start: Point, first: Point, second: Point, end: Point) -> str:
    points = " ".join(f"{x:.0f} {y:.0f}" for x, y in (first, second, end))
    return f"M{start[0]:.0f} {start[1]:.0f}C{points}"
