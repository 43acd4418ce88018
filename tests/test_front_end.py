"""The scripts of Voilà's front end: sent compressed, each compressed once, and most of them as one."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tornado.web
from in_node import run_node
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.testing import bind_unused_port

from research_lib.show.site.front_end import Compressed, FrontEnd

SCRIPT = "let long = 1; // é\n" * 20_000


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "long.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "style.css").write_text("a {}\n" * 2000, encoding="utf-8")
    return tmp_path


def ask(folder: Path, *requests, encoding="gzip"):
    """The answers of a server of the folder to requests (method, path) in turn."""
    with ThreadPoolExecutor(1) as pool:  # a browser of other tests may run a loop in this thread
        return pool.submit(asyncio.run, _ask(folder, requests, encoding)).result()


async def _ask(folder: Path, requests, encoding):
    handlers = [("/(.*)", tornado.web.StaticFileHandler, {"path": str(folder)})]
    server = HTTPServer(tornado.web.Application(handlers, transforms=[Compressed]))
    socket, port = bind_unused_port()
    server.add_socket(socket)
    client = SimpleAsyncHTTPClient(force_instance=True)
    try:
        return [
            await client.fetch(
                f"http://127.0.0.1:{port}/{path}",
                method=method,
                headers={"Accept-Encoding": encoding},
                decompress_response=False,
            )
            for method, path in requests
        ]
    finally:
        client.close()
        server.stop()


def test_a_script_is_compressed_once_and_sent_whole_each_time(folder, monkeypatch):
    monkeypatch.setattr(Compressed, "_kept", {})
    first, again = ask(folder, ("GET", "long.js"), ("GET", "long.js"))
    (kept,) = Compressed._kept.values()
    assert first.body == again.body == kept
    assert gzip.decompress(again.body).decode() == SCRIPT
    assert again.headers["Content-Encoding"] == "gzip" and len(again.body) < len(SCRIPT) / 20


def test_a_changed_script_is_compressed_anew(folder):
    ask(folder, ("GET", "long.js"))
    (folder / "long.js").write_text("let other = 2;\n" * 3000, encoding="utf-8")
    tornado.web.StaticFileHandler.reset()
    (answer,) = ask(folder, ("GET", "long.js"))
    assert gzip.decompress(answer.body).startswith(b"let other")


@pytest.mark.parametrize(("method", "path"), [("HEAD", "long.js"), ("GET", "style.css")])
def test_only_scripts_that_were_sent_are_kept(folder, monkeypatch, method, path):
    monkeypatch.setattr(Compressed, "_kept", {})
    (answer,) = ask(folder, (method, path))
    assert answer.code == 200 and Compressed._kept == {}


def test_who_takes_nothing_compressed_gets_the_script_as_it_is(folder):
    answers = ask(folder, ("GET", "long.js"), ("GET", "long.js"), encoding="identity")
    assert [answer.body.decode() for answer in answers] == [SCRIPT] * 2


def asked(page: str, script: str) -> HTTPServerRequest:
    headers = HTTPHeaders({"Host": "localhost", "Referer": f"http://localhost{page}?lang=en"})
    line = RequestStartLine("GET", f"/voila/static/{script}", "HTTP/1.1")
    return HTTPServerRequest(start_line=line, headers=headers)


PARTS = {
    "1.js": b'"use strict";(self.webpackChunk_voila=self.webpackChunk_voila||[]).push([[1],{1:()=>{}}]);',
    "2.js": b'/*! licence */\n(self["rspackChunk_x"] = self["rspackChunk_x"] || []).push([[2],{}]); undeclared = 2 // end',
}


def test_the_parts_that_a_page_asks_for_come_as_one_script_and_others_by_their_address():
    front_end = FrontEnd()
    front_end.note(asked("/compare", "1.js"), PARTS["1.js"])
    assert front_end.scripts("/compare") == ([], "")  # nothing was known of the page, so nothing was noted
    for name, script in {**PARTS, "voila.js": b"(() => {})()"}.items():
        front_end.note(asked("/compare", name), script)
    others, name = front_end.scripts("/compare")
    assert others == ["/voila/static/voila.js"]
    front_end.note(asked("/compare", f"joined.{name}.js"), front_end.joined(name))
    assert front_end.scripts("/compare") == (others, name)
    assert front_end.scripts("/other") == ([], "")


def test_joined_parts_register_their_modules_each_as_strict_as_it_was():
    front_end = FrontEnd()
    front_end.scripts("/compare")
    for name, script in PARTS.items():
        front_end.note(asked("/compare", name), script)
    joined = front_end.joined(front_end.scripts("/compare")[1]).decode()
    told = "console.log(JSON.stringify([webpackChunk_voila.length, rspackChunk_x.length, undeclared]))"
    done = run_node("--eval", f"globalThis.self = globalThis; {joined}; {told}")
    assert done.stdout == "[1,1,2]\n", done.stderr


def test_an_unknown_name_of_joined_parts_is_not_found():
    with pytest.raises(tornado.web.HTTPError, match="404"):
        FrontEnd().joined("0123456789abcdef")
