"""The map as a value: land, provinces, places and steps in drawing units, ready for the SVG template."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import shapely

from research_lib.evidence.study import Study
from research_lib.show.design_tokens import light_tokens
from research_lib.show.drawing.labels import Drawn, Label, place_labels, shortened
from research_lib.show.drawing.map_ground import Box, Land, Spot, draw_ground
from research_lib.show.drawing.organiser_panels import ALL, Panel, Step, draw_panels, organiser_of
from research_lib.show.drawing.projection import WIDTH, MapFrame
from research_lib.show.kept import kept
from research_lib.show.pages.browser_module import page_style
from research_lib.show.pages.opened_templates import open_templates
from research_lib.show.words import Words

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif"'
_TEMPLATES = Path(__file__).resolve().parents[1] / "pages/routes"
_TOLD = re.compile(
    r"^(?:\.(?:land|home|borders|disputed|province|leg|lead|place|unscaled)\b|circle\.ring|\[data-status|"
    r'svg\[data-role="map"\]:not\(\[data-tier)'
)
_HUE = re.compile(r"^\.([a-z]+) \{ --line: (.+); \}$", re.MULTILINE)
_SEVERAL = "several"  # legal statuses of one line
# Pixels to a drawing unit: the map on a phone, on a page, and twice and four times that.
MAGNIFICATIONS = (0.28, 0.7, 1.6, 3.2)
_LETTERS = 30
_ARROW = " → "
_ARROWS = ("←", "↑", "→", "↓")
_UNSEEN = 1000  # the rank of a place that the page does not show at first, or a worse one
_UNSURE = {"not-stated", "hypothesis", "anecdotal", "rumour"}


@dataclass(frozen=True)
class ShownStep(Step):
    """A line with the sentence that is said of it, and whether all who describe it leave it open."""

    spoken: str
    is_unsure: bool


@dataclass(frozen=True)
class Mark:
    """A place with its name; `x` and `y`: where its name is anchored, beside the ring of a place that has one."""

    spot: Spot
    name: str
    label: Label
    x: float
    y: float


@dataclass(frozen=True)
class OrganiserMap:
    """What the map shows of one organiser, or the places of all of them.

    `box`: the part of the map at first. `is_by_country`: whether its lines join countries, since they are very many;
    only then the map of all has steps of its own, and else shows those of the others.
    """

    id: str
    steps: tuple[ShownStep, ...]
    marks: tuple[Mark, ...]
    box: Box
    is_by_country: bool


@dataclass(frozen=True)
class MapDrawing:
    """The map of all journeys.

    `frame`: a left, a top, a width and a height. `provinces`: those that stand for places, each the place's id and its
    outline on the grid of `short_path`. `province_borders`: those between provinces, on that grid. `organisers`: the
    last one is that of all. `kinds`: the organiser of each leg, and its legal status.
    """

    frame: Box
    land: Land
    provinces: tuple[tuple[str, str], ...]
    province_borders: str
    organisers: tuple[OrganiserMap, ...]
    kinds: Mapping[str, tuple[str, str]]

    def look(self, legs: Iterable[str]) -> tuple[str, str]:
        """The organiser and the legal status that all of some legs have, or `all` and `several`."""
        organisers, statuses = ([*{*each}] for each in zip(*(self.kinds[leg] for leg in legs), strict=True))
        return organisers[0] if len(organisers) == 1 else ALL, statuses[0] if len(statuses) == 1 else _SEVERAL


def map_image(
    drawing: MapDrawing, words: Words, out: Container[str] = (), *, view: Box | None = None, shown: str = ALL
) -> str:
    """Write a part of a map, without the legs of `out`, as an SVG for a document or a web page.

    `view`: the part, as a left, a top, a width and a height of drawing units; by default that of the journeys. `shown`:
    the organiser whose journeys it shows, by default all.
    """
    template: Any = open_templates(_TEMPLATES).get_template("map.svg.j2")
    text = str(template.module.map(drawing, words, view or drawing.frame, out, shown))
    start = text.index("<svg")
    opened, rest = text[start + len("<svg") :].split(">", 1)
    return f"{_HEAD}{opened}><style>{_style()}</style>{rest}"


@cache
def _style() -> str:
    """The rules of the page's style that the map needs, with colours in place of variables."""
    css = page_style()
    rules = [line for line in css.splitlines() if _TOLD.match(line)]
    hues = [
        f".{code} .stroke {{ stroke: {hue} }} .{code} .many, .tip.{code} path {{ fill: {hue} }}"
        for code, hue in _HUE.findall(css)
    ]
    light = light_tokens()  # a file of its own has no style sheet with the variables
    text = "\n".join([*rules, *hues]).replace("var(--unit)", "1.2")
    return re.sub(r"var\(--([a-z]+)\)", lambda found: light.get(found[1], light["grey"]), text)


def draw_map(
    frame: MapFrame,
    geography: Mapping[str, geopandas.GeoDataFrame],
    study: Study,
    legs: pd.DataFrame,
    *,
    words: Words,
    first: Collection[str] = (),
) -> MapDrawing:
    """Draw the legs and their places; those of `first`, by id, get the best curves, and their places the best names."""
    whole = (0.0, 0.0, float(WIDTH), frame.height)
    panels = draw_panels(frame, geography, study, _ordered(legs, first))
    land, (provinces, borders) = draw_ground(frame, geography, study)
    steps = {step for panel in panels for step in panel.steps}
    spoken, ranks = _speaker(study, legs, words), _ranks(study, steps, first)
    names = {row.id: (words.of(row, "name"), words.place(row)) for row in study["places"].itertuples()}
    unsure = {*legs.loc[legs["certainty"].isin(_UNSURE), "id"]}
    return MapDrawing(
        frame=whole,
        land=land,
        provinces=tuple(provinces),
        province_borders=borders,
        organisers=tuple(
            OrganiserMap(
                panel.id,
                tuple(
                    ShownStep(**vars(step), spoken=spoken(step), is_unsure={*step.legs} <= unsure)
                    for step in (panel.steps if panel.id != ALL or panel.is_by_country else ())
                ),
                tuple(_marks(panel, names, ranks, whole, first=study.settings.map.labels_first)),
                panel.box,
                panel.is_by_country,
            )
            for panel in panels
        ),
        kinds={leg.id: (organiser_of(leg.actor), leg.legal_status) for leg in legs.itertuples()},
    )


@kept
def _ordered(legs: pd.DataFrame, first: Collection[str]) -> pd.DataFrame:
    return legs.loc[(~legs["id"].isin(first)).sort_values(kind="stable").index]


def _speaker(study: Study, legs: pd.DataFrame, words: Words) -> Callable[[Step], str]:
    """Say of a line from where to where it goes, and who organises it, its papers, certainties and journeys."""
    names = {row.id: words.of(row, "name") for row in study["places"].itertuples()}
    named = journeys_of(legs, names)
    rows = {row.id: row for row in legs.itertuples()}

    def spoken(step: Step) -> str:
        own = [rows[leg] for leg in step.legs]
        said = words(
            "panel.step",
            start=names[step.start],
            end=names[step.end],
            organiser=words.listed(dict.fromkeys(words(f"actor.{code}") for leg in own for code in leg.actor)),
            status=words.listed(dict.fromkeys(words(f"status.{leg.legal_status}") for leg in own)),
            certainty=words.listed(dict.fromkeys(words(f"certainty.{leg.certainty}") for leg in own)),
        )
        many = [words.plural("panel.descriptions", len(own))] if len(own) > 1 else []
        exact = [leg for leg in own if (leg.from_id, leg.to_id) == (step.start, step.end)]
        routes = [route for route in dict.fromkeys(leg.route_id for leg in exact) if route in named]
        journeys = (words("panel.journey", places=named[route].places) for route in routes)
        return " ".join([said, *many, *journeys])

    return spoken


@dataclass(frozen=True)
class Journey:
    """A route of several steps: its places in their order, and by leg where it leads from and to."""

    places: str
    legs: Mapping[str, str]


def journeys_of(legs: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Journey]:
    """Name by route the places of its steps, from the first to the last; routes of one step are left out."""
    routes: dict[str, dict[str, tuple[str, str]]] = {}
    for step in legs.sort_values("leg_order", kind="stable").itertuples():
        routes.setdefault(step.route_id, {})[step.id] = names[step.from_id], names[step.to_id]
    found = {}
    for route, ends in routes.items():
        if len(ends) > 1:
            places = [place for place, _ in groupby(place for each in ends.values() for place in each)]
            found[route] = Journey(_ARROW.join(places), {leg: _ARROW.join(each) for leg, each in ends.items()})
    return found


def _ranks(study: Study, steps: Collection[Step], first: Collection[str]) -> dict[str, int]:
    """Which names are placed first: those of what is shown at first, then those the study names, then of most steps."""
    used = Counter(place for step in steps for place in (step.start, step.end) for _ in step.legs)
    named = study.settings.map.labels_first
    shown = {place for step in steps if not {*step.legs}.isdisjoint(first) for place in (step.start, step.end)}
    return {
        place: _UNSEEN * (place not in shown) + (named.index(place) if place in named else 500 - min(count, 400))
        for place, count in used.items()
    }


def _marks(
    panel: Panel, names: Mapping[str, tuple[str, str]], ranks: Mapping[str, int], whole: Box, *, first: Sequence[str]
) -> Iterator[Mark]:
    """Name the places of a map; where lines join countries, those that are seen first, as if they were alone."""
    if not panel.is_by_country:
        yield from _named(panel, names, ranks, whole, first=first)
        return
    seen = tuple(spot for spot in panel.spots if ranks[spot.id] < _UNSEEN)
    some = {spot.id for spot in seen}
    rings = [spot.id for spot in seen if spot.kind == "ring"]
    steps = tuple(step for step in panel.steps if {step.start, step.end} <= some)
    others = tuple(spot for spot in panel.spots if spot.id not in some)
    yield from _named(replace(panel, spots=seen, steps=steps), names, ranks, whole, first={*first, *rings})
    yield from _named(replace(panel, spots=others), names, ranks, whole, first=first)


def _named(
    panel: Panel, names: Mapping[str, tuple[str, str]], ranks: Mapping[str, int], whole: Box, *, first: Collection[str]
) -> Iterator[Mark]:
    spots, steps = panel.spots, panel.steps
    lines = [step.curve.line for step in steps]
    labels = place_labels(
        [spot.at for spot in spots],
        [shortened(names[spot.id][0], _LETTERS) + _way(spot, whole) for spot in spots],
        [ranks[spot.id] - _UNSEEN * (spot.kind == "beyond") for spot in spots],
        whole[2:],
        # Names of countries are few: enlarged so far, they have room wherever they stand.
        magnifications=MAGNIFICATIONS[:-1] if panel.is_by_country else MAGNIFICATIONS,
        drawn=Drawn(
            [end for line in lines for end in (line[0], line[-1])],
            [step.curve.beside for step in steps if len(step.legs) > 1],
            shapely.MultiLineString(lines),
        ),
        radii=[spot.radius for spot in spots],
        first=[i for i, spot in enumerate(spots) if spot.id in first],
    )
    for spot, label in zip(spots, labels, strict=True):
        x, y = label.base(spot.at, spot.radius)
        yield Mark(spot, names[spot.id][1], label, round(x, 1), round(y, 1))


def _way(spot: Spot, box: Box) -> str:
    """An arrow towards a place beyond the map, over the edge at which its name stands; nothing for other places."""
    if spot.kind != "beyond":
        return ""
    far = (spot.x, spot.y, box[2] - spot.x, box[3] - spot.y)
    return f" {_ARROWS[far.index(min(far))]}"
