"""A study's layers: points, great circles, outlines; drawn on a map that asks for nothing."""

from base64 import b64decode

import geopandas
import pandas as pd
import pytest
import shapely
from documentation import DOCS, blocks
from pyproj import Geod

from research_lib.errors import StudyError, UnfitDataError
from research_lib.evidence.geography import Layer, lines_of, provinces_of
from research_lib.show import OfflineMap

AT = {"paris": (2.35, 48.85), "beijing": (116.4, 39.9), "fiji": (178.0, -18.0), "lima": (-77.0, -12.0)}
PLACES = pd.DataFrame([(name, *at) for name, at in AT.items()], columns=["id", "longitude", "latitude"])


def line(start, end):
    legs = pd.DataFrame({"from_id": [start], "to_id": [end]})
    return lines_of(legs, PLACES).geometry.iloc[0]


@pytest.mark.parametrize(
    ("name", "rows", "kinds"),
    [("places", "places", {"Point"}), ("legs", "legs", {"LineString", "MultiLineString"})],
)
def test_a_layer_is_its_table_with_shapes(study, name, rows, kinds):
    layer = study.geo(name)
    assert layer.crs == "EPSG:4326" and set(layer.geom_type) == kinds
    pd.testing.assert_frame_equal(pd.DataFrame(layer.drop(columns="geometry")), study[rows])
    west, _, east, _ = layer.total_bounds
    assert west >= -180 and east <= 180


def test_a_leg_is_the_shortest_way():
    drawn, sphere = line("paris", "beijing"), Geod(ellps="sphere")
    assert drawn.geom_type == "LineString" and (drawn.coords[0], drawn.coords[-1]) == (AT["paris"], AT["beijing"])
    shortest = sphere.inv(*AT["paris"], *AT["beijing"])[2]
    assert sphere.geometry_length(drawn) == pytest.approx(shortest, rel=1e-6)
    assert shortest < sphere.geometry_length(shapely.LineString([AT["paris"], AT["beijing"]]).segmentize(1))
    assert max(latitude for _, latitude in drawn.coords) > 55


def test_a_leg_across_the_antimeridian_is_cut_there():
    drawn, sphere = line("fiji", "lima"), Geod(ellps="sphere")
    before, after = drawn.geoms
    assert (before.coords[0], after.coords[-1]) == (AT["fiji"], AT["lima"])
    assert (before.coords[-1][0], after.coords[0][0]) == (180, -180)
    assert before.coords[-1][1] == after.coords[0][1]
    assert sphere.geometry_length(drawn) == pytest.approx(sphere.inv(*AT["fiji"], *AT["lima"])[2], rel=1e-4)


def test_a_leg_the_other_way_across_the_antimeridian_is_cut_there_too():
    there, back = line("fiji", "lima"), line("lima", "fiji")
    assert shapely.equals_exact(back.normalize(), there.normalize(), tolerance=1e-5)
    assert {part.coords[0] for part in back.geoms} == {AT["lima"], (180, there.geoms[0].coords[-1][1])}


def test_a_leg_that_ends_at_the_antimeridian_is_whole():
    ends = pd.DataFrame([("west", 170.0, 0.0), ("edge", 180.0, 0.0)], columns=["id", "longitude", "latitude"])
    for start, end in (("west", "edge"), ("edge", "west")):
        drawn = lines_of(pd.DataFrame({"from_id": [start], "to_id": [end]}), ends).geometry.iloc[0]
        assert drawn.geom_type == "LineString" and drawn.bounds == (170, 0, 180, 0)


@pytest.mark.parametrize(
    ("kilometres", "between"), [(0, 1), (1, 1), (99.9, 1), (100.1, 1), (199.9, 1), (200.1, 2), (299.9, 2), (1000.1, 10)]
)
def test_a_leg_has_a_point_at_least_every_100_kilometres_and_one_between_its_ends(kilometres, between):
    sphere = Geod(ellps="sphere")
    end = sphere.fwd(0, 0, 90, kilometres * 1000)[:2]
    places = pd.DataFrame([("a", 0.0, 0.0), ("b", *end)], columns=["id", "longitude", "latitude"])
    points = lines_of(pd.DataFrame({"from_id": ["a"], "to_id": ["b"]}), places).geometry.iloc[0].coords
    assert len(points) == between + 2
    assert max(sphere.line_lengths(*zip(*points, strict=True))) <= 100_000


def test_a_leg_within_one_place_has_no_length():
    assert line("lima", "lima").length == 0


def test_provinces_are_those_that_places_name(study):
    layer = study.geo("provinces").set_index("iso_3166_2")
    assert layer.loc["CN-ZJ", "place_id"] == "zhejiang;wenzhou" and layer.loc["CN-ZJ", "country_code"] == "CHN"
    places = study["places"].set_index("id")
    for code, row in layer.iterrows():
        assert set(places.loc[row.place_id.split(";"), "iso_3166_2"]) == {code}
    assert "CN-GD" not in layer.index
    assert layer.loc["IT-TO", "geometry"].contains(shapely.Point(7.68, 45.07))


def test_a_code_without_an_outline_has_no_row():
    places = pd.DataFrame({"id": ["a", "b", "c"], "iso_3166_2": ["XX-1", "XX-9", None]})
    outlines = geopandas.GeoDataFrame(
        {"iso_a3": ["XXX", "XXX"], "iso_3166_2": ["XX-1", "XX-2"], "name": ["One", "Two"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs="EPSG:4326",
    )
    found = provinces_of(places, outlines)
    assert found.drop(columns="geometry").values.tolist() == [["XX-1", "One", "XXX", "a"]]


def test_any_other_layer_is_refused(study):
    with pytest.raises(StudyError, match="there are places, legs and provinces"):
        study.geo("claims")


def test_what_is_selected_from_a_layer_is_a_layer(study):
    legs = study.geo("legs")
    routes = study["routes"][["id", "name"]].add_prefix("route_")
    for part in (
        legs.query("leg_order == 1"),
        legs[legs["certainty"] == "stated"],
        legs.merge(routes),
        legs.to_crs(3857),
        legs.explode(),
        pd.concat([legs, legs]),
    ):
        assert type(part) is Layer
    assert type(legs.drop(columns="geometry")) is pd.DataFrame


def explored(layer, *args, **options):
    return layer.explore(*args, **options).get_root().render()


def test_what_a_map_cannot_draw_is_said(study):
    legs = study.geo("legs")
    with pytest.raises(UnfitDataError, match="no option 'tiles'"):
        legs.explore(tiles="OpenStreetMap")
    with pytest.raises(UnfitDataError, match="column 'colour' is missing"):
        legs.explore("colour")
    with pytest.raises(UnfitDataError, match="column 'tip' is missing"):
        legs.explore(tooltip="tip")
    with pytest.raises(UnfitDataError, match=r"'source' has \d+ values"):
        legs.explore("source")


def test_an_empty_layer_and_missing_shapes_and_values_are_drawn(study):
    places = study.geo("places").head(3)[["name", "kind", "geometry"]]
    assert "L.geoJSON" in explored(places.head(0))
    places.loc[0, "geometry"], places.loc[1, "kind"] = None, None
    text = explored(places, "kind")
    assert "name: Europe" not in text and "name: Western Europe" in text and "#6a6f78" in text


def test_tiles_of_another_machine_are_refused():
    with pytest.raises(UnfitDataError, match="put them into a folder"):
        OfflineMap(tiles="https://tile.example/{z}/{x}/{y}.png", attr="Example")


GREY = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCAKLiRZgAAAABJRU5ErkJggg==")
LOOK = """async () => {
  const map = Object.entries(window).find(([name]) => /^map_[0-9a-f]+$/.test(name))[1], tips = [], looks = {};
  if (map._panAnim?._inProgress) await new Promise((done) => map.once("moveend", done));
  map.eachLayer((layer) => {
    if (layer.feature && layer.getTooltip()) tips.push(layer.getTooltip().getContent().innerText);
    const { color, dashArray } = layer.options, look = [color, dashArray].filter(Boolean).join(" ");
    if (layer.feature && layer.getTooltip()) looks[look] = (looks[look] ?? 0) + 1;
  });
  const bounds = map.getBounds();
  return { tips, looks, legend: document.querySelector(".leaflet-bottom.leaflet-right").innerText,
    box: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], pwned: window.pwned ?? null };
}"""


@pytest.fixture
def look(browser, tmp_path):
    """Open a map in a browser: what it asks for, and what it draws."""

    def opened(drawn):
        drawn.save(tmp_path / "map.html")
        context = browser.new_context()
        page, asked, complaints = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((tmp_path / "map.html").as_uri())
        page.wait_for_selector("path.leaflet-interactive")
        found = page.evaluate(LOOK)
        context.close()
        assert complaints == [] and asked == [(tmp_path / "map.html").as_uri()]
        return found

    return opened


@pytest.mark.browser
@pytest.mark.parametrize("name", ["places", "legs", "provinces"])
def test_explore_asks_for_nothing_and_draws_every_row(study, look, name):
    layer = study.geo(name)
    found = look(layer.explore())
    assert len(found["tips"]) == len(layer)
    west, south, east, north = found["box"]
    assert shapely.box(west, south, east, north).covers(shapely.box(*layer.total_bounds))


@pytest.mark.browser
def test_a_column_gives_lines_and_a_legend(study, look):
    legs = study.geo("legs")
    found = look(legs.explore("certainty", tooltip=["from_id", "to_id"]))
    counts = legs["certainty"].value_counts()
    assert sorted(found["looks"].values()) == sorted(counts)
    assert found["legend"].split("\n")[:1] == ["certainty"] and all(value in found["legend"] for value in counts.index)
    assert found["tips"][0] == f"from_id: {legs['from_id'][0]}to_id: {legs['to_id'][0]}"


@pytest.mark.browser
def test_one_map_holds_two_layers(study, look):
    legs, places = study.geo("legs"), study.geo("places")
    found = look(places.explore(color="#000000", m=legs.explore(color="#ff0000")))
    assert found["looks"] == {"#ff0000": len(legs), "#000000": len(places)}


@pytest.mark.browser
def test_texts_of_a_study_are_not_run(study, look):
    hostile = "<img src=x onerror=pwned=1>{{6*7}}</script><script>pwned=1</script>${pwned=1}"
    places = study.geo("places").head(2).assign(name=hostile)
    found = look(places.explore("name", tooltip="name"))
    assert found["tips"] == [f"name: {hostile}"] * 2 and hostile in found["legend"] and found["pwned"] is None


@pytest.fixture
def own_maps(browser, study, tmp_path, monkeypatch):
    """The maps of the how-to page, each opened in a browser where nothing but its folder may be asked for."""
    monkeypatch.chdir(tmp_path)
    names = {}
    for _, text, _ in blocks(DOCS / "how-to/own-map.md"):
        exec(text, names)
    for x, y in ((x, y) for x in range(8, 26) for y in range(4, 20)):
        (tmp_path / f"tiles/5/{x}").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"tiles/5/{x}/{y}.png").write_bytes(GREY)
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    complaints, asked = [], []

    def opened(name):
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        page.goto((tmp_path / name).as_uri())
        page.wait_for_selector("path.leaflet-interactive", state="attached")
        return page

    yield opened
    context.close()
    assert complaints == [] and [url for url in asked if not url.startswith(tmp_path.as_uri())] == []


@pytest.mark.browser
def test_an_own_map_has_layers_to_switch_and_says_the_source_of_what_is_clicked(own_maps, study):
    page = own_maps("map.html")
    drawn, places = page.locator("path.leaflet-interactive"), len(study["places"])
    assert drawn.count() == len(study["legs"]) + places
    page.get_by_label("Legs").uncheck()
    assert drawn.count() == places
    drawn.nth(places - 1).dispatch_event("click")
    told = page.locator(".leaflet-popup-content").inner_text().split()
    assert " ".join(study.sources_of(study["places"]["source"].tail(1)).split()) in " ".join(told)
    page.get_by_label("Places").uncheck()
    assert drawn.count() == 0


@pytest.mark.browser
def test_an_own_map_takes_its_tiles_from_a_folder(own_maps):
    page = own_maps("map-with-tiles.html")
    page.wait_for_function("[...document.querySelectorAll('.leaflet-tile')].every((tile) => tile.naturalWidth)")
    assert page.locator(".leaflet-tile").count() > 4 and "Survey of 1998" in page.inner_text(
        ".leaflet-control-attribution"
    )
