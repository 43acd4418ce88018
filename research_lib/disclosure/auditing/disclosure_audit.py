"""The disclosure audit: what an attacker can derive about each suppressed cell from all published tables together."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from research_lib.disclosure.auditing.feasible_tables import EXACT, QUICK, FeasibleTables, LinearProgramme
from research_lib.disclosure.linked.cell_bounds import LinkedTables, Vector
from research_lib.errors import ResearchError
from research_lib.published_cells import possible_ranges

_ALONE, _FEW, _SMALL = 4, 40, 8000
_ROUNDS, _TOLERANCE = 16, 1e-4
_BEYOND = 20
_NEAR, _TIME_LIMIT = 1e-6, 1


class AuditError(ResearchError):
    """Published tables contradict each other, or a suppressed cell cannot be protected."""


def audit_cells(
    tables: LinkedTables,
    *,
    among: Vector | None = None,
    protection_interval: int | Vector = 10,
    ends: bool = True,
    alone: bool = True,
) -> pd.DataFrame:
    """Find the lowest and highest possible count of each suppressed cell, and whether they lie far enough apart.

    `among`: the numbers of the cells to audit, by default all suppressed ones. `protection_interval`: how many persons
    the ends must lie apart, for all cells or for each, shape (N,). `ends`: find the exact ends of every interval;
    otherwise only possible tables that show the interval to be wide enough, which many cells can share; a cell without
    such tables counts as unsafe. `alone`: also look at each cell by itself that they leave.
    Gives cell, low, high (inf where nothing bounds it) and is_safe; the index is the cell's number. Raises AuditError
    where the tables contradict each other.
    Source: Hundepool et al. (2012), Statistical Disclosure Control, section 4.3.
    """
    cells = np.flatnonzero(tables.suppressed) if among is None else among
    wanted = np.broadcast_to(protection_interval, len(tables.low))
    search = _Search(tables)
    if ends:
        search.find_ends(cells)
    else:
        left = search.share_solutions(cells, wanted)
        if alone:
            search.widen_alone(left, wanted)
    low, high = search.ends(cells)
    frame = pd.DataFrame({"cell": [tables.name(int(cell)) for cell in cells], "low": low, "high": high}, index=cells)
    return frame.assign(is_safe=frame["high"] - frame["low"] >= wanted[cells])


def audit_whole_numbers(
    tables: LinkedTables, *, protection_interval: int | Vector = 10, seconds: float = 60
) -> pd.DataFrame:
    """Find the lowest and highest whole count of each suppressed cell, as far as the time is enough.

    `seconds`: for all cells together, beside the time of the linear programmes. Gives cell, low, high, is_safe and
    is_exact. `low` and `high` are bounds that are proved. A cell is exact where tables of whole numbers with both are
    found, and safe where such tables lie at least `protection_interval` apart; one that is not exact may be either.
    Raises AuditError where no tables of whole numbers exist.
    Source: Hundepool et al. (2012), Statistical Disclosure Control, section 4.3.
    """
    found = audit_cells(tables, protection_interval=protection_interval)
    search = _WholeTables(tables, time.monotonic() + seconds)
    ends = [search.ends(cell, low, high) for cell, low, high in found[["low", "high"]].itertuples()]
    frame = found.assign(low=[low for low, _ in ends], high=[high for _, high in ends])
    least, most = search.low[found.index], search.high[found.index]
    wanted = np.broadcast_to(protection_interval, len(tables.low))[found.index]
    is_exact = (least == frame["low"]) & ((most == frame["high"]) | np.isinf(frame["high"]) & (most >= search.beyond))
    return frame.assign(is_safe=most - least >= wanted, is_exact=is_exact)


def some_possible_tables(tables: LinkedTables, known: Vector, wanted: Vector) -> FeasibleTables:
    """Find a possible table, and others in which many suppressed cells differ from it, up to `wanted`, shape (N,).

    `known`: what each intruder knows of each cell at least, shape (I, N). Raises AuditError where the tables contradict
    each other.
    """
    tables = tables.with_known(known.max(axis=0))
    search = _Search(tables)
    possible = FeasibleTables(search.one_table(), known)
    search.widen(possible, np.flatnonzero(tables.suppressed), wanted)
    return possible


def widen_further(tables: LinkedTables, possible: FeasibleTables, wanted: Vector) -> None:
    """Add possible tables in which many suppressed cells that are still narrow differ."""
    narrow = possible.narrow(np.flatnonzero(tables.suppressed), wanted)
    if len(narrow) > _ALONE:
        tables = tables.with_known(possible.known.max(axis=0))
        _Search(tables).widen(possible, narrow, wanted)


def far_beyond(low: Vector, high: Vector) -> float:
    """Give a count that only a cell without a bound can reach; `low`, `high`: the ends of each cell.

    Where little is shown, the largest count that anybody knows can be a lowest one.
    """
    return float(_BEYOND * (1 + max(low.max(initial=1), high[np.isfinite(high)].max(initial=1))))


class _Search:
    """Possible tables, found by a series of linear programmes."""

    def __init__(self, tables: LinkedTables):
        low, high = possible_ranges(tables.low, tables.high, tables.sums)
        if (low > high).any():
            raise _contradiction(tables, int(np.argmax(low > high)))
        self.tables, self.width, self.outer_low, self.outer_high = tables, high - low, low, high
        self.low, self.high = np.where(high > low, np.inf, low), np.where(high > low, -np.inf, high)
        self.beyond = far_beyond(low, high)
        self.on_found: Callable[[Vector], object] = lambda _found: None
        self.open = np.flatnonzero(high > low)
        self.place = np.full(len(low), -1, np.int32)
        self.place[self.open] = np.arange(len(self.open))
        self.is_small = len(self.open) <= _SMALL
        self.algorithm = EXACT if self.is_small else QUICK
        high = np.minimum(high, 10 * self.beyond)
        known = np.where(high > low, 0, low)
        self.programme = LinearProgramme(
            tables.sums[:, self.open].tocsr(),
            -(tables.sums @ known),
            low=low[self.open],
            high=high[self.open],
            cost=np.zeros(len(self.open)),
        )

    def ends(self, cells: Vector) -> tuple[Vector, Vector]:
        """Give the lowest and highest whole counts of some cells in all tables found so far."""
        low, high = np.ceil(self.low[cells] - _TOLERANCE) + 0.0, np.floor(self.high[cells] + _TOLERANCE)
        return low, np.where(high >= self.beyond, np.inf, high)

    def find_ends(self, cells: Vector) -> None:
        """Find the lowest and the highest count of each of some cells."""
        for cell in cells[self.width[cells] > 0]:
            for sign in (1.0, -1.0):
                self._solve(np.array([cell]), np.array([sign]))

    def one_table(self) -> Vector:
        """Give one possible table, at a corner."""
        table = self.outer_low.copy()
        if len(self.open):
            found = self.programme.solve(EXACT)
            if found is None:
                raise _contradiction(self.tables, int(self.open[0]))
            table[self.open] = found
        return table

    def widen(self, possible: FeasibleTables, cells: Vector, wanted: Vector) -> None:
        """Add tables to others, in which many cells lie farther apart."""
        self.low, self.high = possible.low.max(axis=0), possible.high.min(axis=0)
        self.on_found = lambda found: possible.add(self.open, found - possible.first[self.open])
        self.share_solutions(cells, wanted)

    def share_solutions(self, cells: Vector, wanted: Vector) -> Vector:
        """Widen many cells at once, some times; gives those whose intervals are still too narrow."""
        left: Vector = cells[self.width[cells] >= wanted[cells]]
        self.algorithm, draw = QUICK, np.random.default_rng(1)
        for _ in range(_ROUNDS):
            if len(left) <= _ALONE:
                break
            self._solve(left, self._towards_the_wider_gap(left) * draw.uniform(0.5, 1.5, len(left)))
            left = self._still_narrow(left, wanted)
        return left

    def widen_alone(self, cells: Vector, wanted: Vector) -> None:
        """Widen cells one by one, where they are few or the tables small; then exactly."""
        self._widen_each(cells if self.is_small else cells[:_FEW], wanted)
        if self.is_small:
            self.algorithm = EXACT
            self._widen_each(cells, wanted)

    def _widen_each(self, cells: Vector, wanted: Vector) -> None:
        for cell in cells:
            if len(self._still_narrow(np.array([cell]), wanted)):
                self.find_ends(np.array([cell]))

    def _still_narrow(self, cells: Vector, wanted: Vector) -> Vector:
        low, high = self.ends(cells)
        narrow: Vector = cells[high - low < wanted[cells]]
        return narrow

    def _towards_the_wider_gap(self, cells: Vector) -> Vector:
        """Whether to make each cell small (1) or large (-1): towards the end farthest from all tables found so far."""
        below, above = self.low[cells] - self.outer_low[cells], self.outer_high[cells] - self.high[cells]
        return np.where(below >= above, 1.0, -1.0)

    def _solve(self, cells: Vector, cost: Vector) -> None:
        places = self.place[cells]
        self.programme.price(places, cost)
        found = self.programme.solve(self.algorithm, EXACT)
        if found is None:
            raise _contradiction(self.tables, int(cells[0]))
        self.on_found(found)
        self.low[self.open] = np.minimum(self.low[self.open], found)
        self.high[self.open] = np.maximum(self.high[self.open], found)
        self.programme.price(places, np.zeros(len(places)))


def _contradiction(tables: LinkedTables, cell: int) -> AuditError:
    return AuditError(f"cell {tables.name(cell)}: the published tables contradict each other; count the cases again")


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
