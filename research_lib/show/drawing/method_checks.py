"""Charts of how far a method can be trusted: what chance scores, what an audit derives, how often an interval holds."""

import altair as alt
import pandas as pd

from research_lib.show.drawing.charts import (
    GREY,
    GRID,
    INK,
    MEASURE,
    MUTED,
    PAPER,
    group_marks,
    key,
    rounded,
    rows_down,
    styled,
)

_REASONS = {
    "by_rules": "by a rule of the policy",
    "for_own_cells": "to protect its own cells",
    "for_other_tables": "to protect other tables",
}
_LOW, _BROAD, _MOST_TABLES = 26, 360, 20
_WIDTH, _DENSE, _TALL, _GAP, _SEEN = 300, 26, 30, 0.08, 0.02
_ROW, _BETWEEN = 38, 0.15


def suppression_costs(costs: pd.DataFrame, *, note: str = "") -> alt.LayerChart:
    """Draw the hidden cells of each table as one bar, parted by why they are hidden; the twenty that hide most.

    `costs`: as `table_costs` gives them. `note`: a line above, such as that the records are synthetic.
    """
    most = costs.sort_values("hidden", ascending=False, kind="stable").head(_MOST_TABLES)
    texts = [f"{hidden:,} of {cells:,}" for hidden, cells in most[["hidden", "cells"]].to_numpy()]
    most = most.rename_axis("table").reset_index().assign(place=range(len(most)), said=texts)
    parts = most.melt(["table", "place"], list(_REASONS), var_name="reason", value_name="count")
    parts = parts.assign(order=parts["reason"].map(list(_REASONS).index), reason=parts["reason"].map(_REASONS))
    down = rows_down("table")
    scale = alt.Scale(domain=[*_REASONS.values()], range=[INK, GREY, MEASURE])
    colour = alt.Color("reason:N", scale=scale, legend=key(labelLimit=0, columnPadding=30))
    across = alt.X("count:Q", title="hidden cells", axis=alt.Axis(tickMinStep=1, tickCount=6))
    bars = alt.Chart(rounded(parts)).mark_bar(height=14)
    bars = bars.encode(x=across, y=down, color=colour, order=alt.Order("order:Q"))
    said = alt.Chart(most).mark_text(align="left", dx=8, fontSize=12, color=INK)
    said = said.encode(x="hidden:Q", y=down, text="said:N")
    return styled(bars + said, _BROAD, _LOW * len(most), left=36, right=90, names=0, note=note)


def agreement(table: pd.DataFrame, title: str, *, note: str = "") -> alt.LayerChart:
    """Draw how far coders agree on each code as a dot with its interval, the highest first.

    `table`: name, value, low, high; codes without a value are left out. `title` says which coefficient it is. `note`: a
    line above, such as that the texts are synthetic.
    """
    known = table.dropna(subset="value").sort_values("value", ascending=False, kind="stable")
    ordered = rounded(known.assign(place=range(len(known))))
    least = min([0.0, *ordered["low"].dropna(), *ordered["value"]])
    across = alt.X("value:Q", title=title, scale=alt.Scale(domain=[least, 1]), axis=alt.Axis(tickCount=6))
    base = alt.Chart(ordered).encode(y=rows_down("name"))
    spans = base.transform_filter("isValid(datum.low)").mark_rule(color=MEASURE, strokeWidth=4, opacity=0.4)
    dots = base.mark_circle(color=MEASURE, size=80, opacity=1).encode(x=across)
    values = base.mark_text(color=INK, align="left", dx=12, fontSize=12)
    texts = values.encode(x=alt.value(_WIDTH), text=alt.Text("value:Q", format=".2f"))
    chart = spans.encode(x="low:Q", x2="high:Q") + dots + texts
    return styled(chart, _WIDTH, _DENSE * len(ordered), left=60, right=50, names=0, note=note)


def chance_scores(table: pd.DataFrame, x: str, y: str) -> alt.LayerChart:
    """Draw one line for each coefficient, with its name at its end; coefficients that are alike share a line.

    `table`: a column for each coefficient; the index holds shares. `x` and `y` say what the axes are.
    """
    table = _alike_together(table)
    tidy = rounded(table.rename_axis("share").reset_index().melt("share", var_name="name"))
    last = rounded(_apart(table.iloc[-1]).rename_axis("name").reset_index(name="value").assign(share=table.index[-1]))
    across = alt.X("share:Q", title=x, axis=alt.Axis(format="%", grid=False), scale=alt.Scale(domain=[0, 1]))
    colour, shape = group_marks("name:N", [*table])
    drawn = alt.Chart(tidy).encode(x=across, color=colour)
    dots = drawn.mark_point(filled=True, size=60, opacity=1)
    names = alt.Chart(last).mark_text(align="left", dx=10, fontSize=13)
    down = alt.Y("value:Q", title=y, axis=alt.Axis(tickCount=5))
    chart = drawn.mark_line(strokeWidth=2).encode(y=down) + dots.encode(y=down, shape=shape)
    return styled(chart + names.encode(x=across, y=down, color=colour, text="name:N"), 420, 300, right=40, names=0)


def _alike_together(table: pd.DataFrame) -> pd.DataFrame:
    """Join the columns of which nobody could see the difference."""
    groups: dict[str, list[str]] = {}
    for name in table:
        twin = next((other for other in groups if (table[other] - table[name]).abs().max() < _SEEN), str(name))
        groups.setdefault(twin, []).append(str(name))
    return pd.DataFrame({" and ".join(names): table[first] for first, names in groups.items()})


def _apart(ends: pd.Series) -> pd.Series:
    """Move the places of names up, so that none lies on another."""
    ordered = ends.sort_values()
    places: list[float] = []
    for value in ordered:
        places.append(max(value, places[-1] + _GAP) if places else value)
    return pd.Series(places, index=ordered.index)


def two_values(table: pd.DataFrame, title: str) -> alt.LayerChart:
    """Draw two values of each row as dots with a line between them, in the order of the first.

    `table`: two columns, whose names stand above the chart; the index names the rows. `title` says what the values are.
    """
    ordered = rounded(table.sort_values(table.columns[0], ascending=False))
    wide = ordered.set_axis(["one", "other"], axis=1).rename_axis("row").reset_index().assign(place=range(len(table)))
    tidy = wide.melt(["row", "place"]).replace({"variable": dict(zip(("one", "other"), table.columns, strict=True))})
    down = rows_down("row")
    scale = alt.Scale(domain=[*table], range=[MEASURE, PAPER])
    fill = alt.Fill("variable:N", scale=scale, legend=key(columnPadding=40))
    across = alt.X("value:Q", title=title, axis=alt.Axis(tickCount=6))
    lines = alt.Chart(wide).mark_rule(color=MUTED).encode(y=down, x="one:Q", x2="other:Q")
    dots = alt.Chart(tidy).mark_point(shape="circle", size=110, opacity=1, stroke=MEASURE, strokeWidth=2)
    return styled(lines + dots.encode(y=down, x=across, fill=fill), 380, _TALL * len(table), left=36, right=24, names=0)


def derived_intervals(table: pd.DataFrame, title: str, *, note: str = "") -> alt.LayerChart:
    """Draw between which counts a reader can derive that each hidden cell lies; an exact count is a dot.

    `table`: one line for each row and case: row, case (at most two, such as before and after), low, high. `title` says
    what is counted.
    """
    shown = rounded(table.assign(place=table.index, text=[_span(*ends) for ends in table[["low", "high"]].to_numpy()]))
    cases = list(dict.fromkeys(table["case"]))
    scale = alt.Scale(domain=cases, range=[INK, MEASURE][: len(cases)])
    colour = alt.Color("case:N", scale=scale, legend=key(labelLimit=0, columnPadding=40))
    beside = alt.YOffset("case:N", scale=alt.Scale(domain=cases, paddingInner=0.2))
    base = alt.Chart(shown).encode(y=rows_down("row"), yOffset=beside, color=colour)
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
    groups = shown.groupby("group", as_index=False)
    truths = groups.agg(truth=("truth", "first"), start=("place", "min"), end=("place", "max"))
    truths["name"] = truths["group"] + ": in truth " + truths["truth"].map("{:,.0f}".format)
    across = alt.X("place:Q", title=None, axis=None)
    colour = alt.condition("datum.holds", alt.value(MEASURE), alt.value(INK))
    width = alt.condition("datum.holds", alt.value(1.5), alt.value(3))
    down = alt.Y("low:Q", title=y, scale=alt.Scale(zero=False), axis=alt.Axis(gridColor=GRID, tickCount=5))
    spans = alt.Chart(shown).mark_rule().encode(x=across, y=down, y2="high:Q", color=colour, strokeWidth=width)
    base = alt.Chart(truths)
    lines = base.mark_rule(color=MUTED, strokeWidth=1.5, strokeDash=[4, 3]).encode(x="start:Q", x2="end:Q", y="truth:Q")
    heads = base.mark_text(color=INK, align="left", fontSize=13).encode(x="start:Q", y=alt.value(-10), text="name:N")
    return styled(spans + lines + heads, 560, 280, right=40, names=0, note=note)
