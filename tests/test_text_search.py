"""Search in texts of several scripts: offsets of the original, words, phrases, expressions; hits made codings; words counted."""

import unicodedata

import pytest
from coded_words import with_text
from hypothesis import given, settings
from hypothesis import strategies as st

from research_lib.coding.corpus import Corpus, Document, spans
from research_lib.coding.retrieval.folded_text import folded
from research_lib.coding.retrieval.text_search import hits_as_codings, not_yet_coded, search
from research_lib.coding.retrieval.word_counts import in_all, stop_words, word_counts
from research_lib.errors import CodingError

SIGNS = st.sampled_from("aàÀáe\u0301\u0302o œŒﬁﬀßİıがか\u3099한하\u11ab信任ＡÅنَّ\u05b7ה\u00ad\u200fкйक\u093f😀.\n")


def corpus(*texts, language="und"):
    return Corpus(tuple(Document(f"d{number}", f"D{number}", text, language) for number, text in enumerate(texts)))


def found(text, query, mode="words"):
    return [text[start:end] for start, end in search(corpus(text), query, mode)[["start", "end"]].to_numpy()]


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("Été, ÉTÉ, ete; étés", "ete", ["Été", "ÉTÉ", "ete"]),
        ("une e\u0301te\u0301 s", "été", ["e\u0301te\u0301"]),
        ("x\u0302y xy", "xy", ["x\u0302y", "xy"]),
        ("We ﬁnd a ﬁnding", "find", ["ﬁnd"]),
        ("We ﬁnd a ﬁnding", "fin*", ["ﬁnd", "ﬁnding"]),
        ("ma sœur, ma SOEUR", "soeur", ["sœur", "SOEUR"]),
        ("Straße STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("ＡＢＣ１２ ok", "abc12", ["ＡＢＣ１２"]),
        ("İstanbul ISTANBUL ıstanbul", "istanbul", ["İstanbul", "ISTANBUL", "ıstanbul"]),
        ("l’Italie, L'ITALIE", "l'italie", ["l’Italie", "L'ITALIE"]),
        ("l’Italie", "italie", ["Italie"]),
        ("她们不信任警察，但信任邻居。", "信任", ["信任", "信任"]),
        ("か\u3099ある。かある", "か", ["か"]),
        ("か\u3099ある。がある", "が", ["か\u3099", "が"]),
        ("\u1112\u1161\u11ab국 하나", "한국", ["\u1112\u1161\u11ab국"]),
        ("שָׁלוֹם שלום", "שלום", ["שָׁלוֹם", "שלום"]),
        ("كَتَبَ كتب مكتب", "كتب", ["كَتَبَ", "كتب"]),
        ("कि क की", "क", ["क"]),
        ("sep\u00adarate", "separate", ["sep\u00adarate"]),
        ("a migrant migrates; immigration", "MIGR*", ["migrant", "migrates"]),
        ("😀 ťažká 😀 tazka", "tazka", ["ťažká", "tazka"]),
    ],
)
def test_case_accents_width_and_ligatures_make_no_difference(text, query, hits):
    assert found(text, query) == hits


@pytest.mark.parametrize(
    ("text", "query", "mode", "hits"),
    [
        ("The police came. The hotel was shut.", "police hotel", "words", []),
        ("The hotel called the police. Nobody came.", "police hotel", "words", ["hotel called the police"]),
        ("Police, police, hotel; hotel police.", "police hotel", "words", ["police, hotel", "hotel police"]),
        ("她说警察来了。旅馆关了。警察去了旅馆。", "警察 旅馆", "words", ["警察去了旅馆"]),
        ("at the\n  border, the border", "the border", "phrase", ["the\n  border", "the border"]),
        ("at the borders", "the border", "phrase", []),
        ("at the borders", "the border*", "phrase", ["the borders"]),
        ("没有人问。没有 人", "没有人", "phrase", ["没有人"]),
        ("Room 12, room 7", r"room \d+", "regex", ["Room 12", "room 7"]),
        ("été e\u0301te\u0301", "été", "regex", ["été", "e\u0301te\u0301"]),
        ("abc", "x*", "regex", []),
        ("one\ntwo", "^t.*$", "regex", ["two"]),
        ("😀 警察 😀", "警.", "regex", ["警察"]),
    ],
)
def test_words_phrases_and_expressions(text, query, mode, hits):
    assert found(text, query, mode) == hits


def test_hits_stand_in_order_with_whole_words_around_them():
    texts = corpus("Nobody asked us where the money came from in the end.", "没有人先问我们是谁；先问的是水要不要钱。")
    hits = search(texts, "money", context=20)
    assert hits[["before", "text", "after"]].to_numpy().tolist() == [
        [" asked us where the ", "money", " came from in the "]
    ]
    hits = search(texts, "先问", context=4)
    assert hits["before"].tolist() == ["没有人", "们是谁；"]
    assert search(texts, "o* 问", documents=["d1"]).empty


@given(st.text(SIGNS, max_size=30))
@settings(max_examples=300)
def test_every_stretch_of_a_folded_text_is_one_of_the_original(text):
    made = folded(text)
    last = 0
    for at in range(len(made.text)):
        start, end = made.stretch(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last
        last = start
        assert made.text[at] in folded(text[start:end]).text
    if made.text:
        assert made.stretch(0, len(made.text))[1] == len(text)


@given(st.text(SIGNS, max_size=20), st.data())
@settings(max_examples=300)
def test_a_text_is_found_however_it_is_composed(text, data):
    words = [word for word in text.split() if folded(word).text]
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, text)
        if search(corpus(text), word, "phrase").empty:
            assert search(corpus(other), word, "phrase").empty
        else:
            assert not search(corpus(other), word, "phrase").empty


@pytest.mark.parametrize(
    ("query", "mode", "said"),
    [
        (" ", "words", "the query is empty"),
        ("*", "words", "has no word"),
        ("x", "fuzzy", "words, phrase, regex, not 'fuzzy'"),
        ("(", "regex", "not a regular expression: missing"),
        ("a{9999999999}", "regex", "not a regular expression"),
        ("(a+)+b", "regex", "stopped after 0.5 seconds"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused_in_a_sentence(query, mode, said):
    with pytest.raises(CodingError, match=said.replace("(", r"\(")):
        search(corpus("a" * 60), query, mode, seconds=0.5)


def test_an_expression_with_too_many_hits_is_refused():
    with pytest.raises(CodingError, match="more than 100,000 hits"):
        search(corpus("ab" * 60_000), ".", "regex")


def test_all_hits_become_codings_by_sentence_or_as_they_are():
    texts = corpus("Police came. The police asked the police.\nNobody else.", "警察来了。没人说话。")
    hits = search(texts, "police")
    by_sentence = hits_as_codings(hits, texts, "state", coder="ana")
    assert with_text(by_sentence, texts)["text"].tolist() == ["Police came.", "The police asked the police."]
    assert len(hits_as_codings(hits, texts, "state", coder="ana", unit="hit")) == 3
    assert set(by_sentence["coder"]) == {"ana"}
    over_two = search(texts, r"came\. The", "regex")
    (row,) = hits_as_codings(over_two, texts, "state", coder="ana").itertuples()
    assert (row.start, row.end) == (0, 41)
    in_chinese = hits_as_codings(search(texts, "警察"), texts, "state", coder="ana")
    assert with_text(in_chinese, texts)["text"].tolist() == ["警察来了。"]


def test_what_the_coder_coded_so_already_is_not_coded_again():
    texts = corpus("Police came. The police asked.")
    hits = search(texts, "police")
    first = hits_as_codings(hits, texts, "state", coder="ana").head(1)
    again = hits_as_codings(hits, texts, "state", coder="ana")
    assert not_yet_coded(again, first)["start"].tolist() == [13]
    assert len(not_yet_coded(again.assign(coder="ben"), first)) == 2
    assert not_yet_coded(again.head(0), first).to_dict("list") == again.head(0).to_dict("list")
    with pytest.raises(CodingError, match="not by 'page'"):
        hits_as_codings(hits, texts, "state", coder="ana", unit="page")


@pytest.mark.parametrize("text", ["", "  \n ", "a. \n\n  b.  "])
def test_white_space_that_is_hit_has_a_sentence_beside_it(text):
    texts = corpus(text)
    hits = search(texts, r"\s+", "regex")
    made = hits_as_codings(hits, texts, "gap", coder="ana")
    places = {(row.start, row.end) for row in made.itertuples()}
    allowed = set(spans(text, "sentence"))
    assert all(any(start <= low and high <= end for low, high in allowed or {(start, end)}) for start, end in places)


def test_words_are_counted_without_those_of_grammar():
    texts = Corpus(
        (
            Document("en", "en", "The police and the POLICE were in the hotel.", "en"),
            Document("fr", "fr", "L’hôtel, l'hôtel ; qu’elle aille à l’hôtel.", "fr-CH"),
            Document("zh", "zh", "警察来了。警察的旅馆", "zh-Hans"),
            Document("xx", "xx", "the the", "und"),
        )
    )
    counts = word_counts(texts)
    rows = {
        (row.document, row.word): (row.count, round(row.per_1000)) for row in counts.itertuples(index=False, name="R")
    }
    assert rows == {
        ("en", "police"): (2, 667),
        ("en", "hotel"): (1, 333),
        ("fr", "hôtel"): (3, 750),
        ("fr", "aille"): (1, 250),
        ("zh", "警察"): (2, 500),
        ("zh", "察来"): (1, 250),
        ("zh", "旅馆"): (1, 250),
        ("xx", "the"): (2, 1000),
    }
    assert word_counts(texts, leave_out=["police"])["word"].tolist()[:2] == ["the", "and"]
    total = in_all(counts)
    assert total.loc[0, ["word", "count", "documents"]].tolist() == ["hôtel", 3, 1]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "the of was"),
        ("fr", "qu' où étaient"),
        ("it", "dell' perché è"),
        ("sk", "keď sú pred"),
        ("zh-Hans", "的 了"),
    ],
)
def test_each_language_has_words_of_grammar_as_they_are_counted(language, words):
    known = stop_words(language)
    assert set(words.split()) <= known
    assert known == {word.casefold() for word in known}
    assert stop_words("sw") == frozenset()
