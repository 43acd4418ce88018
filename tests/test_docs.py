"""The documentation: it builds, asks no other host, has every public name; what it says to type runs."""

import ast
import importlib
import inspect
import io
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from conftest import ROOT, rounds
from documentation import DOCS, blocks, prints
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.evidence.settings import Defaults, Finding, MapSettings, MapView, Permit, StudySettings
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, columns
from research_lib.methods.latent_classes.classes_by_group import same_across

pytestmark = pytest.mark.slow
PAGES = sorted(path for part in ("tutorials", "how-to", "explanation") for path in (DOCS / part).glob("*.md"))
MODELS = (StudySettings, Finding, Permit, Defaults, MapSettings, MapView)
# Modules whose names are promised to stay, besides those that say theirs in __all__.
KEPT = {
    "coding": ("unitizing", "cooccurrence", "reliability", "codebook", "corpus", "codings", "project"),
    "compare": ("palermo", "profiles", "provisions", "networks", "roles", "routes", "flows", "survey", "informants"),
    "exchange": ("refi_qda", "taguette", "qualcoder", "undesa", "geo_files"),
    "interviews": ("outreach", "cases", "case_files", "answer_table"),
    "methods": ("clustering",),
}
ELSEWHERE = re.compile(r"""(?:\bsrc(?:set)?=|<link\b[^>]*\bhref=|url\(|@import)\s*["']?\s*(?:https?:)?//[^"')\s]+""")


class Links(HTMLParser):
    """What a page leads to, and the places in it that others may lead to."""

    def __init__(self, page: Path):
        super().__init__()
        self.targets, self.ids = [], set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, _tag, attrs):
        found = dict(attrs)
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        self.targets += [found[name] for name in ("href", "src") if found.get(name)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    build = [sys.executable, "-m", "sphinx", "-E", "-q", "-n", "-W", "--keep-going", "-b", "html", "-d"]
    done = subprocess.run(
        [*build, str(folder / "trees"), str(DOCS), str(folder / "site")],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def reference(site):
    return "".join(path.read_text(encoding="utf-8") for path in (site / "reference").rglob("*.html"))


def test_no_link_of_the_site_leads_nowhere(site):
    pages = {path: Links(path) for path in site.rglob("*.html") if "_static" not in path.parts}
    assert len(pages) > 60
    broken = []
    for path, page in pages.items():
        for link in page.targets:
            address, _, place = link.partition("#")
            if re.match(r"[a-z]+:", address) or address.startswith("//"):
                continue
            target = (path.parent / unquote(address.partition("?")[0])).resolve() if address else path
            is_right = target.exists() and (not place or target not in pages or unquote(place) in pages[target].ids)
            broken += [] if is_right else [f"{path.relative_to(site)}: {link}"]
    assert broken == []


def test_no_page_asks_another_host(site):
    for path in (*site.rglob("*.html"), *site.rglob("*.css")):
        assert ELSEWHERE.findall(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.browser
def test_a_browser_finds_nothing_to_complain_of(site, browser):
    for name in ("index", "search", "tutorials/first-study", "reference/python/coding", "notebooks/01_who_are_they"):
        page, asked, said = browser.new_page(), [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto((site / f"{name}.html").as_uri())
        page.evaluate("document.fonts.ready.then(() => null)")
        assert said == []
        assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
        page.close()


def public_names():
    """Every public name, with the module that it is imported from."""
    for path in (ROOT / "research_lib").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if (
            re.search(r"^[\w, ]*__all__ \+?= ", path.read_text(encoding="utf-8"), re.MULTILINE)
            and module != "research_lib.cli"
        ):
            yield from ((module, name) for name in importlib.import_module(module).__all__ if not name.startswith("_"))
    for room, modules in KEPT.items():
        for module in (f"research_lib.{room}.{name}" for name in modules):
            found = inspect.getmembers(importlib.import_module(module), lambda each: hasattr(each, "__module__"))
            yield from ((module, name) for name, each in found if each.__module__ == module and name[0] != "_")


def test_every_public_name_stands_in_the_reference(reference):
    documented = {
        (module, name) for module, name in public_names() if callable(getattr(importlib.import_module(module), name))
    }
    assert len(documented) > 200
    assert [f"{module}.{name}" for module, name in documented if f'id="{module}.{name}"' not in reference] == []


def test_every_column_code_and_setting_stands_in_the_reference(site):
    tables, settings = (
        (site / f"reference/{name}.html").read_text(encoding="utf-8") for name in ("tables", "settings")
    )
    described = [each for model in (TABLES | OPTIONAL_TABLES).values() for each in columns(model)]
    for word in {each.name for each in described} | {code for each in described for code in each.codes or ()}:
        assert f'<span class="pre">{word}</span>' in tables, word
    for word in {name for model in MODELS for name in model.model_fields}:
        assert f'<span class="pre">{word}</span>' in settings, word


def test_every_command_and_option_stands_in_the_reference(site):
    page = (site / "reference/commands.html").read_text(encoding="utf-8")
    for name, command in typer.main.get_command(app).commands.items():
        assert f'id="{name}"' in page
        for option in (spelling for each in command.params for spelling in each.opts if spelling.startswith("--")):
            assert f'<span class="pre">{option}</span>' in page, (name, option)


def test_every_rule_of_a_policy_stands_in_the_reference(site):
    page = (site / "reference/plan-and-policy.html").read_text(encoding="utf-8")
    policy = (ROOT / "research_lib/disclosure/planning/policy.toml").read_text(encoding="utf-8")
    assert all(f'<span class="pre">{rule}</span>' in page for rule in re.findall(r"^\[(\w+)\]", policy, re.MULTILINE))


def in_shell(text):
    """What the commands of a block print; those that serve are left to the tests of the server."""
    printed = ""
    for line in (each for each in text.splitlines() if "serve" not in each):
        program, *arguments = shlex.split(line, comments=True)
        assert program == "research-lib"
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
        printed += done.stdout
    return printed


def in_python(text, names):
    with redirect_stdout(io.StringIO()) as printed:
        exec(text, names)
    return printed.getvalue()


# tests/test_own_dashboard.py runs the other one.
@pytest.mark.parametrize(
    "path", [page for page in PAGES if blocks(page) and page.stem != "dashboards"], ids=lambda path: path.stem
)
def test_what_a_page_says_to_type_runs_and_prints_what_it_shows(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    monkeypatch.setitem(same_across.__kwdefaults__, "resamples", rounds(9, nightly=99))  # no page shows its numbers
    monkeypatch.setenv("RESEARCH_LIB_STUDY", str(tmp_path / "my_study"))
    for kind, text, expected in blocks(path):
        found = in_shell(text) if kind == "sh" else in_python(text, names)
        assert not expected or prints(expected, found), f"{text}\n{found}"


def test_readme_s_lines_of_python_print_what_it_shows(monkeypatch):
    monkeypatch.chdir(ROOT)
    ((kind, text, expected),) = blocks(ROOT / "README.md")
    assert kind == "python" and len(ast.parse(text).body) <= 10
    assert in_python(text, {}).strip() == expected.strip()


def test_readme_is_short_and_begins_with_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert re.findall(r"^make (\w+)", text, re.MULTILINE) == ["dashboards", "test"]
