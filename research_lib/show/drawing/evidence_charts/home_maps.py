"""Small maps of the country of origin: its outline once, and the regions that can be filled in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas
import shapely

from research_lib.evidence.geography import Point
from research_lib.show.drawing.projection import WIDTH, MapFrame, joined

_TOLERANCE, _SMALLEST, _MARGIN = 5.0, 250.0, 12


@dataclass(frozen=True)
class HomeMap:
    """The outline of the country of origin, and the paths of regions by their code."""

    box: tuple[int, int, int, int]
    outline: str
    regions: Mapping[str, str]


def home_map(
    geography: Mapping[str, geopandas.GeoDataFrame], countries: Iterable[str], regions: Iterable[str]
) -> HomeMap | None:
    """Draw the countries of origin, and some regions by their code in ISO 3166-2; nothing without an outline."""
    home = geography["countries"][geography["countries"]["iso_a3"].isin([*countries])]
    if home.empty:
        return None
    frame = _frame(home)
    provinces = geography["provinces"]
    drawn = provinces[provinces["iso_3166_2"].isin([*regions])]
    return HomeMap(
        box=(-_MARGIN, -_MARGIN, WIDTH + 2 * _MARGIN, round(frame.height) + 2 * _MARGIN),
        outline="".join(_paths(frame, home)),
        regions={code: path for code, path in zip(drawn["iso_3166_2"], _paths(frame, drawn), strict=True) if path},
    )


def _frame(home: geopandas.GeoDataFrame) -> MapFrame:
    edge = [(float(x), float(y)) for x, y in home.geometry.get_coordinates().to_numpy()]
    longitudes, latitudes = joined(edge)
    middle, latitude = (float(each.min() + each.max()) / 2 for each in (longitudes, latitudes))
    projection = f"+proj=laea +lat_0={latitude:.2f} +lon_0={middle:.2f} +R=6371000"
    return MapFrame.holding("home", projection, edge, (middle + 360) % 360 - 180)


def _paths(frame: MapFrame, areas: geopandas.GeoDataFrame) -> list[str]:
    return ["".join(filter(None, map(_path, rings))) for rings in frame.outlines(areas.geometry)]


def _path(ring: list[Point]) -> str:
    """A ring with as few points as a small map needs; nothing where it is too small to be seen."""
    shape = shapely.Polygon(ring)
    if shape.area < _SMALLEST:
        return ""
    points = shapely.get_coordinates(shape.exterior.simplify(_TOLERANCE)).round().astype(int).tolist()
    return "M" + "L".join(f"{x},{y}" for x, y in points[:-1]) + "Z"
