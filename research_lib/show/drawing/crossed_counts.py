"""A cross table of counts as a picture: a square for each cell, as large as its count."""

import textwrap

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import BLUE, GRID, INK, in_order, rounded, styled

_WIDTH, _MARGINS, _LEFT = 620, 60, 36
_LETTER, _LINE, _SIDE = 7.2, 16, 32
_NARROW, _WIDE, _TALL = 44, 96, 36
_LARGEST, _BESIDE = 32, 12


def crossed(table: pd.DataFrame, of: str, *, note: str = "", hue: str = BLUE) -> alt.LayerChart:
    """Draw a cross table of counts: a square's area is its count, the number stands with it, and zero is an empty cell.

    `table`: rows by columns, as `pd.crosstab` gives it, drawn in its order; `readable.named` writes names in place of
    its codes. A cell without a count is grey. `of`: what is counted, in the plural, for the line above the chart.
    `note`: a second line, such as that the records are synthetic. Raises UnfitDataError for what is no count.
    """
    cells = _cells(table)
    base = alt.Chart(cells).encode(x=_across(table), y=_down())
    frame = base.mark_rect(fill="transparent", stroke=GRID)
    unknown = base.transform_filter("!isValid(datum.count)").mark_rect(fill=GRID, stroke=GRID)
    counted = base.transform_filter("datum.count > 0")
    area = alt.Size(
        "side:Q", scale=alt.Scale(type="pow", exponent=2, domain=[0, 1], range=[0, _LARGEST**2]), legend=None
    )
    squares = counted.mark_square(color=hue, opacity=1).encode(size=area)
    text = alt.Text("count:Q", format=",d")
    inside = counted.transform_filter("datum.is_inside").mark_text(color="white", fontSize=12).encode(text=text)
    beside = counted.transform_filter("!datum.is_inside").mark_text(color=INK, fontSize=12, align="left", dx=_BESIDE)
    lines = f"the area of a square is the number of {of}; an empty cell has none" + (f"\n{note}" if note else "")
    chart = frame + unknown + squares + inside + beside.encode(text=text)
    width = _cell_width(table) * table.shape[1]
    return styled(chart, width, _TALL * len(table), left=_LEFT, right=24, names=0, note=lines)


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """One line for each cell, with its place; names that are long take several lines."""
    if table.empty:
        raise UnfitDataError("the table has no cells to draw; choose rows and columns that it has")
    named = table.set_axis(_lines(table.index, _SIDE), axis=0).set_axis(_heads(table), axis=1)
    cells = named.rename_axis("row").reset_index().melt("row", var_name="column", value_name="count")
    counts = pd.to_numeric(cells["count"], errors="coerce").astype("float")
    if (counts < 0).any() or (cells["count"].notna() & counts.isna()).any():
        raise UnfitDataError("a cell of the table is no count; give numbers from 0 up, or nothing where none is known")
    side = (counts / max(1, counts.max())) ** 0.5
    room = counts.map("{:,.0f}".format).str.len() * _LETTER + 6
    places = {"across": cells.index // len(table), "down": cells.index % len(table)}
    return rounded(cells.assign(count=counts, side=side, is_inside=side * _LARGEST >= room, **places))


def _lines(names: pd.Index, letters: int) -> list[str]:
    if names.nlevels > 1 or not names.is_unique:
        raise UnfitDataError("rows and columns need one name each, each of its own; join the levels or rename")
    return ["\n".join(textwrap.wrap(str(name), letters, break_long_words=False)) for name in names]


def _heads(table: pd.DataFrame) -> list[str]:
    """The columns' names: upright in several lines where each word has room, else in one line, which runs aslant."""
    names = _lines(table.columns, int(_cell_width(table) / _LETTER))
    if _longest(names) > _cell_width(table):
        return [name.replace("\n", " ") for name in names]
    most = max(name.count("\n") for name in names)
    return ["\n" * (most - name.count("\n")) + name for name in names]


def _longest(names: list[str]) -> float:
    return _LETTER * max(len(line) for name in names for line in name.split("\n"))


def _cell_width(table: pd.DataFrame) -> int:
    side = _longest(_lines(table.index, _SIDE))
    return int(min(_WIDE, max(_NARROW, (_WIDTH - _MARGINS - side) / table.shape[1])))


def _across(table: pd.DataFrame) -> alt.X:
    names = _heads(table)
    angle = -40 if _longest(names) > _cell_width(table) else 0
    padding = 6 + _LINE * max(name.count("\n") for name in names)
    axis = alt.Axis(orient="top", labelAngle=angle, ticks=False, domain=False, labelPadding=padding)
    return alt.X("column:N", sort=in_order("across"), title=None, axis=axis)


def _down() -> alt.Y:
    axis = alt.Axis(ticks=False, domain=False, labelPadding=8)
    return alt.Y("row:N", sort=in_order("down"), title=None, axis=axis)
