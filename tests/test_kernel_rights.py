"""Where the server runs as root, no kernel does: each is a user of its own, or is not started."""

import html
import os
import re
import shutil
import time
import urllib.error
import urllib.request

import psutil
import pytest
from conftest import ROOT, kernels, run_server
from live_notebooks import write_notebook

from research_lib.show.site.kernels.visitor_kernels import RightsError, own_user

TRY = """
import os
from pathlib import Path

study = Path(os.environ["RESEARCH_LIB_STUDY"])


def tried(deed):
    try:
        deed()
    except OSError as error:
        return type(error).__name__
    return "done"


deeds = {
    "cases": lambda: (study / "cases/cases.csv").read_text(),
    "server": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "tables": lambda: (study / "tables/own.csv").write_text("x"),
    "claims": lambda: (study / "tables/claims.csv").read_text(),
}
print("tried", os.getuid(), *(f"{name}:{tried(deed)}" for name, deed in deeds.items()))
"""
pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="a server without rights has none to give away"
)


@pytest.fixture(scope="module")
def study(readable, bundle):
    """A study with records of people and a notebook of its own that tries what it may."""
    folder = readable / "orinoco"
    shutil.copytree(ROOT / "tests/orinoco", folder)
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "cases/cases.csv").write_text("secret", encoding="utf-8")
    (folder / "cases/cases.csv").chmod(0o600)
    (folder / "dashboards").mkdir(exist_ok=True)
    write_notebook(folder / "dashboards/tries.ipynb", "# Tries", TRY)
    return folder


def page_of(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/render/tries.ipynb", timeout=90) as answer:
            return answer.status, html.unescape(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.slow
def test_a_kernel_of_a_study_with_notebooks_of_its_own_has_no_rights(study, readable):
    expected = ["cases:PermissionError", "server:PermissionError", "tables:PermissionError", "claims:done"]
    with run_server(readable, study=study, pages=ROOT / "data", waiting=1) as (port, server):
        deadline = time.monotonic() + 60
        while not (waiting := kernels(psutil.Process(server))) and time.monotonic() < deadline:
            time.sleep(0.3)
        assert [each.uids().effective for each in waiting if each.uids().effective == 0] == [] != waiting
        for _ in range(2):  # the first may be the kernel that waited, the second starts then
            status, text = page_of(port)
            found = re.search(r"tried (\d+) ([^<\n]*)", text)
            assert status == 200 and int(found[1]) >= 61184
            assert found[2].split() == expected


@pytest.mark.slow
def test_a_kernel_that_cannot_be_another_user_is_not_started(study, readable):
    (study / "dashboards").chmod(0o700)
    try:
        with run_server(readable, study=study, pages=ROOT / "data", waiting=1) as (port, server):
            for _ in range(2):  # the first finds a kernel that is still loading the library
                status, text = page_of(port)
                assert status == 500 and "Its log says why" in text
                assert [each for each in kernels(psutil.Process(server)) if not each.uids().effective] == []
    finally:
        (study / "dashboards").chmod(0o755)
    log = " ".join((readable / "server.log").read_text(encoding="utf-8").split())
    assert f"{study / 'dashboards'}: the server runs as root, and a page's kernel must not" in log
    assert "chmod o+rx" in log


@pytest.mark.parametrize("hidden", ["study", "home", "cwd"])
def test_each_part_that_other_users_cannot_reach_is_named(readable, hidden):
    parts = {name: readable / hidden / name for name in ("study", "home", "cwd")}
    for part in parts.values():
        part.mkdir(parents=True)
    (parts["home"] / "kernel").mkdir()
    shut = readable / hidden / "shut"
    shut.mkdir(mode=0o700)
    parts[hidden] = shut / hidden
    (parts[hidden] / "kernel").mkdir(parents=True)
    connection = parts["home"] / "kernel.json"
    connection.touch()
    options = {"cwd": str(parts["cwd"]), "env": {"RESEARCH_LIB_STUDY": str(parts["study"])}}
    with pytest.raises(RightsError, match=f"{shut}.*the server runs as root"):
        own_user(parts["home"] / "kernel", connection, options)
    assert connection.stat().st_uid == 0
