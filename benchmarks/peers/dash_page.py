"""The routes on a map and as a table with Plotly Dash, in an environment of its own."""

import json
import sys
from pathlib import Path

import plotly.graph_objects as go
from dash import Dash, Input, Output, dash_table, dcc, html

CONTENT = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
TABLE = CONTENT["table"]


def drawn(status: str) -> go.Figure:
    """The land, and the routes with one legal status or with all."""
    chart = go.Figure(layout={"width": 1200, "height": 600, "showlegend": False})
    chart.update_xaxes(range=[-20, 150])
    chart.update_yaxes(range=[-10, 70])
    land = zip(CONTENT["land"]["x"], CONTENT["land"]["y"], strict=True)
    legs = zip(CONTENT["legs"]["x"], CONTENT["legs"]["y"], TABLE, strict=True)
    joined_x, joined_y = [], []
    for x, y in land:
        joined_x += [*x, None]
        joined_y += [*y, None]
    chart.add_scatter(x=joined_x, y=joined_y, mode="lines", line={"color": "#c9c6bb", "width": 1})
    for x, y, row in legs:
        if status in ("all", row["legal_status"]):
            chart.add_scatter(x=x, y=y, mode="lines", line={"color": "#1d5fa8"})
    return chart


app = Dash(__name__, serve_locally=True)
app.layout = html.Div(
    [
        html.H1("Routes"),
        dcc.Dropdown(["all", *sorted({row["legal_status"] for row in TABLE})], "all", id="status"),
        dcc.Graph(id="map", figure=drawn("all")),
        dash_table.DataTable(TABLE, page_size=20, style_cell={"whiteSpace": "normal"}),
    ]
)


@app.callback(Output("map", "figure"), Input("status", "value"), prevent_initial_call=True)
def choose(status: str) -> go.Figure:
    """Draw the routes with the status chosen."""
    return drawn(status)


app.run(port=int(sys.argv[1]), debug=False)
