"""Visitors who ask and do not read: what waits for them is bounded, and other visitors are served meanwhile."""

import shutil

import psutil
import pytest
from conftest import ROOT, rounds, run_server
from live_notebooks import write_notebook
from silent_visitors import HEAVY, besiege


@pytest.fixture(scope="module")
def server(bundle, readable):
    """A server with a page of heavy states: its port and its process."""
    folder = readable
    (folder / "notebooks").mkdir()
    shutil.copy(ROOT / "dashboards/routes.png", folder / "notebooks")
    write_notebook(folder / "notebooks/heavy.ipynb", "# Heavy", HEAVY)
    with run_server(folder, notebooks=folder / "notebooks") as (port, pid):
        yield port, psutil.Process(pid)


@pytest.mark.slow
def test_visitors_who_never_read_do_not_fill_the_memory(server):
    port, process = server
    seen = besiege(port, process, page="heavy", visitors=rounds(4, nightly=10), seconds=rounds(8, nightly=20))
    print(seen)
    assert seen["after"] < seen["before"] + 50, seen
    assert seen["most"] < seen["before"] + 300, seen
    assert seen["slowest"] < 10, seen
