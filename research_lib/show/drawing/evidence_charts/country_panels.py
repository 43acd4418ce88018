"""Official figures as a small panel for each country, all on the same scales: a line of stocks, bars of flows."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from research_lib.show.words import Words

WIDTH, LINE_HEIGHT, BAR_HEIGHT = 280, 110, 100
_TOP, _BOTTOM, _SIDE = 24, 20, 6


@dataclass(frozen=True)
class Text:
    """A label: where it stands, how it is aligned, and what it says."""

    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True)
class CountryPanel:
    """One panel: a line with its ends, bars (x, y, width, height), labels, and the whole as a sentence."""

    country: str
    height: int
    line: str
    ends: tuple[tuple[float, float], ...]
    bars: tuple[tuple[float, float, float, float], ...]
    labels: tuple[Text, ...]
    spoken: str


def stock_panels(stocks: pd.DataFrame, names: dict[str, str], words: Words) -> list[CountryPanel]:
    """Draw figures with one value a year, as `stock_figures` gives them, in the order of the names."""
    years, most = (stocks["year"].min(), stocks["year"].max()), stocks["value"].max()
    span = max(years[1] - years[0], 1)
    panels = []
    for rows, country in _of_countries(stocks, names):
        x = _SIDE + (rows["year"] - years[0]) / span * (WIDTH - 2 * _SIDE)
        y = LINE_HEIGHT - _BOTTOM - rows["value"] / most * (LINE_HEIGHT - _TOP - _BOTTOM)
        points = [(round(float(a), 1), round(float(b), 1)) for a, b in zip(x, y, strict=True)]
        said = [(str(row.year), words.number(row.value)) for row in rows.itertuples()]
        labels = _ends([points[0], points[-1]], [said[0], said[-1]], LINE_HEIGHT)
        line = "M" + "L".join(f"{a},{b}" for a, b in points)
        panels.append(
            CountryPanel(country, LINE_HEIGHT, line, (points[0], points[-1]), (), labels, _spoken(country, said))
        )
    return panels


def flow_panels(flows: pd.DataFrame, names: dict[str, str], words: Words) -> list[CountryPanel]:
    """Draw figures that several methods estimate, as `flow_figures` gives them, from the lowest to the highest."""
    periods, most = sorted(set(flows["period"])), flows["high"].max()
    step = (WIDTH - 2 * _SIDE) / len(periods)
    width, room = round(min(step * 0.5, 16), 1), BAR_HEIGHT - _TOP - _BOTTOM
    panels = []
    for rows, country in _of_countries(flows, names):
        bars, said = [], []
        for row in rows.itertuples():
            x = _SIDE + (periods.index(row.period) + 0.5) * step - width / 2
            height = max(float(row.high - row.low) / most * room, 2)
            bars.append((round(x, 1), round(BAR_HEIGHT - _BOTTOM - row.low / most * room - height, 1), width, round(height, 1)))
            said.append((row.period, f"{words.number(round(row.low))}–{words.number(round(row.high))}"))
        tops = [(bars[0][0], _TOP - 2), (bars[-1][0] + width, _TOP - 2)]
        labels = _ends(tops, [said[0], said[-1]], BAR_HEIGHT)
        panels.append(CountryPanel(country, BAR_HEIGHT, "", (), tuple(bars), labels, _spoken(country, said)))
    return panels


def _of_countries(frame: pd.DataFrame, names: dict[str, str]) -> Iterator[tuple[pd.DataFrame, str]]:
    for code, name in names.items():
        rows = frame[frame["country_code"] == code]
        if len(rows):
            yield rows, name


def _ends(points: list[tuple[float, float]], said: list[tuple[str, str]], height: int) -> tuple[Text, ...]:
    """Label the first and the last value at their marks, and their years below; one value alone once."""
    ends = [*zip(points, said, ("start", "end"), strict=True)]
    ends = ends[:1] if said[0] == said[1] else ends
    values = [Text(x, round(y - 8, 1), anchor, value) for (x, y), (_, value), anchor in ends]
    return (*values, *(Text(x, height - 4, anchor, year) for (x, _), (year, _), anchor in ends))


def _spoken(country: str, said: list[tuple[str, str]]) -> str:
    return f"{country}: " + "; ".join(f"{when} {value}" for when, value in said)
