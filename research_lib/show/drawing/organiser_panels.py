"""Described steps as small maps, one for each kind of organiser, all in the frame of the map of journeys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas
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

_MARGIN = 55.0  # drawing units above and below


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


@dataclass(frozen=True)
class Panel:
    """The steps that one kind of organiser arranges, by the source."""

    id: str
    steps: tuple[Step, ...]
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class Panels:
    """The small maps, and the land under them."""

    box: tuple[float, float, float, float]
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
    panels = tuple(Panel(panel, steps, _spots(frame, steps, places, areas)) for panel, steps in drawn.items() if steps)
    return Panels(
        box=_box(frame, panels),
        land=" ".join(outlines),
        home=" ".join(path for path, code in zip(outlines, countries["iso_a3"], strict=True) if code in home),
        panels=panels,
    )


def _box(frame: MapFrame, panels: Iterable[Panel]) -> tuple[float, float, float, float]:
    """The part of the frame that holds all places and curves: its whole width, and no higher than needed."""
    heights = [y for panel in panels for step in panel.steps for y in step.curve.heights]
    heights += [spot.y for panel in panels for spot in panel.spots]
    top = max(0.0, min(heights, default=0.0) - _MARGIN)
    bottom = min(frame.height, max(heights, default=frame.height) + _MARGIN)
    return 0.0, round(top, 1), WIDTH, round(bottom - top, 1)


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
