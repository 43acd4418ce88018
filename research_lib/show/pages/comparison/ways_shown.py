"""The ways through each country's system: in shared rows, each station with the steps that leave it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from research_lib.compare.provisions import pathway, ways
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import GROUPS
from research_lib.show.words import Words

OTHER = "other"
PERMITS = ("temporary-permit", "tolerated-stay", "work-or-study-permit", "long-term-permit")
_NAMES = tuple(GROUPS["stations"])
_RANKS = {code: rank for rank, codes in enumerate(GROUPS["stations"].values()) for code in codes}

type Row = tuple[int, int]


@dataclass(frozen=True)
class Step:
    """One step to a station: what it rests on, whether it leads back up, and whether a shortest way to a permit has it.

    `number`: of the station that it leads to, in its country.
    """

    id: str
    title: str
    to: str
    number: int
    condition: str
    facts: tuple[str, ...]
    provisions: tuple[str, ...]
    is_back: bool
    is_shortest: bool


@dataclass(frozen=True)
class Station:
    """One station of a country, with the steps that leave it; `before`: the numbers of those above that lead to it."""

    code: str
    name: str
    number: int
    steps: tuple[Step, ...]
    before: tuple[int, ...] = ()


@dataclass(frozen=True)
class CountryWays:
    """One country's stations, a tuple for each row."""

    country: str
    rows: tuple[tuple[Station, ...], ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, downwards."""
        return tuple(step for row in self.rows for station in row for step in station.steps)


@dataclass(frozen=True)
class Ways:
    """The rows by their codes, from first contact downwards, and the countries with a described way."""

    rows: tuple[str, ...]
    countries: tuple[CountryWays, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, country by country."""
        return tuple(step for each in self.countries for step in each.steps)


def shown_ways(study: Study, words: Words) -> Ways:
    """Put the stations of all countries into rows."""
    described = set(study["pathways"]["country_code"])
    graphs = [pathway(study, country) for country in study.countries if country in described]
    placed = _placed(nx.compose_all(graphs)) if graphs else {}
    rows = tuple(dict.fromkeys(placed.values()))
    names = tuple(OTHER if row[1] else _NAMES[row[0]] for row in rows)
    return Ways(
        names, tuple(CountryWays(graph.graph["country"], _rows(graph, placed, study, words)) for graph in graphs)
    )


def _placed(graph: nx.DiGraph) -> dict[str, Row]:
    """Give each station its row, in the order of the rows, and within a row along the steps.

    The vocabulary names the row of a common station. A station of the study's own stands in a row between: as many
    steps below the lowest row that leads to it as the longest way has.
    """
    way = _without_circles(graph)
    placed: dict[str, Row] = {code: (_RANKS[code], 0) for code in graph if code in _RANKS}
    along = list(nx.lexicographical_topological_sort(way))
    for code in along:
        if code not in placed:
            rank, steps = max((placed[before] for before in way.predecessors(code)), default=(-1, 0))
            placed[code] = rank, steps + 1
    return {code: placed[code] for code in sorted(along, key=lambda code: placed[code])}


def _without_circles(graph: nx.DiGraph) -> nx.DiGraph:
    """Leave out the steps that close a circle, so that each way through the graph ends."""
    kept = nx.DiGraph()
    kept.add_nodes_from(graph)
    for before, after in graph.edges:
        if not nx.has_path(kept, after, before):
            kept.add_edge(before, after)
    return kept


def _rows(graph: nx.DiGraph, placed: Mapping[str, Row], study: Study, words: Words) -> tuple[tuple[Station, ...], ...]:
    numbers = {code: number for number, code in enumerate((code for code in placed if code in graph), 1)}
    shortest, table = _shortest(graph), study["pathways"].set_index("id")
    rows: dict[Row, list[Station]] = {row: [] for row in placed.values()}
    for code, number in numbers.items():
        name, steps = words(f"station.{code}"), []
        for after in sorted(graph[code], key=numbers.__getitem__):
            edge, to = graph.edges[code, after], words(f"station.{after}")
            conditions = [words.of(table.loc[key], "condition") for key in edge["steps"]]
            steps.append(
                Step(
                    id=f"step:{graph.graph['country']}:{code}:{after}",
                    title=f"{name} → {to}",
                    to=to,
                    number=numbers[after],
                    condition=" ".join(text for text in conditions if isinstance(text, str)),
                    facts=edge["steps"],
                    provisions=edge["provision_id"],
                    is_back=numbers[after] < number,
                    is_shortest=(code, after) in shortest,
                )
            )
        before = sorted(numbers[each] for each in graph.predecessors(code) if numbers[each] < number)
        rows[placed[code]].append(Station(code, name, number, tuple(steps), tuple(before)))
    return tuple(map(tuple, rows.values()))


def _shortest(graph: nx.DiGraph) -> set[tuple[str, str]]:
    """The steps of the shortest ways from first contact to any permit."""
    found = [way for permit in PERMITS for way in ways(graph, permit)]
    least = min(map(len, found), default=0)
    return {step for way in found if len(way) == least for step in pairwise(way)}
