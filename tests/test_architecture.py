"""The shape of the code: which room may use which, how long things are, and what is documented."""

import ast
import importlib
import inspect
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from research_lib.show.pages.browser_module import page_module
from research_lib.show.pages.study_pages import PAGES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "research_lib"
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = (
    {"errors", "public_names", "missing_answers", "published_cells"},
    {"files", "methods"},
    {"evidence"},
    {"compare", "coding", "interviews"},
    {"disclosure"},
    {"exchange"},
    {"show"},
    {"rebuild"},
    {"cli"},
)
MAY_USE = {room: set().union(*LAYERS[:level]) for level, rooms in enumerate(LAYERS) for room in rooms}
MAY_USE |= {"methods": LAYERS[0], "__init__": {"public_names"}}
FULLEST_FOLDER = 15


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts)


def room_of(module: str) -> str:
    return module.split(".")[1]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports out"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {module for module in found if module in NAMES}


NAMES = {name_of(path): path for path in MODULES}


@cache
def functions() -> list[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (path, node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_rooms_use_only_what_they_may():
    wrong = [
        f"{name} imports {used}"
        for name, path in NAMES.items()
        for used in imports_of(path)
        if room_of(used) not in MAY_USE[room_of(name)] | {room_of(name)}
    ]
    assert not wrong


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    trees = ((name, ast.parse(path.read_text(encoding="utf-8"))) for name, path in NAMES.items())
    return [(name, node) for name, tree in trees for node in ast.walk(tree)]


def path_parts(node: ast.AST) -> list[str]:
    """The texts that an expression names a file by: behind `/`, or in package_data."""
    joined = [node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) else []
    called = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("package_data", "joinpath"))
    texts = [*joined, *(node.args[:1] if called else [])]
    return [each.value for each in texts if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def test_rooms_read_no_file_of_another_room():
    """A file belongs to its room as a module does: whoever needs what stands in it imports the module that reads it."""
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    named = [(name, text.split("/")[0]) for name, node in nodes() for text in path_parts(node)]
    assert ("research_lib.evidence.study_folders", "evidence") in named
    assert [(name, room) for name, room in named if room in rooms - {room_of(name)}] == []


OF_BROWSERS = re.compile(r"<script|\bfunction ?\(|\bdocument\.\w|\baddEventListener\b")


def test_only_show_holds_what_a_browser_runs():
    files = [path for kind in ("*.js", "*.mjs", "*.css", "*.j2") for path in PACKAGE.rglob(kind)]
    assert files and [path for path in files if path.relative_to(PACKAGE).parts[0] != "show"] == []
    texts = [(name, node.value) for name, node in nodes() if isinstance(node, ast.Constant)]
    found = {name for name, text in texts if isinstance(text, str) and OF_BROWSERS.search(text)}
    assert found and {name for name in found if room_of(name) != "show"} == set()


OPTIONS = re.compile(
    r"(?:pd|pandas|np|numpy|locale|warnings|socket|sys|logging|matplotlib|alt|altair|csv)\.(?:[\w.]*\.)?"
    r"(?:set_\w+|seterr|setlocale|setrecursionlimit|setdefaulttimeout|enable|use|basicConfig|filterwarnings|simplefilter|field_size_limit)"
)
SETTINGS = re.compile(r"(?:pd|pandas)\.options\.|os\.environ\b|\w+\.rcParams\b")
# Altair's own way of showing a chart asks another host for its scripts, and a chart cannot choose its way itself.
# A server is its process: the kernels that it starts learn from it which study they show.
SET_FOR_THE_PROCESS = {
    "research_lib.show.drawing.charts": "alt.renderers.enable",
    "research_lib.show.site.serve": "os.environ",
}


def options_set(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call) and (node.args or node.keywords):
        return [name for name in [ast.unparse(node.func)] if OPTIONS.fullmatch(name)]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [found[0] for target in targets if (found := SETTINGS.match(ast.unparse(target)))]


def test_no_module_sets_an_option_for_the_whole_process():
    assert {name: option for name, node in nodes() for option in options_set(node)} == SET_FOR_THE_PROCESS


def test_no_value_is_given_another_class():
    targets = [(name, each) for name, node in nodes() for each in getattr(node, "targets", [])]
    assert [name for name, each in targets if isinstance(each, ast.Attribute) and each.attr == "__class__"] == []


def test_no_folder_is_crowded_and_no_room_is_the_whole_house():
    folders = Counter(path.parent for path in MODULES)
    assert max(folders.values()) <= FULLEST_FOLDER, folders.most_common(3)
    lines = Counter()
    for name, path in NAMES.items():
        lines[room_of(name)] += path.read_text(encoding="utf-8").count("\n")
    assert max(lines.values()) * 3 <= lines.total(), lines.most_common(3)


def test_no_file_name_stands_twice():
    stems = Counter(path.stem for path in MODULES if path.stem != "__init__")
    assert [stem for stem, times in stems.items() if times > 1] == []


def test_only_the_default_study_stands_outside_the_package():
    upwards = re.compile(r"__file__\)(?:\.resolve\(\))?\.parents\[(\d+)\]")
    outside = [
        name
        for name, path in NAMES.items()
        for level in upwards.findall(path.read_text(encoding="utf-8"))
        if int(level) >= len(path.relative_to(PACKAGE).parts)
    ]
    assert outside == ["research_lib.evidence.study_folders"]


def test_modules_do_not_import_in_a_circle():
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name not in done:
            for used in imports_of(NAMES[name]):
                visit(used, (*trail, name))
            done.add(name)

    for name in NAMES:
        visit(name, ())


@pytest.mark.parametrize("stub", sorted(PACKAGE.rglob("__init__.pyi")), ids=lambda stub: stub.parent.name)
def test_the_public_names_are_there_and_no_module_hides_one(stub):
    package = name_of(stub.parent)
    for line in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.ImportFrom):
            (alias,) = line.names
            assert hasattr(importlib.import_module(package), alias.name)
            assert alias.name == alias.asname and line.module != f"{package}.{alias.name}"


def test_pages_import_public_names_only():
    public = {name_of(stub.parent) for stub in PACKAGE.rglob("__init__.pyi")}
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        imports = re.findall(r"^ *from (research_lib[\w.]*) import", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert {*imports} <= public, page


def test_modules_are_short_and_say_what_they_are():
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, path
        assert not text or ast.get_docstring(ast.parse(text)), path


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return node.end_lineno - body[0].lineno + 1


def test_functions_are_short():
    lengths = sorted(body_lines(node) for _, node in functions())
    assert lengths[-1] <= 40, [f"{p.name}:{n.name}" for p, n in functions() if body_lines(n) > 40]
    assert lengths[len(lengths) // 2] <= 8


def test_functions_take_at_most_four_positional_parameters():
    wide = [
        f"{path.name}:{node.name}"
        for path, node in functions()
        if len([a for a in node.args.posonlyargs + node.args.args if a.arg not in ("self", "cls")]) > 4
    ]
    assert not wide


def test_public_names_are_documented():
    public = [
        node
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    documented = [node for node in public if ast.get_docstring(node)]
    assert len(documented) / len(public) >= 0.97


def test_parameters_and_results_are_annotated():
    slots = []
    for _, node in functions():
        args = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        slots += [arg.annotation is not None for arg in args if arg.arg not in ("self", "cls")]
        slots.append(node.returns is not None or node.name == "__init__")
    assert sum(slots) / len(slots) >= 0.97


@pytest.mark.parametrize("path", sorted((ROOT / "dashboards").glob("*.ipynb")), ids=lambda path: path.name)
def test_dashboard_notebooks_are_doors(path):
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert 1 <= len(cells) <= 3


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_doors(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert cells[0]["cell_type"] == "markdown"
    assert len(code) <= 14
    assert not [source for source in code if re.search(r"^\s*(def|class) ", source, re.MULTILINE)]
    assert sum("import " in source for source in code) == 1


def test_nothing_that_travels_to_a_visitor_names_another_host():
    travelling = [*PACKAGE.rglob("*.mjs"), *PACKAGE.rglob("*.css"), *PACKAGE.rglob("*.j2")]
    assert travelling
    for path in travelling:
        assert not re.search(r"https?://", path.read_text(encoding="utf-8")), path


def test_a_test_that_resizes_a_window_waits_for_the_page():
    asked = [
        path.name
        for path in sorted(Path(__file__).parent.glob("*.py"))
        if re.search(r"\w\.set_viewport_size\(", path.read_text())
    ]
    assert asked == ["conftest.py"], "use conftest.resize: what watches the size answers a frame later"


def test_the_browser_module_stays_small():
    assert len(page_module(PAGES).encode()) < 111_000


PLAIN_HELPERS = {"outlines", "contrast", "profile_rows"}


@pytest.mark.parametrize(
    "package",
    [
        *(
            "methods.clustering",
            "methods.qca",
            "methods.contrasts",
            "methods.correspondence",
            "methods.grading",
        ),
        *("methods.latent_classes", "methods.multiple_systems", "methods.saturation", "methods.standardisation"),
        *("compare.informants", "compare.profiles", "interviews.answer_table"),
    ],
)
def test_every_method_says_when_not_to_use_it(package):
    module = importlib.import_module(f"research_lib.{package}")
    methods = [
        function
        for name in (getattr(module, "__all__", None) or vars(module))
        if inspect.isfunction(function := getattr(module, name))
        and function.__module__.startswith(module.__name__)
        and not name.startswith("_")
    ]
    assert methods
    silent = [f.__name__ for f in methods if not re.search(r"\b[Nn]ot (for|to|where|from)\b", f.__doc__ or "")]
    assert set(silent) <= PLAIN_HELPERS


def test_results_do_not_change():
    """Every dataclass is frozen; one that is filled bit by bit has a bare `@dataclass`, so that a reader sees it."""
    decorators = [
        (name, decorator)
        for name, path in NAMES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "dataclass"
    ]
    assert decorators
    assert [(name, node.lineno) for name, node in decorators if "frozen=True" not in ast.unparse(node)] == []
