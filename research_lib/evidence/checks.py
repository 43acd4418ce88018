"""What must hold between the tables of a study: codes, keys, references, and ranges."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from research_lib.errors import CitationError, Problem
from research_lib.evidence.columns import Column, columns
from research_lib.evidence.reading import Sheet
from research_lib.evidence.references import Reference, parse_references
from research_lib.evidence.tables import TABLES

Sheets = Mapping[str, Sheet]
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


def cross_problems(sheets: Sheets, sources: frozenset[str]) -> list[Problem]:
    """Name every unknown code, broken key and unresolved reference, with file, line and column."""
    return [problem for name in sheets for problem in _table_problems(name, sheets, sources)]


def _table_problems(name: str, sheets: Sheets, sources: frozenset[str]) -> Iterator[Problem]:
    sheet = sheets[name]
    for column in columns(TABLES[name]):
        check = _check_for(column, sheets, sources)
        for line, cell in zip(sheet.lines, sheet.frame[column.name], strict=True):
            if check and pd.notna(cell):
                yield from (Problem(sheet.file, line, column.name, reason) for reason in check(str(cell)))
    yield from _row_problems(name, sheet)


def _check_for(column: Column, sheets: Sheets, sources: frozenset[str]):
    if column.has_references:
        locators = _locators(sheets)
        return lambda cell: _reference_reasons(cell, sources, locators)
    if column.codes:
        return lambda cell: _unknown(cell, column, column.codes, "is not one of " + ", ".join(column.codes))
    if column.table:
        known = sources if column.table == "sources" else set(sheets[column.table].frame[column.key].dropna())
        return lambda cell: _unknown(cell, column, known, f"is not a {column.key} in {column.table}")
    return None


def _unknown(cell: str, column: Column, known, reason: str) -> Iterator[str]:
    for part in cell.split(";") if column.has_many else [cell]:
        if part not in known:
            yield f"{part!r} {reason}"


def _locators(sheets: Sheets) -> dict[str, set[str]]:
    frame = sheets["sections"].frame
    return {key: set(rows["locator"]) for key, rows in frame.groupby("source_id")}


def _reference_reasons(cell: str, sources: frozenset[str], locators: dict[str, set[str]]) -> Iterator[str]:
    try:
        references = parse_references(cell)
    except CitationError as error:
        yield str(error)
        return
    for reference in references:
        yield from _unresolved(reference, sources, locators)


def _unresolved(reference: Reference, sources: frozenset[str], locators: dict[str, set[str]]) -> Iterator[str]:
    if reference.key not in sources:
        yield f"{reference.key!r} is not in sources.bib; add the entry or mend the key"
    elif reference.locator and reference.locator not in locators.get(reference.key, {reference.locator}):
        yield f"{reference} names a section that the table sections does not list"


def _row_problems(name: str, sheet: Sheet) -> Iterator[Problem]:
    for line, (_, row) in zip(sheet.lines, sheet.frame.iterrows(), strict=True):
        for check in _ROW_CHECKS.get(name, ()):
            yield from (Problem(sheet.file, line, column, reason) for column, reason in check(row))


def _claim_check(row: pd.Series) -> Iterator[tuple[str, str]]:
    if pd.isna(row["country_code"]) and pd.isna(row["place_id"]):
        yield "country_code", "a claim is about a country or a place; fill country_code or place_id"


def _figure_check(row: pd.Series) -> Iterator[tuple[str, str]]:
    has_value, has_range = pd.notna(row["value"]), pd.notna(row["low"]) or pd.notna(row["high"])
    if row["unit"] == "date":
        if has_value or has_range or not _is_date(row["period"]):
            yield "period", "a date stands in period as 2006, 2006-03 or 2006-03-29, with value, low and high empty"
    elif has_value == has_range:
        yield "value", "give a value, or else low and high, not both and not neither"
    if pd.notna(row["low"]) and pd.notna(row["high"]) and row["low"] > row["high"]:
        yield "low", "the lower end is above the upper end"


def _is_date(period: Any) -> bool:
    """Whether a cell is an ISO date, month or year, or two of them with a slash between."""
    return pd.notna(period) and all(_is_one_date(part) for part in str(period).split("/"))


def _is_one_date(text: str) -> bool:
    full = text + "-01-01"[len(text) - 4 :] if _DATE.fullmatch(text) else ""
    try:
        return bool(date.fromisoformat(full))
    except ValueError:
        return False


def _years(row: pd.Series) -> Iterator[tuple[str, str]]:
    if pd.notna(row["start_year"]) and pd.notna(row["end_year"]) and row["start_year"] > row["end_year"]:
        yield "start_year", "the first year is after the last"


_ROW_CHECKS = {"claims": (_claim_check, _years), "figures": (_figure_check, _years), "routes": (_years,)}
