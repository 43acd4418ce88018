"""Measures of networks against values in print, each to its last printed digit.

Where nothing in print was found the value is worked out by hand, and the test says so. In the tables of networks a row
is a node: its name, its group, its ties by letter (a is the first row, b the second), and what is printed of it. R4SNA
was read in a public copy of its examples with their output.
"""

import networkx as nx
import pytest

from research_lib.compare.networks import (
    BROKERAGE,
    blau,
    brokerage,
    centralisation,
    co_members,
    ei_index,
    two_mode_density,
)

# Southern Women: how many of 14 events each two of 18 women both went to; on the diagonal, to how many each went.
# Davis, Gardner and Gardner (1941), as printed in D. Schoch, R4SNA, "Two-Mode Networks", "Weighted Projection"
# (schochastics.github.io/R4SNA/descriptive/two-mode-networks.html), and in his earlier "Basic Network Analysis in R".
WOMEN = """
Evelyn     8 6 7 6 3 4 3 3 3 2 2 2 2 2 1 2 1 1
Laura      6 7 6 6 3 4 4 2 3 2 1 1 2 2 2 1 0 0
Theresa    7 6 8 6 4 4 4 3 4 3 2 2 3 3 2 2 1 1
Brenda     6 6 6 7 4 4 4 2 3 2 1 1 2 2 2 1 0 0
Charlotte  3 3 4 4 4 2 2 0 2 1 0 0 1 1 1 0 0 0
Frances    4 4 4 4 2 4 3 2 2 1 1 1 1 1 1 1 0 0
Eleanor    3 4 4 4 2 3 4 2 3 2 1 1 2 2 2 1 0 0
Pearl      3 2 3 2 0 2 2 3 2 2 2 2 2 2 1 2 1 1
Ruth       3 3 4 3 2 2 3 2 4 3 2 2 3 2 2 2 1 1
Verne      2 2 3 2 1 1 2 2 3 4 3 3 4 3 3 2 1 1
Myrna      2 1 2 1 0 1 1 2 2 3 4 4 4 3 3 2 1 1
Katherine  2 1 2 1 0 1 1 2 2 3 4 6 6 5 3 2 1 1
Sylvia     2 2 3 2 1 1 2 2 3 4 4 6 7 6 4 2 1 1
Nora       2 2 3 2 1 1 2 2 2 3 3 5 6 8 4 1 2 2
Helen      1 2 2 2 1 1 2 1 2 3 3 3 4 4 5 1 1 1
Dorothy    2 1 2 1 0 1 1 2 2 2 2 2 2 1 1 2 1 1
Olivia     1 0 1 0 0 0 0 1 1 1 1 1 1 2 1 1 2 2
Flora      1 0 1 0 0 0 0 1 1 1 1 1 1 2 1 1 2 2
"""

# Sampson's monks (1968): whom each liked at any of three times. Ties: the union of SAMPLK1, 2 and 3 of UCINET's
# sampson.dat, its rows in the order of samplike in R's ergm; groups: Turks, Outcasts, Loyal. Last, the printed E-I
# index of a node, here of its outgoing ties: README of R's homophily (B. Knapp 2019), "E-I Index". MONKS_MIXED, the
# ties from group to group, is printed there under "Mixing Matrix" and bears out order and groups.
MONKS = """
John_Bosco   T bcehln   0.0000000
Gregory      T aglno   -1.0000000
Basil        O abmqr   -0.2000000
Peter        L efjk    -1.0000000
Bonaventure  L adikm   -0.2000000
Berthold     L adei    -0.5000000
Mark         T abhlp   -0.6000000
Victor       L abdfij  -0.3333333
Ambrose      L ehlp     0.0000000
Romauld      L dehimn  -0.3333333
Louis        L dehnp   -0.2000000
Winfrid      T abgn    -1.0000000
Amand        O egr      0.3333333
Hugh         T abklo   -0.6000000
Boniface     T abegln  -0.6666667
Albert       T abglo   -1.0000000
Elias        O bcmr    -0.5000000
Simplicius   O abcgmq   0.0000000
"""
MONKS_MIXED = {"TT": 30, "TO": 1, "TL": 5, "OT": 7, "OO": 10, "OL": 1, "LT": 9, "LO": 2, "LL": 23}

# Jemaah Islamiyah: S. Koschade (2006), Studies in Conflict and Terrorism 29, 559-575, table 1, and roles (command,
# operation assistant, bomb maker, suicide bomber, Team Lima), both as in data-raw of R's homophily. Last, as above.
BALI = """
Muklas       c bcdefhioq       0.5555556
Amrozi       o adfg            0.5000000
Imron        o adefhiopq       1.0000000
Samudra      c abcefghijklmnoq  0.7333333
Dulmatin     b acdfhiopq       0.1111111
Idris        c abcdeghioq      0.6000000
Mubarok      o bdf             0.3333333
Azahari      b acdefiopq       0.1111111
Ghoni        b acdefhopq       0.1111111
Arnasan      s dklmn           1.0000000
Rauf         l djlmn          -0.2000000
Octavia      l djkmn          -0.2000000
Hidayat      l djkln          -0.2000000
Junaedi      l djklm          -0.2000000
Patek        b acdefhipq       0.1111111
Feri         s cehioq          1.0000000
Sarijo       b acdefhiop       0.1111111
"""

# Strike in a wood-processing facility: W. de Nooy, A. Mrvar and V. Batagelj, Exploratory Social Network Analysis with
# Pajek, chapter 7; undirected. Last, sna::brokerage(...)$raw.nli (w_I, w_O, b_IO, b_OI, b_O, t) as printed in the labs
# github.com/cllghn/r4sna (2022), "Centrality and Brokerage in statnet", "Gould and Fernandez".
STRIKE = """
Xavier    3 ko        0 0  0  0 0  0
Utrecht   3 egjo      8 0  0  0 0  8
Frank     2 q         0 0  0  0 0  0
Domingo   1 tuw       0 0  0  0 0  0
Norm      3 bilopv   18 0  5  5 0 28
Hal       2 iqx       2 0  0  0 0  2
Russ      3 bjn       4 0  0  0 0  4
Karl      2 lrx       0 0  2  2 0  4
Bob       2 efmrsux  14 0 10 10 2 36
Quint     3 bgv       4 0  0  0 0  4
Wendle    3 ao        0 0  0  0 0  0
Ozzie     3 eh        0 0  1  1 0  2
Ike       2 iqs       4 0  0  0 0  4
Ted       3 gp        2 0  0  0 0  2
Sam       3 abek      8 0  0  0 0  8
Vern      3 en        2 0  0  0 0  2
Gill      2 cfmx     10 0  0  0 0 10
Lanny     2 hix       2 0  0  0 0  2
Mike      2 im        0 0  0  0 0  0
Carlos    1 duw       0 0  0  0 0  0
Alejandro 1 ditw      0 0  3  3 0  6
Paul      3 ej        2 0  0  0 0  2
Eduardo   1 dtu       0 0  0  0 0  0
John      2 fhiqr    12 0  0  0 0 12
"""

# R's cograph 2.x, pages centrality_brokerage_* of sonsoles.me/cograph/reference, which match sna::brokerage: directed;
# coordinator, itinerant (our consultant), representative (b_IO), gatekeeper (b_OI), liaison.
COGRAPH = """
A 1 bc 0 1 0 1 0
B 1 cd 0 0 1 0 0
C 2 d  0 0 0 1 0
D 2 a  0 1 1 0 0
"""


def read(table, kind=nx.Graph):
    """A graph from a table, the groups of its nodes, and what is printed of each node."""
    rows = [line.split() for line in table.strip().splitlines()]
    names = [row[0] for row in rows]
    graph = kind([(name, names["abcdefghijklmnopqrstuvwx".index(tie)]) for name, _, ties, *_ in rows for tie in ties])
    return graph, {row[0]: row[1] for row in rows}, {row[0]: row[3:] for row in rows}


def prints(value, printed):
    """Whether a value reads as printed when rounded to as many decimals."""
    return f"{value + 0:.{len(printed.partition('.')[2])}f}" == printed


def southern_women():
    graph = nx.davis_southern_women_graph()
    nx.set_node_attributes(graph, dict.fromkeys(graph.graph["top"], "organisation"), "mode")
    nx.set_node_attributes(graph, dict.fromkeys(graph.graph["bottom"], "network"), "mode")
    return graph


def florentine(*, pucci):
    graph = nx.florentine_families_graph()
    graph.add_nodes_from(["Pucci"] * pucci)
    return graph


GRAPHS = {
    "karate": nx.karate_club_graph(),
    "florentine": florentine(pucci=False),
    "florentine with Pucci": florentine(pucci=True),
    "star of 5": nx.star_graph(4),
    "star of 10": nx.star_graph(9),
    "ring of 10": nx.cycle_graph(10),
}


@pytest.mark.parametrize(
    ("network", "density"),
    [
        ("karate", "0.139037"),  # KONECT, konect.cc/networks/ucidata-zachary, "Fill"
        ("florentine with Pucci", "0.167"),  # S. Borgatti, analytictech.com/mgt780/exercises/xcohesion.htm, PADGM
    ],
)
def test_networks_are_those_of_the_sources(network, density):
    assert prints(nx.density(GRAPHS[network]), density)


@pytest.mark.parametrize(
    ("network", "measure", "printed"),
    [
        # D. Schoch, R4SNA, "Centrality", "Centralization" (schochastics.github.io/R4SNA/descriptive)
        ("karate", "betweenness", "0.4055572"),
        ("florentine", "betweenness", "0.4368132"),
        ("ring of 10", "degree", "0.0000000"),
        # M. Hoffman, Methods for Network Analysis, "Centrality" (bookdown.org/markhoff/social_network_analysis)
        ("florentine with Pucci", "betweenness", "0.3834921"),
        # docs.rs/rust-igraph/0.6.0, centralization_degree_wrapper: 1 for a star
        ("star of 5", "degree", "1.0"),
        # by hand: the centre is between all pairs of others, and nobody else is between any, so 4 (1 - 0) / 4
        ("star of 5", "betweenness", "1.0"),
        # by hand, from degrees in Hoffman (6 4 4, six of 3, two of 2, four of 1, and Pucci 0: 40 in all)
        ("florentine", "degree", f"{(15 * 6 - 40) / (14 * 13):.7f}"),
        ("florentine with Pucci", "degree", f"{(16 * 6 - 40) / (15 * 14):.7f}"),
    ],
)
def test_centralisation(network, measure, printed):
    assert prints(centralisation(GRAPHS[network], measure), printed)


@pytest.mark.parametrize(
    ("network", "printed"), [("karate", "0.3761141"), ("florentine", "0.2380952"), ("star of 10", "0.8")]
)
def test_degree_centralisation_of_igraph_allows_self_ties(network, printed):
    """Schoch, R4SNA, as above: igraph divides by n(n-1) and not, as Freeman does, by (n-1)(n-2)."""
    graph = GRAPHS[network]
    assert prints(centralisation(graph) * (len(graph) - 2) / len(graph), printed)


def test_two_mode_density():
    """18 women, 14 events, 89 ties are printed (Schoch, R4SNA); the density by hand, as Borgatti and Everett (1997)."""
    graph = southern_women()
    assert (len(graph), graph.number_of_edges()) == (18 + 14, 89)
    assert two_mode_density(graph) == pytest.approx(89 / (18 * 14))
    assert prints(two_mode_density(graph), "0.353")


def test_two_mode_density_of_all_possible_ties():
    """networkx, reference, bipartite.density: 1.0 for complete_bipartite_graph(3, 2)."""
    graph = nx.complete_bipartite_graph(3, 2)
    nx.set_node_attributes(graph, dict(enumerate(["organisation"] * 3 + ["network"] * 2)), "mode")
    assert two_mode_density(graph) == 1.0


def test_co_members():
    graph = southern_women()
    found = co_members(graph)
    women = graph.graph["top"]
    shared = [[int(n) for n in line.split()[1:]] for line in WOMEN.strip().splitlines()]
    assert [
        [graph.degree(u) if u == v else found.get_edge_data(u, v, {"weight": 0})["weight"] for v in women]
        for u in women
    ] == shared
    assert (len(found), found.number_of_edges()) == (18, 139)  # Schoch, R4SNA, as above: "UNW- 18 139"


@pytest.mark.parametrize(
    ("table", "kind", "ties", "printed"), [(MONKS, nx.DiGraph, 88, "-0.4318182"), (BALI, nx.Graph, 63, "0.3650794")]
)
def test_ei_index(table, kind, ties, printed):
    graph, group, nodes = read(table, kind)
    assert graph.number_of_edges() == ties
    assert prints(ei_index(graph, group), printed)
    for node, (own,) in nodes.items():
        assert prints(ei_index(graph.edge_subgraph(graph.edges(node)), group), own), node


def test_ei_index_of_groups():
    """README of homophily: of a group it counts the ties sent to itself and to the groups after it (T, O, L) only."""
    graph, group, _ = read(MONKS, nx.DiGraph)
    mixed = [group[u] + group[v] for u, v in graph.edges()]
    assert {pair: mixed.count(pair) for pair in MONKS_MIXED} == MONKS_MIXED
    for own, after, printed in [("T", "TOL", "-0.6666667"), ("O", "OL", "-0.8181818"), ("L", "L", "-1.0000000")]:
        ties = [(u, v) for u, v in graph.edges() if group[u] == own and group[v] in after]
        assert prints(ei_index(nx.DiGraph(ties), group), printed)


@pytest.mark.parametrize(
    ("counts", "standardised", "printed"),
    [
        # Mathematics Stack Exchange, question 1190631, answer: ten men and ten women; three women and seven men
        ([10, 10], False, "0.5"),
        ([3, 7], False, "0.42"),
        # calculatorultra.com/en/tool/blau-index-calculator.html: 0.5, 0.3, 0.2
        ([50, 30, 20], False, "0.62"),
        # standardised it is the index of qualitative variation. Political views, in tenths of a per cent: Heberle,
        # "Variation handout 2011" (coursehero.com/file/6332000), no. 1, p. 162 of the textbook's 6th edition
        ([36, 122, 120, 380, 141, 168, 33], True, "0.91"),
        # party of Whites and of African Americans: wizedu.com/questions/172885
        ([59, 30, 3, 8], True, "0.7395"),
        ([41, 56, 1, 2], True, "0.6904"),
    ],
)
def test_blau(counts, standardised, printed):
    members = [kind for kind, count in enumerate(counts) for _ in range(count)]
    assert prints(blau(members, standardised=standardised), printed)


@pytest.mark.parametrize(("table", "kind"), [(STRIKE, nx.Graph), (COGRAPH, nx.DiGraph)])
def test_brokerage(table, kind):
    graph, group, nodes = read(table, kind)
    found = brokerage(graph, group)
    for node, printed in nodes.items():
        assert [str(count) for count in found.loc[node]][: len(printed)] == printed, node


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("XXX", "coordinator"),
        ("XYX", "consultant"),
        ("XXY", "representative"),
        ("YXX", "gatekeeper"),
        ("XYZ", "liaison"),
    ],
)
def test_roles_of_one_broker(groups, role):
    """By hand, from the definitions in UCINET's help (analytictech.com/ucinet/help/hs4157.htm): a to b to c."""
    found = brokerage(nx.DiGraph(["ab", "bc"]), dict(zip("abc", groups, strict=True)))
    assert found.loc["b"].to_dict() == {name: int(name == role) for name in BROKERAGE} | {"total": 1}
    assert found.loc[["a", "c"], "total"].sum() == 0


def test_a_closed_pair_needs_no_broker():
    """By hand: as above, but a also reaches c (Gould and Fernandez 1989: no tie from a to c)."""
    assert brokerage(nx.DiGraph(["ab", "bc", "ac"]), dict.fromkeys("abc", "X"))["total"].sum() == 0
