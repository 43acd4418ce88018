"""The synthetic demonstration study: its margins, its skip logic, and that nobody can take it for real."""

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from synthetic_records import demonstrate
from target_shares import COLUMNS, COUNTRY, EVERYBODY, GROUP, IN_PROSTITUTION, Margins, read_margins

from research_lib.disclosure import demonstration
from research_lib.disclosure.demonstration import RELEASE, rebuild_release
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.signatures import TRUSTED_KEYS, read_trusted_keys
from research_lib.errors import StudyError
from research_lib.interviews.case_files import read_cases, write_cases
from research_lib.interviews.cases import FIXED, columns_of, problems
from research_lib.interviews.skip_logic import applicable
from research_lib.interviews.synthetic.synthetic_cases import demonstration_cases
from research_lib.interviews.xlsform import COMMON, read_form, variables
from research_lib.missing_answers import MISSING

ROOT = Path(__file__).resolve().parents[1]
FORM = COMMON / "interview.csv"
NORTH_EAST = ("cn-hl", "cn-jl", "cn-ln", "cn-sd")
CONTRADICTIONS = (
    "children == 'none' and (reason__child_schooling == 'yes' or reason_prostitution__child_schooling == 'yes')",
    "marital_status == 'married' and age_band == 'under_18'",
    "departure_period == '2010_2019' and stay_duration in ('under_6_months', '6_11_months', '1_2_years', '3_5_years')",
    "residence_status in ('asylum_pending', 'asylum_refused') and asylum_request == 'no'",
    "entry_mode in ('without_documents', 'false_documents') and stay_after_entry in ('regular', 'became_irregular')",
    "first_work == 'prostitution' and practice == 'never'",
    "activity_role == 'complementary' and other_work == 'no'",
    "began_after in ('1_2_years', 'over_2_years') and stay_duration in ('under_6_months', '6_11_months')",
    "began_after == 'before_migration' and prostitution_china == 'no'",
    "reason_prostitution__forced == 'yes' and began_through == 'herself'",
    "third_party__none == 'yes' and handed_over in ('under_half', 'half', 'over_half', 'all')",
    "customers_met__street == 'yes' and places__street == 'no'",
)


@pytest.fixture(scope="module")
def margins():
    return read_margins()


@pytest.fixture(scope="module")
def questions():
    return variables(read_form(FORM))


@pytest.fixture(scope="module")
def cases(margins, questions):
    return demonstrate(margins, questions)


@pytest.fixture(scope="module")
def followed(cases, margins):
    return shares_found(cases, margins)


def group_of(case_ids):
    return case_ids.str.split("_").str[1]


def shares_found(cases, margins):
    """Set each row of the margins beside its share in the cases, over the groups and countries in which it decides."""
    persons, counts = persons_of(cases), {}
    ids = margins.rows.set_index(["variable", "value", "group_id", "country_code"])["id"].to_dict()
    groups = group_of(persons["case_id"])
    named = [*(name for name in FIXED if name in set(margins.rows["variable"])), *(v.name for v in cases.variables)]
    places = [(COUNTRY, EVERYBODY, "", persons)]
    for country in margins.of(COUNTRY, EVERYBODY, "").answers:
        there = persons[persons[COUNTRY] == country]
        places.append((GROUP, EVERYBODY, country, there.assign(**{GROUP: groups})))
        for group in margins.of(GROUP, EVERYBODY, country).answers:
            chosen = there[groups.reindex(there.index) == group]
            places += [(name, group, country, chosen) for name in named if name != COUNTRY]
    for name, group, country, rows in places:
        for row, (gave, of) in shares_in(rows, margins, ids, name=name, group=group, country=country):
            before = counts.get(row, (0, 0, 0))
            counts[row] = (before[0] + gave, before[1] + of, before[2] + 1)
    found = pd.DataFrame.from_dict(counts, orient="index", columns=["gave", "persons", "cells"])
    table = margins.rows.set_index("id").join(found)
    table = table[table["variable"].isin([*named, GROUP])]
    return table.assign(realised=table["gave"] / table["persons"].where(table["persons"] > 0))


def shares_in(rows, margins, ids, *, name, group, country):
    """How many gave each answer, or none for each reason, and of how many, by the most particular row of the margins."""
    split = next((column for column in rows if column.startswith(f"{name}__")), "")
    first, wanted = rows[split or name], margins.of(name, group, country)
    for value in (*wanted.answers, *wanted.missing):
        is_missing = value in MISSING
        cells = rows[f"{name}__{value}"] == "yes" if split and not is_missing else first == value
        of = first != "not_applicable" if is_missing else ~first.isin(MISSING)
        yield row_of(ids, name, value, group=group, country=country), (int(cells.sum()), int(of.sum()))


def row_of(ids, name, value, *, group, country):
    wanted = [(of_group, where) for of_group in (group, IN_PROSTITUTION, EVERYBODY) for where in (country, "")]
    return next(ids[name, value, *key] for key in wanted if (name, value, *key) in ids)


def persons_of(cases):
    return cases.frame.drop_duplicates("person_id")


def in_prostitution(cases, country):
    persons = persons_of(cases)
    return persons[persons["practice"].isin(["now", "past"]) & (persons["country_code"] == country)]


def share(answers: pd.Series, wanted) -> float:
    """The share of those who answer that give one of some answers."""
    return answers[~answers.isin(MISSING)].isin(wanted).mean()


def test_the_same_seed_gives_the_same_bytes(cases, margins, questions, tmp_path):
    for name, made in (("a", cases), ("b", demonstrate(margins, questions, seed=2007))):
        write_cases(made, tmp_path / name)
    for file in ("cases.csv", "variables.json", "README.txt"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert not demonstrate(margins, questions, seed=1).frame.equals(cases.frame)


def test_the_package_brings_the_records_as_they_are_made(cases):
    """Where this fails after a change of the form or the margins: `make rebuild`."""
    brought = demonstration_cases()
    pd.testing.assert_frame_equal(brought.frame, cases.frame)
    assert (brought.variables, brought.is_synthetic) == (cases.variables, True)


def test_every_record_is_sound_and_comes_back(cases, tmp_path):
    assert problems(cases) == []
    write_cases(cases, tmp_path)
    again = read_cases(tmp_path)
    assert again.is_synthetic
    pd.testing.assert_frame_equal(again.frame, cases.frame)


def test_every_record_says_that_it_is_synthetic(cases, tmp_path):
    frame = cases.frame
    assert cases.is_synthetic
    assert set(frame["is_synthetic"]) == {"yes"}
    for column in ("case_id", "person_id", "source_id"):
        assert frame[column].str.startswith("synthetic_").all(), column
    write_cases(cases, tmp_path)
    assert (tmp_path / "README.txt").read_text(encoding="utf-8").startswith("SYNTHETIC")


def test_it_has_the_shape_that_a_release_must_cope_with(cases):
    frame = cases.frame
    assert len(frame) == 600
    assert frame["person_id"].nunique() == 588
    twice = frame[frame["person_id"].duplicated(keep=False)].groupby("person_id")["source_id"].nunique()
    assert (twice == 2).all()
    assert abs((frame["country_code"] == "FRA").mean() - 0.5) < 0.02
    assert set(frame["site"]) == {"paris", "turin", "milan"}
    assert frame.groupby("country_code")["source_id"].nunique().min() >= 4
    flats = frame[group_of(frame["case_id"]) == "turin-indoor"]
    assert flats["source_id"].value_counts(normalize=True).iloc[0] > 0.9
    assert 0 < (~frame["consent_scope"].str.contains("published_tables")).mean() < 0.1
    assert set(frame["legal_basis"]) == {"consent", "public_interest"}
    assert (frame["retention_date"] > frame["interview_year"]).all()


def test_all_five_kinds_of_missing_are_there_and_stay_apart(cases):
    answers = cases.frame[[column for variable in cases.variables for column in columns_of(variable)]]
    assert set(MISSING) <= set(answers.stack().unique())
    assert share_of(answers["practice"], "refused") > share_of(answers["age_band"], "refused")


def share_of(answers: pd.Series, value: str) -> float:
    return (answers == value).mean()


def test_the_skip_logic_holds(cases):
    asked = applicable(cases.frame, cases.variables)
    for variable in cases.variables:
        for column in columns_of(variable):
            assert ((cases.frame[column] == "not_applicable") == ~asked[variable.name]).all(), column


def test_every_margin_is_followed_to_within_rounding(followed, margins):
    """Of each group and country at most one person more or less, two where many answers may be given beside none."""
    assert len(followed) == len(margins.rows)
    assert (followed["cells"] > 0).all(), "a margin that never holds"
    gap = (followed["realised"] - followed["share"]).abs()
    off = followed[gap > 2 * followed["cells"] / followed["persons"] + 1e-9]
    assert off.empty, off.to_string()


def test_what_the_report_says_is_followed_closely_where_people_are_many(followed):
    told = followed[(followed["kind"] == "follows") & (followed["persons"] >= 50)]
    assert len(told) > 200
    assert (told["realised"] - told["share"]).abs().max() < 0.02


def test_what_is_said_of_all_women_in_prostitution_holds_of_all_of_them(cases):
    for country in ("FRA", "ITA"):
        women = in_prostitution(cases, country)
        assert share(women["origin_province"], NORTH_EAST) > 0.6, "most come from the North-East"
        assert share(women["age_band"], ["35_39", "40_44"]) > 0.5, "most of the time 35 to 45"
        assert share(women["children"], ["one", "two", "three_or_more"]) > 0.6, "most often children"
        assert (group_of(women["case_id"]) == "zhejiang").mean() < 0.05, "a very small number from Zhejiang"
        assert share(women["third_party__network"], ["yes"]) < 0.02, "no networks"
    women = in_prostitution(cases, "FRA")
    assert share(women["children"], ["one", "two", "three_or_more"]) > 0.7, "the vast majority are mothers"
    assert share(women["third_party__none"], ["yes"]) > 0.75, "without a procurer"


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
def test_no_made_up_woman_contradicts_herself(cases, contradiction):
    assert cases.frame.query(contradiction).empty


def test_every_statement_that_is_cited_exists(margins, study):
    rows = margins.rows
    for column, table in (("claim_id", "claims"), ("figure_id", "figures"), ("group_id", "groups")):
        cited = {name for cell in rows[column] for name in cell.split(";") if name}
        assert cited <= set(study[table]["id"]), column
    assert (rows.loc[rows["kind"] == "follows", "claim_id"] != "").all()
    assert rows["statement"].str.endswith(".").all()
    profiles = set(rows.loc[rows["variable"] == "profile_group", "value"])
    assert profiles <= set(study["groups"].query("is_profile")["id"])


def test_what_is_followed_in_one_country_was_said_of_it(margins, study):
    """A claim about one of the two countries only is not followed in the other."""
    claims = study["claims"].set_index("id")["country_code"].fillna("")
    for row in margins.rows.query("kind == 'follows' and country_code != ''").itertuples():
        said_of = {code for name in row.claim_id.split(";") for code in claims[name].split(";")} & {"FRA", "ITA"}
        assert not said_of or row.country_code in said_of, row.id


def test_shares_sum_to_one(margins, questions):
    kinds = {variable.name: variable.kind for variable in questions}
    rows = margins.rows[~margins.rows["value"].isin(MISSING)]
    for (name, group, country), found in rows.groupby(["variable", "group_id", "country_code"]):
        total = found["share"].sum()
        if kinds.get(name) == "many":
            assert total >= 1 - 1e-9, (name, group, country)
        else:
            assert total == pytest.approx(1), (name, group, country)


@pytest.mark.slow
def test_a_larger_study_has_the_same_structure(margins, questions):
    larger = demonstrate(margins, questions, cases=5000)
    assert len(larger.frame) == 5000
    assert problems(larger) == []
    followed = shares_found(larger, margins)
    assert (followed["realised"] - followed["share"]).abs()[followed["persons"] >= 500].max() < 0.01


@pytest.mark.parametrize("cases", [1, 2, 11, 50])
def test_the_smallest_studies_are_sound(margins, questions, cases):
    assert problems(demonstrate(margins, questions, cases=cases)) == []


def test_a_study_of_nobody_is_refused(margins, questions):
    with pytest.raises(StudyError, match="cannot be made up"):
        demonstrate(margins, questions, cases=0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"share": 0.9}, "decision, professional.*sum to 1.0*"),
        ({"value": "nobody_knows"}, "no answer 'nobody_knows'"),
    ],
)
def test_margins_that_do_not_fit_are_refused(margins, questions, change, reason):
    rows = margins.rows.copy()
    place = rows.query("variable == 'decision' and group_id == 'professional' and value == 'others'").index
    for column, value in change.items():
        rows.loc[place, column] = value
    with pytest.raises(StudyError, match=reason):
        demonstrate(Margins(rows), questions)


def test_a_question_without_margins_is_refused(margins, questions):
    rows = margins.rows.query("variable != 'plans'")
    with pytest.raises(StudyError, match="plans, dongbei, FRA: the answers sum to 0"):
        demonstrate(Margins(rows), questions)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["id,variable"], "its columns must be"),
        ([",".join(COLUMNS), "m-1,a,b,c,,1.5,follows,,,x"], r":2: the share is not a number"),
        ([",".join(COLUMNS), "m-1,a,b,c,,.5,guess,,,x"], r":2: the kind is neither"),
        (
            [",".join(COLUMNS), "m-1,a,b,c,,.5,follows,,,x", "m-2,a,b,c,,.5,follows,,,x"],
            r":3: this margin stands twice",
        ),
        ([",".join(COLUMNS), "m-1,a,b,c,,.5,follows,,,x", "m-1,a,d,c,,.5,follows,,,x"], r":3: this id stands twice"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(tmp_path, lines, reason):
    path = tmp_path / "margins.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(StudyError, match=reason):
        read_margins(path)


def test_the_release_of_the_demonstration_is_rebuilt_in_its_place_the_same_each_time(tmp_path, monkeypatch):
    data, plan = tmp_path / "data", tmp_path / "plan.toml"
    (data / RELEASE).parent.mkdir(parents=True)
    plan.write_text(Plan((PlannedTable("age", ("age_band",)),)).to_toml(), encoding="utf-8")
    monkeypatch.setattr(demonstration, "PLAN", plan)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "on another disk"))
    first = rebuild_release(data)
    again = rebuild_release(data)
    assert again.digest == first.digest
    (key,) = read_trusted_keys(data / TRUSTED_KEYS)
    assert key.synthetic
    assert key.public_key == again.manifest["public_key"]
    there = [path.name for path in (data / RELEASE).parent.iterdir() if path.name != ".lock"]
    assert there == [Path(RELEASE).name]
