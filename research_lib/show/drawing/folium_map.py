"""The routes as a Leaflet map for notebooks and for a file to mail: everything inside, nothing fetched."""

from collections.abc import Iterator

import pandas as pd
from shapely.geometry import mapping

from research_lib.compare.routes import leg_table
from research_lib.evidence.geography import lines_of, load_outlines
from research_lib.evidence.study import Study
from research_lib.evidence.study_folders import boundaries_of
from research_lib.show.design_tokens import light_tokens
from research_lib.show.drawing.offline_map import OfflineMap, Shape
from research_lib.show.drawing.organiser_panels import ORGANISERS
from research_lib.show.words import Words, study_words

_TOKENS = light_tokens()
_HUES = {"kin", "agency", "smuggler", "herself"}
_COLOURS = {actor: _TOKENS[hue] for hue, actors in ORGANISERS.items() if hue in _HUES for actor in actors}
_COLOURS |= {"authorities": _TOKENS["ink"]}
_DASHES = {"regular-then-irregular": "12 4", "irregular": "6 4", "mixed": "10 3 2 3", "not-stated": "2 5"}
_DOT = {"radius": 4, "color": _TOKENS["ink"]}


def routes_map(study: Study, language: str = "en") -> OfflineMap:
    """Draw every leg and its places on a Leaflet map that needs no network.

    Tooltips name the route, who organises it, how certain it is, and its source.
    """
    phrases, places, legs = study_words(study, language), study.geo("places"), leg_table(study)
    world = load_outlines(boundaries_of(study.path), "world")
    drawn = OfflineMap(world.geometry, location=[40, 60], zoom_start=3)
    drawn.draw([*_lines(legs, places, phrases), *_dots(legs, places, phrases)])
    return drawn


def _lines(legs: pd.DataFrame, places: pd.DataFrame, phrases: Words) -> Iterator[Shape]:
    for leg, way in zip(legs.itertuples(), lines_of(legs, places).geometry, strict=True):
        look = {
            "color": _COLOURS.get(leg.actor[0], _TOKENS["grey"]),
            "dashArray": _DASHES.get(leg.legal_status),
            "weight": 1.2 if leg.certainty in ("hypothesis", "rumour", "anecdotal") else 2.2,
        }
        organisers = phrases.listed(phrases(f"actor.{code}") for code in leg.actor)
        said = [phrases.of(leg, "route_name"), organisers, phrases(f"certainty.{leg.certainty}"), leg.source]
        yield Shape(mapping(way), look, said)


def _dots(legs: pd.DataFrame, places: pd.DataFrame, phrases: Words) -> Iterator[Shape]:
    for place in places[places["id"].isin({*legs["from_id"], *legs["to_id"]})].itertuples():
        yield Shape(mapping(place.geometry), _DOT, [phrases.place(place)])
