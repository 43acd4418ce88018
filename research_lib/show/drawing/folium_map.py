"""The routes as a Leaflet map for notebooks and for a file to mail: everything inside, nothing fetched."""

from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any, cast

import folium
import pandas as pd
import pyproj
from branca.element import Element, Figure

from research_lib.compare.routes import leg_table
from research_lib.evidence.study import Study
from research_lib.show.words import Words, words

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
_SPHERE = pyproj.Geod(ellps="sphere")


class OfflineMap(folium.Map):
    """A folium map that carries Leaflet itself, and asks for no tiles, fonts or icons."""

    def __init__(self, **options: Any):
        super().__init__(tiles=None, **options)
        self.default_js, self.default_css = [], []
        leaflet = files("js_lib_leaflet") / "static/js_lib_leaflet"
        head = cast(Figure, self.get_root()).header
        head.add_child(Element(f"<style>{(leaflet / 'leaflet.css').read_text(encoding='utf-8')}</style>"))
        head.add_child(Element(f"<script>{(leaflet / 'leaflet.js').read_text(encoding='utf-8')}</script>"))


def routes_map(study: Study, geography: Mapping[str, dict], language: str = "en") -> OfflineMap:
    """Draw every leg and its places on a Leaflet map that needs no network.

    `geography`: GeoJSON collections as `load_geography` gives them. Tooltips name the route, who organises it, how
    certain it is, and its source.
    """
    phrases, places, legs = words(language), study["places"], leg_table(study)
    chart = OfflineMap(location=[40, 60], zoom_start=3, attr="Natural Earth")
    land = {"fillColor": "#e9e7e0", "color": "#c9c6bb", "weight": 1, "fillOpacity": 1}
    folium.GeoJson(geography["world"], style_function=lambda _: land, control=False).add_to(chart)
    for child in (*_lines(legs, places, phrases), *_dots(legs, places, phrases)):
        child.add_to(chart)
    return chart


def _lines(legs: pd.DataFrame, places: pd.DataFrame, phrases: Words) -> Iterator[folium.PolyLine]:
    at = {row.id: (row.longitude, row.latitude) for row in places.itertuples()}
    for leg in legs.itertuples():
        yield folium.PolyLine(
            _great_circle(at[leg.from_id], at[leg.to_id]),
            color=_COLOURS.get(leg.actor[0], "#6a6f78"),
            dash_array=_DASHES.get(leg.legal_status),
            weight=1.2 if leg.certainty in ("hypothesis", "rumour", "anecdotal") else 2.2,
            tooltip=folium.Tooltip(_sentence(leg, phrases), sticky=True),
        )


def _sentence(leg: Any, phrases: Words) -> str:
    organisers = ", ".join(phrases(f"actor.{code}") for code in leg.actor)
    parts = (phrases.of(leg, "route_name"), organisers, phrases(f"certainty.{leg.certainty}"), leg.source)
    return "<br>".join(escape(part) for part in parts)


def _dots(legs: pd.DataFrame, places: pd.DataFrame, phrases: Words) -> Iterator[folium.CircleMarker]:
    for place in places[places["id"].isin({*legs["from_id"], *legs["to_id"]})].itertuples():
        name = f"{phrases.of(place, 'name')} {'' if pd.isna(place.name_zh) else place.name_zh}"
        yield folium.CircleMarker(
            [place.latitude, place.longitude], radius=4, color="#1b1e23", fill=True, tooltip=escape(name.strip())
        )


def _great_circle(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """Points of the arc as (latitude, longitude), longitudes running on past 180° where the arc crosses it."""
    points = [start, *_SPHERE.npts(*start, *end, 20), end]
    longitudes = [points[0][0]]
    for longitude, _ in points[1:]:
        longitudes.append(longitude + 360 * round((longitudes[-1] - longitude) / 360))
    return [(latitude, longitude) for longitude, (_, latitude) in zip(longitudes, points, strict=True)]
