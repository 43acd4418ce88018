"""Dated provisions on a line for each country; those of one year stand above each other."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

LEFT, RIGHT, ROW, HEAD = 12, 24, 15, 34


@dataclass(frozen=True)
class Dot:
    """One dated provision."""

    id: str
    name: str
    x: float
    y: float
    country: str


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
    years: tuple[tuple[int, float], ...]


def draw_timeline(
    table: pd.DataFrame, names: Mapping[str, str], titles: Mapping[str, str], *, width: int = 900
) -> Timeline:
    """Draw a table of `compare.provisions.timeline`; `titles` names each provision."""
    first, last = int(table["year"].min()), int(table["year"].max())
    step = (width - LEFT - RIGHT) / max(last - first, 1)
    lanes, dots, y = [], [], 4.0
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
        y += height + 10
    years = tuple((year, round(LEFT + step * (year - first), 1)) for year in range(first, last + 1))
    return Timeline(width, y + 16, tuple(lanes), tuple(dots), years)
