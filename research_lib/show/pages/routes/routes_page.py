"""The routes page as a value: its maps, filters, legs, places, and the evidence behind each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from research_lib.compare.routes import leg_table
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import CERTAINTIES
from research_lib.show.drawing.map import Journey, MapDrawing, draw_map, journeys_of
from research_lib.show.drawing.map_ground import Box
from research_lib.show.drawing.organiser_panels import ORGANISERS, organiser_of
from research_lib.show.drawing.projection import MapFrame, journeys_frame
from research_lib.show.kept import kept
from research_lib.show.pages.routes.map_titles import map_titles
from research_lib.show.pages.shared.cards import Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.pages.shared.content import shown_journeys
from research_lib.show.state import ANY_WORDS
from research_lib.show.words import Words

FACTS = ("group", "actor", "entry", "status", "transport", "certainty", "period", "informant")


@dataclass(frozen=True)
class Facet:
    """One filter: its parameter in the address, its name, and the values with their names."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Leg:
    """One step of a route as the page shows it; `other_certainty`: its own, where none of its claims has the same."""

    id: str
    route_id: str
    title: str
    start: str
    end: str
    text: str
    route_text: str
    facts: tuple[tuple[str, str], ...]
    claims: tuple[str, ...]
    figures: tuple[str, ...]
    other_certainty: str
    facets: Mapping[str, list[str]]
    same: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """One organiser of the matrix: its panel, its name, and the legs of each legal status."""

    panel: str
    name: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Place:
    """One place as the page shows it."""

    id: str
    title: str
    local: str
    located: str
    claims: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class RoutesPage:
    """Everything that the routes page shows."""

    statuses: tuple[str, ...]
    matrix: tuple[Row, ...]
    map: MapDrawing
    titles: Mapping[str, str]
    first: str
    facets: tuple[Facet, ...]
    legs: tuple[Leg, ...]
    places: tuple[Place, ...]
    cards: tuple[Card, ...]
    sources: tuple[Source, ...]
    fact_names: tuple[str, ...]
    default: Mapping[str, tuple[str, ...]]
    views: Mapping[str, Box]
    journeys: Mapping[str, Journey]
    counts: Mapping[str, int]

    def is_shown(self, leg: Leg) -> bool:
        """Whether the page shows a leg before anything is chosen."""
        return all(set(chosen) & set(leg.facets[name]) for name, chosen in self.default.items())

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take."""
        selectable = [f"leg:{leg.id}" for leg in self.legs] + [f"place:{place.id}" for place in self.places]
        facets = {facet.name: [value for value, _ in facet.options] for facet in self.facets}
        maps = [each.id for each in self.map.organisers]
        return {**facets, "map": maps, "view": list(self.views), "zoom": ANY_WORDS, "select": selectable}


def routes_page(study: Study, geography: Mapping[str, GeoDataFrame], words: Words) -> RoutesPage:
    """Assemble the routes page in one language."""
    frame, table, ids = _journeys(study)
    first = table[table["id"].isin(ids)]
    default, places = {"kind": shown_journeys(study)}, study["places"]
    statuses = tuple(code for code in study.vocabularies.codes("legal_statuses") if code in set(table["legal_status"]))
    claims, figures = claim_cards(study, words), figure_cards(study, words)
    names = {row.id: words.of(row, "name") for row in places.itertuples()}
    names |= {f"group:{row.id}": words.of(row, "name") for row in study["groups"].itertuples()}
    names |= {f"route:{row.id}": words.of(row, "text") for row in study["routes"].itertuples()}
    same = _same(table, words)
    certainty = {key: card.certainty for key, card in claims.items()}
    legs = tuple(_leg(row, names, same, words, certainty=certainty) for row in table.itertuples())
    about = [_about(study, name) for name in ("claims", "figures")]
    shown = tuple(_place(row, about, words) for row in places.itertuples())
    items: tuple[Leg | Place, ...] = (*legs, *shown)
    used = dict.fromkeys(key for item in items for key in (*item.claims, *item.figures))
    known = claims | figures
    cards = tuple(known[key] for key in used)
    drawing = draw_map(frame, geography, study, table, words=words, first=ids)
    return RoutesPage(
        statuses=statuses,
        matrix=tuple(_matrix(study, table, statuses, words)),
        map=drawing,
        titles=map_titles(study, first, words),
        first=min(first["actor"].map(organiser_of), key=[*ORGANISERS].index, default=drawing.organisers[-1].id),
        facets=tuple(_facets(study, table, names, words)),
        legs=legs,
        places=shown,
        cards=cards,
        sources=tuple(source_list(study, cards)),
        fact_names=tuple(words(f"fact.{name}") for name in FACTS),
        default=default,
        views=_views(study, drawing),
        journeys=journeys_of(table, names),
        counts=_counts(table, default["kind"]),
    )


@kept
def _journeys(study: Study) -> tuple[MapFrame, pd.DataFrame, set[str]]:
    """The frame of the map, all legs in their order, and the ids of those that are shown at first."""
    table = _arrivals_first(study, leg_table(study))
    return journeys_frame(study), table, {*table.loc[table["kind"].isin(shown_journeys(study)), "id"]}


def _counts(table: pd.DataFrame, kinds: Sequence[str]) -> dict[str, int]:
    """How many steps there are, of the kinds that are shown at first, and of how many routes, of one step or more."""
    steps = table["route_id"].value_counts()
    one = int((steps == 1).sum())
    of_kinds = int(table["kind"].isin(kinds).sum())
    return {"all": len(table), "kinds": of_kinds, "routes": len(steps), "one": one, "more": len(steps) - one}


def _arrivals_first(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Put legs that leave the home countries first and those that go back last; known legal statuses before others."""
    places = study["places"]
    home = {*places.loc[places["country_code"].isin(study.settings.home_countries), "id"]}
    leaves, returns = table["from_id"].isin(home), table["to_id"].isin(home)
    order = pd.DataFrame({"returns": returns, "stays": ~leaves, "unknown": table["legal_status"] == "not-stated"})
    return table.loc[order.sort_values([*order], kind="stable").index]


def _matrix(study: Study, table: pd.DataFrame, statuses: Sequence[str], words: Words) -> Iterator[Row]:
    """Count the legs by their first organiser and their legal status, in the order of the panels."""
    first = table["actor"].str[0]
    used = set(first)
    panels = {code: organiser_of([code]) for code in study.vocabularies.codes("actors") if code in used}
    for code, panel in sorted(panels.items(), key=lambda pair: [*ORGANISERS].index(pair[1])):
        own = table[first == code]
        cells = (tuple(own.loc[own["legal_status"] == status, "id"]) for status in statuses)
        yield Row(panel, words("panel.unnamed" if panel == "unnamed" else f"actor.{code}"), tuple(cells))


def _views(study: Study, drawing: MapDrawing) -> dict[str, Box]:
    """The parts of the map that have a name: all of it, and those of the settings."""
    _, _, width, height = drawing.frame
    shares = ((view.id, view.box) for view in study.settings.map.views)
    own = {name: (x * width, y * height, w * width, h * height) for name, (x, y, w, h) in shares}
    return {"journeys": drawing.frame, **own}


def _same(table: pd.DataFrame, words: Words) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The legs between each two places, with the titles of their routes."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in table.itertuples():
        found.setdefault((row.from_id, row.to_id), []).append((row.id, words.of(row, "route_name")))
    return found


def _leg(
    row: Any,
    names: Mapping[str, str],
    same: Mapping[tuple[str, str], list[tuple[str, str]]],
    words: Words,
    *,
    certainty: Mapping[str, str],
) -> Leg:
    is_other = row.certainty not in {certainty[claim] for claim in row.claim_id if claim in certainty}
    return Leg(
        id=row.id,
        route_id=row.route_id,
        title=words.of(row, "route_name"),
        start=names[row.from_id],
        end=names[row.to_id],
        text=words.of(row, "text"),
        route_text=names[f"route:{row.route_id}"],
        facts=tuple(zip((words(f"fact.{name}") for name in FACTS), _facts(row, names, words), strict=True)),
        claims=tuple(row.claim_id),
        figures=tuple(row.figure_id),
        other_certainty=words(f"certainty.{row.certainty}") if is_other and row.claim_id else "",
        facets=_leg_facets(row),
        same=tuple(pair for pair in same[row.from_id, row.to_id] if pair[0] != row.id),
    )


def _leg_facets(row: Any) -> dict[str, list[str]]:
    return {
        "kind": [row.kind],
        "destination": row.destination_within,
        "origin": row.origin_within,
        "entry": [row.mode_of_entry],
        "actor": row.actor,
        "period": row.decades,
        "certainty": [row.certainty],
    }


def _facts(row: Any, names: Mapping[str, str], words: Words) -> Iterator[str]:
    yield words.listed(names[f"group:{code}"] for code in row.group_id) or words("fact.group_none")
    yield words.listed(words(f"actor.{code}") for code in row.actor)
    yield words(f"entry.{row.mode_of_entry}")
    yield words(f"status.{row.legal_status}")
    yield words(f"transport.{row.mode}")
    yield words(f"certainty.{row.certainty}")
    yield words.period(row)
    yield words.listed(words(f"informant.{code}") for code in row.informant)


def _facets(study: Study, table: pd.DataFrame, names: Mapping[str, str], words: Words) -> Iterator[Facet]:
    order = {
        "kind": study.vocabularies.codes("route_kinds"),
        "entry": study.vocabularies.codes("modes_of_entry"),
        "actor": study.vocabularies.codes("actors"),
        "period": (*sorted({decade for decades in table["decades"] for decade in decades} - {"undated"}), "undated"),
        "certainty": tuple(CERTAINTIES),
    }
    facets = [_leg_facets(row) for row in table.itertuples()]
    for name in ("kind", "destination", "origin", "entry", "actor", "period", "certainty"):
        used = {value for leg in facets for value in leg[name]}
        is_place = name in ("destination", "origin")
        values = sorted(used, key=_named_first(study, names)) if is_place else [v for v in order[name] if v in used]
        labels = [names[value] if is_place else _label(study, name, value, words) for value in values]
        yield Facet(name, words(f"facet.{name}"), tuple(zip(values, labels, strict=True)))


def _named_first(study: Study, names: Mapping[str, str]) -> Callable[[str], tuple[int, str]]:
    """Put the places that the study's map names first before the others, which are in the order of their names."""
    first = study.settings.map.labels_first
    return lambda place: (first.index(place) if place in first else len(first), names[place])


def _label(study: Study, name: str, value: str, words: Words) -> str:
    return words.decade(value, study.last_year) if name == "period" else words(f"{name}.{value}")


def _place(row: Any, about: Sequence[Mapping[str, list[str]]], words: Words) -> Place:
    claims, figures = (tuple(ids.get(row.id, ())) for ids in about)
    title, local = words.of(row, "name"), row.name_local
    return Place(
        id=row.id,
        title=title,
        local=local if isinstance(local, str) and local != title else "",
        located=words(f"located.{row.located_by}"),
        claims=claims,
        figures=figures,
    )


def _about(study: Study, name: str) -> dict[str, list[str]]:
    """List by place what names the place itself or, for a country without finer places, the country."""
    frame, places = study[name], study["places"]
    countries = places[places["kind"] == "country"].groupby("country_code")["id"].agg(list)
    found: dict[str, list[str]] = {}
    for row in frame[study.is_own(frame["source"])].itertuples():
        named = [*split(row.place_id), *split(row.origin_id)]
        whole = countries.get(row.country_code, []) if pd.isna(row.place_id) else []
        for place in dict.fromkeys([*named, *whole]):
            found.setdefault(place, []).append(row.id)
    return found
