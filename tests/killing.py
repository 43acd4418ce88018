"""Programs that die while they write: each is a process of its own, forked from this one, and killed for good.

Run as `python killing.py`. For each line of JSON with a task, a folder and a number it prints one with what became of it.
`imports` adds sixty synthetic cases to sixty others and is killed at random, `steps` at each step; `together` runs two
imports at once. `nobody` purges records as a user who may only read them.
"""

import gc
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.errors import ResearchError
from research_lib.interviews.answers_import import Imported, Report
from research_lib.interviews.case_files import read_cases, read_rows
from research_lib.interviews.case_store import OTHERS, join_cases, purge_study

DATA = Path(__file__).resolve().parents[1] / "data"
DAY = date(2026, 1, 1)
EACH = 60
NOTHING = Report(0, 0, 0, 0, 0, (), (), 0, (), (), ())
_STEPS = ("fsync", "replace", "rename", "unlink")


def batch(cases, first: int) -> Imported:
    """Sixty records with two free texts each, as an import gives them."""
    part = replace(cases, frame=cases.frame.iloc[first : first + EACH].reset_index(drop=True))
    ids = part.frame["case_id"]
    others = pd.DataFrame(
        [(case, question, f"text, of\n{case}") for case in ids for question in ("notes", "more")],
        columns=["case_id", "question", "answer"],
        dtype="str",
    )
    return Imported(part, others, {}, NOTHING)


def in_child(task: Callable[[], object]) -> int:
    """Run a task in a forked process, and give its number; what is there already is shared, not copied."""
    gc.freeze()
    if child := os.fork():
        return child
    code = 1
    try:
        task()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def wait(child: int) -> int:
    """The exit code of a child; negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def state_of(cases: Path) -> tuple[int, int]:
    """How many records a folder has, and how many free texts; both after what a crash left was finished."""
    frame = read_cases(cases).frame
    others = read_rows(cases / OTHERS)
    assert set(others["case_id"]) == set(frame["case_id"])
    return len(frame), len(others)


def imports(folder: Path, rounds: int) -> dict:
    """Kill an import at a random moment, many times; then bring the same in again."""
    everything = demonstration_cases()
    first, second = batch(everything, 0), batch(everything, EACH)
    seen: dict[str, int] = {"killed": 0, "as it was": 0, "all of it": 0, "lost": 0}
    longest = _longest(folder / "probe", first, second)
    for number in range(rounds):
        cases = _copied(folder / "probe", folder / f"round-{number}")
        child = in_child(lambda cases=cases: join_cases(second, cases))
        time.sleep(random.uniform(0.4, 1.1) * longest)
        os.kill(child, signal.SIGKILL)
        seen["killed"] += wait(child) == -signal.SIGKILL
        state = state_of(cases)
        seen[{(60, 120): "as it was", (120, 240): "all of it"}.get(state, "lost")] += 1
        join_cases(second, cases)
        seen["lost"] += state_of(cases) != (120, 240)
    return seen


def _longest(folder: Path, first: Imported, second: Imported) -> float:
    """How long an import takes: the median of five, into copies of a folder that has the first batch."""
    join_cases(first, folder / "cases")
    times = []
    for number in range(5):
        cases = _copied(folder, folder.with_name(f"timed-{number}"))
        start = time.monotonic()
        wait(in_child(lambda cases=cases: join_cases(second, cases)))
        times.append(time.monotonic() - start)
    return sorted(times)[2]


def _copied(study: Path, to: Path) -> Path:
    shutil.copytree(study, to)
    return to / "cases"


def steps(folder: Path, every: int) -> dict:
    """Let an import die just before each of its steps on the disk, or before every so many."""
    everything = demonstration_cases()
    first, second = batch(everything, 0), batch(everything, EACH)
    seen = {"died": 0, "lost": 0}
    join_cases(first, folder / "probe/cases")
    for number in range(0, 60, every):
        cases = _copied(folder / "probe", folder / f"step-{number}")
        died = wait(in_child(lambda cases=cases, number=number: _dying_at(number, lambda: join_cases(second, cases))))
        seen["died"] += died != 0
        seen["lost"] += state_of(cases) not in ((60, 120), (120, 240))
        join_cases(second, cases)
        seen["lost"] += state_of(cases) != (120, 240)
        if not died:
            break
    return seen


def _dying_at(number: int, task: Callable[[], object]) -> None:
    left = [number]
    for name in _STEPS:
        setattr(os, name, _counted(getattr(os, name), left))
    task()


def _counted(step: Callable, left: list[int]) -> Callable:
    def counted(*arguments, **options):
        if not left[0]:
            os._exit(9)
        left[0] -= 1
        return step(*arguments, **options)

    return counted


def together(folder: Path, rounds: int) -> dict:
    """Two imports at once, many times: nothing of either may be lost."""
    everything = demonstration_cases()
    parts = [batch(everything, 0), batch(everything, EACH)]
    seen = {"both": 0, "lost": 0}
    for number in range(rounds):
        cases = folder / f"round-{number}" / "cases"
        children = [in_child(lambda part=part, cases=cases: join_cases(part, cases)) for part in parts]
        codes = [wait(child) for child in children]
        whole = codes == [0, 0] and state_of(cases) == (120, 240)
        seen["both" if whole else "lost"] += 1
    return seen


def as_nobody(cases: Path, user: int) -> dict:
    """Purge records as a user with few rights: how that process ends, and what it is told."""
    read, write = os.pipe()

    def purge() -> None:
        os.setgid(user)
        os.setuid(user)
        try:
            purge_study(cases, DAY)
        except ResearchError as error:
            os.write(write, str(error).encode())

    code = wait(in_child(purge))
    os.close(write)
    with open(read, encoding="utf-8") as said:
        return {"code": code, "said": said.read()}


def small_study(study: Path, *, records: int | None = None) -> Path:
    """The demonstration's records, or the first of them, with a plan of two tables."""
    nothing = pd.DataFrame(columns=["case_id", "question", "answer"], dtype="str")
    cases = demonstration_cases()
    cases = replace(cases, frame=cases.frame.iloc[:records])
    join_cases(Imported(cases, nothing, {}, NOTHING), study / "cases")
    plan = Plan((PlannedTable("education", ("country_code", "education")), PlannedTable("age", ("age_band",))))
    (study / "release").mkdir()
    (study / "release/plan.toml").write_text(plan.to_toml(), encoding="utf-8")
    return study


TASKS = {"imports": imports, "steps": steps, "together": together, "nobody": as_nobody}

if __name__ == "__main__":
    random.seed(7)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        task, folder, number = json.loads(line)
        print(json.dumps(TASKS[task](Path(folder), number)), flush=True)
