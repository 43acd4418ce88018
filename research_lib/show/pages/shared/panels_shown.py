"""The small maps of the organisers with their words: names of places, and what is said of each line."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from geopandas import GeoDataFrame

from research_lib.evidence.study import Study
from research_lib.show.drawing.labels import Label, place_labels, shortened
from research_lib.show.drawing.organiser_panels import Panel, Panels, Spot, Step, draw_panels
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.words import Words

# The widths at which a panel is drawn, as parts of the frame's 1200 units: on a phone, two in a row, and one in a row.
MAGNIFICATIONS = (0.28, 0.35, 0.45)
_LETTERS = 30


@dataclass(frozen=True)
class ShownStep(Step):
    """A line with the sentence that is said of it."""

    spoken: str


@dataclass(frozen=True)
class ShownSpot(Spot):
    """A place with its name beside it."""

    label: Label


def shown_panels(study: Study, geography: Mapping[str, GeoDataFrame], legs: pd.DataFrame, words: Words) -> Panels:
    """Draw legs, as `leg_table` gives them, on small maps with words."""
    drawn = draw_panels(journeys_frame(study), geography["countries"], study, legs)
    names = {row.id: words.of(row, "name") for row in study["places"].itertuples()}
    first = study.settings.map.labels_first
    panels = tuple(
        Panel(
            panel.id,
            tuple(_spoken(step, names, words) for step in panel.steps),
            tuple(_labelled(panel, names, first)),
            panel.box,
        )
        for panel in drawn.panels
    )
    return Panels(drawn.land, drawn.home, panels)


def said_of(panel: Panel, words: Words) -> str:
    """Say how many steps a panel describes, and how many of each legal status."""
    of = Counter(step.status for step in panel.steps for _ in step.legs)
    parts = (f"{count} {words(f'status.{status}')}" for status, count in of.most_common())
    return words("panel.steps", count=of.total(), parts=", ".join(parts))


def _spoken(step: Step, names: Mapping[str, str], words: Words) -> ShownStep:
    status = words(f"status.{step.status}")
    return ShownStep(
        **vars(step), spoken=words("panel.step", start=names[step.start], end=names[step.end], status=status)
    )


def _labelled(panel: Panel, names: Mapping[str, str], first: list[str]) -> list[ShownSpot]:
    used = Counter(place for step in panel.steps for place in (step.start, step.end) for _ in step.legs)
    ranks = [first.index(spot.id) if spot.id in first else 100 - used[spot.id] for spot in panel.spots]
    left, top, width, height = panel.box
    labels = place_labels(
        [(spot.x - left, spot.y - top) for spot in panel.spots],
        [shortened(names[spot.id], _LETTERS) for spot in panel.spots],
        ranks,
        (width, height),
        magnifications=[scale * panel.zoom for scale in MAGNIFICATIONS],
    )
    return [ShownSpot(**vars(spot), label=label) for spot, label in zip(panel.spots, labels, strict=True)]
