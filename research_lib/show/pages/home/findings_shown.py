"""The findings of a study as the home page shows them, each with the drawing that proves it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from research_lib.compare.routes import leg_table
from research_lib.evidence.multiple_values import split
from research_lib.evidence.settings import Finding
from research_lib.evidence.study import Study
from research_lib.show.drawing.organiser_panels import ORGANISERS, organiser_of
from research_lib.show.pages.shared.cards import SCALES, Bar, Card, bar, claim_cards, figure_cards
from research_lib.show.pages.shared.content import shown_journeys
from research_lib.show.words import Words, capital

_ROUND, _TICKS = 10, 5
_ORGANISERS = 2  # so many have a ladder, the first of all


@dataclass(frozen=True)
class ShownFinding:
    """One finding: its cards, how many have each certainty, and what its drawing shows."""

    id: str
    title: str
    text: str
    drawing: str
    cards: tuple[Card, ...]
    certainties: tuple[tuple[str, int], ...]
    drawn: Any = None
    counts: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Way:
    """One way in: what is said of it, and how it goes on.

    `stops`: names of places, from where it begins to where it ends; `statuses`: the papers between each two.
    `is_joining`: the stay becomes irregular.
    """

    name: str
    text: str
    stops: tuple[str, ...]
    statuses: tuple[str, ...]
    is_joining: bool


@dataclass(frozen=True)
class Ladder:
    """An organiser, those whom its steps are about, and the steps from top to bottom, each with its certainty."""

    organiser: str
    about: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Range:
    """One figure: whom it is about, its number, where it lies on the scale, what is said, and by whom.

    `above`: words for what the source says to lie above the range too; `unnumbered`: for what it gives no number.
    """

    name: str
    amount: str
    bar: Bar
    is_about: bool
    text: str
    said: str
    above: str
    unnumbered: str


@dataclass(frozen=True)
class Year:
    """The statements of one year: number, text, and who says so; `span`: years until the next statement."""

    year: int
    span: int
    is_open: bool
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class _Told:
    """What a drawing is made of; `places` and `groups`: their names."""

    study: Study
    words: Words
    cards: Mapping[str, Card]
    legs: pd.DataFrame
    places: Mapping[str, str]
    groups: Mapping[str, str]


def shown_findings(study: Study, words: Words) -> tuple[ShownFinding, ...]:
    """Give the findings of a study, in the order of its settings, in one language."""
    legs, cards = leg_table(study), claim_cards(study, words) | figure_cards(study, words)
    legs = legs[legs["kind"].isin(shown_journeys(study))]
    names = ({row.id: words.of(row, "name") for row in study[name].itertuples()} for name in ("places", "groups"))
    told = _Told(study, words, cards, legs, *names)
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


def _ways(finding: Finding, told: _Told) -> dict[str, Any]:
    """A way for each mode of entry of the finding's steps, as the first claim on one tells it."""
    first: dict[str, str] = {}
    for claim in finding.claims:
        for mode in _legs_of(claim, told.legs)["mode_of_entry"]:
            first.setdefault(mode, claim)
    if not first:
        return {}
    routes = told.study["routes"].set_index("id")
    on_legs = {claim for row in told.legs["claim_id"] for claim in row}
    ways = [_way(mode, claim, routes, told) for mode, claim in first.items()]
    after = {claim for row in routes["claim_id"] for claim in split(row)} - on_legs
    later = [claim for claim in finding.claims if claim in after]
    said = dict.fromkeys(_said(told.cards[claim], told.words) for claim in (*first.values(), *later[:1]))
    return {
        "drawn": {"ways": ways, "later": _short(later[0], told) if later else ""},
        "counts": {"ways": len(ways), "said": told.words.listed(said, "semicolon")},
    }


def _way(mode: str, claim: str, routes: pd.DataFrame, told: _Told) -> Way:
    """A mode of entry with the papers of its first route, and the places at which these change."""
    legs = _legs_of(claim, told.legs)
    legs = legs[legs["mode_of_entry"] == mode]
    one = legs[legs["route_id"] == legs["route_id"].iloc[0]]
    changes = one[one["legal_status"].ne(one["legal_status"].shift())]
    whole = routes.loc[legs["route_id"].unique()]
    ends = told.words.listed(dict.fromkeys(told.places[place] for place in whole["destination_id"]))
    stops = (told.places[place] for place in [one["origin_id"].iloc[0], *changes["from_id"].iloc[1:]])
    joins = whole["legal_status"].isin(("irregular", "regular-then-irregular")).any()
    name = told.words(f"entry.{mode}")
    if mode == "not-stated":  # the line tells of papers, which may be stated
        name = told.words("comparison.labelled", label=told.words("facet.entry"), text=name)
    return Way(capital(name), _short(claim, told), (*stops, ends), (*changes["legal_status"],), is_joining=bool(joins))


def _legs_of(claim: str, legs: pd.DataFrame) -> pd.DataFrame:
    return legs[legs["claim_id"].map(lambda named: claim in named).astype(bool)]


def _short(claim: str, told: _Told) -> str:
    """What a claim says, in the study's few words for it if there are any."""
    return told.words.phrases.get(f"claims.{claim}.short", told.cards[claim].text)


def _ladders(finding: Finding, told: _Told) -> dict[str, Any]:
    """A ladder for each of the first organisers: the claims on groups whose steps these organise."""
    kinds = told.legs["actor"].map(organiser_of)
    rows = _rows_of(told.study, "claims", finding.claims)
    ladders = []
    for panel in [*ORGANISERS][:_ORGANISERS]:
        groups = {group for row in told.legs.loc[kinds == panel, "group_id"] for group in row}
        if steps := [row for row in rows if groups & {*split(row.group_id)}]:
            about = told.words.listed(told.groups[group] for group in split(steps[0].group_id))
            ladders.append(Ladder(panel, about, tuple((_short(row.id, told), row.certainty) for row in steps)))
    return {"drawn": ladders} if ladders else {}


def _ranges(finding: Finding, told: _Told) -> dict[str, Any]:
    rows = [row for row in _rows_of(told.study, "figures", finding.figures) if row.unit != "date"]
    ends = [float(end) for row in rows for end in (row.value, row.low, row.high) if pd.notna(end)]
    if not ends:
        return {}
    usual = (min(0, _down(min(ends))), -_down(-max(ends)) or _ROUND)
    low, high = scale = SCALES.get(rows[0].unit, usual)
    return {
        "drawn": {
            "unit": told.words.unit(rows[0].unit),
            "ticks": [told.words.number(low + (high - low) * n / _TICKS) for n in range(_TICKS + 1)],
            "rows": [_range(row, scale, told) for row in rows],
        },
        "counts": {"figures": len(rows)},
    }


def _down(value: float) -> int:
    """The next lower number of one digit that counts, and zeros."""
    size = _ROUND ** (len(str(int(abs(value)))) - 1)
    return int(value // size * size)


def _range(row: Any, scale: tuple[float, float], told: _Told) -> Range:
    card = told.cards[row.id]
    return Range(
        name=_where(row, told),
        amount=card.amount,
        bar=bar(row, scale),
        is_about=pd.notna(row.is_approximate) and bool(row.is_approximate),
        text=card.text,
        said=_said(card, told.words),
        above=told.words.phrases.get(f"figures.{row.id}.above", ""),
        unnumbered=told.words.phrases.get(f"figures.{row.id}.unnumbered", ""),
    )


def _where(row: Any, told: _Told) -> str:
    """The places of a figure, or its countries, or its groups."""
    places = [told.places[key] for key in split(row.place_id)]
    countries = [told.words.phrases.get(f"country.{code}", code) for code in split(row.country_code)]
    return told.words.listed(places or countries or [told.groups[key] for key in split(row.group_id)])


def _said(card: Card, words: Words) -> str:
    return f"{words.listed(card.informants)} · {words(f'certainty.{card.certainty}')}"


def _dated(finding: Finding, told: _Told) -> dict[str, Any]:
    study = told.study
    rows = [*_rows_of(study, "claims", finding.claims), *_rows_of(study, "figures", finding.figures)]
    dated: dict[int, list[Any]] = {}
    for row in rows:
        if pd.notna(row.start_year):
            dated.setdefault(int(row.start_year), []).append(row)
    years = sorted(dated)
    if not years:
        return {}
    drawn = [_year(year, after - year, dated[year], told) for year, after in pairwise([*years, years[-1] + 1])]
    told_of = sum(map(len, dated.values()))
    return {"drawn": drawn, "counts": {"dated": told_of, "undated": len(rows) - told_of}}


def _year(year: int, span: int, rows: list[Any], told: _Told) -> Year:
    cards = [told.cards[row.id] for row in rows]
    said = ((f"{card.amount} {card.unit}" * card.is_headline, card.text, _said(card, told.words)) for card in cards)
    return Year(year, span, any(pd.isna(row.end_year) for row in rows), tuple(said))


def _rows_of(study: Study, table: str, keys: Iterable[str]) -> list[Any]:
    found = {row.id: row for row in study[table].itertuples()}
    return [found[key] for key in keys]


def _statements(finding: Finding, told: _Told) -> dict[str, Any]:
    """The first claim of each certainty."""
    first: dict[str, Card] = {}
    for key in finding.claims:
        first.setdefault(told.cards[key].certainty, told.cards[key])
    return {"drawn": tuple(first.values())}


_DRAWN = {
    "ways-of-entry": _ways,
    "organiser-ladders": _ladders,
    "figure-ranges": _ranges,
    "dated-statements": _dated,
    "statements": _statements,
}
