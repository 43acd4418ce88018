"""Geography: the outlines for maps, and the places, legs and provinces of a study as layers."""

from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from research_lib.errors import RebuildError
from research_lib.evidence.study_folders import BOUNDARIES
from research_lib.evidence.vocabulary.country_names import country_name

type Point = tuple[float, float]

WGS_84 = "EPSG:4326"
LAYERS = ("countries", "world", "provinces")
_SPHERE = pyproj.Geod(ellps="sphere")
_SPACING, _DECIMALS = 100_000, 6
# Longitude and latitude of those that the outlines draw as parts of others, or are too small to be drawn.
_POINTS = {
    "BES": (-68.27, 12.18), "BVT": (3.36, -54.42), "CCK": (96.83, -12.17), "CXR": (105.63, -10.49),
    "GIB": (-5.35, 36.14), "GLP": (-61.55, 16.2), "GUF": (-53.1, 3.9), "MTQ": (-61.0, 14.65), "MYT": (45.15, -12.83),
    "REU": (55.53, -21.12), "SJM": (17.0, 78.7), "TKL": (-171.85, -9.2), "TUV": (179.2, -8.52), "UMI": (166.65, 19.3),
    "XKX": (20.9, 42.6),
}  # fmt: skip


class Layer(geopandas.GeoDataFrame):
    """A GeoDataFrame whose `explore` needs no network; what is selected from it is one too."""

    def explore(self, *given: Any, **options: Any) -> Any:
        """Draw the rows on a Leaflet map of the world's land: no tiles, nothing fetched.

        What may be given stands in `research_lib.show.explore`.
        """
        (drawing,) = entry_points(group="research_lib.layers", name="explore")
        return drawing.load()(self, *given, **options)

    def explode(self, *given: Any, **options: Any) -> "Layer":
        """Give a row to each part of a shape, as GeoDataFrame.explode does."""
        return Layer(super().explode(*given, **options))


def load_geography(folder: Path) -> dict[str, geopandas.GeoDataFrame]:
    """Read the outlines of countries, the world and provinces from a folder: `BOUNDARIES`, or a study's own.

    The keys are `countries`, `world` and `provinces`; the frames have a name, ISO codes and an outline in longitude and
    latitude (EPSG:4326). Raises RebuildError when a file is missing.
    """
    return {layer: load_outlines(folder, layer) for layer in LAYERS}


def load_outlines(folder: Path, layer: str) -> geopandas.GeoDataFrame:
    """Read one of the layers of `load_geography`."""
    path = folder / f"{layer}.geojson"
    if not path.exists():
        raise RebuildError(f"{path} is missing; write it again with {path.with_name('rebuild_boundaries.py')}")
    return geopandas.read_file(path)


def points_of(places: pd.DataFrame) -> Layer:
    """Give the table of places with a point for each, in EPSG:4326."""
    points = geopandas.points_from_xy(places["longitude"], places["latitude"])
    return Layer(places, geometry=points, crs=WGS_84)


def lines_of(legs: pd.DataFrame, places: pd.DataFrame) -> Layer:
    """Give the table of legs with the great circle from place to place for each, in EPSG:4326.

    A line has a point at least every 100 km. One that crosses the antimeridian is cut there, into a MultiLineString. A
    leg whose ends are drawn at the same point has a line of no length. A line joins two places; it is not an itinerary.
    """
    at = places.set_index("id")[["longitude", "latitude"]].astype("float64")
    ends = zip(at.loc[legs["from_id"]].to_numpy(), at.loc[legs["to_id"]].to_numpy(), strict=True)
    return Layer(legs, geometry=[_line(tuple(start), tuple(end)) for start, end in ends], crs=WGS_84)


def provinces_of(places: pd.DataFrame, outlines: geopandas.GeoDataFrame) -> Layer:
    """Give the outline of each province that places name, with the ids of these places.

    One row a province: iso_3166_2, name, country_code, place_id (the province itself, or cities and the like in it).
    A code that the outlines lack, as that of a larger region, has no row.
    """
    named = places.groupby("iso_3166_2")["id"].agg(";".join).rename("place_id")
    found = outlines.rename(columns={"iso_a3": "country_code"}).merge(named, on="iso_3166_2")
    return Layer(found[["iso_3166_2", "name", "country_code", "place_id", "geometry"]], crs=WGS_84)


def country_places(codes: Iterable[str]) -> geopandas.GeoDataFrame:
    """Give countries (ISO 3166-1 alpha-3) as places: id, name, kind, country_code, located_by and a point, EPSG:4326.

    The point lies inside the largest part of the country, and stands for all of it.
    """
    wanted = sorted({*codes})
    outlines = load_outlines(BOUNDARIES, "countries").dissolve("iso_a3").geometry
    points = [shapely.Point(_POINTS[code]) if code in _POINTS else _inside(outlines[code]) for code in wanted]
    columns = {
        "id": wanted,
        "name": [country_name(code) for code in wanted],
        "kind": "country",
        "country_code": wanted,
        "located_by": "drawing-point",
    }
    return geopandas.GeoDataFrame(columns, geometry=points, crs=WGS_84)


def great_circle(start: Point, end: Point, steps: int) -> list[Point]:
    """Give the shortest way between two (longitude, latitude) points, with so many points between them.

    Longitudes run on past 180 degrees where the way crosses that meridian.
    """
    points = np.array([start, *_SPHERE.npts(*start, *end, steps), end])
    points[:, 0] = np.unwrap(points[:, 0], period=360)
    return [(float(longitude), float(latitude)) for longitude, latitude in points]


def _line(start: Point, end: Point) -> BaseGeometry:
    """The great circle between two points, cut at the antimeridian, to a tenth of a metre."""
    steps = max(1, int(_SPHERE.inv(*start, *end)[2] / _SPACING))
    parts = _within_the_world(shapely.LineString(great_circle(start, end, steps)))
    line = parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
    return shapely.transform(line, lambda points: points.round(_DECIMALS))


def _within_the_world(line: shapely.LineString) -> list[BaseGeometry]:
    """The parts of a line between the longitudes of -180 and 180 degrees, moved there by whole turns."""
    west, _, east, _ = line.bounds
    if west >= -180 and east <= 180:
        return [line]
    turns = [(line & shapely.box(turn - 180, -90, turn + 180, 90), -turn) for turn in (-360, 0, 360)]
    return [translate(part, back) for part, back in turns if part.length]


def _inside(outline: shapely.Geometry) -> shapely.Point:
    return max(shapely.get_parts(outline), key=shapely.area).representative_point()
