"""Answers from KoBoToolbox and ODK: every layout gives the same cases, and what is not understood or too much stops."""

import csv
import json
import os
import time
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from conftest import rounds
from exports import Answered, answered, central, every_export, kobo_csv, kobo_table, kobo_xlsx, write_csv

from research_lib.errors import ResearchError, StudyError
from research_lib.files.saving import SavingError
from research_lib.files.tabular import Note, TableRefusedError
from research_lib.interviews.answers.answer_columns import Columns
from research_lib.interviews.answers.dropped_columns import kind_of_column
from research_lib.interviews.answers.export import Export
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.privacy_scan import kinds_in
from research_lib.interviews.answers_import import (
    AnswersError,
    Dropped,
    PrivacyError,
    Report,
    left_out,
    notes_of,
    read_answers,
)
from research_lib.interviews.case_files import read_cases, write_cases
from research_lib.interviews.cases import (
    FIXED,
    Cases,
    Variable,
    answer_columns,
    columns_of,
    for_release,
    problems,
    purge,
)
from research_lib.interviews.skip_logic import applicable
from research_lib.interviews.xlsform import COMMON, extend, read_form, variables
from research_lib.missing_answers import MISSING

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAST_DAY = date(2031, 12, 31)
PARTNER = """\
survey,type,name,label::English (en),relevant
,begin_group,tp_more,More,
,select_one tp_yes_no,tp_course,Did you take a course?,
,integer,tp_months,For how many months?,${tp_course} = 'yes'
,begin_repeat,tp_stays,Stays,
,select_one tp_town,tp_where,Where?,
,select_multiple tp_town,tp_visited,What did you visit from there?,${tp_where} = 'lyon'
,text,tp_remark,Remark,
,end_repeat,,,
,text,tp_phone,Number to be called back,
,end_group,,,
choices,list_name,name,label::English (en),
,tp_yes_no,yes,yes,
,tp_yes_no,no,no,
,tp_town,lyon,Lyon,
,tp_town,nice,Nice,
,tp_town,dk,does not know,
settings,prefix,form_title,version,
,tp_,With more,1,
"""


@pytest.fixture(scope="module")
def form():
    return read_form(COMMON / "interview.csv")


@pytest.fixture(scope="module")
def cases(form):
    return drawn(variables(form), 40)


@pytest.fixture(scope="module")
def typed(cases, form):
    return answered(cases, form)


@pytest.fixture
def partner(form, tmp_path):
    (tmp_path / "partner.csv").write_text(PARTNER, encoding="utf-8")
    return extend(form, read_form(tmp_path / "partner.csv"))


def drawn(questions: tuple[Variable, ...], count: int) -> Cases:
    """Cases drawn at random that keep to the skip logic, with each kind of missing answer that can be typed."""
    dice = np.random.default_rng(7)
    fixed = {
        "case_id": [f"fr{number:06}" for number in range(count)],
        "person_id": [f"fr{number:06}" for number in range(count)],
        "source_id": dice.choice(["tampep", "a-d_n"], count),
        "country_code": dice.choice(["FRA", "ITA"], count),
        "site": dice.choice(["paris", "turin", "not_asked"], count),
        "interview_year": dice.choice(["2026", "2027"], count),
        "respondent": dice.choice(["woman_herself", "police", "not_asked"], count),
        "consent_scope": dice.choice(["this_study", "this_study published_tables"], count),
        "legal_basis": dice.choice(["consent", "public_interest"], count),
        "retention_date": [LAST_DAY.isoformat()] * count,
        "is_synthetic": ["yes"] * count,
    }
    frame = pd.DataFrame(fixed)
    for place, variable in enumerate(questions):
        asked = applicable(frame, questions[: place + 1])[variable.name].to_numpy()
        kind = dice.choice(["", "not_known", "refused", "not_asked"], count, p=[0.7, 0.1, 0.1, 0.1])
        for column, cells in answers_to(variable, dice, count).items():
            frame[column] = np.where(asked, np.where(kind == "", cells, kind), "not_applicable")
    return Cases(frame[[*FIXED, *answer_columns(questions)]].astype("str"), questions, True)


def answers_to(variable: Variable, dice: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    if variable.kind == "one":
        return {variable.name: dice.choice(variable.choices, count)}
    together = np.array([choice not in ("none", "nobody") for choice in variable.choices])
    taken = (dice.random((count, len(together))) < 0.4) & together
    taken[~taken.any(axis=1), np.flatnonzero(together)[0]] = True
    if not together.all():
        alone = dice.random(count) < 0.2
        taken[alone] = ~together
    return dict(zip(columns_of(variable), np.where(taken, "yes", "no").T, strict=True))


def bring(paths, form, **options):
    return read_answers(paths, form, legal_basis="consent", retention=LAST_DAY, is_synthetic=True, **options)


def changed(typed: Answered, **cells: str) -> Answered:
    """The same answers with others in the first record."""
    frame = typed.frame.copy()
    for name, text in cells.items():
        frame.loc[0, name] = text
    return replace(typed, frame=frame)


def asked_everything(typed: Answered, **cells: str) -> Answered:
    """One record in which nothing was answered but who it is, what country, and the consent."""
    frame = typed.frame.iloc[:1].copy()
    kept = ("case_code", "source_id", "country_code", "interview_year", "consent", "consent_scope", "legal_basis")
    frame.loc[:, [column for column in frame if column not in kept]] = ""
    return changed(replace(typed, frame=frame), **cells)


def test_drawn_cases_are_sound_and_have_every_kind_of_answer(cases):
    assert problems(cases) == []
    assert {*MISSING} - {"withheld"} <= set(cases.frame.to_numpy().ravel())


@pytest.mark.slow
def test_every_layout_of_every_tool_gives_the_same_cases(cases, typed, form, tmp_path):
    names = []
    for name, paths in every_export(typed, tmp_path / "exports"):
        imported = bring(paths, form)
        pd.testing.assert_frame_equal(imported.cases.frame, cases.frame, obj=name)
        assert imported.cases.variables == cases.variables
        assert imported.report.taken == imported.report.read == len(cases.frame)
        assert problems(imported.cases) == []
        names.append(name)
    assert len(set(names)) == 28


@pytest.mark.slow
def test_a_partners_repeats_numbers_and_texts_come_in_apart(typed, partner, tmp_path):
    frame = typed.frame.head(3).assign(
        tp_course=["yes", "no", "yes"], tp_months=["3", "", ""], tp_phone=["0612345678"] * 3
    )
    stays = pd.DataFrame(
        {"parent": [0, 0, 2], "tp_where": ["lyon", "nice", "dk"], "tp_visited": ["nice lyon", "", ""]}
    ).assign(tp_remark=["", "quiet", ""])
    expected = [
        {"tp_where": "lyon", "tp_visited__lyon": "yes", "tp_visited__nice": "yes", "tp_remark": "not_asked"},
        {"tp_where": "nice", "tp_visited__lyon": "not_applicable", "tp_remark": "quiet"},
        {"tp_where": "not_known", "tp_visited__nice": "not_applicable", "tp_remark": "not_asked"},
    ]
    exports = [*every_export(Answered(partner, frame, {"tp_stays": stays}), tmp_path / "exports")]
    for name, paths in exports[:: rounds(3, nightly=1)]:
        imported = bring(paths, partner)
        rows = imported.repeats["tp_stays"]
        assert rows["case_id"].tolist() == ["fr000000", "fr000000", "fr000002"], name
        for row, cells in enumerate(expected):
            assert rows.loc[row, list(cells)].to_dict() == cells, name
        assert imported.cases.frame["tp_course"].tolist() == ["yes", "no", "yes"]
        months = imported.others[imported.others["question"] == "tp_months"]
        assert months[["case_id", "answer"]].to_numpy().tolist() == [["fr000000", "3"]]
        assert "0612345678" not in str(imported)
        assert [each.cells for each in imported.report.dropped if each.column.endswith("tp_phone")] == [3]


def test_a_report_writes_out_what_a_screen_would_obey():
    dropped = (Dropped("a.csv", "sho\u202ee\x1b[2J\nsize", "ignored as asked", 2),)
    report = Report(1, 1, 0, 0, 0, ("a\x07",), dropped, 0, (), ("b\r.png",), ("c\ufeff",))
    assert str(report).splitlines()[2:] == [
        r"sent several times: a\x07",
        r"not brought in: a.csv sho\u202ee\x1b[2J\nsize (ignored as asked), 2 cells",
        r"not read: b\r.png",
        r"c\ufeff",
    ]


def test_the_cells_of_very_many_columns_are_counted_in_a_second():
    rows = [["x", "", None, "y"] * 3000, ["x", "x", "", ""] * 3000]
    table = Table("a.csv", "a.csv", "", pd.DataFrame(rows, columns=[f"c{at}" for at in range(12_000)], dtype="str"))
    export, start = Export.__new__(Export), time.process_time()
    export.sheets = [Columns(table, ignored=list(table.frame), own=["c4"])]
    left = list(left_out(export))
    assert [each.cells for each in left] == [2, 1, 0, 1] * 3000 and time.process_time() - start < 2
    assert left[4] == Dropped("a.csv", "c4", "the export's own", 2)


def test_notes_are_about_columns_that_come_in_and_about_tables():
    said, blank = Note("dates", "said", count=3), Note("blank word", "'-' is blank", count=2, lines=(4,))
    names = ["asked", "also", "dropped", "ignored", "own", "unread"]
    about = [replace(note, column=name) for name in names for note in (said, blank)]
    other = [Note("lines", "of the table"), Note("other sheet", "a sheet")]
    frame = pd.DataFrame({name: ["x"] for name in (*names, "born")}, dtype="str")
    table = Table("a.csv", "a.csv", "", frame, (*about, *other), mapped={"interview_year": "born"})
    left = {"dropped": {"dropped": "telephone"}, "ignored": ["ignored"], "own": ["own"]}
    export = Export.__new__(Export)
    export.sheets = [Columns(table, **left, unread={"unread": "not of the form", "born": "not of the form"})]
    assert [*notes_of(export)] == [
        "a.csv: as the mapping says, interview_year is the column 'born'",
        "a.csv: column 'asked': said",
        "a.csv: column 'also': said",
        "a.csv: of the table",
        "'-' is blank in 2 columns (4 cells)",
    ]
    assert [each.column for each in left_out(export)] == ["dropped", "ignored", "own", "unread"]
    export.sheets[0].ignored.append("also")
    assert [*notes_of(export)][-1] == "a.csv: column 'asked': '-' is blank (2×, line 4, …)"


def test_a_repeat_that_belongs_to_no_record_is_refused(typed, partner, tmp_path):
    frame = typed.frame.head(2).assign(tp_course="no", tp_months="", tp_phone="")
    stays = pd.DataFrame({"parent": [0, 5], "tp_where": ["lyon", "nice"], "tp_visited": "", "tp_remark": ""})
    path = kobo_xlsx(Answered(partner, frame, {"tp_stays": stays}), tmp_path / "lost.xlsx")
    with pytest.raises(AnswersError, match=r"lost.xlsx\[tp_stays\]:3 _parent_index: no record has this key"):
        bring(path, partner)


def test_repeats_that_an_export_leaves_out_are_named_once(typed, partner, tmp_path):
    frame = typed.frame.head(2).assign(tp_course="no", tp_months="", tp_phone="")
    path = kobo_csv(Answered(partner, frame), tmp_path / "flat.csv")
    report = bring(path, partner).report
    assert (report.taken, str(report).count("not in this export: the repeated groups tp_stays; an export as XLSX")) == (
        2,
        1,
    )
    assert "tp_stays" not in str(bring(path, partner, without=["tp_stays"]).report)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"age_band": "30_43"}, r"made.csv:2 age_band: '30_43' is not a choice of age_band; the nearest is '30_34'"),
        ({"age_band": "30—34"}, "made.csv:2 age_band: it is not a choice of age_band (under_18, "),
        ({"reason": "debt dept"}, "made.csv:2 reason: 'dept' is not a choice of reason; the nearest is 'debt'"),
        ({"reason": "debt debt"}, "made.csv:2 reason: a choice is given twice"),
        ({"reason": "debt dk"}, "made.csv:2 reason: 'dk' stands beside other choices"),
        ({"transit": "none russia"}, "made.csv:2 transit: 'none' stands beside other choices"),
        ({"case_code": "Li Mei"}, "made.csv:2 case_code: it is not two small letters and four to six digits"),
        ({"source_id": ""}, "made.csv:2 source_id: it is not made of a-z"),
        ({"age_band": "withheld"}, "made.csv:2 age_band: 'withheld' is not a choice"),
        ({"consent": "maybe"}, "made.csv:2 consent: 'maybe' is not a choice of consent"),
        ({"children": "none", "children_live": "with_her"}, "made.csv:2 children_live: it is answered, but the form"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_its_place(typed, form, tmp_path, cells, sentence):
    path = kobo_csv(asked_everything(typed, **cells), tmp_path / "made.csv")
    with pytest.raises(AnswersError) as refused:
        bring(path, form)
    assert sentence in str(refused.value)
    assert "Li Mei" not in str(refused.value)


@pytest.mark.parametrize(
    ("header", "cell", "sentence"),
    [
        ("reason/debt", "0", "reason: it does not say the same as the columns of its choices"),
        ("reason/debt", "2", "reason/debt: it is neither 0 nor 1 nor empty"),
        ("reason/debt", "", "reason: it does not say the same as the columns of its choices"),
    ],
)
def test_split_columns_that_say_something_else_are_refused(typed, form, tmp_path, header, cell, sentence):
    columns = kobo_table(asked_everything(typed, reason="debt divorce_separation"), "names", "both")
    columns[header] = [cell]
    path = write_csv(columns, tmp_path / "both.csv")
    with pytest.raises(AnswersError, match=f"both.csv:2 .*{sentence}"):
        bring(path, form)


def test_a_choice_is_not_known_where_only_some_columns_of_choices_say_something(typed, form, tmp_path):
    columns = kobo_table(asked_everything(typed, reason="debt divorce_separation"), "names", "split")
    columns["reason/debt"] = [""]
    with pytest.raises(
        AnswersError, match=r"made.csv:2 .*some choices of this question are 0 or 1 and others are empty"
    ):
        bring(write_csv(columns, tmp_path / "made.csv"), form)


def test_columns_that_contradict_or_nearly_are_a_question_are_refused(typed, form, tmp_path):
    columns = kobo_table(typed, "names", "joined")
    wrong = {
        "reasons": (r"the form has no such question \(is it reason\?\)", "reason"),
        "Age-Band": (r"the form has no such question \(is it age_band\?\)", "age_band"),
        "migration/reason": ("it is about the same as reason, and says something else in line 2", ""),
    }
    for header, (sentence, instead) in wrong.items():
        there = {name: cells for name, cells in columns.items() if name != instead}
        with pytest.raises(AnswersError, match=f"wrong.csv:1 {header}: {sentence}"):
            bring(write_csv({**there, header: ["x"] * 40}, tmp_path / "wrong.csv"), form)
    path = write_csv({**columns, "reasons": ["x"] * 40}, tmp_path / "more.csv")
    assert ("reasons", 40) in [(each.column, each.cells) for each in bring(path, form).report.dropped]


def test_columns_that_the_form_does_not_have_are_named_once_and_left_out(typed, form, tmp_path):
    columns = kobo_table(typed, "names", "joined")
    path = write_csv({**columns, "shoe_size": ["38"] * 40, "note_7": [""] * 40}, tmp_path / "more.csv")
    report = bring(path, form).report
    assert [(each.column, each.cells) for each in report.dropped if each.kind == "the form has no such question"] == [
        ("shoe_size", 40),
        ("note_7", 0),
    ]
    assert str(report).count("shoe_size") == str(report).count("note_7") == 1
    report = bring(path, form, ignore=["shoe*", "hat*"]).report
    assert [(each.kind, each.cells) for each in report.dropped if each.column == "shoe_size"] == [
        ("ignored as asked", 40)
    ]
    assert "ignore: 'hat*' is no column of this export" in report.notes


def test_questions_without_a_column_are_named_once_and_not_asked(typed, form, tmp_path):
    columns = kobo_table(typed, "names", "joined")
    del columns["plans"], columns["children"]
    path = write_csv(columns, tmp_path / "less.csv")
    imported = bring(path, form)
    assert "less.csv: not in this export, so not asked: children, plans" in imported.report.notes
    assert set(imported.cases.frame["plans"]) <= {"not_asked", "not_applicable"}
    live = imported.cases.frame["children_live__with_her"].tolist()
    assert "not_applicable" not in live and live.count("yes") == sum(
        "with_her" in each.split() for each in typed.frame["children_live"]
    )
    assert "plans" not in str(bring(path, form, without=["plans", "children"]).report)


@pytest.mark.parametrize("name", ["case_code", "consent", "country_code"])
def test_what_each_record_needs_is_asked_for(typed, form, tmp_path, name):
    columns = kobo_table(typed, "names", "joined")
    del columns[name]
    with pytest.raises(AnswersError, match=f"less.csv:1 {name}: no column has this question, and each record needs it"):
        bring(write_csv(columns, tmp_path / "less.csv"), form)


def test_the_export_of_another_form_is_refused_in_one_sentence(form, tmp_path):
    path = write_csv({f"q{number}": ["1"] for number in range(30)} | {"consent": ["yes"]}, tmp_path / "other.csv")
    with pytest.raises(
        AnswersError, match=r"other.csv:1 it is the export of another form \(1 of its columns .*, 30 do not"
    ):
        bring(path, form)


def test_missing_choice_columns_are_asked_for(typed, form, tmp_path):
    columns = kobo_table(typed, "names", "split")
    del columns["reason/debt"]
    path = write_csv(columns, tmp_path / "less.csv")
    with pytest.raises(AnswersError, match="columns are missing for the choices debt"):
        bring(path, form)


def test_rows_of_another_width_are_refused(typed, form, tmp_path):
    path = kobo_csv(typed, tmp_path / "wide.csv")
    path.write_bytes(path.read_bytes() + b'"one";"more"\r\n')
    with pytest.raises(TableRefusedError):
        bring(path, form)


def test_blank_is_not_asked_and_not_no(typed, form, tmp_path):
    path = kobo_csv(asked_everything(typed, children="none"), tmp_path / "blank.csv", multiple="split")
    record = bring(path, form).cases.frame.iloc[0]
    assert record["age_band"] == "not_asked"
    assert record["reason__debt"] == "not_asked"
    assert record["children_live__with_her"] == "not_applicable"
    assert record["promise_kept"] == "not_applicable"


def test_the_five_kinds_of_missing_stay_five(typed, form, tmp_path):
    cells = {"age_band": "dk", "reason": "refused", "children": "none", "education": "call 13800138000"}
    path = kobo_csv(asked_everything(typed, **cells), tmp_path / "five.csv")
    imported = bring(path, form, decisions={(2, "education"): "withhold"})
    record = imported.cases.frame.iloc[0]
    kinds = record[["age_band", "reason__debt", "education", "children_live__with_her", "housing"]]
    assert kinds.tolist() == ["not_known", "refused", "withheld", "not_applicable", "not_asked"]
    assert imported.report.withheld == 1


def test_answers_that_were_not_asked_for_can_be_listed_and_kept(typed, form, tmp_path):
    path = kobo_csv(asked_everything(typed, practice="never", plans="stay"), tmp_path / "more.csv")
    with pytest.raises(AnswersError, match=r"more.csv:2 plans"):
        bring(path, form)
    imported = bring(path, form, inconsistent="report")
    assert imported.cases.frame.loc[0, "plans"] == "stay"
    assert [(each.line, each.column) for each in imported.report.conflicts] == [(2, "plans")]


def test_no_record_without_consent_comes_in(typed, form, tmp_path):
    frame = typed.frame.head(5).copy()
    frame.loc[[0, 1], "consent"] = ["no", ""]
    frame.loc[0, "remarks"] = "call 13800138000"
    frame.loc[2, "consent_scope"] = "published_tables other_research"
    frame.loc[3, "consent_scope"] = ""
    frame.loc[4, "consent_scope"] = "this_study"
    imported = bring(kobo_csv(replace(typed, frame=frame), tmp_path / "some.csv"), form)
    assert imported.cases.frame["case_id"].tolist() == ["fr000004"]
    report = imported.report
    assert (report.read, report.taken, report.without_consent, report.not_covered) == (5, 1, 2, 2)
    assert report.unpublished == 1 and "1 have not agreed to published_tables" in str(report)


def test_each_record_keeps_its_terms(typed, form, tmp_path):
    frame = typed.frame.head(2).copy()
    frame["legal_basis"] = ["public_interest", ""]
    path = kobo_csv(replace(typed, frame=frame), tmp_path / "terms.csv")
    options = {"legal_basis": "consent", "retention": date(2030, 1, 2), "persons": {"fr000001": "fr000000"}}
    kept = read_answers(path, form, **options).cases.frame
    assert kept["legal_basis"].tolist() == ["public_interest", "consent"]
    assert kept["retention_date"].tolist() == ["2030-01-02"] * 2
    assert kept["person_id"].tolist() == ["fr000000"] * 2
    assert kept["is_synthetic"].tolist() == ["no"] * 2
    with pytest.raises(ResearchError, match="not a legal basis"):
        read_answers(path, form, legal_basis="because", retention=LAST_DAY)


@pytest.mark.parametrize(("today", "is_late"), [("2029-12-31", False), ("2030-01-02", False), ("2030-01-03", True)])
def test_records_may_come_in_until_the_last_day_to_keep_them(typed, form, tmp_path, today, is_late):
    path = kobo_csv(asked_everything(typed), tmp_path / "a.csv")
    terms = {"legal_basis": "consent", "retention": date(2030, 1, 2), "today": date.fromisoformat(today)}
    if is_late:
        with pytest.raises(ResearchError, match="2030-01-02, which has passed"):
            read_answers(path, form, **terms)
    else:
        assert read_answers(path, form, **terms).report.taken == 1


ON_TWO = PARTNER.replace("${tp_course} = 'yes'", "${children} = 'one' and ${practice} = 'now'")


def test_who_was_asked_is_not_known_where_one_of_two_answers_before_is_not_in_the_export(typed, form, tmp_path):
    (tmp_path / "partner.csv").write_text(
        ON_TWO.replace("integer,tp_months", "select_one tp_town,tp_months"), encoding="utf-8"
    )
    both, paths = extend(form, read_form(tmp_path / "partner.csv")), []
    for code, absent in (("fr0001", "children"), ("fr0002", "practice"), ("fr0003", "")):
        one = asked_everything(typed, case_code=code, children="none", practice="never")
        columns = kobo_table(replace(one, form=both), "names", "joined")
        paths.append(
            write_csv({name: cells for name, cells in columns.items() if name != absent}, tmp_path / f"{code}.csv")
        )
    kept = bring(paths, both).cases.frame.set_index("case_id")["tp_months"]
    assert kept.to_dict() == {"fr0001": "not_asked", "fr0002": "not_asked", "fr0003": "not_applicable"}


def test_a_case_that_was_sent_twice(typed, form, tmp_path):
    twice = replace(typed, frame=pd.concat([typed.frame.head(3), typed.frame.head(1)], ignore_index=True))
    imported = bring(kobo_csv(twice, tmp_path / "same.csv"), form)
    assert imported.report.taken == 3
    assert imported.report.twice == ("fr000000: same.csv:2, same.csv:5; kept: same.csv:2",)
    twice.frame.loc[3, "age_band"] = "60_plus" if twice.frame.loc[0, "age_band"] != "60_plus" else "55_59"
    path = kobo_csv(twice, tmp_path / "other.csv")
    with pytest.raises(AnswersError, match=r"other.csv:5 case_code: the case fr000000 was sent before \(other.csv:2\)"):
        bring(path, form)
    kept = bring(path, form, latest=True).cases.frame.set_index("case_id")
    assert kept.loc["fr000000", "age_band"] == twice.frame.loc[3, "age_band"]


def test_a_later_refusal_is_not_overlooked(typed, form, tmp_path):
    twice = replace(typed, frame=pd.concat([typed.frame.head(1), typed.frame.head(1)], ignore_index=True))
    twice.frame.loc[1, "consent"] = "no"
    path = kobo_csv(twice, tmp_path / "withdrawn.csv")
    with pytest.raises(AnswersError, match="was sent before"):
        bring(path, form)
    assert bring(path, form, latest=True).report.taken == 0


def test_several_exports_at_once(typed, form, tmp_path):
    first = kobo_csv(replace(typed, frame=typed.frame.head(20)), tmp_path / "paris.csv")
    second = kobo_xlsx(replace(typed, frame=typed.frame.tail(20)), tmp_path / "turin.xlsx", multiple="split")
    imported = bring([first, second], form)
    assert imported.cases.frame["case_id"].tolist() == typed.frame["case_code"].tolist()
    with pytest.raises(ResearchError, match="each once"):
        bring([first, first], form)


def test_encrypted_records_are_not_taken_for_empty_ones(typed, form, tmp_path):
    path = central(typed, tmp_path / "central")[0]
    lines = list(csv.reader(path.open(encoding="utf-8", newline="")))
    lines[1][lines[0].index("Status")] = "not decrypted"
    path = write_csv(dict(zip(lines[0], zip(*lines[1:], strict=True), strict=True)), tmp_path / "locked.csv")
    with pytest.raises(AnswersError, match=r"locked.csv:2 Status: this record is still encrypted"):
        bring(path, form)


DROPPED = """name Nom prénom cognome Meno priezvisko 姓名 firstName username SubmitterName _submitted_by meta/instanceName
    phone_number téléphone numero_di_telefono cislo_telefonu 手机号 phonenumber wechat_id QQ号 group/contact_phone e-mail
    courriel adresse indirizzo adresa 地址 PSČ rue passport_no numéro_de_passeport codice_fiscale rodne_cislo 身份证号 护照号
    date_of_birth dátum_narodenia data_nascita date_de_naissance 出生日期 today start end _submission_time SubmissionDate
    gps _gps_latitude geopoint loc-Latitude loc-Accuracy deviceid DeviceID subscriberid simserial meta-audit"""


def test_columns_on_the_drop_list_never_come_in(typed, form, tmp_path):
    more = {header: ["Li Mei 138"] * 39 + [""] for header in DROPPED.split()}
    columns = {**kobo_table(typed, "groups", "joined"), **more}
    imported = bring(write_csv(columns, tmp_path / "named.csv"), form)
    dropped = {each.column: each.cells for each in imported.report.dropped if each.kind != "the export's own"}
    assert {header: dropped.get(header) for header in more} == dict.fromkeys(more, 39)
    assert "Li Mei" not in f"{imported.cases.frame.to_csv()} {imported.others.to_csv()} {imported.report}"


def test_no_question_of_the_common_form_is_on_the_drop_list(form):
    names = [item.row["name"] for item in form.placed() if item.is_question]
    assert [name for name in names if kind_of_column(name)] == []


def resident(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


IDENTIFYING = [
    *(
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "1 3 8 0 0 1 3 8 0 0 0",
        "１３８００１３８０００",
        "一三八零零一三八零零零",
    ),
    *("电话一三八 零零一三 八零零零", "+86 138 0013 8000", "0086 13800138000", "8613800138000", "15000 13800138000"),
    *("06 12 34 56 78", "06.12.34.56.78", "0612345678", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "tel. 12 34 56"),
    *("06–12–34–56–78", "06−12−34−56−78"),
    *("011 123 4567", "333 1234567", "+39 333 123 4567", "0905 123 456", "+421 905 123 456", "00421905123456"),
    *("call Ahmad 03 123 456", "03123456", "03-123456", "03/123456", "70 123 456", "71-123-456", "her line: 81 123456"),
    *("手机:13912345678", "call her on 0612345678 after 8", "0577-88123456"),
    *("mei@example.org", "mei＠example.org", "mei [at] example.org", "mei(at)example.org", "mei at example.org"),
    *("mei at example dot org", "mei arobase example point fr", "mei chiocciola example punto it"),
    *(
        "微信 mei_li88",
        "WeChat: mei_li88",
        "微信号 meili123",
        "my wechat id is hellokitty",
        "QQ 12345678",
        "QQ号：1234567",
    ),
    *(resident("11010119900307123"), resident("33030219750812456"), "330302750812123", "2 85 05 99 216 001"),
    f"2850599216001{97 - 2850599216001 % 97:02}",
    *("RSSMRA85M01H501Z", "rss mra 85m01 h501z", "855123/1234", "E12345678", "护照G12345678", "EA1234567", "12AB34567"),
    *("FR1420041010050500013M02606", "SK31 1200 0000 1987 4263 7541", "48.856613, 2.352222", "123456789"),
]
INNOCENT = [
    *("She arrived in 1999.", "between 1995 and 1999", "from 1995-1999 to 2000-2004", "2000, 2001, 2002, 2003"),
    *("15000 euros", "15 000 euros", "15.000 euro", "€ 1.200,00", "10 000 000 yuan", "15 000 000 000", "80000, 8000"),
    *(
        "12,5 %",
        "+10 %",
        "100 % 0 %",
        "cn-ln",
        "fr000123",
        "art. 225-4-1",
        "L. 228/2003",
        "75013 Paris",
        "10122 Torino",
    ),
    *("01/02/2004", "le 01.02.2004 et le 03.04.2005", "2004-05-06 and 2005-06-07", "30–38/39–47/48+", "1 2 3 4 5"),
    *("she works at home. She", "met at work.", "found work through WeChat groups", "通过微信认识", "WeChat and QQ"),
    *(
        "一万五千欧元",
        "二〇〇四年五月来的",
        "一九九五年至一九九九年",
        "三个孩子",
        "500-999 1000-1499 1500-2499",
        "24 h / 24",
    ),
    *(
        "70 123 456 LBP",
        "$ 70 123 456",
        "70 500 000",
        "70.123.456",
        "70,123,456",
        "05062019",
        "01 02 24 15:30",
        "03 123",
    ),
    *("350 a week, 1400 a month, 16800 a year", "3 children (1990, 1992, 1995)", "COVID-19 in 2020/2021", ""),
]


def test_free_text_that_identifies_stops_the_import_until_decided(typed, form, tmp_path):
    frame = typed.frame.iloc[[0] * len(IDENTIFYING)].reset_index(drop=True)
    frame["case_code"] = [f"it{number:04}" for number in range(len(frame))]
    frame["remarks_gate"], frame["remarks"] = "answered", [f"She said: {text}" for text in IDENTIFYING]
    path = kobo_csv(replace(typed, frame=frame), tmp_path / "text.csv")
    with pytest.raises(PrivacyError) as stopped:
        bring(path, form)
    cells = {(find.line, find.column) for find in stopped.value.finds}
    assert cells == {(line, "remarks") for line in range(2, len(IDENTIFYING) + 2)}
    assert [text for text in IDENTIFYING if text in str(stopped.value)] == []
    assert "--decisions LIST.csv" in str(stopped.value) and "{" not in str(stopped.value)
    decisions = {(2, "remarks"): "withhold", **{("text.csv", *cell): "keep" for cell in cells if cell[0] > 2}}
    imported = bring(path, form, decisions=decisions)
    remarks = imported.others[imported.others["question"] == "remarks"]["answer"].tolist()
    assert remarks == ["withheld", *frame["remarks"][1:]]
    assert imported.report.withheld == 1
    del decisions["text.csv", 7, "remarks"]
    with pytest.raises(PrivacyError) as stopped:
        bring(path, form, decisions=decisions)
    assert {find.line for find in stopped.value.finds} == {7}


@pytest.mark.parametrize("text", INNOCENT)
def test_years_prices_and_codes_do_not_stop_the_import(text):
    assert kinds_in(text) == ()


def test_a_scan_ends_whatever_it_is_given():
    for text in ("1 " * 50_000, "9" * 100_000, "a at " * 20_000, "+(1" * 30_000, "wechat    " * 10_000, "A1" * 50_000):
        kinds_in(text)


def test_a_phone_number_in_a_list_of_choices_is_not_shown(typed, form, tmp_path):
    path = kobo_csv(changed(typed, housing="13800138000"), tmp_path / "odd.csv")
    with pytest.raises(PrivacyError) as stopped:
        bring(path, form)
    assert "13800138000" not in str(stopped.value)


def test_decisions_must_be_about_cells_that_are_there(typed, form, tmp_path):
    first, second = (kobo_csv(typed, tmp_path / f"{name}.csv") for name in "ab")
    for key in ((99, "remarks"), (2, "remark"), ("other.csv", 2, "remarks")):
        with pytest.raises(ResearchError, match="there is no such cell"):
            bring(first, form, decisions={key: "keep"})
    with pytest.raises(ResearchError, match="several tables"):
        bring([first, second], form, decisions={(2, "remarks"): "keep"})


@pytest.mark.parametrize("key", [("Anna Rossi", 2, "remarks"), ("a.csv", 2, "Anna Rossi"), (2, "Anna Rossi")])
def test_a_decision_s_own_words_are_not_repeated(typed, form, tmp_path, key):
    with pytest.raises(ResearchError, match=r"decision about .*: there is no such cell") as refused:
        bring(kobo_csv(typed, tmp_path / "a.csv"), form, decisions={key: "keep"})
    assert "Anna" not in str(refused.value)


@pytest.mark.parametrize("name", ["case_code", "source_id", "consent", "country_code"])
def test_what_each_record_needs_cannot_be_left_out(typed, form, tmp_path, name):
    path = kobo_csv(replace(typed, frame=typed.frame.drop(columns=name)), tmp_path / "a.csv")
    with pytest.raises(ResearchError, match=f"without: each record needs {name}"):
        bring(path, form, without=[name])


def test_cases_that_are_no_text_are_refused_at_once(cases, tmp_path):
    write_cases(cases, tmp_path / "study")
    path = tmp_path / "study/cases.csv"
    with path.open("r+b") as file:
        file.write(b"a,b\n\0")
    with pytest.raises(StudyError, match=r"cases\.csv:2: it has the character NUL"):
        read_cases(tmp_path / "study")
    os.truncate(path, 3 << 30)
    with pytest.raises(ResearchError, match="3,221,225,472 bytes, and at most 536,870,912 are read"):
        read_cases(tmp_path / "study")


def test_cases_are_written_whole_and_read_again(cases, tmp_path):
    write_cases(cases, tmp_path / "study")
    again = read_cases(tmp_path / "study")
    pd.testing.assert_frame_equal(again.frame, cases.frame)
    assert again.variables == cases.variables
    assert again.is_synthetic
    assert "SYNTHETIC" in (tmp_path / "study/README.txt").read_text()
    assert json.loads((tmp_path / "study/variables.json").read_text())["is_synthetic"] is True
    assert sorted(os.listdir(tmp_path / "study")) == [".lock", "README.txt", "cases.csv", "variables.json"]
    real = replace(cases, frame=cases.frame.assign(is_synthetic="no"), is_synthetic=False)
    with pytest.raises(StudyError, match="real and synthetic"):
        write_cases(real, tmp_path / "study")
    write_cases(real, tmp_path / "real")
    assert "CONFIDENTIAL" in (tmp_path / "real/README.txt").read_text()


def test_a_crash_in_writing_loses_nothing(cases, tmp_path, monkeypatch):
    write_cases(cases, tmp_path)
    before = (tmp_path / "cases.csv").read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(SavingError, match=r"README.txt: it cannot be written \(disk full\); nothing was changed"):
            write_cases(replace(cases, frame=cases.frame.head(1)), tmp_path)
    assert (tmp_path / "cases.csv").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == [".lock", "README.txt", "cases.csv", "variables.json"]


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("age_band", "35", "cases.csv:2 age_band: '35' is not one of under_18"),
        ("age_band", "", "cases.csv:2 age_band: '' is not one of"),
        ("reason__debt", "maybe", "cases.csv:2 reason__debt: 'maybe' is not one of yes, no"),
        ("case_id", "fr000001", "cases.csv:3 case_id: 'fr000001' stands twice"),
        ("retention_date", "31.12.2031", "cases.csv:2 retention_date: '31.12.2031' is not a date"),
        ("consent_scope", "everything", "cases.csv:2 consent_scope: 'everything' is not made of this_study"),
        ("is_synthetic", "no", "cases.csv:2 is_synthetic: 'no' is not 'yes'"),
        ("source_id", "Tampep Torino", "cases.csv:2 source_id: 'Tampep Torino' is not a code"),
    ],
)
def test_what_is_wrong_in_cases_is_named(cases, tmp_path, column, cell, sentence):
    frame = cases.frame.copy()
    frame.loc[0, column] = cell
    wrong = replace(cases, frame=frame)
    assert any(str(problem).startswith(sentence) for problem in problems(wrong))
    with pytest.raises(StudyError, match="cannot be written"):
        write_cases(wrong, tmp_path)


def test_choices_that_exclude_each_other_and_missing_columns_are_named(cases):
    columns = columns_of(cases["transit"])
    frame = cases.frame.copy()
    frame.loc[0, [*columns]] = "no"
    frame.loc[1, [*columns]] = ["yes"] * len(columns)
    frame.loc[2, [*columns]] = ["not_known", *["no"] * (len(columns) - 1)]
    found = [str(problem) for problem in problems(replace(cases, frame=frame.drop(columns="plans")))]
    assert any("no choice of 'transit' is yes" in each for each in found)
    assert any("cases.csv:3 transit__none: 'none' stands beside other choices" in each for each in found)
    assert any("do not agree on whether it was answered" in each for each in found)
    assert "cases.csv:1 plans: this column is missing; add it" in found


def test_purge_removes_what_has_expired(cases):
    frame = cases.frame.copy()
    frame.loc[:9, "retention_date"] = "2027-06-30"
    old = replace(cases, frame=frame)
    assert purge(old, date(2027, 6, 30))[1] == 0
    kept, gone = purge(old, date(2027, 7, 1))
    assert (len(kept.frame), gone) == (30, 10)
    frame.loc[3, "retention_date"] = "soon"
    with pytest.raises(StudyError, match=r"cases.csv:5 retention_date: 'soon' is not a date"):
        purge(old, date(2027, 7, 1))


def test_nothing_is_published_of_those_who_did_not_agree(cases):
    shown = for_release(cases).frame
    silent = ~cases.frame["consent_scope"].str.contains("published_tables")
    answers = ["country_code", "site", "interview_year", "respondent", *answer_columns(cases.variables)]
    assert 0 < silent.sum() < 40
    assert set(shown.loc[silent, answers].to_numpy().ravel()) == {"withheld"}
    pd.testing.assert_frame_equal(shown[~silent], cases.frame[~silent])
    assert problems(for_release(cases)) == []


def test_skip_logic_against_a_plain_reading_of_it(cases):
    asked = applicable(cases.frame, cases.variables)
    for place, record in cases.frame.iterrows():
        was_in_prostitution = record["practice"] in ("now", "past")
        expected = {
            "age_band": True,
            "children_live": record["children"] in ("one", "two", "three_or_more"),
            "debt_left": record["debt_on_arrival"] == "yes",
            "origin_prefecture": record["origin_province"] in ("cn-zj", "cn-fj", "cn-ln", "cn-jl", "cn-hl", "cn-sd"),
            "promise_kept": any(
                record[f"work_promised__{choice}"] == "yes"
                for choice in cases["work_promised"].choices
                if choice != "none"
            ),
            "places": was_in_prostitution,
            "other_work_sector": was_in_prostitution and record["other_work"] == "yes",
        }
        assert asked.loc[place, list(expected)].to_dict() == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", [True, True, True]),
        ("${one} = 'a'", [True, False, False]),
        ('${one} != "a" and not(selected(${many}, "x"))', [False, False, True]),
        ("count-selected(${many}) >= 2", [True, False, False]),
        ("selected(${many}, 'x') or ${one} = 'dk'", [True, True, True]),
        ("${one} = ''", [False, False, False]),
        ("${consent} = 'yes' and (${one} = 'a' or ${one} = 'b')", [True, True, False]),
        ("if(${one} = 'a', false(), true())", [False, True, True]),
        ("selected-at(${many}, 1) = 'y'", [True, False, False]),
        ("string-length(${one}) > 1", [False, False, True]),
    ],
)
def test_expressions_of_the_form(expression, expected):
    frame = pd.DataFrame(
        {
            "one": ["a", "b", "not_known"],
            "many__x": ["yes", "yes", "not_asked"],
            "many__y": ["yes", "no", "not_asked"],
        }
    )
    many = Variable("many", "d", "many", ("x", "y"))
    asked = applicable(frame, [many, Variable("it", "d", "one", (), relevant=expression)])
    assert asked["it"].tolist() == expected


@pytest.mark.parametrize(
    "expression",
    [
        "${one} = 'a' and",
        "one = 'a'",
        "../one = 'a'",
        ". = 'a'",
        "pulldata('a', 'b')",
        "${two} = 'a'",
        "${1one} = 'a'",
        "selected(${one})",
    ],
)
def test_skip_logic_that_cannot_be_read_names_its_question(expression):
    frame = pd.DataFrame({"one": ["a"]})
    with pytest.raises(StudyError, match="it: its skip logic cannot be read"):
        applicable(frame, [Variable("it", "d", "one", (), relevant=expression)])


def test_each_digit_of_a_resident_number_counts_for_its_check():
    number = resident("35262119891112345")
    assert "Chinese resident number" in kinds_in(number)
    for place in range(17):
        other = number[:place] + str(int(number[place]) % 9 + 1) + number[place + 1 :]
        assert "Chinese resident number" not in kinds_in(other)
