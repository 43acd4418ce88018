"""The plane of a correspondence analysis: answers as points, groups as ellipses, and names where there is room."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import altair as alt
import pandas as pd

from research_lib.methods.correspondence import Correspondence
from research_lib.show.drawing.charts import GREY, GRID, INK, group_marks, rounded, styled
from research_lib.show.drawing.labels import place_labels

_WIDTH, _HIGHEST, _MARGIN = 560, 720, 0.06
_TIERS, _AS_DRAWN = 2, 0.7
_RING_NAME_AT = 9
_ALIGN: dict[str, Literal["left", "center", "right"]] = {"start": "left", "middle": "center", "end": "right"}


@dataclass(frozen=True)
class _Sheet:
    """What part of the plane is drawn; a unit is as long across as it is up."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def unit(self) -> float:
        return min(_WIDTH / (self.right - self.left), _HIGHEST / (self.top - self.bottom))

    @property
    def size(self) -> tuple[int, int]:
        return round((self.right - self.left) * self.unit), round((self.top - self.bottom) * self.unit)

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) * self.unit, (self.top - y) * self.unit


def answers_plane(result: Correspondence, outlines: pd.DataFrame, *, note: str = "") -> alt.LayerChart:
    """Draw the answers of a multiple correspondence analysis on its first two axes, with ellipses round each group.

    `result`: of `correspondence.correspondence`; answers are named where there is room, those that contribute most
    first; axes carry their share of what the questions have in common (Greenacre). `outlines`: group, kind, x, y, as
    `correspondence.outlines` gives: where the people of a group lie (whole line), their mean point (a cross) and how
    sure it is (dashed); supplementary answers that name these groups get no second point. `note`: a line above.
    """
    outlines = rounded(outlines)
    points = rounded(_on_plane(result.categories, set(outlines["group"])))
    share = result.axes.set_index("axis")["greenacre_share"]
    sheet = _sheet(points, outlines)
    points = points.assign(**_placed(points, sheet))
    axis = alt.Axis(grid=False, tickCount=5)
    width = alt.Scale(domain=[sheet.left, sheet.right], nice=False)
    height = alt.Scale(domain=[sheet.bottom, sheet.top], nice=False)
    base = alt.Chart(points).encode(
        x=alt.X("x:Q", title=f"axis 1 ({share[1]:.0%})", axis=axis, scale=width),
        y=alt.Y("y:Q", title=f"axis 2 ({share[2]:.0%})", axis=axis, scale=height),
    )
    colour = alt.condition("datum.is_supplementary", alt.value(INK), alt.value(GREY))
    dots = base.mark_circle(size=60, opacity=1).encode(color=colour)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=GRID)
    cross = zero.encode(x="zero:Q") + zero.encode(y="zero:Q")
    return styled(sum(_names(base, points), start=cross + _rings(outlines) + dots), *sheet.size, note=note)


def _on_plane(categories: pd.DataFrame, groups: set[Hashable]) -> pd.DataFrame:
    """The answers without the groups, whose own points lie on the scale of answers and not on that of their rings."""
    ringed = categories["is_supplementary"] & categories["category"].isin(groups)
    plane = categories[categories["axis"].isin([1, 2]) & ~ringed]
    keys = ["variable", "category", "is_supplementary"]
    wide = plane.set_index([*keys, "axis"])[["coordinate", "contribution"]].unstack("axis").reset_index()
    points = wide[keys].droplevel(1, axis=1).astype({"variable": str, "category": str})
    strength = wide["contribution"].max(axis=1).fillna(1)
    text = points["variable"].str.cat(points["category"], ": ").str.replace("_", " ")
    return points.assign(x=wide["coordinate"][1], y=wide["coordinate"][2], strength=strength, text=text)


def _sheet(points: pd.DataFrame, outlines: pd.DataFrame) -> _Sheet:
    both = pd.concat([points[["x", "y"]], outlines[["x", "y"]]])
    low, high = both.min(), both.max()
    margin = _MARGIN * max(high - low)
    return _Sheet(low["x"] - margin, high["x"] + margin, low["y"] - margin, high["y"] + margin)


def _placed(points: pd.DataFrame, sheet: _Sheet) -> dict[str, list[str]]:
    """Where each name goes, by the labels of the map, and which find no room."""
    pixels = [(x / _AS_DRAWN, y / _AS_DRAWN) for x, y in (sheet.pixel(*row) for row in points[["x", "y"]].to_numpy())]
    ranks = points["strength"].rank(ascending=False, method="first").astype(int).tolist()
    width, height = (length / _AS_DRAWN for length in sheet.size)
    labels = place_labels(pixels, points["text"].tolist(), ranks, (width, height))
    places = [f"{label.dx:g} {label.dy:g} {label.anchor}" for label in labels]
    return {"place": places, "text": [label.text if label.tier < _TIERS else "" for label in labels]}


def _names(base: alt.Chart, points: pd.DataFrame) -> list[alt.Chart]:
    layers = []
    for place in sorted(set(points["place"])):
        dx, dy, anchor = place.split()
        there = base.transform_filter(alt.datum.place == place).encode(text="text:N")
        layers.append(there.mark_text(align=_ALIGN[anchor], dx=float(dx), dy=float(dy) - 4, fontSize=12, color=INK))
    return layers


def _rings(outlines: pd.DataFrame) -> alt.LayerChart:
    """The ellipses of the groups in ink or grey, each named on its outer line, every name at another side."""
    numbered = outlines.assign(point=outlines.groupby(["group", "kind"]).cumcount())
    groups = list(dict.fromkeys(outlines["group"].astype(str)))
    colour, _ = group_marks("group:N", groups)
    scale = alt.Scale(domain=["concentration", "mean"], range=[[1, 0], [4, 3]])
    dash = alt.StrokeDash("kind:N", scale=scale, legend=None)
    base = alt.Chart(numbered).encode(x="x:Q", y="y:Q", color=colour)
    lines = base.mark_line(strokeWidth=1.5).encode(order="point:Q", detail="kind:N", strokeDash=dash)
    at = {group: _RING_NAME_AT * (2 * place + 1) for place, group in enumerate(groups)}
    named = numbered[(numbered["kind"] == "concentration") & (numbered["point"] == numbered["group"].map(at))]
    names = alt.Chart(named).mark_text(fontSize=13, fontWeight="bold", dy=-9)
    edges = numbered[numbered["kind"] == "mean"].groupby("group")[["x", "y"]]
    centres = ((edges.min() + edges.max()) / 2).reset_index()
    middles = alt.Chart(centres).mark_point(shape="cross", size=70, filled=True, opacity=1)
    names = names.encode(x="x:Q", y="y:Q", text="group:N", color=colour)
    return lines + names + middles.encode(x="x:Q", y="y:Q", color=colour)
