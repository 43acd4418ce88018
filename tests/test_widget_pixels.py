"""Widgets as they look: the colour of land on screen, in JupyterLab, under plain Voilà and on the study's server."""

import re
import shutil
import subprocess
import sys
from ast import literal_eval
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress
from io import BytesIO
from itertools import product

import nbformat
import pytest
import shapely
from conftest import (
    NIGHTLY,
    PATIENCE,
    ROOT,
    answer_dialogs,
    end_lab_kernels,
    free_port,
    resize,
    run_server,
    wait_until_idle,
    wait_until_served,
)
from nbconvert import HTMLExporter
from PIL import Image, ImageChops
from playwright.sync_api import TimeoutError as NotYetError
from second_study import FOLDER
from traitlets.config import Config

from research_lib import open_study
from research_lib.evidence.geography import load_geography
from research_lib.evidence.study_folders import boundaries_of
from research_lib.show import RouteMap
from research_lib.show.design_tokens import token_rules
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.pages.routes.routes_page import routes_page
from research_lib.show.words import study_words

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDGETS = f"""
from ipywidgets import VBox
from research_lib.show import Assessment, NetworkView, ProfileCards, Provisions, RouteMap
maps = [RouteMap({str(FOLDER)!r}), *(RouteMap() for _ in range({int(NIGHTLY)}))]
VBox([*maps, ProfileCards(), Provisions(), Assessment(), NetworkView()])
"""
_AWAY = 12  # 1200ths of the width of a map, from a coast or a border of home to a point that is looked at
HOW_TO = (ROOT / "docs/how-to/dashboards.md").read_text(encoding="utf-8")
USABLE = '.research-page main[data-usable="true"]'


@contextmanager
def plain_voila(folder):
    port = free_port()
    command = [sys.executable, "-m", "voila", str(folder), "--no-browser", f"--port={port}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/voila/tree", process)
        yield f"http://127.0.0.1:{port}/voila/render/"
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def own_server(folder):
    with run_server(folder, notebooks=folder) as (port, _):
        yield f"http://127.0.0.1:{port}/voila/render/"


SERVERS = ["lab", *(pytest.param(each, marks=pytest.mark.nightly) for each in (plain_voila, own_server))]


@pytest.fixture(params=SERVERS, scope="module")
def open_notebook(request, bundle, browser, readable):
    """Opens a notebook of a folder with the template and all widgets, when its last widget answers."""
    if request.param == "lab":
        address, folder = request.getfixturevalue("started_lab")
        served = nullcontext(f"{address}/lab/tree/")
    else:
        folder = readable / request.param.__name__
        folder.mkdir(exist_ok=True)
        served = request.param(folder)
    for name in ("template.ipynb", "routes.png"):
        shutil.copy(ROOT / "dashboards" / name, folder)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WIDGETS)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "widgets.ipynb")
    with served as address:
        before = []

        def opened(name, widgets):
            for page in before:
                browser.leave(page)
            before[:] = [page := browser.tab()]
            resize(page, 1280, 1000)
            page.goto(f"{address}{name}.ipynb{'?reset' * (request.param == 'lab')}", wait_until="commit")
            if request.param == "lab":
                wait_until_idle(page)
            for _ in range(2 * PATIENCE // 10):
                if request.param == "lab":
                    run_all_cells(page)
                with suppress(NotYetError):
                    page.wait_for_selector(f"{USABLE} >> nth={widgets - 1}", timeout=10_000)
                    return page
            pytest.fail(f"no widget answers: {page.locator('body').inner_text()[:2000]}")

        yield opened
        for page in before:
            browser.leave(page)
    if request.param == "lab":
        end_lab_kernels(request.getfixturevalue("started_lab")[0])


def run_all_cells(page):
    """Run all cells of JupyterLab's open notebook, if one has not run: a slow JupyterLab asks for a kernel in between."""
    answer_dialogs(page)
    if page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[ ]").count():
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")


def tokens(scheme):
    light, dark = token_rules("LIGHT", "DARK").split("DARK")
    return dict(re.findall(r"--([\w-]+): (#\w{6});", {"light": light, "dark": dark}[scheme]))


def ground_of(folder):
    """The part of the map that a study's page shows at first, and where its land, home and sea are, off every coast."""
    study = open_study(folder)
    geography = load_geography(boundaries_of(study.path))
    page = routes_page(study, geography, study_words(study, "en"))
    frame, countries = journeys_frame(study), geography["countries"]
    areas, is_home = frame.areas(countries.geometry), countries["iso_a3"].isin(study.settings.home_countries)
    home, land = (
        shapely.union_all([area for area, chosen in zip(areas, codes, strict=True) if chosen])
        for codes in (is_home, ~is_home)
    )
    ids = study["places"].set_index("id")["iso_3166_2"].loc[[place for place, _ in page.map.provinces]]
    filled = geography["provinces"][geography["provinces"]["iso_3166_2"].isin(ids)] if len(ids) else countries.iloc[:0]
    named = shapely.union_all(frame.areas(filled.geometry))
    sea = shapely.box(*page.map.frame) - shapely.union_all([home, land])
    away = {"home": home - named, "land": land, "panel": sea}
    box = next(each.box for each in page.map.organisers if each.id == page.first)
    return box, {token: area.buffer(-_AWAY) for token, area in away.items()}


def points_on(box, ground):
    """Points of a grid over a small map, as shares of its width and height, with the token of their colour."""
    left, top, width, height = box
    for x, y in product(range(1, 20), range(1, 12)):
        point = shapely.Point(left + x / 20 * width, top + y / 12 * height)
        yield from ((token, x / 20, y / 12) for token, area in ground.items() if area.contains(point))


def picture_of(part):
    return Image.open(BytesIO(part.screenshot())).convert("RGB")


def colour_at(picture, x, y):
    """The colour that most pixels around a point have, since a line may cross it."""
    at = round(x * picture.width), round(y * picture.height)
    around = picture.crop((at[0] - 4, at[1] - 4, at[0] + 5, at[1] + 5))
    return Counter(around.get_flattened_data()).most_common(1)[0][0]


def is_near(colour, token):
    return all(abs(seen - int(token[at : at + 2], 16)) <= 6 for seen, at in zip(colour, (1, 3, 5), strict=True))


def right_colours(widget, ground, scheme):
    """How many points of each ground were looked at, and the share of them that have its colour of the scheme."""
    looked, right = Counter(), Counter()
    box, areas = ground
    picture = picture_of(widget.locator('svg[data-role="map"]'))
    for token, x, y in points_on(box, areas):
        looked[token] += 1
        right[token] += is_near(colour_at(picture, x, y), tokens(scheme)[token])
    return {token: (count, right[token] / count) for token, count in looked.items()}


def shares(picture, scheme, *names):
    """The share of a picture's pixels that each token has, and that are black as where no style is."""
    found = Counter(picture.get_flattened_data())
    seen = {
        name: sum(n for colour, n in found.items() if is_near(colour, tokens(scheme)[name])) / found.total()
        for name in names
    }
    return seen | {"black": found[0, 0, 0] / found.total()}


WORDS_CUT = """host => {
  const box = host.getBoundingClientRect(), root = (host.shadowRoot ?? host).querySelector("main");
  const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = document.createRange(), cut = [];
  while (words.nextNode()) {
    const text = words.currentNode;
    range.selectNodeContents(text);
    const { top, left, width } = range.getBoundingClientRect();
    if (!text.data.trim() || !width || text.parentElement.closest(".unseen, svg")) continue;
    if (top < box.top || left < box.left) cut.push(text.data.trim());
  }
  return cut;
}"""
FIRST_LINE_COVERED = """host => {
  const words = document.createRange();
  words.selectNodeContents((host.shadowRoot ?? host).querySelector(".chain output"));
  host.scrollIntoView();
  host.ownerDocument.scrollingElement.scrollTop -= 50;
  const { left, top, bottom } = words.getClientRects()[0];
  return [top + 1, bottom - 1].filter((y) => !host.contains(document.elementFromPoint(left + 5, y)));
}"""


def test_land_has_its_colour_and_no_word_is_cut(open_notebook):
    grounds = [ground_of(folder) for folder in ((FOLDER, ROOT / "data") if NIGHTLY else (FOLDER,))]
    page = open_notebook("widgets", len(grounds) + 4)
    widgets = page.locator(".research-page")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for number, ground in enumerate(grounds):
            seen = right_colours(widgets.nth(number), ground, scheme)
            assert all(seen[token][0] >= 5 and seen[token][1] > 0.8 for token in ("home", "land")), (scheme, seen)
        origins = [picture_of(widgets.nth(len(grounds)).locator("svg.origin").nth(number)) for number in range(3)]
        seen = [shares(origin, scheme, "land", "ink") for origin in origins]
        assert all(each["land"] > 0.1 and each["black"] < 0.01 for each in seen) and seen[0]["ink"] > 0.02, seen
    assert [cut for each in widgets.all() for cut in each.evaluate(WORDS_CUT)] == []


def test_an_exported_notebook_has_the_map_of_the_page_without_a_network(tab, tmp_path):
    shown = RouteMap(FOLDER)
    data, _ = shown._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data=data)])
    priority = literal_eval(re.search(r"display_data_priority='(.*?)'", HOW_TO)[1])
    config = Config(NbConvertBase={"display_data_priority": priority})
    exported, _ = HTMLExporter(config=config).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    (tmp_path / "map.html").write_text(exported, encoding="utf-8")
    (tmp_path / "page.html").write_text(shown.to_html(), encoding="utf-8")
    resize(tab, 1280, 1000)
    pictures = []
    for name in ("map", "page"):
        tab.goto((tmp_path / f"{name}.html").as_uri(), wait_until="commit")
        drawing = tab.locator('.jp-RenderedSVG img, svg[data-role="map"]')
        drawing.wait_for()
        pictures.append(picture_of(drawing).resize((400, 220), Image.Resampling.BOX))
    apart = ImageChops.difference(*pictures).convert("L").get_flattened_data()
    assert sum(each > 24 for each in apart) / len(apart) < 0.05


def test_the_template_s_chart_stands_above_a_map_in_its_colours(open_notebook, request):
    page = open_notebook("template", 1)
    widget = page.locator(".research-page")
    chart = page.locator(".jp-RenderedSVG :is(img, svg)").first
    chart.wait_for()
    narrow = () if "lab" in request.node.name else ((390, "light"),)  # JupyterLab leaves 22 pixels of 390 to a cell
    for width, scheme in ((1280, "light"), (1280, "dark"), *narrow):
        resize(page, width, 1000)
        page.emulate_media(color_scheme=scheme)
        picture, below = chart.bounding_box(), widget.bounding_box()
        assert picture["height"] > 100 and picture["y"] + picture["height"] <= below["y"] + 0.5
        assert widget.evaluate(FIRST_LINE_COVERED) == widget.evaluate(WORDS_CUT) == []
        seen = shares(picture_of(widget.locator('svg[data-role="map"]')), scheme, "land", "home", "panel")
        assert min(seen["land"], seen["home"], seen["panel"]) > 0.05 and seen["black"] < 0.01, (width, scheme, seen)
