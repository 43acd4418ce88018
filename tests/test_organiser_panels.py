"""The small maps of who organises: which steps they hold, and how their lines are drawn."""

import re
from itertools import combinations

import numpy as np
import pytest
import shapely
from conftest import ROOT
from second_study import FOLDER, add, make_second_study

from research_lib import open_study
from research_lib.compare.routes import leg_table
from research_lib.evidence.geography import boundaries_of, load_geography
from research_lib.show.drawing.labels import Label
from research_lib.show.drawing.ladder.box_text import width_of
from research_lib.show.drawing.organiser_panels import ORGANISERS, draw_panels, organiser_of
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.pages.routes.routes_page import routes_page
from research_lib.show.pages.shared.default_journeys import shown_journeys, touching
from research_lib.show.pages.shared.panels_shown import UNITS, shown_panels
from research_lib.show.words import study_words


@pytest.fixture(scope="module", params=["data", "tests/orinoco"])
def study(request):
    return open_study(ROOT / request.param)


@pytest.fixture(scope="module")
def legs(study):
    table = touching(study, leg_table(study))
    return table[table["kind"].isin(shown_journeys(study)) & (table["touches"] == "own")]


@pytest.fixture(scope="module")
def geography(study):
    return load_geography(boundaries_of(study.path))


@pytest.fixture(scope="module")
def drawn(study, legs, geography):
    return draw_panels(journeys_frame(study), geography["countries"], study, legs)


def line(step):
    return shapely.LineString(step.curve.line)


def test_every_leg_stands_in_one_panel_once(legs, drawn):
    held = [leg for panel in drawn.panels for step in panel.steps for leg in step.legs]
    assert sorted(held) == sorted(legs["id"])


def test_a_leg_stands_in_the_panel_of_its_first_organiser(legs, drawn):
    actors = dict(zip(legs["id"], legs["actor"], strict=True))
    for panel in drawn.panels:
        assert {organiser_of(actors[leg]) for step in panel.steps for leg in step.legs} == {panel.id}


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
def test_organisers_have_their_panels(actors, panel):
    assert organiser_of(actors) == panel


def test_an_organiser_that_a_study_adds_has_a_panel_of_its_own():
    assert organiser_of(["coyote"]) == "own"


def test_steps_with_the_same_ends_and_status_are_one_line(drawn):
    for panel in drawn.panels:
        keys = [(step.start, step.end, step.status) for step in panel.steps]
        assert len(set(keys)) == len(keys)


def test_a_line_of_a_country_ends_at_its_outline_or_between_neighbours_in_it_with_a_bracket(study, geography, drawn):
    panes, places = drawn.panes, study["places"].set_index("id", drop=False)
    countries = geography["countries"].set_index("iso_a3")
    checked = 0
    for step in (step for panel in drawn.panels for step in panel.steps if step.start != step.end):
        for place, at in ((step.start, 0), (step.end, -1)):
            row = places.loc[place]
            if row["kind"] != "country" or row["country_code"] not in countries.index:
                continue
            area = panes.area(panes.frame.areas(countries.loc[[row["country_code"]]].geometry)[0])
            end = shapely.Point(line(step).coords[at])
            assert area.distance(end) < 2
            if line(step).length > 120 * panes.unit:
                assert area.boundary.distance(end) < 2
            checked += 1
        assert bool(step.curve.brackets) == any(
            places.at[place, "kind"] == "country" for place in (step.start, step.end)
        )
    assert checked


def test_no_line_is_straight_and_none_passes_under_a_place_it_does_not_touch(drawn):
    for panel in drawn.panels:
        dots = {spot.id: shapely.Point(spot.x, spot.y) for spot in panel.spots if spot.kind != "country"}
        for step in panel.steps:
            drawn_line = line(step)
            ends = shapely.Point(drawn_line.coords[0]).distance(shapely.Point(drawn_line.coords[-1]))
            assert drawn_line.length > ends * 1.0005 or drawn_line.length < 60
            passed = [
                dot for dot, at in dots.items() if dot not in (step.start, step.end) and at.distance(drawn_line) < 8
            ]
            assert passed == [], (step.start, step.end)


CSS = (ROOT / "research_lib/show/pages/shared/page.css").read_text(encoding="utf-8")
CLASSES = [(0, UNITS[0])] + [
    (16 * int(least), float(unit))
    for least, unit in re.findall(r"min-width: (\d+)rem\) { \.panel { --unit: calc\(([\d.]+) /", CSS)
]


def test_the_style_sheet_draws_names_as_large_as_they_are_placed_and_shows_one_tier_more_at_each_width():
    assert tuple(unit for _, unit in CLASSES) == UNITS
    tiers = re.findall(r"min-width: (\d+)rem\) { \.panel \.tier(\d) :is\(text, \.lead\) { visibility: visible", CSS)
    assert [(16 * int(least), int(tier)) for least, tier in tiers] == [
        (least, tier) for tier, (least, _) in enumerate(CLASSES) if tier
    ]


@pytest.fixture(scope="module", params=["en", "fr"])
def shown(request, study, geography):
    """The panels of the routes page, those of all steps of its kinds, and the two of the home page."""
    table, words = touching(study, leg_table(study)), study_words(study, request.param)
    table = table[table["kind"].isin(shown_journeys(study))]
    kinds = table["actor"].map(organiser_of)
    first = kinds.isin([panel for panel in ORGANISERS if (kinds == panel).any()][:2])
    chosen = (table[table["touches"] == "own"], table, table[first])
    return [panel for legs in chosen for panel in shown_panels(study, geography, legs, words).panels]


@pytest.fixture(scope="module")
def shown_first(study, geography, legs):
    """The panels of the routes page in both languages."""
    languages = (study_words(study, language) for language in ("en", "fr"))
    return [panel for words in languages for panel in shown_panels(study, geography, legs, words).panels]


@pytest.mark.parametrize("width", range(300, 1110, 10))
def test_names_lie_on_no_other_name_dot_or_end_of_a_line_at_any_width_of_a_panel(shown, width):
    place = max(place for place, (least, _) in enumerate(CLASSES) if least <= width)
    letters = 13 * CLASSES[place][1] * width / 1200
    assert letters >= 12 or width < 310
    for panel in shown:
        across = panel.box[2]
        names = [spot for spot in panel.spots if spot.label.tier <= place]
        boxes = [box(spot, width / across, letters) for spot in names]
        assert [(a, b) for a, b in combinations(boxes, 2) if a.intersects(b)] == []
        ends = [point for step in panel.steps for point in step.curve.ends]
        dots = [(spot.x, spot.y) for spot in names if spot.kind not in ("country", "beyond")]
        points = shapely.points(np.array([*ends, *dots]) * width / across)
        assert not any(name.intersects(points).any() for name in boxes)


@pytest.mark.parametrize("width", [320, 384, 544, 704])
def test_few_names_of_a_map_lie_on_a_line_and_each_has_a_halo_of_the_ground(shown_first, width):
    assert ".panel .place text { stroke-width: 5px; }" in CSS
    assert re.search(r"\.place text \{[^}]*paint-order: stroke; stroke: var\(--panel\)", CSS)
    place = max(place for place, (least, _) in enumerate(CLASSES) if least <= width)
    for panel in shown_first:
        scale = width / panel.box[2]
        lines = shapely.MultiLineString([np.array(step.curve.line) * scale for step in panel.steps])
        names = [spot for spot in panel.spots if spot.label.tier <= place]
        boxes = [box(spot, scale, 13 * CLASSES[place][1] * width / 1200) for spot in names]
        assert sum(name.intersects(lines) for name in boxes) <= max(2, len(panel.steps) // 3)  # one map has many lines


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


def box(spot, scale, letters):
    """Where a name lies, for letters of some height in pixels, of a typeface that is wide."""
    width, label, part = width_of(spot.label.text, letters), spot.label, letters / 13
    x, y = spot.x * scale + label.dx * part, spot.y * scale + label.dy * part
    left = {"start": x, "end": x - width, "middle": x - width / 2}[label.anchor]
    return shapely.box(left, y - 0.95 * letters, left + width, y + 0.25 * letters)


def test_a_line_to_a_place_beyond_the_map_stops_at_the_edge_with_its_name_and_an_arrow(shown):
    for panel in shown:
        left, top, width, height = panel.box
        part = shapely.box(left, top, left + width, top + height)
        assert all(part.covers(shapely.MultiPoint(step.curve.ends)) for step in panel.steps)
        for spot in (spot for spot in panel.spots if spot.kind == "beyond"):
            steps = [step for step in panel.steps if spot.id in (step.start, step.end)]
            assert any((spot.x, spot.y) in step.curve.ends for step in steps)
            assert part.exterior.distance(shapely.Point(spot.x, spot.y)) < 20 and spot.label.tier == 0
            assert spot.label.text[-2:] in (" ←", " ↑", " →", " ↓")


def test_the_map_of_agencies_names_what_lies_beyond_it():
    study = open_study(ROOT / "data")
    legs = leg_table(study)
    legs = legs[legs["kind"].isin(shown_journeys(study))]
    panels = shown_panels(study, load_geography(boundaries_of(study.path)), legs, study_words(study, "en")).panels
    agencies = next(panel for panel in panels if panel.id == "agency")
    assert [spot.label.text for spot in agencies.spots if spot.kind == "beyond"] == ["North America ↑"]


def test_a_panel_shows_all_its_places_and_one_of_near_places_is_larger(drawn):
    for panel in drawn.panels:
        left, top, width, height = panel.box
        assert all(left <= spot.x <= left + width and top <= spot.y <= top + height for spot in panel.spots)
        assert panel.zoom == pytest.approx(1200 / width, abs=0.01)


def test_legs_of_journeys_that_touch_no_country_of_the_study_are_elsewhere(study):
    table = touching(study, leg_table(study))
    country = study["places"].set_index("id")["country_code"]
    own = table.loc[table["touches"] == "own"]
    ends = own[["from_id", "to_id", "origin_id", "destination_id"]].map(country.get).isin(study.settings.countries)
    assert ends.any(axis=1).groupby(own["route_id"]).any().all()
    assert set(table["touches"]) <= {"own", "elsewhere"}
    assert touching(study, leg_table(study).iloc[:0]).empty


JOURNEYS = """
route     origin   destination  from     to       touches
to-here   agadez   arauca       agadez   tripoli  own
to-here   agadez   arauca       tripoli  arauca   own
told-part agadez   cucuta       agadez   tripoli  own
elsewhere agadez   tripoli      agadez   tripoli  elsewhere
"""


def test_a_leg_between_transit_countries_stays_on_the_maps_of_its_journey(tmp_path):
    folder = make_second_study(tmp_path / "own")
    at = {"kind": "city", "located_by": "city"}
    away = {"agadez": ("NER", "16.97", "7.99"), "tripoli": ("LBY", "32.89", "13.18")}
    names = ("country_code", "latitude", "longitude")
    same = {"source": "rivers2021[1]", "lines": "58-59"}
    add(
        folder,
        "places",
        [
            {"id": place, "name": place, "name_fr": place, **dict(zip(names, cells, strict=True)), **at}
            for place, cells in away.items()
        ],
    )
    rows = [line.split() for line in JOURNEYS.strip().splitlines()[1:]]
    said = {
        "actor": "coyote",
        "legal_status": "irregular",
        "certainty": "stated",
        "informant": "ngo",
        "claim_id": "c-01",
        "text": "Synthetic: made up.",
        "text_fr": "Fictif : inventé.",
        **same,
    }
    kinds = {"kind": "displacement", "mode_of_entry": "smuggled"}
    routes = {route: {"id": route, "origin_id": start, "destination_id": end} for route, start, end, *_ in rows}
    add(
        folder,
        "routes",
        [{**each, **kinds, **said, "name": each["id"], "name_fr": each["id"]} for each in routes.values()],
    )
    legs = [
        {"id": f"leg-{number}", "leg_order": str(number), "route_id": route, "from_id": start, "to_id": end, **said}
        for number, (route, _, _, start, end, _) in enumerate(rows, start=1)
    ]
    add(folder, "legs", [{**leg, "mode": "on-foot", "purpose": "transit"} for leg in legs])
    study = open_study(folder)
    found = touching(study, leg_table(study)).set_index("id")["touches"]
    expected = {leg["id"]: row[-1] for leg, row in zip(legs, rows, strict=True)}
    assert {leg: found[leg] for leg in expected} == expected
    page = routes_page(study, load_geography(boundaries_of(FOLDER)), study_words(study, "en"))
    drawn = {leg for panel in page.panels.panels for step in panel.steps for leg in step.legs}
    shown = {leg.id for leg in page.legs if page.is_shown(leg)}
    assert drawn == shown >= {leg for leg, touches in expected.items() if touches == "own"}
    assert not shown & {leg for leg, touches in expected.items() if touches == "elsewhere"}
