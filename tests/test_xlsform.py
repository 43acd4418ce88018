"""The questionnaires: complete in five languages, accepted without a warning, safe to ask, and open to partners."""

import datetime
import io
import random
import re
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from pyxform.xls2xform import convert

from research_lib.interviews import xlsform
from research_lib.interviews.xlsform import COMMON, FormError

ROOT = Path(__file__).resolve().parents[1]
CORE, PARTNER = COMMON / "interview.csv", ROOT / "data/instruments/example_partner.csv"
LANGUAGES = ("English (en)", "French (fr)", "Italian (it)", "Slovak (sk)", "Chinese (zh)")
DIMENSIONS = ("demographic", "socioprofessional", "migration", "settlement", "prostitution")
ITEMS_OF_THE_REPORT = {
    "regions of origin": "origin_province origin_prefecture origin_setting",
    "age and family": "age_band marital_status children children_live dependants only_earner",
    "schooling and work": "education occupation departure_situation income_china",
    "leisure industry and prostitution before leaving": "worked_leisure_china prostitution_china",
    "chain or pioneer": "migration_kind kin_in_europe earlier_migration",
    "how the plan arose": "reason information decision destination_chosen",
    "modalities and go-betweens": "entry_mode stay_after_entry intermediary transit",
    "financing": "cost financing debt_on_arrival debt_left",
    "promises and constraint": "work_promised promise_kept documents_taken",
    "economic, social, administrative conditions": "income_now housing helped_by health_care residence_status",
    "places of practice": "places",
    "third parties": "third_party handed_over began_through can_refuse free_to_move can_stop",
    "how customers are met": "customers_met",
    "other economic activity": "activity_role other_work other_work_sector",
}
GOOD = """
| survey |
| | type | name | label::English (en) | label::Slovak (sk) | hint::English (en) | hint::Slovak (sk) | relevant | constraint |
| | begin_group | agreement | Agreement | Dohoda | | | | |
| | select_one agree | consent | Do you agree? | Súhlasíte? | | | | |
| | end_group | | | | | | | |
| | begin_group | work | Work | Práca | | | ${consent} = 'yes' | |
| | select_one sector | first | Your first work? | Vaša prvá práca? | Only one | Len jedna | | |
| | select_multiple sector | later | And later? | A neskôr? | | | ${first} = 'shop' | not(selected(., 'dk') or selected(., 'refused')) or count-selected(.) = 1 |
| | select_one heard | more_gate | Anything to add? | Chcete niečo dodať? | | | | |
| | text | more | What was added | Čo bolo dodané | | | ${more_gate} = 'answered' | |
| | end_group | | | | | | | |
| choices |
| | list_name | name | label::English (en) | label::Slovak (sk) |
| | agree | yes | yes | áno |
| | agree | no | no | nie |
| | sector | shop | shop | obchod |
| | sector | dk | does not know | nevie |
| | sector | refused | prefers not to say | radšej neodpovie |
| | heard | answered | yes | áno |
| | heard | dk | does not know | nevie |
| | heard | refused | prefers not to say | radšej neodpovie |
| settings |
| | form_title | form_id | version | default_language |
| | Small | small | 1 | English (en) |
"""


@pytest.fixture(scope="module")
def core():
    return xlsform.read_form(CORE)


@pytest.fixture(scope="module")
def partner():
    return xlsform.read_form(PARTNER)


@pytest.fixture
def read(tmp_path):
    """Read a form that is given as text."""

    def read(text, name="small.md"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return xlsform.read_form(tmp_path / name)

    return read


class Filled:
    """An XForm with answers in it, as a device evaluates it: which questions are asked, which choices are offered."""

    def __init__(self, xform: str, **answers: str):
        text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", xform)
        form = etree.fromstring(re.sub(r"(</?|\s)(h|jr|orx|odk|ev|xsd):(?=\w)", r"\1", text).encode())
        first, *lists = form.iter("instance")
        self.data, self.binds, self.form = etree.ElementTree(deepcopy(first[0])), list(form.iter("bind")), form
        for node in self.data.getroot().iter(*answers):
            node.text = answers[node.tag]
        self.data.getroot().extend(lists)

    def find(self, expression: str) -> Any:
        def selected(_context: object, nodes: list[etree._Element], name: str) -> bool:
            return any(name in (node.text or "").split() for node in nodes)

        return self.data.xpath(expression, extensions={(None, "selected"): selected})

    def asked(self) -> set[str]:
        irrelevant = {
            bind.get("nodeset")
            for bind in self.binds
            if bind.get("relevant") and not self.find(f"boolean({bind.get('relevant')})")
        }
        paths = [bind.get("nodeset") for bind in self.binds]
        return {
            path.rsplit("/", 1)[1] for path in paths if not any(f"{path}/".startswith(f"{out}/") for out in irrelevant)
        }

    def offered(self, name: str) -> list[str]:
        nodeset = next(
            node.find("itemset").get("nodeset") for node in self.form.iter("select1") if node.get("ref").endswith(name)
        )
        path = re.sub(r"instance\('(\w+)'\)", r"/*/instance[@id='\1']", nodeset)
        return [item.findtext("name") for item in self.find(path)]


# The common form


def test_the_common_form_has_no_problem(core):
    assert xlsform.lint(core) == []
    assert core.languages == LANGUAGES


def test_pyxform_takes_the_common_form_without_a_warning_as_text_and_as_xlsx(core, tmp_path):
    built = xlsform.write_form(core, tmp_path, "interview")[0]
    as_text, as_xlsx = (convert(str(path), validate=False) for path in (CORE, built))
    assert as_text.warnings == as_xlsx.warnings == []
    for language in LANGUAGES:
        assert f'<translation lang="{language}"' in as_xlsx.xform
    assert "-</value>" not in as_xlsx.xform, "pyxform writes - where a translation is missing"
    again = xlsform.read_form(built)
    assert [row.cells for row in again.survey] == [row.cells for row in core.survey]
    assert xlsform.build_xform(again) == xlsform.build_xform(core)


def test_each_label_is_in_each_language_and_in_no_two_alike(core):
    proper_names = {"origin_province", "origin_prefecture", "interview_year"}
    alike = []
    for row in (*core.survey, *core.choices):
        if row.kind != "end_group" and row.list_name not in proper_names:
            labels = [row[f"label::{language}"] for language in LANGUAGES]
            assert all(labels), row
            if len({label.casefold() for label in labels}) < len(LANGUAGES):
                alike.append((row.list_name, row["name"]))
    assert alike == [(name, "no") for name in ("consent_answer", "yes_no", "yes_partly_no")], "English and Italian `no`"


def test_chinese_is_written_in_simplified_characters(core):
    texts = [row[column] for row in (*core.survey, *core.choices) for column in row.cells if column.endswith("(zh)")]
    for text in filter(None, texts):
        assert re.search(r"[\u4e00-\u9fff]", text), text
        assert text.replace("–", "-").encode("gb2312")


def test_no_language_labels_a_person(core, partner):
    labels = re.compile(
        r"\billegal|clandestin|\billégal|nelegáln|nezákonn|非法|妓|prostituée|prostituta\b|prostitutka|\bprostitutes?\b",
        re.IGNORECASE,
    )
    for form in (core, partner):
        for row in (*form.survey, *form.choices):
            assert not [text for text in row.cells.values() if labels.search(text)], row


def test_every_item_of_the_report_has_its_questions(core):
    counted = {variable.name for variable in xlsform.variables(core)}
    for item, names in ITEMS_OF_THE_REPORT.items():
        assert set(names.split()) <= counted, item
    respondents = {row["name"] for row in core.lists["respondent"]}
    assert {"woman_herself", "social_worker", "cultural_mediator", "association", "police", "judiciary"} <= respondents


def test_every_question_of_the_five_dimensions_can_be_left_unanswered(core):
    found = [variable.dimension for variable in xlsform.variables(core)]
    assert tuple(dict.fromkeys(found)) == DIMENSIONS
    for item in core.placed():
        if item.group in (*DIMENSIONS, "closing") and item.is_question and item.row.kind != "text":
            assert [row["name"] for row in core.lists[item.row.list_name]][-2:] == ["dk", "refused"], item.row


def test_ages_are_in_bands_and_origins_no_finer_than_the_prefecture(core):
    ages = [row["name"] for row in core.lists["age_band"]]
    assert ages[:3] == ["under_18", "18_19", "20_24"] and ages[-4:-2] == ["55_59", "60_plus"]
    bands = [tuple(map(int, name.split("_"))) for name in ages[2:-3]]
    assert [high - low + 1 for low, high in bands] == [5] * 8
    assert not [row for row in core.survey if "coord" in row["name"] or row.kind == "geopoint"]
    assert len(core.lists["origin_province"]) == 33 + 3


def test_free_text_is_asked_for_codes_and_behind_a_gate_only(core):
    assert [row["name"] for row in core.survey if row.kind == "text"] == ["case_code", "source_id", "remarks"]
    assert {row.kind for row in core.survey} == {
        *("begin_group", "end_group", "note", "text", "select_one", "select_multiple"),
    }


# Skip logic, evaluated as a device does


@pytest.fixture(scope="module")
def xform(core):
    return xlsform.build_xform(core)


def test_without_consent_nothing_more_is_asked(core, xform):
    placed = list(core.placed())
    start = next(i for i, item in enumerate(placed) if item.row["name"] == "consent")
    later = {item.row["name"] for item in placed[start + 1 :] if item.is_question}
    for answer in ("no", ""):
        given = dict.fromkeys(later - {"consent"}, "yes")
        assert not Filled(xform, consent=answer, **given).asked() & later
    assert {"consent_scope", "age_band", "practice", "remarks_gate"} <= Filled(xform, consent="yes").asked()


@pytest.mark.parametrize(
    ("answers", "asked", "not_asked"),
    [
        ({"children": "two"}, "children_live", ""),
        ({"children": "none"}, "", "children_live"),
        ({"children": "refused"}, "", "children_live"),
        ({"origin_province": "cn-ln"}, "origin_prefecture", ""),
        ({"origin_province": "cn-bj"}, "", "origin_prefecture"),
        ({"debt_on_arrival": "yes"}, "debt_left", ""),
        ({"debt_on_arrival": "dk"}, "", "debt_left"),
        ({"work_promised": "domestic massage"}, "promise_kept", ""),
        ({"work_promised": "none"}, "work_promised", "promise_kept"),
        ({"work_promised": ""}, "work_promised", "promise_kept"),
        (
            {"practice": "never"},
            "practice",
            "places third_party violence plans other_work_sector",
        ),
        ({"practice": "past"}, "places third_party violence plans", "other_work_sector"),
        ({"practice": "now", "other_work": "yes"}, "places other_work_sector", ""),
        ({"remarks_gate": "answered"}, "remarks", ""),
        ({"remarks_gate": "refused"}, "remarks_gate", "remarks"),
    ],
)
def test_questions_follow_from_answers(xform, answers, asked, not_asked):
    found = Filled(xform, consent="yes", **answers).asked()
    assert set(asked.split()) <= found
    assert not set(not_asked.split()) & found


def test_choices_follow_from_answers(xform):
    assert Filled(xform, country_code="ITA").offered("site") == ["turin", "milan", "other_site"]
    assert Filled(xform, country_code="FRA").offered("site") == ["paris", "other_site"]
    liaoning = Filled(xform, origin_province="cn-ln").offered("origin_prefecture")
    assert {"shenyang", "fushun"} <= set(liaoning) and len(liaoning) == 14 + 2
    assert liaoning[-2:] == ["dk", "refused"]


def test_what_is_no_answer_stands_alone(core):
    for row in core.survey:
        if row.kind == "select_multiple" and row["name"] != "consent_scope":
            names = {choice["name"] for choice in core.lists[row.list_name]}
            for name in names & {"none", "nobody", "dk", "refused"}:
                assert f"selected(., '{name}')" in row["constraint"], row["name"]
            assert row["constraint"].endswith("count-selected(.) = 1")


# Lint


def lines_of(problems):
    return [(problem.line, problem.column) for problem in problems]


def test_a_good_form_has_no_problem(read):
    form = read(GOOD)
    assert xlsform.lint(form) == []
    assert xlsform.build_xform(form)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "reason"),
    [
        ("Vaša prvá práca?", "", 8, "label::Slovak (sk)", "the label is missing"),
        ("Len jedna", "", 8, "hint::Slovak (sk)", "the hint is missing"),
        ("| obchod |", "| |", 17, "label::Slovak (sk)", "the label is missing"),
        ("| Práca |", "| |", 7, "label::Slovak (sk)", "the label is missing"),
        ("select_one sector |", "select_one trades |", 0, "", "small.md:8: List name not in choices sheet: trades"),
        ("select_one sector |", "select_one agree |", 8, "type", "lacks 'dk' and 'refused'"),
        ("select_one sector |", "geopoint |", 8, "type", "'geopoint' could identify"),
        ("select_one sector |", "date |", 8, "type", "'date' could identify"),
        ("select_one sector |", "csv-external |", 8, "type", "not known here"),
        ("select_one sector | first", "integer | first", 8, "relevant", "needs a gate"),
        ("| more |", "| First |", 11, "name", "not a name"),
        ("| more |", "| later |", 11, "name", "another question"),
        ("| more |", "| phone_1 |", 11, "name", "says 'phone'"),
        ("What was added", "Her full name", 11, "label::English (en)", "says 'full name'"),
        ("Čo bolo dodané", "Jej telefónne číslo", 11, "label::Slovak (sk)", "says 'telefónne'"),
        (
            "${first} = 'shop'",
            "${frist} = 'shop'",
            0,
            "",
            "small.md:9: On the 'survey' sheet, the 'relevant' value is invalid",
        ),
        (
            "And later?",
            "And after ${nothing}?",
            0,
            "",
            "small.md:9: On the 'survey' sheet, the 'label::English (en)' value is invalid",
        ),
        ("| sector | shop |", "| sector | dk |", 18, "name", "twice in the list"),
        ("| sector | shop |", "| sector | a shop |", 17, "name", "not a choice"),
        ("not(selected(., 'dk') or ", "not(", 9, "constraint", "'dk' could be chosen beside others"),
        ("| ${consent} = 'yes' |", "| |", 8, "relevant", "asked without consent"),
        ("= 'yes' |", "= 'yes' or 1 = 1 |", 8, "relevant", "asked without consent"),
        ("| ${consent} = 'yes' |", "| not(${consent} = 'yes') |", 8, "relevant", "asked without consent"),
        ("| consent |", "| agreed |", 0, "", "no question 'consent'"),
    ],
)
def test_each_rule_finds_its_place(read, old, new, line, column, reason):
    assert old in GOOD
    problems = xlsform.lint(read(GOOD.replace(old, new, 1)))
    found = [problem for problem in problems if reason in problem.reason]
    assert (line, column) in lines_of(found), problems
    assert {problem.file for problem in found} == {"small.md"}


@pytest.mark.parametrize(
    ("language", "label"),
    [
        *(("en", label) for label in ("First name", "E-mail", "Passport number", "Date of birth", "Her address")),
        *(("fr", label) for label in ("Son prénom", "Téléphone", "Passeport", "Date de naissance", "Adresse")),
        *(("it", label) for label in ("Il nome", "Cellulare", "Passaporto", "Data di nascita", "Indirizzo")),
        *(("sk", label) for label in ("Priezvisko", "Meno", "Číslo pasu", "Dátum narodenia", "Adresa")),
        *(("zh", label) for label in ("姓名", "手机号码", "护照号", "出生日期", "住址")),
    ],
)
def test_words_that_ask_who_somebody_is_are_found_in_each_language(read, language, label):
    form = read(GOOD.replace("Slovak (sk)", f"Other ({language})").replace("Čo bolo dodané", label))
    assert [p for p in xlsform.lint(form) if p.line == 11 and "the label says" in p.reason]


def test_a_question_can_be_allowed_with_a_reason_only(read):
    form = read(GOOD.replace("What was added", "Name of the association"))
    assert lines_of(xlsform.lint(form)) == [(11, "label::English (en)")]
    assert xlsform.lint(form, allowed={"more": " "})
    assert xlsform.lint(form, allowed={"more": "an association is no person"}) == []


def test_a_column_without_a_language_is_no_translation(read):
    form = read(GOOD.replace("| hint::English (en) | hint::Slovak (sk) |", "| hint | guidance_hint |"))
    assert {(8, "hint"), (8, "guidance_hint")} <= set(lines_of(xlsform.lint(form)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("| | end_group | | | | | | | |\n| choices |", "| choices |", "small.md:7: a group is begun and does not end"),
        (
            "| choices |",
            "| | end_group | | | | | | | |\n| choices |",
            "small.md:13: it ends a group that was not begun",
        ),
    ],
)
def test_groups_must_end(read, old, new, says):
    with pytest.raises(FormError, match=says):
        read(GOOD.replace(old, new))


def test_the_clock_is_no_answer(read):
    text = GOOD.replace("| constraint |", "| constraint | calculation |").replace(
        "| | text | more | What was added | Čo bolo dodané | | | ${more_gate} = 'answered' | |",
        "| | calculate | more | | | | | | | string(now()) |",
    )
    assert [p.reason for p in xlsform.lint(read(text))] == [
        "now() would keep the exact time; leave it out, or allow 'more' with a reason"
    ]


# A partner's own questions


def test_a_partner_adds_within_and_after_groups_and_the_core_stays(core, partner):
    form = xlsform.extend(core, partner)
    assert xlsform.lint(form) == []
    kept = [row for row in form.survey if row.file == CORE.name]
    assert kept == list(core.survey)
    assert [row for row in form.choices if row.file == CORE.name] == list(core.choices)
    names = [row["name"] for row in form.survey]
    assert names.index("known_to_services") + 1 == names.index("xp_language_course") < names.index("prostitution")
    assert names.index("xp_support") == names.index("xp_language_course") + 2
    assert form.settings[0]["form_id"] == "exchange_interview_xp"
    assert form.settings[0]["default_language"] == "English (en)"


def test_a_partners_questions_become_variables(core, partner):
    own = {variable.name: variable for variable in xlsform.variables(core)}
    more = {variable.name: variable for variable in xlsform.variables(xlsform.extend(core, partner))}
    assert {name: more[name] for name in own} == own
    assert sorted(more.keys() - own.keys()) == ["xp_language_course", "xp_went_along"]
    assert more["xp_language_course"].dimension == "settlement"
    assert (more["xp_went_along"].dimension, more["xp_went_along"].kind) == ("xp_support", "many")


def test_the_extended_form_is_asked_with_consent_only(core, partner):
    xform = xlsform.build_xform(xlsform.extend(core, partner))
    theirs = {"xp_language_course", "xp_went_along", "xp_wish_gate"}
    assert theirs <= Filled(xform, consent="yes").asked()
    assert not theirs & Filled(xform, consent="no").asked()


SMALL_PARTNER = """
| survey |
| | type | name | label::English (en) | label::Slovak (sk) | relevant |
| | begin_group | work | | | |
| | select_one tp_much | tp_hours | Many hours? | Veľa hodín? | |
| | end_group | | | | |
| choices |
| | list_name | name | label::English (en) | label::Slovak (sk) |
| | tp_much | yes | yes | áno |
| | tp_much | dk | does not know | nevie |
| | tp_much | refused | prefers not to say | radšej neodpovie |
| settings |
| | version | prefix |
| | 2 | tp_ |
"""


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("tp_hours", "first", "theirs.md:5", "'first' is a name of the common form"),
        ("tp_hours", "hours", "theirs.md:5", "must begin with the partner's prefix 'tp_'"),
        ("| work | | | |", "| work | Labour | | |", "theirs.md:4", "cannot be changed"),
        ("| work | | | |", "| work | | | 1 = 1 |", "theirs.md:4", "cannot be changed"),
        ("| work | | | |", "| agreement | | | |", "theirs.md:4", "before the consent"),
        ("| tp_much | yes |", "| sector | office |", "theirs.md:9", "not the partner's own"),
        ("| | end_group | | | | |\n", "", "theirs.md:4", "does not end"),
        ("| | begin_group | work | | | |\n", "", "theirs.md:5", "not begun"),
        (
            "| choices |",
            "| | select_one tp_much | tp_more | More? | Viac? | |\n| choices |",
            "theirs.md:7",
            "in no group",
        ),
        ("| version | prefix |", "| form_id | prefix |", "theirs.md:14", "the common form settles this"),
        ("| tp_ |", "| |", "theirs.md", "need a `prefix`"),
        ("| tp_ |", "| Tp |", "theirs.md", "need a `prefix`"),
        ("| tp_ |", "| more_ |", "theirs.md", "take another prefix"),
    ],
)
def test_a_partner_cannot_change_the_common_form(read, old, new, place, reason):
    core = read(GOOD)
    assert old in SMALL_PARTNER
    with pytest.raises(FormError) as refusal:
        xlsform.extend(core, read(SMALL_PARTNER.replace(old, new, 1), "theirs.md"))
    assert place in str(refusal.value) and reason in str(refusal.value)


def test_several_partners_can_add(read):
    form = xlsform.extend(read(GOOD), read(SMALL_PARTNER, "theirs.md"))
    form = xlsform.extend(form, read(SMALL_PARTNER.replace("tp_", "rp_"), "others.md"))
    assert xlsform.lint(form) == []
    assert [row["name"] for row in form.survey if row["name"]][-3:] == ["more", "tp_hours", "rp_hours"]
    assert form.settings[0]["form_id"] == "small_tp_rp"


# Variables


def test_variables_have_labels_choices_and_conditions(core):
    by_name = {variable.name: variable for variable in xlsform.variables(core)}
    age = by_name["age_band"]
    assert (age.kind, age.dimension, age.relevant) == ("one", "demographic", "")
    assert age.labels["zh-Hans"] == "您多大年龄？" and set(age.labels) == {"en", "fr", "it", "sk", "zh-Hans"}
    assert not {"dk", "refused"} & set(by_name["reason"].choices) and by_name["reason"].kind == "many"
    assert by_name["reason"].choice_labels["debt"]["sk"] == "dlhy"
    assert by_name["places"].relevant == "${practice} = 'now' or ${practice} = 'past'"
    assert not {"remarks_gate", "consent", "respondent", "country_code"} & set(by_name)


def test_conditions_of_groups_are_joined_and_repeats_left_out(read):
    text = GOOD.replace("| ${consent} = 'yes' |", "| ${consent} = 'yes' and 1 = 1 |")
    first, later = xlsform.variables(read(text))
    assert first.relevant == "${consent} = 'yes' and 1 = 1"
    assert later.relevant == "(${consent} = 'yes' and 1 = 1) and (${first} = 'shop')"
    repeated = GOOD.replace("begin_group | work", "begin_repeat | work")
    assert xlsform.variables(read(repeated)) == ()


# Built files


def test_the_same_form_gives_the_same_bytes_and_no_time(core, tmp_path):
    one, two = (xlsform.write_form(core, tmp_path, name)[0].read_bytes() for name in ("one", "two"))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert str(datetime.datetime.now(tz=datetime.UTC).year).encode() not in archive.read("docProps/core.xml")
    assert xlsform.build_xform(core) == xlsform.build_xform(xlsform.read_form(CORE))


def test_a_built_file_has_text_only(read, tmp_path):
    form = read(GOOD.replace("And later?", "=1+1"))
    book = openpyxl.load_workbook(xlsform.write_form(form, tmp_path, "small")[0])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and "=1+1" in [cell.value for cell in cells]


def test_what_pyxform_warns_of_is_advice(read):
    (warning,) = xlsform.warnings_of(read(GOOD.replace("(sk)", "(slovenčina)")))
    assert warning.startswith("small.md: ") and "slovenčina" in warning
    assert xlsform.warnings_of(read(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("select_one sector", "select_one nothing", "pyxform refuses"),
        ("${first}", "${nowhere}", "pyxform refuses"),
    ],
)
def test_what_pyxform_does_not_like_is_not_built(read, tmp_path, old, new, words):
    form = read(GOOD.replace(old, new))
    with pytest.raises(FormError, match=rf"small\.md: {words}"):
        xlsform.write_form(form, tmp_path, "small")[0]
    assert not (tmp_path / "small.xlsx").exists()


# Files that partners send


def as_csv(text: str) -> str:
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in text.strip().splitlines()]
    return "".join((first or ",".join(f'"{cell}"' for cell in ("", *cells))) + "\n" for first, *cells in rows)


def as_xlsx(text: str, path: Path, change=None) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for line in text.strip().splitlines():
        first, *cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if first:
            book.create_sheet(first)
        else:
            book[book.sheetnames[-1]].append([cell or None for cell in cells])
    if change:
        change(book)
    book.save(path)
    return path


def test_text_markdown_and_xlsx_say_the_same(read, tmp_path):
    forms = [read(GOOD), read(as_csv(GOOD), "small.csv"), xlsform.read_form(as_xlsx(GOOD, tmp_path / "small.xlsx"))]
    for sheet in ("survey", "choices", "settings"):
        first, *others = [[dict(row.cells) for row in getattr(form, sheet)] for form in forms]
        assert all(other == first for other in others)
    assert [form.survey[0].line for form in forms] == [4, 3, 2]
    assert forms[2].survey[0].file == "small.xlsx, sheet survey"


def test_a_line_is_counted_where_it_begins(read):
    form = read(as_csv(GOOD).replace("Only one", "Only\none"), "small.csv")
    assert [row.line for row in form.survey][3:6] == [6, 7, 9]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '"type"',
            '"kind"',
            "small.csv: Invalid headers provided for sheet: 'survey'. One or more required column headers",
        ),
        ('"relevant"', '"name"', "small.csv: Duplicate column header: name"),
        ("choices\n", "survey\n", "small.csv:12: the sheet 'survey' occurs twice"),
        ("survey\n", "", "small.csv:1: the first column does not say"),
        ('"Your first work?"', '"Your ""first" work?"', "small.csv:7: it is not CSV"),
        ('"Only one"', '"Only one', "small.csv:7: it is not CSV"),
        ('"áno"', '"áno","more"', "small.csv:14: 'more' stands under no column"),
        ('"Small"', '"Small"\n"","Other"', "small.csv:25: settings have one row only"),
        ("Do you agree?", "Do you \x07agree?", "control character"),
    ],
)
def test_a_damaged_text_is_refused_with_its_place(read, old, new, words):
    text = as_csv(GOOD)
    assert old in text
    with pytest.raises(FormError, match=re.escape(words)):
        read(text.replace(old, new, 1), "small.csv")


def set_cell(place, value):
    def change(book):
        book["survey"][place] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda book: book.remove(book["survey"]), "small.xlsx: it has no sheet `survey`"),
        (
            set_cell("A1", "kind"),
            "small.xlsx: Invalid headers provided for sheet: 'survey'. One or more required column headers",
        ),
        (set_cell("D1", "name"), "Duplicate column header: name"),
    ],
)
def test_a_workbook_that_is_no_form_is_refused(tmp_path, change, words):
    path = as_xlsx(GOOD, tmp_path / "small.xlsx", change)
    with pytest.raises(FormError, match=re.escape(words)):
        xlsform.read_form(path)


@pytest.mark.parametrize(
    ("change", "column", "text"),
    [
        (set_cell("C4", datetime.date(2026, 1, 2)), "label::English (en)", "2026-01-02 00:00:00"),
        (set_cell("C4", 1.5), "label::English (en)", "1.5"),
        (set_cell("XFD9", "far"), "name", "work"),
        (set_cell("A1048576", "deep"), "name", "work"),
    ],
)
def test_a_workbook_is_read_as_pyxform_reads_it(tmp_path, change, column, text):
    form = xlsform.read_form(as_xlsx(GOOD, tmp_path / "small.xlsx", change))
    assert text in [row[column] for row in form.survey]
    assert len(form.survey) == len(xlsform.read_form(as_xlsx(GOOD, tmp_path / "plain.xlsx")).survey)


def test_what_is_not_used_is_named_once(read, tmp_path):
    text = as_csv(GOOD).replace('"relevant"', '"relevence"', 1) + "\nentities\n"
    assert read(text, "small.csv").notes == (
        "not used: small.csv: the column 'relevence'; small.csv: the sheet 'entities'",
    )
    path = as_xlsx(GOOD, tmp_path / "small.xlsx", lambda book: book.create_sheet("Notes").append(["mine"]))
    assert xlsform.read_form(path).notes == ("not used: small.xlsx: the sheet 'Notes'",)
    assert read(GOOD).notes == ()


def test_a_number_in_a_workbook_reads_as_it_was_typed(tmp_path):
    def change(book):
        book["settings"]["C2"], book["settings"]["A2"] = 3.0, True

    form = xlsform.read_form(as_xlsx(GOOD, tmp_path / "small.xlsx", change))
    assert (form.settings[0]["version"], form.settings[0]["form_title"]) == ("3", "TRUE")


def repacked(path: Path, name: str, data: bytes) -> Path:
    with zipfile.ZipFile(path) as old:
        members = {member: old.read(member) for member in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member, content in (members | {name: data}).items():
            new.writestr(member, content)
    return path


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("xl/worksheets/sheet1.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>', "invalid XML"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>", "Error reading .xlsx file"),
        ("xl/workbook.xml", b"", "Error reading .xlsx file"),
        ("../evil.xml", b"<x/>", "leads out of the archive"),
        ("xl/media/zero.bin", bytes(50_000_000), "would unpack to"),
    ],
)
def test_a_workbook_that_could_do_harm_is_refused(tmp_path, name, data, words):
    path = repacked(as_xlsx(GOOD, tmp_path / "small.xlsx"), name, data)
    with pytest.raises(FormError, match=words):
        xlsform.read_form(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    for name, data in {"a.xls": b"x", "a.xlsx": b"PK", "a.csv": "我们".encode("gb18030"), "b.csv": b""}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FormError, match=re.escape(name)):
            xlsform.read_form(tmp_path / name)
    with pytest.raises(FormError, match="no such file"):
        xlsform.read_form(tmp_path / "none.csv")


def test_damage_anywhere_ends_in_a_form_or_a_reasoned_refusal(tmp_path):
    chance, endings = random.Random(4), {"read": 0, "refused": 0}
    sources = [as_xlsx(GOOD, tmp_path / "a.xlsx").read_bytes(), as_csv(GOOD).encode(), GOOD.encode()]
    for number in range(240):
        kind = number % 3
        data = bytearray(sources[kind])
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        path = tmp_path / f"damaged.{('xlsx', 'csv', 'md')[kind]}"
        path.write_bytes(bytes(data))
        try:
            xlsform.lint(xlsform.read_form(path))
            endings["read"] += 1
        except FormError as refusal:
            assert path.name in str(refusal)
            endings["refused"] += 1
    assert min(endings.values()) >= 10


def test_columns_without_a_name_do_not_count(read):
    text = GOOD.replace("| constraint |", "| constraint |" + " |" * 300)
    assert xlsform.variables(read(text)) == xlsform.variables(read(GOOD))
