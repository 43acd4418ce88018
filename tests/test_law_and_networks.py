"""Provisions, ways, roles and networks compared: small tables by hand, then the report's own statements computed."""

import math

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.compare import networks, provisions, roles
from research_lib.errors import ResearchError
from research_lib.evidence.vocabulary.common_codes import CODES
from research_lib.evidence.vocabulary.study_vocabularies import Vocabularies


def frame(text):
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().split("\n")]
    return pd.DataFrame(lines, columns=head).replace("", pd.NA)


PROVISIONS = frame(
    """
    id | country_code | topic_code       | feature           | presence | date
    1  | FRA          | offence          | trafficking-offence | in-force | 2003-03
    2  | ITA          | offence          | trafficking-offence | in-force | 2003
    3  | FRA          | reflection-period | reflection-period | in-force | 2007-09-13
    4  | SVK          | reflection-period | reflection-period | in-force | 2007-01-01
    5  | ITA          | hotline          | national-hotline  | in-force | 2000
    6  | SVK          | hotline          | national-hotline  | planned  |
    7  | SVK          | shelter          | dedicated-shelters | absent  |
    8  | ITA          | shelter          | dedicated-shelters | planned  |
    9  | ITA          | shelter          | dedicated-shelters | in-force |
    10 | FRA          | funding          |                   | in-force | 1997
    """
)


class Tables(dict):
    """Tables by name, with no codes of their own."""

    vocabularies = Vocabularies()


STUDY = Tables(provisions=PROVISIONS)
PATHWAYS = {
    "pathways": frame(
        """
        id | country_code | from_code       | to_code          | text | condition   | provision_id
        a  | FRA          | identification  | reflection-period | A.  |             | 3
        b  | FRA          | reflection-period | complaint      | B.   | she decides |
        c  | FRA          | complaint       | temporary-permit | C.   | a complaint | 1;3
        d  | FRA          | complaint       | temporary-permit | D.   |             | 1
        e  | FRA          | hotline         | shelter          | E.   |             |
        """
    )
}


def test_the_matrix_takes_the_firmest_and_says_what_is_not_described():
    table = provisions.matrix(STUDY)
    assert table.columns.tolist() == ["topic_code", "FRA", "ITA", "SVK"]
    assert table.loc["dedicated-shelters"].tolist() == ["shelter", "not-described", "in-force", "absent"]
    assert table.loc["national-hotline"].tolist() == ["hotline", "not-described", "in-force", "planned"]
    assert len(table) == 4


def test_differences_come_first():
    kinds = provisions.differences(STUDY)["kind"]
    assert kinds.to_dict() == {
        "dedicated-shelters": "differs",
        "national-hotline": "differs",
        "trafficking-offence": "open",
        "reflection-period": "open",
    }
    assert kinds.tolist() == sorted(kinds, key=["differs", "open", "alike", "none"].index)


def test_a_gap_says_who_is_silent_and_who_is_said_to_lack_it():
    gaps = provisions.gaps(STUDY).set_index("feature")
    assert gaps.loc["national-hotline"].tolist() == ["hotline", "ITA", ("SVK",), ("FRA",)]
    assert "reflection-period" not in gaps.index


def test_the_timeline_is_in_order_and_within_its_years():
    table = provisions.timeline(STUDY, 1997, 2003)
    assert table["id"].tolist() == ["10", "5", "2", "1"]
    assert table["year"].tolist() == [1997, 2000, 2003, 2003]


OPEN = ("not-described", "formerly-absent")


def brute_similarity(table, first, second):
    """Every way of filling what is not described, each a share of what both have of what either has."""
    pairs = {(0, 0)}
    for a, b in zip(table[first], table[second], strict=True):
        options = [
            (x, y)
            for x in ((True, False) if a in OPEN else (a in ("in-force", "practice"),))
            for y in ((True, False) if b in OPEN else (b in ("in-force", "practice"),))
        ]
        pairs = {(both + (x and y), either + (x or y)) for both, either in pairs for x, y in options}
    found = [both / either for both, either in pairs if either]
    return (min(found), max(found)) if found else (math.nan, math.nan)


def test_the_similarity_s_range_is_that_of_every_way_to_fill_what_is_not_described():
    table = provisions.matrix(STUDY)
    for found in provisions.similarity(STUDY):
        assert (found.low, found.high) == pytest.approx(brute_similarity(table, found.first, found.second))


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(*[st.sampled_from(["in-force", "practice", "planned", "absent", *OPEN])] * 2),
        min_size=1,
        max_size=7,
    )
)
def test_the_similarity_s_range_is_right_for_any_two_countries(presences):
    rows = [
        {"country_code": country, "topic_code": "offence", "feature": feature, "presence": presence}
        for feature, pair in zip(CODES["features"], presences, strict=False)
        for country, presence in zip(("FRA", "ITA"), pair, strict=True)
        if presence != "not-described"
    ]
    some = [{"country_code": country, "topic_code": "offence", "presence": "in-force"} for country in ("FRA", "ITA")]
    study = Tables(provisions=pd.DataFrame([*some, *rows]).reindex(columns=PROVISIONS.columns))
    (found,) = provisions.similarity(study)
    least, most = brute_similarity(provisions.matrix(study), "FRA", "ITA")
    assert (found.low, found.high) == pytest.approx((least, most), nan_ok=True)


def test_the_ends_of_the_ways_say_whether_all_pass_through_a_complaint():
    pathways = frame(
        """
        id | country_code | from_code      | to_code          | text | condition | provision_id
        1  | FRA          | identification | complaint        | a    |           |
        2  | FRA          | complaint      | temporary-permit | b    |           |
        3  | FRA          | hotline        | shelter          | c    |           |
        5  | ITA          | identification | complaint        | e    |           |
        6  | ITA          | complaint      | temporary-permit | f    |           |
        7  | ITA          | hotline        | temporary-permit | g    |           |
        4  | SVK          | programme-long | tolerated-stay   | d    |           |
        """
    )
    table = provisions.destinations(Tables(pathways=pathways))
    assert [tuple(row) for row in table.to_numpy()] == [
        ("FRA", "temporary-permit", 1, True),
        ("FRA", "shelter", 1, False),
        ("ITA", "temporary-permit", 2, False),
        ("SVK", "tolerated-stay", 0, None),
    ]


def test_a_way_joins_steps_and_keeps_their_conditions_and_provisions():
    graph = provisions.pathway(PATHWAYS, "FRA")
    step = graph.edges["complaint", "temporary-permit"]
    assert (step["steps"], step["text"], step["condition"]) == (("c", "d"), "C. D.", "a complaint")
    assert step["provision_id"] == ("1", "3")
    assert provisions.ways(graph, "temporary-permit") == [
        ("identification", "reflection-period", "complaint", "temporary-permit")
    ]
    assert provisions.needs(graph, "temporary-permit", "complaint") is True
    assert provisions.needs(graph, "expulsion", "complaint") is None
    assert provisions.depth(graph) == {
        "identification": 0,
        "hotline": 0,
        "reflection-period": 1,
        "shelter": 1,
        "complaint": 2,
        "temporary-permit": 3,
    }
    with pytest.raises(ResearchError, match="no way through the system of DEU"):
        provisions.pathway(PATHWAYS, "DEU")
    with pytest.raises(ResearchError, match="'heaven' is not a station"):
        provisions.ways(graph, "heaven")


DEFINITION = frame(
    """
    entities | mutual | shared | contract | network | formality  | why
    3        | yes    | yes    | yes      | yes     | formal     |
    22       | yes    | yes    | no       | yes     | informal   |
    2        | yes    | yes    | yes      | no      | formal     | entities
    1        | yes    | yes    |          | no      | not-stated | entities
    12       | no     | yes    | yes      | no      | formal     | mutual_relations
             | yes    | yes    | yes      | unknown | formal     | entities
    4        |        | yes    |          | unknown | not-stated | mutual_relations
    2        |        |        |          | no      | not-stated | entities
    """
)
TRUTH = {"yes": True, "no": False, "unknown": None}


@pytest.mark.parametrize("row", list(DEFINITION.itertuples()), ids=str)
def test_what_is_a_network_by_the_report_s_definition(row):
    found = networks.is_network(
        entities=None if pd.isna(row.entities) else int(row.entities),
        mutual_relations=TRUTH.get(row.mutual) if pd.notna(row.mutual) else None,
        shared_objectives=TRUTH.get(row.shared) if pd.notna(row.shared) else None,
        contractual=TRUTH.get(row.contract) if pd.notna(row.contract) else None,
    )
    assert (found.is_network, found.formality) == (TRUTH[row.network], row.formality)
    if pd.notna(row.why):
        assert row.why in (*found.failed, *found.unknown)


def test_a_range_of_entities_counts_from_its_lower_end():
    common = {"mutual_relations": True, "shared_objectives": True}
    assert networks.is_network(entities=(3, None), **common).is_network is True
    assert networks.is_network(entities=(2, 5), **common).is_network is None
    assert networks.is_network(entities=(None, 2), **common).is_network is False


def test_each_condition_is_met_failed_or_not_known():
    judged = pd.DataFrame({"network_id": ["a"], "failed": [("entities",)], "unknown": [("shared_objectives",)]})
    judged = judged.assign(is_network=False)
    assert networks.conditions(judged).loc["a"].to_dict() == {
        "entities": "no",
        "mutual_relations": "yes",
        "shared_objectives": "not-known",
        "is_a_network": "no",
    }


def test_members_are_counted_by_agency_once_a_network_without_those_who_only_pay():
    members = frame(
        """
        network_id | organisation_id | agency_type | role
        small      | house           | ngo         | member
        large      | house           | ngo         | lead
        large      | house           | ngo         | member
        large      | town            | municipality | member
        large      | parish          | ngo         | member
        large      | bank            | other       | funder
        large      |                 | police      | member
        small      |                 | municipality | member
        large      |                 | ngo         | member
        """
    )
    table = networks.members_by_agency(Tables(memberships=members))
    assert table["large"].to_dict() == {"ngo": 2, "municipality": 1}
    assert table.loc["ngo", "small"] == 1 and table.loc["municipality", "small"] is pd.NA  # told of, and not named
    assert list(table) == ["large", "small"] and list(table.index) == ["ngo", "municipality"]


def test_measures_of_nothing_are_said_to_be_nothing():
    empty = nx.Graph()
    assert networks.centralisation(empty) == 0 and networks.two_mode_density(empty) == 0
    assert math.isnan(networks.ei_index(empty, {})) and math.isnan(networks.blau([]))


def test_italy_works_in_networks_of_many_agencies(study):
    table = networks.countries(study).set_index("country_code")
    assert table.loc["ITA", "multi_agency"] >= 4
    assert table.loc[["FRA", "SVK"], "multi_agency"].tolist() == [0, 0]
    made_up = networks.measures(study).set_index("network_id")
    judged = networks.judge_networks(study).set_index("network_id")
    italian = made_up[(made_up["country_code"] == "ITA") & judged["is_network"].eq(True) & (made_up["named"] > 3)]
    assert (italian["types"] >= 4).all() and len(italian) >= 3


def test_france_has_one_network_and_federations(study):
    table = networks.countries(study).set_index("country_code")
    assert table.loc["FRA", "networks"] == 1
    assert table.loc["FRA", "federations"] >= 2
    assert table.loc["FRA", "federations"] > table.loc["SVK", "federations"]


def test_slovakia_works_in_ties_of_two(study):
    table = networks.countries(study).set_index("country_code")
    assert table.loc["SVK", "networks"] == 0
    assert table.loc["SVK", "ties"] >= 5
    graph = networks.two_mode(study, "SVK")
    referral = "network:iom-referral"
    assert networks.centralisation(graph.subgraph([referral, *graph[referral]])) == 1


def test_candidates_are_judged_as_the_report_judges_them(study):
    table = networks.judge_networks(study).set_index("network_id")
    assert table["agrees"].all(), table[~table["agrees"]]
    names = study["networks"].set_index("id")["name"]
    said = {key: table.loc[key] for key in table.index if table.loc[key, "verdict"] == "not-a-network"}
    assert any("Amicale" in names[key] for key in said) and any("IOM" in names[key] for key in said)
    nid = next(row for key, row in said.items() if "Amicale" in names[key] and "Anne" not in names[key])
    assert nid["failed"] == ("entities",)
    iom = next(row for key, row in said.items() if "IOM" in names[key])
    assert iom["failed"] == ("mutual_relations",)


def test_eighteen_respondents_of_three_countries(study):
    respondents = study["organisations"].query("is_respondent")
    assert respondents["country_code"].value_counts().to_dict() == {"ITA": 9, "FRA": 5, "SVK": 4}


STATED = """
partnership                | roles stated | profiles stated
emergendo                  | 15           | 8
migration-information-centre | 9          | 6
longue-marche              | 8            | 10
se-reconstruire            | 12           | 16
"""


def test_the_report_s_own_counts_of_roles_stand_beside_what_its_tables_list(study):
    figures = study["figures"].set_index("id")["value"]
    documented = study["documented_profiles"]
    certain = documented[documented["documented"] != "not-known"].groupby("partnership_id").size()
    assert study["roles"].groupby("partnership_id").size().loc[["emergendo", "longue-marche"]].tolist() == [15, 6]
    for line in STATED.strip().splitlines()[1:]:
        name, roles_stated, profiles_stated = (cell.strip() for cell in line.split("|"))
        assert figures[f"f-2-3-6-{name}-roles"] == int(roles_stated)
        assert figures[f"f-2-3-6-{name}-profiles"] == int(profiles_stated)
        most = documented.groupby("partnership_id").size()[name]
        assert certain[name] <= int(profiles_stated) <= most


def test_twenty_eight_reports_and_who_went_where(study):
    flows = roles.exchange_flows(study)
    assert flows.sum().sum() == 28
    assert flows.sum(axis=1).to_dict() == {
        "emergendo": 15,
        "migration-information-centre": 6,
        "longue-marche": 3,
        "se-reconstruire": 4,
    }
    assert flows["emergendo"].sum() + flows.loc["emergendo"].sum() == 26
    assert pd.isna(flows.loc["emergendo", "emergendo"])


def test_what_partnerships_share_is_a_range(study):
    for found in roles.overlaps(study):
        assert 0 < found.low <= found.high < 1
        assert not set(found.both) & {*found.only_first, *found.only_second}
    everywhere = set.intersection(*(set(found.both) for found in roles.overlaps(study)))
    names = study["professional_profiles"].set_index("id")["name"]
    assert {names[key].split()[0] for key in everywhere} == {"Legal", "Psychologist", "Social"}


def test_the_titles_of_the_pages_hold(study):
    assert set(study["comparisons"]["relation"]) == {"alike", "not-known"}
    table = provisions.matrix(study)
    assert set(table.loc["permit-requires-co-operation", ["FRA", "SVK"]]) == {"in-force"}
    assert table.loc["permit-without-co-operation", "ITA"] == "in-force"
    assert "permit-without-co-operation" in set(provisions.gaps(study).query("country_code == 'ITA'")["feature"])
    france, italy = (provisions.pathway(study, code) for code in ("FRA", "ITA"))
    assert provisions.needs(france, "long-term-permit", "complaint") is True
    assert provisions.needs(italy, "work-or-study-permit", "complaint") is False
