"""Forms that other people made, as they are: aliases of columns and types, names given twice, files of choices, XForms."""

import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.errors import ResearchError
from research_lib.evidence.new_study import new_study
from research_lib.interviews import xlsform
from research_lib.interviews.answers.form_questions import questions_of, unread_conditions
from research_lib.interviews.answers.question_headers import QuestionHeaders
from research_lib.interviews.answers_import import read_answers
from research_lib.interviews.forms.form_lint import identifying_in
from research_lib.interviews.forms.form_reading import given_form
from research_lib.interviews.mapping import FILE, RecordMapping, read_mapping
from research_lib.interviews.mapping_draft import adopt_form, draft_mapping
from research_lib.interviews.xlsform import FormError
from research_lib.show.material import open_material
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

ALIASES = """
| Survey |
| | Type | Name | label:English | label:Français (fr) | bind:relevant | Constraint Message | My notes |
| | begin group | place | Place | Lieu | | | |
| | select one from yes_no | moved | Did you move? | | | Say yes or no | ask first |
| | select all that apply from means or_other | how | How? | | ${moved} = 'yes' | | |
| | add integer prompt | age | Age | | | | |
| | q string | why | Why? | | | | |
| | end group | | | | | | |
| | select_one yes_no | kept | Kept? | | pulldata('x', 'y', 'z', ${moved}) = '1' | | |
| | | stray | No type | | | | |
| Choices |
| | list name | Value | caption |
| | yes_no | yes | Yes |
| | yes_no | no | No |
| | means | bus | Bus |
"""


@pytest.fixture
def form(tmp_path):
    path = tmp_path / "aliases.md"
    path.write_text(ALIASES, encoding="utf-8")
    return xlsform.read_form(path)


def test_aliases_are_read_by_their_first_names(form):
    found = [(row["type"], row["name"], row["label::English"], row["relevant"]) for row in form.survey]
    assert found == [
        ("begin_group", "place", "Place", ""),
        ("select_one yes_no", "moved", "Did you move?", ""),
        ("select_multiple means", "how", "How?", "${moved} = 'yes'"),
        ("text", "how_other", "How?", "selected(${how}, 'other')"),
        ("integer", "age", "Age", ""),
        ("text", "why", "Why?", ""),
        ("end_group", "", "", ""),
        ("select_one yes_no", "kept", "Kept?", "pulldata('x', 'y', 'z', ${moved}) = '1'"),
    ]
    assert {name: [row["name"] for row in rows] for name, rows in form.lists.items()} == {
        "yes_no": ["yes", "no"],
        "means": ["bus", "other"],
    }


def test_what_a_form_has_beside_it_is_named(form):
    assert form.notes == (
        "not used: aliases.md: the column 'My notes'",
        "aliases.md:11 'stray' is not used: it has no type",
    )


def test_a_condition_that_cannot_be_read_counts_as_true_and_is_named(form):
    ((condition, reason),) = unread_conditions(form)
    assert condition.startswith("pulldata(") and "'pulldata' is neither" in reason
    assert questions_of(form)["kept"].relevant == ""
    assert {each.name: each.relevant for each in xlsform.variables(form)} == {
        "moved": "",
        "how": "${moved} = 'yes'",
        "kept": "",
    }


def test_one_name_in_two_groups_is_two_questions(tmp_path):
    path = tmp_path / "twice.md"
    path.write_text(
        """
| survey |
| | type | name | label |
| | begin_group | mother | Mother |
| | select_one yes_no | alive | Alive? |
| | end_group | | |
| | begin_group | father | Father |
| | select_one yes_no | alive | Alive? |
| | end_group | | |
| choices |
| | list_name | name | label |
| | yes_no | yes | Yes |
""",
        encoding="utf-8",
    )
    form = xlsform.read_form(path)
    assert [each.name for each in xlsform.variables(form)] == ["mother_alive", "father_alive"]
    found = QuestionHeaders(questions_of(form)).all_found(["mother/alive", "father.alive", "alive"])
    assert [each.place and each.place.question for each in found.values()] == ["mother_alive", "father_alive", None]
    path.write_text(path.read_text().replace("| father |", "| mother |"), encoding="utf-8")
    with pytest.raises(ResearchError, match=r"twice\.md:8: the name 'alive' is given twice"):
        questions_of(xlsform.read_form(path))


def test_choices_in_a_file_of_their_own(tmp_path):
    path = tmp_path / "towns.md"
    path.write_text(
        "| survey |\n| | type | name | label |\n| | select_one_from_file towns.csv | town | Town |\n", encoding="utf-8"
    )
    without = xlsform.read_form(path)
    assert "towns.csv: this file of choices is not beside the form" in without.notes[0]
    assert xlsform.variables(without) == () and questions_of(without)["town"].kind == "text"
    (tmp_path / "towns.csv").write_text("name,label\nturin,Torino\nparis,Paris\n", encoding="utf-8")
    (town,) = xlsform.variables(xlsform.read_form(path))
    assert town.choices == ("turin", "paris") and town.dimension == "questions"


def test_choices_of_the_sheet_external_choices(tmp_path):
    path = tmp_path / "towns.md"
    path.write_text(
        """
| survey |
| | type | name | label | choice_filter |
| | select_one_external towns | town | Town | state=1 |
| external_choices |
| | list name | name | label | state |
| | towns | turin | Torino | 1 |
""",
        encoding="utf-8",
    )
    (town,) = xlsform.variables(xlsform.read_form(path))
    assert town.choices == ("turin",)


def test_a_text_of_excel_in_western_europe_is_read_with_a_note(tmp_path):
    path = tmp_path / "enquete.csv"
    path.write_bytes("survey\n,type,name,label\n,text,why,Pourquoi êtes-vous là ?\n".encode("cp1252"))
    form = xlsform.read_form(path)
    assert form.survey[0]["label"] == "Pourquoi êtes-vous là ?" and "read as cp1252" in form.notes[0]
    path.write_bytes("survey\n,type,name,label\n,text,why,您为什么离开\n".encode()[:-2])
    with pytest.raises(FormError, match=r"enquete\.csv: the encoding is not known"):
        xlsform.read_form(path)


def test_what_pyxform_says_has_the_line_of_the_file(tmp_path):
    path = tmp_path / "small.md"
    path.write_text(
        "| survey |\n| | type | name | label |\n| | | stray | ? |\n| | text | a b | Why? |\n", encoding="utf-8"
    )
    with pytest.raises(FormError, match=r"pyxform refuses it: small\.md:4: On the 'survey' sheet, the 'name' value"):
        xlsform.build_xform(xlsform.read_form(path))


def test_the_check_names_an_instrument_that_cannot_be_used(tmp_path):
    study = new_study(tmp_path / "own", title="Own", licence="CC0-1.0")
    (study / "instruments").mkdir(exist_ok=True)
    (study / "instruments/staff.csv").write_text("survey\n,type,label\n,text,Why?\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(study)])
    assert said.exit_code == 1 and "instruments/staff.csv cannot be used: staff.csv: Invalid headers" in said.output


def test_a_form_without_notes_leaves_no_empty_line(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("survey\n,type,name,label\n,text,why,Why?\n", encoding="utf-8")
    order = ["new", str(tmp_path / "own"), "--title", "Own", "--licence", "CC0-1.0", "--form", str(path)]
    said = CliRunner().invoke(app, order)
    assert said.exit_code == 0 and "\n\n" not in said.output and "drafted" in said.output


def test_formulas_give_their_last_values_and_extent_is_what_is_filled(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "survey"
    for row in (["type", "name", "label"], ["text", "why", "Why?"], *[[]] * 30, ["note", "end", "The end"]):
        book.active.append(row)
    book.active["C5000"].number_format = "0.00"
    book.save(tmp_path / "long.xlsx")
    assert [(row["name"], row.line) for row in xlsform.read_form(tmp_path / "long.xlsx").survey] == [
        ("why", 2),
        ("end", 33),
    ]


XFORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>Moves</h:title><model>
<itext><translation lang="English (en)" default="true()">
<text id="/data/home/town:label"><value>Where does <output value="/data/who"/> live?</value></text>
<text id="towns-0"><value>Turin</value></text></translation></itext>
<instance><data id="moves" version="3"><start/><who/><home><town/><kids><age/></kids></home><meta><instanceID/></meta>
</data></instance>
<instance id="towns"><towns><item><itextId>towns-0</itextId><name>turin</name></item></towns></instance>
<bind nodeset="/data/start" type="dateTime" jr:preload="timestamp" jr:preloadParams="start"/>
<bind nodeset="/data/who" type="string"/>
<bind nodeset="/data/home/town" type="string" relevant=" /data/who != ''"/>
<bind nodeset="/data/home/kids/age" type="int" relevant="../../town = 'turin'"/>
<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/>
</model></h:head>
<h:body><input ref="/data/who"><label>Who?</label></input>
<group ref="/data/home"><label>Home</label>
<select1 ref="/data/home/town"><label ref="jr:itext('/data/home/town:label')"/>
<itemset nodeset="instance('towns')/towns/item"><value ref="name"/><label ref="jr:itext(itextId)"/></itemset></select1>
<group ref="/data/home/kids"><label>Kids</label><repeat nodeset="/data/home/kids">
<input ref="/data/home/kids/age"><label>Age</label></input></repeat></group>
</group></h:body></h:html>"""


def test_an_xform_is_read_as_the_rows_that_made_it(tmp_path):
    (tmp_path / "moves.xml").write_text(XFORM, encoding="utf-8")
    form = xlsform.read_form(tmp_path / "moves.xml")
    assert [(row["type"], row["name"], row["relevant"]) for row in form.survey] == [
        ("start", "start", ""),
        ("text", "who", ""),
        ("begin_group", "home", ""),
        ("select_one towns", "town", "${who} != ''"),
        ("begin_repeat", "kids", ""),
        ("integer", "age", "${town} = 'turin'"),
        ("end_repeat", "", ""),
        ("end_group", "", ""),
    ]
    assert form.survey[3]["label::English (en)"] == "Where does … live?"
    assert form.settings[0]["form_id"] == "moves"
    (town,) = xlsform.variables(form)
    assert town.choice_labels == {"turin": {"en": "Turin"}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<data><who/></data>", r"it is XML, but no XForm: it begins with 'data'"),
        ("<h:html", "not well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
    ],
)
def test_xml_that_is_no_form_is_refused(tmp_path, text, words):
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    with pytest.raises(FormError, match=words):
        xlsform.read_form(tmp_path / "a.xml")


def test_the_common_interview_comes_back_from_its_own_xform(tmp_path):
    form = xlsform.study_form(tmp_path)
    (tmp_path / "interview.xml").write_text(xlsform.build_xform(form), encoding="utf-8")
    again = xlsform.read_form(tmp_path / "interview.xml")
    assert [(each.name, each.kind, each.choices) for each in xlsform.variables(again)] == [
        (each.name, each.kind, each.choices) for each in xlsform.variables(form)
    ]


# ---- the mapping

FOREIGN = """
| survey |
| | type | name | label |
| | today | today | |
| | select_one country | pays | Pays |
| | select_one oui | consentement | Acceptez-vous ? |
| | select_one site | site | Lieu |
| | select_one oui | travaille | Travaillez-vous ? |
| choices |
| | list_name | name | label |
| | country | it | Italie |
| | country | fr | France |
| | oui | 1 | Oui |
| | oui | 0 | Non |
| | site | turin | Turin |
"""


@pytest.fixture
def foreign(tmp_path):
    path = tmp_path / "enquete.md"
    path.write_text(FOREIGN, encoding="utf-8")
    return path


def test_a_draft_says_what_it_guessed_and_what_nobody_can(foreign):
    draft = draft_mapping(xlsform.read_form(foreign))
    assert draft.guessed == (
        "interview_year: the column 'today'",
        "case_code: the column '_uuid'",
        "country_code: the column 'pays'",
        "consent: the column 'consentement'",
        "source_id: 'enquete' for all records",
        "consent_scope: 'this_study' for all records",
        "legal_basis: 'consent' for all records",
        "respondent: 'person' for all records",
    )
    assert draft.open == ()


def test_a_study_takes_a_form_as_it_is(foreign, tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    adopt_form(study, foreign)
    assert (study / "instruments/interview.md").read_text(encoding="utf-8") == FOREIGN
    assert xlsform.study_form(study).survey == xlsform.read_form(study / "instruments/interview.md").survey
    mapping = read_mapping(study)
    assert mapping.answers == {
        "country_code": {"it": "ITA", "fr": "FRA"},
        "consent": {"1": "yes", "0": "no"},
    }
    assert xlsform.needed_questions(mapping.complete(xlsform.study_form(study))) == []
    (study / "instruments/interview.md").rename(study / "instruments/interview.csv")
    adopt_form(study, foreign)
    assert [path.name for path in xlsform.own_forms(study)] == ["interview.md"]


def test_two_instruments_of_one_name_are_refused(foreign, tmp_path):
    (tmp_path / "instruments").mkdir()
    for name in ("interview.md", "interview.csv"):
        (tmp_path / "instruments" / name).write_text(FOREIGN, encoding="utf-8")
    with pytest.raises(FormError, match=r"interview\.csv: interview\.md is there too"):
        xlsform.study_form(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[columns]\nage = 'x'", "'age' is not one of case_code"),
        ("[column]\n", "'column' is not one of columns"),
        ("[same_for_all]\nsite = 3", r"\[same_for_all\] has something that is not a text"),
        ("[columns]\nsite = 'x'\n[same_for_all]\nsite = 'y'", "'site' is in `columns` and in `same_for_all`"),
        ("[columns", "cannot be read as TOML"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path, text, words):
    path = tmp_path / FILE
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResearchError, match=words):
        read_mapping(tmp_path)


def test_one_import_may_say_otherwise():
    mapping = RecordMapping(columns={"site": "town"}, same_for_all={"respondent": "person"})
    changed = mapping.with_changes({"site": "turin"}, {"q12": "age_band"})
    assert (changed.columns, changed.same_for_all, changed.rename) == (
        {},
        {"respondent": "person", "site": "turin"},
        {"q12": "age_band"},
    )
    assert Path(changed.file).name == "mapping.toml"


def test_style_is_advice_and_what_names_a_person_stops(tmp_path):
    study, path = tmp_path / "study", tmp_path / "names.csv"
    path.write_text(
        "survey\n,type,name,label\n,text,why,Why did you leave?\n,text,surname,Your surname?\n", encoding="utf-8"
    )
    (study / "instruments").mkdir(parents=True)
    (study / "instruments/interview.csv").write_bytes(path.read_bytes())
    order = ["forms", "--study", str(study), "--to", str(tmp_path / "forms")]
    stopped = CliRunner().invoke(app, order)
    assert stopped.exit_code == 1 and not (tmp_path / "forms").exists()
    assert "could say who somebody is" in str(stopped.exception) and "allow 'surname'" in str(stopped.exception)
    made = CliRunner().invoke(app, [*order, "--allow", "surname=an anonymous pilot"])
    assert made.exit_code == 0 and (tmp_path / "forms/interview.xlsx").exists()
    assert "advice: " in made.stderr and "a question without choices needs a gate" in made.stderr


EXPORT = """today,pays,consentement,site,Travaille,_uuid,beside
2024-03-01,it,1,turin,1,6f1c1c8e-5e5b-4e0a-9d0a-3f1c9f0b7a11,x
2024-03-02,fr,0,turin,0,0b0f6f60-3c8b-4d0f-8a52-2f5c8b1a9c22,y
2024-03-03,fr,1,turin,0,HH-0023,
"""


def test_an_export_comes_in_by_its_mapping(foreign, tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    adopt_form(study, foreign)
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8")
    form, mapping = xlsform.study_form(study), read_mapping(study)
    terms = {"legal_basis": "consent", "retention": date(2099, 1, 1)}
    found = read_answers(tmp_path / "export.csv", form, mapping=mapping, **terms)
    frame = found.cases.frame
    assert frame[
        ["country_code", "site", "interview_year", "respondent", "source_id", "consent_scope"]
    ].to_numpy().tolist() == [
        ["ITA", "turin", "2024", "person", "enquete", "this_study"],
        ["FRA", "turin", "2024", "person", "enquete", "this_study"],
    ]
    assert frame["travaille"].tolist() == ["1", "0"] and found.report.without_consent == 1
    first, keyed = frame["case_id"]
    assert first == "6f1c1c8e-5e5b-4e0a-9d0a-3f1c9f0b7a11" and "hh" not in keyed and len(keyed) == len(first)
    said = str(found.report)
    assert "export.csv beside (the form has no such question), 2 cells" in said and "other capitals" in said
    numbered = read_answers(
        tmp_path / "export.csv",
        form,
        mapping=mapping.with_changes({"case_code": "numbered", "site": "lyon"}, {}),
        **terms,
    )
    assert numbered.cases.frame[["case_id", "site"]].to_numpy().tolist() == [["nr000001", "lyon"], ["nr000003", "lyon"]]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "pays,",
            "country,",
            r"no column is 'pays', as .*mapping\.toml says; correct it there, or say --set country_code=…",
        ),
        (",it,", ",,", r"export\.csv:2 pays: an empty cell is no country_code; write under \[answers\.country_code\]"),
        ("2024-03-01", "spring", r"export\.csv:2 today: 'spring' is no interview_year"),
    ],
)
def test_what_a_mapping_does_not_find_is_named(foreign, tmp_path, old, new, words):
    study = tmp_path / "study"
    study.mkdir()
    adopt_form(study, foreign)
    (tmp_path / "export.csv").write_text(EXPORT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ResearchError, match=words):
        read_answers(
            tmp_path / "export.csv",
            xlsform.study_form(study),
            mapping=read_mapping(study),
            legal_basis="consent",
            retention=date(2099, 1, 1),
        )


# ---- traits of real forms


def as_form(tmp_path: Path, text: str):
    path = tmp_path / "trait.md"
    path.write_text(text, encoding="utf-8")
    return xlsform.read_form(path)


def test_questions_and_choices_may_be_two_tables_in_an_encoding_that_is_said(tmp_path):
    survey, choices = tmp_path / "survey.csv", tmp_path / "choices.csv"
    survey.write_bytes('"","type","name","label..French"\n"1","select_one w","how","D’où ?"\n'.encode("cp1252"))
    choices.write_bytes('"","list_name","name","label..French"\n"1","w","NA","à pied"\n'.encode("cp1252"))
    with pytest.raises(ResearchError, match="the encoding is not known"):
        given_form(survey, choices)
    study = tmp_path / "study"
    study.mkdir()
    adopt_form(study, survey, choices, encoding="cp1252")
    form = xlsform.study_form(study)
    assert form.languages == ("French",) and form.survey[0]["label::French"] == "D’où ?"
    assert [(row["name"], row["label::French"]) for row in form.lists["w"]] == [("NA", "à pied")]
    made = CliRunner().invoke(
        app, ["new", str(tmp_path / "new"), "--form", str(survey), "--choices", str(choices), "--encoding", "cp1252"]
    )
    assert made.exit_code == 0 and (tmp_path / "new/instruments/interview.csv").exists()
    one = tmp_path / "one.csv"
    one.write_bytes("survey,type,name,label\n,text,why,Pourquoi à Paris ?\n".encode("cp1252"))
    assert given_form(one, encoding="cp1252")[0].survey[0]["label"] == "Pourquoi à Paris ?"


ASKED = """
| survey |
| | type | name | label |
| | select_one y | {name} | {label} |
| choices |
| | list_name | name | label |
| | y | yes | Yes |
| | y | no | No |
"""


@pytest.mark.parametrize(
    ("name", "label", "is_consent"),
    [
        ("q1", "Do you agree to take part?", True),
        ("consent_given", "Go on?", True),
        ("q1", "Êtes-vous d'accord pour répondre ?", True),
        ("land", "Do you have a rental agreement?", False),
        ("water", "According to you, is it clean?", False),
        ("declined_consent", "Has the person declined?", False),
        ("no_consent", "Is consent refused?", False),
    ],
)
def test_consent_is_guessed_from_a_consent_only(tmp_path, name, label, is_consent):
    draft = draft_mapping(as_form(tmp_path, ASKED.format(name=name, label=label)))
    assert ("consent" not in draft.open) == is_consent


def test_one_question_may_be_written_twice_in_a_group_with_other_choices(tmp_path):
    form = as_form(
        tmp_path,
        """
| survey |
| | type | name | label | relevant |
| | integer | age | Age | |
| | select_multiple young | washed | Washed when? | ${age} < 5 |
| | select_multiple old | washed | Washed when? | ${age} >= 5 |
| choices |
| | list_name | name | label |
| | young | food | Food |
| | young | diapers | Diapers |
| | old | toilet | Toilet |
| | old | food | Before food |
""",
    )
    (washed,) = xlsform.variables(form)
    assert washed.choices == ("food", "diapers", "toilet")
    assert washed.relevant == "(${age} < 5) or (${age} >= 5)"
    assert questions_of(form)["washed"].choices_by_label["Food"] == {"food"}
    xlsform.build_xform(form)


def test_curved_quotation_marks_are_plain_in_names_and_conditions_as_platforms_write_them(tmp_path):
    text = ASKED.format(name="q", label="It’s so?").replace("| y | no |", "| y | don’t_know |")
    form = as_form(tmp_path, text.replace("| label |", "| label |", 1))
    assert xlsform.variables(form)[0].choices == ("yes", "don't_know")
    assert form.survey[0]["label"] == "It’s so?" and questions_of(form)["q"].labels == {"It’s so?"}
    assert QuestionHeaders(questions_of(form)).all_found(["It's so?"])["It's so?"].place == ("q", "")


def test_records_are_numbered_through_all_tables_and_a_column_is_renamed_once(foreign, tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    adopt_form(study, foreign)
    mapping = read_mapping(study).with_changes({"case_code": "numbered"}, {"beside": "site", "Travaille": "travaille"})
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text(EXPORT, encoding="utf-8")
    found = read_answers(
        paths, xlsform.study_form(study), mapping=mapping, legal_basis="consent", retention=date(2099, 1, 1)
    )
    assert found.cases.frame["case_id"].tolist() == ["nr000001", "nr000003", "nr000004", "nr000006"]
    assert found.cases.frame["site"].tolist() == ["turin"] * 4


def test_countries_are_told_by_their_names_in_languages_and_never_by_numbers(tmp_path):
    text = ASKED.format(name="country", label="?")
    found = [
        draft_mapping(as_form(tmp_path, text.replace("| yes | Yes |", f"| {a} |").replace("| no | No |", f"| {b} |")))
        for a, b in (("1 | Nemecko", "2 | Côte d’Ivoire"), ("4 | North", "8 | South"))
    ]
    assert '"1" = "DEU"\n"2" = "CIV"' in found[0].text and "country_code" in found[1].open


WAY = """
| survey |
| | type | name | {label} |
| | select_one agree | consent | Do you agree? |
| | select_one places | place | Where do we meet? |
| | select_one yes_no | works_now | Do you work now? |
| | select_multiple means | how_came | How did you come? |
| choices |
| | list_name | name | {label} |
| | agree | yes | Yes |
| | agree | no | No |
| | places | turin | Turin |
| | places | milan | Milan |
| | places | genoa | Genoa |
| | places | paris | Paris |
| | places | lyon | Lyon |
| | places | nice | Nice |
| | places | kosice | Košice |
| | places | trnava | Trnava |
| | yes_no | yes | Yes, I work |
| | yes_no | no | No work |
| | means | bus | By bus |
| | means | train | By train |
"""


PLACES = ("turin", "milan", "genoa", "paris", "lyon", "nice", "kosice", "trnava")


@pytest.mark.parametrize("label", ["label", "label::English", "label::English (en)", "label::Italiano"])
def test_a_form_of_others_goes_all_the_way_to_the_page_whatever_language_its_labels_name(tmp_path, label):
    run, folder = CliRunner(), tmp_path / "study"
    (tmp_path / "survey.md").write_text(WAY.format(label=label), encoding="utf-8")
    made = run.invoke(app, ["new", str(folder), "--form", str(tmp_path / "survey.md")])
    assert made.exit_code == 0, made.output
    rows = [
        f"uuid:{n},yes,{PLACES[n % 8]},{('yes', 'no')[n % 3 == 0]},{('bus', 'train')[n % 4 == 0]}" for n in range(240)
    ]
    text = "\n".join(["_uuid,consent,place,works_now,how_came", *rows])
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    own = {
        "country_code": "ITA",
        "site": "turin",
        "interview_year": "2024",
        "respondent": "person",
        "legal_basis": "consent",
    }
    own |= {"consent": "yes", "consent_scope": "this_study published_tables", "case_code": "numbered"}
    options = [part for name, value in own.items() for part in ("--set", f"{name}={value}")]
    mapping = (folder / FILE).read_text(encoding="utf-8")
    mapping = re.sub(r"(?m)^source_id = .*$", "", mapping).replace("[columns]", '[columns]\nsource_id = "place"', 1)
    (folder / FILE).write_text(mapping, encoding="utf-8")
    brought = run.invoke(
        app, ["import", str(folder), str(tmp_path / "export.csv"), "--retention", "2099-01-01", *options]
    )
    assert brought.exit_code == 0, (brought.output, str(brought.exception))
    planned = run.invoke(app, ["release", str(folder), "--first-plan"])
    assert planned.exit_code == 0, (planned.output, str(planned.exception))
    released = run.invoke(app, ["release", str(folder)])
    assert released.exit_code == 0, (released.output, str(released.exception))
    material = open_material(folder)
    page = render("cases", material, study_words(material.study, "en")).html
    assert "Do you work now?" in page and "Yes, I work" in page
    assert "how people were chosen is not known here" in page and "mediators" not in page and "at random" not in page


@pytest.mark.parametrize(
    ("written", "scopes"),
    [
        ('"this_study,published_tables"', "this_study published_tables"),
        ('" published_tables ; this_study "', "this_study published_tables"),
        ('["this_study", "published_tables"]', "this_study published_tables"),
        ('"this_study"', "this_study"),
        ('"this_study, everything"', ""),
        ('["this_study", "all"]', ""),
        ('""', ""),
    ],
)
def test_a_consent_scope_is_written_with_commas_spaces_or_as_a_list(foreign, tmp_path, written, scopes):
    adopt_form(tmp_path, foreign)
    text = re.sub(r"(?m)^consent_scope = .*$", f"consent_scope = {written}", (tmp_path / FILE).read_text("utf-8"))
    if f"consent_scope = {written}" not in text:
        text = re.sub(r"(?m)^# consent_scope = .*$", f"consent_scope = {written}", text)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    if not scopes:
        with pytest.raises(ResearchError, match="is no consent_scope; write this_study, published_tables"):
            read_mapping(tmp_path)
        return
    (tmp_path / "export.csv").write_text(EXPORT.replace("_uuid", "uuid"), encoding="utf-8")
    imported = read_answers(
        tmp_path / "export.csv",
        xlsform.study_form(tmp_path),
        mapping=read_mapping(tmp_path),
        legal_basis="consent",
        retention=date(2099, 1, 1),
    )
    assert imported.cases.frame["consent_scope"].tolist() == [scopes] * 2


def test_the_country_of_a_study_is_that_of_all_records_where_no_question_asks_it(tmp_path, foreign):
    (tmp_path / "survey.md").write_text(WAY.format(label="label"), encoding="utf-8")
    made = CliRunner().invoke(
        app, ["new", str(tmp_path / "s"), "--form", str(tmp_path / "survey.md"), "--country", "TCD"]
    )
    assert made.exit_code == 0 and "guessed: country_code: 'TCD' for all records" in made.output
    assert read_mapping(tmp_path / "s").same_for_all["country_code"] == "TCD"
    form = xlsform.read_form(tmp_path / "survey.md")
    assert "country_code" in draft_mapping(form, countries=("TCD", "ITA")).open
    asked = draft_mapping(xlsform.read_form(foreign), countries=("ITA",))
    assert any("country_code: the column 'pays'" in each for each in asked.guessed)


WHO = """
| survey |
| | type | name | label | anonymise |
| | text | UNHCRCaseNo | Which one is it? | |
| | text | q1 | What is the UNHCR Case Number of the case being interviewed? | |
| | select_one list | q2 | Household's ID | |
| | select_one list | enum_id | Who asks? | |
| | select_one list | q3 | Enumerator’s ID | |
| | text | q4 | Plan | Remove |
| | text | q5 | ¿Cuál es su nombre completo? | |
| | text | q6 | Apellidos | |
| | text | q7 | Teléfono de contacto | |
| | text | q8 | Fecha de nacimiento | |
| | text | q9 | Qual é o seu endereço? | |
| | text | sobrenome | Qual? | |
| | text | q10 | Número de expediente | |
| | integer | nombre_enfants | Nombre d'enfants | |
| | integer | q11 | Quel est le nombre de repas ? | |
| | text | q12 | Nombre de jours | default-non-anonymised |
| | select_one list | q13 | Is this a household with a case of cholera? | no |
| | integer | q14 | Number of cases | |
| | text | caso | In that case, no further reply? | |
| choices |
| | list_name | name | label |
| | list | a | A |
"""


def test_numbers_of_people_words_of_seven_languages_and_the_form_s_own_mark_say_who_somebody_is(tmp_path):
    (tmp_path / "who.md").write_text(WHO, encoding="utf-8")
    form = xlsform.read_form(tmp_path / "who.md")
    found = {row["name"]: what for row, _, what in identifying_in(form, allowed={})}
    known = ["UNHCRCaseNo", "q1", "q2", "enum_id", "q3", *(f"q{n}" for n in range(4, 10)), "sobrenome", "q10"]
    assert list(found) == known
    assert found["q4"] == "the form's own column anonymise says 'Remove'" and "anonymise" not in str(form.notes)


def test_a_key_by_another_name_serves_and_the_report_says_which(foreign, tmp_path):
    adopt_form(tmp_path, foreign)
    text = EXPORT.replace("_uuid", "meta-instanceID")
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    form, mapping = xlsform.study_form(tmp_path), read_mapping(tmp_path)
    assert "KEY, instanceID" in (tmp_path / FILE).read_text() and "social_worker" in (tmp_path / FILE).read_text()
    said = str(
        read_answers(
            tmp_path / "export.csv", form, mapping=mapping, legal_basis="consent", retention=date(2099, 1, 1)
        ).report
    )
    assert "case_code is the column 'meta-instanceID'" in said
    assert not [line for line in said.splitlines() if line.startswith("not brought in") and "instanceID" in line]
    assert "interview_year is the column 'today'" in said and "export.csv today (" not in said


@pytest.mark.parametrize(
    ("label", "is_found"),
    [
        ("Pourquoi n'avez-vous pas fui ?", False),
        ("Vous ne voulez pas le dire ?", False),
        ("What is the sex of ${name}?", False),
        ("How old were you at your last birthday?", False),
        ("When is your birthday?", True),
        ("What is the name of ${name}?", True),
        ("Aký pas máte?", True),
    ],
)
def test_a_reference_or_a_french_not_names_nobody(tmp_path, label, is_found):
    path = tmp_path / "labels.md"
    path.write_text(f"| survey |\n| | type | name | label |\n| | text | q | {label} |\n", encoding="utf-8")
    assert bool(xlsform.names_a_person(xlsform.read_form(path))) == is_found


def test_the_command_takes_a_reason_and_brings_in_again(foreign, tmp_path):
    study, export = tmp_path / "study", tmp_path / "export.csv"
    study.mkdir()
    adopt_form(study, foreign)
    export.write_text(EXPORT, encoding="utf-8")
    order = ["import", str(study), str(export), "--retention", "2099-01-01"]
    first = CliRunner().invoke(app, order)
    assert first.exit_code == 0, first.exception
    other = [*order, "--set", "interview_year=2020"]
    assert "import --again puts what arrives" in str(CliRunner().invoke(app, other).exception)
    again = CliRunner().invoke(app, [*other, "--again"])
    assert again.exit_code == 0 and "brought in again, in place of what was there" in again.stderr
    wrong = CliRunner().invoke(app, [*order, "--allow", "nobody=no reason"])
    assert "--allow: 'nobody' is no question of" in str(wrong.exception)
