"""The scripts of Voilà's front end: which ones a page needs, so that they load at once, and their compressed form."""

import math
import statistics
import weakref
from collections import deque
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlsplit

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import GZipContentEncoding

_MOST = 200  # scripts of a page
_LAST = 5  # visits of a page whose times are kept
_AT_FIRST, _FOR_SCRIPTS = 4.0, 1.0  # seconds of a notebook of which nothing is known, and of a browser for its scripts


class FrontEnd:
    """The scripts that each live page has asked for, in their order, since the server was started."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, None]] = {}
        self._seconds: dict[str, deque[float]] = {}

    def note(self, request: HTTPServerRequest) -> None:
        """Remember a script that the server has, and the page that asks for it."""
        page = urlsplit(request.headers.get("Referer", "")).path
        asked = self._asked.get(page, {})
        if request.path.endswith(".js") and len(asked) < _MOST and request.uri:
            asked[request.uri] = None

    def took(self, notebook: str, seconds: float) -> None:
        """Remember how long a notebook took until its page was complete."""
        self._seconds.setdefault(notebook, deque(maxlen=_LAST)).append(seconds)

    def usual_seconds(self, notebook: str) -> int:
        """How long a notebook usually takes, upwards: as the last times, or else as other notebooks took."""
        known = self._seconds.get(notebook) or [each for times in self._seconds.values() for each in times]
        return math.ceil(statistics.median(known or [_AT_FIRST]) + _FOR_SCRIPTS)

    def scripts(self, page: str) -> list[str]:
        """The addresses of the scripts that a page, named by its path, asks for; from then on they are noted."""
        return list(self._asked.setdefault(page, {}))


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
