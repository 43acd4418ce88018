"""Answers of a survey as documents: what an export of KoBoToolbox holds, its transcripts and its analysis as codings."""

from datetime import date
from io import StringIO

import pandas as pd
import pytest

from research_lib.coding import Store, add_project, matrix, project_of
from research_lib.coding.reliability import by_code, units_of
from research_lib.errors import CodingError
from research_lib.exchange import refi_qda
from research_lib.exchange.answers_as_documents import PLATFORM, answers_as_project, answers_of
from research_lib.interviews.answers_import import PrivacyError, read_answers
from research_lib.interviews.survey_import import simulated_export
from research_lib.interviews.xlsform import COMMON

# The headers are those of KoBoToolbox's exporter, formpack (its tests of fields that are added to a form).
EXPORT = """
_uuid;country;why;record_a_note;record_a_note - transcript (en);record_a_note - translation (fr);group-record_a_note/tone;group-why/themes;group-why/themes/work;group-why/themes/family
u1;FRA;My sister was there. ;a.mp3;Hello how may I help you?;Bonjour, puis-je vous aider ?;excited confused;work family;1;1
u2;ITA;想家。;b.mp3;Thank you;;anxious;family;0;1
u3;;;c.mp3;;;;work;1;0
u4;FRA;=1+1;;;;;;0;0
"""
CODED = "record_a_note - transcript (en)"


@pytest.fixture
def answers():
    return pd.read_csv(StringIO(EXPORT.strip()), sep=";")


@pytest.fixture
def project(answers):
    return answers_as_project(
        answers,
        ["why", CODED, "record_a_note - translation (fr)"],
        case="_uuid",
        attributes=["country"],
        analyses={"group-record_a_note/tone": CODED, "group-why/themes": "why"},
    )


def test_each_answer_is_a_document_with_its_case_its_question_and_the_language_of_its_recording(project):
    found = [(each.id, each.text, each.language, dict(each.attributes)) for each in project.corpus]
    france, note = {"country": "FRA"}, {"question": "record_a_note"}
    assert found == [
        ("u1: why", "My sister was there. ", "und", {**france, "case": "u1", "question": "why"}),
        (f"u1: {CODED}", "Hello how may I help you?", "en", {**france, "case": "u1", **note}),
        (
            "u1: record_a_note - translation (fr)",
            "Bonjour, puis-je vous aider ?",
            "fr",
            {**france, "case": "u1", **note},
        ),
        ("u2: why", "想家。", "und", {"country": "ITA", "case": "u2", "question": "why"}),
        (f"u2: {CODED}", "Thank you", "en", {"country": "ITA", "case": "u2", **note}),
        ("u4: why", "=1+1", "und", {**france, "case": "u4", "question": "why"}),
    ]
    assert [(each.id, len(each.documents)) for each in project.cases] == [("u1", 3), ("u2", 2), ("u3", 0), ("u4", 1)]


def test_what_the_platform_coded_is_one_more_coder_s_coding_of_the_whole_answer(project):
    counts = matrix(project, coder=PLATFORM)
    given = [(document, code) for document, row in counts.iterrows() for code, count in row.items() if count]
    assert given == [
        ("u1: why", "group-why/themes/family"),
        ("u1: why", "group-why/themes/work"),
        (f"u1: {CODED}", "group-record_a_note/tone/confused"),
        (f"u1: {CODED}", "group-record_a_note/tone/excited"),
        ("u2: why", "group-why/themes/family"),
        (f"u2: {CODED}", "group-record_a_note/tone/anxious"),
    ]
    texts = {each.id: each.text for each in project.corpus}
    assert all(row.start == 0 and row.end == len(texts[row.document]) for row in project.codings.itertuples())
    book = project.codebook
    assert book.full_name("group-why/themes/work") == "group-why/themes: work"
    assert [code.is_codable for code in book.children()] == [False, False]
    assert [tuple(row) for row in project.loss_report().itertuples(index=False)] == [
        ("case 'u3', 'group-why/themes'", "code 'work'", "there is no answer to 'why'")
    ]


def test_labels_that_an_export_joins_with_commas_are_codes_with_blanks(answers):
    answers["themes"] = ["Work abroad, Family", "Family", None, None]
    made = answers_as_project(answers, ["why"], case="_uuid", analyses={"themes": "why"}, separator=", ")
    assert sorted(made.codings["code"]) == ["themes/Family", "themes/Family", "themes/Work abroad"]


def test_the_project_goes_into_a_store_beside_people_s_codings_and_out_again(project, tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        add_project(project, store, coder="ana")
        store.add("u2: why", 0, 3, "group-why/themes/family", coder="ana")
        kept = project_of(store)
        assert store.problems() == []
    units = units_of(kept.corpus, "sentence").query("document == 'u2: why'")
    (row,) = by_code(kept.codings, units, unit="sentence", codes=["group-why/themes/family"]).to_dict("records")
    assert (row["coders"], row["given"]) == (2, 1)
    refi_qda.write_project(kept, tmp_path / "answers.qdpx")
    assert refi_qda.read_project(tmp_path / "answers.qdpx").corpus == kept.corpus


@pytest.mark.parametrize(
    ("changes", "options", "reason"),
    [
        ({}, {"questions": ["where"]}, "no column 'where'"),
        ({}, {"attributes": ["city"]}, "no column 'city'"),
        ({}, {"analyses": {"themes": "why"}}, "no column 'themes', nor one that begins with 'themes/'"),
        ({}, {"analyses": {"group-why/themes": "record_a_note"}}, "'record_a_note' is not among the questions"),
        ({"_uuid": ["u1", "u1", "u3", "u4"]}, {}, "the case 'u1' has two rows"),
        ({"_uuid": ["u1", None, "u3", "u4"]}, {}, "row 1 has no _uuid"),
        (
            {"group-why/themes/work": [1, 2, 0, 0]},
            {"analyses": {"group-why/themes": "why"}},
            "has '2' in .*, not 0 or 1",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused(answers, changes, options, reason):
    options = {"questions": ["why"], "case": "_uuid"} | options
    with pytest.raises(CodingError, match=reason):
        answers_as_project(answers.assign(**changes), options.pop("questions"), **options)


def test_free_texts_of_an_import_are_looked_through_before_they_are_documents(tmp_path):
    frame = simulated_export({"one": "FRA", "two": "ITA", "three": "FRA"}, seed=3)
    frame["remarks_gate"] = ["answered", "answered", "none"]
    frame["remarks"] = ["We want more help.", "Call +33 6 12 34 56 78", ""]
    path = tmp_path / "answers.csv"
    frame.to_csv(path, index=False)
    terms = {"legal_basis": "consent", "retention": date(2099, 1, 1)}
    with pytest.raises(PrivacyError):
        read_answers(path, COMMON / "networks.csv", **terms)
    imported = read_answers(path, COMMON / "networks.csv", decisions={(3, "remarks"): "withhold"}, **terms)
    made = answers_as_project(answers_of(imported), ["remarks"], attributes=["source_id"])
    assert [(each.id, each.text) for each in made.corpus] == [("zz0001: remarks", "We want more help.")]
    assert [each.attributes["source_id"] for each in made.cases] == ["one", "two", "three"]
    assert made.codings.empty and made.coders == ()
