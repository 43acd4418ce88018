"""How many answered, in sentences: n of N for each country, and how many the question does not apply to."""

from collections.abc import Callable, Iterator, Sequence

from research_lib.methods.missing import NO_ANSWER, UNANSWERED
from research_lib.methods.published_cell_status import HIDDEN, ZERO
from research_lib.show.pages.cases.cases_page import NOT_APPLICABLE, Cell, Chart, Row, cell_text
from research_lib.show.words import Words


def answered(chart: Chart, countries: Sequence[tuple[str, str]], words: Words) -> list[tuple[str, str]]:
    """Say for each country how many answered; then how many records name no country, where there are any."""
    lines = [(name, _country(chart, code, words)) for code, name in countries if code != NO_ANSWER]
    lines += [(name, _counted(chart, code, words)) for code, name in countries if _is_apart(chart, code)]
    return [(name, text[:1].upper() + text[1:]) for name, text in lines]


def _is_apart(chart: Chart, code: str) -> bool:
    return code == NO_ANSWER and any(cell.status != ZERO for _, cell in _cells(chart.rows, code))


def _counted(chart: Chart, code: str, words: Words) -> str:
    sums = _sums(chart, code, lambda _row: True)
    return words("cases.no_country", count=_about(sums, words)) if sums else words("cases.nothing")


def _country(chart: Chart, code: str, words: Words) -> str:
    given = _sums(chart, code, lambda row: not _reason(row))
    whole = _sums(chart, code, lambda row: _reason(row) != NOT_APPLICABLE)
    if not given:
        return words("cases.nothing")
    count, of = _about(given, words), _about(whole or given, words)
    return " ".join([words(_key(chart, code), count=count, all=of), *_reasons(chart, code, words)])


def _key(chart: Chart, code: str) -> str:
    """Choose the sentence: n of N only where nothing is hidden, all only where nobody is without an answer."""
    cells = [(row, cell) for row, cell in _cells(chart.rows, code) if _reason(row) != NOT_APPLICABLE]
    missing = {cell.status for row, cell in cells if _reason(row)}
    is_hidden = chart.kind != "many" and any(cell.status == HIDDEN for row, cell in cells if not _reason(row))
    if missing <= {ZERO}:
        return "cases.answered_all_shown" if is_hidden else "cases.answered_all"
    if is_hidden:
        return "cases.answered_shown"
    return "cases.answered_alone" if HIDDEN in missing else "cases.answered"


def _reasons(chart: Chart, code: str, words: Words) -> Iterator[str]:
    """Say whom the question does not apply to; of several choices, how many gave none, for this reason or another."""
    if chart.kind == "many" and (sums := _sums(chart, code, lambda row: _reason(row) == NO_ANSWER)):
        yield words("cases.gave_none", count=_about(sums, words))
    if chart.kind == "one":
        cells = [cell for row, cell in _cells(chart.rows, code) if _reason(row) == NOT_APPLICABLE]
        yield from (
            words("cases.does_not_apply", count=cell_text(cell, words)) for cell in cells if cell.status != ZERO
        )


def _sums(chart: Chart, code: str, wanted: Callable[[Row], bool]) -> set[int]:
    """Sum what is shown, for each table apart: rounding lets the choices of one question differ a little."""
    totals = {}
    for table in chart.tables:
        cells = [(row, cell) for row, cell in _cells(chart.rows, code) if row.table == table and wanted(row)]
        if chart.kind != "many" or all(cell.status != HIDDEN for _, cell in cells):
            totals[table] = sum(cell.count or 0 for _, cell in cells)
    return {total for total in totals.values() if total}


def _cells(rows: Sequence[Row], code: str) -> Iterator[tuple[Row, Cell]]:
    return ((row, cell) for row in rows for cell in row.cells if cell.country == code)


def _reason(row: Row) -> str:
    return next((value for value in row.values if value in UNANSWERED), "")


def _about(sums: set[int], words: Words) -> str:
    ends = dict.fromkeys(words.number(end) for end in (min(sums), max(sums)))
    return words("amount.about", number="–".join(ends))
