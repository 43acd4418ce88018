"""A reader who knows changes: all that follows, at every date, from each release and each known change, exactly.

Nothing here is taken from the package. The unknown are the tables of all variables at each date, so that everything
follows that any of its sums tells. Known of each date: what its release shows, exactly; which of its hidden cells are not
empty; the reader's own records; and how much each cell of its tables differs from today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import highspy
import numpy as np
import pandas as pd
from scipy import sparse

Cell = frozenset[tuple[str, str]]
Vector = np.ndarray
NEAR, FAR = 1e-5, 1e4


@dataclass(frozen=True)
class Dated:
    """One release, and the records of its day."""

    release: Any
    frame: pd.DataFrame


class ChangeAttack:
    """All releases up to today.

    `nested`: pairs of variables, each value of the first within one of the second; `combined`: variables whose
    combinations are only those that some record has.
    """

    def __init__(self, dated: Sequence[Dated], nested: Sequence[tuple[str, str]] = (), combined: Sequence[str] = ()):
        self.dated, self.now = dated, dated[-1].frame
        entries = [entry for each in dated for entry in each.release.manifest["tables"]]
        self.variables = sorted({name for entry in entries for name in entry["variables"]})
        every = pd.concat([each.frame for each in dated])
        self.values = [sorted(set(every[name])) for name in self.variables]
        self.joint = pd.DataFrame(list(product(*self.values)), columns=self.variables)
        possible = np.ones(len(self.joint), bool)
        for fine, coarse in nested:
            pairs = set(zip(every[fine], every[coarse], strict=True))
            possible &= [pair in pairs for pair in zip(self.joint[fine], self.joint[coarse], strict=True)]
        if combined:
            there = set(every[list(combined)].itertuples(index=False, name=None))
            possible &= [row in there for row in self.joint[list(combined)].itertuples(index=False, name=None)]
        self.joint = self.joint[possible].reset_index(drop=True)
        self.seen = [self._read(each) for each in dated]
        known = {cell for cells in self.seen for cell, is_shown in cells.items() if is_shown}
        self.known = known
        self.hidden = sorted({cell for cells in self.seen for cell in cells} - known, key=sorted)

    def _read(self, dated: Dated) -> dict[Cell, bool]:
        """Each cell of a release with whether its count is shown, or that it is zero."""
        found = {}
        for entry in dated.release.manifest["tables"]:
            table, names = dated.release.tables[entry["name"]], entry["variables"]
            for row, status in zip(table[names].itertuples(index=False), table["status"], strict=True):
                if "no_answer" not in row:
                    found[frozenset(zip(names, row, strict=True))] = status != "hidden"
        return found

    def within(self, cell: Cell, frame: pd.DataFrame) -> Vector:
        """Which rows of a frame lie in a cell."""
        inside = np.ones(len(frame), bool)
        for name, value in cell:
            inside &= (frame[name] == value).to_numpy()
        return inside

    def count(self, cell: Cell, frame: pd.DataFrame) -> int:
        """How many records a cell has."""
        return int(self.within(cell, frame).sum())

    @cached_property
    def _rows(self) -> tuple[sparse.csr_array, Vector, Vector]:
        """What everybody knows: sums of the tables of all dates, each from its lowest to its highest value."""
        size, last, rows, low, high = len(self.joint), len(self.dated) - 1, [], [], []
        for at, (dated, cells) in enumerate(zip(self.dated, self.seen, strict=True)):
            for cell in cells:
                inside, count = self.within(cell, self.joint).astype(float), self.count(cell, dated.frame)
                row = np.zeros(size * len(self.dated))
                row[at * size : (at + 1) * size] = inside
                is_known = cell in self.known
                rows.append(row)
                low.append(count if is_known else min(count, 1))
                high.append(count if is_known else np.inf)
                if at != last and not is_known:
                    change = row.copy()
                    change[last * size :] -= inside
                    rows.append(change)
                    low.append(count - self.count(cell, self.now))
                    high.append(low[-1])
        return sparse.csr_array(np.array(rows)), np.array(low, float), np.array(high, float)

    def ranges(self, source: str = "") -> dict[Cell, tuple[float, float]]:
        """From which to which whole number each hidden cell can be today, to everybody or to one source."""
        matrix, low, high = self._rows
        own = [self._own(each.frame[each.frame["source_id"] == source]) for each in self.dated]
        solver = _solver(matrix, low, high, np.concatenate(own))
        last = (len(self.dated) - 1) * len(self.joint)
        found = {}
        for cell in self.hidden:
            columns = last + np.flatnonzero(self.within(cell, self.joint))
            least, most = (sign * _end(solver, columns, sign) for sign in (1.0, -1.0))
            found[cell] = float(np.ceil(least - NEAR)), float(np.floor(most + NEAR) if np.isfinite(most) else np.inf)
        return found

    def _own(self, records: pd.DataFrame) -> Vector:
        counts = records.groupby(self.variables).size()
        return counts.reindex(pd.MultiIndex.from_frame(self.joint), fill_value=0).to_numpy(float)


def _solver(matrix: sparse.csr_array, low: Vector, high: Vector, least: Vector) -> Any:
    solver, model = highspy.Highs(), highspy.HighsLp()
    solver.silent()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = np.zeros(len(least)), least, np.full(len(least), FAR)
    model.row_lower_, model.row_upper_ = low, high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    solver.passModel(model)
    return solver


def _end(solver: Any, columns: Vector, sign: float) -> float:
    """The least sum of some columns, or with its sign turned; minus infinity where nothing bounds it."""
    places = columns.astype(np.int32)
    solver.changeColsCost(len(places), places, np.full(len(places), sign))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        solver.clearSolver()  # what it began from can lead it astray
        solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    value = solver.getInfo().objective_function_value
    solver.changeColsCost(len(places), places, np.zeros(len(places)))
    return -np.inf if value < -FAR / 2 else float(value)
