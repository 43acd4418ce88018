"""Official figures on a wider population, by country and year, and a study's own figures by year, as tables."""

import pandas as pd

from research_lib.evidence.study import Study


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
