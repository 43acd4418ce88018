"""The policy: the rules that a table must satisfy before it is released, each with its reason; what it refuses."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from research_lib.errors import ResearchError
from research_lib.files.toml_files import read_toml

ORIGIN_LEVELS = ("country", "province", "prefecture", "county", "town")
NEVER_RELEASED = ("case_id", "person_id", "source_id", "retention_date")
MEASURED = ("records", "persons", "sources", "largest", "largest_two", "beyond", "counted")
RESERVED = ("count", "status", "is_synthetic", "is_counted", *MEASURED)
FINER_PLACES = ("village", "district", "municipality", "street")
_AGE, _NUMBER = re.compile(r"(^|_)(age|birth|born)"), re.compile(r"\d{1,6}")
_OPEN = re.compile(r"under|over|below|above|less|more|plus|up_to|[<>+]")
_FIRST_BANDED_AGE = 20
_USUAL = Path(__file__).with_name("policy.toml")
_HIGHEST = {"top_two_share": 1.0, "p_percent": 100.0, "most_variables": 8, "coalition": 2, "respondents": 100}
_LEAST = {"persons": 3, "protection_interval": 3}
_NO_LIMIT = 1_000_000
_MAY_BE_ZERO = ("respondents",)
_ONE_SOURCE = (
    "Here one source collected all records: it has them, so that no count is protected from it. From everybody else "
    "all counts are protected as the other rules say."
)
_AMONG_SOURCES = "Not applied: it protects sources from each other, and here one source collected all records."


class PolicyError(ResearchError):
    """A policy lacks a rule, has an unknown rule, or gives a rule a value that is not possible."""


@dataclass(frozen=True)
class Policy:
    """The rules for a release: counts of persons and sources, rounding, dominance, and how detailed a table may be."""

    persons: int = 10
    sources: int = 3
    coalition: int = 1
    respondents: int = 1
    persons_of_others: int = 3
    rounding_base: int = 5
    top_two_share: float = 0.9
    p_percent: float = 10
    protection_interval: int = 10
    distinct_values: int = 2
    most_variables: int = 3
    smallest_age_band: int = 5
    finest_origin: str = "province"
    reasons: dict[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for item in fields(self):
            if item.name != "reasons" and (reason := _refusal(item.name, getattr(self, item.name))):
                raise PolicyError(f"the rule {item.name!r} has the value {getattr(self, item.name)!r:.40}; {reason}")

    @classmethod
    def read(cls, path: Path | str = _USUAL) -> Self:
        """Read a policy from a TOML file; raises PolicyError naming the file and the rule."""
        rules = read_toml(path, fix="restore it from a backup", error=PolicyError)
        known = [item.name for item in fields(cls) if item.name != "reasons"]
        if strange := sorted(rules.keys() - set(known)):
            raise PolicyError(f"{path}: there is no rule {strange[0]!r}; the rules are {', '.join(known)}")
        for name in known:
            rule = rules.get(name)
            if rule is None:
                raise PolicyError(f"{path}: the rule {name!r} is missing; research-lib upgrade adds it")
            if not isinstance(rule, dict) or rule.keys() != {"value", "reason"} or not _is_text(rule["reason"]):
                raise PolicyError(f"{path}: the rule {name!r} needs a value, a reason in words, and nothing else")
        try:
            values = {name: rules[name]["value"] for name in known}
            policy = cls(**values, reasons={name: rules[name]["reason"] for name in known})
        except PolicyError as error:
            raise PolicyError(f"{path}: {error}") from error
        if weak := [name for name, least in _LEAST.items() if getattr(policy, name) < least]:
            reason = f"a smaller number protects nobody; give {_LEAST[weak[0]]} or more"
            raise PolicyError(f"{path}: the rule {weak[0]!r} has the value {getattr(policy, weak[0])}; {reason}")
        return policy

    def of_one_source(self) -> Self:
        """Give the policy as readers are told it where one source sent all records: what its rules then mean."""
        own = {**type(self).read().reasons, **self.reasons}
        told = dict.fromkeys(("persons_of_others", "top_two_share", "p_percent"), _AMONG_SOURCES)
        return replace(self, reasons={**own, "sources": f"{own['sources']} {_ONE_SOURCE}", **told})

    def to_toml(self) -> str:
        """Write the policy as the file that `read` takes; a rule without a reason of its own gets the usual one."""
        return self.rules_to_toml([item.name for item in fields(self) if item.name != "reasons"])

    def rules_to_toml(self, names: Iterable[str]) -> str:
        """Write some rules, as `to_toml` writes all."""
        reasons = {**type(self).read().reasons, **self.reasons}
        return "\n".join(
            f"[{name}]\nvalue = {json.dumps(getattr(self, name))}\n"
            f"reason = {json.dumps(reasons[name], ensure_ascii=False)}\n"
            for name in names
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value.strip())


def _refusal(name: str, value: Any) -> str:
    """What to give instead of a value that a rule cannot have; empty where it can."""
    wanted = Policy.__dataclass_fields__[name].default
    if isinstance(wanted, str):
        return "" if value in ORIGIN_LEVELS else f"give one of {', '.join(ORIGIN_LEVELS)}"
    kind = type(wanted) if name not in _HIGHEST else type(_HIGHEST[name])
    fits = isinstance(value, (int, float) if kind is float else int) and not isinstance(value, bool)
    highest = _HIGHEST.get(name, _NO_LIMIT)
    may_be_zero = name in _MAY_BE_ZERO
    if fits and (0 < value <= highest or (may_be_zero and value == 0)):
        return ""
    lowest = "from 0 on" if may_be_zero else "above 0"
    return f"give a {'number' if kind is float else 'whole number'} {lowest} and up to {highest:,}"


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
