"""The measures of flows: volumes and shares.

Every function takes `flows`: one row an ordered pair of regions, with the columns `origin`, `destination` and `flow`
(how many people moved from the one to the other in the period), or with the names given. Every region must be paired
with every other in both directions; where nobody moved, a row with flow 0 says so. Rows from a region to itself are
moves within it, and are not used. Every function raises UnfitDataError for flows that are not like this.
"""

import math
from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_once, check_single_columns, need_no_blanks

_PAIR = ["origin", "destination"]


def _read_flows(flows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Flows between different regions, checked, as origin, destination and flow."""
    check_single_columns(flows)
    check_columns(flows, names)
    check_once(names)
    for end in names[:2]:
        need_no_blanks(flows[end], end)
        if flows[end].isna().any():
            row = flows.index[flows[end].isna()][0]
            raise UnfitDataError(f"{end}: row {row} does not name a region; name it, or leave the row out")
    table = pd.DataFrame({name: flows[column].to_numpy() for name, column in zip([*_PAIR, "flow"], names, strict=True)})
    table = table[table["origin"] != table["destination"]].reset_index(drop=True)
    flow = _numbers(table, names[2])
    if (flow < 0).any():
        raise UnfitDataError(f"{names[2]}: {_pair(table, flow < 0)} is below 0; give people moving, not net figures")
    table["flow"] = flow
    _refuse_incomplete(table)
    return table


def _refuse_incomplete(table: pd.DataFrame) -> None:
    double = table.duplicated(_PAIR)
    if double.any():
        raise UnfitDataError(f"{_pair(table, double)} stands in two rows; keep one period, or add the rows up")
    origins, destinations = set(table["origin"]), set(table["destination"])
    for region in sorted(origins ^ destinations, key=str):
        role = "an origin and never a destination" if region in origins else "a destination and never an origin"
        raise UnfitDataError(f"{region} is {role}; check its spelling, or add the missing rows (0 where nobody moved)")
    if len(origins) < 2:
        raise UnfitDataError("the flows join fewer than two regions; give the flows between two or more")
    given = set(zip(table["origin"], table["destination"], strict=True))
    for pair in permutations(sorted(origins, key=str), 2):
        if pair not in given:
            raise UnfitDataError(f"the row from {pair[0]} to {pair[1]} is missing; add it, with flow 0 if nobody moved")
    if not table["flow"].any():
        raise UnfitDataError("nobody moved between any two regions; there is nothing to measure")


def _numbers(table: pd.DataFrame, called: str) -> pd.Series:
    """Read the flows as finite numbers; `called`: their name for whoever reads the error."""
    values = pd.Series(pd.to_numeric(table["flow"], errors="coerce").to_numpy(float, na_value=np.nan))
    unfit = ~np.isfinite(values)
    if unfit.any():
        raise UnfitDataError(f"{called}: the value for {_pair(table, unfit)} is not a number; fill it in")
    return values


def _pair(table: pd.DataFrame, unfit: pd.Series) -> str:
    row = table[unfit.to_numpy()].iloc[0]
    return f"{row['origin']} to {row['destination']}"


def net_migration(
    flows: pd.DataFrame, *, origin: str = "origin", destination: str = "destination", flow: str = "flow"
) -> pd.DataFrame:
    """Say for each region how many people came, how many left, and what the difference is.

    One row a region: arrivals, departures, net, turnover (all in people), effectiveness (net over turnover, in per
    cent, from -100 to 100; empty where nobody moved). Not for comparing regions of different size: the counts are not
    rates. After Shryock and Siegel (1976).
    """
    table = _read_flows(flows, [origin, destination, flow])
    arrivals = table.groupby("destination")["flow"].sum()
    departures = table.groupby("origin")["flow"].sum()
    net, turnover = arrivals - departures, arrivals + departures
    frame = pd.DataFrame({"arrivals": arrivals, "departures": departures, "net": net, "turnover": turnover})
    return frame.assign(effectiveness=100 * net / turnover.where(turnover > 0)).rename_axis("region")


def effectiveness(
    flows: pd.DataFrame, *, origin: str = "origin", destination: str = "destination", flow: str = "flow"
) -> float:
    """Say how much of all moving between regions changes where people live, in per cent.

    Migration effectiveness: the sum of the regions' net migration, signs left out, over the sum of their turnover. 0:
    every stream has an equal counter-stream; 100: all streams run one way. Not for: saying how much people move (see
    `courgeau_k`), nor for a handful of moves, where chance alone makes streams lopsided. Shryock and Siegel (1976);
    Bell et al. (2002), J. R. Stat. Soc. A 165, 435-464.
    """
    regions = net_migration(flows, origin=origin, destination=destination, flow=flow)
    return float(100 * regions["net"].abs().sum() / regions["turnover"].sum())


def total_gini(
    flows: pd.DataFrame,
    *,
    origin: str = "origin",
    destination: str = "destination",
    flow: str = "flow",
    corrected: bool = True,
) -> float:
    """Say how unequally people are spread over the streams between regions, from 0 to 1.

    The Gini index over all n(n-1) flows between n regions. 0: all streams are equally large; 1: everyone moves along a
    single one. `corrected` divides by n(n-1)-1, as Bell et al. (2002) do, so that 1 can be reached; without it the
    index is that of Plane and Mulligan (1997), Demography 34, 251-262. Not for: comparing countries cut into very
    different numbers of regions, since finer regions give a higher index; nor for saying which region draws people (see
    `net_migration`).
    """
    sizes = np.sort(_read_flows(flows, [origin, destination, flow])["flow"].to_numpy(float))
    ranks = np.arange(1, len(sizes) + 1)
    differences = ((2 * ranks - len(sizes) - 1) * sizes).sum()
    return float(differences / ((len(sizes) - corrected) * sizes.sum()))


def courgeau_k(
    flows: pd.DataFrame,
    population: Mapping[str, float] | pd.Series,
    *,
    origin: str = "origin",
    destination: str = "destination",
    flow: str = "flow",
) -> float:
    """Say how much people move between regions, allowing for how many regions the country is cut into.

    `population`: how many people (not thousands) live in each region, by its name. Courgeau's k: migrants per 100
    people over the natural logarithm of the squared number of regions, so per cent per unit of that logarithm; it
    measures intensity, and no distance enters. Raises UnfitDataError for populations that are missing, not above 0,
    infinite, or smaller in all than the number of moves. Not for: regions of very uneven size, periods of different
    length (one year and five years do not compare), or moves counted in one country and migrants in the other. Courgeau
    (1973), Population 28, 511-537; Bell et al. (2002).
    """
    table = _read_flows(flows, [origin, destination, flow])
    regions = table["origin"].unique()
    given = pd.Series(population)
    if odd := [*given.index[given.index.duplicated()], *given.index.difference(pd.Index(regions))]:
        raise UnfitDataError(f"population: {odd[0]} stands there twice or is not in the flows; give each region once")
    each = pd.to_numeric(given, errors="coerce").reindex(regions).to_numpy(float, na_value=np.nan)
    unfit = pd.Series(~(np.isfinite(each) & (each > 0)), regions)
    if unfit.any():
        raise UnfitDataError(f"population: not a number above 0 for {unfit.idxmax()}; every region needs one")
    people, moves = float(each.sum()), table["flow"].sum()
    if moves > people:
        raise UnfitDataError(
            f"{moves:g} moves among {people:g} people: give the population in people, not in thousands"
        )
    return float(100 * moves / people / math.log(len(regions) ** 2))
