"""Notebooks are short, show a picture, cut no text, and run on another study with only `open_study` changed."""

import json
import re

import pytest
from conftest import ROOT
from IPython.core.interactiveshell import InteractiveShell
from second_study import make_second_study

from research_lib import new_study
from research_lib.rebuild import rebuild_tables

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
PICTURES = ("image/svg+xml", "image/png")
CUT = re.compile(r"(…|\.\.\.)\s*(</t[dh]>|\n)")
MOST_CELLS = 14
FAILED = "Traceback (most recent call last)"  # all that IPython says of an output that cannot be drawn


def cells_of(path, kind):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def outputs_of(path):
    return [output for cell in cells_of(path, "code") for output in cell["outputs"]]


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return make_second_study(tmp_path_factory.mktemp("second") / "orinoco")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_shows_a_picture(path):
    assert len(cells_of(path, "code")) + len(cells_of(path, "markdown")) <= MOST_CELLS
    kinds = {kind for output in outputs_of(path) for kind in output.get("data", ())}
    assert kinds.intersection(PICTURES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_table_of_a_notebook_cuts_a_text(path):
    for output in outputs_of(path):
        for kind in ("text/html", "text/plain"):
            assert not CUT.search("".join(output.get("data", {}).get(kind, "")))


@pytest.mark.nightly
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_another_study(path, second, monkeypatch, capsys):
    monkeypatch.chdir(ROOT / "notebooks")
    run(path, second)
    assert FAILED not in "".join(capsys.readouterr())


def with_one_group_and_no_figures(folder):
    new_study(folder, countries=["ITA", "NGA"])


def without_figures(folder):
    make_second_study(folder)
    settings = folder / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"\[\[findings\]\].*?(?=\n\[|\Z)", "", text, flags=re.DOTALL), encoding="utf-8")
    empty(folder, "figures")
    rebuild_tables(folder)


def without_profiles(folder):
    make_second_study(folder)
    empty(folder, "profiles")


@pytest.mark.slow
@pytest.mark.parametrize("make", [with_one_group_and_no_figures, without_figures, without_profiles])
def test_the_first_notebook_runs_on_a_study_with_a_gap(make, tmp_path, monkeypatch, capsys):
    make(tmp_path / "study")
    monkeypatch.chdir(ROOT / "notebooks")
    run(NOTEBOOKS[0], tmp_path / "study")
    assert FAILED not in "".join(capsys.readouterr())


def empty(folder, table):
    path = folder / f"tables/{table}.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def run(path, study):
    shell = InteractiveShell()
    for cell in cells_of(path, "code"):
        code = "".join(cell["source"]).replace("open_study()", f"open_study({str(study)!r})")
        found = shell.run_cell(code, silent=False)
        found.raise_error()
        if found.result is not None:
            shell.display_formatter.format(found.result)
