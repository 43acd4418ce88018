"""Each command that writes leaves the old state or the new one, whatever stops it, and the next one works.

`stopped_commands.py` kills each at its steps on the disk, fills the disk there, and limits the size of its files; it
looks at what is there afterwards, at what the command says, and at the next command. By day it does so with the
command that takes records, and with some others, at a few of their steps; in `make nightly` with all, at each step.
"""

import pytest
from conftest import rounds, sample_of_today
from stopped_commands import COMMANDS, FULL, KILLED, LIMITS
from workers import working

from research_lib.cli import app

MOST = rounds(2, nightly=10_000)
TRIED = ["import", *sample_of_today([name for name in COMMANDS if name != "import"], 3)]
READ_ONLY = {"check", "waiting", "build", "serve"}  # build/ is no study, and is made anew
ELSEWHERE = {
    "release",
    "countersign",
    "checker-key",
    "demo",
}  # demo copies into a draft, as new makes a study; else test_stopped_releases.py, test_output_checking.py


def test_no_command_is_forgotten():
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert names == {name.split()[0] for name in COMMANDS} | READ_ONLY | ELSEWHERE


@pytest.fixture(scope="module")
def stopped():
    """Gives a command to a process that stops it, each time in a process forked from it, and gives what it says."""
    with working("stopped_commands.py", seconds=7200) as ask:
        yield ask


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_a_command_that_is_stopped_leaves_the_old_state_or_the_new_one(name, stopped, in_memory):
    seen = stopped({"name": name, "folder": str(in_memory), "most": MOST, "limits": LIMITS[: rounds(2, nightly=5)]})
    assert seen["wrong"] == []
    assert seen[KILLED] == seen[FULL] == min(MOST, seen["steps"])
    assert seen["old"] and seen["new"]
