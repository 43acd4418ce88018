"""Notebooks of the kinds that people serve with Voilà, each with a control that it reacts to."""

import re
from collections.abc import Iterable
from pathlib import Path

import nbformat

DROPDOWN = """
import ipywidgets as widgets

shown = widgets.Label("nothing is chosen")
control = widgets.Dropdown(options=["France", "Italy"], value=None, description="Country")
control.observe(lambda change: setattr(shown, "value", f"{change.new} is chosen"), "value")
widgets.VBox([control, shown])
"""
INTERACT = """
from ipywidgets import interact


@interact(years=(0, 10))
def squared(years=3):
    return f"{years} years squared are {years**2}"
"""
IPYLEAFLET = """
import ipywidgets as widgets
from ipyleaflet import GeoJSON, Map

square = {"type": "Polygon", "coordinates": [[[0, 40], [9, 40], [9, 49], [0, 40]]]}
layer = GeoJSON(data={"type": "Feature", "properties": {"name": "here"}, "geometry": square})
shown = widgets.Label("no click")
layer.on_click(lambda **event: setattr(shown, "value", f"a click on {event['properties']['name']}"))
map = Map(center=(45, 5), zoom=4, layers=[layer])
widgets.VBox([map, shown])
"""
FOLIUM = """
import folium
import geopandas
from shapely.geometry import box

from research_lib.show import OfflineMap

land = geopandas.GeoSeries([box(0, 40, 9, 49)], crs=4326)
map = OfflineMap(land, location=[45, 5], zoom_start=4)
folium.CircleMarker([45, 5], fill=True, tooltip="a place here").add_to(map)
map
"""
ASKS_ELSEWHERE = """
import folium

folium.Map([45, 5], zoom_start=4)
"""
ALTAIR = """
import altair
import pandas

counts = pandas.DataFrame({"country": ["France", "Italy"], "women": [3, 5]})
altair.Chart(counts).mark_bar().encode(x="women", y="country", tooltip="women")
"""
MATPLOTLIB = """
import ipywidgets as widgets
from matplotlib import pyplot


def draw(change):
    shown.clear_output(wait=True)
    with shown:
        pyplot.plot([0, change.new])
        pyplot.title(f"a line to {change.new}")
        pyplot.show()
        print(f"a line to {change.new}")


shown, control = widgets.Output(), widgets.IntText(description="End")
control.observe(draw, "value")
control.value = 7
widgets.VBox([control, shown])
"""
OUTPUT = """
import ipywidgets as widgets
import pandas
from IPython.display import display

shown, control = widgets.Output(), widgets.Button(description="Show the table")


@shown.capture(clear_output=True)
def show(button):
    display(pandas.DataFrame({"country": ["Slovakia"]}))


control.on_click(show)
widgets.VBox([control, shown])
"""
UPLOAD = """
import ipywidgets as widgets

shown, control = widgets.Label("no file"), widgets.FileUpload(accept=".csv")
control.observe(lambda change: setattr(shown, "value", f"{len(change.new[0].content)} bytes"), "value")
widgets.VBox([control, shown])
"""
DOWNLOAD = """
import base64
from pathlib import Path

from IPython.display import HTML

text = base64.b64encode(Path("beside.csv").read_bytes()).decode()
HTML(f'<a download="beside.csv" href="data:text/csv;base64,{text}">Save the table</a>')
"""
PROGRESS = """
import threading
import time

import ipywidgets as widgets

bar, control = widgets.IntProgress(max=5, description="Steps"), widgets.Button(description="Compute")
shown = widgets.Label("not computed")


def compute():
    for bar.value in range(1, 6):
        time.sleep(0.2)
    shown.value = "computed"


control.on_click(lambda button: threading.Thread(target=compute).start())
widgets.VBox([control, bar, shown])
"""
ANYWIDGET = """
import anywidget
import traitlets

ESM = '''
export default { render({ model, el }) {
  const button = document.createElement("button");
  const show = () => { button.textContent = `pressed ${model.get("times")} times`; };
  button.addEventListener("click", () => { model.set("times", model.get("times") + 1); model.save_changes(); });
  model.on("change:times", show);
  show();
  el.append(button);
} };
'''


class Counter(anywidget.AnyWidget):
    _esm = ESM
    times = traitlets.Int(0).tag(sync=True)


Counter()
"""
KINDS = {
    "dropdown": ("Which country?", DROPDOWN),
    "interact": ("How many years?", INTERACT),
    "ipyleaflet": ("Where is it, with ipyleaflet?", IPYLEAFLET),
    "folium": ("Where is it, with folium?", FOLIUM),
    "altair": ("How many, in a chart of Altair?", ALTAIR),
    "matplotlib": ("How does it go on?", MATPLOTLIB),
    "output": ("What does the table hold?", OUTPUT),
    "upload": ("How long is your file?", UPLOAD),
    "download": ("What can be saved?", DOWNLOAD),
    "progress": ("How long does it take?", PROGRESS),
    "anywidget": ("How often was it pressed?", ANYWIDGET),
}


# The notebook that each kind stands in by day, so that several share a kernel; at night each has its own.
SHARED = dict.fromkeys(("dropdown", "interact", "output", "upload", "download", "matplotlib"), "dropdown")
SHARED |= {"ipyleaflet": "ipyleaflet", "folium": "ipyleaflet", "anywidget": "ipyleaflet"}


def notebooks_of(kinds: Iterable[str], *, each_alone: bool) -> dict[str, list[str]]:
    """The names of notebooks, each with its kinds."""
    found: dict[str, list[str]] = {}
    for kind in kinds:
        found.setdefault(kind if each_alone else SHARED.get(kind, kind), []).append(kind)
    return found


def write_notebooks(folder: Path, *, each_alone: bool = True) -> None:
    """Write notebooks of all kinds into a folder, with the file that one of them reads."""
    folder.mkdir()
    (folder / "beside.csv").write_text("country,women\nFrance,3\n", encoding="utf-8")
    for name, kinds in notebooks_of(KINDS, each_alone=each_alone).items():
        text = f"# {KINDS[name][0]}\n\nA page of the kind *{name}*."
        write_notebook(folder / f"{name}.ipynb", text, *map(own_names, kinds))


def own_names(kind: str) -> str:
    """The code of a kind, whose callbacks use no name of another that stands in the same notebook."""
    return re.sub(r"\b(shown|control)\b", rf"\1_{kind}", KINDS[kind][1])


def write_notebook(path: Path, text: str, *codes: str) -> None:
    """Write a notebook of one cell of text and some of code."""
    cells = [nbformat.v4.new_markdown_cell(text), *(nbformat.v4.new_code_cell(code.strip()) for code in codes)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
