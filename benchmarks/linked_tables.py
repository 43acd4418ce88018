"""How fast linked tables with codes within codes are protected, and how much that hides.

A synthetic census of 10,000 persons from twelve sources, of the shape of a benchmark of Statistics Norway (`d53` in the
tests of GaussSuppression): sex with age, work, housing and family, crossed as its four linked formulas cross them, ages
at three levels of detail, work at two, housing and family at three, as thirty tables; about a third of the cells that
are not empty are small. Each run is in a process of its own: a whole release (count, protect, write, audit, sign) with
the policy's promise of ten persons, and a quick dry run, which only keeps hidden cells from being known exactly.
Prints a Markdown table of medians.
"""

import datetime
import json
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.disclosure.plan_losses import information_loss
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.published_cells import HIDDEN

RUNS, PERSONS, SOURCES = 3, 10_000, 12
DAY = datetime.date(2026, 1, 31)
TASKS = {"release": "a release: every hidden cell open by 10 persons", "quick": "a quick dry run: none known exactly"}
COHORTS, WORK = ("cohort_l", "cohort_m", "cohort_h"), ("work_l", "work_h")
HOUSING, FAMILY = ("housing_l", "housing_m", "housing_h"), ("family_l", "family_m", "family_h")
CROSSINGS = [
    ("sex", *each)
    for each in (
        *product(COHORTS, WORK),
        *product(COHORTS, HOUSING),
        *product(COHORTS, FAMILY),
        *product(WORK, HOUSING),
    )
]


def census() -> pd.DataFrame:
    """Persons whose work, housing and family depend on their age; many combinations are rare."""
    draw = np.random.default_rng(53)
    cohort = draw.choice(21, PERSONS, p=steep(draw, 21, 0.5))
    work, housing, family = (depending(draw, cohort // 4, size) for size in (9, 12, 13))
    sex, year = draw.integers(0, 2, PERSONS), np.minimum(cohort * 5 + draw.integers(0, 5, PERSONS), 100)
    codes = {
        **{"sex": sex, "cohort_h": year, "cohort_m": year // 5, "cohort_l": year // 20},
        **{"work_h": work, "work_l": work // 2},
        **{"housing_h": housing, "housing_m": housing // 2, "housing_l": housing // 4},
        **{"family_h": family, "family_m": family // 2, "family_l": family // 4},
    }
    frame = pd.DataFrame({name: [f"{name}{n:03}" for n in values] for name, values in codes.items()})
    ids, source = [f"p{n}" for n in range(PERSONS)], draw.choice(SOURCES, PERSONS, p=steep(draw, SOURCES, 0.5))
    named = {"source_id": [f"s{n}" for n in source], "is_synthetic": "yes", "consent_scope": "published_tables"}
    return frame.assign(case_id=ids, person_id=ids, **named)


def steep(draw: np.random.Generator, size: int, spread: float) -> np.ndarray:
    shares = np.exp(-spread * np.sort(draw.exponential(1.3, size)))
    return shares / shares.sum()


def depending(draw: np.random.Generator, on: np.ndarray, size: int) -> np.ndarray:
    own = np.array([draw.permutation(steep(draw, size, 1.1)) for _ in range(on.max() + 1)])
    steps = (0.6 * own + 0.4 * steep(draw, size, 1.1)).cumsum(axis=1)
    return (draw.random(len(on))[:, None] > steps[on]).sum(axis=1).clip(0, size - 1)


def run(task: str) -> None:
    frame, plan = census(), Plan(tuple(PlannedTable("-".join(each), each) for each in CROSSINGS))
    started = time.perf_counter()
    if task == "release":
        with tempfile.TemporaryDirectory() as folder:
            made = build_release(frame, plan, Policy(), Path(folder) / "one", date=DAY)
            seconds, cells = time.perf_counter() - started, pd.concat(made.tables.values())
        found = {"cells": len(cells), "hidden": int((cells["status"] == HIDDEN).sum())}
    else:
        costs = information_loss(frame, plan, Policy(), date=DAY, quick=True).tables
        seconds = time.perf_counter() - started
        found = {name: int(costs[name].sum()) for name in ("cells", "hidden")}
    print(json.dumps({"seconds": seconds, **found}))


def main() -> None:
    print(f"| {len(CROSSINGS)} linked tables of {PERSONS:,} persons | seconds | cells | hidden |\n|---|---|---|---|")
    for task, words in TASKS.items():
        command = [sys.executable, __file__, task]
        done = [subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True) for _ in range(RUNS)]
        found = [json.loads(each.stdout.strip().rpartition("\n")[2]) for each in done]
        seconds = statistics.median(each["seconds"] for each in found)
        print(f"| {words} | {seconds:,.1f} | {found[0]['cells']:,} | {found[0]['hidden']:,} |", flush=True)


if __name__ == "__main__":
    run(sys.argv[1]) if len(sys.argv) > 1 else main()
