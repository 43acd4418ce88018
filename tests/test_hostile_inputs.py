"""Whatever is given to the program, it says in a sentence what is wrong, where and how to fix it, or reads it soundly.

Each input is made in a folder of its own and goes through the command, or through the function that a notebook calls,
in a process with a limit of memory.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import hostile_inputs
import pytest

SECONDS, STOPPED, MEGABYTES, EITHER = 5, 30, 500, -2
INPUTS = hostile_inputs.all_inputs()


@pytest.fixture(scope="module")
def worker():
    """A process that tries inputs, each in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("hostile_worker.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def tried(hostile, worker):
    """How an input ended; its folder may be entered by anybody, since some are read by a user with few rights."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        words = hostile.make(Path(folder))
        question = {"entry": hostile.entry, "words": words, "seconds": STOPPED, "user": hostile.user}
        worker.stdin.write(json.dumps(question) + "\n")
        worker.stdin.flush()
        return json.loads(worker.stdout.readline())


@pytest.mark.slow
@pytest.mark.parametrize("hostile", INPUTS, ids=[hostile.name for hostile in INPUTS])
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
