"""The dashboard of the documentation runs: its code makes a map that answers, on a study and on two frames."""

import geopandas
import pandas as pd
from conftest import ROOT
from documentation import DOCS, blocks
from IPython.core.interactiveshell import InteractiveShell
from second_study import FOLDER


def shown_code():
    ((_, code, _),) = blocks(DOCS / "how-to/dashboards.md")
    return code.replace('"my_study"', repr(str(FOLDER)))


def test_the_dashboard_shows_what_is_picked():
    shell = InteractiveShell()
    found = shell.run_cell(shown_code())
    found.raise_error()
    journeys, picked = shell.user_ns["journeys"], shell.user_ns["picked"]
    journeys.selected = "leg:r-01-1"
    assert picked.value == "leg:r-01-1"
    assert journeys.to_csv().count("\n") == 1 + 6
    assert found.result.children == (picked, journeys)


def test_the_two_frames_are_a_map():
    places = geopandas.GeoDataFrame(
        {"id": ["a", "b"], "name": ["A", "B"]}, geometry=geopandas.points_from_xy([0, 10], [50, 60]), crs=4326
    )
    code = shown_code().replace(repr(str(FOLDER)), "places=places, legs=legs")
    shell = InteractiveShell()
    shell.user_ns |= {"places": places, "legs": pd.DataFrame({"from_id": ["a"], "to_id": ["b"]})}
    shell.run_cell(code).raise_error()
    assert shell.user_ns["journeys"].to_csv().count("\n") == 2


def test_the_template_is_twenty_lines_and_follows_its_menu(monkeypatch):
    import nbformat

    monkeypatch.setenv("RESEARCH_LIB_STUDY", str(FOLDER))
    notebook = nbformat.read(ROOT / "dashboards/template.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    lines = [line for cell in cells for line in cell.splitlines() if line.strip() and "import" not in line]
    assert len(lines) <= 20
    shell = InteractiveShell()
    for cell in cells:
        shell.run_cell(cell).raise_error()
    shell.user_ns["destination"].value = "arauca"
    assert shell.user_ns["journeys"].filters["destination"] == ["arauca"]
