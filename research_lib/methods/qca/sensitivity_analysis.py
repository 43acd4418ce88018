"""Sensitivity analysis: how much of a solution depends on filled cells, moved cells, the reader and chance.

Each check takes the analysis as a function, and so repeats exactly what was done.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, is_number, need_whole
from research_lib.methods.qca.solutions import Solution

_DEGREES = (0, 0.33, 0.67, 1)


def over_versions(versions: Mapping[str, pd.DataFrame], analyse: Callable[[pd.DataFrame], Solution]) -> pd.DataFrame:
    """Repeat an analysis on other versions of the data, such as each reader's calibration, and say what comes out.

    `versions`: a name and a frame each. One row a version, under its name: cases, result (the tied models, or why the
    analysis was refused).

    Not for: counting versions as votes.
    """
    rows = {name: (len(data), _result(partial(analyse, data))) for name, data in versions.items()}
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
    base = _result(partial(analyse, data))
    rows = [
        (case, name, before, after, _result(partial(analyse, moved)))
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
    found = Counter(_result(partial(analyse, _filled(data, empty, way))) for way in ways)
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
        (n, *_covered(partial(analyse, data.assign(**{outcome: column}))))
        for n, column in enumerate([data[outcome].to_numpy(), *dealt])
    ]
    return pd.DataFrame(rows, columns=["shuffle", "result", "coverage"])


def _covered(analyse: Callable[[], Solution]) -> tuple[str, float]:
    try:
        models = analyse().models
    except UnfitDataError as refusal:
        return f"refused: {refusal}", 0.0
    return " or ".join(map(str, models)), max(model.whole.coverage for model in models)


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


def _filled(data: pd.DataFrame, empty: np.ndarray, way: Iterable[float]) -> pd.DataFrame:
    cells = data.to_numpy(dtype=float, copy=True)
    cells[tuple(empty.T)] = list(way)
    return pd.DataFrame(cells, index=data.index, columns=data.columns)


def _result(analyse: Callable[[], Solution]) -> str:
    try:
        return " or ".join(map(str, analyse().models))
    except UnfitDataError as refusal:
        return f"refused: {refusal}"
