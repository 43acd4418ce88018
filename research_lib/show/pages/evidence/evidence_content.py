"""What the template, the browser module and the saved table of the evidence page each need."""

from typing import Any

from research_lib.evidence.bibliography import bibtex
from research_lib.evidence.study import Study
from research_lib.files.spreadsheet import guarded
from research_lib.show.drawing.labels import shortened
from research_lib.show.material import Material
from research_lib.show.pages.evidence.evidence_page import EvidencePage, evidence_page
from research_lib.show.pages.evidence.rests_on import Dependent
from research_lib.show.pages.evidence.statement_rows import COLUMNS
from research_lib.show.pages.evidence.words_elsewhere import words_elsewhere
from research_lib.show.pages.shared.content import PageContent, Table
from research_lib.show.pages.shared.counted_claims import counted_claims
from research_lib.show.words import Words

FIRST, _LONGEST = 30, 80
_PHRASES = (
    *("cell", "cite_lines", "cite_section", "copied", "copy_yourself", "count", "missing", "more", "nothing_rests"),
    *("by_table", "said", "shown_of"),
)


def evidence_content(material: Material, words: Words) -> PageContent:
    """Give the evidence page in one language."""
    study = material.study
    page = evidence_page(study, words)
    rows = [({**each.facets}, [each.cells[name] for name in COLUMNS]) for each in page.statements]
    context = {
        "page": page,
        "first": page.statements[:FIRST],
        "nothing": {"id": "", "shown": "", "cells": dict.fromkeys(COLUMNS, ""), "facets": {"certainty": []}},
        "lede": counted_claims("evidence", study, words),
        "bibtex": {source.key: bibtex(study.bibliography, source.key) for source in page.sources},
        "labels": _labels(page),
        "link": "?" if words.language == "en" else f"?lang={words.language}&",
    }
    options = page.options()
    table = Table("evidence", [words(f"evidence.column_{name}") for name in COLUMNS], rows)
    return PageContent(context, options, ["q", "statement"], _model(page, study, words), table)


def _labels(page: EvidencePage) -> dict[str, list[tuple[str, str]]]:
    """The sources of the first statements, each with its short name."""
    return {each.id: [page.references[name] for name in each.references] for each in page.statements[:FIRST]}


def _model(page: EvidencePage, study: Study, words: Words) -> dict[str, Any]:
    """What the browser searches and shows beside the saved table, whose cells are not written twice."""
    options = {name: values for name, values in page.options().items() if name != "statement"}
    shown = [each.shown for each in page.statements]
    others = [code for code in study.settings.languages if code != words.language]
    return {
        "options": options,
        "steps": "statement",
        "first": FIRST,
        "terms": page.terms,
        "words": [
            [language, *words_elsewhere(shown, [each.others[place] for each in page.statements])]
            for place, language in enumerate(others)
        ],
        "ids": {place: each.id for place, each in enumerate(page.statements) if each.id != each.row_id},
        "texts": _unguarded(page),
        "labels": page.labels,
        "sections": page.sections,
        "rests": [
            [_table_name(table, words), [_dependent(each) for each in rows]] for table, rows in page.dependents.items()
        ],
        "informants": {who: page.names(f"informant.{who}") for who in page.informants},
        "meanings": {each.value: words(f"certainty_meaning.{each.value}") for each in page.filters["certainty"]},
        "phrases": {name: words.phrases[f"evidence.{name}"] for name in _PHRASES},
        "title": study.settings.title,
        "some": words.phrases["filters.some"],
    }


def _unguarded(page: EvidencePage) -> dict[int, dict[str, str]]:
    """The cells that the saved table writes otherwise, so that a spreadsheet computes none of them."""
    found = {
        place: {name: cell for name, cell in each.cells.items() if guarded(cell) != cell}
        for place, each in enumerate(page.statements)
    }
    return {place: cells for place, cells in found.items() if cells}


def _dependent(each: Dependent) -> list[Any]:
    """Its name, cut where it is long, and the statements that it names; its own place where it is a statement."""
    return (
        [shortened(each.name, _LONGEST), each.statements] if each.itself is None else ["", each.statements, each.itself]
    )


def _table_name(table: str, words: Words) -> str:
    return words.phrases.get(f"evidence.table_{table}", table.replace("_", " "))
