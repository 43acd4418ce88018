"""Redundant companions: none stays hidden, neither for a reader of the tables nor for a source that knows its records."""

import numpy as np
import pandas as pd
import pytest

from research_lib.disclosure.auditing.disclosure_audit import audit_cells, some_possible_tables
from research_lib.disclosure.linked.cell_bounds import LinkedTables, with_totals
from research_lib.disclosure.suppression.secondary_suppression import Suppression, suppress, without_redundant

PROMISE = 10


def table(seed: int, shape: tuple[int, int] = (5, 5)) -> tuple[LinkedTables, np.ndarray]:
    """A two-way table whose cells below ten are hidden, and its counts; the totals are shown."""
    counts = pd.DataFrame(np.random.default_rng(seed).lognormal(3, 1, shape).astype(int) + 1)
    hidden = counts < PROMISE
    return with_totals(counts, hidden), with_totals(counts, hidden & False).low


def intruders(seed: int, counts: np.ndarray) -> list[np.ndarray]:
    """Two sources, who know some of the records of each cell, and which cells are not empty."""
    draw = np.random.default_rng(seed)
    return [np.maximum(np.floor(counts * draw.uniform(0, 0.6, len(counts))), np.minimum(counts, 1)) for _ in range(2)]


def unsafe(tables: LinkedTables, known: list[np.ndarray]) -> bool:
    return not all(audit_cells(tables.with_known(each))["is_safe"].all() for each in known)


@pytest.mark.parametrize("seed", range(6))
def test_no_companion_stays_hidden_that_some_cell_does_not_need(seed):
    tables, counts = table(seed)
    known = intruders(seed, counts)
    found = suppress(tables, intruders=known, protection_interval=PROMISE)
    assert found.protects and not unsafe(found.tables, known)
    assert all(unsafe(found.tables.show(cell, counts[cell]), known) for cell in found.protects)


@pytest.mark.parametrize("own", [0, 36])
def test_what_is_hidden_beyond_need_is_shown_again(own):
    counts = pd.DataFrame(40, index=list("wxyz"), columns=list("abcd"))
    counts.loc["w", "a"] = 5
    tables = with_totals(counts, counts == 5)
    cell = tables.names.index(("w", "a"))
    every = [number for number in range(len(tables.low)) if not tables.fixed[number] and number != cell]
    wanted, known = np.full(len(tables.low), float(PROMISE)), np.zeros((2, len(tables.low)))
    known[1, every] = own
    possible = some_possible_tables(tables, known, wanted)
    left = without_redundant(Suppression(tables.suppress(every), dict.fromkeys(every, cell), possible), wanted, wanted)
    assert len(left.protects) < len(every) and not unsafe(left.tables, list(known))
    assert all(unsafe(left.tables.show(companion, 40), list(known)) for companion in left.protects)


def test_two_hidden_cells_share_their_companions():
    counts = pd.DataFrame(40, index=list("wxyz"), columns=list("abcd"))
    counts.iloc[[0, 1], [0, 1]] = [[5, 40], [40, 5]]
    found = suppress(with_totals(counts, counts == 5), protection_interval=PROMISE)
    assert len(found.protects) == 2 and not unsafe(found.tables, [np.zeros(len(found.tables.low))])
