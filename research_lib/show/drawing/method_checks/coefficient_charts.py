"""Charts of coefficients of agreement: what they give to chance, and two of them side by side."""

import altair as alt
import pandas as pd

from research_lib.show.drawing.charts import INK, MEASURE, MUTED, PAPER, group_marks, in_order, rounded, styled

_WIDTH, _DENSE, _ROW, _GAP, _SEEN = 300, 26, 30, 0.08, 0.02


def agreement(table: pd.DataFrame, title: str, *, note: str = "") -> alt.LayerChart:
    """Draw how far coders agree on each code as a dot with its interval, the highest first.

    `table`: name, value, low, high; codes without a value are left out. `title` says which coefficient it is. `note`: a
    line above, such as that the texts are synthetic.
    """
    known = table.dropna(subset="value").sort_values("value", ascending=False, kind="stable")
    ordered = rounded(known.assign(place=range(len(known))))
    least = min([0.0, *ordered["low"].dropna(), *ordered["value"]])
    across = alt.X("value:Q", title=title, scale=alt.Scale(domain=[least, 1]), axis=alt.Axis(tickCount=6))
    names = alt.Axis(ticks=False, domain=False, labelPadding=8)
    base = alt.Chart(ordered).encode(y=alt.Y("name:N", sort=in_order("place"), title=None, axis=names))
    spans = base.transform_filter("isValid(datum.low)").mark_rule(color=MEASURE, strokeWidth=4, opacity=0.4)
    dots = base.mark_circle(color=MEASURE, size=80, opacity=1).encode(x=across)
    values = base.mark_text(color=INK, align="left", dx=12, fontSize=12).encode(
        x=alt.value(_WIDTH), text=alt.Text("value:Q", format=".2f")
    )
    chart = spans.encode(x="low:Q", x2="high:Q") + dots + values
    return styled(chart, _WIDTH, _DENSE * len(ordered), left=60, right=50, names=0, note=note)


def chance_scores(table: pd.DataFrame, x: str, y: str) -> alt.LayerChart:
    """Draw one line for each coefficient, with its name at its end; coefficients that are alike share a line.

    `table`: a column for each coefficient; the index holds shares. `x` and `y` say what the axes are.
    """
    table = _alike_together(table)
    tidy = rounded(table.rename_axis("share").reset_index().melt("share", var_name="name"))
    last = rounded(_apart(table.iloc[-1]).rename_axis("name").reset_index(name="value").assign(share=table.index[-1]))
    across = alt.X("share:Q", title=x, axis=alt.Axis(format="%", grid=False), scale=alt.Scale(domain=[0, 1]))
    colours, shapes = group_marks([*table])
    colour, shape = alt.Color("name:N", scale=colours, legend=None), alt.Shape("name:N", scale=shapes, legend=None)
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
    down = alt.Y("row:N", sort=in_order("place"), title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    legend = alt.Legend(orient="top", title=None, labelFontSize=13, columnPadding=40)
    fill = alt.Fill("variable:N", scale=alt.Scale(domain=[*table], range=[MEASURE, PAPER]), legend=legend)
    across = alt.X("value:Q", title=title, axis=alt.Axis(tickCount=6))
    lines = alt.Chart(wide).mark_rule(color=MUTED).encode(y=down, x="one:Q", x2="other:Q")
    dots = alt.Chart(tidy).mark_point(shape="circle", size=110, opacity=1, stroke=MEASURE, strokeWidth=2)
    return styled(lines + dots.encode(y=down, x=across, fill=fill), 380, _ROW * len(table), left=36, right=24, names=0)
