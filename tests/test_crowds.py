"""Many requests of one address: others do not wait for them, and nobody's are worked off who has left."""

import asyncio
import gzip
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import brotli
import psutil
import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from research_lib.show.site import connections, finished_pages
from research_lib.show.site.connections import MOST_CONNECTIONS, FairServer, visitor_of
from research_lib.show.site.finished_pages import FinishedPages

OURS, NEIGHBOUR = "127.0.0.1", "127.0.0.2"  # on Linux each address of 127.0.0.0/8 is this machine
needs_neighbours = pytest.mark.skipif(sys.platform != "linux", reason="this system has one address for itself")


class Page(RequestHandler):
    """A page that takes five milliseconds, and notes who asked for it."""

    def get(self, _):
        self.settings["asked"].append(self.request.remote_ip)
        time.sleep(0.005)
        self.set_header("Asked-Over", self.request.protocol)
        self.finish(self.settings["text"])


@contextmanager
def serving(kind=FairServer, text="x"):
    """A server in a thread of its own: its port, and the addresses whose requests it has worked off, in their order."""
    asked, started, found = [], threading.Event(), {}

    async def run():
        server = kind(Application([("/(.*)", Page)], asked=asked, text=text))
        server.listen(0, OURS)
        found["port"] = next(iter(server._sockets.values())).getsockname()[1]
        found["loop"], found["ended"] = asyncio.get_running_loop(), asyncio.Event()
        started.set()
        await found["ended"].wait()
        server.stop()

    thread = threading.Thread(target=asyncio.run, args=[run()])
    thread.start()
    assert started.wait(20)
    try:
        yield found["port"], asked
    finally:
        found["loop"].call_soon_threadsafe(found["ended"].set)
        thread.join(20)


def link(port, source=OURS, **options):
    """An open connection from an address of this machine."""
    made = socket.socket()
    if "unread" in options:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["unread"])
    made.settimeout(20)
    made.bind((source, 0))
    made.connect((OURS, port))
    return made


def asking(*headers):
    return "\r\n".join(["GET / HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def wait_for(is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_so():
        time.sleep(0.05)
    assert is_so()


def neighbours_before_us(kind, crowd_asks):
    """How many requests of eighty connections of a neighbour are worked off before one that comes after them."""
    with serving(kind) as (port, asked), ExitStack() as stack:
        crowd = [stack.enter_context(link(port, NEIGHBOUR)) for _ in range(80)]
        us = stack.enter_context(link(port))
        for each in crowd:
            each.sendall(crowd_asks * 10)
        wait_for(lambda: len(asked) > 20)
        before = len(asked)
        us.sendall(asking())
        assert us.recv(100).startswith(b"HTTP/1.1 200")
        return asked.index(OURS) - before


@needs_neighbours
def test_a_visitor_does_not_wait_for_all_that_a_neighbour_asks():
    assert neighbours_before_us(HTTPServer, asking()) > 25 > neighbours_before_us(FairServer, asking())


@needs_neighbours
def test_visitors_behind_a_proxy_of_this_machine_are_told_apart_by_what_it_says_last():
    with serving() as (port, asked), ExitStack() as stack:
        crowd = [stack.enter_context(link(port)) for _ in range(80)]
        us = stack.enter_context(link(port))
        for each in crowd:
            each.sendall(asking("X-Forwarded-For: 198.51.100.1, 192.0.2.1") * 10)
        wait_for(lambda: len(asked) > 20)
        before = len(asked)
        us.sendall(asking("X-Forwarded-For: 192.0.2.1, 192.0.2.2"))
        assert us.recv(100).startswith(b"HTTP/1.1 200")
        assert len(asked) - before < 25


@pytest.mark.parametrize(("kind", "least", "most"), [(HTTPServer, 300, 600), (FairServer, 0, 20)])
def test_what_a_visitor_asked_for_before_leaving_is_not_worked_off(kind, least, most):
    with serving(kind, "x" * 100_000) as (port, asked):
        with link(port) as leaving:
            leaving.sendall(asking() * 600)
        wait_for(lambda: asked)
        quiet = -1
        while quiet != len(asked):
            quiet = len(asked)
            time.sleep(0.5)
        assert least <= len(asked) <= most


@needs_neighbours
def test_an_address_with_many_connections_gets_no_more_and_others_do():
    with serving() as (port, _), ExitStack() as stack:
        crowd = [stack.enter_context(link(port, NEIGHBOUR)) for _ in range(MOST_CONNECTIONS)]
        with link(port, NEIGHBOUR) as one_more:
            assert one_more.recv(100).startswith(b"HTTP/1.1 503")
        with link(port) as ours:
            ours.sendall(asking())
            assert ours.recv(100).startswith(b"HTTP/1.1 200")
        crowd[0].close()
        time.sleep(0.5)
        with link(port, NEIGHBOUR) as again:
            again.sendall(asking())
            assert again.recv(100).startswith(b"HTTP/1.1 200")


def test_a_visitor_behind_a_proxy_has_so_many_connections_and_the_next_visitor_as_many():
    with serving() as (port, _), ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS):
            one = stack.enter_context(link(port))
            one.sendall(asking("X-Forwarded-For: 192.0.2.1"))
            assert one.recv(1000).startswith(b"HTTP/1.1 200")
        for visitor, status in (("192.0.2.1", b"503"), ("192.0.2.2", b"200")):
            with link(port) as more:
                more.sendall(asking(f"X-Forwarded-For: {visitor}"))
                assert more.recv(100).startswith(b"HTTP/1.1 " + status)
        one.sendall(asking("X-Forwarded-For: 192.0.2.2"))  # a proxy gives a connection to the next visitor
        assert one.recv(1000).startswith(b"HTTP/1.1 200")
        with link(port) as again:
            again.sendall(asking("X-Forwarded-For: 192.0.2.1"))
            assert again.recv(100).startswith(b"HTTP/1.1 200")


@needs_neighbours
def test_only_a_proxy_of_this_machine_is_believed_that_a_page_is_asked_for_over_https():
    with serving() as (port, _):
        for source, said, shown in ((OURS, "https", b"https"), (OURS, "x", b"http"), (NEIGHBOUR, "https", b"http")):
            with link(port, source) as visitor:
                visitor.sendall(asking(f"X-Forwarded-Proto: {said}"))
                assert b"Asked-Over: " + shown + b"\r" in visitor.recv(1000)


def is_held_by_the_server(port):
    """Whether a connection to a port is open at the server's end."""
    links = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.laddr.port == port]
    return any(each.status == psutil.CONN_ESTABLISHED for each in links)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts how long an answer is not taken")
def test_a_visitor_who_does_not_read_an_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(connections, "_MOST_SECONDS_UNREAD", 1)
    with serving(text="x" * 20_000_000) as (port, asked), link(port, unread=4096) as silent:
        silent.sendall(asking())
        wait_for(lambda: asked)
        wait_for(lambda: not is_held_by_the_server(port))
        received = 0
        with pytest.raises(ConnectionError):
            while piece := silent.recv(2**20):
                received += len(piece)
        assert received < 20_000_000


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:1::", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_address_is_that_of_one_customer(address, visitor):
    assert visitor_of(address) == visitor


def test_a_long_page_is_as_short_as_it_can_be_before_its_first_visit(bundle, monkeypatch):
    lengths = {
        (name, language): len(bundle.document(name, language))
        for name, languages in bundle.languages_by_page.items()
        for language in languages
    }
    longest = max(lengths, key=lengths.__getitem__)
    monkeypatch.setattr(finished_pages, "_LONG", lengths[longest] - 1)

    async def ask():
        pages = FinishedPages(bundle, lambda _: [])
        await pages.prepare("http://a/")
        return {key[:2] for key in pages._kept}, await pages.page(*longest, "http://a/")

    with ThreadPoolExecutor(1) as pool:
        prepared, page = pool.submit(asyncio.run, ask()).result()
    sent = page.form("br")[1]
    assert prepared == {longest} and sent == finished_pages.packed(brotli.decompress(sent))


def test_a_page_is_compressed_once_and_the_ones_asked_for_last_are_kept(bundle, monkeypatch):
    monkeypatch.setattr(finished_pages, "_MOST", 2)

    async def ask():
        pages = FinishedPages(bundle, lambda _: [])
        first = await asyncio.gather(*(pages.page("home", "en", "http://a/") for _ in range(9)))
        assert {id(page) for page in first} == {id(first[0])}
        for port in range(3):
            await pages.page("home", "en", f"http://a:{port}/")
            assert await pages.page("home", "en", "http://a/") is first[0]
        assert len(pages._kept) == 2
        return first[0]

    with ThreadPoolExecutor(1) as pool:  # a browser of other tests may run a loop in this thread
        page = pool.submit(asyncio.run, ask()).result()
    (name, plain), (shorter, packed), (shortest, best) = map(page.form, ("identity", "deflate, gzip;q=1", "gzip, br"))
    assert (name, shorter, shortest) == ("", "gzip", "br") and b'content="http://a/' in plain
    assert gzip.decompress(packed) == brotli.decompress(best) == plain and len(best) < len(packed) < len(plain) / 2
