"""A folder is changed in a draft: all that differs is saved, or nothing, and errors name the folder that people know."""

import json
import os
import resource
import signal
from contextlib import contextmanager

import pytest
from second_study import make_second_study

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.project import Project
from research_lib.disclosure import demonstration
from research_lib.disclosure.demonstration import RELEASE
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.released import open_release
from research_lib.errors import ResearchError, StudyError
from research_lib.evidence.new_study import new_study, upgrade_study
from research_lib.evidence.study import open_study
from research_lib.exchange import refi_qda, taguette
from research_lib.files.drafts import changing, new_folder
from research_lib.files.locking import LOCK_FILE
from research_lib.files.saving import JOURNAL, PREFIX, SavingError, save_file, save_files, written_beside
from research_lib.rebuild import rebuild_all, rebuild_tables


@pytest.fixture
def folder(tmp_path):
    for name in ("tables/a.csv", "tables/b.csv", "README.md"):
        (path := tmp_path / "study" / name).parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return tmp_path / "study"


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@contextmanager
def no_file_longer_than(size):
    limits, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


def untouched(path):
    """What tells that a file was neither written nor replaced; the time of its last reading is no part of it."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_mode, found.st_size


def test_what_is_written_anew_and_removed_in_a_draft_is_saved_and_the_rest_is_not_touched(folder):
    before = untouched(folder / "README.md")
    (folder / "tables/a.csv").chmod(0o640)
    with changing(folder) as draft:
        assert draft.name == folder.name and (draft / "tables/b.csv").read_text() == "tables/b.csv"
        save_file(draft / "tables/a.csv", "new")
        save_file(draft / "README.md", "README.md")
        (draft / "released/one").mkdir(parents=True)
        save_file(draft / "released/one/x.csv", "x")
        (draft / "tables/b.csv").unlink()
        assert (folder / "tables/a.csv").read_text() == "tables/a.csv"
    assert names(folder) == [LOCK_FILE, "README.md", "released/one/x.csv", "tables/a.csv"]
    assert (folder / "tables/a.csv").read_text() == "new"
    assert (folder / "tables/a.csv").stat().st_mode & 0o777 == 0o640
    assert untouched(folder / "README.md") == before


def test_an_error_in_a_draft_changes_nothing_and_names_the_folder(folder):
    with pytest.raises(StudyError, match=rf"^{folder}/tables/a\.csv: no$"), changing(folder) as draft:
        save_file(draft / "tables/a.csv", "new")
        raise StudyError(f"{draft}/tables/a.csv: no")
    assert (folder / "tables/a.csv").read_text() == "tables/a.csv"


def test_a_draft_of_a_draft_is_the_draft(folder):
    with changing(folder) as draft, changing(draft) as again:
        assert again == draft


def test_a_folder_that_lies_elsewhere_is_refused_and_nothing_is_changed(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/c.csv").write_text("c")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "linked/round").symlink_to(folder)
    with pytest.raises(SavingError, match=r"linked/c\.csv: it is a link"), changing(folder) as draft:
        save_file(draft / "linked/c.csv", "new")
        save_file(draft / "README.md", "new")
    assert (folder / "linked/c.csv").read_text() == "c" and (folder / "README.md").read_text() == "README.md"


def test_a_new_folder_takes_its_place_whole_and_clears_what_a_stopped_one_left(tmp_path):
    (left := tmp_path / f"{PREFIX}new-own/own").mkdir(parents=True)
    (left / "half").write_text("half")
    with pytest.raises(StudyError, match=rf"^{tmp_path}/own/a"), new_folder(tmp_path / "own") as draft:
        assert not list(draft.iterdir())
        raise StudyError(f"{draft}/a")
    assert names(tmp_path) == []
    with new_folder(tmp_path / "own") as draft:
        save_file(draft / "a", "a")
        assert not (tmp_path / "own").exists()
    assert names(tmp_path) == ["own/a"]


def test_a_study_whose_save_was_stopped_is_finished_by_the_next_reader(tmp_path):
    study = make_second_study(tmp_path / "study")
    header = (study / "tables/ties.csv").read_text(encoding="utf-8").partition("\n")[0]
    (study / f"{PREFIX}tables%2Fties.csv").write_text(f"{header}\n", encoding="utf-8")
    (study / JOURNAL).write_text(json.dumps({"tables/ties.csv": True, "glossary.csv": False}))
    assert len(open_study(study)["ties"]) == 0
    assert not (study / "glossary.csv").exists() and not list(study.glob(f"{PREFIX}*"))


def test_a_name_that_leads_out_of_the_folder_is_refused(folder):
    for name in ("../a", "/a", "a//b", "a/../../b", "", "a\\b"):
        with pytest.raises(SavingError, match="nothing was changed"):
            save_files(folder, {name: "a"})
    assert len(names(folder)) == 3


def test_rows_of_other_coders_stay_and_a_table_that_was_cut_is_named(tmp_path):
    study = make_second_study(tmp_path / "study")
    path = study / "tables/codings.csv"
    own = path.read_text(encoding="utf-8").splitlines()[1].replace("k-curator", "k-ana").replace("curator", "ana")
    with path.open("a", encoding="utf-8") as table:
        table.write(f"{own}\n")
    rebuild_tables(study)
    assert own in path.read_text(encoding="utf-8").splitlines()
    for cut, reason in (("", "cannot be read"), ("id,co", "has no column 'coder'")):
        path.write_text(cut, encoding="utf-8")
        with pytest.raises(ResearchError, match=rf"^{path}.*{reason}.*restore it from a backup"):
            rebuild_tables(study)
        assert path.read_text(encoding="utf-8") == cut


@pytest.mark.slow
def test_a_study_with_a_release_is_rebuilt_with_it_and_what_the_plan_leaves_out_goes(tmp_path, monkeypatch):
    study, plan = new_study(tmp_path / "study"), tmp_path / "plan.toml"
    monkeypatch.setattr(demonstration, "PLAN", plan)
    released = study / RELEASE
    released.mkdir(parents=True)
    for name, variables in (("age", ("age_band",)), ("country", ("country_code",))):
        plan.write_text(Plan((PlannedTable(name, variables),)).to_toml(), encoding="utf-8")
        assert rebuild_all(study)[-1] == released
        assert list(open_release(released).tables) == [name]
        assert names(released / "tables") == [f"{name}.csv"]
    assert not list(study.rglob(f"{PREFIX}*"))


def test_an_upgrade_of_no_study_makes_nothing(tmp_path):
    with pytest.raises(StudyError, match="is not a study"):
        upgrade_study(tmp_path / "typo")
    assert not list(tmp_path.iterdir())


def test_what_ended_programs_left_beside_a_file_is_removed_and_a_running_one_s_stays(tmp_path):
    path, running = tmp_path / "page.html", os.getppid()
    for number in (1 << 30, running):
        (tmp_path / f"{PREFIX}page.html.{number}.html").write_text("half")
    with written_beside(path) as part:
        part.write_text("whole")
    assert names(tmp_path) == [f"{PREFIX}page.html.{running}.html", "page.html"]


@pytest.mark.parametrize("write", [taguette.write_project, refi_qda.write_project], ids=["taguette", "refi"])
def test_a_full_disk_leaves_an_exchange_file_as_it_was_and_names_it(tmp_path, write):
    book = Codebook(tuple(Code(f"code-{number}", f"Code {number}") for number in range(500)))
    (path := tmp_path / "project.file").write_text("an older good file")
    for size in (0, 500, 9_000):
        with no_file_longer_than(size), pytest.raises(SavingError, match=rf"{path}.* cannot be written .*nothing was"):
            write(Project("big", codebook=book), path)
        assert names(tmp_path) == ["project.file"] and path.read_text() == "an older good file"
    write(Project("big", codebook=book), path)
    assert path.stat().st_size > 5_000
