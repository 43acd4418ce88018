"""Kernels: one for each visitor, ended when the visitor has left, kept while they wait."""

import http.client
import re
import shutil
import socket
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from conftest import ROOT, run_server
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from research_lib.show.site.refusals import ForeignHost


def kernels(server):
    return [child for child in server.children(recursive=True) if _is_kernel(child)]


def _is_kernel(process):
    """Whether a process is a running kernel; one that ends while it is asked is none."""
    try:
        return "ipykernel" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_kernels_whose_visitors_have_left_are_ended_and_the_pool_stays(bundle, tmp_path):
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for name in ("home.ipynb", "routes.ipynb", "routes.png"):
        shutil.copy(ROOT / "dashboards" / name, notebooks)
    with run_server(tmp_path, notebooks=notebooks, pool=1, grace=2) as (port, pid):
        server = psutil.Process(pid)
        address = f"http://127.0.0.1:{port}/voila/render/routes.ipynb"
        with urllib.request.urlopen(address, timeout=60) as answer:
            kernel = re.search(r'"kernelId": "([0-9a-f-]+)"', answer.read().decode("utf-8"))[1]
        wait_for(lambda: _is_gone(port, kernel))
        for _ in range(4):
            with socket.create_connection(("127.0.0.1", port)) as hasty:
                hasty.sendall(b"GET /voila/render/routes.ipynb HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                time.sleep(0.15)
        time.sleep(3)
        wait_for(lambda: len(kernels(server)) == 2)


def wait_for(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_so():
        time.sleep(0.5)
    assert is_so()


def _is_gone(port, kernel):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/kernels/{kernel}", timeout=10).close()
    except urllib.error.HTTPError as error:
        return error.code == 404
    return False


def ask(port, path, *, method="GET", host="127.0.0.1"):
    """The status of an answer to a path that is sent as it is written."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.fixture(scope="module")
def quiet(bundle, tmp_path_factory):
    """A server without a pool, its process, and the file of its messages."""
    folder = tmp_path_factory.mktemp("quiet")
    with run_server(folder, most=3) as (port, pid):
        yield port, psutil.Process(pid), folder / "server.log"


@pytest.mark.parametrize(
    "path",
    [
        "/voila/render/home.ipynb/",
        "/voila/render/home",
        "/voila/render//home.ipynb",
        "/voila/render/HOME.ipynb",
        "/voila/render/home.ipynb%00",
        "/voila/render/home%2500.ipynb",
        "/voila/render/../home.ipynb",
        "/voila/render/%2e%2e/data/sources.bib",
        "/voila/render/..%2f..%2fdata%2fsources.bib",
        "/voila/render/other.ipynb",
        "/voila/render/home.png",
        "/voila/templates/../../x",
        "/voila/files/../data/sources.bib",
        "/voila/api/contents",
        "/voila/api/contents/",
        "/voila/api/content%73/home.ipynb",
        "/login",
        "/logout",
    ],
)
def test_an_address_that_is_not_a_page_is_not_found_and_starts_no_kernel(quiet, path):
    port, process, _ = quiet
    assert ask(port, path) == 404
    assert kernels(process) == []


@pytest.mark.slow
def test_every_spelling_of_a_page_s_address_is_held_to_the_limit_of_kernels(quiet):
    port, process, _ = quiet
    with ThreadPoolExecutor(9) as pool:
        paths = ["/voila/render/home.ipynb", "/voila/render/home%2eipynb", "/voila/render/%68ome.ipynb"] * 3
        assert list(pool.map(lambda path: ask(port, path), paths)) == [200] * 9
    assert len(kernels(process)) == 3


def test_the_head_of_a_page_is_answered_without_a_kernel(quiet):
    port, process, log = quiet
    before = len(kernels(process))
    assert ask(port, "/voila/render/routes.ipynb", method="HEAD") == 200
    assert ask(port, f"/voila/render/routes.ipynb?x={'a' * 4000}", method="HEAD") == 400
    assert len(kernels(process)) == before
    assert "Traceback" not in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8866", "127.0.0.1.evil.example", "192.0.2.1", "[::2]:1"]
)
@pytest.mark.parametrize("path", ["/voila/render/home.ipynb", "/api/kernels/x/channels", "/voila/static/x", "/"])
def test_a_host_that_is_not_this_server_is_refused(quiet, host, path):
    assert ask(quiet[0], path, host=host, method="HEAD") == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8866", "[::1]:8866"])
def test_this_machine_s_own_names_are_answered(quiet, host):
    assert ask(quiet[0], "/voila/render/home.ipynb", host=host, method="HEAD") == 200


@pytest.mark.parametrize(
    ("address", "host", "is_foreign"),
    [
        ("pages.example", "pages.example:80", False),
        ("pages.example", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.1:8866", False),
        ("0.0.0.0", "192.0.2.1:8866", False),
        ("0.0.0.0", "evil.example", True),
    ],
)
def test_the_address_that_the_server_is_given_is_its_own(address, host, is_foreign):
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": host}))
    assert (ForeignHost(address).match(request) is not None) == is_foreign


def test_a_name_that_the_server_is_given_is_its_own():
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": "Study.example.org:443"}))
    assert ForeignHost("127.0.0.1", ["study.example.org"]).match(request) is None
    assert ForeignHost("127.0.0.1", ["other.example.org"]).match(request) == {}
