"""Whether a solution holds in every country: its fit pooled, within each cluster and within each unit.

Source: García-Castro and Ariño (2016), A general approach to panel data set-theoretic research, Journal of Advances in
Management Sciences and Information Systems 2.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.qca.parameters_of_fit import sufficiency
from research_lib.methods.qca.solutions import Model
from research_lib.methods.qca.truth_table import TruthTable


def by_cluster(
    table: TruthTable,
    model: Model,
    clusters: Mapping[str, str] | pd.Series,
    units: Mapping[str, str] | pd.Series | None = None,
) -> pd.DataFrame:
    """Measure each term of a model, and the whole, in all cases together and in each cluster apart.

    `clusters`: the country of each case; `units`: what is the same in several countries, such as a group of people. One
    row a term and scope: term, scope (pooled, between, within), name, n, consistency, coverage, and distance: how
    unlike the consistencies of the scope are, 0 where they are all alike; NaN where all
    are 0. Raises UnfitDataError for a case without a cluster.

    Not for: countries of two or three cases, whose consistency one case decides.
    """
    scopes = [("pooled", "all", np.ones(len(table.sets.cases), dtype=bool))]
    scopes += [("between", name, mask) for name, mask in _masks(table, clusters, "cluster")]
    scopes += [("within", name, mask) for name, mask in (_masks(table, units, "unit") if units is not None else ())]
    combinations = [combination for term in model.terms for combination in table.layout.parse(term)]
    degrees = {
        term: table.sets.membership(combination) for term, combination in zip(model.terms, combinations, strict=True)
    }
    degrees |= {str(model): table.sets.union(combinations)}
    rows = [
        {"term": term, "scope": scope, "name": name} | _fit(degree[mask], table.sets.outcome[mask])
        for term, degree in degrees.items()
        for scope, name, mask in scopes
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(distance=frame.groupby(["term", "scope"])["consistency"].transform(_distance))


def _masks(table: TruthTable, named: Mapping[str, str] | pd.Series, what: str) -> list[tuple[str, np.ndarray]]:
    labelled = pd.Series(named)
    by_case = dict(zip(map(str, labelled.index), labelled, strict=True))
    if len(by_case) < len(labelled):
        raise UnfitDataError(f"a case has more than one {what}; name one for every case")
    if missing := [case for case in table.sets.cases if case not in by_case or pd.isna(by_case[case])]:
        raise UnfitDataError(f"{missing[0]} is in no {what}; name one for every case")
    names = np.array([str(by_case[case]) for case in table.sets.cases])
    return [(name, names == name) for name in sorted(set(names))]


def _fit(degrees: np.ndarray, outcome: np.ndarray) -> dict[str, object]:
    fit = sufficiency(degrees, outcome)
    return {"n": len(outcome), "consistency": fit.consistency, "coverage": fit.coverage}


def _distance(consistencies: pd.Series) -> float:
    """How far the shares of the clusters in the sum of consistencies are from equal shares (Euclidean)."""
    defined = consistencies.dropna()
    if not defined.sum():
        return float("nan")
    return float(np.sqrt(((defined / defined.sum() - 1 / len(defined)) ** 2).sum()))
