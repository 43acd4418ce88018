"""The coding store: nothing acknowledged is lost, nothing is overwritten unseen, everything follows from the events."""

import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Case, Coder, Project, Set
from research_lib.coding.storage.damage import readable_events
from research_lib.coding.storage.salvage import salvage
from research_lib.coding.storage.store import ConflictError, Store
from research_lib.coding.storage.transfer import add_project, project_of
from research_lib.errors import CodingError

BOOK = Codebook((Code("fear", "Fear"), Code("work", "Work"), Code("group", "Group", is_codable=False)))
TEXT = "她说她很害怕。 She was afraid. 𠀀𠀁 " * 20
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["research_lib.coding.storage.transfer", "test_store"])
PAGE = 4096


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "coding.sqlite"
    with Store(path) as store:
        store.save_codebook(BOOK, coder="ana")
        store.add_document(Document("one", "One", TEXT, "zh-Hans"), coder="ana")
    return path


@pytest.fixture
def store(path):
    with Store(path) as store:
        yield store


def stands(store):
    return sorted(store.codings()[["start", "end", "code", "coder", "memo"]].itertuples(index=False, name=None))


def test_a_coding_is_kept_with_who_made_it(store):
    made = store.add("one", 0, 7, "fear", coder="ana", memo="害怕")
    assert (made.version, made.is_removed, made.changed_by) == (1, False, "ana")
    row = store.codings().iloc[0]
    assert (row["document"], row["start"], row["end"], row["code"], row["coder"], row["memo"]) == (
        "one",
        0,
        7,
        "fear",
        "ana",
        "害怕",
    )
    assert abs((datetime.now(UTC) - row["time"]).total_seconds()) < 60


@pytest.mark.parametrize(
    "document, start, end, code, reason",
    [
        ("two", 0, 1, "fear", "no document 'two'"),
        ("one", 0, 10_000, "fear", "0–10000 is not a stretch"),
        ("one", 5, 3, "fear", "5–3 is not a stretch"),
        ("one", -1, 3, "fear", "-1–3 is not a stretch"),
        ("one", 0, 3, "hope", "no code 'hope'"),
        ("one", 0, 3, "group", "is retired, or groups other codes"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_event(store, document, start, end, code, reason):
    before = len(list(store.events()))
    with pytest.raises(CodingError, match=reason):
        store.add(document, start, end, code, coder="ana")
    assert len(list(store.events())) == before


def test_undo_takes_back_one_action_after_another(store):
    first = store.add("one", 0, 7, "fear", coder="ana")
    second = store.add("one", 8, 12, "work", coder="ana")
    changed = store.change(second.id, coder="ana", version=1, code="fear", memo="on second thought")
    store.remove(first.id, coder="ana", version=1)
    seen = [stands(store)]
    while store.undo("ana"):
        seen.append(stands(store))
    assert changed.version == 2
    assert seen == [
        [(8, 12, "fear", "ana", "on second thought")],
        [(0, 7, "fear", "ana", ""), (8, 12, "fear", "ana", "on second thought")],
        [(0, 7, "fear", "ana", ""), (8, 12, "work", "ana", "")],
        [(0, 7, "fear", "ana", "")],
        [],
    ]
    assert store.problems() == []


def test_undo_leaves_what_others_did(store):
    store.add("one", 0, 7, "fear", coder="ana")
    store.add("one", 0, 7, "work", coder="ben")
    assert [event.coder for event in store.undo("ana")] == ["ana"]
    assert stands(store) == [(0, 7, "work", "ben", "")]
    assert store.undo("ana") == []


def test_what_was_brought_in_at_once_is_not_undone_by_a_key(store):
    rows = [("one", 0, 2, "fear", "ana"), ("one", 2, 4, "fear", "ben")]
    many = as_codings(pd.DataFrame(rows, columns=["document", "start", "end", "code", "coder"]))
    store.add_codings(many, coder="ana")
    assert store.undo("ana") == []
    store.remove(many["id"][0], coder="ana", version=1)
    store.add_codings(many.head(1), coder="ana")
    assert len(stands(store)) == 2
    assert store.problems() == []


def test_undo_passes_over_what_others_have_changed_since(store):
    earlier = store.add("one", 0, 7, "fear", coder="ana")
    later = store.add("one", 8, 12, "fear", coder="ana")
    store.change(later.id, coder="ben", version=1, code="work")
    assert [event.entity for event in store.undo("ana")] == [earlier.id]
    assert stands(store) == [(8, 12, "work", "ana", "")]


def test_undo_does_not_bring_back_a_code_that_is_gone(store):
    coding = store.add("one", 0, 7, "fear", coder="ana")
    store.remove(coding.id, coder="ana", version=1)
    store.save_codebook(Codebook((Code("work", "Work"),)), coder="ana")
    with pytest.raises(CodingError, match="no code 'fear'"):
        store.undo("ana")
    assert store.problems() == []


def test_a_memo_is_written_though_the_code_only_groups_by_now(store):
    coding = store.add("one", 0, 7, "fear", coder="ana")
    store.save_codebook(Codebook((Code("fear", "Fear", is_codable=False), Code("work", "Work"))), coder="ana")
    assert store.change(coding.id, coder="ana", version=1, memo="still").memo == "still"


def test_of_many_codings_with_one_that_is_wrong_none_is_added(store):
    rows = [("one", 0, 2, "fear", "ana"), ("one", 2, 4, "hope", "ana")]
    with pytest.raises(CodingError, match="hope"):
        store.add_codings(pd.DataFrame(rows, columns=["document", "start", "end", "code", "coder"]), coder="ana")
    assert stands(store) == []


def test_who_comes_second_sees_the_conflict_and_overwrites_nothing(path):
    with Store(path) as ana, Store(path) as ben:
        coding = ana.add("one", 0, 7, "fear", coder="ana")
        seen = ben.coding(coding.id)
        ana.change(coding.id, coder="ana", version=1, code="work")
        with pytest.raises(ConflictError, match=r"ana changed it .* now work at 0–7.*memo: mine\)") as conflict:
            ben.change(coding.id, coder="ben", version=seen.version, memo="mine")
        assert conflict.value.theirs == ana.coding(coding.id)
        ben.change(coding.id, coder="ben", version=conflict.value.theirs.version, memo="mine")
        assert stands(ana) == stands(ben) == [(0, 7, "work", "ana", "mine")]
        assert [each.coder for each in ana.events("entity = ?", (coding.id,))] == ["ana", "ana", "ben"]


def test_the_codebook_has_versions(store):
    more = Codebook((*BOOK, Code("hope", "Hope")))
    assert store.save_codebook(BOOK, coder="ana") == 1
    assert store.save_codebook(more, coder="ana", based_on=1) == 2
    with pytest.raises(CodingError, match="at version 2, not 1"):
        store.save_codebook(BOOK, coder="ben", based_on=1)
    assert (store.codebook(), store.codebook(1)) == (more, BOOK)
    assert list(store.versions()["version"]) == [1, 2]


def test_a_code_in_use_does_not_go(store):
    store.add("one", 0, 7, "fear", coder="ana")
    with pytest.raises(CodingError, match="'fear' is in use"):
        store.save_codebook(Codebook((Code("work", "Work"),)), coder="ana")


def test_a_document_is_finished_and_taken_up_again(store):
    store.finish("one", coder="ana")
    assert list(store.finished().itertuples(index=False, name=None)) == [("one", "ana")]
    store.finish("one", coder="ana", done=False)
    assert store.finished().empty


def test_the_tables_follow_from_the_events(path, store):
    store.add("one", 0, 7, "fear", coder="ana")
    before = stands(store)
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM codings")
    assert store.problems() == ["the table codings does not follow from the events; rebuild it"]
    store.rebuild()
    assert stands(store) == before
    assert store.problems() == []


def test_an_event_that_was_tampered_with_is_found(path, store):
    store.add("one", 0, 7, "fear", coder="ana")
    with sqlite3.connect(path) as other:
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            other.execute("UPDATE events SET coder = 'eve' WHERE seq = 3")
        with pytest.raises(sqlite3.IntegrityError, match="never removed"):
            other.execute("DELETE FROM events WHERE seq = 3")
        other.execute("DROP TRIGGER events_stay")
        other.execute("UPDATE events SET coder = 'eve' WHERE seq = 3")
    assert store.problems()[0] == "event 3 is not what was written, or does not follow the one before it"


def test_a_copy_of_the_file_is_a_backup(path, tmp_path):
    with Store(path) as store:
        store.add("one", 0, 7, "fear", coder="ana")
        whole = store.copy(tmp_path / "copy.sqlite")
        with pytest.raises(CodingError, match="exists already"):
            store.copy(whole)
    bare = tmp_path / "bare.sqlite"
    bare.write_bytes(path.read_bytes())
    for copy in (whole, bare):
        with Store(copy) as again:
            assert stands(again) == [(0, 7, "fear", "ana", "")]
            assert again.problems() == []


def test_other_files_are_not_taken_for_a_store(tmp_path):
    text, foreign = tmp_path / "notes.sqlite", tmp_path / "foreign.sqlite"
    text.write_text("notes, and not a database " * 100)
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE projects (id)")
    before = foreign.read_bytes()
    for path in (text, foreign):
        with pytest.raises(CodingError, match=f"{path.name}.*choose another file"):
            Store(path)
    with sqlite3.connect(foreign) as database:
        assert [name for (name,) in database.execute("SELECT name FROM sqlite_schema")] == ["projects"]
    assert len(foreign.read_bytes()) == len(before)


def test_a_project_goes_in_and_comes_out_the_same(tmp_path):
    project = Project(
        name="Two towns",
        description="for a test",
        codebook=BOOK,
        corpus=Corpus(
            (
                Document("zh", "原文", "她很害怕。", "zh-Hans", attributes={"country": "FRA"}, memo="m"),
                Document("en", "Translation", "She is afraid.", "en", translation_of="zh"),
            )
        ),
        codings=as_codings(
            [
                {
                    "document": "zh",
                    "start": 0,
                    "end": 3,
                    "code": "fear",
                    "coder": "a",
                    "time": "2026-01-02T03:04:05.678901Z",
                },
                {"document": "en", "start": 4, "end": 4, "code": "work", "coder": "b", "memo": "zero length"},
            ]
        ),
        coders=(Coder("a", "Ana"), Coder("b", "Ben")),
        cases=(Case("c1", "Case 1", "d", {"age": 40, "since": date(2004, 1, 2), "known": True, "who": "x"}, ("zh",)),),
        sets=(Set("s", "Both", codes=("fear",), documents=("zh", "en")),),
    )
    with Store(tmp_path / "a.sqlite") as store:
        add_project(project, store, coder="a")
        assert project_of(store) == project
        assert store.problems() == []
        with pytest.raises(CodingError, match="already"):
            add_project(project, store, coder="a")
        assert project_of(store) == project


def write_until_killed(path, coder, pipe):
    """Add codings, change some, and acknowledge each only after the store has returned."""
    with Store(path) as store:
        while True:
            coding = store.add("one", random.randrange(50), 60, "fear", coder=coder)
            pipe.send((coding.id, 1))
            if random.random() < 0.3:
                store.change(coding.id, coder=coder, version=1, memo="again")
                pipe.send((coding.id, 2))


@pytest.mark.slow
def test_no_acknowledged_coding_is_lost_when_writers_are_killed(path):
    from conftest import rounds  # not in the processes that write

    kills, acknowledged = rounds(50, nightly=1000), dict[str, int]()
    for _ in range(kills // 2):
        ends = [FORK.Pipe(duplex=False) for _ in range(2)]
        writers = [
            FORK.Process(target=write_until_killed, args=(path, coder, out))
            for coder, (_, out) in zip(("ana", "ben"), ends, strict=True)
        ]
        for writer in writers:
            writer.start()
        assert ends[0][0].poll(120)  # the first has written; the second may still be opening the store
        for writer in writers:
            time.sleep(random.uniform(0.0, 0.05))
            os.kill(writer.pid, signal.SIGKILL)
        for writer, (receive, send) in zip(writers, ends, strict=True):
            writer.join()
            assert writer.exitcode == -signal.SIGKILL
            send.close()
            with receive, suppress(EOFError):
                while True:
                    name, version = receive.recv()
                    acknowledged[name] = version
    with Store(path) as store:
        kept = store.codings().set_index("id")["version"]
        lost = [name for name, version in acknowledged.items() if kept.get(name, 0) < version]
        assert len(acknowledged) >= kills // 2
        assert lost == []
        assert store.problems() == []


def work(path, coder, times):
    with Store(path) as store:
        for number in range(times):
            store.add("one", number, number + 1, "fear", coder=coder)


def test_two_who_write_at_once_lose_nothing(path):
    writers = [FORK.Process(target=work, args=(path, coder, 200)) for coder in ("ana", "ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with Store(path) as store:
        assert store.codings()["coder"].value_counts().to_dict() == {"ana": 200, "ben": 200}
        assert store.problems() == []


def test_several_threads_take_turns(path):
    with Store(path) as store:
        threads = [
            threading.Thread(target=lambda n=n: [store.add("one", n, n + 1, "fear", coder=f"t{n}") for _ in range(50)])
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.codings()["coder"].value_counts().to_dict() == {f"t{n}": 50 for n in range(4)}
        assert store.problems() == []


def hold(path, started, seconds):
    with Store(path) as store, store.writing():
        started.set()
        time.sleep(seconds)


def test_an_interrupt_while_waiting_leaves_no_transaction_open(path):
    """Ctrl+C in a notebook while somebody else writes: what is acknowledged afterwards is on the disk."""
    started = FORK.Event()
    holder = FORK.Process(target=hold, args=(path, started, 1.5))
    with Store(path) as store:
        holder.start()
        started.wait()
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            store.add("one", 0, 1, "fear", coder="ana")
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        holder.join()
        store.add("one", 2, 3, "fear", coder="ana")
        with Store(path) as other:
            assert stands(other) == [(2, 3, "fear", "ana", "")]


def test_readers_beside_a_writer_see_only_what_is_done(path):
    with Store(path) as store:
        seen, ends = [], threading.Event()

        def read():
            while not ends.is_set():
                seen.append(len(store.codings()))

        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(5):
            with pytest.raises(ZeroDivisionError), store.writing():
                store.add("one", 0, 1, "fear", coder="ana")
                time.sleep(0.02)
                raise ZeroDivisionError
            assert store.problems() == []
        ends.set()
        reader.join()
        assert set(seen) == {0}


def test_a_store_that_is_gone_or_of_another_version_says_so(path, tmp_path):
    with Store(path) as store:
        path.rename(tmp_path / "moved.sqlite")
        with pytest.raises(CodingError, match="moved, removed or replaced"):
            store.add("one", 0, 1, "fear", coder="ana")
    with sqlite3.connect(tmp_path / "moved.sqlite") as database:
        database.execute("PRAGMA user_version = 9")
    with pytest.raises(CodingError, match="shape of version 9"):
        Store(tmp_path / "moved.sqlite")
    with pytest.raises(CodingError, match="cannot be opened"):
        Store(tmp_path / "nowhere/coding.sqlite")


def test_only_a_document_that_is_there_can_be_finished(store):
    with pytest.raises(CodingError, match="no document ''"):
        store.finish("", coder="ana")


def test_what_can_be_read_of_a_damaged_store_is_saved(path, tmp_path):
    with Store(path) as store:
        for place in range(400):
            store.add("one", place % 9, place % 9 + 3, "fear", coder="ana", memo=f"memo {place}")
    data = bytearray(path.read_bytes())
    page = data.index(b'"memo":"memo 200"') // 4096
    data[page * 4096 : page * 4096 + 4096] = bytes(4096)
    path.write_bytes(data)
    with Store(path) as store, pytest.raises(CodingError, match=r"damaged, and its first \d+ events can be read"):
        store.events()
    saved = salvage(path, tmp_path / "saved.sqlite")
    assert saved.lost > 0 and saved.saved + saved.lost == 402
    with Store(saved.path) as again:
        memos = set(again.codings()["memo"])
        assert len(memos) == 400 - saved.lost and {"memo 0", "memo 399"} <= memos
        assert "is missing" in again.problems()[0]
    with pytest.raises(CodingError, match="exists already"):
        salvage(path, saved.path)


def forged(path, number, body='{"after":null}'):
    """Put an event under a number that nobody gave it."""
    with closing(sqlite3.connect(path)) as other, other:
        values = (number, body)
        other.execute("INSERT INTO events VALUES (?, 0, 't', 'eve', 'coding', 'e', ?, NULL, 'h')", values)


def without_page(path, text):
    """Fill the page that holds a text with zeros."""
    data = bytearray(path.read_bytes())
    at = data.index(text) // PAGE * PAGE
    data[at : at + PAGE] = bytes(PAGE)
    path.write_bytes(data)


def readable(path, numbers):
    """The numbers whose event SQLite can read."""
    with closing(sqlite3.connect(path)) as other:
        for number in numbers:
            with suppress(sqlite3.Error):
                yield from other.execute("SELECT * FROM events WHERE seq = ?", (number,))


@pytest.fixture
def long(path):
    """A store whose events fill many pages."""
    with Store(path) as store, store.writing():
        for place in range(400):
            store.add("one", place % 9, place % 9 + 3, "fear", coder="ana", memo=f"memo {place}")
    return path


@pytest.mark.parametrize(
    "number, page",
    [
        (10**14, b'"memo":"memo 200"'),
        (10**14, b'"memo":"memo 0"'),
        (10**14, None),
    ],
)
def test_a_number_that_nobody_gave_does_not_hold_up_what_is_saved(long, tmp_path, number, page):
    forged(long, number)
    if page:
        without_page(long, page)
    whole = sorted(readable(long, [*range(1, 500), number]))
    begun = time.monotonic()
    saved = salvage(long, tmp_path / "saved.sqlite")
    assert time.monotonic() - begun < 5
    with closing(sqlite3.connect(saved.path)) as other:
        assert other.execute("SELECT * FROM events ORDER BY seq").fetchall() == whole
    assert (saved.saved, saved.lost) == (len(whole), 403 - len(whole))


@pytest.mark.parametrize("number", [2**62, 2**63 - 1, 0, -(2**63)])
def test_an_event_under_a_number_of_no_store_is_named_and_left_behind(path, tmp_path, number):
    forged(path, number)
    with Store(path) as store:
        for use in (store.events, store.rebuild):
            with pytest.raises(CodingError, match=rf"sqlite: an event has the number {number}, which .*; restore"):
                use()
        assert f"an event has the number {number}" in store.problems()[0]
    with Store(salvage(path, tmp_path / "saved.sqlite").path) as saved:
        saved.add("one", 0, 7, "fear", coder="ana")
        assert saved.problems() == []


@pytest.mark.parametrize("number", [2**62 - 1, 2**62, 2**63 - 1])
def test_nothing_is_written_after_the_last_number_that_there_can_be(path, number):
    forged(path, number)
    reason = rf"sqlite: the last event has the number {number}, which no store gives; salvage"
    with Store(path) as store:
        with pytest.raises(CodingError, match=reason):
            store.add("one", 0, 7, "fear", coder="ana")
        with pytest.raises(CodingError, match=reason):
            add_project(Project(name="other", codebook=BOOK), store, coder="ana")
        assert stands(store) == []


def test_a_place_that_no_text_is_long_enough_for_is_no_traceback(path, tmp_path):
    state = {
        "document": "one",
        "start": 10**30,
        "end": 10**30,
        "code": "fear",
        "coder": "eve",
        "time": None,
        "memo": "",
    }
    forged(path, 3, json.dumps({"after": state}))
    with Store(path) as store, pytest.raises(CodingError, match="event 3 does not say what a coding is"):
        store.rebuild()
    assert salvage(path, tmp_path / "saved.sqlite").saved == 2


@pytest.mark.parametrize("body", ['{"note": 1}', '{"after": [1]}', '{"after": 7}'])
def test_an_event_that_cannot_be_followed_is_named(path, body):
    forged(path, 3, body)
    with (
        Store(path) as store,
        pytest.raises(CodingError, match=r"sqlite: event 3 does not say what a coding is .*; rest"),
    ):
        store.rebuild()


def test_an_event_that_cannot_be_taken_back_is_named(path):
    forged(path, 3, '{"after": null, "before": {"memo": ""}}')
    with closing(sqlite3.connect(path)) as other, other:
        row = ("e", "one", 0, 1, "fear", "eve", None, "", 1, 0, "eve", "t", 3)
        other.execute(f"INSERT INTO codings VALUES ({', '.join('?' * 13)})", row)
    with Store(path) as store, pytest.raises(CodingError, match="sqlite: event 3 does not say what a coding is"):
        store.undo("eve")


def pointing(below):
    """A page of a table that names the page below it 200 times, each time for the numbers up to 1,000."""
    cell = below.to_bytes(4) + b"\x87\x68"
    starts = b"".join((PAGE - len(cell) * n).to_bytes(2) for n in range(1, 201))
    head = b"\x05\0\0" + (200).to_bytes(2) + starts[-2:] + b"\0" + below.to_bytes(4) + starts
    return head.ljust(PAGE - len(cell) * 200, b"\0") + cell * 200


def endless(path):
    """Put 15 pages that point to the next one above the table of events, so that these come again and again."""
    data = path.read_bytes()
    last = len(data) // PAGE + 15
    above = b"".join(pointing(page + 1) for page in range(last - 14, last))
    header = data[:28] + last.to_bytes(4) + data[32:PAGE]
    path.write_bytes(header + pointing(last - 14) + data[2 * PAGE :] + above + data[PAGE : 2 * PAGE])


def test_events_that_come_again_and_again_are_read_once(long, tmp_path):
    endless(long)
    with Store(long) as store, pytest.raises(CodingError, match=r"cannot be read .* its first 402 events can be read"):
        store.events()
    assert salvage(long, tmp_path / "saved.sqlite").saved == 402


def test_a_view_without_end_is_not_taken_for_events(path, tmp_path):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DROP TABLE events")
        other.execute(
            "CREATE VIEW events AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n) SELECT * FROM n"
        )
    with pytest.raises(CodingError, match="no event can be read; restore a copy"):
        salvage(path, tmp_path / "saved.sqlite")
    assert readable_events(path) == 0


@contextmanager
def small_files(size):
    """Let no file grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("save", [salvage, lambda path, target: Store(path).copy(target)], ids=["salvage", "copy"])
def test_what_cannot_be_written_whole_is_not_there(long, tmp_path, save):
    (tmp_path / "new").mkdir()
    with small_files(100_000), pytest.raises(CodingError, match=r"saved\.sqlite: .* written"):
        save(long, tmp_path / "new/saved.sqlite")
    assert list((tmp_path / "new").iterdir()) == []
    assert save(long, tmp_path / "new/saved.sqlite")


def test_an_empty_file_is_not_taken_for_a_new_store(tmp_path):
    (tmp_path / "coding.sqlite").touch()
    with pytest.raises(CodingError, match="is empty; if it was a coding store, restore a copy"):
        Store(tmp_path / "coding.sqlite")
    assert (tmp_path / "coding.sqlite").stat().st_size == 0


def test_a_full_disk_leaves_what_was_acknowledged(path):
    with Store(path) as store:
        store.add("one", 0, 7, "fear", coder="ana")
        store.rows("PRAGMA max_page_count = 1")
        with pytest.raises(CodingError, match=r"nothing was written .*full\); free some space"):
            for _ in range(50):
                store.add("one", 0, 3, "fear", coder="ana", memo="m" * 5_000)
        done = len(store.codings())
    with Store(path) as store:
        assert len(store.codings()) == done >= 1
        assert store.problems() == []


NO_NAMES = [
    (5, "is 5, and not a text; write it in quotes"),
    (None, "is None, and not a text"),
    ("", "is blank; give one"),
    (" \u200b", "is blank; give one"),
    ("ana\nben", "has a line end or a tab in it"),
    ("ana\u202e", r"has U\+202E as character 4, which nobody sees; take it out"),
    ("a" * 501, "has 501 characters; shorten it to 500"),
]


@pytest.mark.parametrize(("name", "reason"), NO_NAMES)
def test_a_name_that_people_cannot_tell_apart_never_enters_the_chain(store, name, reason):
    events = store.events()
    uses = [
        ("coder", lambda: store.add("one", 0, 5, "fear", coder=name)),
        ("coder", lambda: store.add_document(Document("two", "Two", "text"), coder=name)),
        ("id of the document", lambda: store.add_document(Document(name, "Two", "text"), coder="ana")),
        ("id of the code", lambda: store.save_codebook(Codebook((*BOOK, Code(name, "New"))), coder="ana")),
        ("id of the case", lambda: add_project(Project("P", cases=(Case(name, "C"),)), store, coder="ana")),
        ("id of the set", lambda: add_project(Project("P", sets=(Set(name, "S"),)), store, coder="ana")),
        ("id of the coder", lambda: add_project(Project("P", coders=(Coder(name),)), store, coder="ana")),
    ]
    for what, use in uses:
        with pytest.raises(CodingError, match=f"{re.escape(str(store.path))}: the {what} {reason}"):
            use()
    assert store.events() == events
    assert store.problems() == []


def test_positions_of_numpy_and_pandas_are_whole_numbers(store):
    made = store.add("one", np.int64(0), pd.Series([7])[0], "fear", coder="ana")
    store.change(made.id, coder="ana", version=np.int64(1), end=np.int32(5))
    assert stands(store) == [(0, 5, "fear", "ana", "")]
    assert store.problems() == []


@pytest.mark.parametrize("value", ["0", None, [0], 1.5, b"x", "\ud800", float("nan"), object()])
def test_values_of_no_use_are_refused_with_their_fix(store, value):
    made = store.add("one", 0, 7, "fear", coder="ana")
    events = store.events()
    row = {"id": "k", "document": "one", "start": 0, "end": 2, "code": "fear", "coder": "ana"}
    uses = [
        lambda: store.add("one", value, 7, "fear", coder="ana"),
        lambda: store.add("one", 0, value, "fear", coder="ana"),
        lambda: store.add(value, 0, 7, "fear", coder="ana"),
        lambda: store.add("one", 0, 7, value, coder="ana"),
        lambda: store.change(made.id, coder="ana", version=1, start=value),
        lambda: store.change(made.id, coder="ana", version=value, start=1),
        lambda: store.change(value, coder="ana", version=1, start=1),
        lambda: store.add_codings([row | {"start": value}] if value != "0" else value, coder="ana"),
        lambda: store.document(value),
    ]
    if not isinstance(value, str) or value == "\ud800":
        uses += [
            lambda: store.add("one", 0, 7, "fear", coder="ana", memo=value),
            lambda: store.add_document(Document("two", value, "text"), coder="ana"),
            lambda: store.add_document(Document("two", "Two", value), coder="ana"),
            lambda: store.save_codebook(Codebook((*BOOK, Code("new", value))), coder="ana"),
        ]
    for use in uses:
        with pytest.raises(CodingError, match=r": .*(;|there is no|not a stretch)") as caught:
            use()
        assert "open the store again" not in str(caught.value)
    assert store.events() == events


def test_what_could_not_be_read_back_is_refused(store):
    with pytest.raises(CodingError, match=r"a value cannot be kept .*; give texts and plain numbers"):
        store.add_document(Document("two", "Two", "text", attributes={"age": float("nan")}), coder="ana")
    with pytest.raises(CodingError, match="the code 'new' has no name; give it one"):
        store.save_codebook(Codebook((*BOOK, Code("new", ""))), coder="ana")
    with pytest.raises(CodingError, match="'two' translates ''; add that one first"):
        store.add_document(Document("two", "Two", "text", translation_of=""), coder="ana")
    assert len(store.documents()) == len(store.corpus()) == 1


def test_a_closed_store_says_so(path):
    with Store(path) as store:
        pass
    for use in (lambda: store.add("one", 0, 7, "fear", coder="ana"), lambda: store.undo("ana"), store.codings):
        with pytest.raises(CodingError, match=r"coding\.sqlite: .*closed database.*; open the store again"):
            use()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (":memory:", "a store is a file, .*; give it the name of a file"),
        ("n" * 300, "File name too long.*; c"),
        ("a\0b", r"a\\x00b: .*null.*; c"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(path, tmp_path, monkeypatch, name, reason):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CodingError, match=reason):
        Store(name)
    if name != ":memory:":
        with Store(path) as store, pytest.raises(CodingError, match=reason):
            store.copy(name)
        with pytest.raises(CodingError, match=reason):
            salvage(path, name)


def rights(folder):
    return {each.name: oct(each.stat().st_mode & 0o777) for each in folder.iterdir()}


@pytest.fixture
def umask():
    """The mask of most machines, under which a new file can be read by all."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_store_and_its_copies_can_be_read_by_their_owner_only(umask, tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        store.save_codebook(BOOK, coder="ana")
        names = {"coding.sqlite", "coding.sqlite-shm", "coding.sqlite-wal"}
        assert rights(tmp_path) == dict.fromkeys(names, "0o600")
        salvage(store.copy(tmp_path / "copy.sqlite"), tmp_path / "saved.sqlite")
        found = rights(tmp_path)
    assert found.keys() >= names | {"copy.sqlite", "saved.sqlite"}
    assert set(found.values()) == {"0o600"}


def test_an_older_store_is_closed_to_others_and_stays_open_to_its_group(umask, path):
    path.chmod(0o665)
    with Store(path):
        assert set(rights(path.parent).values()) == {"0o660"}


def test_a_link_that_leads_nowhere_is_not_written_through(path, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with Store(path) as store, pytest.raises(CodingError, match="link: exists already; choose another name"):
        store.copy(tmp_path / "link")
    with pytest.raises(CodingError, match="link: exists already; choose another name"):
        salvage(path, tmp_path / "link")
    with pytest.raises(CodingError, match="link: there is no such file"):
        Store(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


def test_a_person_who_withdraws_is_left_out_of_a_new_store(store, tmp_path):
    """As the page on exchange says: events are never removed, so the rest moves to a new file."""
    store.add_document(Document("gone", "Gone", "what she told us"), coder="ana")
    for document in ("one", "gone"):
        store.add(document, 0, 4, "fear", coder="ana", memo=f"about {document}")
    project = project_of(store)
    rest = replace(
        project,
        corpus=Corpus(tuple(document for document in project.corpus if document.id != "gone")),
        codings=project.codings[project.codings["document"] != "gone"],
    )
    with Store(tmp_path / "new.sqlite") as new:
        add_project(rest, new, coder="ana")
        assert stands(new) == [(0, 4, "fear", "ana", "about one")]
    assert b"she told us" not in (tmp_path / "new.sqlite").read_bytes()


def test_a_store_says_in_its_file_what_it_is(path):
    with closing(sqlite3.connect(path)) as other:
        marks = [other.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    assert marks == [0x51444131, 1]


def test_half_a_character_is_named_by_the_twenty_characters_before_it(store):
    with pytest.raises(CodingError, match=r"half a character stands after 'b{19}c'; type it"):
        store.add("one", 0, 7, "fear", coder="ana", memo="a" * 30 + "b" * 19 + "c\ud800")


def test_a_file_that_holds_no_store_is_not_salvaged(tmp_path):
    notes, foreign = tmp_path / "notes.sqlite", tmp_path / "foreign.sqlite"
    notes.write_text("notes, and not a database " * 100)
    with closing(sqlite3.connect(foreign)) as database, database:
        database.execute("CREATE TABLE events (seq)")
    for path in (notes, foreign):
        with pytest.raises(CodingError, match="no event can be read; restore a copy of the file"):
            salvage(path, tmp_path / "saved.sqlite")
        assert not (tmp_path / "saved.sqlite").exists()


@pytest.mark.parametrize("document_id", [5, None, "", "a\nb"])
def test_an_id_of_a_document_is_a_text_of_one_line(store, document_id):
    with pytest.raises(CodingError, match=r"the id of the document (is 5|is None|is blank|has a line end)"):
        store.add_document(Document(document_id, "Two", "text"), coder="ana")


def test_an_event_whose_body_cannot_be_read_is_the_problem_that_is_named(path):
    with Store(path) as store:
        store.add("one", 0, 7, "fear", coder="ana")
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DROP TRIGGER events_stay")
            other.execute("UPDATE events SET body = '[' WHERE seq = 3")
        assert [text.split("event ")[1][:19] for text in store.problems()] == ["3 cannot be read (E"]


def test_a_missing_file_is_not_salvaged(tmp_path):
    with pytest.raises(CodingError, match="there is no such file; check the path"):
        salvage(tmp_path / "nowhere.sqlite", tmp_path / "saved.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement, wrong",
    [
        ("DROP TABLE finished", "it has no table 'finished'"),
        ("CREATE TABLE spies (id)", "it has a table 'spies', and no store has"),
    ],
)
def test_a_store_with_a_part_less_or_more_is_refused(path, statement, wrong):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(statement)
    with pytest.raises(CodingError, match=rf"{wrong}; restore a copy of it"):
        Store(path)


def test_a_version_that_the_codebook_never_had_is_refused(store):
    with pytest.raises(CodingError, match="the codebook has no version 9; the latest is 1"):
        store.codebook(9)


DESCRIPTIONS = (b"CREATE TABLE events", b"CREATE INDEX events_of_coder", b"CREATE TRIGGER events_stay", b"CREATE TABLE")


@pytest.mark.parametrize("junk", [b"\xff\xfe", b"\x00\xff\x00", b"\xc3", b"((("], ids=["utf-8", "nul", "half", "words"])
@pytest.mark.parametrize("part", DESCRIPTIONS, ids=lambda part: part.decode().split()[-1])
def test_a_store_whose_schema_is_damaged_says_so_and_all_its_events_are_saved(path, tmp_path, part, junk):
    with Store(path) as store:
        for place in range(20):
            store.add("one", place, place + 3, "fear", coder="ana")
    whole = path.read_bytes()
    for place in range(whole.index(part) - 30, whole.index(part) + 90, 7):
        path.write_bytes(whole[:place] + junk + whole[place + len(junk) :])
        with suppress(CodingError), Store(path) as store:
            store.problems()
        saved = salvage(path, tmp_path / f"saved-{place}.sqlite")
        assert (saved.saved, saved.lost) == (22, 0)
        with Store(saved.path) as again:
            assert again.problems() == [] and len(again.codings()) == 20


def test_the_message_of_a_schema_that_is_not_utf_8_names_the_way_out(path):
    data = path.read_bytes()
    place = data.index(b"CREATE TABLE events") + 3
    path.write_bytes(data[:place] + b"\xff\xfe" + data[place + 2 :])
    said = r"\(a text in it is not UTF-8\); the file is damaged, and its first 2 events can be read; .*salvage\('coding"
    with pytest.raises(CodingError, match=said):
        Store(path)


def test_another_program_s_database_with_a_damaged_schema_is_no_store(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.execute("CREATE TABLE things (a)")
        other.commit()
    data = (tmp_path / "other.sqlite").read_bytes().replace(b"CREATE TABLE things", b"CR\xff\xfeTE TABLE things")
    (tmp_path / "other.sqlite").write_bytes(data)
    with pytest.raises(CodingError, match="it is not a coding store, or a damaged one, and no event can be read"):
        Store(tmp_path / "other.sqlite")
    with pytest.raises(CodingError, match="no event can be read"):
        salvage(tmp_path / "other.sqlite", tmp_path / "saved.sqlite")


def test_what_was_taken_back_is_done_again_until_something_else_is_done(store):
    store.add("one", 0, 7, "fear", coder="ana")
    second = store.add("one", 8, 12, "work", coder="ana")
    store.change(second.id, coder="ana", version=1, memo="why")
    states = [stands(store)]
    while store.undo("ana"):
        states.append(stands(store))
    for expected in reversed(states[:-1]):
        assert store.redo("ana")
        assert stands(store) == expected
    assert store.redo("ana") == []
    store.undo("ana")
    store.add("one", 0, 3, "work", coder="ana")
    assert store.redo("ana") == []
    assert store.problems() == []


def test_many_codings_written_as_one_are_taken_back_as_one(store):
    rows = [("one", 0, 2, "fear", "ana"), ("one", 2, 4, "fear", "ana"), ("one", 4, 6, "work", "ana")]
    many = as_codings(pd.DataFrame(rows, columns=["document", "start", "end", "code", "coder"]))
    store.add_codings(many, coder="ana", is_undoable=True)
    store.change(many["id"][0], coder="ben", version=1, code="work")
    assert len(store.undo("ana")) == 2
    assert stands(store) == [(0, 2, "work", "ana", "")]
    assert len(store.redo("ana")) == 2
    assert len(stands(store)) == 3
    assert store.problems() == []


def test_a_code_and_its_first_coding_are_taken_back_one_after_the_other(store):
    store.save_codebook(Codebook((*store.codebook(), Code("debt", "Debt"))), coder="ana", is_undoable=True)
    store.add("one", 0, 2, "debt", coder="ana")
    assert [event.kind for event in store.undo("ana")] == ["coding"]
    assert [event.kind for event in store.undo("ana")] == ["codebook"]
    assert "debt" not in store.codebook()
    assert [event.kind for event in store.redo("ana")] == ["codebook"]
    assert [event.kind for event in store.redo("ana")] == ["coding"]
    assert "debt" in store.codebook()
    assert [code for *_, code, _, _ in stands(store)] == ["debt"]
    assert store.problems() == []


def test_a_code_that_somebody_uses_by_now_is_not_taken_back(store):
    store.save_codebook(Codebook((*store.codebook(), Code("debt", "Debt"))), coder="ana", is_undoable=True)
    store.add("one", 0, 2, "debt", coder="ben")
    with pytest.raises(CodingError, match="'debt' is in use"):
        store.undo("ana")


def test_a_record_is_kept_changed_removed_and_taken_back(store):
    states = []
    for after in ({"text": "one"}, {"text": "二"}, None):
        store.set_record("memo", "m", after, coder="ana")
        states.append(store.records("memo"))
    assert states == [{"m": {"text": "one"}}, {"m": {"text": "二"}}, {}]
    for expected in ({"m": {"text": "二"}}, {"m": {"text": "one"}}, {}):
        store.undo("ana")
        assert store.records("memo") == expected
    store.redo("ana")
    assert store.records("memo") == {"m": {"text": "one"}}
    assert store.problems() == []
