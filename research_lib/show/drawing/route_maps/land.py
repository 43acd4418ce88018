"""The land under maps of routes: coasts, the country of origin, and each border once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from research_lib.evidence.geography import Point
from research_lib.show.drawing.projection import MapFrame

GRID = 0.5  # drawing units of one step of the grid
Box = tuple[float, float, float, float]
_SMALLEST = 2.0  # square drawing units; a smaller island is left out


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
    settled, disputed = _borders(areas, codes)
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


def _borders(areas: Sequence[BaseGeometry], codes: Sequence[str]) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Give the borders between countries, and those of an area without a code."""
    settled: list[BaseGeometry] = []
    disputed: list[BaseGeometry] = []
    for (one, other), pieces in borders_between(areas).items():
        (settled if codes[one] and codes[other] else disputed).extend(pieces)
    return settled, disputed


def _on_grid(area: BaseGeometry) -> BaseGeometry:
    """Round an area to the grid, and keep its parts that have a size there."""
    rounded = shapely.set_precision(area, GRID)
    return shapely.MultiPolygon([part for part in shapely.get_parts(rounded) if part.geom_type == "Polygon"])
