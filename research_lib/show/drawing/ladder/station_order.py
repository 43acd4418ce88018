"""In which order stations and passing lines stand on each level, so that few lines cross."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cmp_to_key
from itertools import combinations, pairwise
from statistics import fmean

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

type Layers = tuple[tuple[str, ...], ...]
type Chains = tuple[tuple[str, ...], ...]
type Edges = tuple[tuple[str, str], ...]
type Places = tuple[tuple[str, int], ...]
type Pairs = list[list[tuple[str, str]]]

_PASSES, _MOST_NODES = 12, 500
_MOST_EXACT, _MOST_IMPROVED = 2_000, 10_000  # pairs on a level, of which an order is found in about a second


def chains_of(edges: Edges, levels: Mapping[str, int]) -> Chains:
    """Give each step as what its line meets downwards: a station, a place on each level between, a station."""
    chains = []
    for number, ends in enumerate(edges):
        upper, lower = sorted(ends, key=levels.__getitem__)
        passed = (f"{number}/{level}" for level in range(levels[upper] + 1, levels[lower]))
        chains.append((upper, *passed, lower))
    return tuple(chains)


@cache
def ordered(edges: Edges, levels: Places) -> Layers:
    """Order the stations and passing lines of each level for the fewest crossings, then for short lines."""
    order = _exact(edges, levels)
    pairs = _pairs(order, chains_of(edges, dict(levels)))
    if _size(order, pairs) > _MOST_IMPROVED:
        return order
    return tuple(map(tuple, _improved([list(layer) for layer in order], pairs)))


def fewest_crossings(edges: Edges, levels: Places) -> int:
    """Count the crossings that the best order has."""
    order = _exact(edges, levels)
    return int(_cost(order, _pairs(order, chains_of(edges, dict(levels))), range(len(order)))[0])


def _unordered(edges: Edges, levels: Places) -> Layers:
    layers: list[list[str]] = [[] for _ in range(max(level for _, level in levels) + 1)]
    for code, level in levels:
        layers[level].append(code)
    for place in (place for chain in chains_of(edges, dict(levels)) for place in chain[1:-1]):
        layers[int(place.split("/")[1])].append(place)
    return tuple(map(tuple, layers))


def _pairs(layers: Layers, chains: Chains) -> Pairs:
    """The pieces of lines in the channel below each level."""
    level = {item: place for place, layer in enumerate(layers) for item in layer}
    pairs: Pairs = [[] for _ in layers]
    for first, second in (pair for chain in chains for pair in pairwise(chain)):
        pairs[level[first]].append((first, second))
    return pairs


def _size(layers: Layers, pairs: Pairs) -> int:
    """How many pairs of items and of pieces stand on a level together."""
    return sum(len(each) * (len(each) - 1) // 2 for each in (*layers, *pairs))


class _Programme:
    """An integer programme: is one item left of another (0 or 1), and do two pieces cross (0 or 1)?"""

    def __init__(self, layers: Layers, pairs: Pairs) -> None:
        beside = (pair for layer in layers for pair in combinations(layer, 2))
        self.left = {pair: number for number, pair in enumerate(beside)}
        self.size = len(self.left)
        self.rows: list[tuple[dict[int, int], int, float]] = []
        for first, second, third in (three for layer in layers for three in combinations(layer, 3)):
            around = {self.left[first, second]: 1, self.left[second, third]: 1, self.left[first, third]: -1}
            self.rows.append((around, 0, 1))
        for one, other in (two for pieces in pairs for two in combinations(pieces, 2)):
            if one[0] != other[0] and one[1] != other[1]:
                self._may_cross(one, other)

    def _may_cross(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        (above, above_sign, above_rest), (below, below_sign, below_rest) = map(self._before, one, other)
        for sign in (1, -1):
            row = {self.size: 1, above: -sign * above_sign, below: sign * below_sign}
            self.rows.append((row, sign * (above_rest - below_rest), np.inf))
        self.size += 1

    def _before(self, first: str, second: str) -> tuple[int, int, int]:
        """Say that one item is left of another as `sign * variable + rest`."""
        known = (first, second) in self.left
        return (self.left[first, second], 1, 0) if known else (self.left[second, first], -1, 1)

    def solved(self) -> dict[tuple[str, str], bool]:
        """Say of each two items of a level whether the first is left of the second; empty where that is not found."""
        if not self.rows:
            return dict.fromkeys(self.left, True)
        cells = [(line, column, value) for line, (row, _, _) in enumerate(self.rows) for column, value in row.items()]
        lines, columns, values = zip(*cells, strict=True)
        matrix = csr_array((values, (lines, columns)), shape=(len(self.rows), self.size))
        is_crossing = np.arange(self.size) >= len(self.left)
        found = milp(
            is_crossing.astype(float),
            constraints=LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]),
            integrality=~is_crossing,
            bounds=Bounds(0, 1),
            options={"node_limit": _MOST_NODES},
        )
        return {} if found.x is None else {pair: bool(found.x[place] > 0.5) for pair, place in self.left.items()}


@cache
def _exact(edges: Edges, levels: Places) -> Layers:
    """Order the levels for the fewest crossings, exactly where the graph is small."""
    layers = _unordered(edges, levels)
    pairs = _pairs(layers, chains_of(edges, dict(levels)))
    if _size(layers, pairs) > _MOST_EXACT:
        return _swept(layers, pairs)
    left = _Programme(layers, pairs).solved()
    if not left:
        return _swept(layers, pairs)

    def compared(one: str, other: str) -> int:
        is_left = left[one, other] if (one, other) in left else not left[other, one]
        return -1 if is_left else 1

    return tuple(tuple(sorted(layer, key=cmp_to_key(compared))) for layer in layers)


def _swept(layers: Layers, pairs: Pairs) -> Layers:
    """Order each level by the middle of what its items meet, downwards and upwards in turn; the best order found."""
    order, found = [[*layer] for layer in layers], [layers]
    ways = [range(1, len(layers)), range(len(layers) - 2, -1, -1)]
    for downwards in [True, False] * (_PASSES // 2):
        for level in ways[not downwards]:
            near = {item: place for place, item in enumerate(order[level - 1 if downwards else level + 1])}
            met: dict[str, list[int]] = {item: [] for item in order[level]}
            for ends in pairs[level - 1 if downwards else level]:
                other, own = ends if downwards else ends[::-1]
                met[own].append(near[other])
            middle = {item: fmean(met[item] or [place]) for place, item in enumerate(order[level])}
            order[level].sort(key=middle.__getitem__)
        found.append(tuple(map(tuple, order)))
    return min(found, key=lambda one: _cost(one, pairs, range(len(one))))


def _improved(order: list[list[str]], pairs: Pairs) -> list[list[str]]:
    """Move one item at a time to the best place on its level, until no move helps."""
    for _ in range(_PASSES):
        before = [list(layer) for layer in order]
        for level, layer in enumerate(before):
            near = range(max(level - 1, 0), level + 1)
            for item in layer:
                order[level] = min(
                    _moved(order[level], item), key=lambda one: _cost(_with(order, level, one), pairs, near)
                )
        if order == before:
            break
    return order


def _moved(layer: list[str], item: str) -> Iterator[list[str]]:
    rest = [other for other in layer if other != item]
    yield layer
    for place in range(len(layer)):
        yield [*rest[:place], item, *rest[place:]]


def _with(order: list[list[str]], level: int, layer: list[str]) -> list[list[str]]:
    return [*order[:level], layer, *order[level + 1 :]]


def _cost(order: Sequence[Sequence[str]], pairs: Pairs, channels: range) -> tuple[int, float]:
    """Crossings, and how far lines run aside, in the channels below some levels."""
    crossed, aside = 0, 0.0
    for channel in channels:
        near = order[channel : channel + 2]
        places = {item: place - (len(layer) - 1) / 2 for layer in near for place, item in enumerate(layer)}
        steps = sorted((places[first], places[second]) for first, second in pairs[channel])
        aside += sum(abs(first - second) for first, second in steps)
        crossed += sum(one[0] < other[0] and one[1] > other[1] for one, other in combinations(steps, 2))
    return crossed, aside
