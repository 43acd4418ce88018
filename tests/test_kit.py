"""The kit: what a fresh machine installs is what the project declares, and what README says is so."""

import re
import subprocess
import tomllib
from pathlib import Path

import yaml
from documentation import DOCS
from typer.testing import CliRunner

from research_lib.cli import app

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
DECLARED = {*PROJECT["dependencies"], *GROUPS["dev"]}


def bare(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0]


def test_conda_s_environment_is_that_of_the_project():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    named = {entry for entry in [*listed, *pip] if isinstance(entry, str)}
    assert named - {"pip", "--editable .", f"python{PROJECT['requires-python']}"} == DECLARED


def test_the_lock_holds_every_declared_part_with_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))
    assert {bare(requirement) for requirement in (*DECLARED, *GROUPS["docs"])} <= pinned
    for block in re.split(r"\n(?=[a-z0-9])", lock)[1:]:
        assert "--hash=sha256:" in block, block
    assert "://" not in lock


def test_an_extra_brings_the_database_that_the_documentation_names():
    extras = PROJECT["optional-dependencies"]
    assert extras["lab"][0] in GROUPS["dev"] and extras["postgres"][0] in GROUPS["dev"]
    assert [extras[name][0].partition(">=")[0] for name in ("postgres", "spark")] == [
        "ibis-framework[postgres]",
        "ibis-framework[pyspark]",
    ]
    assert any(each.startswith("ibis-framework[duckdb]") for each in PROJECT["dependencies"])


def test_readme_counts_what_is_there(study):
    pages = [ROOT / "README.md", DOCS / "explanation/this-study.md"]
    texts = [re.sub(r"\s+", " ", page.read_text(encoding="utf-8")) for page in pages]
    own = study["figures"]["source"].str.startswith("exchange2007")
    for sentence in (
        f"{len(study['claims'])} claims, {own.sum()} figures of the report and {(~own).sum()} of",
        f"{len(study['sources'])} sources, {len(study['places'])} places, {len(study['routes'])} routes",
        f"in {len(study['legs'])} legs",
    ):
        assert all(sentence in text for text in texts), sentence


def test_readme_s_pictures_and_links_exist():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (ROOT / target).exists(), target


def test_the_command_checks_makes_and_refuses(tmp_path):
    runner = CliRunner()
    assert "0 problems" in runner.invoke(app, ["check"]).output
    made = runner.invoke(app, ["new", str(tmp_path / "study")])
    assert made.exit_code == 0 and "research-lib check" in made.output
    assert "0 problems" in runner.invoke(app, ["check", str(tmp_path / "study")]).output
    (tmp_path / "study/tables/claims.csv").write_text("id\n", encoding="utf-8")
    broken = runner.invoke(app, ["check", str(tmp_path / "study")])
    assert broken.exit_code == 1 and "tables/claims.csv:1 text: this column is missing" in broken.output
    refused = runner.invoke(app, ["new", str(tmp_path / "study")])
    assert refused.exit_code != 0 and "not empty" in str(refused.exception)


def test_an_unknown_page_is_not_exported(tmp_path):
    refused = CliRunner().invoke(app, ["export", "nothing", "--to", str(tmp_path / "x.html")])
    assert refused.exit_code != 0 and "the study has no page 'nothing'" in str(refused.exception)
    assert not (tmp_path / "x.html").exists()


def test_nothing_names_a_registry_or_a_path_of_some_machine():
    foreign = re.compile(r"pypi\.org|pythonhosted|npmjs\.|/root/|/work/main")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [ROOT / name for name in tracked if not name.endswith(".png") and name != "tests/test_kit.py"]
    assert len(texts) > 50
    for path in texts:
        assert not foreign.search(path.read_text(encoding="utf-8")), path
