"""A first plan of a form of others can be released, is short, says what it leaves out, and warns of a single source."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle, islice

import numpy as np
import pandas as pd
import pytest
from test_intruders import narrowed
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.disclosure.case_counts import CountingError, as_table, require_sound
from research_lib.disclosure.counted_release import count_again
from research_lib.disclosure.planning.first_plan import first_plan, left_out, table_names, write_first_plan
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import audit, build_release
from research_lib.disclosure.released import open_release
from research_lib.disclosure.study_folder.release_series import read_log
from research_lib.disclosure.study_folder.study_release import NothingShownError, release_study
from research_lib.disclosure.suppression.intruders import Contributors
from research_lib.interviews.case_files import write_cases
from research_lib.interviews.cases import Cases, Variable

DAY = date(2026, 1, 31)
ALONE = replace(Policy(), sources=1, reasons={"sources": "One association collected all records."})


def question(name: str, codes: int = 3, relevant: str = "") -> Variable:
    return Variable(name, "", "one", tuple(f"c{n}" for n in range(codes)), relevant=relevant)


def cases_of(*variables: Variable, records: int = 500, sources: tuple[str, ...] = ("user",)) -> Cases:
    """Made-up records of some sources by turns; the codes of each question by chance, the first ones most often."""
    draw = np.random.default_rng(3)
    ids = [f"r{n}" for n in range(records)]
    fixed = {"country_code": "FRA", "site": "paris", "interview_year": "2026", "respondent": "self"}
    terms = {"consent_scope": "this_study published_tables", "legal_basis": "consent", "retention_date": "2032-12-31"}
    frame = pd.DataFrame({"case_id": ids, "person_id": ids, "source_id": list(islice(cycle(sources), records))})
    frame = frame.assign(**fixed, **terms, is_synthetic="yes")
    for each in variables:
        shares = np.geomspace(1, 0.02, len(each.choices))
        frame[each.name] = draw.choice(each.choices, records, p=shares / shares.sum())
    return Cases(frame, variables, is_synthetic=True)


def study_of(folder, cases: Cases, policy: Policy | None = None):
    write_cases(cases, folder / "cases")
    made = write_first_plan(folder)
    if policy:
        made.policy.write_text(policy.to_toml(), encoding="utf-8")
    return made


def run(*words):
    found = CliRunner().invoke(app, [str(word) for word in words])
    return found, " ".join((found.output + str(found.exception or "")).split())


def test_names_of_tables_are_made_from_those_of_questions():
    names = table_names(["NotReachable", "notReachable", "Q1.a-b", "q1_a-b", "x" * 120])
    assert names == ["notreachable", "notreachable-2", "q1_a-b", "q1_a-b-2", "x" * 90]


def test_a_first_plan_of_questions_with_capitals_points_and_lines_is_released(tmp_path):
    names = ("NotReachable", "group.Work-kind", "Site2", "Records")
    made = study_of(tmp_path, cases_of(*map(question, names), sources=("a", "b", "c", "d")))
    plan = Plan.read(made.plan)
    assert [table.name for table in plan.tables] == ["notreachable", "group_work-kind", "site2"]
    assert plan.sensitive == names[:3]
    assert "# Records: every released table has a column" in made.plan.read_text(encoding="utf-8")
    released = release_study(tmp_path, DAY).released
    assert [table.columns[1] for table in released.tables.values()] == [*names[:3]]


def test_a_first_plan_is_short_and_says_what_it_leaves_out(tmp_path):
    many = Variable("reasons", "", "many", ("a", "b"))
    asked = [question(f"q{n}", relevant="${reachable} = 'c0'") for n in range(30)]
    others = [question("reachable"), question("consent_asked"), question("town", 300), question("é")]
    cases = cases_of(*others, *asked)
    thin = cases.frame.assign(q0="not_asked", q1="c0", reasons__a="yes", reasons__b="no")
    thin.loc[:20, "q2"] = "refused"
    cases = replace(cases, frame=thin, variables=(*cases.variables, many))
    plan = first_plan(cases)
    assert plan.sensitive == tuple(f"q{n}" for n in range(3, 15))
    reasons = dict(left_out(cases, plan))
    assert reasons["reachable"] == reasons["consent_asked"] == "it decides whether other questions are asked"
    assert reasons["town"] == "300 codes; take codes together with [coarser.a_name]"
    assert reasons["q1"] == "all records that answered it gave the same answer"
    assert reasons["q2"] == "479 of 500 records have an answer"
    assert reasons["é"].startswith("its name has other signs") and reasons["reasons"].startswith("several answers")
    assert len(reasons) == 4 + 18 + 1
    made = study_of(tmp_path, cases)
    text = made.plan.read_text(encoding="utf-8")
    assert Plan.read(made.plan) == plan
    assert (made.tables, made.left_out) == (12, 23)
    assert sum(line.startswith(tuple(f"# {name}: " for name in reasons)) for line in text.splitlines()) == 23


def test_a_first_plan_prefers_few_answers_of_many_people_and_nothing_about_the_office():
    office = ("enum_gender", "admin1", "cluster_id", "SurveyModality_id", "interviewerName")
    said = replace(question("q_sex"), labels={"en": "What is the enumerator’s gender?"})
    asked = [question(f"q{n}") for n in range(11)]
    cases = cases_of(
        *map(question, office), said, *asked, question("wide", 9), question("late"), question("thin"), question("none")
    )
    frame = cases.frame.assign(none="not_asked", thin=["c1"] * 5 + ["c0"] * 495)
    frame.loc[:199, "late"] = "not_asked"
    cases = replace(cases, frame=frame)
    plan = first_plan(cases)
    assert plan.sensitive == (*(f"q{n}" for n in range(11)), "late")
    reasons = dict(left_out(cases, plan))
    assert {reasons[name] for name in (*office, "q_sex")} == {"it is about who asked, or where the record belongs"}
    assert reasons["none"] == "no record has an answer" and reasons["wide"] == "500 of 500 records have an answer"
    assert reasons["thin"] == "fewer than 10 records have another answer than 'c0'"


def test_columns_that_differ_in_capitals_only_are_named():
    cases = cases_of(question("Work"), question("work"), question("stay"))
    assert first_plan(cases).sensitive == ("stay",)
    with pytest.raises(CountingError, match="'Work' and 'work' differ in capitals only"):
        require_sound(cases, first_plan(cases))


def test_check_names_a_plan_that_cannot_be_read(tmp_path):
    study = tmp_path / "study"
    run("demonstrate", study)
    assert run("check", study)[1].endswith("0 problems")
    plan = study / "release/plan.toml"
    plan.write_text('[[tables]]\nname = "Work"\nvariables = ["Work"]\n')
    said = run("check", study)[1]
    assert "release/plan.toml the name 'Work' needs small letters, digits, _ and - only 1 problem" in said


def test_a_single_source_is_told_before_and_at_a_release_that_shows_nothing(tmp_path):
    write_cases(cases_of(question("work")), tmp_path / "cases")
    said = run("release", tmp_path, "--first-plan")[1]
    assert "WARNING: all records have one source_id, and the rule sources = 3 hides every cell" in said
    found, said = run("release", tmp_path, "--date", DAY)
    assert isinstance(found.exception, NothingShownError)
    for words in ("shown: 0 of 3 cells", "instruments/mapping.toml", "[sources] value = 1", "--accept-nothing-shown"):
        assert words in said
    assert not (tmp_path / f"released/{DAY}").exists()
    assert read_log(tmp_path / "cases")["outcome"].tolist() == ["refused"]
    said = run("release", tmp_path, "--dry-run", "--date", DAY)[1]
    assert "shown: 0 of 3 cells with records" in said and "all records have one source_id" in said
    found, said = run("release", tmp_path, "--date", DAY, "--accept-nothing-shown")
    assert found.exit_code == 0 and "WARNING: all records have one source_id" in said
    assert open_release(tmp_path / f"released/{DAY}").tables


def test_two_sources_where_three_are_asked_are_told(tmp_path):
    assert "one of 2 source_ids" in study_of(tmp_path, cases_of(question("work"), sources=("a", "b"))).warning
    with pytest.raises(NothingShownError, match="one of 2 source_ids, and the rule sources = 3"):
        release_study(tmp_path, DAY)


def test_where_nobody_agreed_to_published_tables_nothing_is_released_and_it_is_said_why(tmp_path):
    cases = cases_of(question("work"), sources=("a", "b", "c", "d"))
    study_of(tmp_path, replace(cases, frame=cases.frame.assign(consent_scope="this_study")))
    reason = "no answer is shown, only records without one: each answer of who has not agreed to published_tables"
    said = run("release", tmp_path, "--dry-run", "--date", DAY)[1]
    assert f"WARNING: {reason}" in said and "1 of 1 cells with records (1 of them without an answer)" in said
    with pytest.raises(NothingShownError, match=reason):
        release_study(tmp_path, DAY)
    assert not (tmp_path / f"released/{DAY}").exists()


def test_the_rule_that_hides_most_is_named(tmp_path):
    study_of(tmp_path, cases_of(question("work"), records=9, sources=("a", "b", "c")))
    with pytest.raises(NothingShownError, match="most is hidden by the rule persons"):
        release_study(tmp_path, DAY)


def test_one_source_that_collected_all_is_not_protected_against_and_everybody_else_is(tmp_path):
    cases = cases_of(question("work", 8), question("stay", 6), question("way", 5))
    made = study_of(tmp_path, cases, ALONE)
    plan = replace(Plan.read(made.plan), tables=(*Plan.read(made.plan).tables, PlannedTable("two", ("work", "stay"))))
    made.plan.write_text(plan.to_toml(), encoding="utf-8")
    found, said = run("release", tmp_path, "--date", DAY)
    assert found.exit_code == 0, said
    released = open_release(tmp_path / f"released/{DAY}")
    assert "WARNING" not in said and "cells with records, in 4 tables of 500 records" in said
    assert narrowed(released, cases.frame.iloc[:0]) == 0
    assert released.one_source and released.manifest["one_source"] is True
    assert "it has them, so that no count is protected from it" in released.reasons["sources"]
    assert released.reasons["sources"].startswith("One association collected all records.")
    assert released.reasons["p_percent"].startswith("Not applied")
    assert "it has them, so that no count is protected" in (tmp_path / f"cases/release-{DAY}.md").read_text()
    audited = audit(released, cases=cases)
    assert audited["is_safe"].all() and set(audited["intruder"]) == {"anyone"} and len(audited) > 5
    assert (audited["high"] - audited["low"] >= ALONE.protection_interval).all()
    for table in plan.tables:
        cells = released.tables[table.name].set_index(list(table.variables))
        small = cases.frame.groupby(list(table.variables)).size().loc[lambda sizes: sizes < ALONE.persons]
        assert (cells.loc[small.index, "status"] == "hidden").all()


def test_where_two_sources_sent_records_one_as_the_rule_loosens_nothing(tmp_path):
    cases = cases_of(question("work", 8), question("stay", 6))
    cases = replace(cases, frame=cases.frame.assign(source_id=["other", *cases.frame["source_id"][1:]]))
    released = build_release(cases, first_plan(cases), ALONE, tmp_path / "a", date=DAY)
    assert not released.one_source and "one_source" not in released.manifest
    assert all("shown" not in set(table["status"]) for table in released.tables.values())


def test_a_second_source_of_earlier_releases_is_protected_against(tmp_path):
    cases = cases_of(question("work", 4))
    study_of(
        tmp_path, replace(cases, frame=cases.frame.assign(source_id=["old", *cases.frame["source_id"][1:]])), ALONE
    )
    release_study(tmp_path, DAY, accept_nothing_shown=True)
    write_cases(cases, tmp_path / "cases")
    with pytest.raises(NothingShownError, match="not known to be of this source alone"):
        release_study(tmp_path, DAY + timedelta(1))
    made = release_study(tmp_path, DAY + timedelta(1), new_series=True)
    assert made.released.one_source and made.coverage.cells_shown > 0
    again = release_study(tmp_path, DAY + timedelta(2))
    assert again.released.one_source
    renamed = replace(cases, frame=cases.frame.assign(source_id="renamed"))
    write_cases(renamed, tmp_path / "cases")
    assert not release_study(tmp_path, DAY + timedelta(3), accept_nothing_shown=True).released.one_source


def test_an_audit_of_records_of_two_sources_believes_no_release_that_names_one(tmp_path):
    cases = cases_of(question("work", 8), question("stay", 6))
    released = build_release(cases, first_plan(cases), ALONE, tmp_path / "a", date=DAY)
    half = replace(cases, frame=cases.frame.assign(source_id=["a", "b"] * 250))
    assert count_again(released, cases).contributors.one_source
    assert not count_again(released, half).contributors.one_source


def test_one_source_has_no_reader_of_its_own():
    table = as_table(cases_of(question("work")).frame)
    assert Contributors(table, 1, one_source=True).names == [] != Contributors(table, 1).names


def test_a_date_that_is_there_names_a_new_series_and_the_future_is_refused(tmp_path):
    study_of(tmp_path, cases_of(question("work")), ALONE)
    release_study(tmp_path, DAY)
    said = run("release", tmp_path, "--date", DAY)[1]
    assert (
        "--dry-run says what a changed plan would hide" in said
        and "give a later date" not in said
        and "none of them has ever left the house, add --new-series" in said
    )
    said = run("release", tmp_path, "--date", date.today() + timedelta(1))[1]
    assert "is in the future" in said
