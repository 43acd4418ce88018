"""Recoding variables and hierarchies in a plan: read, counted, protected together with the finer tables, or refused."""

import datetime
from dataclasses import replace
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from attack import Attack
from conftest import rounds

from research_lib.disclosure import Plan, Policy, audit, build_release
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import PlanError
from research_lib.disclosure.released import Released
from research_lib.missing_answers import NO_ANSWER

DAY = datetime.date(2026, 1, 31)
REGION = """
[coarser.region]
of = "town"
north = ["t0", "t1", "t2"]
south = ["t3", "t4", "t5", "t6", "t7"]
"""
BOTH_LEVELS = REGION + '[[tables]]\nname = "work"\nvariables = [["town", "region"], "work"]\n'
AGES = """
sensitive = ["practice"]
[coarser.age_group]
of = "age_band"
under_30 = ["20_24", "25_29"]
[coarser.practice_ever]
of = "practice"
ever = ["now", "past"]
[[tables]]
name = "ages"
variables = ["country_code", ["age_band", "age_group"]]
[[tables]]
name = "practice"
variables = ["country_code", "practice_ever"]
missing = "apart"
"""


def plan_of(text: str, folder: Path) -> Plan:
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return Plan.read(folder / "plan.toml")


def towns(seed: int, size: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    town, work = (draw.choice(number, size, p=draw.dirichlet(np.full(number, 0.7))) for number in (8, 5))
    ids = [f"p{n}" for n in range(size)]
    return pd.DataFrame(
        {
            **{"town": [f"t{n}" for n in town], "work": [f"w{n}" for n in work], "case_id": ids, "person_id": ids},
            **{"source_id": [f"s{n}" for n in draw.integers(0, 6, size)], "is_synthetic": "yes"},
            "consent_scope": "published_tables",
        }
    )


def test_a_hierarchy_is_a_table_for_each_of_its_levels(tmp_path):
    plan = plan_of(BOTH_LEVELS, tmp_path)
    assert {each.name: each.variables for each in plan.tables} == {
        "work": ("town", "work"),
        "work-region": ("region", "work"),
    }
    assert plan.columns == ("town", "work")
    assert plan_of(plan.to_toml(), tmp_path) == plan


def test_every_level_adds_up_to_the_next_in_memory_and_in_a_database(tmp_path):
    plan, frame = plan_of(BOTH_LEVELS, tmp_path), towns(1, 4000)
    exact = Policy(rounding_base=1, persons=1, sources=1, persons_of_others=1, distinct_values=1, top_two_share=1.0)
    one = build_release(frame, plan, exact, tmp_path / "one", date=DAY)
    other = build_release(ibis.memtable(frame), plan, exact, tmp_path / "other", date=DAY)
    regions = {town: code for code, every in one.coarser[0].codes.items() for town in every}
    added = one.tables["work"].assign(region=one.tables["work"]["town"].map(regions)).groupby(["region", "work"])
    above = one.tables["work-region"].set_index(["region", "work"])["count"]
    shown = above.reindex(added["count"].sum().index)[added["status"].agg(lambda all_of: "hidden" not in set(all_of))]
    assert len(shown) >= 6
    assert (added["count"].sum()[shown.index] == shown).all()
    for name in one.tables:
        assert one.tables[name].equals(other.tables[name])


@pytest.mark.slow
def test_no_level_gives_away_what_another_hides(tmp_path):
    plan, hidden, given_away = plan_of(BOTH_LEVELS, tmp_path), 0, 0
    for seed in range(number := rounds(4, nightly=20)):
        frame = towns(seed)
        release = build_release(frame, plan, Policy(), tmp_path / str(seed), date=DAY)
        known = {"town": {"region": release.coarser[0].coarser_code}}
        records = plan.add_coarser(frame)
        for own in (records.iloc[:0], *(each for _, each in records.groupby("source_id"))):
            found = Attack([release], known, own=[own]).run().found()
            assert (found["high"] - found["low"] >= 10).all(), seed
        hidden += len(found)
        alone = [
            build_release(frame, replace(plan, tables=(each,)), Policy(), tmp_path / f"{seed}-{each.name}", date=DAY)
            for each in plan.tables
        ]
        given_away += narrow_together(alone, release, known)
    assert hidden >= 5 * number
    assert given_away >= number // 7


def narrow_together(alone: list[Released], release: Released, known: dict) -> int:
    """The hidden cells that become narrow where each level was protected as if the other did not exist."""
    tables = {name: table for each in alone for name, table in each.tables.items()}
    both = type("Both", (), {"tables": tables, "manifest": release.manifest})
    found = Attack([both], known).run().found()
    return int((found["high"] - found["low"] < 10).sum())


def test_a_coarser_question_keeps_labels_skip_logic_and_sensitivity(tmp_path):
    plan, cases = plan_of(AGES, tmp_path), demonstration_cases()
    assert plan.sensitive == ("practice", "practice_ever")
    made = build_release(cases, plan, Policy(), tmp_path / "made", date=DAY)
    labels = made.variables["age_group"]
    assert labels["choice_labels"]["under_30"]["en"] == " / ".join(
        made.variables["age_band"]["choice_labels"][code]["en"] for code in ("20_24", "25_29")
    )
    assert labels["labels"] == made.variables["age_band"]["labels"]
    assert "under_30" in labels["values"]
    assert "20_24" not in labels["values"]
    assert set(made.tables["practice"]["practice_ever"]) >= {"ever", "never", "not_asked", "refused"}
    assert audit(made, cases=cases)["is_safe"].all()


def test_a_coarser_code_that_nobody_gave_has_its_row_in_the_order_of_the_form(tmp_path):
    cases = demonstration_cases()
    older = ~cases.frame["age_band"].isin(["20_24", "25_29"])
    made = build_release(
        replace(cases, frame=cases.frame[older].reset_index(drop=True)),
        plan_of(AGES, tmp_path),
        Policy(),
        tmp_path / "made",
        date=DAY,
    )
    in_form = [code for code in cases["age_band"].choices if code != "25_29"]
    given = ["under_30" if code == "20_24" else code for code in in_form]
    assert list(dict.fromkeys(made.tables["ages-age_group"]["age_group"])) == [*given, NO_ANSWER]
    assert made.variables["age_group"]["values"] == given


def test_a_skipped_question_is_skipped_at_each_level(tmp_path):
    text = AGES.replace('"practice_ever"]\nmissing', '"practice_ever", "can_stop"]\nmissing')
    made = build_release(demonstration_cases(), plan_of(text, tmp_path), Policy(), tmp_path / "made", date=DAY)
    (relation,) = [each for each in made.relations if "practice_ever" in each.names]
    assert set(relation.names) == {"practice_ever", "can_stop"}
    assert relation.excludes("never", "yes")
    assert not relation.excludes("ever", "yes")


def test_a_coarser_variable_of_an_earlier_release_is_counted_again_and_cannot_change(tmp_path):
    frame, plan = towns(3), plan_of(BOTH_LEVELS, tmp_path)
    first = build_release(frame, plan, Policy(), tmp_path / "first", date=DAY)
    finer = plan_of('[[tables]]\nname = "work"\nvariables = ["town", "work"]\n', tmp_path)
    later = frame.iloc[:-7]
    second = build_release(later, finer, Policy(), tmp_path / "second", date=DAY, earlier=[first])
    assert audit(second, earlier=[first], cases=later)["is_safe"].all()
    changed = plan_of(BOTH_LEVELS.replace('"t2"]', '"t2", "t3"]').replace('["t3", ', "["), tmp_path)
    with pytest.raises(PlanError, match="coarser region: an earlier release made it of other codes"):
        build_release(later, changed, Policy(), tmp_path / "third", date=DAY, earlier=[first])
    assert not (tmp_path / "third").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[coarser.region]", "[coarser.work]", "coarser work: the cases have this column already"),
        ('of = "town"', 'of = "city"', "there is no variable 'city'"),
        ('of = "town"', "", 'write of = "a variable"'),
        ('["t0", "t1", "t2"]', "[]", "the list of codes it takes in"),
        ('"t2"]', '"t3"]', "'t3' stands twice"),
        ('"t2"]', '"refused"]', "'refused' is a kind of missing"),
        ("north", "t7", "the code 't7' is one of town already"),
        ("south", '"so uth"', "names and codes need letters"),
        ("[coarser.region]", "[coarser]", "begin each coarser variable with|names and codes|write of"),
        ('"work"]', '"work"]\nsum = "debt"', "'sum' in a table: tables of sums, means or other amounts are refused"),
        ('["town", "region"]', "[]", "needs a list of different variables"),
    ],
)
def test_a_wrong_coarser_variable_is_refused_with_its_mend(old, new, said, tmp_path):
    assert BOTH_LEVELS.replace(old, new) != BOTH_LEVELS
    with pytest.raises(PlanError, match=said):
        build_release(towns(1), plan_of(BOTH_LEVELS.replace(old, new), tmp_path), Policy(), tmp_path / "r", date=DAY)


def test_a_code_that_the_form_has_not_is_refused(tmp_path):
    plan = plan_of(AGES.replace('"25_29"', '"25_28"'), tmp_path)
    with pytest.raises(PlanError, match="coarser age_group: age_band has no code '25_28'; its codes are"):
        build_release(demonstration_cases(), plan, Policy(), tmp_path / "made", date=DAY)


def test_an_age_that_is_too_narrow_stays_refused_under_another_name(tmp_path):
    frame = towns(1).assign(age_years=lambda each: each["town"].str.replace("t", "3"))
    text = '[coarser.group]\nof = "age_years"\nyoung = ["30", "31"]\n[[tables]]\nname = "a"\nvariables = ["group"]\n'
    with pytest.raises(PlanError, match=r"the age band 3\d has fewer than 5 years"):
        build_release(frame, plan_of(text, tmp_path), Policy(), tmp_path / "r", date=DAY)


def test_a_coarser_value_stands_for_what_it_takes_in():
    region = Recoding("region", "town", {"north": ("a", "b")})
    assert region.values(("c", "a", "b", "d")) == ("c", "north", "d")
    assert list(region.add_to(pd.DataFrame({"town": ["a", "refused", "d"]}))["region"]) == ["north", "refused", "d"]
