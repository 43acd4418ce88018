"""The profiles page: cards of a few words, all that is said by dimension, official figures; its model and table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from research_lib.compare.frame_figures import flow_figures, stock_figures, zero_flows
from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import places_by_source
from research_lib.evidence.study import Study
from research_lib.show.material import Material
from research_lib.show.pages.profiles.profile_drawings import (
    CountryPanel,
    HomeMap,
    flow_panels,
    home_map,
    stock_panels,
)
from research_lib.show.pages.profiles.profile_slots import Slot, profile_slots, slot_names
from research_lib.show.pages.shared.cards import (
    Card,
    Source,
    claim_cards,
    figure_cards,
    reference_labels,
    source_list,
)
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit
from research_lib.show.state import ViewState
from research_lib.show.words import Words


@dataclass(frozen=True)
class Profile:
    """One group that the page offers: its name, its definition, its slots by name, and how many statements it has.

    `is_general`: whether it holds the others.
    """

    id: str
    name: str
    definition: str
    slots: Mapping[str, Slot]
    count: int
    is_general: bool


@dataclass(frozen=True)
class Cell:
    """What is known of one group, in one country, on one dimension: the ids of its cards."""

    profile: str
    country: str
    dimension: str
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Official:
    """Official figures as a panel for each country, the keys and short names of their sources, and notes."""

    panels: tuple[CountryPanel, ...]
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProfilesPage:
    """Everything that the profiles page shows; `countries` have profiles, `undescribed` have none."""

    profiles: tuple[Profile, ...]
    slots: tuple[str, ...]
    home: HomeMap | None
    countries: Mapping[str, str]
    undescribed: tuple[str, ...]
    dimensions: tuple[tuple[str, str, str], ...]
    cells: tuple[Cell, ...]
    cards: tuple[Card, ...]
    sources: tuple[Source, ...]
    stocks: Official | None
    flows: Official | None
    example: Mapping[str, tuple[str, ...]]

    @property
    def parts(self) -> list[tuple[bool, list[Profile]]]:
        """The groups, then those that hold the others; each with whether it is the latter."""
        parts = [(is_general, [p for p in self.profiles if p.is_general == is_general]) for is_general in (False, True)]
        return [part for part in parts if part[1]]

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take."""
        slots = [f"{p.id}.{name}" for p in self.profiles for name, slot in p.slots.items() if slot.statements]
        return {"profile": [p.id for p in self.profiles], "country": [*self.countries], "slot": slots}


def profiles_page(study: Study, geography: Mapping[str, GeoDataFrame], words: Words) -> ProfilesPage:
    """Assemble the profiles page in one language."""
    cards = claim_cards(study, words) | figure_cards(study, words)
    cells = tuple(
        Cell(row.group_id, row.country_code, row.dimension_code, (*split(row.claim_id), *split(row.figure_id)))
        for row in study["profiles"].itertuples()
    )
    slots = profile_slots(study, words)
    behind = (key for slot in slots.values() for key in slot.statements)
    used = [cards[key] for key in dict.fromkeys((*behind, *(key for cell in cells for key in cell.cards)))]
    names = {code: words(f"country.{code}") for code in study.countries}
    described = {cell.country for cell in cells if cell.cards}
    regions = {region for slot in slots.values() for region in slot.regions}
    titles = {row.id: words.of(row, "name") for row in study["codebook"].itertuples()}
    groups, stocks, flows = study["groups"], stock_figures(study), flow_figures(study)
    groups = groups.assign(is_general=groups["id"].isin(study.settings.groups_in_general))
    of_others = study["figures"].loc[~study.is_own(study["figures"]["source"]), "id"]
    return ProfilesPage(
        profiles=tuple(_profile(row, slots, cells, words) for row in groups[groups["is_profile"]].itertuples()),
        slots=slot_names(slots),
        home=home_map(geography, study.settings.home_countries, regions),
        countries={code: name for code, name in names.items() if code in described},
        undescribed=tuple(name for code, name in names.items() if described and code not in described),
        dimensions=tuple((code, titles[code], words.phrases.get(f"dimension.{code}", "")) for code in study.dimensions),
        cells=cells,
        cards=tuple(used),
        sources=tuple(source_list(study, [*used, *(cards[key] for key in of_others)])),
        stocks=_official(study, stocks, lambda: stock_panels(stocks, names, words)),
        flows=_official(study, flows, lambda: flow_panels(flows, names, words), _notes_on_flows(study, names, words)),
        example=_example(study),
    )


def _notes_on_flows(study: Study, names: Mapping[str, str], words: Words) -> tuple[str, ...]:
    """Say what a bar is, and how many methods stand behind a zero."""
    rows = zero_flows(study)
    rows = rows.assign(country=rows["country_code"].map(names), least=rows["least"].map(words.number))
    return words("frame.flows_note"), *(words("frame.zero", **row) for row in rows.to_dict("records"))


def _official(
    study: Study, figures: pd.DataFrame, draw: Callable[[], list[CountryPanel]], notes: tuple[str, ...] = ()
) -> Official | None:
    if figures.empty:
        return None
    label = reference_labels(study)
    return Official(tuple(draw()), tuple((key, label[key]) for key in places_by_source(figures["source"])), notes)


def _example(study: Study) -> dict[str, tuple[str, ...]]:
    """The profiles and countries that the page offers to compare: those of the settings, or the first two."""
    groups, chosen = study["groups"], study.settings.defaults
    profiles = tuple(chosen.profiles or groups[groups["is_profile"]]["id"])[:2]
    return {"profile": profiles, "country": tuple(chosen.profile_countries)} if len(profiles) > 1 else {}


def _profile(row: Any, slots: Mapping[tuple[str, str], Slot], cells: tuple[Cell, ...], words: Words) -> Profile:
    own = {name: slots.get((row.id, name), Slot()) for name in slot_names(slots)}
    count = len({key for cell in cells if cell.profile == row.id for key in cell.cards})
    return Profile(row.id, words.of(row, "name"), words.of(row, "definition"), own, count, row.is_general)


def profiles_content(material: Material, words: Words) -> PageContent:
    """Give the profiles page in one language."""
    study = material.study
    page = profiles_page(study, material.geography, words)
    model = {
        "profiles": {p.id: [p.name, p.definition] for p in page.profiles},
        "countries": page.countries,
        "cells": {f"{c.profile} {c.country} {c.dimension}": c.cards for c in page.cells if c.cards},
        "slots": {f"{p.id}.{name}": slot.statements for p in page.profiles for name, slot in p.slots.items()},
        "steps": "profile",
        "phrases": {
            name: words(f"profiles.{name}")
            for name in ("one_more", "compare", "two_chosen", "unknown", "nothing", "more", "copied", "copy_yourself")
        },
    }
    context = {
        "page": page,
        "example": ViewState("profiles", page.example).to_query(),
        "names": {p.id: p.name for p in page.profiles},
        "stocks": _stocks_by_year(study, words),
    }
    return PageContent(context, page.options(), single=("slot",), model=model, table=_table(page, study, words))


def _table(page: ProfilesPage, study: Study, words: Words) -> Table:
    names = {p.id: p.name for p in page.profiles}
    cards = {card.id: card for card in page.cards}
    titles = {dimension: title for dimension, title, _ in page.dimensions}
    sources = {**study["claims"].set_index("id")["source"], **study["figures"].set_index("id")["source"]}
    rows = [
        (
            {"profile": [cell.profile], "country": [cell.country]},
            [
                names[cell.profile],
                page.countries[cell.country],
                titles[cell.dimension],
                amount_and_unit(cards[key]),
                cards[key].text,
                words.listed(cards[key].informants),
                words(f"certainty.{cards[key].certainty}"),
                study.cite(sources[key]).replace("\n", " "),
            ],
        )
        for cell in page.cells
        for key in cell.cards
    ]
    labels = ("profile", "country", "dimension", "figure", "text", "informant", "certainty", "source")
    return Table("profiles", [words(f"table.{label}") for label in labels], rows)


def _stocks_by_year(study: Study, words: Words) -> pd.DataFrame:
    """The official figures with one value a year, in words: a row for each year, a column for each country."""
    figures = stock_figures(study)
    table = figures.pivot(index="year", columns="country_code", values="value")
    return table[figures["country_code"].unique()].map(words.number, na_action="ignore").fillna("")
