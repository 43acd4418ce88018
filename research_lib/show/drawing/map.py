"""The map as a value: land, provinces, places and legs in drawing units, ready for the SVG template."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import pandas as pd
import shapely

from research_lib.evidence.geography import Point
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.journeys import PLACE_KINDS
from research_lib.show.drawing.labels import Label, place_labels, shortened
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.drawing.route_maps.land import Box, Land, area_path, borders_between, draw_land, line_path
from research_lib.show.drawing.route_maps.short_paths import GRID, smooth_path
from research_lib.show.words import Words

_BEND, _LETTERS, _AROUND = 14, 50, 110.0
# Pixels to a drawing unit: the whole map on a phone and on a page, the journeys on a page, twice and four times that.
MAGNIFICATIONS = (0.1, 0.25, 0.7, 1.6, 3.2)


@dataclass(frozen=True)
class Area:
    """A province that stands for a place: the place's id, its name, and its outline on the grid of `short_path`."""

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
    """A leg on the map: its path, and the codes that its look says; `name`: that of its route."""

    id: str
    name: str
    spoken: str
    start: str
    end: str
    path: str
    status: str
    actor: str
    hue: str
    certainty: str


@dataclass(frozen=True)
class MapDrawing:
    """The map of all journeys.

    `frame`: the part that is shown at first; `whole`: the part that holds every place; each is a left, a top, a width
    and a height. `province_borders`: those between provinces, on the grid of `short_path`.
    """

    frame: Box
    whole: Box
    land: Land
    provinces: tuple[Area, ...]
    province_borders: str
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
    """Draw the legs and their places on the map, also those outside its frame."""
    places = study["places"]
    used = places[places["id"].isin({*legs["from_id"], *legs["to_id"]})]
    points = [frame.point(row.longitude, row.latitude) for row in used.itertuples()]
    whole = box_around(frame, points)
    provinces, borders = _provinces(frame, geography.get("provinces"), study)
    return MapDrawing(
        frame=(0.0, 0.0, float(WIDTH), frame.height),
        whole=whole,
        land=draw_land(frame, geography["countries"], study.settings.home_countries, whole),
        provinces=tuple(provinces),
        province_borders=borders,
        lines=tuple(_lines(frame, study, legs, words)),
        marks=tuple(_marks(points, whole, used, words, first=study.settings.map.labels_first)),
    )


def box_around(frame: MapFrame, points: Sequence[Point]) -> Box:
    """Give the box of the frame, or a larger one of its shape where points lie outside it."""
    outer = [(x, y) for x, y in points if not (0 <= x <= WIDTH and 0 <= y <= frame.height)]
    x = [0.0, float(WIDTH), *(x + side * _AROUND for x, _ in outer for side in (-1, 1))]
    y = [0.0, frame.height, *(y + side * _AROUND for _, y in outer for side in (-1, 1))]
    share = max((max(x) - min(x)) / WIDTH, (max(y) - min(y)) / frame.height)
    width, height = round(share * WIDTH, 1), round(share * frame.height, 1)
    return round((min(x) + max(x) - width) / 2, 1), round((min(y) + max(y) - height) / 2, 1), width, height


def _provinces(frame: MapFrame, provinces: geopandas.GeoDataFrame | None, study: Study) -> tuple[list[Area], str]:
    """Draw the provinces of the home countries that places stand for, and the borders between all their provinces."""
    if provinces is None:
        return [], ""
    places = study["places"]
    ids = {row.iso_3166_2: row.id for row in places[places["kind"] == "province"].itertuples()}
    drawn = provinces[provinces["iso_a3"].isin(study.settings.home_countries)]
    shapes = shapely.set_precision(frame.areas(drawn.geometry), GRID)
    named = [
        Area(ids[row.iso_3166_2], row.name, area_path(shape))
        for row, shape in zip(drawn.itertuples(), shapes, strict=True)
        if row.iso_3166_2 in ids
    ]
    shared = [piece for pieces in borders_between(shapes).values() for piece in pieces]
    return named, line_path(shared)


def hues_of(study: Study) -> dict[str, str]:
    """Give the organisers that a study adds a hue of their own: `own-1`, `own-2` …"""
    return {code: f"own-{number}" for number, code in enumerate(study.vocabularies.own.get("actors", {}), start=1)}


def _lines(frame: MapFrame, study: Study, legs: pd.DataFrame, words: Words) -> Iterator[Line]:
    places, hues = study["places"], hues_of(study)
    at = {row.id: (row.longitude, row.latitude) for row in places.itertuples()}
    names = {row.id: words.of(row, "name") for row in places.itertuples()}
    drawn: Counter[frozenset[str]] = Counter()
    for leg in legs.itertuples():
        pair = frozenset((leg.from_id, leg.to_id))
        points = frame.arc(at[leg.from_id], at[leg.to_id], _bend(drawn[pair]))
        drawn[pair] += 1
        name, spoken = words.of(leg, "route_name"), spoken_leg(leg, names, words)
        yield Line(
            leg.id,
            name,
            spoken if spoken.startswith(f"{name}.") else f"{spoken} {name}",
            leg.from_id,
            leg.to_id,
            smooth_path(points) if leg.from_id != leg.to_id else _ring(points),
            leg.legal_status,
            leg.actor[0],
            hues.get(leg.actor[0], leg.actor[0]),
            leg.certainty,
        )


def spoken_leg(leg: Any, names: Mapping[str, str], words: Words) -> str:
    """Say of a leg from where to where it goes, who organises it, its papers and its certainty."""
    return words(
        "panel.step",
        start=names[leg.from_id],
        end=names[leg.to_id],
        organiser=", ".join(words(f"actor.{code}") for code in leg.actor),
        status=words(f"status.{leg.legal_status}"),
        certainty=words(f"certainty.{leg.certainty}"),
    )


def _ring(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)


def _bend(order: int) -> float:
    """Fan out legs between the same two places: 0, one step left, one step right, two steps left …"""
    return (order + 1) // 2 * _BEND * (1 if order % 2 else -1)


def _marks(
    points: Sequence[Point], whole: Box, used: pd.DataFrame, words: Words, *, first: Sequence[str]
) -> Iterator[Mark]:
    rows = list(used.itertuples())
    left, top, width, height = whole
    names = [shortened(words.of(row, "name"), _LETTERS) for row in rows]
    labels = place_labels(
        [(x - left, y - top) for x, y in points],
        names,
        [_rank(row, first) for row in rows],
        (width, height),
        magnifications=MAGNIFICATIONS,
    )
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
