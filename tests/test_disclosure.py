"""What may leave: the policy as a file, what an attacker derives from hidden cells, and further cells hidden against it."""

import io
import os
import re
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from research_lib.disclosure.auditing import feasible_tables
from research_lib.disclosure.auditing.disclosure_audit import AuditError, audit_cells
from research_lib.disclosure.auditing.feasible_tables import EXACT, QUICK, LinearProgramme
from research_lib.disclosure.case_counts import CountingError, as_table, count
from research_lib.disclosure.linked.cell_bounds import PublishedTable, rounded, with_totals
from research_lib.disclosure.linked.structural_zeros import form_relations, nested_relations, relations_that_hold
from research_lib.disclosure.linked.table_joins import CellLayout, link_tables
from research_lib.disclosure.planning import policy
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import Plan, PlanError, PlannedTable
from research_lib.disclosure.planning.policy import Policy, PolicyError
from research_lib.disclosure.suppression.protection import primary_suppression
from research_lib.disclosure.suppression.secondary_suppression import suppress
from research_lib.errors import UnfitDataError
from research_lib.interviews.cases import Variable
from research_lib.methods.disclosure_risk import k_anonymity, records_below
from research_lib.missing_answers import MISSING
from research_lib.published_cells import count_bounds, possible_ranges


def marked(text):
    """A table whose hidden cells carry a star: counts, and which are hidden."""
    words = pd.read_csv(io.StringIO(text), sep=r"\s+", index_col=0, dtype=str)
    return words.map(lambda word: int(word.rstrip("*"))), words.map(lambda word: word.endswith("*"))


# Every line has two hidden cells, and yet one of them is known.
LINES_OF_TWO = marked("""
    - a    b    c    d
    w 30*  47*  64*  89
    x 90*  124  5*   31
    y 92   100* 59   85*
    z 800  991* 651  685*
""")


def test_the_table_has_the_totals_of_the_example():
    table, _ = LINES_OF_TWO
    assert table.sum(axis=1).tolist() == [230, 250, 336, 3127]
    assert table.sum().tolist() == [1012, 1262, 779, 890]


def test_a_cell_that_looks_hidden_is_found_to_be_known():
    found = audit_cells(with_totals(*LINES_OF_TWO)).set_index("cell")
    assert found.loc["w | b", ["low", "high", "is_safe"]].tolist() == [47, 47, False]
    assert found["is_safe"].sum() == 8


def test_further_cells_are_hidden_until_none_is_known():
    before = with_totals(*LINES_OF_TWO)
    after = suppress(before).tables
    found = audit_cells(after).set_index("cell")
    assert found["is_safe"].all()
    truth = LINES_OF_TWO[0].stack()
    assert all(low <= truth[tuple(cell.split(" | "))] <= high for cell, low, high in found.iloc[:, :2].itertuples())
    assert after.suppressed.sum() <= before.suppressed.sum() + 2


def by_trying_all(table: pd.DataFrame, hidden: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """The smallest and largest count of each hidden cell over all tables with the same shown cells and totals."""
    rows, columns = np.nonzero(hidden)
    most = int(max(table.sum().max(), table.sum(axis=1).max()))
    trials = np.array(list(product(range(most + 1), repeat=len(rows))))
    whole = np.repeat(table.to_numpy()[None], len(trials), axis=0)
    whole[:, rows, columns] = trials
    fits = (whole.sum(axis=1) == table.to_numpy().sum(axis=0)).all(axis=1)
    fits &= (whole.sum(axis=2) == table.to_numpy().sum(axis=1)).all(axis=1)
    names = [(table.index[row], table.columns[column]) for row, column in zip(rows, columns, strict=True)]
    return {name: (found.min(), found.max()) for name, found in zip(names, trials[fits].T, strict=True)}


@pytest.mark.parametrize("seed", range(6))
def test_the_audit_derives_what_trying_all_tables_gives(seed):
    draw = np.random.default_rng(seed)
    table = pd.DataFrame(draw.integers(0, 4, (3, 3)), index=list("xyz"), columns=list("abc"))
    hidden = pd.DataFrame(False, index=table.index, columns=table.columns)
    for place in draw.choice(9, 5, replace=False):
        hidden.iloc[place // 3, place % 3] = True
    found = audit_cells(with_totals(table, hidden)).set_index("cell")
    for (row, column), ends in by_trying_all(table, hidden).items():
        assert tuple(found.loc[f"{row} | {column}", ["low", "high"]]) == ends


def counted(frame, *variables):
    cells = count(as_table(frame), Plan((PlannedTable("-".join(variables), variables),)), values_in(frame, *variables))
    return next(cells)


def values_in(frame, *variables):
    return {name: tuple(sorted(frame[name].unique())) for name in variables}


def published(frame, *variables, hidden=()):
    table = counted(frame, *variables)
    unseen = np.zeros(len(table.cells), bool)
    unseen[list(hidden)] = True
    values = {name: tuple(dict.fromkeys(table.cells[name])) for name in variables}
    return PublishedTable(table.plan.name, values, table.cells["records"].to_numpy(), unseen)


@pytest.fixture(scope="module")
def people():
    """1,200 made-up records of as many persons: three towns, five kinds of work, four ages, eight sources."""
    draw = np.random.default_rng(4)
    shares = {"age": [0.4, 0.3, 0.2, 0.1], "town": [0.6, 0.3, 0.1], "work": [0.4, 0.3, 0.2, 0.07, 0.03]}
    frame = pd.DataFrame(
        {name: draw.choice([f"{name}{n}" for n in range(len(p))], 1200, p=p) for name, p in shares.items()}
    )
    ids = {"person_id": [f"p{n}" for n in range(1200)], "source_id": draw.choice(list("abcdefgh"), 1200)}
    return frame.assign(**ids)


def test_two_tables_give_away_what_each_hides_alone(people):
    tables = (published(people, "age", "town", hidden=[4]), published(people, "age", "work"))
    linked = link_tables(tables)
    (found,) = audit_cells(linked).itertuples()
    assert found.low == found.high == (people.age.eq("age1") & people.town.eq("town0")).sum()
    assert audit_cells(suppress(linked).tables)["is_safe"].all()


def test_rounding_widens_what_can_be_derived(people):
    tables = (published(people, "age", "town", hidden=[4]), published(people, "age", "work"))
    rough = [replace(table, shown=rounded(table.shown, 5)) for table in tables]
    (found,) = audit_cells(link_tables(rough, base=5)).itertuples()
    assert found.low <= (people.age.eq("age1") & people.town.eq("town0")).sum() <= found.high
    assert found.high - found.low >= 10


def test_what_is_known_of_a_shown_cell_is_its_rounding_and_the_threshold():
    counts, is_hidden = np.array([0, 10, 15, 15]), np.array([False, False, False, True])
    low, high = count_bounds(counts, is_shown=counts > 0, is_hidden=is_hidden, base=5, fewest=10)
    assert (low.tolist(), high.tolist()) == ([0, 10, 13, 0], [0, 12, 17, np.inf])
    assert rounded(np.array([0, 10, 12, 13, 17, 18]), 5).tolist() == [0, 10, 10, 15, 15, 20]


def test_quick_and_thorough_audit_agree_on_what_is_safe(people):
    sides = (("age", "town"), ("age", "work"), ("town", "work"))
    draw = np.random.default_rng(1)
    for _ in range(5):
        tables = tuple(published(people, *each, hidden=draw.choice(10, 4, replace=False)) for each in sides)
        linked = link_tables(tables)
        quick, thorough = audit_cells(linked, ends=False), audit_cells(linked)
        assert quick["is_safe"].tolist() == thorough["is_safe"].tolist()
        assert (quick["low"] >= thorough["low"]).all() and (quick["high"] <= thorough["high"]).all()


def test_a_cell_that_stays_open_by_just_as_many_as_wanted_is_safe():
    five = pd.DataFrame(5, index=list("xy"), columns=list("ab"))
    for ends in (True, False):
        assert audit_cells(with_totals(five, five > 0), ends=ends)["is_safe"].all()
        assert not audit_cells(with_totals(five, five > 0), ends=ends, protection_interval=11)["is_safe"].any()


def test_many_cells_are_shown_to_be_safe_without_a_look_at_each_alone():
    twenty = pd.DataFrame(20, index=list("uvwxyz"), columns=list("abcdef"))
    seen = with_totals(twenty, twenty > 0)
    seen = seen.with_known(np.where(seen.suppressed, 17, 0))
    found = audit_cells(seen, ends=False, alone=False)
    assert len(found) == 36 and found["is_safe"].all()


def test_a_table_may_have_more_columns_than_rows():
    wide = pd.DataFrame([[5, 0, 1], [2, 3, 0]], index=list("xy"), columns=list("abc"))
    seen = with_totals(wide, wide < 3)
    assert seen.sums.shape == (7, 12) and not (seen.sums @ [5, 0, 1, 6, 2, 3, 0, 5, 7, 3, 1, 11]).any()
    found = audit_cells(seen)
    assert found["low"].tolist() == found["high"].tolist() == [0, 1, 2, 0]


def test_tables_that_contradict_each_other_are_refused(people):
    one, other = published(people, "age", "town", hidden=[4]), published(people, "age", "work")
    wrong = replace(other, shown=other.shown + 50)
    with pytest.raises(AuditError, match=r"age=age0.*contradict"):
        audit_cells(link_tables((one, wrong)))


def test_a_table_of_which_nothing_is_left_to_hide_is_refused():
    table = pd.DataFrame([[3]], index=["x"], columns=["a"])
    with pytest.raises(AuditError, match=r"x . a.*drop the table"):
        suppress(with_totals(table, table > 0))


def test_the_policy_is_a_file_with_a_reason_at_each_rule(tmp_path):
    own = Policy.read()
    assert own == Policy()
    assert all(len(reason) > 20 for reason in own.reasons.values())
    file = tmp_path / "policy.toml"
    file.write_text('[persons]\nvalue = 10\nreason = "few"\n', encoding="utf-8")
    with pytest.raises(PolicyError, match=r"policy.toml: the rule 'sources' is missing; research-lib upgrade adds it"):
        Policy.read(file)
    file.write_text('[person]\nvalue = 10\nreason = "few"\n', encoding="utf-8")
    with pytest.raises(PolicyError, match="no rule 'person'"):
        Policy.read(file)


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ("persons", "value = 1", r"'persons' has the value 1; a smaller number protects nobody; give 3 or more"),
        ("persons", "value = 2", r"'persons' has the value 2"),
        ("protection_interval", "value = 1", r"'protection_interval' has the value 1"),
        ("persons", 'reason = ""', "'persons' needs a value, a reason in words"),
        ("persons", 'reason = " "', "'persons' needs a value, a reason in words"),
    ],
)
def test_a_policy_that_protects_nobody_or_gives_no_reason_is_refused(tmp_path, rule, value, reason):
    name = value.partition(" ")[0]
    before, _, after = Policy.read().to_toml().partition(f"[{rule}]\n")
    text = f"{before}[{rule}]\n{re.sub(rf'(?m)^{name} = .*$', value, after, count=1)}"
    (path := tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=rf"policy\.toml: the rule {reason}"):
        Policy.read(path)


@pytest.mark.parametrize("value", ["-3", '"ten"', "true", "0"])
def test_a_rule_with_a_value_that_it_cannot_have_is_refused(tmp_path, value):
    text = (Path(policy.__file__).with_name("policy.toml")).read_text(encoding="utf-8")
    file = tmp_path / "policy.toml"
    file.write_text(text.replace("value = 10\n", f"value = {value}\n", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="'persons' has the value"):
        Policy.read(file)


@pytest.mark.parametrize(
    ("rule", "highest"),
    [("most_variables", 8), ("coalition", 2), ("p_percent", 100), ("top_two_share", 1), ("persons", 1_000_000)],
)
def test_a_rule_takes_its_highest_value_and_none_above(rule, highest):
    assert getattr(Policy(**{rule: highest}), rule) == highest
    with pytest.raises(PolicyError, match=rf"'{rule}' has the value .* above 0 and up to {highest:,}"):
        Policy(**{rule: highest + 1})


def test_counting_is_that_of_pandas_and_knows_persons_and_sources(people):
    again = pd.concat([people, people.iloc[:50].assign(source_id="z")])
    cells = counted(again, "age", "work").cells.set_index(["age", "work"])
    groups = again.groupby(["age", "work"])
    assert cells["records"].sum() == 1250
    for key, group in groups:
        assert cells.loc[key, "records"] == len(group)
        assert cells.loc[key, "persons"] == group.person_id.nunique()
        assert cells.loc[key, "sources"] == group.source_id.nunique()
        assert cells.loc[key, "largest_two"] == group.source_id.value_counts().iloc[:2].sum()


def test_kinds_of_missing_come_together_or_stay_apart(people):
    frame = people.assign(
        work=people.work.where(people.index % 7 > 0, "refused").where(people.index % 5 > 0, "not_asked")
    )
    values = {"age": tuple(sorted(frame.age.unique())), "work": tuple(f"work{n}" for n in range(5))}
    plan = Plan((PlannedTable("a", ("age", "work")), PlannedTable("b", ("age", "work"), True)))
    together, apart = (each.cells.groupby("work")["records"].sum() for each in count(as_table(frame), plan, values))
    assert together["no_answer"] == apart["refused"] + apart["not_asked"] > 0
    assert apart["withheld"] == 0
    with pytest.raises(CountingError, match="not among the values"):
        list(count(as_table(frame), plan, {**values, "work": ("work0",)}))


def test_each_rule_hides_what_it_is_for():
    rows = {
        "persons": [("x", f"p{n}", s) for n, s in enumerate("abcabc")],
        "sources": [("x", f"p{n}", s) for n, s in enumerate("ab" * 10)],
        "top_two_share": [("x", f"p{n}", s) for n, s in enumerate("a" * 15 + "b" * 14 + "c")],
        "": [("x", f"p{n}", s) for n, s in enumerate("abcd" * 10)],
    }
    for rule, records in rows.items():
        frame = pd.DataFrame(records, columns=["answer", "person_id", "source_id"])
        assert primary_suppression(counted(frame, "answer"), Policy())[0] == rule
    frame = pd.DataFrame([("x", f"p{n}", s) for n, s in enumerate("a" * 70 + "b" * 20 + "c" * 6)])
    frame.columns = ["answer", "person_id", "source_id"]
    assert primary_suppression(counted(frame, "answer"), replace(Policy(), top_two_share=0.99))[0] == "p_percent"


@pytest.mark.parametrize(
    ("sizes", "rules", "rule"),
    [
        ((4, 3, 3), {}, ""),
        ((3, 3, 3), {}, "persons"),
        ((6, 4), {}, "sources"),
        ((9, 9, 1, 1), {}, "top_two_share"),
        ((9, 8, 2, 1), {}, ""),
        ((50, 20, 3, 2), {"top_two_share": 0.99}, ""),
        ((50, 20, 2, 2), {"top_two_share": 0.99}, "p_percent"),
        ((30, 1, 1, 1), {"top_two_share": 1.0, "p_percent": 1}, ""),
        ((30, 1, 1), {"top_two_share": 1.0, "p_percent": 1}, "persons_of_others"),
    ],
)
def test_each_rule_begins_where_the_policy_says(sizes, rules, rule):
    sent = "".join(source * size for source, size in zip("abcd", sizes, strict=False))
    frame = pd.DataFrame([("x", f"p{n}", s) for n, s in enumerate(sent)], columns=["answer", "person_id", "source_id"])
    assert primary_suppression(counted(frame, "answer"), Policy(**rules))[0] == rule


def test_no_answer_of_a_whole_group_to_a_sensitive_question_is_shown(people):
    frame = people.assign(forced=np.where(people.town == "town0", "no", np.where(people.index % 2, "yes", "no")))
    rules = primary_suppression(counted(frame, "town", "forced"), Policy(), ("forced",))
    assert rules.tolist() == ["distinct_values"] * 2 + [""] * 10
    assert not primary_suppression(counted(frame, "town", "forced"), Policy())[:2].any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables = [", "cannot be read as TOML"),
        ("color = 1", "no setting 'color'"),
        ("sensitive = []", "names no table"),
        ('[[tables]]\nname = "A b"\nvariables = ["x"]', "small letters"),
        ('[[tables]]\nname = "a"\nvariables = ["x", "x"]', "different variables"),
        ('[[tables]]\nname = "a"\nvariables = ["x"]\nmissing = "no"', "together or apart"),
        ('[[tables]]\nname = "a"\nvariables = ["x"]\n[[tables]]\nname = "a"\nvariables = ["y"]', "two tables"),
        ('[[tables]]\nname = "a"\nvariables = ["x"]\n[[tables]]\nname = "b"\nvariables = ["x"]', "the same variables"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_with_its_place(tmp_path, text, said):
    file = tmp_path / "plan.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=f"plan.toml: .*{said}"):
        Plan.read(file)


def test_a_plan_and_a_policy_are_read_as_they_were_written(tmp_path):
    plan = Plan((PlannedTable("a", ("x", "y")), PlannedTable("b", ("x",), True)), ("y",))
    (tmp_path / "plan.toml").write_text(plan.to_toml(), encoding="utf-8")
    (tmp_path / "policy.toml").write_text(Policy(persons=20).to_toml(), encoding="utf-8")
    assert Plan.read(tmp_path / "plan.toml") == plan
    assert Policy.read(tmp_path / "policy.toml") == Policy(persons=20)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (("person_id",), "never leaves"),
        (("nobody",), "no variable"),
        (("origin_prefecture",), "finer than province"),
        (("age_years",), "fewer than 5 years"),
        (("age_pairs",), "fewer than 5 years"),
        (("a", "b", "c", "d"), "more than 3 variables"),
    ],
)
def test_the_policy_refuses_a_table_that_is_too_fine(variables, said):
    values = dict.fromkeys(("person_id", "origin_prefecture", "a", "b", "c", "d"), ("x",))
    values |= {"age_years": ("under_18", "34"), "age_pairs": ("18_19", "20_21")}
    with pytest.raises(PlanError, match=said):
        Plan((PlannedTable("t", variables),)).check(Policy(), values, values)
    Plan((PlannedTable("t", ("age_band",)),)).check(
        Policy(), {"age_band": ("under_18", "18_19", "19_20", "20_24", "60_plus")}, ("age_band",)
    )


# Two quasi-identifiers and an illness: classes of 2, 3 and 1 records.
KNOWN = pd.DataFrame(
    [("30s", "x", "a"), ("30s", "x", "b"), ("40s", "x", "a"), ("40s", "x", "a"), ("40s", "x", "a"), ("50s", "y", "b")],
    columns=["age", "place", "ill"],
)


def test_measures_of_risk_on_a_table_that_can_be_checked_by_hand():
    risk = k_anonymity(KNOWN, ["age", "place"])
    assert (risk.k, risk.classes, risk.records, risk.highest, risk.average, risk.unique) == (1, 3, 6, 1.0, 0.5, 1 / 6)
    assert [records_below(KNOWN, ["age", "place"], k) for k in (2, 3, 4)] == [1, 3, 6]
    with pytest.raises(UnfitDataError, match="column 'name' is missing"):
        k_anonymity(KNOWN, ["name"])


def test_choices_of_one_question_are_missing_together_and_that_joins_their_tables():
    plan = Plan((PlannedTable("a", ("town", "q__street")), PlannedTable("b", ("town", "q__flat"))))
    (relation,) = form_relations(plan)
    assert relation.names == ("q__street", "q__flat")
    assert relation.excludes("no_answer", "yes") and relation.excludes("refused", "not_asked")
    assert not relation.excludes("yes", "yes") and not relation.excludes("no_answer", "no_answer")
    (alone,) = form_relations(Plan((PlannedTable("a", ("q__kin", "town")), PlannedTable("b", ("q__nobody",)))))
    assert alone.names == ("q__nobody", "q__kin") and alone.excludes("yes", "yes") and not alone.excludes("no", "yes")


def test_a_question_that_is_skipped_after_an_answer_is_not_applicable_then_and_only_then():
    practice = Variable("practice", "", "one", ("now", "never"))
    places = Variable("places", "", "many", ("street",), relevant="${practice} = 'now'")
    plan = Plan((PlannedTable("a", ("practice",)), PlannedTable("b", ("places__street",))))
    (relation,) = form_relations(plan, (practice, places))
    assert (
        relation.excludes("never", "yes")
        and relation.excludes("never", "no")
        and relation.excludes("never", "refused")
        and relation.excludes("now", "not_applicable")
    )
    assert not relation.excludes("never", "not_applicable") and not relation.excludes("now", "no")
    assert not relation.excludes("now", "no_answer") and not relation.excludes("withheld", "withheld")
    frame = pd.DataFrame({"practice": ["never", "now"], "places__street": ["not_applicable", "yes"]})
    assert relations_that_hold([relation], frame, plan) == (relation,)
    assert relations_that_hold([relation], frame.assign(practice="never"), plan) == ()


def test_a_relation_is_handed_on_to_what_is_made_of_its_own_variables_only():
    practice = Variable("practice", "", "one", ("now", "past", "never"))
    places = Variable("places", "", "many", ("street",), relevant="${practice} = 'now'")
    names = ("practice", "places__street", "region", "ever")
    made = (Recoding("region", "town", {"r": ("now", "never")}), Recoding("ever", "practice", {"yes": ("now", "past")}))
    plan = Plan(tuple(PlannedTable(name, (name,)) for name in names), coarser=made)
    own, handed_on = form_relations(plan, (practice, places))
    assert [own.names, handed_on.names] == [("practice", "places__street"), ("ever", "places__street")]
    assert own.excludes("past", "yes") and own.excludes("now", "not_applicable")
    assert not handed_on.excludes("yes", "yes") and not handed_on.excludes("yes", "not_applicable")
    assert handed_on.excludes("never", "yes")


def test_a_code_that_also_stands_for_an_unknown_one_is_excluded_by_none():
    coarser = Recoding("some", "q__street", {"more": ("yes", "perhaps")})
    plan = Plan((PlannedTable("a", ("some",)), PlannedTable("b", ("q__flat",))), coarser=(coarser,))
    (relation,) = form_relations(plan, ())
    assert relation.names == ("some", "q__flat")
    assert relation.excludes("no", "refused") and not relation.excludes("more", "refused")


def test_every_sum_narrows_the_range_of_its_cells_until_nothing_changes():
    one = sparse.csr_array([[1, 1, -1]])
    low, high = possible_ranges(np.array([0, 0, 10]), np.array([4, np.inf, 12]), one)
    assert (low.tolist(), high.tolist()) == ([0, 6, 10], [4, 12, 12])
    # a + b = 5 and b + c = 10: first b is at most 5, and only then c at least 5.
    two = sparse.csr_array([[1, 1, 0, -1, 0], [0, 1, 1, 0, -1]])
    low, high = possible_ranges(np.array([0, 0, 0, 5, 10]), np.array([np.inf, np.inf, np.inf, 5, 10]), two)
    assert (low.tolist(), high.tolist()) == ([0, 0, 5, 5, 10], [5, 5, 10, 5, 10])


def test_towns_that_lie_in_one_region_each_join_their_tables(people):
    frame = people.assign(region=people.town.map({"town0": "r", "town1": "r", "town2": "s"}))
    plan = Plan(
        (PlannedTable("a", ("region", "age")), PlannedTable("b", ("town", "age")), PlannedTable("c", ("work",)))
    )
    (relation,) = nested_relations(frame, plan)
    assert relation.names == ("region", "town")
    assert {pair for pair in relation.never if not {*pair} & {*MISSING}} == {
        ("r", "town2"),
        ("s", "town0"),
        ("s", "town1"),
    }
    assert not any(relation.excludes(kind, kind) for kind in MISSING)
    assert nested_relations(as_table(frame), plan) == (relation,)
    tables = (published(frame, "region", "age"), published(frame, "town", "age", hidden=[0, 10]))
    alone, joined = (audit_cells(link_tables(tables, each)) for each in ((), (relation,)))
    assert joined.iloc[0].low == joined.iloc[0].high == ((frame.town == "town0") & (frame.age == "age0")).sum()
    assert alone["is_safe"].all()
    whole = suppress(link_tables(tables, (relation,))).tables
    assert audit_cells(whole)["is_safe"].all()


def test_three_tables_that_close_a_ring_come_from_one():
    square = dict.fromkeys("xyz", ("0", "1"))
    sides = [("x", "y"), ("x", "z"), ("y", "z")]
    counts = {("x", "y"): [[20, 0], [0, 20]], ("x", "z"): [[20, 0], [0, 20]], ("y", "z"): [[20, 0], [0, 20]]}
    tables = tuple(
        PublishedTable(
            "".join(each),
            {n: square[n] for n in each},
            np.array(counts[each]).ravel(),
            np.array([True] * 4 if each == ("y", "z") else [False] * 4),
        )
        for each in sides
    )
    found = audit_cells(link_tables(tables))
    assert found[["low", "high"]].to_numpy().tolist() == [[20, 20], [0, 0], [0, 0], [20, 20]]


def test_the_solver_is_quiet_and_what_is_printed_after_it_is_seen(capfd, monkeypatch):
    one = np.ones(1)
    solver = feasible_tables.highspy.Highs
    monkeypatch.setattr(feasible_tables.highspy, "Highs", lambda: os.write(1, b"a solver") and solver())
    programme = LinearProgramme(sparse.csr_array([[1.0]]), one, low=0 * one, high=2 * one, cost=one)
    assert programme.solve(EXACT).tolist() == [1]
    os.write(1, b"after it")
    assert capfd.readouterr().out == "after it"


def test_where_no_algorithm_finds_a_solution_the_last_one_begins_again(monkeypatch):
    one, ran = np.ones(1), []
    programme = LinearProgramme(sparse.csr_array([[1.0]]), one, low=0 * one, high=2 * one, cost=one)
    monkeypatch.setattr(LinearProgramme, "_run", lambda _self, algorithm: ran.append(algorithm))
    monkeypatch.setattr(LinearProgramme, "_found", lambda _self: one if len(ran) == 3 else None)
    assert programme.solve(QUICK, EXACT) is one
    assert ran == [QUICK, EXACT, EXACT]


def table_with(values: dict[str, int]) -> PublishedTable:
    """A table with so many values of each variable, every cell shown as one."""
    size = int(np.prod(list(values.values())))
    codes = {name: tuple(f"{name}{n}" for n in range(number)) for name, number in values.items()}
    return PublishedTable("-".join(values), codes, np.ones(size, int), np.zeros(size, bool))


def test_a_shown_count_of_one_is_known_where_the_rules_let_it_out():
    linked = link_tables((table_with({"x": 3}),))
    assert linked.low.tolist() == linked.high.tolist() == [1, 1, 1]


def test_a_ring_that_is_too_large_leaves_room_for_a_small_one():
    rings = [{"a": 30, "b": 30, "c": 30}, {"x": 2, "y": 2, "z": 2}]
    pairs = [dict(pair) for ring in rings for pair in combinations(ring.items(), 2)]
    assert CellLayout(tuple(map(table_with, pairs))).rings == {frozenset("xyz")}


def test_the_most_detailed_tables_come_first_and_then_those_of_the_first_names():
    names = [f"v{n}" for n in (3, 1, 4, 0, 5, 9, 2, 6)]
    layout = CellLayout((*(table_with({name: 2}) for name in names), table_with({"v8": 2, "v9": 2})))
    last = [frozenset({name}) for name in sorted(names)]
    assert layout.margins == (frozenset({"v8", "v9"}), *last, frozenset())


def test_the_policy_does_not_say_that_rounding_hides_the_next_person():
    assert rounded(np.array([112, 113]), 5).tolist() == [110, 115]
    reason = Policy.read().reasons["rounding_base"]
    assert "never shows" not in reason and "a later release can still show that one person came" in reason
