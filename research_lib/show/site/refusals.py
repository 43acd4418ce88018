"""The requests that the server refuses before any handler sees them: foreign hosts and closed addresses."""

import ipaddress
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from tornado.httputil import HTTPServerRequest, split_host_and_port
from tornado.routing import Matcher
from tornado.web import HTTPError
from voila.handler import BaseVoilaHandler

_EVERY_ADDRESS = ("", "*", "0.0.0.0", "::")  # compared with, not listened on
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ForeignHost(Matcher):
    """Matches a request for a host that is not this server, such as a name that another site points here."""

    def __init__(self, address: str, names: Iterable[str] = ()):
        self.names = {*_LOCAL, *(name.lower().strip("[]") for name in (address, *names))}
        self.is_open = address in _EVERY_ADDRESS

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Give {} for a foreign host; a number is not a name, so a server on every address answers to each."""
        host = split_host_and_port(request.host.lower())[0].strip("[]")
        return None if host in self.names or (self.is_open and _is_number(host)) else {}


class ClosedPath(Matcher):
    """Matches an address that leads out of the pages or to a closed part, however it is spelled."""

    def __init__(self, closed: Iterable[str]):
        self.closed = tuple(closed)

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Give {} for a closed address; escapes are read before the address is compared."""
        path = unquote(request.path)
        is_under = any(path == each or path.startswith(f"{each}/") for each in self.closed)
        return {} if is_under or "\0" in path or ".." in path.split("/") else None


class RefusalHandler(BaseVoilaHandler):
    """Answers what is refused with one status and its reason, on a page in the look of the others."""

    def initialize(self, *, status: int, why: str = "", **kwargs: object) -> None:
        """Take the status and a sentence for the visitor beside what Voilà's handlers take."""
        super().initialize(**kwargs)
        self.refusal = HTTPError(status, why)

    async def prepare(self) -> None:
        """Refuse the request."""
        await super().prepare()
        raise self.refusal


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
