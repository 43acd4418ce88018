"""Charts: one idea each, drawn by Altair, in the colours of the pages."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.files.invisible_characters import unseen_in
from research_lib.show.design_tokens import light_tokens

alt.renderers.enable("svg")  # Altair's own default asks another host for its scripts
_TOKENS = light_tokens()
INK, MUTED, GREY, GRID, PAPER = (_TOKENS[name] for name in ("ink", "muted", "grey", "rule", "panel"))
MEASURE = _TOKENS["measure"]
LETTER = 6.9  # pixels of a letter in the names and notes of a chart, in a wide typeface
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def group_marks(field: str, groups: Sequence[str]) -> tuple[alt.Color, alt.Shape]:
    """Give each group of a column a shape of its own, and ink or grey in turn, since no hue means a group.

    Raises UnfitDataError where there are more groups than shapes.
    """
    if len(groups) > len(SHAPES):
        raise UnfitDataError(f"{len(groups)} groups are more than a reader can tell apart by shape; draw fewer")
    colours = alt.Scale(domain=[*groups], range=[(INK, GREY)[place % 2] for place in range(len(groups))])
    shapes = alt.Scale(domain=[*groups], range=[*SHAPES[: len(groups)]])
    return alt.Color(field, scale=colours, legend=None), alt.Shape(field, scale=shapes, legend=None)


def key(**more: Any) -> alt.Legend:
    """Say above a chart what its marks are."""
    return alt.Legend(orient="top", title=None, labelFontSize=13, **more)


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame's numbers six significant digits: more cannot be seen, and the last ones differ between machines."""
    numbers = frame.select_dtypes("float")
    return frame.assign(**{name: [float(f"{value:.6g}") for value in numbers[name]] for name in numbers})


def in_order(place: str) -> alt.EncodingSortField:
    """Sort names by a column of numbers: a list of names would become part of the chart's own code."""
    return alt.EncodingSortField(place, op="min")


def rows_down(field: str, place: str = "place", **axis: Any) -> alt.Y:
    """Place rows below each other by a column of numbers, with their names on the left and no lines."""
    names = alt.Axis(ticks=False, domain=False, labelPadding=8, **axis)
    return alt.Y(f"{field}:N", sort=in_order(place), title=None, axis=names)


def _texts(spec: Any) -> Iterator[str]:
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, dict | list):
        for part in [*spec, *spec.values()] if isinstance(spec, dict) else spec:
            yield from _texts(part)


def nothing(said: str) -> alt.LayerChart:
    """Draw a sentence in place of a chart for which there is no row."""
    text = alt.Chart(pd.DataFrame({"said": [said]})).mark_text(color=INK, fontSize=13).encode(text="said:N")
    return styled(alt.LayerChart(layer=[text]), 520, 40)


def styled(
    chart: alt.LayerChart | alt.Chart,
    width: int,
    height: int,
    *,
    left: int = 4,
    right: int = 90,
    names: int = 240,
    note: str = "",
    whole: float = 560,
) -> alt.LayerChart:
    """Give a chart the type and the quiet lines that all charts here share.

    `left`, `right`: room for labels, in pixels; long names need some on the left, as a reader's type may be wider.
    `names`: where longer names are cut, in pixels. `note`: what must travel with the chart, as that its records are
    synthetic; it is broken to lines of `whole` pixels, so that a reader's wider type is not cut. Raises UnfitDataError
    where a text has characters that no drawing can hold.
    """
    if note:
        lines = "\n".join(part for line in note.split("\n") for part in textwrap.wrap(line, int(whole / LETTER)))
        title = alt.TitleParams(lines, anchor="start", fontSize=12, fontWeight="normal", color=MUTED, offset=10)
        chart = chart.properties(title=title)
    limit = names if _can_be_cut(chart) else 0
    padding = {"left": left, "right": right, "top": 8, "bottom": 4}
    return (
        chart.properties(width=width, height=height, background="transparent", padding=padding)
        .configure(font="system-ui, sans-serif", aria=False, lineBreak="\n")
        .configure_view(stroke=None)
        .configure_text(limit=limit)
        .configure_axis(
            labelColor=MUTED,
            gridColor=GRID,
            domainColor=GRID,
            tickColor=GRID,
            labelFontSize=13,
            labelLimit=limit,
            titleColor=INK,
            titleLimit=limit and limit + width,
        )
    )


def _can_be_cut(chart: alt.LayerChart | alt.Chart) -> bool:
    """Whether the renderer can cut the chart's texts: it cuts an emoji or a rare Han character in two, and fails.

    Raises UnfitDataError for a text with control characters and the like: with these the renderer would end Python.
    """
    texts = set(_texts(chart.to_dict(validate=False)))
    for text in texts:
        if unseen := unseen_in(text):
            raise UnfitDataError(f"the text {text[:40]!r} of the chart {unseen}")
    return all(text.isascii() or max(text) <= "\uffff" for text in texts)
