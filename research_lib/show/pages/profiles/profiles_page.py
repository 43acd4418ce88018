"""The profiles page as a value: for each group and country, what is known on the five dimensions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from altair import LayerChart

from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import places_by_source
from research_lib.evidence.study import Study
from research_lib.show.drawing import charts
from research_lib.show.drawing.evidence_charts import official_figures
from research_lib.show.pages.shared.cards import (
    Card,
    Source,
    claim_cards,
    figure_cards,
    reference_labels,
    source_list,
)
from research_lib.show.words import Words


@dataclass(frozen=True)
class Profile:
    """One group that the page offers."""

    id: str
    name: str
    definition: str


@dataclass(frozen=True)
class Cell:
    """What is known of one group, in one country, on one dimension: the ids of its cards."""

    profile: str
    country: str
    dimension: str
    cards: tuple[str, ...]


@dataclass(frozen=True)
class RangeRow:
    """One number or range among those that share a unit."""

    card: Card
    group: str


@dataclass(frozen=True)
class OfficialChart:
    """A chart of official figures as SVG, with the keys and the short names of their sources."""

    drawing: str
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ProfilesPage:
    """Everything that the profiles page shows."""

    profiles: tuple[Profile, ...]
    countries: tuple[tuple[str, str], ...]
    dimensions: tuple[tuple[str, str, str], ...]
    cells: tuple[Cell, ...]
    ranges: tuple[tuple[str, tuple[RangeRow, ...]], ...]
    cards: tuple[Card, ...]
    sources: tuple[Source, ...]
    stocks: OfficialChart | None
    flows: OfficialChart | None
    default: Mapping[str, tuple[str, ...]]

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take."""
        return {"profile": [p.id for p in self.profiles], "country": [code for code, _ in self.countries]}


def profiles_page(study: Study, words: Words) -> ProfilesPage:
    """Assemble the profiles page in one language."""
    cards = claim_cards(study, words) | figure_cards(study, words)
    cells = tuple(_cell(row) for row in study["profiles"].itertuples())
    used = [cards[key] for key in dict.fromkeys(key for cell in cells for key in cell.cards)]
    places = study["places"]
    titles = {row.id: words.of(row, "name") for row in study["codebook"].itertuples()}
    countries = {row.country_code: words.of(row, "name") for row in places[places["kind"] == "country"].itertuples()}
    ranges = tuple(_ranges(study, cards))
    shown = [*used, *(row.card for _, rows in ranges for row in rows)]
    return ProfilesPage(
        profiles=tuple(_profile(row, words) for row in study["groups"].itertuples() if row.is_profile),
        countries=tuple((code, countries[code]) for code in study.countries),
        dimensions=tuple((code, titles[code], words.phrases.get(f"dimension.{code}", "")) for code in study.dimensions),
        cells=cells,
        ranges=ranges,
        cards=tuple(used),
        sources=tuple(source_list(study, [*shown, *_frame_cards(study, cards)])),
        stocks=_official(study, official_figures.stock_figures(study), lambda: official_figures.stocks(study, words)),
        flows=_official(study, official_figures.flow_figures(study), lambda: official_figures.flows(study, words)),
        default=_default(study),
    )


def _official(study: Study, figures: pd.DataFrame, draw: Callable[[], LayerChart]) -> OfficialChart | None:
    if figures.empty:
        return None
    label = reference_labels(study)
    return OfficialChart(charts.svg(draw()), tuple((key, label[key]) for key in places_by_source(figures["source"])))


def _default(study: Study) -> dict[str, tuple[str, ...]]:
    """The profiles and countries that stand side by side at first: those of the settings, or the first ones."""
    groups, chosen = study["groups"], study.settings.defaults
    return {
        "profile": tuple(chosen.profiles or groups[groups["is_profile"]]["id"].head(2)),
        "country": tuple(chosen.profile_countries or study.countries[:1]),
    }


def _profile(row: Any, words: Words) -> Profile:
    return Profile(row.id, words.of(row, "name"), words.of(row, "definition"))


def _cell(row: Any) -> Cell:
    return Cell(row.group_id, row.country_code, row.dimension_code, (*split(row.figure_id), *split(row.claim_id)))


def _ranges(study: Study, cards: dict[str, Card]) -> Iterator[tuple[str, tuple[RangeRow, ...]]]:
    """Gather the ages and the monthly wages, each on the scale of its unit."""
    figures, groups = study["figures"], study["groups"]
    profiles = set(groups[groups["is_profile"]]["id"])
    figures = figures[figures["group_id"].map(lambda cell: bool(profiles & set(split(cell)))).astype(bool)]
    for name, units in (("ages", ["years_of_age"]), ("wages", ["EUR_per_month"])):
        rows = figures[figures["unit"].isin(units)]
        if rows.empty:
            continue
        yield name, tuple(RangeRow(cards[row.id], row.indicator) for row in rows.itertuples())


def _frame_cards(study: Study, cards: dict[str, Card]) -> list[Card]:
    figures = study["figures"]
    return [cards[key] for key in figures[~study.is_own(figures["source"])]["id"]]
