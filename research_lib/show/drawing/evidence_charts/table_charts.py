"""A table of rows and columns as a picture: a mark for each status, a square for each count, a bar for each range."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import (
    GRID,
    INK,
    LETTER,
    MEASURE,
    MUTED,
    PAPER,
    in_order,
    key,
    nothing,
    rounded,
    rows_down,
    styled,
)

_STEP, _LINE_TALL, _PER_LINE = 19, 24, 20
_CROSS = "M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8"
LOOKS: Mapping[str, tuple[str, str, str]] = {
    "full": ("square", INK, INK),
    "round": ("circle", INK, INK),
    "ring": ("circle", "transparent", INK),
    "hollow": ("square", "transparent", INK),
    "cross": (_CROSS, "transparent", MUTED),
    "diamond": ("diamond", "transparent", MUTED),
    "grey": ("square", GRID, GRID),
}
PRESENCES = {
    "in-force": "full",
    "practice": "round",
    "planned": "hollow",
    "formerly-absent": "diamond",
    "absent": "cross",
    "not-described": "grey",
}
DOCUMENTED = {"yes": "full", "inferred": "round", "not-known": "grey"}
TRUTHS = {"yes": "full", "no": "cross", "not-known": "grey"}
LEGAL = {
    "regular": "full",
    "mixed": "round",
    "regular-then-irregular": "ring",
    "irregular": "hollow",
    "not-stated": "grey",
}
_TALL, _SIZE = 26, 150
_AREA, _EMPTY = "the area of a square is the number of", "an empty cell has none"
_COUNT_TALL, _LARGEST = 32, 29
_BESIDE = {"false": 12, "true": 18}
_BAR, _RANGE_TALL, _RANGE_WIDTH, _LETTERS = 10, 36, 340, 44
_WIDTH, _MARGINS = 620, 44
_LINE = 16
_SIDE, _LONGEST_SIDE = 32, 47
_NARROW, _USUAL, _WIDE = 44, 56, 96


def unit_squares(
    rows: pd.DataFrame, group: str, looks: Mapping[str, str], *, last: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw one square for each row of a table: a line for each group, those with most rows first.

    `rows`: the column `group` with the names of the groups, and the column status with codes of `looks`, such as
    `LEGAL`; a line holds twenty squares, more begin another. `last`: the group that stands below all
    others, such as what is not stated. `note`: what a square is, and that records are synthetic where they are. Raises
    UnfitDataError where there are no rows, or a status has no look.
    """
    if rows.empty:
        raise UnfitDataError("there are no rows to draw; choose rows that the table has")
    squares = _squares(rows.rename(columns={group: "group"}), looks, last)
    lines = squares["line"].nunique()
    y = rows_down("line", "down", labelExpr="split(datum.label, '\\t')[0]")  # a group of several lines has one name
    x = alt.X("across:Q", axis=None, scale=alt.Scale(domain=[-0.5, _PER_LINE - 0.5], nice=False))
    chart = _looked_at(alt.Chart(squares).encode(x=x, y=y), looks, rows["status"])
    return styled(chart, _STEP * _PER_LINE, _LINE_TALL * lines, left=36, right=24, names=0, note=note)


def _squares(rows: pd.DataFrame, looks: Mapping[str, str], last: str) -> pd.DataFrame:
    """Where each square stands: groups by size, and inside a group the statuses in the order of their looks."""
    rank = {code: place for place, code in enumerate(looks)}
    sizes = rows["group"].value_counts()
    ordered = rows.assign(is_last=rows["group"] == last, size=rows["group"].map(sizes), rank=rows["status"].map(rank))
    by = {"is_last": True, "size": False, "group": True, "rank": True}
    ordered = ordered.sort_values([*by], ascending=[*by.values()], kind="stable")
    at = ordered.groupby("group", sort=False).cumcount()
    turn = at // _PER_LINE
    line = [
        f"{name} ({sizes[name]})" if n == 0 else f"\t{name}{n}" for name, n in zip(ordered["group"], turn, strict=True)
    ]
    placed = pd.DataFrame({"line": line, "status": ordered["status"].str.replace("-", " "), "across": at % _PER_LINE})
    return placed.assign(down=pd.factorize(placed["line"])[0])


def status_matrix(table: pd.DataFrame, looks: Mapping[str, str], *, note: str = "") -> alt.LayerChart:
    """Draw a table of statuses, a mark for each cell; an empty cell stays empty.

    `table`: rows by columns, drawn in its order, with codes in its cells (True and False are read as yes and no).
    `looks`: how each code is drawn (a key of `LOOKS`), such as `PRESENCES`. `note`: a line above.
    Raises UnfitDataError for a code without a look.
    """
    cells = _cells_of(table.map(_code), "status")
    base = _placed(cells.replace({"status": _names(looks)}), table)
    frame = base.mark_rect(fill="transparent", stroke=GRID)
    marked = base.transform_filter("isValid(datum.status)")
    return _laid_out(frame + _looked_at(marked, looks, cells["status"].dropna()), table, _TALL, note)


def _looked_at(base: alt.Chart, looks: Mapping[str, str], statuses: pd.Series) -> alt.Chart:
    """Draw each line of a chart with the look of its `status`, and a legend of the statuses that occur."""
    if unknown := sorted(set(statuses) - set(looks)):
        raise UnfitDataError(f"{unknown[0]!r} is not one of the statuses {', '.join(looks)}; give it a look")
    used = [code for code in looks if code in set(statuses)]
    domain = [_names(looks)[code] for code in used]
    shapes, fills, strokes = zip(*(LOOKS[looks[code]] for code in used), strict=True)
    legend = key(symbolSize=_SIZE, labelLimit=0, labelColor=MUTED)
    return base.mark_point(size=_SIZE, strokeWidth=2, opacity=1).encode(
        shape=alt.Shape("status:N", scale=alt.Scale(domain=domain, range=[*shapes]), legend=legend),
        fill=alt.Fill("status:N", scale=alt.Scale(domain=domain, range=[*fills])),
        stroke=alt.Stroke("status:N", scale=alt.Scale(domain=domain, range=[*strokes])),
    )


def _code(cell: object) -> object:
    return ("yes" if cell else "no") if isinstance(cell, bool) else cell


def _names(looks: Mapping[str, str]) -> dict[str, str]:
    return {code: code.replace("-", " ") for code in looks}


def crossed(table: pd.DataFrame, of: str, *, note: str = "", most: float = 1) -> alt.LayerChart:
    """Draw a cross table of counts: a square's area is its count, the number stands with it, and zero is an empty cell.

    `table`: rows by columns, as `pd.crosstab` gives it, drawn in its order; `readable.named` writes names in place of
    its codes. A cell without a count is grey. `of`: what is counted, in the plural, for the line above the chart.
    `note`: a line above that, such as that the records are synthetic. `most`: the largest count of several charts that
    are to have one scale. Raises UnfitDataError for what is no count.
    """
    base = _placed(_counts(table, most), table)
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
    return _laid_out(chart, table, _COUNT_TALL, f"{note}\n{_AREA} {of}; {_EMPTY}")


def _counts(table: pd.DataFrame, most: float) -> pd.DataFrame:
    """The cells with the side of each square, and whether its number has room inside."""
    cells = _cells_of(table, "count")
    counts = pd.to_numeric(cells["count"], errors="coerce").astype("float")
    if (counts < 0).any() or (counts % 1 > 0).any() or (cells["count"].notna() & counts.isna()).any():
        said = "a cell of the table is no count; give whole numbers from 0 up, or nothing where none is known"
        raise UnfitDataError(f"{said}; shares are read from a table")
    side = (counts / max(most, counts.max())) ** 0.5
    room = LETTER * counts.map("{:,.0f}".format).str.len() + 4
    return rounded(cells.assign(count=counts, side=side, is_inside=side * _LARGEST >= room))


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
    return styled(chart, _RANGE_WIDTH, _RANGE_TALL * len(shown), left=36, right=60, names=0, note=note)


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


def _cells_of(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Give one line for each cell, with its row, its column, their places and its value under the name `value`.

    Raises UnfitDataError for a table without cells, or with several names for a row or a column.
    """
    if table.empty:
        raise UnfitDataError("the table has no cells to draw; choose rows and columns that it has")
    named = table.set_axis(_sides(table), axis=0).set_axis(_heads(table), axis=1)
    cells = named.rename_axis("row").reset_index().melt("row", var_name="column", value_name=value)
    return cells.assign(across=cells.index // len(table), down=cells.index % len(table))


def _laid_out(chart: alt.LayerChart, table: pd.DataFrame, least: int, note: str) -> alt.LayerChart:
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


def _placed(cells: pd.DataFrame, table: pd.DataFrame) -> alt.Chart:
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
