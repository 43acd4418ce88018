"""Checks between the tables of a study, and between the cells of a row: codes, keys, circles, references, ranges."""

import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import count, islice
from typing import Any

import pandas as pd

from research_lib.errors import CitationError, Problem, quoted
from research_lib.evidence.checks.nearest import MOST_SUGGESTIONS, nearest
from research_lib.evidence.checks.place_checks import journey_problems
from research_lib.evidence.references import parse_references
from research_lib.evidence.sources.source_file import SourceFile
from research_lib.evidence.table_reading import MOST_PROBLEMS, TableFile
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, Column, columns
from research_lib.evidence.vocabulary.common_codes import INDICATORS_OF
from research_lib.evidence.vocabulary.country_names import COUNTRIES
from research_lib.evidence.vocabulary.study_vocabularies import LISTS, Vocabularies
from research_lib.files.invisible_characters import unseen_in

TableFiles = Mapping[str, TableFile]
type Row = Mapping[Hashable, Any]
type Check = Callable[[str], Iterator[str]]

MOST_CIRCLES, SHOWN = 20, 6
_LETTERS = re.compile("[A-Z]{3}")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_ORDERED = (
    ("low", "high", "the lower end is above the upper end"),
    ("start_year", "end_year", "the first year is after the last"),
    ("start_year", "formal_year", "start_year is above formal_year"),
    ("entity_count_low", "entity_count_high", "entity_count_low is above entity_count_high"),
)


def cross_problems(table_files: TableFiles, sources: SourceFile, vocabularies: Vocabularies) -> list[Problem]:
    """List every unknown code, dangling key, circle, gap in a route and unresolved reference, with file, line, column.

    At most the first 10,000 of a table are listed.
    """
    found = [
        problem
        for name in table_files
        for problem in islice(_table_problems(name, table_files, sources, vocabularies), MOST_PROBLEMS)
    ]
    found += islice(_country_problems(table_files["places"]), MOST_PROBLEMS)
    found += islice(_keyword_problems(table_files), MOST_PROBLEMS)
    return [*found, *islice(journey_problems(table_files["routes"], table_files["legs"]), MOST_PROBLEMS)]


def _table_problems(
    name: str, table_files: TableFiles, sources: SourceFile, vocabularies: Vocabularies
) -> Iterator[Problem]:
    table_file = table_files[name]
    for column in columns((TABLES | OPTIONAL_TABLES)[name]):
        check = _check_for(column, table_files, sources, vocabularies)
        if column.table == name:
            yield from _circles(table_file, column)
        for line, cell in zip(table_file.lines, table_file.frame[column.name], strict=True):
            if pd.isna(cell) or column.type != "string":
                continue
            if unseen := unseen_in(cell):
                yield Problem(table_file.file, line, column.name, unseen)
            if check:
                yield from (Problem(table_file.file, line, column.name, reason) for reason in check(cell))
    yield from row_problems(name, table_file)


def _country_problems(places: TableFile) -> Iterator[Problem]:
    """List places whose three letters are not the code of a country."""
    for line, code in zip(places.lines, places.frame["country_code"], strict=True):
        if isinstance(code, str) and _LETTERS.fullmatch(code) and code not in COUNTRIES:
            reason = f"{quoted(code)} is not a country; give its ISO 3166-1 alpha-3 code, such as NGA or BRA"
            yield Problem(places.file, line, "country_code", reason)


def _keyword_problems(table_files: TableFiles) -> Iterator[Problem]:
    """List keywords of rows that there are not."""
    if "keywords" not in table_files:
        return
    file = table_files["keywords"]
    ids = {name: set(table_files[name].frame["id"]) for name in TABLES}
    for line, key in zip(file.lines, file.frame["id"], strict=True):
        table, _, own = str(key).partition(".")
        if own and own not in ids.get(table, ()):
            reason = f"no row {quoted(own)} in {quoted(table)}; correct it or take the line out"
            yield Problem(file.file, line, "id", reason)


def _circles(table_file: TableFile, column: Column) -> Iterator[Problem]:
    """Rows that refer to themselves, directly or through other rows of the same table."""
    rows = zip(table_file.frame[column.key], table_file.frame[column.name], table_file.lines, strict=True)
    lines, above = dict[str, int](), dict[str, list[str]]()
    for key, cell, line in rows:
        if pd.notna(key) and pd.notna(cell):
            lines.setdefault(key, line)
            above.setdefault(key, []).extend(cell.split(";") if column.has_many else [cell])
    for _ in range(MOST_CIRCLES):
        try:
            TopologicalSorter(above).prepare()
        except CycleError as error:
            circle = sorted(set(error.args[1]), key=lambda key: lines[key])
            yield Problem(table_file.file, lines[circle[0]], column.name, _circle_reason(circle))
            for key in circle:
                del above[key]
        else:
            return


def _circle_reason(circle: list[str]) -> str:
    if len(circle) == 1:
        return f"{circle[0]!r} refers to itself; clear the cell or name another"
    others = ", ".join(map(repr, circle[1:SHOWN])) + (", …" if len(circle) > SHOWN else "")
    return f"{circle[0]!r} refers to itself by way of {others}; clear or fix one of these"


def _check_for(
    column: Column, table_files: TableFiles, sources: SourceFile, vocabularies: Vocabularies
) -> Check | None:
    if column.has_references:
        sections = table_files["sections"].frame.groupby("source_id")["locator"]
        locators = {key: set(places) for key, places in sections}
        return lambda cell: _reference_reasons(cell, sources, locators)
    if column.codes:
        codes = vocabularies.added_to(column.codes)
        return _listed(column, codes, f"is not one of {', '.join(codes)}{_own_codes(column.codes)}")
    if column.table and (known := _keys(column, table_files, sources)) is not None:
        reason = f"stands in no row of {column.table}, column {column.key}; correct it, or add the row"
        return _listed(column, known, reason, MOST_SUGGESTIONS)
    return None


def _own_codes(codes: Mapping[str, str]) -> str:
    names = [name for name, common in LISTS.items() if common == codes]
    return f"; or add it in vocabularies/{names[0]}.csv" if names else ""


def _keys(column: Column, table_files: TableFiles, sources: SourceFile) -> Collection[str] | None:
    """The keys that a column may name, or None where their file cannot be read, which is a problem of its own."""
    if column.table == "sources":
        return sources.known if sources.is_read else None
    table_file = table_files[column.table]
    known = set(table_file.frame[column.key].dropna())
    return known if known or not table_file.problems else None


def _listed(column: Column, known: Collection[str], reason: str, suggestions: int = 0) -> Check:
    """A check that each part of a cell is known; the nearest known word is looked for in the first problems only."""
    problems = count()

    def reasons(cell: str) -> Iterator[str]:
        for part in cell.split(";") if column.has_many else [cell]:
            if part in known:
                continue
            if column.has_many and "," in part:
                yield f"{quoted(part)} has a comma; separate several with `;`"
            else:
                near = nearest(part, known) if next(problems) < suggestions else ""
                yield f"{quoted(part)} {reason}{near}"

    return reasons


def _reference_reasons(cell: str, sources: SourceFile, locators: dict[str, set[str]]) -> Iterator[str]:
    try:
        references = parse_references(cell)
    except CitationError as error:
        yield str(error)
        return
    for each in references:
        if objection := sources.objection(each.key):
            yield objection
        elif each.locator and each.locator not in locators.get(each.key, {each.locator}):
            yield f"{each} names a section that the table sections does not list"


def row_problems(name: str, table_file: TableFile) -> Iterator[Problem]:
    """List what does not go together in single rows of a table."""
    if checks := _ROW_CHECKS.get(name, ()):
        for line, row in zip(table_file.lines, table_file.frame.to_dict("records"), strict=True):
            for check in checks:
                yield from (Problem(table_file.file, line, column, reason) for column, reason in check(row))


def _order_check(row: Row) -> Iterator[tuple[str, str]]:
    for first, last, reason in _ORDERED:
        if pd.notna(row.get(first)) and pd.notna(row.get(last)) and row[first] > row[last]:
            yield first, reason


def _claim_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.isna(row["country_code"]) and pd.isna(row["place_id"]):
        yield "country_code", "a claim is about a country or a place; fill country_code or place_id"


def _figure_check(row: Row) -> Iterator[tuple[str, str]]:
    has_value, has_range = pd.notna(row["value"]), pd.notna(row["low"]) or pd.notna(row["high"])
    if row["unit"] == "date":
        if has_value or has_range or not _is_date(row["period"]):
            yield "period", "a date stands in period as 2006, 2006-03 or 2006-03-29, with value, low and high empty"
    elif has_value == has_range:
        yield "value", "give either a value, or low and high"


def _is_date(period: Any) -> bool:
    """Whether a cell is an ISO date, month or year, or two of them separated by a slash."""
    return pd.notna(period) and all(_is_one_date(part) for part in str(period).split("/"))


def _is_one_date(text: str) -> bool:
    full = text + "-01-01"[len(text) - 4 :] if _DATE.fullmatch(text) else ""
    try:
        return bool(date.fromisoformat(full))
    except ValueError:
        return False


def _iso_dates(row: Row) -> Iterator[tuple[str, str]]:
    for column in ("date", "formal_date", "formal_since", "checked"):
        if pd.notna(cell := row.get(column)) and not _is_one_date(str(cell)):
            yield column, f"{cell} is not a date of the calendar"


def _provision_check(row: Row) -> Iterator[tuple[str, str]]:
    has_value, has_range = pd.notna(row["value"]), pd.notna(row["low"]) or pd.notna(row["high"])
    if has_value and has_range:
        yield "value", "give either a value, or low and high, not both"
    if (has_value or has_range) != pd.notna(row["unit"]):
        yield "unit", "a number needs its unit, and a unit its number"


def _step_check(row: Row) -> Iterator[tuple[str, str]]:
    if row["from_code"] == row["to_code"]:
        yield "to_code", "a step leads from one station to another"


def _indicator_check(row: Row) -> Iterator[tuple[str, str]]:
    if row["indicator"] not in INDICATORS_OF.get(row["element"], (row["indicator"],)):
        yield "indicator", f"{row['indicator']} is not an indicator of {row['element']}"


def _membership_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.notna(row["organisation_id"]) == pd.notna(row["group_text"]):
        yield "organisation_id", "name an organisation, or else describe a group"


def _answer_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.isna(row["answer"]) and pd.isna(row["text"]):
        yield "answer", "an answer is an option, a text, or both"


def _renamed_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.isna(row["code"]) != pd.isna(row["new_code"]):
        yield "new_code", "give both codes, or none where only the variable has another name"


_ROW_CHECKS = {
    "claims": (_claim_check, _order_check),
    "figures": (_figure_check, _order_check),
    "routes": (_order_check,),
    "provisions": (_provision_check, _order_check, _iso_dates),
    "pathways": (_step_check,),
    "indicators": (_indicator_check,),
    "networks": (_order_check, _iso_dates),
    "memberships": (_membership_check, _iso_dates),
    "survey_answers": (_answer_check,),
    "contacts": (_iso_dates,),
    "renamed": (_renamed_check, _iso_dates),
}
