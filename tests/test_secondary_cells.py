"""SecondaryCells at scale: levels of detail, possible tables as proofs, neighbourhoods, and intruders taken together."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import NIGHTLY, rounds, sample_of_today

from research_lib.disclosure.auditing.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.auditing.feasible_tables import FeasibleTables
from research_lib.disclosure.counted_release import count_release
from research_lib.disclosure.earlier_releases import EarlierReleases
from research_lib.disclosure.linked.cell_bounds import LinkedTables, with_totals
from research_lib.disclosure.linked.hierarchies import Hierarchies
from research_lib.disclosure.linked.structural_zeros import Relation, nested_relations
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.suppression import secondary_suppression
from research_lib.disclosure.suppression.intruders import View
from research_lib.disclosure.suppression.secondary_cells import Neighbourhoods, suppression_costs
from research_lib.disclosure.suppression.secondary_suppression import suppress
from research_lib.missing_answers import MISSING, NO_ANSWER

DAY = datetime.date(2026, 1, 31)


def census(seed: int, persons: int = 900) -> pd.DataFrame:
    """Made-up persons: towns in provinces in regions, work, ages; seven sources."""
    draw = np.random.default_rng(seed)
    town = np.minimum(draw.geometric(0.15, persons), 12) - 1
    codes = {"town": town, "province": town // 2, "region": town // 6}
    codes |= {"work": (town + draw.geometric(0.4, persons)) % 6, "group": np.minimum(draw.geometric(0.4, persons), 5)}
    frame = pd.DataFrame({name: [f"{name}{n}" for n in values] for name, values in codes.items()})
    ids = [f"p{n}" for n in range(persons)]
    named = {"source_id": draw.choice(list("abcdefg"), persons), "is_synthetic": "yes"}
    return frame.assign(case_id=ids, person_id=ids, consent_scope="published_tables", **named)


def plan(*tables: str) -> Plan:
    return Plan(tuple(PlannedTable(each.replace(" ", "-"), tuple(each.split())) for each in tables))


LEVELS = plan("town work", "province work", "region work", "town group", "province group", "work group")

SOME_LEVELS = plan("town work", "province work", "region work", "work group")
TODAY = LEVELS if NIGHTLY else SOME_LEVELS


def protected(seed: int, levels: Plan) -> tuple[LinkedTables, list[np.ndarray], np.ndarray]:
    """The tables of a study as its intruders see them, what each intruder knows, and the true counts."""
    protection = count_release(census(seed), levels, Policy(), date=DAY).protection
    tables, _ = protection.protect(levels, Policy(), progress=str)
    layout = protection._layout
    hidden = np.zeros(layout.width, bool)
    for table, each in zip(protection._tables, tables, strict=True):
        hidden[layout.cells_of(table)] = each.is_hidden
    cells = protection._cells(protection._tables)
    cells = cells.hide(hidden)
    return cells.seen(), protection._intruders.view(cells, before=False).intruders, cells.counts


def derivable(seen: LinkedTables, intruders: list[np.ndarray]) -> np.ndarray:
    view = View(seen, {str(number): each for number, each in enumerate(intruders)}, np.zeros(len(seen.low)))
    return view.derivable(np.flatnonzero(seen.suppressed), 10)


def nested(one: str, other: str, pairs: dict[str, str]) -> Relation:
    every = {(a, b) for a in {*pairs, *MISSING} for b in {*pairs.values(), *MISSING}}
    return Relation(one, other, frozenset(every - set(pairs.items()) - {(kind, kind) for kind in MISSING}))


def test_codes_within_codes_are_levels_and_need_no_table_of_their_own():
    protection = count_release(census(1), LEVELS, Policy(), date=DAY).protection
    layout = protection._layout
    assert not layout.unpublished - layout.rings
    assert layout.levels.is_within(frozenset({"region", "work"}), frozenset({"town", "work"}))
    assert not layout.levels.is_within(frozenset({"town", "work"}), frozenset({"region", "work"}))
    assert (frozenset({"town", "work"}), frozenset({"province", "work"})) in layout.steps()
    assert (frozenset({"town", "work"}), frozenset({"region", "work"})) not in layout.steps()


def test_what_two_tables_share_is_the_finest_level_that_both_add_up_to():
    values = {"town": ("a", "b", "c", NO_ANSWER), "region": ("r", "s", NO_ANSWER), "work": ("x", NO_ANSWER)}
    levels = Hierarchies.read(values, [nested("town", "region", {"a": "r", "b": "r", "c": "s"})])
    assert levels.merged["town"]["region"].tolist() == [0, 0, 1, 2]
    assert levels.shared(frozenset({"town", "work"}), frozenset({"region"})) == {"region"}
    assert levels.shared(frozenset({"town"}), frozenset({"town", "region"})) == {"town"}
    assert levels.finest(frozenset({"town", "region", "work"})) == {"town", "work"}


def test_a_code_whose_region_nobody_can_tell_makes_no_level():
    values = {"town": ("a", "b", "d", NO_ANSWER), "region": ("r", "s", NO_ANSWER)}
    levels = Hierarchies.read(values, [nested("town", "region", {"a": "r", "b": "s"})])
    assert levels.merged == {"town": {}, "region": {}}


def test_two_names_of_one_thing_are_a_level_one_way_only():
    values = {"town": ("a", "b", NO_ANSWER), "name": ("A", "B", NO_ANSWER)}
    levels = Hierarchies.read(values, [nested("town", "name", {"a": "A", "b": "B"})])
    assert [bool(levels.merged[side]) for side in values].count(True) == 1


def test_nested_codes_are_missing_together():
    frame = census(2)
    (relation,) = nested_relations(frame, plan("province region"))
    assert relation.excludes(NO_ANSWER, "region0") and not relation.excludes(NO_ANSWER, NO_ANSWER)


@pytest.mark.parametrize("seed", sample_of_today(range(4), 1))
def test_no_cell_is_derived_closely_at_any_level(seed):
    seen, intruders, counts = protected(seed, TODAY)
    hidden = np.flatnonzero(seen.suppressed)
    assert len(hidden) and not len(derivable(seen, intruders))
    found = audit_cells(seen.with_known(intruders[0]), among=hidden[::4])
    assert found["is_safe"].all()
    assert (found["low"] <= counts[found.index]).all() and (counts[found.index] <= found["high"]).all()


def test_without_companions_a_cell_is_derived():
    policy = Policy()
    protection = count_release(census(0), LEVELS, policy, date=DAY).protection
    tables = [
        replace(table, suppressed=np.asarray(protection._primary(each, policy, ()) != ""))
        for table, each in zip(protection._tables, protection.counted, strict=True)
    ]
    cells = protection._cells(tables)
    seen, intruders = cells.seen(), protection._intruders.view(cells, before=False).intruders
    found = derivable(seen, intruders)
    assert len(found)


@pytest.mark.parametrize("many", [0, 10**9])
def test_one_intruder_for_all_and_each_intruder_leave_nothing_open_too_little(many, monkeypatch):
    monkeypatch.setattr(secondary_suppression, "_MANY_CELLS", many)
    monkeypatch.setattr(secondary_suppression, "_SMALLEST", 40)
    seen, intruders, _ = protected(5, TODAY)
    assert not len(derivable(seen, intruders))


def square() -> LinkedTables:
    """Three by three cells of 20 with totals; the first two rows and columns are suppressed."""
    table = pd.DataFrame(20, index=list("xyz"), columns=list("abc"))
    hidden = pd.DataFrame(False, index=table.index, columns=table.columns)
    hidden.iloc[:2, :2] = True
    return with_totals(table, hidden)


def test_a_possible_table_proves_only_what_fits_the_published_ones():
    seen = square()
    first = np.full(len(seen.low), 20.0)
    first[~np.isinf(seen.high)] = seen.low[~np.isinf(seen.high)]
    corner = np.array([seen.names.index((row, column)) for row in "xy" for column in "ab"])
    possible = FeasibleTables(first, np.zeros((1, len(first))))
    wanted = np.full(len(first), 10.0)
    possible.add(corner, np.array([10.0, -10, -10, 10]))
    assert not len(possible.narrow(corner, wanted))
    assert not len(possible.fitting(seen).narrow(corner, wanted))
    wrong = FeasibleTables(first, possible.known)
    wrong.add(corner, np.array([10.0, -10, -10, 11]))
    assert len(wrong.fitting(seen).narrow(corner, wanted)) == 4
    beyond = FeasibleTables(first, possible.known)
    beyond.add(corner, np.array([21.0, -21, -21, 21]))
    assert len(beyond.fitting(seen).narrow(corner, wanted)) == 4
    shown = seen.names.index(("z", "c"))
    assert FeasibleTables(first + (np.arange(len(first)) == shown), possible.known).fitting(seen) is None


def test_a_table_that_a_reader_knows_to_be_impossible_proves_nothing_to_it():
    seen = square()
    first = np.where(np.isinf(seen.high), 20.0, seen.low)
    corner = np.array([seen.names.index((row, column)) for row in "xy" for column in "ab"])
    known = np.zeros((2, len(first)))
    known[1, corner[1]] = 11
    possible, wanted = FeasibleTables(first, known), np.full(len(first), 10.0)
    possible.add(corner, np.array([10.0, -10, -10, 10]))
    assert [possible.is_narrow(intruder, int(corner[0]), 10) for intruder in (0, 1)] == [False, True]
    assert possible.narrow(corner, wanted).tolist() == corner.tolist()


def test_a_cell_that_can_only_fall_is_open_too():
    seen = square()
    high = seen.high.copy()
    high[seen.names.index(("x", "a"))] = 20
    found = suppress(replace(seen, high=high)).tables
    assert audit_cells(found)["is_safe"].all() and found.suppressed.sum() == 4


def one_hidden() -> tuple[LinkedTables, int]:
    """Three by three cells of 20 with totals, and the number of the only one that is suppressed."""
    table = pd.DataFrame(20, index=list("xyz"), columns=list("abc"))
    seen = with_totals(table, (table == 20) & (table.index.to_numpy() == "x")[:, None] & (table.columns == "a"))
    return seen, seen.names.index(("x", "a"))


def test_a_cell_that_can_only_fall_finds_its_companions():
    seen, cell = one_hidden()
    high = seen.high.copy()
    high[cell] = 20
    found = suppress(replace(seen, high=high)).tables
    assert audit_cells(found)["is_safe"].all() and found.suppressed.sum() == 4


COSTS = """
count      0    1      2      9       89     90      1000
cost       5.0  1.193  1.599  2.803   5.000  5.011   7.409
"""


def test_a_hidden_zero_costs_ten_times_its_logarithm_and_so_as_much_as_a_count_of_89():
    counts, costs = (np.array(line.split()[1:], float) for line in COSTS.strip().splitlines())
    assert suppression_costs(counts) == pytest.approx(costs, abs=5e-4)


def test_a_cell_without_records_is_hidden_only_where_no_others_protect():
    table = pd.DataFrame(1000, index=list("xyz"), columns=list("abc"))
    table.loc["x", "a"], table.loc["y", "b"] = 5, 0
    tables = suppress(with_totals(table, table == 5)).tables
    assert tables.suppressed.sum() == 4 and not tables.suppressed[tables.names.index(("y", "b"))]
    few = table.iloc[:2, :2]
    tables = suppress(with_totals(few, few == 5)).tables
    assert tables.suppressed.sum() == 4 and tables.suppressed[tables.names.index(("y", "b"))]


def test_a_small_change_is_a_part_of_a_possible_table():
    seen = square()
    first = np.where(np.isinf(seen.high), 20.0, seen.low)
    corner = np.array([seen.names.index((row, column)) for row in "xy" for column in "ab"])
    possible = FeasibleTables(first, np.zeros((1, len(first))))
    possible.add(corner, np.array([0.005, -0.005, -0.005, 0.005]))
    assert possible.high[0, corner[0]] == 20.005 and possible.low[0, corner[1]] == 19.995


def test_a_neighbourhood_has_the_cells_that_stand_in_a_sum_with_others_and_no_more_than_asked():
    seen = square()
    every, nothing = np.ones(len(seen.low), bool), np.zeros(len(seen.low), bool)
    cell = seen.names.index(("x", "a"))
    core, cells = Neighbourhoods(seen).around(cell, 7, may_move=every, first=nothing)
    assert core.sum() == 1 and len(cells) == 7
    assert all("x" in seen.names[other] or "a" in seen.names[other] for other in cells)
    _, whole = Neighbourhoods(seen).around(cell, 100, may_move=every, first=nothing)
    assert len(whole) == len(seen.low)


def test_a_release_that_gives_a_cell_away_only_beside_an_earlier_one_is_refused(tmp_path):
    found = set()
    for seed in (5, 0, 1, 2, 3, 4)[: rounds(1, nightly=6)]:
        frame = census(seed)
        first = build_release(frame, plan("town group"), Policy(), tmp_path / f"{seed}-1", date=DAY)
        later = plan("town work", "work group", "province work")
        alone = build_release(frame, later, Policy(), tmp_path / f"{seed}-2", date=DAY)
        beside = count_release(
            frame, later, Policy(), date=DAY, earlier=EarlierReleases.read([first], None, None)
        ).protection
        try:
            beside.require_safe(alone, "the release", progress=str)
        except AuditError as error:
            found.add(str(error).rpartition(";")[2])
    assert found == {" nothing was released"}
