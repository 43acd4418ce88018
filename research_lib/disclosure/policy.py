"""The policy: which rules a table must keep before it may leave, each with its reason, in a file to be read."""

import json
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from research_lib.errors import ResearchError

_OWN = Path(__file__).with_name("policy.toml")


class PolicyError(ResearchError):
    """A policy lacks a rule, has an unknown one, or gives a rule a value that it cannot have."""


@dataclass(frozen=True)
class Policy:
    """The rules for what may leave: counts of persons and sources, rounding, dominance, and how fine a table may be."""

    persons: int = 10
    sources: int = 3
    rounding_base: int = 5
    top_two_share: float = 0.9
    p_percent: float = 10
    smallest_interval: int = 10
    distinct_values: int = 2
    most_variables: int = 3
    smallest_age_band: int = 5
    finest_origin: str = "province"
    reasons: dict[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, path: Path | str = _OWN) -> Self:
        """Read a policy from a TOML file; raises PolicyError naming the file and the rule."""
        with Path(path).open("rb") as stream:
            rules: dict[str, dict[str, Any]] = tomllib.load(stream)
        known = {item.name: item.type for item in fields(cls) if item.name != "reasons"}
        if strange := sorted(rules.keys() - known):
            raise PolicyError(f"{path}: there is no rule {strange[0]!r}; the rules are {', '.join(known)}")
        for name in known:
            if not {"value", "reason"} <= rules.get(name, {}).keys():
                raise PolicyError(f"{path}: the rule {name!r} needs a value and a reason")
        values = {name: _checked(path, name, rules[name]["value"]) for name in known}
        return cls(**values, reasons={name: rules[name]["reason"] for name in known})

    def to_toml(self) -> str:
        """Write the policy as the file that `read` takes; a rule without a reason of its own gets the usual one."""
        reasons = {**type(self).read().reasons, **self.reasons}
        rules = [(item.name, getattr(self, item.name)) for item in fields(self) if item.name != "reasons"]
        return "\n".join(
            f"[{name}]\nvalue = {json.dumps(value)}\nreason = {json.dumps(reasons[name], ensure_ascii=False)}\n"
            for name, value in rules
        )


def _checked(path: Path | str, name: str, value: Any) -> Any:
    wanted = type(getattr(Policy, name))
    fits = isinstance(value, wanted) or (isinstance(value, int) and wanted is float)
    if not fits or isinstance(value, bool) or (wanted is not str and value <= 0):
        raise PolicyError(f"{path}: the rule {name!r} has the value {value!r}; give a positive {wanted.__name__}")
    return value
