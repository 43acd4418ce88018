"""Who works with whom: what a network is, how it is made up, and how it hangs together.

Graphs are networkx graphs. A *two-mode* graph joins organisations to the networks that they belong to; its projection
joins two organisations for each network that they share. A membership is not a working relation: two members of one
network need never have met, so measures of the projection describe opportunity, not co-operation.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import networkx as nx
import pandas as pd
from networkx.algorithms import bipartite

from research_lib.errors import ResearchError
from research_lib.evidence.study import Study

FEWEST = 3
BROKERAGE = ("coordinator", "consultant", "representative", "gatekeeper", "liaison")
APART = ("informed", "funder")
CONDITIONS = ("entities", "mutual_relations", "shared_objectives")
_JUDGED = ["network_id", "country_code", "is_network", "formality", "failed", "unknown", "verdict", "agrees"]


@dataclass(frozen=True)
class NetworkVerdict:
    """Whether a structure is a network by the report's definition: True, False, or None where it is not known.

    `formality`: formal, informal or not-stated. `failed` and `unknown` name the conditions that do not hold or of which
    nothing is known: entities, mutual_relations, shared_objectives.
    """

    is_network: bool | None
    formality: str
    failed: tuple[str, ...]
    unknown: tuple[str, ...]


def is_network(
    *,
    entities: int | tuple[int | None, int | None] | None,
    mutual_relations: bool | None,
    shared_objectives: bool | None,
    contractual: bool | None = None,
) -> NetworkVerdict:
    """Say whether something is a co-operation network: three entities or more, mutual relations, shared objectives.

    `entities`: their number, or a range with None for an open end. Formal means on a contractual or mandatory basis.
    Branches of one organisation are one entity. None means not known. Source: EX-CHANGE 2007, section 4.2.3.
    """
    low, high = entities if isinstance(entities, tuple) else (entities, entities)
    if low is not None and high is not None and low > high:
        raise ResearchError(f"from {low} to {high} entities is not a range; write the smaller number first")
    enough = True if low is not None and low >= FEWEST else False if high is not None and high < FEWEST else None
    held = dict(zip(CONDITIONS, (enough, mutual_relations, shared_objectives), strict=True))
    failed = tuple(name for name, value in held.items() if value is False)
    unknown = tuple(name for name, value in held.items() if value is None)
    formality = {True: "formal", False: "informal", None: "not-stated"}[contractual]
    return NetworkVerdict(False if failed else None if unknown else True, formality, failed, unknown)


def judge_networks(study: Study) -> pd.DataFrame:
    """Judge every structure that the study describes, beside the report's own verdict.

    Members that are named count as entities where the report gives no larger number. One row a network: network_id,
    country_code, is_network, formality, failed, unknown, verdict (the report's), and agrees (False only where the two
    contradict each other).
    """
    rows = []
    named = _actors(study).groupby("network_id")["organisation_id"].nunique()
    for row in study["networks"].itertuples():
        low = max(_known(row.entity_count_low, int) or 0, int(named.get(row.id, 0))) or None
        found = is_network(
            entities=(low, _known(row.entity_count_high, int)),
            mutual_relations=_known(row.has_mutual_relations, bool),
            shared_objectives=_known(row.has_shared_objectives, bool),
            contractual=_known(row.is_contractual, bool),
        )
        reported = {"network": True, "not-a-network": False}.get(row.verdict)
        rows.append(
            {
                "network_id": row.id,
                "country_code": row.country_code,
                **asdict(found),
                "verdict": row.verdict,
                "agrees": None in (reported, found.is_network) or reported == found.is_network,
            }
        )
    return pd.DataFrame(rows, columns=_JUDGED).astype({"is_network": "object"})


def conditions(judged: pd.DataFrame) -> pd.DataFrame:
    """Say of each network of `judge_networks` whether each condition holds, and the whole: yes, no or not-known."""
    answers = [
        ["no" if name in row.failed else "not-known" if name in row.unknown else "yes" for name in CONDITIONS]
        for row in judged.itertuples()
    ]
    whole = ["not-known" if found is None else "yes" if found else "no" for found in judged["is_network"]]
    table = pd.DataFrame(answers, index=judged["network_id"], columns=list(CONDITIONS))
    return table.assign(is_a_network=whole)


def members_by_agency(study: Study) -> pd.DataFrame:
    """Count the organisations that each network names: kinds of agency by networks, those with most first.

    A cell is empty (NA) where the source tells of a group of that kind without a name, and names none. Kinds and
    networks of which no member is named are left out.
    """
    members = _actors(study)
    named = members.dropna(subset=["organisation_id"]).drop_duplicates(["network_id", "organisation_id"])
    table, told = (pd.crosstab(rows["agency_type"], rows["network_id"]) for rows in (named, members))
    rows, columns = (table.sum(axis=axis).sort_values(ascending=False, kind="stable").index for axis in (1, 0))
    table = table.loc[rows, columns].astype("Int64")
    return table.mask(told.reindex_like(table).gt(0) & table.eq(0))


def _actors(study: Study) -> pd.DataFrame:
    """The memberships of those that take part: not of those that are only informed, or only pay."""
    members = study["memberships"]
    return members[~members["role"].isin(APART)]


def _known[Kind: (int, bool)](value: Any, kind: type[Kind]) -> Kind | None:
    return None if pd.isna(value) else kind(value)


def two_mode(study: Study, country: str | None = None) -> nx.Graph:
    """Join each organisation, and each unnamed group, to its networks.

    Nodes are organisation ids, `network:` and `group:` before the ids of the others; they have `mode` (organisation,
    group or network) and `agency_type`, groups also `count`; edges have `role`. Of several memberships of one
    organisation in one network the first is kept.
    """
    networks, organisations = study["networks"], study["organisations"].set_index("id")
    networks = networks[networks["country_code"] == country] if country else networks
    graph = nx.Graph()
    graph.add_nodes_from((f"network:{key}" for key in networks["id"]), mode="network", agency_type="")
    members = study["memberships"]
    for row in members[members["network_id"].isin(networks["id"])].itertuples():
        if pd.isna(row.organisation_id):
            node, kind = f"group:{row.id}", row.agency_type
            graph.add_node(node, mode="group", agency_type=kind, count=_known(row.count, int))
        else:
            node, kind = row.organisation_id, organisations.at[row.organisation_id, "agency_type"]
            graph.add_node(node, mode="organisation", agency_type=kind)
        if not graph.has_edge(f"network:{row.network_id}", node):
            graph.add_edge(f"network:{row.network_id}", node, role=row.role)
    return graph


def co_members(graph: nx.Graph, *, unconfirmed: bool = False) -> nx.Graph:
    """Project a two-mode graph on its organisations: an edge where two share a network, `weight` how many they share.

    Unnamed groups are left out; so are those that are only informed or only pay, unless `unconfirmed`. Source: Borgatti
    and Everett (1997), Social Networks 19, 243-269.
    """
    kept = graph.copy()
    kept.remove_nodes_from([node for node, mode in graph.nodes(data="mode") if mode == "group"])
    kept.remove_edges_from([(u, v) for u, v, role in kept.edges(data="role") if role in APART and not unconfirmed])
    kept.remove_nodes_from([node for node, degree in kept.degree() if not degree])
    actors = [node for node, mode in kept.nodes(data="mode") if mode == "organisation"]
    return bipartite.weighted_projected_graph(kept, actors) if actors else nx.Graph()


def two_mode_density(graph: nx.Graph) -> float:
    """Share of the possible ties of a two-mode graph that are there; 0 where none is possible.

    Source: Borgatti and Everett (1997), Social Networks 19, 253.
    """
    networks = [node for node, mode in graph.nodes(data="mode") if mode == "network"]
    return float(bipartite.density(graph, networks))


def centralisation(graph: nx.Graph, measure: str = "degree") -> float:
    """How far one node stands out, from 0 (all alike) to 1 (a star); `measure`: degree or betweenness.

    Undirected graphs of three nodes or more; smaller ones give 0. Raises ResearchError for another measure. Source:
    Freeman (1978), Social Networks 1, 215-239.
    """
    if measure not in ("degree", "betweenness"):
        raise ResearchError(f"{measure!r} is not a measure of centralisation; there are degree and betweenness")
    nodes = len(graph)
    if nodes < FEWEST:
        return 0.0
    scores = dict(graph.degree()) if measure == "degree" else nx.betweenness_centrality(graph, normalized=True)
    most = (nodes - 1) * (nodes - 2) if measure == "degree" else nodes - 1
    highest = max(scores.values())
    return sum(highest - score for score in scores.values()) / most


def ei_index(graph: nx.Graph, group: Mapping[Hashable, str] | str) -> float:
    """Ties between groups less ties within, by all ties: -1 all within, 1 all between; nan without ties.

    `group`: the group of each node, or the name of a node attribute. It depends on how large the groups are, so compare
    networks of similar make-up only. Source: Krackhardt and Stern (1988), Social Psychology Quarterly 51, 123-140.
    """
    of = group if not isinstance(group, str) else nx.get_node_attributes(graph, group)
    ties = graph.number_of_edges()
    external = sum(of[u] != of[v] for u, v in graph.edges())
    return (2 * external - ties) / ties if ties else float("nan")


def blau(values: Iterable[Hashable], *, standardised: bool = False) -> float:
    """The chance that two members drawn with replacement are of different types; nan for nobody.

    `standardised` divides by the most that the number of types present allows, so that 1 is an even mix. Source: Blau
    (1977), Inequality and Heterogeneity, 78.
    """
    counts = Counter(values)
    total = sum(counts.values())
    if not total:
        return float("nan")
    index = 1 - sum((count / total) ** 2 for count in counts.values())
    most = 1 - 1 / len(counts)
    return index / most if standardised and most else index


def brokerage(graph: nx.Graph, group: Mapping[Hashable, str] | str) -> pd.DataFrame:
    """Count how often each node stands between two that are not tied, by whose groups it joins.

    One row a node; columns coordinator (all of one group), consultant (the two of one group, the node of another),
    representative (from its own group outwards), gatekeeper (from outside into its own), liaison (three groups) and
    total. Undirected graphs are read as ties in both directions, so each pair counts twice. Source: Gould and Fernandez
    (1989), Sociological Methodology 19, 89-126.
    """
    directed = graph if graph.is_directed() else graph.to_directed()
    of = group if not isinstance(group, str) else nx.get_node_attributes(graph, group)
    rows: dict[Hashable, Counter[str]] = {node: Counter() for node in graph}
    for node, roles in rows.items():
        for before, after in product(directed.predecessors(node), directed.successors(node)):
            if len({before, node, after}) < FEWEST or directed.has_edge(before, after):
                continue
            if of[before] == of[after]:
                role = "coordinator" if of[before] == of[node] else "consultant"
            elif of[node] in (of[before], of[after]):
                role = "representative" if of[node] == of[before] else "gatekeeper"
            else:
                role = "liaison"
            roles[role] += 1
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(BROKERAGE)).fillna(0).astype(int)
    return frame.assign(total=frame.sum(axis=1))


def measures(study: Study) -> pd.DataFrame:
    """Describe each network: how many entities, of how many types, how diverse, who leads.

    One row a network: network_id, country_code, named (organisations), groups (that are not named), types (of agency),
    blau (over named members), blau_standardised, has_police, has_judiciary, has_employers, lead_id.
    The groups' own counts stand in `memberships`; they overlap and contradict each other, so they are not added up.
    """
    members = _actors(study)
    rows = []
    for network in study["networks"].itertuples():
        own = members[members["network_id"] == network.id]
        named = own.dropna(subset=["organisation_id"]).drop_duplicates("organisation_id")
        types = set(own["agency_type"])
        rows.append(
            {
                "network_id": network.id,
                "country_code": network.country_code,
                "named": len(named),
                "groups": int(own["organisation_id"].isna().sum()),
                "types": len(types),
                "blau": blau(named["agency_type"]),
                "blau_standardised": blau(named["agency_type"], standardised=True),
                **{f"has_{kind}": kind in types for kind in ("police", "judiciary", "employers")},
                "lead_id": network.lead_id,
            }
        )
    return pd.DataFrame(rows)


def countries(study: Study) -> pd.DataFrame:
    """Set the countries side by side: structures, networks by the definition, multi-agency ones, federations, ties.

    One row a country: structures, networks (that fit the definition), undecided (too little is stated), multi_agency
    (of those that fit), federations (federations and platforms), ties (co-operation of two), informal_ties.
    """
    judged = judge_networks(study).set_index("network_id")
    networks, ties = study["networks"].set_index("id"), study["ties"]
    fits = judged["is_network"].eq(True)
    homes = ties["organisation_id"].map(study["organisations"].set_index("id")["country_code"])
    counted = {
        "structures": networks,
        "networks": networks[fits],
        "undecided": networks[judged["is_network"].isna()],
        "multi_agency": networks[fits & networks["composition"].eq("multi-agency")],
        "federations": networks[networks["kind"].isin(["federation", "platform"])],
        "ties": ties.assign(country_code=homes),
        "informal_ties": ties.assign(country_code=homes)[ties["formality"] == "informal"],
    }
    table = pd.DataFrame({name: rows.groupby("country_code").size() for name, rows in counted.items()})
    return table.fillna(0).astype(int).rename_axis("country_code").reset_index()
