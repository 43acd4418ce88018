"""The audit: what an attacker can derive about each hidden cell, from all that is published together."""

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from research_lib.disclosure.linked import Linked
from research_lib.errors import ResearchError

_UNBOUNDED = 3


class AuditError(ResearchError):
    """Published tables contradict each other, or a hidden cell cannot be protected."""


def audit(linked: Linked, *, rounding: int = 1, smallest_interval: int = 10) -> pd.DataFrame:
    """Say of each hidden cell from which to which count it can be, and whether that leaves enough open.

    `rounding`: the base of the shown cells, 1 where they are exact. `smallest_interval`: how many persons the ends must
    lie apart. Gives cell, count, low, high (inf where nothing bounds it), is_safe. Raises AuditError where the tables
    contradict each other. Source: Hundepool et al. (2012), Statistical Disclosure Control, section 4.3.
    """
    cells = np.flatnonzero(linked.hidden)
    ends = [_interval(linked, int(cell), rounding) for cell in cells]
    frame = pd.DataFrame(ends, columns=["low", "high"], index=cells)
    frame.insert(0, "count", linked.counts[cells])
    frame.insert(0, "cell", [" | ".join(linked.names[cell]) for cell in cells])
    return frame.assign(is_safe=frame["high"] - frame["low"] >= smallest_interval)


def _interval(linked: Linked, cell: int, rounding: int) -> tuple[float, float]:
    low, high = (_end(linked, cell, rounding, sign) for sign in (1, -1))
    return float(np.ceil(low - 1e-6)) + 0.0, float(np.floor(high + 1e-6)) if np.isfinite(high) else np.inf


def _end(linked: Linked, cell: int, rounding: int, sign: int) -> float:
    """The smallest (1) or largest (-1) count of a cell, by linear programming."""
    goal = np.zeros(len(linked.counts))
    goal[cell] = sign
    found = linprog(
        goal, A_eq=linked.sums, b_eq=np.zeros(linked.sums.shape[0]), bounds=np.column_stack(linked.known(rounding))
    )
    if found.status == _UNBOUNDED:
        return np.inf
    if found.status:
        raise AuditError(
            f"cell {' | '.join(linked.names[cell])}: the published tables contradict each other; count anew"
        )
    return sign * found.fun
