"""Runs hostile inputs, each in a process of its own with a limit of memory and time, and says how it ended.

A line of JSON comes in: the entry, its words, the seconds it may take. A line goes out: the exit code, what was written
to both outputs, the seconds of computing, and the memory above what the library itself takes. Everything is imported
once, before the first input, so that an input costs what it costs and no more.
"""

import gc
import io
import json
import os
import resource
import select
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import redirect_stdout, suppress
from pathlib import Path

import hostile_inputs

from research_lib import cli
from research_lib.coding.project import Project
from research_lib.coding.storage import events
from research_lib.coding.storage.salvage import salvage
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import project_of
from research_lib.errors import ResearchError
from research_lib.exchange import refi_qda, taguette
from research_lib.files import documents
from research_lib.interviews import answers_import, case_store, survey_import, xlsform

MEMORY = 1536 << 20
EVERYTHING = (answers_import, case_store, survey_import, xlsform)


def command(*words: str) -> None:
    sys.argv = ["research-lib", *words]
    cli.main()


def use_store(path: str, *pragmas: str) -> None:
    """All that a person does with a store: look for problems, read it, write to it, rebuild and copy it."""
    with Store(path) as store:
        for problem in store.problems():
            print(problem)
        for pragma in pragmas:
            store.rows(f"PRAGMA {pragma}")
        print(len(project_of(store).codings), "codings")
        for place in range(200):
            store.add("one", place, place + 3, "fear", coder="ben", memo="m" * 2_000)
        store.undo("ben")
        store.rebuild()
        print("copied to", store.copy(f"{path}.copy"))


def use_store_at_once(path: str) -> None:
    events._PATIENCE_S = 0.5
    use_store(path)


def print_losses(project: Project) -> None:
    """The report of what a file held and a project cannot, its beginning."""
    print(len(project.codings), "codings;", len(project.losses), "losses")
    for loss in project.losses[:5]:
        print(f"{loss.place}: {loss.what}: {loss.reason}"[:500])


ENTRIES = {
    "command": command,
    "document": lambda path: print(len(documents.read_text(path).text), "characters"),
    "refi": lambda path: print_losses(refi_qda.read_project(path)),
    "taguette": lambda path: print_losses(taguette.read_project(path)),
    "store": use_store,
    "store at once": use_store_at_once,
    "salvage": lambda path, target: print(salvage(path, target)),
}


def run(entry: str, words: list[str]) -> int:
    try:
        ENTRIES[entry](*words)
    except SystemExit as ended:
        return int(ended.code or 0)
    except ResearchError as error:
        print(error, file=sys.stderr)
        return 2
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def child(entry: str, words: list[str], outputs: list[int], user: int) -> None:
    for number, output in enumerate(outputs, start=1):
        os.dup2(output, number)
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    if user and not os.getuid():
        os.setuid(user)
    sys.stdout.reconfigure(encoding="utf-8", errors="strict")
    code = run(entry, words)
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def tried(entry: str, words: list[str], seconds: float, user: int = 0) -> dict:
    """How one input ended; code -1 where it had to be stopped."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        before, began = resident(), time.monotonic()
        if not (pid := os.fork()):
            child(entry, words, [out.fileno(), error.fileno()], user)
        watched = os.pidfd_open(pid)
        stopped = not select.select([watched], [], [], seconds)[0]
        os.close(watched)
        if stopped:
            os.kill(pid, 9)
        _, status, used = os.wait4(pid, 0)
        texts = [(stream.seek(0), stream.read().decode(errors="replace"))[1] for stream in (out, error)]
    return {
        "code": -1 if stopped else os.waitstatus_to_exitcode(status),
        "out": texts[0],
        "error": texts[1],
        "seconds": time.monotonic() - began if stopped else used.ru_utime + used.ru_stime,
        "megabytes": (used.ru_maxrss * 1024 - before) / (1 << 20),
    }


def warm_up() -> None:
    """Do everything once with small sound inputs, so that what is made at the first use counts for no input."""
    with tempfile.TemporaryDirectory() as name, redirect_stdout(io.StringIO()):
        folder = Path(name)
        row = hostile_inputs.header("places") + hostile_inputs.place("a")
        words = hostile_inputs.surveyed(folder, hostile_inputs.organisation())
        for given in (
            hostile_inputs.with_file("tables/places.csv", lambda: row)(folder / words[1]),
            words,
            hostile_inputs.said("x")(folder),
            hostile_inputs.book(hostile_inputs.HEAD)(folder),
            hostile_inputs.as_form(lambda: hostile_inputs.partner(hostile_inputs.GROUP, hostile_inputs.END))(folder),
        ):
            run("command", given)
        run("refi", hostile_inputs.project(hostile_inputs.xml)(folder))
        run("taguette", hostile_inputs.tagged()(folder))
        run("document", hostile_inputs.drawn("BT /F 9 Tf (a) Tj ET", f"/Font<</F {hostile_inputs.LATIN}>>")(folder))
        run("store", [str(hostile_inputs.stored_codings(folder))])


if __name__ == "__main__":
    warm_up()
    gc.freeze()
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    for line in sys.stdin:
        print(json.dumps(tried(**json.loads(line))), flush=True)
