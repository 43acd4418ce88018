"""The server: instant pages without a kernel, notebooks with one each, and what it refuses."""

import http.client
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import psutil
import pytest
from conftest import ROOT, kernels, run_server
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.errors import ResearchError
from research_lib.show.site import serve
from research_lib.show.site.connections import require_free
from research_lib.show.site.responses import Refusal

CONTROL = """
import ipywidgets as widgets

shown = widgets.Label("nothing is chosen")
control = widgets.Dropdown(options=["France", "Italy"], value=None)
control.observe(lambda change: setattr(shown, "value", f"{change.new} is chosen"), "value")
widgets.VBox([control, shown])
"""


def wait_for(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_so():
        time.sleep(0.2)
    assert is_so()


def request(port, path, *, method="GET", host="127.0.0.1"):
    """The status and the body of the answer to a path that is sent as it is written."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode("utf-8")
    connection.close()
    return answer.status, body


def ask(*parts, **options):
    return request(*parts, **options)[0]


@pytest.fixture(scope="module")
def quiet(bundle, readable):
    """A server of the pages and of two notebooks, at most three kernels: its port, its process, and its messages."""
    notebooks = readable / "notebooks"
    shutil.copytree(ROOT / "dashboards", notebooks)
    for name, code in {"own": CONTROL, "endless": "while True: pass"}.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, notebooks / f"{name}.ipynb")
    with run_server(readable, notebooks=notebooks, most=3, grace=20) as (port, pid):
        yield port, psutil.Process(pid), readable / "server.log"


@pytest.mark.browser
def test_a_notebook_of_the_folder_is_rendered_reacts_and_each_kernel_ends_with_its_visit(quiet, browser):
    port, process, _ = quiet
    page = browser.new_page()
    requests = []
    page.on("request", lambda one: requests.append(one.url))
    page.goto(f"http://127.0.0.1:{port}/voila/render/own.ipynb")
    page.wait_for_selector("text=nothing is chosen")
    page.select_option("select", "Italy")
    page.wait_for_selector("text=Italy is chosen")
    assert {urlsplit(url).netloc for url in requests if url.startswith(("http", "ws"))} == {f"127.0.0.1:{port}"}
    assert len(kernels(process)) == 1
    with ExitStack() as visits:
        leave_before_the_page_is_complete(port, visits)
        assert len(kernels(process)) == 2
        page.close()
    assert ask(port, "/voila/render/own.ipynb") == 200  # a visitor who never connects
    wait_for(lambda: kernels(process) == [])


def leave_before_the_page_is_complete(port, visits):
    """Ask for a notebook that does not end, and read the beginning of the answer."""
    connection = visits.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)))
    connection.request("GET", "/voila/render/endless.ipynb")
    assert connection.getresponse().read(100)


def test_a_page_is_finished_and_starts_no_kernel(quiet):
    port, process, _ = quiet
    status, body = request(port, "/voila/render/home.ipynb")
    assert status == 200 and '<main id="main" lang="en" data-page="home"' in body and body.endswith("</html>")
    assert kernels(process) == []


@pytest.mark.parametrize(
    ("query", "language"),
    [("", "en"), ("lang=fr", "fr"), ("lang=xx", "en"), ("lang=fr&lang=en", "fr"), ("lang=%ff", "en"), ("lang", "en")],
)
def test_a_page_is_sent_in_the_language_of_its_address(quiet, query, language):
    status, body = request(quiet[0], f"/voila/render/home.ipynb?{query}")
    assert status == 200 and f'<html lang="{language}">' in body


@pytest.mark.parametrize(
    "path",
    [
        "/voila/render/home.ipynb/",
        "/voila/render/home",
        "/voila/render//home.ipynb",
        "/voila/render/HOME.ipynb",
        "/voila/render/%68ome.ipynb",
        "/voila/render/home%2eipynb",
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


def test_the_head_of_a_page_or_a_notebook_is_answered_without_a_kernel(quiet):
    port, process, log = quiet
    before = log.read_text(encoding="utf-8").count("Traceback")
    assert ask(port, "/voila/render/routes.ipynb", method="HEAD") == 200
    assert ask(port, "/voila/render/own.ipynb", method="HEAD") == 200
    assert kernels(process) == []
    assert log.read_text(encoding="utf-8").count("Traceback") == before


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_is_taken_is_named(quiet, address):
    with pytest.raises(ResearchError, match=f"port {quiet[0]}: Address already in use"):
        require_free(address, quiet[0])


@pytest.mark.nightly
def test_the_command_says_that_a_port_is_taken(quiet):
    order = [str(Path(sys.executable).with_name("research-lib")), "serve", "--port", str(quiet[0])]
    ended = subprocess.run(order, capture_output=True, text=True, timeout=90, check=False)
    assert ended.returncode != 0 and "Traceback" not in ended.stderr
    assert f"port {quiet[0]}: Address already in use" in " ".join(ended.stderr.split())


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "74402"])
def test_a_number_that_is_no_port_is_refused_before_anything_is_built(port, tmp_path):
    refused = CliRunner().invoke(app, ["serve", str(tmp_path), "--port", port])
    said = re.sub(r"\W", "", refused.output)
    assert refused.exit_code == 2 and "Invalidvalueforport" in said and "Inputshouldbe" in said


def test_the_server_itself_listens_on_no_other_port(monkeypatch):
    monkeypatch.setattr(serve, "prepare_system", lambda: None)
    server = serve.StudyServer()
    server.port = 99999
    with pytest.raises(ResearchError, match="99999 is no port; choose one from 1 to 65535 with --port"):
        server.listen()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8866", "127.0.0.1.evil.example", "192.0.2.1", "[::2]:1"]
)
@pytest.mark.parametrize("path", ["/voila/render/home.ipynb", "/api/kernels/x/channels", "/voila/static/x", "/"])
def test_a_host_that_is_not_this_server_is_refused(quiet, host, path):
    assert ask(quiet[0], path, host=host, method="HEAD") == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8866", "[::1]:8866"])
def test_this_machine_s_own_names_are_answered(quiet, host):
    assert ask(quiet[0], "/voila/render/home.ipynb", host=host, method="HEAD") == 200


@pytest.mark.parametrize(
    ("address", "names", "host", "status"),
    [
        ("pages.example", (), "pages.example:80", None),
        ("pages.example", (), "192.0.2.1", 421),
        ("192.0.2.1", (), "192.0.2.1:8866", None),
        ("0.0.0.0", (), "192.0.2.1:8866", None),
        ("0.0.0.0", (), "evil.example", 421),
        ("127.0.0.1", ("study.example.org",), "Study.example.org:443", None),
        ("127.0.0.1", ("other.example.org",), "Study.example.org:443", 421),
    ],
)
def test_a_server_answers_for_its_address_and_the_names_that_it_is_given(address, names, host, status):
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": host}))
    found = Refusal(address, names).match(request)
    assert (found and found["target_kwargs"]["status_code"]) == status


@pytest.mark.slow
def test_visits_at_once_are_held_to_the_limit_of_kernels(quiet):
    """The last test of this server: its kernels end with it."""
    port, process, _ = quiet
    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda path: request(port, path), ["/voila/render/own.ipynb"] * 9))
        most = len(kernels(process))
    assert sorted(status for status, _ in answers) == [200] * 3 + [503] * 6
    assert {"Please come back in some minutes" in body for status, body in answers if status == 503} == {True}
    assert most <= 3
