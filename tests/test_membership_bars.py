"""Networks as bars: who is counted, how groups without names are put in words, what the drawing promises."""

import html
import re
from itertools import combinations

import pytest
from conftest import ROOT

from research_lib import open_study
from research_lib.compare import networks as net
from research_lib.errors import ResearchError
from research_lib.show.drawing.membership_bars import FAMILIES, UNIT, column_widths, draw_bars, segments
from research_lib.show.pages.networks.networks_page import networks_page
from research_lib.show.pages.networks.networks_picture import networks_image
from research_lib.show.pages.networks.unnamed_groups import unnamed
from research_lib.show.words import study_words

HUE = re.compile(r"#[0-9a-f]{6}|rgb\([^)]*\)|var\([^)]*\)")
TEXT = re.compile(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
INK_AND_GREYS = {"#1b1e23", "#fbfaf7", "#555b66", "#6a6f78"}


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


def test_the_largest_group_stands_first_and_one_without_a_number_last():
    groups = [("ngo", "a", None, True), ("ngo", "b", 3, True), ("federation", "c", 40, True)]
    assert [group.name for group in segments(groups)[0].groups] == ["c", "b", "a"]


def test_networks_stand_by_country_and_size(study, page):
    first = page.blocks[0]
    assert {*study.countries} <= {home.code for home in first.homes}
    for block in page.blocks:
        for home in block.homes:
            sizes = [max(named_and_told(each.bar)) for each in home.networks]
            assert sizes == sorted(sizes, reverse=True)
    ties = [tie[0] for tie in page.ties]
    assert [home.ties for home in first.homes] == [ties.count(home.code) for home in first.homes]


def boxes(svg):
    for x, y, text in TEXT.findall(svg):
        yield float(x), float(y), float(x) + 6.2 * len(text), text


def test_words_of_the_drawing_do_not_overlap_and_stay_inside(study, words):
    svg = networks_image(study, words)
    width = float(re.search(r'width="([\d.]+)"', svg)[1])
    placed = [box for box in boxes(svg) if box[3] not in ("?", *map(str, range(200)))]
    assert [text for _, _, end, text in placed if end > width + 8] == []
    hits = [
        (first[3], second[3])
        for first, second in combinations(placed, 2)
        if abs(first[1] - second[1]) < 12 and first[0] < second[2] and second[0] < first[2]
    ]
    assert hits == []


def test_the_drawing_has_ink_and_greys_only_and_nothing_smaller_than_12(study, words):
    svg = networks_image(study, words)
    assert {*HUE.findall(svg)} <= INK_AND_GREYS
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) >= 12


def test_the_drawing_holds_a_block_for_each_organisation_and_none_for_a_group(study, words, page):
    svg = networks_image(study, words)
    drawn = sum(int(count) for count in re.findall(r"h(\d+)\"", svg)) / UNIT
    assert drawn == sum(len(part.organisations) for each in page.networks for part in each.bar)
    assert svg.count("<rect") == 1


def test_the_picture_of_all_says_what_a_row_says_and_that_of_one_network_names_every_group(study, words, page):
    pieces = {piece for each in page.networks for piece in each.unnamed.split()}
    assert pieces <= {
        word for _, _, _, text in boxes(html.unescape(networks_image(study, words))) for word in text.split()
    }
    for each in page.networks:
        assert each.is_folded == (len(each.groups) > 3)
        if each.groups:
            said = " ".join(text for _, _, _, text in boxes(html.unescape(networks_image(study, words, each.id))))
            assert all(name in said for name in each.groups)


def test_one_network_is_drawn_alone_and_one_without_members_is_refused(study, words, page):
    largest = max(page.networks, key=lambda each: sum(len(part.organisations) for part in each.bar))
    others = [each.fact.title for each in page.networks if each.id != largest.id]
    svg = networks_image(study, words, largest.id)
    assert largest.bar[0].organisations[0] in svg.replace("&#39;", "'").replace("&amp;", "&")
    assert [name for name in others if f">{name}<" in svg] == []
    for each in page.networks:
        if not each.members:
            with pytest.raises(ResearchError, match="names no members"):
                networks_image(study, words, each.id)


def test_an_empty_place_is_a_dash():
    drawn = draw_bars([("Network", segments([("ngo", "One", None, False)]))], [*FAMILIES])
    assert [text.text for text in drawn.texts if text.role == "none"] == ["–"] * (len(FAMILIES) - 1)


def test_a_block_says_once_of_which_families_none_of_its_structures_names_an_organisation(page):
    for block in page.blocks:
        bars = [each.bar for home in block.homes for each in home.networks if each.is_named]
        named = {part.family for bar in bars for part in bar if part.organisations}
        assert block.empty == [family for family in FAMILIES if family not in named] * bool(bars)
    assert any(block.empty for block in page.blocks)
