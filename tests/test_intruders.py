"""A source that knows its own records derives no hidden cell closely; from naive suppression it derives many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attack import Attack
from change_attack import Cell, ChangeAttack, Dated
from conftest import NIGHTLY, rounds, sample_of_today

from research_lib.disclosure.case_counts import as_table
from research_lib.disclosure.linked.cell_bounds import PublishedTable
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy, PolicyError
from research_lib.disclosure.release import audit, build_release
from research_lib.disclosure.released import Released
from research_lib.disclosure.suppression.intruders import Contributors

DAY = date(2026, 11, 2)
POLICY = Policy(distinct_values=1)
Maker = Callable[[np.random.Generator], tuple[pd.DataFrame, Plan]]


def planned(*sets: str) -> Plan:
    return Plan(tuple(PlannedTable(each.replace(" ", "-"), tuple(each.split())) for each in sets))


def coded(**columns: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({name: [f"{name[0]}{n}" for n in values] for name, values in columns.items()})
    ids = [f"p{n}" for n in range(len(frame))]
    return frame.assign(case_id=ids, person_id=ids, is_synthetic="yes", consent_scope="published_tables")


def steep(draw: np.random.Generator, size: int, spread: float) -> np.ndarray:
    shares = np.exp(-spread * np.sort(draw.exponential(1.5, size)))
    return shares / shares.sum()


def services(draw: np.random.Generator, country: np.ndarray, spread: float) -> np.ndarray:
    """Two to four services a country; with a large spread one of them sends most records."""
    numbers = np.cumsum([0, *draw.integers(2, 5, country.max() + 1)])
    each = [
        draw.choice(numbers[at + 1] - numbers[at], p=steep(draw, numbers[at + 1] - numbers[at], spread))
        for at in country
    ]
    return numbers[country] + np.array(each)


def even(draw: np.random.Generator) -> tuple[pd.DataFrame, Plan]:
    country = draw.integers(0, 3, draw.integers(80, 400))
    work = draw.choice(6, len(country), p=steep(draw, 6, 0.8))
    return coded(country=country, work=work, source_id=services(draw, country, 0.2)), planned("country work")


def dominated(draw: np.random.Generator) -> tuple[pd.DataFrame, Plan]:
    country = draw.integers(0, 3, draw.integers(80, 400))
    work = draw.choice(6, len(country), p=steep(draw, 6, 0.8))
    return coded(country=country, work=work, source_id=services(draw, country, 2.5)), planned("country work")


def ring(draw: np.random.Generator) -> tuple[pd.DataFrame, Plan]:
    country = draw.integers(0, 3, draw.integers(200, 500))
    work, age = (draw.choice(size, len(country), p=steep(draw, size, 0.7)) for size in (5, 4))
    frame = coded(country=country, work=work, grade=age, source_id=services(draw, country, 1.0))
    return frame, planned("country work", "country grade", "work grade")


def nested(draw: np.random.Generator) -> tuple[pd.DataFrame, Plan]:
    town = draw.choice(8, draw.integers(200, 500), p=steep(draw, 8, 0.7))
    work = draw.choice(5, len(town), p=steep(draw, 5, 0.7))
    frame = coded(town=town, region=town // 3, work=work, source_id=services(draw, town // 3, 1.0))
    return frame, planned("town work", "region work", "region town")


def narrowed(release: Any, own: pd.DataFrame) -> int:
    """The number of hidden cells that the owner of some records knows within fewer than ten persons."""
    found = Attack([release], own=[own]).run().found()
    return int((found["high"] - found["low"] < POLICY.protection_interval).sum())


def attacks(frame: pd.DataFrame, release: Any, together: int = 1) -> Iterator[int]:
    for names in combinations(sorted(set(frame["source_id"])), together):
        yield narrowed(release, frame[frame["source_id"].isin(names)])


@dataclass(frozen=True)
class Printed:
    """Tables as they are printed where nobody thinks of insiders: small cells are left out, and nothing more."""

    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any]


def printed(frame: pd.DataFrame, release: Released) -> Printed:
    """The same tables, rounded alike, with the cells of fewer than ten persons hidden."""
    tables = {}
    for entry in release.manifest["tables"]:
        names = entry["variables"]
        table = release.tables[entry["name"]].set_index(names)
        exact = frame.groupby(names).size().reindex(table.index, fill_value=0).to_numpy()
        status = np.select([exact == 0, exact < POLICY.persons], ["zero", "hidden"], "shown")
        count = pd.Series((exact + 2) // 5 * 5, table.index, dtype="Int64").mask(status == "hidden")
        tables[entry["name"]] = table.assign(count=count, status=status).reset_index()
    return Printed(tables, release.manifest)


@pytest.mark.slow
@pytest.mark.parametrize("make", sample_of_today([even, dominated, ring, nested], 2))
def test_no_source_of_many_studies_comes_close_to_a_hidden_cell(make: Maker, tmp_path: Path):
    hidden = given_away = 0
    for seed in range(number := rounds(3, nightly=50)):
        frame, plan = make(np.random.default_rng(seed))
        release = build_release(frame, plan, POLICY, tmp_path / str(seed), date=DAY)
        hidden += sum(int((table["status"] == "hidden").sum()) for table in release.tables.values())
        assert narrowed(release, frame.iloc[:0]) == 0, seed
        assert sum(attacks(frame, release)) == 0, seed
        given_away += sum(attacks(frame, printed(frame, release))) if seed < 5 else 0
    assert hidden >= 9 * number
    assert given_away >= (10 if NIGHTLY else number) or make in (
        even,
        dominated,
    )  # one table without totals gives little away


@pytest.mark.slow
@pytest.mark.parametrize("make", [dominated, ring])
def test_no_two_sources_that_tell_each_other_come_close(make: Maker, tmp_path: Path):
    for seed in range(rounds(1, nightly=8)):
        frame, plan = make(np.random.default_rng(seed))
        policy = replace(POLICY, coalition=2)
        release = build_release(frame, plan, policy, tmp_path / str(seed), date=DAY)
        assert sum(attacks(frame, release, together=2)) == 0, seed


def sent_by_one(draw: np.random.Generator) -> tuple[pd.DataFrame, Plan]:
    """A ring of three tables whose answers depend on each other, all from one source."""
    size = draw.integers(200, 500)
    country = draw.integers(0, 3, size)
    work = np.where(draw.random(size) < 0.5, draw.choice(4, size, p=steep(draw, 4, 0.7)), country)
    grade = np.where(draw.random(size) < 0.5, draw.choice(3, size, p=steep(draw, 3, 0.7)), work % 3)
    frame = coded(country=country, work=work, grade=grade, source_id=np.zeros(size, int))
    return frame, planned("country work", "country grade", "work grade")


def close_to_a_respondent(frame: pd.DataFrame, release: Released) -> set[Cell]:
    """The hidden cells that somebody who answered derives within fewer than ten, exactly."""
    close = set[Cell]()
    for respondent in frame[["country", "work", "grade"]].drop_duplicates().index:
        known = frame.assign(source_id=frame["source_id"].where(frame.index != respondent, "her"))
        ends = ChangeAttack([Dated(release, known)]).ranges("her")
        close |= {cell for cell, (low, high) in ends.items() if high - low < POLICY.protection_interval}
    return close


@pytest.mark.slow
def test_no_respondent_comes_close_to_a_cell_of_a_ring_that_one_source_sent(tmp_path: Path):
    for seed in (18, *range(rounds(0, nightly=12))):
        frame, plan = sent_by_one(np.random.default_rng(seed))
        close = {}
        for respondents in (0, 1):
            policy = replace(POLICY, sources=1, respondents=respondents)
            release = build_release(frame, plan, policy, tmp_path / f"{seed}-{respondents}", date=DAY)
            assert release.one_source and release.manifest["rules"]["respondents"] == respondents
            close[respondents] = close_to_a_respondent(frame, release)
        assert close[1] == set(), seed
        assert close[0] or seed != 18


@pytest.mark.parametrize("respondents", [-1, 101, 0.5, "1"])
def test_respondents_are_from_none_to_a_hundred(respondents):
    with pytest.raises(PolicyError, match="the rule 'respondents' has the value"):
        replace(POLICY, respondents=respondents)


@pytest.mark.parametrize("share", [1.0, 0.95])
def test_a_study_of_which_one_source_sent_nearly_all_is_not_refused(share: float, tmp_path: Path):
    for seed in range(rounds(1, nightly=6)):
        draw = np.random.default_rng(seed)
        country, work = draw.integers(0, 2, 1000), draw.choice(3, 1000, p=[0.5, 0.3, 0.2])
        sources = np.where(draw.random(1000) < share, 0, draw.integers(1, 5, 1000))
        frame = coded(country=country, work=work, source_id=sources)
        release = build_release(frame, planned("country", "work"), POLICY, tmp_path / str(seed), date=DAY)
        assert {*release.tables["country"]["status"]} == {"hidden", "zero"}
        assert sum(attacks(frame, release)) == 0
        whole = audit(release, cases=frame, seconds_for_whole_numbers=10)
        assert np.isinf(whole["high"]).all() and whole["is_safe"].all()


def test_a_cell_in_which_few_remain_beside_the_largest_source_is_hidden(tmp_path: Path):
    sent = {"s0": 12, "s1": 1, "s2": 1, "s3": 0}
    lines = [(name, "w0") for name, times in sent.items() for _ in range(times)]
    lines += [(name, "w1") for name in sent for _ in range(12)]
    frame = coded(work=np.zeros(len(lines), int)).assign(
        source_id=[name for name, _ in lines], work=[work for _, work in lines]
    )
    policy = replace(POLICY, top_two_share=1.0, p_percent=1)
    made = [
        build_release(frame, planned("work"), each, tmp_path / str(each.persons_of_others), date=DAY).tables["work"]
        for each in (replace(policy, persons_of_others=3), replace(policy, persons_of_others=2))
    ]
    assert [table.set_index("work")["status"]["w0"] for table in made] == ["hidden", "shown"]


@pytest.mark.parametrize("coalition", [0, 3, 1.5, "2"])
def test_a_coalition_is_of_one_or_two(coalition):
    with pytest.raises(PolicyError, match="the rule 'coalition' has the value"):
        replace(POLICY, coalition=coalition)


SENT = """
s0 90 1
s1 0  80
s2 70 0
s3 30 30
s4 25 25
s5 20 20
s6 15 15
s7 10 10
s8 4  1
s9 2  3
"""


def intruders(coalition: int, *sources: str, times: int = 1) -> list[list[int]]:
    """What each intruder of a table of two kinds of work knows of it, where some sources sent the records."""
    lines = [line.split() for line in SENT.split("\n") if line[:2] in sources]
    sent = pd.DataFrame(
        [(source, f"w{kind}", int(size) * times) for source, *sizes in lines for kind, size in enumerate(sizes)],
        columns=["source_id", "work", "records"],
    )
    frame = sent.loc[sent.index.repeat(sent["records"]), ["source_id", "work"]]
    table = PublishedTable("work", {"work": ("w0", "w1")}, np.zeros(2, int), np.zeros(2, bool))
    layout, sources = CellLayout((table,)), Contributors(as_table(frame), coalition)
    found = sources.known(sources.sent(layout), layout.width)
    return [intruder.astype(int).tolist() for intruder in found if intruder.any()]


def test_the_largest_sources_read_alone_and_one_reader_stands_for_all_others():
    every = [f"s{n}" for n in range(10)]
    assert intruders(1, *every[:3]) == [[90, 1], [0, 80], [70, 0]]
    eight = [[90, 1], [0, 80], [70, 0], [30, 30], [25, 25], [20, 20], [15, 15], [10, 10]]
    assert intruders(1, *every[:8]) == eight
    assert intruders(1, *every) == [*eight, [4, 3]]


def test_one_reader_stands_for_all_pairs_of_sources():
    assert intruders(2, "s0", "s1", "s2", "s3") == [[160, 110]]
    assert intruders(2, "s1") == [[0, 80]]


def test_of_more_than_a_hundred_thousand_records_intruders_know_as_much():
    every = [f"s{n}" for n in range(10)]
    many, few = intruders(1, *every, times=240), intruders(1, *every)
    assert sum(map(sum, many)) > 100_000
    assert many == [[240 * known for known in intruder] for intruder in few]


@pytest.mark.parametrize("names", [("rule", "cell"), ("protects", "why"), ("hidden_for", "place"), ("number", "width")])
def test_a_variable_may_be_called_as_what_is_kept_beside_the_counts(names: tuple[str, str], tmp_path: Path):
    frame, plan = even(np.random.default_rng(3))
    called = dict(zip(("country", "work"), names, strict=True))
    other = Plan((PlannedTable("country-work", names),))
    report = tmp_path / "report.md"
    made = [
        build_release(cases, each, POLICY, tmp_path / str(number), date=DAY, report=report).tables["country-work"]
        for number, (cases, each) in enumerate([(frame, plan), (frame.rename(columns=called), other)])
    ]
    assert (made[0]["status"] == "hidden").any()
    pd.testing.assert_frame_equal(made[0].rename(columns=called), made[1])
