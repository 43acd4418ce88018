"""Ranges as a picture: from the lowest to the highest that a source or a method allows."""

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import INK, MEASURE, nothing, rounded, rows_down, styled

_BAR, _TALL, _WIDTH, _LETTERS = 10, 36, 340, 44


def ranges(table: pd.DataFrame, of: str, *, digits: int = 0, note: str = "") -> alt.LayerChart:
    """Draw each row as a bar from `low` to `high`, or as a point at `value`, with its numbers beside it.

    `table`: columns name, low and high, in the order of drawing; value is optional, for rows that are no range. `of`:
    what the numbers are, for the axis. `note`: a line above. Raises UnfitDataError where a row has no number.
    """
    if table.empty:
        return nothing("No figure is recorded.")
    shown = _ends(table, digits)
    axis = alt.Axis(tickCount=5, titleFontWeight="normal", format=f",.{digits}f", grid=True)
    base = alt.Chart(shown).encode(y=rows_down("name"))
    bars = base.transform_filter("datum.high > datum.low").mark_bar(color=MEASURE, size=_BAR, cornerRadius=3)
    points = base.transform_filter("datum.high == datum.low").mark_circle(color=MEASURE, size=110, opacity=1)
    low = alt.X("low:Q", title=of, axis=axis, scale=alt.Scale(zero=True))
    texts = base.mark_text(align="left", dx=10, color=INK, fontSize=12).encode(x="high:Q", text="text:N")
    chart = bars.encode(x=low, x2="high:Q") + points.encode(x=low) + texts
    return styled(chart, _WIDTH, _TALL * len(shown), left=36, right=60, names=0, note=note)


def _ends(table: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Both ends of each row as numbers, and as a text."""
    numbers = table.reindex(columns=["low", "high", "value"]).astype("float")
    low, high = numbers["low"].fillna(numbers["value"]), numbers["high"].fillna(numbers["value"])
    if (low.isna() | high.isna()).any():
        name = table.loc[low.isna() | high.isna(), "name"].iloc[0]
        raise UnfitDataError(f"{name!r} has no range and no value; give low and high, or value, or leave the row out")
    texts = [
        f"{one:,.{digits}f}" if one == other else f"{one:,.{digits}f} to {other:,.{digits}f}"
        for one, other in zip(low, high, strict=True)
    ]
    return rounded(
        pd.DataFrame({"name": table["name"].astype("str").str.wrap(_LETTERS), "low": low, "high": high})
    ).assign(text=texts, place=range(len(table)))
