"""What every answer of the server carries, which requests it refuses before a handler sees them; errors in words."""

import ipaddress
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from tornado.httputil import HTTPHeaders, HTTPServerRequest, split_host_and_port
from tornado.routing import Matcher
from tornado.web import OutputTransform

from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.opened_templates import open_templates
from research_lib.show.site.front_end import FrontEnd
from research_lib.show.words import Words

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
_OWN = Path(__file__).resolve().parents[1]
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_CLOSED = "base-uri 'none'; frame-ancestors 'self'; form-action 'none'"
# What is not a page: a file, an error. An SVG file and the error page have a style of their own.
FILE_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; {_CLOSED}"
_SAID = (400, 403, 404, 405, 421, 503)  # the statuses that have words of their own
_LONGEST = 1000  # letters of a header that are read


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


@dataclass(frozen=True)
class ErrorPages:
    """The pages that say in a reader's language that there is no answer, and how to go on.

    `words`: the phrases of each language, the study's first language first. `pages`: gives the titles of the pages that
    links may lead to, by their address and language; nothing of a request stands on a page.
    """

    words: Mapping[str, Words]
    pages: Callable[[], Mapping[str, Mapping[str, str]]]

    def __call__(self, status: int, request: HTTPServerRequest) -> bytes:
        """Make the page of a status in the language of a request."""
        words = self.words[self._language(request)]
        links = [] if status == HTTPStatus.MISDIRECTED_REQUEST else self._links(request.path, words.language)
        return error_page(words, status, links).encode()

    def _language(self, request: HTTPServerRequest) -> str:
        """The language of the address, or the one that the browser prefers, or the study's first."""
        wanted = request.query_arguments.get("lang", [b""])[0].decode("latin-1")
        first, *_ = self.words
        return wanted if wanted in self.words else preferred_language(request, [*self.words]) or first

    def _links(self, path: str, language: str) -> list[tuple[str, str, str]]:
        """The page that an address seems to mean, where the study has it, and the home page."""
        meant = unquote(path[:_LONGEST]).lower().rstrip("/").rpartition("/")[2].partition(".")[0]
        pages = self.pages()
        found = [address for address in pages if unquote(address).partition(".")[0].lower() == meant]
        query, led_to = Addresses(language).query(), dict.fromkeys([*found, "home.ipynb"])
        return [(f"/voila/render/{each}{query}", pages[each][language], language) for each in led_to]


def error_page(words: Words, status: int, links: Sequence[tuple[str, str, str]]) -> str:
    """Write the page that says a status in words, with links to other pages: address, title and language of each."""
    key = f"error.{status}" if status in _SAID else "error.other"
    template = open_templates(_OWN / "site/voila", _OWN / "pages/shared").get_template("error_page.html.j2")
    return template.render(words=words, status=status, key=key, links=links)


def preferred_language(request: HTTPServerRequest, languages: Sequence[str]) -> str:
    """Give the language that a browser wants most among some, whatever the country or the script; empty for none."""
    first = {language.partition("-")[0]: language for language in reversed(languages)}
    tags = _preferred(request.headers.get("Accept-Language", "")[:_LONGEST])
    return next((first[name] for tag in tags if (name := tag.lower().partition("-")[0]) in first), "")


def is_from_elsewhere(request: HTTPServerRequest) -> bool:
    """Whether a visitor comes from outside: by an address typed in, kept or mailed, or by a link of another site."""
    site = request.headers.get("Sec-Fetch-Site", "")
    return site in ("none", "cross-site") or not (site or request.headers.get("Referer"))


def _preferred(header: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    found = re.findall(r"([A-Za-z-]+)\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*(?:,|$)", header)
    weights = {tag: float(weight or 1) for tag, weight in reversed(found)}
    return sorted((tag for tag in weights if weights[tag]), key=lambda tag: -weights[tag])


class Answer(OutputTransform):
    """Gives every answer its headers, and every error a page that says the status in words and nothing else."""

    def __init__(self, request: HTTPServerRequest, front_end: FrontEnd, errors: ErrorPages):
        super().__init__(request)
        self.request, self.front_end, self.errors = request, front_end, errors
        self._script: list[bytes] | None = None

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add the headers; replace what a handler says of an error, which may name files of the server."""
        if status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED) and self.request.path.endswith(".js"):
            self._script = []
        if status_code >= HTTPStatus.BAD_REQUEST:
            chunk = self.errors(status_code, self.request)
            headers["Content-Type"] = "text/html; charset=utf-8"
            headers["Content-Length"] = str(len(chunk))
        if status_code >= HTTPStatus.BAD_REQUEST or "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = FILE_POLICY
        headers.update(_HEADERS)
        headers.pop("Server", None)
        return status_code, headers, self.transform_chunk(chunk, finishing)

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
        """Give a piece as it is; a script is noted when it is whole."""
        if self._script is not None:
            self._script.append(chunk)
            if finishing:
                self.front_end.note(self.request, b"".join(self._script))
        return chunk


def page_policy(html: str, *, asks: bool = False) -> str:
    """What a finished page may load: its own scripts and style, pictures that it draws, and nothing from anywhere.

    `asks`: whether it asks its own server for a part of it.
    """
    return f"{meta_policy(html)}; frame-ancestors 'self'{"; connect-src 'self'" if asks else ''}"


def meta_policy(html: str) -> str:
    """The policy of a finished page without what only a header can say: in whose frames it may stand."""
    scripts = re.findall(r"<script(?![^>]*application/(?:ld\+)?json)[^>]*>(.*?)</script>", html, re.DOTALL)
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src-elem {_hashes(styles)}; "
        f"style-src-attr 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'self'"
    )


def notebook_policy(host: str) -> str:
    """What a rendered notebook may load: only what this server gives.

    Voilà's page and the outputs of notebooks (folium, Altair) hold scripts of their own, widgets are loaded as blobs,
    and Vega makes functions from text. Some browsers do not take 'self' for a web socket, so `host` is named.
    """
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; frame-src 'self' data: blob:; worker-src 'self' blob:; "
        f"connect-src 'self' data: blob: ws://{host} wss://{host}; object-src 'none'; {_CLOSED}"
    )


def _hashes(texts: list[str]) -> str:
    found = (b64encode(sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{each}'" for each in found) or "'none'"
