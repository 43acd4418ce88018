"""Whole numbers: how far a suppressed cell stays open to a reader who knows that counts have no fractions."""

import time

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from research_lib.disclosure.auditing.disclosure_audit import AuditError, audit_cells, far_beyond
from research_lib.disclosure.auditing.possible_range import possible_ranges
from research_lib.disclosure.linked.linked_tables import LinkedTables, Vector

_NEAR, _TIME_LIMIT = 1e-6, 1


def audit_whole_numbers(
    tables: LinkedTables, *, smallest_interval: int | Vector = 10, seconds: float = 60
) -> pd.DataFrame:
    """Find the lowest and highest whole count of each suppressed cell, as far as the time is enough.

    `seconds`: for all cells together, beside the time of the linear programmes. Gives cell, low, high, is_safe and
    is_exact. `low` and `high` are bounds that are proved. A cell is exact where tables of whole numbers with both are
    found, and safe where such tables lie at least `smallest_interval` apart; one that is not exact may be either.
    Raises AuditError where no tables of whole numbers exist.
    Source: Hundepool et al. (2012), Statistical Disclosure Control, section 4.3.
    """
    found = audit_cells(tables, smallest_interval=smallest_interval)
    search = _WholeTables(tables, time.monotonic() + seconds)
    ends = [search.ends(cell, low, high) for cell, low, high in found[["low", "high"]].itertuples()]
    frame = found.assign(low=[low for low, _ in ends], high=[high for _, high in ends])
    least, most = search.low[found.index], search.high[found.index]
    wanted = np.broadcast_to(smallest_interval, len(tables.low))[found.index]
    is_exact = (least == frame["low"]) & ((most == frame["high"]) | np.isinf(frame["high"]) & (most >= search.beyond))
    return frame.assign(is_safe=most - least >= wanted, is_exact=is_exact)


class _WholeTables:
    """Tables of whole numbers, found one by one; `low` and `high` hold the ends of all cells in those found so far."""

    def __init__(self, tables: LinkedTables, deadline: float):
        low, high = possible_ranges(tables.low, tables.high, tables.sums)
        self._tables, self._deadline, self.beyond = tables, deadline, far_beyond(low, high)
        self.low, self.high = np.where(high > low, np.inf, low), np.where(high > low, -np.inf, high)
        self._open = np.flatnonzero(high > low)
        self._lowest = np.ceil(low - _NEAR)[self._open]
        self._highest = np.floor(np.minimum(high, 10 * self.beyond))[self._open]
        given = -(tables.sums @ np.where(high > low, 0, low))
        self._sums = LinearConstraint(tables.sums[:, self._open], given, given)

    def ends(self, cell: int, low: float, high: float) -> tuple[float, float]:
        """Give bounds of a cell that are proved: those given, or narrower ones."""
        if self.low[cell] > low:
            low = max(low, self._end(cell, 1))
        if self.high[cell] < min(high, self.beyond):
            high = min(high, -self._end(cell, -1))
        return low, np.inf if high >= self.beyond else high

    def _end(self, cell: int, sign: int) -> float:
        """Give what is proved of the lowest (1) count of a cell, or of the highest with its sign turned (-1)."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            return -np.inf
        cost, integer = np.where(self._open == cell, sign, 0), np.ones(len(self._open))
        bounds = Bounds(self._lowest, self._highest)
        result = milp(cost, integrality=integer, bounds=bounds, constraints=self._sums, options={"time_limit": left})
        if result.x is None:
            if result.status == _TIME_LIMIT:
                return -np.inf
            raise AuditError(
                f"cell {self._tables.name(cell)}: no whole counts fit the published tables; count the cases again"
            )
        table = np.round(result.x)
        self.low[self._open] = np.minimum(self.low[self._open], table)
        self.high[self._open] = np.maximum(self.high[self._open], table)
        return float(np.ceil(result.mip_dual_bound - _NEAR))
