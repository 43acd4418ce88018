"""The three questionnaires for those who help: complete in four languages, safe to ask, and asked in the right order."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pyxform.xls2xform import convert

from research_lib.interviews import xlsform
from research_lib.interviews.answers.dropped_columns import kind_of_column
from research_lib.interviews.answers.form_questions import questions_of
from research_lib.interviews.answers_import import AnswersError, read_answers
from research_lib.interviews.cases import ADMINISTRATION, KEPT_APART, problems
from research_lib.interviews.forms.form_lint import identifying
from research_lib.interviews.skip_logic import applicable_as_written
from research_lib.interviews.xlsform import COMMON

FORMS = ("networks", "roles", "staff_exchange")
LANGUAGES = ("English (en)", "French (fr)", "Italian (it)", "Slovak (sk)")
PURPOSES = "mandatory services information lobbying projects other"
CHOICES = {
    "a3": "first-contact assistance vocational training research awareness lobbying",
    **dict.fromkeys(("b1", "b2", "b7", "b8", "b9"), "yes no"),
    "b3": "ngo public-administration municipality regional-administration international other",
    **dict.fromkeys(("b4", "c9"), PURPOSES),
    "c1": "informal formalised",
    "c3": "municipality regional provincial national",
    "c5": "same-type multi-agency",
    "c6": "lead-and-partners rotating none other",
    "c7": "lead ngo public-administration municipality regional-administration private",
}
TEXTS = ("a3_other", "b6", "c2", "c4", "c8", *(f"c{number}" for number in range(10, 19)))
DETAILED = ("b3", "b4", "b7", "b8", "b9", "c1", "c5", "c6", "c7", "c9")
ALONE = ("none", "any", "dk", "refused")
KINDS = {
    *("begin_group", "end_group", "begin_repeat", "end_repeat", "note", "text", "select_one", "select_multiple"),
}
PROPER_NAMES = {("partnership", name) for name in ("emergendo", "longue-marche", "se-reconstruire")}
PERSONAL = {
    "en": r"\bnames?\b|surname|phone|e-?mail|address|contact person|birth",
    "fr": r"\b(pré)?noms?\b|téléphon|courriel|e-?mail|adresse|naissance|personne de contact",
    "it": r"\b(cog)?nom[ei]\b|telefon|e-?mail|indirizz|nascita|persona di riferimento",
    "sk": r"\bmen[oáa]\b|priezvisk|telefón|e-?mail|adres|naroden|kontaktn\w+ osob",
}
LABELLING = re.compile(
    r"\billegal|clandestin|\billégal|nelegáln|nezákonn|prostituée|prostituta\b|prostitutka|\bprostitutes?\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module", params=FORMS)
def form(request):
    return xlsform.read_form(COMMON / f"{request.param}.csv")


@pytest.fixture(scope="module")
def networks():
    return xlsform.read_form(COMMON / "networks.csv")


def asked_of(form, repeat="", **answers) -> set[str]:
    """The questions that a form's own expressions ask, given these answers; agreed to unless said otherwise."""
    own = [
        question for question in questions_of(form).values() if question.repeat == repeat and question.kind != "note"
    ]
    known = dict.fromkeys(questions_of(form), "") | {"consent": "yes"} | answers
    assert set(known) == set(questions_of(form))

    def column(name):
        return np.array([known[name]], dtype=object) if name in known else None

    found = applicable_as_written({question.name: question.relevant for question in own}, column, pd.RangeIndex(1))
    return {name for name in found if found[name].item()}


def body(form) -> set[str]:
    """What is asked after consent, without the first and last parts."""
    return {
        item.row["name"]
        for item in form.placed()
        if item.is_question and item.group not in ("admin", "agreement", "closing")
    }


def of_part(form, group) -> set[str]:
    return {item.row["name"] for item in form.placed() if item.is_question and item.group == group}


# All three


def test_a_form_has_no_problem(form):
    assert xlsform.lint(form) == []
    assert form.languages == LANGUAGES


def test_pyxform_takes_a_form_without_a_warning_as_text_and_as_xlsx(form, tmp_path):
    built = xlsform.write_form(form, tmp_path, "form")[0]
    as_text, as_xlsx = (convert(str(path), validate=False) for path in (COMMON / form.file, built))
    assert as_text.warnings == as_xlsx.warnings == []
    for language in LANGUAGES:
        assert f'<translation lang="{language}"' in as_xlsx.xform
    assert "-</value>" not in as_xlsx.xform, "pyxform writes - where a translation is missing"
    again = xlsform.read_form(built)
    assert [row.cells for row in again.survey] == [row.cells for row in form.survey]
    assert xlsform.build_xform(again) == xlsform.build_xform(form)


def test_each_label_is_in_each_language_and_in_no_two_alike(form):
    alike = set()
    for row in (*form.survey, *form.choices):
        if row.kind not in ("end_group", "end_repeat") and row.list_name != "interview_year":
            labels = [row[f"label::{language}"] for language in LANGUAGES]
            assert all(labels), row
            if len({label.casefold() for label in labels}) < len(LANGUAGES):
                alike.add((row.list_name, row["name"]))
        for base in ("hint", "constraint_message"):
            assert len({bool(row[f"{base}::{language}"]) for language in LANGUAGES}) == 1, row
    same = {("consent_answer", "no"), ("yes_no", "no")}
    assert alike == same | (PROPER_NAMES if form.file == "roles.csv" else set()), "English and Italian `no`"


def test_a_form_has_what_every_record_needs(form):
    names = [row["name"] for row in form.survey]
    assert {*KEPT_APART, *ADMINISTRATION} <= set(names)
    countries = [row["name"] for row in form.lists["country_code"]]
    assert countries == ["FRA", "ITA", "SVK", "other_country"]
    assert {row["country"] for row in form.lists["site"]} == {"FRA", "ITA", "SVK", "all"}
    assert names.index("legal_basis") < min(names.index(name) for name in body(form))


def test_no_question_asks_who_somebody_is(form):
    for row, is_question in ((item.row, item.is_question) for item in form.placed()):
        assert not is_question or not list(identifying(row)), row
        for language in LANGUAGES:
            code = language[-3:-1]
            assert row.kind == "note" or not re.search(PERSONAL[code], row[f"label::{language}"], re.IGNORECASE), row
        assert row.kind != "text" or not kind_of_column(row["name"]), f"answers to {row['name']} would be dropped"
    assert {row.kind for row in form.survey} <= KINDS


def test_no_language_labels_a_person(form):
    for row in (*form.survey, *form.choices):
        assert not [text for text in row.cells.values() if LABELLING.search(text)], row


def test_every_question_can_be_left_unanswered_and_no_answer_stands_alone(form):
    for item in form.placed():
        if not item.is_question or item.group in ("admin", "agreement"):
            continue
        row = item.row
        if row.kind == "text":
            assert row["relevant"].endswith("_gate} = 'answered'"), row
            continue
        names = [choice["name"] for choice in form.lists[row.list_name]]
        assert names[-2:] == ["dk", "refused"], row
        if row.kind == "select_multiple":
            alone = " or ".join(f"selected(., '{name}')" for name in ALONE if name in names)
            assert row["constraint"] == f"not({alone}) or count-selected(.) = 1", row


@pytest.mark.parametrize("answer", ["no", ""])
def test_without_consent_nothing_more_is_asked(form, answer):
    for repeat in {question.repeat for question in questions_of(form).values()}:
        given = dict.fromkeys(body(form), "yes") | {"consent": answer}
        later = body(form) | of_part(form, "closing") | {"consent_scope", "legal_basis"}
        assert not asked_of(form, repeat, **given) & later


def test_each_text_follows_its_gate(form):
    everything = questions_of(form)
    for name, question in everything.items():
        if question.kind == "text" and question.groups[0] not in ("admin", "agreement"):
            gate = name if f"{name}_gate" in everything else name.removesuffix("_details")
            assert question.relevant.endswith(f"(${{{gate}_gate}} = 'answered')"), name


def test_an_answered_form_comes_in_as_a_case(form, tmp_path):
    answers = {name: "" for name, each in questions_of(form).items() if each.kind != "note" and not each.repeat} | {
        "case_code": "ab1234",
        "source_id": "our-organisation",
        "country_code": "SVK",
        "site": "bratislava",
        "interview_year": "2026",
        "respondent": form.lists["respondent"][0]["name"],
        "consent": "yes",
        "consent_scope": "this_study published_tables",
        "legal_basis": "consent",
        "remarks_gate": "answered",
        "remarks": "We meet each spring.",
    }
    path = tmp_path / "answers.csv"
    pd.DataFrame([answers]).to_csv(path, index=False)
    sheets = {question.repeat for question in questions_of(form).values()} - {""}
    imported = read_answers(path, form, legal_basis="consent", retention=date(2031, 12, 31), without=sheets)
    assert (imported.report.taken, imported.report.dropped) == (1, ())
    assert problems(imported.cases) == []
    assert imported.others.set_index("question")["answer"]["remarks"] == "We meet each spring."


# Networks: the questions of annex 2, and the skip from B2 to C1


def test_the_questions_on_networks_have_their_names_and_choices(networks):
    rows = {row["name"]: row for row in networks.survey}
    for name, choices in CHOICES.items():
        assert [row["name"] for row in networks.lists[rows[name].list_name]] == [*choices.split(), "dk", "refused"], (
            name
        )
    many = {name for name in CHOICES if rows[name].kind == "select_multiple"}
    assert many == {"a3", "b3", "b4", "c7", "c9"}
    assert {name for name, row in rows.items() if row.kind == "text"} == {
        *("case_code", "source_id", "remarks"),
        *TEXTS,
        *(f"{name}_details" for name in DETAILED),
    }
    assert body(networks) == {
        *CHOICES,
        *TEXTS,
        *(f"{name}_{part}" for name in DETAILED for part in ("gate", "details")),
        *(f"{name}_gate" for name in TEXTS),
    }
    counted = {variable.name for variable in xlsform.variables(networks)}
    assert counted == set(CHOICES)


ALWAYS = {"a3", "a3_other_gate", "b1"}
WITHOUT_NETWORK = {"b3", "b4", "b6_gate"}
OPINIONS = {"b7", "b8", "b9"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, ALWAYS),
        ({"b1": "no"}, ALWAYS | OPINIONS),
        ({"b1": "yes"}, ALWAYS | {"b2"}),
        ({"b1": "yes", "b2": "no"}, ALWAYS | {"b2"} | WITHOUT_NETWORK | OPINIONS),
        ({"b1": "dk"}, ALWAYS),
        ({"b1": "refused"}, ALWAYS),
        ({"b1": "yes", "b2": "dk"}, ALWAYS | {"b2"}),
        ({"b1": "yes", "b2": "refused"}, ALWAYS | {"b2"}),
        ({"b1": "no", "b2": "yes"}, ALWAYS | OPINIONS),
        ({"b1": "no", "b2": "no"}, ALWAYS | OPINIONS),
    ],
)
def test_part_b_follows_from_b1_and_b2(networks, answers, expected):
    assert asked_of(networks, **answers) & body(networks) == expected


def test_from_b2_with_yes_the_next_question_is_c1(networks):
    order = [row["name"] for row in networks.survey]
    found = asked_of(networks, b1="yes", b2="yes") & body(networks)
    follows = [name for name in order[order.index("b2") + 1 :] if name in found]
    assert follows[0] == "c1"
    part_c = of_part(networks, "network")
    assert set(follows) == {name for name in part_c if name in CHOICES or name.removesuffix("_gate") in TEXTS[2:]} - {
        *TEXTS
    }
    for b1, b2 in (
        ("yes", "no"),
        ("yes", "dk"),
        ("yes", "refused"),
        ("yes", ""),
        ("no", ""),
        ("no", "yes"),
        ("dk", ""),
    ):
        given = dict.fromkeys(part_c, "answered") | {"b1": b1, "b2": b2}
        assert not asked_of(networks, **given) & part_c, (b1, b2)


@pytest.mark.parametrize("question", DETAILED)
def test_details_are_asked_where_there_are_any(networks, question):
    before = {"b1": "yes", "b2": "yes" if question.startswith("c") else "no"}
    gate, details = f"{question}_gate", f"{question}_details"
    for answer in CHOICES[question].split():
        is_told = not (question in ("b7", "b9") and answer == "no")
        found = asked_of(networks, **before, **{question: answer})
        assert (gate in found, details in found) == (is_told, False), answer
        assert details in asked_of(networks, **before, **{question: answer, gate: "answered"})
    for answer in ("dk", "refused", ""):
        assert gate not in asked_of(networks, **before, **{question: answer}), answer


def test_an_answer_beyond_the_skip_is_refused(networks, tmp_path):
    answers = {name: "" for name, each in questions_of(networks).items() if each.kind != "note"} | {
        "case_code": "ab1234",
        "source_id": "our-organisation",
        "consent": "yes",
        "consent_scope": "this_study",
        "b1": "yes",
        "b2": "yes",
        "b3": "ngo public-administration",
    }
    path = tmp_path / "answers.csv"
    pd.DataFrame([answers]).to_csv(path, index=False)
    with pytest.raises(AnswersError, match="b3: it is answered, but the form does not ask it"):
        read_answers(path, networks, legal_basis="consent", retention=date(2031, 12, 31))


# Roles and exchanges of staff


def test_roles_and_profiles_are_repeated_and_areas_are_in_three_parts():
    form = xlsform.read_form(COMMON / "roles.csv")
    repeats: dict[str, list[str]] = {}
    for question in questions_of(form).values():
        repeats.setdefault(question.repeat, []).append(question.name)
    assert set(repeats) == {"", "role_sheet", "profile_sheet"}
    aspects = {
        f"role_{aspect}" for aspect in ("area", "organisation", "actions", "tasks", "skills", "methods", "tools")
    }
    assert {"role", "role_profiles", *aspects} <= set(repeats["role_sheet"])
    assert {"profile", "qualification", "subjects", "duration", "diploma"} <= set(repeats["profile_sheet"])
    for part, group in {"lt": "low_threshold", "as": "assistance", "lm": "labour_market"}.items():
        inner = {f"{part}_{name}" for name in ("areas", "gender", "people", "sector", "partners_gate", "exchange")}
        assert inner | {f"{part}_offered", f"{part}_exchange_gate"} <= of_part(form, group)
        assert asked_of(form, **{f"{part}_offered": "yes"}) >= inner
        assert not asked_of(form, **{f"{part}_offered": "no"}) & inner
    assert "role_other_gate" in asked_of(form, "role_sheet", role="other")
    assert "role_other_gate" not in asked_of(form, "role_sheet", role="lawyer")


def test_participants_are_known_by_a_code_only():
    form = xlsform.read_form(COMMON / "staff_exchange.csv")
    code = next(row for row in form.survey if row["name"] == "case_code")
    words = ("Name and surname are not asked", "Le nom et le prénom", "Nome e cognome", "meno a priezvisko")
    for language, said in zip(LANGUAGES, words, strict=True):
        assert said in code[f"hint::{language}"]
    assert [row["name"] for row in form.lists["gender"]] == ["female", "male", "transgender", "queer", "dk", "refused"]
    ages = [row["name"] for row in form.lists["age_band"]]
    assert ages == ["18_24", "25_34", "35_44", "45_54", "55_64", "65_plus", "dk", "refused"]
    groups = list(dict.fromkeys(item.group for item in form.placed() if item.group))
    assert groups[2:-1] == [
        *("participant", "language_part", "employer", "environment", "own_place", "obstacles", "wishes"),
    ]
    levels = {"reading", "speaking", "writing"}
    assert levels <= asked_of(form, "language_sheet", mother_tongue="no")
    assert not levels & asked_of(form, "language_sheet", mother_tongue="yes")
