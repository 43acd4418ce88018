"""The measures of flows: volumes, shares and models.

Every function takes `flows`: one row an ordered pair of regions, with the columns `origin`, `destination` and `flow`
(how many people moved from the one to the other in the period), or with the names given. Every region must be paired
with every other in both directions; where nobody moved, a row with flow 0 says so. Rows from a region to itself are
moves within it, and are not used. Every function raises UnfitDataError for flows that are not like this.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, need_list, need_no_blanks

_PAIR = ["origin", "destination"]


def _read_flows(flows: pd.DataFrame, names: list[str], others: Sequence[str] = ()) -> pd.DataFrame:
    """Flows between different regions, checked, as origin, destination, flow and the `others`."""
    used = [*names, *others]
    check_single_columns(flows)
    check_columns(flows, used)
    if twice := [name for name in used if used.count(name) > 1 or (name in others and name in (*_PAIR, "flow"))]:
        raise UnfitDataError(f"{twice[0]}: one column is to serve twice; name another, or rename it")
    for end in names[:2]:
        need_no_blanks(flows[end], end)
        if flows[end].isna().any():
            row = flows.index[flows[end].isna()][0]
            raise UnfitDataError(f"{end}: row {row} does not name a region; name it, or leave the row out")
    table = pd.DataFrame({name: flows[column].to_numpy() for name, column in zip([*_PAIR, "flow"], names, strict=True)})
    table = pd.concat([table, flows[[*others]].reset_index(drop=True)], axis=1)
    table = table[table["origin"] != table["destination"]].reset_index(drop=True)
    flow = _numbers(table, "flow", names[2])
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


def _logarithm(table: pd.DataFrame, column: str) -> pd.Series:
    """Natural logarithms of a column that must be above 0."""
    values = _numbers(table, column)
    if (values <= 0).any():
        value = values[values <= 0].iloc[0]
        raise UnfitDataError(f"{column}: {value:g} for {_pair(table, values <= 0)}; it must be above 0 in every row")
    return np.log(values)


def _numbers(table: pd.DataFrame, column: str, called: str | None = None) -> pd.Series:
    """Read a column as finite numbers; `called`: its name for whoever reads the error."""
    values = pd.Series(pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan))
    unfit = ~np.isfinite(values)
    if unfit.any():
        raise UnfitDataError(f"{called or column}: the value for {_pair(table, unfit)} is not a number; fill it in")
    return values


def _pair(table: pd.DataFrame, unfit: pd.Series) -> str:
    row = table[unfit.to_numpy()].iloc[0]
    return f"{row['origin']} to {row['destination']}"


@dataclass(frozen=True)
class FlowModel:
    """The coefficients of a model of flows: one row a term, with its estimate, standard error and 95 % interval.

    `coefficients`: term, estimate, standard_error, low, high. `pairs`: ordered pairs of regions the model rests on.
    `dispersion`: Pearson chi-square over degrees of freedom; far above 1, only robust standard errors can be believed.
    `robust`: whether they are.
    """

    coefficients: pd.DataFrame
    pairs: int
    dispersion: float
    robust: bool


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


def distance_decay(
    flows: pd.DataFrame,
    *,
    distance: str = "distance",
    origin: str = "origin",
    destination: str = "destination",
    flow: str = "flow",
    robust: bool = True,
) -> FlowModel:
    """Say how fast moving falls off with distance, whatever the size and pull of each region.

    `distance`: column of distances between centres, above 0, in any unit. Poisson regression of the flow on the
    logarithm of distance with an effect for every origin and every destination; the one term given, `log distance`, is
    the decay: -1 means that twice the distance goes with half the moves. `robust`: standard errors that allow flows
    varying more than Poisson counts do. Raises UnfitDataError for a distance of 0, equal distances, fewer than four
    regions, or a region that nobody leaves or reaches. Not for: distances between borders (neighbours then lie at 0),
    nor as an effect of distance alone, since language, kin and law follow the same map. Bell et al. (2002); Flowerdew
    and Aitkin (1982), J. Regional Science 22, 191-202.
    """
    table = _read_flows(flows, [origin, destination, flow], [distance])
    for end, verb in zip(_PAIR, ["leaves", "reaches"], strict=True):
        sums = table.groupby(end)["flow"].sum()
        if (sums == 0).any():
            raise UnfitDataError(f"nobody {verb} {sums.idxmin()}; leave this region out of the model")
    design = pd.DataFrame({"log distance": _logarithm(table, distance)})
    effects = [pd.get_dummies(table[end], prefix=end, drop_first=True, dtype=float) for end in _PAIR]
    return _fit(table["flow"], pd.concat([design, *effects], axis=1), ["log distance"], robust)


def gravity(
    flows: pd.DataFrame,
    *,
    origin_mass: str = "origin_population",
    destination_mass: str = "destination_population",
    distance: str = "distance",
    also: Sequence[str] = (),
    origin: str = "origin",
    destination: str = "destination",
    flow: str = "flow",
    robust: bool = True,
) -> FlowModel:
    """Relate the moves between two regions to how many people live in each and how far apart they are.

    Poisson regression of the flow on the logarithms of both populations and of distance (each a column, above 0, in any
    unit) and on the columns `also` as they are (for instance 1 for neighbours, 0 for others). Terms: constant, `log`
    and the column's name, and `also`; a coefficient of a logarithm is an elasticity. `robust`: standard errors that
    bear flows varying more than Poisson counts do. Raises UnfitDataError for columns that are not numbers, not above 0,
    or that follow from the others. Not for: reading a cause into a coefficient, nor for pairs that depend on each other
    through third regions (the intervals are then too narrow; `distance_decay` takes up the regions' own part).
    Flowerdew and Aitkin (1982); Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88, 641-658.
    """
    logged = [origin_mass, destination_mass, distance]
    reserved = ["constant", *(f"log {column}" for column in logged)]
    if taken := [column for column in need_list("also", also) if column in reserved]:
        raise UnfitDataError(f"{taken[0]}: the model has its own term of this name; rename the column")
    table = _read_flows(flows, [origin, destination, flow], [*logged, *also])
    terms = {f"log {column}": _logarithm(table, column) for column in logged}
    terms |= {column: _numbers(table, column) for column in also}
    design = pd.DataFrame(terms)
    return _fit(table["flow"], design, ["constant", *design], robust)


def _fit(flow: pd.Series, terms: pd.DataFrame, wanted: list[str], robust: bool) -> FlowModel:
    design = terms.assign(constant=1.0)
    if flat := [column for column in terms if terms[column].nunique() == 1]:
        raise UnfitDataError(f"{flat[0]}: the same for every pair of regions; leave it out")
    if len(design) <= design.shape[1]:
        raise UnfitDataError(f"{len(design)} pairs of regions are too few for {design.shape[1]} terms; add regions")
    # Terms that depend on each other among the flows above 0 have no finite estimate (Santos Silva and Tenreyro 2010).
    for rows, where in ((design, ""), (design[flow > 0], " where anybody moved")):
        if np.linalg.matrix_rank(rows.to_numpy()) < design.shape[1]:
            raise UnfitDataError(f"one of {', '.join(design)} follows from the others{where}; leave one out")
    fit = GLM(flow.astype(float), design, family=Poisson()).fit(cov_type="HC1" if robust else "nonrobust")
    if not fit.converged:
        raise UnfitDataError("the model does not converge; try it with fewer columns")
    limits = fit.conf_int().loc[wanted]
    coefficients = pd.DataFrame({"estimate": fit.params, "standard_error": fit.bse}).loc[wanted]
    coefficients = coefficients.assign(low=limits[0], high=limits[1]).rename_axis("term").reset_index()
    return FlowModel(coefficients, len(flow), float(fit.pearson_chi2 / fit.df_resid), robust)
