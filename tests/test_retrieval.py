"""Passages of codes by coder, attribute, case and by what lies beside them, from a project and from its store alike."""

from dataclasses import replace
from html.parser import HTMLParser
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.practice_texts import practice_project
from research_lib.coding.project import Case, Project, matrix
from research_lib.coding.retrieval.code_matrices import code_by_case, code_by_document
from research_lib.coding.retrieval.passages import coded, retrieve
from research_lib.coding.retrieval.passages_as_html import as_html
from research_lib.coding.retrieval.relations import RELATIONS, holds
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import add_project
from research_lib.errors import CodingError

TEXT = "Nobody asked us who we were. They asked what the water cost."
CODES = Codebook((Code("contact", "Contact"), Code("trust", "Trust", "contact"), Code("money", "Money")))
ROWS = [
    ("a", "en", 0, 28, "trust", "ana"),
    ("b", "en", 0, 28, "trust", "ben"),
    ("c", "en", 7, 15, "contact", "ana"),
    ("d", "en", 29, 60, "money", "ana"),
    ("e", "zh", 0, 5, "trust", "ana"),
    ("f", "zh", 3, 9, "money", "ben"),
]
PROJECT = Project(
    "Small",
    CODES,
    Corpus(
        (
            Document("en", "Market", TEXT, "en", None, {"country": "ITA"}),
            Document("zh", "市场", "没有人问我们是谁。", "zh-Hans", None, {"country": "FRA", "name": "北"}),
        )
    ),
    as_codings(pd.DataFrame(ROWS, columns=["id", "document", "start", "end", "code", "coder"])),
    cases=(Case("one", "One", documents=("en",), codings=("f",)), Case("two", "Two", codings=("e", "a"))),
)


@pytest.fixture(params=["project", "store"])
def source(request, tmp_path):
    if request.param == "project":
        yield PROJECT
        return
    with Store(tmp_path / "coding.sqlite") as store:
        add_project(PROJECT, store, coder="ana")
        taken = store.add("en", 0, 6, "money", coder="ana")
        store.remove(taken.id, coder="ana", version=1)
        yield store


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, "cabedf"),
        ({"codes": "contact"}, "cabe"),
        ({"codes": "contact", "with_sub_codes": False}, "c"),
        ({"codes": ["money", "trust"]}, "abedf"),
        ({"coders": "ben"}, "bf"),
        ({"documents": "zh"}, "ef"),
        ({"where": {"country": "FRA"}}, "ef"),
        ({"where": {"country": ["FRA", "ITA"], "name (attribute)": "北"}}, "ef"),
        ({"cases": "one"}, "cabdf"),
        ({"cases": ["two"]}, "ae"),
        ({"codes": "trust", "near": "money", "distance": 1}, "a"),
        ({"codes": "trust", "near": "money", "distance": 0}, ""),
        ({"codes": "trust", "near": "money", "distance": 1, "by_one_coder": False}, "abe"),
        ({"codes": "contact", "inside": "trust"}, "c"),
        ({"codes": "contact", "inside": "contact"}, "c"),
        ({"codes": "trust", "inside": "trust", "by_one_coder": False}, "ab"),
        ({"codes": "trust", "overlapping": "contact", "with_sub_codes": False}, "a"),
        ({"codes": "trust", "overlapping": "money", "by_one_coder": False}, "e"),
        ({"codes": "trust", "without": "money", "by_one_coder": False}, "ab"),
        ({"codes": "trust", "without": "contact", "with_sub_codes": False}, "be"),
        ({"codes": "money", "without": "contact", "coders": "ana"}, "d"),
    ],
)
def test_passages_are_picked(source, asked, ids):
    assert "".join(retrieve(source, **asked)["id"]) == ids


def test_a_passage_stands_with_its_context_and_what_is_known_of_its_document(source):
    found = retrieve(source, codes="contact", with_sub_codes=False, context=10)
    assert found.drop(columns="id").to_dict("records") == [
        {"document": "en", "name": "Market", "language": "en", "coder": "ana", "code": "contact", "start": 7, "end": 15}
        | {"text": "asked us", "before": "Nobody ", "after": " who we ", "memo": "", "country": "ITA"}
        | {"name (attribute)": found.loc[0, "name (attribute)"]}
    ]
    assert pd.isna(found.loc[0, "name (attribute)"])


def test_a_question_that_finds_nothing_has_the_same_columns(source):
    found = retrieve(source, codes="money", coders="nobody")
    assert list(found) == list(retrieve(source))
    assert as_html(found).count("<h2>") == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"codes": "trsut"}, "no code 'trsut'"),
        ({"near": "trsut"}, "no code 'trsut'"),
        ({"documents": "fr"}, "no document 'fr'"),
        ({"cases": "three"}, "no case 'three'"),
        ({"where": {"site": "x"}}, "no document has the attribute 'site'; there are: country"),
        ({"near": "money", "distance": -1}, "the distance is -1"),
    ],
)
def test_what_is_not_there_is_named(source, asked, said):
    with pytest.raises(CodingError, match=said):
        retrieve(source, **asked)


def test_matrices_count_what_is_behind_their_cells(source):
    for table, key in ((code_by_document(source), "documents"), (code_by_case(source), "cases")):
        assert list(table) == ["contact", "trust", "money"]
        for row, code in product(table.index, table.columns):
            behind = retrieve(source, codes=code, with_sub_codes=False, **{key: row})
            assert len(behind) == table.loc[row, code]
    assert code_by_case(source).loc["one"].tolist() == [1, 2, 2]
    assert code_by_document(source, coders="ben", where={"country": "ITA"}).to_numpy().tolist() == [
        [0, 1, 0],
        [0, 0, 0],
    ]


def test_a_matrix_of_a_whole_project_is_that_of_pipelines(source):
    project = practice_project(coded=True)
    expected = matrix(project)
    pd.testing.assert_frame_equal(code_by_document(project)[list(expected)], expected)
    crossed = pd.crosstab(project.codings["document"], project.codings["code"])
    assert expected.loc[crossed.index, crossed.columns].to_numpy().tolist() == crossed.to_numpy().tolist()


SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from("xy"), st.integers(0, 9), st.integers(0, 5), st.sampled_from(["ana", "ben"]), st.booleans()
    ),
    max_size=8,
)


def by_hand(relation, passage, other, distance):
    low, high = max(passage.start, other.start), min(passage.end, other.end)
    overlaps = low < high and passage.start < passage.end and other.start < other.end
    return {
        "near": low - high <= distance,
        "inside": other.start <= passage.start and passage.end <= other.end,
        "overlapping": overlaps,
        "without": overlaps,
    }[relation]


@given(SEGMENTS, st.sampled_from(RELATIONS), st.integers(0, 3), st.booleans())
@settings(max_examples=400)
def test_relations_are_those_of_all_pairs(rows, relation, distance, by_one_coder):
    frame = pd.DataFrame(
        [(f"{n}", name, start, start + length, coder) for n, (name, start, length, coder, _) in enumerate(rows)],
        columns=["id", "document", "start", "end", "coder"],
    )
    others = frame[np.array([row[4] for row in rows], bool)]
    expected = []
    for one in frame.itertuples():
        met = any(
            by_hand(relation, one, other, distance)
            for other in others.itertuples()
            if one.id != other.id and one.document == other.document and (one.coder == other.coder or not by_one_coder)
        )
        expected.append(met != (relation == "without"))
    found = holds(relation, frame, others, distance=distance, by_one_coder=by_one_coder)
    assert found.tolist() == expected


# What a passage is to another segment; only `inside` has a direction.
PAIRS = """
passage other near inside overlapping
2-5     0-10  yes  yes    yes
0-10    2-5   yes  no     yes
0-10    0-10  yes  yes    yes
0-5     0-10  yes  yes    yes
5-10    0-10  yes  yes    yes
5-11    0-10  yes  no     yes
0-10    1-10  yes  no     yes
10-20   0-10  yes  no     no
13-20   0-10  yes  no     no
14-20   0-10  no   no     no
0-10    13-20 yes  no     no
0-10    14-20 no   no     no
4-4     0-10  yes  yes    no
0-10    4-4   yes  no     no
4-4     4-4   yes  yes    no
"""


@pytest.mark.parametrize("row", PAIRS.strip().splitlines()[1:])
def test_what_a_passage_is_to_another_segment(row):
    *pair, near, inside, overlapping = row.split()
    rows = [(name, "a", *map(int, ends.split("-")), "ana") for name, ends in zip("pq", pair, strict=True)]
    both = pd.DataFrame(rows, columns=["id", "document", "start", "end", "coder"])
    passage, other = both.head(1), both.tail(1)
    expected = {"near": near, "inside": inside, "overlapping": overlapping}
    for relation in RELATIONS:
        wanted = expected[relation] == "yes" if relation in expected else overlapping == "no"
        assert holds(relation, passage, other, distance=3).tolist() == [wanted], relation
        assert holds(relation, passage, other.assign(document="b"), distance=3).tolist() == [relation == "without"]
        of_two = holds(relation, passage, other.assign(coder="ben"), distance=3, by_one_coder=False)
        assert of_two.tolist() == [wanted], relation


class Shown(HTMLParser):
    """The text of a page, its tags, and the language and direction of its passages."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags, self.passages = [], set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "blockquote":
            self.passages.append(dict(attrs))

    def handle_data(self, data):
        self.words.append(data)


def test_passages_for_a_word_processor_are_escaped_and_know_their_language():
    hostile = Document("ar", '"><script>x</script>', "قالت <b>لا</b> & مضت\nثم", "ar", None, {"site": "<i>s</i>"})
    codes = Codebook((Code("t", "Top", definition="Says <no>."), Code("u", "Under & over", "t")))
    rows = as_codings([{"document": "ar", "start": 0, "end": 11, "code": "u", "coder": "<ana>", "memo": "a\n<b>"}])
    project = Project("P", codes, Corpus((hostile,)), rows)
    page = Shown(as_html(retrieve(project), codes, title="A & B", language="fr"))
    assert page.tags == {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "blockquote",
        "span",
        "b",
        "p",
        "br",
        "i",
    }
    assert page.passages == [{"lang": "ar", "dir": "rtl"}]
    assert "Top: Under & over" in page.words
    assert '"><script>x</script>, 0–11 · <ana> · site: <i>s</i>' in page.words
    assert "<h2>u</h2>" in as_html(retrieve(project))


def test_an_opened_source_reads_its_texts_once_and_its_codings_each_time(tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        add_project(PROJECT, store, coder="ana")
        held = coded(store)
        before = len(retrieve(held))
        store.add("en", 0, 6, "money", coder="ben")
        assert len(retrieve(held)) == before + 1
        assert coded(held) is held
    with pytest.raises(CodingError, match="cannot be read"):
        retrieve(held)


def test_codes_of_a_project_that_is_older_than_its_codebook_are_still_found():
    moved = Codebook((Code("money", "Money"), Code("trust", "Trust"), Code("contact", "Contact", "trust")))
    assert retrieve(replace(PROJECT, codebook=moved))["code"].drop_duplicates().tolist() == [
        "money",
        "trust",
        "contact",
    ]
