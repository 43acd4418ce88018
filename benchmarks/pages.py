"""How fast and how heavy the pages are, beside plain Voilà, HoloViz Panel and Plotly Dash with the same content.

All are served and visited in turn, several times, in one run. The routes page: ours, which needs no kernel; plain Voilà
with ipyleaflet, cold (a kernel starts when the visitor comes) and warm (a kernel waits); Panel with Bokeh; Dash. The
last two run in environments of their own, which uv makes if it can; otherwise their cells stay empty. The live page
that compares two groups: ours, and plain Voilà with the same notebook, both with a kernel that waits. Prints medians
and the ratios peer / ours as Markdown tables. Needs a Chromium and some minutes.
"""

import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import psutil
from playwright.sync_api import Browser, sync_playwright

from research_lib import open_study
from research_lib.compare.routes import leg_table
from research_lib.evidence.geography import load_geography
from research_lib.evidence.study_folders import BOUNDARIES

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
MOST = 90  # seconds that a page may take
_AT_REST = 0.2  # seconds of processor time that a kernel takes which nobody uses
WARM = ("--preheat_kernel=True", "--pool_size=1")
PORTS = iter(range(8971, 8999))
PLAIN = """
from pathlib import Path
import ipywidgets as widgets
from ipyleaflet import CircleMarker, GeoJSON, Map, Polyline
from research_lib import open_study
from research_lib.compare.routes import leg_table
from research_lib.evidence.geography import load_geography

study = open_study()
places = study["places"].set_index("id")
legs = leg_table(study)
world = load_geography(Path({geography!r}))["world"]
at = {{key: (row.latitude, row.longitude) for key, row in places.iterrows()}}
layers = [GeoJSON(data=world.__geo_interface__, style={{"weight": 1, "color": "#999"}})]
layers += [Polyline(locations=[at[leg.from_id], at[leg.to_id]], fill=False, weight=2) for leg in legs.itertuples()]
layers += [CircleMarker(location=at[key], radius=4) for key in set(legs["from_id"]) | set(legs["to_id"])]
chart = Map(center=(40, 60), zoom=3, layers=layers, scroll_wheel_zoom=True)
columns = ["route_name", "from_id", "to_id", "legal_status", "certainty", "text"]
widgets.VBox([chart, widgets.HTML(legs[columns].to_html(index=False))])
"""
PEERS = Path(__file__).parent / "peers"
NEEDED = {"panel": ["panel==1.10.0", "jinja2"], "dash": ["dash==4.4.1"]}
OURS = {"visible": 'svg[data-role="map"]', "usable": 'main[data-usable="true"]'}
THEIRS = dict.fromkeys(OURS, ".leaflet-overlay-pane path")
BOKEH = dict.fromkeys(OURS, ".bk-Canvas, .bk-layer, canvas.bk")
PLOTLY = dict.fromkeys(OURS, ".js-plotly-plot .js-line")
LIVE = {"visible": "#loading, #loading_text", "usable": ".widget-dropdown select"}
WATCH = """
window.seen = {};
const wanted = %s;
const find = (root, selector) => root.querySelector(selector) ?? [...root.querySelectorAll("*")]
  .map((each) => each.shadowRoot && find(each.shadowRoot, selector)).find(Boolean);
const look = () => {
  for (const [name, selector] of Object.entries(wanted)) {
    const found = find(document, selector);
    if (found && !(name in seen) && found.getBoundingClientRect().width > 0) seen[name] = performance.now();
  }
  requestAnimationFrame(look);
};
look();
"""


@dataclass(frozen=True)
class Measured:
    """One visit: milliseconds to each state, requests, bytes over the wire, resident memory of the kernel in MB."""

    visible: float
    usable: float
    requests: int
    kilobytes: float
    megabytes: float


def ours() -> tuple[list[str], str]:
    """The command that serves our pages, and the page's address."""
    port = next(PORTS)
    command = [str(Path(sys.executable).with_name("research-lib")), "serve", "--port", str(port)]
    return command, f"http://127.0.0.1:{port}/voila/render/routes.ipynb"


def plain(pool: int, folder: Path) -> tuple[list[str], str]:
    """The command that serves the same content with plain Voilà, and the page's address."""
    port = next(PORTS)
    source = PLAIN.format(geography=str(BOUNDARIES))
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), folder / "routes.ipynb")
    command = [str(Path(sys.executable).with_name("voila")), str(folder), "--no-browser", f"--port={port}"]
    return [*command, *(WARM if pool else ())], f"http://127.0.0.1:{port}/voila/render/routes.ipynb"


def live() -> tuple[list[str], str]:
    """The command that serves our live page, and the page's address."""
    command, address = ours()
    return command, address.replace("routes", "compare")


def plain_live() -> tuple[list[str], str]:
    """The command that serves the same notebook with plain Voilà, warm, and the page's address."""
    port = next(PORTS)
    command = [str(Path(sys.executable).with_name("voila")), str(ROOT / "dashboards"), "--no-browser"]
    return [*command, f"--port={port}", *WARM], f"http://127.0.0.1:{port}/voila/render/compare.ipynb"


def peer(name: str, folder: Path) -> tuple[list[str], str] | None:
    """The command that serves the same content with Panel or Dash, and the page's address, or None without uv."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        return None
    port = next(PORTS)
    content = folder / "content.json"
    content.write_text(json.dumps(the_content()), encoding="utf-8")
    needed = [part for package in NEEDED[name] for part in ("--with", package)]
    run = [uv, "run", "--quiet", "--no-project", "--system-certs", *needed, "python"]
    path = "routes" if name == "panel" else ""
    return [*run, str(PEERS / f"{name}_page.py"), str(port), str(content)], f"http://127.0.0.1:{port}/{path}"


def the_content() -> dict[str, object]:
    """The land, the legs as lines, and their table, as the peers draw them."""
    study = open_study()
    places = study["places"].set_index("id")
    legs = leg_table(study)
    world = load_geography(BOUNDARIES)["world"]
    rings = [part.exterior.coords for part in world.geometry.explode().tolist()]
    ends = [(places.loc[leg.from_id], places.loc[leg.to_id]) for leg in legs.itertuples()]
    columns = ["route_name", "from_id", "to_id", "legal_status", "certainty", "text"]
    return {
        "land": {axis: [[point[at] for point in ring] for ring in rings] for at, axis in enumerate("xy")},
        "legs": {
            "x": [[one.longitude, other.longitude] for one, other in ends],
            "y": [[one.latitude, other.latitude] for one, other in ends],
        },
        "table": legs[columns].to_dict("records"),
    }


def visit(browser: Browser, address: str, wanted: dict[str, str], server: psutil.Process, *, pool: int) -> Measured:
    """Open the page as a new visitor and measure until it is usable; what the page itself holds is no request.

    With a pool the visitor's kernel is one that waited, and may have run the notebook before the visit.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH % repr(wanted))
    sent: dict[str, float] = {}
    worked = {kernel: kernel.cpu_times().user for kernel in kernels(server)}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.requestWillBeSent",
        lambda event: event["request"]["url"].startswith("data:") or sent.setdefault(event["requestId"], 0),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: event["requestId"] in sent and sent.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(address, wait_until="commit")
    deadline = time.monotonic() + MOST
    while len(page.evaluate("window.seen ?? {}")) < len(wanted):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{address} does not show {' and '.join(wanted.values())} in {MOST} seconds")
        page.wait_for_timeout(100)
    page.wait_for_timeout(1500)
    seen = page.evaluate("seen")
    used = [
        each
        for each in kernels(server)
        if (each in worked if pool else each.cpu_times().user - worked.get(each, 0) > _AT_REST)
    ]
    memory = max((kernel.memory_info().rss for kernel in used), default=0)
    context.close()
    bytes_sent = sum(sent.values())
    return Measured(**seen, requests=len(sent), kilobytes=bytes_sent / 1e3, megabytes=memory / 1e6)


def kernels(server: psutil.Process) -> list[psutil.Process]:
    """The kernels that a server has started."""
    return [child for child in server.children(recursive=True) if "ipykernel" in " ".join(child.cmdline())]


def series(browser: Browser, command: list[str], address: str, wanted: dict[str, str], pool: int) -> list[Measured]:
    """Serve, visit several times with pauses in which a pool fills again, and stop serving."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait_until_served(address)
            time.sleep(20 if pool else 2)
            visit(browser, address, wanted, psutil.Process(process.pid), pool=pool)
            measured = []
            for _ in range(RUNS):
                time.sleep(12 if pool else 6)
                measured.append(visit(browser, address, wanted, psutil.Process(process.pid), pool=pool))
            return measured
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_served(address: str) -> None:
    """Wait until a server takes connections; raises OSError where it does not within two minutes."""
    deadline = time.monotonic() + 120
    with socket.socket() as trial:
        while trial.connect_ex(("127.0.0.1", urlsplit(address).port or 80)):
            if time.monotonic() > deadline:
                raise OSError(f"{address} is not served")
            time.sleep(0.3)


PEERS_OF = {
    "ours": {"plain Voilà, cold": "cold", "plain Voilà, warm": "warm", "Panel": "panel", "Dash": "dash"},
    "live": {"plain Voilà, warm": "plain live"},
}
NAMES = {
    "requests": "requests",
    "kilobytes": "bytes over the wire, kB",
    "megabytes": "memory of a visitor's kernel, MB",
}
STATES = {
    "ours": {"visible": "time to visible map, ms", "usable": "time to usable, ms"},
    "live": {"visible": "time to a state in words, ms", "usable": "time to the first widget, ms"},
}


def table(results: dict[str, list[Measured]], page: str) -> str:
    """Medians and ratios of a page as Markdown."""
    peers = PEERS_OF[page]
    rows = [f"| | ours | {' | '.join(f'{name} | ratio' for name in peers)} |", "|---|---|" + "---|---|" * len(peers)]
    for field, label in (STATES[page] | NAMES).items():
        ours = statistics.median(getattr(one, field) for one in results[page])
        cells = [_beside(results[side], field, ours) for side in peers.values()]
        rows.append(f"| {label} | {ours:,.0f} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _beside(visits: list[Measured], field: str, ours: float) -> str:
    """A peer's median, and its ratio to ours."""
    if not visits:
        return "– | –"
    median = statistics.median(getattr(one, field) for one in visits)
    return f"{median:,.0f} | {f'{median / ours:.1f} ×' if ours else '–'}"


def main() -> None:
    """Measure all and print the tables."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        results = {
            "ours": series(browser, *ours(), OURS, 0),
            "live": series(browser, *live(), LIVE, 1),
            "plain live": series(browser, *plain_live(), LIVE, 1),
            "cold": series(browser, *plain(0, Path(folder)), THEIRS, 0),
            "warm": series(browser, *plain(1, Path(folder)), THEIRS, 1),
        }
        for name, wanted in (("panel", BOKEH), ("dash", PLOTLY)):
            served = peer(name, Path(folder))
            results[name] = series(browser, *served, wanted, 1) if served else []
        browser.close()
    print(f"median of {RUNS} visits each\n\n{table(results, 'ours')}\n\n{table(results, 'live')}")


if __name__ == "__main__":
    main()
