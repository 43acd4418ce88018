"""Widgets: what is chosen is a trait, from the page and from Python; what stands still where no widget is."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
import traitlets
from conftest import NIGHTLY, ROOT, resize, run_first_cell, wait_until_idle
from geopandas import GeoDataFrame, points_from_xy
from ipywidgets import Dropdown, link
from lxml import etree
from second_study import FOLDER

from research_lib import open_study
from research_lib.errors import ResearchError, StudyError, UnfitDataError
from research_lib.evidence.journeys_from_frames import study_from_frames
from research_lib.show import Assessment, NetworkView, Panel, ProfileCards, Provisions, RouteMap

PLACES = GeoDataFrame(
    {"id": ["abidjan", "bamako", "ceuta"], "name": ["Abidjan", "Bamako", "Ceuta"]},
    geometry=points_from_xy([-4.0, -8.0, -5.3], [5.3, 12.6, 35.9]),
    crs=4326,
)
LEGS = pd.DataFrame({"from_id": ["abidjan", "bamako"], "to_id": ["bamako", "ceuta"], "actor": ["self", "smugglers"]})


@pytest.fixture(scope="module")
def second():
    return open_study(FOLDER)


@pytest.mark.parametrize("widget", [RouteMap, ProfileCards, Provisions, Assessment, NetworkView])
def test_each_widget_shows_any_study(widget, second):
    shown = widget(second)
    assert "Synthetic" in shown.html and shown.html.startswith("<main") and shown.selected == ""
    still = shown._repr_mimebundle_()
    data = still[0] if isinstance(still, tuple) else still
    assert "application/vnd.jupyter.widget-view+json" in data
    assert {"text/html", "image/svg+xml"} & data.keys()
    assert shown.to_csv().count("\n") > 1 and "<main" in shown.to_html()


def test_what_is_chosen_is_in_every_form_of_a_study_that_its_folder_names():
    routes = RouteMap(FOLDER, language="fr", filters={"actor": ["coyote"]}, selected="leg:r-02-1", view="journeys")
    assert "Journaliers" in routes.html
    assert routes.to_csv().count("\n") == 1 + 3
    assert '&amp;select=leg%3Ar-02-1&amp;view=journeys"' in routes.to_html()
    drawn = etree.fromstring(RouteMap(FOLDER, filters={"actor": ["coyote"]}).to_svg())
    steps = drawn.xpath('//*[local-name()="g"][@data-legs]')
    shown = {leg for step in steps if "out" not in step.get("class") for leg in step.get("data-legs").split()}
    assert shown == {"r-01-1", "r-02-1", "r-02-2"}
    assert "var(" not in etree.tostring(drawn, encoding="unicode")


def test_a_value_that_a_page_does_not_have_is_refused(second):
    routes = RouteMap(second)
    with pytest.raises(traitlets.TraitError, match=r"selected: select has no 'leg:x'; there are leg:r-01-1, .* more"):
        routes.selected = "leg:x"
    with pytest.raises(traitlets.TraitError, match=r"filters: actor has no 'nobody'; there are "):
        routes.filters = {"actor": ["nobody"]}
    with pytest.raises(traitlets.TraitError, match=r"view: view has no 'moon'; there are journeys"):
        routes.view = "moon"
    with pytest.raises(traitlets.TraitError, match="language: the study has no 'it'; en, fr"):
        routes.language = "it"
    assert routes.language == "en" and "there is no 'actr'" in str(_refusal(routes, filters={"actr": ["coyote"]}))
    with pytest.raises(ResearchError, match=r"is not one drawing; write it with to_html\(\)"):
        ProfileCards(second).to_svg()


def _refusal(widget, **traits):
    with pytest.raises(traitlets.TraitError) as found:
        for name, value in traits.items():
            setattr(widget, name, value)
    return found.value


def test_what_is_saved_is_what_the_page_shows_where_nothing_is_chosen(study):
    routes = RouteMap()
    assert routes.to_csv().count("\n") == 1 + 64
    assert routes.to_csv("").count("\n") == 1 + len(study["legs"])
    with pytest.raises(UnfitDataError, match="give places and legs, both and without a study"):
        RouteMap(legs=LEGS)


def test_traits_are_linked_observed_and_redrawn(second):
    network = NetworkView(second)
    menu = Dropdown(options=[("none", ""), ("river", "n-river"), ("plain", "n-plain")])
    link((menu, "value"), (network, "selected"))
    seen = []
    network.observe(lambda change: seen.append(change.new), "selected")
    menu.value = "n-plain"
    assert network.selected == "n-plain" and seen == ["n-plain"]
    assert "Parish" in network.to_csv() and "Synthetic: Police" not in network.to_csv()
    network.language = "fr"
    assert "Réseau de la plaine" in network.html
    network.study = None
    assert "Synthetic" not in network.html


def test_an_assessment_saves_what_is_known_of_the_situation_chosen(second):
    table = Assessment(second, selected="s-boat").to_csv().splitlines()
    assert len(table) == 1 + 3 and all("s-boat" in line for line in table[1:])


def test_a_map_is_drawn_from_two_frames():
    routes = RouteMap(places=PLACES, legs=LEGS)
    assert routes.to_csv().count("\n") == 1 + 2 and "Abidjan" in routes.to_svg()
    assert "no statement of a source stands behind it" in routes.html
    assert "stated without reserve" not in routes.html and "researchers" not in routes.html
    elsewhere = RouteMap(places=PLACES.to_crs(3857), legs=LEGS)
    assert elsewhere.to_svg() == routes.to_svg()


def test_a_map_of_countries_at_the_antimeridian_and_in_europe_is_drawn():
    names = ["New Zealand", "Samoa", "Niue", "Fiji", "Russia", "United Kingdom"]
    points = points_from_xy([174.8, -171.8, -169.9, 178.4, 37.6, -0.1], [-41.3, -13.8, -19.1, -18.1, 55.8, 51.5])
    places = GeoDataFrame({"id": ["nz", "ws", "nu", "fj", "ru", "gb"], "name": names}, geometry=points, crs=4326)
    for far in ("fj", "ru", "nu") if NIGHTLY else ("fj",):
        pair = places[places["id"].isin([far, "gb"])]
        drawn = RouteMap(places=pair, legs=pd.DataFrame({"from_id": [far], "to_id": ["gb"]})).to_svg()
        assert "United Kingdom" in drawn and not re.search(r"\b(nan|inf)\b", drawn)
    legs = pd.DataFrame({"from_id": places["id"][:-1], "to_id": "gb"})
    assert "Samoa" in RouteMap(places=places, legs=legs).to_svg()


@pytest.mark.parametrize("ids", [[1, 2, 3], ["FR", "fr", "Île d'Yeu"], [1.0, 2.0, 30.0]])
def test_ids_of_any_kind_become_text(ids):
    legs = LEGS.assign(from_id=[ids[0], ids[1]], to_id=[ids[1], float(ids[2]) if ids[2] == 3 else ids[2]])
    routes = RouteMap(places=PLACES.assign(id=ids), legs=legs)
    assert routes.to_csv().count("Bamako,Ceuta") == 1 and "Abidjan – Bamako" in routes.to_csv()


def test_further_columns_are_notes_and_a_name_of_ours_is_not_dropped():
    places = PLACES.assign(population=[5, 6, None], index="x", longitude_of="y")
    routes = RouteMap(places=places, legs=LEGS.assign(source=["a diary", None], year=2015, figure_id="F 7"))
    table = routes.to_csv()
    assert "source: a diary; year: 2015; figure_id: F 7" in table and "population: 5" in routes.html
    assert "population: nan" not in routes.html.lower()


def test_a_weight_of_any_size_is_written_out():
    legs = pd.concat([LEGS, LEGS.iloc[:1]]).assign(
        weight=[1.4e-05, 1 / 3, 1e15 / 7], weight_unit="persons", weight_source="x"
    )
    written = RouteMap(places=PLACES, legs=legs).to_csv()
    for said in ("0.000014", "0.333333333333", "142857142857000"):
        assert f"{said} persons. x." in written


def test_a_weight_is_shown_with_its_unit_and_its_source_and_a_line_without_one_is_no_number():
    routes = RouteMap(
        places=PLACES, legs=LEGS.assign(weight=[1200, None], weight_unit="persons", weight_source="UN {D} 5%")
    )
    first, second = routes.to_csv().splitlines()[1:]
    assert '"1,200 persons"' in first and "1200 persons. UN {D} 5%." in first and "UN {D} 5%. Numbers of flows" in first
    assert "persons" not in second and "No source" in second


def test_a_journey_without_a_name_is_called_by_the_names_of_its_places():
    table = RouteMap(places=PLACES, legs=LEGS).to_csv().splitlines()
    assert [line.split(",")[0].lstrip("\ufeff") for line in table[1:]] == ["Abidjan – Bamako", "Bamako – Ceuta"]


@pytest.mark.parametrize("widget", [RouteMap, ProfileCards, Provisions, Assessment, NetworkView])
def test_what_a_widget_does_not_have_is_refused_and_not_dropped(widget, second):
    with pytest.raises(
        TypeError, match=f"{widget.__name__} takes no 'filter'; the nearest is 'filters'; it takes .*view"
    ):
        widget(second, filter={"actor": ["coyote"]})
    with pytest.raises(TypeError, match=f"{widget.__name__} takes no 'part'"):
        widget(second, part="help")
    with pytest.raises(
        traitlets.TraitError, match="an opened study or None, not a GeoDataFrame; RouteMap takes frames"
    ):
        widget(PLACES)
    with pytest.raises(traitlets.TraitError, match="an opened study or None, not a int"):
        widget(second).study = 3


WEIGHED = LEGS.assign(weight=[1200, 35.5], weight_unit="persons", weight_source="UN {DESA} & 100%")
FRAMES = [
    (PLACES.drop(columns="name"), LEGS, UnfitDataError, "places has no column 'name'; add one, such as places.assign"),
    (PLACES.drop(columns="geometry"), LEGS, UnfitDataError, "has to be a GeoDataFrame of points"),
    (PLACES, pd.concat([LEGS, LEGS[["to_id"]]], axis=1), UnfitDataError, "legs has two columns 'to_id'; rename one"),
    (
        PLACES.assign(id=[1, 1.0, None]),
        LEGS,
        StudyError,
        "(?s)places:2 id: '1' stands there twice.*places:3 id: is empty",
    ),
    (
        PLACES,
        LEGS.assign(from_id=[9, None]),
        StudyError,
        "(?s)legs:1 from_id: '9' stands in no row.*legs:2 from_id: is",
    ),
    (
        PLACES,
        LEGS.assign(weight=5),
        UnfitDataError,
        "a weight without weight_unit: say what is counted, and who says so",
    ),
    (PLACES, WEIGHED.assign(weight=["1,200", "7"]), StudyError, "legs:1 weight: '1,200' is not a number"),
    (PLACES, WEIGHED.assign(weight_source=["x", ""]), StudyError, "legs:2 weight_source: is empty beside a weight"),
    (PLACES, pd.concat([LEGS] * 300), UnfitDataError, "600 rows, and a map shows at most 500; keep some of them"),
    (PLACES, LEGS.iloc[:0], UnfitDataError, "legs is empty"),
    (PLACES, LEGS.drop(columns="to_id"), UnfitDataError, "legs has no column 'to_id'"),
    (PLACES, LEGS.assign(to_id="nowhere"), StudyError, "legs:1 to_id: 'nowhere' stands in no row of places"),
    (PLACES, LEGS.assign(actor="friend"), StudyError, r"legs:1 actor: 'friend' is not one of family"),
]


@pytest.mark.parametrize(("places", "legs", "error", "reason"), FRAMES)
def test_frames_that_cannot_be_drawn_are_refused_with_their_place(places, legs, error, reason):
    with pytest.raises(error, match=reason):
        study_from_frames(places, legs)


LAB = """
from ipywidgets import Label, jslink, link, Dropdown, VBox
from research_lib.show import RouteMap
routes = RouteMap({folder!r})
heard, linked = Label("nothing"), Label()
routes.observe(lambda change: setattr(heard, "value", f"heard {{change.new}}"), "selected")
jslink((routes, "selected"), (linked, "value"))
pick = Dropdown(options=["", "leg:r-04-1"])
link((pick, "value"), (routes, "selected"))
VBox([pick, heard, linked, routes])
"""


@pytest.mark.browser
def test_a_widget_in_jupyterlab_tells_python_what_is_picked_and_shows_what_python_picks(tab, own_lab):
    lab, folder = own_lab
    cell = nbformat.v4.new_code_cell(LAB.format(folder=str(FOLDER)))
    own = nbformat.v4.new_notebook(cells=[cell])
    own.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(own, folder / "own.ipynb")
    page = tab
    resize(page, 1500, 1400)
    page.goto(f"{lab}/own.ipynb?reset")
    wait_until_idle(page)
    run_first_cell(page)
    page.click('.research-page tr [data-select="leg:r-02-1"]')
    page.wait_for_selector("text=heard leg:r-02-1")
    assert page.locator(".widget-label", has_text="leg:r-02-1").count() == 2
    page.select_option(".widget-dropdown select", "leg:r-04-1")
    page.wait_for_selector('.research-page .details h2:has-text("Alone from Puerto Ayacucho")')
    page.wait_for_selector("text=heard leg:r-04-1")
    assert page.locator(".research-page .details dt").first.bounding_box()["width"] > 100
    assert not page.is_visible(".research-page h1")
    assert page.locator(".research-page svg[data-role=map]").first.is_visible()


def test_a_page_that_a_study_lacks_is_named():
    with pytest.raises(ResearchError, match="no page 'cases'"):
        Panel("cases", study=FOLDER)


@pytest.mark.parametrize("widget", [RouteMap, ProfileCards, Provisions, Assessment, NetworkView])
def test_no_message_of_a_widget_is_longer_than_150_kb(widget):
    shown = widget()
    sent = shown.get_state()
    assert max(len(shown.packed), len(shown.details)) <= 150_000
    assert sum(len(str(value)) for value in sent.values() if not isinstance(value, bytes)) < 10_000


RELOADED = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from research_lib.show import RouteMap
widget, heard = RouteMap(sys.argv[2]), []
widget.observe(heard.append, "_esm")
module = Path(sys.argv[1], "research_lib/show/widgets/panel.mjs")
written, ends = module.read_text(encoding="utf-8"), time.monotonic() + 60
while not heard and time.monotonic() < ends:  # a change before the file is watched goes unseen
    module.write_text(written + "// another", encoding="utf-8")
    time.sleep(0.5)
print(str(widget._esm).endswith("// another"), len(heard) > 0, flush=True)
os._exit(0)  # the thread that watches would wait on
"""


@pytest.mark.nightly
def test_a_widget_gets_its_module_anew_when_that_is_changed(tmp_path):
    shutil.copytree(ROOT / "research_lib", tmp_path / "research_lib")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-c", RELOADED, str(tmp_path), str(FOLDER)]
    watched = ours | {"ANYWIDGET_HMR": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=watched, timeout=300)
    assert ended.stdout.split() == ["True", "True"], ended.stderr[-2000:]
