"""Joint tables: tables that are not published, but must exist where published ones close a ring.

Counts that agree wherever two tables meet come from one table of all variables, as long as no tables close a ring.
Where some do, a table of the whole ring must be possible, and a reader can use that. It is large: seven variables of
six codes have 279,936 cells. Chords divide the ring into triangles; tables of these that agree wherever two of them
meet say just as much.
"""

from collections.abc import Callable, Collection
from itertools import combinations

import networkx as nx

from research_lib.disclosure.linked.published_tables import Sides
from research_lib.disclosure.linked.side_levels import SideLevels

_MOST_CELLS = 8_000


def joint_sides(published: Collection[Sides], levels: SideLevels, size: Callable[[Sides], int]) -> set[Sides]:
    """Give the sides of the joint tables of some published tables; `size` gives how many cells a table has.

    They hold all that follows from the rings, if they have no more than 8,000 cells in all. Otherwise the smallest of
    those are taken that follow from the tables within two of them.
    Source: Dobra & Fienberg (2000), Bounds for cell entries in contingency tables given marginal totals and
    decomposable graphs, PNAS 97, 11885-11892.
    """
    found = _cliques_of_rings(published, levels)
    if sum(map(size, found)) <= _MOST_CELLS:
        return found
    unions = {one | other for one, other in combinations(published, 2)}
    found = found.union(*(_cliques_of_rings([each for each in published if each <= union], levels) for union in unions))
    return _as_many_as_fit(found, size)


def _cliques_of_rings(tables: Collection[Sides], levels: SideLevels) -> set[Sides]:
    """The sets of sides that tables together need a possible table for, and that no table of them has."""
    graph: nx.Graph = nx.Graph()
    for sides in sorted(tables, key=sorted):
        graph.add_edges_from(combinations(sorted(levels.with_coarser(sides)), 2))
    chordal, _ = nx.complete_to_chordal_graph(graph)
    cliques = {levels.finest(frozenset(each)) for each in nx.chordal_graph_cliques(chordal)}
    return {each for each in cliques if not any(levels.is_within(each, sides) for sides in tables)}


def _as_many_as_fit(tables: Collection[Sides], size: Callable[[Sides], int]) -> set[Sides]:
    """The smallest tables, as far as there is room; without those that lie within others."""
    found, room = set[Sides](), _MOST_CELLS
    for sides in sorted(tables, key=lambda each: (size(each), sorted(each))):
        room -= size(sides)
        if room < 0:
            break
        found.add(sides)
    return {each for each in found if not any(each < other for other in found)}
