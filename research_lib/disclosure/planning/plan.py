"""The plan: the tables of a release, as a TOML file, and the check whether the policy allows them."""

import json
import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from research_lib.disclosure.planning.cell_weights import CellWeight, cell_weight, refused_weight
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.policy import Policy, PolicyError, refusal
from research_lib.errors import Problem, ResearchError
from research_lib.files.toml_files import read_toml
from research_lib.missing_answers import MISSING, NO_ANSWER

if TYPE_CHECKING:
    import ibis

_NAME = re.compile(r"[a-z0-9_-]{1,100}")
COLUMN = re.compile(r"[A-Za-z0-9_.-]{1,100}")
RECORDS, PERSONS, APART = "records", "persons", "/apart"
_ADDED = {"sum", "mean", "total", "measure", "weight", "value", "share", "median"}


class PlanError(ResearchError):
    """A plan names a table that the policy refuses, or cannot be read."""


@dataclass(frozen=True)
class PlannedTable:
    """One table: its name, its variables, and whether its last variable keeps the five kinds of missing apart."""

    name: str
    variables: tuple[str, ...]
    keeps_missing_apart: bool = False

    @property
    def sides(self) -> dict[str, str]:
        """The sides of the table, each with its variable; a side with APART keeps the kinds of missing apart."""
        last = self.variables[-1] if self.keeps_missing_apart else None
        return {f"{name}{APART}" if name == last else name: name for name in self.variables}


@dataclass(frozen=True)
class Plan:
    """The tables of a release, the sensitive variables among theirs, and variables made coarser for them.

    `counts`: records, or persons, each once, with the answers of the last record; every rule holds for what is counted.
    `order`: the codes of a variable in their order, where they have one. `weights`: which cells to hide last.
    """

    tables: tuple[PlannedTable, ...]
    sensitive: tuple[str, ...] = ()
    coarser: tuple[Recoding, ...] = ()
    counts: str = RECORDS
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: tuple[CellWeight, ...] = ()

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a plan from a TOML file; raises PlanError naming the file and the table.

        A list in place of a variable names the levels of a hierarchy, the finest first: the table is made at each.
        What is made of a sensitive variable is sensitive too.
        """
        content = _content(path)
        rows, sensitive = content.get("tables", []), content.get("sensitive", [])
        if not isinstance(rows, list):
            raise PlanError(f"{path}: tables is not a list; begin each table with [[tables]]")
        if not _are_columns(sensitive):
            raise PlanError(f'{path}: sensitive is not a list of variables; write sensitive = ["practice"]')
        if (counts := content.get("counts", RECORDS)) not in (RECORDS, PERSONS):
            raise PlanError(f'{path}: counts is {counts!r:.60}; write counts = "persons", or counts = "records"')
        coarser = tuple(_coarser(path, content.get("coarser", {})))
        made = [each.name for each in coarser if each.of in sensitive and each.name not in sensitive]
        tables = tuple(each for row in rows for each in _tables(path, row))
        order = _order(path, content.get("order", {}))
        weights = tuple(_weights(path, content.get("cells", []), tables))
        plan = cls(tables, (*sensitive, *made), coarser, counts, order, weights)
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

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the cases that the tables are counted from, each once."""
        made_of = {each.name: each.of for each in self.coarser}
        return tuple(dict.fromkeys(made_of.get(name, name) for name in self.variables))

    def only(self, *names: str) -> Self:
        """Give the plan with some of its tables; raises PlanError for a table that it does not have."""
        if lost := {*names} - {table.name for table in self.tables}:
            raise PlanError(f"the plan has no table {min(lost)!r}; it has {', '.join(t.name for t in self.tables)}")
        return replace(self, tables=tuple(table for table in self.tables if table.name in names))

    def to_toml(self) -> str:
        """Write the plan as the file that `read` takes."""
        lines = [f'counts = "{self.counts}"', f"sensitive = {json.dumps(self.sensitive)}"]
        if self.order:
            lines += ["", "[order]"]
            lines += [f"{json.dumps(name)} = {json.dumps(codes)}" for name, codes in self.order.items()]
        for each in self.coarser:
            lines += ["", f"[coarser.{json.dumps(each.name)}]", f'of = "{each.of}"']
            lines += [f"{json.dumps(code)} = {json.dumps(every)}" for code, every in each.codes.items()]
        for table in self.tables:
            lines += ["", "[[tables]]", f'name = "{table.name}"', f"variables = {json.dumps(table.variables)}"]
            lines += ['missing = "apart"'] * table.keeps_missing_apart
        for weight in self.weights:
            lines += ["", *weight.as_toml]
        return "\n".join(lines) + "\n"

    def with_coarser(self, others: Iterable[Recoding]) -> "Plan":
        """Give the plan with the coarser variables of earlier releases, too; raises PlanError where one has changed."""
        found = {each.name: each for each in self.coarser}
        for each in others:
            if found.setdefault(each.name, each) != each:
                reason = "an earlier release made it of other codes; choose another name for the new one"
                raise PlanError(f"coarser {each.name}: {reason}")
        return replace(self, coarser=tuple(found.values()))

    def add_coarser[Table: (pd.DataFrame, ibis.Table)](self, cases: Table) -> Table:
        """Give cases with a column for each coarser variable; raises PlanError where one is there already."""
        for each in self.coarser:
            if each.name in cases.columns:
                raise PlanError(f"coarser {each.name}: the cases have this column already; choose another name")
            if each.of not in cases.columns:
                raise PlanError(f"coarser {each.name}: there is no variable {each.of!r}; correct its name")
            cases = each.add_to(cases)
        return cases

    def check(
        self,
        policy: Policy,
        values: Mapping[str, tuple[str, ...]],
        known: Collection[str],
        form: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Check the plan against the policy; raises PlanError naming the table and the rule.

        `values`: the possible values of each variable of a table; `known`: all variables of the cases; `form`: the
        values that the form has, where there is one. A coarser variable counts as what it is made of: places and ages
        in it must be as coarse as the policy asks.
        """
        if strange := [name for name in self.sensitive if name not in known]:
            raise PlanError(f"sensitive: there is no variable {strange[0]!r}; correct its name")
        made_of = {each.name: each.of for each in self.coarser}
        for each in self.coarser:
            reason = each.ambiguous(values.get(each.of, ())) or (
                form and each.of in form and each.unknown(form[each.of])
            )
            if reason:
                raise PlanError(f"coarser {each.name}: {reason}")
        self._check_codes(values, (*known, *made_of))
        for table in self.tables:
            if len(table.variables) > policy.most_variables:
                raise PlanError(f"table {table.name}: more than {policy.most_variables} variables (most_variables)")
            for name in table.variables:
                found = (refusal(each, values.get(name), policy) for each in (name, made_of.get(name, name)))
                if reason := next(filter(None, found), ""):
                    raise PlanError(f"table {table.name}: {reason}")

    def _check_codes(self, values: Mapping[str, tuple[str, ...]], known: Container[str]) -> None:
        """Require that an order has each code of its variable, and that the cells with a weight exist."""
        for name, codes in self.order.items():
            if name not in known:
                raise PlanError(f"order: there is no variable {name!r:.60}; correct its name")
            if name in values and set(values[name]) != set(codes):
                raise PlanError(f"order {name}: its codes are {', '.join(values[name])}; name each, in their order")
        for weight in self.weights:
            for name, value in weight.cell.items():
                if value not in (every := (*values[name], NO_ANSWER, *MISSING)):
                    raise PlanError(f"cells {weight.name}: {name} has {', '.join(every)}; correct the value")


def plan_problems(study: Path) -> list[Problem]:
    """List why the plan or the policy of a study cannot be read; empty where both can, or where there is none."""
    kinds: dict[str, type[Plan | Policy]] = {"release/plan.toml": Plan, "release/policy.toml": Policy}
    found = []
    for name, kind in kinds.items():
        if (path := study / name).exists():
            try:
                kind.read(path)
            except (PlanError, PolicyError) as error:
                found.append(Problem(name, 0, "", str(error).removeprefix(f"{path}: ")))
    return found


def _content(path: Path | str) -> dict[str, Any]:
    if not Path(path).exists():
        raise PlanError(
            f"{path} is missing: it says which tables to release; "
            "have a first one written with: research-lib release FOLDER --first-plan"
        )
    content = read_toml(path, fix="correct it, or restore a backup", error=PlanError)
    settings = ("tables", "sensitive", "coarser", "counts", "order", "cells")
    if strange := sorted(content.keys() - set(settings)):
        raise PlanError(f"{path}: there is no setting {strange[0]!r:.60}; there are {', '.join(settings)}")
    return content


def _coarser(path: Path | str, entries: Any) -> Iterator[Recoding]:
    if not isinstance(entries, dict):
        raise PlanError(f"{path}: coarser is not a table; begin each coarser variable with [coarser.its_name]")
    for name, entry in entries.items():
        place = f"{path}: coarser {name!r:.60}"
        codes = dict(entry) if isinstance(entry, dict) else {}
        of = codes.pop("of", None)
        if not _are_columns([name, *codes]):
            raise PlanError(f"{place}: names and codes need letters, digits, _, . and - only")
        lists = codes.values()
        if not lists or not all(lists) or not all(map(_are_columns, [[of], *lists])):
            raise PlanError(f'{place}: write of = "a variable", and for each new code the list of codes it takes in')
        every = [code for listed in lists for code in listed]
        if twice := [code for code in every if every.count(code) > 1]:
            raise PlanError(f"{place}: the code {twice[0]!r} stands twice; a code goes into one new code")
        if missing := [code for code in (*every, *codes) if code in MISSING]:
            raise PlanError(f"{place}: {missing[0]!r} is a kind of missing, which stays as it is")
        yield Recoding(name, str(of), {code: tuple(listed) for code, listed in codes.items()})


def _order(path: Path | str, entries: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(entries, dict) or not all(map(_are_some_codes, entries.values())):
        raise PlanError(f'{path}: order: write each variable with its codes, such as age_band = ["18_24", "25_29"]')
    if twice := [name for name, codes in entries.items() if len(set(codes)) < len(codes)]:
        raise PlanError(f"{path}: order {twice[0]!r:.60}: a code stands twice; name each once")
    return {name: tuple(codes) for name, codes in entries.items()}


def _weights(path: Path | str, entries: Any, tables: Iterable[PlannedTable]) -> Iterator[CellWeight]:
    if not isinstance(entries, list):
        raise PlanError(f"{path}: cells is not a list; begin each entry with [[cells]]")
    variables = {each.name: each.variables for each in tables}
    for number, entry in enumerate(entries, start=1):
        if reason := refused_weight(entry):
            raise PlanError(f"{path}: cells, entry {number}: {reason}")
        found = cell_weight(entry)
        if found.table not in variables:
            raise PlanError(f"{path}: cells, entry {number}: there is no table {found.table!r:.60}")
        if strange := sorted(found.cell.keys() - set(variables[found.table])):
            raise PlanError(f"{path}: cells, entry {number}: {found.table} has no variable {strange[0]!r:.60}")
        yield found


def _tables(path: Path | str, row: Any) -> Iterator[PlannedTable]:
    """One table, or one for each combination of the levels of its hierarchies."""
    if isinstance(row, dict) and (added := sorted(_ADDED & row.keys())):
        reason = "tables of sums, means or other amounts are refused, since nothing here protects them"
        raise PlanError(f"{path}: {added[0]!r} in a table: {reason}; release counts by bands of the amount")
    if not isinstance(row, dict) or not row.keys() <= {"name", "variables", "missing"}:
        raise PlanError(f"{path}: a table has a name, variables and missing; this one is {row!r:.100}")
    name, given = row.get("name"), row.get("variables")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PlanError(f"{path}: the name {name!r:.60} needs small letters, digits, _ and - only")
    levels = [each if isinstance(each, list) else [each] for each in given] if isinstance(given, list) else []
    variables = [each for level in levels for each in level]
    if not levels or not all(levels) or not _are_columns(variables) or len(set(variables)) != len(variables):
        raise PlanError(f"{path}: table {name} needs a list of different variables")
    missing = row.get("missing", "together")
    if missing not in ("together", "apart"):
        raise PlanError(f"{path}: table {name}: missing is together or apart, not {missing!r:.40}")
    for chosen in product(*levels):
        added = [each for each, level in zip(chosen, levels, strict=True) if each != level[0]]
        yield PlannedTable("-".join([name, *added]).lower(), chosen, missing == "apart")


def _are_some_codes(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(code, str) for code in value)


def _are_columns(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and COLUMN.fullmatch(name) for name in value)
