"""Charts: one idea each, drawn by Altair."""

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.files.invisible_characters import unseen_in

INK, MUTED, GRID = "#1b1e23", "#5c6370", "#d9dce1"
BLUE, ORANGE, GREEN, PURPLE = "#1d5fa8", "#b3541e", "#3d7a4b", "#7a3e8f"
HUES = (BLUE, ORANGE, GREEN, PURPLE, INK, MUTED)


def agreement(table: pd.DataFrame) -> alt.LayerChart:
    """Chart agreement as points with their intervals, the lowest at the bottom; `table`: name, value, low, high."""
    ordered = table.sort_values("value", ascending=False).assign(place=range(len(table)))
    base = alt.Chart(ordered).encode(
        y=alt.Y("name:N", sort=in_order("place"), title=None),
        x=alt.X(
            "value:Q", title=None, scale=alt.Scale(domain=[min(0, ordered["low"].min()), 1]), axis=alt.Axis(tickCount=6)
        ),
    )
    spans = base.mark_rule(color=BLUE, strokeWidth=4, opacity=0.4).encode(x="low:Q", x2="high:Q")
    points = base.mark_circle(color=BLUE, size=80, opacity=1)
    labels = base.mark_text(color=INK, align="left", dx=9, dy=-9, fontSize=12).encode(
        text=alt.Text("value:Q", format=".2f")
    )
    return styled(spans + points + labels, 480, 26 * len(ordered), names=320)


def group_colours(groups: Sequence[str]) -> alt.Scale:
    """Give each group a colour, in the order of the groups.

    Raises UnfitDataError where there are more groups than colours.
    """
    if len(groups) > len(HUES):
        raise UnfitDataError(f"{len(groups)} groups are more than a reader can tell apart by colour; draw fewer")
    return alt.Scale(domain=list(groups), range=list(HUES[: len(groups)]))


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame's numbers six significant digits: more cannot be seen, and the last ones differ between machines."""
    numbers = frame.select_dtypes("float")
    return frame.assign(**{name: [float(f"{value:.6g}") for value in numbers[name]] for name in numbers})


def in_order(place: str) -> alt.EncodingSortField:
    """Sort names by a column of numbers: a list of names would become part of the chart's own code."""
    return alt.EncodingSortField(place, op="min")


def _texts(spec: Any) -> Iterator[str]:
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, dict | list):
        for part in [*spec, *spec.values()] if isinstance(spec, dict) else spec:
            yield from _texts(part)


def styled(
    chart: alt.LayerChart | alt.Chart,
    width: int,
    height: int,
    *,
    left: int = 4,
    right: int = 90,
    names: int = 240,
    note: str = "",
) -> alt.LayerChart:
    """Give a chart the type and the quiet lines that all charts here share.

    `left`, `right`: room for labels, in pixels; long names need some on the left, as a reader's type may be wider.
    `names`: where longer names are cut, in pixels. `note`: what must travel with the chart, as that its records are
    synthetic. Raises UnfitDataError where a text has characters that no drawing can hold.
    """
    if note:
        title = alt.TitleParams(note, anchor="start", fontSize=12, fontWeight="normal", color=MUTED, offset=10)
        chart = chart.properties(title=title)
    limit = names if _can_be_cut(chart) else 0
    return (
        chart.properties(
            width=width,
            height=height,
            background="transparent",
            padding={"left": left, "right": right, "top": 8, "bottom": 4},
        )
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
