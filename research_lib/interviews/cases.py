"""The cases of a study: one record an interview, its variables, and the five kinds of missing answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from research_lib.errors import Problem, StudyError
from research_lib.missing_answers import MISSING

type Kind = Literal["one", "many"]

ANSWER_OF_MISSING = {"not_known": "dk", "refused": "refused"}
ADMINISTRATION = ("country_code", "site", "interview_year", "respondent")
KEPT_APART = ("case_code", "source_id", "consent", "consent_scope", "legal_basis")
NEEDED = (*KEPT_APART, *ADMINISTRATION)
FIXED = (
    *("case_id", "person_id", "source_id"),
    *ADMINISTRATION,
    *("consent_scope", "legal_basis", "retention_date", "is_synthetic"),
)
GIVEN = {*FIXED, "consent"} - set(ADMINISTRATION)  # what those who carry out the study write, never an answer
SCOPES, BASES = ("this_study", "published_tables", "other_research"), ("consent", "public_interest")
_SETS_OF_SCOPES = frozenset(" ".join(some) for count in (1, 2, 3) for some in combinations(SCOPES, count))
CASES_FILE, VARIABLES_FILE = "cases.csv", "variables.json"
MADE_UP = "synthetic"


@dataclass(frozen=True)
class Variable:
    """One question with a list of answers: what may be answered, its words in each language, and when it is asked.

    `dimension` is the group of the form, `kind` says whether one answer or many may be given, `choices` are the codes
    without "does not know" and "prefers not to say", `relevant` is the form's expression, or nothing for "always",
    `alone` are the choices that the form takes only alone, such as "none".
    """

    name: str
    dimension: str
    kind: Kind
    choices: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    choice_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    relevant: str = ""
    alone: tuple[str, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether each choice has a column of its own: yes or no."""
        return self.kind == "many" and self.name not in FIXED


@dataclass(frozen=True)
class Cases:
    """The records of a study and their variables.

    `frame` is all text, one row a record: the columns FIXED, then one for each variable with one answer, and one for
    each choice of a variable with many (`<variable>__<choice>`: yes, no). Every cell is a code or one of MISSING.
    """

    frame: pd.DataFrame
    variables: tuple[Variable, ...]
    is_synthetic: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the frame must have, in their order."""
        return (*FIXED, *answer_columns(self.variables))

    def __getitem__(self, name: str) -> Variable:
        """Give a variable by its name; raises StudyError where there is none."""
        found = next((variable for variable in self.variables if variable.name == name), None)
        if found is None:
            raise StudyError(f"there is no variable {name!r} in these cases")
        return found


def own_code(choice: str) -> str:
    """Give the code of a choice in cases: another one where its own would say that an answer is missing."""
    return f"choice_{choice}" if choice in MISSING and choice not in ANSWER_OF_MISSING.values() else choice


def columns_of(variable: Variable) -> tuple[str, ...]:
    """Name the columns of a variable: its own, or one for each choice where many may be given."""
    if variable.is_split:
        return tuple(f"{variable.name}__{choice}" for choice in variable.choices)
    return (variable.name,)


def answer_columns(variables: Iterable[Variable]) -> tuple[str, ...]:
    """Name the columns of all variables, except those that are fixed columns already."""
    return tuple(column for variable in variables if variable.name not in FIXED for column in columns_of(variable))


def problems(cases: Cases) -> list[Problem]:
    """List everything that is wrong with cases, by line and column; an empty list means sound.

    Where the variables themselves are wrong, only that is listed. Lines are those of cases.csv, whose header is line 1.
    """
    wanted, there = cases.columns, set(cases.frame)
    absent = [column for column in wanted if column not in there]
    unread = sorted(there - set(wanted))
    found = [Problem(CASES_FILE, 1, column, "this column is missing; add it") for column in absent]
    found += [Problem(CASES_FILE, 1, column, "no variable has this column; remove it") for column in unread]
    described = [
        Problem(VARIABLES_FILE, 0, variable.name, f"{choice!r} says that an answer is missing; rename the choice")
        for variable in cases.variables
        for choice in variable.choices
        if choice in (*MISSING, "dk")
    ]
    found += [*unknown_answers(cases), *(_fixed_problems(cases) if not absent else ())]
    for variable in cases.variables:
        columns = [column for column in columns_of(variable) if column in there]
        found += _many_problems(cases.frame[columns], variable) if variable.is_split and columns else ()
    return described or sorted(found)


def _at(frame: pd.DataFrame, column: str, wrong: pd.Series | np.ndarray, reason: str) -> list[Problem]:
    """A problem for each row that is marked, with what stands in its cell in place of {}."""
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return []
    cells = frame[column].iloc[rows].astype(object).fillna("")
    return [
        Problem(CASES_FILE, int(row) + 2, column, reason.replace("{}", repr(cell)))
        for row, cell in zip(rows, cells, strict=True)
    ]


def _fixed_problems(cases: Cases) -> Iterator[Problem]:
    frame = cases.frame
    for columns, signs, fix in (
        (("case_id", "person_id", "source_id"), "a-z0-9_-", "a-z, 0-9, _ and -"),
        (ADMINISTRATION, "A-Za-z0-9_-", "letters, digits, _ and -"),
    ):
        for column in columns:
            wrong = ~frame[column].astype(str).str.fullmatch(f"[{signs}]+").astype(bool)
            yield from _at(frame, column, wrong, f"{{}} is not a code; use {fix}")
    yield from _at(frame, "case_id", frame["case_id"].duplicated(), "{} stands twice; keep one record")
    synthetic = "yes" if cases.is_synthetic else "no"
    wanted = {
        "consent_scope": (_SETS_OF_SCOPES, f"{{}} is not made of {', '.join(SCOPES)}"),
        "legal_basis": (frozenset(BASES), f"{{}} is not one of {', '.join(BASES)}"),
        "is_synthetic": (frozenset([synthetic]), f"{{}} is not {synthetic!r}, as {VARIABLES_FILE} has it"),
    }
    for column, (allowed, reason) in wanted.items():
        yield from _at(frame, column, ~frame[column].isin(allowed), reason)
    unmarked = frame["source_id"].astype(str).str.startswith(MADE_UP) & (frame["is_synthetic"] != "yes")
    yield from _at(frame, "source_id", unmarked, "{} has made-up records; is_synthetic must be yes")
    yield from _date_problems(frame)


def _date_problems(frame: pd.DataFrame) -> list[Problem]:
    written = frame["retention_date"]
    dates = pd.to_datetime(written, format="%Y-%m-%d", errors="coerce").dt.strftime("%Y-%m-%d")
    return _at(frame, "retention_date", dates != written, "{} is not a date; write it as 2031-12-31")


def unknown_answers(cases: Cases) -> Iterator[Problem]:
    """List the cells that are neither an answer of the form nor a kind of missing."""
    for variable in cases.variables:
        if variable.name not in ("consent_scope", "legal_basis"):
            codes = ("yes", "no") if variable.is_split else variable.choices
            for column in columns_of(variable):
                if column in cases.frame and (wrong := ~cases.frame[column].isin([*codes, *MISSING])).any():
                    yield from _at(cases.frame, column, wrong, f"{{}} is not one of {', '.join((*codes, *MISSING))}")


def _many_problems(frame: pd.DataFrame, variable: Variable) -> Iterator[Problem]:
    """What does not go together in the columns of one question."""
    first, name, cells = frame.columns[0], repr(variable.name), frame.to_numpy(dtype=object)
    yes = cells == "yes"
    answered, chosen = yes | (cells == "no"), yes.sum(axis=1)
    every, some = answered.all(axis=1), answered.any(axis=1)
    mixed = (some & ~every) | (~some & (cells != cells[:, :1]).any(axis=1))
    yield from _at(frame, first, mixed, f"the columns of {name} do not agree on whether it was answered")
    yield from _at(frame, first, every & (chosen == 0), f"no choice of {name} is yes; say why it is missing")
    for choice in variable.alone:
        if (column := f"{variable.name}__{choice}") in frame:
            reason = f"{choice!r} stands beside other choices of {name}; keep one or the others"
            yield from _at(frame, column, (frame[column] == "yes").to_numpy() & (chosen > 1), reason)


def purge(cases: Cases, today: date) -> tuple[Cases, int]:
    """Remove the records whose retention date has passed, and say how many there were.

    The date itself is the last day on which a record may be kept. Raises StudyError where one is not a date.
    """
    if wrong := _date_problems(cases.frame):
        raise StudyError("it is not known when some records expire, so nothing was removed:", wrong)
    kept = np.array([day >= today.isoformat() for day in cases.frame["retention_date"]], dtype=bool)
    return replace(cases, frame=cases.frame[kept].reset_index(drop=True)), int((~kept).sum())


def may_be_published(frame: pd.DataFrame) -> pd.Series:
    """Say of each record whether its consent covers published tables."""
    return frame["consent_scope"].map(lambda scopes: "published_tables" in scopes.split()).astype(bool)


def for_release(cases: Cases) -> Cases:
    """Keep back every answer of those who did not agree to published tables.

    The record stays, so that a total can count it; each of its variables, country and place too, becomes "withheld".
    """
    frame = cases.frame.copy()
    frame.loc[~may_be_published(frame), [*ADMINISTRATION, *answer_columns(cases.variables)]] = "withheld"
    return replace(cases, frame=frame)
