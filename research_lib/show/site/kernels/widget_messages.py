"""The web socket of a live page: it passes the messages of widgets between a visitor and a kernel, and no others."""

import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_server.services.kernels.connection.base import deserialize_binary_message, deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import HTTPError

MOST_MESSAGE_BYTES = 4 * 2**20  # a page may take a file, and says itself when it is too large
_SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
_MOST_PARTS = 64
_MOST_SOCKETS = 4  # of one kernel; a page opens one, and another when its connection breaks
_PASSED = ("comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request")
_OPENED = "jupyter.widget.control"  # the one comm that Voilà's page opens itself
_POLICY_VIOLATION = 1008


@dataclass
class Allowance:
    """What one visitor may send in ten seconds: a slider that is dragged stays far below it."""

    most_messages: int = 1000
    most_bytes: int = 2 * MOST_MESSAGE_BYTES
    started: float = field(default_factory=time.monotonic)
    messages: int = 0
    bytes: int = 0

    def spend(self, size: int) -> None:
        """Count one message; raises ValueError where the visitor has sent too much."""
        if time.monotonic() - self.started > 10:
            self.started, self.messages, self.bytes = time.monotonic(), 0, 0
        self.messages += 1
        self.bytes += size
        if self.messages > self.most_messages or self.bytes > self.most_bytes:
            raise ValueError("a visitor sends more than widgets do")


class WidgetConnection(ZMQChannelsWebsocketConnection):
    """A visitor's connection to a kernel; a message that cannot be read, or one too many, closes it."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.allowance = Allowance()

    async def prepare(self) -> None:
        """Refuse one connection too many before it is opened."""
        if sum(each.kernel_id == self.kernel_id for each in self._open_sockets) >= _MOST_SOCKETS:
            raise HTTPError(503)
        await super().prepare()  # type: ignore[no-untyped-call]

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass on what widgets send; leave out other kinds of messages, such as code to run."""
        try:
            self.allowance.spend(len(incoming_msg))
            if _is_of_widgets(*_read(incoming_msg, is_v1=self.subprotocol == _SUBPROTOCOL)):
                super().handle_incoming_message(incoming_msg)  # type: ignore[arg-type]  # it reads bytes too
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            self.log.warning("A connection to a kernel is closed: %s", error)
            self.websocket_handler.close(_POLICY_VIOLATION)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Leave out what a kernel writes of its errors, which names files of the server; the log has the error."""
        _, parts = self.session.feed_identities(outgoing_msg)
        kind = self.session.unpack(parts[1])["msg_type"]
        if kind == "error":
            error = self.session.unpack(parts[4])
            self.log.warning("The code of a live page fails: %s: %s", error["ename"], error["evalue"])
        is_stream = kind == "stream"
        if not (is_stream and self.session.unpack(parts[4])["name"] == "stderr"):
            super().handle_outgoing_message(stream, outgoing_msg)


def _read(frame: str | bytes, *, is_v1: bool) -> tuple[str, list[Any]]:
    """Read the channel of a frame and its header, parent header, metadata and content."""
    if isinstance(frame, bytes) and is_v1:
        _check_offsets(frame, 8, "little")
        channel, parts = deserialize_msg_from_ws_v1(frame)  # type: ignore[no-untyped-call]
        return channel, [json.loads(part) for part in parts[:4]]
    if isinstance(frame, str):
        message = json.loads(frame)
    else:
        _check_offsets(frame, 4, "big")
        message = deserialize_binary_message(frame)  # type: ignore[no-untyped-call]
    return message["channel"], [message[part] for part in ("header", "parent_header", "metadata", "content")]


def _check_offsets(frame: bytes, width: int, order: Literal["little", "big"]) -> None:
    """Raise ValueError unless the offsets before the parts of a frame are all there, in order and inside it."""
    most = min(_MOST_PARTS, len(frame) // width - 1)
    many = int.from_bytes(frame[:width], order)
    if not 0 < many <= most:
        raise ValueError(f"a frame of {len(frame)} bytes says that it has {many} parts")
    offsets = [int.from_bytes(frame[start : start + width], order) for start in range(width, width * (many + 1), width)]
    if offsets != sorted(offsets) or offsets[0] != width * (many + 1) or offsets[-1] > len(frame):
        raise ValueError("the offsets of a frame lie outside it")


def _is_of_widgets(channel: str, parts: list[Any]) -> bool:
    """Whether a message is one that widgets send; raises ValueError where it is not a message."""
    if [type(part) for part in parts] != [dict] * 4 or not isinstance(parts[0]["msg_type"], str):
        raise ValueError("a message has other parts than its header, parent, metadata and content")
    header, _, _, content = parts
    is_opening = header["msg_type"] == "comm_open"
    return (
        channel == "shell" and header["msg_type"] in _PASSED and (not is_opening or content["target_name"] == _OPENED)
    )
