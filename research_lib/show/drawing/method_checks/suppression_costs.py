"""A chart of what a plan costs: the cells that each table hides, by the reason."""

import altair as alt
import pandas as pd

from research_lib.show.drawing.charts import GREY, INK, MEASURE, in_order, rounded, styled

_REASONS = {
    "by_rules": "by a rule of the policy",
    "for_own_cells": "to protect its own cells",
    "for_other_tables": "to protect other tables",
}
_ROW, _WIDTH, _MOST = 26, 360, 20


def suppression_costs(costs: pd.DataFrame, *, note: str = "") -> alt.LayerChart:
    """Draw the hidden cells of each table as one bar, parted by why they are hidden; the twenty that hide most.

    `costs`: as `table_costs` gives them. `note`: a line above, such as that the records are synthetic.
    """
    most = costs.sort_values("hidden", ascending=False, kind="stable").head(_MOST).rename_axis("table").reset_index()
    most = most.assign(
        place=range(len(most)), said=[f"{a:,} of {b:,}" for a, b in most[["hidden", "cells"]].to_numpy()]
    )
    parts = most.melt(["table", "place"], list(_REASONS), var_name="reason", value_name="count")
    parts = parts.assign(order=parts["reason"].map(list(_REASONS).index), reason=parts["reason"].map(_REASONS))
    names = alt.Axis(ticks=False, domain=False, labelPadding=8)
    down = alt.Y("table:N", sort=in_order("place"), title=None, axis=names)
    colour = alt.Color(
        "reason:N",
        scale=alt.Scale(domain=list(_REASONS.values()), range=[INK, GREY, MEASURE]),
        legend=alt.Legend(orient="top", title=None, labelFontSize=13, labelLimit=0, columnPadding=30),
    )
    bars = (
        alt.Chart(rounded(parts))
        .mark_bar(height=14)
        .encode(
            x=alt.X("count:Q", title="hidden cells", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            y=down,
            color=colour,
            order=alt.Order("order:Q"),
        )
    )
    said = (
        alt.Chart(most)
        .mark_text(align="left", dx=8, fontSize=12, color=INK)
        .encode(x="hidden:Q", y=down, text="said:N")
    )
    return styled(bars + said, _WIDTH, _ROW * len(most), left=36, right=90, names=0, note=note)
