"""A Leaflet map that asks for nothing: no tiles, fonts or scripts of other hosts; the land is drawn from outlines.

folium makes a Jinja template of each text that it is given, and a JavaScript template of each tooltip: a place called
`{{6*7}}` would be computed, in Python. So what a study says goes another way here. It is one value, written as JSON
into a script of our own once all templates are filled, and the browser sets it as text.
"""

import re
from base64 import b64encode
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
from research_lib.evidence.geography import load_outlines
from research_lib.evidence.study_folders import BOUNDARIES
from research_lib.methods.options import check_columns
from research_lib.show.design_tokens import light_tokens

_TOKENS = light_tokens()
_LAND = {"fillColor": _TOKENS["land"], "color": _TOKENS["coast"], "weight": 1, "fillOpacity": 1}
_DASHES = ("", "10 6", "2 5", "10 5 2 5")
LOOKS = tuple({"color": _TOKENS[name], "dashArray": dash} for dash in _DASHES for name in ("ink", "grey"))
_NO_VALUE = {"color": _TOKENS["grey"], "weight": 1, "fillOpacity": 0}
_LOOK = {"weight": 2.5, "radius": 5, "fillOpacity": 0.3}
_CLOSEST = 7
_LEAFLET = files("js_lib_leaflet") / "static/js_lib_leaflet"
_PICTURE = re.compile(r"url\((images/[\w-]+\.png)\)")

type Look = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """One thing that is drawn: GeoJSON geometry, Leaflet's options for its look, the lines of tooltip and pop-up."""

    at: Any
    look: Look
    said: Sequence[str] = ()
    told: Sequence[str] = ()


class OfflineMap(folium.Map):
    """A folium map that carries Leaflet itself, and asks no other machine for tiles, fonts or icons.

    `land`: the outlines drawn beneath all else; without it those of the world's countries, which the package brings.
    Others are any GeoSeries in degrees, such as `geopandas.read_file("land.gpkg").to_crs(4326).geometry`. `tiles`: in
    their place, those in a folder beside the saved file, such as `tiles/{z}/{x}/{y}.png`, with their owner as `attr`.
    `options`: those of `folium.Map`. Draw with `draw`, and give folium's own tooltips, pop-ups and names of layers no
    text of a study: it runs them. Raises UnfitDataError for tiles of another machine.
    """

    def __init__(self, land: geopandas.GeoSeries | None = None, *, tiles: str | None = None, **options: Any):
        if tiles and "//" in tiles:
            raise UnfitDataError(f"tiles: {tiles!r} lies on another machine; put them into a folder beside the map")
        super().__init__(tiles=tiles, **options)
        self.default_js, self.default_css = [], []
        style, script = _PICTURE.sub(_inlined, _read("leaflet.css").decode()), _read("leaflet.js").decode()
        head = Element(f"<style>{style}</style><script>{script}</script>")
        cast(Figure, self.get_root()).header.add_child(head)
        if not tiles:
            land = load_outlines(BOUNDARIES, "world").geometry if land is None else land
            self.draw(Shape(mapping(outline), _LAND) for outline in land)

    def draw(
        self, shapes: Iterable[Shape], *, legend: Mapping[str, Look] | None = None, title: str = "", name: str = ""
    ) -> None:
        """Draw shapes over what is drawn already.

        `legend`: the look of each value. `name`: makes them a layer, for `folium.LayerControl` to switch on and off.
        """
        drawing = {"shapes": [asdict(shape) for shape in shapes], "legend": [*(legend or {}).items()], "title": title}
        layer = folium.FeatureGroup(name).add_to(self) if name else self
        self.add_child(_Behind(_Script(self.get_name(), layer.get_name(), drawing)))


def _read(name: str) -> bytes:
    return (_LEAFLET / name).read_bytes()


def _inlined(found: re.Match[str]) -> str:
    """A picture of Leaflet's style, written into it."""
    return f"url(data:image/png;base64,{b64encode(_read(found[1])).decode()})"


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
  const map = {{ this.map_name }}, layer = {{ this.layer_name }};
  const { shapes, legend, title } = {{ this.drawing | tojson }};
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
  for (const { at, look, said, told } of shapes) {
    const options = { ...look, interactive: said.length + told.length > 0 };
    L.geoJSON(at, {
      ...options,
      pointToLayer: (_, place) => L.circleMarker(place, options),
      onEachFeature: (_, part) => {
        if (said.length) part.bindTooltip(box(said), { sticky: true });
        if (told.length) part.bindPopup(box(told), { maxWidth: 460, maxHeight: 320 });
      },
    }).addTo(layer);
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

    def __init__(self, map_name: str, layer_name: str, drawing: Mapping[str, Any]):
        super().__init__()
        self.map_name, self.layer_name, self.drawing = map_name, layer_name, drawing


def explore(
    layer: geopandas.GeoDataFrame,
    column: str | None = None,
    *,
    tooltip: bool | str | Sequence[str] = True,
    popup: bool | str | Sequence[str] = False,
    color: str = _TOKENS["ink"],
    name: str = "",
    m: OfflineMap | None = None,
    **others: Any,
) -> OfflineMap:
    """Draw the rows of a GeoDataFrame on a Leaflet map of the world's land: no tiles, nothing fetched.

    `column`: gives each of its values a line of its own, with a legend. `tooltip`, and `popup` for a click: True for
    all columns, names of columns, or False. `name`: of the layer, for `folium.LayerControl`. `m`: a map to draw on.
    Raises UnfitDataError for any other option of geopandas, for an unknown column, and for a column with more values
    than lines that can be told apart.
    """
    if others:
        raise UnfitDataError(
            f"this map has no option {next(iter(others))!r}; geopandas' own map may have it, and asks the network "
            "for tiles: geopandas.GeoDataFrame(layer).explore()"
        )
    drawn = layer[~(layer.geometry.isna() | layer.geometry.is_empty)].to_crs("EPSG:4326")
    looks = {} if column is None else _looks(drawn, column)
    values = [] if column is None else drawn[column].map(_written)
    of_rows = [_LOOK | looks.get(value, _NO_VALUE) for value in values] or [_LOOK | {"color": color}] * len(drawn)
    shapes = map(Shape, map(mapping, drawn.geometry), of_rows, _said(drawn, tooltip), _said(drawn, popup))
    view = OfflineMap(location=[20, 0], zoom_start=2) if m is None else m
    view.draw(shapes, legend=looks, title=column or "", name=name)
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


def _said(layer: geopandas.GeoDataFrame, columns: bool | str | Sequence[str]) -> list[list[str]]:
    """The lines that each row says: the columns chosen, as far as they hold something."""
    if isinstance(columns, bool):
        chosen = [name for name in layer.columns if name != layer.geometry.name] if columns else []
    else:
        chosen = [columns] if isinstance(columns, str) else list(columns)
    check_columns(layer, chosen)
    rows = layer[chosen].astype("object").itertuples(index=False, name=None)
    return [
        [f"{name}: {_written(cell)}" for name, cell in zip(chosen, row, strict=True) if _holds(cell)] for row in rows
    ]


def _holds(cell: Any) -> bool:
    return isinstance(cell, list) or bool(pd.notna(cell))


def _written(cell: Any) -> str:
    return ", ".join(map(str, cell)) if isinstance(cell, list) else str(cell)
