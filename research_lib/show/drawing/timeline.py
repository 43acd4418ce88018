"""Dated provisions on a line for each country; those of one year stand above each other."""

import math
import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

LEFT, RIGHT, ROW, HEAD, MOST, LETTER, YEAR = 30, 34, 15, 56, 3, 7.5, 34

_LAW = re.compile(
    r"Legislative Decree no\. [\d/]+|(?<!ive )Decree no\. [\d-]+|Law no\. [\d/]+"
    r"|Law on (?:the )?[A-Z][^,(;]*\w|Criminal Code"
)


@dataclass(frozen=True)
class Dot:
    """One dated provision."""

    id: str
    name: str
    x: float
    y: float
    country: str


@dataclass(frozen=True)
class Label:
    """What most of a tall stack of dots comes from."""

    text: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Lane:
    """One country's line."""

    country: str
    name: str
    y: float
    height: float


@dataclass(frozen=True)
class Timeline:
    """Lanes, dots, and the years below."""

    width: int
    height: float
    lanes: tuple[Lane, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    years: tuple[tuple[int, float], ...]


def draw_timeline(
    table: pd.DataFrame, names: Mapping[str, str], titles: Mapping[str, str], *, width: int = 900
) -> Timeline:
    """Draw a table of `compare.provisions.timeline`; `titles` names each provision."""
    first, last = int(table["year"].min()), int(table["year"].max())
    step = (width - LEFT - RIGHT) / max(last - first, 1)
    lanes, dots, y = [], [], 4.0
    labels: list[Label] = []
    for country, name in names.items():
        rows = table[table["country_code"] == country]
        tallest = int(rows.groupby("year").size().max()) if len(rows) else 1
        height = HEAD + ROW * tallest
        lanes.append(Lane(country, name, y, height))
        seen: Counter[int] = Counter()
        for row in rows.itertuples():
            x, floor = LEFT + step * (row.year - first), y + height - 8
            dots.append(Dot(row.id, titles[row.id], round(x, 1), floor - ROW * seen[row.year], country))
            seen[row.year] += 1
        for year, stack in rows.groupby("year"):
            x, top = LEFT + step * (year - first), y + height - 8 - ROW * (len(stack) - 1)
            if (label := _label(stack, x, top - 14, width)) is not None:
                labels.append(_raised(label, [*dots, *labels]))
        y += height + 10
    every = math.ceil(YEAR / step)
    years = tuple((year, round(LEFT + step * (year - first), 1)) for year in range(first, last + 1, every))
    return Timeline(width, y + 16, tuple(lanes), tuple(dots), tuple(labels), years)


def _label(stack: pd.DataFrame, x: float, y: float, width: int) -> Label | None:
    """Name the law behind most of a stack; small stacks and those of several laws have no label."""
    laws = Counter(law for text in stack["law"].dropna() for law in set(_LAW.findall(text)))
    law, count = next(iter(laws.most_common(1)), ("", 0))
    if len(stack) < MOST or 2 * count < len(stack):
        return None
    anchor = "start" if x < width / 4 else "end" if x > 3 * width / 4 else "middle"
    shift = {"start": -6, "end": 6}.get(anchor, 0)
    return Label(textwrap.shorten(law, 40, placeholder="…"), round(x + shift, 1), round(y, 1), anchor)


def _span(mark: Label | Dot) -> tuple[float, float]:
    if isinstance(mark, Dot):
        return mark.x - 6, mark.x + 6
    length = len(mark.text) * LETTER
    left = mark.x - {"start": 0, "middle": length / 2, "end": length}[mark.anchor]
    return left, left + length


def _raised(label: Label, marks: Sequence[Label | Dot]) -> Label:
    """Move a label upwards until it covers no dot and no other label."""
    left, right = _span(label)
    near = [mark for mark in marks if _span(mark)[0] < right and _span(mark)[1] > left]
    while any(abs(mark.y - label.y) < ROW for mark in near):
        label = replace(label, y=label.y - 2)
    return label
