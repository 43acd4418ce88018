"""What the template, the module and the kernel of the case-level page each need, all from one release."""

from typing import Any

import pandas as pd

from research_lib.evidence.study import Study
from research_lib.interviews.xlsform import INTERVIEW, own_forms
from research_lib.show.material import Material
from research_lib.show.pages.cases.answered import answered
from research_lib.show.pages.cases.cases_page import (
    CasesPage,
    Cell,
    Chart,
    Row,
    cases_page,
    cell_text,
    dimensions_of,
    drawn_countries,
)
from research_lib.show.pages.cases.crossed_grid import Grid, draw_grid
from research_lib.show.pages.cases.interval_chart import NARROW, WIDE, Dots, draw_counts, draw_shares
from research_lib.show.pages.shared.content import PageContent, Table
from research_lib.show.words import Words

COLUMNS = ("table", "country_code", "variable", "value", "variable_2", "value_2", "count", "status", "counts")
_BY_UNIT = ("persons_of_others", "smallest_interval")


def cases_content(material: Material, words: Words) -> PageContent:
    """Give the case-level page in one language, from the newest release."""
    released = material.released
    page = cases_page(released, words)
    kind = "synthetic" if material.is_synthetic else "real"
    table = _table(page, words("cases.stem_synthetic") if material.is_synthetic else "cases")
    context = {
        "page": page,
        "kind": kind,
        "own": "own_" if kind == "real" and _has_own_form(material.study) else "",
        "title": words(f"cases.document_{kind}"),
        "default": page.charts[0],
        "dimensions": [
            (_dimension(code, material.study, words), [chart for chart in page.charts if chart.dimension == code])
            for code in dimensions_of(released)
        ],
        "drawn": {chart.id: _drawn(chart, page, words) for chart in page.charts},
        "rules": [(_rule(name, value, page, words), released.reasons.get(name, "")) for name, value in _rules(page)],
        "date": words.date(released.manifest["date"]),
        "cell_text": lambda row, cell: _cell_text(row, cell, words),
    }
    phrases = {key: words(f"evidence.{key}") for key in ("copied", "copy_yourself")}
    model = {"default": page.charts[0].id, "stem": table.stem, "steps": "question", "phrases": phrases}
    return PageContent(context, page.options(), ["question"], model, table)


def _has_own_form(study: Study) -> bool:
    """Whether people answered another form than the common interview, of which it is known who was asked."""
    return any(path.stem == INTERVIEW for path in own_forms(study.path))


def _dimension(code: str, study: Study, words: Words) -> str:
    """The name of a dimension: a phrase, or the name that the codebook has, or its code."""
    named = {row.id: words.of(row, "name") for row in study["codebook"].itertuples()}
    return words.phrases.get(f"cases.dimension_{code}") or named.get(code, code)


def _rules(page: CasesPage) -> list[tuple[str, Any]]:
    return list(page.released.manifest["rules"].items())


def _rule(name: str, value: Any, page: CasesPage, words: Words) -> str:
    key = f"rule.{name}_{page.released.counts}" if name in _BY_UNIT else f"rule.{name}"
    return words(key, value=_value(value, words))


def _value(value: Any, words: Words) -> str:
    if isinstance(value, float):
        return words("amount.percent", number=f"{100 * value:g}")
    return words(f"origin.{value}") if isinstance(value, str) else words.number(value)


def _drawn(chart: Chart, page: CasesPage, words: Words) -> dict[str, Any]:
    """The drawings of a chart for a wide and a narrow page, and what is said beside them."""
    every = page.countries_of(chart)
    countries = drawn_countries(every)
    if chart.kind == "crossed":
        narrow = draw_counts(chart, countries, words, NARROW)
        wide: Grid | Dots = draw_grid(chart, countries, words)
    else:
        wide, narrow = (draw_shares(chart, countries, words, layout) for layout in (WIDE, NARROW))
    return {"wide": wide, "narrow": narrow, "answered": answered(chart, every, words)}


def _cell_text(row: Row, cell: Cell, words: Words) -> str:
    text = cell_text(cell, words)
    share = cell.share if row.kind == "answer" else None
    return f"{text} ({words.percent(share.low, share.high)})" if share else text


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
