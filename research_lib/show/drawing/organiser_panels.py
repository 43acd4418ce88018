"""Described steps on one map, those of each kind of organiser apart from the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd

from research_lib.evidence.study import Study
from research_lib.show.drawing.journey_lines import Curve, choose_curves
from research_lib.show.drawing.map_ground import Box, Spot, place_spots
from research_lib.show.drawing.projection import WIDTH, MapFrame

ORGANISERS = {
    "kin": ("family",),
    "agency": ("agency", "agent", "job-agency", "employer"),
    "smuggler": ("smugglers", "criminal-organisation"),
    "own": ("authorities",),
    "herself": ("self",),
    "unnamed": ("not-stated",),
}
_PANELS = {code: panel for panel, codes in ORGANISERS.items() for code in codes}
_EDGE = 90.0  # drawing units around what a map shows
_WHOLE = 0.65  # a map that needs so much of the frame shows all of it, and none less than this:
_LEAST = 0.3


@dataclass(frozen=True)
class Step:
    """One line of a map: the legs that describe the same step, and how it is drawn."""

    legs: tuple[str, ...]
    start: str
    end: str
    status: str
    curve: Curve


@dataclass(frozen=True)
class Panel:
    """The steps that one kind of organiser arranges, by the source, and the part of the frame that holds them.

    `box`: left, top, width and height in drawing units.
    """

    id: str
    steps: tuple[Step, ...]
    spots: tuple[Spot, ...]
    box: Box


def organiser_of(actors: Iterable[str]) -> str:
    """Name the panel of a leg by the first of its organisers."""
    return _PANELS.get(next(iter(actors)), "own")


def draw_panels(
    frame: MapFrame, geography: Mapping[str, geopandas.GeoDataFrame], study: Study, legs: pd.DataFrame
) -> list[Panel]:
    """Draw the legs, as `leg_table` gives them, in a panel for each kind of organiser that they have.

    Legs of one panel with the same ends and the same legal status are one line. The legs that come first get the best
    curves, and their places the best spots. `geography`: outlines of `countries`, and of `provinces` if there are any.
    """
    spots = place_spots(frame, geography, study["places"], [*zip(legs["from_id"], legs["to_id"], strict=True)])
    kinds = legs["actor"].map(organiser_of)
    panels = []
    for panel in ORGANISERS:
        if (kinds == panel).any():
            steps = tuple(_steps(frame, legs[kinds == panel], spots))
            ends = dict.fromkeys(place for step in steps for place in (step.start, step.end))
            used = tuple(spots[place] for place in ends)
            panels.append(Panel(panel, steps, used, _part(frame, steps, used)))
    return panels


def _steps(frame: MapFrame, legs: pd.DataFrame, spots: Mapping[str, Spot]) -> Iterator[Step]:
    same = legs.groupby(["from_id", "to_id", "legal_status"], sort=False)["id"].agg(tuple)
    ends = [(spots[start], spots[end]) for start, end, _ in same.index]
    curves = choose_curves(frame, ends, [*{spot.id: spot for pair in ends for spot in pair}.values()])
    for ((start, end, status), ids), curve in zip(same.items(), curves, strict=True):
        yield Step(ids, start, end, status, curve)


def _part(frame: MapFrame, steps: Sequence[Step], spots: Sequence[Spot]) -> Box:
    """The smallest part of the frame, in its shape, that holds places and curves with an edge around them."""
    x = [*(spot.x for spot in spots), *(x for step in steps for x, _ in step.curve.line)]
    y = [*(spot.y for spot in spots), *(y for step in steps for _, y in step.curve.line)]
    edge = 2 * _EDGE / WIDTH
    share = max(float(np.ptp(x)) / WIDTH, float(np.ptp(y)) / frame.height, _LEAST - edge) + edge
    if share > _WHOLE:
        return 0.0, 0.0, float(WIDTH), frame.height
    left, top = (_within(values, length, share) for values, length in ((x, WIDTH), (y, frame.height)))
    return left, top, round(WIDTH * share, 1), round(frame.height * share, 1)


def _within(values: Sequence[float], length: float, share: float) -> float:
    """Where a share of a length begins that has values in its middle."""
    middle = (min(values) + max(values) - length * share) / 2
    return round(min(max(middle, 0.0), length * (1 - share)), 1)
