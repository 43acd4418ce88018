"""Who sent and who received, as bands between two columns; the broader, the more."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

WIDTH, UNIT, GAP, BAR = 640, 9, 26, 14
_LEFT, _RIGHT = 190, 450


@dataclass(frozen=True)
class End:
    """One end of the bands: its bar, name and total."""

    id: str
    name: str
    x: float
    y: float
    height: float
    total: int
    is_right: bool


@dataclass(frozen=True)
class Band:
    """One flow: its outline, and what it says."""

    id: str
    source: str
    target: str
    count: int
    path: str


@dataclass(frozen=True)
class Flows:
    """All flows drawn."""

    width: int
    height: float
    ends: tuple[End, ...]
    bands: tuple[Band, ...]


def draw_flows(table: pd.DataFrame, names: Mapping[str, str]) -> Flows:
    """Draw a square table of counts, rows sending and columns receiving; cells without a number have no band."""
    counts = table.astype("Float64").fillna(0).astype(int)
    left, right = _column(counts.sum(axis=1), names, _LEFT, False), _column(counts.sum(axis=0), names, _RIGHT, True)
    below = {**{("l", end.id): end.y for end in left}, **{("r", end.id): end.y for end in right}}
    bands = []
    for source in counts.index:
        for target in counts.columns:
            count = int(counts.at[source, target])
            if count:
                y0, y1 = below["l", source], below["r", target]
                bands.append(Band(f"flow:{source}:{target}", source, target, count, _band(y0, y1, count * UNIT)))
                below["l", source] += count * UNIT
                below["r", target] += count * UNIT
    height = max(end.y + end.height for end in (*left, *right)) + 14
    return Flows(WIDTH, height, (*left, *right), tuple(bands))


def _column(totals: pd.Series, names: Mapping[str, str], x: float, is_right: bool) -> list[End]:
    ends, y = [], 14.0
    for key, total in totals.items():
        height = max(int(total) * UNIT, 3)
        ends.append(End(str(key), names[str(key)], x, y, height, int(total), is_right))
        y += height + GAP
    return ends


def _band(y0: float, y1: float, height: float) -> str:
    x0, x1, middle = _LEFT + BAR, _RIGHT, (_LEFT + BAR + _RIGHT) / 2
    return (
        f"M{x0} {y0:.0f}C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1} {y1:.0f}"
        f"V{y1 + height:.0f}C{middle:.0f} {y1 + height:.0f} {middle:.0f} {y0 + height:.0f} {x0} {y0 + height:.0f}Z"
    )
