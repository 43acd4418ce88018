"""Joint tables: what follows from tables that close a ring, beside the table of all its variables."""

import datetime
import time
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from research_lib.disclosure.auditing.disclosure_audit import audit_cells
from research_lib.disclosure.counted_release import count_release
from research_lib.disclosure.linked.cell_bounds import PublishedTable
from research_lib.disclosure.linked.hierarchies import Hierarchies, joint_sides
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy

DAY = datetime.date(2026, 1, 31)


def sides(*tables: str) -> set[frozenset[str]]:
    return {frozenset(table) for table in tables}


@pytest.mark.parametrize(
    ("published", "joint"),
    [
        ("ab bc cd", ""),
        ("abc bcd cde", ""),
        ("ab bc ca", "abc"),
        ("abc abd cd", "acd bcd"),
        ("abc abd acd bcd", "abcd"),
        ("ab bc cd de", ""),
    ],
)
def test_a_joint_table_is_needed_only_where_tables_close_a_ring(published, joint):
    levels = Hierarchies({name: {} for name in "abcde"})
    found = joint_sides(sides(*published.split()), levels, lambda each: 2 ** len(each))
    assert found == sides(*joint.split()) or found == sides("abcd")


@pytest.mark.parametrize("length", [4, 5, 7])
def test_chords_divide_a_ring_into_triangles(length):
    ring = {frozenset({f"v{n}", f"v{(n + 1) % length}"}) for n in range(length)}
    levels = Hierarchies({f"v{n}": {} for n in range(length)})
    found = joint_sides(ring, levels, lambda each: 6 ** len(each))
    assert len(found) == length - 2 and {len(each) for each in found} == {3}
    assert all(any(edge < each for each in found) for edge in ring)


def test_where_a_ring_is_too_large_its_parts_are_looked_at():
    levels = Hierarchies({name: {} for name in "abcdxyz"})
    large = sides("ab", "bc", "cd", "da", "ac", "bd", "xy", "yz", "zx")
    assert joint_sides(large, levels, lambda each: 25 ** len(each) if "x" not in each else 8) == sides("xyz")
    assert joint_sides(large, levels, lambda each: 10 ** len(each)) == sides("abc", "abd", "acd", "bcd", "xyz")


def ring_of_two_codes(seed: int, length: int = 5) -> tuple[np.ndarray, list[PublishedTable]]:
    """The counts of all combinations of some variables, and tables of each two neighbours, some cells hidden."""
    draw = np.random.default_rng(seed)
    counts = draw.integers(0, 4, (2,) * length) * (draw.random((2,) * length) < 0.3)
    tables = []
    for first, second in ((n, (n + 1) % length) for n in range(length)):
        others = tuple(axis for axis in range(length) if axis not in (first, second))
        cells = counts.sum(axis=others)
        cells = cells if first < second else cells.T
        values = {f"v{n}": (f"v{n}_0", f"v{n}_1") for n in (first, second)}
        tables.append(PublishedTable(f"{first}-{second}", values, cells.ravel(), draw.random(4) < 0.6))
    return counts, tables


@pytest.mark.parametrize("seed", range(25))
def test_joint_tables_say_just_what_the_table_of_the_whole_ring_says(seed):
    counts, tables = ring_of_two_codes(seed)
    layout = CellLayout(tuple(tables))
    low, high, hidden, fixed = (np.full(layout.width, value) for value in (0.0, np.inf, False, True))
    shown, given = [], []
    for table in tables:
        at = layout.cells_of(table)
        hidden[at], fixed[at] = table.suppressed, False
        low[at], high[at] = np.where(table.suppressed, 0, table.shown), np.where(table.suppressed, np.inf, table.shown)
        shown += [row for row, is_hidden in zip(members(table), table.suppressed, strict=True) if not is_hidden]
        given += list(table.shown[~table.suppressed])
    found = audit_cells(layout.link(low, high, hidden, fixed))
    for table in tables:
        for cell, row in zip(layout.cells_of(table), members(table), strict=True):
            if hidden[cell]:
                least, most = (linprog(sign * row, A_eq=np.array(shown), b_eq=given) for sign in (1.0, -1.0))
                highest = np.floor(-most.fun + 1e-4) if most.status == 0 else np.inf
                assert found.loc[cell, ["low", "high"]].tolist() == [np.ceil(least.fun - 1e-4), highest]
    assert counts.sum() > 0


def members(table: PublishedTable, length: int = 5) -> list[np.ndarray]:
    """For each cell of a table, which combinations of all variables it counts."""
    every = list(product((0, 1), repeat=length))
    one, other = (int(name[1:]) for name in table.values)
    return [
        np.array([float(each[one] == a and each[other] == b) for each in every]) for a, b in product((0, 1), (0, 1))
    ]


@pytest.mark.slow
def test_a_ring_of_five_tables_of_five_codes_is_done_in_seconds():
    draw, size = np.random.default_rng(1), 500
    codes = [draw.integers(0, 5, size)]
    for _ in range(4):
        codes.append((codes[-1] + draw.geometric(0.4, size) - 1) % 5)
    frame = pd.DataFrame({f"v{n}": [f"v{n}_{code}" for code in each] for n, each in enumerate(codes)})
    ids = [f"p{n}" for n in range(size)]
    named = {"source_id": [f"s{n}" for n in draw.integers(0, 12, size)], "is_synthetic": "yes"}
    frame = frame.assign(case_id=ids, person_id=ids, consent_scope="published_tables", **named)
    plan = Plan(tuple(PlannedTable(f"t{n}", (f"v{n}", f"v{(n + 1) % 5}")) for n in range(5)))
    started = time.process_time()
    tables, _ = count_release(frame, plan, Policy(), date=DAY).protection.protect(plan, Policy(), progress=str)
    assert time.process_time() - started < 20
    assert sum(len(each.cells) for each in tables) == 180 and any(each.is_hidden.any() for each in tables)
