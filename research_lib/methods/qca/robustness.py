"""How much of a solution depends on a threshold, a case, a cell, readers and chance, and whether it holds everywhere.

Each check takes the analysis as a function, and so repeats exactly what was done. Source:
Oana and Schneider (2024), A robustness test protocol for applied QCA, Sociological Methods and Research 53(1).
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, is_number, need_whole
from research_lib.methods.qca.solutions import Kind, Solution, minimize
from research_lib.methods.qca.truth_tables import truth_table

_COLUMNS = ["models", "same", "shared_terms", "consistency", "coverage", "note"]
_DEGREES = (0, 0.33, 0.67, 1)


@dataclass(frozen=True)
class ThresholdRange:
    """Within which values of a threshold the models stay what they are.

    `low` and `high`: the farthest of the values tried, in one run around `at`. `tried`: one row a value.
    """

    at: float
    low: float
    high: float
    tried: pd.DataFrame


def analysis(
    *, outcome: str, conditions: Sequence[str], solution: Kind = "conservative", **thresholds: Any
) -> Callable[[pd.DataFrame], Solution]:
    """Give a whole analysis, from cases to their solution, as the function that the checks here repeat.

    `thresholds`: those of `truth_table`, such as inclusion and frequency.

    Not for: one analysis; look at its truth table before it is minimised.
    """

    def analyse(data: pd.DataFrame) -> Solution:
        return minimize(truth_table(data, outcome=outcome, conditions=conditions, **thresholds), solution)

    return analyse


def threshold_range(analyse: Callable[[float], Solution], values: Iterable[float], *, at: float) -> ThresholdRange:
    """Repeat an analysis with other values of one threshold, and say how far the models stay the same.

    `analyse`: makes the solution for a value of the threshold. `values`: what to try, `at` the value that was used.
    A value for which the analysis is refused counts as different, with the reason in `note`.

    Not for: finding a threshold; it must have its reason before.
    """
    ordered = sorted({float(value) for value in values} | {float(at)})
    base = analyse(at)
    rows = [(value, *_comparison(analyse, value, base)) for value in ordered]
    tried = pd.DataFrame(rows, columns=["value", *_COLUMNS])
    position = ordered.index(float(at))
    same = tried["same"].tolist()
    low = max((place + 1 for place in range(position) if not same[place]), default=0)
    high = min((place - 1 for place in range(position, len(same)) if not same[place]), default=len(same) - 1)
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
    rows = [(key, *_comparison(analyse, data[[other != key for other in keys]], base)) for key in dict.fromkeys(keys)]
    return pd.DataFrame(rows, columns=["left_out", *_COLUMNS])


def _comparison(analyse: Callable[[Any], Solution], given: Any, base: Solution) -> tuple[object, ...]:
    try:
        found = analyse(given)
    except UnfitDataError as refusal:
        return 0, False, 0.0, float("nan"), float("nan"), str(refusal)
    terms, found_terms = ({frozenset(model.terms) for model in each.models} for each in (base, found))
    shared = len(set().union(*terms) & set().union(*found_terms)) / len(set().union(*terms))
    whole = found.models[0].whole
    return found.count, terms == found_terms, shared, whole.consistency, whole.coverage, ""


def over_versions(versions: Mapping[str, pd.DataFrame], analyse: Callable[[pd.DataFrame], Solution]) -> pd.DataFrame:
    """Repeat an analysis on other versions of the data, such as each reader's calibration, and say what comes out.

    `versions`: a name and a frame each. One row a version, under its name: cases, result (the tied models, or why the
    analysis was refused).

    Not for: counting versions as votes.
    """
    rows = {name: (len(data), _result(analyse, data)[0]) for name, data in versions.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["cases", "result"]).rename_axis("version")


def over_steps(
    data: pd.DataFrame, analyse: Callable[[pd.DataFrame], Solution], *, degrees: Sequence[float] = _DEGREES
) -> pd.DataFrame:
    """Repeat an analysis with one cell moved by one step of the scale, each cell in turn, and say what comes out.

    `degrees`: the scale, in rising order. One row a move: case, set, before, after, result (the tied models, or why the
    analysis was refused), same (as without a move). Raises UnfitDataError for a cell that is not a degree of the scale.

    Not for: showing that a table is right; two cells may be wrong at once.
    """
    _need_memberships(data)
    base = _result(analyse, data)[0]
    rows = [
        (case, name, before, after, _result(analyse, moved)[0])
        for case, name, before, after, moved in _one_step_changes(data, list(degrees))
    ]
    frame = pd.DataFrame(rows, columns=["case", "set", "before", "after", "result"])
    return frame.assign(same=frame["result"] == base)


def over_fillings(
    data: pd.DataFrame,
    analyse: Callable[[pd.DataFrame], Solution],
    *,
    values: Sequence[float] = (0.33, 0.67),
    most: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """Repeat an analysis with every empty cell filled one way and another, and say how often each result comes.

    `values`: what an empty cell may be. All ways are tried where there are at most `most`; otherwise so many, drawn
    with `seed`. One row a result, the commonest first: result (the tied models, or why an analysis was refused),
    fillings, share, is_exhaustive. Raises UnfitDataError for a column of words, and for options that are not numbers.

    Not for: guessing what is unknown. A share counts ways to fill cells; it is not a probability.
    """
    _need_memberships(data)
    if np.ndim(values) != 1 or not len(values) or not all(map(is_number, values)):
        raise UnfitDataError(f"values is {values!r}; write one or more memberships or levels, such as (0.33, 0.67)")
    need_whole("most", most, 1)
    empty = np.argwhere(data.isna().to_numpy())
    exhaustive = len(values) ** len(empty) <= most
    random = np.random.default_rng(need_whole("seed", seed, 0))
    ways = itertools.product(values, repeat=len(empty)) if exhaustive else random.choice(values, (most, len(empty)))
    found: Counter[str] = Counter()
    for way in ways:
        cells = data.to_numpy(dtype=float, copy=True)
        cells[tuple(empty.T)] = list(way)
        found[_result(analyse, pd.DataFrame(cells, index=data.index, columns=data.columns))[0]] += 1
    frame = pd.DataFrame(found.most_common(), columns=["result", "fillings"])
    return frame.assign(share=frame["fillings"] / frame["fillings"].sum(), is_exhaustive=exhaustive)


def over_shuffles(
    data: pd.DataFrame,
    analyse: Callable[[pd.DataFrame], Solution],
    *,
    outcome: str,
    shuffles: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Repeat an analysis with the outcome dealt to the cases at random, where nothing leads to it; say what comes out.

    `shuffles`: how often; the same `seed` gives the same. One row an analysis, the one of the data as they are first:
    shuffle (0 for the data), result (the tied models, or why the analysis was refused), coverage (the highest of tied
    models; 0 where it was refused). How many shuffles cover as much as the data tells what chance alone may do.

    Source: Braumoeller (2015), Guarding against false positives in qualitative comparative analysis, Political Analysis
    23, 471-487. Not for: a few cases; there are few ways to deal their outcome.
    """
    check_columns(data, [outcome])
    first, count = need_whole("seed", seed, 0), need_whole("shuffles", shuffles, 1)
    dealt = [data[outcome].sample(frac=1, random_state=first + n).to_numpy() for n in range(count)]
    rows = [
        (n, *_result(analyse, data.assign(**{outcome: column})))
        for n, column in enumerate([data[outcome].to_numpy(), *dealt])
    ]
    return pd.DataFrame(rows, columns=["shuffle", "result", "coverage"])


def _need_memberships(data: pd.DataFrame) -> None:
    if wrong := [name for name in data if not pd.api.types.is_numeric_dtype(data[name])]:
        raise UnfitDataError(f"{wrong[0]}: it holds words; give conditions and outcome only, as memberships")


def _one_step_changes(
    data: pd.DataFrame, degrees: list[float]
) -> Iterator[tuple[object, object, float, float, pd.DataFrame]]:
    cells = data.to_numpy(dtype=float)
    for row, column in np.ndindex(*cells.shape):
        before, case, name = cells[row, column], data.index[row], data.columns[column]
        if before not in degrees:
            raise UnfitDataError(f"{case}, {name}: {before:g} is not a degree of the scale; the scale is {degrees}")
        at = degrees.index(before)
        for after in degrees[max(at - 1, 0) : at] + degrees[at + 1 : at + 2]:
            moved = cells.copy()
            moved[row, column] = after
            yield case, name, before, after, pd.DataFrame(moved, index=data.index, columns=data.columns)


def _result(analyse: Callable[[pd.DataFrame], Solution], data: pd.DataFrame) -> tuple[str, float]:
    """The tied models and the highest coverage of them, or why the analysis was refused."""
    try:
        models = analyse(data).models
    except UnfitDataError as refusal:
        return f"refused: {refusal}", 0.0
    return " or ".join(map(str, models)), max(model.whole.coverage for model in models)
