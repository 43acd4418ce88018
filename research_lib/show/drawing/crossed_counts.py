"""A cross table of counts as a picture: a square for each cell, as large as its count."""

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import GRID, INK, LETTER, MEASURE, PAPER, rounded
from research_lib.show.drawing.evidence_charts import matrix_layout

_AREA, _EMPTY = "the area of a square is the number of", "an empty cell has none"
_TALL, _LARGEST = 32, 29
_BESIDE = {"false": 12, "true": 18}


def crossed(table: pd.DataFrame, of: str, *, note: str = "", most: float = 1) -> alt.LayerChart:
    """Draw a cross table of counts: a square's area is its count, the number stands with it, and zero is an empty cell.

    `table`: rows by columns, as `pd.crosstab` gives it, drawn in its order; `readable.named` writes names in place of
    its codes. A cell without a count is grey. `of`: what is counted, in the plural, for the line above the chart.
    `note`: a line above that, such as that the records are synthetic. `most`: the largest count of several charts that
    are to have one scale. Raises UnfitDataError for what is no count.
    """
    base = matrix_layout.placed(_counts(table, most), table)
    frame = base.mark_rect(fill="transparent", stroke=GRID)
    unknown = base.transform_filter("!isValid(datum.count)").mark_rect(fill=GRID, stroke=GRID)
    counted = base.transform_filter("datum.count > 0")
    area = alt.Scale(type="pow", exponent=2, domain=[0, 1], range=[0, _LARGEST**2])
    squares = counted.mark_square(color=MEASURE, opacity=1).encode(size=alt.Size("side:Q", scale=area, legend=None))
    text = alt.Text("count:Q", format=",d")
    inside = counted.transform_filter("datum.is_inside").mark_text(color=PAPER, fontSize=12).encode(text=text)
    beside = (
        counted.transform_filter(f"!datum.is_inside && (datum.side > .5) == {is_large}")
        .mark_text(color=INK, fontSize=12, align="left", dx=shift)
        .encode(text=text)
        for is_large, shift in _BESIDE.items()
    )
    chart = sum(beside, start=frame + unknown + squares + inside)
    return matrix_layout.laid_out(chart, table, _TALL, f"{note}\n{_AREA} {of}; {_EMPTY}")


def _counts(table: pd.DataFrame, most: float) -> pd.DataFrame:
    """The cells with the side of each square, and whether its number has room inside."""
    cells = matrix_layout.cells_of(table, "count")
    counts = pd.to_numeric(cells["count"], errors="coerce").astype("float")
    if (counts < 0).any() or (counts % 1 > 0).any() or (cells["count"].notna() & counts.isna()).any():
        said = "a cell of the table is no count; give whole numbers from 0 up, or nothing where none is known"
        raise UnfitDataError(f"{said}; shares are read from a table")
    side = (counts / max(most, counts.max())) ** 0.5
    room = LETTER * counts.map("{:,.0f}".format).str.len() + 4
    return rounded(cells.assign(count=counts, side=side, is_inside=side * _LARGEST >= room))
