"""JupyterLab as `make lab` starts it asks no other machine: not for updates, nor news, nor extensions."""

import os
import shlex
import subprocess
import sys
import urllib.request
from contextlib import suppress

import pytest
from conftest import NIGHTLY, ROOT, free_port, wait_until_served

NOTE_HOSTS = """
import os, sys
def note(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0]:
        with open(os.environ["ASKED_HOSTS"], "a") as hosts:
            host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
            print(host, file=hosts)
            if host not in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::"):
                raise OSError("nothing leaves this machine")
sys.addaudithook(note)
"""
ASKED_AT_START = ("lab", "lab/api/update", "lab/api/news", "lab/api/extensions?refresh=1", "lab/api/extensions?query=x")
HERE = {"127.0.0.1", "localhost", "::1", "0.0.0.0", "::"}


def make_lab():
    """The options of the command that `make lab` runs."""
    lines = subprocess.run(
        ["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    command = next(line for line in lines.splitlines() if "jupyter lab" in line)
    return shlex.split(command.partition("jupyter lab")[2])


def asked_hosts(options, folder):
    """The machines that JupyterLab asks for while a browser opens it."""
    port, hosts = free_port(), folder / "hosts"
    hosts.touch()
    (folder / "sitecustomize.py").write_text(NOTE_HOSTS, encoding="utf-8")
    own = (f"--port={port}", "--no-browser", "--allow-root", "--IdentityProvider.token=")
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    places = {f"JUPYTERLAB_{name}_DIR": str(folder / name) for name in ("WORKSPACES", "SETTINGS")}
    environment = os.environ | places | {"PYTHONPATH": path, "ASKED_HOSTS": str(hosts)}
    with (folder / "lab.log").open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jupyterlab", *options, *own]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=environment)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/api", process)
        for address in ASKED_AT_START:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/{address}", timeout=30) as answer:
                answer.read()
    finally:
        process.terminate()
        process.wait(timeout=30)
    return set(hosts.read_text(encoding="utf-8").split()) - HERE


@pytest.mark.slow
def test_the_laboratory_asks_no_other_machine(tmp_path):
    if NIGHTLY:
        (tmp_path / "plain").mkdir()
        assert asked_hosts([f"--notebook-dir={ROOT}"], tmp_path / "plain")  # what its own settings ask
    (tmp_path / "ours").mkdir()
    assert asked_hosts(make_lab(), tmp_path / "ours") == set()
