"""A linear programme whose bounds and costs change from one solution to the next."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import highspy
import numpy as np
from scipy import sparse

Vector = np.ndarray
EXACT, QUICK = "simplex", "ipm"  # interior points come near the ends, many times sooner
_NEAR_ENOUGH = 1e-3
_FEW_STEPS, _ALL_STEPS = 2_000, 2**31 - 1


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
