"""Renamed variables and codes: what those of an earlier day are called today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import Plan
from research_lib.errors import ResearchError

RENAMED_FILE = "renamed.csv"
NAME_COLUMNS = ["since", "variable", "code", "new_variable", "new_code"]
NEW_SERIES = "or begin anew with --new-series, where nobody can know all changes any more"
type _Codes = dict[str, tuple[str, ...]]


class RenamedError(ResearchError):
    """What has become of a variable or a code of an earlier release is not known, or cannot be protected."""


@dataclass(frozen=True)
class NewName:
    """What a column of an earlier day is called today, and the code of each of its codes that has another one.

    `made`: where a code was split, the column does not exist any more, and is made of that of today.
    """

    name: str
    codes: Mapping[str, str] = field(default_factory=dict)
    made: Recoding | None = None

    @property
    def column(self) -> str:
        """The column of today that has its answers."""
        return self.made.of if self.made else self.name

    def code(self, code: str) -> str:
        """Give the code that takes the place of an earlier one."""
        return self.codes.get(code, code)

    def codes_today(self, code: str) -> tuple[str, ...]:
        """Give all codes of today that an earlier one stands for."""
        renamed = self.code(code)
        return tuple(self.made.codes.get(renamed, (renamed,))) if self.made else (renamed,)


@dataclass(frozen=True)
class NewNames:
    """The renamed variables and codes of a study, a row each.

    `rows`: since (the first day of the new names, an ISO date), variable, code, new_variable and new_code. A row
    without codes renames a variable. A code that was split has a row for each new code; codes that were taken together
    have a row each, with the same new code.
    """

    rows: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame | None) -> "NewNames":
        """Take the table `renamed` of a study, or nothing."""
        rows = [] if frame is None else frame[NAME_COLUMNS].fillna("").to_numpy(str).tolist()
        return cls(tuple(sorted(map(tuple, rows))))

    @cached_property
    def new_codes(self) -> frozenset[tuple[str, str]]:
        """The variables and codes that stand there as new ones."""
        return frozenset((new_variable, new_code) for *_, new_variable, new_code in self.rows)

    def today(self, column: str, day: str) -> NewName:
        """Follow a column from an earlier day to today: a variable, or `<question>__<choice>`.

        Raises RenamedError where a variable, or a choice that has a column of its own, has become several.
        """
        name, split = column, ""
        codes: _Codes = {}
        made_of: _Codes = {}
        for since in sorted({row[0] for row in self.rows if row[0] > day}):
            question, joint, choice = name.partition("__")
            rows = [row for row in self.rows if row[0] == since and row[1] in (name, question)]
            new = {code: tuple(row[4] for row in rows if row[2] == code) for code in {row[2] for row in rows} - {""}}
            names = {row[3] for row in rows} or {question}
            choices = new.get(choice, (choice,)) if joint else ("",)
            if len(names) + len(choices) > 2:
                reason = f"{name!r} is several columns since {since}; keep the column in the records"
                raise RenamedError(f"{RENAMED_FILE}: {reason}, {NEW_SERIES}")
            if not joint:
                split = split or f"{name} (before {since})" * any(len(every) > 1 for every in new.values())
                codes, made_of = (codes, _followed(made_of, new)) if split else (_followed(codes, new), made_of)
            name = f"{names.pop()}{joint}{choices[0]}"
        made = Recoding(split, name, made_of) if split else None
        return NewName(split or name, {code: new for code, (new,) in codes.items()}, made)


def _followed(codes: _Codes, new: _Codes) -> _Codes:
    """The codes of an earlier day after one more change."""
    taken = {code for every in codes.values() for code in every} | {*codes}
    later = {code: tuple(one for each in every for one in new.get(each, (each,))) for code, every in codes.items()}
    return {**later, **{code: every for code, every in new.items() if code not in taken}}


def renamed_plan(plan: Plan, names: NewNames) -> Plan:
    """Give a plan with the names of today in place of those that no variable or code has any more."""
    earlier = NewNames(tuple(row for row in names.rows if (row[1], row[2]) not in names.new_codes))

    def new(column: str) -> NewName:
        return earlier.today(column, "")

    def codes(column: str, every: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for code in every for one in new(column).codes_today(code)))

    def called(columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(new(column).column for column in columns)

    return replace(
        plan,
        tables=tuple(replace(each, variables=called(each.variables)) for each in plan.tables),
        sensitive=called(plan.sensitive),
        coarser=tuple(
            Recoding(each.name, new(each.of).column, {code: codes(each.of, old) for code, old in each.codes.items()})
            for each in plan.coarser
        ),
        order={new(name).column: codes(name, every) for name, every in plan.order.items()},
        weights=tuple(
            replace(each, cell={new(name).column: codes(name, [code])[0] for name, code in each.cell.items()})
            for each in plan.weights
        ),
    )
