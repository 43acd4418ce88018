"""Notebooks are plain and short, show a picture, cut no text, and run on another study with only `open_study` changed."""

import ast
import json
import re
from contextlib import suppress
from itertools import pairwise

import pytest
from conftest import ROOT
from IPython.core.interactiveshell import InteractiveShell
from second_study import make_second_study

from research_lib import ResearchError, new_study
from research_lib.rebuild import rebuild_tables

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
PICTURES = ("image/svg+xml", "image/png")
CUT = re.compile(r"(…|\.\.\.)\s*(</t[dh]>|\n)")
MOST_CELLS, MOST_LINES, MOST_MODULES, MOST_LAMBDAS = 14, 10, 5, 1
STUBS = (stub.parent.relative_to(ROOT) for stub in (ROOT / "research_lib").rglob("__init__.pyi"))
PUBLIC = {".".join(package.parts) for package in STUBS if package.parent.name != "methods"}
OWN = "## On your own study\n"
SAVED = re.compile(r'"([\w-]+\.(?:csv|qdc))"')
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FAILED = "Traceback (most recent call last)"  # all that IPython says of an output that cannot be drawn


def cells_of(path, *kinds):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] in kinds]


def code_of(path):
    return ["".join(cell["source"]) for cell in cells_of(path, "code")]


def outputs_of(path):
    return [output for cell in cells_of(path, "code") for output in cell["outputs"]]


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return make_second_study(tmp_path_factory.mktemp("second") / "orinoco")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_shows_a_picture(path):
    assert len(code_of(path)) <= MOST_CELLS
    kinds = {kind for output in outputs_of(path) for kind in output.get("data", ())}
    assert kinds.intersection(PICTURES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_is_a_few_plain_lines_below_a_sentence(path):
    for before, cell in pairwise(cells_of(path, "code", "markdown")):
        if cell["cell_type"] == "code":
            text = "".join(before["source"]).strip().splitlines()[-1]
            assert before["cell_type"] == "markdown" and re.search(r"[.:?]$", text) and not text.startswith("#"), cell
            assert sum(bool(line.strip()) for line in cell["source"]) <= MOST_LINES, cell["source"]
    nodes = [node for code in code_of(path) for node in ast.walk(ast.parse(code))]
    loops = [node for node in nodes if isinstance(node, COMPREHENSIONS)]
    assert all(len(loop.generators) == 1 for loop in loops)
    assert not [
        each for loop in loops for each in ast.walk(loop) if each is not loop and isinstance(each, COMPREHENSIONS)
    ]
    assert sum(isinstance(node, ast.Lambda) for node in nodes) <= MOST_LAMBDAS
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    used = {name for name in modules if name.split(".")[0] == "research_lib"}
    assert used <= PUBLIC and len(used) <= MOST_MODULES and "functools" not in modules


def test_the_last_cell_of_every_notebook_is_for_any_study(second, tmp_path, monkeypatch, capsys):
    new_study(tmp_path / "empty", countries=["COL", "VEN"])
    monkeypatch.chdir(tmp_path)
    for path in NOTEBOOKS:
        heading, last = cells_of(path, "code", "markdown")[-2:]
        assert "".join(heading["source"]).startswith(OWN) and last["cell_type"] == "code", path
        needed = [code_of(path)[0], code_of(path)[-1]]
        run(needed, second)
        assert FAILED not in "".join(capsys.readouterr()), path
        assert all((tmp_path / name).exists() for name in SAVED.findall(needed[-1])), path
        if "open_study()" in needed[-1]:
            with suppress(ResearchError):  # a sentence, which the notebook announces
                run(needed, tmp_path / "empty")
            capsys.readouterr()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_table_of_a_notebook_cuts_a_text(path):
    for output in outputs_of(path):
        for kind in ("text/html", "text/plain"):
            assert not CUT.search("".join(output.get("data", {}).get(kind, "")))


@pytest.mark.nightly
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_another_study(path, second, monkeypatch, capsys):
    monkeypatch.chdir(ROOT / "notebooks")
    run(code_of(path), second)
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
    run(code_of(NOTEBOOKS[0]), tmp_path / "study")
    assert FAILED not in "".join(capsys.readouterr())


def empty(folder, table):
    path = folder / f"tables/{table}.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def run(cells, study):
    shell = InteractiveShell()
    for code in cells:
        found = shell.run_cell(code.replace("open_study()", f"open_study({str(study)!r})"), silent=False)
        found.raise_error()
        if found.result is not None:
            shell.display_formatter.format(found.result)
