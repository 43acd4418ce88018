"""Calibrations with moved cells: what is then enough for the outcome, and how firmly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods import qca

DEGREES = (0.0, 0.33, 0.67, 1.0)
MOST_CONDITIONS = 4
_MOST_STEPS = 400
_TRIES = [cut / 20 for cut in range(10, 21)]
type Cell = tuple[str, str]


@dataclass(frozen=True)
class Analysis:
    """How a table of calibrations is analysed: the outcome, the conditions and the threshold."""

    outcome: str
    conditions: tuple[str, ...]
    inclusion: float = 0.8

    def solve(self, cases: pd.DataFrame, inclusion: float | None = None) -> qca.Solution:
        """Find the parsimonious solution for the outcome; raises UnfitDataError where there is none."""
        cut = self.inclusion if inclusion is None else inclusion
        table = qca.truth_table(cases, outcome=self.outcome, conditions=list(self.conditions), inclusion=cut)
        return qca.minimize(table, "parsimonious")


@dataclass(frozen=True)
class CellsFinding:
    """What is enough for the outcome: every tied model, its fit, and the rows; or why the analysis is refused."""

    cases: pd.DataFrame
    models: tuple[str, ...] = ()
    consistency: float = float("nan")
    coverage: float = float("nan")
    refusal: str = ""


@dataclass(frozen=True)
class Firmness:
    """How many moves of a single cell change the models, and within which thresholds they stay the same.

    `moves`: how many there are; `others`: the moves that change the models, one a row. `low`, `high`: the thresholds.
    `left_out`: the cases without which the models are others; `alike`: cases with the same memberships which, left out
    together, give others or none, and what is found without them.
    """

    moves: int
    others: pd.DataFrame
    low: float
    high: float
    left_out: tuple[str, ...]
    alike: tuple[tuple[tuple[str, ...], CellsFinding], ...] = ()


@dataclass(frozen=True)
class WhatIfResult:
    """The analysis of the cells as they are coded, and with the moved ones; `firmness`: of the latter."""

    analysis: Analysis
    before: CellsFinding
    after: CellsFinding
    moved: Mapping[Cell, float]
    firmness: Firmness | None

    @property
    def is_changed(self) -> bool:
        """Whether the moved cells give other models, or none."""
        return set(self.before.models) != set(self.after.models)


def calibrated(calibrations: pd.DataFrame, coder: str) -> pd.DataFrame:
    """Lay out a coder's memberships, one row a situation, one column a set; what is not told is missing."""
    own = calibrations[calibrations["coder"].eq(coder)]
    return own.pivot(index="situation_id", columns="set_code", values="membership")


def move(calibrated: pd.DataFrame, moved: Mapping[Cell, float]) -> pd.DataFrame:
    """Give some cells another membership; NaN takes it away. Raises UnfitDataError for a cell that is not there."""
    changed = calibrated.copy()
    for (case, name), degree in moved.items():
        if case not in changed.index or name not in changed:
            raise UnfitDataError(f"there is no cell {name!r} of {case!r} in these calibrations")
        changed.loc[case, name] = degree
    return changed


def what_if(calibrated: pd.DataFrame, analysis: Analysis, moved: Mapping[Cell, float]) -> WhatIfResult:
    """Analyse calibrations as they are and with moved cells, and say how firm the second result is.

    Raises UnfitDataError for conditions that do not fit. Not for: moving cells until the solution looks good; a cell
    is moved because somebody who reads the lines may code it so.
    """
    if not 1 <= len(analysis.conditions) <= MOST_CONDITIONS:
        raise UnfitDataError(f"choose one to {MOST_CONDITIONS} conditions; with more, each case is a row of its own")
    names = [*analysis.conditions, analysis.outcome]
    before, after = (find(cells[names].dropna(), analysis) for cells in (calibrated, move(calibrated, moved)))
    return WhatIfResult(analysis, before, after, dict(moved), firmness(after.cases, analysis) if after.models else None)


def find(cases: pd.DataFrame, analysis: Analysis) -> CellsFinding:
    """Analyse the cases of which everything is told."""
    if cases.empty:
        return CellsFinding(cases, refusal="of no case all the conditions and the outcome are told")
    try:
        models = analysis.solve(cases).models
    except UnfitDataError as refusal:
        return CellsFinding(cases, refusal=str(refusal))
    whole = models[0].whole
    return CellsFinding(cases, tuple(map(str, models)), whole.consistency, whole.coverage)


def firmness(cases: pd.DataFrame, analysis: Analysis) -> Firmness:
    """Move each cell by one step, try other thresholds, and leave out each case, and all cases that are coded alike."""
    stepped = cases if cases.size * 2 <= _MOST_STEPS else cases.head(0)
    steps = qca.over_steps(stepped, analysis.solve, degrees=DEGREES)
    around = qca.threshold_range(partial(analysis.solve, cases), _TRIES, at=analysis.inclusion)
    without = qca.leave_one_out(cases, analysis.solve)
    return Firmness(
        moves=len(steps),
        others=steps[~steps["same"]].drop(columns="same"),
        low=around.low,
        high=around.high,
        left_out=tuple(without.loc[~without["same"], "left_out"]),
        alike=tuple(_without_alike(cases, analysis)),
    )


def _without_alike(cases: pd.DataFrame, analysis: Analysis) -> Iterator[tuple[tuple[str, ...], CellsFinding]]:
    base = set(find(cases, analysis).models)
    for _, same in cases.groupby(list(cases), sort=False):
        found = find(cases.drop(index=same.index), analysis)
        if len(same) > 1 and set(found.models) != base:
            yield tuple(same.index), found


def best_conditions(calibrated: pd.DataFrame, outcome: str) -> tuple[str, ...]:
    """The two sets of which most is told together with the outcome and which vary, to begin with.

    Not for: choosing conditions; these have their reason in the study's question.
    """
    others = [name for name in calibrated if name != outcome]
    told = {pair: calibrated[[*pair, outcome]].dropna() for pair in combinations(others, 2)}
    varying = {pair: cases for pair, cases in told.items() if len(cases) and cases.round().nunique().min() > 1}
    with_result = [pair for pair, cases in varying.items() if find(cases, Analysis(outcome, pair)).models]
    return max(with_result or varying or told, key=lambda pair: len(told[pair]), default=())
