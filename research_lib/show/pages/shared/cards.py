"""One statement, number or row as a reader meets it: its text, who says so, how certain it is, and its source."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import Reference, parse_references
from research_lib.evidence.study import Study
from research_lib.show.words import Words

_YEAR = len("2021")
SCALES = {
    "years_of_age": (10, 60),
    "EUR_per_month": (0, 1500),
}


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


@dataclass(frozen=True)
class Bar:
    """A number or a range on a fixed scale, in percent of the scale's width."""

    start: float
    end: float
    opens: str
    scale_low: str
    scale_high: str


@dataclass(frozen=True)
class Card:
    """A claim or a figure, ready to be shown; `is_headline`: whether its number may stand in large type."""

    id: str
    kind: str
    text: str
    informants: tuple[str, ...]
    certainty: str
    references: tuple[tuple[str, str], ...]
    lines: str = ""
    amount: str = ""
    unit: str = ""
    is_headline: bool = False
    bar: Bar | None = None
    about: str = ""


@dataclass(frozen=True)
class Source:
    """One source as the list at the foot of a page gives it."""

    key: str
    citation: str


def facts(
    study: Study,
    table: str,
    words: Words,
    *,
    key: str = "id",
    title: str = "name",
    text: str = "text",
    notes: Callable[[Any], Iterable[str]] | None = None,
) -> dict[str, Fact]:
    """Make a fact of every row of a table by its key; `title` and `text` name columns, `notes` gives its remarks."""
    labels = reference_labels(study)

    def fact(row: Any) -> Fact:
        said = words.of(row, text)
        return Fact(
            id=getattr(row, key),
            title=words.of(row, title) if title else "",
            text=said if isinstance(said, str) else "",
            notes=tuple(filter(None, notes(row) if notes else ())),
            references=tuple(written_reference(ref, labels) for ref in parse_references(row.source)),
            lines=written_lines(row.lines, words),
            amount=measured_amount(row, words),
        )

    return {each.id: each for each in map(fact, study[table].itertuples())}


def measured_amount(row: Any, words: Words) -> str:
    """Write a row's number with its unit, nothing where its table has no units or the row no number."""
    if pd.isna(getattr(row, "unit", None)):
        return ""
    return " ".join(measured(row, words)).strip()


def claim_cards(study: Study, words: Words) -> dict[str, Card]:
    """Make a card of every claim, by its id."""
    label = reference_labels(study)
    parts = {row.id: words.of(row, "name") for row in study["places"].itertuples() if row.kind == "world-region"}
    return {
        row.id: replace(_card(row, "claim", words, label), about=_about(study, row, parts, words))
        for row in study["claims"].itertuples()
    }


def _about(study: Study, row: Any, parts: Mapping[str, str], words: Words) -> str:
    """Say which third countries a claim is about, and which parts of the world beside them.

    These are others than those compared, where it is about none of them, and those of origin.
    """
    named = {*split(row.country_code)}
    third = [] if named & {*study.countries} else sorted(named - {*study.settings.home_countries})
    names = [words.phrases.get(f"country.{code}", code) for code in third]
    names += [parts[place] for place in split(row.place_id) if names and place in parts]
    return words("card.about", countries=words.listed(names)) if names else ""


def figure_cards(study: Study, words: Words) -> dict[str, Card]:
    """Make a card of every figure, by its id; a range stays a range."""
    label = reference_labels(study)
    return {row.id: _card(row, "figure", words, label) for row in study["figures"].itertuples()}


def source_list(study: Study, cards: Iterable[Card | Fact]) -> list[Source]:
    """Write out the sources that some cards or facts name, in the order of their keys."""
    keys = sorted({key for card in cards for key, _ in card.references})
    return [Source(key, study.cite(key)) for key in keys]


def amount(row: Any, words: Words) -> str:
    """Write a figure's number or range: `183`, `about 600`, `35–45`, `at least 1,000`, or its date."""
    if row.unit == "date":
        return words.date(row.period)
    if pd.notna(row.value):
        text = words.number(row.value)
        return words("amount.about", number=text) if _is_about(row) else text
    low, high = (words.number(end) if pd.notna(end) else "" for end in (row.low, row.high))
    if low and high:
        return words("amount.about", number=f"{low}–{high}") if _is_about(row) else f"{low}–{high}"
    return words("amount.least", number=low) if low else words("amount.most", number=high)


def measured(row: Any, words: Words) -> tuple[str, str]:
    """Write a row's number and its unit; a share that its source says in words, such as half, has no unit."""
    if said := words.phrases.get(f"in_words.{row.id}"):
        return said, ""
    count = next((number for number in (row.value, row.high, row.low) if pd.notna(number)), math.nan)
    return amount(row, words), words.unit(row.unit, count)


def _is_about(row: Any) -> bool:
    return pd.notna(row.is_approximate) and bool(row.is_approximate)


def bar(row: Any, scale: tuple[float, float]) -> Bar:
    """Place a figure on a scale."""
    floor, ceiling = scale
    low = row.value if pd.notna(row.value) else row.low
    high = row.value if pd.notna(row.value) else row.high
    start, end = (_percent(end, floor, ceiling, edge) for end, edge in ((low, 0.0), (high, 100.0)))
    opens = "down" if pd.isna(low) else "up" if pd.isna(high) else ""
    return Bar(start, end, opens, f"{floor}", f"{ceiling:,}")


def _percent(value: float, floor: float, ceiling: float, edge: float) -> float:
    share = edge if pd.isna(value) else 100 * (float(value) - floor) / (ceiling - floor)
    return round(min(max(share, 0), 100), 1)


def _card(row: Any, kind: str, words: Words, label: dict[str, str]) -> Card:
    is_figure = kind == "figure"
    number, unit = measured(row, words) if is_figure else ("", "")
    return Card(
        id=row.id,
        kind=kind,
        text=words.of(row, "text"),
        informants=tuple(words(f"informant.{code}") for code in split(row.informant)),
        certainty=row.certainty,
        lines=written_lines(row.lines, words),
        references=tuple(written_reference(reference, label) for reference in parse_references(row.source)),
        amount=number,
        unit=unit,
        is_headline=is_figure and bool(row.is_headline),
        bar=bar(row, SCALES[row.unit]) if is_figure and row.unit in SCALES else None,
    )


def written_lines(lines: object, words: Words) -> str:
    """Write the lines that a row stands on, nothing where it has none."""
    if pd.isna(lines):
        return ""
    return words("card.lines", lines=str(lines).replace(";", words("list.comma")).replace("-", "–"))


def written_reference(reference: Reference, label: dict[str, str]) -> tuple[str, str]:
    """Give a reference as its key and its short form."""
    name = label[reference.key]
    return reference.key, f"{name} §\u00a0{reference.locator}" if reference.locator else name


def reference_labels(study: Study) -> dict[str, str]:
    """Give the short name of every source, by its key."""
    main = {study.settings.main_source: study.settings.main_source_name}
    return {row.id: main.get(row.id) or _label(row) for row in study["sources"].itertuples()}


def _label(row: Any) -> str:
    name = row.author.split(";")[0].split(",")[0].strip()
    return " ".join(part for part in (name, (row.date or row.year)[:_YEAR]) if part)
