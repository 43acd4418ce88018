"""Whatever is given to the program, it says in a sentence what is wrong, where and how to fix it, or reads it soundly.

Each input is made in a folder of its own and goes through the command, or through the function that a notebook calls,
in a process with a limit of memory.
"""

import re
import tempfile
from collections import Counter
from pathlib import Path

import hostile_inputs
import pytest
from conftest import sample_of_today
from workers import working

SECONDS, STOPPED, MEGABYTES, EITHER = 5, 30, 500, -2
INPUTS = hostile_inputs.all_inputs()
MEMORY = Path("/dev/shm")
WHERE = re.compile(r" (?:as|in) ")


def kind(hostile):
    """What reads an input, and the file that it stands for or in."""
    return hostile.entry, WHERE.split(hostile.name)[-1] if WHERE.search(hostile.name) else ""


@pytest.fixture(scope="module")
def worker():
    """A process that tries inputs, each in a process of its own."""
    with working("hostile_worker.py", seconds=600) as ask:
        yield ask


def tried(hostile, worker):
    """How an input ended; its folder may be entered by anybody, since some are read by a user with few rights.

    Stores are in memory, where there is such a folder, since each of their events waits for the disk.
    """
    is_in_memory = hostile.entry.startswith("store") and MEMORY.is_dir()
    with tempfile.TemporaryDirectory(dir=MEMORY if is_in_memory else None) as folder:
        Path(folder).chmod(0o777)
        words = hostile.make(Path(folder))
        question = {"entry": hostile.entry, "words": words, "seconds": STOPPED, "user": hostile.user}
        return worker(question)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", sample_of_today(INPUTS, 2, kind=kind), ids=lambda hostile: hostile.name)
def test_a_hostile_input_ends_in_a_sentence_or_a_sound_report(hostile, worker):
    ended = tried(hostile, worker)
    said = f"{ended['out']}\n{ended['error']}"
    assert "Traceback" not in said and "Warning" not in said, said[-3_000:]
    assert ended["code"] == hostile.code or (hostile.code == EITHER and ended["code"] in (0, 2)), said[:3_000]
    assert re.search(hostile.says, said, re.DOTALL | re.MULTILINE), said[:3_000]
    assert max(map(len, said.splitlines())) < 3_000
    assert ended["seconds"] < SECONDS
    assert ended["megabytes"] < MEGABYTES


def test_there_are_more_than_150_of_them_each_another():
    families = Counter(hostile.entry for hostile in INPUTS)
    assert len(INPUTS) > 250 and len({hostile.name for hostile in INPUTS}) == len(INPUTS)
    assert min(families["document"], families["refi"], families["taguette"], families["store"]) >= 20
    assert families["command"] >= 150
