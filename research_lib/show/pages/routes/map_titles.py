"""What the map of each organiser shows, as its title: by way of where, or from where to where."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pandas as pd
from babel.lists import format_list

from research_lib.evidence.study import Study
from research_lib.show.drawing.organiser_panels import ALL, organiser_of
from research_lib.show.words import Words

_MOST = 5  # names in a title
_RARE = 1 / 8  # a country that no more of the steps lead to is not in a title


def map_titles(study: Study, legs: pd.DataFrame, words: Words) -> dict[str, str]:
    """Write the title of each organiser's map from its legs, as `leg_table` gives them, and that of all together."""
    of_each = legs.groupby(legs["actor"].map(organiser_of))
    return {
        str(panel): words("map.titled", organiser=words(f"panel.{panel}"), way=_way(study, legs, own, words))
        for panel, own in (*of_each, (ALL, legs))
        if len(own)
    }


def _way(study: Study, legs: pd.DataFrame, own: pd.DataFrame, words: Words) -> str:
    places = study["places"].set_index("id", drop=False)
    names = {row.id: words.of(row, "name") for row in places.itertuples()}
    home_or_reached = {*study.settings.home_countries, *study.settings.countries}
    between = {*_stops(legs)} - {*places.index[places["country_code"].isin(home_or_reached)]}
    through = own[own["from_id"].isin(between) | own["to_id"].isin(between)]
    if 2 * len(through) > len(own):
        met = Counter(place for leg in through.itertuples() for place in {leg.from_id, leg.to_id} & between)
        return words("map.by_way", places=_listed([names[place] for place, _ in met.most_common(_MOST)], "or", words))
    origins, destinations = (_countries(own[end], places) for end in ("from_id", "to_id"))
    often = [place for place, count in origins.most_common() if 4 * count >= len(own)] or [*origins]
    start = _listed([names[place] for place in often], "standard", words)
    most = [place for place, count in destinations.most_common(_MOST) if count > _RARE * len(own)]
    reached = [place for place in most if place not in often] or most
    if 2 * sum(destinations[place] for place in reached) < len(own):
        return words("map.to_many", origins=start, count=len({*destinations} - {*often}))
    ends = _listed([names[place] for place in reached], "standard", words)
    return words("map.from_to", origins=start, destinations=ends)


def _stops(legs: pd.DataFrame) -> Iterator[Any]:
    """The places between two steps of one journey."""
    for _, steps in legs.groupby("route_id"):
        yield from {*steps["to_id"].iloc[:-1]} & {*steps["from_id"].iloc[1:]}


def _countries(ends: "pd.Series[str]", places: pd.DataFrame) -> Counter[str]:
    """Count the countries of places, and the parts of the world that are in none."""
    countries = places[places["kind"] == "country"].drop_duplicates("country_code").set_index("country_code")["id"]
    code = places["country_code"]
    return Counter(countries.get(code[place], place) if isinstance(code[place], str) else place for place in ends)


def _listed(names: Sequence[str], style: Literal["standard", "or"], words: Words) -> str:
    return format_list([*names[:_MOST]], style=style, locale=words.locale)
