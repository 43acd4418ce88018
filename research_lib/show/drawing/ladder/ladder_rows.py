"""The rows of a ladder: which kinds of steps there are, and on which level each station stands."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, combinations

import networkx as nx

from research_lib.evidence.vocabulary.law import STATION_ROWS
from research_lib.show.drawing.ladder.station_order import Edges, Places, fewest_crossings

OTHER = "other"
_RANKS = {code: rank for rank, codes in enumerate(STATION_ROWS.values()) for code in codes}
_NAMES = tuple(STATION_ROWS)
_MOST_TRIED = 5

type Key = tuple[int, int]
type Lowered = frozenset[tuple[int, str]]


@dataclass(frozen=True)
class Row:
    """One kind of steps: its code, and the levels of the ladder that it takes."""

    code: str
    levels: range


@dataclass(frozen=True)
class Rows:
    """The rows that all countries share, and for each country the level of each station."""

    rows: tuple[Row, ...]
    levels: tuple[Places, ...]


@cache
def shared_rows(countries: tuple[Edges, ...]) -> Rows:
    """Put the stations of all countries into rows; `countries`: the steps of each.

    The vocabulary names the row of a common station. A station of the study's own stands in a row between: as many
    steps below the lowest row that leads to it as the longest way has. A row takes several levels where a step joins
    two of its stations, and one row takes two where lines cross less often then.
    """
    keys = _keys(nx.DiGraph(chain.from_iterable(countries)))
    plain = _rows(countries, keys, frozenset())
    crossed = [fewest_crossings(edges, levels) for edges, levels in zip(countries, plain.levels, strict=True)]
    choices = [plain, *(_unfolded(countries, keys, key, crossed) for key in sorted(set(keys.values())))]
    return min(choices, key=lambda rows: _crossed_share(countries, rows))


def _crossed_share(countries: tuple[Edges, ...], rows: Rows) -> float:
    """Crossings for each line, added over the countries."""
    pairs = zip(countries, rows.levels, strict=True)
    return round(sum(fewest_crossings(edges, levels) / len(edges) for edges, levels in pairs), 9)


def forward(graph: nx.DiGraph) -> nx.DiGraph:
    """Leave out of a graph the steps that close a circle, so that each way through it ends."""
    kept = nx.DiGraph()
    kept.add_nodes_from(graph)
    for before, after in graph.edges:
        if not nx.has_path(kept, after, before):
            kept.add_edge(before, after)
    return kept


def _keys(graph: nx.DiGraph) -> dict[str, Key]:
    keys: dict[str, Key] = {code: (_RANKS[code], 0) for code in graph if code in _RANKS}
    way = forward(graph)
    for code in nx.lexicographical_topological_sort(way):
        if code not in keys:
            rank, steps = max((keys[before] for before in way.predecessors(code)), default=(-1, 0))
            keys[code] = rank, steps + 1
    return keys


def _rows(countries: tuple[Edges, ...], keys: Mapping[str, Key], lowered: Lowered) -> Rows:
    storeys = [_storeys(edges, keys) for edges in countries]
    for country, code in lowered:
        storeys[country][code] += 1
    heights: dict[Key, int] = defaultdict(int)
    for code, storey in chain.from_iterable(own.items() for own in storeys):
        heights[keys[code]] = max(heights[keys[code]], storey + 1)
    rows: list[Row] = []
    first: dict[Key, int] = {}
    for key in sorted(heights):
        first[key] = rows[-1].levels.stop if rows else 0
        rows.append(Row(OTHER if key[1] else _NAMES[key[0]], range(first[key], first[key] + heights[key])))
    levels = tuple(tuple((code, first[keys[code]] + storey) for code, storey in own.items()) for own in storeys)
    return Rows(tuple(rows), levels)


def _storeys(edges: Edges, keys: Mapping[str, Key]) -> dict[str, int]:
    """How many steps within its own row lead to each station."""
    within = nx.DiGraph([edge for edge in edges if keys[edge[0]] == keys[edge[1]]])
    within.add_nodes_from(code for edge in edges for code in edge)
    storeys: dict[str, int] = {}
    way = forward(within)
    for code in nx.lexicographical_topological_sort(way):
        storeys[code] = max((storeys[before] + 1 for before in way.predecessors(code)), default=0)
    return storeys


def _unfolded(countries: tuple[Edges, ...], keys: Mapping[str, Key], key: Key, crossed: Sequence[int]) -> Rows:
    """Let a row take two levels: in each country whose lines cross, choose who stands on the lower one."""
    lowered: Lowered = frozenset()
    for country, edges in enumerate(countries):
        if crossed[country]:
            some = [tuple((country, code) for code in codes) for codes in _subsets(edges, keys, key)]
            lowered |= min(map(frozenset, some), key=partial(_crossed, countries, keys, country))
    return _rows(countries, keys, lowered)


def _crossed(countries: tuple[Edges, ...], keys: Mapping[str, Key], country: int, lowered: Lowered) -> int:
    return fewest_crossings(countries[country], _rows(countries, keys, lowered).levels[country])


def _subsets(edges: Edges, keys: Mapping[str, Key], key: Key) -> Iterator[tuple[str, ...]]:
    """The stations of a row that may stand lower than the others: none, or some where no step joins them."""
    codes = sorted({code for edge in edges for code in edge if keys[code] == key})
    is_joined = any(keys[before] == keys[after] == key for before, after in edges)
    most = 0 if is_joined or len(codes) > _MOST_TRIED else len(codes) - 1
    return chain([()], *(combinations(codes, count) for count in range(1, most + 1)))
