"""TOML that takes all memory is refused before it is parsed, in every file that a study or a release has."""

import ast
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from research_lib import cli
from research_lib.errors import ResearchError
from research_lib.files.opening import MB
from research_lib.files.toml_files import DEEPEST, TomlError, parse_toml, read_toml

PACKAGE = Path(cli.__file__).resolve().parents[1]
MANY = 50_000
KEY = ".".join("a" * MANY)
QUOTED = ".".join(["'a.b'"] * MANY)
DEEP = {
    "key": f"{KEY} = 1",
    "blanks": " \t.\t ".join("a" * MANY) + " = 1",
    "quoted": f"{QUOTED} = 1",
    "header": f"[{KEY}]",
    "list of tables": f"[[{KEY}]]",
    "inline": f"x = {{{KEY} = 1}}",
    "lists": f"x = {'[' * MANY}",
    "tables": f"x = {'{a = ' * MANY}",
    "after a text that ends in quotation marks": f'x = """a"""""\n{KEY} = 1',
    "after texts in a list": f'x = ["""a"""", "", \'\'\'b\'\'\'\'\']\n{KEY} = 1',
    "after a remark": f'# don\'t """\n{KEY} = 1',
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_too_deep_is_refused_with_its_line_at_once(text):
    line = text.count("\n") + 1
    before = time.process_time()
    with pytest.raises(TomlError, match=rf"x\.toml: .*\(line {line} has more than {DEEPEST} parts or brackets"):
        parse_toml(text, "x.toml")
    assert time.process_time() - before < 2


def test_dots_in_texts_numbers_and_short_keys_are_no_depth():
    dots = "." * 100
    text = f'a.b.c = "{dots}"\nd = [1.5, 2.5, {{e.f = 1.5}}]  # {dots}\n["{dots}".g]\nh = """\n{dots}\n"""\n'
    assert parse_toml(text, "x.toml")["a"] == {"b": {"c": dots}}
    assert parse_toml(f"{'.'.join('a' * DEEPEST)} = 1", "x.toml")
    for path in PACKAGE.rglob("*.toml"):
        assert read_toml(path)


@pytest.mark.parametrize("text", ['a = "' + '\\"""' * 200_000, '"""' + '\\"""' * 200_000, '"' * 900_000, "[" * 900_000])
def test_an_unended_text_takes_no_time(text):
    before = time.process_time()
    with pytest.raises(TomlError):
        parse_toml(text, "x.toml")
    assert time.process_time() - before < 5


def test_a_long_text_is_not_parsed():
    with pytest.raises(TomlError, match="at most 1,048,576 are read"):
        parse_toml("#" * (MB + 1), "x.toml")


@pytest.mark.parametrize(
    "name", ["study.toml", "release/plan.toml", "release/policy.toml", "release/trusted_keys.toml"]
)
def test_every_toml_file_of_a_study_goes_through_the_one_reader(tmp_path, name):
    from research_lib.disclosure.planning.plan import Plan
    from research_lib.disclosure.planning.policy import Policy
    from research_lib.disclosure.signatures import read_trusted_keys
    from research_lib.evidence.settings import read_settings

    (path := tmp_path / name).parent.mkdir(exist_ok=True)
    path.write_text(f"{KEY} = 1", encoding="utf-8")
    reading = {"study": lambda path: read_settings(path.parent), "plan": Plan.read, "policy": Policy.read}
    with pytest.raises(ResearchError, match=rf"{path.name}: it cannot be read as TOML \(line 1 has more"):
        reading.get(path.stem, read_trusted_keys)(path)


def test_no_other_module_parses_toml():
    users = {
        path.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "tomllib" in [getattr(node, "module", ""), *(each.name for each in node.names)]
    }
    assert users == {"toml_files.py"}


LIMITED = """
import resource, sys
from research_lib import cli
from research_lib.cli import app
limit = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
@app.command()
def gather():
    bytearray(1 << 40)
sys.argv = ["research-lib", "gather"]
cli.main()
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="an extra: only Linux tells how much memory is taken")
def test_a_command_without_memory_says_so_in_words():
    assert resource.RLIMIT_AS
    ended = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "the memory of this machine is used up; end other programs, or bring the data in parts\n"
