"""Codebook, corpus, units, codings, co-occurrence and agreement by code, on small tables."""

import io
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from coded_words import with_text
from hypothesis import given
from hypothesis import strategies as st

from research_lib import new_study, open_study
from research_lib.coding import cooccurrence, reliability
from research_lib.coding.claims_as_codings import codings_on_lines, lines_of, lines_of_all_coders
from research_lib.coding.codebook import Code, Codebook, changes, from_frame, from_records
from research_lib.coding.codings import as_codings, check, merged
from research_lib.coding.corpus import Corpus, Document, spans
from research_lib.errors import CodingError

BOOK = Codebook(
    (Code("help", "Help"), Code("trust", "Trust", "help"), Code("shame", "Shame"), Code("fear", "Fear", "trust"))
)
CORPUS = Corpus(
    (
        Document("zh", "原文", "她很害怕。他走了。她工作。\n第二段。", "zh", attributes={"site": "Paris"}),
        Document("en", "Text", "She works. She left! Alone.", "en", attributes={"site": "Turin"}),
    )
)


def table(text):
    return pd.read_csv(io.StringIO(text), sep=r"\s+")


def ids(codes):
    return [code.id for code in codes]


def test_a_codebook_is_a_tree():
    assert ids(BOOK.children()) == ["help", "shame"]
    assert ids(BOOK.path("fear")) == ["help", "trust", "fear"]
    assert ids(BOOK.in_tree_order()) == ["help", "trust", "fear", "shame"]
    assert "trust" in BOOK
    assert from_frame(BOOK.frame()) == BOOK


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ([Code("a", "A"), Code("a", "B")], "'a' stands there twice"),
        ([Code("a", "A", "b")], "'a' lies under 'b', which does not exist"),
        ([Code("a", "A", "b"), Code("b", "B", "a")], "under itself"),
    ],
)
def test_a_codebook_that_is_no_tree_is_refused(codes, reason):
    with pytest.raises(CodingError, match=reason):
        Codebook(tuple(codes))


def test_a_code_without_a_name_is_refused_with_its_number():
    with pytest.raises(CodingError, match="code number 2 needs"):
        from_records([{"id": "a", "name": "A"}, {"id": "b", "name": ""}])


def test_the_study_s_codebook_opens(study):
    book = from_frame(study["codebook"])
    assert len(book) == len(study["codebook"])
    assert [code.name for code in book.path("demographic-age")] == ["Demographic profile", "Age"]


def test_what_changed_between_two_versions():
    new = Codebook(
        (
            Code("shame", "Shame"),
            Code("help", "Help", definition="d"),
            Code("trust", "Confidence"),
            Code("hope", "Hope"),
        )
    )
    found = changes(BOOK, new)
    assert set(found[["code", "change"]].itertuples(index=False, name=None)) == {
        ("fear", "removed"),
        ("hope", "added"),
        ("help", "redefined"),
        ("trust", "renamed"),
        ("trust", "moved"),
        ("shame", "reordered"),
    }
    assert changes(BOOK, BOOK).empty


@pytest.mark.parametrize(
    ("unit", "text", "units"),
    [
        ("character", "她 a", ["她", "a"]),
        ("token", "她说 the women’s well-being 3", ["她", "说", "the", "women’s", "well-being", "3"]),
        ("sentence", "她来了。“不。”他说。\nMore? Yes.", ["她来了。", "“不。”", "他说。", "More?", "Yes."]),
        ("sentence", "3.5 km. Then home", ["3.5 km.", "Then home"]),
        ("paragraph", "  one \r\n\r\ntwo", ["one", "two"]),
        ("sentence", "", []),
        ("sentence", "« Elle a peur. » Il part ! Et après ?", ["« Elle a peur. »", "Il part !", "Et après ?"]),
        ("sentence", "(He left.) Why?", ["(He left.)", "Why?"]),
        ("token", "E\u0301te\u0301 ici", ["E\u0301te\u0301", "ici"]),
    ],
)
def test_units_of_a_text(unit, text, units):
    assert [text[start:end] for start, end in spans(text, unit)] == units


def test_a_unit_that_is_none_is_refused():
    with pytest.raises(CodingError, match="not 'line'"):
        spans("", "line")


def test_a_corpus_has_each_document_once_and_originals_first():
    with pytest.raises(CodingError, match="twice"):
        Corpus((Document("a", "A", ""), Document("a", "B", "")))
    with pytest.raises(CodingError, match="must stand before"):
        Corpus((Document("b", "B", "", translation_of="a"), Document("a", "A", "")))


def test_codings_are_made_from_rows_and_checked():
    rows = table(
        "document start end code coder\nzh 0 5 fear ana\nzh 0 5 fear ana\nen 0 3 hope ben\nfr 0 3 fear ben\nen 4 99 fear ben"
    )
    codings = as_codings(rows)
    assert codings["id"].is_unique
    assert as_codings(rows).equals(codings)
    assert with_text(codings.head(3), CORPUS)["text"].tolist() == ["她很害怕。", "她很害怕。", "She"]
    assert [problem.split(": ")[1] for problem in check(codings, CORPUS, BOOK)] == [
        "the codebook has no code 'hope'",
        "there is no document 'fr'",
        "ends at 99, and 'en' has 27 characters",
    ]


def test_times_of_any_precision_are_read():
    rows = table("document start end code coder time\na 0 1 x p 2026-01-02T03:04:05Z\na 0 1 x p 2026-01-02T03:04:05.5Z")
    assert (as_codings(rows)["time"].diff().iloc[1]) == pd.Timedelta(milliseconds=500)


def test_rows_that_cannot_be_codings_are_refused():
    with pytest.raises(CodingError, match="'coder' is missing"):
        as_codings(table("document start end code\na 0 1 x"))
    with pytest.raises(CodingError, match="row 0 has the position"):
        as_codings(table("document start end code coder\na 0.5 1 x ana"))
    with pytest.raises(CodingError, match="row 1 has no coder"):
        as_codings(table("document start end code coder\na 0 1 x ana\na 0 1 x NaN"))
    with pytest.raises(CodingError, match="ISO 8601"):
        as_codings(table("document start end code coder time\na 0 1 x ana yesterday"))
    with pytest.raises(CodingError, match="row 0 runs from 3 to 1"):
        as_codings(table("document start end code coder\na 3 1 x ana"))
    with pytest.raises(CodingError, match=r"row 0 has the time 9999-12-31T23:59:59-14:00; years go from 1 to 9999"):
        as_codings(table("document start end code coder time\na 0 1 x ana 9999-12-31T23:59:59-14:00"))
    with pytest.raises(CodingError, match="row 0 has the time -0001-01-01; years"):
        as_codings(table("document start end code coder time\na 0 1 x ana -0001-01-01"))


def test_stretches_of_one_code_and_coder_are_joined_where_they_meet():
    rows = table(
        "document start end code coder\na 0 5 x p\na 3 4 x p\na 5 7 x p\na 8 9 x p\na 4 6 y p\na 4 6 x q\nb 6 8 x p"
    )
    found = merged(rows)[["document", "start", "end", "code", "coder"]].sort_values(
        ["coder", "code", "document", "start"]
    )
    assert found.to_numpy().tolist() == [
        ["a", 0, 7, "x", "p"],
        ["a", 8, 9, "x", "p"],
        ["b", 6, 8, "x", "p"],
        ["a", 4, 6, "y", "p"],
        ["a", 4, 6, "x", "q"],
    ]


def met(one, other, relation, distance):
    """Whether two segments stand in a relation, in the words of its definition."""
    overlap = max(one.start, other.start) < min(one.end, other.end)
    inside = (one.start <= other.start and other.end <= one.end) or (other.start <= one.start and one.end <= other.end)
    gap = max(one.start, other.start) - min(one.end, other.end)
    equal = (one.start, one.end) == (other.start, other.end)
    return {"overlap": overlap, "inside": inside, "equal": equal, "near": gap <= distance}[relation]


def by_brute_force(frame, relation, distance):
    names = sorted(frame["code"].unique())
    counts = pd.DataFrame(0, index=names, columns=names)
    for one, other in combinations(frame.itertuples(), 2):
        together = one.document == other.document and one.coder == other.coder
        if together and met(one, other, relation, distance):
            counts.loc[one.code, other.code] += 1
            if one.code != other.code:
                counts.loc[other.code, one.code] += 1
    return counts


SEGMENT = st.tuples(
    st.sampled_from("AB"), st.integers(0, 15), st.integers(0, 6), st.sampled_from("xyz"), st.sampled_from("pq")
)


@given(
    rows=st.lists(SEGMENT, min_size=1, max_size=20),
    relation=st.sampled_from(cooccurrence.RELATIONS),
    distance=st.integers(0, 4),
    way=st.sampled_from([0, 10]),
)
def test_co_occurrence_is_what_counting_all_pairs_gives(rows, relation, distance, way):
    frame = pd.DataFrame(rows, columns=["document", "start", "length", "code", "coder"])
    frame["end"] = frame["start"] + frame["length"]
    kept, cooccurrence._PAIRS_PER_STEP = cooccurrence._PAIRS_PER_STEP, way
    try:
        found = cooccurrence.count(frame, relation=relation, distance=distance)
    finally:
        cooccurrence._PAIRS_PER_STEP = kept
    assert (found.to_numpy() == by_brute_force(frame, relation, distance).to_numpy()).all()
    assert (found.to_numpy() == found.to_numpy().T).all()


PAIRS = table("""
    one   other overlap inside equal near
    0-10  0-10  yes     yes    yes   yes
    0-10  2-5   yes     yes    no    yes
    0-10  0-5   yes     yes    no    yes
    0-10  5-10  yes     yes    no    yes
    0-10  5-11  yes     no     no    yes
    0-10  9-20  yes     no     no    yes
    0-10  10-20 no      no     no    yes
    0-10  13-20 no      no     no    yes
    0-10  14-20 no      no     no    no
    0-10  4-4   no      yes    no    yes
    0-10  10-10 no      yes    no    yes
    0-10  11-11 no      no     no    yes
    0-10  14-14 no      no     no    no
    4-4   4-4   no      yes    yes   yes
""")


@pytest.mark.parametrize("way", [0, 10])
@pytest.mark.parametrize("pair", PAIRS.to_dict("records"), ids=lambda pair: f"{pair['one']} {pair['other']}")
def test_two_segments_in_either_order_and_with_one_code_or_two(pair, way, monkeypatch):
    monkeypatch.setattr(cooccurrence, "_PAIRS_PER_STEP", way)
    ends = [[int(end) for end in pair[name].split("-")] for name in ("one", "other")]
    for relation, rows, codes in product(cooccurrence.RELATIONS, (ends, ends[::-1]), ("xy", "yx", "xx")):
        frame = pd.DataFrame(rows, columns=["start", "end"]).assign(document="a", code=[*codes], coder="p")
        found = cooccurrence.count(frame, relation=relation, distance=3)
        assert found.loc[codes[0], codes[1]] == (pair[relation] == "yes"), (relation, rows, codes)
        assert found.loc[codes[0], codes[0]] == (codes == "xx" and pair[relation] == "yes")


SEGMENTS = table("""
    document start end code  coder country
    d1       0     10  fear  ana   FRA
    d1       5     15  work  ana   FRA
    d1       6     8   fear  ben   FRA
    d2       0     4   fear  ana   ITA
    d2       4     9   work  ana   ITA
    d2       0     4   shame ana   ITA
""")


def test_two_coders_on_one_stretch_do_not_co_occur():
    assert cooccurrence.count(SEGMENTS).loc["fear", "work"] == 1


def test_co_occurrence_of_nobody_s_codings_stays_within_the_document():
    rows = [("a", 0, 5, "x", "p"), ("a", 0, 5, "y", "q"), ("b", 0, 5, "x", None), ("b", 2, 3, "y", None)]
    frame = pd.DataFrame(rows, columns=["document", "start", "end", "code", "coder"])
    assert cooccurrence.count(frame).loc["x", "y"] == 1
    assert cooccurrence.count(frame.head(0)).empty


def test_positions_and_distances_may_be_large():
    frame = pd.concat([SEGMENTS.assign(document=f"d{n}", start=2**40 + n, end=2**40 + n + 5) for n in range(50)])
    assert cooccurrence.count(frame, relation="near", distance=10**17).equals(
        cooccurrence.count(frame, relation="equal")
    )
    with pytest.raises(CodingError, match="cannot be counted"):
        cooccurrence.count(pd.concat([frame, SEGMENTS.assign(start=-(2**60), end=2**60)]))


def test_co_occurrence_by_coder_document_or_any_column():
    assert cooccurrence.count(SEGMENTS, by="coder").loc[("ben", "fear")].sum() == 0
    assert cooccurrence.count(SEGMENTS, by="document").loc[("d2", "fear"), "shame"] == 1
    assert cooccurrence.count(SEGMENTS, by="country", relation="equal").loc[("ITA", "fear"), "shame"] == 1
    assert cooccurrence.count(SEGMENTS, relation="near", distance=0).loc["fear", "work"] == 2
    with pytest.raises(CodingError, match="'case' is missing"):
        cooccurrence.count(SEGMENTS, by="case")
    with pytest.raises(CodingError, match="not 'beside'"):
        cooccurrence.count(SEGMENTS, relation="beside")


CODED = as_codings(
    table("""
    document start end code coder
    zh       0     5   fear ana
    zh       0     3   fear ben
    zh       5     9   fear ben
    en       0     3   help ana
    en       0     12  help ben
""")
)


def test_a_unit_is_coded_where_a_segment_touches_it():
    units = reliability.units_of(CORPUS, "sentence")
    given_fear = reliability.ratings(CODED, units, code="fear")
    assert given_fear.loc["zh"].to_numpy().tolist() == [[1, 1], [0, 1], [0, 0], [0, 0]]
    parted = reliability.disagreements(given_fear)
    assert parted.index.tolist() == [("zh", 5, 9)]
    assert parted["parted"].tolist() == [1]


def test_who_has_not_read_a_document_is_missing_there_and_not_against_it():
    units = reliability.units_of(CORPUS, "sentence")
    readers = table("document coder\nzh ana\nzh ben\nen ana")
    given_help = reliability.ratings(CODED, units, code="help", readers=readers).sort_index()
    assert given_help.loc["en", "ben"].isna().all()
    assert given_help.loc["en", "ana"].tolist() == [1, 0, 0]


def test_agreement_by_code_language_and_site():
    units = reliability.units_of(CORPUS, "sentence")
    found = reliability.by_code(CODED, units, unit="sentence", by=["language", "site"]).set_index(
        ["code", "language", "site"]
    )
    row = found.loc[("fear", "zh", "Paris")]
    assert (row["units"], row["coders"], row["given"], row["unit"]) == (4, 2, 2, "sentence")
    assert row["value"] == pytest.approx(8 / 15)
    assert np.isnan(found.loc[("fear", "en", "Turin"), "value"])
    with pytest.raises(CodingError, match="no column 'country'"):
        reliability.by_code(CODED, units, unit="sentence", by=["country"])


def test_a_code_stands_for_those_below_it():
    assert set(reliability.rolled_up(CODED, BOOK)["code"]) == {"help"}
    assert set(reliability.rolled_up(CODED, BOOK, depth=1)["code"]) == {"help", "trust"}


@given(
    units=st.sets(st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=8),
    segments=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 9)), max_size=8),
)
def test_units_may_overlap_each_other_and_documents_do_not(units, segments):
    frame = pd.DataFrame([(name, start, start + length) for name, start, length in units], columns=reliability.PLACE)
    rows = [(name, start, start + length, "x", "p") for name, start, length in segments]
    always = [(name, 90, 91, "x", "p") for name in "ab"]
    coded = as_codings(pd.DataFrame([*rows, *always], columns=[*reliability.PLACE, "code", "coder"]))
    found = reliability.ratings(coded, frame, code="x")["p"]
    assert found.index.tolist() == list(frame.itertuples(index=False, name=None))
    for (name, start, end), value in found.items():
        assert value == any(row[0] == name and max(start, row[1]) < min(end, row[2]) for row in rows)


def test_whole_documents_are_drawn_for_the_interval():
    units = reliability.units_of(CORPUS, "sentence")
    found = reliability.by_code(CODED, units, unit="sentence", by="document", clusters="document")
    assert set(found["document"]) == {"zh", "en"}
    assert reliability.by_code(CODED.head(0), units, unit="sentence").columns.tolist()[:2] == ["code", "value"]
    with pytest.raises(CodingError, match="has a unit twice"):
        reliability.by_code(CODED, pd.concat([units, units]), unit="sentence")


def test_the_report_is_a_corpus_of_lines(study):
    lines = lines_of(study, "3.3.2", "3.3.3", "3.3.4")
    assert lines["start"].is_unique
    assert not lines_of(study, "3.3").empty
    assert lines_of(study, "3.3.2")["section"].unique().tolist() == ["3.3.2.a", "3.3.2.b"]
    codings = codings_on_lines(study)
    split = codings[codings["coding_id"] == "k-curator-c-3-3-2-a-10"]
    assert list(zip(split["start"], split["end"], strict=True)) == [(3823, 3826), (3845, 3848), (3907, 3908)]


def test_the_lines_of_all_coders_are_those_of_the_sections_that_each_has_coded(study):
    assert lines_of_all_coders(study, "curator", "second").equals(lines_of(study, "3.3.2", "3.3.3", "3.3.4"))
    read = lines_of_all_coders(study, "reader-a", "reader-b")["section"]
    assert {"Introduction", "1.1.1", "1.2.1", "1.3.1"} <= set(read) and not read.str.startswith("2").any()


def test_a_study_without_codings_has_no_lines_to_compare(tmp_path):
    study = open_study(new_study(tmp_path / "own"))
    assert codings_on_lines(study).empty and lines_of_all_coders(study).empty
    assert reliability.pairs_of_codes(codings_on_lines(study), lines_of_all_coders(study)).empty


def test_codes_that_two_coders_gave_to_one_unit_are_paired():
    units = table("document start end\na 0 5\na 5 9\na 9 12\nb 0 5")
    coded = as_codings(
        table("document start end code coder\na 0 6 x ann\na 0 3 y ann\na 1 2 x ben\na 5 7 z ben\na 9 12 x ann")
    )
    found = reliability.pairs_of_codes(coded, units)
    assert found[["start", "code", "other_code", "in_common"]].to_numpy().tolist() == [
        [0, "x", "x", True],
        [0, "y", "x", True],
        [5, "x", "z", False],
    ]
    assert set(found["coder"]) == {"ann"} and set(found["other_coder"]) == {"ben"}
