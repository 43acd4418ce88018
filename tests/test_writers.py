"""Every writer of the package, found by reading its syntax trees, goes through the save of `files/` and its lock.

A call that writes is one of `WRITES`, in whatever module it stands. What `files/` does not do itself stands in
`BESIDE`, with the reason why no study can be cut there. Whoever calls a save holds the lock, is only called by those
who hold it, or stands in `ALONE`, with the reason why nobody else can write there.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import research_lib

PACKAGE = Path(research_lib.__file__).resolve().parent
WRITES = {
    *("write_text", "write_bytes", "to_file", "to_parquet", "to_excel", "to_feather", "to_pickle", "savefig", "dump"),
    *("unlink", "rename", "rmtree", "rmdir", "mkdir", "makedirs", "touch", "symlink_to", "hardlink_to", "chmod"),
    *("copyfile", "copy", "copy2", "copytree", "truncate", "ftruncate", "pwrite", "removedirs"),
    *("TemporaryDirectory", "NamedTemporaryFile", "mkdtemp", "mkstemp", "writestr", "make_archive"),
}
OF_THE_SYSTEM = {
    "replace",
    "remove",
    "link",
    "symlink",
    "move",
    "write",
    "renames",
}  # of `os`, `shutil`: else of texts and lists
WITH_A_PATH = {"to_csv", "to_json", "save"}  # without one they give text, or are methods of ours
FOR_WRITING = set("wax+")
SAVES = {"save_file", "save_files"}
LOCKS = {"locked", "changing", "new_folder"}

IN_PLACE = "makes or clears the folder of a draft or of a release, whose files are saved and which moves as a whole"
BUILD = "pages in build/, which is no study and is made anew; a page counts when the file of its build is there"
NO_DISK = "a column or an object, no file"
OWN_LOG = "SQLite keeps a store whole; a new file is made for its owner only, a failed copy is removed"
BESIDE = {
    "coding/storage/damage.py:_described_anew": "a copy in a temporary folder, to read a damaged store",
    "coding/storage/damage.py:opened_to_read": "a copy in a temporary folder, to read a damaged store",
    "coding/storage/events.py:keep_private": OWN_LOG,
    "disclosure/auditing/earlier_counts.py:add": IN_PLACE,
    "disclosure/auditing/feasible_tables.py:_quiet": "the solver's words go nowhere",
    "disclosure/demonstration.py:demonstration_study": IN_PLACE,
    "disclosure/demonstration.py:rebuild_release": IN_PLACE,
    "disclosure/release.py:draft_folder": IN_PLACE,
    "disclosure/release.py:finish_release": IN_PLACE,
    "disclosure/signatures.py:trust": IN_PLACE,
    "disclosure/study_folder/output_checking.py:countersign": IN_PLACE,
    "disclosure/study_folder/output_checking.py:refuse": IN_PLACE,
    "disclosure/study_folder/output_checking.py:waiting_folder": IN_PLACE,
    "disclosure/study_folder/release_series.py:remove_unfinished": IN_PLACE,
    "disclosure/study_folder/study_release.py:dry_run": "calls a method of ours that saves",
    "evidence/bibliography.py:_plain_person": NO_DISK,
    "evidence/journeys_from_frames.py:study_from_frames": "a study in a temporary folder, which is read and removed",
    "evidence/boundaries/": "a tool for developers, which writes the outlines of the package",
    "evidence/new_study.py:copy_included_study": IN_PLACE,
    "evidence/new_study.py:new_study": IN_PLACE,
    "evidence/study.py:to_excel": "written beside, with `written_beside`",
    "exchange/geo_files.py:write_layers": "GDAL and Arrow write beside, with `written_beside`",
    "exchange/refi_qda.py:write_codebook": "written beside, with `written_beside`",
    "exchange/refi_qda.py:write_project": "written beside, with `written_beside`",
    "interviews/forms/form_building.py:xlsx_bytes": "a workbook and an archive in memory",
    "interviews/mapping_draft.py:adopt_form": IN_PLACE,
    "methods/multiple_systems/overlapping_lists.py:collapse_people": NO_DISK,
    "show/pages/fonts.py:_cut": "a font in memory",
    "show/site/build.py:_copied": BUILD,
    "show/site/build.py:_tidy": BUILD,
    "show/site/build.py:build": BUILD,
    "show/site/rendering.py:_is_mine": BUILD,
    "show/site/rendering.py:_write": BUILD,
    "show/site/rendering.py:export_page": "written beside, with `written_beside`",
    "show/site/kernels/": "the homes of visitors' kernels, which are no study and end with them",
    "show/site/live_pages.py:_put": "a folder of links for the server",
    "show/site/live_pages.py:renew": "a folder of links for the server",
    "show/site/live_pages.py:served_folder": "a folder of links for the server",
    "show/site/static_site.py:write_site": "removes its lock from a folder that is given away",
    "show/widgets/workbench/workbench.py:__init__": "makes the folder of a store",
}
FOLDERS = [place for place in BESIDE if place.endswith("/")]
ONE_FILE = "one whole file in the place of another, and what it holds does not depend on an older one"
ALONE = {
    "cli/interview_commands.py:import_answers": ONE_FILE,
    "coding/pseudonyms.py:replace_names": "the key of a new store, a new file beside it",
    "disclosure/auditing/earlier_counts.py:save": "under the lock of the release that counts, in a file of its own",
    "disclosure/plan_losses.py:save": ONE_FILE,
    "disclosure/release.py:build_release": "the report, whole; the release itself is a draft that moves",
    "disclosure/release.py:write_release": "in the draft of a release, which is this command's alone",
    "disclosure/release.py:finish_release": "in the draft of a release, which is this command's alone",
    "disclosure/signatures.py:write_check": "under the lock, or by a checker who cannot open `cases/`",
    "disclosure/signatures.py:own_key": ONE_FILE,
    "disclosure/signatures.py:trust": "under the lock of the release that adds the key, or in a draft",
    "evidence/journeys_from_frames.py:study_from_frames": "in a temporary folder",
    "evidence/journeys_from_frames.py:_write": "in a temporary folder",
    "exchange/change_reports.py:write_changes": ONE_FILE,
    "show/report/printed_report.py:write_report": ONE_FILE,
    "interviews/outreach.py:make_key": "a new file, which nobody else has",
}


class Call(NamedTuple):
    """A call in the package: where it stands, what is called, and whether a lock is held there."""

    place: str
    name: str
    is_writing: bool
    is_locked: bool


def calls(path: Path) -> Iterator[Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from _calls(tree, f"{path.relative_to(PACKAGE).as_posix()}:", "", is_locked=False)


def _calls(node: ast.AST, module: str, function: str, *, is_locked: bool) -> Iterator[Call]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not function:
        function = node.name
    if isinstance(node, ast.Call) and (name := _name(node.func)):
        yield Call(f"{module}{function}", name, _writes(node, name), is_locked)
    if isinstance(node, ast.With | ast.AsyncWith):
        is_locked = is_locked or any(_name(getattr(each.context_expr, "func", None)) in LOCKS for each in node.items)
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, module, function, is_locked=is_locked)


def _name(called: ast.expr | None) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _writes(call: ast.Call, name: str) -> bool:
    owner = _name(call.func.value) if isinstance(call.func, ast.Attribute) else None
    if name in OF_THE_SYSTEM:
        return owner in ("os", "shutil")
    if name == "write_text":
        return owner not in (None, "spreadsheet")  # those are ours, which give text
    if name == "open":
        return owner == "os" or _opens_for_writing(call)
    if name in WITH_A_PATH:
        return bool(call.args) and owner not in ("self", "store")
    if name == "rename":
        return bool(call.args) and not call.keywords and not isinstance(call.args[0], ast.Constant)  # else of a column
    return name in WRITES and (name != "copy" or bool(call.args))


def _opens_for_writing(call: ast.Call) -> bool:
    given = [*call.args, *(each.value for each in call.keywords)]
    texts = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return any(len(text) <= 3 and FOR_WRITING & set(text) for text in texts)


@cache
def all_calls() -> list[Call]:
    return [call for path in sorted(PACKAGE.rglob("*.py")) for call in calls(path)]


def test_whatever_writes_goes_through_the_save_of_files():
    written = {call.place for call in all_calls() if call.is_writing and not call.place.startswith("files/")}
    found = {next((folder for folder in FOLDERS if place.startswith(folder)), place) for place in written}
    assert sorted(found - BESIDE.keys()) == [], "write with files/saving.py or files/drafts.py"
    assert sorted(BESIDE.keys() - found) == [], "these write no longer; take them out of the list"


def test_whoever_saves_holds_the_lock():
    savers, unlocked = set[str](), set[str]()
    for call in (each for each in all_calls() if each.name in SAVES and not each.place.startswith("files/")):
        savers.add(call.place)
        if not call.is_locked and call.place not in ALONE and not _is_called_under_a_lock(call.place):
            unlocked.add(call.place)
    assert sorted(unlocked) == [], "take the lock of the folder, with files/locking.py or files/drafts.py"
    assert sorted(ALONE.keys() - savers) == [], "these save no longer; take them out of the list"


def _is_called_under_a_lock(place: str, above: tuple[str, ...] = ()) -> bool:
    """Whether all who call a function hold a lock, or are themselves called so; a name that begins with _ is a module's."""
    module, _, name = place.partition(":")
    users = [each for each in callers()[name] if not name.startswith("_") or each.place.startswith(f"{module}:")]
    return bool(users) and all(
        each.is_locked or (each.place not in above and _is_called_under_a_lock(each.place, (*above, place)))
        for each in users
    )


@cache
def callers() -> dict[str, list[Call]]:
    found: defaultdict[str, list[Call]] = defaultdict(list)
    for each in all_calls():
        found[each.name].append(each)
    return found


@pytest.mark.parametrize(
    "line",
    [
        *("path.write_text(text)", "open(path, 'w')", "path.open('ab')", "frame.to_csv(path)", "os.replace(a, b)"),
        *(
            "shutil.rmtree(place)",
            "json.dump(data, stream)",
            "book.save(path)",
            "os.open(path, flags)",
            "made.rename(path)",
        ),
        *("open(path, mode='r+')", "layer.to_parquet(path)", "tempfile.TemporaryDirectory()", "path.unlink()"),
    ],
)
def test_a_line_that_writes_is_seen(line):
    (found,) = [
        call for call in _calls(ast.parse(f"def f():\n    {line}"), "m:", "", is_locked=False) if call.is_writing
    ]
    assert found.place == "m:f"


@pytest.mark.parametrize(
    "line",
    ["open(path)", "path.open('rb')", "frame.to_csv(index=False)", "text.replace('a', 'b')", "frame.rename(columns=x)"],
)
def test_a_line_that_reads_is_none(line):
    assert not [call for call in _calls(ast.parse(line), "m:", "", is_locked=False) if call.is_writing]


def test_a_save_without_a_lock_is_seen():
    source = "def f():\n    with locked(a):\n        save_file(p, t)\n    save_files(a, {})\n"
    found = {
        call.name: call.is_locked for call in _calls(ast.parse(source), "m:", "", is_locked=False) if call.name in SAVES
    }
    assert found == {"save_file": True, "save_files": False}
