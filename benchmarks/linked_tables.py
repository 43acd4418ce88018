"""How fast linked tables with codes within codes are protected, and how much that hides.

A synthetic census of 10,000 persons from twelve sources, of the shape of a benchmark of Statistics Norway (`d53` in the
tests of GaussSuppression): four linked crossings of ages, work, housing and family, each at two levels of detail, as
fourteen tables. Each run is a whole release (count, protect, write, audit, sign) in a process of its own. With the
policy's promise of ten persons, and with a promise of two, which only keeps hidden cells from being known exactly.
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

from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.methods.published_cell_status import HIDDEN

RUNS, PERSONS, SOURCES = 3, 10_000, 12
PROMISES = {10: "10 persons", 2: "not exactly known"}
COHORTS = ("cohort_l", "cohort_m")
CROSSINGS = [
    *product(COHORTS, ("work_l",)),
    *product(COHORTS, ("housing_l", "housing_m")),
    *product(COHORTS, ("family_l", "family_m")),
    *product(("work_l", "work_h"), ("housing_l", "housing_m")),
]


def census() -> pd.DataFrame:
    """Persons whose work, housing and family depend on their age; many combinations are rare."""
    draw = np.random.default_rng(53)
    cohort = draw.choice(21, PERSONS, p=steep(draw, 21, 0.5))
    work, housing, family = (depending(draw, cohort // 4, size) for size in (9, 12, 13))
    codes = {
        **{"cohort_m": cohort, "cohort_l": cohort // 4, "work_h": work, "work_l": work // 2},
        **{"housing_m": housing, "housing_l": housing // 3, "family_m": family, "family_l": family // 3},
    }
    frame = pd.DataFrame({name: [f"{name[:-2]}{n:02}" for n in values] for name, values in codes.items()})
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


def run(promise: int) -> None:
    frame, plan = census(), Plan(tuple(PlannedTable("-".join(each), each) for each in CROSSINGS))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        made = build_release(
            frame, plan, Policy(smallest_interval=promise), Path(folder) / "one", date=datetime.date(2026, 1, 31)
        )
        seconds = time.perf_counter() - started
    cells = pd.concat(made.tables.values())
    print(json.dumps({"seconds": seconds, "cells": len(cells), "hidden": int((cells["status"] == HIDDEN).sum())}))


def main() -> None:
    print(f"| a hidden cell of {PERSONS:,} persons stays open by | seconds | cells | hidden |\n|---|---|---|---|")
    for promise, words in PROMISES.items():
        command = [sys.executable, __file__, str(promise)]
        done = [subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True) for _ in range(RUNS)]
        found = [json.loads(each.stdout.strip().rpartition("\n")[2]) for each in done]
        seconds = statistics.median(each["seconds"] for each in found)
        print(f"| {words} | {seconds:,.1f} | {found[0]['cells']:,} | {found[0]['hidden']:,} |", flush=True)


if __name__ == "__main__":
    run(int(sys.argv[1])) if len(sys.argv) > 1 else main()
