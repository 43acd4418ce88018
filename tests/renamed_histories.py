"""Random histories of a study whose questions and codes are renamed, split, taken together and dropped.

Every history has the records of each release twice: in the finest codes that there ever are (`true`), which the attacker reads,
and as the study holds them on that day (`held`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from change_attack import Cell, ChangeAttack, Dated, Vector
from test_intruders import POLICY, Maker, Printed, dominated, even, nested, ring

from research_lib.disclosure.auditing.disclosure_audit import AuditError
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.release import build_release

DAY = date(2026, 1, 1)
MAKERS: list[Maker] = [even, dominated, ring, nested]
KINDS = ("variable", "code", "split", "together", "dropped")
NAMES = ["since", "variable", "code", "new_variable", "new_code"]


@dataclass(frozen=True)
class Version:
    """A variable as the study holds it: its name, and the code of each of the finest codes; None where it is dropped."""

    of: str
    name: str
    codes: dict[str, str]
    is_planned: bool = True


@dataclass
class History:
    """The releases so far, each with its records, how the variables were named, and the table of names."""

    plan: Plan
    folder: Path
    versions: dict[str, Version]
    dated: list[Dated] = field(default_factory=list)
    named: list[dict[str, Version]] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    coarser: list[Recoding] = field(default_factory=list)
    refused: int = 0

    @property
    def day(self) -> date:
        return DAY + timedelta(len(self.dated))

    def held(self, true: pd.DataFrame) -> pd.DataFrame:
        """The records as the study holds them."""
        columns = {each.name: true[each.of].map(each.codes) for each in self.versions.values()}
        return true.drop(columns=[*self.versions]).assign(**columns)

    def planned(self) -> Plan:
        """The tables of today, by the names of today, without those of a dropped question."""
        called = {each.of: each.name for each in self.versions.values()} | {c.of: c.name for c in self.coarser}
        names = {true: called.get(each.name, each.name) for true, each in self.versions.items()}
        tables = [
            PlannedTable(table.name, tuple(names[name] for name in table.variables))
            for table in self.plan.tables
            if all(self.versions[name].is_planned for name in table.variables)
        ]
        return Plan(tuple(tables), coarser=tuple(self.coarser))

    def refuse(self, said: str) -> None:
        """Drop the question of a cell that no further suppression protects, or that known changes have told."""
        assert re.search(r"no further cell can be suppressed|hidden cells have eroded", said)
        self.refused += 1
        cell = re.findall(r"([^ |]+)=", said)
        of = {each.name: each.of for each in self.coarser}
        named = {each.name: true for true, each in self.versions.items()}
        true = next(named[of.get(name, name)] for name in reversed(cell) if of.get(name, name) in named)
        self.versions[true] = replace(self.versions[true], is_planned=False)

    def release(self, true: pd.DataFrame, **options: Any) -> None:
        made = build_release(
            self.held(true),
            self.planned(),
            POLICY,
            self.folder / str(len(self.dated)),
            date=self.day,
            earlier=[each.release for each in self.dated],
            history=self.folder / "history",
            **options,
        )
        self.dated.append(Dated(made, true))
        self.named.append({**self.versions} | {c.name: c for c in self.coarser})

    def renamed(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=NAMES, dtype="str")

    def narrow(self) -> list[tuple[str, float, float]]:
        """The hidden cells that somebody who sent nothing derives within fewer than ten persons."""
        dated = [
            Dated(in_finest_codes(each.release, named), each.frame)
            for each, named in zip(self.dated, self.named, strict=True)
        ]
        ranges = UnionAttack(dated).ranges()
        return [
            (str(sorted(cell)), *ends)
            for cell, ends in ranges.items()
            if ends[1] - ends[0] < POLICY.protection_interval
        ]


class UnionAttack(ChangeAttack):
    """Cells whose codes stand for several of the finest ones, joined by +."""

    def within(self, cell: Cell, frame: pd.DataFrame) -> Vector:
        inside = np.ones(len(frame), bool)
        for name, value in cell:
            inside &= frame[name].isin(value.split("+")).to_numpy()
        return inside


def in_finest_codes(release: Any, named: dict[str, Any]) -> Printed:
    """A release whose variables and codes are said in the finest codes."""
    versions = {each.name: each for each in named.values() if isinstance(each, Version)}
    coarser = {each.name: each for each in named.values() if isinstance(each, Recoding)}

    def finest(name: str, code: str) -> str:
        own = versions[coarser[name].of if name in coarser else name]
        codes = coarser[name].codes.get(code, (code,)) if name in coarser else (code,)
        return "+".join(sorted(true for true, each in own.codes.items() if each in codes)) or code

    def true_name(name: str) -> str:
        return versions[coarser[name].of if name in coarser else name].of

    entries, tables = [], {}
    for entry in release.manifest["tables"]:
        table = release.tables[entry["name"]]
        columns = {name: [finest(name, code) for code in table[name]] for name in entry["variables"]}
        tables[entry["name"]] = table.assign(**columns).rename(columns={name: true_name(name) for name in columns})
        entries.append({**entry, "variables": [true_name(name) for name in entry["variables"]]})
    return Printed(tables, {**release.manifest, "tables": entries})


def begun(
    make: Maker, draw: np.random.Generator, folder: Path, kinds: Sequence[str]
) -> tuple[History, list[pd.DataFrame]]:
    """A study before its first release, and its records at each; a code that will be split is one code at first."""
    frame, plan = make(draw)
    mixed = frame.sample(frac=1, random_state=int(draw.integers(1_000_000)))
    sizes = np.linspace(len(mixed) * 0.5, len(mixed), len(kinds) + 1).astype(int)
    names = [name for name in plan.variables if name != "country"]
    versions = {name: Version(name, name, {code: code for code in set(frame[name])}) for name in plan.variables}
    if "split" in kinds:
        name = str(draw.choice(names))
        one, other = draw.choice(sorted(versions[name].codes), 2, replace=False)
        versions[name] = replace(versions[name], codes={**versions[name].codes, one: "joint", other: "joint"})
    return History(plan, folder, versions), [mixed.iloc[:size] for size in sizes]


def change(history: History, kind: str, draw: np.random.Generator) -> None:
    """One change of names between two releases, with its rows in the table of names."""
    since, stamp = history.day.isoformat(), len(history.rows)
    names = [name for name, each in history.versions.items() if name != "country" and each.is_planned]
    if kind == "split":
        names = [name for name in names if "joint" in history.versions[name].codes.values()]
    if not names:
        return
    name = str(draw.choice(names))
    own = history.versions[name]
    codes = sorted(set(own.codes.values()))
    if kind == "variable":
        history.versions[name] = replace(own, name=f"{name}{stamp}x")
        history.rows.append((since, own.name, "", f"{name}{stamp}x", ""))
        history.coarser = [
            replace(each, of=f"{name}{stamp}x") if each.of == own.name else each for each in history.coarser
        ]
    elif kind == "code":
        code = str(draw.choice(codes))
        new = f"{code}{stamp}y"
        history.versions[name] = replace(own, codes={t: new if c == code else c for t, c in own.codes.items()})
        history.rows.append((since, own.name, code, own.name, new))
        history.coarser = [
            replace(each, codes={k: tuple(new if c == code else c for c in every) for k, every in each.codes.items()})
            if each.of == own.name
            else each
            for each in history.coarser
        ]
    elif kind == "split":
        history.versions[name] = replace(own, codes={t: f"{t}z" if c == "joint" else c for t, c in own.codes.items()})
        history.rows += [(since, own.name, "joint", own.name, f"{t}z") for t, c in own.codes.items() if c == "joint"]
    elif kind == "together" and len(codes) > 2 and not any(each.of == own.name for each in history.coarser):
        pair = tuple(map(str, draw.choice(codes, 2, replace=False)))
        history.coarser.append(Recoding(f"{own.name}_coarser", own.name, {"together": pair}))
    elif kind == "dropped" and len(names) > 1:
        history.versions[name] = replace(own, is_planned=False)


def history_of(number: int, folder: Path) -> History:
    """Make a study with two to four releases, and a change of names before each but the first.

    Where a new table cannot be protected beside what earlier releases show, its release is refused, and it is dropped.
    """
    draw = np.random.default_rng([7, number])
    kinds = [KINDS[number % len(KINDS)], *draw.choice(KINDS, draw.integers(0, 3))]
    history, frames = begun(MAKERS[number % len(MAKERS)], draw, folder / str(number), kinds)
    history.release(frames[0])
    for kind, frame in zip(kinds, frames[1:], strict=True):
        change(history, kind, draw)
        while history.planned().tables:
            try:
                history.release(frame, renamed=history.renamed())
                break
            except AuditError as error:
                history.refuse(str(error))
    return history
