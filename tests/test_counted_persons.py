"""What a plan counts: persons, each once whatever the number of interviews, or records, and every heading says which."""

import re
from dataclasses import replace
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from exports import answered, kobo_csv, typeable
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.disclosure import Plan, Policy, audit, build_release
from research_lib.disclosure.case_counts import (
    CountingError,
    as_table,
    count,
    observed_values,
    one_answer_a_person,
    records_to_count,
)
from research_lib.disclosure.counted_release import count_release
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.disclosure.earlier_releases import EarlierReleases
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.planning.first_plan import first_plan
from research_lib.disclosure.planning.plan import PERSONS, PlanError, PlannedTable
from research_lib.disclosure.suppression.intruders import Contributors
from research_lib.interviews import xlsform
from research_lib.interviews.case_files import PersonsError, read_cases, read_persons
from research_lib.show.material import material_of
from research_lib.show.pages.cases.cases_content import cases_content
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

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


def test_two_sources_that_met_the_same_persons_know_no_more_than_there_are():
    found = one_answer_a_person(interviews())
    table, plan = as_table(found), Plan(TABLES[:1])
    (counted,) = count(table, plan, observed_values(table, plan))
    one = counted.published()
    layout = CellLayout((one,))
    for coalition in (1, 2):
        sources = Contributors(table, coalition)
        for reader in sources.known(sources.sent(layout), layout.width):
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


def test_a_table_that_the_plan_has_dropped_is_counted_again_without_the_same_answers(tmp_path):
    frame, later = interviews(each=1), Plan(TABLES[:1])
    frame["consent_scope"] = np.where(np.arange(len(frame)) % 4, "published_tables", "this_study")
    first = build_release(frame, Plan(TABLES), Policy(), tmp_path / "first", date=DAY)
    [again] = count_release(
        frame, later, Policy(), date=DAY, earlier=EarlierReleases.read([first], None, None)
    ).protection.recounted
    once = count_release(frame, Plan(TABLES), Policy(), date=DAY).protection.counted[1]
    pd.testing.assert_frame_equal(again.cells, once.cells)


def test_a_table_that_the_plan_has_dropped_is_counted_again_with_an_answer_that_is_new(tmp_path):
    frame, later = interviews(each=1), Plan(TABLES[:1])
    first = build_release(frame, Plan(TABLES), Policy(), tmp_path / "first", date=DAY)
    frame.loc[frame.index[:9], "home"] = "boat"
    [again] = count_release(
        frame, later, Policy(), date=DAY, earlier=EarlierReleases.read([first], None, None)
    ).protection.recounted
    assert again.cells.query("home == 'boat'")["records"].sum() == 9
    second = build_release(frame, later, Policy(), tmp_path / "second", date=DAY + timedelta(1), earlier=[first])
    derived = audit(second, cases=frame, earlier=[first])
    assert set(second.tables) == {"town-work"} and (derived["high"] > derived["low"]).all()


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


@pytest.mark.parametrize(
    ("language", "counts", "words", "never"),
    [
        (
            "en",
            "persons",
            ("persons counted", "range left open: 10 persons", "Persons are counted, each once"),
            "people",
        ),
        pytest.param(
            "en",
            "records",
            ("interviews counted", "range left open: 10 interviews", "Interviews are counted"),
            "people",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            "fr",
            "persons",
            ("on compte des personnes", "marge laissée : 10 personnes"),
            "entretiens counted",
            marks=pytest.mark.nightly,
        ),
        ("fr", "records", ("on compte des entretiens", "marge laissée : 10 entretiens"), "personnes comptées"),
    ],
)
def test_every_heading_of_the_page_names_what_is_counted(study, language, counts, words, never):
    material = material_of(study)
    newest = replace(material.released, manifest={**material.released.manifest, "counts": counts})
    content = cases_content(replace(material, newest=newest), study_words(study, language))
    assert {row[1][-2] for row in content.table.rows} == {counts}
    html = render("cases", replace(material, newest=newest), study_words(study, language)).html
    charts = html.count('<div class="chart')
    assert re.findall(r'<p class="note">(.*?)<br>', html)[0].count(words[0]) == 1
    assert len(re.findall(rf'<p class="note">[^<]*{words[0]}<br>', html)) == charts > 50
    heads = re.findall(r'<th scope="col">([^<]*)</th><th scope="col" class="plot">', html)
    unit = {
        "en": {"persons": "persons", "records": "interviews"},
        "fr": {"persons": "personnes", "records": "entretiens"},
    }
    others = {unit[language][each] for each in ("persons", "records") if each != counts}
    assert unit[language][counts] in heads and not others & set(heads) and never not in heads
    plain = html.replace("\xa0", " ").replace("\u202f", " ")
    assert all(each in plain for each in words)


def test_a_release_from_before_a_plan_could_say_counts_records(study):
    manifest = {key: value for key, value in material_of(study).released.manifest.items() if key != "counts"}
    assert replace(material_of(study).released, manifest=manifest).counts == "records"


def test_the_import_takes_a_file_that_says_who_is_who(tmp_path):
    form, cases = xlsform.study_form(tmp_path / "study"), demonstration_cases()
    cases = replace(cases, frame=cases.frame.head(30).replace("withheld", "not_asked"))
    export = kobo_csv(answered(typeable(cases), form), tmp_path / "export.csv")
    codes = typeable(cases).frame["case_id"].tolist()
    (tmp_path / "persons.csv").write_text(f"case_code,person\n{codes[0]},p1\n{codes[1]},p1\n", encoding="utf-8")
    study = tmp_path / "study"
    options = ["--retention", "2032-12-31", "--synthetic", "--persons", str(tmp_path / "persons.csv")]
    ran = CliRunner().invoke(app, ["import", str(study), str(export), *options])
    assert ran.exit_code == 0, (ran.output, ran.exception)
    assert f"2 of {len(codes)} records have a person" in ran.output
    frame = read_cases(study / "cases").frame.set_index("case_id")
    assert frame.loc[codes[:2], "person_id"].tolist() == ["p1", "p1"]
    assert frame.loc[codes[2], "person_id"] == codes[2]
    assert first_plan(read_cases(study / "cases")).counts == PERSONS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case,person\na,b\n", ":1: its columns are case, person; write case_code and person"),
        ("case_code,person\na,Ana\n", ":2: the person 'Ana' is not a code"),
        ("case_code,person\na,p\na,q\n", ":3: the case 'a' stands there already"),
    ],
)
def test_a_file_of_persons_that_cannot_be_meant_is_refused_with_its_line(tmp_path, text, said):
    (tmp_path / "persons.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PersonsError, match=re.escape(said)):
        read_persons(tmp_path / "persons.csv")


@pytest.mark.parametrize(
    ("language", "alone", "sources"),
    [
        ("en", "One organisation collected all records", "sources"),
        pytest.param("fr", "Une seule organisation", "d'au moins 1", marks=pytest.mark.nightly),
    ],
)
def test_a_release_of_one_source_says_from_whom_it_is_protected(study, language, alone, sources):
    material = material_of(study)
    told = material.released.manifest
    manifest = {**told, "one_source": True, "rules": {**told["rules"], "sources": 1}}
    of_one = replace(material, newest=replace(material.released, manifest=manifest))
    said = [
        re.search(r'<aside class="protected".*?</aside>', render("cases", each, words).html, re.S)[0]
        for words in [study_words(study, language)]
        for each in (of_one, material)
    ]
    assert alone in said[0] and alone not in said[1]
    assert sources not in said[0].split(alone)[0]
