"""The audit with whole numbers: against every table of whole numbers, with too little time, and of a real release."""

import datetime
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from research_lib.disclosure import Plan, Policy, audit, build_release
from research_lib.disclosure.auditing.disclosure_audit import AuditError, audit_cells, audit_whole_numbers
from research_lib.disclosure.demonstration import PLAN, demonstration_cases
from research_lib.disclosure.linked.cell_bounds import LinkedTables

ENDS = ["low", "high"]


def cells_with(sums: np.ndarray, low: np.ndarray, high: np.ndarray) -> LinkedTables:
    """Cells within bounds, all of them suppressed, with sums that give zero."""
    width = len(low)
    names = tuple((f"cell {n}",) for n in range(width))
    none, every = np.zeros(width, bool), np.ones(width, bool)
    return LinkedTables(names, low, high, every, none, none, sparse.csr_array(sums))


def test_a_sum_of_two_equal_counts_is_even():
    twice = cells_with(np.array([[1, 1, -1], [1, -1, 0]]), np.array([0.0, 0, 3]), np.array([9.0, 9, 5]))
    assert audit_cells(twice)[ENDS].to_numpy().tolist()[2] == [3, 5]
    found = audit_whole_numbers(twice)
    assert found[ENDS].to_numpy().tolist() == [[2, 2], [2, 2], [4, 4]]
    assert found["is_exact"].all()
    assert not found["is_safe"].any()


def test_counts_that_only_fractions_fit_are_a_contradiction():
    odd = cells_with(np.array([[1, 1, -1], [1, -1, 0]]), np.array([0.0, 0, 3]), np.array([9.0, 9, 3]))
    with pytest.raises(AuditError, match="no whole counts fit the published tables"):
        audit_whole_numbers(odd)


@pytest.mark.parametrize("seed", range(40))
def test_the_ends_are_those_of_all_tables_of_whole_numbers(seed):
    draw = np.random.default_rng(seed)
    high = draw.integers(1, 5, 5)
    table = draw.integers(0, high + 1)
    sums = draw.integers(-1, 2, (3, 5))
    given = sums @ table
    sign = np.diag(np.where(given < 0, 1, -1))
    cells = cells_with(
        np.hstack([sums, sign]), np.append(np.zeros(5), abs(given)), np.append(high, abs(given)).astype(float)
    )
    every = np.array(list(product(*(range(each + 1) for each in high))))
    possible = every[((every @ sums.T) == given).all(axis=1)]
    found = audit_whole_numbers(cells, protection_interval=2).iloc[:5]
    assert found["low"].tolist() == possible.min(axis=0).tolist()
    assert found["high"].tolist() == possible.max(axis=0).tolist()
    assert found["is_exact"].all()
    assert (found["is_safe"] == (np.ptp(possible, axis=0) >= 2)).all()


def test_a_cell_without_a_bound_has_none():
    free = cells_with(np.array([[1, -1, 0]]), np.zeros(3), np.array([np.inf, np.inf, 4]))
    found = audit_whole_numbers(free)
    assert found[ENDS].to_numpy().tolist() == [[0, np.inf], [0, np.inf], [0, 4]]
    assert found["is_exact"].all()
    assert found["is_safe"].tolist() == [True, True, False]


def test_without_time_the_bounds_of_linear_programmes_stay_and_nothing_is_called_exact():
    twice = cells_with(np.array([[1, 1, -1], [1, -1, 0]]), np.array([0.0, 0, 3]), np.array([9.0, 9, 5]))
    found = audit_whole_numbers(twice, seconds=0)
    assert found.loc[2, ENDS].tolist() == [3, 5]
    assert not found["is_exact"].any()
    assert not found["is_safe"].any()


def test_a_release_of_linked_tables_stays_open_to_who_knows_that_counts_are_whole(tmp_path):
    plan = Plan.read(PLAN)
    names = {"practice", "residence_status", "practice-by-residence_status", "practice-by-debt_on_arrival"}
    plan = Plan(tuple(each for each in plan.tables if each.name in names), plan.sensitive)
    cases = demonstration_cases()
    made = build_release(cases, plan, Policy(), tmp_path / "made", date=datetime.date(2026, 1, 31))
    linear, whole = audit(made, cases=cases), audit(made, cases=cases, seconds_for_whole_numbers=120)
    assert len(whole) == len(linear) >= 60
    assert (whole["low"] >= linear["low"]).all()
    assert (whole["high"] <= linear["high"]).all()
    assert whole["is_exact"].all()
    assert whole["is_safe"].all()
    quick, late = audit(made, cases=cases, ends=False), audit(made, cases=cases, seconds_for_whole_numbers=1e-9)
    assert quick["is_safe"].all()
    assert not quick[ENDS].equals(linear[ENDS])
    assert not late["is_exact"].any()
