"""Drawings of the profiles page: small maps of the countries of origin, and official figures in panels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from research_lib.show.drawing.projection import WIDTH, MapFrame, joined
from research_lib.show.words import Words

_TOLERANCE, _SMALLEST, _MARGIN = 5.0, 250.0, 12
_PANEL, LINE_HEIGHT, BAR_HEIGHT = 280, 110, 100
_TOP, _BOTTOM, _SIDE = 24, 20, 6
_WIDEST, _LOWEST = 16, 2  # of a bar


@dataclass(frozen=True)
class HomeMap:
    """The outline of the country of origin, and the paths of regions by their code."""

    box: tuple[int, int, int, int]
    outline: str
    regions: Mapping[str, str]


def home_map(
    geography: Mapping[str, geopandas.GeoDataFrame], countries: Iterable[str], regions: Iterable[str]
) -> HomeMap | None:
    """Draw the countries of origin, and some regions by their code in ISO 3166-2; nothing without an outline."""
    home = geography["countries"][geography["countries"]["iso_a3"].isin([*countries])]
    if home.empty:
        return None
    frame = _frame(home)
    provinces = geography["provinces"]
    drawn = provinces[provinces["iso_3166_2"].isin([*regions])]
    return HomeMap(
        box=(-_MARGIN, -_MARGIN, WIDTH + 2 * _MARGIN, round(frame.height) + 2 * _MARGIN),
        outline="".join(_paths(frame, home)),
        regions={code: path for code, path in zip(drawn["iso_3166_2"], _paths(frame, drawn), strict=True) if path},
    )


def _frame(home: geopandas.GeoDataFrame) -> MapFrame:
    edge = [(float(x), float(y)) for x, y in home.geometry.get_coordinates().to_numpy()]
    longitudes, latitudes = joined(edge)
    middle, latitude = (float(each.min() + each.max()) / 2 for each in (longitudes, latitudes))
    projection = f"+proj=laea +lat_0={latitude:.2f} +lon_0={middle:.2f} +R=6371000"
    return MapFrame.holding(projection, edge, (middle + 360) % 360 - 180)


def _paths(frame: MapFrame, areas: geopandas.GeoDataFrame) -> list[str]:
    return [_path(shapely.clip_by_rect(area, 0, 0, WIDTH, frame.height)) for area in frame.areas(areas.geometry)]


def _path(area: BaseGeometry) -> str:
    """The rings of an area that are large enough to be seen, with as few points as a small map needs."""
    rings = shapely.get_rings(shapely.get_parts(area))
    seen = shapely.simplify(rings[shapely.area(shapely.polygons(rings)) >= _SMALLEST], _TOLERANCE)
    corners = (shapely.get_coordinates(ring).round().astype(int).tolist()[:-1] for ring in seen)
    return "".join("M" + "L".join(f"{x},{y}" for x, y in each) + "Z" for each in corners)


@dataclass(frozen=True)
class Text:
    """One line of text, at its baseline."""

    x: float
    y: float
    text: str
    anchor: str = "start"


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
    start, end, most = stocks["year"].min(), stocks["year"].max(), stocks["value"].max()
    x = _SIDE + (stocks["year"] - start) / max(end - start, 1) * (_PANEL - 2 * _SIDE)
    y = LINE_HEIGHT - _BOTTOM - stocks["value"] / most * (LINE_HEIGHT - _TOP - _BOTTOM)
    placed = stocks.assign(x=x.round(1), y=y.round(1)).sort_values("year")
    return [_line_panel(rows, country, words) for rows, country in _of_countries(placed, names)]


def _line_panel(rows: pd.DataFrame, country: str, words: Words) -> CountryPanel:
    points = [(float(row.x), float(row.y)) for row in rows.itertuples()]
    said = [(str(row.year), words.number(row.value)) for row in rows.itertuples()]
    ends = (points[0], points[-1])
    line = "M" + "L".join(f"{x},{y}" for x, y in points)
    return CountryPanel(
        country, LINE_HEIGHT, line, ends, (), _ends(ends, said, LINE_HEIGHT), _spoken(country, said, words)
    )


def flow_panels(flows: pd.DataFrame, names: dict[str, str], words: Words) -> list[CountryPanel]:
    """Draw figures that several methods estimate, as `flow_figures` gives them, from the lowest to the highest."""
    periods, scale = sorted(set(flows["period"])), (BAR_HEIGHT - _TOP - _BOTTOM) / flows["high"].max()
    step = (_PANEL - 2 * _SIDE) / len(periods)
    width = round(min(step / 2, _WIDEST), 1)
    height = ((flows["high"] - flows["low"]) * scale).clip(lower=_LOWEST)
    x = _SIDE + (flows["period"].map(periods.index) + 0.5) * step - width / 2
    y = BAR_HEIGHT - _BOTTOM - flows["low"] * scale - height
    placed = flows.assign(x=x.round(1), y=y.round(1), width=width, height=height.round(1)).sort_values("period")
    return [_bar_panel(rows, country, words) for rows, country in _of_countries(placed, names)]


def _bar_panel(rows: pd.DataFrame, country: str, words: Words) -> CountryPanel:
    bars = tuple((float(row.x), float(row.y), float(row.width), float(row.height)) for row in rows.itertuples())
    said = [
        (row.period, f"{words.number(round(row.low))}–{words.number(round(row.high))}") for row in rows.itertuples()
    ]
    ends = ((bars[0][0], _TOP - 2.0), (bars[-1][0] + bars[-1][2], _TOP - 2.0))
    zeros = [Text(x, BAR_HEIGHT - _BOTTOM - 4, "0") for x in (0, *_beside_zeros(rows))]
    labels = (*_ends(ends, said, BAR_HEIGHT), *zeros)
    return CountryPanel(country, BAR_HEIGHT, "", (), bars, labels, _spoken(country, said, words))


def _beside_zeros(rows: pd.DataFrame) -> list[float]:
    """Where a number beside each bar from zero begins; the first and the last have their numbers above."""
    inner = rows.iloc[1:-1]
    return [round(float(row.x + row.width) + 3, 1) for row in inner.itertuples() if row.low == 0]


def _of_countries(frame: pd.DataFrame, names: dict[str, str]) -> Iterator[tuple[pd.DataFrame, str]]:
    for code, name in names.items():
        rows = frame[frame["country_code"] == code]
        if len(rows):
            yield rows, name


def _ends(points: Sequence[tuple[float, float]], said: Sequence[tuple[str, str]], height: int) -> tuple[Text, ...]:
    """Label the first and the last value at their marks, and their years below; one value alone once."""
    ends = [*zip(points, (said[0], said[-1]), ("start", "end"), strict=True)][: len(said)]
    values = [Text(x, round(y - 8, 1), value, anchor=anchor) for (x, y), (_, value), anchor in ends]
    return (*values, *(Text(x, height - 4, year, anchor=anchor) for (x, _), (year, _), anchor in ends))


def _spoken(country: str, said: list[tuple[str, str]], words: Words) -> str:
    return country + words("list.colon") + words.listed((f"{when} {value}" for when, value in said), "semicolon")
