"""A visitor of a live page without a browser: opens the page, its socket, and speaks the protocol of widgets."""

import json
import re
import time
from contextlib import contextmanager
from uuid import uuid4

import websocket

V1 = "v1.kernel.websocket.jupyter.org"


def message(kind, content=None, channel="shell", **other):
    """One message of the Jupyter protocol."""
    header = {"msg_id": uuid4().hex, "msg_type": kind, "username": "", "session": "s", "date": "", "version": "5.3"}
    parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content or {}}
    return {**parts, "channel": channel, "buffers": [], **other}


def frame(sent, *, offsets=None, count=None):
    """A message as the newer protocol writes it; `offsets` and `count` stand in for the true ones."""
    parts = [sent["channel"].encode()]
    parts += [json.dumps(sent[name]).encode() for name in ("header", "parent_header", "metadata", "content")]
    starts = [8 * (len(parts) + 2)]
    for part in parts:
        starts.append(starts[-1] + len(part))
    written = starts if offsets is None else offsets
    numbers = [len(written) if count is None else count, *written]
    return b"".join(number.to_bytes(8, "little") for number in numbers) + b"".join(parts)


class Visitor:
    """An open socket to the kernel of a live page."""

    def __init__(self, port, kernel, *protocols):
        address = f"ws://127.0.0.1:{port}/api/kernels/{kernel}/channels?session_id={uuid4().hex}"
        self.socket = websocket.create_connection(address, subprotocols=protocols or None, timeout=10)
        self.heard = []

    def send(self, *parts, **options):
        self.socket.send(json.dumps(message(*parts, **options)))

    def hear(self, is_wanted, seconds=10):
        """Listen until a message is the wanted one, and keep all that is heard."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = self.socket.recv()
            assert text, "the server closed the socket"
            self.heard.append(text)
            if is_wanted(found := json.loads(text)):
                return found
        raise AssertionError(f"not heard in {seconds} s")

    def is_answered(self):
        """Whether the kernel answers; it answers in order, so all that was sent before is dealt with."""
        self.send("kernel_info_request")
        return bool(self.hear(lambda heard: heard["header"]["msg_type"] == "kernel_info_reply"))

    def do(self, deed):
        """Write a deed into the page's text box, and give what the page's label shows of it."""
        asked = f"{deed} {uuid4().hex}"
        self.set_box(asked)
        shown = self.hear(lambda heard: _value(heard).startswith(f"{asked}: "))
        return _value(shown).removeprefix(f"{asked}: ")

    def set_box(self, value):
        """Write into the page's text box."""
        self.send("comm_msg", {"comm_id": self.box(), "data": {"method": "update", "state": {"value": value}}})

    def box(self):
        """The name of the page's text box."""
        control = uuid4().hex
        content = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        self.send("comm_open", content, metadata={"version": "1.0.0"})
        self.send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        states = self.hear(lambda heard: "states" in heard["content"].get("data", {}))["content"]["data"]["states"]
        return next(name for name, model in states.items() if model["model_name"] == "TextModel")

    def is_closed(self, seconds=5):
        """Whether the server closes the socket."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv():
                pass
        except websocket.WebSocketTimeoutException:
            return False
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            pass
        return True


def _value(heard):
    return str(heard["content"].get("data", {}).get("state", {}).get("value", ""))


def kernel_of(page):
    """The kernel that a rendered page names."""
    return re.search(r'"kernelId": ?"([^"]+)"', page)[1]


@contextmanager
def visiting(port, kernel, *protocols):
    visitor = Visitor(port, kernel, *protocols)
    try:
        yield visitor
    finally:
        visitor.socket.close()
