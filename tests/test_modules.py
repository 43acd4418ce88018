"""The browser modules: what they need and give, how they are put together, and their own tests, in Node."""

import re
from functools import cache

import pytest
from in_node import ROOT, SHOW, run_node

from research_lib.errors import ResearchError
from research_lib.show.pages.browser_module import joined_modules, page_module
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.widgets.workbench.workbench import Workbench

FILES = sorted(SHOW.rglob("*.mjs"))
LOGIC = [path for path in FILES if path.parent.name == "logic"]
TESTS = sorted((ROOT / "tests/modules").glob("*.test.mjs"))
EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
IMPORT = re.compile(r'^import \{ (.*) \} from "(.*)";$', re.MULTILINE)
COMMENT = re.compile(r"^ *//[^\n]*$|^ */\*\*.*?\*/$", re.MULTILINE | re.DOTALL)
BINDS = r"\b(?:const|let|function|class) (?:[\[{][^=\n]*\b)?%s\b|[(,{\[] ?%s(?:[,)}\]]| = )[^;\n]*=>|, %s =|\w\([^()]*\b%s\b[^()]*\) \{"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.split(".")[0])
def test_the_logic_of_the_pages_does_what_it_says(path):
    done = run_node("--test", "--test-isolation=none", "--test-reporter=spec", path)
    failures = done.stdout.partition("✖ failing tests:")[2] or done.stdout
    assert done.returncode == 0, f"{path.name}{failures}{done.stderr}"
    assert int(re.search(r"tests (\d+)", done.stdout)[1]) > 0


def test_every_file_of_logic_has_a_test():
    tested = "".join(path.read_text(encoding="utf-8") for path in TESTS)
    assert [path.name for path in LOGIC if f"/{path.relative_to(SHOW).as_posix()}" not in tested] == []
    assert len(LOGIC) > 10


@pytest.mark.parametrize("name", [*PAGES, "workbench", "panel"])
def test_what_a_browser_is_given_is_a_module(name, tmp_path):
    given = {"workbench": Workbench._esm, "panel": joined_modules([SHOW / "widgets/panel.mjs"])}
    path = tmp_path / f"{name}.mjs"
    path.write_text(given.get(name) or page_module([name]), encoding="utf-8")
    done = run_node("--check", path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", LOGIC, ids=lambda path: path.stem)
def test_logic_knows_no_document(path):
    code = COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert (
        re.findall(r"\b(?:document|window|location|navigator|history|querySelector\w*|addEventListener)\b", code) == []
    )
    assert all("/logic/" in f"{(path.parent / used).resolve().as_posix()}" for _, used in IMPORT.findall(code))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHOW)))
def test_a_module_uses_only_what_it_makes_or_imports(path):
    code = COMMENT.sub("", path.read_text(encoding="utf-8"))
    imported = {name for names, _ in IMPORT.findall(code) for name in names.split(", ")}
    rest = IMPORT.sub("", code)
    used = {
        name
        for name in _exported() & {*re.findall(r"\w+", rest)}
        if re.search(rf"(?<![\w$\"'`/-])(?<!(?<!\.\.)\.){name}\b(?![\w\"'`:-])", rest)
    }
    own = {name for name in used if re.search(BINDS.replace("%s", name), rest)}
    assert used - imported - own == set()
    assert imported - used == set(), "imported and not used"


@cache
def _exported():
    return {name for path in FILES for name in EXPORT.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHOW)))
def test_a_page_imports_only_what_is_its_own_or_shared(path):
    """Only these files count for its fingerprint."""
    own = (
        SHOW / "widgets" if path.is_relative_to(SHOW / "widgets") else SHOW.joinpath(*path.relative_to(SHOW).parts[:2])
    )
    for _, address in IMPORT.findall(path.read_text(encoding="utf-8")):
        used = (path.parent / address).resolve()
        assert used.is_relative_to(own) or used.is_relative_to(SHOW / "pages/shared"), address


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHOW)))
def test_what_a_module_gives_says_what_it_takes_and_gives(path):
    text = path.read_text(encoding="utf-8")
    for found in EXPORT.finditer(text):
        comment = text[: found.start()].rstrip().rpartition("/**")[2]
        assert comment.endswith("*/"), found[1]
        head = text[found.start() : text.index("\n", found.start())]
        takes = re.search(r"^export (?:async )?function \w+\(([^)]*)\)|= \(([^)]*)\) =>", head)
        assert not takes or not (takes[1] or takes[2]) or "@param" in comment, found[1]


def written(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.mjs").write_text(text, encoding="utf-8")
    return [folder / "entry.mjs"]


def test_modules_stand_after_what_they_need_once_and_without_what_a_browser_needs_not(tmp_path):
    entries = written(
        tmp_path,
        entry='// About.\n\nimport { one } from "./one.mjs";\nimport {\n  two,\n} from "./two.mjs";\n\n/** Gives it.\n * @returns {number}\n */\nexport const all = () =>\n  one() + two;\nexport default { all };\n',
        one='import { two } from "./two.mjs";\n\nexport async function one() {\n  // why\n  return two; // export\n}\n',
        two='export const two = "import { a }";\n',
        other="export const other = 1;\n",
    )
    assert joined_modules(entries) == (
        'const two = "import { a }";\nasync function one() {\nreturn two;\n}\n'
        "const all = () =>\none() + two;\nexport default { all };\n"
    )


WRONG = [
    ({"entry": 'import { a } from "./gone.mjs";\n'}, r"entry\.mjs imports gone\.mjs, which is not there"),
    ({"entry": 'import { a, b } from "./x.mjs";\n', "x": "const a = 1;\nexport const b = 2;\n"}, r"entry\.mjs imports a, which x\.mjs does not export"),
    ({"entry": 'import { a } from "./x.mjs";\nfunction b() {}\n', "x": "export const a = 1;\nclass b {}\n"}, r"b is defined in x\.mjs and in entry\.mjs; rename one"),
    ({"entry": 'import { a } from "./x.mjs";\n', "x": 'import { b } from "./y.mjs";\nexport const a = 1;\n', "y": 'import { a } from "./x.mjs";\nexport const b = 1;\n'}, r"x\.mjs → y\.mjs → x\.mjs: these modules import each other"),
    ({"entry": 'import { a } from "./entry.mjs";\nexport const a = 1;\n'}, r"entry\.mjs → entry\.mjs: these modules import"),
    ({"entry": 'import a from "./x.mjs";\n', "x": ""}, r"entry\.mjs: 'import a from"),
    ({"entry": 'import * as a from "./x.mjs";\n', "x": ""}, r"entry\.mjs: 'import \* as a"),
    ({"entry": 'import { a as b } from "./x.mjs";\n', "x": "export const a = 1;\n"}, r"entry\.mjs imports a as b, which x\.mjs does not export"),
    ({"entry": "const a = 1;\nexport { a };\n"}, r"entry\.mjs: 'export \{ a \};'"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message"), WRONG)
def test_modules_that_do_not_fit_are_refused_in_a_sentence(tmp_path, files, message):
    with pytest.raises(ResearchError, match=message):
        joined_modules(written(tmp_path, **files))


def test_no_text_of_a_module_goes_over_several_lines():
    """Indents are left out, which would change it."""
    for path in FILES:
        for line in COMMENT.sub("", path.read_text(encoding="utf-8")).splitlines():
            assert line.count("`") % 2 == 0 or "[’'`" in line, f"{path.name}: {line}"


def test_a_page_has_what_it_needs_and_nothing_else():
    assert "savePicture" not in page_module(["about"]) and "async function savePicture" in page_module(["home"])
    assert "function searcher" in page_module(["evidence"]) and "function searcher" not in page_module(["routes"])
    assert page_module(["about", "home"]).count("function mount(") == 1
