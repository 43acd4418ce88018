"""The cases of a study: one record an interview, its variables, and the five kinds of missing answers."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from research_lib.errors import Problem, StudyError

type Kind = Literal["one", "many"]

MISSING = ("not_asked", "not_known", "refused", "withheld", "not_applicable")
ANSWER_OF_MISSING = {"not_known": "dk", "refused": "refused"}
ALONE = ("none", "nobody")
ADMINISTRATION = ("country_code", "site", "interview_year", "respondent")
FIXED = (
    *("case_id", "person_id", "source_id"),
    *ADMINISTRATION,
    *("consent_scope", "legal_basis", "retention_date", "is_synthetic"),
)
SCOPES, BASES = ("this_study", "published_tables", "other_research"), ("consent", "public_interest")
FILES = CASES_FILE, VARIABLES_FILE, README_FILE = "cases.csv", "variables.json", "README.txt"
SYNTHETIC = "SYNTHETIC: every record in this folder was made by a program; no person stands behind any of them."
README = """{first}
This folder holds the records of interviews, one a line: cases.csv has the answers, variables.json says what they mean.
It must never be published, mailed, or put into a repository: what may leave is made from it by `research-lib release`.
A record is to be destroyed when its retention_date has passed: `research-lib purge` does that.
An answer that is missing is one of: {missing}.
"""
REAL = "CONFIDENTIAL: records of real people in danger."


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

    Lines are those of cases.csv, whose header is line 1.
    """
    absent = [column for column in cases.columns if column not in cases.frame]
    unread = [column for column in cases.frame if column not in cases.columns]
    found = [Problem(CASES_FILE, 1, column, "this column is missing; add it") for column in absent]
    found += [Problem(CASES_FILE, 1, column, "no variable has this column; remove it") for column in unread]
    found += [
        Problem(VARIABLES_FILE, 0, variable.name, f"{choice!r} says that an answer is missing; rename the choice")
        for variable in cases.variables
        for choice in variable.choices
        if choice in (*MISSING, "dk")
    ]
    return sorted([*found, *(_fixed_problems(cases) if not absent else ()), *_answer_problems(cases)])


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
        yield from _at(column, ~is_code, _cells(frame, column), "{} is no code; use a-z, 0-9, _ and -")
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
    dates = _cells(frame, "retention_date")
    yield from _at("retention_date", ~_are_dates(dates), dates, "{} is no date; write it as 2031-12-31")


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
    wrong = _at("retention_date", ~_are_dates(dates), dates, "{} is no date; write it as 2031-12-31")
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


def write_cases(cases: Cases, folder: Path | str) -> None:
    """Write cases into a folder: cases.csv, variables.json and a README.txt; each file is there whole, or as it was.

    Raises StudyError, writing nothing, where the cases have problems or the folder has cases of the other sort
    (real ones beside synthetic).
    """
    folder = Path(folder)
    if found := problems(cases):
        raise StudyError(f"{folder}: these cases cannot be written as they stand:", found)
    if (folder / VARIABLES_FILE).exists() and read_cases(folder).is_synthetic != cases.is_synthetic:
        raise StudyError(f"{folder}: real and synthetic cases must not take each other's place; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    first = SYNTHETIC if cases.is_synthetic else REAL
    variables = [asdict(variable) for variable in cases.variables]
    described = {"is_synthetic": cases.is_synthetic, "note": first, "variables": variables}
    replace_file(folder / README_FILE, README.format(first=first, missing=", ".join(MISSING)))
    replace_file(folder / VARIABLES_FILE, json.dumps(described, ensure_ascii=False, indent=1) + "\n")
    replace_file(folder / CASES_FILE, cases.frame[list(cases.columns)].to_csv(index=False, lineterminator="\n"))


def replace_file(path: Path, text: str) -> None:
    """Put a whole file in the place of another, so that a crash leaves one or the other."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read_cases(folder: Path | str) -> Cases:
    """Read the cases of a folder that `write_cases` made; what is wrong inside is listed by `problems`.

    Raises StudyError where a file is missing, cannot be read, or has a row that is longer than its header.
    """
    folder = Path(folder)
    for name in (CASES_FILE, VARIABLES_FILE):
        if not (folder / name).is_file():
            raise StudyError(f"{folder} has no {name}: it holds no cases; bring them in with: research-lib import")
    variables, is_synthetic = _read_variables(folder / VARIABLES_FILE)
    try:
        frame = pd.read_csv(
            folder / CASES_FILE, dtype=str, na_filter=False, skip_blank_lines=False, encoding="utf-8-sig"
        )
    except (ValueError, OSError) as error:
        raise StudyError(f"{folder / CASES_FILE}: it cannot be read ({error}); restore it from a backup") from error
    if not isinstance(frame.index, pd.RangeIndex):
        raise StudyError(f"{folder / CASES_FILE}: its rows have more cells than its header; restore it from a backup")
    return Cases(frame.fillna(""), variables, is_synthetic)


def _read_variables(path: Path) -> tuple[tuple[Variable, ...], bool]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        variables = [Variable(**{**entry, "choices": tuple(entry["choices"])}) for entry in described["variables"]]
        return tuple(variables), {True: True, False: False}[described["is_synthetic"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StudyError(f"{path}: it does not describe variables ({error}); restore it from a backup") from error
