"""What the tests share: the study, its boundaries, a served copy of the pages, and a browser."""

import csv
import gc
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, mkdtemp
from urllib.parse import urljoin

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (390, 640, 1280)  # pixels; 640 is a window of 1280 at twice the size
WINDOWS = ((390, "light"), (1280, "light"), (1280, "dark"))
PATIENCE = 90  # seconds
NIGHTLY = os.environ.get("NIGHTLY") == "true"  # set by `make nightly`
TODAY = os.environ.setdefault("TEST_SEED", str(date.today()))  # the processes that a run starts draw the same
FAILED = ROOT / "build/failed_tests.txt"
settings.register_profile("shared", deadline=None, max_examples=300 if NIGHTLY else 25)
settings.load_profile("shared")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


MEMORY = Path("/dev/shm")
TIMES = Path(__file__).with_name("times.csv")  # of tests that take a third of a second; `make times` writes it
SLOW = 0.3  # seconds of one run of a test: `make check` leaves it out
SLOW_FILE = 3  # seconds in which what the tests of a file share is made: the same


def pytest_addoption(parser):
    parser.addoption("--write-times", action="store_true", help=f"write how long each test takes to {TIMES.name}")


def pytest_configure(config):
    gc.disable()  # collecting thousands of tests makes nothing that could be thrown away
    if config.getoption("--write-times") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Stopwatch())


def name_in_times(nodeid: str) -> str:
    """The file and the function of a test."""
    return nodeid.partition("[")[0].rpartition("/")[2]


class Stopwatch:
    """Sums up the seconds of each test: its longest run, what is made for it, and all."""

    def __init__(self):
        self.longest, self.made, self.all = Counter(), Counter(), Counter()

    def pytest_runtest_logreport(self, report):
        test, seconds = name_in_times(report.nodeid), report.duration
        self.all[test] += seconds
        self.made[test] += seconds if report.when == "setup" else 0
        self.longest[test] = max(self.longest[test], seconds if report.when == "call" else 0)

    def pytest_sessionfinish(self):
        with TIMES.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["test", "longest", "made", "all"])
            for test in sorted(test for test, seconds in self.all.items() if seconds > 0.3):
                rows.writerow([test, *(f"{sums[test]:.1f}" for sums in (self.longest, self.made, self.all))])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items, config):
    """Mark what takes long; begin with the longest files, so that two processes that share them end together."""
    with TIMES.open(encoding="utf-8", newline="") as file:
        times = {row["test"]: row for row in csv.DictReader(file)}
    files, made = Counter(), Counter()
    for test, row in times.items():
        files[test.partition("::")[0]] += float(row["all"])
        made[test.partition("::")[0]] += float(row["made"])
    for item in items:
        longest = float(times.get(name_in_times(item.nodeid), {"longest": 0})["longest"])
        if longest > SLOW or made[item.path.name] > SLOW_FILE:
            item.add_marker("slow")
    items.sort(key=lambda item: -files[item.path.name])
    tonight = [item for item in items if item.get_closest_marker("nightly") and not NIGHTLY]
    if tonight:
        config.hook.pytest_deselected(items=tonight)
        items[:] = [item for item in items if item not in tonight]


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def pytest_sessionstart(session):
    if terminal := session.config.pluginmanager.get_plugin("terminalreporter"):
        terminal.write_line("every sample, as at night" if NIGHTLY else f"the samples of TEST_SEED={TODAY}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Keep how a failed test is run again: it may not be in the sample of tomorrow."""
    report = yield
    if report.failed:
        again = f"{'NIGHTLY=true' if NIGHTLY else f'TEST_SEED={TODAY}'} .venv/bin/pytest {shlex.quote(item.nodeid)}"
        report.sections.append(("once more", again))
        FAILED.parent.mkdir(exist_ok=True)
        with FAILED.open("a", encoding="utf-8") as file:
            file.write(f"{again}\n")
    return report


def rounds(number: int, *, nightly: int) -> int:
    """How often a test tries what is random: a few times in each run, many times in `make nightly`."""
    return nightly if NIGHTLY else number


def sample_of_today[T](
    items: Iterable[T], size: int, *, kind: Callable[[T], Hashable] = lambda _: None, name: str = ""
) -> list[T]:
    """So many items of each kind, in their order: others each day, and under each name; all in `make nightly`."""
    items, drawn = list(items), {}
    for at in Random(f"{TODAY} {name}").sample(range(len(items)), len(items)):
        drawn.setdefault(kind(items[at]), []).append(at)
    return items if NIGHTLY else [items[at] for at in sorted(at for places in drawn.values() for at in places[:size])]


@pytest.fixture(scope="session")
def study():
    from research_lib import open_study

    return open_study()


@pytest.fixture(scope="session")
def geography():
    from research_lib.evidence.geography import load_geography
    from research_lib.evidence.study_folders import BOUNDARIES

    return load_geography(BOUNDARIES)


@pytest.fixture(scope="session")
def bundle():
    """The pages, built by the first process that needs them."""
    from research_lib.show.site.build import build

    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build/tests.lock"):
        return build()


@pytest.fixture(scope="session")
def second_bundle():
    """The pages of the second study, built by the first process that needs them."""
    from second_study import FOLDER

    from research_lib.show.site.build import build

    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build/second.lock"):
        return build(FOLDER)


@pytest.fixture(scope="session")
def second_page():
    """Gives the HTML of a page of the second study in a language; each is rendered once."""
    from second_study import FOLDER

    from research_lib.show.material import open_material
    from research_lib.show.site.rendering import render
    from research_lib.show.words import study_words

    material = open_material(FOLDER)
    return cache(lambda page, language="en": render(page, material, study_words(material.study, language)).html)


def free_port():
    """A free port that no system hands out by itself, so that it is still free when a server comes to bind it."""
    for port in Random().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.fail("a hundred ports were tried and none is free")


# To make a page as short as it can be takes a server a second of each visit; `test_crowds.py` looks at that.
QUICKLY = """
from research_lib.show.site import finished_pages
finished_pages._SHORT = finished_pages._QUICK
"""
SERVE = f"""{QUICKLY}
import sys
from pathlib import Path
from research_lib.show.site import serve
from research_lib.show.site.build import build
(notebooks, study, pages), (port, most, grace, waiting) = map(Path, sys.argv[1:4]), map(int, sys.argv[4:])
serve.StudyServer.limit = serve.KernelLimit(most)
serve.serve(build(pages), notebooks=notebooks, study=study, port=port, grace=grace, waiting=waiting)
"""


@contextmanager
def run_server(
    folder: Path,
    *,
    study: Path = ROOT / "data",
    pages: Path | None = None,
    notebooks: Path = ROOT / "dashboards",
    most: int = 60,
    grace: int = 300,
    waiting: int = 0,
) -> Iterator[tuple[int, int]]:
    """The server of a study, or of the pages of another, with limits of its own: its port and its process's id."""
    port = free_port()
    limits = [str(notebooks), str(study), str(pages or study), str(port), str(most), str(grace), str(waiting)]
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVE, *limits], cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/voila/files/routes.png", process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def readable():
    """A folder that other users can read; where the server is root, kernels are other users."""
    folder = Path(mkdtemp(prefix="readable-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def in_memory():
    """A folder in memory, where there is one: what saves hundreds of times waits for the disk at each of its files."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        yield Path(place)


def kernels(server: psutil.Process) -> list[psutil.Process]:
    """The running kernels that a server has started; one that ends while it is looked at is none."""
    return [child for child in server.children(recursive=True) if _is_kernel(child)]


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="session")
def served(bundle, tmp_path_factory):
    """The address of the server as people start it."""
    port = free_port()
    log = (tmp_path_factory.mktemp("serve") / "serve.log").open("w", encoding="utf-8")
    program = f"{QUICKLY}\nfrom research_lib.cli import app\napp()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(f"{address}/voila/files/routes.png", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


@contextmanager
def run_lab(folder: Path) -> Iterator[str]:
    """JupyterLab on a folder, with workspaces and settings of its own, at the address that it gives."""
    port = free_port()
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        f"--notebook-dir={folder}",
    ]
    command = [str(Path(sys.executable).with_name("jupyter-lab")), *options]
    own = Path(mkdtemp(prefix="lab-"))
    places = {f"JUPYTERLAB_{name}_DIR": str(own / name) for name in ("WORKSPACES", "SETTINGS")}
    with (own / "lab.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **places})
    try:
        wait_until_served(f"http://127.0.0.1:{port}/api", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def started_lab(tmp_path_factory):
    """JupyterLab for all tests that write notebooks into its folder: its address and that folder."""
    folder = tmp_path_factory.mktemp("in-lab")
    with run_lab(folder) as address:
        yield address, folder


@pytest.fixture
def own_lab(started_lab):
    """The address of JupyterLab, and a folder of this test's own in its folder; kernels end with the test."""
    address, folder = started_lab
    own = Path(mkdtemp(dir=folder))
    yield f"{address}/lab/tree/{own.name}", own
    end_lab_kernels(address)


def end_lab_kernels(address: str) -> None:
    """End all kernels that JupyterLab runs."""
    with urllib.request.urlopen(f"{address}/api/kernels", timeout=30) as answer:
        running = [kernel["id"] for kernel in json.load(answer)]
    for kernel in running:
        asked = urllib.request.Request(f"{address}/api/kernels/{kernel}", method="DELETE")
        urllib.request.urlopen(asked, timeout=30).close()


def wait_until_idle(page) -> None:
    """Wait until the kernel of JupyterLab's open notebook can run a cell."""
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=60_000)


def run_first_cell(page, shown: str = '.research-page main[data-usable="true"]') -> None:
    """Run the first cell of JupyterLab's open notebook, again only where the key came too early, until its page answers."""
    from playwright.sync_api import TimeoutError as NotYetError

    answered, prompt = [], page.locator(".jp-CodeCell .jp-InputArea-prompt").first
    for _ in range(60):
        answered += answer_dialogs(page)
        with suppress(NotYetError):
            if prompt.inner_text(timeout=3000) == "[ ]:":
                page.click(".jp-Cell .jp-InputArea-editor", timeout=3000)
                page.keyboard.press("Control+Enter")
            page.wait_for_selector(shown, timeout=5000)
            return
    pytest.fail(f"the cell shows no page; JupyterLab asked: {answered}")


def answer_dialogs(page) -> list[str]:
    """Accept what a slow JupyterLab asks (a lost connection, a kernel to choose), and give its words."""
    asked = page.locator(".jp-Dialog").all_inner_texts()
    for _ in asked:
        page.locator(".jp-Dialog .jp-mod-accept").first.click()
    return asked


def open_live(page, address: str) -> None:
    """Open a live page and wait for its last part; a server that is full is asked again, as its page says."""
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline:
        answer = page.goto(address, wait_until="commit", timeout=2000 * PATIENCE)
        if answer.status != 503:
            break
        time.sleep(2)
    ended = "() => document.getElementById('complete') || document.readyState === 'complete'"
    page.wait_for_function(ended, timeout=2000 * PATIENCE)
    said = page.locator("body").inner_text()
    assert page.locator("#complete").count() == 1, f"{address} ended with {answer.status}: {said[:2000]}"


def wait_until_served(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended; see its log"
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail("the server did not answer within 240 s")


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
        yield Browser(chromium)
        chromium.close()


class Browser:
    """A browser that waits as long as a kernel may take to start where two tests share two cores."""

    def __init__(self, chromium):
        self._chromium = chromium
        # Most visits share it and its tabs: both take longer to make than a page, and a finished page keeps nothing there.
        self.visits = self.new_context(viewport={"width": 1280, "height": 900})
        self._left = []

    def new_context(self, **options):
        context = self._chromium.new_context(**options)
        context.set_default_timeout(PATIENCE * 1000)
        return context

    def new_page(self, **options):
        return self.new_context(**options).new_page()

    def tab(self, **hears):
        """A tab in which nothing is open, one that was left or a new one, and who hears of its events."""
        page = self._left.pop() if self._left else self.visits.new_page()
        page.bring_to_front()  # a tab behind another draws no frames
        page.hears = hears
        for event, heard in hears.items():
            page.on(event, heard)
        return page

    def leave(self, page):
        """Make a tab like a new one: nothing open, nobody listening, the pointer away, the first window."""
        if page.is_closed():
            return
        for event, heard in page.hears.items():
            page.remove_listener(event, heard)
        page.unroute_all()
        page.goto("about:blank")
        page.mouse.move(-1, -1)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(media="null", color_scheme="light", reduced_motion="null", forced_colors="null")
        self._left.append(page)

    @property
    def contexts(self):
        return self._chromium.contexts


@pytest.fixture(autouse=True)
def close_what_a_test_opened(request):
    """A page that a failed test leaves open would keep its kernel, and fail the next test too."""
    browser = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    before = browser.contexts if browser else []
    yield
    for context in browser.contexts if browser else []:
        if context not in before:
            context.close()


class Visit:
    """One opened page, with what it asked for and what it complained of."""

    def __init__(self, browser, address):
        self.requests, self.complaints = [], []
        self.page = browser.tab(
            request=lambda request: self.requests.append(request.url),
            console=lambda message: self.complaints.append(message.text) if message.type == "error" else None,
            pageerror=lambda error: self.complaints.append(str(error)),
        )
        self.context = self.page.context
        self.go_to(address)

    def go_to(self, address):
        """Open an address, or one from where the page is; requests are counted anew."""
        self.requests.clear()
        self.page.goto(urljoin(self.page.url, address), wait_until="commit")
        wait_until_usable(self.page)
        return self

    def too_wide(self, widths=WIDTHS):
        """The widths of a window at which the page scrolls sideways."""
        return [width for width in widths if self._width_in(width) > width]

    def _width_in(self, width):
        resize(self.page, width)
        return self.page.evaluate("document.documentElement.scrollWidth")

    def barriers(self, windows=WINDOWS[:1]):
        """What axe finds, be it minor; `test_every_page.py` looks at each page, a test of a page at what it does not reach."""
        found = []
        for width, scheme in product(WIDTHS, ("light", "dark")) if NIGHTLY else windows:
            resize(self.page, width)
            self.page.emulate_media(color_scheme=scheme)
            found += [(width, scheme, *each) for each in axe_finds(self.page)]
        resize(self.page, 1280)
        self.page.emulate_media(color_scheme="light")
        return found


def wait_until_usable(page) -> None:
    """Wait until the module of a finished page answers."""
    page.wait_for_selector('main[data-usable="true"]')


_SYNCED = ("selects", "selected", "view", "filters", "titled")


def mount_widget(page, widget) -> None:
    """Show a page's widget as a notebook does, in an empty document, and wait until it answers."""
    page.set_content("<!doctype html><title>notebook</title><div id=cell></div>")
    page.evaluate(
        """async ([source, state, packed]) => {
          for (const name in packed) state[name] = Uint8Array.fromBase64(packed[name]);
          const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          const model = { get: (name) => state[name], set: (own) => Object.assign(state, own), on() {}, save_changes() {} };
          await widget.render({ model, el: document.getElementById("cell") });
        }""",
        [
            widget._esm,
            {name: getattr(widget, name) for name in _SYNCED},
            {name: b64encode(getattr(widget, name)).decode() for name in ("packed", "details")},
        ],
    )
    page.wait_for_selector('main[data-usable="true"]')


def resize(page, width: int, height: int = 900) -> None:
    """Give a window another size, and wait until what watches its size has answered.

    A page answers in the frame that lays it out anew; the frame after it begins when that is done.
    """
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(
        "matchMedia('(scripting: none)').matches"
        " || new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def axe_finds(page, part: str | None = None, *, leave_out=()) -> list[tuple[str, str, list[str]]]:
    """What axe finds on a page or in a part of it, without some rules: the rule, its impact, and where it is broken."""
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in leave_out}}
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [(rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]


@pytest.fixture
def tab(browser):
    """A tab of its own for a test, which leaves it to a later one."""
    page = browser.tab()
    yield page
    browser.leave(page)


@pytest.fixture
def open_visit(browser):
    """Opens an address, and leaves its tab to a later visit."""
    visits, before = [], {*browser.visits.pages}

    def opened(address):
        visits.append(Visit(browser, address))
        return visits[-1]

    yield opened
    browser.visits.clear_permissions()
    for page in {*browser.visits.pages} - before - {visit.page for visit in visits}:
        page.close()
    for visit in visits:
        browser.leave(visit.page)


@pytest.fixture
def visit(open_visit, served):
    """Opens a page of the served study."""
    return lambda path: open_visit(f"{served}/voila/render/{path}")


@pytest.fixture
def report():
    """The plain text of the report, where it lies beside the checkout."""
    path = ROOT.parent / "shared/source/ex-change-2007.txt"
    if not path.exists():
        pytest.skip(f"an extra: {path} is not here")
    return re.sub(r"(ff|fi|fl) (?=[a-z])", r"\1", path.read_text(encoding="utf-8")).split("\n")


def state_of(bundle, page, query):
    """Read an address's query as choices on a built page, as its own module reads them."""
    from research_lib.show.state import ViewState

    data, languages = bundle.data(page, bundle.languages_by_page[page][0]), bundle.languages_by_page[page]
    return ViewState.from_query(page, query, {**data["options"], "lang": languages}, ["lang", *data["single"]])
