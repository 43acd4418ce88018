"""A person's way through a country's system, drawn in layers from first contact downwards."""

import textwrap
from dataclasses import dataclass

import networkx as nx

from research_lib.compare.provisions import depth
from research_lib.show.words import Words

type Point = tuple[float, float]

WIDTH, BOX, LINE, GAP = 420, 118, 16, 58
_LETTERS, _SWEEPS = 16, 4


@dataclass(frozen=True)
class Station:
    """One station: its box, with its name in lines."""

    id: str
    x: float
    y: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One step between two stations: its curve, its name, and whether it hangs on a condition."""

    id: str
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
    stations, y = {}, 4.0
    for layer in _layers(graph):
        names = {code: tuple(textwrap.wrap(words(f"station.{code}"), _LETTERS)) for code in layer}
        height = max(map(len, names.values())) * LINE + 14
        for place, code in enumerate(layer):
            x = WIDTH * (place + 0.5) / len(layer)
            own = len(names[code]) * LINE + 14
            stations[code] = Station(code, x, y + (height - own) / 2, own, names[code])
        y += height + GAP
    steps = tuple(
        Step(
            f"step:{graph.graph['country']}:{before}:{after}",
            _curve(stations[before], stations[after]),
            f"{words(f'station.{before}')} → {words(f'station.{after}')}",
            bool(data["condition"]),
        )
        for before, after, data in graph.edges(data=True)
    )
    return Flowchart(graph.graph["country"], WIDTH, y - GAP + 6, tuple(stations.values()), steps)


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


def _curve(before: Station, after: Station) -> str:
    """Draw an edge: from below to above where it goes down, round the side where it goes up or along."""
    if after.y > before.y + before.height:
        y0, y1 = before.y + before.height, after.y - 7
        bend = (y1 - y0) / 2
        return _cubic((before.x, y0), (before.x, y0 + bend), (after.x, y1 - bend), (after.x, y1))
    middles = before.y + before.height / 2, after.y + after.height / 2
    if abs(middles[1] - middles[0]) < before.height:
        return _along(before, after, *middles)
    side = 1 if before.x + after.x >= WIDTH else -1
    x0, x1 = before.x + side * BOX / 2, after.x + side * (BOX / 2 + 7)
    out = min(max((max if side > 0 else min)(x0, x1) + side * 34, 2), WIDTH - 2)
    return _cubic((x0, middles[0]), (out, middles[0]), (out, middles[1]), (x1, middles[1]))


def _along(before: Station, after: Station, y0: float, y1: float) -> str:
    """Draw an edge within a layer: straight to the neighbour, below the boxes to one further on."""
    side = 1 if after.x >= before.x else -1
    if abs(after.x - before.x) < 1.6 * BOX:
        return f"M{before.x + side * BOX / 2:.0f} {y0:.0f}L{after.x - side * (BOX / 2 + 7):.0f} {y1:.0f}"
    below = max(before.y + before.height, after.y + after.height)
    return _cubic(
        (before.x, before.y + before.height),
        (before.x, below + 26),
        (after.x, below + 26),
        (after.x, after.y + after.height + 7),
    )


def _cubic(start: Point, first: Point, second: Point, end: Point) -> str:
    points = " ".join(f"{x:.0f} {y:.0f}" for x, y in (first, second, end))
    return f"M{start[0]:.0f} {start[1]:.0f}C{points}"
