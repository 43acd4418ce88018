"""Possible tables: counts that fit all that intruders know, and so show how far a cell stays open; their solver."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import highspy
import numpy as np
from scipy import sparse

from research_lib.disclosure.linked.cell_bounds import LinkedTables, Vector

_NEAR = 1e-5
TOLERANCE = 1e-4
EXACT, QUICK = "simplex", "ipm"  # interior points come near the ends, many times sooner
_NEAR_ENOUGH = 1e-3
_FEW_STEPS, _ALL_STEPS = 2_000, 2**31 - 1


class FeasibleTables:
    """One table that is possible to all intruders, shape (N,), and others, each as what it changes in the first.

    `known`: what each intruder knows of each cell at least, shape (I, N). `low`, `high`: the ends of each cell in all
    tables that are possible to an intruder, shape (I, N).
    """

    def __init__(self, first: Vector, known: Vector):
        self.first, self.known = first, known
        self.low, self.high = (np.tile(first, (len(known), 1)) for _ in range(2))
        self._cells: list[Vector] = []
        self._changes: list[Vector] = []

    def add(self, cells: Vector, changes: Vector) -> None:
        """Add a table by what it changes in some cells of the first."""
        moved = np.abs(changes) > TOLERANCE / 100
        cells, changes = cells[moved], changes[moved]
        self._cells.append(cells)
        self._changes.append(changes)
        counts = self.first[cells] + changes
        for intruder in np.flatnonzero((counts >= self.known[:, cells] - _NEAR).all(axis=1)):
            self.low[intruder, cells] = np.minimum(self.low[intruder, cells], counts)
            self.high[intruder, cells] = np.maximum(self.high[intruder, cells], counts)

    def narrow(self, cells: Vector, wanted: Vector) -> Vector:
        """Give the cells whose ends lie less than `wanted` apart, shape (N,), for some intruder."""
        apart = (self.high[:, cells] - self.low[:, cells]).min(axis=0)
        found: Vector = cells[apart < wanted[cells] - TOLERANCE]
        return found

    def is_narrow(self, intruder: int, cell: int, wanted: float) -> bool:
        """Whether the ends of a cell lie less than `wanted` apart for an intruder."""
        return bool(self.high[intruder, cell] - self.low[intruder, cell] < wanted - TOLERANCE)

    def fitting(self, tables: LinkedTables) -> "FeasibleTables | None":
        """Keep the tables that fit some linked tables; None where the first does not."""
        low, high = tables.low - _NEAR, tables.high + _NEAR
        adds_up = np.abs(tables.sums @ self.first).max(initial=0) < _NEAR
        if not adds_up or (self.first < low).any() or (self.first > high).any():
            return None
        kept = FeasibleTables(self.first, self.known)
        for cells, changes in zip(self._cells, self._changes, strict=True):
            counts, changed = self.first[cells] + changes, np.zeros(len(self.first))
            changed[cells] = changes
            is_outside = (counts < low[cells]).any() or (counts > high[cells]).any()
            if not is_outside and np.abs(tables.sums @ changed).max(initial=0) <= _NEAR:
                kept.add(cells, changes)
        return kept

    def without(self, cell: int) -> "FeasibleTables":
        """Keep the tables that have a cell as the first one has it."""
        kept = FeasibleTables(self.first, self.known)
        for cells, changes in zip(self._cells, self._changes, strict=True):
            if cell not in cells:
                kept.add(cells, changes)
        return kept


class LinearProgramme:
    """Columns within bounds, with sums of them that are given, at the lowest cost.

    `sums`: shape (S, N). `given`: what each sum gives, shape (S,). `low`, `high`, `cost`: of each column, shape (N,).
    """

    def __init__(self, sums: sparse.csr_array, given: Vector, *, low: Vector, high: Vector, cost: Vector):
        new: Callable[[], highspy.Highs] = highspy.Highs
        with _quiet():
            self._solver = new()
        self._solver.silent()
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("ipm_optimality_tolerance", _NEAR_ENOUGH)
        has_columns = np.diff(sums.indptr) > 0
        kept = sums[has_columns]
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = kept.shape
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, low, high
        model.row_lower_ = model.row_upper_ = given[has_columns]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = kept.indptr, kept.indices, kept.data
        self._solver.passModel(model)

    def price(self, columns: Vector, cost: Vector) -> None:
        """Change the cost of some columns."""
        self._solver.changeColsCost(len(columns), columns.astype(np.int32), cost)

    def bound(self, columns: Vector, low: Vector, high: Vector) -> None:
        """Change the bounds of some columns."""
        self._solver.changeColsBounds(len(columns), columns.astype(np.int32), low, high)

    def solve(self, *algorithms: str) -> Vector | None:
        """Give the columns of a solution, even if it is not at the very end, by the first algorithm that finds one.

        The last one tries again without the solution that it began from, which can lead it astray.
        """
        for algorithm in (*algorithms, ""):
            if not algorithm:
                self._solver.clearSolver()
            self._run(algorithm or algorithms[-1])
            if (found := self._found()) is not None:
                return found
        return None

    def solve_at_corner(self) -> Vector | None:
        """Give a solution at a corner, where few columns differ from their bounds; None where there is none.

        The simplex from the last solution is quick, or endless: after some steps, interior points find a corner.
        """
        self._run(EXACT, most_steps=_FEW_STEPS)
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kIterationLimit:
            self._solver.clearSolver()
            self._run(QUICK, run_crossover="on")
        return self._found()

    def _run(self, algorithm: str, *, most_steps: int = _ALL_STEPS, run_crossover: str = "off") -> None:
        self._solver.setOptionValue("solver", algorithm)
        self._solver.setOptionValue("simplex_iteration_limit", most_steps)
        self._solver.setOptionValue("run_crossover", run_crossover)
        self._solver.run()

    def _found(self) -> Vector | None:
        if self._solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return np.asarray(self._solver.getSolution().col_value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress what the solver prints before its output can be switched off."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
