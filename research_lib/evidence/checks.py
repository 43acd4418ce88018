"""What must hold between the tables of a study: codes, keys and references."""

from collections.abc import Iterator, Mapping

import pandas as pd

from research_lib.errors import CitationError, Problem
from research_lib.evidence.columns import Column, columns
from research_lib.evidence.reading import Sheet
from research_lib.evidence.references import Reference, parse_references
from research_lib.evidence.row_checks import ROW_CHECKS
from research_lib.evidence.tables import TABLES

Sheets = Mapping[str, Sheet]


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
        for check in ROW_CHECKS.get(name, ()):
            yield from (Problem(sheet.file, line, column, reason) for column, reason in check(row))
