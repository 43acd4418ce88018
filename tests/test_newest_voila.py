"""The server and its template with the newest Voilà that the registry has, which may be newer than the locked one."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import run_server
from live_notebooks import DROPDOWN, write_notebook
from playwright.sync_api import expect
from second_study import make_second_study

UV = [str(Path(sys.executable).with_name("uv")), "pip"]


def uv(*arguments, asked=None):
    return subprocess.run([*UV, *arguments], input=asked, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def newest(readable, monkeypatch):
    """A folder with the newest Voilà, which Python and Jupyter look into first."""
    found = uv("compile", "-", "--no-deps", "--no-header", "--no-annotate", "--quiet", "--system-certs", asked="voila")
    if found.returncode:
        pytest.skip(f"an extra: no registry answers: {found.stderr[-200:]}")
    folder = readable / "newest"
    made = uv("install", "--quiet", "--system-certs", "--no-deps", "--target", str(folder), found.stdout.strip())
    assert made.returncode == 0, made.stderr
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("JUPYTER_PATH", str(folder / "share/jupyter"))
    return folder


@pytest.mark.browser
@pytest.mark.nightly
def test_a_live_page_reacts_and_keeps_its_frame(newest, readable, browser):
    used = subprocess.check_output([sys.executable, "-c", "import voila; print(voila.__file__)"], text=True)
    assert used.startswith(str(newest))
    study = make_second_study(readable / "orinoco")
    (study / "dashboards").mkdir(exist_ok=True)
    write_notebook(study / "dashboards/dropdown.ipynb", "# Which country?", DROPDOWN)
    with run_server(readable, study=study) as (port, _):
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/voila/render/dropdown.ipynb", wait_until="commit")
        expect(page.locator("select")).to_be_visible(timeout=60_000)
        assert page.title() == "Which country? · SYNTHETIC: across the Orinoco"
        page.select_option("select", "Italy")
        expect(page.get_by_text("Italy is chosen")).to_be_visible(timeout=30_000)
        page.close()
