"""A Leaflet map that asks for nothing: no tiles, fonts or scripts of other hosts; the land is drawn from outlines.

folium makes a Jinja template of each text that it is given, and a JavaScript template of each tooltip: a place called
`{{6*7}}` would be computed, in Python. So what a study says goes another way here. It is one value, written as JSON
into a script of our own once all templates are filled, and the browser sets it as text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, cast

import folium
import geopandas
import pandas as pd
from branca.element import Element, Figure, MacroElement
from jinja2 import Template
from shapely.geometry import mapping

from research_lib.errors import UnfitDataError
from research_lib.files.design_tokens import light_tokens
from research_lib.files.opening import package_data
from research_lib.methods.options import check_columns

_TOKENS = light_tokens()
_LAND = {"fillColor": _TOKENS["land"], "color": _TOKENS["coast"], "weight": 1, "fillOpacity": 1}
_DASHES = ("", "10 6", "2 5", "10 5 2 5")
LOOKS = tuple({"color": _TOKENS[name], "dashArray": dash} for dash in _DASHES for name in ("ink", "grey"))
_NO_VALUE = {"color": _TOKENS["grey"], "weight": 1, "fillOpacity": 0}
_LOOK = {"weight": 2.5, "radius": 5, "fillOpacity": 0.3}
_CLOSEST = 7


type Look = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """One thing that is drawn: GeoJSON geometry, Leaflet's options for its look, and the lines of its tooltip."""

    at: Any
    look: Look
    said: Sequence[str] = ()


class OfflineMap(folium.Map):
    """A folium map that carries Leaflet itself, and asks for no tiles, fonts or icons.

    `land`: the outlines drawn beneath all else; without it those of the world's countries, which the package brings.
    Other outlines: any GeoSeries in degrees, such as `geopandas.read_file("land.gpkg").to_crs(4326).geometry`, or those
    of a study, `load_geography(boundaries_of(study.path))["countries"].geometry`. `options`: those of `folium.Map`,
    such as `location=[45, 5], zoom_start=4`. Draw with `draw`, and give folium's own tooltips and pop-ups no text of a
    study: it runs them.
    """

    def __init__(self, land: geopandas.GeoSeries | None = None, **options: Any):
        if land is None:
            land = geopandas.read_file(package_data("evidence", "boundaries") / "countries.geojson").geometry
        super().__init__(tiles=None, **options)
        self.default_js, self.default_css = [], []
        leaflet = files("js_lib_leaflet") / "static/js_lib_leaflet"
        head = cast(Figure, self.get_root()).header
        head.add_child(Element(f"<style>{(leaflet / 'leaflet.css').read_text(encoding='utf-8')}</style>"))
        head.add_child(Element(f"<script>{(leaflet / 'leaflet.js').read_text(encoding='utf-8')}</script>"))
        self.draw(Shape(mapping(outline), _LAND) for outline in land)

    def draw(self, shapes: Iterable[Shape], *, legend: Mapping[str, Look] | None = None, title: str = "") -> None:
        """Draw shapes over what is drawn already; `legend`: the look of each value."""
        drawing = {"shapes": [asdict(shape) for shape in shapes], "legend": [*(legend or {}).items()], "title": title}
        self.add_child(_Behind(_Script(self.get_name(), drawing)))


class _Behind(MacroElement):
    """Puts a finished script behind the one that makes the map; a macro's own would become a template once more."""

    def __init__(self, script: Element):
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self.script = script

    def render(self, **_: Any) -> str:
        """Add the script; it is written out with the figure, so that here is nothing to give."""
        cast(Figure, self.get_root()).script.add_child(self.script)
        return ""


class _Script(Element):
    """The script that draws: a template without any text of a study, filled with JSON that has no `<` and no `&`."""

    _template = Template(
        """
(() => {
  const map = {{ this.map_name }}, { shapes, legend, title } = {{ this.drawing | tojson }};
  const made = (style, ...within) => {
    const part = document.createElement("div");
    part.style.cssText = style;
    part.append(...within);
    return part;
  };
  const box = (said) => made(
    "width: max-content; max-width: min(28rem, 45vw); white-space: normal; overflow-wrap: anywhere",
    ...said.flatMap((line, index) => (index ? [document.createElement("br"), line] : [line])),
  );
  for (const { at, look, said } of shapes) {
    const options = { ...look, interactive: said.length > 0 };
    L.geoJSON(at, {
      ...options,
      pointToLayer: (_, place) => L.circleMarker(place, options),
      onEachFeature: (_, layer) => said.length && layer.bindTooltip(box(said), { sticky: true }),
    }).addTo(map);
  }
  if (legend.length) {
    const control = L.control({ position: "bottomright" });
    const key = ({ color, dashArray }) => {
      const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
      const svg = make("svg"), line = make("line"), dash = { "stroke-dasharray": dashArray };
      const look = { x2: 34, y1: 4, y2: 4, stroke: color, "stroke-width": 3, ...dash };
      svg.style.cssText = "flex: none; width: 34px; height: 8px";
      for (const [name, value] of Object.entries(look)) line.setAttribute(name, value);
      svg.append(line);
      return svg;
    };
    control.onAdd = () => made(
      "background: #fffffff0; padding: .4rem .6rem; max-width: 16rem; overflow-wrap: anywhere",
      title,
      ...legend.map(([text, look]) => made("display: flex; gap: .4rem; align-items: center", key(look), text)),
    );
    control.addTo(map);
  }
})();
"""
    )

    def __init__(self, map_name: str, drawing: Mapping[str, Any]):
        super().__init__()
        self.map_name, self.drawing = map_name, drawing


def explore(
    layer: geopandas.GeoDataFrame,
    land: geopandas.GeoSeries,
    column: str | None = None,
    *,
    tooltip: bool | str | Sequence[str] = True,
    color: str = _TOKENS["ink"],
    m: OfflineMap | None = None,
) -> OfflineMap:
    """Draw the rows of a GeoDataFrame over the outlines of `land`; the options are those of `Layer.explore`."""
    drawn = layer[~(layer.geometry.isna() | layer.geometry.is_empty)].to_crs("EPSG:4326")
    looks = {} if column is None else _looks(drawn, column)
    values = [] if column is None else drawn[column].map(_written)
    of_rows = [looks.get(value, _NO_VALUE) for value in values] or [{"color": color}] * len(drawn)
    said = _said(drawn, tooltip)
    view = OfflineMap(land, location=[20, 0], zoom_start=2) if m is None else m
    shapes = zip(drawn.geometry, of_rows, said, strict=True)
    view.draw([Shape(mapping(at), _LOOK | look, lines) for at, look, lines in shapes], legend=looks, title=column or "")
    if m is None and len(drawn):
        west, south, east, north = map(float, drawn.total_bounds)
        view.fit_bounds([(south, west), (north, east)], max_zoom=_CLOSEST)
    return view


def _looks(layer: geopandas.GeoDataFrame, column: str) -> dict[str, dict[str, str]]:
    """A line for each value of a column: ink or grey, whole, dashed or dotted."""
    check_columns(layer, [column])
    values = sorted(set(layer[column].dropna().map(_written)))
    if len(values) > len(LOOKS):
        raise UnfitDataError(
            f"column {column!r} has {len(values)} values, more than a reader can tell apart by line; "
            f"group them into at most {len(LOOKS)}, numbers with pandas.cut"
        )
    return dict(zip(values, LOOKS, strict=False))


def _said(layer: geopandas.GeoDataFrame, tooltip: bool | str | Sequence[str]) -> list[list[str]]:
    """The lines of each row's tooltip: the columns chosen, as far as they hold something."""
    if isinstance(tooltip, bool):
        chosen = [name for name in layer.columns if name != layer.geometry.name] if tooltip else []
    else:
        chosen = [tooltip] if isinstance(tooltip, str) else list(tooltip)
    check_columns(layer, chosen)
    rows = layer[chosen].astype("object").itertuples(index=False, name=None)
    return [
        [f"{name}: {_written(cell)}" for name, cell in zip(chosen, row, strict=True) if _holds(cell)] for row in rows
    ]


def _holds(cell: Any) -> bool:
    return isinstance(cell, list) or bool(pd.notna(cell))


def _written(cell: Any) -> str:
    return ", ".join(map(str, cell)) if isinstance(cell, list) else str(cell)
