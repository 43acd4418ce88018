"""The door of the server: what strangers send is refused in words, and the next visitor is served as before."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from uuid import uuid4

import nbformat
import psutil
import pytest
import websocket
from conftest import ROOT, free_port, kernels, wait_until_served
from door_attacks import ATTACKS, HOME, ask
from door_visitor import V1, Visitor, frame, kernel_of, message, visiting

# The command as people start it, with room for four kernels, and two seconds for slow visitors.
SERVER = """
import sys
from functools import partial
from pathlib import Path
from research_lib.cli import main
from research_lib.show.site import serve
serve.serve = partial(serve.serve, notebooks=Path(sys.argv.pop(1)) / "dashboards")
serve.LIMITS |= {"idle_connection_timeout": 2, "body_timeout": 2}
serve.StudyServer.limit = serve.KernelLimit(8)
main()
"""
# What a widget is asked to do runs in the kernel: it stands for what a page's author lets visitors do.
LIVE = """
import os, sys
from pathlib import Path
import ipywidgets
asked, shown = ipywidgets.Text(), ipywidgets.Label("ready")
DEEDS = {
    "memory": lambda: len(bytearray(4 * 2**30)),
    "disk": lambda: Path(os.environ["TMPDIR"], "much").write_bytes(bytes(80 * 2**20)),
    "fails": lambda: 1 / 0,
    "environment": lambda: sorted(os.environ),
    "user": os.getuid,
    "runs": lambda: "code_of_a_visitor" in globals(),
}
def do(change):
    print("on its way", file=sys.stderr)
    try:
        shown.value = f"{change.new}: {DEEDS[change.new.split()[0]]()}"
    except (MemoryError, OSError) as error:
        shown.value = f"{change.new}: {type(error).__name__}"
asked.observe(do, "value")
ipywidgets.VBox([asked, shown])
"""
pytestmark = pytest.mark.slow


@contextmanager
def connected(port):
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as link:
        yield link


def answer_to(port, request):
    """The status, headers and body of the answer to what is sent; the status is None where the server hangs up."""
    with connected(port) as link:
        try:
            link.sendall(request)
            answer = http.client.HTTPResponse(link, method=request.split(b" ")[0].decode("latin-1"))
            answer.begin()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except (http.client.BadStatusLine, ConnectionError):
            return None, {}, ""


def is_served(port):
    status, _, body = answer_to(port, ask(HOME, "GET", "Connection: close"))
    return status == 200 and body.endswith("</html>")


@pytest.mark.parametrize(
    ("statuses", "requests"), [attack[1:] for attack in ATTACKS], ids=[name for name, *_ in ATTACKS]
)
def test_an_attack_is_refused_in_words_and_the_next_visitor_is_served(live, statuses, requests):
    for request in requests:
        status, headers, body = answer_to(live[0], request)
        assert status in statuses, request[:200]
        assert not any(told in body for told in ("Traceback", "site-packages", str(ROOT), "<script>alert", "evil"))
        if status not in (400, 431, None):
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert f"{status}" in body or request.startswith(b"HEAD") or status == 200
    assert is_served(live[0])


def test_the_table_of_attacks_is_as_long_as_it_should_be():
    assert len([statuses for _, statuses, _ in ATTACKS if statuses != (200,)]) >= 56
    assert sum(len(set(requests)) for *_, requests in ATTACKS) >= 500


@pytest.fixture(scope="module")
def live(bundle):
    """A server of the pages and of two notebooks: its port and its process."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)  # where the server is root, kernels are other users
    shutil.copytree(ROOT / "dashboards", folder / "dashboards")
    for name, code in {"live": LIVE, "dies": "import os; os._exit(1)"}.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / f"dashboards/{name}.ipynb")
    port = free_port()
    order = [sys.executable, "-c", SERVER, str(folder), "serve", "--port", str(port)]
    environment = {**os.environ, "STUDY_PASSWORD": "secret", "TMPDIR": str(folder)}
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(order, cwd=ROOT, stdout=log, stderr=log, env=environment)
    try:
        wait_until_served(f"http://127.0.0.1:{port}{HOME}", process)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)


def page(port, name="live", *headers):
    return answer_to(port, ask(f"/voila/render/{name}.ipynb", "GET", "Connection: close", *headers))


def process_of(kernel, server):
    """The process of a kernel, which may have waited for its visitor."""
    return next(child for child in kernels(server) if kernel in " ".join(child.cmdline()))


@pytest.fixture(scope="module")
def kernel(live):
    """The kernel of a page that stays open."""
    return kernel_of(page(live[0])[2])


@pytest.fixture(scope="module")
def spoilt(live):
    """A kernel whose visitor sends too much, so that nothing else is asked of it afterwards."""
    return kernel_of(page(live[0])[2])


def test_a_widget_does_its_work_and_sees_nothing_of_the_server(live, kernel):
    with visiting(live[0], kernel) as visitor:
        assert visitor.do("runs") == "False"
        seen = visitor.do("environment")
        assert "'PATH'" in seen and "STUDY_PASSWORD" not in seen
        assert (int(visitor.do("user")) == os.geteuid()) == (os.geteuid() != 0)


@pytest.mark.skipif(os.name != "posix", reason="kernels of Windows have ports")
def test_a_kernel_waits_for_no_port_that_another_process_could_take_before_it(live, kernel):
    visited = [child for child in kernels(live[1]) if kernel in " ".join(child.cmdline())]
    assert len(visited) == 1
    channels = {Path(made.laddr) for made in visited[0].net_connections("unix") if made.laddr}
    assert {path.parent.suffix for path in channels} == {".home"}
    assert len(channels) == 5


@pytest.mark.parametrize(("deed", "error"), [("memory", "MemoryError"), ("disk", "OSError")])
def test_a_kernel_that_takes_too_much_is_refused_it_and_goes_on(live, kernel, deed, error):
    with visiting(live[0], kernel) as visitor:
        assert visitor.do(deed) == error
        assert visitor.do("runs") == "False"
    assert is_served(live[0])


BROKEN = {
    "a large count of parts": [(1 << 40).to_bytes(8, "little"), b"\xff" * 8, frame(message("comm_msg"), count=65)],
    "no parts": [b"", b"\x00", bytes(8), frame(message("comm_msg"), count=0), frame(message("comm_msg"), count=2)],
    "offsets outside": [
        frame(message("comm_msg"), offsets=offsets)
        for offsets in ([1 << 60] * 6, [0] * 6, [56, 56, 55, 57, 58, 59], [56, 57, 58, 59, 60, 1 << 40], [56])
    ],
    "parts that are none": [
        frame({**message("comm_msg"), part: value})
        for part, value in (
            ("header", []),
            ("content", 1),
            ("metadata", None),
            ("header", {}),
            ("header", {"msg_type": []}),
        )
    ],
    "text where bytes are agreed": ['{"channel": "shell"}', json.dumps(message("comm_msg"))],
}
BROKEN_TEXT = {
    "a large count of buffers": [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x20" + bytes(8)],
    "a frame that is cut": [b"\x00", b"\x00\x00\x00\x00", b"\x00\x00\x00\x01\x00\x00\x00\xff", bytes(64)],
    "not JSON": ["", "x", "{", "\x00", "NaN ", b"\x00\x00\x00\x01\x00\x00\x00\x08\xff\xff"],
    "not a message": ["[]", "1", "null", "{}", '{"channel": "shell", "header": {}}', '"x"'],
    "too deep": ["[" * 100_000, '{"a":' * 100_000],
    "parts that are none": [
        json.dumps({**message("comm_msg"), part: value})
        for part, value in (("header", []), ("content", "x"), ("parent_header", None), ("header", {"msg_type": 1}))
    ],
    "buffers as text": [json.dumps(message("comm_msg", buffers=["x"])), json.dumps(message("comm_msg", buffers=1))],
    "openings that are none": [json.dumps(message("comm_open", content)) for content in ({}, {"comm_id": "x"})],
}


@pytest.mark.parametrize("broken", [*BROKEN.values()], ids=BROKEN)
def test_a_broken_frame_closes_the_socket_at_once(live, kernel, broken):
    for sent in broken:
        with visiting(live[0], kernel, V1) as visitor:
            send(visitor, sent)
            assert visitor.is_closed(), sent[:80]
    with visiting(live[0], kernel) as visitor:
        assert visitor.is_answered()


@pytest.mark.parametrize("broken", [*BROKEN_TEXT.values()], ids=BROKEN_TEXT)
def test_a_broken_message_closes_the_socket_at_once(live, kernel, broken):
    for sent in broken:
        with visiting(live[0], kernel) as visitor:
            send(visitor, sent)
            assert visitor.is_closed(), sent[:80]
    with visiting(live[0], kernel) as visitor:
        assert visitor.is_answered()


def send(visitor, sent):
    visitor.socket.send(sent, websocket.ABNF.OPCODE_TEXT if isinstance(sent, str) else websocket.ABNF.OPCODE_BINARY)


CODE = {"code": "code_of_a_visitor = True", "silent": False, "user_expressions": {"x": "1"}, "allow_stdin": True}
ASKED = ("complete", "inspect", "history", "is_complete", "debug", "interrupt", "shutdown", "create_subshell", "usage")
LEFT_OUT = {
    "code": [message("execute_request", CODE, channel) for channel in ("shell", "control", "iopub", "stdin")],
    "code under other names": [
        message(kind, CODE) for kind in ("EXECUTE_REQUEST", "execute_request ", "apply_request", "")
    ],
    "questions": [message(f"{kind}_request", CODE, channel) for kind in ASKED for channel in ("shell", "control")],
    "input": [message("input_reply", {"value": "x"}, "stdin"), message("input_reply", {"value": "x"})],
    "answers in the kernel's name": [
        message(kind, CODE, "iopub") for kind in ("stream", "error", "display_data", "status")
    ],
    "other channels": [
        message("comm_msg", {"comm_id": "x"}, channel) for channel in ("control", "hb", "x", "iopub", "")
    ],
    "comms of others": [
        message("comm_open", {"comm_id": "x", "target_name": name, "data": {"state": {}}})
        for name in ("jupyter.widget", "matplotlib", "debugger", "os.system", "__import__", "")
    ],
}


@pytest.mark.parametrize("left_out", [*LEFT_OUT.values()], ids=LEFT_OUT)
@pytest.mark.parametrize("protocols", [(), (V1,)], ids=["text", "bytes"])
def test_what_widgets_do_not_send_does_not_reach_the_kernel(live, kernel, protocols, left_out):
    with visiting(live[0], kernel, *protocols) as visitor, visiting(live[0], kernel) as witness:
        for sent in left_out:
            send(visitor, frame(sent) if protocols else json.dumps(sent))
        assert witness.do("runs") == "False"
        assert not any(told in heard for told in ("execute", "complete_reply", "code_of") for heard in witness.heard)


def test_hostile_states_of_widgets_leave_the_kernel_running(live, kernel, spoilt):
    paths = ([["x"]], [[]], [[0, "x"]], [["__class__"]], "x", [["value", 10**9]], {}, None)
    states = ({"value": ["x"]}, {"_model_name": "x"}, {"comm": "x"}, {"layout": "IPY_MODEL_x"}, [], None, "x")
    hostile = [{"method": "update", "state": state} for state in states]
    hostile += [{"method": "update", "state": {"value": "y"}, "buffer_paths": path} for path in paths]
    with visiting(live[0], spoilt) as visitor:
        box = visitor.box()
        for comm, data in [*((box, data) for data in hostile), *((comm, {}) for comm in ("x", "", None, 1, [], {}))]:
            visitor.send("comm_msg", {"comm_id": comm, "data": data})
        assert visitor.is_answered()
    with visiting(live[0], kernel) as visitor:
        assert visitor.do("runs") == "False"


def test_no_error_of_the_kernel_reaches_a_visitor(live, kernel):
    with visiting(live[0], kernel) as visitor:
        visitor.set_box("fails")
        visitor.hear(lambda heard: "Execution error" in json.dumps(heard), seconds=30)
        assert visitor.is_answered()
        told = "".join(visitor.heard)
    assert "The log of the server says why." in told
    assert "ZeroDivisionError" not in told and "Traceback" not in told and "on its way" not in told
    assert "site-packages" not in told


def test_a_message_that_is_too_large_closes_the_socket(live, kernel):
    with visiting(live[0], kernel) as visitor:
        with suppress(ConnectionError):
            send(visitor, "x" * (4 * 2**20 + 1))
        assert visitor.is_closed()


def test_what_a_visitor_makes_a_kernel_say_does_not_fill_the_log(live, spoilt):
    log = Path(live[1].environ()["TMPDIR"]) / "server.log"
    before = log.stat().st_size
    repeated = json.dumps(message("comm_msg", {"comm_id": "x", "data": {}}))
    with visiting(live[0], spoilt) as visitor:
        for sent in [repeated] * 400 + [json.dumps(message("comm_msg", {"comm_id": "x" * 99_000}))] * 20:
            send(visitor, sent)
        assert visitor.is_answered()
        assert 1000 < log.stat().st_size - before < 100_000
    assert log.read_text(encoding="utf-8").count("what else it writes is left out") == 1


def test_states_that_are_asked_for_again_and_again_end_the_connection(live, spoilt):
    with visiting(live[0], spoilt) as visitor:
        control = uuid4().hex
        content = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        visitor.send("comm_open", content, metadata={"version": "1.0.0"})
        for _ in range(3):
            visitor.send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
            assert visitor.hear(lambda heard: "states" in heard["content"].get("data", {}))
        visitor.send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        assert visitor.is_closed()


def test_a_visitor_who_comes_back_has_no_new_allowance(live, spoilt):
    sent = json.dumps(message("comm_info_request", channel="control"))
    for most in (1100, 1):  # the second connection is ended by its first message
        with visiting(live[0], spoilt) as visitor:
            with suppress(ConnectionError, websocket.WebSocketException):
                for _ in range(most):
                    send(visitor, sent)
            assert visitor.is_closed()


def test_more_sockets_than_a_page_opens_are_refused(live, kernel):
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(visiting(live[0], kernel))
        with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
            Visitor(live[0], kernel)
    with visiting(live[0], kernel) as visitor:
        assert visitor.is_answered()


def test_a_socket_for_another_site_is_refused(live, kernel):
    for origin in ("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1.evil.example"):
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            websocket.create_connection(f"ws://127.0.0.1:{live[0]}/api/kernels/{kernel}/channels", origin=origin)


def test_a_kernel_that_ends_is_reported_and_makes_room(live, kernel):
    port, server = live
    killed = kernel_of(page(port)[2])
    process = process_of(killed, server)
    with visiting(port, killed) as visitor:
        process.kill()
        visitor.hear(lambda heard: heard["content"].get("execution_state") == "dead")
    assert answer_to(port, ask(f"/api/kernels/{killed}"))[0] == 404
    assert process not in kernels(server)


def test_a_page_that_is_left_ends_its_kernel(live):
    port, server = live
    _, headers, body = page(port, "live", "X-Forwarded-Proto: https")
    process = process_of(kernel_of(body), server)
    cookie = SimpleCookie("; ".join(headers.get_all("Set-Cookie")))["_xsrf"]
    token = cookie.value
    assert cookie["secure"], "a page that came by TLS sends its cookie back by TLS only"
    form = f"_xsrf={token}".encode()
    more = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}", f"Cookie: _xsrf={token}")
    assert answer_to(port, ask(f"/voila/api/shutdown/{kernel_of(body)}", "POST", *more, body=form))[0] == 204
    assert process not in kernels(server)


def test_a_notebook_that_ends_its_kernel_gives_a_page_and_makes_room(live):
    for _ in range(3):
        deadline = time.monotonic() + 10
        while (answer := page(live[0], "dies"))[0] == 503 and time.monotonic() < deadline:
            time.sleep(0.3)
        assert answer[0] == 200 and "Traceback" not in answer[2]
    assert is_served(live[0])


def test_slow_visitors_are_not_waited_for(live):
    beginnings = [b"", b"G", b"GET / HTTP/1.1\r\n", ask("/")[:-2], ask("/", "POST", "Content-Length: 9", body=b"x")]
    links = [socket.create_connection(("127.0.0.1", live[0]), timeout=20) for _ in range(20)]
    for link, sent in zip(links, beginnings * 4, strict=True):
        link.sendall(sent)
    for link in links:
        with closing(link):
            while link.recv(2**16):
                pass


def test_two_hundred_visitors_at_once_are_all_served(live):
    links = [socket.create_connection(("127.0.0.1", live[0]), timeout=60) for _ in range(200)]
    for link in links:
        link.sendall(ask(HOME, "GET", "Connection: close"))
    assert is_served(live[0])
    for link in links:
        with closing(link), link.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 200") and answer.read().endswith(b"</html>")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_a_full_disk_stops_new_kernels_in_words_and_nothing_else(live):
    import resource

    port, server = live
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
    try:
        answers = [page(port) for _ in range(3)]  # kernels that wait already may serve the first
        assert answers[-1][0] == 500 and "Its log says why" in answers[-1][2]
        assert is_served(port)
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
    assert page(port)[0] == 200


SMUGGLED = """async address => {
    const refused = new Set();
    document.addEventListener("securitypolicyviolation", event => refused.add(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.smuggled = true";
    document.body.append(script);
    await new Promise(done => Object.assign(new Image(), { src: address, onload: done, onerror: done }));
    await fetch(address, { mode: "no-cors" }).catch(() => null);
    await new Promise(done => setTimeout(done, 100));
    return [Boolean(window.smuggled), [...refused].sort().join()];
}"""


@pytest.mark.browser
def test_a_page_runs_no_script_but_its_own_and_asks_no_other_machine(browser, live):
    visit, here, elsewhere = browser.new_page(), f"http://127.0.0.1:{live[0]}", f"http://localhost:{live[0]}{HOME}"
    visit.goto(f"{here}{HOME}")
    assert visit.evaluate(SMUGGLED, elsewhere) == [False, "connect-src,img-src,script-src-elem"]
    visit.goto(f"{here}/voila/render/live.ipynb")
    visit.wait_for_selector("text=ready", timeout=60_000)
    assert visit.evaluate(SMUGGLED, elsewhere)[1] == "connect-src,img-src"
    visit.close()
