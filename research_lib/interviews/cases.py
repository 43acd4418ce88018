"""The cases of a study: one record an interview, its variables, and the five kinds of missing answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from research_lib.errors import Problem, StudyError
from research_lib.methods.missing import MISSING

type Kind = Literal["one", "many"]

ANSWER_OF_MISSING = {"not_known": "dk", "refused": "refused"}
ALONE = ("none", "nobody")
ADMINISTRATION = ("country_code", "site", "interview_year", "respondent")
FIXED = (
    *("case_id", "person_id", "source_id"),
    *ADMINISTRATION,
    *("consent_scope", "legal_basis", "retention_date", "is_synthetic"),
)
SCOPES, BASES = ("this_study", "published_tables", "other_research"), ("consent", "public_interest")
CASES_FILE, VARIABLES_FILE = "cases.csv", "variables.json"
MADE_UP = "synthetic"


@dataclass(frozen=True)
class Variable:
    """One question with a list of answers: what may be answered, its words in each language, and when it is asked.

    `dimension` is the group of the form, `kind` says whether one answer or many may be given, `choices` are the codes
    without "does not know" and "prefers not to say", `relevant` is the form's expression, or nothing for "always".
    """

    name: str
    dimension: str
    kind: Kind
    choices: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    choice_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    relevant: str = ""


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


def columns_of(variable: Variable) -> tuple[str, ...]:
    """Name the columns of a variable: its own, or one for each choice where many may be given."""
    if variable.kind == "one" or variable.name in FIXED:
        return (variable.name,)
    return tuple(f"{variable.name}__{choice}" for choice in variable.choices)


def answer_columns(variables: Iterable[Variable]) -> tuple[str, ...]:
    """Name the columns of all variables, but for those that are fixed columns anyway."""
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
    return described or sorted([*found, *(_fixed_problems(cases) if not absent else ()), *_answer_problems(cases)])


def _at(column: str, wrong: np.ndarray, values: np.ndarray, reason: str) -> list[Problem]:
    """A problem for each row that is marked, with what stands there in place of {}."""
    return [
        Problem(CASES_FILE, int(row) + 2, column, reason.format(repr(values[row]))) for row in np.flatnonzero(wrong)
    ]


def _cells(frame: pd.DataFrame, column: str) -> np.ndarray:
    return frame[column].astype(object).where(frame[column].notna(), "").to_numpy()


def _fixed_problems(cases: Cases) -> Iterator[Problem]:
    frame = cases.frame
    for column in ("case_id", "person_id", "source_id"):
        is_code = frame[column].astype(str).str.fullmatch(r"[a-z0-9_-]+").to_numpy(dtype=bool)
        yield from _at(column, ~is_code, _cells(frame, column), "{} is not a code; use a-z, 0-9, _ and -")
    for column in ADMINISTRATION:
        is_code = frame[column].astype(str).str.fullmatch(r"[A-Za-z0-9_-]+").to_numpy(dtype=bool)
        yield from _at(column, ~is_code, _cells(frame, column), "{} is not a code; use letters, digits, _ and -")
    twice = frame["case_id"].duplicated(keep="first").to_numpy()
    yield from _at("case_id", twice, _cells(frame, "case_id"), "{} stands twice; keep one record")
    synthetic = "yes" if cases.is_synthetic else "no"
    wanted = {
        "consent_scope": (frozenset(_scopes()), f"{{}} is not made of {', '.join(SCOPES)}"),
        "legal_basis": (frozenset(BASES), f"{{}} is not one of {', '.join(BASES)}"),
        "is_synthetic": (frozenset([synthetic]), f"{{}} is not {synthetic!r}, as {VARIABLES_FILE} has it"),
    }
    for column, (allowed, reason) in wanted.items():
        yield from _at(column, ~frame[column].isin(allowed).to_numpy(), _cells(frame, column), reason)
    unmarked = (frame["source_id"].astype(str).str.startswith(MADE_UP) & (frame["is_synthetic"] != "yes")).to_numpy()
    yield from _at(
        "source_id", unmarked, _cells(frame, "source_id"), "{} has made-up records; is_synthetic must be yes"
    )
    dates = _cells(frame, "retention_date")
    yield from _at("retention_date", ~_are_dates(dates), dates, "{} is not a date; write it as 2031-12-31")


def _scopes() -> Iterator[str]:
    for bits in range(1, 1 << len(SCOPES)):
        yield " ".join(scope for place, scope in enumerate(SCOPES) if bits >> place & 1)


def _are_dates(values: np.ndarray) -> np.ndarray:
    known = {value: _is_date(value) for value in set(values)}
    return np.array([known[value] for value in values], dtype=bool)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _answer_problems(cases: Cases) -> Iterator[Problem]:
    for variable in cases.variables:
        columns = [column for column in columns_of(variable) if column in cases.frame]
        is_split = variable.kind == "many" and variable.name not in FIXED
        codes = ("yes", "no") if is_split else variable.choices
        if variable.name in ("consent_scope", "legal_basis"):
            continue
        for column in columns:
            wrong = ~cases.frame[column].isin((*codes, *MISSING)).to_numpy()
            if wrong.any():
                yield from _at(column, wrong, _cells(cases.frame, column), f"{{}} is not one of {_listed(codes)}")
        if is_split and columns:
            yield from _many_problems(cases.frame[columns], variable)


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join((*codes, *MISSING))


def _many_problems(frame: pd.DataFrame, variable: Variable) -> Iterator[Problem]:
    """What does not go together in the columns of one question."""
    first = frame.columns[0]
    chosen = (frame == "yes").sum(axis=1).to_numpy()
    answered = frame.isin(("yes", "no")).to_numpy()
    mixed = (answered.any(axis=1) & ~answered.all(axis=1)) | (
        ~answered.any(axis=1) & frame.ne(frame[first], axis=0).any(axis=1).to_numpy()
    )
    names = np.full(len(frame), variable.name, dtype=object)
    yield from _at(first, mixed, names, "the columns of {} do not agree on whether it was answered")
    yield from _at(first, answered.all(axis=1) & (chosen == 0), names, "no choice of {} is yes; say why it is missing")
    for choice in ALONE:
        if (column := f"{variable.name}__{choice}") in frame:
            wrong = (frame[column] == "yes").to_numpy() & (chosen > 1)
            yield from _at(
                column, wrong, names, f"{choice!r} stands beside other choices of {{}}; keep one or the others"
            )


def purge(cases: Cases, today: date) -> tuple[Cases, int]:
    """Remove the records whose retention date has passed, and say how many there were.

    The date itself is the last day on which a record may be kept. Raises StudyError where one is no date.
    """
    dates = _cells(cases.frame, "retention_date")
    wrong = _at("retention_date", ~_are_dates(dates), dates, "{} is not a date; write it as 2031-12-31")
    if wrong:
        raise StudyError("it is not known when some records expire, so nothing was removed:", wrong)
    kept = np.array([value >= today.isoformat() for value in dates], dtype=bool)
    return replace(cases, frame=cases.frame[kept].reset_index(drop=True)), int((~kept).sum())


def for_release(cases: Cases) -> Cases:
    """Keep back every answer of those who did not agree to published tables.

    The record stays, so that a total can count it; each of its variables, country and place too, becomes "withheld".
    """
    frame = cases.frame.copy()
    silent = ~frame["consent_scope"].str.split().map(lambda scopes: "published_tables" in scopes).astype(bool)
    frame.loc[silent, [*ADMINISTRATION, *answer_columns(cases.variables)]] = "withheld"
    return replace(cases, frame=frame)
