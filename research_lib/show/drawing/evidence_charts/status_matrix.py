"""A table of statuses as a picture: a mark for each cell that shows what is there, lacking or not known."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import GRID, INK, MUTED, key, rows_down, styled
from research_lib.show.drawing.evidence_charts import matrix_layout

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


def unit_squares(
    rows: pd.DataFrame, group: str, looks: Mapping[str, str], *, last: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw one square for each row of a table: a line for each group, those with most rows first.

    `rows`: the column `group` with the names of the groups, and the column status with codes of `looks`, such as
    `status_matrix.LEGAL`; a line holds twenty squares, more begin another. `last`: the group that stands below all
    others, such as what is not stated. `note`: what a square is, and that records are synthetic where they are. Raises
    UnfitDataError where there are no rows, or a status has no look.
    """
    if rows.empty:
        raise UnfitDataError("there are no rows to draw; choose rows that the table has")
    squares = _placed(rows.rename(columns={group: "group"}), looks, last)
    lines = squares["line"].nunique()
    y = rows_down("line", "down", labelExpr="split(datum.label, '\\t')[0]")  # a group of several lines has one name
    x = alt.X("across:Q", axis=None, scale=alt.Scale(domain=[-0.5, _PER_LINE - 0.5], nice=False))
    chart = looked_at(alt.Chart(squares).encode(x=x, y=y), looks, rows["status"])
    return styled(chart, _STEP * _PER_LINE, _LINE_TALL * lines, left=36, right=24, names=0, note=note)


def _placed(rows: pd.DataFrame, looks: Mapping[str, str], last: str) -> pd.DataFrame:
    """Where each square stands: groups by size, and inside a group the statuses in the order of their looks."""
    rank = {code: place for place, code in enumerate(looks)}
    sizes = rows["group"].value_counts()
    ordered = rows.assign(
        is_last=rows["group"] == last, size=rows["group"].map(sizes), rank=rows["status"].map(rank)
    ).sort_values(["is_last", "size", "group", "rank"], ascending=[True, False, True, True], kind="stable")
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
    cells = matrix_layout.cells_of(table.map(_code), "status")
    base = matrix_layout.placed(cells.replace({"status": _names(looks)}), table)
    frame = base.mark_rect(fill="transparent", stroke=GRID)
    marked = base.transform_filter("isValid(datum.status)")
    return matrix_layout.laid_out(frame + looked_at(marked, looks, cells["status"].dropna()), table, _TALL, note)


def looked_at(base: alt.Chart, looks: Mapping[str, str], statuses: pd.Series) -> alt.Chart:
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
