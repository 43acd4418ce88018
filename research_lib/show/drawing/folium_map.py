"""The routes as a Leaflet map for notebooks and for a file to mail: everything inside, nothing fetched.

folium makes a Jinja template of each text that it is given, and a JavaScript template of each tooltip: a place called
`{{6*7}}` would be computed, in Python. So what a study says goes another way here. It is one value, written as JSON
into a script of our own once all templates are filled, and the browser sets it as text.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, cast

import folium
import pandas as pd
from branca.element import Element, Figure, MacroElement
from geopandas import GeoDataFrame
from jinja2 import Template
from shapely.geometry import mapping

from research_lib.compare.routes import leg_table
from research_lib.evidence.study import Study
from research_lib.show.drawing.arcs import great_circle
from research_lib.show.words import Words, study_words

_COLOURS = {
    "family": "#3d7a4b",
    "agency": "#1d5fa8",
    "agent": "#1d5fa8",
    "smugglers": "#b3541e",
    "criminal-organisation": "#a8202f",
    "job-agency": "#10737a",
    "self": "#7a3e8f",
}
_DASHES = {"regular-then-irregular": "12 4", "irregular": "6 4", "mixed": "10 3 2 3", "not-stated": "2 5"}
_LAND = {"fillColor": "#e9e7e0", "color": "#c9c6bb", "weight": 1, "fillOpacity": 1}
_DOT = {"radius": 4, "color": "#1b1e23"}
_STEPS = 20


class OfflineMap(folium.Map):
    """A folium map that carries Leaflet itself, and asks for no tiles, fonts or icons.

    `drawing`: what is drawn, as plain values: `land` (GeoJSON geometries), `lines` and `dots` (each with `at`, `look`
    and `said`, the lines of its tooltip). Give folium's own tooltips and pop-ups no text of a study: it runs them.
    """

    def __init__(self, drawing: Mapping[str, Any], **options: Any):
        super().__init__(tiles=None, **options)
        self.default_js, self.default_css = [], []
        leaflet = files("js_lib_leaflet") / "static/js_lib_leaflet"
        head = cast(Figure, self.get_root()).header
        head.add_child(Element(f"<style>{(leaflet / 'leaflet.css').read_text(encoding='utf-8')}</style>"))
        head.add_child(Element(f"<script>{(leaflet / 'leaflet.js').read_text(encoding='utf-8')}</script>"))
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
  const map = {{ this.map_name }}, { land, lines, dots } = {{ this.drawing | tojson }};
  const box = (said) => {
    const text = document.createElement("div");
    Object.assign(text.style, { width: "max-content", maxWidth: "min(40rem, 85vw)", whiteSpace: "normal" });
    text.style.overflowWrap = "anywhere";
    text.append(...said.flatMap((line, index) => (index ? [document.createElement("br"), line] : [line])));
    return text;
  };
  L.geoJSON(land.at, { style: land.look }).addTo(map);
  for (const { at, look, said } of lines) L.polyline(at, look).bindTooltip(box(said), { sticky: true }).addTo(map);
  for (const { at, look, said } of dots) L.circleMarker(at, look).bindTooltip(box(said), { sticky: true }).addTo(map);
})();
"""
    )

    def __init__(self, map_name: str, drawing: Mapping[str, Any]):
        super().__init__()
        self.map_name, self.drawing = map_name, drawing


def routes_map(study: Study, geography: Mapping[str, GeoDataFrame], language: str = "en") -> OfflineMap:
    """Draw every leg and its places on a Leaflet map that needs no network.

    `geography`: the layers as `load_geography` gives them. Tooltips name the route, who organises it, how
    certain it is, and its source.
    """
    phrases, places, legs = study_words(study, language), study["places"], leg_table(study)
    drawing = {
        "land": {"at": [mapping(outline) for outline in geography["world"].geometry], "look": _LAND},
        "lines": list(_lines(legs, places, phrases)),
        "dots": list(_dots(legs, places, phrases)),
    }
    return OfflineMap(drawing, location=[40, 60], zoom_start=3)


def _lines(legs: pd.DataFrame, places: pd.DataFrame, phrases: Words) -> Iterator[dict[str, Any]]:
    at = {row.id: (row.longitude, row.latitude) for row in places.itertuples()}
    for leg in legs.itertuples():
        look = {
            "color": _COLOURS.get(leg.actor[0], "#6a6f78"),
            "dashArray": _DASHES.get(leg.legal_status),
            "weight": 1.2 if leg.certainty in ("hypothesis", "rumour", "anecdotal") else 2.2,
        }
        way = great_circle(at[leg.from_id], at[leg.to_id], _STEPS)
        yield {"at": [(latitude, longitude) for longitude, latitude in way], "look": look, "said": _said(leg, phrases)}


def _said(leg: Any, phrases: Words) -> list[str]:
    organisers = ", ".join(phrases(f"actor.{code}") for code in leg.actor)
    return [phrases.of(leg, "route_name"), organisers, phrases(f"certainty.{leg.certainty}"), leg.source]


def _dots(legs: pd.DataFrame, places: pd.DataFrame, phrases: Words) -> Iterator[dict[str, Any]]:
    for place in places[places["id"].isin({*legs["from_id"], *legs["to_id"]})].itertuples():
        yield {"at": [place.latitude, place.longitude], "look": _DOT, "said": [phrases.place(place)]}
