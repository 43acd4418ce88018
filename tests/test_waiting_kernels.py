"""A kernel waits for a visitor: it costs no place, outlives the grace, and knows nothing but the visitor's request."""

import html
import os
import re
import shutil
import time
import urllib.request
from contextlib import suppress

import nbformat
import psutil
import pytest
from conftest import ROOT, kernels, run_server

SHOW = """
import os
print("|".join(["saw", str(os.getpid()), os.environ["QUERY_STRING"], os.getcwd(), os.environ.get("SECRET", "none")]))
"""


@pytest.fixture
def notebooks(readable):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOW)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, readable / "show.ipynb")
    shutil.copy(ROOT / "dashboards/routes.png", readable)  # what a test asks for to know that the server answers
    return readable


def rests(kernel):
    """Whether a kernel has loaded the library and does nothing."""
    with suppress(psutil.NoSuchProcess):
        used = kernel.cpu_times().user
        time.sleep(1.5)
        is_loaded = any("/pandas/" in each.path for each in kernel.memory_maps())
        return is_loaded and kernel.cpu_times().user - used < 0.05
    return False


def waiting_kernel(server, but=()):
    """The process of the kernel that waits, as soon as there is one beside the known."""
    for _ in range(120):
        for kernel in kernels(psutil.Process(server)):
            if kernel.pid not in but and rests(kernel):
                return kernel.pid
        time.sleep(0.5)
    return None


def what_it_saw(port, query):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/render/show.ipynb?{query}", timeout=90) as answer:
        return re.search(r"saw\|(.*)\|(.*)\|(.*)\|(.*)", html.unescape(answer.read().decode())).groups()


@pytest.mark.slow
def test_a_visitor_gets_the_kernel_that_waits_with_the_request_s_environment_and_folder(notebooks, monkeypatch):
    monkeypatch.setenv("SECRET", "a password of the server")
    with run_server(notebooks, notebooks=notebooks, most=1, grace=8, waiting=1) as (port, server):
        first = waiting_kernel(server)
        assert first is not None
        time.sleep(11)  # longer than the grace after which a kernel that nobody uses ends
        hostile = "lang=fr&x=%27;import%20os"
        assert what_it_saw(port, hostile) == (str(first), hostile, os.path.realpath(notebooks), "none")
        second = waiting_kernel(server, but=[first])
        assert second not in (None, first)


@pytest.mark.slow
def test_a_visitor_who_comes_before_a_kernel_waits_gets_one_that_starts_then(notebooks):
    with run_server(notebooks, notebooks=notebooks, waiting=1) as (port, _):
        assert what_it_saw(port, "lang=it")[1] == "lang=it"
