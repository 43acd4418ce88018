"""Countries as places on a map: each a point inside it, chosen for drawing."""

from collections.abc import Iterable

import geopandas
import shapely

from research_lib.evidence.geography import BOUNDARIES, WGS_84, load_outlines
from research_lib.evidence.vocabulary.country_names import country_name

# Longitude and latitude of those that the outlines draw as parts of others, or are too small to be drawn.
_POINTS = {
    "BES": (-68.27, 12.18), "BVT": (3.36, -54.42), "CCK": (96.83, -12.17), "CXR": (105.63, -10.49),
    "GIB": (-5.35, 36.14), "GLP": (-61.55, 16.2), "GUF": (-53.1, 3.9), "MTQ": (-61.0, 14.65), "MYT": (45.15, -12.83),
    "REU": (55.53, -21.12), "SJM": (17.0, 78.7), "TKL": (-171.85, -9.2), "TUV": (179.2, -8.52), "UMI": (166.65, 19.3),
    "XKX": (20.9, 42.6),
}  # fmt: skip


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


def _inside(outline: shapely.Geometry) -> shapely.Point:
    return max(shapely.get_parts(outline), key=shapely.area).representative_point()
