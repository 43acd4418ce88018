"""The map of who organises: which steps each organiser has, where places stand, and how lines are drawn."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from conftest import ROOT

from research_lib import open_study
from research_lib.compare.routes import leg_table
from research_lib.evidence.geography import load_geography
from research_lib.evidence.study_folders import boundaries_of
from research_lib.show.drawing import organiser_panels
from research_lib.show.drawing.labels import Label
from research_lib.show.drawing.map import ALL, MAGNIFICATIONS, draw_map
from research_lib.show.drawing.organiser_panels import organiser_of
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.pages.routes.map_titles import map_titles
from research_lib.show.pages.routes.routes_page import routes_page
from research_lib.show.pages.shared.content import shown_journeys
from research_lib.show.words import study_words

LETTERS = 14  # pixels, as in page.css


@pytest.fixture(scope="module", params=["data", "tests/orinoco"])
def study(request):
    return open_study(ROOT / request.param)


@pytest.fixture(scope="module")
def legs(study):
    return leg_table(study)


@pytest.fixture(scope="module")
def geography(study):
    return load_geography(boundaries_of(study.path))


@pytest.fixture(scope="module")
def first(study, legs):
    return legs[legs["kind"].isin(shown_journeys(study))]


@pytest.fixture(scope="module", params=["en", "fr"])
def drawn(request, study, legs, geography, first):
    words = study_words(study, request.param)
    return draw_map(journeys_frame(study), geography, study, legs, words=words, first={*first["id"]})


def line(step):
    return shapely.LineString(step.curve.line)


def test_every_leg_stands_on_one_map_once(legs, drawn):
    held = [leg for each in drawn.organisers for step in each.steps for leg in step.legs]
    assert sorted(held) == sorted(legs["id"])


def test_where_a_map_has_very_many_lines_each_joins_countries(study, legs, geography, monkeypatch):
    monkeypatch.setattr(organiser_panels, "_MOST", 0)
    places = study["places"].set_index("id")
    with_place = {*places.loc[places["kind"] == "country", "country_code"]}
    drawn = draw_map(journeys_frame(study), geography, study, legs, words=study_words(study, "en"))
    *maps, of_all = drawn.organisers
    gathered = [each for each in drawn.organisers if each.is_by_country]
    for some in (maps, [of_all]):
        assert sorted(leg for each in some for step in each.steps for leg in step.legs) == sorted(legs["id"])
    assert len({(step.start, step.end) for step in of_all.steps}) == len(of_all.steps)
    assert gathered == [*maps, of_all]
    for step in (step for each in gathered for step in each.steps):
        ends = places.loc[[step.start, step.end]]
        assert {*ends.loc[ends["kind"] != "country", "country_code"]}.isdisjoint(with_place)
        assert f"{len(step.legs)} descriptions" in step.spoken or len(step.legs) == 1


def test_a_leg_stands_on_the_map_of_its_first_organiser(legs, drawn):
    actors = dict(zip(legs["id"], legs["actor"], strict=True))
    for each in drawn.organisers:
        assert {organiser_of(actors[leg]) for step in each.steps for leg in step.legs} <= {each.id}
    assert [each.id for each in drawn.organisers if not each.steps] == [ALL]


@pytest.mark.parametrize(
    ("actors", "panel"),
    [
        (["family", "not-stated"], "kin"),
        (["job-agency"], "agency"),
        (["criminal-organisation"], "smuggler"),
        (["self"], "herself"),
        (["not-stated"], "unnamed"),
    ],
)
def test_organisers_have_their_maps(actors, panel):
    assert organiser_of(actors) == panel


def test_an_organiser_that_a_study_adds_has_a_map_of_its_own():
    assert organiser_of(["coyote"]) == "own"


def test_steps_with_the_same_ends_and_status_are_one_line(drawn):
    for each in drawn.organisers:
        keys = [(step.start, step.end, *drawn.look(step.legs)) for step in each.steps]
        assert len(set(keys)) == len(keys)


def test_a_country_without_a_place_is_a_ring_inside_it_and_never_its_capital(study, geography, drawn):
    frame, places = journeys_frame(study), study["places"].set_index("id", drop=False)
    countries, checked = geography["countries"].set_index("iso_a3"), 0
    for mark in drawn.organisers[-1].marks:
        row, at = places.loc[mark.spot.id], shapely.Point(mark.spot.at)
        if row["kind"] != "country" or row["country_code"] not in countries.index or mark.spot.kind == "beyond":
            continue
        area = frame.areas(countries.loc[[row["country_code"]]].geometry)[0]
        assert mark.spot.kind == "ring" and area.contains(at), mark.spot.id
        if not area.buffer(-mark.spot.radius).is_empty:
            assert area.buffer(-mark.spot.radius + 1).contains(at), mark.spot.id
        checked += 1
    assert checked


def test_a_city_is_a_dot_and_what_has_no_place_a_ring(study, drawn):
    places = study["places"].set_index("id")
    for mark in drawn.organisers[-1].marks:
        row = places.loc[mark.spot.id]
        if row["kind"] in ("country", "province", "world-region") or row["located_by"] == "drawing-point":
            assert mark.spot.kind in ("ring", "beyond")
        else:
            assert mark.spot.kind in ("dot", "beyond")
        assert (mark.spot.radius > 0) == (mark.spot.kind == "ring")


def test_a_place_stands_at_the_same_spot_on_every_map_and_rings_shown_at_first_lie_apart(drawn, first):
    spots = {}
    for mark in (mark for each in drawn.organisers for mark in each.marks):
        assert spots.setdefault(mark.spot.id, mark.spot) == mark.spot
    used = {*first["from_id"], *first["to_id"]}
    rings = [spot for spot in spots.values() if spot.id in used and spot.kind == "ring"]
    for one, other in combinations(rings, 2):
        assert shapely.Point(one.at).distance(shapely.Point(other.at)) > one.radius + other.radius


def test_a_line_leads_from_ring_to_ring_and_stays_on_the_map(drawn):
    spots = {mark.spot.id: mark.spot for mark in drawn.organisers[-1].marks}
    edge = shapely.box(0, 0, drawn.frame[2], drawn.frame[3])
    for step in (step for each in drawn.organisers for step in each.steps if step.start != step.end):
        for place, end in ((spots[step.start], step.curve.line[0]), (spots[step.end], step.curve.line[-1])):
            far = shapely.Point(place.at).distance(shapely.Point(end))
            assert far < place.radius + 12 and (far > place.radius - 1 or line(step).length < 40)
        assert edge.contains(line(step))


def test_no_line_shown_at_first_is_straight_and_few_pass_under_a_place_they_do_not_touch(drawn, first):
    shown, passed, lines = {*first["id"]}, 0, 0
    for each in drawn.organisers:
        steps = [step for step in each.steps if not shown.isdisjoint(step.legs)]
        used = {place for step in steps for place in (step.start, step.end)}
        spots = [mark.spot for mark in each.marks if mark.spot.id in used]
        for step in steps:
            ends = shapely.Point(step.curve.line[0]).distance(shapely.Point(step.curve.line[-1]))
            assert line(step).length > ends * 1.0005 or line(step).length < 60
            lines += 1
            passed += sum(
                shapely.Point(spot.at).distance(line(step)) < max(spot.radius, 8)
                for spot in spots
                if spot.id not in (step.start, step.end)
            )
    assert passed <= lines // 4


@pytest.mark.parametrize("tier", range(len(MAGNIFICATIONS)))
def test_names_lie_on_no_other_name_dot_or_end_of_a_line_from_their_magnification_on(drawn, tier):
    scale = MAGNIFICATIONS[tier]
    for each in drawn.organisers:
        names = [mark for mark in each.marks if mark.label.tier <= tier]
        boxes = [box(mark, scale) for mark in names]
        assert [(a, b) for a, b in combinations(boxes, 2) if a.intersects(b)] == []
        ends = [point for step in each.steps for point in (step.curve.line[0], step.curve.line[-1])]
        points = shapely.points(
            np.array([*ends, *(mark.spot.at for mark in each.marks if mark.spot.kind == "dot")]) * scale
        )
        assert not any(name.intersects(points).any() for name in boxes)


@pytest.mark.parametrize("language", ["en", "fr", "it", "sk", "zh-Hans"])
def test_most_names_of_what_is_shown_at_first_stand_on_a_page(study, geography, first, language):
    at_first = {*first["id"]}
    for each in routes_page(study, geography, study_words(study, language)).map.organisers[:-1]:
        seen = [step for step in each.steps if at_first & {*step.legs}]
        shown = {place for step in seen for place in (step.start, step.end)}
        tiers = [mark.label.tier for mark in each.marks if mark.spot.id in shown]
        assert sum(tier <= 1 for tier in tiers) >= 0.6 * len(tiers), each.id


@pytest.mark.parametrize(
    ("dx", "dy", "anchor", "lead"),
    [
        (7, 4, "start", ""),
        (28, 8, "end", ""),
        (28, 8, "start", "M8.0 0.0L28.0 0.0"),
        (-28, 8, "end", "M-8.0 0.0L-28.0 0.0"),
        (7, -22, "start", "M2.8 -7.5L7.0 -19.0"),
    ],
)
def test_a_short_line_leads_from_a_place_to_a_name_that_stands_off_it(dx, dy, anchor, lead):
    assert Label("Europe", dx, dy, anchor, tier=0).lead == lead


def box(mark, scale):
    """Where a name lies, for letters of a typeface that is wide."""
    width, label = 0.6 * LETTERS * len(mark.label.text), mark.label
    x, y = mark.x * scale + label.dx, mark.y * scale + label.dy
    left = {"start": x, "end": x - width, "middle": x - width / 2}[label.anchor]
    return shapely.box(left, y - 0.9 * LETTERS, left + width, y + 0.2 * LETTERS)


def test_a_place_beyond_the_map_has_its_name_at_the_edge_with_an_arrow(drawn):
    edge = shapely.box(0, 0, drawn.frame[2], drawn.frame[3]).exterior
    for mark in (mark for each in drawn.organisers for mark in each.marks if mark.spot.kind == "beyond"):
        assert edge.distance(shapely.Point(mark.spot.at)) < 20
        assert mark.label.text[-2:] in (" ←", " ↑", " →", " ↓")


def test_a_map_shows_all_places_and_lines_of_its_organiser(drawn):
    for each in drawn.organisers:
        left, top, width, height = each.box
        assert height / width == pytest.approx(drawn.frame[3] / drawn.frame[2], abs=0.01)
        part = shapely.box(left, top, left + width, top + height)
        assert all(part.covers(shapely.Point(mark.spot.at)) for mark in each.marks)
        assert all(part.covers(line(step)) for step in each.steps)


def test_titles_say_by_way_of_where_or_from_where_to_where():
    study = open_study(ROOT / "data")
    legs = leg_table(study)
    first = legs[legs["kind"].isin(shown_journeys(study))]
    titles = map_titles(study, first, study_words(study, "en"))
    stops = {place for _, own in first.groupby("route_id") for place in own["to_id"].iloc[:-1]}
    names = study["places"].set_index("id")["name"]
    smuggled = first[first["actor"].map(organiser_of) == "smuggler"]
    met = {names[place] for place in {*smuggled["from_id"], *smuggled["to_id"]} & stops - {"china", "france", "italy"}}
    assert titles["smuggler"].startswith("Smugglers and criminal organisations: by way of ")
    assert all(name in titles["smuggler"] for name in met) and len(met) == 5
    assert titles["kin"] == "Relatives: from China to Italy and France"
    assert titles["agency"] == "Agencies and employers: from China to 8 countries and parts of the world"
    assert set(map_titles(study, first, study_words(study, "fr"))) == set(titles)
