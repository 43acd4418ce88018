"""Pseudonyms in coded texts: words are replaced whole, codings move along, and everything else is as it was."""

import stat
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.coding import Store, project_of
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.consensus import consensus_codings, decide, decision_trail, differences_of
from research_lib.coding.corpus import Document
from research_lib.coding.project import Case, Coder, Project
from research_lib.coding.pseudonyms import Pseudonyms, Replacement, replace_names
from research_lib.coding.storage.transfer import add_project
from research_lib.errors import CodingError
from research_lib.files import spreadsheet

BOOK = Codebook((Code("fear", "Fear", example="Ana said so."), Code("work", "Work")))
NAMES = {"Ana": "P1", "Ana Nováková": "Participant 2", "王芳": "甲", "José": "P3", "سارة": "ف"}
TEXT = "Ana met Anabel. Ana Nováková wept; 王芳说王芳害怕。 Jose\u0301 und José, سارة."
NEW = "P1 met Anabel. Participant 2 wept; 甲说甲害怕。 P3 und P3, ف."


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        store.save_codebook(BOOK, coder="eva")
        document = Document(
            "one", "Talk with Ana", TEXT, attributes={"case": "Ana", "site": "Paris"}, memo="Ana, again"
        )
        store.add_document(document, coder="eva")
        yield store


def coded(store):
    frame = store.codings()
    texts = {each.id: each.text for each in store.corpus()}
    return [texts[row.document][row.start : row.end] for row in frame.sort_values("id").itertuples()]


def at(words):
    start = TEXT.index(words)
    return start, start + len(words)


def test_whole_words_are_replaced_the_longest_name_first_in_chinese_without_spaces(store, tmp_path):
    made = replace_names(store, NAMES, tmp_path / "new.sqlite", key=tmp_path / "key.csv")
    with Store(made.path) as new:
        document = new.document("one")
        assert document.text == NEW
        assert (document.name, document.memo) == ("Talk with P1", "P1, again")
        assert document.attributes == {"case": "P1", "site": "Paris"}
        assert new.codebook()["fear"].example == "P1 said so."
        assert new.problems() == []
    rows = [
        ("Ana", "P1", 1),
        ("Ana Nováková", "Participant 2", 1),
        ("王芳", "甲", 2),
        ("José", "P3", 2),
        ("سارة", "ف", 1),
    ]
    assert list(made.counts[["name", "pseudonym", "count"]].itertuples(index=False, name=None)) == rows
    assert store.document("one").text == TEXT


def test_codings_keep_their_words_and_one_that_cuts_a_name_grows_to_hold_the_pseudonym(store, tmp_path):
    for words in ("met Anabel", "Ana Nov", "ková wept", "芳说王", "José", "Ana"):
        store.add("one", *at(words), "fear", coder="ana", memo=f"about Ana: {words}")
    store.add("one", 1, 1, "fear", coder="ana")
    before = store.codings()
    made = replace_names(store, NAMES, tmp_path / "new.sqlite", key=tmp_path / "key.csv")
    with Store(made.path) as new:
        after = new.codings()
        assert sorted(coded(new)) == sorted(
            ["met Anabel", "Participant 2", "Participant 2 wept", "甲说甲", "P3", "P1", "P1"]
        )
        assert after["memo"].str.contains("Ana").sum() == 1  # of met Anabel
    columns = ["code", "coder", "time", "version"]
    merged = before.merge(after, on="id", suffixes=("", "_new"))
    assert len(merged) == 7
    for column in columns:
        assert (merged[column] == merged[f"{column}_new"]).all()


def test_history_undo_records_and_the_chain_of_events_are_kept(store, tmp_path):
    first = store.add("one", *at("wept"), "fear", coder="ana")
    store.change(first.id, coder="ana", version=1, start=at("Ana Nov")[0], memo="Ana weeps")
    many = pd.DataFrame(
        [("one", *at("王芳害怕"), "work", "ben")], columns=["document", "start", "end", "code", "coder"]
    )
    store.add_codings(as_codings(many), coder="eva", is_undoable=True)
    decided = {"document": "one", "start": 0, "end": 3, "reason": "Ana says", "chosen": [{"start": 16, "end": 28}]}
    store.set_record("decision", "one-0", decided, coder="eva")
    store.undo("ana")
    store.finish("one", coder="ana")
    made = replace_names(store, NAMES, tmp_path / "new.sqlite", key=tmp_path / "key.csv")
    with Store(made.path) as new:
        assert new.problems() == []
        old_events, new_events = store.events(), new.events()
        for name in ("seq", "time", "coder", "kind", "entity", "undoes", "is_bulk"):
            assert [getattr(each, name) for each in new_events] == [getattr(each, name) for each in old_events]
        assert new.records("decision")["one-0"] == {
            "document": "one", "start": 0, "end": 2, "reason": "P1 says", "chosen": [{"start": 15, "end": 28}],
        }  # fmt: skip
        assert coded(new) == ["wept" if each == "wept" else "甲害怕" for each in coded(store)]
        new.redo("ana")
        assert "Participant 2 wept" in coded(new)
        assert [len(new.undo("eva")) for _ in range(2)] == [1, 1]
        assert "甲害怕" not in coded(new)
        became = [each.body["after"] for each in new.events("kind = 'coding' AND entity = ?", (first.id,))]
        assert [each["memo"] for each in became if each] == ["", "P1 weeps", "", "P1 weeps"]
        assert new.problems() == []


def test_a_consensus_goes_on_to_be_about_its_differences(store, tmp_path):
    for coder, start, code in (("ana", 0, "fear"), ("ben", 4, "fear"), ("ben", at("wept")[0], "work")):
        store.add("one", start, at("wept")[1], code, coder=coder)
        store.finish("one", coder=coder)
    open_ = differences_of(store)
    own = [(at("Ana Nov")[0], at("wept")[1], "fear")]
    for difference in open_["difference"]:
        decide(store, difference, document="one", by="eva", segments=own, reason="Ana weeps")
    made = replace_names(store, NAMES, tmp_path / "new.sqlite", key=tmp_path / "key.csv")
    with Store(made.path) as new:
        assert new.problems() == []
        decided = differences_of(new)
        assert list(decided["outcome"]) == ["segments"] * len(open_)
        assert list(decided["reason"]) == ["P1 weeps"] * len(open_)
        assert set(decision_trail(new)["state"]) == {"stands"}
        rows = consensus_codings(new)
        assert {NEW[row.start : row.end] for row in rows.itertuples()} == {"Participant 2 wept"}
        new.undo("eva")
        assert list(differences_of(new)["outcome"]).count("") == 1


def test_times_of_a_transcript_move_along(tmp_path):
    with Store(tmp_path / "a.sqlite") as store:
        store.add_document(Document("t", "T", "Ana: yes\nBen: no", times=((0, 1.5), (9, 4.0))), coder="eva")
        made = replace_names(store, {"Ana": "Person one"}, tmp_path / "b.sqlite", key=tmp_path / "key.csv")
    with Store(made.path) as new:
        document = new.document("t")
    assert [document.text[start : start + 6] for start, _ in document.times] == ["Person", "Ben: n"]
    assert [second for _, second in document.times] == [1.5, 4.0]


def test_the_key_is_apart_and_private_and_the_store_does_not_hold_the_names(store, tmp_path):
    store.add("one", *at("Ana Nov"), "fear", coder="eva", memo="王芳?")
    folder = tmp_path / "away"
    folder.mkdir()
    made = replace_names(store, NAMES, tmp_path / "new.sqlite", key=folder / "key.csv")
    assert stat.S_IMODE(made.key.stat().st_mode) == stat.S_IMODE(made.path.stat().st_mode) == 0o600
    header, *rows = spreadsheet.read_text(made.key.read_text("utf-8"))
    assert header == ["name", "pseudonym", "document", "count"]
    assert rows[1] == ["Ana Nováková", "Participant 2", "one", "1"]
    data = made.path.read_bytes()
    assert [name for name in NAMES if f"{name} ".encode() in data or f'"{name}"'.encode() in data] == []
    assert "王芳".encode() not in data
    assert "Nováková".encode() not in data


def test_the_old_store_and_each_file_that_may_hold_a_name_are_listed(store, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/talk.txt").write_text(TEXT, "utf-8")
    (tmp_path / "texts/windows.txt").write_text("王芳", "utf-16-be")
    (tmp_path / "texts/talk.docx").write_bytes(b"PK\x03\x04 packed")
    (tmp_path / "texts/clean.txt").write_text("nobody", "utf-8")
    store.copy(tmp_path / "backup.sqlite")
    made = replace_names(store, NAMES, tmp_path / "new.sqlite", key=tmp_path / "key.csv")
    listed = {name.removeprefix(f"{tmp_path}/"): reason for name, reason in made.copies.itertuples(index=False)}
    assert listed.pop("coding.sqlite") == "the old store"
    listed.pop("coding.sqlite-wal", None)
    listed.pop("coding.sqlite-shm", None)
    assert listed == {
        "backup.sqlite": "a name stands in it",
        "texts/talk.txt": "a name stands in it",
        "texts/windows.txt": "a name stands in it",
        "texts/talk.docx": "it is packed or a database, and may hold a name",
    }


def test_what_still_looks_like_a_name_is_listed_and_ids_and_coders_stay(tmp_path):
    with Store(tmp_path / "a.sqlite") as store:
        project = Project("Project", codebook=BOOK, coders=(Coder("Eva", "Eva N."),), cases=(Case("c1", "Ana"),))
        add_project(project, store, coder="Eva")
        store.add_document(Document("talk_Ana", "talk_Ana", "ANA\nAnabel, Liana, Ana, Eva"), coder="Eva")
        store.add("talk_Ana", 0, 3, "fear", coder="Eva")
        made = replace_names(store, {"Ana": "Maria", "Eva": "Anabel"}, tmp_path / "b.sqlite", key=tmp_path / "key.csv")
    found = list(made.remaining.itertuples(index=False, name=None))
    assert found[:3] == [
        ("document", "talk_Ana", "Ana", 2),
        ("document", "talk_Ana", "ANA", 1),
        ("coding", found[2][1], "Ana", 1),
    ]
    assert len(found) == 3
    with Store(made.path) as new:
        assert (new.document("talk_Ana").name, new.document("talk_Ana").text) == (
            "talk_Maria",
            "ANA\nAnabel, Liana, Maria, Anabel",
        )
        project = project_of(new)
        assert ([each.name for each in project.coders], [each.name for each in project.cases]) == (
            ["Eva N."],
            ["Maria"],
        )
        assert {each.coder for each in new.events()} == {"Eva"}


@pytest.mark.parametrize(
    ("names", "path", "key", "reason"),
    [
        ({}, "new.sqlite", "key.csv", "give a pseudonym for each name"),
        ({"Ana": " "}, "new.sqlite", "key.csv", "leave neither empty"),
        ({"José": "A", "Jose\u0301": "B"}, "new.sqlite", "key.csv", "stands there twice"),
        ({"Ana": "P1"}, "coding.sqlite", "key.csv", "exists already"),
        ({"Ana": "P1"}, "new.sqlite", "new.sqlite", "the key must not stand in the store"),
        ({"Ana": "P1"}, "new.sqlite", "nowhere/key.csv", "no such folder"),
    ],
)
def test_what_cannot_be_done_leaves_no_file(store, tmp_path, names, path, key, reason):
    before = {each.name for each in tmp_path.iterdir()}
    with pytest.raises(CodingError, match=reason):
        replace_names(store, names, tmp_path / path, key=tmp_path / key)
    assert {each.name for each in tmp_path.iterdir()} == before


TOKENS = ["ab", "a", "b", "王芳", "王", "芳", " ", ".", "é", "e\u0301", "_"]
letters = st.lists(st.sampled_from(TOKENS), max_size=9).map("".join)
mapping = st.dictionaries(
    st.sampled_from(["ab", "a", "b", "ba", "王芳", "王", "芳王", "ab b", "é"]), st.sampled_from(["X", "XYZ", "乙甲乙甲"]), min_size=1, max_size=4
)  # fmt: skip


def spelled_out(text, names):
    """What each character or name becomes, and where it stood, found by looking at one place after the other."""
    letter = "abeé\u0301"
    names = names | {unicodedata.normalize("NFD", name): new for name, new in names.items()}
    became, at = [], 0
    while at < len(text):
        for name in sorted(names, key=len, reverse=True):
            end = at + len(name)
            starts_inside = name[0] in letter and at and text[at - 1] in letter
            ends_inside = name[-1] in letter and end < len(text) and text[end] in letter
            if text.startswith(name, at) and not starts_inside and not ends_inside:
                became.append((names[name], at, end))
                at = end
                break
        else:
            became.append((text[at], at, at + 1))
            at += 1
    return became


def held(became, start, end):
    """What a segment holds at the end: each name that it cuts, as a whole."""
    is_empty = start == end
    return "".join(new for new, at, to in became if at < end and to > start and (not is_empty or at < start < to))


@given(text=letters, names=mapping)
def test_every_segment_of_a_text_holds_its_words_with_the_names_replaced(text, names):
    became, known = spelled_out(text, names), Pseudonyms(names)
    made, whole = Replacement(text, known), known.replaced(text)
    assert whole == "".join(cell[0] for cell in became)
    for start in range(len(text) + 1):
        for end in range(start, len(text) + 1):
            new_start, new_end = made.segment(start, end)
            assert whole[new_start:new_end] == held(became, start, end)


@given(text=letters, names=mapping, places=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5))
def test_each_coding_of_a_store_holds_its_words_with_the_names_replaced(tmp_path_factory, text, names, places):
    folder = tmp_path_factory.mktemp("p")
    became, wanted = spelled_out(text, names), {}
    with Store(folder / "a.sqlite") as store:
        store.save_codebook(BOOK, coder="eva")
        store.add_document(Document("one", "One", text), coder="eva")
        for one, other in places:
            start, end = sorted(min(each, len(text)) for each in (one, other))
            wanted[store.add("one", start, end, "fear", coder="eva").id] = held(became, start, end)
        made = replace_names(store, names, folder / "b.sqlite", key=folder / "key.csv")
    with Store(made.path) as new:
        whole = new.document("one").text
        assert whole == "".join(cell[0] for cell in became)
        assert {row.id: whole[row.start : row.end] for row in new.codings().itertuples()} == wanted
        assert new.problems() == []
