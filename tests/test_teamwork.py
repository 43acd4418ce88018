"""Work divided among coders: who codes what, how far each has come, and how far somebody agrees with themselves."""

from io import StringIO
from textwrap import dedent

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.coding import Store
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Document, spans
from research_lib.coding.pseudonyms import replace_names
from research_lib.coding.teamwork.assignments import assign, assignments, divide
from research_lib.coding.teamwork.progress import intra_coder, person_of, progress, second_id
from research_lib.errors import CodingError, UnfitDataError

BOOK = Codebook((Code("fear", "Fear"), Code("work", "Work")))
TEXT = "她说她很害怕。她在工作。\nShe was afraid. She worked. Nobody came."


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        store.save_codebook(BOOK, coder="eva")
        for number in range(10):
            store.add_document(Document(f"d{number}", f"Talk {number}", TEXT * (1 + number)), coder="eva")
        yield store


def shown(frame):
    return "\n".join(" ".join(map(str, row)) for row in frame.itertuples(index=False))


@given(
    lengths=st.lists(st.integers(1, 5000), min_size=1, max_size=40),
    coders=st.integers(2, 5),
    share=st.sampled_from([0, 0.1, 0.2, 0.5, 1]),
    together=st.integers(1, 2),
    seed=st.integers(0, 9),
)
def test_every_document_has_a_coder_the_drawn_share_has_several_and_all_have_as_much(
    lengths, coders, share, together, seed
):
    documents = pd.DataFrame({"document": [f"d{n}" for n in range(len(lengths))], "characters": lengths})
    people = [f"c{n}" for n in range(coders)]
    made = divide(documents, people, seed=seed, share=share, together=together)
    assert made.equals(divide(documents, people, seed=seed, share=share, together=together))
    shared = made[made["is_shared"]]
    assert shared["document"].nunique() == -(-round(share * 10) * len(lengths) // 10)
    sizes = made.groupby("document").agg(coders=("coder", "nunique"), is_shared=("is_shared", "first"))
    assert set(sizes.index) == set(documents["document"])
    assert (sizes["coders"] == sizes["is_shared"].map({True: together, False: 1})).all()
    loads = made.merge(documents).groupby("coder")["characters"].sum().reindex(people, fill_value=0)
    assert loads.max() - loads.min() <= max(lengths)


def test_the_share_that_several_code_is_drawn_by_the_seed():
    documents = pd.DataFrame({"document": list("abcdefghij"), "characters": 100})
    drawn = {
        seed: "".join(
            sorted({*divide(documents, ["x", "y", "z"], seed=seed, share=0.3).query("is_shared")["document"]})
        )
        for seed in range(30)
    }
    assert {len(each) for each in drawn.values()} == {3}
    assert len(set(drawn.values())) > 15
    assert set("".join(drawn.values())) == set("abcdefghij")


@pytest.mark.parametrize(
    ("coders", "options"),
    [(["ana"], {}), (["ana", "ana"], {}), (["ana", "ben"], {"share": 1.5}), ([], {"together": 0})],
)
def test_work_that_cannot_be_divided_is_refused(coders, options):
    documents = pd.DataFrame({"document": ["a"], "characters": [1]})
    with pytest.raises(CodingError, match="work cannot be divided like this"):
        divide(documents, coders, seed=1, **options)


def test_assignments_are_kept_taken_back_and_leave_what_is_assigned_already(store):
    made = assign(store, ["ana", "ben", "eva"], coder="eva", seed=3, share=0.2)
    assert shown(assignments(store).sort_values(["document", "coder"])) == shown(made)
    assert made[made["is_shared"]]["document"].nunique() == 2
    store.add_document(Document("late", "Late", TEXT * 30), coder="eva")
    later = assign(store, ["ana", "ben"], coder="eva", seed=4, share=0)
    assert set(later["document"]) == {"late"}
    assert assign(store, ["ana", "ben"], coder="eva", seed=5).empty
    again = assign(store, ["ben"], coder="eva", seed=0, share=0, documents=["late"], together=1)
    assert shown(again) == "late ben False 0"
    held = assignments(store)
    assert list(held[held["document"] == "late"]["coder"]) == ["ben"]
    for _ in range(2):
        store.undo("eva")
    assert shown(assignments(store).sort_values(["document", "coder"])) == shown(made)
    assert len(store.undo("eva")) == 10
    assert assignments(store).empty
    store.redo("eva")
    assert shown(assignments(store).sort_values(["document", "coder"])) == shown(made)
    with pytest.raises(CodingError, match="no document 'x' to assign"):
        assign(store, ["ana", "ben"], coder="eva", seed=1, documents=["x"])
    assert store.problems() == []


def test_progress_says_what_each_has_read_and_coded_and_what_is_double_coded(store):
    for name, people in (("d0", ["ana", "ben"]), ("d1", ["ana"]), ("d2", ["ben"])):
        after = {"document": name, "coders": people, "is_shared": len(people) > 1, "seed": 1}
        store.set_record("assignment", name, after, coder="eva")
    for coder, name in (("ana", "d0"), ("ben", "d0"), ("ana", "d1"), ("ana (2)", "d1")):
        store.finish(name, coder=coder)
    store.add("d0", 0, 3, "fear", coder="ana")
    store.add("d0", 0, 3, "work", coder="ana")
    store.add("d3", 0, 3, "work", coder="zoe")
    removed = store.add("d2", 0, 3, "work", coder="ben")
    store.remove(removed.id, coder="ben", version=1)
    expected = """
        document coder characters is_assigned is_shared is_read segments readers is_double_coded
        d0 ana 53 True True True 2 2 True
        d0 ben 53 True True True 0 2 True
        d1 ana 106 True False True 0 1 False
        d1 ana_(2) 106 False False True 0 1 False
        d2 ben 159 True False False 0 0 False
        d3 zoe 212 False False False 1 0 False
    """
    table = pd.read_csv(StringIO(dedent(expected).strip()), sep=" ")
    table["coder"] = table["coder"].str.replace("_", " ")
    pd.testing.assert_frame_equal(progress(store), table, check_dtype=False)


def test_progress_of_an_empty_project_has_its_columns(tmp_path):
    with Store(tmp_path / "empty.sqlite") as store:
        assert list(progress(store)) == [
            *("document", "coder", "characters", "is_assigned", "is_shared", "is_read"),
            *("segments", "readers", "is_double_coded"),
        ]
        assert assignments(store).empty


def test_a_second_coding_has_a_coder_of_its_own_who_is_the_same_person():
    assert (second_id("ana"), second_id("ana (2)", 3), second_id("李 芳")) == ("ana (2)", "ana (3)", "李 芳 (2)")
    assert [person_of(each) for each in ("ana", "ana (2)", "ana(2)", "ana (b)")] == ["ana", "ana", "ana(2)", "ana (b)"]


def coded_twice(store, first, second):
    """The sentences of d0 that ana codes with fear the first time, and two weeks later."""
    sentences = spans(store.document("d0").text, "sentence")
    for coder, chosen, day in (("ana", first, "2026-01-01"), ("ana (2)", second, "2026-01-15")):
        rows = [("d0", *sentences[number], "fear", coder, day) for number in chosen]
        names = ["document", "start", "end", "code", "coder", "time"]
        store.add_codings(as_codings(pd.DataFrame(rows, columns=names)), coder="eva")
        store.finish("d0", coder=coder)


def test_agreement_with_oneself_is_that_of_two_coders_on_what_was_read_twice(store):
    coded_twice(store, first=[0, 2], second=[0, 3])
    store.add("d0", 0, 5, "work", coder="ben")
    store.add("d1", 0, 5, "fear", coder="ana")
    store.finish("d0", coder="ben")
    store.finish("d1", coder="ana")
    (row,) = intra_coder(store, "ana").to_dict("records")
    # 5 units, 2 coders, 10 values, 4 of them "given"; 2 units differ: α = 1 - (10 - 1) * 2 * 2 / (2 * 4 * 6)
    assert (row["code"], row["units"], row["coders"], row["given"]) == ("fear", 5, 2, 3)
    assert row["value"] == pytest.approx(1 - 9 * 4 / 48)
    assert row["days"] == pytest.approx(14)
    assert intra_coder(store, "ana (2)").equals(intra_coder(store, "ana"))


def test_agreement_with_oneself_is_refused_where_nothing_was_read_twice(store):
    with pytest.raises(UnfitDataError, match=r"ana and ana \(2\) have read no document to its end both; code a few"):
        intra_coder(store, "ana")
    for coder in ("ana", "ana (2)"):
        store.finish("d0", coder=coder)
    with pytest.raises(UnfitDataError, match="have coded nothing in what both read"):
        intra_coder(store, "ana")


def test_a_team_s_work_is_there_after_names_are_replaced(store, tmp_path):
    made = assign(store, ["ana", "ben"], coder="eva", seed=1)
    coded_twice(store, first=[0, 3], second=[0, 3])
    new = replace_names(store, {"Nobody": "P1"}, tmp_path / "new.sqlite", key=tmp_path / "key.csv")
    with Store(new.path) as renamed:
        assert renamed.problems() == []
        assert shown(assignments(renamed).sort_values(["document", "coder"])) == shown(made)
        assert intra_coder(renamed, "ana")["value"].tolist() == [1.0]
