"""The scripts of Voilà's front end: which ones a page needs, so that they load at once, and their compressed form."""

import math
import re
import statistics
import weakref
from collections import deque
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlsplit

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import GZipContentEncoding, HTTPError

JOINED = "/voila/static/joined."  # what the address of joined scripts begins with
# What a script begins with that only registers modules, whichever of two programs has made it.
_REGISTERS = re.compile(rb'(?:/\*.*?\*/\s*)?(?:"use strict";\s*)?\(self[.\["]+(?:webpack|rspack)Chunk', re.DOTALL)
_MOST = 200  # scripts of a page
_LAST = 5  # visits of a page whose times are kept
_AT_FIRST, _FOR_SCRIPTS = 4.0, 1.0  # seconds of a notebook of which nothing is known, and of a browser for its scripts


@dataclass(frozen=True)
class _Part:
    """A script that only registers modules, so that it may come at any time."""

    script: bytes
    digest: bytes


class FrontEnd:
    """The scripts that each live page has asked for, in their order, since the server was started."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, str]] = {}
        self._parts: dict[str, _Part] = {}
        self._joined: dict[str, tuple[str, list[_Part]]] = {}
        self._seconds: dict[str, deque[float]] = {}

    def note(self, request: HTTPServerRequest, script: bytes = b"") -> None:
        """Remember a script that the server has given, or that the browser had already, and the page that asked."""
        page = urlsplit(request.headers.get("Referer", "")).path
        asked = self._asked.get(page, {})
        if len(asked) < _MOST and request.uri and JOINED not in request.path:
            asked[request.uri] = request.path
            if _REGISTERS.match(script):
                self._parts[request.path] = _Part(script, sha256(script).digest())

    def took(self, notebook: str, seconds: float) -> None:
        """Remember how long a notebook took until its page was complete."""
        self._seconds.setdefault(notebook, deque(maxlen=_LAST)).append(seconds)

    def usual_seconds(self, notebook: str) -> int:
        """How long a notebook usually takes, upwards: as the last times, or else as other notebooks took."""
        known = self._seconds.get(notebook) or [each for times in self._seconds.values() for each in times]
        return math.ceil(statistics.median(known or [_AT_FIRST]) + _FOR_SCRIPTS)

    def scripts(self, page: str) -> tuple[list[str], str]:
        """What a page, named by its path, asks for: the addresses of its scripts, and the name of its parts as one.

        From then on scripts are noted.
        """
        asked = self._asked.setdefault(page, {})
        parts = [self._parts[path] for path in asked.values() if path in self._parts]
        name = sha256(b"".join(part.digest for part in parts)).hexdigest()[:16] if parts else ""
        self._joined[page] = name, parts
        return [address for address, path in asked.items() if path not in self._parts], name

    def joined(self, name: str) -> bytes:
        """The parts that a page has asked for, as one script."""
        found = dict(self._joined.values()).get(name)
        if not found:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        # each in a function of its own, since one may be strict and the next not
        return b"\n".join(b"(()=>{" + part.script + b"\n})();" for part in found)


class Compressed(GZipContentEncoding):
    """Compresses what is sent, and keeps each script in that form: a visit asks for five megabytes of them."""

    _kept: ClassVar[dict[tuple[str, str], bytes]] = {}  # by path and ETag

    def __init__(self, request: HTTPServerRequest):
        super().__init__(request)
        self._path = request.path if request.method == "GET" else ""
        self._script: tuple[str, str] | None = None
        self._pieces: list[bytes] = []
        self._whole: bytes | None = None

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Compress the first piece of an answer, or give the script that was compressed before."""
        if status_code == HTTPStatus.OK and self._path.endswith(".js") and "Etag" in headers:
            self._script = self._path, headers["Etag"]
            self._whole = self._kept.get(self._script)
        answer = super().transform_first_chunk(status_code, headers, chunk, finishing)
        if self._gzipping:  # else Python complains in the log of each answer that a visitor did not wait for
            weakref.finalize(self, self._gzip_file.close)
        return answer

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
        """Compress a piece; where the whole script is known, the first piece is all of it and the others are empty."""
        if self._whole is not None and self._gzipping:
            chunk, self._whole = self._whole, b""
            return chunk
        chunk = super().transform_chunk(chunk, finishing)
        if self._script and self._gzipping:
            self._pieces.append(chunk)
            if finishing:
                self._kept[self._script] = b"".join(self._pieces)
        return chunk
