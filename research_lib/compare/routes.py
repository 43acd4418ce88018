"""How people travelled: each leg with its route, its places and what it rests on, and the legs as flows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study

_REGIONS = {"country_code": "country", "iso_3166_2": "province", "id": "place"}
_PAIR = ["origin", "destination"]
_MOST_NAMES = 3
_OF_ROUTE = (
    *("kind", "mode_of_entry", "origin_id", "destination_id", "group_id", "figure_id"),
    *("start_year", "end_year", "period"),
)


@dataclass(frozen=True)
class Flows:
    """How many legs join each two regions, and what cannot be read from that.

    `table`: origin, destination, flow (legs); every ordered pair of different regions.
    `cautions`: a sentence each, where a measure of migration makes no sense.
    """

    table: pd.DataFrame
    cautions: tuple[str, ...]


def leg_table(study: Study) -> pd.DataFrame:
    """Give every leg beside its route.

    One row a leg: its own columns; of its route the name, kind, mode of entry, origin, destination, groups, figures,
    years, period and decades; `origin_within` and `destination_within`: the place and all places that it lies in, from
    the smallest. Lists are Python lists.
    """
    routes, last = study["routes"].set_index("id"), study.last_year
    legs = study["legs"].sort_values(["route_id", "leg_order"])
    route = legs["route_id"].map
    table = legs.assign(
        route_name=route(routes["name"]),
        route_name_fr=route(routes["name_fr"]),
        **{name: route(routes[name]) for name in _OF_ROUTE},
        decades=route({row.Index: decades(row.start_year, row.end_year, last) for row in routes.itertuples()}),
    )
    parents = study["places"].set_index("id")["parent_id"]
    return table.assign(
        **{f"{end}_within": [[*_around(place, parents)] for place in table[f"{end}_id"]] for end in _PAIR},
        **{name: table[name].map(split) for name in ("actor", "claim_id", "figure_id", "group_id", "informant")},
    )


def decades(start: Any, end: Any, last: int) -> list[str]:
    """Name the decades that a span of years touches; an open end runs to the last year, no years give `undated`."""
    if pd.isna(start) and pd.isna(end):
        return ["undated"]
    first = int(end if pd.isna(start) else start)
    until = int(max(first, last) if pd.isna(end) else end)
    return [f"{decade}s" for decade in range(first // 10 * 10, until + 1, 10)]


def flows(study: Study, *, by: str = "country_code") -> Flows:
    """Count the legs between regions: countries, provinces (`iso_3166_2`) or single places (`id`).

    A place belongs to the region that it names, or that the place around it names; without any it is a region itself,
    such as a part of the world. Not for: saying how many people moved, or that nobody did; a leg is a step that a
    source describes, and the cautions of the result say what follows. Raises UnfitDataError for another `by`, and where
    no leg joins two regions.
    """
    if by not in _REGIONS:
        raise UnfitDataError(f"by is {by!r}; count flows by {', '.join(_REGIONS)}")
    places, legs = study["places"].set_index("id", drop=False), study["legs"]
    around = {place: [*_around(place, places["parent_id"])] for place in {*legs["from_id"], *legs["to_id"]}}
    region = {place: next(iter(places.loc[chain, by].dropna()), place) for place, chain in around.items()}
    steps = pd.DataFrame({"origin": legs["from_id"].map(region), "destination": legs["to_id"].map(region)})
    between = steps[steps["origin"] != steps["destination"]]
    if between.empty:
        raise UnfitDataError(f"no leg of the study joins two regions by {by!r}; count flows by {', '.join(_REGIONS)}")
    regions = sorted({*between["origin"], *between["destination"]})
    pairs = pd.MultiIndex.from_product([regions, regions], names=_PAIR)
    table = between.value_counts().reindex(pairs, fill_value=0).rename("flow").reset_index()
    table = table[table["origin"] != table["destination"]].reset_index(drop=True)
    cautions = [*_cautions(table)]
    if wide := [place for place in regions if by != "id" and place in around]:
        cautions.append(f"{_named(wide)} belong to no {_REGIONS[by]}; each stands as a region itself.")
    if inside := _nested(region, around, regions):
        cautions.append(f"Regions lie in each other ({_named(inside)}): the same journey may be told of either.")
    if within := len(steps) - len(between):
        cautions.append(f"Legs that stay within a region, and are in no flow: {within}.")
    return Flows(table, tuple(cautions))


def _around(place: str, parents: Mapping[str, Any]) -> Iterator[str]:
    """A place, the one that it lies in, and so on."""
    seen: set[str] = set()
    at: Any = place
    while isinstance(at, str) and at in parents and at not in seen:
        seen.add(at)
        yield at
        at = parents[at]


def _cautions(table: pd.DataFrame) -> Iterator[str]:
    """What the counts of legs cannot say."""
    yield (
        "A flow counts legs that sources describe, not people: an intensity of migration makes no sense, "
        "and net_migration is no balance of people."
    )
    empty = int((table["flow"] == 0).sum())
    if empty:
        yield (
            f"{empty} of {len(table)} pairs have no leg: nobody describes one, which is not that nobody moved. "
            "total_gini measures what sources tell, and makes no sense as the concentration of migration."
        )
    flow = table.set_index(_PAIR)["flow"]
    back = flow.swaplevel().reindex(flow.index)
    joined, one_way = int(((flow + back) > 0).sum() / 2), int(((flow > 0) & (back == 0)).sum())
    if one_way:
        yield (
            f"{one_way} of {joined} joined pairs have legs in one direction only: effectiveness then says that sources "
            "tell the way there, and not that nobody goes back."
        )


def _nested(region: Mapping[str, str], around: Mapping[str, list[str]], regions: list[str]) -> list[str]:
    """Which regions lie in others of the table."""
    of = {at: region.get(at, at) for chain in around.values() for at in chain}
    wider = {
        own: next((of[at] for at in around[place] if of[at] in regions and of[at] != own), "")
        for place, own in sorted(region.items())
        if own in regions
    }
    return [f"{own} in {outer}" for own, outer in sorted(wider.items()) if outer]


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
