"""Rows of a table as a picture: one square for each, in a line for each group, with the look of its status."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.show.drawing.charts import in_order, styled
from research_lib.show.drawing.evidence_charts.matrix_layout import wrapped
from research_lib.show.drawing.evidence_charts.status_matrix import looked_at

_STEP, _TALL, _PER_LINE, _WHOLE = 19, 24, 20, 560


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
    y = alt.Y("line:N", sort=in_order("down"), title=None, axis=_names())
    x = alt.X("across:Q", axis=None, scale=alt.Scale(domain=[-0.5, _PER_LINE - 0.5], nice=False))
    chart = looked_at(alt.Chart(squares).encode(x=x, y=y), looks, rows["status"])
    return styled(chart, _STEP * _PER_LINE, _TALL * lines, left=36, right=24, names=0, note=wrapped(note, _WHOLE))


def _names() -> alt.Axis:
    """A group that takes several lines is named at its first."""
    return alt.Axis(ticks=False, domain=False, labelPadding=8, labelExpr="split(datum.label, '\\t')[0]")


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
