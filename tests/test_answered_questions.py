"""Whoever answers a question says yes to one of its choices: the import requires it, and every reader knows it."""

import json
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from change_attack import ChangeAttack, Dated
from test_intruders import POLICY, coded, steep
from test_known_changes import cases_of, cell_of

from research_lib.disclosure.auditing.disclosure_audit import audit_cells
from research_lib.disclosure.linked.cell_bounds import PublishedTable
from research_lib.disclosure.linked.structural_zeros import form_relations, relations_from_json, relations_that_hold
from research_lib.disclosure.linked.table_joins import link_tables
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.release import audit, build_release
from research_lib.interviews.case_files import read_cases, write_cases
from research_lib.interviews.cases import Variable, columns_of, problems

DAY = date(2026, 1, 1)


def question(size: int, *, choices: tuple[str, ...] = ()) -> tuple[Variable, tuple[str, ...], Plan]:
    """A question of some choices, its columns, and a plan with a table for each of them."""
    asked = Variable("q", "", "many", choices or tuple("abcd"[:size]))
    columns = tuple(f"q__{choice}" for choice in asked.choices)
    return (
        asked,
        columns,
        Plan(tuple(PlannedTable(name.replace("__", "-"), ("country_code", name)) for name in columns)),
    )


def published(column: str, yes: int, no: int, *, hidden: bool = False) -> PublishedTable:
    values = {"country_code": ("FRA",), column: ("yes", "no")}
    return PublishedTable(column, values, np.array([yes, no]), np.array([hidden, hidden]))


def test_the_yeses_of_all_choices_are_as_many_as_the_answered_or_more():
    asked, _, plan = question(3)
    tables = (published("q__a", 10, 20), published("q__b", 8, 22), published("q__c", 0, 0, hidden=True))
    ends = {}
    for name, variables in (("knows the form", (asked,)), ("does not", ())):
        relations = form_relations(plan, variables)
        assert relations_from_json([each.as_json() for each in relations]) == relations
        found = audit_cells(link_tables(tables, relations)).set_index("cell")
        ends[name] = found.loc["country_code=FRA | q__c=yes", ["low", "high"]].tolist()
    assert ends == {"knows the form": [12, 30], "does not": [0, 30]}


def test_of_two_choices_nobody_says_no_to_both():
    asked, _, plan = question(2)
    (relation,) = form_relations(plan, (asked,))
    assert ("no", "no") in relation.never
    (alone,) = form_relations(plan, (Variable("q", "", "many", ("a", "b", "c")),))
    assert ("no", "no") not in alone.never and not alone.choices


def test_a_record_that_says_no_to_all_ends_what_a_reader_knows():
    asked, columns, plan = question(3)
    frame = pd.DataFrame({name: ["yes", "no"] for name in columns}).assign(country_code="FRA")
    kept = [relations_that_hold(form_relations(plan, (asked,)), each, plan) for each in (frame[:1], frame)]
    assert [{each.choices for each in relations} for relations in kept] == [{columns}, {()}]


def answers(draw: np.random.Generator, columns: tuple[str, ...]) -> pd.DataFrame:
    """Records of two countries with one choice each, seldom two, or none where the question was not asked."""
    size = int(draw.integers(60, 160))
    sets = [row for row in product(("no", "yes"), repeat=len(columns)) if "yes" in row[1:]]
    sets = [("yes", *["no"] * (len(columns) - 1)), *(row for row in sets if row[0] == "no")]  # none stands alone
    weights = np.array([3.0, *(1.0 if row.count("yes") == 1 else 0.3 for row in sets[1:])]) * draw.uniform(
        0.3, 1, len(sets)
    )
    rows = [sets[at] for at in draw.choice(len(sets), size, p=weights / weights.sum())]
    rows = [row if draw.random() > 0.05 else ("not_asked",) * len(columns) for row in rows]
    country = np.array(["FRA", "ITA"])[draw.integers(0, 2, size)]
    frame = coded(source_id=draw.choice(4, size, p=steep(draw, 4, 1.0)))
    return frame.assign(country_code=country, **dict(zip(columns, np.array(rows).T, strict=True)))


@pytest.mark.slow
def test_no_source_uses_that_who_answers_says_yes_to_something(tmp_path):
    hidden = 0
    for seed in (2, 9):  # of ten, those in which it tells something
        asked, columns, plan = question(3, choices=("none", "b", "c"))
        cases = cases_of(answers(np.random.default_rng(seed), columns), asked)
        assert not problems(cases)
        release = build_release(cases, plan, POLICY, tmp_path / str(seed), date=DAY)
        attack = ChangeAttack([Dated(release, cases.frame)], combined=columns)
        unsafe = audit(release, cases=cases).query("not is_safe")["cell"]
        assert not set(map(cell_of, unsafe))
        for source in ("", *sorted(set(cases.frame["source_id"]))):
            for cell, (low, high) in attack.ranges(source).items():
                assert high - low >= POLICY.protection_interval, (seed, source, cell)
                hidden += 1
    assert hidden > 50


def skipped(relevant: str, *parents: Variable, table: str = "") -> dict[tuple[str, str], set[tuple[str, str]]]:
    """The pairs that a form excludes for a question with some skip logic, without those with a kind of missing."""
    child = Variable("child", "", "one", ("yes", "no"), relevant=relevant)
    columns = [table] if table else [column for parent in parents for column in columns_of(parent)]
    plan = Plan(tuple(PlannedTable(name, (name,)) for name in (*columns, "child")))
    found = [each for each in form_relations(plan, (*parents, child)) if each.other == "child"]
    return {each.names: {pair for pair in each.never if pair[0] in ("yes", "no", "now")} for each in found}


def test_a_choice_of_several_that_decides_whether_a_question_is_asked_is_known():
    work = Variable("work", "", "many", ("none", "trade", "sewing"))
    found = skipped("selected(${work}, 'trade') or selected(${work}, 'sewing')", work)
    answers = {"yes", "no", "not_asked", "not_known", "refused"}
    assert found["work__none", "child"] == {("yes", each) for each in answers} | {("no", "not_applicable")}
    assert found["work__trade", "child"] == {("yes", "not_applicable")}


def test_each_of_several_questions_that_decide_together_is_known_as_far_as_it_decides():
    one, other = (Variable(name, "", "one", ("now", "no")) for name in ("practice", "debt"))
    both = skipped("${practice} = 'now' and ${debt} = 'now'", one, other)
    assert both["practice", "child"] == {("no", each) for each in ("yes", "no", "not_asked", "not_known", "refused")}
    either = skipped("${practice} = 'now' or ${debt} = 'now'", one, other)
    assert either["debt", "child"] == {("now", "not_applicable")}
    assert not skipped("${debt} != ${practice}", one, other)


def test_each_choice_that_stands_alone_is_known_to_the_audit_and_to_files_of_before():
    asked, columns, plan = question(4, choices=("a", "none", "any", "b"))
    found = {each.names: each.never for each in form_relations(plan, (replace(asked, alone=("any", "none")),))}
    assert {names for names, never in found.items() if ("yes", "yes") in never} == {
        *(("q__none", other) for other in ("q__any", "q__a", "q__b")),
        *(("q__any", other) for other in ("q__a", "q__b")),
    }
    by_name = [each.names for each in form_relations(plan, (asked,)) if ("yes", "yes") in each.never]
    assert {one for one, _ in by_name} == {"q__none"}  # until a record says otherwise
    both = pd.DataFrame({name: ["yes"] for name in columns}).assign(country_code="FRA")
    held = relations_that_hold(form_relations(plan, (asked,)), both, plan)
    assert not any(("yes", "yes") in each.never for each in held)


def test_choices_stand_alone_in_files_that_do_not_say_so(tmp_path):
    asked = Variable("q", "", "many", ("a", "none", "any"), alone=("any",))
    frame = pd.DataFrame({"q__a": ["yes"], "q__none": ["no"], "q__any": ["no"]})
    write_cases(cases_of(coded(source_id=np.array([0])).assign(country_code="FRA", **frame), asked), tmp_path)
    assert read_cases(tmp_path)["q"].alone == ("any",)
    path = tmp_path / "variables.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    del described["variables"][0]["alone"]
    path.write_text(json.dumps(described), encoding="utf-8")
    assert read_cases(tmp_path)["q"].alone == ("none",)
