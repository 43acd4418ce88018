"""What the tests share: the study, its boundaries, a served copy of the pages, and a browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (390, 1280)
SEVERE = ("serious", "critical")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


# The files that take longest. Two processes share the tests file by file; with these first, both end at the same time.
LONGEST = (
    *("test_hostile_inputs.py", "test_law_pages.py", "test_cases_page.py", "test_pages.py", "test_attack.py"),
    *("test_naughty_text.py", "test_import_attacks.py", "test_saving.py", "test_whole_way.py", "test_engines.py"),
    *("test_hostile_releases.py", "test_counted_profiles.py", "test_instruments.py", "test_latent_classes.py"),
)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: in a file that takes many seconds; `make check` leaves it out")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))
    for item in items:
        if item.path.name in order:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def study():
    from research_lib import open_study

    return open_study()


@pytest.fixture(scope="session")
def geography():
    from research_lib.evidence.geography import load_geography

    return load_geography(ROOT / "data/curated/geography")


@pytest.fixture(scope="session")
def bundle():
    """The pages, built by the first process that needs them."""
    from research_lib.show.site.build import build

    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build/tests.lock"):
        return build()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def served(bundle, tmp_path_factory):
    port = free_port()
    log = (tmp_path_factory.mktemp("serve") / "serve.log").open("w", encoding="utf-8")
    command = [str(Path(sys.executable).with_name("research-lib")), "serve", "--port", str(port), "--pool", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(f"{address}/voila/render/home.ipynb", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


@contextmanager
def run_lab(folder: Path) -> Iterator[str]:
    """JupyterLab on a folder, at the address that it gives."""
    port = free_port()
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=",
        f"--notebook-dir={folder}",
    ]
    command = [str(Path(sys.executable).with_name("jupyter-lab")), *options]
    with NamedTemporaryFile("w", suffix=".log", delete=False) as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/api", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_served(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended; see its log"
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail("the server did not answer within 90 s")


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium was found; continuous integration needs one")
        pytest.skip("no Chromium was found: install one to run the browser tests")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


class Visit:
    """One opened page, with what it asked for and what it complained of."""

    def __init__(self, browser, address, *, width=1280, scheme="light"):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address, wait_until="commit")
        self.page.wait_for_selector('main[data-usable="true"]')

    def wait_until_live(self):
        self.page.wait_for_selector('main[data-live="true"]', timeout=30_000)


@pytest.fixture
def visit(browser, served):
    visits = []

    def open_page(path, **options):
        visits.append(Visit(browser, f"{served}/voila/render/{path}", **options))
        return visits[-1]

    yield open_page
    for one in visits:
        one.context.close()


@pytest.fixture
def report():
    """The plain text of the report, where it lies beside the checkout."""
    path = ROOT.parent / "shared/source/ex-change-2007.txt"
    if not path.exists():
        pytest.skip(f"an extra: {path} is not here")
    return re.sub(r"(ff|fi|fl) (?=[a-z])", r"\1", path.read_text(encoding="utf-8")).split("\n")
