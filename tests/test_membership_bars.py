"""Networks as bars: who is counted, and how groups without names are put in words."""

import pytest
from conftest import ROOT

from research_lib import open_study
from research_lib.compare import networks as net
from research_lib.show.pages.networks.membership_bars import (
    FAMILIES,
    UNIT,
    column_widths,
    group_names,
    segments,
    unnamed,
)
from research_lib.show.pages.networks.networks_page import networks_page
from research_lib.show.words import study_words


@pytest.fixture(scope="module", params=["data", "tests/orinoco"])
def study(request):
    return open_study(ROOT / request.param)


@pytest.fixture(scope="module", params=["en", "fr"])
def words(study, request):
    return study_words(study, request.param)


@pytest.fixture(scope="module")
def page(study, words):
    return networks_page(study, words)


def test_members_are_sorted_into_families_in_one_order():
    found = segments(
        [
            ("police", "Questura", None, False),
            ("ngo", "On the Road", None, False),
            ("municipality", "towns", 141, True),
            ("municipality", "other towns", None, True),
        ]
    )
    assert [part.family for part in found] == list(FAMILIES)
    told = {part.family: (part.organisations, [group.count for group in part.groups]) for part in found}
    assert told["civil"] == (("On the Road",), [])
    assert told["public"] == ((), [141, None])
    assert told["justice"] == (("Questura",), [])
    assert told["health"] == ((), [])


def test_a_column_is_as_wide_as_its_longest_row_and_a_group_adds_nothing():
    many = segments([("ngo", f"n{number}", None, False) for number in range(30)])
    group = segments([("municipality", "towns", 141, True)])
    widths = column_widths([many, group])
    assert widths[0] >= 30 * UNIT and widths[2] == widths[1]


GROUPS = """
ngo One; municipality towns 141                          | also without names: 141 towns
ngo One; police offices; municipality towns 141          | also without names: 141 towns · offices
municipality towns 141; ngo clubs                        | no organisation by name, only: 141 towns · clubs
ngo One; ngo a 3; ngo b; police c 40; health d           | also 4 groups without names; the largest number told: 40 c
ngo a; ngo b; police c; health d                         | no organisation by name, only 4 groups without names
ngo One                                                  |
"""


@pytest.mark.parametrize("line", GROUPS.strip().splitlines())
def test_groups_without_names_are_one_line_with_their_numbers(line):
    members, said = (part.strip() for part in line.split("|"))
    rows = [(*each.split(), "")[:3] for each in members.split("; ")]
    bar = segments((kind, name, int(count) if count else None, name.islower()) for kind, name, count in rows)
    assert unnamed(bar, study_words(open_study(ROOT / "data"), "en")) == said


def test_each_network_stands_once_under_its_verdict(study, page):
    judged = net.judge_networks(study).set_index("network_id")["is_network"]
    told = {True: "yes", False: "no", None: "unknown"}
    shown = {each.id: block.fits for block in page.blocks for home in block.homes for each in home.networks}
    assert shown == {key: told[value] for key, value in judged.items()}
    assert sum(block.count for block in page.blocks) == len(shown) == len(page.networks)


def test_bars_count_the_organisations_that_take_part_by_name(study, page):
    named = net.measures(study).set_index("network_id")[["named", "groups"]]
    for each in page.networks:
        assert sum(len(part.organisations) for part in each.bar) == named.at[each.id, "named"], each.id
        assert sum(len(part.groups) for part in each.bar) == named.at[each.id, "groups"], each.id


def named_and_told(bar):
    """The number by name, then that of each group."""
    yield sum(len(part.organisations) for part in bar)
    yield from (group.count or 0 for part in bar for group in part.groups)


def test_the_largest_group_stands_first_and_one_without_a_number_last(words):
    groups = [("ngo", "a", None, True), ("ngo", "b", 3, True), ("federation", "c", 40, True)]
    assert group_names(segments(groups), words) == ("40 c", "3 b", "a")


def test_networks_stand_by_country_and_size(study, page):
    first = page.blocks[0]
    assert {*study.countries} <= {home.code for home in first.homes}
    for block in page.blocks:
        for home in block.homes:
            sizes = [max(named_and_told(each.bar)) for each in home.networks]
            assert sizes == sorted(sizes, reverse=True)
    ties = [tie[0] for tie in page.ties]
    assert [home.ties for home in first.homes] == [ties.count(home.code) for home in first.homes]


def test_a_block_says_once_of_which_families_none_of_its_structures_names_an_organisation(page):
    for block in page.blocks:
        bars = [each.bar for home in block.homes for each in home.networks if each.is_named]
        named = {part.family for bar in bars for part in bar if part.organisations}
        assert block.empty == [family for family in FAMILIES if family not in named] * bool(bars)
    assert any(block.empty for block in page.blocks)
