"""Checks of journeys: the legs of each route lead from its origin to its destination without a gap."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from research_lib.errors import Problem
from research_lib.evidence.table_reading import TableFile

_UNKNOWN = "with the mode `not-stated` where the source does not say how"


def journey_problems(routes: TableFile, legs: TableFile) -> Iterator[Problem]:
    """List routes without legs, and legs that do not join; routes with cells that cannot be read are left out.

    A study may have routes and no legs at all: then it has no page of routes.
    """
    if legs.frame["route_id"].isna().all():
        return
    steps = _by_route(legs)
    for line, route in zip(routes.lines, _rows(routes, "id", "origin_id", "destination_id"), strict=True):
        own = steps.get(route["id"], [])
        if pd.isna([*route.values(), *(cell for _, leg in own for cell in leg.values())]).any():
            continue
        if not own:
            yield Problem(routes.file, line, "id", f"{route['id']!r} has no leg in legs; {_add(*_ends(route))}")
        for number, column, reason in _gaps(route, sorted(own, key=lambda each: each[1]["leg_order"])):
            yield Problem(legs.file, number, column, reason)


def _by_route(legs: TableFile) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    steps: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for line, leg in zip(legs.lines, _rows(legs, "route_id", "leg_order", "from_id", "to_id"), strict=True):
        steps.setdefault(leg["route_id"], []).append((line, leg))
    return steps


def _rows(table: TableFile, *names: str) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in table.frame[[*names]].itertuples(index=False)]


def _gaps(route: Mapping[str, Any], own: list[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, str, str]]:
    """The line, the column and the reason of each place where two legs, or a leg and its route, do not join."""
    at, destination = _ends(route)
    before = f"the route {route['id']!r} begins at {at!r}"
    for line, leg in own:
        if leg["from_id"] != at:
            yield line, "from_id", f"is {leg['from_id']!r}, but {before}; correct it, or {_add(at, leg['from_id'])}"
        at = leg["to_id"]
        before = f"the leg before it in the route {route['id']!r} ends at {at!r}"
    if own and at != destination:
        reason = f"the route {route['id']!r} ends at {destination!r}; correct it, or {_add(at, destination)}"
        yield own[-1][0], "to_id", f"is {at!r} in the last leg, but {reason}"


def _ends(route: Mapping[str, Any]) -> tuple[str, str]:
    return route["origin_id"], route["destination_id"]


def _add(start: str, end: str) -> str:
    return f"add the leg from {start!r} to {end!r}, {_UNKNOWN}"
