"""Charts of intervals: what an audit derives about hidden counts, and how often an estimate holds the truth."""

import altair as alt
import pandas as pd

from research_lib.show.drawing.charts import GRID, INK, MEASURE, MUTED, in_order, rounded, styled

_ROW, _BETWEEN = 38, 0.15


def derived_intervals(table: pd.DataFrame, title: str, *, note: str = "") -> alt.LayerChart:
    """Draw between which counts a reader can derive that each hidden cell lies; an exact count is a dot.

    `table`: one line for each row and case: row, case (at most two, such as before and after), low, high. `title` says
    what is counted.
    """
    shown = rounded(table.assign(place=table.index, text=[_span(*ends) for ends in table[["low", "high"]].to_numpy()]))
    cases = list(dict.fromkeys(table["case"]))
    colour = alt.Color(
        "case:N",
        scale=alt.Scale(domain=cases, range=[INK, MEASURE][: len(cases)]),
        legend=alt.Legend(orient="top", title=None, labelFontSize=13, labelLimit=0, columnPadding=40),
    )
    base = alt.Chart(shown).encode(
        y=alt.Y("row:N", sort=in_order("place"), title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8)),
        yOffset=alt.YOffset("case:N", scale=alt.Scale(domain=cases, paddingInner=0.2)),
        color=colour,
    )
    spans = base.mark_bar(height=7, cornerRadius=3).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    exact = base.transform_filter("datum.low === datum.high").mark_circle(size=110, opacity=1).encode(x="low:Q")
    texts = base.mark_text(align="left", dx=10, fontSize=12).encode(x="high:Q", text="text:N", color=alt.value(INK))
    rows = shown["row"].nunique()
    return styled(spans + exact + texts, 400, _ROW * rows, left=36, right=110, names=0, note=note)


def _span(low: float, high: float) -> str:
    return f"{low:,.0f}, exactly" if low == high else f"{low:,.0f} to {high:,.0f}"


def how_often_intervals_hold(table: pd.DataFrame, y: str, *, note: str = "") -> alt.LayerChart:
    """Draw the interval of each draw beside the truth, group by group; those that miss it are black.

    `table`: one line for each draw: group, low, high, truth. `y` says what is estimated.
    """
    shown = rounded(table.sort_values(["group", "low", "high"], ignore_index=True))
    shift = shown["group"].rank(method="dense").sub(1) * int(_BETWEEN * len(shown))
    shown = shown.assign(place=shown.index + shift, holds=shown["truth"].between(shown["low"], shown["high"]))
    truths = shown.groupby("group", as_index=False).agg(
        truth=("truth", "first"), start=("place", "min"), end=("place", "max")
    )
    names = truths["group"] + ": in truth " + truths["truth"].map("{:,.0f}".format)
    truths = truths.assign(name=names)
    across = alt.X("place:Q", title=None, axis=None)
    colour = alt.condition("datum.holds", alt.value(MEASURE), alt.value(INK))
    width = alt.condition("datum.holds", alt.value(1.5), alt.value(3))
    down = alt.Y("low:Q", title=y, scale=alt.Scale(zero=False), axis=alt.Axis(gridColor=GRID, tickCount=5))
    spans = alt.Chart(shown).mark_rule().encode(x=across, y=down, y2="high:Q", color=colour, strokeWidth=width)
    base = alt.Chart(truths)
    lines = base.mark_rule(color=MUTED, strokeWidth=1.5, strokeDash=[4, 3]).encode(x="start:Q", x2="end:Q", y="truth:Q")
    heads = base.mark_text(color=INK, align="left", fontSize=13).encode(x="start:Q", y=alt.value(-10), text="name:N")
    return styled(spans + lines + heads, 560, 280, right=40, names=0, note=note)
