"""Described steps as small maps, one for each kind of organiser, all in the frame of the map of journeys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from research_lib.evidence.study import Study
from research_lib.show.drawing.map import outline_paths
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.drawing.step_curves import Curve, choose_curves

ORGANISERS = {
    "kin": ("family",),
    "agency": ("agency", "agent", "job-agency", "employer"),
    "smuggler": ("smugglers", "criminal-organisation"),
    "own": ("authorities",),
    "herself": ("self",),
    "unnamed": ("not-stated",),
}

_MARGIN, _EDGE = 55.0, 12.0  # drawing units above and below all panels; around the places of one


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
    """A place at an end of a step, in drawing units; a country has a name and no dot."""

    id: str
    kind: str
    x: float
    y: float


Box = tuple[float, float, float, float]
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
    """The small maps, and the land under them."""

    land: str
    home: str
    panels: tuple[Panel, ...]


def organiser_of(actors: Iterable[str]) -> str:
    """Name the panel of a leg by the first of its organisers."""
    first = next(iter(actors))
    known = {code: panel for panel, codes in ORGANISERS.items() for code in codes}
    return known.get(first, "own")


def draw_panels(frame: MapFrame, countries: geopandas.GeoDataFrame, study: Study, legs: pd.DataFrame) -> Panels:
    """Draw the legs, as `leg_table` gives them, in a panel for each kind of organiser that they have.

    Legs of one panel with the same ends and the same legal status are one line. A line to or from a country stops at
    its outline. `countries`: outlines with `iso_a3`.
    """
    outlines = outline_paths(frame, countries)
    home = study.settings.home_countries
    places = study["places"].set_index("id", drop=False)
    areas = _areas(frame, countries, places)
    kinds = legs["actor"].map(organiser_of)
    drawn = {panel: _steps(frame, legs[kinds == panel], places, areas) for panel in ORGANISERS}
    held = {panel: (steps, _spots(frame, steps, places, areas)) for panel, steps in drawn.items() if steps}
    whole = _box(frame, [*held.values()])
    panels = tuple(Panel(panel, *parts, box=_part(whole, parts)) for panel, parts in held.items())
    return Panels(
        land=" ".join(outlines),
        home=" ".join(path for path, code in zip(outlines, countries["iso_a3"], strict=True) if code in home),
        panels=panels,
    )


def _box(frame: MapFrame, panels: Sequence[Parts]) -> Box:
    """The part of the frame that holds all places and curves: its whole width, and no higher than needed."""
    heights = [y for steps, _ in panels for step in steps for y in step.curve.heights]
    heights += [spot.y for _, spots in panels for spot in spots]
    top = max(0.0, min(heights, default=0.0) - _MARGIN)
    bottom = min(frame.height, max(heights, default=frame.height) + _MARGIN)
    return 0.0, round(top, 1), WIDTH, round(bottom - top, 1)


def _part(whole: Box, parts: Parts) -> Box:
    """The smallest part of the box, in its shape, that holds a panel's places and curves: a quarter, a half, or all."""
    steps, spots = parts
    x = [spot.x for spot in spots]
    y = [*(spot.y for spot in spots), *(y for step in steps for y in step.curve.heights)]
    for share in (0.25, 0.5):
        size = whole[2] * share, whole[3] * share
        if np.ptp(x) < size[0] - 2 * _EDGE and np.ptp(y) < size[1] - 2 * _EDGE:
            left, top = (_within(values, whole[axis], whole[axis + 2], share) for axis, values in enumerate((x, y)))
            return left, top, size[0], size[1]
    return whole


def _within(values: Sequence[float], start: float, length: float, share: float) -> float:
    """Where a share of a length begins that has values in its middle."""
    middle = (min(values) + max(values) - length * share) / 2
    return round(min(max(middle, start), start + length * (1 - share)), 1)


def _areas(frame: MapFrame, countries: geopandas.GeoDataFrame, places: pd.DataFrame) -> Mapping[str, shapely.Geometry]:
    """The outlines of the places that are countries, in drawing units."""
    whole = places[places["kind"] == "country"]
    found = countries[countries["iso_a3"].isin(set(whole["country_code"]))]
    rings = dict(zip(found["iso_a3"], frame.outlines(found.geometry), strict=True))
    return {
        row.id: shapely.union_all([shapely.Polygon(ring).buffer(0) for ring in rings.get(row.country_code, ())])
        for row in whole.itertuples()
    }


def _steps(
    frame: MapFrame, legs: pd.DataFrame, places: pd.DataFrame, areas: Mapping[str, shapely.Geometry]
) -> tuple[Step, ...]:
    same = legs.groupby(["from_id", "to_id", "legal_status"], sort=False)["id"].agg(tuple)
    ends = [(start, end) for start, end, _ in same.index]
    curves = choose_curves(frame, ends, places, areas)
    return tuple(
        Step(ids, start, end, status, curve)
        for ((start, end, status), ids), curve in zip(same.items(), curves, strict=True)
    )


def _spots(
    frame: MapFrame, steps: Iterable[Step], places: pd.DataFrame, areas: Mapping[str, shapely.Geometry]
) -> tuple[Spot, ...]:
    used = dict.fromkeys(place for step in steps for place in (step.start, step.end))
    return tuple(_spot(frame, places.loc[place], areas) for place in used)


def _spot(frame: MapFrame, row: Any, areas: Mapping[str, shapely.Geometry]) -> Spot:
    """Place a country's name inside its outline, and everything else at its point."""
    if row["id"] in areas and not areas[row["id"]].is_empty:
        middle = max(shapely.get_parts(areas[row["id"]]), key=shapely.area).representative_point()
        return Spot(row["id"], "country", round(middle.x, 1), round(middle.y, 1))
    kind = "world-region" if row["located_by"] == "drawing-point" else row["kind"]
    return Spot(row["id"], kind, *frame.point(row["longitude"], row["latitude"]))
