"""Checks within one row of a table: ranges, years, and cells that depend on each other."""

import re
from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from research_lib.evidence.vocabulary.situations import INDICATORS_OF

Row = Mapping[Hashable, Any]
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_ORDERED = (
    ("low", "high", "the lower end is above the upper end"),
    ("start_year", "end_year", "the first year is after the last"),
    ("start_year", "formal_year", "start_year is above formal_year"),
    ("entity_count_low", "entity_count_high", "entity_count_low is above entity_count_high"),
)


def _order_check(row: Row) -> Iterator[tuple[str, str]]:
    for first, last, reason in _ORDERED:
        if pd.notna(row.get(first)) and pd.notna(row.get(last)) and row[first] > row[last]:
            yield first, reason


def _claim_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.isna(row["country_code"]) and pd.isna(row["place_id"]):
        yield "country_code", "a claim is about a country or a place; fill country_code or place_id"


def _figure_check(row: Row) -> Iterator[tuple[str, str]]:
    has_value, has_range = pd.notna(row["value"]), pd.notna(row["low"]) or pd.notna(row["high"])
    if row["unit"] == "date":
        if has_value or has_range or not _is_date(row["period"]):
            yield "period", "a date stands in period as 2006, 2006-03 or 2006-03-29, with value, low and high empty"
    elif has_value == has_range:
        yield "value", "give either a value, or low and high"


def _is_date(period: Any) -> bool:
    """Whether a cell is an ISO date, month or year, or two of them separated by a slash."""
    return pd.notna(period) and all(_is_one_date(part) for part in str(period).split("/"))


def _is_one_date(text: str) -> bool:
    full = text + "-01-01"[len(text) - 4 :] if _DATE.fullmatch(text) else ""
    try:
        return bool(date.fromisoformat(full))
    except ValueError:
        return False


def _iso_dates(row: Row) -> Iterator[tuple[str, str]]:
    for column in ("date", "formal_date", "formal_since", "checked"):
        if pd.notna(cell := row.get(column)) and not _is_one_date(str(cell)):
            yield column, f"{cell} is not a date of the calendar"


def _provision_check(row: Row) -> Iterator[tuple[str, str]]:
    has_value, has_range = pd.notna(row["value"]), pd.notna(row["low"]) or pd.notna(row["high"])
    if has_value and has_range:
        yield "value", "give either a value, or low and high, not both"
    if (has_value or has_range) != pd.notna(row["unit"]):
        yield "unit", "a number needs its unit, and a unit its number"


def _step_check(row: Row) -> Iterator[tuple[str, str]]:
    if row["from_code"] == row["to_code"]:
        yield "to_code", "a step leads from one station to another"


def _indicator_check(row: Row) -> Iterator[tuple[str, str]]:
    if row["indicator"] not in INDICATORS_OF.get(row["element"], (row["indicator"],)):
        yield "indicator", f"{row['indicator']} is not an indicator of {row['element']}"


def _membership_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.notna(row["organisation_id"]) == pd.notna(row["group_text"]):
        yield "organisation_id", "name an organisation, or else describe a group"


def _answer_check(row: Row) -> Iterator[tuple[str, str]]:
    if pd.isna(row["answer"]) and pd.isna(row["text"]):
        yield "answer", "an answer is an option, a text, or both"


ROW_CHECKS = {
    "claims": (_claim_check, _order_check),
    "figures": (_figure_check, _order_check),
    "routes": (_order_check,),
    "provisions": (_provision_check, _order_check, _iso_dates),
    "pathways": (_step_check,),
    "indicators": (_indicator_check,),
    "networks": (_order_check, _iso_dates),
    "memberships": (_membership_check, _iso_dates),
    "survey_answers": (_answer_check,),
    "contacts": (_iso_dates,),
}
