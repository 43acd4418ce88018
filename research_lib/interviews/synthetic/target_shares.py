"""The margins of the synthetic demonstration study: which share of whom gives which answer, and what that follows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from research_lib.errors import StudyError
from research_lib.interviews.cases import FIXED, Cases
from research_lib.methods.missing import MISSING

OWN = Path(__file__).resolve().parents[3] / "data/curated/demonstration/margins.csv"
COLUMNS = ("id", "variable", "value", "group_id", "country_code", "share", "kind", "claim_id", "figure_id", "statement")
EVERYBODY, IN_PROSTITUTION = "all-migrants", "women-in-prostitution"
COUNTRY, GROUP = "country_code", "profile_group"
NEAR = 1e-6
COMPARED = ("id", "variable", "value", "group_id", "country_code", "kind", "share", "realised", "persons", "cells")


@dataclass(frozen=True)
class Wanted:
    """What is wanted of one variable, group and country: the share of each answer, and of each way to be missing.

    Answers are shares of those who answer, missing ones of those who are asked; `ids` names the row of each.
    """

    answers: Mapping[str, float]
    missing: Mapping[str, float]
    ids: Mapping[str, str]


@dataclass(frozen=True)
class Margins:
    """The table of margins, looked up from the particular to the general.

    What is said of a group holds before what is said of all women in prostitution, and that before what is said of all
    migrants; what is said of a country before what is said of both.
    """

    rows: pd.DataFrame

    @cached_property
    def _sets(self) -> dict[tuple[str, str, str], list[tuple[str, float, str]]]:
        keys = ["variable", "group_id", "country_code"]
        return {
            key: list(zip(rows["value"], rows["share"], rows["id"], strict=True))
            for key, rows in self.rows.groupby(keys, sort=False)
        }

    @cached_property
    def cells(self) -> dict[tuple[str, str], float]:
        """The share of each group in each country among all records, by (group, country)."""
        return {
            (group, country): of_country * of_group
            for country, of_country in self.of(COUNTRY, EVERYBODY, "").answers.items()
            for group, of_group in self.of(GROUP, EVERYBODY, country).answers.items()
        }

    def of(self, variable: str, group: str, country: str) -> Wanted:
        """Give what is wanted; raises StudyError where the table has nothing, or shares that do not sum up."""
        answers: dict[str, float] = {}
        missing: dict[str, float] = {}
        ids: dict[str, str] = {}
        for rows in self._chain(variable, group, country):
            is_open = not answers
            for value, share, name in rows:
                kind = missing if value in MISSING else answers
                if value not in kind and (value in MISSING or is_open):
                    kind[value], ids[value] = share, name
        wanted = Wanted(answers, missing, ids)
        if reason := _objection(wanted):
            raise StudyError(f"margins.csv: {variable}, {group}, {country or 'both countries'}: {reason}")
        return wanted

    def _chain(self, variable: str, group: str, country: str) -> Iterator[list[tuple[str, float, str]]]:
        for of_group in dict.fromkeys((group, IN_PROSTITUTION, EVERYBODY)):
            for of_country in dict.fromkeys((country, "")):
                yield self._sets.get((variable, of_group, of_country), [])


def _objection(wanted: Wanted) -> str:
    """What is wrong with the shares of one question, or nothing; choices of which many hold are at least one each."""
    answers, missing = sum(wanted.answers.values()), sum(wanted.missing.values())
    if answers > 1 + NEAR or abs(answers - 1) <= NEAR or (not wanted.answers and abs(missing - 1) <= NEAR):
        return "" if missing <= 1 + NEAR else "the missing answers are more than all; lower their shares"
    return f"the answers sum to {answers:g} and not to 1; add or fix rows"


def read_margins(path: Path | str = OWN) -> Margins:
    """Read a table of margins, ours or another of the same columns.

    Columns: `id`, `variable`, `value` (an answer, or one of the five kinds of missing), `group_id` (of the table of
    groups), `country_code` (none: both), `share` (0 to 1), `kind` (follows: the report says so, in words or in
    numbers; assumption: it does not), `claim_id`, `figure_id`, `statement`. Raises StudyError, naming the line, for a
    table that is not so.
    """
    path = Path(path)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if tuple(rows.columns) != COLUMNS:
        raise StudyError(f"{path}: its columns must be {', '.join(COLUMNS)}")
    rows["share"] = pd.to_numeric(rows["share"], errors="coerce")
    for wrong, reason in (
        (~rows["share"].between(0, 1), "the share is no number from 0 to 1"),
        (~rows["kind"].isin(("follows", "assumption")), "the kind is neither 'follows' nor 'assumption'"),
        (rows.duplicated(["variable", "value", "group_id", "country_code"]), "this margin stands twice"),
        (rows["id"].duplicated(), "this id stands twice"),
    ):
        if wrong.any():
            raise StudyError(f"{path}:{int(wrong.to_numpy().argmax()) + 2}: {reason}; fix the row")
    return Margins(rows)


def margins_followed(cases: Cases, margins: Margins) -> pd.DataFrame:
    """Compare what synthetic cases have with what their margins want, one line for each row of the table.

    Columns: those that name the row, `share` (wanted), `realised`, `persons` (the asked for a kind of missing, the
    answering for an answer), and `cells`, the number of groups and countries for which this row was decisive. A person
    recorded twice counts once. `realised` is missing where nobody was asked. Of a row that only a more particular one
    ever replaces, `cells` is 0; rows of variables that the cases do not have are left out.
    """
    persons = cases.frame.drop_duplicates("person_id")
    groups = group_of(persons["case_id"])
    names = [*(name for name in FIXED if name in set(margins.rows["variable"])), *(v.name for v in cases.variables)]
    found: dict[str, list[int]] = {}
    for group, country in margins.cells:
        rows = persons[((groups == group) & (persons[COUNTRY] == country)).to_numpy()]
        for name in names:
            if name != COUNTRY:
                _count(rows, name, margins.of(name, group, country), found)
    _count_composition(persons, groups, margins, found)
    told = margins.rows[margins.rows["variable"].isin([*names, GROUP])]
    counts = pd.DataFrame([found.get(name, [0, 0, 0]) for name in told["id"]], index=told.index)
    realised = counts[0] / counts[1].where(counts[1] > 0)
    return told.assign(realised=realised, persons=counts[1], cells=counts[2])[list(COMPARED)].reset_index(drop=True)


def group_of(case_ids: pd.Series) -> pd.Series:
    """Read the profile group out of the ids of synthetic cases; only made-up people may carry theirs in the id."""
    return case_ids.str.split("_").str[1]


def _count(rows: pd.DataFrame, name: str, wanted: Wanted, found: dict[str, list[int]]) -> None:
    """Add, for each margin that holds here: how many gave the answer, of how many, in one more cell."""
    is_split = name not in rows
    first = rows[next(column for column in rows if column.startswith(f"{name}__")) if is_split else name]
    asked, answering = int((first != "not_applicable").sum()), int((~first.isin(MISSING)).sum())
    for value in wanted.missing:
        _add(found, wanted.ids[value], int((first == value).sum()), asked)
    for value in wanted.answers:
        cells = rows[f"{name}__{value}"] == "yes" if is_split else rows[name] == value
        _add(found, wanted.ids[value], int(cells.sum()), answering)


def _count_composition(persons: pd.DataFrame, groups: pd.Series, margins: Margins, found: dict[str, list[int]]) -> None:
    countries = margins.of(COUNTRY, EVERYBODY, "")
    for country in countries.answers:
        is_there = persons[COUNTRY] == country
        _add(found, countries.ids[country], int(is_there.sum()), len(persons))
        wanted = margins.of(GROUP, EVERYBODY, country)
        for group in wanted.answers:
            _add(found, wanted.ids[group], int((is_there & (groups == group)).sum()), int(is_there.sum()))


def _add(found: dict[str, list[int]], name: str, hits: int, persons: int) -> None:
    before = found.get(name, [0, 0, 0])
    found[name] = [before[0] + hits, before[1] + persons, before[2] + 1]
