"""The findings of a study as the home page shows them, each with the drawing that proves it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from research_lib.compare.routes import leg_table
from research_lib.evidence.multiple_values import split
from research_lib.evidence.settings import Finding
from research_lib.evidence.study import Study
from research_lib.show.drawing.findings.dated_statements import Dated, draw_dated
from research_lib.show.drawing.findings.figure_ranges import Range, draw_ranges
from research_lib.show.drawing.findings.sketch import WIDTHS, Sketch
from research_lib.show.drawing.findings.steps_by_organiser import Steps, draw_steps, steps_by
from research_lib.show.drawing.organiser_panels import ORGANISERS, organiser_of
from research_lib.show.pages.shared.cards import SCALES, Card
from research_lib.show.pages.shared.default_journeys import shown_journeys
from research_lib.show.words import Words

_ROUND = 10


@dataclass(frozen=True)
class ShownFinding:
    """One finding: its cards, how many have each certainty, and its drawing: sketches, maps, or statements."""

    id: str
    title: str
    text: str
    drawing: str
    cards: tuple[Card, ...]
    certainties: tuple[tuple[str, int], ...]
    sketches: tuple[Sketch, ...] = ()
    statements: tuple[Card, ...] = ()
    counts: Mapping[str, object] | None = None


@dataclass(frozen=True)
class _Told:
    """What a drawing is made of."""

    study: Study
    geography: Mapping[str, GeoDataFrame]
    words: Words
    cards: Mapping[str, Card]
    legs: pd.DataFrame


def shown_findings(
    study: Study, geography: Mapping[str, GeoDataFrame], words: Words, cards: Mapping[str, Card]
) -> tuple[ShownFinding, ...]:
    """Give the findings of a study, in the order of its settings, in one language."""
    legs = leg_table(study)
    told = _Told(study, geography, words, cards, legs[legs["kind"].isin(shown_journeys(study))])
    return tuple(_shown(each, told) for each in study.settings.findings)


def _shown(finding: Finding, told: _Told) -> ShownFinding:
    cards = tuple(told.cards[key] for key in (*finding.claims, *finding.figures))
    draw = _DRAWN.get(finding.drawing)
    drawn = draw(finding, told) if draw else {}
    return ShownFinding(
        id=finding.id,
        title=told.words(f"finding.{finding.id}.title"),
        text=told.words(f"finding.{finding.id}.text"),
        drawing=finding.drawing if drawn else "",
        cards=cards,
        certainties=tuple(Counter(card.certainty for card in cards).most_common()),
        **drawn,
    )


def _steps(_: Finding, told: _Told) -> dict[str, Any]:
    """Count by organiser and legal status; whoever has a row with others in it stands where these stand."""
    study, words, legs = told.study, told.words, told.legs
    if legs.empty:
        return {}
    codes = [_row(actors) for actors in legs["actor"]]
    counts = steps_by(codes, [*legs["legal_status"]])
    order = dict.fromkeys([*ORGANISERS, *study.vocabularies.codes("actors")])
    rows = [
        Steps(f"{_name(code, words)}\u00a0·\u00a0{counts[code].total()}", _look(code), counts[code])
        for code in order
        if code in counts
    ]
    used = set(legs["legal_status"])
    statuses = {code: words(f"status.{code}") for code in study.vocabularies.codes("legal_statuses") if code in used}
    claims = {claim for row in legs["claim_id"] for claim in row}
    parts = "; ".join(f"{(legs['legal_status'] == code).sum()} {name}" for code, name in statuses.items())
    return {
        "sketches": tuple(draw_steps(rows, statuses, width) for width in WIDTHS),
        "counts": {"steps": len(legs), "claims": len(claims), "parts": parts},
    }


def _row(actors: list[str]) -> str:
    """The row of a leg: its panel of organisers, or an organiser that the study adds."""
    panel = organiser_of(actors)
    return actors[0] if panel == "own" else panel


def _name(code: str, words: Words) -> str:
    return words(f"panel.{code}" if code in ORGANISERS else f"actor.{code}")


def _look(code: str) -> str:
    return code if code in ORGANISERS else "own"


def _ranges(finding: Finding, told: _Told) -> dict[str, Any]:
    rows = [row for row in _rows_of(told.study, "figures", finding.figures) if row.unit != "date"]
    ranges = [_range(row, told) for row in rows]
    ends = [end for each in ranges for end in (each.low, each.high) if end is not None]
    if not ends:
        return {}
    usual = (min(0, _down(min(ends))), -_down(-max(ends)) or _ROUND)
    scale = SCALES.get(rows[0].unit, usual)
    unit, counts = told.words.unit(rows[0].unit), {"figures": len(rows)}
    write = told.words.number
    return {
        "sketches": tuple(draw_ranges(ranges, scale, unit, width, write=write) for width in WIDTHS),
        "counts": counts,
    }


def _down(value: float) -> int:
    """The next lower number of one digit that counts, and zeros."""
    size = _ROUND ** (len(str(int(abs(value)))) - 1)
    return int(value // size * size)


def _range(row: Any, told: _Told) -> Range:
    card = told.cards[row.id]
    low, high = (float(end) if pd.notna(end) else None for end in (row.low, row.high))
    value = float(row.value) if pd.notna(row.value) else None
    return Range(
        name=_where(row, told),
        low=low if value is None else value,
        high=high if value is None else value,
        is_about=pd.notna(row.is_approximate) and bool(row.is_approximate),
        amount=card.amount,
        text=card.text,
        said=_said(card, told.words),
        above=told.words.phrases.get(f"figures.{row.id}.above", ""),
        unnumbered=told.words.phrases.get(f"figures.{row.id}.unnumbered", ""),
    )


def _where(row: Any, told: _Told) -> str:
    """The places of a figure, or its countries, or its groups."""
    names = {each.id: told.words.of(each, "name") for each in told.study["places"].itertuples()}
    groups = {each.id: told.words.of(each, "name") for each in told.study["groups"].itertuples()}
    places = [names[key] for key in split(row.place_id)]
    countries = [told.words.phrases.get(f"country.{code}", code) for code in split(row.country_code)]
    return ", ".join(places or countries or [groups[key] for key in split(row.group_id)])


def _said(card: Card, words: Words) -> str:
    return f"{', '.join(card.informants)} · {words(f'certainty.{card.certainty}')}"


def _dated(finding: Finding, told: _Told) -> dict[str, Any]:
    study = told.study
    rows = [*_rows_of(study, "claims", finding.claims), *_rows_of(study, "figures", finding.figures)]
    dated = [_dated_row(row, told.cards[row.id], told.words) for row in rows if pd.notna(row.start_year)]
    if not dated:
        return {}
    counts = {"dated": len(dated), "undated": len(rows) - len(dated)}
    return {"sketches": tuple(draw_dated(dated, width) for width in WIDTHS), "counts": counts}


def _dated_row(row: Any, card: Card, words: Words) -> Dated:
    amount = f"{card.amount} {card.unit}" if card.is_headline else ""
    return Dated(int(row.start_year), pd.isna(row.end_year), amount, card.text, _said(card, words))


def _rows_of(study: Study, table: str, keys: Iterable[str]) -> list[Any]:
    found = {row.id: row for row in study[table].itertuples()}
    return [found[key] for key in keys]


def _statements(finding: Finding, told: _Told) -> dict[str, Any]:
    """The first claim of each certainty."""
    first: dict[str, Card] = {}
    for key in finding.claims:
        first.setdefault(told.cards[key].certainty, told.cards[key])
    return {"statements": tuple(first.values())}


_DRAWN = {
    "steps-by-organiser": _steps,
    "figure-ranges": _ranges,
    "dated-statements": _dated,
    "statements": _statements,
}
