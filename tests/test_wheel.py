"""The package away from its checkout: built, installed into an empty environment, used from an empty folder."""

import os
import shlex
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import NIGHTLY, ROOT, Visit, free_port, wait_until_served
from documentation import DOCS, blocks, prints

pytestmark = pytest.mark.slow
UV = str(Path(sys.executable).with_name("uv"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    quiet = ["build", "--quiet", "--no-build-isolation", "--python", sys.executable]  # the wheel of the sdist
    subprocess.run([UV, *quiet, "--out-dir", str(folder), str(ROOT)], check=True, timeout=600)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def commands(wheel, readable):
    """The folder of the commands of an empty environment that holds the wheel and what it needs, and nothing else."""
    place = readable / "environment"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, str(place)], check=True, timeout=600)
    versions = ["--constraint", str(ROOT / "requirements.lock")]
    install = ["pip", "install", "--quiet", "--system-certs", "--python", str(place / "bin/python"), *versions]
    subprocess.run([UV, *install, str(wheel)], check=True, timeout=600)
    return place / "bin"


@pytest.fixture(scope="module")
def folder(readable):
    empty = readable / "empty folder"
    empty.mkdir()
    return empty


@pytest.fixture(scope="module")
def surroundings(commands):
    """The variables of a shell in which the environment is active, without anything that leads to the checkout."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL", "RESEARCH"))}
    return ours | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "JUPYTER_PLATFORM_DIRS": "1"}


@pytest.fixture(scope="module")
def answer(folder, surroundings):
    """Runs a line of a shell in the empty folder, or in one within it, and gives what became of it."""

    def run_line(line, within="."):
        options = {"env": surroundings, "capture_output": True, "text": True, "timeout": 300}
        return subprocess.run(shlex.split(line, comments=True), check=False, cwd=folder / within, **options)

    return run_line


@pytest.fixture(scope="module")
def run(answer):
    def run_line(line):
        done = answer(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

    return run_line


@contextmanager
def served(line, folder, surroundings):
    port = free_port()
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        command = [*shlex.split(line, comments=True), "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=log, stderr=log)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/voila/render/about.ipynb", process)
        yield f"http://127.0.0.1:{port}/voila/render"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def own_study(run, folder):
    """The study that the first tutorial makes; the command that serves is left to the tests."""
    steps = blocks(DOCS / "tutorials/first-study.md")
    program = folder / "tutorial.py"
    program.write_text("\n".join(text for kind, text, _ in steps if kind == "python"), encoding="utf-8")
    first, last = [text.splitlines() for kind, text, _ in steps if kind == "sh"]
    for line in (*first, "python tutorial.py", *last):
        if "serve" not in line:
            run(line)
    return folder / "my_study", next(line for line in first if "serve" in line)


def test_the_wheel_holds_the_package_only(wheel, commands, surroundings):
    names = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    assert "research_lib/evidence/boundaries/countries.geojson" in names
    assert "research_lib/included_study/tables/claims.csv" in names
    assert " data/" not in names and "docs/" not in names
    script = "import research_lib; print(research_lib.__file__)"
    found = subprocess.run(
        [commands / "python", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        timeout=60,
        env=surroundings,
    )
    assert Path(found.stdout.strip()).is_relative_to(commands.parent)


@pytest.mark.browser
def test_a_study_of_one_s_own_is_checked_exported_and_served(browser, own_study, folder, surroundings):
    _, serve = own_study
    assert "Routes to Italy" in (folder / "routes.html").read_text(encoding="utf-8")
    with served(serve, folder, surroundings) as address:
        for page in ("home", "routes", "profiles", "evidence", "about") if NIGHTLY else ("routes",):
            seen = Visit(browser, f"{address}/{page}.ipynb")
            assert seen.complaints == []
            assert all(request.startswith((address[:20], "data:", "blob:")) for request in seen.requests)
            browser.leave(seen.page)
        live = browser.new_page()
        live.goto(f"{address}/what_if.ipynb", wait_until="commit")
        live.wait_for_selector("select")


def test_a_page_of_the_study_that_goes_along_is_exported(run, folder):
    run("python -c \"from research_lib.evidence.new_study import copy_included_study; copy_included_study('along')\"")
    run("research-lib export comparison along --to comparison.html")
    assert 'data-page="comparison"' in (folder / "comparison.html").read_text(encoding="utf-8")


@pytest.mark.nightly
@pytest.mark.browser
def test_the_study_that_goes_along_is_served_by_one_command(browser, folder, surroundings):
    with served("research-lib demo", folder, surroundings) as address:
        for page in ("home", "routes", "comparison"):
            seen = Visit(browser, f"{address}/{page}.ipynb")
            assert seen.complaints == []
            browser.leave(seen.page)
    assert (folder / "example_study/study.toml").is_file()


def test_the_lines_of_readme_print_what_readme_says(answer, folder):
    ((_, code, expected),) = blocks(ROOT / "README.md")
    (folder / "readme.py").write_text(code, encoding="utf-8")
    assert prints(expected, answer("python readme.py").stdout)


def test_layers_forms_and_the_current_folder(run, answer, own_study, folder):
    run("research-lib export geo my_study --to routes.gpkg")
    run("research-lib forms --study my_study --to forms")
    assert (folder / "forms/interview.xml").read_text(encoding="utf-8").startswith("<?xml")
    run("research-lib forms --form networks --to forms")
    assert answer("research-lib check", within="my_study").stdout.strip() == "0 problems"
    assert f"{folder} is not a study" in answer("research-lib check").stderr


def test_the_widget_and_the_practice_texts(run, own_study):
    run(
        "python -c \"from research_lib.show import RouteMap; assert 'svg' in RouteMap('my_study').to_svg();"
        "from research_lib.coding.practice_texts import practice_project; assert practice_project().corpus;"
        "from research_lib import open_study; assert len(open_study('my_study').geo('places'))\""
    )


@pytest.mark.browser
def test_the_demonstration_is_made_released_and_looked_at(browser, run, folder):
    run("research-lib demonstrate trial")
    path = folder / "trial/release/plan.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["tables"][:2]
    path.write_text(
        "".join(f"[[tables]]\nname = {t['name']!r}\nvariables = {t['variables']!r}\n\n" for t in tables), "utf-8"
    )
    run("research-lib release trial")
    run("research-lib export cases trial --to cases.html")
    page = browser.new_page()
    page.goto((folder / "cases.html").as_uri())
    assert "SYNTHETIC" in page.inner_text("main").upper()
