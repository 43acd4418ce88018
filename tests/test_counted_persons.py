"""What a plan counts: persons, each once whatever the number of interviews, or records, and every heading says which."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from research_lib.disclosure import Plan, Policy, audit, build_release
from research_lib.disclosure.case_counts import CountingError, as_table, count, observed_values
from research_lib.disclosure.counted_persons import one_answer_a_person
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.planning.plan import PERSONS, PlanError, PlannedTable
from research_lib.disclosure.soundness import records_to_count
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.protection import published

DAY = date(2026, 1, 31)
TABLES = (PlannedTable("town-work", ("town", "work")), PlannedTable("town-home", ("town", "home")))
EACH = 5


def interviews(persons: int = 300, each: int = EACH, seed: int = 1) -> pd.DataFrame:
    """Several interviews of each person, by several sources; now and then an answer changes."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "case_id": [f"case{number:05}" for number in range(persons * each)],
            "person_id": np.repeat([f"person{number:04}" for number in range(persons)], each),
            "source_id": draw.choice([f"s{number}" for number in range(20)], persons * each),
            "interview_year": np.tile([str(2020 + year) for year in range(each)], persons),
            "consent_scope": "published_tables",
            "is_synthetic": "yes",
            "town": np.repeat(draw.choice(list("xyz"), persons, p=(0.5, 0.35, 0.15)), each),
            "work": draw.choice(["street", "flat", "bar", "not_asked"], persons * each, p=(0.6, 0.25, 0.05, 0.1)),
            "home": np.repeat(draw.choice(["own", "shared", "none"], persons, p=(0.2, 0.7, 0.1)), each),
        },
        dtype="str",
    )
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def last_of_each(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values("interview_year").groupby("person_id").last()


def test_a_range_that_is_left_open_is_of_persons(tmp_path):
    frame = interviews()
    made = {
        counts: build_release(frame, Plan(TABLES, counts=counts), Policy(), tmp_path / counts, date=DAY)
        for counts in ("records", "persons")
    }
    last = last_of_each(frame)
    for name, table in made["persons"].tables.items():
        one, other = name.split("-")
        exact = last.groupby([last[one], last[other].replace("not_asked", "no_answer")]).size()
        for row in table[table["status"] == "shown"].itertuples(index=False):
            assert abs(exact[row[0], row[1]] - row.count) <= 2
    derived = audit(made["persons"], cases=frame)
    assert (derived["high"] - derived["low"] >= 10).all()
    assert derived["low"].max() < len(last)
    assert made["persons"].counts == PERSONS
    assert made["records"].counts == "records"


def test_each_person_has_the_answers_of_the_last_record_and_is_known_to_all_who_met_her():
    frame = pd.DataFrame(
        {
            "case_id": ["c1", "c2", "c3", "c4"],
            "person_id": ["p", "p", "p", "q"],
            "source_id": ["a", "b", "a", "b"],
            "interview_year": ["2020", "not_asked", "2019", "2021"],
            "work": ["street", "flat", "bar", "bar"],
        },
        dtype="str",
    )
    found = one_answer_a_person(frame)
    assert found[["person_id", "source_id", "work", "is_counted"]].values.tolist() == [
        ["p", "a", "street", True],
        ["p", "b", "street", False],
        ["q", "b", "bar", True],
    ]
    plan = Plan((PlannedTable("work", ("work",)),))
    (table,) = count(as_table(found), plan, observed_values(as_table(found), plan))
    cells = table.cells.set_index("work").loc[["bar", "street"]]
    assert cells["records"].tolist() == cells["persons"].tolist() == [1, 1]
    assert cells["sources"].tolist() == [1, 2]
    assert cells["largest_two"].tolist() == [1, 1]


@pytest.mark.parametrize("few", [100, 100_000])
def test_two_sources_that_met_the_same_persons_know_no_more_than_there_are(few, monkeypatch):
    monkeypatch.setattr("research_lib.disclosure.suppression.insiders._FEW", few)
    found = one_answer_a_person(interviews())
    table, plan = as_table(found), Plan(TABLES[:1])
    (counted,) = count(table, plan, observed_values(table, plan))
    one = published(counted, np.zeros(len(counted.cells), bool))
    layout = CellLayout((one,))
    for coalition in (1, 2):
        for reader in Insiders(table, coalition).readers(layout):
            assert (reader[layout.cells_of(one)] <= one.shown).all()


def test_a_coalition_of_sources_that_share_persons_is_protected_against(tmp_path):
    plan = Plan(TABLES, counts="persons")
    made = build_release(interviews(), plan, Policy(coalition=2), tmp_path / "made", date=DAY)
    assert any((table["status"] == "shown").any() for table in made.tables.values())


def test_an_engine_counts_the_same_persons(tmp_path):
    frame, plan = interviews(), Plan(TABLES, counts="persons")
    engine = ibis.duckdb.connect()
    engine.create_table("cases", frame)
    made = [
        build_release(cases, plan, Policy(), tmp_path / str(number), date=DAY)
        for number, cases in enumerate((frame, engine.table("cases")))
    ]
    assert made[0].tables.keys() == made[1].tables.keys()
    for name, table in made[0].tables.items():
        pd.testing.assert_frame_equal(table, made[1].tables[name])


def test_the_last_consent_of_a_person_holds():
    frame = interviews(persons=3, each=2)
    last = last_of_each(frame)["case_id"]
    frame.loc[frame["case_id"] == last["person0001"], "consent_scope"] = "this_study"
    found = records_to_count(frame, Plan(TABLES, counts="persons")).groupby("person_id")["work"].first()
    assert found["person0001"] == "withheld"
    assert (found.drop("person0001") != "withheld").all()


def test_a_plan_counts_no_persons_where_nobody_said_whose_a_record_is(tmp_path):
    frame = interviews(each=1)
    frame = frame.assign(person_id=frame["case_id"])
    with pytest.raises(CountingError, match=r'Name the persons at the import, with --persons; or write counts = "rec'):
        build_release(frame, Plan(TABLES, counts="persons"), Policy(), tmp_path / "made", date=DAY)
    build_release(frame, Plan(TABLES), Policy(), tmp_path / "made", date=DAY)


def test_persons_and_records_are_not_protected_together(tmp_path):
    frame = interviews()
    first = build_release(frame, Plan(TABLES), Policy(), tmp_path / "first", date=DAY)
    plan = Plan(TABLES, counts="persons")
    with pytest.raises(PlanError, match=r"the plan counts persons, and the release of 2026-01-31 counts records"):
        build_release(frame, plan, Policy(), tmp_path / "next", date=date(2026, 3, 1), earlier=(first,))


def test_the_report_says_what_is_counted_and_how_few_persons_a_range_can_be(tmp_path):
    frame, report = interviews(), tmp_path / "report.md"
    build_release(frame, Plan(TABLES), Policy(), tmp_path / "records", date=DAY, report=report)
    text = report.read_text(encoding="utf-8")
    assert "Records are counted, up to 5 of one person: a range of 10 records can be 2 persons." in text
    assert "| records not shown |" in text
    build_release(frame, Plan(TABLES, counts="persons"), Policy(), tmp_path / "persons", date=DAY, report=report)
    text = report.read_text(encoding="utf-8")
    assert "Persons are counted, each once" in text and "| persons not shown |" in text
    assert "records not shown" not in text


def test_a_plan_that_counts_something_else_is_refused(tmp_path):
    (tmp_path / "plan.toml").write_text('counts = "people"\n[[tables]]\nname = "a"\nvariables = ["x"]\n', "utf-8")
    with pytest.raises(PlanError, match=r"plan\.toml: counts is 'people'; write counts = \"persons\""):
        Plan.read(tmp_path / "plan.toml")
    plan = Plan(TABLES, counts="persons")
    (tmp_path / "plan.toml").write_text(plan.to_toml(), "utf-8")
    assert Plan.read(tmp_path / "plan.toml") == plan
