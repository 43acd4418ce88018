"""The journeys that maps show before anything is chosen."""

import pandas as pd

from research_lib.evidence.study import Study


def shown_journeys(study: Study) -> tuple[str, ...]:
    """Give the kinds of journeys that the study's settings name, or all that its routes have."""
    return tuple(study.settings.defaults.journeys or dict.fromkeys(study["routes"]["kind"]))


def touching(study: Study, legs: pd.DataFrame) -> pd.DataFrame:
    """Say of each leg, as `leg_table` gives it, whether an end lies in a country of the study: `own` or `elsewhere`."""
    country = study["places"].set_index("id")["country_code"]
    ends = [legs[name].map(country).isin(study.settings.countries) for name in ("from_id", "to_id")]
    return legs.assign(touches=(ends[0] | ends[1]).map({True: "own", False: "elsewhere"}))
