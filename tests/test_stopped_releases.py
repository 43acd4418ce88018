"""A release is there whole or not at all, whatever stops it: a kill at any step, a full disk, another one beside it.

After each stop, `stopping.py` looks at the earlier releases, at what the command says, and at the next release.
"""

import pytest
import stopping
from conftest import rounds, sample_of_today
from workers import working

pytestmark = pytest.mark.slow
LIMITS = {0: "release.key", 300: "trusted_keys.toml", 600: "education.csv", 1_000: "policy.toml"}  # bytes


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """Gives a task to a process that stops releases, each in a process forked from it, and gives what it says."""
    with working("stopping.py", str(tmp_path_factory.mktemp("computed")), seconds=3600) as ask:
        yield lambda task, folder, *options: ask([task, str(folder), *options])


def test_a_kill_or_a_full_disk_at_any_step_leaves_a_whole_release_or_none(in_memory, stopped):
    every = rounds(15, nightly=1)
    seen = stopped("steps", in_memory, every)
    assert seen["wrong"] == []
    assert seen["steps"] > 90
    assert min(seen[f"{fault}, none"] for fault in (stopping.KILLED, stopping.FULL)) > 80 / every
    assert min(seen[f"{fault}, whole"] for fault in (stopping.KILLED, stopping.FULL)) > 5 // every


def test_a_file_that_may_not_grow_further_is_named_and_nothing_is_released(in_memory, stopped):
    tried = sample_of_today(LIMITS, 2)
    seen = stopped("limits", in_memory, tried)
    assert seen["wrong"] == []
    assert seen["refused"] == [LIMITS[each] for each in tried]


def test_a_kill_at_any_moment_leaves_a_whole_release_or_none(in_memory, stopped):
    seen = stopped("random", in_memory, rounds(1, nightly=20))
    assert seen["wrong"] == []
    assert seen["killed"]


def test_of_two_releases_at_once_one_waits_and_is_made_or_refused(in_memory, stopped):
    seen = stopped("together", in_memory)
    assert seen["wrong"] == []
    assert seen["made"] in ([1, 1], [1, 2])
