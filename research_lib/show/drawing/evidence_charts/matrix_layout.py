"""How a table of rows and columns is laid out as a chart: its cells, the names on both sides, and the room for them."""

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import LETTER, in_order, rows_down, styled

_WIDTH, _MARGINS = 620, 44
_LINE = 16
_SIDE, _LONGEST_SIDE = 32, 47
_NARROW, _USUAL, _WIDE = 44, 56, 96


def cells_of(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Give one line for each cell, with its row, its column, their places and its value under the name `value`.

    Raises UnfitDataError for a table without cells, or with several names for a row or a column.
    """
    if table.empty:
        raise UnfitDataError("the table has no cells to draw; choose rows and columns that it has")
    named = table.set_axis(_sides(table), axis=0).set_axis(_heads(table), axis=1)
    cells = named.rename_axis("row").reset_index().melt("row", var_name="column", value_name=value)
    return cells.assign(across=cells.index // len(table), down=cells.index % len(table))


def laid_out(chart: alt.LayerChart, table: pd.DataFrame, least: int, note: str) -> alt.LayerChart:
    """Give a chart of a table its size, each row as high as its name and at least so many pixels, and a line above.

    A name of several lines begins in the middle of a row.
    """
    sides = _sides(table)
    width = _cell_width(table) * table.shape[1]
    lines = 1 + max(name.count("\n") for name in sides)
    height = max(least, _LINE * (2 * lines - 1) + 4) * len(table)
    return styled(chart, width, height, left=36, right=24, names=0, note=note, whole=_longest(sides) + width)


def _cell_width(table: pd.DataFrame) -> int:
    """The width of a cell in pixels: what the names of the rows leave."""
    side = _longest(_sides(table))
    return int(min(_WIDE, max(_NARROW, (_WIDTH - _MARGINS - side) / table.shape[1])))


def placed(cells: pd.DataFrame, table: pd.DataFrame) -> alt.Chart:
    """Place the cells of a table, with the names of the rows on the left and those of the columns above them.

    The latter stand upright where each word has room, else aslant.
    """
    names = _heads(table)
    angle = -40 if _longest(names) > _cell_width(table) else 0
    padding = 6 + _LINE * max(name.count("\n") for name in names)
    axis = alt.Axis(orient="top", labelAngle=angle, ticks=False, domain=False, labelPadding=padding)
    across = alt.X("column:N", sort=in_order("across"), title=None, axis=axis)
    return alt.Chart(cells).encode(x=across, y=rows_down("row", "down"))


def _sides(table: pd.DataFrame) -> list[str]:
    """The rows' names: as long as the columns leave room."""
    free = _WIDTH - _MARGINS - _USUAL * table.shape[1]
    return _lines(table.index, min(_LONGEST_SIDE, max(_SIDE, int(free / LETTER))))


def _lines(names: pd.Index, letters: int) -> list[str]:
    if names.nlevels > 1 or not names.is_unique:
        raise UnfitDataError("rows and columns need one name each, each of its own; join the levels or rename")
    return names.astype("str").str.wrap(letters, break_long_words=False).tolist()


def _heads(table: pd.DataFrame) -> list[str]:
    """The columns' names: upright in several lines where each word has room, else in one line, which runs aslant."""
    names = _lines(table.columns, int(_cell_width(table) / LETTER))
    if _longest(names) > _cell_width(table):
        return [str(name) for name in table.columns]
    most = max(name.count("\n") for name in names)
    return ["\n" * (most - name.count("\n")) + name for name in names]


def _longest(names: list[str]) -> float:
    return LETTER * max(len(line) for name in names for line in name.split("\n"))
