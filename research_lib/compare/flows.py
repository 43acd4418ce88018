"""Tables of flows between countries, as statistics publish them, as places and legs for a map."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from research_lib.errors import UnfitDataError, quoted
from research_lib.evidence.checks.nearest import nearest
from research_lib.evidence.geography import country_places
from research_lib.evidence.journeys_from_frames import id_text
from research_lib.evidence.vocabulary.country_names import country_of

_MOST_NAMED, _MOST_ROWS = 30, 3
_TAKEN = {"id", "name", "from_id", "to_id", "weight", "weight_unit", "weight_source"}
_EMPTY = (
    "an empty cell; pandas takes NA, the code of Namibia, for one: read the table with "
    "keep_default_na=False, na_values=['']"
)


@dataclass(frozen=True, eq=False)
class PlacesAndLegs:
    """Countries and the flows between them, as `RouteMap(places=…, legs=…)` takes them.

    `left_out`: a sentence for each kind of rows that are not among the legs.
    """

    places: GeoDataFrame
    legs: pd.DataFrame
    left_out: tuple[str, ...]


def places_and_legs(
    table: pd.DataFrame,
    *,
    origin: str = "origin",
    destination: str = "destination",
    value: str | None = None,
    unit: str = "",
    source: str = "",
    places: GeoDataFrame | None = None,
    without: Collection[object] = (),
    largest: int | None = None,
) -> PlacesAndLegs:
    """Make places and legs of a table of flows between countries, one row a flow.

    `origin`, `destination`: the columns with the countries, as `country_of` understands them. `value`: a column of
    numbers; `unit` says what they count, such as "persons", and `source` who says so. Other columns become notes.
    `places`: points with `id` and `name`, for a table of regions or cities; its cells are ids or names of these.
    `without`: cells that name no country, such as "World" or "Total", whose rows are left out. `largest`: keep so many
    of the largest values. Rows from a country to itself, and of value 0 or none, are left out, and `left_out` counts
    them. Not for: adding up; two values for the same two countries are refused.

    Raises UnfitDataError for an absent column, a value without unit or source, a cell that is no number or below 0, and
    for cells that are no country, all of them at once with their rows, from 1.
    """
    columns = [origin, destination, *([value] if value is not None else [])]
    given = _checked(table, columns)
    if value is not None and not (unit and source):
        raise UnfitDataError("say what the values count and who says so, such as unit='persons', source='UN DESA 2020'")
    if largest is not None and (value is None or largest < 1):
        raise UnfitDataError("largest needs a column of values, and is 1 or more")
    out = {str(cell).strip() for cell in without}
    is_out = given[columns[:2]].map(lambda cell: str(cell).strip()).isin(out).any(axis=1)
    kept = given[~is_out]
    codes = _codes(kept, columns[:2], country_of if places is None else _named_places(places))
    legs = _legs(kept, columns, codes)
    within = legs["from_id"] == legs["to_id"]
    left_out = {"name no country, as `without` says": is_out.sum(), "lead from a country to itself": within.sum()}
    legs = legs[~within]
    if value is not None:
        _refuse_two_values(legs)
        left_out |= {"have no value": legs["weight"].isna().sum(), "have the value 0": (legs["weight"] == 0).sum()}
        legs = legs[legs["weight"].notna() & (legs["weight"] > 0)].assign(weight_unit=unit, weight_source=source)
        if largest is not None and len(legs) > largest:
            left_out[f"have smaller values than the {largest} largest"] = len(legs) - largest
            legs = legs.nlargest(largest, "weight")
    sentences = tuple(f"rows that {reason}: {count:,}" for reason, count in left_out.items() if count)
    if legs.empty:
        raise UnfitDataError(f"no row of the table joins two countries; {'; '.join(sentences) or 'it is empty'}")
    ends = {*legs["from_id"], *legs["to_id"]}
    at = country_places(ends) if places is None else places[places["id"].map(id_text).isin(ends)]
    return PlacesAndLegs(at, legs.reset_index(drop=True), sentences)


def _named_places(places: GeoDataFrame) -> Callable[[object], str | None]:
    """Look up places by their id or their name."""
    if not isinstance(places, GeoDataFrame) or not {"id", "name"} <= {*places.columns}:
        raise UnfitDataError("places has to be a GeoDataFrame of points with columns id and name")
    ids, names = places["id"].map(id_text), places["name"].map(id_text)
    found = dict(zip(names, ids, strict=True)) | dict(zip(ids, ids, strict=True))
    return lambda cell: found.get(id_text(cell))


def _checked(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        raise UnfitDataError(f"the table is a {type(table).__name__}; give a DataFrame, one row a flow")
    known = [str(name) for name in table.columns]
    named = table.set_axis(known, axis=1).reset_index(drop=True)
    for column in columns:
        if known.count(column) != 1:
            near = nearest(column, known) or f"; it has {', '.join(map(quoted, known[:_MOST_NAMED]))}"
            reason = "no column" if column not in known else "two columns"
            raise UnfitDataError(
                f"the table has {reason} {column!r:.60}{near}; say origin=, destination= and value=. A table with a "
                "column for each destination becomes rows by DataFrame.melt"
            )
    if len(set(columns)) < len(columns):
        raise UnfitDataError(f"{', '.join(columns)}: one column is to serve twice; name another")
    return named


def _codes(table: pd.DataFrame, ends: list[str], known: Callable[[object], str | None]) -> dict[object, str]:
    """The code of each cell; raises UnfitDataError with all cells that are no country."""
    rows: dict[object, list[str]] = {}
    for column in ends:
        for row, cell in table[column].items():
            rows.setdefault(None if pd.isna(cell) else cell, []).append(str(int(str(row)) + 1))
    found = {cell: None if cell is None else known(cell) for cell in rows}
    if unknown := [cell for cell, code in found.items() if code is None]:
        named = []
        for cell in unknown[:_MOST_NAMED]:
            more = f" and {len(rows[cell]) - _MOST_ROWS} more" if len(rows[cell]) > _MOST_ROWS else ""
            named.append(f"{_EMPTY if cell is None else quoted(cell)} (row {', '.join(rows[cell][:_MOST_ROWS])}{more})")
        if len(unknown) > _MOST_NAMED:
            named.append(f"and {len(unknown) - _MOST_NAMED} more")
        raise UnfitDataError(
            "these are not recognised; write the ISO 3166-1 code or the English name of a country, give places= with a "
            "point for each, or leave the rows out with without=[…]:\n" + "\n".join(named)
        )
    return {cell: code for cell, code in found.items() if code is not None}


def _legs(table: pd.DataFrame, columns: list[str], codes: Mapping[object, str]) -> pd.DataFrame:
    """The rows as legs from code to code; other columns are notes, and renamed where a map would read them."""
    from research_lib.evidence.tables import TABLES
    from research_lib.evidence.tables import columns as columns_of

    origin, destination, *value = columns
    meaning = _TAKEN | {column.name for name in ("legs", "routes") for column in columns_of(TABLES[name])}
    notes = table.drop(columns=columns).rename(columns={name: f"{name} (of the table)" for name in meaning})
    starts, ends = (table[end].map(codes).astype("str") for end in (origin, destination))
    legs = notes.assign(from_id=starts, to_id=ends)
    return legs.assign(weight=_numbers(table[value[0]], value[0])) if value else legs


def _numbers(cells: "pd.Series[Any]", name: str) -> "pd.Series[float]":
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    is_blank = cells.isna() | cells.astype("str").str.strip().eq("")
    wrong = cells[(~is_blank & ~np.isfinite(numbers)) | (numbers < 0)]
    if len(wrong):
        shown = "; ".join(f"row {int(str(row)) + 1}: {quoted(cell)}" for row, cell in wrong.head(_MOST_NAMED).items())
        raise UnfitDataError(
            f"{name}: {len(wrong)} cells are no number of 0 or more, written without signs between its digits: {shown}"
        )
    return numbers


def _refuse_two_values(legs: pd.DataFrame) -> None:
    ends = ["from_id", "to_id"]
    for pair, rows in legs[legs["weight"].notna()].groupby(ends, sort=False).groups.items():
        if len(rows) > 1:
            start, end = pair
            named = ", ".join(str(row + 1) for row in rows[:_MOST_NAMED])
            raise UnfitDataError(
                f"{start} to {end} has {len(rows)} values (rows {named}); keep one year, sex or measure, or add the "
                "rows up, before you make a map"
            )
