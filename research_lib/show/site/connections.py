"""The connections of visitors: how many an address may have, whose request is next, and when one is given up."""

import asyncio
import ipaddress
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets

from research_lib.errors import ResearchError

MOST_CONNECTIONS = 256  # of one address; a browser opens six
_MOST_SECONDS_UNREAD = 30  # after which a visitor who takes nothing of what is sent is given up
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\nRetry-After: 30\r\n\r\n"
    b"Too many connections are open from this address. Please come back in some minutes.\n"
)


def require_free(address: str, port: int) -> None:
    """Raise ResearchError where nothing can listen on an address and a port, before pages are built for it."""
    with listening(address, port):
        for each in bind_sockets(port, address):
            each.close()


@contextmanager
def listening(address: str, port: int) -> Iterator[None]:
    """Say in words why one cannot listen on an address and a port."""
    try:
        yield
    except OSError as error:
        where = f"address {address}, port {port}"
        raise ResearchError(f"{where}: {error.strerror}; choose others with --address and --port") from error


class FairServer(HTTPServer):
    """A server that works off the requests of one address one after another, so that others wait for one of them only.

    An address has a limited number of connections. What a visitor asked for before leaving is not worked off, and a
    visitor who does not read what is sent is given up. A proxy on this machine is believed who asks, and whether over
    https.
    """

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Take what tornado's server takes."""
        super().initialize(*args, **kwargs)
        self._open: Counter[str] = Counter()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Begin with a connection, or refuse it where its address has as many as it may."""
        if self._open[visitor_of(address[0])] >= MOST_CONNECTIONS:
            stream.write(_BUSY).add_done_callback(lambda _: stream.close())
            return
        self._open[visitor_of(address[0])] += 1
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # the system counts from the last byte that was taken
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _MOST_SECONDS_UNREAD * 1000)
        super().handle_stream(stream, address)

    def on_close(self, server_conn: Any) -> None:
        """Count a connection no more, as soon as it takes no further request."""
        super().on_close(server_conn)
        self._open[_counted_for(server_conn.context)] -= 1
        self._open += Counter()  # leaves out those that have none

    def start_request(self, server_conn: Any, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Give what takes a request, in its turn."""
        answer = super().start_request(server_conn, request_conn)
        return _InTurn(answer, request_conn, self)

    def may_ask(self, visitor: str, context: Any) -> bool:
        """Count a connection for the visitor who asks now, where a proxy has it for many; no for one too many."""
        before = _counted_for(context)
        if visitor != before:
            if self._open[visitor] >= MOST_CONNECTIONS:
                return False
            self._open[before] -= 1
            self._open[visitor] += 1
            context.visitor = visitor
        return True

    async def turn(self, visitor: str) -> None:
        """Wait until it is the turn of a visitor's request; it is the next one's after what is ready now."""
        turns = self._turns.setdefault(visitor, asyncio.Lock())
        await turns.acquire()
        asyncio.get_running_loop().call_soon(turns.release)


class _InTurn(HTTPMessageDelegate):
    """Passes a request on when it is its turn, and not at all where its visitor has left."""

    def __init__(self, answer: HTTPMessageDelegate, connection: Any, server: FairServer):
        self.answer, self.connection, self.server = answer, connection, server

    async def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        """Wait for the turn, then pass on the beginning of a request."""
        context, visitor = self.connection.context, _asking(self.connection, headers)
        if not self.server.may_ask(visitor, context):
            stream = self.connection.detach()
            stream.write(_BUSY).add_done_callback(lambda _: stream.close())
            return
        await self.server.turn(visitor)
        is_secure = _is_near(context) and headers.get("X-Forwarded-Proto") == "https"
        context.protocol = "https" if is_secure else "http"
        if self.connection.stream.closed():
            self.connection.detach()  # ends the connection: what else was asked there is not worked off
        elif passed := self.answer.headers_received(start_line, headers):
            await passed

    def data_received(self, chunk: bytes) -> Any:
        """Pass on a piece of a request's body."""
        return self.answer.data_received(chunk)

    def finish(self) -> None:
        """Pass on that a request is complete."""
        self.answer.finish()

    def on_connection_close(self) -> None:
        """Pass on that a request will not be complete."""
        self.answer.on_connection_close()


def visitor_of(address: str) -> str:
    """Name whom an address belongs to: itself, or where it is of IPv6 the network that one customer has (/64)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    plain = found if isinstance(found, ipaddress.IPv4Address) else found.ipv4_mapped
    return str(plain or ipaddress.ip_network((found, 64), strict=False))


def _asking(connection: Any, headers: HTTPHeaders) -> str:
    """The visitor who asks: the peer, or whom a proxy on this machine names last."""
    named = headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return visitor_of(named if named and _is_near(connection.context) else connection.context.address[0])


def _is_near(context: Any) -> bool:
    """Whether a connection comes from this machine, where a proxy may be."""
    return visitor_of(context.address[0]) in ("127.0.0.1", str(ipaddress.ip_network("::/64")))


def _counted_for(context: Any) -> str:
    """The visitor for whom a connection is counted: its peer, or who asked there last."""
    return str(getattr(context, "visitor", "")) or visitor_of(context.address[0])
