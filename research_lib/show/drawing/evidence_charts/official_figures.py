"""Official figures on a wider population, by country and year, and a study's own figures by year, as charts."""

import altair as alt
import pandas as pd

from research_lib.evidence.study import Study
from research_lib.show.drawing.charts import INK, MEASURE, nothing, styled
from research_lib.show.words import Words

_MOST_YEARS = 12


def stock_figures(study: Study) -> pd.DataFrame:
    """Give the official figures with one value a year: `country_code`, `year`, `value`, `source`.

    Official figures are those of the settings' `frame_sources`; of several indicators, the first in the table counts.
    """
    rows = _official(study)
    return _of_first_indicator(rows[rows["method"].isna()])[["country_code", "year", "value", "source"]]


def flow_figures(study: Study) -> pd.DataFrame:
    """Give the official figures that several methods estimate: `country_code`, `period`, `low`, `high`, `source`."""
    spans = _estimates(study).groupby(["country_code", "period"], as_index=False)
    return spans.agg(low=("value", "min"), high=("value", "max"), source=("source", "first"))


def zero_flows(study: Study) -> pd.DataFrame:
    """Give the flows that some methods estimate as none and others do not.

    Columns: `country_code`, `period`, `zeros` (how many methods say none), `methods`, `least` (of the others).
    """
    spans = _estimates(study).groupby(["country_code", "period"], as_index=False)["value"]
    found = spans.agg(
        zeros=lambda values: int((values == 0).sum()), methods="size", least=lambda values: values[values > 0].min()
    )
    return found[(found["zeros"] > 0) & (found["zeros"] < found["methods"])]


def longest_series(study: Study) -> pd.DataFrame:
    """Give the rows of the study's own figure that has a value for most years, in their order; empty without any."""
    figures = study["figures"]
    own = figures[study.is_own(figures["source"]) & figures["value"].notna() & figures["start_year"].notna()]
    years = own.groupby("indicator", sort=False)["start_year"].nunique()
    return own[own["indicator"] == years.idxmax()] if len(years) else own


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


def _estimates(study: Study) -> pd.DataFrame:
    """The official figures with a method, of the first indicator, each with its period."""
    rows = _official(study)
    rows = _of_first_indicator(rows[rows["method"].notna()])
    ends = rows["end_year"].fillna(rows["year"]).astype("int")
    rows["period"] = [f"{year}–{end % 100:02d}" for year, end in zip(rows["year"], ends, strict=True)]
    return rows


def _official(study: Study) -> pd.DataFrame:
    figures = study["figures"]
    is_official = ~study.is_own(figures["source"]) & figures["country_code"].isin(study.countries)
    rows = figures[is_official & figures["value"].notna() & figures["start_year"].notna()]
    return rows.assign(year=rows["start_year"].astype("int"), value=rows["value"].astype("float"))


def _of_first_indicator(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["indicator"] == rows["indicator"].iloc[0]].copy() if len(rows) else rows.copy()


def _name(study: Study, code: str, words: Words) -> str:
    countries = study["places"].query("kind == 'country'").itertuples()
    return next((words.of(row, "name") for row in countries if row.country_code == code), code)


def _years(frame: pd.DataFrame) -> alt.Axis:
    years = sorted(set(frame["year"]))
    return alt.Axis(format="d", values=years) if len(years) <= _MOST_YEARS else alt.Axis(format="d")


def _amount(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=alt.Axis(format=",d", tickCount=5))
