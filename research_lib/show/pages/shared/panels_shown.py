"""The small maps of the organisers with their words: names of places, and what is said of each line."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
import shapely
from geopandas import GeoDataFrame
from shapely.affinity import translate

from research_lib.evidence.study import Study
from research_lib.show.drawing.labels import Drawn, Label, place_labels, shortened
from research_lib.show.drawing.organiser_panels import Panel, Panels, Spot, Step, draw_panels
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.drawing.route_maps.land import Box, Land
from research_lib.show.words import Words

# How large names are in panels of four widths, the least first, as in `page.css`: in 1200ths of the width.
UNITS = (3.6, 2.9, 2.2, 1.65)
_ARROWS = ("←", "↑", "→", "↓")
_LETTERS = 30


@dataclass(frozen=True)
class ShownStep(Step):
    """A line with the sentence that is said of it."""

    spoken: str


@dataclass(frozen=True)
class ShownSpot(Spot):
    """A place with its name beside it."""

    label: Label


def shown_panels(
    study: Study,
    geography: Mapping[str, GeoDataFrame],
    legs: pd.DataFrame,
    words: Words,
    *,
    land: Land | None = None,
) -> Panels:
    """Draw legs, as `leg_table` gives them, on small maps with words; `land` as in `draw_panels`."""
    drawn = draw_panels(journeys_frame(study), geography["countries"], study, legs, land=land)
    names = {row.id: words.of(row, "name") for row in study["places"].itertuples()}
    certainty = dict(zip(legs["id"], legs["certainty"], strict=True))
    first = study.settings.map.labels_first
    panels = tuple(
        replace(
            panel,
            steps=tuple(_spoken(step, panel.id, names, words, certainty=certainty) for step in panel.steps),
            spots=tuple(_labelled(panel, names, first)),
        )
        for panel in drawn.panels
    )
    return replace(drawn, panels=panels)


def said_of(panel: Panel, words: Words, every: int = 0) -> str:
    """Say how many steps a panel describes, of `every` if there are more, and how many of each legal status."""
    of = Counter(step.status for step in panel.steps for _ in step.legs)
    parts = (f"{count} {words(f'status.{status}')}" for status, count in of.most_common())
    shown = of.total()
    count = words("panel.shown_of", shown=shown, all=every) if every > shown else shown
    return words("panel.steps", count=count, parts=", ".join(parts))


def _spoken(
    step: Step, panel: str, names: Mapping[str, str], words: Words, *, certainty: Mapping[str, str]
) -> ShownStep:
    """Say from where to where a step goes, who organises it, its papers, its certainty, and how often it is told."""
    codes = dict.fromkeys(certainty[leg] for leg in step.legs)
    said = words(
        "panel.step",
        start=names[step.start],
        end=names[step.end],
        organiser=words(f"panel.{panel}"),
        status=words(f"status.{step.status}"),
        certainty=", ".join(words(f"certainty.{code}") for code in codes),
    )
    return ShownStep(**vars(step), spoken=f"{said} {words.plural('panel.descriptions', len(step.legs))}")


def _labelled(panel: Panel, names: Mapping[str, str], first: list[str]) -> list[ShownSpot]:
    used = Counter(place for step in panel.steps for place in (step.start, step.end) for _ in step.legs)
    ranks = [_rank(spot, first, used) for spot in panel.spots]
    left, top, width, height = panel.box
    texts = [shortened(names[spot.id], _LETTERS) + _way(spot, panel.box) for spot in panel.spots]
    labels = place_labels(
        [(spot.x - left, spot.y - top) for spot in panel.spots],
        texts,
        ranks,
        (width, height),
        magnifications=[panel.zoom / unit for unit in UNITS],
        drawn=_drawn(panel),
    )
    return [ShownSpot(**vars(spot), label=label) for spot, label in zip(panel.spots, labels, strict=True)]


def _rank(spot: Spot, first: list[str], used: Mapping[str, int]) -> int:
    """Which names are placed first: those beyond the map, then those that the study names, then those of most steps."""
    if spot.kind == "beyond":
        return -1
    return first.index(spot.id) if spot.id in first else 100 - used[spot.id]


def _way(spot: Spot, box: Box) -> str:
    """An arrow towards a place beyond the map, over the edge at which its name stands; nothing for other places."""
    if spot.kind != "beyond":
        return ""
    left, top, width, height = box
    far = (spot.x - left, spot.y - top, left + width - spot.x, top + height - spot.y)
    return f" {_ARROWS[far.index(min(far))]}"


def _drawn(panel: Panel) -> Drawn:
    """The ends of a panel's lines and their numbers, which no name covers, and the lines."""
    left, top, _, _ = panel.box
    points = [point for step in panel.steps for point in step.curve.ends]
    points += [step.curve.beside for step in panel.steps if len(step.legs) > 1]
    lines = shapely.MultiLineString([step.curve.line for step in panel.steps])
    return Drawn([(x - left, y - top) for x, y in points], translate(lines, -left, -top))
