"""Stocks and flows of women born in China, as the United Nations and Abel and Cohen publish them."""

from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.errors import RebuildError

_COUNTRIES = {"France": ("FRA", "France"), "Italy": ("ITA", "Italie"), "Slovakia": ("SVK", "Slovaquie")}
_SOURCES = {"stock": "undesa2020", "flow": "abel2022"}
_COLUMNS = ["producer", "indicator", "kind", "year_or_period_start", "destination", "estimator", "value"]
_SENTENCES = {
    "stock": (
        "Women born in China who live in {country}, {start}: {value:,} (mid-year estimate).",
        "Femmes nées en Chine vivant en {country_fr}, {start} : {value} (estimation à mi-année).",
    ),
    "flow": (
        "Women who moved from China to {country}, {start} to {end}: {value:,} by the estimator {estimator}.",
        "Femmes venues de Chine en {country_fr} entre {start} et {end} : {value} selon l'estimateur {estimator}.",
    ),
}


def read_figures(path: Path) -> pd.DataFrame:
    """Read the file of stocks and flows as rows of the table `figures`.

    Stocks have one value a year; flows one row for each of six estimators and five-year period. Unit: women. Raises
    RebuildError, with the line, where a row is not understood.
    """
    raw = pd.read_csv(path, dtype={"estimator": "str"}, keep_default_na=False)
    if list(raw.columns) != _COLUMNS:
        raise RebuildError(f"{path}: the columns are {', '.join(raw.columns)}; expected {', '.join(_COLUMNS)}")
    for line, row in enumerate(raw.itertuples(), 2):
        if row.destination not in _COUNTRIES or row.kind not in _SOURCES:
            raise RebuildError(f"{path}:{line} has an unknown destination or kind: {row.destination}, {row.kind}")
    return pd.DataFrame(map(_figure, raw.itertuples()))


def _figure(row: Any) -> dict[str, object]:
    start = int(row.year_or_period_start)
    end = start if row.kind == "stock" else start + 5
    (code, country_fr), method = _COUNTRIES[row.destination], row.estimator
    names = {"country": row.destination, "country_fr": country_fr, "start": start, "end": end}
    english, french = _SENTENCES[row.kind]
    return {
        "id": "-".join(filter(None, ("f", _SOURCES[row.kind], code.lower(), str(start), method.replace("_", "-")))),
        "indicator": row.indicator,
        "text": english.format(**names, value=int(row.value), estimator=method),
        "text_fr": french.format(**names, value=f"{int(row.value):,}".replace(",", "\u202f"), estimator=method),
        "value": int(row.value),
        "unit": "women",
        "is_approximate": "true",
        "method": method,
        "country_code": code,
        "origin_id": "china",
        "group_id": "all-migrants",
        "code": "demographic-size",
        "is_headline": "false",
        "informant": "official-statistics" if row.kind == "stock" else "literature",
        "certainty": "estimate",
        "start_year": start,
        "end_year": end,
        "period": str(start) if row.kind == "stock" else f"{start}/{end}",
        "source": _SOURCES[row.kind],
    }
