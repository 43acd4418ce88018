"""The journeys that maps show before anything is chosen."""

import pandas as pd

from research_lib.evidence.study import Study


def shown_journeys(study: Study) -> tuple[str, ...]:
    """Give the kinds of journeys that the study's settings name, or all that its routes have."""
    return tuple(study.settings.defaults.journeys or dict.fromkeys(study["routes"]["kind"]))


def touching(study: Study, legs: pd.DataFrame) -> pd.DataFrame:
    """Say of each leg, as `leg_table` gives it, whether its journey touches a country of the study: `own`, `elsewhere`.

    A journey touches those countries where it begins, ends or stops in one; a leg between two others is part of it.
    """
    country = study["places"].set_index("id")["country_code"]
    ends = legs[["from_id", "to_id", "origin_id", "destination_id"]].apply(lambda places: places.map(country))
    own = ends.isin(study.settings.countries).any(axis="columns").groupby(legs["route_id"]).transform("any")
    return legs.assign(touches=own.map({True: "own", False: "elsewhere"}))
