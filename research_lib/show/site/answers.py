"""What every answer of the server carries: its headers, what a page may load, and errors in words."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import jinja2
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

from research_lib.show.site.front_end import FrontEnd

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# What is not a page: a file, an error. An SVG file and the error page have a style of their own.
FILE_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; {_CLOSED}"
_WORDS = {
    400: "The server cannot read this request.",
    403: "This is not open to visitors.",
    404: "There is nothing at this address.",
    405: "This address cannot be used in this way.",
    421: "This server answers for its own address only. Start it with --address or --name to add another.",
    503: "As many visitors as this server can serve have a dashboard open. Please come back in some minutes.",
}
_FAILED = "The server could not answer. Its log says why."


class Answer(OutputTransform):
    """Gives every answer its headers, and every error a page that says the status in words and nothing else."""

    def __init__(self, request: HTTPServerRequest, front_end: FrontEnd):
        super().__init__(request)
        self.request, self.front_end = request, front_end

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add the headers; replace what a handler says of an error, which may name files of the server."""
        if status_code == HTTPStatus.OK:
            self.front_end.note(self.request)
        if status_code >= HTTPStatus.BAD_REQUEST:
            chunk = _error_page(status_code)
            headers["Content-Type"] = "text/html; charset=utf-8"
            headers["Content-Length"] = str(len(chunk))
        if status_code >= HTTPStatus.BAD_REQUEST or "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = FILE_POLICY
        headers.update(_HEADERS)
        headers.pop("Server", None)
        return status_code, headers, chunk


def page_policy(html: str) -> str:
    """What a finished page may load: its own scripts and style, pictures that it draws, and nothing from anywhere."""
    scripts = re.findall(r"<script(?![^>]*application/json)[^>]*>(.*?)</script>", html, re.DOTALL)
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src-elem {_hashes(styles)}; "
        f"style-src-attr 'unsafe-inline'; img-src data: blob:; {_CLOSED}"
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


@cache
def _error_page(status: int) -> bytes:
    folder = jinja2.FileSystemLoader(Path(__file__).parent / "voila")
    template = jinja2.Environment(loader=folder, autoescape=True).get_template("error.html")
    page = template.render(
        status_code=status,
        status_message=HTTPStatus(status).phrase,
        exception={"log_message": _WORDS.get(status, _FAILED)},
        base_url="/",
    )
    return page.encode()
