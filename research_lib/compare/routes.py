"""How people travelled: each leg with its route, its places and what it rests on, as one table."""

from typing import Any

import pandas as pd

from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study

DECADES = ("1970s", "1980s", "1990s", "2000s")
_REPORT_YEAR = 2007


def leg_table(study: Study) -> pd.DataFrame:
    """Give every leg beside its route.

    One row a leg: its own columns; of its route the name, kind, mode of entry, origin, destination, groups, decades and
    figures. Lists are Python lists.
    """
    routes = study["routes"].set_index("id")
    legs = study["legs"].sort_values(["route_id", "leg_order"])
    route = legs["route_id"].map
    table = legs.assign(
        route_name=route(routes["name"]),
        route_name_fr=route(routes["name_fr"]),
        kind=route(routes["kind"]),
        mode_of_entry=route(routes["mode_of_entry"]),
        origin_id=route(routes["origin_id"]),
        destination_id=route(routes["destination_id"]),
        group_id=route(routes["group_id"]),
        figure_id=route(routes["figure_id"]),
        decades=route({row.Index: decades(row.start_year, row.end_year) for row in routes.itertuples()}),
    )
    return table.assign(
        **{name: table[name].map(split) for name in ("actor", "claim_id", "figure_id", "group_id", "informant")}
    )


def decades(start: Any, end: Any) -> list[str]:
    """Name the decades that a span of years touches; an open end runs to the report's year, no years give `undated`."""
    if pd.isna(start) and pd.isna(end):
        return ["undated"]
    first = int(end if pd.isna(start) else start)
    last = int(_REPORT_YEAR if pd.isna(end) else end)
    touched = [decade for decade in DECADES if first <= int(decade[:4]) + 9 and last >= int(decade[:4])]
    return touched or ["undated"]
