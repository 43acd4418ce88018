"""A check that places lie in or near their country; it reads the outlines of the world, which takes time."""

from collections.abc import Iterator

import pandas as pd
import shapely

from research_lib.errors import Problem
from research_lib.evidence.geography import BOUNDARIES, load_outlines
from research_lib.evidence.table_reading import TableFile

FARTHEST = 3.0


def place_problems(places: TableFile) -> Iterator[Problem]:
    """List places more than 3 degrees outside the outline of their country.

    Places without a country, regions of the world, and countries without an outline are left out.
    """
    outlines = dict(load_outlines(BOUNDARIES, "countries").dissolve("iso_a3").geometry.items())
    for line, place in zip(places.lines, places.frame.itertuples(index=False), strict=True):
        if place.country_code not in outlines or place.kind == "world-region":
            continue
        if pd.isna(place.latitude) or pd.isna(place.longitude):
            continue
        outline = outlines[place.country_code]
        if not _is_near(outline, place.latitude, place.longitude):
            reason = f"{place.id!r} lies far outside {place.country_code}"
            yield Problem(places.file, line, "latitude", f"{reason}; {_fix(outline, place.latitude, place.longitude)}")


def _is_near(outline: shapely.Geometry, latitude: float, longitude: float) -> bool:
    return bool(outline.distance(shapely.Point(longitude, latitude)) <= FARTHEST)


def _fix(outline: shapely.Geometry, latitude: float, longitude: float) -> str:
    """What to correct: signs or the order of the two numbers, where that brings the place near its country."""
    for north, east in ((-latitude, longitude), (latitude, -longitude), (-latitude, -longitude), (longitude, latitude)):
        if _is_near(outline, north, east):
            return f"is it at latitude {north:g}, longitude {east:g}? Correct them, or its country_code"
    return "correct latitude, longitude or country_code"
