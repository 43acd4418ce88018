"""From degrees to drawing units: the frames of the map, in equal-area projections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Self

import geopandas
import numpy as np
import pyproj
import shapely
from shapely.affinity import scale, translate
from shapely.geometry.base import BaseGeometry

from research_lib.evidence.geography import Point
from research_lib.evidence.study import Study

WIDTH = 1200
_MARGIN, _SMALLEST = 1.3, 800_000.0
_AZIMUTHAL, _FAR = ("laea", "aeqd"), 3.0  # degrees around the point opposite the centre, which becomes a whole circle


def bent(line: Sequence[Point], bend: float) -> list[Point]:
    """Bend a drawn line sideways, by `bend` units at its middle, so that lines between the same places stay apart."""
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = float(np.hypot(x1 - x0, y1 - y0)) or 1.0
    normal = ((y0 - y1) / length, (x1 - x0) / length)
    lift = np.sin(np.linspace(0, np.pi, len(line))) * bend
    return [
        (round(x + normal[0] * h, 1), round(y + normal[1] * h, 1))
        for (x, y), h in zip(line, map(float, lift), strict=True)
    ]


def ring(center: Point, bend: float, steps: int) -> list[Point]:
    """Draw a small ring above a place: a journey that begins and ends there."""
    x, y = center
    radius = 11 + abs(bend) / 2
    turns = np.linspace(0.5 * np.pi, 2.4 * np.pi, steps)
    points = zip(radius * np.cos(turns), radius * (np.sin(turns) - 1), strict=True)
    return [(round(x + float(a), 1), round(y + float(b), 1)) for a, b in points]


@dataclass(frozen=True)
class MapFrame:
    """One frame of the map: its projection, its extent there, and the meridian where it is cut.

    `extent`: left, bottom, right and top in metres. It may reach beyond the edge of the projected world.
    """

    proj: str
    extent: tuple[float, float, float, float]
    cut: float

    @classmethod
    def holding(cls, proj: str, points: Iterable[Point], cut: float) -> Self:
        """Give the smallest frame that holds points (longitude, latitude)."""
        lon, lat = np.array([*points]).T
        x, y = _transformer(proj).transform(lon, lat)
        return cls(proj, (float(x.min()), float(y.min()), float(x.max()), float(y.max())), cut)

    @property
    def height(self) -> float:
        """The height of the drawing, where its width is 1200."""
        left, bottom, right, top = self.extent
        return round(WIDTH * (top - bottom) / (right - left), 1)

    def points(self, coordinates: Iterable[Point]) -> list[Point]:
        """Project (longitude, latitude) pairs to drawing units."""
        lon, lat = np.array(list(coordinates)).T
        left, _, right, top = self.extent
        x, y = _transformer(self.proj).transform(lon, lat)
        unit = WIDTH / (right - left)
        return [
            (round(float(a), 1), round(float(b), 1)) for a, b in zip((x - left) * unit, (top - y) * unit, strict=True)
        ]

    def point(self, longitude: float, latitude: float) -> Point:
        """Project one point."""
        return self.points([(longitude, latitude)])[0]

    def areas(self, shapes: geopandas.GeoSeries) -> list[BaseGeometry]:
        """Project the whole of each shape, also what lies outside the frame."""
        sides = [shapely.box(self.cut, -89, 180, 89), shapely.box(-180, -89, self.cut, 89)]
        parts = [self._projected(shapes.intersection(side - self._opposite)) for side in sides]
        halves = [shapely.make_valid(part.values) for part in parts]
        return [shapely.union(*pieces) for pieces in zip(*halves, strict=True)]

    @cached_property
    def _opposite(self) -> BaseGeometry:
        """What lies around the point opposite the centre, of which an outline would run across the whole drawing."""
        named = dict(part.lstrip("+").partition("=")[::2] for part in self.proj.split())
        if named.get("proj") not in _AZIMUTHAL:
            return shapely.Polygon()
        longitude, latitude = float(named.get("lon_0", 0)) + 180, -float(named.get("lat_0", 0))
        cap = scale(shapely.Point(0, 0).buffer(_FAR), 1 / max(np.cos(np.radians(latitude)), _FAR / 90), 1)
        return shapely.union_all([translate(cap, longitude % 360 + turn, latitude) for turn in (-360, 0)])

    def _projected(self, shapes: geopandas.GeoSeries) -> geopandas.GeoSeries:
        left, _, right, top = self.extent
        unit = WIDTH / (right - left)
        plane = shapes.segmentize(4).to_crs(pyproj.CRS.from_proj4(self.proj))
        return plane.affine_transform([unit, 0, 0, -unit, -left * unit, top * unit])


def journeys_frame(study: Study) -> MapFrame:
    """Give the frame that holds a study's journeys: that of its settings, or one around the ends of its legs."""
    settings = study.settings.map
    if settings.projection and settings.holds:
        return MapFrame.holding(settings.projection, settings.holds, settings.cut)
    legs, places = study["legs"], study["places"]
    ends = places[places["id"].isin({*legs["from_id"], *legs["to_id"]})]
    return frame_around(list(zip(ends["longitude"], ends["latitude"], strict=True)))


def frame_around(points: Sequence[Point]) -> MapFrame:
    """Give a frame around points (longitude, latitude): equal-area, centred on them, with a margin on every side.

    The drawing is never more than twice as wide as high, nor higher than wide, and never shows less than 800 km.
    """
    longitudes, latitudes = joined(points or [(10.0, 30.0)])
    middle = float(longitudes.min() + longitudes.max()) / 2
    centre = f"+lon_0={middle:.2f} +lat_0={float(latitudes.min() + latitudes.max()) / 2:.2f}"
    proj = f"+proj=laea {centre} +R=6371000"
    x, y = _transformer(proj).transform(longitudes, latitudes)
    width = max(np.ptp(x) * _MARGIN, np.ptp(y) * _MARGIN, _SMALLEST)
    height = max(np.ptp(y) * _MARGIN, width / 2)
    left, bottom = (float(each.min() + each.max() - size) / 2 for each, size in ((x, width), (y, height)))
    extent = (left, bottom, left + float(width), bottom + float(height))
    return MapFrame(proj, extent, (middle + 360) % 360 - 180)


@cache
def _transformer(proj: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:4326", pyproj.CRS.from_proj4(proj), always_xy=True)


def joined(points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
    """Give the longitudes and latitudes of points, the longitudes counted eastward from behind their widest gap."""
    longitudes, latitudes = np.array(list(points), dtype=float).T
    around = np.sort(longitudes)
    gaps = np.diff(around, prepend=around[-1] - 360)
    start = around[np.argmax(gaps)]
    return (longitudes - start) % 360 + start, latitudes
