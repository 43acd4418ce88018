"""The journeys that maps show before anything is chosen."""

from research_lib.evidence.study import Study


def shown_journeys(study: Study) -> tuple[str, ...]:
    """Give the kinds of journeys that the study's settings name, or all that its routes have."""
    return tuple(study.settings.defaults.journeys or dict.fromkeys(study["routes"]["kind"]))
