"""Nothing is lost: locks, saves that hold all or nothing, kills at random and at every step, full and read-only disks."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from conftest import rounds
from killing import EACH, NOTHING, batch, small_study, state_of
from typer.testing import CliRunner
from workers import working

from research_lib import cli
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.errors import ResearchError
from research_lib.evidence.new_study import new_study
from research_lib.files.locking import LOCK_FILE, LockedError, locked
from research_lib.files.saving import JOURNAL, PREFIX, SavingError, finish_saving, save_file
from research_lib.files.spreadsheet import unguarded
from research_lib.interviews.answers_import import Imported
from research_lib.interviews.case_files import read_cases, read_rows, write_cases
from research_lib.interviews.case_store import OTHERS, JoiningError, join_cases, purge_study
from research_lib.interviews.cases import CASES_FILE, VARIABLES_FILE
from research_lib.interviews.outreach import Register, make_key

ROOT = Path(__file__).resolve().parents[1]
HOLD = """
import sys, time
from research_lib.files.locking import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def everything():
    return demonstration_cases()


@pytest.fixture
def first(everything):
    return batch(everything, 0)


@pytest.fixture
def second(everything):
    return batch(everything, EACH)


def contents(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name != LOCK_FILE}


def tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != LOCK_FILE}


@pytest.fixture(scope="module")
def killed():
    """Gives a task to a process whose forked processes die while they import, and gives what it says."""
    with working("killing.py", seconds=1800) as ask:
        yield lambda task, folder, rounds: ask([task, str(folder), rounds])


@pytest.mark.slow
def test_an_import_that_is_killed_at_random_is_there_whole_or_not_at_all(killed, in_memory):
    number = rounds(4, nightly=200)
    seen = killed("imports", in_memory, number)
    assert seen["lost"] == 0
    assert seen["as it was"] + seen["all of it"] == number
    assert seen["killed"] > number // 10


@pytest.mark.slow
def test_an_import_may_die_before_any_of_its_steps(killed, in_memory):
    every = rounds(5, nightly=1)
    seen = killed("steps", in_memory, every)
    assert seen["lost"] == 0
    assert 12 <= seen["died"] * every < 60


@pytest.mark.slow
def test_two_imports_at_once_both_arrive(killed, in_memory):
    number = rounds(2, nightly=20)
    assert killed("together", in_memory, number) == {"both": number, "lost": 0}


def test_a_second_import_of_the_same_doubles_nothing(first, tmp_path):
    join_cases(first, tmp_path)
    before = contents(tmp_path)
    join_cases(first, tmp_path)
    assert contents(tmp_path) == before
    assert state_of(tmp_path) == (EACH, 2 * EACH)


def test_a_later_export_with_old_and_new_records_adds_only_the_new_ones(everything, first, tmp_path):
    join_cases(first, tmp_path)
    more = replace(everything, frame=everything.frame.iloc[: 2 * EACH])
    both = replace(batch(everything, EACH), cases=more)
    others = pd.concat([batch(everything, at).others for at in (0, EACH)], ignore_index=True)
    join_cases(replace(both, others=others), tmp_path)
    assert state_of(tmp_path) == (2 * EACH, 4 * EACH)


@pytest.mark.parametrize("change", ["text", "text less", "text more"])
def test_a_known_case_with_other_texts_is_refused_and_nothing_is_written(first, tmp_path, change):
    join_cases(first, tmp_path)
    before, others = contents(tmp_path), first.others.copy()
    if change == "text":
        others.loc[3, "answer"] = "something else"
    else:
        others = others.drop(index=3) if change == "text less" else pd.concat([others, others.iloc[3:4]])
    with pytest.raises(JoiningError, match=r"others\.csv: the case '[a-z0-9_-]+' is there already and says something"):
        join_cases(replace(first, others=others), tmp_path)
    assert contents(tmp_path) == before


def test_an_import_again_takes_the_place_of_the_same_cases_and_of_nothing_else(everything, first, tmp_path):
    join_cases(first, tmp_path)
    join_cases(batch(everything, EACH), tmp_path)
    frame, others = first.cases.frame.copy(), first.others.iloc[: 2 * EACH - 1].copy()
    frame["site"], others["answer"] = "elsewhere", "corrected"
    corrected = Imported(replace(first.cases, frame=frame), others, {}, NOTHING)
    with pytest.raises(JoiningError, match="import --again puts what arrives in the place"):
        join_cases(corrected, tmp_path)
    heard = list[str]()
    join_cases(corrected, tmp_path, again=True, progress=heard.append)
    assert heard == [f"brought in again, in place of what was there: {EACH} cases; {EACH} others"]
    assert state_of(tmp_path) == (2 * EACH, 4 * EACH - 1)
    there = read_rows(tmp_path / "cases.csv").set_index("case_id")
    assert (there["site"] == "elsewhere").sum() == EACH == there["site"].loc[frame["case_id"]].eq("elsewhere").sum()
    join_cases(corrected, tmp_path)


def test_an_import_again_brings_nothing_back_that_was_purged(first, tmp_path):
    frame = first.cases.frame.copy()
    frame.loc[:9, "retention_date"] = "2020-01-01"
    join_cases(replace(first, cases=replace(first.cases, frame=frame)), tmp_path)
    purge_study(tmp_path, date(2026, 1, 1))
    before = contents(tmp_path)
    with pytest.raises(JoiningError, match="was purged on 2026-01-01"):
        join_cases(first, tmp_path, again=True)
    assert contents(tmp_path) == before


def test_texts_come_back_as_they_were_said(everything, tmp_path):
    said = ['a,"b"\n;c', "\r\n", " two  spaces ", "NA", "=1+1", "-", "'", "你好 \u202e", "\\N", "1e5", "007"]
    part = replace(everything, frame=everything.frame.iloc[: len(said)])
    rows = {"case_id": part.frame["case_id"], "question": "notes", "answer": said}
    others = batch(everything, 0).others.iloc[:0].reindex(range(len(said))).assign(**rows)
    join_cases(Imported(part, others, {}, NOTHING), tmp_path)
    assert list(read_rows(tmp_path / OTHERS)["answer"].map(unguarded)) == said
    assert "'=1+1" in (tmp_path / OTHERS).read_text(encoding="utf-8")
    join_cases(Imported(part, others, {}, NOTHING), tmp_path)
    assert list(read_rows(tmp_path / OTHERS)["answer"].map(unguarded)) == said


def test_purging_takes_the_texts_too_in_one_step(first, tmp_path):
    frame = first.cases.frame.copy()
    frame.loc[:9, "retention_date"] = "2020-01-01"
    join_cases(replace(first, cases=replace(first.cases, frame=frame)), tmp_path)
    assert purge_study(tmp_path, date(2026, 1, 1)) == (10, EACH - 10)
    assert state_of(tmp_path) == (EACH - 10, 2 * (EACH - 10))


def test_a_writer_waits_and_then_says_who_holds_the_folder(tmp_path, monkeypatch):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    heard = []
    try:
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setattr("research_lib.files.locking.PATIENCE", 0.8)
        lock = locked(tmp_path, progress=heard.append)
        with pytest.raises(LockedError, match=rf"process {holder.pid} on .* is writing here; wait"), lock:
            pytest.fail("the lock was given twice")
        assert len(heard) == 1 and f"waiting for -c {tmp_path} (process {holder.pid}" in heard[0]
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert (tmp_path / LOCK_FILE).exists()
    with locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / LOCK_FILE).read_text()


def test_the_command_says_who_holds_the_study(first, tmp_path, capsys, monkeypatch):
    join_cases(first, tmp_path / "cases")
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "cases")], stdout=subprocess.PIPE, text=True)
    monkeypatch.setattr(sys, "argv", ["research-lib", "purge", str(tmp_path)])
    try:
        holder.stdout.readline()
        monkeypatch.setattr("research_lib.files.locking.PATIENCE", 0.6)
        with pytest.raises(SystemExit):
            cli.main()
    finally:
        holder.kill()
        holder.wait()
    said = capsys.readouterr().err
    assert said.startswith("waiting for -c") and f"(process {holder.pid} on" in said and "is writing here" in said


def test_the_same_thread_may_take_a_lock_twice(tmp_path):
    with locked(tmp_path), locked(tmp_path):
        save_file(tmp_path / "a", "a")
    with locked(tmp_path):
        assert (tmp_path / "a").read_text() == "a"


def test_a_save_that_was_stopped_after_its_journal_is_finished_by_the_next_reader(first, second, tmp_path):
    join_cases(first, tmp_path)
    join_cases(second, tmp_path / "other")
    for name in (CASES_FILE, VARIABLES_FILE, OTHERS):
        shutil.copy(tmp_path / "other" / name, tmp_path / f"{PREFIX}{name}")
    (tmp_path / JOURNAL).write_text(json.dumps([CASES_FILE, VARIABLES_FILE, OTHERS]))
    assert read_cases(tmp_path).frame.equals(second.cases.frame)
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_a_save_that_was_stopped_before_its_journal_leaves_nothing(first, tmp_path):
    join_cases(first, tmp_path)
    (tmp_path / f"{PREFIX}{CASES_FILE}").write_text("half of it")
    finish_saving(tmp_path)
    assert not list(tmp_path.glob(f"{PREFIX}*"))
    assert state_of(tmp_path) == (EACH, 2 * EACH)


@pytest.mark.parametrize(
    "names",
    [
        *('["../../etc/passwd"]', '["a/../b"]', "[1]", "{}", "not json", "[" * 100_000, '[""]', '[".."]', "7"),
        *(
            '{"../a": true}',
            '{"/etc/passwd": true}',
            '{"a//b": false}',
            '{"out/a": true}',
            r'{"a\\b": true}',
            "[[1, 2]]",
        ),
    ],
)
def test_a_journal_that_is_not_ours_is_refused(tmp_path, names):
    (tmp_path / "out").symlink_to("/tmp")
    (tmp_path / JOURNAL).write_text(names)
    with pytest.raises(SavingError, match=r"saving\.json: this is not a journal"):
        finish_saving(tmp_path)
    assert (tmp_path / JOURNAL).exists()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, as small as a test wants; an extra, where the system lets one be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(kilobytes: int) -> Path:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)], check=True)
        return disk

    try:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("an extra: no disk can be mounted here")
    subprocess.run(["umount", str(disk)], check=True)
    yield mount
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_full_disk_at_any_step_changes_nothing_and_says_so(first, second, small_disk):
    disk = small_disk(4096)
    cases = disk / "cases"
    join_cases(first, cases)
    before = contents(cases)
    refused = taken = 0
    for free in range(0, 400, 16):
        filler = disk / "filler"
        with filler.open("wb") as stream:
            stream.truncate(0)
            left = shutil.disk_usage(disk).free - free * 1024
            os.posix_fallocate(stream.fileno(), 0, max(left, 1))
        try:
            join_cases(second, cases)
            taken += 1
            break
        except ResearchError as error:
            refused += 1
            assert (
                "No space left on device" in str(error)
                and str(disk) in str(error)
                and "nothing was changed" in str(error)
            )
            assert "None" not in str(error)
            assert contents(cases) == before
        filler.unlink()
    assert refused >= 5 and taken == 1
    assert state_of(cases) == (2 * EACH, 4 * EACH)


def test_a_file_that_may_not_grow_further_is_as_it_was(first, second, tmp_path):
    """The same without a disk of its own: the system refuses files above a size, at another step for each size."""
    resource = pytest.importorskip("resource")
    join_cases(first, tmp_path)
    before, limits = contents(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for size in (0, 100, 2_000, 20_000, 60_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
            with pytest.raises(SavingError, match=r"cannot be written \(File too large\); nothing was changed"):
                join_cases(second, tmp_path)
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            assert contents(tmp_path) == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.skipif(os.geteuid() != 0, reason="an extra: only root can become somebody who may not write")
def test_a_folder_that_may_only_be_read_is_named(first, killed, tmp_path):
    join_cases(first, tmp_path / "cases")
    for path in [tmp_path, *tmp_path.parents]:
        if path.owner() == "root" and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    (tmp_path / "cases" / LOCK_FILE).chmod(0o644)
    found = killed("nobody", tmp_path / "cases", 65534)
    assert found["code"] == 0 and "Permission denied" in found["said"] and str(tmp_path / "cases") in found["said"]


def test_records_and_keys_can_be_read_by_their_owner_only(first, tmp_path):
    join_cases(first, tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.name != LOCK_FILE} == {0o600}
    save_file(tmp_path / "open.txt", "open")
    assert (tmp_path / "open.txt").stat().st_mode & 0o077
    (tmp_path / "open.txt").chmod(0o640)
    save_file(tmp_path / "open.txt", "again")
    assert (tmp_path / "open.txt").stat().st_mode & 0o777 == 0o640


def test_a_register_that_was_being_begun_is_begun_again(tmp_path):
    key = make_key(tmp_path / "key", register=tmp_path / "register")
    (tmp_path / "register").mkdir()
    (tmp_path / "register" / f"{PREFIX}key.check").write_text("half")
    assert Register(tmp_path / "register", key).note("011 555 0123", "called", month="2026-11")
    assert not list((tmp_path / "register").glob(f"{PREFIX}*"))


def test_cases_that_lost_rows_are_not_read(everything, tmp_path):
    write_cases(everything, tmp_path)
    lines = (tmp_path / CASES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / CASES_FILE).write_text("".join(lines[:73]), encoding="utf-8")
    with pytest.raises(ResearchError, match=r"cases\.csv: it has 72 records, and variables\.json says 600"):
        read_cases(tmp_path)


def test_an_error_of_the_disk_is_a_sentence_with_a_place(capsys, monkeypatch):
    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err.startswith("a file: No space left on device; check")


def test_what_a_stopped_release_left_is_named_and_removed(tmp_path):
    run, study = CliRunner(), tmp_path / "study"
    small_study(study)
    left = study / "released/.release-abc/2026-01-01"
    left.mkdir(parents=True)
    (left / "manifest.json").write_text("{}")
    others = [study / name for name in ("cases/.saving-release.key.7", "cases/release-2026-01-01.md")]
    for path in others:
        path.write_text("half of it")
    done = run.invoke(cli.app, ["release", str(study), "--date", "2026-01-02"])
    assert done.exit_code == 0, done.output
    for path in (left.parent, *others):
        assert f"{path}: removed, since a stopped command left it" in done.output.replace("\n", "")
        assert not path.exists()
    assert (study / "released/2026-01-02/manifest.sig").exists() and (study / "cases/release-2026-01-02.md").exists()


def test_a_purged_case_does_not_come_back_with_the_same_export(first, tmp_path):
    frame = first.cases.frame.copy()
    frame.loc[0, "retention_date"] = "2020-01-01"
    expired = replace(first, cases=replace(first.cases, frame=frame))
    join_cases(expired, tmp_path)
    purge_study(tmp_path, date(2026, 1, 1))
    before = contents(tmp_path)
    with pytest.raises(JoiningError, match=rf"the case '{frame.loc[0, 'case_id']}' was purged on 2026-01-01"):
        join_cases(first, tmp_path)
    assert contents(tmp_path) == before


def test_a_case_whose_consent_is_withdrawn_leaves_with_all_that_is_kept_of_it(first, tmp_path):
    join_cases(first, tmp_path)
    gone, heard = first.cases.frame.loc[0, "case_id"], []
    frame = first.cases.frame.iloc[1:]
    later = replace(first, cases=replace(first.cases, frame=frame), without_consent=frozenset([gone, "zz9999"]))
    later = replace(later, others=first.others[first.others["case_id"] != gone])
    join_cases(later, tmp_path, progress=heard.append)
    assert heard == [f"removed, since their consent is withdrawn: {gone}"]
    assert state_of(tmp_path) == (EACH - 1, 2 * (EACH - 1))
    assert gone not in (tmp_path / OTHERS).read_text(encoding="utf-8")


def test_a_purge_names_a_file_that_is_none_of_ours(first, tmp_path):
    join_cases(first, tmp_path)
    (tmp_path / "repeat-notes.csv").write_text("a,b\n1,2\n")
    with pytest.raises(JoiningError, match=r"repeat-notes\.csv:1: it has no column 'case_id'"):
        purge_study(tmp_path, date(2026, 1, 1))


def test_a_purge_of_no_study_makes_nothing(tmp_path):
    with pytest.raises(ResearchError, match="it holds no cases"):
        purge_study(tmp_path / "typo/cases", date(2026, 1, 1))
    assert not (tmp_path / "typo").exists()


def test_cases_behind_a_link_are_not_replaced(first, tmp_path):
    join_cases(first, tmp_path / "cases")
    (tmp_path / "cases/cases.csv").rename(tmp_path / "elsewhere.csv")
    (tmp_path / "cases/cases.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(SavingError, match=r"cases\.csv: it is a link"):
        purge_study(tmp_path / "cases", date(2026, 1, 1))


def test_a_pipe_in_the_place_of_the_journal_is_named_at_once(first, tmp_path):
    join_cases(first, tmp_path)
    os.mkfifo(tmp_path / JOURNAL)
    with pytest.raises(ResearchError, match=r"saving\.json: it is a pipe"):
        purge_study(tmp_path, date(2026, 1, 1))


def test_half_a_character_is_refused_with_its_place(tmp_path):
    with pytest.raises(SavingError, match=r"note\.txt.*U\+D800 cannot be written"):
        save_file(tmp_path / "note.txt", "a\ud800")
    assert not (tmp_path / "note.txt").exists()


def test_a_disk_that_cannot_be_asked_to_keep_a_folder_keeps_the_files(first, tmp_path, monkeypatch):
    sync = os.fsync

    def refuse(descriptor):
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    join_cases(first, tmp_path)
    assert state_of(tmp_path) == (EACH, 2 * EACH)


@pytest.mark.slow
def test_a_reader_beside_a_writer_sees_one_state_or_the_other(everything, tmp_path):
    write_cases(replace(everything, frame=everything.frame.iloc[:EACH]), tmp_path)
    done = []

    def write():
        for size in [EACH, 2 * EACH] * rounds(5, nightly=15):
            write_cases(replace(everything, frame=everything.frame.iloc[:size]), tmp_path)
        done.append(True)

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done:
        seen.add(len(read_cases(tmp_path).frame))
    writer.join()
    assert seen <= {EACH, 2 * EACH} and seen


@pytest.mark.parametrize("command", ["new", "upgrade", "describe"])
def test_a_full_disk_leaves_a_study_as_it_was(tmp_path, capsys, monkeypatch, command):
    resource = pytest.importorskip("resource")
    study = tmp_path / "study"
    if command != "new":
        new_study(study)
        (study / "tables/claims.csv").unlink()
    before = tree(tmp_path)
    limits, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    monkeypatch.setattr(sys, "argv", ["research-lib", command, str(study)])
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    said = capsys.readouterr().err
    assert ended.value.code == 2 and "File too large" in said and str(tmp_path) in said
    assert tree(tmp_path) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(130)])
def test_a_command_that_is_stopped_says_what_became_of_its_work(capsys, monkeypatch, stop):
    def stopped():
        raise stop

    monkeypatch.setattr(cli, "app", stopped)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.startswith("stopped; what was not finished is not saved")
