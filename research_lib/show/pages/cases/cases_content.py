"""What the template, the module and the kernel of the case-level page each need, all from one release."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from research_lib.evidence.study import Study
from research_lib.interviews.instruments import INTERVIEW, own_forms
from research_lib.missing_answers import NO_ANSWER, UNANSWERED
from research_lib.published_cells import HIDDEN, ZERO
from research_lib.show.material import Material
from research_lib.show.pages.cases.cases_page import (
    NOT_APPLICABLE,
    CasesPage,
    Cell,
    Chart,
    Row,
    cases_page,
    cell_text,
    dimensions_of,
)
from research_lib.show.pages.cases.shown_answers import crossed, left_out, shown_answers
from research_lib.show.pages.shared.content import PageContent, Table
from research_lib.show.words import Words, capital

COLUMNS = ("table", "country_code", "variable", "value", "variable_2", "value_2", "count", "status", "counts")
_BY_UNIT = ("persons_of_others", "protection_interval")


def answered(chart: Chart, countries: Mapping[str, str], words: Words) -> list[tuple[str, str]]:
    """Say for each country how many answered; then how many records name no country, where there are any."""
    lines = [(name, _country(chart, code, words)) for code, name in countries.items() if code != NO_ANSWER]
    lines += [(name, _counted(chart, code, words)) for code, name in countries.items() if _is_apart(chart, code)]
    return [(name, capital(text)) for name, text in lines]


def _is_apart(chart: Chart, code: str) -> bool:
    return code == NO_ANSWER and any(cell.status != ZERO for _, cell in _cells_of(chart.rows, code))


def _counted(chart: Chart, code: str, words: Words) -> str:
    sums = _sums(chart, code, lambda _row: True)
    return words("cases.no_country", count=_about_sums(sums, words)) if sums else words("cases.nothing")


def _country(chart: Chart, code: str, words: Words) -> str:
    given = _sums(chart, code, lambda row: not _reason(row))
    whole = _sums(chart, code, lambda row: _reason(row) != NOT_APPLICABLE)
    if not given:
        return words("cases.nothing")
    count, of = _about_sums(given, words), _about_sums(whole or given, words)
    return " ".join([words(_key(chart, code), count=count, all=of), *_reasons(chart, code, words)])


def _key(chart: Chart, code: str) -> str:
    """Choose the sentence: n of N only where nothing is hidden, all only where nobody is without an answer."""
    cells = [(row, cell) for row, cell in _cells_of(chart.rows, code) if _reason(row) != NOT_APPLICABLE]
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
        yield words("cases.gave_none", count=_about_sums(sums, words))
    if chart.kind == "one":
        cells = [cell for row, cell in _cells_of(chart.rows, code) if _reason(row) == NOT_APPLICABLE]
        yield from (
            words("cases.does_not_apply", count=cell_text(cell, words)) for cell in cells if cell.status != ZERO
        )


def _sums(chart: Chart, code: str, wanted: Callable[[Row], bool]) -> set[int]:
    """Sum what is shown, for each table apart: rounding lets the choices of one question differ a little."""
    totals = {}
    for table in chart.tables:
        cells = [(row, cell) for row, cell in _cells_of(chart.rows, code) if row.table == table and wanted(row)]
        if chart.kind != "many" or all(cell.status != HIDDEN for _, cell in cells):
            totals[table] = sum(cell.count or 0 for _, cell in cells)
    return {total for total in totals.values() if total}


def _cells_of(rows: Sequence[Row], code: str) -> Iterator[tuple[Row, Cell]]:
    return ((row, cell) for row in rows for cell in row.cells if cell.country == code)


def _reason(row: Row) -> str:
    return next((value for value in row.values if value in UNANSWERED), "")


def _about_sums(sums: set[int], words: Words) -> str:
    ends = dict.fromkeys(words.number(end) for end in (min(sums), max(sums)))
    return words("amount.about", number="–".join(ends))


def cases_content(material: Material, words: Words) -> PageContent:
    """Give the case-level page in one language, from the newest release."""
    released = material.released
    page = cases_page(released, words)
    kind = "synthetic" if material.is_synthetic else "real"
    table = _table(page, words("cases.stem_synthetic") if material.is_synthetic else "cases")
    rules = released.manifest["rules"].items()
    context = {
        "page": page,
        "kind": kind,
        "own": "own_" if kind == "real" and _has_own_form(material.study) else "",
        "title": words(f"cases.document_{kind}"),
        "default": page.charts[0],
        "renamed": {chart.id: [*_renamed(chart, material.study, words)] for chart in page.charts},
        "stem": table.stem,
        "dimensions": [
            (_dimension(code, material.study, words), [chart for chart in page.charts if chart.dimension == code])
            for code in dimensions_of(released)
        ],
        "drawn": {chart.id: _drawn(chart, page, words) for chart in page.charts},
        "rules": [(_rule(name, value, page, words), released.reasons.get(name, "")) for name, value in rules],
        "date": words.date(released.manifest["date"]),
    }
    phrases = {key: words(f"evidence.{key}") for key in ("copied", "copy_yourself")}
    ids = [chart.id for chart in page.charts]
    renamed = {old: new for old, new in _new_names(material.study).items() if new in ids and old not in ids}
    model = {"default": ids[0], "stem": table.stem, "steps": "question", "phrases": phrases, "renamed": renamed}
    return PageContent(context, {"question": [*ids, *renamed]}, ["question"], model, table)


def _new_names(study: Study) -> dict[str, str]:
    """The name of today of each variable that was called otherwise: an address may have an earlier one."""
    names: dict[str, str] = {}
    for old, new in study["renamed"].sort_values("since")[["variable", "new_variable"]].itertuples(index=False):
        names = {each: new if now == old else now for each, now in names.items()} | {old: new}
    return names


def _renamed(chart: Chart, study: Study, words: Words) -> Iterator[str]:
    """Say what a question, and answers of it, were called before."""
    labels = {row.values[-1]: row.labels[-1] for row in chart.rows}
    for since, rows in study["renamed"].groupby("since"):
        own, date = rows[rows["new_variable"] == chart.id], words.date(str(since))
        for old in own.loc[own["variable"] != chart.id, "variable"].unique():
            yield words("cases.renamed_variable", date=date, old=old)
        for old, codes in own[own["code"].notna()].groupby("code")["new_code"]:
            yield words("cases.renamed_codes", date=date, old=old, new=words.listed(labels.get(c, c) for c in codes))


def _has_own_form(study: Study) -> bool:
    """Whether people answered another form than the common interview, of which it is known who was asked."""
    return any(path.stem == INTERVIEW for path in own_forms(study.path))


def _dimension(code: str, study: Study, words: Words) -> str:
    """The name of a dimension: a phrase, or the name that the codebook has, or its code."""
    named = {row.id: words.of(row, "name") for row in study["codebook"].itertuples()}
    return words.phrases.get(f"cases.dimension_{code}") or named.get(code, code)


def _rule(name: str, value: Any, page: CasesPage, words: Words) -> str:
    key = f"rule.{name}_{page.released.counts}" if name in _BY_UNIT else f"rule.{name}"
    return words(key, value=_value(value, words))


def _value(value: Any, words: Words) -> str:
    if isinstance(value, float):
        return words("amount.percent", number=f"{100 * value:g}")
    return words(f"origin.{value}") if isinstance(value, str) else words.number(value)


def _drawn(chart: Chart, page: CasesPage, words: Words) -> dict[str, Any]:
    """The chart of a question, what is said beside it, and the released cells that it leaves out."""
    every = page.countries_of(chart)
    drawn = {code: name for code, name in every.items() if code != NO_ANSWER}
    said = {"answered": answered(chart, every, words)}
    if chart.kind == "crossed":
        apart = {code: name for code, name in every.items() if code not in drawn}
        return {**said, "chart": crossed(chart, drawn, words), "left_out": crossed(chart, apart, words).tables}
    return {**said, "chart": shown_answers(chart, drawn, words), "left_out": left_out(chart, every, drawn, words)}


def _table(page: CasesPage, stem: str) -> Table:
    """Give every released cell in one shape, so that any question is a choice among them, and what each counts."""
    released = page.released
    synthetic = ["is_synthetic"] if released.is_synthetic else []
    rows = [
        ({"question": [chart.id]}, [*cells, released.counts, *("yes" for _ in synthetic)])
        for chart in page.charts
        for name in chart.tables
        for cells in _cells(name, released.tables[name])
    ]
    return Table(stem, [*COLUMNS, *synthetic], rows)


def _cells(name: str, frame: pd.DataFrame) -> list[list[str]]:
    variables = [column for column in frame if column not in ("country_code", "count", "status", "is_synthetic")]
    padded = [*variables, *([""] * (2 - len(variables)))]
    return [
        [
            name,
            row.get("country_code", ""),
            *(part for variable in padded for part in (variable, row[variable] if variable else "")),
            "" if pd.isna(row["count"]) else str(row["count"]),
            row["status"],
        ]
        for row in frame.to_dict("records")
    ]
