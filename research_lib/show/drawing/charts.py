"""Charts: one idea each, drawn by Altair, and as SVG that follows the page's light or dark colours."""

import re
from collections.abc import Sequence

import altair as alt
import pandas as pd
import vl_convert

from research_lib.evidence.study import Study
from research_lib.show.words import Words

INK, MUTED, GRID = "#1b1e23", "#5c6370", "#d9dce1"
SERIES = {"FRA": "#1d5fa8", "ITA": "#b3541e", "SVK": "#3d7a4b"}
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--rule",
    "#1d5fa8": "--blue",
    "#b3541e": "--orange",
    "#3d7a4b": "--green",
}

STOCK = "female migrant stock born in China"
FLOW = "female flow from China over five years"
POLICE = "persons apprehended or detained, or cases registered, for prostitution or linked activities in China"


def svg(chart: alt.Chart | alt.LayerChart) -> str:
    """Render a chart as SVG whose colours are those of the page."""
    text = vl_convert.vegalite_to_svg(chart.to_json())
    for colour, variable in _VARIABLES.items():
        text = re.sub(rf'(fill|stroke)="{colour}"', rf'style="\1:var({variable})"', text, flags=re.IGNORECASE)
    return re.sub(r"<svg ", '<svg class="chart" ', text, count=1)


def stocks(study: Study, words: Words) -> alt.LayerChart:
    """Chart the women born in China who live in France, Italy and Slovakia, by year."""
    frame = _countries(study, STOCK, words)
    base = alt.Chart(frame).encode(
        x=alt.X("start_year:Q", title=None, axis=alt.Axis(format="d", values=list(range(1990, 2021, 5)))),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format=",d", tickCount=5)),
        color=_colour(),
    )
    last = base.transform_filter("datum.start_year == 2020").mark_text(align="left", dx=7, fontSize=13)
    return styled(base.mark_line(point=True, strokeWidth=2.5) + last.encode(text="label:N"), 620, 300)


def flows(study: Study, words: Words) -> alt.LayerChart:
    """Chart the five-year flows of women from China as ranges over the six estimators."""
    frame = _countries(study, FLOW, words)
    columns = ["country_code", "country", "start_year"]
    spans = frame.groupby(columns, as_index=False).agg(low=("value", "min"), high=("value", "max"))
    spans["period"] = spans["start_year"].map(lambda year: f"{year}–{(year + 5) % 100:02d}")
    x = alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0))
    offset = alt.XOffset("country:N")
    base = alt.Chart(spans).encode(x=x, xOffset=offset, color=_colour())
    bars = base.mark_bar(size=9, cornerRadius=3).encode(
        y=alt.Y("low:Q", title=None, axis=alt.Axis(format=",d", tickCount=5)), y2="high:Q"
    )
    return styled(bars, 620, 280)


def police_series(study: Study) -> alt.LayerChart:
    """Chart the persons that the Chinese police recorded for prostitution, as the report gives them."""
    figures = study["figures"]
    frame = _plain(figures[figures["indicator"] == POLICE])
    frame["years"] = frame["period"].fillna(frame["start_year"].astype("str"))
    base = alt.Chart(frame).encode(
        x=alt.X("years:O", title=None, axis=alt.Axis(labelAngle=0)), y=alt.Y("value:Q", title=None)
    )
    labels = base.mark_text(dy=-8, color=INK).encode(text=alt.Text("value:Q", format=","))
    return styled(base.mark_bar(color=SERIES["FRA"], size=34) + labels, 560, 280)


def agreement(table: pd.DataFrame) -> alt.LayerChart:
    """Chart agreement as points with their intervals, the lowest at the bottom; `table`: name, value, low, high."""
    ordered = table.sort_values("value", ascending=False)
    base = alt.Chart(ordered).encode(
        y=alt.Y("name:N", sort=list(ordered["name"]), title=None, axis=alt.Axis(labelLimit=320)),
        x=alt.X(
            "value:Q", title=None, scale=alt.Scale(domain=[min(0, ordered["low"].min()), 1]), axis=alt.Axis(tickCount=6)
        ),
    )
    spans = base.mark_rule(color=SERIES["FRA"], strokeWidth=4, opacity=0.4).encode(x="low:Q", x2="high:Q")
    points = base.mark_circle(color=SERIES["FRA"], size=80, opacity=1)
    labels = base.mark_text(color=INK, align="left", dx=9, dy=-9, fontSize=12).encode(
        text=alt.Text("value:Q", format=".2f")
    )
    return styled(spans + points + labels, 480, 26 * len(ordered))


def _countries(study: Study, indicator: str, words: Words) -> pd.DataFrame:
    figures = study["figures"]
    frame = _plain(figures[figures["indicator"] == indicator])
    places = study["places"]
    names = {row.country_code: words.of(row, "name") for row in places[places["kind"] == "country"].itertuples()}
    frame["country"] = frame["country_code"].map(names)
    frame["label"] = [
        f"{country} {words.number(value)}" for country, value in zip(frame["country"], frame["value"], strict=True)
    ]
    return frame


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["id", "country_code", "start_year", "period", "value", "method"]
    return frame[columns].astype({"start_year": "int", "value": "float"})


def group_colours(groups: Sequence[str]) -> alt.Scale:
    """Give each group a colour: countries their own, others what is left, in their order."""
    spare = [*(colour for code, colour in SERIES.items() if code not in groups), INK, MUTED]
    return alt.Scale(domain=list(groups), range=[SERIES[name] if name in SERIES else spare.pop(0) for name in groups])


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame's numbers six significant digits: more cannot be seen, and the last ones differ between machines."""
    numbers = frame.select_dtypes("float")
    return frame.assign(**{name: [float(f"{value:.6g}") for value in numbers[name]] for name in numbers})


def _colour() -> alt.Color:
    return alt.Color("country_code:N", scale=alt.Scale(domain=list(SERIES), range=list(SERIES.values())), legend=None)


def styled(
    chart: alt.LayerChart | alt.Chart, width: int, height: int, *, left: int = 4, right: int = 90, note: str = ""
) -> alt.LayerChart:
    """Give a chart the type and the quiet lines that all charts here share.

    `left`, `right`: room for labels, in pixels; long names need some on the left, as a reader's type may be wider.
    `note`: what must travel with the chart, as that its records are synthetic.
    """
    if note:
        title = alt.TitleParams(note, anchor="start", fontSize=12, fontWeight="normal", color=MUTED, offset=10)
        chart = chart.properties(title=title)
    font = "system-ui, sans-serif"
    return (
        chart.properties(
            width=width,
            height=height,
            background="transparent",
            padding={"left": left, "right": right, "top": 8, "bottom": 4},
        )
        .configure(font=font)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED, gridColor=GRID, domainColor=GRID, tickColor=GRID, labelFontSize=13, titleColor=INK
        )
    )
