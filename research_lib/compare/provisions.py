"""What does the law offer: provisions side by side, their dates, and the ways through each country's system.

The report is a description, not an inventory. What it does not mention is *not described*, which is not the same as
absent, so every comparison here is a range over what is not described.
"""

import itertools
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from research_lib.errors import ResearchError
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import CODES

NOT_DESCRIBED = "not-described"
ENTRIES = ("identification", "hotline")
_ORDER = {presence: rank for rank, presence in enumerate(CODES["presences"])}
_THERE, _LACKING, _OPEN = ("in-force", "practice"), ("absent", "planned"), (NOT_DESCRIBED, "formerly-absent")


@dataclass(frozen=True)
class Similarity:
    """How alike two countries are: what both have, what one has and the other not, and what is not described.

    `low` and `high` bound the share of features that both have among those that either has (Jaccard), over every way
    in which the undescribed could be filled.
    """

    first: str
    second: str
    both: tuple[str, ...]
    differ: tuple[str, ...]
    open: tuple[str, ...]
    low: float
    high: float


def matrix(study: Study) -> pd.DataFrame:
    """Say of every comparable provision whether each country has it.

    Index: feature; columns: topic_code and the countries, each in-force, practice, planned, formerly-absent, absent or
    not-described. Of several provisions with one feature the firmest counts.
    """
    table = study["provisions"].dropna(subset=["feature"])
    countries = list(dict.fromkeys(study["provisions"]["country_code"]))
    rank = table["presence"].map(_ORDER)
    firmest = table.assign(rank=rank).sort_values("rank").drop_duplicates(["feature", "country_code"])
    wide = firmest.pivot(index="feature", columns="country_code", values="presence")
    features = [name for name in study.vocabularies.codes("features") if name in wide.index]
    wide = wide.reindex(features, columns=countries).astype(object).fillna(NOT_DESCRIBED)
    order = study.vocabularies.codes("topics").index
    topics = table.groupby("feature")["topic_code"].agg(lambda codes: min(codes, key=order))
    wide.insert(0, "topic_code", topics)
    return wide.rename_axis(columns=None)


def differences(study: Study) -> pd.DataFrame:
    """Order the matrix so that what differs comes first: one row a feature, with `kind` and the countries.

    `kind`: differs (one has it and another lacks it, by the report), open (one has it, and the report does not say of
    another, or only that it was missing in an earlier year), alike (all have it), none (none has it).
    """
    table = matrix(study)
    there, lacking = (table.drop(columns="topic_code").isin(kind) for kind in (_THERE, _LACKING))
    conditions = [~there.any(axis=1), there.all(axis=1), lacking.any(axis=1)]
    kinds = np.select(conditions, ["none", "alike", "differs"], "open")
    order = {"differs": 0, "open": 1, "alike": 2, "none": 3}
    return table.assign(kind=kinds).sort_values("kind", key=lambda column: column.map(order), kind="stable")


def gaps(study: Study) -> pd.DataFrame:
    """List what only one country has by the report, which countries lack it, and which are not described.

    Columns: feature, topic_code, country_code, absent_in and not_described_in (tuples of countries). What is not
    described elsewhere, or was missing there in an earlier year only, may well exist there.
    """
    table = matrix(study)
    rows = []
    for feature, row in table.drop(columns="topic_code").iterrows():
        having, absent, silent = (tuple(row.index[row.isin(kind)]) for kind in (_THERE, _LACKING, _OPEN))
        if len(having) == 1:
            rows.append((feature, table.at[feature, "topic_code"], having[0], absent, silent))
    return pd.DataFrame(rows, columns=["feature", "topic_code", "country_code", "absent_in", "not_described_in"])


def timeline(study: Study, start: int = 1990, end: int | None = None) -> pd.DataFrame:
    """Give the dated provisions of all countries in order of time, from one year to another, both included.

    The provisions' own columns with `year`; `end` is the study's last year unless given. A date that gives only a year
    or month stays one.
    """
    table = study["provisions"].dropna(subset=["date"])
    table = table.assign(year=table["date"].str[:4].astype(int))
    table = table[table["year"].between(start, study.last_year if end is None else end)]
    return table.sort_values(["date", "country_code"], ignore_index=True)


def similarity(study: Study) -> list[Similarity]:
    """Compare each two countries over the comparable provisions, as a range over what is not described."""
    table = matrix(study)
    there, silent = (table.drop(columns="topic_code").isin(kind) for kind in (_THERE, _OPEN))
    names, found = table.index, []
    for first, second in itertools.combinations(there.columns, 2):
        one, other, is_open = there[first], there[second], silent[first] | silent[second]
        low, high = overlap_range(
            set(names[one]),
            set(names[other]),
            perhaps_first=set(names[silent[first]]),
            perhaps_second=set(names[silent[second]]),
        )
        both, differ, open_ = (tuple(names[rows]) for rows in (one & other, (one ^ other) & ~is_open, is_open))
        found.append(Similarity(first, second, both, differ, open_, low, high))
    return found


def pathway(study: Study, country: str) -> nx.DiGraph:
    """Give a country's system as a graph of stations.

    Each edge has `text`, `condition`, `provision_id` and `steps` (ids of `pathways`). Raises ResearchError for a
    country without a described way.
    """
    table = study["pathways"]
    known = ", ".join(table["country_code"].unique())
    table = table[table["country_code"] == country]
    if table.empty:
        raise ResearchError(f"no way through the system of {country} is described; there are ways of {known or 'none'}")
    graph = nx.DiGraph(country=country)
    for (before, after), rows in table.groupby(["from_code", "to_code"], sort=False):
        graph.add_edge(
            before,
            after,
            steps=tuple(rows["id"]),
            text=" ".join(rows["text"]),
            condition=" ".join(rows["condition"].dropna()),
            provision_id=tuple(dict.fromkeys(key for cell in rows["provision_id"] for key in split(cell))),
        )
    return graph


def ways(graph: nx.DiGraph, to: str, entries: tuple[str, ...] = ENTRIES) -> list[tuple[str, ...]]:
    """List the ways from first contact to a station, shortest first; empty where none is described.

    Raises ResearchError for a station that is neither a common one nor in the graph.
    """
    _require_station(to, graph)
    starts = [entry for entry in entries if entry in graph]
    found = [tuple(way) for start in starts if to in graph for way in nx.all_simple_paths(graph, start, to)]
    return sorted(found, key=lambda way: (len(way), way))


def _require_station(name: str, *graphs: nx.DiGraph) -> None:
    known = dict.fromkeys([*CODES["stations"], *itertools.chain(*graphs)])
    if name not in known:
        raise ResearchError(f"{name!r} is not a station; there are {', '.join(known)}")


def needs(graph: nx.DiGraph, to: str, station: str, entries: tuple[str, ...] = ENTRIES) -> bool | None:
    """Say whether every described way to one station passes through another; None where no way is described."""
    found = ways(graph, to, entries)
    return all(station in way for way in found) if found else None


def destinations(study: Study, station: str = "complaint") -> pd.DataFrame:
    """List where the described ways of each country end, and whether every one passes through a station.

    One row an end: country_code, station (the end), ways (how many lead there from first contact), and passes (True,
    False, or None where no way from first contact is described). Raises ResearchError for an unknown station.
    """
    graphs = [pathway(study, country) for country in dict.fromkeys(study["pathways"]["country_code"])]
    _require_station(station, *graphs)
    rows = [
        (graph.graph["country"], end, len(ways(graph, end)), needs(graph, end, station))
        for graph in graphs
        for end, steps in graph.out_degree()
        if not steps
    ]
    return pd.DataFrame(rows, columns=["country_code", "station", "ways", "passes"]).astype({"passes": "object"})


def depth(graph: nx.DiGraph) -> dict[str, int]:
    """How many steps each station lies from first contact; stations out of reach come after all others."""
    starts = [entry for entry in ENTRIES if entry in graph] or [next(iter(graph))]
    reached = nx.multi_source_dijkstra_path_length(graph, set(starts), weight=None)
    last = max(reached.values(), default=0) + 1
    return {station: int(reached.get(station, last)) for station in graph}


def overlap_range(
    first: set[str], second: set[str], *, perhaps_first: set[str], perhaps_second: set[str]
) -> tuple[float, float]:
    """Give the lowest and the highest share of common elements among all (Jaccard); nan for two empty sets.

    `perhaps_first` and `perhaps_second`: the elements that may belong to each set as well.
    """
    widest = first | second | perhaps_first | perhaps_second
    if not widest:
        return float("nan"), float("nan")
    most = (first | perhaps_first) & (second | perhaps_second)
    narrowest = first | second | perhaps_first & perhaps_second
    return len(first & second) / len(widest), len(most) / len(narrowest) if narrowest else 0.0
