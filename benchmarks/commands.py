"""How long whole commands take: the help, the check of two studies, a build of all pages, and one with no change.

Each runs several times, in a process of its own. Prints medians in seconds as a Markdown table, and how busy the
machine was; where it does other work only the processor time tells. Needs POSIX and two minutes.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("research-lib")
RUNS = 5


def measured(*order: str | Path) -> tuple[float, float]:
    """Run a command; give its seconds on the clock, and those of processors, with all that it started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([COMMAND, *order], check=True, stdout=subprocess.DEVNULL)
    taken, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_build(study: Path) -> tuple[float, float]:
    """Build the pages of a study of which nothing is built."""
    shutil.rmtree(study.parent / "build", ignore_errors=True)
    return measured("build", study)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "data"
        shutil.copytree(ROOT / "data", study, ignore=shutil.ignore_patterns("raw", ".lock"))
        ways = {
            "--help": lambda: measured("--help"),
            "check, the small study": lambda: measured("check", ROOT / "tests/orinoco"),
            "check, this study": lambda: measured("check", study),
            "build, all pages": lambda: first_build(study),
            "build, nothing changed": lambda: measured("build", study),
        }
        measured("build", study)  # Python and the font cache keep what the first run makes
        busy = os.getloadavg()[0]
        print("| command | median, s | slowest, s | processor, median, s |\n|---|---|---|---|")
        for name, run in ways.items():
            clock, processor = zip(*(run() for _ in range(RUNS)), strict=True)
            print(
                f"| {name} | {statistics.median(clock):.2f} | {max(clock):.2f} | {statistics.median(processor):.2f} |"
            )
    print(f"\nload of the machine before: {busy:.1f}, after: {os.getloadavg()[0]:.1f}; {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
