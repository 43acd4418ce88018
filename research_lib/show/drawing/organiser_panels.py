"""Described steps on one map, those of each kind of organiser apart from the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import dist

import geopandas
import numpy as np
import pandas as pd

from research_lib.evidence.study import Study
from research_lib.show.drawing.journey_lines import Curve, choose_curves
from research_lib.show.drawing.map_ground import Box, Spot, place_spots
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.kept import kept

ORGANISERS = {
    "kin": ("family",),
    "agency": ("agency", "agent", "job-agency", "employer"),
    "smuggler": ("smugglers", "criminal-organisation"),
    "own": ("authorities",),
    "herself": ("self",),
    "unnamed": ("not-stated",),
}
ALL = "all"  # the map of all organisers
_PANELS = {code: panel for panel, codes in ORGANISERS.items() for code in codes}
_ENDS = ["from_id", "to_id"]
_LINE = [*_ENDS, "legal_status"]
_MOST = 60  # lines of a map that a reader can follow; of more, each stands for all steps between two countries
_SMALL = 0.6  # the rings of such a map, which are many and near each other
_CROWD = 110.0  # drawing units between two of them that are next to each other
_SHORT = 200.0  # how long a line among such rings is at most, to wait until the map is enlarged
_EDGE = 90.0  # drawing units around what a map shows
_WHOLE = 0.65  # a map that needs so much of the frame shows all of it, and none less than this:
_LEAST = 0.3


@dataclass(frozen=True)
class Step:
    """One line of a map: the legs that describe the same step, and how it is drawn.

    `is_crowded`: whether it is short, and among so many places that it is drawn where the map is enlarged.
    """

    legs: tuple[str, ...]
    start: str
    end: str
    curve: Curve
    is_crowded: bool


@dataclass(frozen=True)
class Panel:
    """The steps that one kind of organiser arranges, by the source, and the part of the frame that holds them.

    `box`: left, top, width and height in drawing units. `is_by_country`: whether its lines join countries; that of all
    organisers has lines of its own then, and else those of the others.
    """

    id: str
    steps: tuple[Step, ...]
    spots: tuple[Spot, ...]
    box: Box
    is_by_country: bool = False


def organiser_of(actors: Iterable[str]) -> str:
    """Name the panel of a leg by the first of its organisers."""
    return _PANELS.get(next(iter(actors)), "own")


@kept
def draw_panels(
    frame: MapFrame, geography: Mapping[str, geopandas.GeoDataFrame], study: Study, legs: pd.DataFrame
) -> list[Panel]:
    """Draw the legs, as `leg_table` gives them, in a panel for each kind of organiser that they have.

    Legs of one panel with the same ends and the same legal status are one line; in a panel of very many lines, ends in
    the same countries are the same. The last panel is that of all organisers: where another has very many lines, one
    line of it stands for all legs between two countries. The legs that come first get the best curves, and their places
    the best spots. `geography`: outlines of `countries`, and of `provinces` if there are any.
    """
    kinds = legs["actor"].map(organiser_of)
    lines = legs.assign(panel=kinds).drop_duplicates(["panel", *_LINE])["panel"].value_counts()
    full = {*lines.index[lines > _MOST]}
    joined = legs.assign(**_by_country(legs, study["places"])) if full else legs
    legs = legs.assign(**joined[_ENDS].where(kinds.isin(full), legs[_ENDS]))
    ends = [*pd.concat([legs, joined])[_ENDS].itertuples(index=False, name=None)]
    spots = place_spots(frame, geography, study["places"], ends, size=_SMALL if full else 1)
    panels = [
        _panel(panel, frame, legs[kinds == panel], spots, is_by_country=panel in full)
        for panel in ORGANISERS
        if (kinds == panel).any()
    ]
    if full:
        return [*panels, _panel(ALL, frame, joined, spots, is_by_country=True)]
    used = {spot.id: spot for panel in panels for spot in panel.spots}
    steps = tuple(step for panel in panels for step in panel.steps)
    return [*panels, Panel(ALL, steps, tuple(used.values()), _whole(frame))]


def _by_country(legs: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """From which country to which each leg leads; an end in no country that the study has as a place stays as it is."""
    countries = places[places["kind"] == "country"].drop_duplicates("country_code").set_index("country_code")["id"]
    around = places.set_index("id")["country_code"].map(countries)
    return legs[_ENDS].apply(lambda ends: ends.map(around).astype(ends.dtype).fillna(ends))


def _panel(panel: str, frame: MapFrame, legs: pd.DataFrame, spots: Mapping[str, Spot], *, is_by_country: bool) -> Panel:
    same = legs.groupby(_ENDS if panel == ALL else _LINE, sort=False)["id"].agg(tuple)
    ends = [(spots[start], spots[end]) for start, end, *_ in same.index]
    used = tuple({spot.id: spot for pair in ends for spot in pair}.values())
    crowd = {one.id for one, other in permutations(used, 2) if dist(one.at, other.at) < _CROWD and is_by_country}
    steps = tuple(
        Step(ids, start.id, end.id, curve, {start.id, end.id} <= crowd and dist(start.at, end.at) < _SHORT)
        for ids, (start, end), curve in zip(same, ends, choose_curves(frame, ends, used), strict=True)
    )
    return Panel(panel, steps, used, _whole(frame) if panel == ALL else _part(frame, steps, used), is_by_country)


def _whole(frame: MapFrame) -> Box:
    return 0.0, 0.0, float(WIDTH), frame.height


def _part(frame: MapFrame, steps: Sequence[Step], spots: Sequence[Spot]) -> Box:
    """The smallest part of the frame, in its shape, that holds places and curves with an edge around them."""
    x = [*(spot.x for spot in spots), *(x for step in steps for x, _ in step.curve.line)]
    y = [*(spot.y for spot in spots), *(y for step in steps for _, y in step.curve.line)]
    edge = 2 * _EDGE / WIDTH
    share = max(float(np.ptp(x)) / WIDTH, float(np.ptp(y)) / frame.height, _LEAST - edge) + edge
    if share > _WHOLE:
        return _whole(frame)
    left, top = (_within(values, length, share) for values, length in ((x, WIDTH), (y, frame.height)))
    return left, top, round(WIDTH * share, 1), round(frame.height * share, 1)


def _within(values: Sequence[float], length: float, share: float) -> float:
    """Where a share of a length begins that has values in its middle."""
    middle = (min(values) + max(values) - length * share) / 2
    return round(min(max(middle, 0.0), length * (1 - share)), 1)
