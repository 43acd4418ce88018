"""How fast and how heavy close reading is: co-occurrence beside a pandas self-merge, α beside `krippendorff`, REFI-QDA.

Each task runs several times in processes of its own, ours and the peer's in turn. Seconds leave out imports and the
making of the data; the peak is that of the whole process, with what it held before the task began beside it. Where a
peer cannot do the full size within the machine's memory, both do a smaller one. Prints a Markdown table of medians.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.coding import agreement, cooccurrence
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Project
from research_lib.exchange import refi_qda

RUNS = 5
MILLION = 1_000_000
SENTENCE = "她们说，路上没有人问过名字。 She said nobody asked. 😀\r\n"


def segments(size: int, *, documents: int = 2_000, worst: bool = False) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    start = draw.integers(0, 1_000 if worst else 50_000, size)
    names = pd.Categorical.from_codes
    return pd.DataFrame(
        {
            "document": names(draw.integers(0, documents, size), [f"d{n}" for n in range(documents)]),
            "start": start,
            "end": start + (5_000 if worst else draw.integers(20, 400, size)),
            "code": names(draw.integers(0, 200, size), [f"c{n}" for n in range(200)]),
            "coder": names(draw.integers(0, 2, size), ["ana", "ben"]),
        }
    )


def self_merge(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.reset_index(drop=True).reset_index()
    pairs = rows.merge(rows, on=["document", "coder"])
    met = pairs[
        (pairs["index_x"] < pairs["index_y"])
        & (pairs["start_x"] < pairs["end_y"])
        & (pairs["start_y"] < pairs["end_x"])
    ]
    one_way = pd.crosstab(met["code_x"], met["code_y"], dropna=False)
    return one_way + one_way.T


def ratings(units: int, coders: int, values: int) -> np.ndarray:
    draw = np.random.default_rng(1)
    truth = draw.integers(0, values, (units, 1))
    return np.where(draw.random((units, coders)) < 0.7, truth, draw.integers(0, values, (units, coders))).astype(float)


def by_krippendorff(table: np.ndarray) -> float:
    import krippendorff

    return krippendorff.alpha(table.T, level_of_measurement="nominal")


def alpha(table: np.ndarray) -> float:
    return agreement.krippendorff_alpha(table, resamples=0).value


def million() -> Project:
    draw = np.random.default_rng(7)
    text = (SENTENCE * 200)[:4_000]
    documents = tuple(Document(f"d{n}", f"Interview {n}", text) for n in range(2_000))
    start = draw.integers(0, 3_900, MILLION)
    rows = {
        "document": np.repeat([document.id for document in documents], MILLION // 2_000),
        "start": start,
        "end": start + draw.integers(1, 80, MILLION),
        "code": np.array([f"c{n}" for n in range(200)], dtype=object)[draw.integers(0, 200, MILLION)],
        "coder": np.array(["ana", "ben"], dtype=object)[draw.integers(0, 2, MILLION)],
        "time": pd.Timestamp("2024-05-01", tz="UTC") + pd.to_timedelta(np.arange(MILLION), unit="ms"),
    }
    codes = Codebook(tuple(Code(f"c{n}", f"Code {n}") for n in range(200)))
    return Project("A million", codes, Corpus(documents), as_codings(rows), (Coder("ana"), Coder("ben")))


FILE = Path(tempfile.gettempdir()) / "research-lib-million.qdpx"
Task = tuple[Callable[[], object], Callable[[object], object]]
TASKS: dict[str, tuple[Task, Task | None]] = {
    "co-occurrence, 1,000,000 segments in 2,000 documents, 200 codes": (
        (lambda: segments(MILLION), cooccurrence.count),
        None,
    ),
    "co-occurrence, 1,000,000 segments that all overlap": (
        (lambda: segments(MILLION, documents=1, worst=True).assign(coder="ana"), cooccurrence.count),
        None,
    ),
    "co-occurrence, 100,000 segments in 2,000 documents (peer: pandas self-merge)": (
        (lambda: segments(100_000), cooccurrence.count),
        (lambda: segments(100_000), self_merge),
    ),
    "α, 3 coders × 1,000,000 units × 50 values": ((lambda: ratings(MILLION, 3, 50), alpha), None),
    "α, 3 coders × 20,000 units × 50 values (peer: krippendorff)": (
        (lambda: ratings(20_000, 3, 50), alpha),
        (lambda: ratings(20_000, 3, 50), by_krippendorff),
    ),
    "interval of α, 1,000 resamples of 10,000 units × 4 coders": (
        (lambda: ratings(10_000, 4, 5), agreement.krippendorff_alpha),
        None,
    ),
    "REFI-QDA, write 1,000,000 selections": ((million, lambda project: refi_qda.write_project(project, FILE)), None),
    "REFI-QDA, read 1,000,000 selections": ((lambda: FILE, refi_qda.read_project), None),
}


def held() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(name: str, which: int) -> None:
    task = TASKS[name][which]
    data = task[0]()
    before, started = held(), time.perf_counter()
    task[1](data)
    print(json.dumps({"seconds": time.perf_counter() - started, "before": before, "peak": held()}))


def measured(name: str, which: int) -> dict[str, float]:
    command = [sys.executable, __file__, name, str(which)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(one[key] for one in runs)


def cells(runs: list[dict[str, float]]) -> list[str]:
    return [f"{median(runs, 'seconds'):.2f}", f"{median(runs, 'peak'):,.0f} ({median(runs, 'before'):,.0f})"]


def main() -> None:
    print("| task | ours, s | MB (before) | peer, s | MB (before) | peer / ours |\n|---|---|---|---|---|---|")
    for name, (_, peer) in TASKS.items():
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(measured(name, 0))
            if peer:
                theirs.append(measured(name, 1))
        ratio = f"{median(theirs, 'seconds') / median(ours, 'seconds'):.0f} ×" if peer else "–"
        print("|", " | ".join([name, *cells(ours), *(cells(theirs) if peer else ["–", "–"]), ratio]), "|", flush=True)
    FILE.unlink(missing_ok=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1], int(sys.argv[2]))
    else:
        main()
