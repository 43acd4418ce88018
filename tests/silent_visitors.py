"""Visitors who ask without end and read nothing, and how the server fares meanwhile: its memory and its answers."""

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from statistics import median
from uuid import uuid4

import websocket
from door_visitor import frame, kernel_of, message, visiting

HEAVY = """
import ipywidgets as widgets
asked, shown = widgets.Text(), widgets.HTML("x" * 1_500_000)
asked.observe(lambda change: setattr(shown, "value", change.new[-1:] * 1_500_000), "value")
widgets.VBox([asked, shown])
"""  # a page whose states are as long as those of the page that compares groups
PACE = 0.0125  # seconds between two messages of a visitor: below what the server allows
SMALL = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]
REFUSED = (OSError, websocket.WebSocketException)


class SilentVisitor(threading.Thread):
    """Sends what widgets may send, reads nothing, and comes back as soon as the socket is closed."""

    def __init__(self, port, kernel, protocols, stop):
        super().__init__(daemon=True)
        self.port, self.kernel, self.protocols, self.stop = port, kernel, protocols, stop
        self.closed = self.sent = 0
        self.box, kind = control_of(port, kernel)
        self.choices = ({"value": "a"}, {"value": "b"}) if kind == "TextModel" else ({"index": 0}, {"index": 1})

    def run(self):
        """Ask until it is told to stop."""
        address = f"ws://127.0.0.1:{self.port}/api/kernels/{self.kernel}/channels?session_id="
        while not self.stop.is_set():
            try:
                link = websocket.create_connection(
                    address + uuid4().hex, subprotocols=self.protocols, sockopt=SMALL, timeout=5
                )
            except REFUSED:
                time.sleep(0.2)
                continue
            with suppress(*REFUSED):
                self._ask(link)
            self.closed += 1
            link.shutdown()

    def _ask(self, link):
        control = uuid4().hex
        opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        self._send(link, message("comm_open", opening, metadata={"version": "1.0.0"}))
        deeds = cycle(
            [
                (control, {"method": "request_states"}),
                (self.box, {"method": "request_state"}),
                *((self.box, {"method": "update", "state": state}) for state in self.choices),
            ]
        )
        for comm, data in deeds:
            if self.stop.wait(PACE):
                return
            self._send(link, message("comm_msg", {"comm_id": comm, "data": data}))

    def _send(self, link, sent):
        if self.protocols:
            link.send_binary(frame(sent))
        else:
            link.send(json.dumps(sent))
        self.sent += 1


def control_of(port, kernel):
    """The name of a page's first text box or list, and its kind."""
    with visiting(port, kernel) as visitor:
        control = uuid4().hex
        opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        visitor.send("comm_open", opening, metadata={"version": "1.0.0"})
        visitor.send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        heard = visitor.hear(lambda heard: "states" in heard["content"].get("data", {}), seconds=60)
    kinds = {name: model["model_name"] for name, model in heard["content"]["data"]["states"].items()}
    return next((name, kind) for name, kind in kinds.items() if kind in ("TextModel", "DropdownModel"))


def page_of(port, name, headers=()):
    """The status and the text of a page, and the seconds that its answer took."""
    connection, start = http.client.HTTPConnection("127.0.0.1", port, timeout=60), time.monotonic()
    connection.request("GET", f"/voila/render/{name}.ipynb", headers=dict(headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body.decode("utf-8", "replace"), time.monotonic() - start


def besiege(port, server, *, page, visitors, seconds):
    """Let visitors ask and not read; give the server's megabytes before, at most and after, and seconds a page took.

    Pages are asked for by another process, so that the time of a page is not that of the silent visitors.
    """
    with ThreadPoolExecutor(2) as pool:
        kernels = list(pool.map(lambda _: kernel_of(page_of(port, page)[1]), range(visitors)))
    stop, protocols = threading.Event(), (None, ["v1.kernel.websocket.jupyter.org"])
    silent = [SilentVisitor(port, kernel, protocols[at % 2], stop) for at, kernel in enumerate(kernels)]
    with ProcessPoolExecutor(1) as reader:
        quiet = reader.submit(waited_for, port, 5).result()
        before, most = megabytes(server), 0.0
        for visitor in silent:
            visitor.start()
        meanwhile = reader.submit(waited_for, port, seconds)
        while not meanwhile.done():
            most = max(most, megabytes(server))
            time.sleep(0.25)
        stop.set()
    for visitor in silent:
        visitor.join(10)
    time.sleep(5)
    return {
        "before": before,
        "most": most,
        "after": megabytes(server),
        "quiet": median(quiet),
        "slowest": max(meanwhile.result()),
        "median": median(meanwhile.result()),
        "sent": sum(visitor.sent for visitor in silent),
        "closed": sum(visitor.closed for visitor in silent),
    }


def waited_for(port, seconds):
    """How long each page took that was asked for, one after the other, for so many seconds."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        status, _, second = page_of(port, "home", {"Accept-Encoding": "gzip"}.items())
        assert status == 200
        took.append(second)
        time.sleep(0.25)
    return took


def megabytes(server):
    """The memory that a process holds, in MB."""
    return server.memory_info().rss / 1e6
