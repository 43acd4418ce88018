"""Attacks on the server over HTTP: each class with the answers that refuse it and the requests of the class."""

from itertools import product

NOWHERE = "00000000-0000-4000-8000-000000000000"
HOME = "/voila/render/home.ipynb"
EVIL = "evil.example"
READING = ("GET", "HEAD")


def ask(path, method="GET", *headers, host="127.0.0.1", body=b""):
    """One request as it travels; its parts are written as they are given."""
    lines = [f"{method} {path} HTTP/1.1", *([f"Host: {host}"] if host is not None else []), *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def reading(*paths):
    return [ask(path, method) for path, method in product(paths, READING)]


def posting(*headers, body=b""):
    return ask(f"/voila/api/shutdown/{NOWHERE}", "POST", *headers, body=body)


def sized(size, body=b"", *headers):
    return posting(f"Content-Length: {size}", *headers, body=body)


def upgrade(path, *headers):
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    return ask(path, "GET", "Upgrade: websocket", "Connection: Upgrade", key, "Sec-WebSocket-Version: 13", *headers)


CHANNELS = f"/api/kernels/{NOWHERE}/channels"
OUTSIDE = ("etc/passwd", "data/settings.toml", "pyproject.toml")
UP = ("../" * 9, "..%2f" * 9, "%2e%2e/" * 9, "..%5c" * 9, "....//" * 9, "..;/" * 9)


def climbing(folder):
    return reading(*(f"/voila/{folder}/{up}{path}" for up, path in product(UP, OUTSIDE[:2])))


NOT_FOUND = {
    "doubled slashes": reading("/" + HOME, "//" + HOME, HOME.replace("/", "//"), "/voila/render//home.ipynb", "//"),
    "dots as a part": reading("/./voila/render/home.ipynb", "/voila/./render/home.ipynb", "/voila/render/./home.ipynb"),
    "two dots as a part": reading("/voila/render/../render/home.ipynb", "/voila/../../x", "/voila/render/..", "/.."),
    "escaped letters": reading("/voila/render/%68ome.ipynb", "/voil%61/render/home.ipynb", "/%76oila/static/voila.js"),
    "escaped dots": reading("/voila/render/home%2eipynb", "/voila/render/%2E/home.ipynb", "/voila/%2e%2e/x"),
    "escaped slashes": reading("/voila%2frender/home.ipynb", "/voila/render%2Fhome.ipynb", "/%2f" + EVIL),
    "backslashes": reading("/voila/render\\home.ipynb", "/voila/render/%5chome.ipynb", "/voila/files/..\\x.png"),
    "a byte of zero": reading(HOME + "%00", "/voila/files/routes.png%00", "/voila/files/x.py%00.png", "/%00"),
    "control signs": reading(*(f"/voila/render/home{sign}.ipynb" for sign in ("%0a", "%0D%0A", "%09", "%7f", "%1b"))),
    "escaped escapes": reading("/voila/render/%2568ome.ipynb", "/voila/files/%252e%252e/x.png", HOME + "%2500"),
    "overlong letters": reading("/voila/files/%c0%ae%c0%ae/x.png", "/voila/%c1%9c", "/voila/render/%e0%80%ae.ipynb"),
    "bytes that are not text": reading("/voila/render/%ff.ipynb", "/%ff", "/voila/files/%fe%ff.png", "/%ed%a0%80"),
    "broken escapes": reading("/voila/render/%", "/voila/render/%zzhome.ipynb", "/%2", HOME + "%"),
    "raw letters beyond ASCII": reading("/voila/render/hom\xe9.ipynb", "/\xff", "/voila/files/\xa0.png"),
    "a slash at the end": reading(HOME + "/", HOME + "//", "/voila/render/home/", HOME + "/x"),
    "names as Windows reads them": reading(
        HOME + ".", HOME + "%20", HOME + "::$DATA", HOME + ";x", "/voila/render/CON"
    ),
    "other letters of the same name": reading(
        "/voila/render/HOME.ipynb", "/voila/render/Home.IPYNB", "/VOILA/render/x"
    ),
    "look-alike letters": reading(
        "/voila/render/%EF%BD%88ome.ipynb", "/voila/render/%E2%80%AEhome.ipynb", "/%EF%BC%8E"
    ),
    "other endings": reading(*(f"/voila/render/home{end}" for end in ("", ".html", ".py", ".ipynb.bak", ".ipynb~"))),
    "hidden notebooks": reading("/voila/render/.ipynb_checkpoints/home-checkpoint.ipynb", "/voila/render/.x.ipynb"),
    "another template": reading(*(f"{HOME}?template={name}" for name in ("lab", "reveal", "../../x", ""))),
    "another theme": reading(*(f"{HOME}?{query}" for query in ("theme=dark", "theme=/evil", "lang=en&theme=x"))),
    "templates without a file": reading("/voila/templates/x", "/voila/templates/", "/voila/templates/lab/static/"),
    "the folder's contents": reading(*(f"/voila/api/contents{end}" for end in ("", "/", "/home.ipynb", "?content=1"))),
    "signing in and out": reading("/login", "/logout", "/login?next=//" + EVIL, "/logout/", "/hub/login"),
    "the notebook server": reading(
        *(
            f"/api/{name}"
            for name in ("", "contents", "sessions", "kernels", "kernelspecs", "terminals", "status", "me")
        ),
        *("/lab", "/tree", "/files/x", "/nbconvert/html/x", "/terminals/websocket/1", "/notebooks/home.ipynb"),
    ),
    "actions on a kernel": [
        ask(f"/api/kernels/{NOWHERE}/{action}", method)
        for action, method in product(("restart", "interrupt", "execute"), ("GET", "POST"))
    ],
    "kernels made ready before": reading(*(f"/voila/{name}/{NOWHERE}" for name in ("query", "execution"))),
    "kernels that are not there": [ask(f"/api/kernels/{NOWHERE}"), ask(CHANNELS), ask(CHANNELS + "?session_id=x")],
    "kernels that are not named so": reading(
        "/api/kernels/x", "/api/kernels/'%20or%201=1", "/api/kernels/" + "a" * 4000
    ),
    "settings left open": reading("/.env", "/.git/config", "/.git/HEAD", "/.ssh/id_rsa", "/config.json", "/.DS_Store"),
    "programs of others": reading("/wp-login.php", "/admin/", "/cgi-bin/sh", "/phpinfo.php", "/solr/", "/xmlrpc.php"),
    "gauges": reading("/metrics", "/debug/pprof/", "/actuator/env", "/server-status", "/debug/vars", "/_stats"),
    "script in an address": reading("/<script>alert(1)</script>", "/%3Cscript%3Ealert(1)%3C/script%3E", "/{{7*7}}"),
    "a socket of no kernel": [upgrade(CHANNELS), upgrade(CHANNELS, "Sec-WebSocket-Protocol: v1.x")],
    "a socket where none is": [
        upgrade(path) for path in ("/ws", "/voila/query/x", "/api/events/subscribe", "/socket.io")
    ],
}

REFUSED = {
    "climbing out of the files": ((403, 404), climbing("files")),
    "climbing out of what Voilà serves": ((403, 404), climbing("static")),
    "climbing out of the extensions": ((403, 404), climbing("labextensions")),
    "climbing out of the themes": ((403, 404), climbing("api/themes")),
    "climbing out of the templates": ((403, 404), climbing("templates/lab/static")),
    "sources": (
        403,
        reading(*(f"/voila/files/{name}" for name in ("home.ipynb", "x.py", "x.toml", "x", "x.csv", "x.db"))),
    ),
    "names of other hosts": (
        421,
        [
            ask(HOME, host=host)
            for host in (EVIL, EVIL + ":80", "127.0.0.1." + EVIL, "localhost." + EVIL, "xn--e1awd7f")
        ],
    ),
    "numbers of other hosts": (421, [ask(HOME, host=h) for h in ("192.0.2.1", "[::2]", "2130706433", "0", "127.1")]),
    "other hosts for what is not there": (421, [ask(path, host=EVIL) for path in ("/x", "/api", "/..", CHANNELS)]),
    "methods that change": (
        405,
        [ask(path, method) for path, method in product((HOME, "/", "/voila/tree"), ("POST", "PUT", "PATCH", "DELETE"))],
    ),
    "methods that are rare": (405, [ask(HOME, method) for method in ("OPTIONS", "TRACE", "PROPFIND", "LOCK", "PURGE")]),
    "methods that do not exist": (405, [ask("/", method) for method in ("FOO", "get", "GETS", "X" * 200, "M-SEARCH")]),
    "ending another's kernel": (405, [ask(f"/api/kernels/{NOWHERE}", method) for method in ("DELETE", "PUT", "POST")]),
    "shutting down by reading": (405, reading(f"/voila/api/shutdown/{NOWHERE}")),
    "posting without a token": (
        403,
        [sized(0), sized(7, b"_xsrf=x"), sized(0, b"", "Cookie: _xsrf=x"), sized(0, b"", "X-XSRFToken: x")],
    ),
    "posting from another site": (
        (403, 404),
        [
            sized(0, b"", f"Origin: {origin}")
            for origin in (f"http://{EVIL}", "null", f"http://127.0.0.1.{EVIL}", "file://")
        ],
    ),
    "large bodies": (400, [sized(size) for size in (10**8, 10**12, 2**63, 2**16 + 1, 10**40)]),
    "large bodies in pieces": (
        400,
        [posting("Transfer-Encoding: chunked", body=size + b"\r\n") for size in (b"fffffff", b"f" * 15, b"20000")],
    ),
    "two lengths": (
        400,
        [
            sized(5, b"12345", "Content-Length: 6"),
            sized(5, b"12345", "Transfer-Encoding: chunked"),
            sized("5, 6", b"12345"),
            posting("Transfer-Encoding: chunked, chunked"),
            posting("Transfer-Encoding: xchunked"),
        ],
    ),
    "lengths that are none": (400, [sized(size) for size in ("-1", "+5", "0x10", "5 5", "\xb2", "1_0", "five")]),
    "no host or two": (
        (400, 421),
        [ask(HOME, host=None), ask(HOME, "GET", "Host: evil.example"), ask(HOME, host=""), ask(HOME, host="a, b")],
    ),
    "hosts that are none": (
        400,
        [ask(HOME, host=h) for h in ("<script>", "a b", "127.0.0.1/x", "u@127.0.0.1", "[x y]")],
    ),
    "request lines that are none": (
        400,
        [
            line + b"\r\nHost: 127.0.0.1\r\n\r\n"
            for line in (
                b"GET",
                b"GET /",
                b"GET / HTTP/9.9",
                b"GET / HTTP/1.1 x",
                b" / HTTP/1.1",
                b"GET  / HTTP/1.1",
                b"x",
            )
        ],
    ),
    "other protocols": (
        (400, None),
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40) + b"\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"SSH-2.0-x\r\n\r\n",
            b"\x00" * 64 + b"\r\n\r\n",
            b"EHLO evil.example\r\n\r\n",
        ],
    ),
    "long heads": (
        (400, 431, None),
        [ask("/" + "a" * 2**15), ask("/", "GET", "X: " + "a" * 2**15), ask("/", "GET", *["X: y"] * 5000)],
    ),
    "headers that are broken": (
        400,
        [
            ask("/", "GET", header)
            for header in ("X : y", ": y", "X: a\x00b", "X: a\rb", " folded: x", "X\x00: y", "X\xe9y z: y", "no colon")
        ],
    ),
    "sockets that are broken": (
        (400, 404, 426),
        [
            ask(CHANNELS, "GET", "Upgrade: websocket", "Connection: Upgrade"),
            ask(CHANNELS, "GET", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 1"),
            ask(CHANNELS, "GET", "Upgrade: h2c", "Connection: Upgrade"),
            upgrade(CHANNELS, f"Origin: http://{EVIL}"),
        ],
    ),
}

HARMLESS = {
    "another method in a header": [ask(HOME, "GET", f"X-HTTP-Method-Override: {m}") for m in ("DELETE", "PUT", "POST")],
    "another address in a header": [
        ask(HOME, "GET", f"{name}: {value}")
        for name, value in product(("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Host"), ("/login", EVIL))
    ],
    "another visitor in a header": [
        ask(HOME, "GET", f"{name}: {value}")
        for name, value in product(
            ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Authorization"), ("127.0.0.1", "token x")
        )
    ],
    "other protocols on a page": [
        upgrade(HOME),
        ask(HOME, "GET", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings"),
    ],
    "languages that are none": [
        ask(f"{HOME}?lang={value}")
        for value in ("../../x", "%00", "%ff", "x" * 3000, "<script>", "{{7*7}}", "en%0d%0aX:y")
    ],
    "choices without end": [ask(f"{HOME}?" + "&".join(f"a{n}=1" for n in range(900))), ask(f"{HOME}?" + "a[]=" * 900)],
    "cookies": [
        ask(HOME, "GET", f"Cookie: {value}") for value in ("_xsrf=x", "a=" + "b" * 4000, "=;=;=", "x=\xff", "{}")
    ],
    "ranges": [ask(HOME, "GET", f"Range: bytes={value}") for value in ("0-", "-1", "9999999-", "0-0," * 500, "x")],
    "conditions": [
        ask(HOME, "GET", header) for header in ("If-None-Match: " + '"a",' * 900, "If-Modified-Since: x", "If-Match: *")
    ],
    "wishes": [
        ask(HOME, "GET", header)
        for header in ("Accept-Encoding: x, *;q=9", "Accept: ../../x", "Accept-Language: ../x", "TE: x", "Expect: x")
    ],
}

ATTACKS = [
    *((name, (404,), requests) for name, requests in NOT_FOUND.items()),
    *((name, found if isinstance(found, tuple) else (found,), requests) for name, (found, requests) in REFUSED.items()),
    *((name, (200,), requests) for name, requests in HARMLESS.items()),
]
