"""Secondary suppression: hide further cells until no suppressed cell can be derived too closely."""

from collections.abc import Sequence

import numpy as np

from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.suppression.companions import Companions
from research_lib.disclosure.suppression.disclosure_audit import audit_cells
from research_lib.disclosure.suppression.linked_tables import LinkedTables, Vector


def suppress(
    tables: LinkedTables,
    *,
    readers: Sequence[Vector] = (),
    smallest_interval: int | Vector = 10,
    progress: Progress = str,
) -> LinkedTables:
    """Suppress further cells until every suppressed cell passes the audit; fixed cells stay.

    `tables`: with shown counts that are known exactly. `readers`: what each reader knows of the cells without the
    tables, shape (N,) each; by default nothing. `smallest_interval`: how many persons must stay open, for all cells or
    for each, shape (N,). Each cell that fails gets the companions that cost least, at first as if there were no joint
    cells; they are audited like all others. A safe cell stays safe when more cells are suppressed. `progress` is called
    in each round. Raises AuditError where no further cell can be suppressed.
    """
    wanted = np.broadcast_to(smallest_interval, len(tables.low))
    readers = readers or [np.zeros(len(tables.low))]
    safe = np.zeros((len(readers), len(tables.low)), bool)
    companions = Companions(tables.without_joint())
    while (left := tables.suppressed & ~safe.all(axis=0)).any():
        suspected = _suspected(tables, readers, np.flatnonzero(left), wanted)
        progress(f"{tables.suppressed.sum():,} cells suppressed, {len(suspected):,} of them not yet shown to be safe")
        safe |= left & ~np.isin(np.arange(len(left)), suspected)
        for reader, is_safe in zip(readers, safe, strict=True):
            cells = _narrow(tables.with_known(reader), suspected[~is_safe[suspected]], wanted, alone=True)
            tables = tables.suppress(companions.protect(tables, cells, reader, wanted))
            if len(cells) and tables.joint.any():
                cells = _narrow(tables.with_known(reader), cells, wanted, alone=True)
                tables = tables.suppress(Companions(tables).protect(tables, cells, reader, wanted))
            is_safe[suspected] = True
    return tables


def derivable_cells(
    tables: LinkedTables, readers: Sequence[Vector], *, among: Vector, smallest_interval: int | Vector
) -> Vector:
    """Give the cells of which some reader can derive an interval that is too narrow.

    First a reader is tried who knows what all of them know; only cells that fail there are tried with each reader.
    """
    suspected = _suspected(tables, readers, among, smallest_interval)
    found = [
        _narrow(tables.with_known(reader), suspected, smallest_interval, alone=True)
        for reader in readers
        if len(suspected)
    ]
    return np.unique(np.concatenate([np.zeros(0, int), *found]))


def _suspected(tables: LinkedTables, readers: Sequence[Vector], among: Vector, wanted: int | Vector) -> Vector:
    """The cells that are not seen at once to be safe from a reader who knows what all readers know."""
    return _narrow(tables.with_known(np.max(readers, axis=0)), among, wanted, alone=False)


def _narrow(tables: LinkedTables, cells: Vector, wanted: int | Vector, *, alone: bool) -> Vector:
    found = audit_cells(tables, among=cells, smallest_interval=wanted, ends=False, alone=alone)
    narrow: Vector = cells[~found["is_safe"].to_numpy(dtype=bool)]
    return narrow
