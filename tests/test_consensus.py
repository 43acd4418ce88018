"""Consensus: what differs, what is decided with its reason, and what neither ever changes."""

import random

import pandas as pd
import pytest
from conftest import rounds

from research_lib.coding import code_tree, consensus
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Document
from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.reflexive import STATEMENT, audit_trail, set_reflexive
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import project_of
from research_lib.coding.teamwork.assignments import assign
from research_lib.errors import CodingError
from research_lib.exchange import refi_qda, taguette
from research_lib.show.widgets.workbench.desk import Desk

TEXT = "她们说没有人问。 She paid. 😀 Nobody asked her name. They worked at night and owed money. " * 2
BOOK = Codebook((Code("fear", "Fear", definition="She is afraid."), Code("work", "Work"), Code("debt", "Debt")))
READERS = ("ana", "ben", "eva")


def coded(text, document="one"):
    """Read lines such as `ana 0 10 fear`."""
    rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=["coder", "start", "end", "code"])
    return as_codings(frame.assign(document=document))


def read_by(*coders, document="one"):
    return pd.DataFrame([(document, coder) for coder in coders], columns=["document", "coder"])


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        for name in ("one", "two"):
            store.add_document(Document(name, name, TEXT), coder="ana")
        store.save_codebook(BOOK, coder="ana")
        yield store


def filled(store, text, document="one", readers=READERS):
    store.add_codings(coded(text, document), coder="ana")
    for coder in readers:
        store.finish(document, coder=coder)
    return consensus.differences_of(store)


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        ("ana 0 9 fear\nben 0 9 fear\neva 0 9 fear", []),
        ("ana 0 9 fear", [("missing", 0, 9, "fear", "ana", 0.67)]),
        ("ana 0 9 fear\nben 0 9 fear", [("missing", 0, 9, "fear", "ana ben", 0.67)]),
        ("ana 0 9 fear\nben 0 9 work\neva 0 9 work", [("code", 0, 9, "fear work", "ana ben eva", 0.67)]),
        ("ana 0 8 fear\nben 0 4 fear\neva 0 8 fear", [("boundaries", 0, 8, "fear", "ana ben eva", 0.33)]),
        (
            "ana 0 9 fear\nben 0 9 fear\neva 0 9 fear\nben 0 9 debt",
            [("stacked", 0, 9, "debt", "ben", 0.67)],
        ),
        (
            "ana 0 5 fear\nana 3 9 fear\nben 0 9 fear\neva 0 9 fear",
            [("boundaries", 0, 9, "fear", "ana ben eva", 0.0)],
        ),
        (
            "ana 0 5 fear\nben 5 9 fear",
            [("missing", 0, 5, "fear", "ana", 0.67), ("missing", 5, 9, "fear", "ben", 0.67)],
        ),
    ],
    ids=["agreed", "one", "two", "code", "boundaries", "stacked", "overlaps-himself", "touching"],
)
def test_each_kind_of_difference(codings, expected):
    found = consensus.compare_codings(coded(codings), read_by(*READERS)).differences
    rows = found[["kind", "start", "end", "codes", "coders", "parted"]].itertuples(index=False)
    assert [(k, s, e, " ".join(c), " ".join(w), round(p, 2)) for k, s, e, c, w, p in rows] == expected


def test_the_stacked_code_of_the_second_coder_and_identical_spans_are_all_there():
    codings = coded("ana 0 9 fear\nben 0 9 work\nben 0 9 debt\nben 0 9 fear\nana 0 9 work")
    compared = consensus.compare_codings(codings, read_by("ana", "ben"))
    assert sorted(compared.agreed["code"]) == ["fear", "work"]
    (row,) = compared.differences.itertuples()
    assert (row.kind, row.codes, row.coders) == ("stacked", ("debt",), ("ben",))
    again = consensus.compare_codings(coded("ana 0 9 fear\nana 0 9 fear\nben 2 9 fear"), read_by("ana", "ben"))
    assert len(again.differences["members"][0]) == 3


def test_the_order_of_storage_changes_nothing():
    codings = coded("ana 0 9 fear\nben 2 9 fear\neva 0 9 work\nana 20 30 debt\nben 20 30 debt\neva 25 40 debt")
    first = consensus.compare_codings(codings, read_by(*READERS)).differences
    for seed in range(5):
        mixed = codings.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(consensus.compare_codings(mixed, read_by(*READERS)).differences, first)


def test_only_what_two_have_read_to_the_end_is_compared(store):
    listed = filled(store, "ana 0 9 fear\nben 0 9 work", readers=("ana",))
    assert listed.empty
    store.finish("one", coder="ben")
    assert list(consensus.differences_of(store)["kind"]) == ["code"]


def test_a_difference_is_decided_with_a_reason_and_undone(store):
    (row,) = filled(store, "ana 0 9 fear\nben 0 9 work\neva 0 9 work").itertuples()
    ana = store.codings(coder="ana")["id"][0]
    consensus.decide(store, row.difference, document="one", by="eva", take=[ana], reason="她说怕")
    (made,) = consensus.consensus_codings(store).itertuples()
    assert (made.code, made.coder, made.decided_by, made.taken_from, made.reason) == (
        "fear", "consensus", "eva", "ana", "她说怕",
    )  # fmt: skip
    assert list(consensus.differences_of(store)["outcome"]) == ["segments"]
    store.undo("eva")
    assert consensus.consensus_codings(store).empty
    assert list(consensus.differences_of(store)["outcome"]) == [""]
    assert list(consensus.decision_trail(store)["state"]) == ["changed"]
    store.redo("eva")
    assert list(consensus.decision_trail(store)["state"]) == ["stands"]
    assert store.problems() == []


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, []),
        ({"defer": True}, []),
        ({"segments": [(1, 7, "debt")]}, [(1, 7, "debt")]),
        ({"take": "all"}, [(0, 9, "fear"), (0, 9, "work"), (2, 9, "work")]),
        ({"take": "all", "segments": [(0, 9, "fear")]}, [(0, 9, "fear"), (0, 9, "work"), (2, 9, "work")]),
    ],
    ids=["none", "deferred", "own", "several", "the-same-twice"],
)
def test_every_way_to_decide(store, choice, expected):
    (row,) = filled(store, "ana 0 9 fear\nben 0 9 work\neva 2 9 work").itertuples()
    given = choice | ({"take": row.members} if choice.get("take") else {})
    consensus.decide(store, row.difference, document="one", by="eva", reason="why", **given)
    made = consensus.consensus_codings(store)
    assert list(made[["start", "end", "code"]].itertuples(index=False, name=None)) == expected
    outcome = consensus.differences_of(store)["outcome"][0]
    assert outcome == ("deferred" if choice.get("defer") else "segments" if expected else "none")


@pytest.mark.parametrize(
    ("choice", "wrong"),
    [
        ({"difference": "gone"}, "has no such difference"),
        ({"take": ["other"]}, "is not part of this difference"),
        ({"segments": [(0, 9999, "fear")]}, "is not a stretch"),
        ({"segments": [(0, 9, "joy")]}, "no code 'joy'"),
        ({"by": "zoe"}, "zoe is still coding 'one'"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_is_written(store, choice, wrong):
    (row,) = filled(store, "ana 0 9 fear\nben 0 9 work\neva 0 9 work").itertuples()
    store.add("one", 0, 3, "fear", coder="zoe")
    before = len(store.events())
    given = {"difference": row.difference, "document": "one", "by": "eva", **choice}
    with pytest.raises(CodingError, match=wrong):
        consensus.decide(store, given.pop("difference"), **given)
    assert len(store.events()) == before


def test_who_is_to_code_a_document_sees_and_decides_nothing_there_before(store):
    (row,) = filled(store, "ana 0 9 fear\nben 0 9 work\neva 0 9 work").itertuples()
    assign(store, ["zoe"], coder="ana", seed=1, share=0, together=1, documents=["one"])
    assert consensus.differences_of(store, by="zoe").empty
    with pytest.raises(CodingError, match="zoe is still coding 'one'"):
        consensus.decide(store, row.difference, document="one", by="zoe")
    store.finish("one", coder="zoe")
    assert len(consensus.differences_of(store, by="zoe")) > 0


def test_a_decision_on_what_has_changed_since_counts_no_more(store):
    (row,) = filled(store, "ana 0 9 fear\nben 0 9 work\neva 0 9 work").itertuples()
    consensus.decide(store, row.difference, document="one", by="eva", take=[row.members[0]])
    one = store.coding(row.members[0])
    store.change(one.id, coder=one.coder, version=one.version, end=one.end - 1)
    assert consensus.consensus_codings(store).empty
    assert list(consensus.decision_trail(store)["state"]) == ["outdated"]


def test_a_merged_code_keeps_its_decisions_and_undo_brings_both_back(store):
    listed = filled(store, "ana 0 9 debt\nana 20 30 debt\nben 20 30 debt\neva 20 31 debt")
    for row in listed.itertuples():
        consensus.decide(store, row.difference, document="one", by="eva", take=row.members[:1], reason="kept")
    before = consensus.consensus_codings(store)
    code_tree.merge_codes(store, "debt", into="work", coder="ana")
    after = consensus.consensus_codings(store)
    assert set(after["code"]) == {"work"}
    assert list(after["reason"]) == list(before["reason"])
    store.undo("ana")
    pd.testing.assert_frame_equal(consensus.consensus_codings(store), before)
    assert store.problems() == []


def test_confusions_pair_what_was_decided_with_what_was_given(store):
    listed = filled(store, "ana 0 9 fear\nben 0 9 work\neva 0 9 work\nana 20 30 debt")
    by_kind = listed.set_index("kind")
    work = next(one for one in by_kind.loc["code", "members"] if store.coding(one).code == "work")
    consensus.decide(store, by_kind.loc["code", "difference"], document="one", by="eva", take=[work])
    consensus.decide(store, by_kind.loc["missing", "difference"], document="one", by="eva")
    table = consensus.code_confusions(store)
    assert table[["decided", "given", "count"]].values.tolist() == [
        ["work", "work", 2],
        ["", "debt", 1],
        ["work", "fear", 1],
    ]
    assert table.loc[2, "definition_given"] == "She is afraid."


def test_each_coder_stands_beside_the_consensus(store):
    (row,) = filled(store, "ana 0 9 fear\nben 0 9 fear\neva 0 9 fear\nana 40 60 debt").itertuples()
    assert consensus.beside_consensus(store).empty
    consensus.decide(store, row.difference, document="one", by="eva", take=row.members)
    near = consensus.beside_consensus(store).set_index(["coder", "code"])["value"]
    assert near["ana", "debt"] == 1
    assert near["ben", "debt"] < 0.1
    assert near["ben", "fear"] == 1


def test_the_consensus_leaves_for_other_tools_as_it_is(store, tmp_path):
    for row in filled(store, "ana 0 9 fear\nben 0 9 fear\neva 0 9 fear\nana 40 60 debt").itertuples():
        consensus.decide(store, row.difference, document="one", by="eva", take=row.members, reason="owed")
    project = consensus.consensus_project(store)
    assert (
        project.description == "Segments on which all readers agree: 1; decided: 1 by eva; differences not decided: 0."
    )
    refi_qda.write_project(project, tmp_path / "consensus.qdpx")
    taguette.write_project(project, tmp_path / "consensus.sqlite3")
    for read in (
        refi_qda.read_project(tmp_path / "consensus.qdpx"),
        taguette.read_project(tmp_path / "consensus.sqlite3"),
    ):
        places = read.codings.sort_values("start")[["start", "end"]].itertuples(index=False, name=None)
        assert list(places) == [(0, 9), (40, 60)]


def agreement(store):
    units = units_of(store.corpus(), "sentence")
    return by_code(store.codings(), units, unit="sentence", readers=store.finished())


def random_decision(draw, store, row, by):
    members = draw.sample(row.members, draw.randint(0, len(row.members)))
    start = draw.randint(0, 50)
    own = [(start, start + draw.randint(0, 30), draw.choice(["fear", "work", "debt"]))] * draw.randint(0, 1)
    options = {"take": members, "segments": own, "reason": draw.choice(["", "因为", "שלום", "é"])}
    consensus.decide(store, row.difference, document=row.document, by=by, defer=draw.random() < 0.1, **options)


def random_project(draw, store):
    rows = []
    for _ in range(draw.randint(1, 25)):
        start = draw.randint(0, len(TEXT))
        end = min(start + draw.choice([0, 3, 10, 40]), len(TEXT))
        rows.append(f"{draw.choice(READERS)} {start} {end} {draw.choice(['fear', 'work', 'debt'])}")
    return filled(store, "\n".join(rows))


@pytest.mark.parametrize("seed", range(rounds(8, nightly=1000)))
def test_random_projects_are_rebuilt_agree_as_before_and_are_taken_back_wholly(seed, store):
    draw = random.Random(seed)
    begun = random_project(draw, store)
    codings, agreed, start = store.codings(), agreement(store), consensus.consensus_codings(store)
    for row in begun.itertuples():
        random_decision(draw, store, row, draw.choice(READERS))
    decided = consensus.consensus_codings(store)
    assert store.problems() == []
    store.rebuild()
    pd.testing.assert_frame_equal(consensus.consensus_codings(store), decided)
    pd.testing.assert_frame_equal(agreement(store), agreed)
    pd.testing.assert_frame_equal(store.codings(), codings)
    for coder in READERS:
        while store.undo(coder):
            pass
    pd.testing.assert_frame_equal(consensus.differences_of(store), begun)
    pd.testing.assert_frame_equal(consensus.consensus_codings(store), start)
    assert store.problems() == []


def test_a_reflexive_project_has_memos_and_a_trail_and_no_coefficient(store, tmp_path):
    for row in filled(store, "ana 0 9 fear\nben 0 9 work").itertuples():
        consensus.decide(store, row.difference, document="one", by="eva", take=row.members, reason="两者")
    set_reflexive(store, coder="ana")
    with pytest.raises(CodingError, match="reflexive and has no agreement"):
        consensus.beside_consensus(store)
    with pytest.raises(CodingError, match="reflexive and has no agreement"):
        Desk(store, "ana").agreement()
    assert STATEMENT in project_of(store).description
    refi_qda.write_project(consensus.consensus_project(store), tmp_path / "consensus.qdpx")
    assert STATEMENT in refi_qda.read_project(tmp_path / "consensus.qdpx").description
    trail = audit_trail(store)
    assert list(trail["what"].tail(2)) == ["decision", "setting"]
    assert "两者" in trail["after"].iloc[-2]
    set_reflexive(store, False, coder="ana")
    assert not consensus.beside_consensus(store).empty
