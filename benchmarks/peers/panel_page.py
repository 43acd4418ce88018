"""The routes on a map and as a table with HoloViz Panel and Bokeh, in an environment of its own."""

import json
import sys
from pathlib import Path

import pandas as pd
import panel as pn
from bokeh.plotting import figure


def page() -> pn.Column:
    """The page of one visitor: a map with a filter, and the table below it."""
    content = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    table = pd.DataFrame(content["table"])
    chart = figure(width=1200, height=600, x_range=(-20, 150), y_range=(-10, 70))
    chart.patches(content["land"]["x"], content["land"]["y"], fill_color="#e9e7e0", line_color="#c9c6bb")
    lines = chart.multi_line(content["legs"]["x"], content["legs"]["y"], line_color="#1d5fa8")
    choice = pn.widgets.Select(name="Legal status", options=["all", *sorted(table["legal_status"].unique())])
    shown = pn.widgets.Tabulator(table, page_size=20, width=1200)

    def choose(status: str) -> None:
        kept = [at for at, each in enumerate(table["legal_status"]) if status in ("all", each)]
        lines.data_source.data = {axis + "s": [content["legs"][axis][at] for at in kept] for axis in "xy"}
        shown.value = table.iloc[kept]

    choice.param.watch(lambda event: choose(event.new), "value")
    return pn.Column("# Routes", choice, chart, shown)


pn.extension("tabulator")
pn.serve({"routes": page}, port=int(sys.argv[1]), show=False, admin=False)
