"""Suggestions: what they learn from, whom they are shown, what is kept of the answers, how good they are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from suggestion_quality import suggestion_quality

from research_lib.coding.assisted import sentence_embeddings, suggestion_list
from research_lib.coding.assisted.coded_units import CodedUnits, coded_units, coded_units_of, drawn
from research_lib.coding.assisted.sentence_embeddings import embeddings
from research_lib.coding.assisted.suggest import learn, ngrams, words
from research_lib.coding.assisted.suggestion_list import suggestions
from research_lib.coding.assisted.suggestion_log import (
    accept,
    answered_suggestions,
    held_out,
    held_out_documents,
    reject,
    set_held_out,
    suggestion_shift,
)
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Document
from research_lib.coding.reliability import by_code, ratings, units_of
from research_lib.coding.storage.reflexive import set_reflexive
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError, ResearchError, UnfitDataError

BOOK = Codebook((Code("fear", "Fear", definition="Being afraid"), Code("work", "Work"), Code("rare", "Rare")))
AFRAID = ["I was afraid of the police.", "She feared the boss.", "We were frightened at night.", "Fear was everywhere."]
AT_WORK = ["I worked in a shop.", "She cooked in a restaurant.", "We sewed clothes.", "He worked at night."]
OTHER = ["The train was late.", "It rained.", "My sister has a dog.", "We ate rice."]
CHINESE = ["我很害怕警察。", "她害怕老板。", "我们晚上害怕。", "我在商店工作。", "火车晚点了。", "下雨了。"]


def filled(path, count=6):
    """Interviews of which `ana` has read all but the last two, with codes on her sentences."""
    store = Store(path)
    store.save_codebook(BOOK, coder="ana")
    for number in range(count):
        lines = [
            AFRAID[number % 4],
            AT_WORK[number % 4],
            OTHER[number % 4],
            AFRAID[(number + 1) % 4],
            OTHER[(number + 1) % 4],
        ]
        lines = [line.replace(".", f" {number}.") for line in lines * 2]
        store.add_document(Document(f"d{number}", f"Interview {number}", " ".join(lines), "en"), coder="ana")
        if number < count - 2:
            at = 0
            for place, line in enumerate(lines):
                if code := {0: "fear", 3: "fear", 1: "work"}.get(place % 5):
                    store.add(f"d{number}", at, at + len(line), code, coder="ana")
                at += len(line) + 1
            store.finish(f"d{number}", coder="ana")
    set_held_out(store, share=0.0, seed=1, coder="ana")
    return store


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("suggestions") / "coding.sqlite"
    filled(path).close()
    return path


@pytest.fixture
def store(kept, tmp_path):
    with Store(kept) as whole:
        whole.copy(tmp_path / "coding.sqlite")
    with Store(tmp_path / "coding.sqlite") as store:
        yield store


def listed(store, coder="ben", **options):
    return suggestions(store, coder=coder, is_blind=False, has_meanings=False, **options)


def test_the_best_suggestions_carry_the_code_and_say_why(store):
    found = listed(store)
    fear = found[found["code"] == "fear"]
    assert len(fear) and fear["score"].is_monotonic_decreasing
    assert fear["text"].iloc[:4].str.contains("(?i)fear|afraid|fright").all()
    row = fear.iloc[0]
    assert any(word.lower().startswith(("fear", "afraid", "fright", "was", "were")) for word in row["words"])
    assert (
        store.document(row["nearest_document"]).text[row["nearest_start"] : row["nearest_end"]] == row["nearest_text"]
    )
    assert store.document(row["document"]).text[row["start"] : row["end"]] == row["text"]
    assert "rare" not in set(found["code"])


def test_a_blind_coder_sees_none_and_nobody_sees_any_where_they_finished(store):
    assert suggestions(store, coder="ben", is_blind=True).empty
    assert set(listed(store, "ana")["document"]) <= {"d4", "d5"}
    found, given = listed(store, "ben"), store.codings()
    keys = ["document", "start", "end", "code"]
    assert len(found) and found.merge(given[keys], on=keys).empty


def test_a_translation_is_read_and_suggested_in_though_its_original_is_not(store):
    original = store.document("d5")
    store.add_document(Document("d5-fr", "Entretien 5", original.text, "fr", "d5"), coder="ana")
    store.finish("d5", coder="ben")  # the original is finished, and has no suggestion; its translation has some
    assert "d5-fr" in set(listed(store)["document"]) and "d5" not in set(listed(store)["document"])
    store.finish("d5-fr", coder="eva")
    assert "d5-fr" in set(coded_units_of(store).units["document"])


def test_of_many_passages_some_are_drawn_with_examples_of_every_code_first():
    count, rare = 3_000, 12
    labels = pd.DataFrame({"rare": np.arange(count) % (count // rare) == 7, "common": np.arange(count) % 2 == 0})
    units = pd.DataFrame({"document": "a", "start": np.arange(count), "text": [f"t{n}" for n in range(count)]})
    some = drawn(CodedUnits(units, labels, {"rare": "Rare"}), 500)
    assert len(some.units) == 500 and some.units["start"].is_monotonic_increasing
    assert some.labels["rare"].sum() == rare and some.labels["common"].sum() >= 50
    assert some.labels.to_numpy().tolist() == labels.iloc[some.units["start"]].to_numpy().tolist()
    assert drawn(some, 500) is some


def test_a_list_says_of_how_many_passages_it_was_made(store, monkeypatch):
    assert all(some == every for some, every in listed(store).attrs.values())
    monkeypatch.setattr(suggestion_list, "_MOST", 30)
    found = listed(store)
    some, every = found.attrs["learned_from"]
    assert some == 30 < every and len(found)


def test_accepted_ones_stay_marked_rejected_ones_stay_away_and_both_can_be_taken_back(store):
    first, second = (row for _, row in listed(store).iloc[:2].iterrows())
    coding = accept(store, first, coder="ben")
    reject(store, second, coder="ben")
    assert (coding.document, coding.start, coding.end, coding.code) == (*first[["document", "start", "end", "code"]],)
    known = answered_suggestions(store)
    assert list(known["is_accepted"]) == [True, False] and set(known["coder"]) == {"ben"}
    again = listed(store)
    keys = ["document", "start", "code"]
    assert not again.merge(pd.DataFrame([first, second])[keys], on=keys).shape[0]
    others = listed(store, "eva").merge(pd.DataFrame([first, second])[keys], on=keys)
    assert others[keys].values.tolist() == [[second[name] for name in keys]]
    store.undo("ben")
    store.undo("ben")
    assert answered_suggestions(store).empty and store.coding(coding.id).is_removed and store.problems() == []


def test_agreement_leaves_answered_places_out_for_that_coder_and_code_only(store):
    theirs = store.codings(document="d0", coder="ana").query("code == 'fear'")
    for row in theirs.assign(score=1.0).to_dict("records"):
        accept(store, row, coder="ben")
    store.finish("d0", coder="ben")
    units = units_of(store.corpus(), "sentence").query("document == 'd0'")
    readers = store.finished().query("document == 'd0'")
    table = ratings(store.codings(), units, code="fear", readers=readers, left_out=answered_suggestions(store))
    given = ratings(store.codings(), units, code="fear", readers=readers)
    assert table["ben"].isna().sum() == (given["ben"] == 1).sum() > 0 and table["ana"].notna().all()
    whole = by_code(store.codings(), units, unit="sentence", readers=readers, codes=["fear"])
    without = by_code(
        store.codings(), units, unit="sentence", readers=readers, codes=["fear"], left_out=answered_suggestions(store)
    )
    assert whole["value"].iloc[0] == 1 and without["value"].isna().all()


def test_held_out_documents_have_no_suggestions_and_translations_follow_their_original(store):
    store.add_document(Document("d5-fr", "Entretien", "J’avais peur. Il pleuvait.", "fr", "d5"), coder="ana")
    set_held_out(store, share=0.5, seed=3, coder="ana")
    drawn = held_out(store)
    assert drawn and ("d5" in drawn) == ("d5-fr" in drawn)
    assert not set(listed(store)["document"]) & drawn


@given(
    st.sets(st.text(max_size=5), max_size=40), st.sets(st.text(max_size=5), max_size=40), st.floats(0, 1), st.integers()
)
def test_a_draw_depends_on_the_document_and_the_seed_alone(some, more, share, seed):
    assert held_out_documents(some | more, share, seed) & some == held_out_documents(some, share, seed)


def test_about_the_share_is_drawn():
    names = [f"d{number}" for number in range(2000)]
    assert 340 < len(held_out_documents(names, 0.2, 7)) < 460
    assert held_out_documents(names, 0.2, 7) != held_out_documents(names, 0.2, 8)
    with pytest.raises(CodingError, match="share"):
        held_out_documents(names, 20, 7)


def test_too_few_examples_are_refused_in_a_sentence(store, tmp_path):
    with pytest.raises(UnfitDataError, match="'rare' stands in 0 units of 0 finished documents"):
        learn(coded_units(store.corpus(), store.codings(), BOOK, readers=store.finished()), codes=["rare"])
    with Store(tmp_path / "new.sqlite") as new, pytest.raises(UnfitDataError, match="nobody has read a document"):
        suggestions(new, coder="ana", is_blind=False)
    store.finish("d0", coder="ana", done=False)
    store.finish("d1", coder="ana", done=False)
    with pytest.raises(UnfitDataError, match="of 2 finished documents, and suggestions need 10 units in 3"):
        listed(store)


def test_a_reflexive_project_has_no_suggestions(store):
    row = listed(store).iloc[0]
    set_reflexive(store, coder="ana")
    for attempt in (
        lambda: listed(store),
        lambda: accept(store, row, coder="ben"),
        lambda: reject(store, row, coder="ben"),
    ):
        with pytest.raises(CodingError, match="reflexive and has no suggestions"):
            attempt()


def test_suggestions_shift_is_a_difference_with_an_interval():
    draw = np.random.default_rng(2)
    units = pd.DataFrame(
        [(f"d{d}", s * 10, s * 10 + 9) for d in range(40) for s in range(30)], columns=["document", "start", "end"]
    )
    without = {f"d{d}" for d in range(0, 40, 4)}
    rate = np.where(units["document"].isin(without), 0.1, 0.3)
    codings = as_codings(units[draw.random(len(units)) < rate].assign(code="fear", coder="ana"))
    found = suggestion_shift(codings, units, without).set_index("code")
    assert found.loc["", "low"] > 0.1 and 0.15 < found.loc["", "difference"] < 0.25
    assert found.loc["fear", "without"] == pytest.approx(0.1, abs=0.03)
    with pytest.raises(UnfitDataError, match="both needed"):
        suggestion_shift(codings, units, [])


def by_sections(texts, labels, groups):
    units = pd.DataFrame({"document": groups, "group": groups, "start": 0, "end": 1, "text": texts, "language": "en"})
    return CodedUnits(units, pd.DataFrame({"fear": labels}), {})


def test_a_document_is_never_split():
    """Words that each document has for itself say nothing about the others; words that all have do."""
    groups, labels = [f"d{number // 6}" for number in range(60)], [number % 2 == 0 for number in range(60)]
    shared = ["afraid" if label else "calm" for label in labels]
    own = [chr(0x4E00 + 2 * (number // 6) + label) * 3 for number, label in enumerate(labels)]
    told = suggestion_quality(by_sections(shared, labels, groups), has_meanings=False).by_code().iloc[0]
    assert (told["precision_at_10"], told["recall"], told["examples"], told["documents"]) == (1, 1, 30, 10)
    blind = suggestion_quality(by_sections(own, labels, groups), has_meanings=False).by_code().iloc[0]
    assert blind["average_precision"] < 0.7


def test_quality_in_another_language_asks_only_there(store):
    coded = coded_units(store.corpus(), store.codings(), BOOK, readers=store.finished())
    doubled = CodedUnits(
        pd.concat([coded.units, coded.units.assign(language="xx")], ignore_index=True),
        pd.concat([coded.labels, coded.labels], ignore_index=True),
        coded.definitions,
    )
    language = doubled.units["language"]
    found = suggestion_quality(doubled, learn_from=language == "en", has_meanings=False)
    assert found.by_code(language == "xx")["examples"].sum() == coded.labels["fear"].sum() > 0
    assert len(found.scores) == len(doubled.units)


def test_runs_of_characters_fold_case_and_accents_and_read_chinese():
    assert words("L’été, 她害怕!") == ["L", "été", "她害怕"]
    assert {" e", "ete", "te "} <= set(ngrams("Été")) == set(ngrams("e\u0301te\u0301"))
    assert ngrams("她害怕") == ["她", "害", "怕", "她害", "害怕", "她害怕"]
    assert ngrams("") == []
    assert words("שָׁלוֹם עולם") == ["שָׁלוֹם", "עולם"] and ngrams("שָׁלוֹם") == ngrams("שלום")


def test_chinese_without_spaces_is_learned_and_its_reason_is_a_run_of_characters():
    texts = [text for _ in range(4) for text in CHINESE]
    labels = pd.DataFrame({"fear": ["怕" in text for text in texts]})
    groups = [f"d{number // 6}" for number in range(24)]
    units = pd.DataFrame({"document": groups, "group": groups, "start": 0, "end": 1, "text": texts, "language": "zh"})
    suggester = learn(CodedUnits(units, labels, {}), has_meanings=False)
    scores = suggester.scores(["他从小就非常非常害怕那些穿着制服的人", "昨天的火车很晚很晚才到"])["fear"]
    assert scores[0] > scores[1]
    assert "害怕" in suggester.reason("fear", "他从小就非常非常害怕那些穿着制服的人")["words"]


def test_a_missing_model_is_named(monkeypatch):
    monkeypatch.setattr(sentence_embeddings, "has_model", lambda: False)
    with pytest.raises(ResearchError, match=r"research-lib\[suggest\]"):
        embeddings(["one"])


def test_the_model_finds_a_meaning_in_another_language():
    one, same, other = embeddings(["I was afraid of the police.", "我很害怕警察。", "Il pleuvait hier."])
    assert one @ same > one @ other
