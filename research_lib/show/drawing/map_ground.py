"""The ground of maps of routes: coasts, the country of origin, each border once; and where the places stand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from research_lib.evidence.geography import Point
from research_lib.evidence.study import Study
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.kept import kept

# In drawing units, the 1200ths of the map's width.
_RADII = {"country": 15.0, "province": 10.0, "world-region": 20.0}
_LOOSE, _RING_GRID = 12.0, 3.0  # a ring without a kind of its own; between the points that a ring may take
_FAR = 132.0  # how far a part of the world may stand from its drawing point
_APART, _INSIDE = 20.0, 16.0  # between two rings; from the edge of the map to the end of a line that leads beyond it
_MOST = 250  # of the first places, which later rings keep off: a map with more is full
_COVERED = 40.0  # how much further a ring goes rather than lie on another place by one unit
GRID = 0.5  # drawing units of one step of the grid
Box = tuple[float, float, float, float]
_SMALLEST = 2.0  # square drawing units; a smaller island is left out


@dataclass(frozen=True)
class Spot:
    """A place on the map. `kind`: `dot`, `ring`, or `beyond` where the map ends before it; `radius`: that of a ring."""

    id: str
    kind: str
    x: float
    y: float
    radius: float = 0.0

    @property
    def at(self) -> Point:
        """Where its middle is."""
        return self.x, self.y


def place_spots(
    frame: MapFrame,
    geography: Mapping[str, geopandas.GeoDataFrame],
    places: pd.DataFrame,
    ends: Sequence[tuple[str, str]],
    *,
    size: float = 1,
) -> dict[str, Spot]:
    """Place both ends of each step, those of the first steps first.

    A ring lies inside the land that it stands for, or near the drawing point of a part of the world, and on no other
    place as far as there is room. `size`: of the rings, in shares of the usual one.
    """
    rows = places.set_index("id", drop=False).loc[[*dict.fromkeys(place for pair in ends for place in pair)]]
    points = {row.id: frame.point(row.longitude, row.latitude) for row in rows.itertuples()}
    whole = shapely.box(0, 0, WIDTH, frame.height)
    areas = _areas(frame, geography, rows, whole.buffer(-max(_RADII.values()), join_style="mitre"))
    shown = [row for row in rows.itertuples() if row.id in areas or whole.contains(shapely.Point(points[row.id]))]
    dots = {row.id: Spot(row.id, "dot", *points[row.id]) for row in shown if not _is_loose(row)}
    spots = dict(dots)
    for row in sorted((row for row in shown if row.id not in dots), key=lambda row: row.id not in areas):
        radius = size * _RADII.get(row.kind, _LOOSE)
        others = [*spots.values()][:_MOST]
        spots[row.id] = _ring(row.id, radius, points[row.id], area=areas.get(row.id), whole=whole, taken=others)
    beyond = (row.id for row in rows.itertuples() if row.id not in spots)
    return spots | {place: _beyond(place, points, ends, whole) for place in beyond}


def _is_loose(row: Any) -> bool:
    """Whether a source names an area only, so that no point stands for it."""
    return row.kind in _RADII or row.located_by == "drawing-point"


def _areas(
    frame: MapFrame, geography: Mapping[str, geopandas.GeoDataFrame], rows: pd.DataFrame, whole: BaseGeometry
) -> dict[str, BaseGeometry]:
    """The land of countries and provinces on the map, by place, in drawing units."""
    found: dict[str, BaseGeometry] = {}
    for layer, kind, key, code in (
        ("countries", "country", "country_code", "iso_a3"),
        ("provinces", "province", "iso_3166_2", "iso_3166_2"),
    ):
        ids = {row[key]: row["id"] for _, row in rows[rows["kind"] == kind].iterrows() if isinstance(row[key], str)}
        if layer in geography and ids:
            outlines = geography[layer][geography[layer][code].isin(ids)]
            shapes = (area.intersection(whole) for area in frame.areas(outlines.geometry))
            found |= {ids[each]: shape for each, shape in zip(outlines[code], shapes, strict=True) if shape.area}
    return found


def _ring(
    place: str, radius: float, point: Point, *, area: BaseGeometry | None, whole: BaseGeometry, taken: Sequence[Spot]
) -> Spot:
    """Place a ring as near as there is room to the middle of its land, or to its drawing point."""
    ideal = point if area is None else _middle(area, point)
    tried = _around(ideal, whole) if area is None else _inside(area, radius)
    x, y = tried[np.argmin(_costs(tried, ideal, radius, taken))]
    return Spot(place, "ring", round(float(x), 1), round(float(y), 1), radius)


def _middle(area: BaseGeometry, capital: Point) -> Point:
    """Between the capital and the middle of the largest part of a country: where it is lived in, in a large one too."""
    inner = shapely.maximum_inscribed_circle(max(shapely.get_parts(area), key=shapely.area), tolerance=1)
    x, y = shapely.get_coordinates(inner)[0]
    return float(x + capital[0]) / 2, float(y + capital[1]) / 2


def _inside(area: BaseGeometry, radius: float) -> np.ndarray:
    """Points of a grid in an area, where a ring lies inside it or, in a small one, has its middle there."""
    inner = area.buffer(-radius)
    inner = area if inner.is_empty else inner
    left, top, right, bottom = inner.bounds
    return _grid(np.arange(left, right + 1, _RING_GRID), np.arange(top, bottom + 1, _RING_GRID), inner)


def _around(point: Point, whole: BaseGeometry) -> np.ndarray:
    steps = np.arange(-_FAR, _FAR + 1, 2 * _RING_GRID)
    return _grid(point[0] + steps, point[1] + steps, whole.buffer(-2 * _INSIDE))


def _grid(columns: np.ndarray, rows: np.ndarray, area: BaseGeometry) -> np.ndarray:
    x, y = np.meshgrid(columns, rows)
    held = np.column_stack([x.ravel(), y.ravel()])[shapely.contains_xy(area, x, y).ravel()]
    return held if len(held) else shapely.get_coordinates(area.representative_point())


def _costs(tried: np.ndarray, ideal: Point, radius: float, taken: Sequence[Spot]) -> np.ndarray:
    """How far points are from the ideal one, and how far a ring there would lie on other places."""
    others = np.array([(*spot.at, spot.radius) for spot in taken]).reshape(-1, 3)
    apart = np.hypot(*(tried[:, None, :] - others[None, :, :2]).transpose(2, 0, 1))
    missing = (others[:, 2] + radius + _APART - apart).clip(0).sum(axis=1)
    return np.asarray(np.hypot(*(tried - np.array(ideal)).T) + _COVERED * missing)


def _beyond(place: str, points: Mapping[str, Point], ends: Sequence[tuple[str, str]], whole: BaseGeometry) -> Spot:
    """Place the name of somewhere beyond the map where the lines to it leave the map."""
    partners = [points[other] for pair in ends if place in pair for other in pair if other != place]
    inner = whole.buffer(-_INSIDE, join_style="mitre")
    seen = [point for point in partners if inner.contains(shapely.Point(point))]
    from_here = np.mean(seen, axis=0) if seen else shapely.get_coordinates(inner.centroid)[0]
    way = shapely.LineString([from_here, points[place]]).intersection(inner)
    x, y = shapely.get_coordinates(way)[-1]
    return Spot(place, "beyond", round(float(x), 1), round(float(y), 1))


def short_path(points: Iterable[Point], *, is_closed: bool = False) -> str:
    """Write a line as a path on the grid; empty where it has no length there."""
    on_grid = np.rint(np.array([*points]) / GRID).astype(int)
    steps = np.diff(on_grid, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    steps = steps[:-1] if is_closed else steps
    if not len(steps):
        return ""
    return f"M{_joined(on_grid[0])}l{_joined(steps.ravel())}{'z' if is_closed else ''}"


def smooth_path(points: Sequence[Point]) -> str:
    """Write a line that bends once or twice as one curve through its ends, its first and its second third."""
    ends = [points[round(third * (len(points) - 1) / 3)] for third in range(4)]
    a, b, c, d = (np.array(point) for point in ends)
    first, second = (-5 * a + 18 * b - 9 * c + 2 * d) / 6, (2 * a - 9 * b + 18 * c - 5 * d) / 6
    return f"M{_at(a)}C{_at(first)} {_at(second)} {_at(d)}"


def _at(point: np.ndarray) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _joined(numbers: Iterable[int]) -> str:
    """Write numbers with a space between them only where no sign parts them."""
    return "".join(str(number) if number < 0 else f" {number}" for number in numbers).lstrip()


@dataclass(frozen=True)
class Land:
    """Paths on the grid of `short_paths`.

    `coast`: all land; `home`: the countries of origin; `borders`: between countries; `disputed`: around areas that the
    outlines list without a country code.
    """

    coast: str
    home: str
    borders: str
    disputed: str


def draw_land(frame: MapFrame, countries: geopandas.GeoDataFrame, home: Collection[str], box: Box) -> Land:
    """Draw what lies in a box (left, top, width, height) of drawing units. `countries`: outlines with `iso_a3`."""
    left, top, width, height = box
    areas = [
        _on_grid(shapely.clip_by_rect(area, left, top, left + width, top + height))
        for area in frame.areas(countries.geometry)
    ]
    codes = [*countries["iso_a3"].fillna("")]
    settled: list[BaseGeometry] = []
    disputed: list[BaseGeometry] = []
    for (one, other), pieces in borders_between(areas).items():
        (settled if codes[one] and codes[other] else disputed).extend(pieces)
    return Land(
        coast=area_path(shapely.union_all(areas, grid_size=GRID)),
        home="".join(area_path(area) for area, code in zip(areas, codes, strict=True) if code in home),
        borders=line_path(settled),
        disputed=line_path(disputed),
    )


def borders_between(areas: Sequence[BaseGeometry]) -> dict[tuple[int, int], list[BaseGeometry]]:
    """Give the pieces of outline that two areas share, by the places of the two."""
    owners: dict[frozenset[tuple[float, float]], list[int]] = {}
    for place, area in enumerate(areas):
        for ring in shapely.get_rings(shapely.get_parts(area)):
            corners = [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
            for ends in pairwise(corners):
                owners.setdefault(frozenset(ends), []).append(place)
    found: dict[tuple[int, int], list[BaseGeometry]] = {}
    for piece, places in owners.items():
        if len({*places}) == 2:
            found.setdefault((min(places), max(places)), []).append(shapely.LineString([*piece]))
    return found


def area_path(area: BaseGeometry) -> str:
    """Write the rings of an area; those of a very small size are left out."""
    rings = shapely.get_rings([part for part in shapely.get_parts(area) if part.geom_type == "Polygon"])
    large = [ring for ring in rings if shapely.Polygon(ring).area > _SMALLEST]
    return "".join(short_path(ring.coords, is_closed=True) for ring in large)


def line_path(pieces: Sequence[BaseGeometry]) -> str:
    """Write pieces of lines, joined where they meet."""
    joined = shapely.get_parts(shapely.line_merge(shapely.union_all([*pieces])))
    return "".join(short_path(line.coords) for line in joined)


def _on_grid(area: BaseGeometry) -> BaseGeometry:
    """Round an area to the grid, and keep its parts that have a size there."""
    rounded = shapely.set_precision(area, GRID)
    return shapely.MultiPolygon([part for part in shapely.get_parts(rounded) if part.geom_type == "Polygon"])


@kept
def draw_ground(
    frame: MapFrame, geography: Mapping[str, geopandas.GeoDataFrame], study: Study
) -> tuple[Land, tuple[list[tuple[str, str]], str]]:
    """Draw the land; and the provinces that places stand for, with the borders between all provinces."""
    whole = (0.0, 0.0, float(WIDTH), frame.height)
    land = draw_land(frame, geography["countries"], study.settings.home_countries, whole)
    return land, _provinces(frame, geography.get("provinces"), study)


def _provinces(
    frame: MapFrame, provinces: geopandas.GeoDataFrame | None, study: Study
) -> tuple[list[tuple[str, str]], str]:
    """Draw the provinces of the home countries that places stand for, and the borders between all their provinces."""
    if provinces is None:
        return [], ""
    places = study["places"]
    ids = {row.iso_3166_2: row.id for row in places[places["kind"] == "province"].itertuples()}
    drawn = provinces[provinces["iso_a3"].isin(study.settings.home_countries)]
    shapes = shapely.set_precision(frame.areas(drawn.geometry), GRID)
    named = [
        (ids[row.iso_3166_2], area_path(shape))
        for row, shape in zip(drawn.itertuples(), shapes, strict=True)
        if row.iso_3166_2 in ids
    ]
    shared = [piece for pieces in borders_between(shapes).values() for piece in pieces]
    return named, line_path(shared)
