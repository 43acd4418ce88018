"""How fast a release is made from 1,000,000 cases with a plan of 40 three-way tables, and how fast a large CSV is read.

Each task runs several times in processes of its own, ours and the peer's in turn, over the same files. Seconds leave
out imports and the opening of the data, for pandas also the reading and coding of the cases; the peak is that of the
whole process, with what it held before the task began beside it. The audit has no peer here: scipy's
linprog does not find the two ends of a single hidden cell in seven minutes. Prints a Markdown table of medians.
"""

import datetime
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from research_lib.disclosure.case_counts import NO_ANSWER, count, observed_values
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import audit, build_release
from research_lib.disclosure.released import MANIFEST, Released, open_release
from research_lib.files.tabular import read_table
from research_lib.missing_answers import MISSING
from research_lib.published_cells import HIDDEN

RUNS = 3
CASES, PERSONS, SOURCES, TABLES = 1_000_000, 970_000, 60, 40
KINDS, CHUNK = 8, 50_000
VALUES = {
    "country_code": 2, "cohort": 10, "education": 7, "marital_status": 5, "origin_province": 15, "residence": 7,
    "housing": 8, "first_work": 9, "cost": 6, "entry_mode": 8, "income_now": 6, "practice": 3,
}  # fmt: skip
DATE = datetime.date(2026, 1, 31)

FOLDER = Path(tempfile.gettempdir()) / "research-lib-million-cases"
DATABASE, PARQUET, CSV, RELEASE = (FOLDER / name for name in ("cases.duckdb", "cases.parquet", "cases.csv", "release"))


def plan() -> Plan:
    every = list(combinations(VALUES, 3))
    chosen = np.random.default_rng(2).choice(len(every), TABLES, replace=False)
    return Plan(tuple(PlannedTable(f"t{number}", every[number]) for number in sorted(chosen)), ("practice",))


def cases() -> pd.DataFrame:
    """Cases of a few kinds of persons, each kind with shares of its own; a source sees some kinds more than others."""
    draw = np.random.default_rng(1)
    kind = draw.choice(KINDS, CASES, p=skewed(draw, KINDS))
    person = np.concatenate([np.arange(PERSONS), draw.integers(0, PERSONS, CASES - PERSONS)])
    number = np.arange(CASES).astype(str)
    fixed = {
        "case_id": np.char.add("c", number),
        "person_id": np.char.add("p", person.astype(str)),
        "source_id": drawn(draw, kind, [f"s{n}" for n in range(SOURCES)]),
        "site": drawn(draw, kind, ["paris", "turin", "milan", "other_site"]),
        "interview_year": drawn(draw, kind, [str(year) for year in range(2026, 2033)]),
        "consent_scope": drawn(draw, kind, ["published_tables"]),
        "retention_date": drawn(draw, kind, ["2036-01-31", "2041-12-31"]),
        "is_synthetic": drawn(draw, kind, ["yes"]),
    }
    answers = {
        name: drawn(draw, kind, [*(f"{name}_{n}" for n in range(size)), *MISSING[1:4]])
        if name != "country_code"
        else drawn(draw, kind, ["FRA", "ITA"])
        for name, size in VALUES.items()
    }
    return pd.DataFrame(fixed | answers)


def drawn(draw: np.random.Generator, kind: np.ndarray, values: list[str]) -> np.ndarray:
    names, found = np.array(values, dtype=object), np.empty(len(kind), dtype=np.int8)
    for each in range(KINDS):
        members = kind == each
        found[members] = draw.choice(len(values), members.sum(), p=skewed(draw, len(values)))
    return names[found]


def skewed(draw: np.random.Generator, size: int) -> np.ndarray:
    """Shares of which some are large and many small, down to a few persons in a million."""
    shares = draw.dirichlet(np.full(size, 0.4)) + 0.0002
    return shares / shares.sum()


def make() -> None:
    frame = cases()
    frame.to_parquet(PARQUET)
    frame.to_csv(CSV, index=False)
    ibis.duckdb.connect(DATABASE).create_table("cases", frame)


def table() -> ibis.Table:
    return ibis.duckdb.connect(DATABASE, read_only=True).table("cases")


def counted(source: ibis.Table) -> list:
    return list(count(source, plan(), observed_values(source, plan())))


def coded() -> pd.DataFrame:
    """The cases in the form that pandas counts fastest: every column as categories, the kinds of missing together."""
    frame = pd.read_parquet(PARQUET, columns=["person_id", "source_id", *VALUES])
    together = {name: frame[name].where(~frame[name].isin(MISSING), NO_ANSWER) for name in VALUES}
    numbers = frame["person_id"].factorize()[0]
    return frame.assign(**together, person_id=numbers).astype(dict.fromkeys(["source_id", *VALUES], "category"))


def by_pandas(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [measures(frame, list(planned.variables)) for planned in plan().tables]


def measures(frame: pd.DataFrame, variables: list[str]) -> pd.DataFrame:
    by_source = frame.groupby([*variables, "source_id"], observed=True).size().reset_index(name="records")
    ordered = by_source.sort_values("records", ascending=False)
    groups = ordered.groupby(variables, observed=True)["records"]
    two = ordered[groups.cumcount() < 2].groupby(variables, observed=True)["records"].sum()
    persons = frame.groupby(variables, observed=True)["person_id"].nunique()
    named = {"records": groups.sum(), "persons": persons, "sources": groups.size(), "largest": groups.first()}
    return pd.DataFrame({**named, "largest_two": two})


def release(source: ibis.Table) -> Released:
    shutil.rmtree(RELEASE, ignore_errors=True)
    return build_release(source, plan(), Policy.read(), RELEASE, date=DATE)


def opened() -> Released:
    """The release that was made just before, with a key of its own."""
    return open_release(RELEASE, trusted=[json.loads((RELEASE / MANIFEST).read_text())["public_key"]])


def audited(released: Released) -> None:
    assert audit(released, ends=False)["is_safe"].all()


def read(path: Path) -> None:
    assert len(read_table(path).frame) == CASES


def in_chunks(path: Path) -> None:
    assert sum(len(frame) for frame in pd.read_csv(path, dtype=str, chunksize=CHUNK)) == CASES


Task = tuple[Callable[[], object], Callable[[object], object]]
TASKS: dict[str, tuple[Task, Task | None]] = {
    "count 40 three-way tables (peer: pandas groupby)": ((table, counted), (coded, by_pandas)),
    "count, protect, write, sign and audit": ((table, release), None),
    "audit of the written release alone": ((opened, audited), None),
    "read a CSV of 1,000,000 × 20 (peer: pandas.read_csv in chunks)": (
        (lambda: CSV, read),
        (lambda: CSV, in_chunks),
    ),
}


def held() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(name: str, which: int) -> None:
    task = TASKS[name][which]
    data = task[0]()
    before, started = held(), time.perf_counter()
    task[1](data)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "before": before, "peak": held()}))


def in_own_process(*arguments: str) -> str:
    """The last line that a process of its own prints; a solver may have said its name before."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().rpartition("\n")[2]


def median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(one[key] for one in runs)


def cells(runs: list[dict[str, float]]) -> list[str]:
    return [f"{median(runs, 'seconds'):,.2f}", f"{median(runs, 'peak'):,.0f} ({median(runs, 'before'):,.0f})"]


def described() -> str:
    tables = opened().tables.values()
    hidden = sum(int((each["status"] == HIDDEN).sum()) for each in tables)
    size = sum(map(len, tables))
    return f"{CASES:,} cases of {PERSONS:,} persons; {len(tables)} tables, {size:,} cells, {hidden:,} hidden"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    in_own_process("make")
    print("| task | ours, s | MB (before) | peer, s | MB (before) | peer / ours |\n|---|---|---|---|---|---|")
    for name, (_, peer) in TASKS.items():
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(json.loads(in_own_process(name, "0")))
            if peer:
                theirs.append(json.loads(in_own_process(name, "1")))
        ratio = f"{median(theirs, 'seconds') / median(ours, 'seconds'):.1f} ×" if peer else "–"
        print("|", " | ".join([name, *cells(ours), *(cells(theirs) if peer else ["–", "–"]), ratio]), "|", flush=True)
    print(f"\n{described()}")
    shutil.rmtree(FOLDER)


if __name__ == "__main__":
    if sys.argv[1:] == ["make"]:
        make()
    elif len(sys.argv) > 1:
        run(sys.argv[1], int(sys.argv[2]))
    else:
        main()
