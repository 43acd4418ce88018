"""The plan: the tables of a release, as a TOML file, and the check whether the policy allows them."""

import json
import re
import tomllib
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from research_lib.disclosure.policy import ORIGIN_LEVELS, Policy
from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_text

NEVER_RELEASED = ("case_id", "person_id", "source_id", "retention_date")
RESERVED = ("count", "status", "is_synthetic", "records", "persons", "sources", "largest", "largest_two", "beyond")
FINER_PLACES = ("village", "district", "municipality", "street")
_AGE, _NUMBER = re.compile(r"(^|_)(age|birth|born)"), re.compile(r"\d{1,6}")
_OPEN = re.compile(r"under|over|below|above|less|more|plus|up_to|[<>+]")
_FIRST_BANDED_AGE = 20
_NAME = re.compile(r"[a-z0-9_-]{1,100}")
_COLUMN = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class PlanError(ResearchError):
    """A plan names a table that the policy refuses, or cannot be read."""


@dataclass(frozen=True)
class PlannedTable:
    """One table: its name, its variables, and whether its last variable keeps the five kinds of missing apart."""

    name: str
    variables: tuple[str, ...]
    keeps_missing_apart: bool = False


@dataclass(frozen=True)
class Plan:
    """The tables of a release, and the sensitive variables among theirs."""

    tables: tuple[PlannedTable, ...]
    sensitive: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a plan from a TOML file; raises PlanError naming the file and the table."""
        if not Path(path).exists():
            raise PlanError(
                f"{path} is missing: it says which tables to release; "
                "have a first one written with: research-lib release FOLDER --first-plan"
            )
        try:
            content: dict[str, Any] = tomllib.loads(read_text(path, limit=MB))
        except (ValueError, RecursionError) as error:
            raise PlanError(f"{path}: this is not TOML: {error}; correct it, or restore a backup") from error
        if strange := sorted(content.keys() - {"tables", "sensitive"}):
            raise PlanError(f"{path}: there is no setting {strange[0]!r:.60}; there are tables and sensitive")
        rows, sensitive = content.get("tables", []), content.get("sensitive", [])
        if not isinstance(rows, list):
            raise PlanError(f"{path}: tables is not a list; begin each table with [[tables]]")
        if not _are_columns(sensitive):
            raise PlanError(f'{path}: sensitive is not a list of variables; write sensitive = ["practice"]')
        plan = cls(tuple(_table(path, row) for row in rows), tuple(sensitive))
        names = [table.name for table in plan.tables]
        if not names:
            raise PlanError(f"{path}: it names no table")
        if twice := [name for name in names if names.count(name) > 1]:
            raise PlanError(f"{path}: two tables are called {twice[0]!r}")
        sets = [frozenset(table.variables) for table in plan.tables if not table.keeps_missing_apart]
        if again := [table.name for table in plan.tables if sets.count(frozenset(table.variables)) > 1]:
            raise PlanError(f"{path}: {again[0]!r} and another table cross the same variables; keep one")
        return plan

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of all tables, each once."""
        return tuple(dict.fromkeys(name for table in self.tables for name in table.variables))

    def to_toml(self) -> str:
        """Write the plan as the file that `read` takes."""
        lines = [f"sensitive = {json.dumps(self.sensitive)}"]
        for table in self.tables:
            lines += ["", "[[tables]]", f'name = "{table.name}"', f"variables = {json.dumps(table.variables)}"]
            lines += ['missing = "apart"'] * table.keeps_missing_apart
        return "\n".join(lines) + "\n"

    def check(self, policy: Policy, values: dict[str, tuple[str, ...]], known: Container[str]) -> None:
        """Check the plan against the policy; raises PlanError naming the table and the rule.

        `values`: the possible values of each variable of a table; `known`: all variables of the cases.
        """
        if strange := [name for name in self.sensitive if name not in known]:
            raise PlanError(f"sensitive: there is no variable {strange[0]!r}; correct its name")
        for table in self.tables:
            if len(table.variables) > policy.most_variables:
                raise PlanError(f"table {table.name}: more than {policy.most_variables} variables (most_variables)")
            for name in table.variables:
                if reason := _refusal(name, values.get(name), policy):
                    raise PlanError(f"table {table.name}: {reason}")


def _table(path: Path | str, row: Any) -> PlannedTable:
    if not isinstance(row, dict) or not row.keys() <= {"name", "variables", "missing"}:
        raise PlanError(f"{path}: a table has a name, variables and missing; this one is {row!r:.100}")
    name, variables = row.get("name"), row.get("variables")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PlanError(f"{path}: the name {name!r:.60} needs small letters, digits, _ and - only")
    if not _are_columns(variables) or not variables or len(set(variables)) != len(variables):
        raise PlanError(f"{path}: table {name} needs a list of different variables")
    missing = row.get("missing", "together")
    if missing not in ("together", "apart"):
        raise PlanError(f"{path}: table {name}: missing is together or apart, not {missing!r:.40}")
    return PlannedTable(name, tuple(variables), missing == "apart")


def _are_columns(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and _COLUMN.fullmatch(name) for name in value)


def _refusal(name: str, values: tuple[str, ...] | None, policy: Policy) -> str:
    if name in NEVER_RELEASED:
        return f"{name} never leaves"
    if name in RESERVED:
        return f"every released table has a column {name}; give the variable another name"
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
