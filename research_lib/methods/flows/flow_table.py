"""Tables of flows between regions, checked: every ordered pair once, no gaps, nothing below 0."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, need_no_blanks

PAIR = ["origin", "destination"]


def read_flows(flows: pd.DataFrame, names: list[str], others: Sequence[str] = ()) -> pd.DataFrame:
    """Flows between different regions, checked, as origin, destination, flow and the `others`."""
    check_single_columns(flows)
    check_columns(flows, [*names, *others])
    _refuse_used_twice(names, others)
    _refuse_unnamed(flows, names[:2])
    table = pd.DataFrame({name: flows[column].to_numpy() for name, column in zip([*PAIR, "flow"], names, strict=True)})
    table = pd.concat([table, flows[[*others]].reset_index(drop=True)], axis=1)
    table = table[table["origin"] != table["destination"]].reset_index(drop=True)
    table["flow"] = _flow_of(table, names[2])
    _refuse_incomplete(table)
    return table


def _refuse_used_twice(names: list[str], others: Sequence[str]) -> None:
    used = [*names, *others]
    twice = [column for column in used if used.count(column) > 1]
    twice += [column for column in others if column in (*PAIR, "flow")]
    if twice:
        raise UnfitDataError(f"{twice[0]}: one column is to serve twice; name another, or rename it")


def _refuse_unnamed(flows: pd.DataFrame, ends: list[str]) -> None:
    for end in ends:
        need_no_blanks(flows[end], end)
        if flows[end].isna().any():
            row = flows.index[flows[end].isna()][0]
            raise UnfitDataError(f"{end}: row {row} does not name a region; name it, or leave the row out")


def _flow_of(table: pd.DataFrame, column: str) -> pd.Series:
    values = numbers(table, "flow", column)
    if (values < 0).any():
        raise UnfitDataError(f"{column}: {_pair(table, values < 0)} is below 0; give people moving, not net figures")
    return values


def _refuse_incomplete(table: pd.DataFrame) -> None:
    double = table.duplicated(PAIR)
    if double.any():
        raise UnfitDataError(f"{_pair(table, double)} stands in two rows; keep one period, or add the rows up")
    origins, destinations = set(table["origin"]), set(table["destination"])
    for region in sorted(origins ^ destinations, key=str):
        role = "an origin and never a destination" if region in origins else "a destination and never an origin"
        raise UnfitDataError(f"{region} is {role}; check its spelling, or add the missing rows (0 where nobody moved)")
    if len(origins) < 2:
        raise UnfitDataError("the flows join fewer than two regions; give the flows between two or more")
    if len(table) < len(origins) * (len(origins) - 1):
        raise UnfitDataError(f"the row from {_missing_pair(table)} is missing; add it, with flow 0 if nobody moved")
    if not table["flow"].any():
        raise UnfitDataError("nobody moved between any two regions; there is nothing to measure")


def _missing_pair(table: pd.DataFrame) -> str:
    given = set(zip(table["origin"], table["destination"], strict=True))
    regions = sorted(set(table["origin"]), key=str)
    return next(f"{a} to {b}" for a in regions for b in regions if a != b and (a, b) not in given)


def logarithm(table: pd.DataFrame, column: str) -> pd.Series:
    """Natural logarithms of a column that must be above 0."""
    values = numbers(table, column)
    if (values <= 0).any():
        value = values[values <= 0].iloc[0]
        raise UnfitDataError(f"{column}: {value:g} for {_pair(table, values <= 0)}; it must be above 0 in every row")
    return np.log(values)


def numbers(table: pd.DataFrame, column: str, called: str | None = None) -> pd.Series:
    """Read a column as finite numbers; `called`: its name for whoever reads the error."""
    values = pd.Series(pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan))
    unfit = ~np.isfinite(values)
    if unfit.any():
        raise UnfitDataError(f"{called or column}: the value for {_pair(table, unfit)} is not a number; fill it in")
    return values


def _pair(table: pd.DataFrame, unfit: pd.Series) -> str:
    row = table[unfit.to_numpy()].iloc[0]
    return f"{row['origin']} to {row['destination']}"
