"""One row of law, work or co-operation as a reader meets it: its title, words, number, and source."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.evidence.references import parse_references
from research_lib.evidence.study import Study
from research_lib.show.pages.shared.cards import Source, measured, reference_labels, written_lines, written_reference
from research_lib.show.words import Words


@dataclass(frozen=True)
class Fact:
    """One row, ready to be shown; `notes` are short remarks, such as the law and its date."""

    id: str
    title: str
    text: str
    notes: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    lines: str
    amount: str = ""


def facts(
    study: Study,
    table: str,
    words: Words,
    *,
    title: str = "name",
    text: str = "text",
    notes: Callable[[Any], Iterable[str]] | None = None,
) -> dict[str, Fact]:
    """Make a fact of every row of a table by its id; `title` and `text` name columns, `notes` gives its remarks."""
    labels = reference_labels(study)
    return {row.id: _fact(row, words, labels, (title, text, notes)) for row in study[table].itertuples()}


def fact_sources(study: Study, shown: Iterable[Fact]) -> list[Source]:
    """Write out the sources that some facts name."""
    keys = sorted({key for fact in shown for key, _ in fact.references})
    return [Source(key, study.cite(key)) for key in keys]


def _fact(
    row: Any, words: Words, labels: dict[str, str], how: tuple[str, str, Callable[[Any], Iterable[str]] | None]
) -> Fact:
    title, column, notes = how
    text = words.of(row, column)
    return Fact(
        id=row.id,
        title=words.of(row, title) if title else "",
        text=text if isinstance(text, str) else "",
        notes=tuple(note for note in (notes(row) if notes else ()) if note),
        references=tuple(written_reference(ref, labels) for ref in parse_references(row.source)),
        lines=written_lines(row.lines, words),
        amount=_amount(row, words),
    )


def _amount(row: Any, words: Words) -> str:
    if pd.isna(getattr(row, "unit", None)):
        return ""
    return " ".join(measured(row, words)).strip()
