"""The code tree changed while coding: each change a version of the codebook and one action that undo takes back."""

import pytest

from research_lib.coding import code_tree
from research_lib.coding.codebook import Code, Codebook, changes
from research_lib.coding.corpus import Document
from research_lib.coding.memo_records import memos, write_memo
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError

BOOK = Codebook(
    (
        Code("risk", "Risk", is_codable=False),
        Code("debt", "Debt", "risk"),
        Code("fear", "Fear", "risk"),
        Code("work", "Work"),
    )
)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        store.add_document(Document("one", "one", "她们说没有人问过名字。 She owes money."), coder="ana")
        store.save_codebook(BOOK, coder="ana")
        yield store


def tree(store):
    book = store.codebook()
    return [f"{'  ' * (len(book.path(code.id)) - 1)}{code.name}" for code in book.in_tree_order()]


def given(store):
    return sorted((row.start, row.code, row.coder) for row in store.codings().itertuples())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Shame", "shame"), ("  Dépt  of\tkin ", "dept-of-kin"), ("面子", "code"), ("Debt", "debt-2"), ("عار", "code")],
)
def test_a_new_code_gets_an_id_from_its_name(store, name, expected):
    made = code_tree.add_code(store, name, coder="ana", definition=" what it means ")
    assert (made.id, made.name, made.definition) == (expected, " ".join(name.split()), "what it means")
    assert store.codebook()[expected] == made


@pytest.mark.parametrize(
    ("act", "wrong"),
    [
        (lambda store: code_tree.add_code(store, " ", coder="ana"), "needs a name"),
        (lambda store: code_tree.add_code(store, "DEBT", coder="ana", parent_id="risk"), "a code 'DEBT' here already"),
        (lambda store: code_tree.add_code(store, "Shame", coder="ana", parent_id="gone"), "no code 'gone'"),
        (lambda store: code_tree.change_code(store, "debt", coder="ana", name="fear"), "a code 'fear' here already"),
        (lambda store: code_tree.change_code(store, "debt", coder="ana", parent_id="work"), "'parent_id' cannot be"),
        (lambda store: code_tree.move_code(store, "risk", coder="ana", parent_id="debt"), "under itself"),
        (lambda store: code_tree.merge_codes(store, "risk", into="debt", coder="ana"), "lies under 'risk'"),
        (
            lambda store: code_tree.merge_codes(store, "work", into="risk", coder="ana"),
            "is retired, or groups other codes",
        ),
        (
            lambda store: code_tree.split_code(store, "debt", "Debt to kin", coder="ana", codings=["x"]),
            "'x' does not have the code 'debt'",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(store, act, wrong):
    store.add("one", 0, 3, "work", coder="ana")
    before = len(store.events())
    with pytest.raises(CodingError, match=wrong):
        act(store)
    assert len(store.events()) == before
    assert store.problems() == []


def test_a_code_is_moved_and_moved_back(store):
    code_tree.move_code(store, "work", coder="ana", parent_id="risk", before="fear")
    assert tree(store) == ["Risk", "  Debt", "  Work", "  Fear"]
    store.undo("ana")
    assert tree(store) == ["Risk", "  Debt", "  Fear", "Work"]
    store.redo("ana")
    assert tree(store) == ["Risk", "  Debt", "  Work", "  Fear"]


def test_a_code_is_moved_with_all_below_it(store):
    code_tree.move_code(store, "risk", coder="ana", parent_id="work")
    assert tree(store) == ["Work", "  Risk", "    Debt", "    Fear"]


def test_a_retired_code_keeps_its_segments_and_is_given_no_more(store):
    store.add("one", 0, 3, "debt", coder="ana")
    code_tree.change_code(store, "debt", coder="ana", is_codable=False)
    assert given(store) == [(0, "debt", "ana")]
    with pytest.raises(CodingError, match="'debt' is retired, or groups other codes"):
        store.add("one", 4, 6, "debt", coder="ben")


def test_merged_codes_keep_every_segment_and_one_undo_parts_them(store):
    store.add("one", 0, 3, "debt", coder="ana")
    store.add("one", 0, 3, "work", coder="ana")
    store.add("one", 5, 8, "debt", coder="ben")
    before = given(store)
    assert code_tree.merge_codes(store, "debt", into="work", coder="eva") == 2
    assert given(store) == [(0, "work", "ana"), (0, "work", "ana"), (5, "work", "ben")]
    assert tree(store) == ["Risk", "  Fear", "Work"]
    store.undo("eva")
    assert given(store) == before
    assert tree(store) == ["Risk", "  Debt", "  Fear", "Work"]
    assert store.problems() == []


def test_a_split_code_gives_the_chosen_segments_to_the_new_one(store):
    first = store.add("one", 0, 3, "debt", coder="ana")
    store.add("one", 5, 8, "debt", coder="ben")
    new = code_tree.split_code(store, "debt", "Debt to kin", coder="eva", codings=[first.id], definition="Owed to kin.")
    assert new.parent_id == "risk"
    assert given(store) == [(0, "debt-to-kin", "ana"), (5, "debt", "ben")]
    store.undo("eva")
    assert given(store) == [(0, "debt", "ana"), (5, "debt", "ben")]
    assert "debt-to-kin" not in store.codebook()


def test_versions_of_the_codebook_are_compared(store):
    code_tree.change_code(store, "debt", coder="ana", name="Debts", definition="Money owed.")
    code_tree.add_code(store, "Shame", coder="ben")
    table = changes(store.codebook(1), store.codebook())
    assert sorted(zip(table["code"], table["change"], strict=True)) == [
        ("debt", "redefined"), ("debt", "renamed"), ("shame", "added"),
    ]  # fmt: skip
    assert list(store.versions()["coder"]) == ["ana", "ana", "ben"]


def test_all_memos_stand_in_one_list_and_others_stay_hidden(store):
    code_tree.change_code(store, "debt", coder="ana", memo="too wide?")
    store.add("one", 0, 3, "debt", coder="ana", memo="她们")
    store.add("one", 4, 6, "debt", coder="ben", memo="not sure")
    write_memo(store, "We know one of the speakers.", coder="ana")
    write_memo(store, "Interrupted twice.", coder="ben", document="one")
    rows = memos(store)[["about", "by", "memo"]].values.tolist()
    assert sorted(rows, key=str) == [
        ["code", None, "too wide?"],
        ["document", "ben", "Interrupted twice."],
        ["passage", "ana", "她们"],
        ["passage", "ben", "not sure"],
        ["project", "ana", "We know one of the speakers."],
    ]
    assert "ben" not in set(memos(store, coder="ana")["by"])
    write_memo(store, " ", coder="ana")
    assert "project" not in set(memos(store)["about"])
    store.undo("ana")
    assert "project" in set(memos(store)["about"])
    assert store.problems() == []


def test_a_code_has_its_own_colour_or_that_of_the_nearest_code_above_it():
    tree = [Code("a", "A", color="#0A0"), Code("b", "B", "a"), Code("c", "C", "b", color="#12345F"), Code("d", "D")]
    book = Codebook((*tree, Code("e", "E", "c", color="no colour")))
    assert [book.color(code.id) for code in book] == ["#00aa00", "#00aa00", "#12345f", "", "#12345f"]
