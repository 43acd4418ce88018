"""The web socket of a live page: it passes the messages of widgets between a visitor and a kernel, and no others."""

import json
from typing import Any, Literal

from jupyter_server.services.kernels.connection.base import deserialize_binary_message, deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

from research_lib.show.site.kernels.visitor_kernels import MOST_MESSAGE_BYTES, ExcessError

_MOST_WAITING_BYTES = MOST_MESSAGE_BYTES  # for one socket, beside the message that is being added
_MOST_STATES = 3  # of all widgets, for one socket; a page asks for them once, and again when its connection breaks
_SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
_MOST_PARTS = 64
_MOST_SOCKETS = 4  # of one kernel; a page opens one, and another when its connection breaks
_PASSED = ("comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request")
_OPENED = "jupyter.widget.control"  # the one comm that Voilà's page opens itself
_POLICY_VIOLATION = 1008
_LONGEST = 500  # letters of an error in the log; a visitor may have sent its text


class WidgetConnection(ZMQChannelsWebsocketConnection):
    """A visitor's connection to a kernel; a message that cannot be read, or one too many, closes it."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.waiting = self.states = 0
        self.is_over = False

    async def prepare(self) -> None:
        """Refuse one connection too many before it is opened."""
        if sum(each.kernel_id == self.kernel_id for each in self._open_sockets) >= _MOST_SOCKETS:
            raise HTTPError(503)
        await super().prepare()  # type: ignore[no-untyped-call]

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass on what widgets send; leave out other kinds of messages, such as code to run."""
        if self.is_over:
            return
        try:
            self.kernel_manager.allowance.spend(len(incoming_msg))
            channel, parts = _read(incoming_msg, is_v1=self.subprotocol == _SUBPROTOCOL)
            if _is_of_widgets(channel, parts):
                self._count_states(parts[3])
                super().handle_incoming_message(incoming_msg)  # type: ignore[arg-type]  # it reads bytes too
        except ExcessError as error:
            self._hang_up(error)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            self.is_over = True
            self._log(f"A connection to a kernel is closed: {error}")
            self.websocket_handler.close(_POLICY_VIOLATION)

    def disconnect(self) -> None:  # type: ignore[override]  # as in the class between
        """Forget the channels of the kernel as well as closing them."""
        super().disconnect()  # type: ignore[no-untyped-call]
        self.channels = {}

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Leave out what a kernel writes of its errors, which names files of the server; the log has the error."""
        if self.is_over:
            return
        _, parts = self.session.feed_identities(outgoing_msg)
        kind = self.session.unpack(parts[1])["msg_type"]
        if kind == "error":
            error = self.session.unpack(parts[4])
            self._log(f"The code of a live page fails: {error['ename']}: {error['evalue']}")
        if kind != "stream" or self.session.unpack(parts[4])["name"] != "stderr":
            super().handle_outgoing_message(stream, outgoing_msg)

    @property
    def write_message(self) -> Any:
        """What sends a message to the visitor."""
        return self._send

    def _send(self, message: str | bytes, *, binary: bool = False) -> None:
        """Send a message, and hang up where the visitor asks for too much, or does not read what waits already."""
        try:
            self._check_answer(len(message))
            sent = self.websocket_handler.write_message(message, binary=binary)
        except ExcessError as error:
            self._hang_up(error)
        except WebSocketClosedError:
            pass  # the visitor has gone, or is being sent away
        else:
            self.waiting += len(message)
            sent.add_done_callback(lambda done: self._sent(done, len(message)))

    def _check_answer(self, size: int) -> None:
        self.kernel_manager.allowance.answer(size)
        if self.waiting > _MOST_WAITING_BYTES:
            raise ExcessError("its visitor does not read what is sent")

    def _sent(self, done: Any, size: int) -> None:
        self.waiting -= size
        if not done.cancelled():
            done.exception()  # says that the visitor has gone, which the socket says too

    def _hang_up(self, error: ExcessError) -> None:
        """End the connection with all that waits in it; a closing in words would wait behind that."""
        self.is_over = True
        self.kernel_manager.step_back()
        self._log(f"A connection to a kernel is cut: {error}")
        connection = self.websocket_handler.ws_connection
        if connection and connection.stream:
            connection.stream.close()

    def _count_states(self, content: dict[str, Any]) -> None:
        """Raise ExcessError where the states of all widgets are asked for again and again: they can be megabytes."""
        data = content.get("data")
        self.states += isinstance(data, dict) and data.get("method") == "request_states"
        if self.states > _MOST_STATES:
            raise ExcessError("a visitor asks for the states of all widgets again and again")

    def _log(self, words: str) -> None:
        self.kernel_manager.words.say(f"{words[:_LONGEST]}\n".encode())


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
