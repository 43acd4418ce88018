"""Described steps as small maps, one for each kind of organiser, all in the frame of the map of journeys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from research_lib.evidence.geography import Point
from research_lib.evidence.study import Study
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.drawing.route_maps.land import Box, Land, draw_land
from research_lib.show.drawing.route_maps.panes import Panes, panes_of
from research_lib.show.drawing.step_curves import Curve, choose_curves, is_beyond

ORGANISERS = {
    "kin": ("family",),
    "agency": ("agency", "agent", "job-agency", "employer"),
    "smuggler": ("smugglers", "criminal-organisation"),
    "own": ("authorities",),
    "herself": ("self",),
    "unnamed": ("not-stated",),
}

_MARGIN, _EDGE = 60.0, 90.0  # 1200ths of the width above and below all panels; around the places of one
_WHOLE = 0.65  # a panel that needs so much of the map shows all of it, and none less than this:
_LEAST = 0.3


@dataclass(frozen=True)
class Step:
    """One line of a panel: the legs that describe the same step, and how it is drawn."""

    legs: tuple[str, ...]
    start: str
    end: str
    status: str
    curve: Curve


@dataclass(frozen=True)
class Spot:
    """A place at an end of a step, in drawing units; a country has a name and no dot.

    A place beyond the map has its name where the line to it meets the edge.
    """

    id: str
    kind: str
    x: float
    y: float


Parts = tuple[tuple[Step, ...], tuple[Spot, ...]]


@dataclass(frozen=True)
class Panel:
    """The steps that one kind of organiser arranges, by the source, and the part of the frame that it shows.

    `box`: left, top, width and height in drawing units.
    """

    id: str
    steps: tuple[Step, ...]
    spots: tuple[Spot, ...]
    box: Box

    @property
    def zoom(self) -> float:
        """How many times the panel is larger than the frame."""
        return round(WIDTH / self.box[2], 2)


@dataclass(frozen=True)
class Panels:
    """The small maps, the land under them, the panes of it that they show, and the box that holds them."""

    land: Land
    panes: Panes
    box: Box
    panels: tuple[Panel, ...]


def organiser_of(actors: Iterable[str]) -> str:
    """Name the panel of a leg by the first of its organisers."""
    first = next(iter(actors))
    known = {code: panel for panel, codes in ORGANISERS.items() for code in codes}
    return known.get(first, "own")


def draw_panels(
    frame: MapFrame,
    countries: geopandas.GeoDataFrame,
    study: Study,
    legs: pd.DataFrame,
    *,
    land: Land | None = None,
) -> Panels:
    """Draw the legs, as `leg_table` gives them, in a panel for each kind of organiser that they have.

    Legs of one panel with the same ends and the same legal status are one line. A line to or from a country stops at
    its outline; between neighbours it reaches a little into them. `countries`: outlines with `iso_a3`; `land`: that of
    a page which shows more of it than the small maps.
    """
    places = study["places"].set_index("id", drop=False)
    ends = places.loc[[*dict.fromkeys([*legs["from_id"], *legs["to_id"]])]]
    panes = panes_of(frame, [*zip(ends["longitude"], ends["latitude"], strict=True)])
    areas = _areas(panes, countries, places)
    kinds = legs["actor"].map(organiser_of)
    drawn = {panel: _steps(panes, legs[kinds == panel], places, areas) for panel in ORGANISERS}
    held = {panel: (steps, _spots(panes, steps, places, areas)) for panel, steps in drawn.items() if steps}
    whole = _box(panes, [*held.values()])
    return Panels(
        land=land or draw_land(frame, countries, study.settings.home_countries, _land_box(panes, whole)),
        panes=panes,
        box=whole,
        panels=tuple(Panel(panel, *parts, box=_part(whole, parts)) for panel, parts in held.items()),
    )


def _land_box(panes: Panes, whole: Box) -> Box:
    """The part of the land that the panes show."""
    left = panes.strips[0].left
    return left, whole[1], panes.strips[-1].right - left, whole[3]


def _box(panes: Panes, panels: Sequence[Parts]) -> Box:
    """The part of the frame that holds all places and curves: the width of its panes, and no higher than needed."""
    height = panes.frame.height
    heights = [y for steps, _ in panels for step in steps for y in step.curve.heights]
    heights += [spot.y for _, spots in panels for spot in spots]
    top = max(0.0, min(heights, default=0.0) - _MARGIN * panes.unit)
    bottom = min(height, max(heights, default=height) + _MARGIN * panes.unit)
    return panes.left, round(top, 1), panes.width, round(bottom - top, 1)


def _part(whole: Box, parts: Parts) -> Box:
    """The smallest part of the box, in its shape, that holds a panel's places and curves with an edge around them."""
    steps, spots = parts
    x = [*(spot.x for spot in spots), *(x for step in steps for x, _ in step.curve.line)]
    y = [*(spot.y for spot in spots), *(y for step in steps for y in step.curve.heights)]
    edge = 2 * _EDGE / WIDTH
    share = max(float(np.ptp(x)) / whole[2], float(np.ptp(y)) / whole[3], _LEAST - edge) + edge
    if share > _WHOLE:
        return whole
    left, top = (_within(values, whole[axis], whole[axis + 2], share) for axis, values in enumerate((x, y)))
    return left, top, round(whole[2] * share, 1), round(whole[3] * share, 1)


def _within(values: Sequence[float], start: float, length: float, share: float) -> float:
    """Where a share of a length begins that has values in its middle."""
    middle = (min(values) + max(values) - length * share) / 2
    return round(min(max(middle, start), start + length * (1 - share)), 1)


def _areas(panes: Panes, countries: geopandas.GeoDataFrame, places: pd.DataFrame) -> Mapping[str, shapely.Geometry]:
    """What the panes show of the places that are countries, in drawing units."""
    whole = places[places["kind"] == "country"]
    found = countries[countries["iso_a3"].isin(set(whole["country_code"]))]
    shown = {
        code: panes.area(area) for code, area in zip(found["iso_a3"], panes.frame.areas(found.geometry), strict=True)
    }
    return {row.id: shown.get(row.country_code, shapely.MultiPolygon()) for row in whole.itertuples()}


def _steps(
    panes: Panes, legs: pd.DataFrame, places: pd.DataFrame, areas: Mapping[str, shapely.Geometry]
) -> tuple[Step, ...]:
    same = legs.groupby(["from_id", "to_id", "legal_status"], sort=False)["id"].agg(tuple)
    ends = [(start, end) for start, end, _ in same.index]
    curves = choose_curves(panes, ends, places, areas)
    return tuple(
        Step(ids, start, end, status, curve)
        for ((start, end, status), ids), curve in zip(same.items(), curves, strict=True)
    )


def _spots(
    panes: Panes, steps: Iterable[Step], places: pd.DataFrame, areas: Mapping[str, shapely.Geometry]
) -> tuple[Spot, ...]:
    used: dict[str, Point] = {}
    for step in steps:
        for place, end in zip((step.start, step.end), step.curve.ends, strict=True):
            used.setdefault(place, end)
    return tuple(_spot(panes, places.loc[place], areas, end) for place, end in used.items())


def _spot(panes: Panes, row: Any, areas: Mapping[str, shapely.Geometry], end: Point) -> Spot:
    """Place a country's name inside its outline, a place beyond the map at the end of a line, all else at its point."""
    if row["id"] in areas and not areas[row["id"]].is_empty:
        middle = max(shapely.get_parts(areas[row["id"]]), key=shapely.area).representative_point()
        return Spot(row["id"], "country", round(middle.x, 1), round(middle.y, 1))
    kind = "world-region" if row["located_by"] == "drawing-point" else row["kind"]
    at = panes.point(row["longitude"], row["latitude"])
    if is_beyond(row["id"], shapely.Point(at), panes, areas):
        return Spot(row["id"], "beyond", *end)
    return Spot(row["id"], kind, *at)
