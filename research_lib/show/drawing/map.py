"""The map as a value: land, provinces, places and legs in drawing units, ready for the SVG template."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import pandas as pd

from research_lib.evidence.geography import Point
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.journeys import PLACE_KINDS
from research_lib.show.drawing.labels import Label, place_labels, shortened
from research_lib.show.drawing.projection import MapFrame
from research_lib.show.words import Words

_BEND, _LETTERS = 14, 50


@dataclass(frozen=True)
class Area:
    """A country or a province: its outline, and the place it stands for, if any."""

    id: str
    name: str
    path: str


@dataclass(frozen=True)
class Mark:
    """A place on the map, with the position of its label."""

    id: str
    name: str
    kind: str
    x: float
    y: float
    label: Label


@dataclass(frozen=True)
class Line:
    """A leg on the map: its path, and the codes that its look says."""

    id: str
    name: str
    start: str
    end: str
    path: str
    status: str
    actor: str
    hue: str
    certainty: str


@dataclass(frozen=True)
class MapDrawing:
    """One finished frame of the map."""

    frame: str
    width: float
    height: float
    land: str
    home: str
    provinces: tuple[Area, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]


def draw_map(
    frame: MapFrame,
    geography: Mapping[str, geopandas.GeoDataFrame],
    study: Study,
    legs: pd.DataFrame,
    *,
    words: Words,
) -> MapDrawing:
    """Draw the legs and their places on a frame of the map.

    `geography`: `countries`, `world` and, where they are drawn, `provinces`. `legs`: as `leg_table` gives them.
    """
    places, home = study["places"], study.settings.home_countries
    used = places[places["id"].isin({*legs["from_id"], *legs["to_id"]})]
    countries = geography["world" if frame.name == "world" else "countries"]
    outlines = outline_paths(frame, countries)
    return MapDrawing(
        frame=frame.name,
        width=1200,
        height=frame.height,
        land=" ".join(outlines),
        home=" ".join(path for path, code in zip(outlines, countries["iso_a3"], strict=True) if code in home),
        provinces=() if frame.name == "world" else tuple(_provinces(frame, geography.get("provinces"), study)),
        lines=tuple(_lines(frame, study, legs, words)),
        marks=tuple(_marks(frame, used, study.settings.map.labels_first, words)),
    )


def outline_paths(frame: MapFrame, areas: geopandas.GeoDataFrame) -> list[str]:
    """Draw each area as the path of its rings."""
    return ["".join(_path(ring) + "Z" for ring in rings) for rings in frame.outlines(areas.geometry)]


def _path(points: list[Point]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)


def _provinces(frame: MapFrame, provinces: geopandas.GeoDataFrame | None, study: Study) -> Iterator[Area]:
    """Draw the provinces of the home countries, and those elsewhere in which a place of the study lies."""
    if provinces is None:
        return
    places = study["places"]
    ids = {row.iso_3166_2: row.id for row in places[places["kind"] == "province"].itertuples()}
    drawn = provinces[
        provinces["iso_a3"].isin(study.settings.home_countries)
        | provinces["iso_3166_2"].isin(set(places["iso_3166_2"]))
    ]
    for row, path in zip(drawn.itertuples(), outline_paths(frame, drawn), strict=True):
        yield Area(ids.get(row.iso_3166_2, ""), row.name, path)


def hues_of(study: Study) -> dict[str, str]:
    """Give the organisers that a study adds a hue of their own: `own-1`, `own-2` …"""
    return {code: f"own-{number}" for number, code in enumerate(study.vocabularies.own.get("actors", {}), start=1)}


def _lines(frame: MapFrame, study: Study, legs: pd.DataFrame, words: Words) -> Iterator[Line]:
    places, hues = study["places"], hues_of(study)
    at = {row.id: (row.longitude, row.latitude) for row in places.itertuples()}
    drawn: Counter[frozenset[str]] = Counter()
    for leg in legs.itertuples():
        pair = frozenset((leg.from_id, leg.to_id))
        path = _path(frame.arc(at[leg.from_id], at[leg.to_id], _bend(drawn[pair])))
        drawn[pair] += 1
        yield Line(
            leg.id,
            words.of(leg, "route_name"),
            leg.from_id,
            leg.to_id,
            path,
            leg.legal_status,
            leg.actor[0],
            hues.get(leg.actor[0], leg.actor[0]),
            leg.certainty,
        )


def _bend(order: int) -> float:
    """Fan out legs between the same two places: 0, one step left, one step right, two steps left …"""
    return (order + 1) // 2 * _BEND * (1 if order % 2 else -1)


def _marks(frame: MapFrame, used: pd.DataFrame, first: Sequence[str], words: Words) -> Iterator[Mark]:
    rows = list(used.itertuples())
    points = [frame.point(row.longitude, row.latitude) for row in rows]
    names = [shortened(words.of(row, "name"), _LETTERS) for row in rows]
    labels = place_labels(points, names, [_rank(row, first) for row in rows], (1200, frame.height))
    for row, (x, y), label in zip(rows, points, labels, strict=True):
        yield Mark(row.id, words.place(row), _symbol(row), x, y, label)


def _symbol(row: Any) -> str:
    """The kind of a place as it is drawn; a kind that a study adds is a dot, or a ring where the point is no place."""
    if row.kind in PLACE_KINDS:
        return str(row.kind)
    return "world-region" if row.located_by == "drawing-point" else "city"


_KINDS = ("city", "origin-region", "province", "country", "world-region", "district", "village")


def _rank(row: Any, first: Sequence[str]) -> int:
    """Which labels are placed first: those that the study names, then by the kind of place."""
    if row.id in first:
        return first.index(row.id)
    return len(first) + (_KINDS.index(row.kind) if row.kind in _KINDS else len(_KINDS))
