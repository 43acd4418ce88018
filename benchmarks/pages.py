"""How fast and how heavy the routes page is, beside plain Voilà with the same content in ipyleaflet.

All are served and visited in turn, several times, in one run: ours, which needs no kernel, and plain Voilà cold (a
kernel starts when the visitor comes) and warm (a kernel waits). Prints medians and the ratios plain / ours as a
Markdown table. Needs a Chromium and a few minutes.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
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
layers = [GeoJSON(data=world, style={{"weight": 1, "color": "#999"}})]
layers += [Polyline(locations=[at[leg.from_id], at[leg.to_id]], fill=False, weight=2) for leg in legs.itertuples()]
layers += [CircleMarker(location=at[key], radius=4) for key in set(legs["from_id"]) | set(legs["to_id"])]
chart = Map(center=(40, 60), zoom=3, layers=layers, scroll_wheel_zoom=True)
columns = ["route_name", "from_id", "to_id", "legal_status", "certainty", "text"]
widgets.VBox([chart, widgets.HTML(legs[columns].to_html(index=False))])
"""
OURS = {"visible": 'svg[data-role="map"]', "usable": 'main[data-usable="true"]'}
THEIRS = dict.fromkeys(OURS, ".leaflet-overlay-pane path")
WATCH = """
window.seen = {};
const wanted = %s;
const look = () => {
  for (const [name, selector] of Object.entries(wanted)) {
    const found = document.querySelector(selector);
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
    source = PLAIN.format(geography=str(ROOT / "data/curated/geography"))
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), folder / "routes.ipynb")
    command = [str(Path(sys.executable).with_name("voila")), str(folder), "--no-browser", f"--port={port}"]
    if pool:
        command += ["--preheat_kernel=True", f"--pool_size={pool}"]
    return command, f"http://127.0.0.1:{port}/voila/render/routes.ipynb"


def visit(browser: Browser, address: str, wanted: dict[str, str], server: psutil.Process) -> Measured:
    """Open the page as a new visitor and measure until it is usable."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH % repr(wanted))
    traffic = {"requests": 0, "bytes": 0.0}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", lambda _: traffic.update(requests=traffic["requests"] + 1))
    session.on(
        "Network.loadingFinished", lambda event: traffic.update(bytes=traffic["bytes"] + event["encodedDataLength"])
    )
    page.goto(address, wait_until="commit")
    page.wait_for_function("Object.keys(seen).length === 2", timeout=60_000)
    page.wait_for_timeout(1500)
    seen = page.evaluate("seen")
    memory = max((kernel.memory_info().rss for kernel in kernels(server)), default=0)
    context.close()
    return Measured(**seen, requests=traffic["requests"], kilobytes=traffic["bytes"] / 1e3, megabytes=memory / 1e6)


def kernels(server: psutil.Process) -> list[psutil.Process]:
    """The kernels that a server has started."""
    return [child for child in server.children(recursive=True) if "ipykernel" in " ".join(child.cmdline())]


def series(browser: Browser, command: list[str], address: str, wanted: dict[str, str], pool: int) -> list[Measured]:
    """Serve, visit several times with pauses in which a pool fills again, and stop serving."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            time.sleep(12 if pool else 7)
            visit(browser, address, wanted, psutil.Process(process.pid))
            measured = []
            for _ in range(RUNS):
                time.sleep(6)
                measured.append(visit(browser, address, wanted, psutil.Process(process.pid)))
            return measured
        finally:
            process.terminate()
            process.wait(timeout=30)


def table(results: dict[str, list[Measured]]) -> str:
    """Medians and ratios as Markdown."""
    names = {
        "visible": "time to visible map, ms",
        "usable": "time to usable, ms",
        "requests": "requests",
        "kilobytes": "bytes over the wire, kB",
        "megabytes": "memory per visitor (kernel), MB",
    }
    rows = ["| | ours | plain Voilà, cold | ratio | plain Voilà, warm | ratio |", "|---|---|---|---|---|---|"]
    for field, label in names.items():
        ours, cold, warm = (
            statistics.median(getattr(one, field) for one in results[side]) for side in ("ours", "cold", "warm")
        )
        peers = " | ".join(f"{peer:,.0f} | {f'{peer / ours:.1f} ×' if ours else '–'}" for peer in (cold, warm))
        rows.append(f"| {label} | {ours:,.0f} | {peers} |")
    return "\n".join(rows)


def main() -> None:
    """Measure all three and print the table."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        results = {
            "ours": series(browser, *ours(), OURS, 0),
            "cold": series(browser, *plain(0, Path(folder)), THEIRS, 0),
            "warm": series(browser, *plain(1, Path(folder)), THEIRS, 1),
        }
        browser.close()
    print(f"median of {RUNS} visits each\n\n{table(results)}")


if __name__ == "__main__":
    main()
