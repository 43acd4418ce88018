"""The map of routes: its land and its borders, short paths, and what the page counts."""

import re
from dataclasses import replace
from itertools import pairwise, product

import geopandas
import pytest
import shapely
from conftest import ROOT
from second_study import FOLDER

from research_lib import open_study
from research_lib.compare.routes import leg_table
from research_lib.evidence.geography import load_geography
from research_lib.evidence.settings import TEXT_LANGUAGES
from research_lib.evidence.study_folders import BOUNDARIES, boundaries_of
from research_lib.show.drawing.labels import Drawn, place_labels
from research_lib.show.drawing.map import draw_map
from research_lib.show.drawing.map_ground import borders_between, draw_land, short_path, smooth_path
from research_lib.show.drawing.projection import WIDTH, frame_around, journeys_frame
from research_lib.show.pages.profiles.profile_drawings import home_map
from research_lib.show.pages.routes.routes_page import routes_page
from research_lib.show.words import study_words

STEP = re.compile(r"-?\d+")
PLACE = re.compile(r'<g class="place \w+ tier(\d)[^>]* data-item="place:([\w-]+)"')


@pytest.fixture(scope="module")
def study():
    return open_study(ROOT / "data")


@pytest.fixture(scope="module")
def frame(study):
    return journeys_frame(study)


@pytest.mark.parametrize(
    ("points", "is_closed", "path"),
    [
        ([(0, 0), (1, 0), (1, 1)], False, "M0 0l2 0 0 2"),
        ([(0, 0), (1, 0), (1, 1), (0, 0)], True, "M0 0l2 0 0 2z"),
        ([(1, 1), (0.5, 2), (0.6, 2.1)], False, "M2 2l-1 2"),
        ([(1, 1), (0, 0)], False, "M2 2l-2-2"),
        ([(1, 1), (1.1, 1.1)], False, ""),
    ],
)
def test_a_path_is_steps_on_a_grid_of_half_units(points, is_closed, path):
    assert short_path(points, is_closed=is_closed) == path


def test_a_smooth_path_runs_through_the_ends_and_thirds_of_a_line():
    arc = [(x, x * (90 - x) / 90) for x in range(0, 91, 10)]
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", smooth_path(arc))]
    a, b, c, d = zip(numbers[::2], numbers[1::2], strict=True)
    middle = [(p + 3 * q + 3 * r + s) / 8 for p, q, r, s in zip(a, b, c, d, strict=True)]
    assert (a, d) == (arc[0], arc[-1]) and middle == pytest.approx((45, 22.5), abs=0.1)


SQUARES = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 1, 2)]


def test_a_border_between_two_areas_is_found_once():
    found = {pair: shapely.union_all(pieces).wkt for pair, pieces in borders_between(SQUARES).items()}
    assert {pair: shapely.from_wkt(text).bounds for pair, text in found.items()} == {
        (0, 1): (1, 0, 1, 1),
        (0, 2): (0, 1, 1, 1),
    }


def test_the_border_of_an_area_without_a_code_is_disputed(frame):
    # three neighbours in degrees: the one in the middle has no code
    shapes = [shapely.box(60 + 4 * i, 40, 64 + 4 * i, 44) for i in range(3)]
    countries = geopandas.GeoDataFrame({"iso_a3": ["AAA", None, "BBB"]}, geometry=shapes, crs="EPSG:4326")
    land = draw_land(frame, countries, ["AAA"], (0, 0, WIDTH, frame.height))
    assert land.disputed.count("M") == 2 and land.borders == ""
    assert land.coast.count("M") == land.home.count("M") == 1
    settled = draw_land(frame, countries.assign(iso_a3=["AAA", "CCC", "BBB"]), [], (0, 0, WIDTH, frame.height))
    assert settled.borders.count("M") == 2 and settled.disputed == settled.home == ""


def test_the_outlines_of_the_study_have_disputed_borders_and_the_page_says_what_is_not_drawn(study, frame):
    countries = load_geography(BOUNDARIES)["countries"]
    assert draw_land(frame, countries, ["CHN"], (0, 0, WIDTH, frame.height)).disputed
    for language, said in (("en", "drawn unbroken"), ("fr", "en trait plein")):
        assert said in study_words(study, language)("map.borders")


def test_a_country_opposite_the_centre_of_a_map_does_not_cover_it():
    niger = geopandas.GeoDataFrame({"iso_a3": ["NER"]}, geometry=[shapely.box(4, 12, 15, 22)], crs="EPSG:4326")
    frame = frame_around([(-171.8, -13.8), (-169.9, -19.05)])  # Samoa and Niue; opposite them lies Niger
    left, top, right, bottom = shapely.total_bounds(frame.areas(niger.geometry))
    assert left < 0 < WIDTH < right and top < 0 < frame.height < bottom  # it lies around the map, and not on it
    assert not frame.areas(niger.geometry)[0].intersects(shapely.box(0, 0, WIDTH, frame.height))


def test_the_map_of_a_home_country_at_the_antimeridian_is_centred_on_it():
    geography = load_geography(BOUNDARIES)
    for code, widest in (("NZL", 0.8), ("FJI", 1.6), ("RUS", 2.2)):
        _, _, width, height = home_map(geography, [code], []).box
        assert width / height < widest


def test_land_stays_in_its_box(frame):
    countries = load_geography(BOUNDARIES)["countries"]
    land = draw_land(frame, countries, ["CHN"], (100, 100, 300, 200))
    for ring in land.coast.split("M")[1:]:
        numbers = [int(number) for number in STEP.findall(ring)]
        x, y = sum(numbers[::2]), sum(numbers[1::2])
        assert 200 <= x <= 800 and 200 <= y <= 600


def test_a_name_covers_no_end_of_a_line_and_lies_beside_lines_where_it_can():
    line = shapely.MultiLineString([[(50, 50), (150, 50)]])
    free = place_labels(
        [(50, 50)], ["Paris"], [0], (200, 100), magnifications=[1], drawn=Drawn([(50, 50)], lines=line)
    )[0]
    assert (free.dx < 0 or abs(free.dy) > 6) and free.tier == 0
    taken = [(50 + dx, 50 + dy) for dx in range(-60, 61, 8) for dy in range(-60, 61, 8)]
    full = place_labels([(50, 50)], ["Paris"], [0], (200, 100), magnifications=[1], drawn=Drawn(taken, lines=line))[0]
    assert full.tier == 1


@pytest.mark.parametrize(("name", "tier"), [("Cities", 0), ("中国大城市", 1)])
def test_a_chinese_letter_takes_its_width(name, tier):
    assert place_labels([(4, 50)], [name], [0], (78, 100), magnifications=[1])[0].tier == tier


def test_a_name_that_is_off_its_place_does_not_stand_beside_another():
    taken = [(200 + dx, 200 + dy) for dx in range(-40, 41, 8) for dy in range(-40, 41, 8)]
    for other in product(range(160, 320, 10), range(90, 310, 10)):
        points, names = [(200, 200), (float(other[0]), float(other[1]))], ["Paris", ""]
        label = place_labels(points, names, [0, 1], (400, 400), magnifications=[0.1, 1], drawn=Drawn(taken), first=[0])[
            0
        ]
        left, middle = 200 + label.dx - {"start": 0, "end": 40, "middle": 20}[label.anchor], 200 + label.dy - 5
        box = shapely.box(left, middle - 8, left + 40, middle + 8)
        assert label.lead and box.distance(shapely.Point(points[1])) > 10


@pytest.fixture(scope="module")
def page(study):
    return routes_page(study, load_geography(BOUNDARIES), study_words(study, "en"))


def test_the_numbers_of_steps_add_up(study, page):
    second = open_study(FOLDER)
    steps_add_up(study, page)
    steps_add_up(second, routes_page(second, load_geography(boundaries_of(FOLDER)), study_words(second, "en")))


def steps_add_up(study, page):
    counts = page.counts
    assert counts["all"] == len(page.legs) >= counts["kinds"] >= sum(page.is_shown(leg) for leg in page.legs)
    assert (
        counts["routes"] == counts["one"] + counts["more"] == len(study["routes"]) == len({*study["legs"]["route_id"]})
    )
    assert counts["one"] + 2 * counts["more"] <= counts["all"]
    assert counts["kinds"] == sum(leg.facets["kind"][0] in page.default["kind"] for leg in page.legs)


def test_the_first_map_and_the_tabs_say_how_many_steps_each_organiser_has(bundle):
    html = bundle.document("routes", "en")
    counts = {name: int(count) for name, count in re.findall(r'data-count="(\w+)">(\d+)<', html)}
    assert counts == {"kin": 6, "agency": 9, "smuggler": 18, "unnamed": 31, "all": 64}
    assert 'data-role="said">Described steps: 6. Papers: 5 not stated, 1 regular<' in html
    assert "Routes: 101;" in html.split('class="steps-matrix"')[1]


def test_names_that_the_study_lists_first_are_written_on_a_page_on_every_map_in_every_language(study, bundle):
    first = study.settings.map.labels_first
    for language in bundle.languages_by_page["routes"]:
        single, _, of_all = bundle.document("routes", language).partition('data-organiser="all"')
        tiers, tiers_of_all = (re.findall(PLACE, part) for part in (single, of_all))
        closer = [place for tier, place in tiers + tiers_of_all if place in first and int(tier) > 1]
        assert len(closer) <= (language not in TEXT_LANGUAGES), (language, closer)
        assert {place for _, place in tiers_of_all} >= {*first}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_sentence_at_the_top_chains_the_numbers_of_steps(bundle, language):
    html = bundle.document("routes", language)
    chain = re.search(r'data-role="count" for="filters">(.*?)</output>', html)[1]
    every, shown, others, unnamed = map(int, re.findall(r"\b(?<!#)\d+", chain))
    assert (every, shown) == (119, 64) and shown + others == every
    assert f'data-count="unnamed">{unnamed}<' in html
    assert html.index('<details class="filterbox"') < html.index(chain)  # a choice moves nothing under the pointer


def test_the_first_sentence_of_the_routes_names_only_what_adds_steps(second_page):
    said = ">6 of 6 described steps shown. For 1 of those shown the sources name no organiser.</output>"
    assert said in second_page("routes")


def test_a_line_says_from_to_who_papers_certainty_and_its_journey(page):
    spoken = {leg: step.spoken for each in page.map.organisers for step in each.steps for leg in step.legs}
    assert spoken["r-milan-agency-turin-1"].startswith(
        "Milan to Turin. Organised by: not stated. Papers: irregular. Certainty: a few cases."
    )
    both = spoken["r-smuggling-africa-1"]
    assert spoken["r-smuggling-russia-via-africa-1"] == both and " 2 descriptions." in both
    assert "China → Africa → Western Europe." in both and "China → Africa → Russia → Western Europe." in both
    assert spoken["r-smuggling-africa-2"].endswith("The whole journey: China → Africa → Western Europe.")


@pytest.mark.parametrize(
    ("certainties", "is_unsure"),
    [
        ("stated estimate", False),
        ("stated rumour", False),
        ("hypothesis conclusion", False),
        ("hypothesis anecdotal", True),
        ("rumour not-stated", True),
    ],
)
def test_a_line_is_unsure_where_all_who_describe_it_leave_it_open(study, frame, certainties, is_unsure):
    legs = leg_table(study).set_index("id", drop=False).loc[["r-smuggling-africa-1", "r-smuggling-russia-via-africa-1"]]
    legs = legs.assign(certainty=certainties.split())
    drawn = draw_map(frame, load_geography(BOUNDARIES), study, legs, words=study_words(study, "en"))
    [step] = [step for each in drawn.organisers for step in each.steps]
    assert len(step.legs) == 2 and step.is_unsure == is_unsure


@pytest.mark.parametrize(
    ("kinds", "look"),
    [
        ("kin/regular", ("kin", "regular")),
        ("kin/regular kin/regular", ("kin", "regular")),
        ("kin/regular kin/irregular", ("kin", "several")),
        ("kin/regular agency/regular", ("all", "regular")),
        ("kin/regular agency/regular kin/irregular", ("all", "several")),
    ],
)
def test_a_line_has_the_look_that_all_its_steps_have(page, kinds, look):
    legs = {f"leg{number}": tuple(kind.split("/")) for number, kind in enumerate(kinds.split())}
    assert replace(page.map, kinds=legs).look(legs) == look


def test_a_square_of_the_matrix_has_the_form_of_its_legal_status(study, bundle, second_page):
    squares_have_their_form(study, bundle.document("routes", "en"))
    squares_have_their_form(open_study(FOLDER), second_page("routes"))


def squares_have_their_form(study, html):
    squares = re.findall(r'<svg class="square ([\w-]+)( out)?" data-leg="([^"]+)".*?<path d="([^"]+)"', html)
    statuses = study["legs"].set_index("id")["legal_status"]
    assert len(squares) == html.count('<svg class="square') == len(re.findall('data-row="leg:', html))
    for status, _, leg, path in squares:
        assert status == statuses[leg] and ("l10 10" in path) == (status in ("mixed", "regular-then-irregular"))


def test_journeys_of_several_steps_are_named_from_the_first_place_to_the_last(page):
    assert len(page.journeys) == page.counts["more"]
    journey = page.journeys["r-smuggling-russia-via-africa"]
    assert journey.places == "China → Africa → Russia → Western Europe"
    assert [*journey.legs.values()] == ["China → Africa", "Africa → Russia", "Russia → Western Europe"]


def test_only_provinces_of_the_country_of_origin_are_filled(study, page):
    countries = study["places"].set_index("id")["country_code"]
    assert {countries[place] for place, _ in page.map.provinces} == set(study.settings.home_countries)


def test_numbers_beside_lines_and_ends_of_lines_stay_apart(page):
    for step in (step for each in page.map.organisers for step in each.steps):
        if len(step.legs) > 1:
            assert shapely.LineString(step.curve.line).distance(shapely.Point(step.curve.beside)) > 10
        assert len(step.curve.line) > 2 and all(a != b for a, b in pairwise(step.curve.line))
