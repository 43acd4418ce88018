"""How much of a solution depends on a threshold or on a single case.

Each check takes the analysis as a function, and so repeats exactly what was done. Source:
Oana and Schneider (2024), A robustness test protocol for applied QCA, Sociological Methods and Research 53(1).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns
from research_lib.methods.qca.solutions import Solution

_COLUMNS = ["models", "same", "shared_terms", "consistency", "coverage", "note"]


@dataclass(frozen=True)
class ThresholdRange:
    """Within which values of a threshold the models stay what they are.

    `low` and `high`: the farthest of the values tried, in one run around `at`. `tried`: one row a value.
    """

    at: float
    low: float
    high: float
    tried: pd.DataFrame


def threshold_range(analyse: Callable[[float], Solution], values: Iterable[float], *, at: float) -> ThresholdRange:
    """Repeat an analysis with other values of one threshold, and say how far the models stay the same.

    `analyse`: makes the solution for a value of the threshold. `values`: what to try, `at` the value that was used.
    A value for which the analysis is refused counts as different, with the reason in `note`.

    Not for: finding a threshold; it must have its reason before.
    """
    ordered = sorted({float(value) for value in values} | {float(at)})
    base = analyse(at)
    tried = pd.DataFrame([{"value": value} | _comparison(partial(analyse, value), base) for value in ordered])
    position = ordered.index(float(at))
    same = tried["same"].tolist()
    low, high = position, position
    while low > 0 and same[low - 1]:
        low -= 1
    while high < len(ordered) - 1 and same[high + 1]:
        high += 1
    return ThresholdRange(float(at), ordered[low], ordered[high], tried)


def leave_one_out(
    data: pd.DataFrame, analyse: Callable[[pd.DataFrame], Solution], by: str | None = None
) -> pd.DataFrame:
    """Repeat an analysis without each case, or without each country (`by`), and say what changes.

    One row a case or group left out: left_out, models (how many are tied), same, shared_terms (the share of the terms
    of all models that are found again), consistency and coverage of the first model, note (why it was refused). Models
    are compared as far as they are listed. Where leaving out may take away the highest level of a condition, give
    `truth_table` its `levels`, so that the same literal is written the same way.

    Not for: deciding which case to drop.
    """
    check_columns(data, [] if by is None else [by])
    if by is not None and data[by].isna().any():
        raise UnfitDataError(f"{data.index[data[by].isna()][0]}, {by}: the cell is empty; say where the case belongs")
    keys = list(data.index if by is None else data[by])
    base = analyse(data)
    rows = [
        {"left_out": key} | _comparison(partial(analyse, data[[other != key for other in keys]]), base)
        for key in dict.fromkeys(keys)
    ]
    return pd.DataFrame(rows, columns=["left_out", *_COLUMNS])


def _comparison(analyse: Callable[[], Solution], base: Solution) -> dict[str, object]:
    try:
        found = analyse()
    except UnfitDataError as refusal:
        return dict(zip(_COLUMNS, (0, False, 0.0, float("nan"), float("nan"), str(refusal)), strict=True))
    terms, found_terms = _models(base), _models(found)
    shared = len(set().union(*terms) & set().union(*found_terms)) / len(set().union(*terms))
    whole = found.models[0].whole
    values = (found.count, terms == found_terms, shared, whole.consistency, whole.coverage, "")
    return dict(zip(_COLUMNS, values, strict=True))


def _models(solution: Solution) -> set[frozenset[str]]:
    return {frozenset(model.terms) for model in solution.models}
