"""Kernels: one for each visitor, ended when the visitor has left, kept while they wait."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
from conftest import free_port, wait_until_served

from research_lib.show.site.bundle import PAGES

ROOT = Path(__file__).resolve().parents[1]
SERVE = """
import sys
from pathlib import Path
from research_lib.show.site.build import build
from research_lib.show.site.serve import StudyServer, Visitors, serve
StudyServer.visitors = Visitors(grace=2)
serve(Path("dashboards"), build(), port=int(sys.argv[1]), pool=1)
"""


def kernels(server):
    return [child for child in server.children(recursive=True) if _is_kernel(child)]


def _is_kernel(process):
    """Whether a process is a running kernel; one that ends while it is asked is none."""
    try:
        return "ipykernel" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def test_kernels_whose_visitors_have_left_are_ended_and_the_pool_stays(bundle):
    port = free_port()
    log = (bundle.folder / "deserted.log").open("w", encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], cwd=ROOT, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/voila/render/routes.ipynb"
        wait_until_served(address, process)
        server = psutil.Process(process.pid)
        with urllib.request.urlopen(address, timeout=60) as answer:
            kernel = re.search(r'"kernelId": "([0-9a-f-]+)"', answer.read().decode("utf-8"))[1]
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and not _is_gone(port, kernel):
            time.sleep(0.5)
        assert _is_gone(port, kernel)
        for _ in range(4):
            with socket.create_connection(("127.0.0.1", port)) as hasty:
                hasty.sendall(b"GET /voila/render/routes.ipynb HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                time.sleep(0.15)
        time.sleep(3)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(kernels(server)) != len(PAGES):
            time.sleep(0.5)
        assert len(kernels(server)) == len(PAGES)
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _is_gone(port, kernel):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/kernels/{kernel}", timeout=10).close()
    except urllib.error.HTTPError as error:
        return error.code == 404
    return False
