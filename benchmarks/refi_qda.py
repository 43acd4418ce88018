"""How fast a large REFI-QDA project is written and read, and how much memory that takes.

Makes a project of 2,000 documents and a million codings, each a selection of its own; writes and reads it, each in a
process of its own. Prints a Markdown table of seconds and peak memory, imports and the making left out of the seconds.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Project
from research_lib.exchange.refi_qda import read_project, write_project

DOCUMENTS, CODINGS, CODES, LENGTH, LONGEST = 2_000, 1_000_000, 200, 4_000, 80
SENTENCE = "她们说，路上没有人问过名字。 She said nobody asked. 😀\r\n"


def made() -> Project:
    rng = np.random.default_rng(7)
    text = (SENTENCE * (LENGTH // len(SENTENCE) + 1))[:LENGTH]
    documents = tuple(Document(f"d{number}", f"Interview {number}", text) for number in range(DOCUMENTS))
    codes = tuple(Code(f"c{number}", f"Code {number}") for number in range(CODES))
    start = rng.integers(0, LENGTH - LONGEST, CODINGS)
    rows = {
        "document": np.array([document.id for document in documents], dtype=object)[
            np.repeat(np.arange(DOCUMENTS), CODINGS // DOCUMENTS)
        ],
        "start": start,
        "end": start + rng.integers(1, LONGEST, CODINGS),
        "code": np.array([code.id for code in codes], dtype=object)[rng.integers(0, CODES, CODINGS)],
        "coder": np.array(["A", "B"], dtype=object)[rng.integers(0, 2, CODINGS)],
        "time": pd.Timestamp("2024-05-01", tz="UTC") + pd.to_timedelta(np.arange(CODINGS), unit="ms"),
    }
    return Project("A million", Codebook(codes), Corpus(documents), as_codings(rows), (Coder("A"), Coder("B")))


def measured(what: str, path: str) -> None:
    project = made() if what == "write" else None
    started = time.perf_counter()
    if project:
        losses = write_project(project, path)
    else:
        project = read_project(path)
        losses = project.losses
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "codings": len(project.codings), "losses": len(losses)}))


def main() -> None:
    print("| a million codings in 2,000 documents | seconds | peak memory, MB | codings | losses |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.qdpx"
        for what in ("write", "read"):
            command = [sys.executable, __file__, what, str(path)]
            run = subprocess.run(command, check=True, capture_output=True, text=True)
            found = json.loads(run.stdout)
            print(
                f"| {what} | {found['seconds']:.1f} | {found['peak']:,.0f} | {found['codings']:,} | {found['losses']} |"
            )
        print(f"\nThe file has {path.stat().st_size / 1e6:,.0f} MB.")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measured(*sys.argv[1:])
    else:
        main()
