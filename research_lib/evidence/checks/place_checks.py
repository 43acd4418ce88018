"""Checks of places and journeys: places lie in or near their country, and legs lead from end to end without a gap."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from research_lib.errors import Problem
from research_lib.evidence.table_reading import TableFile

if TYPE_CHECKING:
    from shapely import Geometry

FARTHEST = 3.0
_UNKNOWN = "with the mode `not-stated` where the source does not say how"
type _Steps = list[tuple[int, Any]]


def journey_problems(routes: TableFile, legs: TableFile) -> Iterator[Problem]:
    """List routes without legs, and legs that do not join; routes with cells that cannot be read are left out.

    A study may have routes and no legs at all: then it has no page of routes.
    """
    if legs.frame["route_id"].isna().all():
        return
    steps = dict[str, _Steps]()
    for line, leg in _rows(legs, "route_id", "leg_order", "from_id", "to_id"):
        steps.setdefault(leg.route_id, []).append((line, leg))
    for line, route in _rows(routes, "id", "origin_id", "destination_id"):
        own = steps.get(route.id, [])
        if pd.isna([*route, *(cell for _, leg in own for cell in leg)]).any():
            continue
        if not own:
            add = _add(route.origin_id, route.destination_id)
            yield Problem(routes.file, line, "id", f"{route.id!r} has no leg in legs; {add}")
        for number, column, reason in _gaps(route, sorted(own, key=lambda each: each[1].leg_order)):
            yield Problem(legs.file, number, column, reason)


def _rows(table: TableFile, *names: str) -> Iterator[tuple[int, Any]]:
    return zip(table.lines, table.frame[[*names]].itertuples(index=False), strict=True)


def _gaps(route: Any, own: _Steps) -> Iterator[tuple[int, str, str]]:
    """The line, the column and the reason of each place where two legs, or a leg and its route, do not join."""
    at, before = route.origin_id, f"the route {route.id!r} begins at {route.origin_id!r}"
    for line, leg in own:
        if leg.from_id != at:
            yield line, "from_id", f"is {leg.from_id!r}, but {before}; correct it, or {_add(at, leg.from_id)}"
        at, before = leg.to_id, f"the leg before it in the route {route.id!r} ends at {leg.to_id!r}"
    if own and at != (end := route.destination_id):
        reason = f"the route {route.id!r} ends at {end!r}; correct it, or {_add(at, end)}"
        yield own[-1][0], "to_id", f"is {at!r} in the last leg, but {reason}"


def _add(start: str, end: str) -> str:
    return f"add the leg from {start!r} to {end!r}, {_UNKNOWN}"


def place_problems(places: TableFile) -> Iterator[Problem]:
    """List places more than 3 degrees outside the outline of their country, which takes time.

    Places without a country, regions of the world, and countries without an outline are left out.
    """
    from research_lib.evidence.geography import load_outlines  # loads slowly
    from research_lib.evidence.study_folders import BOUNDARIES

    outlines = dict(load_outlines(BOUNDARIES, "countries").dissolve("iso_a3").geometry.items())
    for line, place in zip(places.lines, places.frame.itertuples(index=False), strict=True):
        outline = outlines.get(place.country_code)
        if outline is None or place.kind == "world-region" or pd.isna([place.latitude, place.longitude]).any():
            continue
        if not _is_near(outline, place.latitude, place.longitude):
            reason = f"{place.id!r} lies far outside {place.country_code}"
            yield Problem(places.file, line, "latitude", f"{reason}; {_fix(outline, place.latitude, place.longitude)}")


def _is_near(outline: "Geometry", latitude: float, longitude: float) -> bool:
    from shapely import Point  # loads slowly

    return bool(outline.distance(Point(longitude, latitude)) <= FARTHEST)


def _fix(outline: "Geometry", latitude: float, longitude: float) -> str:
    """What to correct: signs or the order of the two numbers, where that brings the place near its country."""
    for north, east in ((-latitude, longitude), (latitude, -longitude), (-latitude, -longitude), (longitude, latitude)):
        if _is_near(outline, north, east):
            return f"is it at latitude {north:g}, longitude {east:g}? Correct them, or its country_code"
    return "correct latitude, longitude or country_code"
