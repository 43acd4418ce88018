"""Journeys in words: the places that the steps of a route lead through."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

_ARROW = " → "


@dataclass(frozen=True)
class Journey:
    """A route of several steps: its places in their order, and by leg where it leads from and to."""

    places: str
    legs: Mapping[str, str]


def journeys_of(legs: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Journey]:
    """Name by route the places of its steps, from the first to the last; routes of one step are left out."""
    found = {}
    for route, steps in legs.sort_values("leg_order", kind="stable").groupby("route_id", sort=False):
        ends = {str(step.id): (names[step.from_id], names[step.to_id]) for step in steps.itertuples()}
        if len(ends) > 1:
            places = [place for place, _ in groupby(place for each in ends.values() for place in each)]
            found[str(route)] = Journey(_ARROW.join(places), {leg: _ARROW.join(each) for leg, each in ends.items()})
    return found
