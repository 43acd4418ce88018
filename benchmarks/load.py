"""What a server holds: requests for static pages, for instant pages, and visitors of a live page, beside plain Voilà.

The static site stands on nginx where it is installed, set up by the file of docs/how-to/deploy/, else on Python's own
server. Ours has room for eight visitors of live pages. Those who ask are processes of the same machine, and take their
part of its processors. Prints Markdown tables. Needs ten gigabytes of memory, and some minutes.
"""

import gzip
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conftest import free_port, kernels, run_server, wait_until_served  # noqa: E402
from deployed import nginx_file, nginx_order  # noqa: E402
from door_visitor import Visitor, kernel_of, message  # noqa: E402

from research_lib.evidence.study_folders import OWN_STUDY  # noqa: E402
from research_lib.show.pages.study_pages import PAGES  # noqa: E402
from research_lib.show.site.static_site import write_site  # noqa: E402

SECONDS = 8  # for which pages are asked for
CONNECTIONS = 16
VISITORS, CHANGES, PAUSE = 8, 20, 1.0  # seconds between a visitor's changes, by chance from half to one and a half
BURST, PEER_BURST = 200, 16  # plain Voilà starts a kernel for each, so that 200 would take 60 GB
PAGE = "/voila/render/compare.ipynb"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
MOST = 90  # seconds that anything may take
QUIET = 10  # per cent of a processor


@dataclass(frozen=True)
class Held:
    """How many a second, and the milliseconds of half and of 95 % of them."""

    rate: float
    half: float
    most: float


def held(took: list[float], seconds: float) -> Held:
    """Sum up how long answers took that came within some seconds."""
    cuts = statistics.quantiles(took, n=20, method="inclusive")
    return Held(len(took) / seconds, 1000 * statistics.median(took), 1000 * cuts[-1])


def ask_for(port: int, paths: list[str], coding: str) -> tuple[list[float], float]:
    """Ask for pages without end over connections that stay open: the seconds of each answer, and of all."""
    start = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        jobs = [pool.submit(_ask_on, port, paths[at:] + paths[:at], coding) for at in range(CONNECTIONS)]
        took = [each for job in jobs for each in job.result()]
    return took, time.monotonic() - start


def _ask_on(port: int, paths: list[str], coding: str) -> list[float]:
    took, buffer, end = [], memoryview(bytearray(2**22)), time.monotonic() + SECONDS
    asked = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nAccept-Encoding: {coding}\r\n\r\n"
        for path in paths
    ]
    with socket.create_connection(("127.0.0.1", port)) as link:  # without a timeout, which would cut long answers
        for request in cycle(asked):
            if (begun := time.monotonic()) > end:
                return took
            link.sendall(request.encode())
            got = link.recv_into(buffer)
            head, found, _ = bytes(buffer[:got]).partition(b"\r\n\r\n")
            length = LENGTH.search(head)
            if not found or length is None or not head.startswith(b"HTTP/1.1 200"):
                raise ValueError(f"{request}: {head[:200]!r}")
            left = len(head) + 4 + int(length[1]) - got
            if left:
                link.recv_into(buffer, left, socket.MSG_WAITALL)
            took.append(time.monotonic() - begun)
    return took


def asking(port: int, paths: list[str], coding: str) -> Held:
    """What a server answers to another process that asks for pages."""
    with ProcessPoolExecutor(1) as pool:
        return held(*pool.submit(ask_for, port, paths, coding).result())


@contextmanager
def running(order: list[str], served: str, folder: Path) -> Iterator[psutil.Process]:
    """A server until it is no longer needed."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(order, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until_served(served, process)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def static(folder: Path) -> dict[str, Held]:
    """The site, its pages packed beforehand, on nginx as docs/how-to/deploy/ sets it up, or else on Python's server."""
    site, port = folder / "site", free_port()
    names = [path.name for path in write_site(OWN_STUDY, site).glob("*.html") if path.name != "error.html"]
    paths = [f"/{name}" for name in sorted(names) if name.count(".") == 1]
    address, program = f"http://127.0.0.1:{port}/index.html", shutil.which("nginx", path=f"{os.defpath}:/usr/sbin")
    if program is None:
        order = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(site)]
        with running([*order, "--protocol", "HTTP/1.1"], address, folder):
            return {"static pages, Python's http.server, not packed": asking(port, paths, "identity")}
    for path in site.glob("*.html"):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    folder.chmod(0o755)  # nginx has a user of its own where root starts it
    changed = {"/srv/www/study": str(site)}
    file = nginx_file("site.nginx.conf", port=port, certificates=None, changed=changed)
    with running(nginx_order(program, folder, file), address, folder):
        return {"static pages, nginx": asking(port, paths, "gzip")}


def instant(port: int, server: psutil.Process) -> dict[str, Held]:
    """Our finished pages in one language, as short as they are after their first visits."""
    paths = [f"/voila/render/{page}.ipynb?lang=en" for page in PAGES if status_of(port, page) == HTTPStatus.OK]
    ask_for(port, paths[:1], "br")
    rest = time.monotonic() + 2 * MOST
    while server.cpu_percent(2) > QUIET and time.monotonic() < rest:
        pass
    return {"instant pages, `research-lib serve`": asking(port, paths, "br")}


def status_of(port: int, page: str) -> int:
    """Ask for a page once, and give the status of the answer."""
    return opened(port, f"/voila/render/{page}.ipynb?lang=en").status


@dataclass(frozen=True)
class Opened:
    """An answer to one who asks for a page, the seconds until it was complete, and the kernel of a live page."""

    status: int
    text: str
    seconds: float
    cookies: str
    port: int

    @property
    def kernel(self) -> str:
        """The kernel that the page names."""
        return str(kernel_of(self.text))

    def leave(self) -> None:
        """Say that the page is left, as a browser does."""
        cookies = SimpleCookie(self.cookies)
        token = cookies["_xsrf"].value if "_xsrf" in cookies else ""
        headers = {"Cookie": f"_xsrf={token}", "Content-Type": "application/x-www-form-urlencoded"}
        link = HTTPConnection("127.0.0.1", self.port, timeout=MOST)
        link.request("POST", f"/voila/api/shutdown/{self.kernel}", f"_xsrf={token}", headers)
        link.getresponse().read()
        link.close()


def opened(port: int, path: str = PAGE) -> Opened:
    """Open a page as a new visitor."""
    link, start = HTTPConnection("127.0.0.1", port, timeout=MOST), time.monotonic()
    link.request("GET", path, headers={"Sec-Fetch-Site": "same-origin"})
    answer = link.getresponse()
    text = answer.read().decode("utf-8", "replace")
    link.close()
    cookies = "; ".join(answer.headers.get_all("Set-Cookie") or ())
    return Opened(answer.status, text, time.monotonic() - start, cookies, port)


def crowd(port: int, most: int) -> list[Opened]:
    """Open the live page as so many visitors at once."""
    with ThreadPoolExecutor(most) as pool:
        return list(pool.map(lambda _: opened(port), range(most)))


def change(kernel: str, port: int, seed: int) -> list[float]:
    """Choose another outcome of a live page again and again: the seconds until its kernel has sent all that changed."""
    draw, took, visitor = Random(seed), [], Visitor(port, kernel)
    visitor.socket.settimeout(MOST)
    states = _states(visitor)
    choices = {
        name: len(model["state"]["_options_labels"])
        for name, model in states.items()
        if model["model_name"] == "DropdownModel"
    }
    name = max(choices, key=lambda each: choices[each])
    for index in draw.sample(range(choices[name]), CHANGES):
        time.sleep(PAUSE * draw.uniform(0.5, 1.5))
        sent = message("comm_msg", {"comm_id": name, "data": {"method": "update", "state": {"index": index}}})
        begun = time.monotonic()
        visitor.socket.send(json.dumps(sent))
        kinds = _until_idle(visitor, sent["header"]["msg_id"])
        took.append(time.monotonic() - begun)
        if "comm_msg" not in kinds or "error" in kinds or "stream" in kinds:
            raise ValueError(f"a choice changed nothing, or failed: {kinds}")
    visitor.socket.close()
    return took


def _states(visitor: Any) -> dict[str, Any]:
    control = uuid4().hex
    opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
    visitor.send("comm_open", opening, metadata={"version": "1.0.0"})
    visitor.send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
    heard = visitor.hear(lambda heard: "states" in heard["content"].get("data", {}), seconds=MOST)
    return dict(heard["content"]["data"]["states"])


def _until_idle(visitor: Any, asked: str) -> list[str]:
    """Hear all that a kernel says because of a message, and give its kinds."""
    visitor.heard.clear()
    of_ours = [asked]

    def is_over(heard: dict[str, Any]) -> bool:
        ours = heard["parent_header"].get("msg_id") in of_ours
        return ours and heard["content"].get("execution_state") == "idle"

    visitor.hear(is_over, seconds=MOST)
    found = [json.loads(text) for text in visitor.heard]
    return [each["header"]["msg_type"] for each in found if each["parent_header"].get("msg_id") == asked]


def live(port: int, server: psutil.Process, burst: int) -> tuple[Held, dict[str, str]]:
    """Let visitors of the live page change choices, then one more come, then many at once; all leave."""
    visitors = [opened(port) for _ in range(VISITORS)]
    with ThreadPoolExecutor(VISITORS) as pool:
        start = time.monotonic()
        took = list(pool.map(lambda at: change(visitors[at].kernel, port, at), range(VISITORS)))
        seconds = time.monotonic() - start
    ninth = opened(port)
    leave([*visitors, ninth])
    begun = time.monotonic()
    many = crowd(port, burst)
    lasted = time.monotonic() - begun
    got = sum(each.status == HTTPStatus.OK for each in many)
    leave(many)
    time.sleep(5)
    said = "in words" if ninth.status == HTTPStatus.OK or "<h1" in ninth.text else "without words"
    return held([each for visit in took for each in visit], seconds), {
        "the ninth visitor": f"{ninth.status} {said} after {ninth.seconds:.2f} s",
        f"{burst} visitors at once are answered after": f"{lasted:.1f} s, {got} with a kernel",
        "kernels five seconds after all have left": str(len(kernels(server))),
    }


def leave(visitors: list[Opened]) -> None:
    """Let all who have a kernel leave."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Opened.leave, [each for each in visitors if each.status == HTTPStatus.OK]))


def plain(folder: Path) -> tuple[Held, dict[str, str]]:
    """The same notebook on plain Voilà, with a kernel that waits."""
    port = free_port()
    order = [str(Path(sys.executable).with_name("voila")), str(ROOT / "dashboards"), "--no-browser", f"--port={port}"]
    order += ["--preheat_kernel=True", "--pool_size=1"]
    with running(order, f"http://127.0.0.1:{port}/voila/static/voila.js", folder) as server:
        return live(port, server, PEER_BURST)


def table(rows: dict[str, Held], head: str) -> str:
    """What was held, as Markdown."""
    lines = [f"{name} | {row.rate:,.0f} | {row.half:,.0f} | {row.most:,.0f}" for name, row in rows.items()]
    return "\n".join(
        [
            f"| {head} | a second | half within, ms | 95 % within, ms |",
            "|---|---:|---:|---:|",
            *(f"| {each} |" for each in lines),
        ]
    )


def main() -> None:
    """Measure all and print the tables."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as logs:
        folder = Path(name)
        asked = static(folder)
        with run_server(Path(logs), most=VISITORS, waiting=1) as (port, pid):
            asked |= instant(port, psutil.Process(pid))
            print(table(asked, "pages") + "\n", flush=True)
            ours, said = live(port, psutil.Process(pid), BURST)
        theirs, told = plain(folder)
    print(table({"ours": ours, "plain Voilà": theirs}, f"{VISITORS} visitors change choices of a live page") + "\n")
    print("| | ours | plain Voilà |\n|---|---|---|")
    for (name, mine), (other, its) in zip(said.items(), told.items(), strict=True):
        print(f"| {name} | {mine} | {its if name == other else f'({other}) {its}'} |")
    print(f"\nplain Voilà / ours, 95 %: {theirs.most / ours.most:.1f}; load of the machine: {os.getloadavg()[1]:.1f}")


if __name__ == "__main__":
    main()
