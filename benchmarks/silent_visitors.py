"""How the server fares while ten visitors ask without end and read nothing: its memory, and how soon pages answer.

They visit the live page that compares groups, with a kernel each, for a minute. Prints a Markdown table. Needs Linux,
five gigabytes of memory and two minutes.
"""

import sys
import tempfile
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conftest import run_server  # noqa: E402
from silent_visitors import besiege  # noqa: E402

WORDS = {
    "before": "memory of the server before, MB",
    "most": "at most",
    "after": "five seconds after",
    "quiet": "a page before, median, s",
    "median": "a page meanwhile, median, s",
    "slowest": "the slowest page meanwhile, s",
    "sent": "messages sent",
    "closed": "connections that the server ended",
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as (port, pid):
        seen = besiege(port, psutil.Process(pid), page="compare", visitors=10, seconds=60)
    print("| ten visitors who never read, for a minute | |\n|---|---|")
    for name, words in WORDS.items():
        print(f"| {words} | {seen[name]:.3g} |" if isinstance(seen[name], float) else f"| {words} | {seen[name]} |")


if __name__ == "__main__":
    main()
