"""Official figures on a wider population, by country and year, and a study's own figures by year, as charts."""

import altair as alt
import pandas as pd

from research_lib.compare import frame_figures
from research_lib.evidence.study import Study
from research_lib.show.drawing.charts import INK, MEASURE, nothing, styled
from research_lib.show.words import Words

_MOST_YEARS = 12
flow_figures = frame_figures.flow_figures
longest_series = frame_figures.longest_series
stock_figures = frame_figures.stock_figures
zero_flows = frame_figures.zero_flows


def stocks(study: Study, words: Words) -> alt.LayerChart:
    """Chart official figures with one value a year as a line for each country, named at its end."""
    frame = stock_figures(study)
    if frame.empty:
        return nothing(words("frame.none"))
    last = frame["year"] == frame.groupby("country_code")["year"].transform("max")
    frame["label"] = [
        f"{_name(study, row.country_code, words)} {words.number(row.value)}" for row in frame.itertuples()
    ]
    base = alt.Chart(frame).encode(
        x=alt.X("year:Q", title=None, axis=_years(frame)), y=_amount("value"), detail="country_code:N"
    )
    names = alt.Chart(frame[last]).encode(x="year:Q", y="value:Q", text="label:N")
    lines = base.mark_line(point={"color": MEASURE}, strokeWidth=2.5, color=MEASURE)
    return styled(lines + names.mark_text(align="left", dx=7, fontSize=13, color=INK), 620, 300)


def flows(study: Study, words: Words) -> alt.LayerChart:
    """Chart official figures that several methods estimate as bars from the lowest estimate to the highest.

    A country has the same place in each period, and is named at its bar of the first one.
    """
    frame = flow_figures(study)
    if frame.empty:
        return nothing(words("frame.none"))
    frame["country"] = [_name(study, code, words) for code in frame["country_code"]]
    x = alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0))
    order = [_name(study, code, words) for code in study.countries]
    base = alt.Chart(frame).encode(x=x, xOffset=alt.XOffset("country:N", sort=order))
    bars = base.mark_bar(size=9, cornerRadius=3, color=MEASURE).encode(y=_amount("low"), y2="high:Q")
    first = base.transform_filter(alt.datum.period == frame["period"].min())
    names = first.mark_text(angle=270, align="left", baseline="middle", dx=6, fontSize=13, color=INK)
    return styled(bars + names.encode(y="high:Q", text="country:N"), 620, 280)


def series(figures: pd.DataFrame) -> alt.LayerChart:
    """Chart figures by year as bars; `figures`: rows of the table, such as those of `longest_series`."""
    if figures.empty:
        return nothing("No figure is recorded.")
    frame = figures[["period", "start_year", "value"]].astype({"start_year": "str", "value": "float"})
    frame["years"] = frame["period"].fillna(frame["start_year"])
    base = alt.Chart(frame).encode(
        x=alt.X("years:O", title=None, axis=alt.Axis(labelAngle=0)), y=alt.Y("value:Q", title=None)
    )
    labels = base.mark_text(dy=-8, color=INK).encode(text=alt.Text("value:Q", format=","))
    what = "; ".join(figures["indicator"].unique())
    return styled(base.mark_bar(color=MEASURE, size=34) + labels, 520, 280, left=20, right=24, note=what)


def _name(study: Study, code: str, words: Words) -> str:
    countries = study["places"].query("kind == 'country'").itertuples()
    return next((words.of(row, "name") for row in countries if row.country_code == code), code)


def _years(frame: pd.DataFrame) -> alt.Axis:
    years = sorted(set(frame["year"]))
    return alt.Axis(format="d", values=years) if len(years) <= _MOST_YEARS else alt.Axis(format="d")


def _amount(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=alt.Axis(format=",d", tickCount=5))
