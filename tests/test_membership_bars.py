"""Networks as bars: who is counted, what a group says, and what the drawing promises."""

import re
from itertools import combinations

import pytest
from conftest import ROOT

from research_lib import open_study
from research_lib.compare import networks as net
from research_lib.errors import ResearchError
from research_lib.show.drawing.membership_bars import FAMILIES, UNIT, column_widths, draw_bars, folded, segments
from research_lib.show.pages.networks.networks_page import networks_page
from research_lib.show.pages.networks.networks_picture import networks_image
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


def test_the_name_of_a_group_follows_its_number_and_stays_in_its_column():
    group = ("municipality", "Municipalities of the whole network", 141, True)
    drawn = draw_bars([("Network", segments([group, ("municipality", "others", None, True)]))], [*FAMILIES])
    unknown, told = drawn.pills
    lines = [text for text in drawn.texts if text.role == "group"]
    assert (unknown.text, told.text) == ("?", "141") and told.y > unknown.y
    assert " ".join(line.text for line in lines) == "Municipalities of the whole network"
    assert lines[0].x > told.x + told.width and {line.x for line in lines[1:]} == {told.x}
    assert [line.y - lines[0].y for line in lines] == [18 * at for at in range(len(lines))]
    (religious,) = [text.x for text in drawn.texts if text.role == "none" and text.x > told.x][:1]
    assert max(line.x + 7.2 * len(line.text) for line in lines) < religious


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


def test_the_drawing_holds_a_square_for_each_organisation(study, words, page):
    svg = networks_image(study, words)
    drawn = sum(int(count) for count in re.findall(r"h(\d+)\"", svg)) / UNIT
    assert drawn == sum(len(part.organisations) for each in page.networks for part in each.bar)
    assert svg.count("<rect") - 1 == sum(shown_groups(part) for each in page.networks for part in each.bar)


def shown_groups(part):
    """All groups where no number is told, else the largest alone."""
    return 1 if any(group.count for group in part.groups) else len(part.groups)


def test_of_several_groups_the_picture_of_all_shows_the_largest_and_that_of_one_network_every_one(study, words, page):
    alone = words("networks.one_of_groups", count="N")
    for each in page.networks:
        for part in each.bar:
            kept = folded(part, lambda count: words("networks.one_of_groups", count=count))
            is_folded = len(part.groups) > 1 and any(group.count for group in part.groups)
            assert (kept.groups != part.groups) == is_folded and kept.organisations == part.organisations
            if is_folded:
                assert kept.groups[0].name == alone.replace("N", str(len(part.groups)))
                svg = networks_image(study, words, each.id)
                assert svg.count("<rect") - 1 == sum(len(other.groups) for other in each.bar)


def test_no_word_of_a_group_is_broken(study, words, page):
    for each in (each for each in page.networks if each.members):
        drawn = draw_bars([(each.fact.title, each.bar)], [*FAMILIES])
        lines = {text.text for text in drawn.texts if text.role == "group"}
        named = {word for part in each.bar for group in part.groups for word in group.name.split()}
        assert {word for line in lines for word in line.split() if len(word) <= 16} <= {
            piece for word in named for piece in (word, *re.findall(r"[^-]+-?", word))
        }


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
