"""A page whose end has not come yet: it answers at once, and shows what was chosen as soon as it can."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LATER = '<script type="application/json" data-role="kept-'


@contextmanager
def arriving(document):
    """A server that holds back what only a click asks for, until it is told to send it; gives its address."""
    at = document.index(LATER, document.index("</main>")) + len(LATER) + 20  # in the midst of a part
    is_sent = threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(document[:at].encode())
            self.wfile.flush()
            is_sent.wait(60)
            self.wfile.write(document[at:].encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", is_sent
        finally:
            is_sent.set()
            server.shutdown()


def usable(tab, address):
    tab.goto(address, wait_until="commit")
    expect(tab.locator('main[data-usable="true"]')).to_be_attached(timeout=30_000)
    assert tab.evaluate("document.readyState") == "loading"


CHOICES = [
    ("routes", "svg[data-role=map] .organiser:not(.out) .leg:not(.out) .stroke", "[data-role=details] [data-cards] li"),
    ("networks", "[data-network] [data-pick]", "[data-role=details] h3"),
]


@pytest.mark.parametrize(("name", "mark", "shown"), CHOICES)
def test_what_is_chosen_before_the_end_of_the_page_has_come_is_shown_when_it_has(tab, bundle, name, mark, shown):
    with arriving(bundle.document(name, "en")) as (address, is_sent):
        usable(tab, address)
        tab.locator(mark).first.dispatch_event("click")
        expect(tab.locator(shown)).to_have_count(0)
        is_sent.set()
        expect(tab.locator(shown).first).to_be_visible()


def test_a_table_is_saved_and_a_word_is_searched_when_the_end_of_the_page_has_come(tab, bundle):
    with arriving(bundle.document("routes", "en")) as (address, is_sent):
        usable(tab, address)
        with tab.expect_download() as saved:
            tab.locator("[data-download]").click()
            is_sent.set()
        assert saved.value.suggested_filename.endswith(".csv")
    with arriving(bundle.document("evidence", "en")) as (address, is_sent):
        usable(tab, address)
        tab.locator("#search").fill("traficking")
        expect(tab.locator('[data-role="results"]')).to_have_attribute("aria-busy", "true")
        is_sent.set()
        expect(tab.locator('[data-role="results"] mark').first).to_be_visible()


def test_an_address_with_a_choice_waits_for_the_end_of_the_page(tab, bundle):
    with arriving(bundle.document("routes", "en")) as (address, is_sent):
        tab.goto(f"{address}?destination=france", wait_until="commit")
        expect(tab.locator(".foot")).to_be_attached()
        assert tab.locator("main").get_attribute("data-usable") == "false"
        is_sent.set()
        expect(tab.locator('main[data-usable="true"]')).to_be_attached()
