"""Secondary suppression: hide further cells until no hidden cell can be derived too closely."""

import numpy as np

from research_lib.disclosure.audit import AuditError, audit
from research_lib.disclosure.linked import TOTAL, Linked


def suppress(linked: Linked, *, rounding: int = 1, smallest_interval: int = 10) -> Linked:
    """Hide as few further cells as it takes for every hidden cell to pass the audit; totals stay.

    Each cell that fails gets one companion at a time: the smallest shown cell that stands in a sum with it. Raises
    AuditError where no cell is left to hide.
    """
    while True:
        found = audit(linked, rounding=rounding, smallest_interval=smallest_interval)
        failing = found.index[~found["is_safe"]]
        if not len(failing):
            return linked
        linked = linked.hide([_companion(linked, int(failing[0]))])


def _companion(linked: Linked, cell: int) -> int:
    lines = linked.sums[[cell in row.indices for row in linked.sums], :] if linked.sums.shape[0] else linked.sums
    beside = np.unique(lines.indices)
    free = [each for each in beside if not linked.hidden[each] and TOTAL not in linked.names[each]]
    if not free:
        raise AuditError(f"cell {' | '.join(linked.names[cell])}: nothing is left to hide beside it; drop the table")
    return int(min(free, key=lambda each: (linked.counts[each] == 0, linked.counts[each])))
