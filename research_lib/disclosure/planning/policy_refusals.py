"""What the policy refuses to a plan: variables that never leave, places that are too fine, ages that are too narrow."""

import re

from research_lib.disclosure.planning.policy import ORIGIN_LEVELS, Policy

NEVER_RELEASED = ("case_id", "person_id", "source_id", "retention_date")
MEASURED = ("records", "persons", "sources", "largest", "largest_two", "beyond", "counted")
RESERVED = ("count", "status", "is_synthetic", "is_counted", *MEASURED)
FINER_PLACES = ("village", "district", "municipality", "street")
_AGE, _NUMBER = re.compile(r"(^|_)(age|birth|born)"), re.compile(r"\d{1,6}")
_OPEN = re.compile(r"under|over|below|above|less|more|plus|up_to|[<>+]")
_FIRST_BANDED_AGE = 20


def refusal(name: str, values: tuple[str, ...] | None, policy: Policy) -> str:
    """Say why a variable with these values may not leave; empty where it may."""
    if name.lower() in NEVER_RELEASED:
        return f"{name} never leaves"
    if name.lower() in RESERVED:
        return f"every released table has a column {name.lower()}; give the variable another name"
    if values is None:
        return f"there is no variable {name!r}"
    whose, _, level = name.lower().rpartition("_")
    finer = (*ORIGIN_LEVELS[ORIGIN_LEVELS.index(policy.finest_origin) + 1 :], *FINER_PLACES)
    if whose and "__" not in name and level in finer:
        return f"{name} is finer than {policy.finest_origin} (finest_origin)"
    if _AGE.search(name.lower()) and (narrow := _narrow_band(values, policy.smallest_age_band)):
        return f"the age band {narrow} has fewer than {policy.smallest_age_band} years (smallest_age_band)"
    return ""


def _narrow_band(values: tuple[str, ...], smallest: int) -> str:
    """The first age band of adults that is too narrow; below twenty, bands follow the ages in law."""
    for value in values:
        numbers = [int(number) for number in _NUMBER.findall(value)]
        if len(numbers) == 1 and not _OPEN.search(value.lower()):
            return value
        if len(numbers) > 1 and numbers[0] >= _FIRST_BANDED_AGE and numbers[1] - numbers[0] + 1 < smallest:
            return value
    return ""
