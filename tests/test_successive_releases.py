"""Many releases of one study that lives: none is refused, and who knows every change learns nothing more from the next.

Records come in, are corrected and are withdrawn, one by one and in batches, and two fifths of them are purged. The
attacker is told how much each cell has changed from each release to the next.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attack import Watcher
from conftest import NIGHTLY, rounds, sample_of_today
from test_intruders import POLICY, attacks, coded, dominated, even, narrowed, nested, planned, printed, ring

from research_lib.disclosure.linked.cell_bounds import PublishedTable
from research_lib.disclosure.linked.structural_zeros import Relation
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.release import audit, build_release
from research_lib.disclosure.released import Released
from research_lib.disclosure.suppression.intruders import PublishedCells

DAY = date(2026, 1, 1)
MAKERS = [even, dominated, ring, nested]
Step = Callable[["Records"], None]


@dataclass
class Records:
    """The records of a study today, and those that will come in."""

    now: pd.DataFrame
    coming: pd.DataFrame
    draw: np.random.Generator

    def drawn(self, size: int) -> pd.Index:
        return self.now.sample(size, random_state=int(self.draw.integers(1_000_000))).index


def add(size: int) -> Step:
    def step(records: Records) -> None:
        records.now = pd.concat([records.now, records.coming.iloc[:size]])
        records.coming = records.coming.iloc[size:]

    return step


def withdraw(share: float) -> Step:
    """Withdraw a number of records, or a share of all."""

    def step(records: Records) -> None:
        size = int(share if share >= 1 else share * len(records.now))
        records.now = records.now.drop(records.drawn(size))

    return step


def correct(size: int) -> Step:
    def step(records: Records) -> None:
        wrong, other = records.drawn(size), records.drawn(size)
        answers = [name for name in records.now if name in ("work", "grade")]
        records.now = records.now.copy()
        records.now.loc[wrong, answers] = records.now.loc[other, answers].to_numpy()

    return step


FIRST_STEPS = [(), (add(1),), (withdraw(1),)]
MORE_STEPS = [(correct(1),), (add(30),), (withdraw(15),), (correct(10),)]
LAST_STEPS = [(add(20), withdraw(7), correct(5)), (withdraw(0.4),), (add(40),)]
STEPS: list[tuple[Step, ...]] = [*FIRST_STEPS, *(MORE_STEPS if NIGHTLY else []), *LAST_STEPS]
ONLY_COMES_IN, PURGE = 2, len(STEPS) - 2  # so many first releases differ by added records only; two fifths are purged


def life(frame: pd.DataFrame, draw: np.random.Generator) -> Iterator[pd.DataFrame]:
    mixed = frame.sample(frac=1, random_state=int(draw.integers(1_000_000)))
    records = Records(mixed.iloc[: len(mixed) // 2], mixed.iloc[len(mixed) // 2 :], draw)
    for steps in STEPS:
        for step in steps:
            step(records)
        yield records.now


def released(frames: list[pd.DataFrame], plans: list[Plan], folder: Path) -> list[Released]:
    made: list[Released] = []
    for at, (frame, plan) in enumerate(zip(frames, plans, strict=True)):
        name, day, before = folder / str(at), DAY + timedelta(at), tuple(made)
        made.append(build_release(frame, plan, POLICY, name, date=day, earlier=before, accept_eroded=len))
    return made


def too_narrow(found: pd.DataFrame) -> set[tuple[str, str]]:
    narrow = found[found["high"] - found["low"] < POLICY.protection_interval]
    return set(zip(narrow["table"], narrow["cell"], strict=True))


def status(release: Released) -> pd.Series:
    return pd.concat(
        {
            name: table.set_index([c for c in table if c not in ("count", "status", "is_synthetic")])["status"]
            for name, table in release.tables.items()
        }
    )


def require_that_nothing_new_is_learnt(made: list[Released], frames: list[pd.DataFrame]) -> None:
    for size, now in enumerate(frames, start=1):
        found = too_narrow(Watcher(made[:size], frames, now).run().found())
        without = too_narrow(Watcher(made[: size - 1], frames, now).run().found()) if size > 1 else set()
        assert found <= without
        assert not found or size > ONLY_COMES_IN
        assert narrowed(made[size - 1], now.iloc[:0]) == 0
        assert sum(attacks(now, made[size - 1])) == 0


@pytest.mark.slow
@pytest.mark.parametrize("make", sample_of_today(MAKERS, 1))
def test_releases_of_a_study_that_lives_tell_no_more_than_the_first(make, tmp_path):
    lost = shown = 0
    for seed in range(rounds(1, nightly=5)):
        draw = np.random.default_rng(seed)
        frame, plan = make(draw)
        frames = list(life(frame, draw))
        made = released(frames, [plan] * len(frames), tmp_path / str(seed))
        assert [len(each.manifest["earlier"]) for each in made] == list(range(len(STEPS)))
        require_that_nothing_new_is_learnt(made, frames)
        for at, (before, after) in enumerate(pairwise(map(status, made)), start=1):
            was_shown = before[before == "shown"]
            shown += len(was_shown) if at != PURGE else 0
            lost += int((after.reindex(was_shown.index) == "hidden").sum()) if at != PURGE else 0
    assert lost <= shown / (10 if NIGHTLY else 4)  # few cells are shown in one study


@pytest.mark.slow
def test_tables_that_come_into_the_plan_later_tell_nothing_of_what_is_hidden_already(tmp_path):
    for seed in range(rounds(1, nightly=4)):
        draw = np.random.default_rng(seed)
        frame, plan = ring(draw)
        frames = list(life(frame, draw))[:8]
        plans = [replace(plan, tables=plan.tables[: 1 + at // 2][:3]) for at in range(len(frames))]
        made = released(frames, plans, tmp_path / str(seed))
        require_that_nothing_new_is_learnt(made, frames)


@pytest.mark.slow
def test_a_table_that_leaves_the_plan_is_still_protected(tmp_path):
    for seed in range(rounds(1, nightly=4)):
        draw = np.random.default_rng(seed)
        frame, plan = ring(draw)
        frames = list(life(frame, draw))[:4]
        plans = [replace(plan, tables=tables) for tables in (plan.tables[:2], plan.tables[2:]) * 2]
        made = released(frames, plans, tmp_path / str(seed))
        require_that_nothing_new_is_learnt(made, frames)


def test_releases_that_do_not_know_of_each_other_give_cells_away(tmp_path):
    given_away = 0
    for seed in range(number := rounds(1, nightly=3)):
        draw = np.random.default_rng(seed)
        frame, plan = ring(draw)
        frames = list(life(frame, draw))[:8]
        made = [
            build_release(each, plan, POLICY, tmp_path / f"{seed}-{at}", date=DAY) for at, each in enumerate(frames)
        ]
        given_away += sum(
            int((once == "hidden").sum() - (pd.concat([once, now], axis=1) == "hidden").all(axis=1).sum())
            for once, now in pairwise(map(status, made))
        )
        printed_once = [printed(each, release) for each, release in zip(frames, made, strict=True)]
        given_away += len(too_narrow(Watcher(printed_once, frames, frames[-1]).run().found()))
    assert given_away >= 3 * number


def test_the_owner_of_the_records_audits_as_who_knows_every_change(tmp_path):
    draw = np.random.default_rng(1)
    frame, plan = ring(draw)
    frames = list(life(frame, draw))[:3]
    made = released(frames, [plan] * 3, tmp_path)
    found = audit(made[2], earlier=made[:2], cases=frames[2])
    assert found["is_safe"].all() and len(found) == (status(made[2]) == "hidden").sum()
    wider = audit(made[2])
    assert (wider["high"] - wider["low"]).sum() >= (found["high"] - found["low"]).sum()


def test_a_release_tells_the_relations_of_its_own_variables_only(tmp_path):
    frame = even(np.random.default_rng(1))[0].assign(home__street="yes", home__flat="no")
    both = Plan((PlannedTable("street", ("home__street",)), PlannedTable("flat", ("home__flat",))))
    first, second = released([frame, frame], [both, replace(both, tables=both.tables[:1])], tmp_path)
    assert [each.names for each in first.relations] == [("home__street", "home__flat")]
    assert second.relations == ()


def test_who_owns_the_records_audits_with_the_relations_that_are_given(tmp_path):
    frame = even(np.random.default_rng(1))[0]
    frame = frame.assign(town=np.resize(["t0", "t1", "t2"], len(frame)), forced=np.resize(list("ynny"), len(frame)))
    frame.loc[frame["town"] == "t0", "forced"] = "n"
    plan = Plan((PlannedTable("forced", ("town", "forced")),), ("forced",))
    made = build_release(frame, plan, POLICY, tmp_path / "made", date=DAY)
    never = Relation("town", "forced", frozenset({("t0", "y")}))
    without, with_it = (set(audit(made, cases=frame, relations=each)["cell"]) for each in ((), (never,)))
    assert without - with_it == {"forced=y | town=t0"}


def test_cells_are_new_where_no_earlier_release_has_them():
    work, age = (
        PublishedTable(name, {name: ("a", "b")}, np.array([20, 30]), np.array([False, True]))
        for name in ("work", "age")
    )
    for now, earlier, has_new in (
        ((work, age), (work,), True),
        ((work, age), (), True),
        ((work, age), (age, work), False),
        ((work,), (work, age), False),
    ):
        cells = PublishedCells.read(CellLayout((work, age)), np.array([20, 30, 20, 30]), now, earlier)
        assert cells.has_new is has_new


def test_a_cell_that_stays_hidden_is_protected_in_a_table_that_comes_in_later(tmp_path):
    places = [place for place in np.ndindex(3, 3) if place != (0, 0)]

    def records(size):
        country, work = np.array([*places * 30, *[(0, 0)] * size]).T
        return coded(country=country, work=work, source_id=(np.arange(len(work)) * 9 // 8) % 4)

    before, after = records(6), records(16)
    first, second = released([before, after], [planned("country work"), planned("country work", "work")], tmp_path)
    for made in (first, second):
        table = made.tables["country-work"].set_index(["country", "work"])
        assert table.index[table["status"] == "hidden"].tolist() == [("c0", "w0")]
    alone = build_release(after, planned("country work", "work"), POLICY, tmp_path / "alone", date=DAY)
    assert not any((table["status"] == "hidden").any() for table in alone.tables.values())
    found = audit(second, earlier=[first], cases=after)
    assert len(found) > 1
    assert found["is_safe"].all()
