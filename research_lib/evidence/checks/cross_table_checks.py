"""Checks between the tables of a study: unknown codes, dangling keys, circles, unresolved references."""

from collections.abc import Callable, Container, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import islice

import pandas as pd

from research_lib.errors import CitationError, Problem, quoted
from research_lib.evidence.checks.column_constraints import Column, columns
from research_lib.evidence.checks.row_checks import ROW_CHECKS
from research_lib.evidence.references import Reference, parse_references
from research_lib.evidence.table_reading import MOST_PROBLEMS, TableFile
from research_lib.evidence.tables import TABLES
from research_lib.evidence.vocabulary.study_vocabularies import Vocabularies
from research_lib.files.invisible_characters import unseen_in

TableFiles = Mapping[str, TableFile]
type Check = Callable[[str], Iterator[str]]

MOST_CIRCLES, SHOWN = 20, 6


def cross_problems(table_files: TableFiles, sources: frozenset[str], vocabularies: Vocabularies) -> list[Problem]:
    """List every unknown code, dangling key, circle and unresolved reference, with file, line and column.

    At most the first 10,000 of a table are listed.
    """
    return [
        problem
        for name in table_files
        for problem in islice(_table_problems(name, table_files, sources, vocabularies), MOST_PROBLEMS)
    ]


def _table_problems(
    name: str, table_files: TableFiles, sources: frozenset[str], vocabularies: Vocabularies
) -> Iterator[Problem]:
    table_file = table_files[name]
    for column in columns(TABLES[name]):
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
    yield from _row_problems(name, table_file)


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
    column: Column, table_files: TableFiles, sources: frozenset[str], vocabularies: Vocabularies
) -> Check | None:
    if column.has_references:
        locators = _locators(table_files)
        return lambda cell: _reference_reasons(cell, sources, locators)
    if column.codes:
        codes = vocabularies.added_to(column.codes)
        return lambda cell: _unknown(cell, column, codes, "is not one of " + ", ".join(codes))
    if column.table:
        known = sources if column.table == "sources" else set(table_files[column.table].frame[column.key].dropna())
        reason = f"stands in no row of {column.table}, column {column.key}; correct it, or add the row"
        return lambda cell: _unknown(cell, column, known, reason)
    return None


def _unknown(cell: str, column: Column, known: Container[str], reason: str) -> Iterator[str]:
    for part in cell.split(";") if column.has_many else [cell]:
        if part not in known:
            yield f"{quoted(part)} {reason}"


def _locators(table_files: TableFiles) -> dict[str, set[str]]:
    frame = table_files["sections"].frame
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
        yield f"{reference.key!r} is not in sources.bib; add the entry or fix the key"
    elif reference.locator and reference.locator not in locators.get(reference.key, {reference.locator}):
        yield f"{reference} names a section that the table sections does not list"


def _row_problems(name: str, table_file: TableFile) -> Iterator[Problem]:
    if checks := ROW_CHECKS.get(name, ()):
        for line, row in zip(table_file.lines, table_file.frame.to_dict("records"), strict=True):
            for check in checks:
                yield from (Problem(table_file.file, line, column, reason) for column, reason in check(row))
