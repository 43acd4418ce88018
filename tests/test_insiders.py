"""A source that knows its own records derives no hidden cell closely; from naive suppression it derives many."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attack import Attack

from research_lib.disclosure.plan import Plan, PlannedTable
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.released import Released
from research_lib.disclosure.suppression.disclosure_audit import AuditError

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


def narrowed(release: Released, own: pd.DataFrame) -> int:
    """The number of hidden cells that the owner of some records knows within fewer than ten persons."""
    found = Attack([release], own=[own]).run().found()
    return int((found["high"] - found["low"] < POLICY.smallest_interval).sum())


def attacks(frame: pd.DataFrame, release: Released, together: int = 1) -> Iterator[int]:
    for names in combinations(sorted(set(frame["source_id"])), together):
        yield narrowed(release, frame[frame["source_id"].isin(names)])


@pytest.mark.slow
@pytest.mark.parametrize("make", [even, dominated, ring, nested])
def test_no_source_of_fifty_studies_comes_close_to_a_hidden_cell(make: Maker, tmp_path: Path):
    hidden = refused = 0
    for seed in range(50):
        frame, plan = make(np.random.default_rng(seed))
        try:
            release = build_release(frame, plan, POLICY, tmp_path / str(seed), date=DAY)
        except AuditError:
            refused += 1
            continue
        hidden += sum(int((table["status"] == "hidden").sum()) for table in release.tables.values())
        assert narrowed(release, frame.iloc[:0]) == 0
        assert sum(attacks(frame, release)) == 0, seed
    print(make.__name__, hidden, refused)
    assert hidden > 200 and refused < 10
