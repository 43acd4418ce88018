"""The requests that the server refuses before any handler sees them: foreign hosts and all but its own addresses."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from tornado.httputil import HTTPServerRequest, split_host_and_port
from tornado.routing import Matcher

_EVERY_ADDRESS = ("", "*", "0.0.0.0", "::")  # compared with, not listened on
_LOCAL = ("localhost", "127.0.0.1", "::1")
_ID = r"\w+(?:-\w+){4}"
_READ = (
    r"|voila/(?:render|tree)(?:/.*)?"
    r"|voila/(?:static|files|labextensions|api/themes|templates/[^/]+/static)/.+"
    rf"|api/kernels/{_ID}(?:/channels)?"
)
_OPEN = {"GET": _READ, "HEAD": _READ, "POST": rf"voila/api/shutdown/{_ID}"}
_OVERRIDES = {"template", "theme"}
_PLAIN = re.compile(r"(?:[!-$&-\[\]-~]|%[0-9A-Fa-f]{2})*")
_NEEDS_NO_ESCAPE = re.compile(r"[\w.~/\\\x00-\x1f\x7f-]", re.ASCII)


class Refusal(Matcher):
    """Matches a request that the server refuses, and gives the status of the answer.

    `address` is the one that the server listens on, `names` are the others that people use for it, and `base` is the
    path that all addresses begin with.
    """

    def __init__(self, address: str, names: Iterable[str] = (), base: str = "/"):
        self.names = {*_LOCAL, *(name.lower().strip("[]") for name in (address, *names))}
        self.is_open = address in _EVERY_ADDRESS
        self.open = {method: re.compile(re.escape(base) + f"(?:{paths})") for method, paths in _OPEN.items()}

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Give the status for tornado's ErrorHandler, or None where the request may pass."""
        status = self._status(request)
        return {"target_kwargs": {"status_code": status}} if status else None

    def _status(self, request: HTTPServerRequest) -> int | None:
        if self._is_foreign(request.host):
            return 421
        path = request.path
        if not _is_canonical(path) or not any(paths.fullmatch(path) for paths in self.open.values()):
            return 404
        if request.method not in self.open or not self.open[request.method].fullmatch(path):
            return 405
        return 404 if _OVERRIDES & request.query_arguments.keys() else None

    def _is_foreign(self, host: str) -> bool:
        """Whether a host is another one; a number is not a name, so a server on every address answers to each."""
        name = split_host_and_port(host.lower())[0].strip("[]")
        return name not in self.names and not (self.is_open and _is_number(name))


def _is_canonical(path: str) -> bool:
    """Whether a path is the one spelling of its address: full parts, and escapes only where they are needed."""
    parts = path.split("/")[1:]
    if not _PLAIN.fullmatch(path) or {".", ".."} & set(parts) or "" in parts[:-1]:
        return False
    escaped = b"".join(unquote_to_bytes(escapes) for escapes in re.findall(r"(?:%..)+", path))
    try:
        return not _NEEDS_NO_ESCAPE.search(escaped.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
