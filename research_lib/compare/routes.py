"""How people travelled: each leg with its route, its places and what it rests on, as one table."""

from typing import Any

import pandas as pd

from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study


def leg_table(study: Study) -> pd.DataFrame:
    """Give every leg beside its route.

    One row a leg: its own columns; of its route the name, kind, mode of entry, origin, destination, groups, figures,
    years, period and decades. Lists are Python lists.
    """
    routes, last = study["routes"].set_index("id"), study.last_year
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
        **{name: route(routes[name]) for name in ("start_year", "end_year", "period")},
        decades=route({row.Index: decades(row.start_year, row.end_year, last) for row in routes.itertuples()}),
    )
    return table.assign(
        **{name: table[name].map(split) for name in ("actor", "claim_id", "figure_id", "group_id", "informant")}
    )


def decades(start: Any, end: Any, last: int) -> list[str]:
    """Name the decades that a span of years touches; an open end runs to the last year, no years give `undated`."""
    if pd.isna(start) and pd.isna(end):
        return ["undated"]
    first = int(end if pd.isna(start) else start)
    until = int(max(first, last) if pd.isna(end) else end)
    return [f"{decade}s" for decade in range(first // 10 * 10, until + 1, 10)]
